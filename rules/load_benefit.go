package rules

import (
	"slices"
	"strconv"

	"github.com/goccy/go-yaml/ast"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules/benefit"
)

// loadBenefit reads benefit.yaml. Every fault is reported; the plan is only of use
// when there is none.
func (l *loader) loadBenefit(x node) *benefit.Plan {
	f := x.fields("methods!", "single_person", "add_ons", "tapering", "start!")
	p := &benefit.Plan{}
	var methods timeline
	for _, i := range f.get("methods").items() {
		m := l.benefitMethod(i)
		methods.add(i, m.Span)
		p.Methods = append(p.Methods, m)
	}
	filled(f.get("methods"), len(p.Methods))
	var single timeline
	for _, i := range pieces(f.get("single_person")) {
		s := l.benefitSingle(i)
		single.add(i, s.Span)
		p.Single = append(p.Single, s)
	}
	addOns := map[string]*timeline{}
	for _, i := range f.get("add_ons").items() {
		a := l.benefitAddOn(i)
		if addOns[a.Code] == nil {
			addOns[a.Code] = &timeline{}
		}
		addOns[a.Code].add(i, a.Span)
		p.AddOns = append(p.AddOns, a)
	}
	var tapering timeline
	for _, i := range pieces(f.get("tapering")) {
		g := i.fields("from", "to", "months!", "when!", "law!")
		t := benefit.Tapering{Span: days(g), Months: g.get("months").number(1, 24), Law: g.get("law").text()}
		t.When = benefit.Rise(g.get("when").code(household.CodeList{{}, benefit.Rises[benefit.RiseEmployment]}))
		tapering.add(i, t.Span)
		p.Tapering = append(p.Tapering, t)
	}
	p.Start = benefit.Start(f.get("start").code(benefit.Starts))
	return p
}

func (l *loader) benefitMethod(x node) benefit.Method {
	if at, why := unresolved(x); why != "" {
		f := at.fields("from", "to", "unresolved!", "law!")
		return benefit.Method{Span: days(f), Unresolved: why, Law: f.get("law").text()}
	}
	f := x.fields("from", "to", "method!", "standard!", "round", "minimum", "tiers", "law!")
	m := benefit.Method{Span: days(f), Law: f.get("law").text()}
	m.Kind = benefit.MethodKind(f.get("method").code(benefit.MethodKinds[:benefit.Fixed]))
	m.Standard = l.nameParameter(f.get("standard"), UnitFen)
	m.Minimum = l.nameParameter(f.get("minimum"), UnitFen)
	switch m.Kind {
	case benefit.Difference:
		f.forbid("difference has no tiers", "tiers")
		m.Round = rounding(f.require("round"))
	case benefit.Tiers:
		f.forbid("tiers are amounts, nothing is divided", "round")
		list := f.require("tiers")
		for _, i := range list.items() {
			g := i.fields("below_percent!", "amount!")
			t := benefit.Tier{BelowPercent: g.get("below_percent").number(1, 1000), Amount: l.nameParameter(g.get("amount"), UnitFen)}
			if n := len(m.Tiers); n > 0 && t.BelowPercent > 0 && t.BelowPercent <= m.Tiers[n-1].BelowPercent {
				g.get("below_percent").fail("the tier before reaches "+strconv.Itoa(m.Tiers[n-1].BelowPercent), "tiers in ascending order")
			}
			m.Tiers = append(m.Tiers, t)
		}
		filled(list, len(m.Tiers))
	}
	return m
}

func (l *loader) benefitSingle(x node) benefit.Single {
	f := x.fields("from", "to", "method!", "amount", "standard", "round", "law!")
	s := benefit.Single{Span: days(f), Law: f.get("law").text()}
	method := f.get("method").code(household.CodeList{{}, benefit.MethodKinds[benefit.Difference], benefit.MethodKinds[benefit.Fixed]})
	switch method {
	case 1:
		s.Kind = benefit.Difference
		f.forbid("difference is found from the standard", "amount")
		s.Standard, s.Round = l.nameParameter(f.require("standard"), UnitFen), rounding(f.require("round"))
	case 2:
		s.Kind = benefit.Fixed
		f.forbid("fixed is one amount", "standard", "round")
		s.Amount = l.nameParameter(f.require("amount"), UnitFen)
	}
	return s
}

func (l *loader) benefitAddOn(x node) benefit.AddOn {
	f := x.fields("from", "to", "code!", "title", "who!", "amount", "percent_of", "percent", "round", "law!")
	a := benefit.AddOn{Span: days(f), Code: f.get("code").slug(), Title: title(f.get("title")), Law: f.get("law").text(), Who: l.benefitWho(f.get("who"))}
	if slices.Contains(benefit.ReservedCodes(), a.Code) {
		f.get("code").fail(strconv.Quote(a.Code)+" is the code of another line", "another code")
	}
	if f.has("amount") {
		f.forbid("an amount is not a percentage", "percent_of", "percent", "round")
		a.Amount = l.nameParameter(f.get("amount"), UnitFen)
		return a
	}
	if !f.has("percent_of") && !f.has("percent") {
		x.fail("no amount", "amount, or percent_of with percent")
		return a
	}
	a.PercentOf = l.nameParameter(f.require("percent_of"), UnitFen)
	a.Percent = l.nameParameter(f.require("percent"), UnitPercent)
	if f.has("round") {
		a.Round = rounding(f.get("round"))
	}
	return a
}

