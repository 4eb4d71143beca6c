package rules

import (
	"slices"
	"strconv"

	"github.com/hedui/hedui/engine/household"
)

// Who selects people by what is known of them. The zero value of a field asks nothing.
type Who struct {
	Relations Mask
	Sex       uint8
	AgeFrom   int // in years, reached on the day of the check
	AgeUnder  int
	AnyOf     []int // indexes into Pack.Attributes: one of them
	AllOf     []int
	NoneOf    []int

	ages bool // an age is asked for
}

// Person is what Who looks at.
type Person struct {
	Relation, Sex uint8
	Age           int             // −1 when unknown
	Attributes    []household.Tri // by Pack.Attributes; empty: nothing is known
}

func (p *Person) is(attribute int) household.Tri {
	if attribute >= len(p.Attributes) {
		return household.Unknown
	}
	return p.Attributes[attribute]
}

// Of says whether a person is meant. What nobody knows is Unknown, unless something
// else decides.
func (w *Who) Of(p *Person) household.Tri {
	out := household.Yes
	and := func(t household.Tri) {
		if t == household.No || t == household.Unknown && out == household.Yes {
			out = t
		}
	}
	if w.Relations != 0 {
		switch {
		case p.Relation == 0:
			and(household.Unknown)
		case !w.Relations.Has(p.Relation):
			return household.No
		}
	}
	if w.Sex != 0 {
		switch p.Sex {
		case w.Sex:
		case 0:
			and(household.Unknown)
		default:
			return household.No
		}
	}
	if w.ages {
		switch {
		case p.Age < 0:
			and(household.Unknown)
		case p.Age < w.AgeFrom, w.AgeUnder > 0 && p.Age >= w.AgeUnder:
			return household.No
		}
	}
	for _, a := range w.AllOf {
		and(p.is(a))
	}
	for _, a := range w.NoneOf {
		and(p.is(a).Not())
	}
	if len(w.AnyOf) > 0 {
		any := household.No
		for _, a := range w.AnyOf {
			switch p.is(a) {
			case household.Yes:
				any = household.Yes
			case household.Unknown:
				if any == household.No {
					any = household.Unknown
				}
			}
		}
		and(any)
	}
	return out
}

// mayBeUnknown reports whether Of can answer Unknown for reasons a request may well
// have: attributes are named, which most requests do not mention.
func (w *Who) mayBeUnknown() bool { return len(w.AnyOf)+len(w.AllOf)+len(w.NoneOf) > 0 }

// who reads a selection of people. of is what the attributes belong to.
func (l *loader) who(x node, of AttributeOf, more ...string) (*Who, fields) {
	f := x.fields(append([]string{"relation", "sex", "age_from", "age_under", "any_of", "all_of", "none_of"}, more...)...)
	if x.absent() {
		return nil, f
	}
	w := &Who{}
	if r := f.get("relation"); !r.absent() {
		w.Relations = r.codes(household.Relations)
	}
	if s := f.get("sex"); !s.absent() {
		w.Sex = s.code(household.Sexes)
		l.reads("sex", s)
	}
	if a := f.get("age_from"); !a.absent() {
		w.AgeFrom, w.ages = a.number(0, 150), true
	}
	if a := f.get("age_under"); !a.absent() {
		w.AgeUnder, w.ages = a.number(1, 150), true
		if w.AgeUnder != 0 && w.AgeUnder <= w.AgeFrom {
			a.fail("nobody is "+strconv.Itoa(w.AgeFrom)+" or older and under "+strconv.Itoa(w.AgeUnder), "an age above age_from")
		}
	}
	w.AnyOf = l.attributeList(f.get("any_of"), of)
	w.AllOf = l.attributeList(f.get("all_of"), of)
	w.NoneOf = l.attributeList(f.get("none_of"), of)
	for _, i := range f.get("none_of").items() {
		for _, key := range []string{"any_of", "all_of"} {
			if f.has(key) && slices.ContainsFunc(f.get(key).items(), func(o node) bool { return plainText(o) == plainText(i) }) {
				i.fail(strconv.Quote(plainText(i))+" is asked for and ruled out", "it in "+key+" or in none_of")
			}
		}
	}
	if len(f.values) == 0 && len(more) == 0 {
		x.fail("everybody is meant", "relation, sex, age_from, age_under, any_of, all_of or none_of")
	}
	return w, f
}

// covers reports whether everybody whom o means is meant by w, too.
func (w *Who) covers(o *Who) bool {
	switch {
	case w.Relations != 0 && (o.Relations == 0 || o.Relations&^w.Relations != 0),
		w.Sex != 0 && o.Sex != w.Sex,
		w.ages && (!o.ages || o.AgeFrom < w.AgeFrom || w.AgeUnder > 0 && (o.AgeUnder == 0 || o.AgeUnder > w.AgeUnder)),
		!allAmong(w.AllOf, o.AllOf), !allAmong(w.NoneOf, o.NoneOf):
		return false
	}
	return len(w.AnyOf) == 0 || len(o.AnyOf) > 0 && allAmong(o.AnyOf, w.AnyOf) ||
		slices.ContainsFunc(o.AllOf, func(a int) bool { return slices.Contains(w.AnyOf, a) })
}

// allAmong reports whether all of some attributes are among others.
func allAmong(some, among []int) bool {
	return !slices.ContainsFunc(some, func(a int) bool { return !slices.Contains(among, a) })
}

func (l *loader) attributeList(x node, of AttributeOf) []int {
	var out []int
	items := x.items()
	for _, i := range items {
		a := l.attribute(i, of)
		if a < 0 {
			continue
		}
		if slices.Contains(out, a) {
			i.fail(strconv.Quote(i.text())+" is named twice", "each attribute once")
		}
		out = append(out, a)
	}
	if len(items) == 0 && !x.absent() {
		x.fail("an empty list", "at least one attribute")
	}
	return out
}

// attribute reads the code of an attribute; −1 when there is none of that code.
func (l *loader) attribute(x node, of AttributeOf) int {
	s := x.text()
	if s == "" || forbidden(x, s) {
		return -1
	}
	var known []string
	for i := range l.p.Attributes {
		a := &l.p.Attributes[i]
		if a.Of == of {
			known = append(known, a.Code)
		}
		if a.Code != s {
			continue
		}
		l.used["attribute "+s] = true
		switch a.Of {
		case 0: // it could not be read, which is reported
			return -1
		case of:
		default:
			x.fail(strconv.Quote(s)+" is "+a.Of.thing(), of.thing())
			return -1
		}
		if of == OfObligor {
			l.reads("obligors", x)
		}
		l.reads("attributes", x)
		return i
	}
	x.fail("unknown attribute "+strconv.Quote(s), oneOf(known, s))
	return -1
}
