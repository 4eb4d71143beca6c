package engine

import (
	"slices"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
	"github.com/hedui/hedui/rules"
)

// obligor is somebody who owes a member support.
type obligor struct {
	number int // in the request, from 1
	name   string
	at     int // index into Plan.keys; −1 when nothing may be looked up
}

// assetClaim is what the request says of an asset.
type assetClaim struct {
	asset     string // normalised
	attribute int    // index into Pack.Attributes
	is        household.Tri
}

// obligors lists who owes support. Their records are only read when they signed
// themselves and their number stands among the signatures of the authorisation.
func (w *Worker) obligors(r *household.Request, p *Plan) {
	p.obligors = p.obligors[:0]
	if len(p.view.law.Support) == 0 {
		return
	}
	for i := range r.Obligors {
		o := &r.Obligors[i]
		out := obligor{number: i + 1, name: string(match.NormalName([]byte(o.Name))), at: -1}
		d := match.ParseDocument(o.IDType, []byte(o.IDNumber))
		if o.Signed && d.Valid && out.name != "" && w.obligorSigned(p, o, d.Key) && !slices.Contains(p.keys, d.Key) {
			out.at = len(p.keys)
			p.keys = append(p.keys, d.Key)
		}
		p.obligors = append(p.obligors, out)
	}
}

// obligorSigned reports whether an obligor's consent is registered or, where there is no
// register, claimed.
func (w *Worker) obligorSigned(p *Plan, o *household.Obligor, key household.PersonKey) bool {
	if w.warrants != nil {
		return slices.Contains(p.warrant.Obligors, key)
	}
	return slices.Contains(w.texts, match.NumberText([]byte(o.IDNumber)))
}

// claims lists what the request says of assets.
func (w *Worker) claims(r *household.Request, p *Plan) {
	p.claims = p.claims[:0]
	for i := range r.Assets.Attributes {
		a := &r.Assets.Attributes[i]
		for k := range w.v.pack.Attributes {
			of := &w.v.pack.Attributes[k]
			if of.Code != a.Code {
				continue
			}
			name := match.NormalUnit([]byte(a.Asset))
			if of.Of == rules.OfVehicle {
				name = match.NormalPlate([]byte(a.Asset))
			}
			p.claims = append(p.claims, assetClaim{name, k, a.On(w.v.on)})
		}
	}
}

// claim is what the request says of an asset: a proven yes decides, then a proven no.
func (p *Plan) claim(attribute int, names ...string) household.Tri {
	out := household.Unknown
	for i := range p.claims {
		c := &p.claims[i]
		if c.attribute == attribute && c.asset != "" && slices.Contains(names, c.asset) {
			out = max(out, c.is) // Unknown < No < Yes
		}
	}
	return out
}

// listPeople prepares what the law asks of every counted member.
func (w *Worker) listPeople() {
	pack := w.v.pack
	w.people = w.people[:0]
	if pack.Purpose == nil {
		return
	}
	n := len(pack.Attributes)
	w.answers = zeroed(w.answers, n*len(w.plan.members))
	for i, m := range w.plan.members {
		declared := &w.plan.Request.Members[m.number-1]
		p := rules.Person{Relation: declared.Relation, Sex: m.sex, Age: -1, Attributes: w.answers[i*n : (i+1)*n]}
		if m.birth != 0 {
			p.Age = m.birth.Age(w.v.on)
		}
		w.answer(declared.Attributes, rules.OfMember, p.Attributes)
		w.people = append(w.people, p)
	}
}

// answer says what attributes of a kind are on the day of the check.
func (w *Worker) answer(said []household.Attribute, of rules.AttributeOf, out []household.Tri) {
	if len(said) == 0 {
		return
	}
	for k := range w.v.pack.Attributes {
		if a := &w.v.pack.Attributes[k]; a.Of == of {
			out[k] = household.AttributeOn(said, a.Code, w.v.on)
		}
	}
}

// person is a counted member as the law sees them.
func (w *Worker) person(member int) *rules.Person {
	if member < len(w.people) {
		return &w.people[member]
	}
	return &rules.Person{Age: -1}
}

// composition judges who the law counts to the household, and who it leaves out.
func (w *Worker) composition() {
	m := w.law.Membership
	if m == nil {
		return
	}
	for i := range w.plan.members {
		switch m.Of(w.person(i)) {
		case household.No:
			w.members[i].outside.All = 1
		case household.Unknown:
			w.members[i].outside.Derived = 1
		}
	}
	for i := range w.plan.Request.Members {
		declared := &w.plan.Request.Members[i]
		if declared.Excluded == 0 {
			continue
		}
		g := m.Ground(declared.Excluded)
		switch {
		case g == nil:
			w.groundless.All++
		case g.Attribute < 0:
		default:
			if !w.proves(declared, g) {
				w.groundless.Derived++
			}
		}
	}
}

