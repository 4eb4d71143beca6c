package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/desk/front"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match/identity"
	"github.com/hedui/hedui/engine/report"
	"github.com/hedui/hedui/engine/report/press"
	"github.com/hedui/hedui/rules"
)

// newReportCommand makes reports and checks them.
func newReportCommand(a *app) *cobra.Command {
	return newGroup("report", "Make reports (核对报告) and check where one is from",
		`report makes the report of a household, or of every household of a batch, and the summary of
a region; and it says whether a report is as its centre made it. A report is evidence for the
person who decides, and no decision.`,
		newReportMakeCommand(a), newReportIssueCommand(a), newReportBatchCommand(a), newReportSummaryCommand(a), newReportVerifyCommand(a))
}

// reportOptions are how a report is made.
type reportOptions struct {
	out, form, recipient, centre, key, browser, issued string
	days                                               int
}

func (o *reportOptions) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.recipient, "recipient", "", "to `whom` it is given, in words; it stands on every page")
	f.StringVar(&o.centre, "centre", "", "`name` of the centre")
	f.IntVar(&o.days, "days", 0, "`days` that it is good for; 0 does not say")
	o.declarePress(cmd)
}

func (o *reportOptions) declarePress(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.form, "form", "", "`form`: html, pdf or xlsx (default by the name of the file)")
	f.StringVar(&o.key, "key", "", "private key `file` that signs it, of hedui audit keygen; without one it proves nothing of its origin")
	f.StringVar(&o.browser, "chromium", "", "`program` that makes PDF (default what is installed), or off")
	f.StringVar(&o.issued, "issued", "", "`time` that stands on it, as in 2026-11-02T09:30:00+08:00 (default now)")
}

// settle reads the form and the time.
func (o *reportOptions) settle() (press.Form, time.Time, error) {
	form := press.Form(o.form)
	if o.form == "" {
		form = press.Form(strings.TrimPrefix(strings.ToLower(filepath.Ext(o.out)), "."))
	}
	switch form {
	case press.HTML, press.PDF, press.XLSX:
	default:
		return "", time.Time{}, wrongUsage("html, pdf or xlsx, by --form or by the ending of --out", "%q is no form of a report", form)
	}
	at, err := issuedAt(o.issued)
	return form, at, err
}

// issuedAt reads the time that stands on a report: now when it is not given.
func issuedAt(text string) (time.Time, error) {
	at := time.Now()
	if text != "" {
		var err error
		if at, err = time.Parse(time.RFC3339, text); err != nil {
			return at, wrongUsage("write it as 2026-11-02T09:30:00+08:00", "--issued is no time")
		}
	}
	return at.In(centreZone()), nil
}

// reportOf words a verdict that no ledger keeps. Its number is of its content: the same
// verdict, recipient and time give the same number.
func (a *app) reportOf(o *reportOptions, at time.Time, v *household.Verdict, r *household.Request, pack *rules.Pack) (*report.Document, error) {
	in := report.Input{
		Verdict: v, Request: r, Texts: rules.Texts{Pack: pack}, LinkTexts: identity.Words{}, Lang: a.language, Masks: access.ReportMasks(),
		Centre: o.centre, IssuedAt: at, ValidUntil: report.ValidUntil(at, o.days), Recipient: o.recipient, Route: report.Route{Where: o.centre}, Program: program(),
	}
	if r != nil && r.Authorization != nil {
		c := r.Authorization
		grant := report.Authorization{Number: c.Number, From: c.ValidFrom, To: c.ValidTo}
		grant.Purposes = c.Purposes
		if !c.PurposesGiven {
			grant.Purposes = []string{r.Scheme} // a claim that names none is for the scheme
		}
		if c.ClassesGiven {
			grant.Classes = []string{}
			for s := household.Tax; s < household.NumChecked; s++ {
				if c.Classes[s] {
					grant.Classes = append(grant.Classes, s.String())
				}
			}
		}
		in.Authorizations = append(in.Authorizations, grant)
	}
	d, err := report.Build(in)
	if err != nil {
		return nil, err
	}
	region := ""
	if r != nil {
		region = r.Region
	}
	code := d.Code()
	d.Head.Number = fmt.Sprintf("HD%s%08d-%s", access.County(region), int(v.On), code[:min(len(code), 11)])
	return d, nil
}

// writeReport writes a report that was printed.
func writeReport(path string, file []byte) error {
	return listTo(path, func(w io.Writer) error {
		_, err := w.Write(file)
		return err
	})
}

// makeOptions are those of hedui report make.
type makeOptions struct {
	lookOptions
	reportOptions
}

