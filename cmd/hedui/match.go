package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/match/linkage"
)

// newMatchCommand holds what is done with matching models.
func newMatchCommand(a *app) *cobra.Command {
	return newGroup("match", "Try out how records of the same person are found",
		"match links the rows of two CSV files, or finds duplicates in one, by a model\nthat is data, and says how good the links are and why a pair scores what it does.",
		newMatchEvalCommand(a), newMatchExplainCommand(a))
}

type matchOptions struct {
	model, truth, save string
	workers            int
	left, right        int
	reveal, asJSON     bool
}

func (o *matchOptions) declare(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.model, "model", "", "`model` file, or a shipped one: febrl, febrl_no_ssn (required)")
	f.IntVar(&o.workers, "workers", 1, "`number` of workers")
	f.BoolVar(&o.asJSON, "json", false, "print one JSON object")
}

func newMatchEvalCommand(a *app) *cobra.Command {
	var o matchOptions
	cmd := &cobra.Command{
		Use:   "eval LEFT.csv [RIGHT.csv] --model M --truth T",
		Short: "Measure the links of a model against the truth",
		Long: `eval estimates the weights of a model without looking at the truth, links the rows
of two files (or finds the duplicates in one) and then counts what is right.

The truth is one of
  column:NAME            a column that holds the same entity id for the same person
  pattern:NAME=REGEXP    the entity id is the first group of REGEXP in a column
  pairs:FILE             a CSV file without header: data row left, data row right, from 1

A model whose weights are all known is used as it is. --save writes the estimated
weights as a new file and refuses one that exists.
` + exitStatuses,
		Example: `  hedui match eval people.csv --model febrl --truth column:person
  hedui match eval a.csv b.csv --model mine.yaml --truth 'pattern:rec_id=^rec-(\d+)-' --json`,
		Args: matchFiles,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := requireFlags(cmd, "model", "truth"); err != nil {
				return err
			}
			return runMatchEval(a, o, args)
		},
	}
	o.declare(cmd)
	cmd.Flags().StringVar(&o.truth, "truth", "", "`truth` to measure against (required)")
	cmd.Flags().StringVar(&o.save, "save", "", "new `file` for the estimated weights")
	return cmd
}

func newMatchExplainCommand(a *app) *cobra.Command {
	var o matchOptions
	cmd := &cobra.Command{
		Use:   "explain LEFT.csv [RIGHT.csv] --model M --left N --right N",
		Short: "Say why two rows score what they do",
		Long: `explain prints what every field adds to the score of two rows, in bits that sum to
the total. Rows are data rows from 1; with one file both are of that file. Values
are masked without --reveal. Weights that are not known are estimated from the files.
` + exitStatuses,
		Example: "  hedui match explain people.csv --model febrl --left 3 --right 17",
		Args:    matchFiles,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := requireFlags(cmd, "model", "left", "right"); err != nil {
				return err
			}
			return runMatchExplain(a, o, args)
		},
	}
	o.declare(cmd)
	cmd.Flags().IntVar(&o.left, "left", 0, "data `row` of the left file, from 1 (required)")
	cmd.Flags().IntVar(&o.right, "right", 0, "data `row` of the right file, from 1 (required)")
	cmd.Flags().BoolVar(&o.reveal, "reveal", false, "print values unmasked")
	return cmd
}

func matchFiles(cmd *cobra.Command, args []string) error {
	if len(args) == 1 || len(args) == 2 {
		return nil
	}
	return wrongUsage("usage: "+cmd.UseLine(), "want one or two CSV files, got %d arguments", len(args))
}

// sheet is a CSV file in memory.
type sheet struct {
	path   string
	header []string
	rows   [][]string
}

func readSheet(path string) (*sheet, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.TrimLeadingSpace = true
	s := &sheet{path: path}
	if s.header, err = r.Read(); err != nil {
		return nil, fmt.Errorf("read the header of %s: %w", filepath.Base(path), err)
	}
	s.header[0] = strings.TrimPrefix(s.header[0], "\ufeff")
	for i, h := range s.header {
		s.header[i] = strings.TrimSpace(h)
	}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return s, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", filepath.Base(path), err)
		}
		s.rows = append(s.rows, row)
	}
}

// pick returns columns in the order of their names.
func (s *sheet) pick(names []string) ([][]string, error) {
	at := make([]int, len(names))
	for i, name := range names {
		if at[i] = slices.Index(s.header, name); at[i] < 0 {
			return nil, withHint(fmt.Errorf("%s has no column %q", filepath.Base(s.path), name), "it has "+strings.Join(s.header, ", "))
		}
	}
	out := make([][]string, len(s.rows))
	for r, row := range s.rows {
		out[r] = make([]string, len(names))
		for i, c := range at {
			out[r][i] = row[c]
		}
	}
	return out, nil
}

// matchInput is a trained model with the records it was trained on.
type matchInput struct {
	sheets  []*sheet
	model   *linkage.Model
	data    *linkage.Data
	learned bool // the weights were estimated just now
}

