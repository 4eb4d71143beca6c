package desk

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/export"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/register"
	"github.com/hedui/hedui/engine/review"
)

// Shelf keeps the marks of what leaves the centre; *export.Shelf is one.
type Shelf interface {
	Key() export.Key
	Keep(m *export.Marks) error
}

// QueueExports holds what has left the centre: for whom, and why.
const QueueExports = "exports"

// NoticeQuery says what a public notice is of, and for whom the copy is.
type NoticeQuery struct {
	Division  string
	Scheme    string
	From, To  household.Date // in which it came out that all is in order, both included
	Recipient string         // who puts the notice up
	Objects   string         // where to object, for people
	Reason    string
	Days      int // how long it is up; 0 is a week
	// Places are names of villages, communities and towns by the digits of their codes that
	// say something, as far as they are known.
	Places map[string]string
}

// PublicNotice is a copy of a notice, its entries in the order of the recipient.
type PublicNotice struct {
	export.Slip
	export.Notice

	Division, Scheme string
	Entries          []export.NoticeEntry
}

// Foot is what people read below it.
func (n *PublicNotice) Foot(where *time.Location) []string {
	return append(n.Slip.Foot(where), n.Notice.Foot()...)
}

// mostNoticed is how many households one notice has. More is asked for by division.
const mostNoticed = 20_000

// How long a notice is up, in days.
const (
	aWeek    = 7
	mostDays = 60
)

// mostRemarked is how long a text that says why or for whom may be, in characters.
const mostRemarked = 500

// storedExport is the body of the task that says what has left.
type storedExport struct {
	Kind      string `json:"kind"`
	Scheme    string `json:"scheme"`
	From      string `json:"from"`
	To        string `json:"to"`
	Recipient string `json:"recipient"`
	Reason    string `json:"reason"`
	By        string `json:"by"`
	Rows      int    `json:"rows"`
}

// PublicNotice makes the list of a public notice (公示). On it stands a household of the
// division and below it, in the scheme, when
//   - its standing verdict is no_discrepancy, of a day in the period, and nobody decides
//     about it any more: there is no case, or it is closed, or confirmed as just that; or
//   - its standing verdict is another one, and its case was cleared on a day in the period.
//
// It does not stand on it while somebody still decides or objects, when its authorisation
// was withdrawn, or when it is to be verified again. Of whoever stands on it the notice says
// what export.NoticeEntry has, and nothing else. The marks of the copy, the audit log and
// the ledger have it before it is answered.
func (d *Desk) PublicNotice(ctx context.Context, c Caller, q NoticeQuery) (*PublicNotice, error) {
	e := c.event(access.PublicNotice, "")
	if err := d.may(&c, access.PublicNotice, ""); err != nil {
		return nil, err
	}
	division := cmp.Or(q.Division, c.Division)
	e.Object, e.Purpose = word(division), word(q.Scheme)
	decision, err := d.reasoned(&c, access.PublicNotice, access.Object{Division: division, Purpose: q.Scheme}, e, q.Reason)
	if err != nil {
		return nil, err
	}
	if decision.Masks[access.FieldName] != access.Full {
		return nil, errors.New("internal: the policy shows no name on a public notice")
	}
	if r := q.wrong(); r != nil {
		return nil, r
	}
	if d.o.Exports == nil {
		return nil, errors.New("this desk has no shelf for the marks of exports")
	}
	found, err := d.noticed(ctx, division, &q)
	if err != nil {
		return nil, err
	}
	n := &PublicNotice{Division: division, Scheme: q.Scheme, Notice: export.Notice{From: q.From, To: q.To, Days: cmp.Or(q.Days, aWeek), Objects: q.Objects}}
	n.Slip = export.Slip{Number: newID(), Recipient: q.Recipient, Purpose: q.Reason, By: c.Account, At: ledger.At(d.o.Now()).Time()}
	marks := export.NewMarks(n.Slip)
	for i := range found {
		marks.Take(d.o.Exports.Key(), found[i].entry.Cells())
	}
	for _, i := range d.o.Exports.Key().Order(&n.Slip, len(found)) {
		n.Entries = append(n.Entries, found[i].entry)
	}
	if err := d.o.Exports.Keep(marks); err != nil {
		return nil, err
	}
	if err := d.noteExport(ctx, e, n, found, &q); err != nil {
		return nil, err
	}
	return n, nil
}

// wrong is what is wrong with a query.
func (q *NoticeQuery) wrong() *Refusal {
	var fields []string
	for _, f := range []struct {
		wrong bool
		text  string
	}{
		{q.From == 0, "from: give the first day"},
		{q.To == 0 || q.To < q.From, "to: give the last day, not before the first"},
		{blank(q.Recipient), "recipient: say who puts the notice up"},
		{blank(q.Objects), "objects: say where to object"},
		{q.Days < 0 || q.Days > mostDays, "days: give how many it is up, at most 60"},
		{utf8.RuneCountInString(q.Reason) > mostRemarked, "reason: say it in fewer words"},
	} {
		if f.wrong {
			fields = append(fields, f.text)
		}
	}
	if fields == nil {
		return nil
	}
	return &Refusal{Code: InvalidField, Fields: fields}
}

func blank(s string) bool {
	return strings.TrimSpace(s) == "" || utf8.RuneCountInString(s) > mostRemarked
}

// noticed is a household on a notice.
type noticed struct {
	entry   export.NoticeEntry
	subject audit.Subject
	code    string // of its division
}