func newReportMakeCommand(a *app) *cobra.Command {
	var o makeOptions
	cmd := &cobra.Command{
		Use:   "make --data DIR --rules PACK --on DATE --out FILE.{html|pdf|xlsx} HOUSEHOLD.json|-",
		Short: "Check one household and write its report",
		Long: `make checks one household as hedui check does, the look in the audit log before anything is
read, and writes the report: what was declared and found, the calculation, the findings with
their law and what would clear each, the sources with what they could answer, and where to
object. Names and amounts stand in full on it, numbers of documents, accounts and plates masked.

It is for directories in which requests are judged by the authorisation that they claim.
Where authorisations are registered, reports are issued by hedui report issue or in the
console, and are kept.

PDF needs Chromium. With --key the file and its square code are signed, and hedui report
verify says where they are from.
` + exitStatuses + "  3  done, but the request was refused, and the report says why\n",
		Example: "  hedui report make --data store --rules reference --on 2026-11-01 --recipient 申请人本人 --lang zh --out report.html household.json\n" +
			"  hedui report make --data store --rules reference --on 2026-11-01 --key report.key --out report.pdf household.json",
		Args: exactArgs(1, "one request, a file or -"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := requireFlags(cmd, "data", "rules", "on", "out"); err != nil {
				return err
			}
			return runReportMake(cmd, a, o, args[0])
		},
	}
	dataFlag(cmd, &o.data)
	f := cmd.Flags()
	f.StringVar(&o.rules, "rules", "", "`pack` to judge by: a shipped one's name or a folder (required)")
	f.Var(&o.on, "on", "`date` of the check, as in 2026-11-01 (required)")
	f.StringVar(&o.out, "out", "", "`file` to write (required)")
	o.flags(cmd)
	return cmd
}

func runReportMake(cmd *cobra.Command, a *app, o makeOptions, path string) (err error) {
	form, at, err := o.settle()
	if err != nil {
		return err
	}
	p, err := newPress(o.key, o.browser)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closePress(p)) }()
	line, err := readRequest(a, path)
	if err != nil {
		return err
	}
	d, err := openLooking(cmd.Context(), a, o.lookOptions)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	request, _ := household.ParseRequest(line)
	if err := d.registered(cmd.Context(), a, o.data, access.Check, request.Scheme); err != nil {
		return err
	}
	if d.register != nil {
		return withHint(errors.New("authorisations are registered here: a report is issued of a verdict that the ledger keeps"),
			"hedui check, then hedui report issue --verdict ID; or the console")
	}
	answer, plans, err := d.lookOne(cmd.Context(), checkOptions{lookOptions: o.lookOptions}, line)
	if err != nil {
		return err
	}
	doc, err := a.reportOf(&o.reportOptions, at, &answer.Verdicts[0], plans[0].Request, d.pack)
	if err != nil {
		return err
	}
	file, err := p.Print(cmd.Context(), doc, form)
	if err != nil {
		return err
	}
	if err := writeReport(o.out, file); err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "%s %s\n", doc.Head.Number, doc.Code())
	fmt.Fprintln(a.stderr, "wrote", o.out)
	if answer.Refused() {
		return errPartial
	}
	return nil
}

// issueOptions are those of hedui report issue.
type issueOptions struct {
	reportOptions
	data, verdict, division string
}

func newReportIssueCommand(a *app) *cobra.Command {
	var o issueOptions
	cmd := &cobra.Command{
		Use:   "issue --data DIR --verdict ID --recipient R --out FILE.{html|pdf|xlsx}",
		Short: "Issue the report of a verdict of the ledger",
		Long: `issue gives the report of a verdict a number, keeps it in the ledger with its recipient, and
writes it. It is in the audit log before anybody has it. There is none of a household whose
authorisation was withdrawn, nor of a verdict that a newer one has replaced.
` + exitStatuses,
		Example: "  hedui report issue --data store --verdict ID --recipient 申请人本人 --key report.key --out report.pdf",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := requireFlags(cmd, "data", "verdict", "recipient", "out"); err != nil {
				return err
			}
			return runReportIssue(cmd, a, o)
		},
	}
	dataFlag(cmd, &o.data)
	f := cmd.Flags()
	f.StringVar(&o.verdict, "verdict", "", "`id` of the verdict (required)")
	f.StringVar(&o.division, "division", "", "division `code` (default the account's own)")
	f.StringVar(&o.out, "out", "", "`file` to write (required)")
	o.flags(cmd)
	return cmd
}

func runReportIssue(cmd *cobra.Command, a *app, o issueOptions) (err error) {
	form, _, err := o.settle()
	if err != nil {
		return err
	}
	p, err := newPress(o.key, o.browser)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closePress(p)) }()
	d, err := a.openDesk(cmd.Context(), o.data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	c, err := d.owner(o.division, everyScheme(), access.Verifier)
	if err != nil {
		return err
	}
	f := &front.Front{Desk: d.Desk, Location: centreZone(), Centre: o.centre, ReportDays: o.days}
	r, err := d.IssueReport(cmd.Context(), c, o.verdict, desk.ReportOrder{Recipient: o.recipient, Lang: a.language}, f.Compose)
	if err != nil {
		return a.refusal(err)
	}
	file, err := printIssued(cmd.Context(), p, r, form)
	if err != nil {
		return withHint(err, "the report "+r.Number+" is issued all the same; the console prints it")
	}
	if err := writeReport(o.out, file); err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "%s %s\n", r.Number, r.Code)
	fmt.Fprintln(a.stderr, "wrote", o.out)
	return nil
}

func printIssued(ctx context.Context, p *press.Press, r *desk.Issued, form press.Form) ([]byte, error) {
	d, err := front.DocumentOf(r)
	if err != nil {
		return nil, err
	}
	return p.Print(ctx, d, form)
}
