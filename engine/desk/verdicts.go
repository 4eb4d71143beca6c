package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/review"
	"github.com/hedui/hedui/engine/store"
)

// Verdict is a verdict of the ledger.
type Verdict struct {
	ID, Household, Scheme string
	On                    household.Date
	At                    ledger.Instant
	JSON                  []byte // as it was given
	Case                  string // that rests on it, "" for none
	Replaced              string // the verdict where the household stands now, if it is another
	Masks                 access.Masks

	request *ledger.Request
	of      *storedCase
}

// Verdict reads a verdict.
func (d *Desk) Verdict(ctx context.Context, c Caller, id string) (*Verdict, error) {
	v, decision, e, err := d.given(ctx, &c, access.VerdictRead, id, access.Object{}, "")
	if err != nil {
		return nil, err
	}
	v.Masks = decision.Masks
	e.Outcome = audit.Done
	return v, d.note(e)
}

// given reads a verdict that the caller may know of, and asks the policy about it; o says
// of which classes and field.
func (d *Desk) given(ctx context.Context, c *Caller, op access.Operation, id string, o access.Object, why string) (*Verdict, access.Decision, audit.Event, error) {
	e := c.event(op, "")
	none := func(err error) (*Verdict, access.Decision, audit.Event, error) {
		if err == nil {
			err = d.deny(e, access.Decision{Reason: access.ReasonOutside, Hide: true})
		}
		return nil, access.Decision{}, e, err
	}
	if err := d.may(c, op, ""); err != nil {
		return none(err)
	}
	if !keyable(id) {
		return none(nil)
	}
	held, err := find[ledger.Verdict](ctx, d.o.Ledger, id)
	if held == nil || err != nil {
		return none(err)
	}
	r, err := find[ledger.Request](ctx, d.o.Ledger, held.Request)
	if err != nil {
		return none(err)
	}
	if r == nil {
		return none(fmt.Errorf("verdict %s: the ledger does not have its request", id))
	}
	v := &Verdict{ID: id, Household: held.Household, Scheme: held.Scheme, On: held.On, At: held.At, JSON: held.Body, request: r}
	if v.of, err = d.caseOn(ctx, id); err != nil {
		return none(err)
	}
	state, err := find[ledger.Household](ctx, d.o.Ledger, ledger.HouseholdID(held.Household, held.Scheme))
	if err != nil {
		return none(err)
	}
	if state != nil && state.Verdict != id {
		v.Replaced = state.Verdict
	}
	o.Division, o.Purpose = r.Division, held.Scheme
	if v.of != nil {
		v.Case, o.Assignee = v.of.Case.ID, v.of.Case.Assignee
	}
	e = c.event(op, id, audit.Subject{Household: held.Household, Authorization: r.Authorization})
	e.Purpose = word(held.Scheme)
	decision, err := d.reasoned(c, op, o, e, why)
	return v, decision, e, err
}

// caseOn is the case that rests on a verdict, nil for none.
func (d *Desk) caseOn(ctx context.Context, verdict string) (*storedCase, error) {
	page, _, err := ledger.List[ledger.Case](ctx, d.o.Ledger, ledger.CasesOn(verdict))
	if err != nil || len(page) == 0 {
		return nil, err
	}
	return caseIn(page[0])
}

// Household is what the ledger has of a household, newest first.
type Household struct {
	Number, Division                string
	Authorizations, Verdicts, Cases []string

	// Checks are the Verdicts with what they came to, and Standing those of them where the
	// household stands now, one for each scheme.
	Checks   []HouseholdCheck
	Standing []string
	States   []HouseholdCase // the Cases, with where they stand
}

// HouseholdCheck is one verdict on a household.
type HouseholdCheck struct {
	Verdict, Scheme string
	On              household.Date
	At              ledger.Instant
	Outcome         household.Outcome
}

// HouseholdCase is one case of a household.
type HouseholdCase struct {
	ID, Scheme, Verdict string
	State               review.State
	Since               ledger.Instant
}

// Household lists what there is of a household, as far as the caller may know of it.
func (d *Desk) Household(ctx context.Context, c Caller, number string) (*Household, error) {
	e := c.event(access.HouseholdRead, "")
	if err := d.may(&c, access.HouseholdRead, ""); err != nil {
		return nil, err
	}
	h := &Household{Number: number}
	if keyable(number) {
		if err := d.fill(ctx, &c, h); err != nil {
			return nil, err
		}
	}
	if h.Division == "" {
		return nil, d.deny(e, access.Decision{Reason: access.ReasonOutside, Hide: true})
	}
	e.Subjects, e.Outcome = []audit.Subject{{Household: number}}, audit.Done
	return h, d.note(e)
}

