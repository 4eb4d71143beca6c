package desk

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/review"
)

// Objection is what a household says against a record.
type Objection struct {
	ID, Case, Household, Scheme, Division string

	Number         int // of the evidence in the verdict
	State          review.ObjectionState
	Ground         string         // in the household's words
	Filed, Decided ledger.Instant // Decided is 0 while it is open
	FiledBy, By    string         // accounts that took it down and that decided
	Reason         string         // of the decision
}

func objectionOf(o *ledger.Objection, s *storedObjection, scheme string) *Objection {
	return &Objection{
		ID: o.ID, Case: o.Case, Household: o.Household, Scheme: scheme, Division: o.Division, Number: s.Evidence, State: review.ObjectionState(o.State),
		Ground: s.Ground, Filed: o.At, Decided: ledger.Instant(s.DecidedAt), FiledBy: s.FiledBy, By: s.DecidedBy, Reason: s.Reason,
	}
}

// FileObjection takes an objection down, which needs no proof. From the moment that it
// returns the record counts for nothing: the household is verified again without it in
// the same call, and where that can't be done now it stays a task.
func (d *Desk) FileObjection(ctx context.Context, c Caller, id string, evidence int, ground string) (*Objection, error) {
	s, _, e, err := d.seen(ctx, &c, access.ObjectionFile, id, ground)
	if err != nil {
		return nil, err
	}
	if s.Case.Seeded { // there is nobody who could
		return nil, d.deny(e, access.Decision{Reason: access.ReasonOutside, Hide: true})
	}
	b, ok := s.numbered(evidence)
	if !ok {
		return nil, &Refusal{Code: InvalidField, Fields: []string{"evidence: not one that the case rests on"}}
	}
	key, err := b.Record.key()
	if err != nil {
		return nil, err
	}
	now := ledger.At(d.o.Now())
	o := &ledger.Objection{
		ID: newID(), Case: id, Household: s.Case.Household, Division: s.entry.Division, Record: personOf(d.o.Ledger, key),
		State: objectionOpen, At: now,
	}
	body := storedObjection{Record: b.Record, Ref: b.Ref, Verdict: s.Case.Verdict, Evidence: evidence, Ground: strings.TrimSpace(ground), FiledBy: c.Account}
	if o.Body, err = json.Marshal(body); err != nil {
		return nil, err
	}
	event := review.Event{Kind: review.Object, Actor: c.actor(), At: now.Time(), Objection: o.ID, Record: b.Ref, Reason: body.Ground}
	if err := d.apply(ctx, &c, e, s, event, []ledger.Op{ledger.Put(o)}); err != nil {
		return nil, err
	}
	return objectionOf(o, &body, s.Case.Scheme), nil
}

// numbered is the record of a number of evidence among those that the case rests on.
func (s *storedCase) numbered(n int) (*bearing, bool) {
	for _, r := range s.Case.LoadBearing {
		if b, ok := s.record(r.Ref); ok && b.Number == n {
			return b, true
		}
	}
	return nil, false
}

// DecideObjection upholds or rejects an objection. What is upheld becomes a ticket to the
// department, and every verdict that used the record is opened again.
func (d *Desk) DecideObjection(ctx context.Context, c Caller, id string, upheld bool, reason string) (*Objection, error) {
	o, err := d.objection(ctx, &c, access.ObjectionDecide, id)
	if err != nil {
		return nil, err
	}
	s, _, e, err := d.seen(ctx, &c, access.ObjectionDecide, o.Case, reason)
	if err != nil {
		return nil, err
	}
	e.Object = o.ID
	body, err := objectionBody(o)
	if err != nil {
		return nil, err
	}
	now := ledger.At(d.o.Now())
	body.DecidedBy, body.DecidedAt, body.Reason = c.Account, int64(now), strings.TrimSpace(reason)
	o.State = objectionRejected
	if upheld {
		o.State = objectionUpheld
	}
	if o.Body, err = json.Marshal(body); err != nil {
		return nil, err
	}
	event := review.Event{Kind: review.DecideObjection, Actor: c.actor(), At: now.Time(), Objection: o.ID, Upheld: upheld, Reason: body.Reason}
	if err := d.apply(ctx, &c, e, s, event, []ledger.Op{ledger.Put(o)}); err != nil {
		return nil, err
	}
	return objectionOf(o, body, s.Case.Scheme), nil
}

