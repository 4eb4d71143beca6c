package rules

import (
	"math"
	"slices"
	"strconv"

	"github.com/hedui/hedui/engine/household"
)

// setDef is a set with names in place of what they mean.
type setDef struct {
	Span
	name                            string
	set                             Set
	valueOver, areaOver, sharesFrom string // parameters; "" selects all
	exempt                          []exemptDef
	at                              node
}

type exemptDef struct {
	Span
	Exemption
	valueUpTo, areaUpTo, atMost string // parameters
	at                          node
}

func (e *exemptDef) unbounded() bool { return e.valueUpTo+e.areaUpTo+e.atMost == "" }

func (l *loader) assets(x node) {
	y := l.layer
	if y.region != "" {
		f := x.fields("sets", "financial")
		l.sets(f.get("sets"))
		l.financial(f.get("financial"))
		return
	}
	f := x.fields("sets!", "financial!", "sheet!")
	l.sets(f.get("sets"))
	l.financial(f.get("financial"))
	datedList(f.get("sheet"), &y.sheets, []string{"vehicles!", "residential!", "non_residential!"}, func(s fields) sheetNames {
		return sheetNames{
			l.useSet(s.get("vehicles"), KindVehicle), l.useSet(s.get("residential"), KindUnit), l.useSet(s.get("non_residential"), KindUnit),
		}
	})
}

func (l *loader) financial(x node) {
	datedList(x, &l.layer.financial, []string{"where!"}, func(f fields) Filter {
		l.reads("bank", f.of)
		return filter(f.get("where"), KindAccount)
	})
}

// sets reads sets; the definition of one may be a list of dated ones.
func (l *loader) sets(x node) {
	for _, e := range x.entries() {
		if !e.newName() {
			continue
		}
		for _, s := range l.layer.sets {
			if s.name == e.name {
				e.key.fail("set "+strconv.Quote(e.name)+" is given twice", "another name")
				return
			}
		}
		items := []node{e.node}
		if plainList(e.node) {
			items = e.items()
		}
		var last *setDef
		for _, i := range items {
			s := l.oneSet(i, e.name)
			if last != nil && !follows(&last.Span, s.Span, i) {
				continue
			}
			last = s
			l.layer.sets = append(l.layer.sets, s)
		}
		if len(setNames(l.p.layers)) > 64 {
			e.key.fail("too many sets", "at most 64")
			return
		}
		l.name("set "+e.name, e.key)
	}
}

