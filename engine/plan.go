package engine

import (
	"cmp"
	"slices"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
)

// Plan is one request on its way: refused, or waiting for the profiles of its
// members. The zero value is ready; Prepare reuses its memory. A plan borrows from the
// line it was prepared from.
type Plan struct {
	// Request is what was asked; never nil after Prepare.
	Request *household.Request

	buffer household.RequestBuffer
	shared *household.Request // of PrepareFrom

	refusal string // code; "" when the request is accepted
	warrant Warrant
	err     error  // of the register of authorisations
	line    int64  // of a line that is no request, else 0
	own     string // the scheme that the request itself asks for
	keys    []household.PersonKey
	listed  []household.PersonKey // of all members, those not counted too
	members []person
	plates  []string // declared, normalised
	units   []string
	allowed [household.NumSources]bool
	view    *view // the law of the request's region
	span    *span

	// Of packs that read more than the members and the assets.
	obligors []obligor
	claims   []assetClaim
}

// person is a counted member.
type person struct {
	number int // in the request, from 1
	name   string
	form   match.Form
	birth  household.Date // 0 when unknown
	sex    uint8
}

// Keys are the people whose profiles Verify needs, in the order in which it needs
// them. There are none for a refused request.
func (p *Plan) Keys() []household.PersonKey { return p.keys }

// Quick reports whether preparing the line again costs less than keeping the plan.
func (p *Plan) Quick() bool { return p.buffer.Quick() }

// Refusal is the code of the refusal, or "".
func (p *Plan) Refusal() string { return p.refusal }

// AuthorizationNumber is the number of the request's authorisation, or "".
func (p *Plan) AuthorizationNumber() string {
	if p.Request.Authorization == nil {
		return ""
	}
	return p.Request.Authorization.Number
}

// adultAge is the age from which a member signs for themselves.
const adultAge = 18

// The codes of refusals.
const (
	authorizationMissing    = "authorization_missing"
	authorizationExpired    = "authorization_expired"
	authorizationPurpose    = "authorization_purpose"
	authorizationIncomplete = "authorization_incomplete"
	authorizationUnknown    = "authorization_unknown"
	invalidRequest          = "invalid_request"
)

// Prepare parses one line of a batch and decides whether it is answered at all.
// lineNo counts from 1. Nothing has been looked up when it returns.
func (w *Worker) Prepare(line []byte, lineNo int64, p *Plan) {
	r, err := p.buffer.Parse(line)
	w.prepare(r, r.Scheme, err == nil, lineNo, p)
}

// PrepareAs is Prepare as if the request asked for another scheme, if one is given. Consent does not
// change with the question: a purpose that is absent covers the scheme that the
// request itself asks for and no other.
func (w *Worker) PrepareAs(line []byte, lineNo int64, scheme string, p *Plan) {
	r, err := p.buffer.Parse(line)
	own := r.Scheme
	if err == nil {
		r.Scheme = cmp.Or(scheme, own)
	}
	w.prepare(r, own, err == nil, lineNo, p)
}

// PrepareFrom is PrepareAs, or with scheme "" Prepare, for a line that another worker, of
// another pack, has parsed into first. The plans share what the request holds.
func (w *Worker) PrepareFrom(first *Plan, scheme string, p *Plan) {
	if p.shared == nil {
		p.shared = &household.Request{}
	}
	r := p.shared
	*r = *first.Request
	if first.line == 0 {
		r.Scheme = cmp.Or(scheme, first.own)
	}
	w.prepare(r, first.own, first.line == 0, first.line, p)
}