// benefitWho reads whom an add-on is for. It must say something: an add-on for
// everybody is a higher standard.
func (l *loader) benefitWho(x node) benefit.Who {
	f := x.fields("relation", "sex", "age_from", "age_under", "any_of", "none_of")
	w := benefit.Who{
		Relations: uint64(f.get("relation").codes(household.Relations)), Sex: f.get("sex").code(household.Sexes),
		AgeFrom: f.get("age_from").number(1, 150), AgeUnder: f.get("age_under").number(1, 150),
		AnyOf: l.attributeNames(f.get("any_of")), NoneOf: l.attributeNames(f.get("none_of")),
	}
	if f.has("sex") {
		l.reads("sex", f.get("sex"))
	}
	if w.AgeUnder > 0 && w.AgeFrom >= w.AgeUnder {
		f.get("age_under").fail("nobody is of such an age", "more than age_from")
	}
	if !x.absent() && len(f.values) == 0 {
		x.fail("everybody is meant", "relation, sex, age_from, age_under, any_of or none_of")
	}
	return w
}

// attributeNames reads a list of attributes of members, each named once. Whether the
// pack has them is looked at when all files have been read.
func (l *loader) attributeNames(x node) []string {
	var out []string
	items := x.items()
	for _, i := range items {
		s := i.slug()
		if s != "" && slices.Contains(out, s) {
			i.fail(strconv.Quote(s)+" is named twice", "each value once")
		}
		out = append(out, s)
		if s != "" {
			l.attributeRefs = append(l.attributeRefs, i)
		}
	}
	filled(x, len(items))
	return out
}

// filled refuses a list that is written and empty.
func filled(x node, n int) {
	if plainList(x) && n == 0 {
		x.fail("an empty list", "at least one value")
	}
}

// rounding reads {unit: 1.00, direction: up}: multiples of an amount in yuan.
func rounding(x node) benefit.Round {
	f := x.fields("unit!", "direction!")
	r := benefit.Round{Direction: household.Rounding(f.get("direction").code(household.Roundings))}
	before := len(x.l.errs)
	r.Unit = f.get("unit").yuan()
	if u := f.get("unit"); !u.absent() && len(x.l.errs) == before && (r.Unit < 1 || r.Unit > 1000_00) {
		u.fail("not a unit to round to", "an amount from 0.01 to 1000.00")
	}
	return r
}

func title(x node) benefit.Text {
	if x.absent() {
		return benefit.Text{}
	}
	return x.bilingual()
}

// unreadable is the beginning of a piece whose dates have a fault of their own.
const unreadable household.Date = -1

// days reads the days on which a piece is in force.
func days(f fields) benefit.Span {
	before := len(f.of.l.errs)
	s := benefit.Span{From: f.get("from").date(), To: f.get("to").date()}
	if s.To != 0 && s.To < s.From {
		f.get("to").fail("it ends before it begins", "a date from "+s.From.String()+" on")
	}
	if len(f.of.l.errs) > before {
		return benefit.Span{From: unreadable}
	}
	return s
}

// pieces are the parts of a key that holds one mapping, or a list of dated ones.
func pieces(x node) []node {
	if x.absent() || plainList(x) {
		return x.items()
	}
	return []node{x}
}

// unresolved returns the reason of a piece that says that nobody knows the law.
func unresolved(x node) (at node, why string) {
	if _, ok := x.n.(*ast.MappingNode); !ok {
		return x, ""
	}
	for _, e := range x.entries() {
		if e.name == "unresolved" {
			return x, e.text()
		}
	}
	return x, ""
}

// timeline checks that dated pieces follow each other without overlap, and without a
// gap that nobody states.
type timeline struct {
	last *benefit.Span
	gaps bool // are allowed
}

func (t *timeline) add(x node, s benefit.Span) {
	last := t.last
	t.last = &s
	if last == nil || last.From == unreadable || s.From == unreadable {
		return
	}
	const expected = "a piece from the day after the one before"
	switch {
	case s.From == 0:
		x.fail("dates overlap: it is in force from the beginning", expected)
	case last.To == 0:
		x.fail("dates overlap: the piece before has no end", expected)
	case s.From <= last.To:
		x.fail("dates overlap: the piece before is in force until "+last.To.String(), expected)
	case !t.gaps && before(s.From) != last.To:
		x.fail("dates have a gap after "+last.To.String(), expected)
	}
}
