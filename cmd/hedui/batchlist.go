package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/api/wire"
	"github.com/hedui/hedui/engine/desk/front"
	"github.com/hedui/hedui/engine/explain"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/submission"
	"github.com/hedui/hedui/engine/submission/filing"
	"github.com/hedui/hedui/rules"
)

type batchListOptions struct {
	batchOptions

	query submission.Query
	state string
}

func newBatchListCommand(a *app) *cobra.Command {
	var o batchListOptions
	cmd := &cobra.Command{
		Use:   "list --data DIR [--mine] [--division CODE] [--state STATE]",
		Short: "List batches, newest first",
		Long: `list shows the batches of senders in a division and below it, newest first, or one's own.
` + exitStatuses,
		Example: "  hedui batch list --data store --mine\n  hedui batch list --data store --state running",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := requireFlags(cmd, "data"); err != nil {
				return err
			}
			if o.query.State = submission.State(o.state); o.state != "" && !slices.Contains(submission.States(), o.query.State) {
				return wrongUsage(fmt.Sprintf("one of %v", submission.States()), "--state %q is no state of a batch", o.state)
			}
			return runBatchList(cmd.Context(), a, &o)
		},
	}
	o.declare(cmd)
	f := cmd.Flags()
	f.BoolVar(&o.query.Mine, "mine", false, "only one's own")
	f.StringVar(&o.query.Division, "division", "", "division `code` (default the account's own)")
	f.StringVar(&o.state, "state", "", "`state` of the batches (default any)")
	f.IntVar(&o.query.Limit, "limit", ledger.DefaultPage, "show at most this `number`")
	f.StringVar(&o.query.Cursor, "after", "", "`place` where the page before ended")
	return cmd
}

func runBatchList(ctx context.Context, a *app, o *batchListOptions) (err error) {
	d, err := a.openBatches(ctx, &o.batchOptions, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	list, next, err := d.List(ctx, d.caller(), o.query)
	if err != nil {
		return a.refusal(err)
	}
	items := []wire.Batch{}
	w := newTable()
	w.AppendHeader(table.Row{"batch", "name", "sender", "scheme", "state", "rows", "finished", "refused", "at"})
	f := &front.Front{Location: centreZone()}
	for _, x := range list {
		b := f.BatchOf(x)
		items = append(items, b)
		w.AppendRow(table.Row{b.ID, b.Title, b.Sender, b.Scheme, b.State, b.Rows, b.Finished, b.Refused + b.Unread + b.Dead, b.At})
	}
	if o.asJSON {
		return printJSON(a.stdout, struct {
			Items []wire.Batch `json:"items"`
			Next  string       `json:"next,omitempty"`
		}{items, next})
	}
	if next != "" {
		fmt.Fprintln(a.stderr, "there are more: --after", next)
	}
	if len(items) == 0 {
		fmt.Fprintln(a.stderr, "there are none, or none that the account may know of")
		return nil
	}
	_, err = fmt.Fprintln(a.stdout, w.Render())
	return err
}

func newBatchShowCommand(a *app) *cobra.Command {
	var o batchOptions
	cmd := &cobra.Command{
		Use:   "show --data DIR BATCH",
		Short: "Show how far a batch is, and what was refused",
		Long: `show prints where a batch stands, what its rows came to, and for what they were refused.
--wait watches it until it is over; hedui serve or hedui worker answers it.
` + exitStatuses + "  3  done with --wait, but rows were refused\n",
		Example: "  hedui batch show --data store --wait 0c9a37d2-b14e6811-5f0c9a37-d2b14e68",
		Args:    exactArgs(1, "the id of one batch"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withBatches(cmd, &o, false, func(ctx context.Context, d *batchDesk) (*submission.Batch, error) {
				return d.Get(ctx, d.caller(), args[0])
			})
		},
	}
	o.declare(cmd)
	cmd.Flags().BoolVar(&o.wait, "wait", false, "wait until it is over")
	return cmd
}

func newBatchExportCommand(a *app) *cobra.Command {
	var o batchOptions
	var out string
	cmd := &cobra.Command{
		Use:   "export --data DIR --out FILE.{jsonl|csv|xlsx} BATCH",
		Short: "Fetch the results of a batch that is over",
		Long: `export writes the results of a batch. JSONL is one line for each row, byte for byte what
hedui verify writes for the same request. CSV is a table, XLSX a workbook with a cover,
the results, the refusals with their place in what was submitted, and counts by county.
Both say for whom the copy is, and their rows stand in an order that only this copy has:
hedui export identify tells whose a file is. No text in them is a formula.

It is in the audit log. The same batch can be fetched again.
` + exitStatuses,
		Example: "  hedui batch export --data store --out 结果.xlsx 0c9a37d2-b14e6811-5f0c9a37-d2b14e68",
		Args:    exactArgs(1, "the id of one batch"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := requireFlags(cmd, "data", "out"); err != nil {
				return err
			}
			return runBatchExport(cmd.Context(), a, &o, args[0], out)
		},
	}
	dataFlag(cmd, &o.data)
	o.declareRules(cmd)
	f := cmd.Flags()
	f.StringVar(&out, "out", "", "`file` to write, .jsonl, .csv or .xlsx (required)")
	for _, name := range []string{"scheme"} {
		_ = f.MarkHidden(name)
	}
	return cmd
}

func runBatchExport(ctx context.Context, a *app, o *batchOptions, id, out string) (err error) {
	format := strings.TrimPrefix(strings.ToLower(filepath.Ext(out)), ".")
	if !slices.Contains(filing.Formats(), format) {
		return wrongUsage("results.jsonl, results.csv or results.xlsx", "--out %s has none of the forms of results", out)
	}
	d, err := a.openBatches(ctx, o, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	b, err := d.Get(ctx, d.caller(), id)
	if err != nil {
		return a.refusal(err)
	}
	packs := d.packs
	if len(packs) == 0 {
		packs = shippedPack(b.Rules)
	}
	f := &filing.Office{
		Batches: d.Office, Shelf: d.shelf, Where: centreZone(), Now: time.Now, Unjudged: d.office.unjudged,
		Titles: func(code string) string { return findingTitle(packs, code, explain.Zh) },
	}
	err = listTo(out, func(w io.Writer) error {
		return f.Write(ctx, d.caller(), id, format, func(string, string) io.Writer { return w })
	})
	if err != nil {
		return a.refusal(err)
	}
	fmt.Fprintf(a.stderr, "%s in %s\n", counted(int(b.Rows), "row"), out)
	return nil
}

// shippedPack is the shipped pack that rules are named after, for its words; none when they
// are others.
func shippedPack(named string) map[string]*rules.Pack {
	name, _, _ := strings.Cut(named, " ")
	if slices.Contains(rules.Shipped(), name) {
		if p, err := loadPack(name); err == nil {
			return map[string]*rules.Pack{name: p}
		}
	}
	return nil
}
