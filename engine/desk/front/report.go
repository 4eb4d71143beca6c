package front

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api/wire"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/explain"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match/identity"
	"github.com/hedui/hedui/engine/report"
	"github.com/hedui/hedui/engine/review"
)

// Printer prints a report in a form: html, pdf or xlsx.
type Printer interface {
	Print(ctx context.Context, d *report.Document, form string) ([]byte, error)
}

// ErrNoPrinter is what a Printer returns for a form that it can't print here, such as PDF
// without a browser.
var ErrNoPrinter = errors.New("the report can't be printed in this form here")

// forms are the media types of what reports are printed in.
var forms = map[string]string{
	"html": "text/html; charset=utf-8",
	"pdf":  "application/pdf",
	"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

// ReportInput is what a report words of a sheet. It is no report yet: it has no number.
func (f *Front) ReportInput(s *desk.Sheet, lang string) report.Input {
	in := report.Input{
		Verdict: s.Verdict, Request: s.Request, Texts: s.Texts, LinkTexts: identity.Words{}, Lang: lang, Masks: s.Masks,
		VerdictID: s.ID, Centre: f.Centre, Program: f.Desk.Program(), Route: report.Route{Where: cmp.Or(f.Objects, f.Centre), Days: f.Desk.ContestDays()},
	}
	if lang != explain.En {
		in.Lang = explain.Zh
	}
	a := &s.Authorization
	grant := report.Authorization{Number: a.Number, From: a.From, To: a.To, Purposes: a.Purposes}
	for c := household.Tax; c < household.NumChecked && a.Registered; c++ {
		if a.Classes[c] {
			grant.Classes = append(grant.Classes, c.String())
		}
	}
	in.Authorizations = append(in.Authorizations, grant)
	if s.SuppliedKnown {
		in.Covered = []report.Covered{}
		for c, months := range s.Supplied {
			if source := household.Source(c); source.IsFlow() {
				in.Covered = append(in.Covered, report.Covered{Source: source, Months: months})
			}
		}
	}
	if s.Case != nil {
		in.Route.Days = s.Case.WindowDays
		in.History = f.history(s.Case.Case, in.Lang)
	}
	return in
}

// toldSteps are the steps of a case that a household is told of, in the words of the policy.
// Who opened which record, to whom a case was given and what the engine did by itself are
// the centre's own matter.
var toldSteps = map[review.Kind]access.Operation{
	review.Propose: access.CasePropose, review.TakeUp: access.CaseTakeUp, review.Confirm: access.CaseConfirm, review.Clear: access.CaseClear,
	review.Return: access.CaseReturn, review.Notify: access.CaseNotify, review.Object: access.ObjectionFile,
	review.DecideObjection: access.ObjectionDecide, review.Withdraw: access.AuthorizationWithdraw,
}

func (f *Front) history(c *desk.Case, lang string) []report.Step {
	var out []report.Step
	for i := range c.History {
		s := &c.History[i]
		rule, ok := toldSteps[s.Kind].Rule()
		if !ok {
			continue
		}
		what := rule.Zh
		if lang == explain.En {
			what = rule.En
		}
		out = append(out, report.Step{At: s.At.In(f.location()), By: s.Actor.Account, What: what, Reason: s.Reason})
	}
	return out
}

// Document words a verdict as a report does, for whoever shows it as a page.
func (f *Front) Document(s *desk.Sheet, lang string) (*report.Document, error) {
	return report.Build(f.ReportInput(s, lang))
}

// Compose words a report that is being issued.
func (f *Front) Compose(b *desk.ReportBasis) (*desk.Composed, error) {
	in := f.ReportInput(b.Sheet, b.Lang)
	in.Number, in.IssuedAt, in.Recipient, in.Issuer, in.Route.Days = b.Number, b.IssuedAt.In(f.location()), b.Recipient, b.By, b.ContestDays
	in.ValidUntil = report.ValidUntil(in.IssuedAt, f.ReportDays)
	d, err := report.Build(in)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("report %s: %w", b.Number, err)
	}
	return &desk.Composed{Document: text, Digest: d.DigestHex(), Code: d.Code()}, nil
}

// IssueReport implements wire.Desk.
func (f *Front) IssueReport(ctx context.Context, c wire.Caller, o wire.ReportOrder) (wire.Report, error) {
	r, err := f.Desk.IssueReport(ctx, caller(c), o.Verdict, desk.ReportOrder{Recipient: o.Recipient, Lang: o.Lang}, f.Compose)
	if err != nil {
		return wire.Report{}, told(err)
	}
	return f.issued(r), nil
}

// Reports implements wire.Desk.
func (f *Front) Reports(ctx context.Context, c wire.Caller, q wire.ReportQuery) (wire.List[wire.Report], error) {
	list, next, err := f.Desk.Reports(ctx, caller(c), desk.ReportQuery{Household: q.Household, Cursor: q.After, Limit: q.Limit})
	out := wire.List[wire.Report]{Next: next}
	for _, r := range list {
		out.Items = append(out.Items, f.issued(r))
	}
	return out, told(err)
}

// Report reads a report that was issued, for whoever shows it as a page.
func (f *Front) Report(ctx context.Context, c wire.Caller, number string) (wire.Report, *report.Document, error) {
	r, err := f.Desk.Report(ctx, caller(c), number)
	if err != nil {
		return wire.Report{}, nil, told(err)
	}
	d, err := DocumentOf(r)
	return f.issued(r), d, err
}

// DocumentOf is what was issued, which no longer is what it was when its digest is another.
func DocumentOf(r *desk.Issued) (*report.Document, error) {
	var d report.Document
	// The decoder's words may quote it.
	if json.Unmarshal(r.Document, &d) != nil || d.DigestHex() != r.Digest {
		return nil, fmt.Errorf("report %s is not what was issued", r.Number)
	}
	return &d, nil
}

// PrintReport implements wire.Desk.
func (f *Front) PrintReport(ctx context.Context, c wire.Caller, p wire.ReportPrint) (wire.PrintedReport, error) {
	r, d, err := f.Report(ctx, c, p.Number)
	if err != nil {
		return wire.PrintedReport{}, err
	}
	mime, known := forms[p.Form]
	if !known {
		return wire.PrintedReport{}, wire.Refuse(wire.InvalidField, "query.form:not_one_of")
	}
	if f.Printer == nil {
		return wire.PrintedReport{}, wire.Refuse(wire.StateRefuses, "query.form:not_available")
	}
	content, err := f.Printer.Print(ctx, d, p.Form)
	if errors.Is(err, ErrNoPrinter) {
		return wire.PrintedReport{}, errors.Join(wire.Refuse(wire.StateRefuses, "query.form:not_available"), err)
	}
	return wire.PrintedReport{Report: r, Type: mime, Content: content}, err
}

func (f *Front) issued(r *desk.Issued) wire.Report {
	return wire.Report{
		Number: r.Number, Verdict: r.Verdict, Household: r.Household, Scheme: r.Scheme, Division: r.Division, Recipient: r.Recipient,
		Lang: r.Lang, Digest: r.Digest, Code: r.Code, IssuedBy: r.By, IssuedAt: f.at(r.At),
	}
}
