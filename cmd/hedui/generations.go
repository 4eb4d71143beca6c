package main

import (
	"errors"
	"fmt"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/store"
)

// newGenerationsCommand holds what is done with the generations of a data
// directory.
func newGenerationsCommand(a *app) *cobra.Command {
	return newGroup("generations", "List or drop the generations that are held",
		"generations says which generations a data directory holds and which one is\ncurrent, or removes an old one for good.",
		newGenerationsListCommand(a), newGenerationsDropCommand(a))
}

func newGenerationsListCommand(a *app) *cobra.Command {
	var data string
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "list --data DIR",
		Short:   "List the generations",
		Long:    "list prints one line for each generation, with the people and snapshots in it.\n" + exitStatuses,
		Example: "  hedui generations list --data store",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := requireFlags(cmd, "data"); err != nil {
				return err
			}
			return runGenerationsList(a, data, asJSON)
		},
	}
	dataFlag(cmd, &data)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

// generationLine is one generation as hedui generations list --json prints it.
type generationLine struct {
	Generation string   `json:"generation"`
	Current    bool     `json:"current"`
	Persons    int64    `json:"persons"`
	Snapshots  []string `json:"snapshots"`
}

func runGenerationsList(a *app, data string, asJSON bool) error {
	st, err := a.openStore(data)
	if err != nil {
		return err
	}
	ids, err := st.List()
	if err != nil {
		return err
	}
	current, err := st.Current()
	if err != nil && !errors.Is(err, store.ErrNoCurrent) {
		return err
	}
	lines := make([]generationLine, 0, len(ids))
	for _, id := range ids {
		line, err := describeGeneration(st, id)
		if err != nil {
			return err
		}
		line.Current = id == current
		lines = append(lines, line)
	}
	if asJSON {
		return printJSON(a.stdout, struct {
			Generations []generationLine `json:"generations"`
		}{lines})
	}
	w := newTable()
	w.AppendHeader(table.Row{"generation", "", "people", "snapshots"})
	for _, l := range lines {
		mark := ""
		if l.Current {
			mark = "current"
		}
		w.AppendRow(table.Row{l.Generation, mark, l.Persons, len(l.Snapshots)})
	}
	_, err = fmt.Fprintln(a.stdout, w.Render())
	return err
}

func describeGeneration(st store.Store, id string) (line generationLine, err error) {
	g, err := st.Open(id)
	if err != nil {
		return line, err
	}
	defer func() { err = errors.Join(err, g.Close()) }()
	m := g.Manifest()
	line.Generation = m.ID
	if people, ok := m.Section(store.SectionPeople); ok {
		line.Persons = people.Entries
	}
	for _, s := range m.Snapshots {
		line.Snapshots = append(line.Snapshots, s.ID)
	}
	return line, nil
}

func newGenerationsDropCommand(a *app) *cobra.Command {
	var data string
	cmd := &cobra.Command{
		Use:   "drop --data DIR GENERATION",
		Short: "Remove one old generation for good",
		Long: `drop removes a generation. The current one is refused. Keep a generation as long
as a verdict made from it can still be contested. In an encrypted data directory its
key is destroyed first: copies of its files are unreadable then, wherever they are.
` + exitStatuses,
		Example: "  hedui generations drop --data store 0f1e2d3c4b5a69788796a5b4c3d2e1f0",
		Args:    exactArgs(1, "the id of one generation"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := requireFlags(cmd, "data"); err != nil {
				return err
			}
			st, err := a.openStore(data)
			if err != nil {
				return err
			}
			if err := st.Drop(args[0]); err != nil {
				return err
			}
			fmt.Fprintln(a.stderr, "dropped generation", args[0])
			return nil
		},
	}
	dataFlag(cmd, &data)
	return cmd
}
