package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/store"
)

// newSnapshotsCommand holds what is done with the snapshots of a data directory.
func newSnapshotsCommand(a *app) *cobra.Command {
	return newGroup("snapshots", "List, verify or drop the snapshots that are held",
		"snapshots says what a data directory holds, reads every seal again, prints the rows\nthat were quarantined, or removes one snapshot for good.",
		newSnapshotsListCommand(a), newSnapshotsVerifyCommand(a), newSnapshotsQuarantineCommand(a), newSnapshotsDropCommand(a))
}

// dataFlag declares --data on a command.
func dataFlag(cmd *cobra.Command, dir *string) {
	cmd.Flags().StringVar(dir, "data", "", "data `directory` with the snapshots and generations (required)")
}

func newSnapshotsListCommand(a *app) *cobra.Command {
	var data string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list --data DIR",
		Short: "List the snapshots in the order they came in",
		Long: `list prints one line for each snapshot: what it is of, whether publish may use it,
and a generation that was made of it, which keeps it from being dropped.

States: active (publish may use it), held (it shrank too much against the one
before: ingest it again with --accept-shrink), superseded (another of the same
provider and date took its place).
` + exitStatuses,
		Example: "  hedui snapshots list --data store\n  hedui snapshots list --data store --json",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := requireFlags(cmd, "data"); err != nil {
				return err
			}
			return runSnapshotsList(a, data, asJSON)
		},
	}
	dataFlag(cmd, &data)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

// snapshotLine is one snapshot as hedui snapshots list --json prints it.
type snapshotLine struct {
	Snapshot   string `json:"snapshot"`
	Source     string `json:"source"`
	Provider   string `json:"provider"`
	AsOf       string `json:"as_of"`
	Covers     string `json:"covers,omitempty"`
	State      string `json:"state"`
	Accepted   int64  `json:"accepted"`
	Persons    int64  `json:"persons"`
	Generation string `json:"generation,omitempty"` // one that was made of it
}

func runSnapshotsList(a *app, data string, asJSON bool) error {
	dir, err := a.openSnapshots(data)
	if err != nil {
		return err
	}
	entries, err := dir.List()
	if err != nil {
		return err
	}
	pins, err := dir.Pins()
	if err != nil {
		return err
	}
	lines := make([]snapshotLine, 0, len(entries))
	for _, e := range entries {
		line := snapshotLine{
			Snapshot: e.ID, Source: e.Source.String(), Provider: e.Provider, AsOf: e.AsOf.String(),
			State: string(e.State), Accepted: e.Accepted, Persons: e.Persons, Generation: pins[e.ID],
		}
		if e.Source.IsFlow() {
			line.Covers = e.Covers.String()
		}
		lines = append(lines, line)
	}
	if asJSON {
		return printJSON(a.stdout, struct {
			Snapshots []snapshotLine `json:"snapshots"`
		}{lines})
	}
	w := newTable()
	w.AppendHeader(table.Row{"snapshot", "source", "provider", "as of", "covers", "state", "rows", "people", "in generation"})
	for _, l := range lines {
		w.AppendRow(table.Row{l.Snapshot, l.Source, l.Provider, l.AsOf, l.Covers, l.State, l.Accepted, l.Persons, l.Generation})
	}
	_, err = fmt.Fprintln(a.stdout, w.Render())
	return err
}

func newSnapshotsVerifyCommand(a *app) *cobra.Command {
	var data string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "verify --data DIR",
		Short: "Read everything again and check every seal",
		Long: `verify reads every byte of every snapshot and generation and checks it against its
seal. It goes on after damage and names every damaged file.
` + exitStatuses,
		Example: "  hedui snapshots verify --data store",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := requireFlags(cmd, "data"); err != nil {
				return err
			}
			return runSnapshotsVerify(cmd, a, data, asJSON)
		},
	}
	dataFlag(cmd, &data)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

func runSnapshotsVerify(cmd *cobra.Command, a *app, data string, asJSON bool) error {
	dir, err := a.openSnapshots(data)
	if err != nil {
		return err
	}
	entries, err := dir.List()
	if err != nil {
		return err
	}
	t := a.track("verify snapshots", "bytes")
	err = dir.Verify(cmd.Context(), t.update)
	t.stop()
	generations, sweepErr := sweepGenerations(cmd, a, data)
	if err = errors.Join(err, sweepErr); err != nil {
		return withHint(err, "restore the file from a copy, or ingest the department's files again and publish")
	}
	if asJSON {
		return printJSON(a.stdout, struct {
			Snapshots   int `json:"snapshots"`
			Generations int `json:"generations"`
		}{len(entries), generations})
	}
	_, err = fmt.Fprintf(a.stdout, "every seal holds: %s, %s\n", counted(len(entries), "snapshot"), counted(generations, "generation"))
	return err
}

// sweepGenerations checks all generations and returns how many there are.
func sweepGenerations(cmd *cobra.Command, a *app, data string) (int, error) {
	st, err := a.openStore(data)
	if err != nil {
		return 0, err
	}
	ids, err := st.List()
	if err != nil {
		return 0, err
	}
	var damage []error
	for _, id := range ids {
		damage = append(damage, sweepGeneration(cmd, a, st, id))
	}
	return len(ids), errors.Join(damage...)
}

func sweepGeneration(cmd *cobra.Command, a *app, st store.Store, id string) (err error) {
	g, err := st.Open(id)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.Close()) }()
	t := a.track("verify generation "+id, "bytes")
	defer t.stop()
	return g.Sweep(cmd.Context(), t.update)
}

func newSnapshotsQuarantineCommand(a *app) *cobra.Command {
	var data string
	cmd := &cobra.Command{
		Use:   "quarantine --data DIR SNAPSHOT",
		Short: "Print the quarantined rows of a snapshot",
		Long: `quarantine prints the quarantine file of a snapshot as CSV: file, row, line, column,
code and a masked excerpt of each fault. In an encrypted data directory the file
itself can't be read.
` + exitStatuses,
		Example: "  hedui snapshots quarantine --data store 0f1e2d3c4b5a69788796a5b4c3d2e1f0",
		Args:    exactArgs(1, "the id of one snapshot"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if err := requireFlags(cmd, "data"); err != nil {
				return err
			}
			dir, err := a.openSnapshots(data)
			if err != nil {
				return err
			}
			f, err := dir.OpenQuarantine(args[0])
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, f.Close()) }()
			_, err = io.Copy(a.stdout, f)
			return err
		},
	}
	dataFlag(cmd, &data)
	return cmd
}

func newSnapshotsDropCommand(a *app) *cobra.Command {
	var data string
	cmd := &cobra.Command{
		Use:   "drop --data DIR SNAPSHOT",
		Short: "Remove one snapshot for good",
		Long: `drop removes a snapshot with its quarantine file. A snapshot that a generation was
made of is refused: verdicts of that generation point into it. Publish without it
and drop that generation first. In an encrypted data directory its key is destroyed
first: copies of its files are unreadable then, wherever they are.
` + exitStatuses,
		Example: "  hedui snapshots drop --data store 0f1e2d3c4b5a69788796a5b4c3d2e1f0",
		Args:    exactArgs(1, "the id of one snapshot"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := requireFlags(cmd, "data"); err != nil {
				return err
			}
			dir, err := a.openSnapshots(data)
			if err != nil {
				return err
			}
			if err := dir.Drop(args[0]); err != nil {
				return err
			}
			fmt.Fprintln(a.stderr, "dropped snapshot", args[0])
			return nil
		},
	}
	dataFlag(cmd, &data)
	return cmd
}
