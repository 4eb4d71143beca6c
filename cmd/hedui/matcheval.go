package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/match/linkage"
)

type evalOptions struct {
	matchOptions
	truth, save, links string
}

func newMatchEvalCommand(a *app) *cobra.Command {
	var o evalOptions
	cmd := &cobra.Command{
		Use:   "eval LEFT.csv [RIGHT.csv] --model M --truth T",
		Short: "Measure the links of a model against the truth",
		Long: `eval estimates the weights of a model without looking at the truth, links the rows
of two files (or finds the duplicates in one) and then counts what is right.

` + truthHelp + `

A model whose weights are all known is used as it is. --save writes the estimated
weights as a new file and refuses one that exists. pairs_per_second is the number of
candidates compared and weighed, divided by the time that took with all workers;
reading, blocking and training are timed apart.
` + exitStatuses,
		Example: `  hedui match eval people.csv --model febrl --truth column:person
  hedui match eval a.csv b.csv --model mine.yaml --truth 'pattern:rec_id=^rec-(\d+)-' --json
  hedui match eval a.csv b.csv --model mine.yaml --truth pairs:mapping.csv,id`,
		Args: matchFiles,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := requireFlags(cmd, "model", "truth"); err != nil {
				return err
			}
			return runMatchEval(cmd.Context(), a, o, args)
		},
	}
	o.declare(cmd)
	cmd.Flags().StringVar(&o.truth, "truth", "", "`truth` to measure against (required)")
	cmd.Flags().StringVar(&o.save, "save", "", "new `file` for the estimated weights")
	cmd.Flags().StringVar(&o.links, "links", "", "new CSV `file` for the links: left row, right row, bits")
	return cmd
}

// matchReport is what hedui match eval --json prints.
type matchReport struct {
	Model      string  `json:"model"`
	Version    int     `json:"version"`
	Rows       []int   `json:"rows"`
	TruePairs  int     `json:"true_pairs"`
	Candidates int     `json:"candidates"`
	Skipped    int     `json:"blocks_skipped"`
	Links      int     `json:"links"`
	Below      int     `json:"below_threshold"`
	Better     int     `json:"another_fits_better"`
	Workers    int     `json:"workers"`
	PairsPerS  float64 `json:"pairs_per_second"` // candidates by scoring seconds, all workers together
	Prior      float64 `json:"prior"`
	seconds
	linkage.Evaluation
}

func runMatchEval(ctx context.Context, a *app, o evalOptions, args []string) error {
	truth, err := parseTruth(o.truth)
	if err != nil {
		return err
	}
	in, err := openMatch(ctx, o.matchOptions, args, truth.keep)
	if err != nil {
		return err
	}
	truePairs, same, err := truth.resolve(in, o.form)
	if err != nil {
		return err
	}
	if err := in.save(o.save); err != nil {
		return err
	}
	begin := time.Now()
	options := in.options(o.matchOptions)
	options.Same = same
	result, err := linkage.Score(in.blocks, in.model, options)
	if err != nil {
		return err
	}
	in.took.Scoring = time.Since(begin).Seconds()
	if err := writeLinks(o.links, result.Links); err != nil {
		return err
	}
	r := matchReport{
		Model: in.model.Name, Version: in.model.Version, TruePairs: truePairs, Candidates: result.Candidates,
		Skipped: result.Skipped, Links: len(result.Links), Below: result.Below, Better: result.Better,
		Workers: max(1, o.workers), PairsPerS: float64(result.Candidates) / in.took.Scoring, Prior: in.model.Prior, seconds: in.took,
		Evaluation: linkage.Evaluate(result, in.model.Threshold, truePairs, func(l linkage.Link) bool { return same(l.Left, l.Right) }),
	}
	for _, s := range in.sheets {
		r.Rows = append(r.Rows, s.rows)
	}
	if o.asJSON {
		return printJSON(a.stdout, r)
	}
	return printMatchReport(a.stdout, r)
}

func printMatchReport(out io.Writer, r matchReport) error {
	w := newTable()
	w.AppendHeader(table.Row{"", "threshold", "precision", "recall", "F1", "wrong", "missed"})
	for _, line := range []struct {
		name string
		q    linkage.Quality
	}{{"model", r.At}, {"best", r.Best}} {
		w.AppendRow(table.Row{
			line.name, fmt.Sprintf("%.3f", line.q.Threshold), fmt.Sprintf("%.4f", line.q.Precision),
			fmt.Sprintf("%.4f", line.q.Recall), fmt.Sprintf("%.4f", line.q.F1), line.q.False, line.q.Missed,
		})
	}
	c := newTable()
	c.AppendHeader(table.Row{"bits", "pairs", "predicted", "true"})
	for _, b := range r.Calibration {
		c.AppendRow(table.Row{fmt.Sprintf("%d to %d", b.From, b.To), b.Pairs, fmt.Sprintf("%.4f", b.Predicted), fmt.Sprintf("%.4f", b.Observed)})
	}
	rows := counted(r.Rows[0], "row")
	if len(r.Rows) > 1 {
		rows = fmt.Sprintf("%d and %s", r.Rows[0], counted(r.Rows[1], "row"))
	}
	_, err := fmt.Fprintf(out, `%s, %s of %s; %s (recall %.4f, %s too large)
%.3f s reading, %.3f blocking, %.3f training, %.3f scoring: %.0f pairs/s with %s

%s

%s
`, r.Model, counted(r.TruePairs, "true pair"), rows, counted(r.Candidates, "candidate"), r.BlockRecall, counted(r.Skipped, "block"),
		r.Reading, r.Blocking, r.Training, r.Scoring, r.PairsPerS, counted(r.Workers, "worker"), w.Render(), c.Render())
	return err
}

// save writes estimated weights into a file that does not exist yet.
func (in *matchInput) save(path string) error {
	if path == "" {
		return nil
	}
	if !in.learned {
		return wrongUsage("leave --save out", "the model's weights are known, none were estimated")
	}
	return saveModel(path, in.model)
}

func saveModel(path string, m *linkage.Model) error {
	content, err := m.YAML()
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return withHint(err, "weights are never overwritten: choose a new name")
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Close())
}

// writeLinks writes links, best first, into a file that does not exist yet.
func writeLinks(path string, links []linkage.Link) error {
	if path == "" {
		return nil
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return withHint(err, "links are never overwritten: choose a new name")
	}
	w := bufio.NewWriter(f)
	_, err = fmt.Fprintln(w, "left,right,bits")
	for _, l := range links {
		if err == nil {
			_, err = fmt.Fprintf(w, "%d,%d,%s\n", l.Left+1, l.Right+1, l.Score)
		}
	}
	return errors.Join(err, w.Flush(), f.Close())
}
