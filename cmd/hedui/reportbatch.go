package main

import (
	"archive/zip"
	"bufio"
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
	"github.com/hedui/hedui/engine/report"
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

// maxReportLine is how long a line of either file may be.
const maxReportLine = 64 << 20

// each reads both files side by side: a verdict is on the line of its request.
func (b *reportBatch) each(ctx context.Context, do func(*household.Verdict, *household.Request) error) error {
	verdicts, err := os.Open(b.o.verdicts)
	if err != nil {
		return err
	}
	defer verdicts.Close()
	requests, err := os.Open(b.o.requests)
	if err != nil {
		return err
	}
	defer requests.Close()
	size, read := int64(0), int64(0)
	if info, err := verdicts.Stat(); err == nil {
		size = info.Size()
	}
	v, r := bufio.NewScanner(verdicts), bufio.NewScanner(requests)
	v.Buffer(make([]byte, 1<<20), maxReportLine)
	r.Buffer(make([]byte, 1<<20), maxReportLine)
	where := func(what string) error {
		return fmt.Errorf("%s line %d: %s", filepath.Base(b.o.verdicts), b.lines, what)
	}
	for v.Scan() {
		b.lines++
		read += int64(len(v.Bytes())) + 1
		if err := ctx.Err(); err != nil {
			return err
		}
		if !nextRequest(r) {
			return where("there is no request for it; --requests must be the file that was verified")
		}
		verdict, err := household.ParseVerdict(v.Bytes())
		if err != nil {
			return withHint(where("it is no verdict"), "a file of hedui verify with --rules, of one scheme")
		}
		request, _ := household.ParseRequest(bytes.TrimSpace(r.Bytes()))
		if request.HouseholdID != verdict.HouseholdID {
			return where("the request on its line is of another household; --requests must be the file that was verified")
		}
		if err := do(verdict, request); err != nil {
			return fmt.Errorf("%s line %d: %w", filepath.Base(b.o.verdicts), b.lines, err)
		}
		if size > 0 && read > 0 {
			b.track.update(int64(b.lines), int64(b.lines)*size/read)
		}
	}
	return errors.Join(v.Err(), r.Err())
}

// nextRequest goes to the next line that holds something, as verify counts them.
func nextRequest(r *bufio.Scanner) bool {
	for r.Scan() {
		if len(bytes.TrimSpace(r.Bytes())) > 0 {
			return true
		}
	}
	return false
}

// one writes the report of one verdict, and its line of the list.
func (b *reportBatch) one(ctx context.Context, archive *zip.Writer, index export.Writer, v *household.Verdict, r *household.Request) error {
	row := func(number, code, file, note string) error {
		var cells []export.Cell
		for _, text := range []string{v.HouseholdID, b.title(v.Outcome), number, code, file, note} {
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

func (b *reportBatch) title(o household.Outcome) string {
	lang := explain.En
	if b.app.language == chinese {
		lang = explain.Zh
	}
	return explain.OutcomeTitle(o, lang)
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

// summaryOptions are those of hedui report summary.
type summaryOptions struct {
	rules, verdicts, out, centre, recipient, division, issued string
	fewest                                                    int64
}

func newReportSummaryCommand(a *app) *cobra.Command {
	var o summaryOptions
	cmd := &cobra.Command{
		Use:   "summary --verdicts V.jsonl --out SUMMARY.{html|xlsx}",
		Short: "Write the summary of a region",
		Long: `summary counts the verdicts of a file by county and scheme: outcomes, how many a person has to
look at, the findings, and what the sources could answer. Counts that are too small, and those
by which a small one could be found out, are withheld.
` + exitStatuses,
		Example: "  hedui report summary --verdicts verdicts.jsonl --rules reference --division 3401 --lang zh --out summary.html",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := requireFlags(cmd, "verdicts", "out"); err != nil {
				return err
			}
			return runReportSummary(a, o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.verdicts, "verdicts", "", "`file` that hedui verify wrote (required)")
	f.StringVar(&o.rules, "rules", "", "`pack` that judged, for the names of findings")
	f.StringVar(&o.out, "out", "", "`file` to write, .html or .xlsx (required)")
	f.StringVar(&o.division, "division", "", "only households whose number begins with this division `code`")
	f.StringVar(&o.centre, "centre", "", "`name` of the centre")
	f.StringVar(&o.recipient, "recipient", "", "to `whom` it is given, in words")
	f.StringVar(&o.issued, "issued", "", "`time` that stands on it (default now)")
	f.Int64Var(&o.fewest, "fewest", 5, "smallest `count` that is said; 0 says all, for what stays in the centre")
	return cmd
}

func runReportSummary(a *app, o summaryOptions) error {
	ext := strings.ToLower(filepath.Ext(o.out))
	if ext != ".html" && ext != ".xlsx" {
		return wrongUsage("name it .html or .xlsx", "--out %q says no form", filepath.Base(o.out))
	}
	_, at, err := (&reportOptions{form: "html", issued: o.issued}).settle()
	if err != nil {
		return err
	}
	in := report.SummaryInput{Lang: explain.En, Region: o.division, Centre: o.centre, Recipient: o.recipient, IssuedAt: at, Program: program(), Fewest: o.fewest}
	if a.language == chinese {
		in.Lang = explain.Zh
	}
	if o.rules != "" {
		pack, err := loadPack(o.rules)
		if err != nil {
			return err
		}
		in.Texts = rules.Texts{Pack: pack}
	}
	file, err := os.Open(o.verdicts)
	if err != nil {
		return err
	}
	defer file.Close()
	var s report.Summary
	lines, kept := 0, 0
	scan := bufio.NewScanner(file)
	scan.Buffer(make([]byte, 1<<20), maxReportLine)
	for scan.Scan() {
		lines++
		v, err := household.ParseVerdict(scan.Bytes())
		if err != nil {
			return fmt.Errorf("%s line %d: it is no verdict", filepath.Base(o.verdicts), lines)
		}
		if strings.HasPrefix(v.HouseholdID, o.division) {
			s.Add(v)
			kept++
		}
	}
	if err := scan.Err(); err != nil {
		return err
	}
	if kept == 0 {
		return fmt.Errorf("%s has no verdict of it: there is nothing to count", filepath.Base(o.verdicts))
	}
	d, err := s.Document(in)
	if err != nil {
		return err
	}
	if err := listTo(o.out, func(w io.Writer) error {
		if ext == ".xlsx" {
			return report.SummaryXLSX(w, d)
		}
		return report.SummaryHTML(w, d)
	}); err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "%s in %s\n", counted(kept, "verdict"), o.out)
	return nil
}
