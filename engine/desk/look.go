package desk

import (
	"context"
	"slices"
	"time"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/authorization"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/match"
	"github.com/hedui/hedui/engine/recheck"
	"github.com/hedui/hedui/rules"
)

// looker is the memory of one look.
type looker struct {
	worker *engine.Worker
	plan   engine.Plan
	asks   asker
	taker  *recheck.Taker
}

// looker takes the memory for one look; free gives it back.
func (g *generation) looker(j *judge) *looker {
	if l, ok := j.lookers.Get().(*looker); ok {
		return l
	}
	l := &looker{worker: j.verifier.Worker(), taker: recheck.NewTaker(j.verifier, g.Manifest(), g.program)}
	l.worker.Warrant(&l.asks)
	return l
}

// free gives the memory back, without what it holds of anybody's request.
func (j *judge) free(l *looker) {
	l.asks = asker{}
	j.lookers.Put(l)
}

const (
	// invalidRequest refuses what nobody can answer, as the engine does.
	invalidRequest = "invalid_request"
	// householdElsewhere refuses a row whose household stands in the register of a place
	// that the sender does not reach.
	householdElsewhere = "household_elsewhere"
)

// asker judges the authorisation of one request of one caller: first whether the caller
// may know of it, then whether it covers what is asked.
type asker struct {
	ctx    context.Context //nolint:containedctx // engine.Warrants is asked in the middle of one request
	ledger ledger.Ledger
	caller *Caller
	own    bool // the desk asks, whom the policy does not judge
	// rowwise says that many are asked about: what the caller may not do for one of them is
	// a refusal of that one.
	rowwise bool
	scheme  string // that all of them are asked about; "" is any
	packs   map[string]*rules.Pack
	op      access.Operation
	at      time.Time

	// What came of it.
	warrant  engine.Warrant
	found    *registered
	decision access.Decision
	decided  bool
	// elsewhere says that the household stands in the register of a place that the caller
	// does not reach.
	elsewhere bool
}

// Warrant implements engine.Warrants.
func (a *asker) Warrant(q engine.Asked) (engine.Warrant, error) {
	if a.packs[q.Scheme] == nil || a.scheme != "" && q.Scheme != a.scheme { // another scheme's law would judge it
		return engine.Warrant{Refusal: invalidRequest}, nil
	}
	var err error
	if a.own {
		a.warrant, a.found, err = warrant(a.ctx, a.ledger, q, a.at, nil)
		return a.warrant, err
	}
	a.warrant, a.found, err = warrant(a.ctx, a.ledger, q, a.at, func(r *authorization.Authorization) bool {
		a.decision, a.decided = access.Decide(a.caller.Subject, a.op, access.Object{Division: r.Division, Purpose: q.Scheme}), true
		return a.decision.Allow || !a.decision.Hide
	})
	if !a.rowwise || err != nil || a.warrant.Refusal != "" {
		return a.warrant, err
	}
	if a.refusal() != nil { // a class that the caller may not see
		a.warrant = engine.Warrant{Refusal: string(authorization.CodeDataClass)}
	} else if a.elsewhere, err = a.registeredElsewhere(q); a.elsewhere {
		a.warrant = engine.Warrant{Refusal: householdElsewhere}
	}
	return a.warrant, err
}

// registeredElsewhere reports whether the household stands in the register under another
// authorisation that is in force, of a place that the caller does not reach. Whoever has a
// household move withdraws the old one first.
func (a *asker) registeredElsewhere(q engine.Asked) (bool, error) {
	state, err := find[ledger.Household](a.ctx, a.ledger, ledger.HouseholdID(q.Request.HouseholdID, q.Scheme))
	if state == nil || err != nil || state.Authorization == a.found.Number || access.Within(state.Division, a.caller.Division) {
		return false, err
	}
	other, err := readAuthorization(a.ctx, a.ledger, state.Authorization)
	return err == nil && other != nil && StateOn(&other.Authorization, q.On) == Live, err
}

// refusal is why the caller may not do this whatever the authorisation says, nil when
// they may. What must be hidden is not among it: the warrant says that it is unknown.
func (a *asker) refusal() *access.Decision {
	if !a.decided || a.decision.Hide {
		return nil
	}
	if !a.decision.Allow {
		return &a.decision
	}
	for s := household.Tax; s < household.NumChecked; s++ {
		// The verdict must not depend on who asks, so nothing is left out silently.
		if a.warrant.Refusal == "" && a.warrant.Classes[s] && !a.decision.Classes[s] {
			a.decision = access.Decision{Reason: access.ReasonClass}
			return &a.decision
		}
	}
	return nil
}

// hidden reports whether there is an authorisation that the caller must not know of.
func (a *asker) hidden() bool { return a.decided && a.decision.Hide }

// warrant judges a request by the authorisation of its number. known says whether
// whoever asks may know of it; nil is everybody.
func warrant(ctx context.Context, l ledger.Ledger, q engine.Asked, at time.Time, known func(*authorization.Authorization) bool) (engine.Warrant, *registered, error) {
	claim := authorization.ClaimOf(q.Request, q.Scheme, q.On, at)
	r, err := readAuthorization(ctx, l, claim.Number)
	if err != nil {
		return engine.Warrant{}, nil, err
	}
	var a *authorization.Authorization
	if r != nil {
		if a = &r.Authorization; known != nil && !known(a) {
			return engine.Warrant{Refusal: string(authorization.CodeUnknown)}, nil, nil
		}
	}
	code, classes := authorization.Judge(a, claim)
	if code != "" {
		return engine.Warrant{Refusal: string(code)}, r, nil
	}
	out := engine.Warrant{Classes: classes, Division: a.Division}
	// The register of people says who somebody is and not what they have. It comes with
	// any authorisation, unless the request leaves it out.
	out.Classes[household.Register] = !claim.ClassesGiven || claim.Classes[household.Register]
	for i := range q.Request.Obligors {
		o := &q.Request.Obligors[i]
		if key := match.ParseDocument(o.IDType, []byte(o.IDNumber.Reveal())).Key; a.Covers(key, q.On, at) {
			out.Obligors = append(out.Obligors, key)
		}
	}
	out.Withheld, err = withheld(ctx, l, r.entry)
	return out, r, err
}

// withheld are the records of the people on an authorisation that count for nothing.
func withheld(ctx context.Context, l ledger.Ledger, a *ledger.Authorization) ([]engine.Withheld, error) {
	queries := []ledger.Query{ledger.ObjectionsOf(a.Household)}
	for _, p := range a.Persons {
		queries = append(queries, ledger.ObjectionsOn(p))
	}
	var out []engine.Withheld
	for _, q := range queries {
		err := ledger.All(ctx, l, q, func(o *ledger.Objection) error {
			w, counts, err := withheldBy(o)
			if err == nil && counts && !slices.Contains(out, w) {
				out = append(out, w)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	// An upheld objection is stronger than another's that nobody has decided.
	slices.SortFunc(out, compareWithheld)
	return slices.CompactFunc(out, func(a, b engine.Withheld) bool {
		return a.Key == b.Key && a.Source == b.Source && a.Content == b.Content
	}), nil
}
