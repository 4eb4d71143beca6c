package desk

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/authorization"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/register"
	"github.com/hedui/hedui/engine/review"
)

// RegisterAuthorization registers an authorisation. Who registers it and when is set
// here; what is wrong with it is refused as InvalidField.
func (d *Desk) RegisterAuthorization(ctx context.Context, c Caller, a authorization.Authorization) (*authorization.Authorization, error) {
	if err := d.may(&c, access.AuthorizationRegister, ""); err != nil {
		return nil, err
	}
	a.RegisteredBy, a.RegisteredAt, a.Withdrawn, a.Version = c.Account, ledger.At(d.o.Now()).Time(), nil, 1
	if err := registrable(&a); err != nil {
		return nil, err
	}
	e := c.event(access.AuthorizationRegister, a.Number, audit.Subject{Household: a.Household, Authorization: a.Number})
	unjudged := c.event(access.AuthorizationRegister, number(a.Number), audit.Subject{Household: number(a.Household), Authorization: number(a.Number)})
	for _, purpose := range a.Purposes { // there is one at least
		if _, err := d.decide(&c, access.AuthorizationRegister, access.Object{Division: a.Division, Purpose: purpose}, unjudged); err != nil {
			return nil, err
		}
	}
	if held, err := readAuthorization(ctx, d.o.Ledger, a.Number); err != nil {
		return nil, err
	} else if held != nil {
		return nil, refuse(Exists, "")
	}
	return &a, d.putAuthorization(ctx, e, &a, 0, nil)
}

// registrable refuses what can't be registered.
func registrable(a *authorization.Authorization) error {
	if err := invalid(a.Validate()); err != nil {
		return err
	}
	// The ledger tells a household and its scheme apart by a slash.
	if number(a.Number) != a.Number || number(a.Household) != a.Household || strings.Contains(a.Household, "/") {
		return &Refusal{Code: InvalidField, Fields: []string{"number, household: letters, digits and - _ . / : and nothing that could be the number of a document or an account"}}
	}
	return nil
}

// invalid turns the problems of an authorisation into a refusal.
func invalid(err error) error {
	if err == nil {
		return nil
	}
	r := refuse(InvalidField, "")
	if problems, ok := errors.AsType[authorization.Problems](err); ok {
		for _, p := range problems {
			r.Fields = append(r.Fields, p.Field+": "+p.Do.En)
		}
	}
	return r
}

// putAuthorization writes the next state of an authorisation over the version that was
// read, with what else changes at once.
func (d *Desk) putAuthorization(ctx context.Context, e audit.Event, a *authorization.Authorization, version ledger.Version, more []ledger.Op) error {
	entry := entryOf(d.o.Ledger, a, version)
	return d.commit(ctx, e, ledger.Change{Ops: append([]ledger.Op{ledger.Put(entry)}, more...)})
}

// Authorization reads an authorisation. How its fields are shown is in the masks.
func (d *Desk) Authorization(ctx context.Context, c Caller, number string) (*authorization.Authorization, access.Masks, error) {
	r, decision, e, err := d.known(ctx, &c, access.AuthorizationRead, number)
	if err != nil {
		return nil, access.Masks{}, err
	}
	e.Outcome = audit.Done
	if err := d.note(e); err != nil {
		return nil, access.Masks{}, err
	}
	return &r.Authorization, decision.Masks, nil
}

// WithdrawAuthorization records that a household took its authorisation back. From the
// moment that it returns without an error nothing is looked at under it. A second
// withdrawal changes nothing.
func (d *Desk) WithdrawAuthorization(ctx context.Context, c Caller, number, reason string) (*authorization.Authorization, error) {
	return d.amend(ctx, &c, access.AuthorizationWithdraw, number, reason, func(a *authorization.Authorization) (*authorization.Authorization, error) {
		if a.Withdrawn != nil {
			return a, nil
		}
		return a.Withdraw(authorization.Withdrawal{At: ledger.At(d.o.Now()).Time(), By: c.Account, Reason: reason})
	})
}

// MemberLeft records that somebody is no longer of the household from a day on.
func (d *Desk) MemberLeft(ctx context.Context, c Caller, number string, t household.DocumentType, document household.IDNumber, from household.Date, why string) (*authorization.Authorization, error) {
	return d.amend(ctx, &c, access.AuthorizationAmend, number, why, func(a *authorization.Authorization) (*authorization.Authorization, error) {
		return a.Leave(t, document, from, why)
	})
}

// MemberSigned records a member's own signature, such as of a child who turned 18.
func (d *Desk) MemberSigned(ctx context.Context, c Caller, number string, t household.DocumentType, document household.IDNumber, s authorization.Signature, why string) (*authorization.Authorization, error) {
	return d.amend(ctx, &c, access.AuthorizationAmend, number, why, func(a *authorization.Authorization) (*authorization.Authorization, error) {
		return a.Sign(t, document, s)
	})
}

// amend changes an authorisation.
func (d *Desk) amend(ctx context.Context, c *Caller, op access.Operation, number, why string, change func(*authorization.Authorization) (*authorization.Authorization, error)) (*authorization.Authorization, error) {
	for attempt := 1; ; attempt++ {
		r, decision, e, err := d.known(ctx, c, op, number)
		if err != nil {
			return nil, err
		}
		if decision.NeedReason && strings.TrimSpace(why) == "" {
			return nil, refuse(ReasonNeeded, "")
		}
		next, err := change(&r.Authorization)
		switch {
		case errors.Is(err, authorization.ErrWithdrawn):
			return nil, refuse(StateRefuses, "withdrawn")
		case errors.Is(err, authorization.ErrNoMember):
			return nil, refuse(InvalidField, "no_member")
		case err != nil:
			return nil, refuse(InvalidField, "bad_change")
		case next == &r.Authorization:
			e.Outcome, e.Code = audit.Done, "unchanged"
			return next, d.note(e)
		}
		more, err := d.markStale(ctx, r.Household)
		if err != nil {
			return nil, err
		}
		if next.Withdrawn != nil {
			ends, err := d.endCases(ctx, next)
			if err != nil {
				return nil, err
			}
			more = append(more, ends...)
			tell, err := d.tellUpper(ctx, next)
			if err != nil {
				return nil, err
			}
			more = append(more, tell...)
		}
		err = d.putAuthorization(ctx, e, next, r.entry.Version, more)
		if refused, ok := Refused(err); ok && refused.Code == Changed && attempt < attempts {
			continue // it doesn't rest on what somebody else changed
		}
		if err != nil {
			return nil, err
		}
		return next, nil
	}
}

