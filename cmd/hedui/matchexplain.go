package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/match/linkage"
)

type explainMatchOptions struct {
	matchOptions
	left, right int
	reveal      bool
}

func newMatchExplainCommand(a *app) *cobra.Command {
	var o explainMatchOptions
	cmd := &cobra.Command{
		Use:   "explain FILE:ROW [FILE:ROW | FILE] --model M",
		Short: "Say why two rows score what they do, or what a row was not linked to",
		Long: `explain prints what every field adds to the score of two rows, in bits that sum to
the total. Rows are data rows from 1, behind the file's name or as --left and --right;
with one file both are of that file. Given one row only, it lists the row's candidates,
best first, and says which are links and why the others are not. Values are masked
without --reveal. Weights that are not known are estimated from the files.
` + exitStatuses,
		Example: `  hedui match explain people.csv:3 people.csv:17 --model febrl
  hedui match explain a.csv:3 b.csv --model mine.yaml
  hedui match explain a.csv b.csv --left 3 --right 17 --model mine.yaml`,
		Args: matchFiles,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := requireFlags(cmd, "model"); err != nil {
				return err
			}
			return runMatchExplain(cmd.Context(), a, o, args)
		},
	}
	o.declare(cmd)
	cmd.Flags().IntVar(&o.left, "left", 0, "data `row` of the left file, from 1")
	cmd.Flags().IntVar(&o.right, "right", 0, "data `row` of the right file, from 1")
	cmd.Flags().BoolVar(&o.reveal, "reveal", false, "print values unmasked")
	return cmd
}

var fileRow = regexp.MustCompile(`^(.+):(\d+)$`)

// cutRow takes the row off FILE:ROW, 0 when there is none. A file whose name looks
// like that is still a file.
func cutRow(arg string) (string, int) {
	m := fileRow.FindStringSubmatch(arg)
	if m == nil {
		return arg, 0
	}
	if _, err := os.Stat(arg); err == nil {
		return arg, 0
	}
	row, err := strconv.Atoi(m[2])
	if err != nil {
		return arg, 0
	}
	return m[1], row
}

// places are the files and the rows (0 for none) that the arguments name.
func (o *explainMatchOptions) places(args []string) (files []string, rows [2]int, err error) {
	rows = [2]int{o.left, o.right}
	for i, arg := range args {
		file, row := cutRow(arg)
		if row != 0 && rows[i] != 0 {
			return nil, rows, wrongUsage("FILE:ROW, or --left and --right", "a row is given twice")
		}
		rows[i] += row
		files = append(files, file)
	}
	// Two rows of one file are compared within it.
	if len(files) == 2 && filepath.Clean(files[0]) == filepath.Clean(files[1]) && rows[0] != 0 && rows[1] != 0 && o.left+o.right == 0 {
		files = files[:1]
	}
	if rows == [2]int{} {
		return nil, rows, wrongUsage("as in hedui match explain people.csv:3 people.csv:17 --model M", "no row is given")
	}
	return files, rows, nil
}

func runMatchExplain(ctx context.Context, a *app, o explainMatchOptions, args []string) error {
	files, rows, err := o.places(args)
	if err != nil {
		return err
	}
	in, err := openMatch(ctx, o.matchOptions, files, func(int) []string { return nil })
	if err != nil {
		return err
	}
	if rows[0] == 0 || rows[1] == 0 {
		return in.listCandidates(a, o, rows)
	}
	e, ok, err := linkage.Explain(in.blocks, in.model, rows[0]-1, rows[1]-1, o.reveal)
	if err != nil {
		return err
	}
	if !ok {
		return wrongUsage("rows count from 1, without the header, and differ", "no rows %d and %d to compare", rows[0], rows[1])
	}
	if o.asJSON {
		return printJSON(a.stdout, e)
	}
	return e.Write(a.stdout)
}

// rowCandidate is a candidate of one row. Rows count from 1.
type rowCandidate struct {
	Row         int          `json:"row"`
	Bits        linkage.Bits `json:"millibits"`
	Probability float64      `json:"probability"`
	Linked      bool         `json:"linked"`
	Reason      string       `json:"reason,omitempty"` // why not
}

// rowCandidates is what hedui match explain --json prints for one row.
type rowCandidates struct {
	Row        int            `json:"row"`
	Candidates []rowCandidate `json:"candidates"`
}

func (in *matchInput) listCandidates(a *app, o explainMatchOptions, rows [2]int) error {
	side, row := 0, rows[0]
	if row == 0 {
		side, row = 1, rows[1]
	}
	r, ok, err := linkage.Candidates(in.blocks, in.model, side, row-1, in.options(o.matchOptions))
	if err != nil {
		return err
	}
	if !ok {
		return wrongUsage("rows count from 1, without the header", "there is no row %d", row)
	}
	list := rowCandidates{Row: row, Candidates: []rowCandidate{}}
	add := func(l linkage.Link, reason string) {
		other := l.Right + 1
		if side == 1 && len(in.sheets) == 2 || len(in.sheets) == 1 && other == row {
			other = l.Left + 1
		}
		list.Candidates = append(list.Candidates, rowCandidate{other, l.Score, l.Score.Probability(), reason == "", reason})
	}
	for _, l := range r.Links {
		add(l, "")
	}
	for _, t := range r.TurnedDown {
		add(t.Link, t.Reason)
	}
	if o.asJSON {
		return printJSON(a.stdout, list)
	}
	other := in.sheets[0]
	if side == 0 {
		other = in.last()
	}
	return list.print(a.stdout, other.path)
}

func (l rowCandidates) print(out io.Writer, other string) error {
	w := newTable()
	w.AppendHeader(table.Row{"row", "bits", "probability", ""})
	for _, c := range l.Candidates {
		verdict := "linked"
		if !c.Linked {
			verdict = "turned down: " + c.Reason
		}
		w.AppendRow(table.Row{c.Row, c.Bits, fmt.Sprintf("%.6f", c.Probability), verdict})
	}
	_, err := fmt.Fprintf(out, "row %d has %s in %s\n", l.Row, counted(len(l.Candidates), "candidate"), filepath.Base(other))
	if err == nil && len(l.Candidates) > 0 {
		_, err = fmt.Fprintf(out, "\n%s\n", w.Render())
	}
	return err
}
