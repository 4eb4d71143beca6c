package rules

import (
	"math"
	"strconv"

	"github.com/hedui/hedui/engine/household"
)

func (l *loader) parameters(x node) {
	for _, e := range x.entries() {
		if !slug(e.name) {
			e.key.fail(strconv.Quote(e.name)+" is not a name", "small letters, digits and _")
			continue
		}
		f := e.fields("doc!", "unit!", "by", "values!")
		p := Parameter{Name: e.name, Doc: f.get("doc").text(), Unit: Unit(f.get("unit").code(units))}
		byResidence := false
		if by := f.get("by"); !by.absent() {
			byResidence = by.code(household.CodeList{{}, {Name: "residence"}}) == 1
		}
		for _, v := range f.get("values").items() {
			if d, ok := datedValue(v, p.Unit, byResidence); ok {
				p.order(v, d)
			}
		}
		if list := f.get("values"); len(p.Values) == 0 && !list.absent() && len(list.items()) == 0 {
			list.fail("no value", "at least one dated value")
		}
		if l.parameter(e.name) >= 0 {
			e.key.fail("parameter "+strconv.Quote(e.name)+" is given twice", "one entry with several dated values")
			continue
		}
		l.p.Parameters = append(l.p.Parameters, p)
		l.at["parameter "+e.name] = e.key
	}
}

func (l *loader) parameter(name string) int {
	for i := range l.p.Parameters {
		if l.p.Parameters[i].Name == name {
			return i
		}
	}
	return -1
}

func datedValue(x node, u Unit, byResidence bool) (DatedValue, bool) {
	before := len(x.l.errs)
	var f fields
	if byResidence {
		f = x.fields("from!", "to", "urban!", "rural!", "law!", "verified!")
	} else {
		f = x.fields("from!", "to", "value!", "law!", "verified!")
	}
	d := DatedValue{From: f.get("from").date(), To: f.get("to").date(), Law: f.get("law").text(), Verified: f.get("verified").boolean()}
	read := func(key string) int64 {
		v := f.get(key)
		if u == UnitFen {
			return int64(v.yuan())
		}
		return int64(v.number(0, 1_000_000))
	}
	if byResidence {
		d.Value[household.Urban], d.Value[household.Rural] = read("urban"), read("rural")
	} else {
		n := read("value")
		d.Value = [3]int64{n, n, n}
	}
	if d.To != 0 && d.To < d.From {
		f.get("to").fail("the value ends before it begins", "a date from "+d.From.String()+" on")
	}
	return d, len(x.l.errs) == before
}

// order appends a value, whose dates must go on exactly where the last ones ended.
func (p *Parameter) order(x node, d DatedValue) {
	if n := len(p.Values); n > 0 {
		last := &p.Values[n-1]
		switch {
		case d.From <= last.From:
			x.fail("dates overlap: the value before begins on "+last.From.String(), "values in the order of their dates")
			return
		case last.To == 0:
			last.To = before(d.From)
		case d.From <= last.To:
			x.fail("dates overlap: the value before holds until "+last.To.String(), "a value from the day after")
			return
		case before(d.From) != last.To:
			x.fail("dates have a gap after "+last.To.String(), "a value from the day after")
			return
		}
	}
	p.Values = append(p.Values, d)
}

// before is the day before a date.
func before(d household.Date) household.Date {
	if d.Day() > 1 {
		return d - 1
	}
	m := d.MonthOf() - 1
	for day := 31; ; day-- {
		if last, ok := household.NewDate(m.Year(), int(m)%12+1, day); ok {
			return last
		}
	}
}

func (l *loader) income(x node) {
	f := x.fields("lines!", "one_off", "excluded", "not_income", "employment!")
	given := map[string]bool{}
	for _, i := range f.get("lines").items() {
		l.treatment(i, Counted, given)
	}
	for _, i := range f.get("one_off").items() {
		l.treatment(i, OneOff, given)
	}
	for _, i := range f.get("excluded").items() {
		l.treatment(i, Excluded, given)
	}
	for _, i := range f.get("not_income").items() {
		l.treatment(i, NotIncome, given)
	}
	if !x.absent() {
		for _, name := range names(household.IncomeTypes) {
			if !given["tax "+name] {
				x.fail("income_type "+name+" of tax is not named", "it in lines, one_off, excluded or not_income")
			}
		}
		for _, name := range names(household.InsuranceSchemes) {
			if !given["receiving "+name] {
				x.fail("scheme "+name+" of insurance, role receiving, is not named", "it in lines, one_off, excluded or not_income")
			}
		}
	}
	e := f.get("employment").fields("contribution!", "explained_by!")
	c := e.get("contribution").fields("scheme!", "role!", "identity!")
	l.p.Employment = Employment{
		Schemes: c.get("scheme").codes(household.InsuranceSchemes), Roles: c.get("role").codes(household.InsuranceRoles),
		Identities:  c.get("identity").codes(household.InsuranceIdentities),
		ExplainedBy: e.get("explained_by").fields("income_type!").get("income_type").codes(household.IncomeTypes),
	}
}

