package desk

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
)

// ReportOrder says what report is wanted of a verdict.
type ReportOrder struct {
	Recipient string // to whom it is given, in words; never a number of a document
	Lang      string // zh or en; "" is zh
}

// ReportBasis is what a report is made of.
type ReportBasis struct {
	*Sheet // its masks are those of a report

	Number      string
	IssuedAt    time.Time // at the centre
	By          string    // account that issues it
	Recipient   string
	Lang        string
	ContestDays int // how long the household may contest what is confirmed
}

// Composed is a report in words.
type Composed struct {
	// Document is the report as it is kept: whatever it is printed in is made from it.
	Document []byte
	Digest   string // of its content
	Code     string // the part of the digest that people compare
}

// Compose makes a report of its basis. It must not keep anything of it.
type Compose func(*ReportBasis) (*Composed, error)

// Issued is a report that was given to somebody.
type Issued struct {
	Number, Verdict, Household, Scheme, Division string

	Recipient, Lang string
	Digest, Code    string
	By              string // account
	At              ledger.Instant
	Document        []byte // as it was composed; nil in a list
}

// What the log has of reports that are refused, beside the refusals of the policy.
const (
	noReport        = "no_report"
	reportWithdrawn = "authorization_withdrawn"
)

// Longest recipient, in characters, and largest report, which stands in the ledger beside
// its fields.
const (
	maxRecipient = 100
	maxDocument  = 880 << 10
)

// IssueReport issues a report of a verdict: the one where its household stands, under an
// authorisation that nobody withdrew. It is in the audit log and in the ledger before
// anybody has it. compose words it.
func (d *Desk) IssueReport(ctx context.Context, c Caller, verdict string, o ReportOrder, compose Compose) (*Issued, error) {
	if o.Lang == "" {
		o.Lang = "zh"
	}
	o.Recipient = strings.TrimSpace(o.Recipient)
	s, e, err := d.sheet(ctx, &c, access.ReportIssue, verdict)
	if err != nil {
		return nil, err
	}
	if wrong := o.wrong(); wrong != "" {
		return nil, &Refusal{Code: InvalidField, Fields: []string{wrong}}
	}
	if !s.reportable() {
		e.Outcome, e.Code = audit.Denied, noReport
		return nil, errors.Join(refuse(StateRefuses, noReport), d.note(e))
	}
	e.Fields = []string{"name", "amount"} // in full
	for range attempts {
		out, change, err := d.compose(&c, s, o, compose)
		if err != nil {
			return nil, err
		}
		e.Object = out.Number
		// What it rests on is still so: an authorisation withdrawn meanwhile wins.
		if err := d.requireWarrant(ctx, s, change); err != nil {
			return nil, err
		}
		err = d.commit(ctx, e, *change)
		if refused, ok := Refused(err); ok && refused.Code == Changed {
			continue // it was withdrawn, a member signed, or the number is taken
		}
		if err != nil {
			return nil, err
		}
		return out, nil
	}
	return nil, refuse(Changed, "")
}

// wrong is what is wrong with an order, "" for nothing.
func (o *ReportOrder) wrong() string {
	switch {
	case o.Lang != "zh" && o.Lang != "en":
		return "lang: zh or en"
	case o.Recipient == "":
		return "recipient: required"
	case utf8.RuneCountInString(o.Recipient) > maxRecipient || !utf8.ValidString(o.Recipient):
		return "recipient: at most 100 characters"
	case strings.ContainsFunc(o.Recipient, unicode.IsControl):
		return "recipient: one line"
	case holdsResident(o.Recipient):
		return "recipient: no number of a document"
	}
	return ""
}

// reportable reports whether there may be a report of a verdict. Why not shows on the
// sheet; the refusal says it for none, so that a planted case, of which there is no report
// either, is refused as any other.
func (s *Sheet) reportable() bool {
	return !s.planted && s.Authorization.Registered && s.Authorization.State != WithdrawnByThem && // a term that is over only ends checks
		s.Verdict.Outcome != household.Refused && s.Request != nil && // what nobody looked up is no evidence
		s.Replaced == "" && (s.Case == nil || !s.Case.Awaiting) // another verdict stands, or is on its way
}

// requireWarrant adds to a change that the authorisation is as it was read.
func (d *Desk) requireWarrant(ctx context.Context, s *Sheet, change *ledger.Change) error {
	a, err := readAuthorization(ctx, d.o.Ledger, s.Authorization.Number)
	if err != nil {
		return err
	}
	if a == nil || a.Withdrawn != nil {
		return refuse(StateRefuses, noReport)
	}
	change.Requires = append(change.Requires, ledger.RequireSame(a.entry))
	return nil
}

