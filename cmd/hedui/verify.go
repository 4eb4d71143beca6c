package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/batch"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules"
)

type verifyOptions struct {
	lookOptions
	out     string
	workers int
	restart bool
	asJSON  bool
}

// newVerifyCommand answers a batch.
func newVerifyCommand(a *app) *cobra.Command {
	var o verifyOptions
	cmd := &cobra.Command{
		Use:   "verify --data DIR --rules PACK --on DATE --out FILE BATCH.jsonl",
		Short: "Verify a batch of households",
		Long: `verify answers a file of requests, one JSON object per line, with a file of
verdicts in the same order. The current generation is read, from start to end; the
same inputs give the same bytes, whatever the number of workers.

Who is about to be looked at is written into the audit log first; if that can't be
done, nothing is read. Interrupted, the same command goes on where it stopped, with
the same batch, generation, pack and date or not at all (--restart throws the
unfinished output away). A request that may not be looked up is answered as refused
and counted.
` + exitStatuses + refusedStatus,
		Example: `  hedui verify --data store --rules reference --on 2026-11-01 --out verdicts.jsonl batch.jsonl
  hedui verify --data store --rules ./mypack --on 2026-11-01 --out verdicts.jsonl --json batch.jsonl`,
		Args: exactArgs(1, "one batch file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := requireFlags(cmd, "data", "rules", "on", "out"); err != nil {
				return err
			}
			if o.workers < 0 {
				return wrongUsage("--workers takes 1 or more; leave it out for one per core", "%d workers can't work", o.workers)
			}
			return runVerify(cmd, a, o, args[0])
		},
	}
	o.declare(cmd)
	f := cmd.Flags()
	f.StringVar(&o.out, "out", "", "`file` of verdicts to write (required)")
	f.IntVar(&o.workers, "workers", 0, "`number` of workers (default one per core)")
	f.BoolVar(&o.restart, "restart", false, "throw an unfinished output away instead of going on with it")
	f.BoolVar(&o.asJSON, "json", false, "print the summary as one JSON object")
	return cmd
}

func runVerify(cmd *cobra.Command, a *app, o verifyOptions, path string) (err error) {
	d, err := openDesk(a, o.lookOptions)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.generation.Close()) }()
	t := a.track("verify", "households")
	r, err := batch.Run(cmd.Context(), batch.Options{
		Batch: path, Out: o.out, Generation: d.generation, Verifier: d.verifier, Audit: d.audit,
		Workers: o.workers, Restart: o.restart,
		Progress: func(p batch.Progress) {
			var total int64 // an estimate: lines are not counted before they are read
			if p.Bytes > 0 {
				total = int64(float64(p.Households) / float64(p.Bytes) * float64(p.TotalBytes))
			}
			t.update(p.Households, total)
		},
	})
	t.stop()
	if err != nil {
		if errors.Is(err, batch.ErrOtherBatch) {
			return withHint(err, "finish that one first, choose another --out, or throw it away with --restart")
		}
		return err
	}
	if r.Resumed > 0 {
		fmt.Fprintf(a.stderr, "went on after %d households that an earlier run had answered\n", r.Resumed)
	}
	if o.asJSON {
		err = printJSON(a.stdout, verifyReport{
			Out: o.out, Generation: d.generation.Manifest().ID, On: d.verifier.On().String(),
			Rules:   packRef{d.pack.Name, d.pack.Version, d.pack.Digest},
			Summary: r.Summary, Resumed: r.Resumed,
		})
	} else {
		err = printSummary(a, d.pack, r.Summary, o.out)
	}
	if err == nil && r.Outcomes[household.Refused.String()] > 0 {
		return errPartial
	}
	return err
}

// verifyReport is what hedui verify --json prints.
type verifyReport struct {
	Out        string  `json:"out"`
	Generation string  `json:"generation"`
	On         string  `json:"on"`
	Rules      packRef `json:"rules"`
	batch.Summary
	Resumed int64 `json:"resumed"` // households that an earlier run had answered
}

type packRef struct {
	Pack    string `json:"pack"`
	Version string `json:"version"`
	Digest  string `json:"digest"`
}

// printSummary counts the verdicts by outcome, finding and region.
func printSummary(a *app, p *rules.Pack, s batch.Summary, out string) error {
	var b strings.Builder
	if a.language == chinese {
		fmt.Fprintf(&b, "%d 户请求，%d 份核对结果，写入 %s\n\n", s.RowsIn, s.Verdicts, out)
	} else {
		fmt.Fprintf(&b, "%d requests, %d verdicts in %s\n\n", s.RowsIn, s.Verdicts, out)
	}
	w := newTable()
	w.AppendHeader(a.header("outcome", "核对结果", "households", "户数"))
	for o := household.NoDiscrepancy; o <= household.Refused; o++ {
		w.AppendRow(table.Row{a.outcome(o), s.Outcomes[o.String()]})
	}
	fmt.Fprintf(&b, "%s\n\n", w.Render())
	w = newTable()
	w.AppendHeader(a.header("finding", "核对发现", "effect", "后果", "households", "户数"))
	for _, code := range slices.Sorted(maps.Keys(s.Findings)) {
		for _, effect := range slices.Sorted(maps.Keys(s.Findings[code])) {
			w.AppendRow(table.Row{a.finding(p, code), a.outcomeNamed(effect), s.Findings[code][effect]})
		}
	}
	fmt.Fprintf(&b, "%s\n\n", w.Render())
	w = newTable()
	header := a.header("region", "地区")
	for o := household.NoDiscrepancy; o <= household.Refused; o++ {
		header = append(header, a.outcome(o))
	}
	w.AppendHeader(header)
	for _, region := range slices.Sorted(maps.Keys(s.Regions)) {
		row := table.Row{region}
		for o := household.NoDiscrepancy; o <= household.Refused; o++ {
			row = append(row, s.Regions[region][o.String()])
		}
		w.AppendRow(row)
	}
	fmt.Fprintf(&b, "%s\n", w.Render())
	_, err := io.WriteString(a.stdout, b.String())
	return err
}

// header picks the words of the language from pairs of English and Chinese.
func (a *app) header(pairs ...string) table.Row {
	var row table.Row
	for i := 0; i < len(pairs); i += 2 {
		if a.language == chinese {
			row = append(row, pairs[i+1])
		} else {
			row = append(row, pairs[i])
		}
	}
	return row
}

// outcome is an outcome in the language.
func (a *app) outcome(o household.Outcome) string {
	if a.language == chinese {
		return household.Outcomes.At(uint8(o)).Zh
	}
	return o.String()
}

func (a *app) outcomeNamed(name string) string {
	if v, ok := household.Outcomes.Find(name); ok {
		return a.outcome(household.Outcome(v))
	}
	return name
}

// finding is the code of a finding, with its title in Chinese.
func (a *app) finding(p *rules.Pack, code string) string {
	if a.language == chinese {
		if words := title(a, p, code); words != "" {
			return words + " " + code
		}
	}
	return code
}
