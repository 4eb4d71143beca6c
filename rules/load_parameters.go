package rules

import (
	"slices"
	"strconv"

	"github.com/hedui/hedui/engine/household"
)

func (l *loader) parameters(x node) {
	for _, e := range x.entries() {
		f := e.fields("doc", "unit", "per", "by", "values!")
		if !e.newName() {
			continue
		}
		p := &Parameter{Name: e.name, at: e.key}
		if !l.declare(&e, f, p) {
			continue
		}
		l.parameterValues(f, p)
		for _, q := range l.layer.parameters {
			if q.Name == e.name {
				e.key.fail("parameter "+strconv.Quote(e.name)+" is given twice", "one entry with several dated values")
				p = nil
				break
			}
		}
		if p == nil {
			continue
		}
		l.layer.parameters = append(l.layer.parameters, p)
		l.name("parameter "+e.name, e.key)
	}
}

// declare reads what a parameter is. An overlay, and a pack that extends another, may
// leave it to the larger region or the other pack, and may not say otherwise. An overlay
// that says what it is may have one of its own, for its own rules.
func (l *loader) declare(e *entry, f fields, p *Parameter) bool {
	known := l.findParameter(e.name)
	if known == nil {
		if l.layer.region != "" && !f.has("unit") {
			e.key.fail("the pack has no parameter "+strconv.Quote(e.name), oneOf(l.parameterNames(), e.name)+", or doc and unit of one that only this region has")
			return false
		}
		f.require("doc")
		f.require("unit")
	}
	p.Doc = f.get("doc").text()
	p.Unit = Unit(f.get("unit").code(units))
	if per := f.get("per"); !per.absent() {
		p.PerYear = per.code(household.CodeList{{}, {Name: "month"}, {Name: "year"}}) == 2
	}
	if known != nil {
		if !f.has("doc") {
			p.Doc = known.Doc
		}
		if !f.has("unit") {
			p.Unit = known.Unit
		} else if p.Unit != known.Unit && p.Unit != 0 {
			f.get("unit").fail("the pack has "+e.name+" in "+known.Unit.String(), known.Unit.String())
		}
		if !f.has("per") {
			if p.PerYear = known.PerYear; p.PerYear {
				// A monthly value taken for a year's would be a twelfth of itself.
				e.key.fail("the pack has "+e.name+" for a year, and this does not say for how long it is", "per: month or per: year")
			}
		}
	}
	if per := f.get("per"); !per.absent() && p.Unit != UnitFen && p.Unit != 0 {
		per.fail("only money is for a month or a year", "no such key")
	}
	return true
}

// How a parameter's values are given.
const (
	byNothing = iota
	byResidence
	bySize
)

func (l *loader) parameterValues(f fields, p *Parameter) {
	by := byNothing
	if b := f.get("by"); !b.absent() {
		by = int(b.code(household.CodeList{{}, {Name: "residence"}, {Name: "size"}}))
	}
	list := f.get("values")
	items := list.items()
	for _, v := range items {
		if d, ok := l.datedValue(v, p.Unit, by); ok {
			if n := len(p.Values); n > 0 && !follows(&p.Values[n-1].Span, d.Span, v) {
				continue
			}
			p.Values = append(p.Values, d)
		}
	}
	if len(items) == 0 && !list.absent() {
		list.fail("no value", "at least one dated value")
	}
	if n := len(p.Values); n > 0 && l.layer.region != "" {
		if !slices.ContainsFunc(p.Values, func(v DatedValue) bool { return !v.Inherit }) {
			list.fail("the overlay changes nothing: all is inherited", "a value of the region, or no entry")
		}
		if last := &p.Values[n-1]; last.To != 0 && !last.Inherit && last.Unresolved == "" {
			list.fail("the overlay's value ends on "+last.To.String()+" and nothing says what comes then",
				"a next value, {from: …, inherit: true, law: …} or {from: …, unresolved: …, law: …}")
		}
	}
}

func (l *loader) datedValue(x node, u Unit, by int) (DatedValue, bool) {
	before := len(l.errs)
	keys := []string{"from!", "to", "allowed", "law!", "verified", "inherit", "unresolved"}
	probe := map[string]bool{}
	for _, e := range x.entries() {
		probe[e.name] = true
	}
	silent := probe["inherit"] || probe["unresolved"]
	if !silent {
		keys[4] = "verified!"
		switch by {
		case byResidence:
			keys = append(keys, "urban!", "rural!")
		case bySize:
			keys = append(keys, "sizes!")
		default:
			keys = append(keys, "value!")
		}
	}
	f := x.fields(keys...)
	d := DatedValue{Law: f.get("law").text(), Place: x.place()}
	d.From, d.To = f.get("from").date(), f.get("to").date()
	if d.To != 0 && d.To < d.From {
		f.get("to").fail("the value ends before it begins", "a date from "+d.From.String()+" on")
	}
	d.Verified = f.get("verified").boolean()
	if a := f.get("allowed"); !a.absent() {
		d.Allowed = Op(a.code(household.CodeList{{}, {Name: "below"}, {Name: "up_to"}}))
	}
	if i := f.get("inherit"); !i.absent() {
		d.Inherit = i.boolean()
		switch {
		case !d.Inherit:
			i.fail("a value that is not inherited is given", "inherit: true, or a value")
		case l.layer.region == "":
			i.fail("there is no larger region to inherit from", "a value, or unresolved")
		}
	}
	d.Unresolved = f.get("unresolved").text()
	if silent {
		return d, len(l.errs) == before
	}
	switch by {
	case byResidence:
		d.Value[household.Urban], d.Value[household.Rural] = f.get("urban").inUnit(u), f.get("rural").inUnit(u)
		d.Value[0] = d.Value[household.Urban]
	case bySize:
		d.Sizes = sizes(f.get("sizes"), u)
	default:
		n := f.get("value").inUnit(u)
		d.Value = [3]int64{n, n, n}
	}
	return d, len(l.errs) == before
}

// inUnit reads a value: money in yuan, areas in m², the rest as whole numbers.
func (x node) inUnit(u Unit) int64 {
	switch u {
	case UnitFen:
		return int64(x.yuan())
	case UnitArea:
		return int64(x.yuan()) * 100 // two decimals of m² are 100 cm²
	}
	return int64(x.number(0, 1_000_000))
}

// sizes reads values by the number of counted members, which end with one for any
// number.
func sizes(x node, u Unit) []SizeValue {
	var out []SizeValue
	items := x.items()
	for k, i := range items {
		f := i.fields("up_to", "value!")
		v := SizeValue{Value: f.get("value").inUnit(u)}
		if n := f.get("up_to"); !n.absent() {
			v.UpTo = n.number(1, 100)
		}
		switch last := k == len(items)-1; {
		case v.UpTo == 0 && !last:
			i.fail("households of any size, and more after it", "up_to")
		case v.UpTo != 0 && last:
			i.fail("larger households have no value", "a last entry without up_to")
		case k > 0 && len(out) > 0 && v.UpTo != 0 && v.UpTo <= out[len(out)-1].UpTo:
			i.fail("sizes are out of order", "a size above "+strconv.Itoa(out[len(out)-1].UpTo))
		}
		out = append(out, v)
	}
	if len(items) == 0 && !x.absent() {
		x.fail("an empty list", "at least one size")
	}
	return out
}
