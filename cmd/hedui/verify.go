package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/batch"
	"github.com/hedui/hedui/engine/explain"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules"
)

type verifyOptions struct {
	lookOptions
	out     string
	trace   string
	workers int
	restart bool
	asJSON  bool

	priority priorityFlag
}

// newVerifyCommand answers a batch.
func newVerifyCommand(a *app) *cobra.Command {
	o := verifyOptions{priority: priorityAuto}
	cmd := &cobra.Command{
		Use:   "verify --data DIR {--rules PACK | --scheme A,B} --on DATE --out FILE BATCH.jsonl",
		Short: "Verify a batch of households",
		Long: `verify answers a file of requests, one JSON object per line, with a file of
verdicts in the same order. The current generation is read, from start to end; the
same inputs give the same bytes, whatever the number of workers.

Who is about to be looked at is written into the audit log first; if that can't be
done, nothing is read. Interrupted, the same command goes on where it stopped, with
the same batch, generation, pack and date or not at all (--restart throws the
unfinished output away). A request that may not be looked up is answered as refused
and counted.

Where authorisations are registered, or there are accounts, the register decides about
every household, and each verdict is kept in the ledger before it is written out;
interrupted, nothing is kept twice.

With --scheme every household is judged by the pack of each scheme, read once: a
shipped pack of that name, or the folder of that name in the folder --rules. A line
then holds the verdicts in the order asked, as each pack alone would have written
them, the first scheme that helps (best), and whether what is received needs
attention. A scheme is only judged where the authorisation covers it.

While hedui serve answers on the same directory the batch stands back, so that nobody at
the counter waits for it (--priority).

With --trace what each verdict rests on is written into a file beside it, one line for
each verdict, from which hedui replay recomputes them. Such a batch, when interrupted,
starts over (--restart).
` + exitStatuses + refusedStatus,
		Example: `  hedui verify --data store --rules reference --on 2026-11-01 --out verdicts.jsonl batch.jsonl
  hedui verify --data store --rules ./mypack --on 2026-11-01 --out verdicts.jsonl --json batch.jsonl
  hedui verify --data store --rules ./packs --scheme dibao,dibao_edge --on 2026-11-01 --out verdicts.jsonl batch.jsonl`,
		Args: exactArgs(1, "one batch file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.require(cmd, "out"); err != nil {
				return err
			}
			if o.workers < 0 {
				return wrongUsage("--workers takes 1 or more; leave it out for one per core", "%d workers can't work", o.workers)
			}
			if err := o.requireOwnFile(o.trace, o.out, args[0]); err != nil {
				return err
			}
			return runVerify(cmd, a, o, args[0])
		},
	}
	o.declare(cmd)
	f := cmd.Flags()
	f.StringVar(&o.out, "out", "", "`file` of verdicts to write (required)")
	f.StringVar(&o.trace, "trace", "", "`file` to write what each verdict rests on into, for hedui replay")
	f.IntVar(&o.workers, "workers", 0, "`number` of workers (default one per core)")
	f.Var(&o.priority, "priority", "auto, normal or low: auto stands back for the processors when the directory is served")
	f.BoolVar(&o.restart, "restart", false, "throw an unfinished output away instead of going on with it")
	f.BoolVar(&o.asJSON, "json", false, "print the summary as one JSON object")
	return cmd
}

func runVerify(cmd *cobra.Command, a *app, o verifyOptions, path string) (err error) {
	o.priority.yield(cmd.Context(), o.data)
	d, err := openLooking(cmd.Context(), a, o.lookOptions)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	if err := d.registered(cmd.Context(), a, o.data, access.BatchSubmit); err != nil {
		return err
	}
	t := a.track("verify", "households")
	r, err := d.register.run(cmd.Context(), batch.Options{
		Batch: path, Out: o.out, Generation: d.generation, Verifier: d.verifier, Schemes: d.schemes, Audit: d.audit,
		Workers: o.workers, Restart: o.restart, Progress: t.households, Trace: o.trace,
	})
	t.stop()
	if err != nil {
		if errors.Is(err, batch.ErrOtherBatch) {
			return withHint(err, "finish that one first, choose another --out, or throw it away with --restart")
		}
		if errors.Is(err, batch.ErrTraceResumed) {
			return withHint(err, "go on without --trace, or start over with --restart")
		}
		return err
	}
	if r.Resumed > 0 {
		fmt.Fprintf(a.stderr, "went on after %d households that an earlier run had answered\n", r.Resumed)
	}
	var refused int64
	switch {
	case r.Several != nil:
		for _, c := range r.Several.Schemes {
			refused += c.Outcomes[household.Refused.String()]
		}
		err = printSeveral(a, o, d, r)
	case o.asJSON:
		refused = r.Outcomes[household.Refused.String()]
		err = printJSON(a.stdout, verifyReport{
			Out: o.out, Generation: d.generation.Manifest().ID, On: d.verifier.On().String(),
			Rules:   refOf(d.pack),
			Summary: r.Summary, Resumed: r.Resumed,
		})
	default:
		refused = r.Outcomes[household.Refused.String()]
		err = printSummary(a, d.pack, r.Summary, o.out)
	}
	if err == nil && refused > 0 {
		return errPartial
	}
	return err
}

// households follows a batch. The total is an estimate: lines are not counted before
// they are read.
func (t *tracker) households(p batch.Progress) {
	var total int64
	if p.Bytes > 0 {
		total = int64(float64(p.Households) / float64(p.Bytes) * float64(p.TotalBytes))
	}
	t.update(p.Households, total)
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

func refOf(p *rules.Pack) packRef { return packRef{p.Name, p.Version, p.Digest} }

// printSummary prints the counts by outcome, finding and region.
func printSummary(a *app, p *rules.Pack, s batch.Summary, out string) error {
	line := "%d requests, %d verdicts in %s\n\n"
	if a.language == chinese {
		line = "%d 户请求，%d 份核对结果，写入 %s\n\n"
	}
	if _, err := fmt.Fprintf(a.stdout, line, s.RowsIn, s.Verdicts, out); err != nil {
		return err
	}
	return explain.Summary(a.stdout, explain.Counts{
		Outcomes: s.Outcomes, Findings: s.Findings, Regions: s.Regions, Texts: rules.Texts{Pack: p},
	}, a.language)
}
