package engine

import (
	"slices"
	"strings"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
)

// Warrants answers for the authorisations that are registered. Where there is such a
// register, what a request says of its own authorisation is a claim: its number is looked
// up, and the register decides. It is safe for use by several goroutines.
type Warrants interface {
	// Warrant judges a request. An error means that the register can't be read: then
	// nothing is looked up and there is no verdict.
	Warrant(q Asked) (Warrant, error)
}

// Asked is what a warrant has to cover. It is borrowed.
type Asked struct {
	Request   *household.Request // its authorisation is there; it is a claim
	Scheme    string             // that the household is judged by
	On        household.Date     // date of the check
	Documents []match.Document   // of all members listed, in their order
}

// Warrant is what the register says of a request.
type Warrant struct {
	Refusal string // code; "" when the household may be looked at

	// Of a request that is not refused.
	Classes  [household.NumSources]bool // the sources that may be read
	Division string                     // that the authorisation is registered for: whose law holds; "" leaves the request's
	Obligors []household.PersonKey      // obligors who signed
	Withheld []Withheld                 // records of these people that must not count
}

// Warrant has every authorisation judged by a register instead of by what the request
// says of it. It comes before the first Worker.
func (v *Verifier) Warrant(w Warrants) { v.warrants = w }

// Warrants is the register that the verifier was given, nil for none.
func (v *Verifier) Warrants() Warrants { return v.warrants }

// Warrant has the authorisations of this worker's requests judged by a register that
// knows who asks. It comes before Prepare.
func (w *Worker) Warrant(by Warrants) { w.warrants = by }

// Err is why a plan can't be verified: the register of authorisations could not be read.
func (p *Plan) Err() error { return p.err }

// warrant refuses a request by the register, or narrows what is read of it.
func (w *Worker) warrant(r *household.Request, p *Plan) (refusal string) {
	if r.Authorization == nil {
		return authorizationMissing
	}
	if invalid(r) || len(r.InvalidOptional) > 0 && w.v.pack.ReadsOptional() || !w.v.pack.Accepts(r.Scheme) || !w.identified(r) {
		return invalidRequest
	}
	p.warrant, p.err = w.warrants.Warrant(Asked{Request: r, Scheme: r.Scheme, On: w.v.on, Documents: w.docs})
	if p.err != nil {
		p.warrant.Refusal = authorizationUnknown // never seen: Verify returns the error
	}
	return p.warrant.Refusal
}

// invalid reports whether something in a request can't be read beside what it says of
// its authorisation, which is not asked.
func invalid(r *household.Request) bool {
	return slices.ContainsFunc(r.Invalid, func(field string) bool { return !strings.HasPrefix(field, "authorization.") })
}

// region is whose law holds for a plan.
func (p *Plan) region() string {
	if p.warrant.Division != "" {
		return p.warrant.Division
	}
	return p.Request.Region
}

// allows reports whether a source may be read: what is asked for and, where there is a
// register, granted.
func (p *Plan) allows(s household.Source, registered bool) bool {
	return p.Request.Authorization.Allows(s) && (!registered || p.warrant.Classes[s])
}
