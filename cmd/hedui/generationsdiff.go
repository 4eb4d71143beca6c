package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/changes"
	"github.com/hedui/hedui/engine/store"
)

func newGenerationsDiffCommand(a *app) *cobra.Command {
	var data string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "diff --data DIR BEFORE AFTER",
		Short: "Count the people of whom two generations hold something else",
		Long: `diff counts of how many people the second generation holds something that the first
does not, and the other way round. Rows in another order, in other files or of
another snapshot are no difference. Nobody is named.
` + exitStatuses,
		Example: "  hedui generations diff --data store 0f1e2d3c4b5a69788796a5b4c3d2e1f0 926ecf3997b5f51b982e70de2c8499c0",
		Args:    exactArgs(2, "the ids of two generations"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := requireFlags(cmd, "data"); err != nil {
				return err
			}
			return runGenerationsDiff(cmd.Context(), a, data, args[0], args[1], asJSON)
		},
	}
	dataFlag(cmd, &data)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

// generationsDiff is what hedui generations diff --json prints.
type generationsDiff struct {
	Before  string `json:"before"`
	After   string `json:"after"`
	Added   int    `json:"added"`
	Removed int    `json:"removed"`
	Changed int    `json:"changed"`
}

func runGenerationsDiff(ctx context.Context, a *app, data, before, after string, asJSON bool) (err error) {
	st, err := store.OpenDir(data)
	if err != nil {
		return err
	}
	x, err := st.Open(before)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	y, err := st.Open(after)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, y.Close()) }()
	d, err := changes.Compare(ctx, x, y)
	if err != nil {
		return err
	}
	if asJSON {
		return printJSON(a.stdout, generationsDiff{before, after, len(d.Added), len(d.Removed), len(d.Changed)})
	}
	_, err = fmt.Fprintf(a.stdout, "people of whom something is held  now and not before  %d\n"+
		"                                  before and not now  %d\n"+
		"                                  both, not the same  %d\n", len(d.Added), len(d.Removed), len(d.Changed))
	return err
}
