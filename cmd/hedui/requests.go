package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/form"
)

// newRequestsCommand is the parent of what is done with requests before they are verified.
func newRequestsCommand(a *app) *cobra.Command {
	return newGroup("requests", "Make a batch of the form that people filled in",
		"requests holds the commands that prepare a batch before it is verified.", newRequestsConvertCommand(a))
}

type convertOptions struct {
	out, problems string
	asJSON        bool
}

func newRequestsConvertCommand(a *app) *cobra.Command {
	var o convertOptions
	cmd := &cobra.Command{
		Use:   "convert FILE --out BATCH.jsonl [--problems FILE.csv]",
		Short: "Make a batch of a filled-in form",
		Long: `convert reads the form that hedui template writes, or one table with a row for each
member (XLSX, or CSV or TSV in UTF-8 or GB18030), and writes the requests that hedui
verify takes, in the order of the file. What is of the household stands on its first row.

A household with a problem is refused whole and the others pass. Every problem says
sheet, row, column and what to do, and holds nothing that stood in a cell.
` + exitStatuses + refusedStatus,
		Example: `  hedui template --out requests.xlsx
  hedui requests convert requests.xlsx --out batch.jsonl
  hedui requests convert town.csv --out batch.jsonl --problems problems.csv`,
		Args: exactArgs(1, "the form"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := requireFlags(cmd, "out"); err != nil {
				return err
			}
			return runConvert(a, o, args[0])
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.out, "out", "", "`file` to write the requests to (required)")
	f.StringVar(&o.problems, "problems", "", "`file` to write the problems to, as CSV")
	f.BoolVar(&o.asJSON, "json", false, "print one JSON object")
	return cmd
}

func hasExtension(path, ext string) bool { return strings.EqualFold(filepath.Ext(path), ext) }

func runConvert(a *app, o convertOptions, path string) (err error) {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	stat, err := in.Stat()
	if err != nil {
		return err
	}
	var b *form.Batch
	err = listTo(o.out, func(w io.Writer) error {
		b, err = form.Read(in, stat.Size(), form.Options{Emit: func(line []byte) error {
			_, err := w.Write(append(line, '\n'))
			return err
		}})
		if p, ok := errors.AsType[form.Problem](err); ok {
			return withHint(fmt.Errorf("%s: %w", path, p), p.Do().Zh)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if o.problems == "" {
			return nil
		}
		return writeProblems(o.problems, b.Problems)
	})
	if err != nil {
		return err
	}
	if err := a.printBatch(o, b); err != nil {
		return err
	}
	if len(b.Problems) > 0 {
		return errPartial
	}
	return nil
}

// shownProblems is how many problems are printed for people; the rest is counted.
const shownProblems = 20

func (a *app) printBatch(o convertOptions, b *form.Batch) error {
	if o.asJSON {
		return printJSON(a.stdout, struct {
			*form.Batch

			ByCode   map[form.Code]int `json:"problems_by_code"`
			Problems string            `json:"problems_file,omitempty"`
		}{b, byCode(b.Problems), o.problems})
	}
	fmt.Fprintf(a.stderr, "%s, %d rows in = %d accepted + %d refused\n", counted(b.Households, "household"), b.RowsIn, b.RowsAccepted, b.RowsRefused)
	fmt.Fprintf(a.stderr, "%s in %s\n", counted(b.Accepted, "request"), o.out)
	for _, note := range batchNotes(b) {
		fmt.Fprintln(a.stderr, note)
	}
	if len(b.Problems) == 0 {
		return nil
	}
	w := newTable()
	w.AppendHeader(table.Row{"sheet", "row", "column", "problem", "what to do"})
	for _, p := range b.Problems[:min(len(b.Problems), shownProblems)] {
		do := p.Do().En
		if a.language == chinese {
			do = p.Do().Zh
		}
		w.AppendRow(table.Row{p.Sheet, p.Row, p.Column, p.Code, do})
	}
	if _, err := fmt.Fprintln(a.stdout, w.Render()); err != nil {
		return err
	}
	if more := len(b.Problems) - shownProblems; more > 0 {
		fmt.Fprintf(a.stderr, "and %d more; --problems FILE.csv lists all\n", more)
	}
	return nil
}

// batchNotes are what somebody should know of a file beside its problems.
func batchNotes(b *form.Batch) (out []string) {
	if len(b.UnknownColumns) > 0 {
		out = append(out, "columns that the form does not have, not read: "+strings.Join(b.UnknownColumns, ", "))
	}
	if len(b.SkippedSheets) > 0 {
		out = append(out, "sheets that were not read: "+strings.Join(b.SkippedSheets, ", "))
	}
	if b.HiddenRows > 0 {
		out = append(out, counted(b.HiddenRows, "hidden row")+" read like the others")
	}
	if b.MergedCells > 0 {
		out = append(out, counted(b.MergedCells, "merged cell")+"; the value counts for the first row only")
	}
	if b.FormulaCells > 0 {
		out = append(out, counted(b.FormulaCells, "formula")+", read by the result that was saved")
	}
	return out
}

func byCode(list []form.Problem) map[form.Code]int {
	out := map[form.Code]int{}
	for _, p := range list {
		out[p.Code]++
	}
	return out
}

func writeProblems(path string, list []form.Problem) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	// With a byte order mark, or spreadsheets take the Chinese for something else.
	if _, err := io.WriteString(f, "\ufeff"); err != nil {
		return err
	}
	w := csv.NewWriter(f)
	if err := w.Write([]string{"sheet", "row", "column", "code", "do", "办法"}); err != nil {
		return err
	}
	for _, p := range list {
		if err := w.Write([]string{p.Sheet, strconv.FormatInt(p.Row, 10), p.Column, string(p.Code), p.Do().En, p.Do().Zh}); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}
