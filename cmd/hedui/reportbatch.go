package main

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/explain"
	"github.com/hedui/hedui/engine/export"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/report/press"
	"github.com/hedui/hedui/rules"
)

// reportBatchOptions are those of hedui report batch.
type reportBatchOptions struct {
	reportOptions
	rules, verdicts, requests string
	only                      []string
}

func newReportBatchCommand(a *app) *cobra.Command {
	var o reportBatchOptions
	cmd := &cobra.Command{
		Use:   "batch --rules PACK --verdicts V.jsonl --requests B.jsonl --form {html|pdf|xlsx} --out REPORTS.zip",
		Short: "Write the reports of a batch into an archive",
		Long: `batch writes one report for each verdict of a file that hedui verify wrote, beside the requests
that it was made of, into one archive, with a list of them: 目录.csv. With --only just those of
some outcomes. Requests that were refused are on the list, with why.
` + exitStatuses,
		Example: "  hedui report batch --rules reference --verdicts verdicts.jsonl --requests batch.jsonl --form html --only suspected_ineligible,needs_review --out reports.zip",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := requireFlags(cmd, "rules", "verdicts", "requests", "form", "out"); err != nil {
				return err
			}
			return runReportBatch(cmd.Context(), a, o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.rules, "rules", "", "`pack` that judged: a shipped one's name or a folder (required)")
	f.StringVar(&o.verdicts, "verdicts", "", "`file` that hedui verify wrote (required)")
	f.StringVar(&o.requests, "requests", "", "`file` of the requests (required)")
	f.StringVar(&o.out, "out", "", "archive `file` to write (required)")
	f.StringSliceVar(&o.only, "only", nil, "`outcomes` of which reports are made, as in suspected_ineligible,needs_review (default all but refused)")
	o.flags(cmd)
	return cmd
}

func runReportBatch(ctx context.Context, a *app, o reportBatchOptions) (err error) {
	form, at, err := o.settle()
	if err != nil {
		return err
	}
	for _, name := range o.only {
		if !slices.Contains(reportable(), name) {
			return wrongUsage("no_discrepancy, needs_review, suspected_ineligible or unverifiable", "--only %q is no outcome", name)
		}
	}
	pack, err := loadPack(o.rules)
	if err != nil {
		return err
	}
	p, err := newPress(o.key, o.browser)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closePress(p)) }()
	b := &reportBatch{app: a, o: &o, form: form, at: at, pack: pack, press: p, track: a.track("report batch", "reports"), names: map[string]int{}}
	err = listTo(o.out, func(w io.Writer) error { return b.write(ctx, w) })
	if err != nil {
		return err
	}
	b.track.stop()
	fmt.Fprintf(a.stdout, "%s of %s in %s\n", counted(b.made, "report"), counted(b.lines, "verdict"), o.out)
	if b.refused > 0 {
		return errPartial
	}
	return nil
}

// reportable are the outcomes that there are reports of.
func reportable() []string {
	var out []string
	for _, o := range []household.Outcome{household.SuspectedIneligible, household.NeedsReview, household.Unverifiable, household.NoDiscrepancy} {
		out = append(out, o.String())
	}
	return out
}

// reportBatch is a batch of reports on its way.
type reportBatch struct {
	app   *app
	o     *reportBatchOptions
	form  press.Form
	at    time.Time
	pack  *rules.Pack
	press *press.Press
	track *tracker

	names                map[string]int // of files that there are
	lines, made, refused int
}