// markStale has a household verified again by the next recheck, whatever its records say.
func (d *Desk) markStale(ctx context.Context, number string) ([]ledger.Op, error) {
	var ops []ledger.Op
	err := ledger.All(ctx, d.o.Ledger, ledger.HouseholdsNumbered(number), func(h *ledger.Household) error {
		op, ok, err := register.MarkStale(h)
		if ok {
			ops = append(ops, op)
		}
		return err
	})
	return ops, err
}

// endCases ends what people were deciding under an authorisation that is withdrawn:
// without it nobody may look.
func (d *Desk) endCases(ctx context.Context, a *authorization.Authorization) ([]ledger.Op, error) {
	var ops []ledger.Op
	err := ledger.All(ctx, d.o.Ledger, ledger.CasesOf(a.Household), func(e *ledger.Case) error {
		s, err := caseIn(e)
		if err != nil || s.Authorization != a.Number || s.Case.Ended {
			return err
		}
		if s.Case, _, err = review.Apply(s.Case, review.Event{Kind: review.Withdraw, At: a.Withdrawn.At}); err != nil {
			return err
		}
		op, err := s.put("")
		ops = append(ops, op)
		return err
	})
	return ops, err
}

// attempts is how often something is decided again because an entry was changed by
// somebody else meanwhile.
const attempts = 8

// known reads an authorisation that the caller may know of. Its number is not found
// when it must be hidden, and a denial is taken down either way.
func (d *Desk) known(ctx context.Context, c *Caller, op access.Operation, number string) (*registered, access.Decision, audit.Event, error) {
	e := c.event(op, "")
	if err := d.may(c, op, ""); err != nil {
		return nil, access.Decision{}, e, err
	}
	r, err := readAuthorization(ctx, d.o.Ledger, number)
	if err != nil {
		return nil, access.Decision{}, e, err
	}
	if r == nil {
		return nil, access.Decision{}, e, d.deny(e, access.Decision{Reason: access.ReasonOutside, Hide: true})
	}
	e = c.event(op, r.Number, audit.Subject{Household: r.Household, Authorization: r.Number})
	decision, err := d.decideAny(c, op, access.Object{Division: r.Division}, r.Purposes, e)
	return r, decision, e, err
}

// decideAny asks the policy about an object with several purposes, of which one must do.
func (d *Desk) decideAny(c *Caller, op access.Operation, o access.Object, purposes []string, e audit.Event) (access.Decision, error) {
	decision := access.Decision{Reason: access.ReasonOutside, Hide: true}
	for _, p := range purposes {
		o.Purpose = p
		if decision = access.Decide(c.Subject, op, o); decision.Allow {
			return decision, nil
		}
	}
	return decision, d.deny(e, decision)
}

// AuthorizationQuery selects authorisations: those of a household, or those of a
// division and below it.
type AuthorizationQuery struct {
	Household string
	Division  string // "" is the caller's own
	Cursor    string
	Limit     int
}

// Authorizations lists authorisations, without those that the caller must not know of.
func (d *Desk) Authorizations(ctx context.Context, c Caller, q AuthorizationQuery) (list []*authorization.Authorization, next string, err error) {
	if err := d.may(&c, access.AuthorizationSearch, ""); err != nil {
		return nil, "", err
	}
	query := ledger.AuthorizationsOf(q.Household)
	if q.Household == "" {
		division := q.Division
		if division == "" {
			division = c.Division
		}
		if !access.Within(division, c.Division) {
			return nil, "", d.deny(c.event(access.AuthorizationSearch, ""), access.Decision{Reason: access.ReasonOutside, Hide: true})
		}
		query = ledger.AuthorizationsIn(access.Significant(division))
	}
	query.Cursor, query.Limit = q.Cursor, q.Limit
	e := c.event(access.AuthorizationSearch, "")
	list, next, err = listed(query, func(q ledger.Query) ([]*ledger.Authorization, string, error) {
		return ledger.List[ledger.Authorization](ctx, d.o.Ledger, q)
	}, func(entry *ledger.Authorization) (*authorization.Authorization, bool, error) {
		r, err := registeredIn(entry)
		if err != nil {
			return nil, false, err
		}
		seen := slices.ContainsFunc(r.Purposes, func(p string) bool {
			return access.Decide(c.Subject, access.AuthorizationSearch, access.Object{Division: r.Division, Purpose: p}).Allow
		})
		return &r.Authorization, seen, nil
	})
	if err != nil {
		return nil, "", err
	}
	for _, a := range list {
		e.Subjects = append(e.Subjects, audit.Subject{Household: a.Household, Authorization: a.Number})
	}
	e.Outcome = audit.Done
	return list, next, d.note(e)
}

// badCursor tells a cursor that is none from a ledger that can't be read.
func badCursor(err error) error {
	if errors.Is(err, ledger.ErrInvalid) {
		return &Refusal{Code: InvalidField, Fields: []string{"cursor: start again from the first page"}}
	}
	return err
}
