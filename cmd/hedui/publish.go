package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/publish"
)

// defaultKeep is how many generations publish leaves, the new one included.
const defaultKeep = 2

type publishOptions struct {
	data   string
	keep   int
	asJSON bool
}

// newPublishCommand makes a generation of the newest snapshots.
func newPublishCommand(a *app) *cobra.Command {
	var o publishOptions
	cmd := &cobra.Command{
		Use:   "publish --data DIR",
		Short: "Merge the newest snapshots into a generation and switch to it",
		Long: `publish merges the newest snapshot of every source and provider into one sealed
generation and switches to it in one step. For tax and insurance it takes, month by
month, the newest snapshot that covers the month. Whoever reads the old generation
goes on reading it.
` + exitStatuses,
		Example: "  hedui publish --data store\n  hedui publish --data store --keep 12",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := requireFlags(cmd, "data"); err != nil {
				return err
			}
			r, err := publishNow(cmd, a, o)
			if err != nil {
				return err
			}
			if o.asJSON {
				return printJSON(a.stdout, r)
			}
			return printPublish(a.stdout, &r)
		},
	}
	dataFlag(cmd, &o.data)
	cmd.Flags().IntVar(&o.keep, "keep", defaultKeep, "`number` of generations to keep, the new one included; -1 keeps all")
	cmd.Flags().BoolVar(&o.asJSON, "json", false, "print one JSON object")
	return cmd
}

// publishReport is what hedui publish --json prints.
type publishReport struct {
	Generation string   `json:"generation"`
	Already    bool     `json:"already_current"`
	Snapshots  []string `json:"snapshots"`
	Persons    int64    `json:"persons"`
	Unlinked   int64    `json:"unlinked"`
	Records    int64    `json:"records"`
	Blocks     int64    `json:"blocks"`
	Bytes      int64    `json:"bytes"`
	Dropped    []string `json:"dropped,omitempty"`
}

func publishNow(cmd *cobra.Command, a *app, o publishOptions) (publishReport, error) {
	if o.keep == 0 {
		return publishReport{}, wrongUsage("--keep takes 1 or more, or -1 for all", "the new generation itself has to be kept")
	}
	keys, err := a.keys(o.data)
	if err != nil {
		return publishReport{}, err
	}
	t := a.track("publish", "people")
	stage := ""
	r, err := publish.Run(cmd.Context(), publish.Options{Dir: o.data, Keep: o.keep, Keys: keys, Progress: func(p publish.Progress) {
		if p.Stage != stage && stage != "" {
			t.stop()
			t = a.track(p.Stage, "people")
		}
		stage = p.Stage
		t.update(p.Done, p.Total)
	}})
	t.stop()
	if err != nil {
		return publishReport{}, err
	}
	out := publishReport{
		Generation: r.Generation, Already: r.Already, Persons: r.Persons, Unlinked: r.Unlinked,
		Records: r.Records, Blocks: r.Blocks, Bytes: r.Bytes, Dropped: r.Dropped,
	}
	for _, s := range r.Snapshots {
		out.Snapshots = append(out.Snapshots, s.ID)
	}
	return out, nil
}

func printPublish(out io.Writer, r *publishReport) error {
	state := "is current now"
	if r.Already {
		state = "was current already: nothing has changed"
	}
	_, err := fmt.Fprintf(out, "generation %s %s\n  %d people, %d records of %d snapshots, %d rows linked to nobody\n  %d blocks, %.1f MB\n",
		r.Generation, state, r.Persons, r.Records, len(r.Snapshots), r.Unlinked, r.Blocks, float64(r.Bytes)/1e6)
	for _, id := range r.Dropped {
		if err == nil {
			_, err = fmt.Fprintf(out, "  dropped old generation %s\n", id)
		}
	}
	return err
}