func (l *loader) oneSet(x node, name string) *setDef {
	g := x.fields("from", "to", "of!", "where!", "value_over", "area_over", "share_from", "exempt")
	s := &setDef{Span: g.span(), name: name, at: x}
	k := Kind(g.get("of").code(household.CodeList{{}, {Name: "vehicle"}, {Name: "unit"}, {Name: "account"}}))
	s.set = Set{Name: name, Kind: k, Where: filter(g.get("where"), k), Place: x.place()}
	// Which of them are still there is always asked of vehicles and units.
	if w := g.get("where"); w.empty() && (k == KindVehicle || k == KindUnit) {
		w.fail("every "+k.String()+" there ever was is in the set", "at least its status")
	}
	if known := l.kindOf(name); k != 0 && known != 0 && known != k {
		g.get("of").fail("the set "+strconv.Quote(name)+" is of "+known.String()+"s elsewhere", known.String())
	}
	if k != 0 {
		l.reads(k.Source().String(), x)
	}
	only := func(key string, kinds ...Kind) node {
		v := g.get(key)
		if slices.Contains(kinds, k) {
			return v
		}
		if !v.absent() && k != 0 {
			v.fail(article(k.String())+" has no such thing", "no "+key)
		}
		return node{l: l, f: x.f}
	}
	s.valueOver = l.boundedParameter(only("value_over", KindVehicle, KindUnit), bound{}, UnitFen)
	s.areaOver = l.boundedParameter(only("area_over", KindUnit), bound{}, UnitArea)
	s.sharesFrom = l.boundedParameter(only("share_from", KindUnit, KindAccount), bound{min: 1, max: 100, everybody: true}, UnitPercent)
	owner := [...]AttributeOf{KindVehicle: OfVehicle, KindUnit: OfUnit, KindAccount: OfAccount}
	items := g.get("exempt").items()
	filled(g.get("exempt"), len(items))
	for _, i := range items {
		h := i.fields("from", "to", "any_of!", "value_up_to", "area_up_to", "at_most", "law!")
		e := exemptDef{Span: h.span(), Exemption: Exemption{Law: h.get("law").text()}, at: i}
		if k == KindAccount {
			i.fail("an account is left out by its purpose", "where: {purpose: …}")
			continue
		}
		if k != 0 {
			e.Attributes = l.attributeList(h.get("any_of"), owner[k])
		}
		if k == KindVehicle && h.has("area_up_to") {
			h.get("area_up_to").fail("a vehicle has no such thing", "no area_up_to")
		}
		// 0 would be no bound at all.
		e.valueUpTo = l.boundedParameter(h.get("value_up_to"), bound{min: 1}, UnitFen)
		e.areaUpTo = l.boundedParameter(h.get("area_up_to"), bound{min: 1}, UnitArea)
		e.atMost = l.boundedParameter(h.get("at_most"), bound{min: 1, everybody: true}, UnitCount)
		for j := range s.exempt {
			if o := &s.exempt[j]; o.Overlaps(e.Span) && o.unbounded() && len(e.Attributes) > 0 && allAmong(e.Attributes, o.Attributes) {
				i.fail("an earlier exemption takes all of these out, whatever they are worth", "the exemption with bounds alone, or none")
			}
		}
		if n := len(s.exempt); n > 0 && (s.exempt[n-1].atMost == "") != (e.atMost == "") {
			i.fail("an exemption for so many things beside one for any number", "at_most in all of them, or in none")
		}
		s.exempt = append(s.exempt, e)
	}
	return s
}

// useSet reads the name of a set. Kind 0 takes any.
func (l *loader) useSet(x node, k Kind) string {
	s := x.text()
	if s == "" {
		return ""
	}
	known := setNames(l.p.layers)
	if len(known) == 0 && len(l.errs) > 0 {
		return "" // no set was read, which is reported
	}
	kind := l.kindOf(s)
	if kind == 0 {
		if !contains(known, s) {
			x.fail("unknown set "+strconv.Quote(s), oneOf(known, s))
		}
		return ""
	}
	l.used["set "+s] = true
	if k != 0 && kind != k {
		x.fail("set "+strconv.Quote(s)+" holds assets of kind "+kind.String(), "a set of "+k.String())
	}
	return s
}

// kindOf is the kind of a set; 0 for none of that name.
func (l *loader) kindOf(name string) Kind {
	for _, y := range l.p.layers {
		for _, s := range y.sets {
			if s.name == name {
				return s.set.Kind
			}
		}
	}
	return 0
}

// all is a mask that selects every value, also the one that was not given.
const all Mask = math.MaxUint32

// filter reads which values of each attribute are selected.
func filter(x node, k Kind) Filter {
	out := Filter{all, all, all, all}
	if k == 0 {
		return out
	}
	var known []string
	for _, a := range attributes(k) {
		known = append(known, a.name)
	}
	f := x.fields(known...)
	for _, a := range attributes(k) {
		v := f.get(a.name)
		if v.absent() {
			continue
		}
		// "none" is the value that was not given.
		withNone := append(household.CodeList{{}}, a.codes[1:]...)
		withNone = append(withNone, household.Code{Name: "none"})
		list, negative := v, false
		if plainList(v) {
			list = v
		} else if n := v.fields("not!"); n.has("not") {
			list, negative = n.get("not"), true
		} else {
			continue
		}
		m := list.codes(withNone)
		if last := uint8(len(withNone) - 1); m.Has(last) {
			m = m&^(1<<last) | 1
		}
		if negative {
			m = ^m
		}
		if m&(1<<len(a.codes)-1) == 0 {
			v.fail("no value of "+a.name+" is selected, so nothing ever is", "at least one value")
		}
		out[a.at] = m
	}
	return out
}