// compose makes a report and the change that keeps it.
func (d *Desk) compose(c *Caller, s *Sheet, o ReportOrder, compose Compose) (*Issued, *ledger.Change, error) {
	now := ledger.At(d.o.Now())
	basis := &ReportBasis{
		Sheet: s, Number: reportNumber(s.Division, d.today(now.Time())), IssuedAt: now.Time().In(d.o.Location), By: c.Account,
		Recipient: o.Recipient, Lang: o.Lang, ContestDays: d.o.Limits.WindowDays,
	}
	if s.Case != nil && s.Case.WindowDays > 0 {
		basis.ContestDays = s.Case.WindowDays
	}
	made, err := compose(basis)
	if err != nil {
		return nil, nil, fmt.Errorf("report of verdict %s: %w", s.ID, err)
	}
	if len(made.Document) > maxDocument {
		return nil, nil, refuse(TooLarge, "")
	}
	r := &ledger.IssuedReport{
		Number: basis.Number, Verdict: s.ID, Household: s.Household, Authorization: s.Authorization.Number, Scheme: s.Scheme, Division: s.Division,
		Recipient: o.Recipient, Language: o.Lang, Digest: made.Digest, Code: made.Code, By: c.Account, At: now,
	}
	r.Body = made.Document
	return issuedOf(r), &ledger.Change{Ops: []ledger.Op{ledger.Put(r)}}, nil
}

func issuedOf(r *ledger.IssuedReport) *Issued {
	return &Issued{
		Number: r.Number, Verdict: r.Verdict, Household: r.Household, Scheme: r.Scheme, Division: r.Division, Recipient: r.Recipient,
		Lang: r.Language, Digest: r.Digest, Code: r.Code, By: r.By, At: r.At, Document: r.Body,
	}
}

// Report reads a report that was issued. It is the same for ever, whatever became of the
// verdict, until the dossier goes.
func (d *Desk) Report(ctx context.Context, c Caller, number string) (*Issued, error) {
	e := c.event(access.ReportRead, "")
	if err := d.may(&c, access.ReportRead, ""); err != nil {
		return nil, err
	}
	var r *ledger.IssuedReport
	var err error
	if keyable(number) {
		if r, err = find[ledger.IssuedReport](ctx, d.o.Ledger, number); err != nil {
			return nil, err
		}
	}
	if r == nil {
		return nil, d.deny(e, access.Decision{Reason: access.ReasonOutside, Hide: true})
	}
	e = c.event(access.ReportRead, r.Number, audit.Subject{Household: r.Household, Authorization: r.Authorization})
	e.Purpose = word(r.Scheme)
	if _, err := d.decide(&c, access.ReportRead, access.Object{Division: r.Division, Purpose: r.Scheme}, e); err != nil {
		return nil, err
	}
	a, err := readAuthorization(ctx, d.o.Ledger, r.Authorization)
	if err != nil {
		return nil, err
	}
	if a == nil || a.Withdrawn != nil { // the household has its paper; the centre looks no more
		e.Outcome, e.Code = audit.Denied, reportWithdrawn
		return nil, errors.Join(refuse(StateRefuses, reportWithdrawn), d.note(e))
	}
	e.Fields, e.Outcome = []string{"name", "amount"}, audit.Done
	return issuedOf(r), d.note(e)
}

// ReportQuery selects reports: those of a household, or of a division and below it.
type ReportQuery struct {
	Household string
	Division  string // "" is the caller's own
	Cursor    string
	Limit     int
}

// Reports lists what was issued, newest first, without the reports themselves and
// without those that the caller must not know of.
func (d *Desk) Reports(ctx context.Context, c Caller, q ReportQuery) (list []*Issued, next string, err error) {
	if err := d.may(&c, access.ReportList, ""); err != nil {
		return nil, "", err
	}
	e := c.event(access.ReportList, "")
	var query ledger.Query
	switch {
	case q.Household != "":
		query = ledger.ReportsOf(q.Household)
	case q.Division != "" && !access.Within(q.Division, c.Division):
		return nil, "", d.deny(e, access.Decision{Reason: access.ReasonOutside, Hide: true})
	case q.Division != "":
		query = ledger.ReportsIn(access.Significant(q.Division))
	default:
		query = ledger.ReportsIn(access.Significant(c.Division))
	}
	query.Cursor, query.Limit, query.Bare = q.Cursor, q.Limit, true
	subjects := map[string]audit.Subject{}
	list, next, err = listed(query, func(q ledger.Query) ([]*ledger.IssuedReport, string, error) {
		return ledger.List[ledger.IssuedReport](ctx, d.o.Ledger, q)
	}, func(r *ledger.IssuedReport) (*Issued, bool, error) {
		seen := access.Decide(c.Subject, access.ReportList, access.Object{Division: r.Division, Purpose: r.Scheme}).Allow
		subjects[r.Number] = audit.Subject{Household: r.Household, Authorization: r.Authorization}
		return issuedOf(r), seen, nil
	})
	if err != nil {
		return nil, "", err
	}
	for _, r := range list {
		if s := subjects[r.Number]; !slices.Contains(e.Subjects, s) {
			e.Subjects = append(e.Subjects, s)
		}
	}
	e.Outcome = audit.Done
	return list, next, d.note(e)
}

// reportNumber is the number of a new report: the place, the day, and what nobody can
// guess. Nothing of it is of a person, and no run of digits is long enough to be taken for
// a resident's number.
func reportNumber(division string, day household.Date) string {
	var b [10]byte
	_, _ = rand.Read(b[:]) // never fails
	for i := range b {
		b[i] = numberSigns[b[i]%32]
	}
	return fmt.Sprintf("HD%s-%08d-%s-%s", access.County(division), int(day), b[:5], b[5:])
}

// numberSigns are digits and letters without those that look alike.
const numberSigns = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