func openMatch(o matchOptions, args []string) (*matchInput, error) {
	m, ok := linkage.Shipped(o.model)
	if !ok {
		content, err := os.ReadFile(o.model)
		if err != nil {
			return nil, err
		}
		if m, err = linkage.Load(filepath.Base(o.model), content); err != nil {
			return nil, err
		}
	}
	in := &matchInput{model: m}
	var columns [2][]string
	for _, f := range m.Fields {
		columns[0], columns[1] = append(columns[0], f.Left), append(columns[1], f.Right)
	}
	var tables [2][][]string
	for i, path := range args {
		s, err := readSheet(path)
		if err != nil {
			return nil, err
		}
		in.sheets = append(in.sheets, s)
		if tables[i], err = s.pick(columns[i]); err != nil {
			return nil, err
		}
	}
	in.data = linkage.Prepare(m, tables[0], tables[1])
	if m.Trained() {
		return in, nil
	}
	in.learned = true
	var err error
	in.model, err = linkage.Train(in.data, linkage.Options{Workers: o.workers})
	return in, err
}

// matchReport is what hedui match eval --json prints.
type matchReport struct {
	Model      string  `json:"model"`
	Version    int     `json:"version"`
	Rows       []int   `json:"rows"`
	TruePairs  int     `json:"true_pairs"`
	Candidates int     `json:"candidates"`
	Skipped    int     `json:"blocks_skipped"`
	PairsPerS  float64 `json:"pairs_per_second"` // blocking, comparing, weighing and sorting
	Prior      float64 `json:"prior"`
	linkage.Evaluation
}

func runMatchEval(a *app, o matchOptions, args []string) error {
	in, err := openMatch(o, args)
	if err != nil {
		return err
	}
	if err := in.save(o.save); err != nil {
		return err
	}
	begin := time.Now()
	result, err := linkage.Score(in.data, in.model, linkage.Options{Workers: o.workers})
	if err != nil {
		return err
	}
	seconds := time.Since(begin).Seconds()
	truePairs, same, err := in.truth(o.truth)
	if err != nil {
		return err
	}
	r := matchReport{
		Model: in.model.Name, Version: in.model.Version, TruePairs: truePairs, Candidates: result.Candidates,
		Skipped: result.Skipped, PairsPerS: float64(result.Candidates) / seconds, Prior: in.model.Prior,
		Evaluation: linkage.Evaluate(result, in.model.Threshold, truePairs, same),
	}
	for _, s := range in.sheets {
		r.Rows = append(r.Rows, len(s.rows))
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
	_, err := fmt.Fprintf(out, "%s, %s of %s; %s (recall %.4f, %s too large), %.0f pairs/s\n\n%s\n\n%s\n", r.Model,
		counted(r.TruePairs, "true pair"), counted(r.Rows[0], "row"), counted(r.Candidates, "candidate"), r.BlockRecall,
		counted(r.Skipped, "block"), r.PairsPerS, w.Render(), c.Render())
	return err
}

// save writes estimated weights into a file that does not exist yet.
func (in *matchInput) save(path string) (err error) {
	if path == "" {
		return nil
	}
	if !in.learned {
		return wrongUsage("leave --save out", "the model's weights are known, none were estimated")
	}
	content, err := in.model.YAML()
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

func runMatchExplain(a *app, o matchOptions, args []string) error {
	in, err := openMatch(o, args)
	if err != nil {
		return err
	}
	e, ok, err := linkage.Explain(in.data, in.model, o.left-1, o.right-1, o.reveal)
	if err != nil {
		return err
	}
	if !ok {
		return wrongUsage("rows count from 1, without the header, and differ", "no rows %d and %d to compare", o.left, o.right)
	}
	if o.asJSON {
		return printJSON(a.stdout, e)
	}
	return e.Write(a.stdout)
}

// errPairsRow is a line of a truth file that names no two rows.
var errPairsRow = errors.New("not two numbers of data rows that exist, from 1")

func (in *matchInput) pairsTruth(path string) (int, func(linkage.Link) bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, nil, err
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return 0, nil, fmt.Errorf("read %s: %w", filepath.Base(path), err)
	}
	pairs := map[[2]int]bool{}
	last := in.sheets[len(in.sheets)-1]
	for i, line := range lines {
		x, err1 := strconv.Atoi(strings.TrimSpace(line[0]))
		y, err2 := strconv.Atoi(strings.TrimSpace(line[len(line)-1]))
		if len(line) != 2 || err1 != nil || err2 != nil || x < 1 || y < 1 || x > len(in.sheets[0].rows) || y > len(last.rows) {
			return 0, nil, fmt.Errorf("%s line %d: %w", filepath.Base(path), i+1, errPairsRow)
		}
		if len(in.sheets) == 1 {
			x, y = min(x, y), max(x, y)
		}
		pairs[[2]int{x - 1, y - 1}] = true
	}
	return len(pairs), func(l linkage.Link) bool { return pairs[[2]int{l.Left, l.Right}] }, nil
}
