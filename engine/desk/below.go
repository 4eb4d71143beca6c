package desk

import (
	"context"
	"errors"
	"slices"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/authorization"
	"github.com/hedui/hedui/engine/dock"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/engine/store"
)

// DockCatalogue tells a node below what this one holds, signed. It says nothing of anybody.
func (d *Desk) DockCatalogue(ctx context.Context, c Caller, nonce string) (out *dock.Sealed, err error) {
	g, err := d.below(ctx, &c, access.DockCatalogue)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.current.release(g)) }()
	e := c.event(access.DockCatalogue, g.id)
	e.Outcome = audit.Done
	if err := d.note(e); err != nil {
		return nil, err
	}
	var sources [household.NumChecked]bool
	copy(sources[:], c.Classes[:])
	return dock.SealCatalogue(d.o.Answers, g.Manifest(), sources, nonce, d.o.Now())
}

// below takes hold of the generation that answers a node below, if that may ask at all.
func (d *Desk) below(ctx context.Context, c *Caller, op access.Operation) (*generation, error) {
	if err := d.may(c, op, ""); err != nil {
		return nil, err
	}
	if d.o.Answers == nil {
		return nil, refuse(StateRefuses, "answers_nobody")
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	g, err := d.current.acquire()
	if errors.Is(err, store.ErrNoCurrent) {
		return nil, refuse(StateRefuses, "nothing_published")
	}
	return g, err
}

// DockEvidence tells a node below what this one holds of some people, signed. The word of
// the node that asks is never enough: the authorisation is judged here, by the register of
// this node, which takes one in that the question brings when it lies in the node's
// division. The look is taken down before anything is read.
func (d *Desk) DockEvidence(ctx context.Context, c Caller, q *dock.Question) (out *dock.Sealed, err error) {
	g, err := d.below(ctx, &c, access.DockEvidence)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.current.release(g)) }()
	asked, err := d.read(q)
	if err != nil {
		return nil, err
	}
	if q.Generation != g.id {
		return nil, refuse(Changed, "generation")
	}
	if len(q.Paper) > 0 {
		if err := d.takePaper(ctx, &c, q); err != nil {
			return nil, err
		}
	}
	e := c.event(access.DockEvidence, "", audit.Subject{Household: number(q.Household), Authorization: number(q.Authorization)})
	e.Purpose = word(q.Scheme)
	r, code, err := d.judgeBelow(ctx, &c, asked, e)
	if err != nil {
		return nil, err
	}
	if code != "" {
		return dock.SealRefusal(d.o.Answers, q, g.id, string(code), d.o.Now())
	}
	return d.answerBelow(ctx, g, r, asked, &e)
}

// fromBelow is a question that can be judged.
type fromBelow struct {
	*dock.Question

	keys    []household.PersonKey
	sources [household.NumChecked]bool
	on      household.Date
}

func (d *Desk) read(q *dock.Question) (*fromBelow, error) {
	bad := func(field string) error { return &Refusal{Code: InvalidField, Fields: []string{field}} }
	out := &fromBelow{Question: q}
	var err error
	var ok bool
	switch out.keys, err = q.Keys(); {
	case err != nil:
		return nil, bad("persons: keys of people")
	case number(q.Household) != q.Household || q.Household == "":
		return nil, bad("household: a number")
	case number(q.Authorization) != q.Authorization || q.Authorization == "":
		return nil, bad("authorization: a number")
	case word(q.Scheme) == "":
		return nil, bad("scheme: unknown")
	}
	if out.sources, err = q.Set(); err != nil {
		return nil, bad("sources: unknown")
	}
	if out.on, ok = household.ParseDate([]byte(q.On)); !ok {
		return nil, bad("on: a day")
	}
	return out, nil
}

// judgeBelow judges a question by the authorisation that this node has. What the node
// below may not know of is answered as what is not there.
func (d *Desk) judgeBelow(ctx context.Context, c *Caller, q *fromBelow, e audit.Event) (*registered, authorization.Code, error) {
	now := d.o.Now()
	r, err := readAuthorization(ctx, d.o.Ledger, q.Authorization)
	if err != nil {
		return nil, "", err
	}
	claim := authorization.Query{
		Number: q.Authorization, Household: q.Household, Members: q.keys, Purpose: q.Scheme, ClassesGiven: true, On: q.on, At: now, Division: q.Division,
	}
	copy(claim.Classes[:], q.sources[:])
	var held *authorization.Authorization
	why := ""
	if r != nil {
		decision := access.Decide(c.Subject, access.DockEvidence, access.Object{Division: r.Division, Purpose: q.Scheme, Classes: access.Classes(claim.Classes)})
		switch {
		case decision.Allow:
			held = &r.Authorization
		case !decision.Hide:
			return nil, "", d.deny(e, decision)
		default:
			why = string(decision.Reason)
		}
	}
	code, _ := authorization.Judge(held, claim)
	if code == "" {
		return r, "", nil
	}
	e.Outcome, e.Code = audit.Denied, string(code)
	if why != "" { // the log knows better
		e.Code = why
	}
	return nil, code, d.note(e)
}

