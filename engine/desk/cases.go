package desk

import (
	"context"
	"errors"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/review"
)

// Case is a case as its reviewers see it.
type Case struct {
	review.Case

	Division      string
	Authorization string
	Records       []CaseRecord
	Masks         access.Masks
}

// CaseRecord is a record that a case rests on, or that was objected to.
type CaseRecord struct {
	Ref    string
	Number int // of the evidence in its verdict
	Bears  bool
}

func (s *storedCase) shown(masks access.Masks) *Case {
	c := &Case{Case: s.Case.Shown(), Authorization: s.Authorization, Masks: masks}
	if s.entry != nil {
		c.Division = s.entry.Division
	}
	for i := range s.Records {
		r := CaseRecord{Ref: s.Records[i].Ref, Number: s.Records[i].Number}
		for _, b := range s.Case.LoadBearing {
			r.Bears = r.Bears || b.Ref == r.Ref
		}
		c.Records = append(c.Records, r)
	}
	return c
}

// object is the case as the policy looks at it.
func (s *storedCase) object() access.Object {
	return access.Object{
		Division: s.entry.Division, Purpose: s.Case.Scheme, Assignee: s.Case.Assignee,
		Persons: s.Case.Persons(), Adverse: s.Case.Adverse(),
	}
}

func (s *storedCase) subject() audit.Subject {
	return audit.Subject{Household: s.Case.Household, Authorization: s.Authorization}
}

// seen reads a case that the caller may know of, and asks the policy whether they may do
// this to it.
func (d *Desk) seen(ctx context.Context, c *Caller, op access.Operation, id, why string) (*storedCase, access.Decision, audit.Event, error) {
	e := c.event(op, "")
	if err := d.may(c, op, ""); err != nil {
		return nil, access.Decision{}, e, err
	}
	s, err := readCase(ctx, d.o.Ledger, id)
	if err != nil {
		return nil, access.Decision{}, e, err
	}
	if s == nil {
		return nil, access.Decision{}, e, d.deny(e, access.Decision{Reason: access.ReasonOutside, Hide: true})
	}
	e = c.event(op, id, s.subject())
	e.Purpose = word(s.Case.Scheme)
	decision, err := d.reasoned(c, op, s.object(), e, why)
	return s, decision, e, err
}

// Case reads a case.
func (d *Desk) Case(ctx context.Context, c Caller, id string) (*Case, error) {
	s, decision, e, err := d.seen(ctx, &c, access.CaseRead, id, "")
	if err != nil {
		return nil, err
	}
	e.Outcome = audit.Done
	return s.shown(decision.Masks), d.note(e)
}

// Step is what somebody does to a case.
type Step struct {
	Kind    review.Kind // Propose, TakeUp, Confirm, Clear, Return, Assign or Notify
	Version int64       // of the case that was looked at; 0 does not ask
	Reason  string
	// Assignee finds the person of Assign, false for none. It is asked only once the
	// caller may assign this case: whether there is an account must not tell whether
	// there is a case, nor the other way round.
	Assignee func(ctx context.Context) (person string, ok bool, err error)
}

// operations are the steps that are taken by Act, and what the policy calls them.
var operations = map[review.Kind]access.Operation{
	review.Propose: access.CasePropose, review.TakeUp: access.CaseTakeUp, review.Confirm: access.CaseConfirm,
	review.Clear: access.CaseClear, review.Return: access.CaseReturn, review.Assign: access.CaseAssign,
	review.Notify: access.CaseNotify,
}

// Act takes a step. Whoever confirms an adverse outcome is a second person who has opened
// every record that it rests on; what a step needs is in package review. A notice is made
// of what the case knows of its records.
func (d *Desk) Act(ctx context.Context, c Caller, id string, step Step) (*Case, error) {
	op, ok := operations[step.Kind]
	if !ok {
		return nil, &Refusal{Code: InvalidField, Fields: []string{"action: no such step"}}
	}
	s, decision, e, err := d.seen(ctx, &c, op, id, step.Reason)
	if err != nil {
		return nil, err
	}
	if step.Version != 0 && step.Version != s.Case.Version {
		return nil, refuse(Changed, "")
	}
	event := review.Event{Kind: step.Kind, Actor: c.actor(), At: ledger.At(d.o.Now()).Time(), Reason: step.Reason}
	if step.Kind == review.Assign && step.Assignee != nil {
		person, ok, err := step.Assignee(ctx)
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, &Refusal{Code: InvalidField, Fields: []string{"assignee: unknown"}}
		}
		event.Assignee = person
	}
	if step.Kind == review.Notify {
		event.Notice = s.notice()
	}
	if err := d.apply(ctx, &c, e, s, event, nil); err != nil {
		return nil, err
	}
	return s.shown(decision.Masks), nil
}

// actor is the caller as a case names them.
func (c *Caller) actor() review.Actor {
	return review.Actor{Person: c.Person, Account: c.Account, Role: c.Roles.String()}
}

// notice is what the household is told: of every record that the outcome rests on where
// it comes from, of which day, what it says, and by which law that matters.
func (s *storedCase) notice() *review.Notice {
	n := &review.Notice{ContestDays: s.Case.WindowDays}
	for _, r := range s.Case.LoadBearing {
		b, ok := s.record(r.Ref)
		if !ok {
			continue // then the notice is refused as incomplete
		}
		item := review.NoticeItem{Record: r.Ref, Source: r.Source, AsOf: b.AsOf, HasAmount: b.HasAmount, Amount: b.Amount, Rule: b.Rule, Law: b.Law}
		if !b.HasAmount {
			item.What = b.Record.Source.String()
		}
		n.Items = append(n.Items, item)
	}
	return n
}

// apply takes an event to a case and writes down everything that follows from it, whole
// or not at all. more are further puts of the same change. What can be done at once is
// done afterwards; what can't stays a task.
func (d *Desk) apply(ctx context.Context, c *Caller, e audit.Event, s *storedCase, event review.Event, more []ledger.Op) error {
	next, effects, err := review.Apply(s.Case, event)
	if err != nil {
		return d.stateRefuses(e, err)
	}
	if next.Version == s.Case.Version && len(effects) == 0 && len(more) == 0 {
		e.Outcome, e.Code = audit.Done, "unchanged"
		return d.note(e)
	}
	s.Case = next
	op, err := s.put("")
	if err != nil {
		return err
	}
	change := ledger.Change{Ops: append([]ledger.Op{op}, more...)}
	follow, err := d.effects(ctx, s, effects, event.At, &change)
	if err != nil {
		return err
	}
	if err := d.commit(ctx, e, change); err != nil {
		return err
	}
	return d.follow(ctx, c, follow)
}

// stateRefuses tells the caller why a case does not move, and the audit log that
// somebody wanted it to.
func (d *Desk) stateRefuses(e audit.Event, err error) error {
	var why review.Refusal
	if !errors.As(err, &why) {
		return err
	}
	e.Outcome, e.Code = audit.Denied, string(why)
	if err := d.note(e); err != nil {
		return err
	}
	switch why {
	case review.ErrSeededCase: // which nobody is told
		return refuse(StateRefuses, string(review.ErrState))
	case review.ErrSamePerson:
		return refuse(SecondPerson, string(why))
	case review.ErrNotOpened:
		return refuse(EvidenceNotOpened, string(why))
	case review.ErrReason:
		return refuse(ReasonNeeded, string(why))
	}
	return refuse(StateRefuses, string(why))
}