// write writes the archive: the reports as they come, the list at the end.
func (b *reportBatch) write(ctx context.Context, w io.Writer) error {
	archive := zip.NewWriter(w)
	var list bytes.Buffer
	index, err := export.NewWriter(&list, export.CSV, export.Table{Name: "目录", Columns: []export.Column{
		{Title: "家庭编号", Kind: export.Text},
		{Title: "结论", Kind: export.Text},
		{Title: "报告编号", Kind: export.Text},
		{Title: "核验码", Kind: export.Text},
		{Title: "文件", Kind: export.Text},
		{Title: "说明", Kind: export.Text},
	}})
	if err != nil {
		return err
	}
	if err := b.each(ctx, func(v *household.Verdict, r *household.Request) error { return b.one(ctx, archive, index, v, r) }); err != nil {
		return err
	}
	if err := index.Finish(nil); err != nil {
		return err
	}
	f, err := archive.CreateHeader(&zip.FileHeader{Name: "目录.csv", Method: zip.Deflate, Modified: b.at})
	if err != nil {
		return err
	}
	if _, err := f.Write(list.Bytes()); err != nil {
		return err
	}
	return archive.Close()
}

// each reads both files side by side: a verdict is on the line of its request.
func (b *reportBatch) each(ctx context.Context, do func(*household.Verdict, *household.Request) error) error {
	verdicts, err := openVerdicts(b.o.verdicts)
	if err != nil {
		return err
	}
	defer verdicts.close()
	requests, err := os.Open(b.o.requests)
	if err != nil {
		return err
	}
	defer requests.Close()
	r := newLines(requests, filepath.Base(b.o.requests))
	for {
		verdict, err := verdicts.verdict()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		b.lines++
		if err := ctx.Err(); err != nil {
			return err
		}
		line, err := nextRequest(r)
		if errors.Is(err, io.EOF) {
			return verdicts.at(errors.New("there is no request for it; --requests must be the file that was verified"))
		}
		if err != nil {
			return err
		}
		request, _ := household.ParseRequest(line)
		if request.HouseholdID != verdict.HouseholdID {
			return verdicts.at(errors.New("the request on its line is of another household; --requests must be the file that was verified"))
		}
		if err := do(verdict, request); err != nil {
			return verdicts.at(err)
		}
		b.track.update(int64(b.lines), verdicts.about())
	}
}

// nextRequest is the next line that holds something, as verify counts them.
func nextRequest(r *lines) ([]byte, error) {
	for {
		line, err := r.next()
		if line = bytes.TrimSpace(line); err != nil || len(line) > 0 {
			return line, err
		}
	}
}

// one writes the report of one verdict, and its line of the list.
func (b *reportBatch) one(ctx context.Context, archive *zip.Writer, index export.Writer, v *household.Verdict, r *household.Request) error {
	row := func(number, code, file, note string) error {
		var cells []export.Cell
		for _, text := range []string{v.HouseholdID, explain.OutcomeTitle(v.Outcome, b.app.language), number, code, file, note} {
			cells = append(cells, export.TextCell(text))
		}
		return index.Row(cells)
	}
	if v.Outcome == household.Refused {
		b.refused++
		var why []string
		for i := range v.Findings {
			why = append(why, v.Findings[i].Code)
		}
		return row("", "", "", strings.Join(why, " "))
	}
	if len(b.o.only) > 0 && !slices.Contains(b.o.only, v.Outcome.String()) {
		return row("", "", "", "")
	}
	doc, err := b.app.reportOf(&b.o.reportOptions, b.at, v, r, b.pack)
	if err != nil {
		return err
	}
	file, err := b.press.Print(ctx, doc, b.form)
	if err != nil {
		return err
	}
	name := b.name(v.HouseholdID)
	f, err := archive.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: b.at})
	if err == nil {
		_, err = f.Write(file)
	}
	if err != nil {
		return err
	}
	b.made++
	return row(doc.Head.Number, doc.Code(), name, "")
}

// name is the name of a file in the archive: the number of the household as far as every
// system takes it, and a count where that is taken.
func (b *reportBatch) name(number string) string {
	clean := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r == '-' || r == '_' {
			return r
		}
		return '_'
	}, number)
	clean = clean[:min(64, len(clean))]
	if b.names[clean]++; b.names[clean] > 1 {
		clean += fmt.Sprintf("-%d", b.names[clean])
	}
	return clean + "." + string(b.form)
}