func (l *loader) treatment(x node, class IncomeClass, given map[string]bool) {
	keys := []string{"source!", "income_type", "role", "scheme"}
	switch class {
	case Counted:
		keys = append(keys, "line!", "amount!")
	case OneOff:
		keys = append(keys, "amount!")
	}
	f := x.fields(keys...)
	t := Treatment{Class: class, Line: household.LineType(f.get("line").code(household.LineTypes))}
	source := f.get("source").code(household.CodeList{{}, {Name: "tax"}, {Name: "insurance"}})
	var list node
	var codes household.CodeList
	var targets []Treatment
	prefix := "tax "
	switch source {
	case 1:
		f.forbid("tax has no such column", "role", "scheme")
		list, codes, targets = f.require("income_type"), household.IncomeTypes, l.p.Income.Tax[:]
		t.Amount = amount(f.get("amount"), []string{"income", "own_insurance", "tax"})
	case 2:
		f.forbid("insurance has no such column", "income_type")
		role := f.require("role").code(household.InsuranceRoles)
		prefix = household.InsuranceRoles[role].Name + " "
		list, codes, targets = f.require("scheme"), household.InsuranceSchemes, l.p.Income.Insurance[role][:]
		t.Amount = amount(f.get("amount"), []string{"base", "benefit"})
		if class == OneOff {
			f.get("source").fail("one-off receipts are read from tax only", "tax")
		}
	default:
		return
	}
	list.codes(codes)
	if list.absent() {
		return
	}
	for _, i := range list.items() {
		s := plainText(i)
		v, ok := codes.Named(s)
		if !ok {
			continue // reported by codes
		}
		if given[prefix+s] {
			i.fail(strconv.Quote(s)+" is already named", "each kind of record in one place")
		}
		given[prefix+s] = true
		targets[v] = t
	}
}

func (f fields) forbid(problem string, names ...string) {
	for _, n := range names {
		if e, ok := f.values[n]; ok {
			e.key.fail(strconv.Quote(n)+": "+problem, "")
		}
	}
}

func (f fields) require(name string) node {
	if !f.has(name) && !f.of.absent() {
		f.of.fail("missing key "+strconv.Quote(name), "")
	}
	return f.get(name)
}

func amount(x node, columns []string) Amount {
	f := x.fields("of!", "less", "floor!")
	var list household.CodeList
	for _, c := range append([]string{""}, columns...) {
		list = append(list, household.Code{Name: c})
	}
	a := Amount{Floor: f.get("floor").yuan()}
	if of := f.get("of").code(list); of > 0 {
		a.Of = of - 1
	}
	f.get("less").codes(list) // each once
	for _, i := range f.get("less").items() {
		v, _ := list.Find(plainText(i))
		if v == 0 {
			continue
		}
		if v-1 == a.Of {
			i.fail("an amount less itself is always 0", "another column")
		}
		a.Less = append(a.Less, v-1)
	}
	return a
}

// all is a mask that selects every value, also the one that was not given.
const all Mask = math.MaxUint32

func (l *loader) assets(x node) {
	f := x.fields("sets!", "financial!", "sheet!")
	for _, e := range f.get("sets").entries() {
		if !slug(e.name) {
			e.key.fail(strconv.Quote(e.name)+" is not a name", "small letters, digits and _")
			continue
		}
		if l.set(e.name) >= 0 {
			e.key.fail("set "+strconv.Quote(e.name)+" is given twice", "another name")
			continue
		}
		g := e.fields("of!", "where!")
		s := Set{Name: e.name, Kind: Kind(g.get("of").code(household.CodeList{{}, {Name: "vehicle"}, {Name: "unit"}}))}
		s.Where = filter(g.get("where"), s.Kind)
		if len(l.p.Sets) == 64 {
			e.key.fail("too many sets", "at most 64")
			return
		}
		l.p.Sets = append(l.p.Sets, s)
		l.at["set "+e.name] = e.key
	}
	l.p.Financial = filter(f.get("financial").fields("where!").get("where"), KindAccount)
	s := f.get("sheet").fields("vehicles!", "residential!", "non_residential!")
	l.p.Sheet = Sheet{
		Vehicles: l.useSet(s.get("vehicles"), KindVehicle), Residential: l.useSet(s.get("residential"), KindUnit),
		NonResidential: l.useSet(s.get("non_residential"), KindUnit),
	}
}

func (l *loader) set(name string) int {
	for i := range l.p.Sets {
		if l.p.Sets[i].Name == name {
			return i
		}
	}
	return -1
}

// useSet reads the name of a set. Kind 0 takes any.
func (l *loader) useSet(x node, k Kind) int {
	s := x.text()
	if s == "" {
		return 0
	}
	i := l.set(s)
	if i < 0 && len(l.p.Sets) == 0 && len(l.errs) > 0 {
		return 0 // no set was read, which is reported
	}
	if i < 0 {
		var known []string
		for _, set := range l.p.Sets {
			known = append(known, set.Name)
		}
		x.fail("unknown set "+strconv.Quote(s), oneOf(known, s))
		return 0
	}
	l.used["set "+s] = true
	if k != 0 && l.p.Sets[i].Kind != k {
		x.fail("set "+strconv.Quote(s)+" holds assets of kind "+l.p.Sets[i].Kind.String(), "a set of "+k.String())
	}
	return i
}

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