// proves reports whether a ground for an exclusion is proven, for as long as the law
// asks.
func (w *Worker) proves(m *household.Member, g *rules.ExclusionGround) bool {
	code := w.v.pack.Attributes[g.Attribute].Code
	for i := range m.Attributes {
		a := &m.Attributes[i]
		if a.Code == code && a.On(w.v.on) == household.Yes && (g.Years == 0 || a.From != 0 && a.From.Age(w.v.on) >= g.Years) {
			return true
		}
	}
	return false
}

// exempts decides for an asset whether exemptions take it out of a set. open says that
// one would if somebody proved it; limited, that one counts on there being no more.
func (w *Worker) exempts(s *rules.Set, value, area int64, names ...string) (out, open, limited bool) {
	for i := range s.Exempt {
		e := &s.Exempt[i]
		is := household.No
		for _, a := range e.Attributes {
			switch w.plan.claim(a, names...) {
			case household.Yes:
				is = household.Yes
			case household.Unknown:
				if is == household.No {
					is = household.Unknown
				}
			}
		}
		if is == household.No {
			continue
		}
		for _, b := range []struct{ upTo, is int64 }{{e.ValueUpTo[w.plan.Request.Residence], value}, {e.AreaUpTo[w.plan.Request.Residence], area}} {
			switch {
			case b.upTo == 0:
			case b.is == 0: // the record does not say
				is = household.Unknown
			case b.is > b.upTo:
				is = household.No
			}
			if is == household.No {
				break
			}
		}
		if is == household.No {
			continue
		}
		limited = limited || e.AtMost > 0
		out, open = out || is == household.Yes, open || is == household.Unknown
	}
	return out, open && !out, limited
}

// beyond reports whether an asset is large enough for a set that asks for that. What
// the record does not say is.
func (w *Worker) beyond(s *rules.Set, value, area int64, share household.Share) bool {
	residence := w.plan.Request.Residence
	if over := s.ValueOver[residence]; over > 0 && value > 0 && value <= over {
		return false
	}
	if over := s.AreaOver[residence]; over > 0 && area > 0 && area <= over {
		return false
	}
	return s.SharesFrom == 0 || !share.Below(s.SharesFrom)
}

// exemption is what exemptions do to an asset.
type exemption struct {
	out  uint64 // the sets that one took it out of
	open uint64 // of those it is in: the sets that one would take it out of if it were proven
}

// exemption takes down that one takes an asset out of a set, or would.
func (w *Worker) exemption(r *row, out bool, set uint64) {
	if r.special == 0 {
		w.exempted = append(w.exempted, exemption{})
		r.special = int32(len(w.exempted))
	}
	x := &w.exempted[r.special-1]
	if out {
		x.out |= set
	} else {
		x.open |= set
	}
}

// exemptionOf is what exemptions do to an asset; nil for nothing.
func (w *Worker) exemptionOf(r *row) *exemption {
	if r.special == 0 || r.kind != rowVehicle && r.kind != rowUnit {
		return nil
	}
	return &w.exempted[r.special-1]
}

func (w *Worker) openSets(r *row) uint64 {
	if x := w.exemptionOf(r); x != nil {
		return x.open
	}
	return 0
}

func (w *Worker) exemptSets(r *row) uint64 {
	if x := w.exemptionOf(r); x != nil {
		return x.out
	}
	return 0
}

// limitExemptions takes exemptions back that hold for so many things at most, when the
// household has more.
func (w *Worker) limitExemptions() {
	if !w.limited {
		return
	}
	for k := range w.law.Sets {
		atMost := int64(0)
		for _, e := range w.law.Sets[k].Exempt {
			atMost = max(atMost, e.AtMost)
		}
		if atMost == 0 {
			continue
		}
		w.texts = w.texts[:0]
		for i := range w.rows {
			r := &w.rows[i]
			if (r.sets|w.exemptSets(r))>>k&1 != 0 && r.grade != household.GradeC && !slices.Contains(w.texts, r.thing) {
				w.texts = append(w.texts, r.thing)
			}
		}
		if int64(len(w.texts)) <= atMost {
			continue
		}
		for i := range w.rows {
			r := &w.rows[i]
			if x := w.exemptionOf(r); x != nil {
				r.sets |= x.out & (1 << k)
				x.out &^= 1 << k
				x.open &^= 1 << k
			}
		}
	}
}
