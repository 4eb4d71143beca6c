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
	ID, Case, Household string
	Number              int // of the evidence in the verdict
	State               review.ObjectionState
	Filed, Decided      ledger.Instant // Decided is 0 while it is open
	By                  string         // account that decided
}

func objectionOf(o *ledger.Objection, s *storedObjection) *Objection {
	return &Objection{o.ID, o.Case, o.Household, s.Evidence, review.ObjectionState(o.State), o.At, ledger.Instant(s.DecidedAt), s.DecidedBy}
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
	return objectionOf(o, &body), nil
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
	return objectionOf(o, body), nil
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
	_, _, e, err := d.seen(ctx, &c, access.ObjectionRead, o.Case, "")
	if err != nil {
		return nil, err
	}
	body, err := objectionBody(o)
	if err != nil {
		return nil, err
	}
	e.Object, e.Outcome = o.ID, audit.Done
	return objectionOf(o, body), d.note(e)
}

// Objections are those to a case, oldest first.
func (d *Desk) Objections(ctx context.Context, c Caller, id string) ([]Objection, error) {
	_, _, e, err := d.seen(ctx, &c, access.ObjectionRead, id, "")
	if err != nil {
		return nil, err
	}
	var out []Objection
	err = ledger.All(ctx, d.o.Ledger, ledger.ObjectionsTo(id), func(o *ledger.Objection) error {
		body, err := objectionBody(o)
		if err == nil {
			out = append(out, *objectionOf(o, body))
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	e.Outcome = audit.Done
	return out, d.note(e)
}