// objection reads an objection that the caller's role may do something to. Whether they
// may know of this one, its case says.
func (d *Desk) objection(ctx context.Context, c *Caller, op access.Operation, id string) (*ledger.Objection, error) {
	if err := d.may(c, op, ""); err != nil {
		return nil, err
	}
	o, err := find[ledger.Objection](ctx, d.o.Ledger, id)
	if err == nil && o == nil {
		err = d.deny(c.event(op, ""), access.Decision{Reason: access.ReasonOutside, Hide: true})
	}
	return o, err
}

// Objection reads an objection.
func (d *Desk) Objection(ctx context.Context, c Caller, id string) (*Objection, error) {
	o, err := d.objection(ctx, &c, access.ObjectionRead, id)
	if err != nil {
		return nil, err
	}
	s, _, e, err := d.seen(ctx, &c, access.ObjectionRead, o.Case, "")
	if err != nil {
		return nil, err
	}
	body, err := objectionBody(o)
	if err != nil {
		return nil, err
	}
	e.Object, e.Outcome = o.ID, audit.Done
	return objectionOf(o, body, s.Case.Scheme), d.note(e)
}

// ObjectionsTo are those to a case, oldest first.
func (d *Desk) ObjectionsTo(ctx context.Context, c Caller, id string) ([]Objection, error) {
	s, _, e, err := d.seen(ctx, &c, access.ObjectionRead, id, "")
	if err != nil {
		return nil, err
	}
	var out []Objection
	err = ledger.All(ctx, d.o.Ledger, ledger.ObjectionsTo(id), func(o *ledger.Objection) error {
		body, err := objectionBody(o)
		if err == nil {
			out = append(out, *objectionOf(o, body, s.Case.Scheme))
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	e.Outcome = audit.Done
	return out, d.note(e)
}

// ObjectionQuery selects objections: those of a household, newest first, or those in one
// state of a division and below it, oldest first.
type ObjectionQuery struct {
	Household string
	State     review.ObjectionState // "" is Open; not asked of a household
	Division  string                // "" is the caller's own
	Mine      bool                  // only to cases that are assigned to the caller
	Cursor    string
	Limit     int
}

// Objections lists objections, without those that the caller must not know of.
func (d *Desk) Objections(ctx context.Context, c Caller, q ObjectionQuery) (list []*Objection, next string, err error) {
	if err := d.may(&c, access.ObjectionList, ""); err != nil {
		return nil, "", err
	}
	e := c.event(access.ObjectionList, "")
	if q.Division == "" {
		q.Division = c.Division
	}
	if q.State == "" {
		q.State = review.Open
	}
	var query ledger.Query
	switch {
	case q.Household != "":
		query = ledger.ObjectionsOf(q.Household)
	case !access.Within(q.Division, c.Division):
		return nil, "", d.deny(e, access.Decision{Reason: access.ReasonOutside, Hide: true})
	default:
		query = ledger.ObjectionsIn(access.Significant(q.Division), string(q.State))
	}
	query.Cursor, query.Limit = q.Cursor, q.Limit
	subjects := map[string]audit.Subject{}
	list, next, err = listed(query, func(q ledger.Query) ([]*ledger.Objection, string, error) {
		return ledger.List[ledger.Objection](ctx, d.o.Ledger, q)
	}, func(o *ledger.Objection) (*Objection, bool, error) {
		s, err := readCase(ctx, d.o.Ledger, o.Case)
		if err != nil || s == nil || q.Mine && (c.Person == "" || s.Case.Assignee != c.Person) {
			return nil, false, err
		}
		if !access.Decide(c.Subject, access.ObjectionList, s.object()).Allow {
			return nil, false, nil
		}
		body, err := objectionBody(o)
		if err != nil {
			return nil, false, err
		}
		subjects[o.ID] = s.subject()
		return objectionOf(o, body, s.Case.Scheme), true, nil
	})
	if err != nil {
		return nil, "", err
	}
	for _, o := range list {
		e.Subjects = append(e.Subjects, subjects[o.ID])
	}
	e.Outcome = audit.Done
	return list, next, d.note(e)
}