func (d *Desk) fill(ctx context.Context, c *Caller, h *Household) error {
	may := func(division, purpose string) bool {
		return access.Decide(c.Subject, access.HouseholdRead, access.Object{Division: division, Purpose: purpose}).Allow
	}
	err := ledger.All(ctx, d.o.Ledger, ledger.AuthorizationsOf(h.Number), func(a *ledger.Authorization) error {
		r, err := registeredIn(a)
		if err != nil {
			return err
		}
		for _, p := range r.Purposes {
			if may(a.Division, p) {
				h.Authorizations = append(h.Authorizations, a.Number)
				if h.Division == "" {
					h.Division = a.Division
				}
				break
			}
		}
		return nil
	})
	if err != nil || h.Division == "" {
		return err
	}
	// A verdict does not say where its household was registered; its request does.
	err = ledger.All(ctx, d.o.Ledger, bare(ledger.VerdictsOf(h.Number)), func(v *ledger.Verdict) error {
		r, err := find[ledger.Request](ctx, d.o.Ledger, v.Request)
		if err == nil && r != nil && may(r.Division, v.Scheme) {
			h.Verdicts = append(h.Verdicts, v.ID)
			h.Checks = append(h.Checks, HouseholdCheck{v.ID, v.Scheme, v.On, v.At, household.OutcomeOf(v.Outcome)})
		}
		return err
	})
	if err != nil {
		return err
	}
	err = ledger.All(ctx, d.o.Ledger, bare(ledger.CasesOf(h.Number)), func(s *ledger.Case) error {
		if may(s.Division, s.Scheme) {
			h.Cases = append(h.Cases, s.ID)
			h.States = append(h.States, HouseholdCase{s.ID, s.Scheme, s.Verdict, review.State(s.State), s.Opened})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return ledger.All(ctx, d.o.Ledger, bare(ledger.HouseholdsNumbered(h.Number)), func(s *ledger.Household) error {
		if slices.Contains(h.Verdicts, s.Verdict) {
			h.Standing = append(h.Standing, s.Verdict)
		}
		return nil
	})
}

// bare is a query without bodies.
func bare(q ledger.Query) ledger.Query {
	q.Bare = true
	return q
}

// verdictsUsing are the verdicts that a record took part in: those for which its person
// was read, with its source granted, in a generation that had it. Where the generation is
// gone the record is taken to have been there.
func (d *Desk) verdictsUsing(ctx context.Context, r *record) ([]*ledger.Verdict, error) {
	key, err := r.key()
	if err != nil {
		return nil, err
	}
	held := map[string]bool{} // by generation
	var out []*ledger.Verdict
	err = ledger.All(ctx, d.o.Ledger, ledger.VerdictsOfRecord(personOf(d.o.Ledger, key)), func(v *ledger.Verdict) error {
		read, err := sourceRead(v, r.Source)
		if err != nil || !read {
			return err
		}
		if r.Node != "" { // nobody here can look what that node had
			out = append(out, v)
			return nil
		}
		had, known := held[v.Generation]
		if !known {
			if had, err = d.hadRecord(v.Generation, key, r); err != nil {
				return err
			}
			held[v.Generation] = had
		}
		if had {
			out = append(out, v)
		}
		return nil
	})
	return out, err
}

// sourceRead reports whether a verdict read a source.
func sourceRead(v *ledger.Verdict, s household.Source) (bool, error) {
	var said struct {
		Coverage map[string]struct {
			State string `json:"state"`
		} `json:"coverage"`
	}
	if json.Unmarshal(v.Body, &said) != nil {
		return false, fmt.Errorf("verdict %s: its body is not one", v.ID)
	}
	return said.Coverage[s.String()].State != household.NotAuthorized.String(), nil
}

// hadRecord reports whether a generation has a record.
func (d *Desk) hadRecord(generation string, key household.PersonKey, r *record) (had bool, err error) {
	g, err := d.current.acquireID(generation)
	if errors.Is(err, store.ErrNotFound) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, d.current.release(g)) }()
	p, err := engine.Profile(g.Generation, key)
	if err != nil {
		return false, err
	}
	for i := range p.Len(r.Source) {
		if p.ContentDigest(r.Source, i) == r.Content {
			return true, nil
		}
	}
	return false, nil
}