// prepare judges the authorisation of a request and lists what it needs. own is the
// scheme that the request itself asks for.
func (w *Worker) prepare(r *household.Request, own string, isRequest bool, lineNo int64, p *Plan) {
	p.refusal, p.line, p.own, p.warrant, p.err = "", 0, own, Warrant{}, nil
	p.listed = p.listed[:0]
	p.keys, p.members, p.plates, p.units = p.keys[:0], p.members[:0], p.plates[:0], p.units[:0]
	p.Request = r
	if !isRequest { // answered with its line number
		p.refusal, p.line = invalidRequest, lineNo
		return
	}
	w.documents(r)
	registered := w.warrants != nil
	if registered {
		p.refusal = w.warrant(r, p)
	} else {
		p.refusal = w.refuse(r, own)
	}
	if p.refusal != "" {
		return
	}
	p.view = w.v.view(p.region())
	p.span = w.spanOf(p.view, r)
	for i := range r.Members {
		d := &w.docs[i]
		if d.Given {
			p.listed = append(p.listed, d.Key)
		}
		if r.Members[i].Excluded != 0 {
			continue
		}
		p.keys = append(p.keys, d.Key)
		m := person{number: i + 1, name: normalName(string(r.Members[i].Name)), form: d.Form, birth: d.Birth, sex: d.Sex}
		if m.birth == 0 {
			m.birth, m.sex = r.Members[i].BirthDate, r.Members[i].Sex
		}
		p.members = append(p.members, m)
	}
	for _, plate := range r.Assets.Vehicles {
		if s := normalMark(string(plate)); s != "" {
			p.plates = append(p.plates, s)
		}
	}
	for _, unit := range r.Assets.Properties {
		if s := normalMark(unit); s != "" {
			p.units = append(p.units, s)
		}
	}
	for s := household.Tax; s < household.NumSources; s++ {
		p.allowed[s] = p.allows(s, registered)
	}
	if w.v.pack.ReadsOptional() {
		w.obligors(r, p)
		w.claims(r, p)
	}
}

// documents reads the document of every member.
func (w *Worker) documents(r *household.Request) {
	w.docs = w.docs[:0]
	for i := range r.Members {
		w.docs = append(w.docs, match.ParseDocument(r.Members[i].IDType, bytesOf(string(r.Members[i].IDNumber))))
	}
}

// refuse returns the code of the first refusal that applies, or "". own is the
// scheme that the request itself asks for.
func (w *Worker) refuse(r *household.Request, own string) string {
	a, on := r.Authorization, w.v.on
	switch {
	case a == nil:
		return authorizationMissing
	// A bound that can't be read is an invalid request, below.
	case !a.UnreadableValidFrom && on < a.ValidFrom, !a.UnreadableValidTo && on > a.ValidTo:
		return authorizationExpired
	case !consents(a, own, r.Scheme):
		return authorizationPurpose
	case !w.signed(r):
		return authorizationIncomplete
	case len(r.Invalid) > 0, len(r.InvalidOptional) > 0 && w.v.pack.ReadsOptional(), !w.v.pack.Accepts(r.Scheme), !w.identified(r):
		return invalidRequest
	}
	return ""
}

// signed reports whether every counted adult signed, and anybody at all.
func (w *Worker) signed(r *household.Request) bool {
	w.texts = w.texts[:0]
	for _, s := range r.Authorization.SignedBy {
		if t := numberText(string(s)); t != "" {
			w.texts = append(w.texts, t)
		}
	}
	if len(w.texts) == 0 {
		return false
	}
	for i := range r.Members {
		m := &r.Members[i]
		if m.Excluded != 0 {
			continue
		}
		birth := w.docs[i].Birth
		if birth == 0 {
			birth = m.BirthDate
		}
		if birth != 0 && birth.Age(w.v.on) < adultAge {
			continue
		}
		if !slices.Contains(w.texts, numberText(string(m.IDNumber))) {
			return false
		}
	}
	return true
}

// identified reports whether there is a counted member, every one of them has a
// name and a valid document, and nobody is listed twice.
func (w *Worker) identified(r *household.Request) bool {
	counted := 0
	w.keys = w.keys[:0]
	for i := range r.Members {
		m, d := &r.Members[i], &w.docs[i]
		name := normalName(string(m.Name))
		if m.Excluded == 0 {
			counted++
			if len(name) == 0 || !d.Valid {
				return false
			}
		}
		switch {
		case d.Given:
			w.keys = append(w.keys, d.Key)
		case len(name) > 0:
			w.keys = append(w.keys, household.PersonKey{Num: household.NoDocument, Text: name})
		}
	}
	return counted > 0 && !w.twice()
}

// twice reports whether one of w.keys is there twice.
func (w *Worker) twice() bool {
	if len(w.keys) <= 8 { // as nearly every household
		for i := range w.keys {
			if slices.Contains(w.keys[:i], w.keys[i]) {
				return true
			}
		}
		return false
	}
	slices.SortFunc(w.keys, household.PersonKey.Compare)
	for i := 1; i < len(w.keys); i++ {
		if w.keys[i] == w.keys[i-1] {
			return true
		}
	}
	return false
}