// answerBelow reads what is held of the people of a question.
func (d *Desk) answerBelow(ctx context.Context, g *generation, r *registered, q *fromBelow, e *audit.Event) (*dock.Sealed, error) {
	token, err := d.o.Audit.Begin(audit.Look{
		Who: e.Who, Action: e.Operation, Request: e.Request, Purpose: e.Purpose, Generation: g.id, On: q.on, Batch: "dock",
		Reveal: true, Fields: slices.Clone(q.Sources), Subjects: []audit.Subject{{Household: r.Household, Authorization: r.Number}},
	})
	if err != nil {
		return nil, &AuditError{err}
	}
	entries, err := d.entriesOf(ctx, g, q)
	if err == nil {
		// What was withdrawn or amended meanwhile is judged again when it is asked again.
		var again *registered
		if again, err = readAuthorization(ctx, d.o.Ledger, r.Number); err == nil && (again == nil || again.entry.Version != r.entry.Version) {
			err = refuse(Changed, "authorization")
		}
	}
	if err != nil {
		return nil, errors.Join(err, d.end(token, nil))
	}
	out, err := dock.SealAnswer(d.o.Answers, q.Question, g.id, entries, d.o.Now())
	if err != nil {
		return nil, errors.Join(err, d.end(token, nil))
	}
	return out, d.end(token, make([]household.Outcome, 1)) // it comes to no outcome here
}

// entriesOf are what is held of each person, of the sources asked for and no others.
func (d *Desk) entriesOf(ctx context.Context, g *generation, q *fromBelow) ([][]byte, error) {
	out := make([][]byte, len(q.keys))
	var b profile.Builder
	for i, key := range q.keys {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		entry, err := engine.Entry(g.Generation, key)
		if err != nil {
			return nil, err
		}
		if entry == nil {
			continue
		}
		b.Reset()
		err = b.Take(entry, func(s household.Source, snapshot, _ int, _ int64) (int, bool) {
			return snapshot, s < household.NumChecked && q.sources[s]
		})
		if err != nil {
			return nil, err
		}
		if !b.Empty() {
			out[i] = b.Append(nil)
		}
	}
	return out, nil
}

// takePaper registers the authorisation that a question brings, under the account of the
// node that asks and within its division. A later state of one that the same node brought
// takes its place; whatever else is registered under the number stays.
func (d *Desk) takePaper(ctx context.Context, c *Caller, q *dock.Question) error {
	if err := d.may(c, access.AuthorizationRegister, ""); err != nil {
		return err
	}
	a, err := authorization.Decode(q.Paper)
	if err != nil || a.Number != q.Authorization || a.Household != q.Household || a.Division != q.Division || a.Version < 1 {
		return &Refusal{Code: InvalidField, Fields: []string{"paper: not the authorisation that is named"}}
	}
	a.RegisteredBy, a.RegisteredAt = c.Account, ledger.At(d.o.Now()).Time()
	stands := *a // one that was taken back is registered as such, over the one that is here
	stands.Withdrawn = nil
	if err := registrable(&stands); err != nil {
		return err
	}
	e := c.event(access.AuthorizationRegister, number(a.Number), audit.Subject{Household: number(a.Household), Authorization: number(a.Number)})
	for _, purpose := range a.Purposes { // there is one at least
		if _, err := d.decide(c, access.AuthorizationRegister, access.Object{Division: a.Division, Purpose: purpose}, e); err != nil {
			return err
		}
	}
	held, err := readAuthorization(ctx, d.o.Ledger, a.Number)
	if err != nil {
		return err
	}
	if held == nil {
		if a.Withdrawn != nil {
			return nil // there is nothing to take back
		}
		return d.putAuthorization(ctx, e, a, 0, nil)
	}
	if held.RegisteredBy != c.Account || held.Version >= a.Version || held.Household != a.Household || held.Withdrawn != nil {
		return nil // it is judged as it stands
	}
	more, err := d.markStale(ctx, held.Household)
	if err != nil {
		return err
	}
	if a.Withdrawn != nil {
		ends, err := d.endCases(ctx, a)
		if err != nil {
			return err
		}
		more = append(more, ends...)
	}
	return d.putAuthorization(ctx, e, a, held.entry.Version, more)
}
