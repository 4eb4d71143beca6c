package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/durable"
	"github.com/hedui/hedui/engine/replay"
	"github.com/hedui/hedui/rules/trace"
)

type replayOptions struct {
	verdicts string
	asJSON   bool
}

// newReplayCommand recomputes verdicts from their traces.
func newReplayCommand(a *app) *cobra.Command {
	var o replayOptions
	cmd := &cobra.Command{
		Use:   "replay [--verdicts VERDICTS.jsonl] TRACES.jsonl",
		Short: "Recompute stored verdicts from their traces alone",
		Long: `replay recomputes verdicts from what verify or check wrote with --trace, one line for
each: no data, no request and no rule pack is read, and nobody is looked at.

With --verdicts the stored verdicts are compared, byte for byte, line for line; the
first that is another ends it. Without, the recomputed verdicts are printed. A trace
that was changed, or that lacks a value some rule names, is an error that says where.
` + exitStatuses,
		Example: `  hedui verify --data store --rules reference --on 2026-11-01 --out verdicts.jsonl --trace traces.jsonl batch.jsonl
  hedui replay --verdicts verdicts.jsonl traces.jsonl
  hedui replay traces.jsonl >again.jsonl`,
		Args: exactArgs(1, "one file of traces"),
		RunE: func(cmd *cobra.Command, args []string) error { return runReplay(cmd.Context(), a, o, args[0]) },
	}
	cmd.Flags().StringVar(&o.verdicts, "verdicts", "", "`file` of the stored verdicts to compare with")
	cmd.Flags().BoolVar(&o.asJSON, "json", false, "print the summary as one JSON object")
	return cmd
}

// replayReport is what hedui replay --json prints.
type replayReport struct {
	Traces   int64 `json:"traces"`
	Compared bool  `json:"compared"`           // with stored verdicts
	Differs  int64 `json:"differs,omitempty"`  // line of the first that does
	Outcomes any   `json:"outcomes,omitempty"` // outcome → households
}

// errDiffers says that a stored verdict is not what its trace gives.
var errDiffers = errors.New("the stored verdict is not what its trace gives")

func runReplay(ctx context.Context, a *app, o replayOptions, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	var stored *lines
	if o.verdicts != "" {
		g, err := os.Open(o.verdicts)
		if err != nil {
			return err
		}
		defer g.Close()
		stored = newLines(g, o.verdicts)
	}
	out := bufio.NewWriter(a.stdout)
	report, err := replayAll(ctx, newLines(f, path), stored, func(verdict []byte) error {
		if stored != nil || o.asJSON {
			return nil
		}
		_, err := out.Write(append(verdict, '\n'))
		return err
	})
	if err := errors.Join(err, out.Flush()); err != nil && !errors.Is(err, errDiffers) {
		return err
	}
	switch {
	case o.asJSON:
		err = errors.Join(err, printJSON(a.stdout, report))
	case stored == nil:
		fmt.Fprintf(a.stderr, a.replayWord("recomputed"), report.Traces)
	case err == nil:
		_, err = fmt.Fprintf(a.stdout, a.replayWord("equal"), report.Traces)
	default:
		fmt.Fprintf(a.stderr, a.replayWord("before"), report.Traces)
	}
	return err
}

// replayAll recomputes every trace, and compares it when there are stored verdicts. The
// report counts those that were recomputed and, if compared, equal.
func replayAll(ctx context.Context, traces, stored *lines, each func(verdict []byte) error) (replayReport, error) {
	report := replayReport{Compared: stored != nil}
	outcomes := map[string]int64{}
	report.Outcomes = outcomes
	var r replay.Replayer
	for {
		if err := ctx.Err(); err != nil {
			return report, err
		}
		line, err := traces.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return report, err
		}
		t, err := trace.Parse(line)
		if err != nil {
			return report, traces.at(err)
		}
		v, err := r.Verdict(t)
		if err != nil {
			return report, traces.at(err)
		}
		verdict := v.AppendJSON(nil)
		if stored != nil {
			want, err := stored.next()
			switch {
			case errors.Is(err, io.EOF):
				return report, withHint(fmt.Errorf("%s has fewer lines than %s", stored.path, traces.path), "both are of one run of verify")
			case err != nil:
				return report, err
			case !bytes.Equal(verdict, want):
				report.Differs = traces.line
				return report, withHint(stored.at(errDiffers), "one of the two files was changed, or they are of two runs")
			}
		}
		if err := each(verdict); err != nil {
			return report, err
		}
		report.Traces++
		outcomes[v.Outcome.String()]++
	}
	if stored != nil {
		if _, err := stored.next(); !errors.Is(err, io.EOF) {
			return report, withHint(errors.Join(err, fmt.Errorf("%s has more lines than %s", stored.path, traces.path)), "both are of one run of verify")
		}
	}
	return report, nil
}

func (a *app) replayWord(key string) string {
	words := map[string][2]string{
		"recomputed": {"重新计算 %d 份核对结果\n", "recomputed %d verdicts\n"},
		"equal":      {"%d 份核对结果与重新计算的逐字节一致\n", "%d verdicts are, byte for byte, what their traces give\n"},
		"before":     {"此前 %d 份一致\n", "the %d before it are equal\n"},
	}[key]
	if a.language == chinese {
		return words[0]
	}
	return words[1]
}

// lines reads a file line by line, however long they are.
type lines struct {
	r    *bufio.Reader
	path string
	line int64 // of the last that was read, from 1
}

func newLines(r io.Reader, path string) *lines { return &lines{r: bufio.NewReader(r), path: path} }

// next is the next line without its line break; io.EOF after the last.
func (l *lines) next() ([]byte, error) {
	text, err := l.r.ReadBytes('\n')
	if errors.Is(err, io.EOF) && len(text) > 0 {
		err = nil
	}
	if err == nil {
		l.line++
	}
	return bytes.TrimSuffix(text, []byte("\n")), err
}

// at says of which line an error is.
func (l *lines) at(err error) error { return fmt.Errorf("%s line %d: %w", l.path, l.line, err) }

// requireOwnFile refuses a file of traces that is one of the others, or is asked for
// by several schemes.
func (o *lookOptions) requireOwnFile(traces string, others ...string) error {
	if traces == "" {
		return nil
	}
	if o.scheme != "" {
		return wrongUsage("write the traces of each pack on its own, with --rules", "--trace and --scheme don't go together")
	}
	for _, other := range others {
		if filepath.Clean(traces) == filepath.Clean(other) {
			return wrongUsage("choose another file for the traces", "--trace names a file that is used already")
		}
	}
	return nil
}

// writeTrace writes the trace of one verdict as a file of one line.
func writeTrace(path string, t *engine.Trace) error {
	text, err := t.Append(nil)
	if err != nil {
		return err
	}
	return durable.Disk{}.WriteFile(path, append(text, '\n'), 0o600)
}