// noticed are the households on a notice, in an order that does not depend on whom it is
// for.
func (d *Desk) noticed(ctx context.Context, division string, q *NoticeQuery) ([]noticed, error) {
	var out []noticed
	var decoder register.Decoder
	err := ledger.All(ctx, d.o.Ledger, ledger.HouseholdsIn(access.Significant(division)), func(h *ledger.Household) error {
		if h.Scheme != q.Scheme {
			return nil
		}
		var s register.State
		if err := decoder.Decode(h.Body, &s); err != nil {
			return err
		}
		in, err := d.inOrder(ctx, h, &s, q)
		if !in || err != nil {
			return err
		}
		entry, err := d.noticeEntry(ctx, h, s.Asked, q)
		if err != nil {
			return err
		}
		if out = append(out, noticed{*entry, audit.Subject{Household: h.Number, Authorization: h.Authorization}, h.Division}); len(out) > mostNoticed {
			return refuse(TooLarge, "")
		}
		return nil
	})
	slices.SortFunc(out, func(a, b noticed) int {
		return cmp.Or(
			cmp.Compare(a.code, b.code), cmp.Compare(a.entry.Place, b.entry.Place), cmp.Compare(a.entry.Applicant, b.entry.Applicant),
			cmp.Compare(a.entry.Members, b.entry.Members), cmp.Compare(a.subject.Household, b.subject.Household))
	})
	return out, err
}

// inOrder reports whether it came out in the period that all is in order.
func (d *Desk) inOrder(ctx context.Context, h *ledger.Household, s *register.State, q *NoticeQuery) (bool, error) {
	within := func(day household.Date) bool { return day >= q.From && day <= q.To }
	unsuspicious := h.Outcome == household.NoDiscrepancy.String()
	if s.Stale || unsuspicious && !within(h.On) {
		return false, nil
	}
	last, err := lastCase(ctx, d.o.Ledger, h.Number, h.Scheme)
	if err != nil {
		return false, err
	}
	switch {
	case last == nil:
		if !unsuspicious {
			return false, nil
		}
	case !last.Case.State.Closed() && (last.Case.State != review.Confirmed || last.Case.Outcome != household.NoDiscrepancy):
		return false, nil // somebody decides, or objects
	case !unsuspicious:
		cleared := last.Case.State == review.Cleared && last.Case.Verdict == h.Verdict && !last.Case.Awaiting
		if !cleared || !within(d.today(decidedAt(&last.Case))) {
			return false, nil
		}
	}
	a, err := readAuthorization(ctx, d.o.Ledger, h.Authorization)
	return a != nil && a.Withdrawn == nil && err == nil, err
}

// decidedAt is when people decided a case last; zero when they have not.
func decidedAt(c *review.Case) time.Time {
	for _, s := range slices.Backward(c.History) {
		if s.To == review.Confirmed && s.Kind == review.Confirm || s.To == review.Cleared && s.Kind == review.Clear {
			return s.At
		}
	}
	return time.Time{}
}

// noticeEntry is what stands on the notice of a household: of what it declared, who applies
// and how many they are.
func (d *Desk) noticeEntry(ctx context.Context, h *ledger.Household, asked string, q *NoticeQuery) (*export.NoticeEntry, error) {
	r, err := find[ledger.Request](ctx, d.o.Ledger, asked)
	if err != nil {
		return nil, err
	}
	if r == nil {
		return nil, refuse(NotHeld, "") // erased by a rule of retention
	}
	said, err := declarationIn(r)
	if err != nil {
		return nil, err
	}
	request, err := household.ParseRequest(said.Line)
	if err != nil || len(request.Members) == 0 {
		return nil, errors.New("request " + r.ID + " is not one")
	}
	e := &export.NoticeEntry{Scheme: h.Scheme, Place: export.Place(access.Significant(h.Division), h.On, q.Places)}
	head, _ := household.Relations.Named("head")
	e.Applicant = request.Members[0].Name
	for i := range request.Members {
		m := &request.Members[i]
		if m.Relation == head {
			e.Applicant = m.Name
		}
		if m.Excluded == 0 {
			e.Members++
		}
	}
	return e, nil
}

// noteExport takes down what leaves, in the audit log and in the ledger.
func (d *Desk) noteExport(ctx context.Context, e audit.Event, n *PublicNotice, found []noticed, q *NoticeQuery) error {
	task := &ledger.Task{ID: n.Number, Queue: QueueExports, State: TaskDone, Division: access.Significant(n.Division), At: ledger.At(n.At)}
	var err error
	task.Body, err = json.Marshal(storedExport{
		Kind: access.PublicNotice.String(), Scheme: n.Scheme, From: n.From.String(), To: n.To.String(),
		Recipient: n.Recipient, Reason: q.Reason, By: n.By, Rows: len(n.Entries),
	})
	if err != nil {
		return err
	}
	e.Object, e.Fields, e.Outcome = n.Number, []string{"name"}, audit.Done
	for part := range slices.Chunk(found, mostSubjects) {
		if len(part) == mostSubjects {
			e.Subjects = subjects(part)
			if err := d.note(e); err != nil {
				return err
			}
		}
	}
	e.Subjects = subjects(found[len(found)/mostSubjects*mostSubjects:])
	return d.commit(ctx, e, ledger.Change{Ops: []ledger.Op{ledger.Put(task)}})
}

// mostSubjects is how many households one event of the audit log is about.
const mostSubjects = 4096

func subjects(list []noticed) []audit.Subject {
	out := make([]audit.Subject, len(list))
	for i := range list {
		out[i] = list[i].subject
	}
	return out
}
