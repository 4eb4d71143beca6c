package rules

import (
	"slices"
	"strconv"

	"github.com/hedui/hedui/engine/household"
)

// members reads who belongs to a household.
func (l *loader) members(x node) {
	list := x.fields("members!").get("members")
	for _, i := range list.items() {
		f := i.fields("from", "to", "include!", "exclude!", "law!")
		m := &Membership{Law: f.get("law").text(), Place: i.place()}
		for _, k := range f.get("include").items() {
			w, _ := l.who(k, OfMember)
			if w != nil {
				if slices.ContainsFunc(m.Include, func(o *Who) bool { return o.covers(w) }) {
					k.fail("nobody more is meant: an earlier class has them all", "a class of other people, or none")
				}
				m.Include = append(m.Include, w)
			}
		}
		if in := f.get("include"); len(m.Include) == 0 && !in.absent() {
			in.fail("nobody belongs to the household", "at least one class of people")
		}
		for _, k := range f.get("exclude").items() {
			g := k.fields("reason!", "proof", "years")
			e := ExclusionGround{Reason: g.get("reason").code(household.Exclusions), Attribute: -1}
			if p := g.get("proof"); !p.absent() {
				e.Attribute = l.attribute(p, OfMember)
			}
			if n := g.get("years"); !n.absent() {
				e.Years = n.number(1, 50)
				if !g.has("proof") {
					n.fail("years of what", "proof, the attribute that says since when")
				}
			}
			if slices.ContainsFunc(m.Exclude, func(o ExclusionGround) bool { return o.Reason == e.Reason && e.Reason != 0 }) {
				k.fail("the reason is named twice", "each once")
			}
			m.Exclude = append(m.Exclude, e)
		}
		appendDated(&l.layer.members, dated[*Membership]{f.span(), m, i})
	}
	if len(l.layer.members) == 0 && !list.absent() {
		list.fail("an empty list", "at least one text")
	}
}

// adjustments reads what is taken off the income, and what is added to it.
func (l *loader) adjustments(x node) {
	f := x.fields("deductions", "imputation", "support")
	y := l.layer
	y.adjusts = true
	codes := map[string]Span{}
	code := func(g fields) (string, Span) {
		c, span := g.get("code").slug(), g.span()
		if c != "" {
			// The same code again is the next text of the same thing.
			if last, is := codes[c]; is && !follows(&last, span, g.get("code")) {
				return c, span
			}
			codes[c] = span
		}
		return c, span
	}
	for _, i := range f.get("deductions").items() {
		g := i.fields("from", "to", "code!", "line", "percent", "of", "expense", "declared_in", "cap", "who", "law!")
		d := &Deduction{Expense: -1, Law: g.get("law").text(), Place: i.place()}
		var span Span
		d.Code, span = code(g)
		if g.has("line") == g.has("expense") {
			i.fail("a deduction is of one thing", "either line or expense")
			continue
		}
		if g.has("line") {
			d.Line = household.LineType(g.get("line").code(household.LineTypes))
			g.forbid("a line is not declared in another", "declared_in")
			share := bound{min: 1, max: 100}
			if of := g.get("of"); plainText(of) != "line" && !of.absent() {
				d.Base = l.boundedParameter(of, bound{min: 1}, UnitFen)
				share.max = 0
			}
			d.Percent = l.boundedParameter(g.require("percent"), share, UnitPercent)
		} else {
			g.forbid("expenses are taken off as they are", "percent", "of")
			d.Expense = l.expense(g.get("expense"))
			d.DeclaredIn = household.LineType(g.get("declared_in").code(household.LineTypes))
		}
		d.Cap = l.boundedParameter(g.get("cap"), bound{min: 1}, UnitFen)
		d.Who, _ = l.who(g.get("who"), OfMember)
		y.deductions = append(y.deductions, dated[*Deduction]{span, d, i})
	}
	for _, i := range f.get("imputation").items() {
		g := i.fields("from", "to", "code!", "line!", "base!", "who", "unless_income!", "table!", "law!")
		m := &Imputation{Line: household.LineType(g.get("line").code(household.LineTypes)), Law: g.get("law").text(), Place: i.place()}
		var span Span
		m.Code, span = code(g)
		m.Base = l.boundedParameter(g.get("base"), bound{min: 1}, UnitFen)
		m.Who, _ = l.who(g.get("who"), OfMember)
		m.Lines = g.get("unless_income").codes(household.LineTypes)
		for _, k := range g.get("table").items() {
			w, h := l.who(k, OfMember, "percent!")
			if w != nil {
				if slices.ContainsFunc(m.Table, func(o ImputedShare) bool { return o.Who.covers(w) }) {
					k.fail("the row is never reached: an earlier one means all of these people", "the narrower row first")
				}
				m.Table = append(m.Table, ImputedShare{w, int64(h.get("percent").number(0, 1000))})
			}
		}
		if t := g.get("table"); len(m.Table) == 0 && !t.absent() {
			t.fail("an empty table", "at least one row")
		}
		y.imputation = append(y.imputation, dated[*Imputation]{span, m, i})
	}
	for _, i := range f.get("support").items() {
		l.support(i, code)
	}
}

// support reads a formula and the parameters it is to work with.
func (l *loader) support(x node, code func(fields) (string, Span)) {
	g := x.fields("from", "to", "code!", "strategy!", "parameters", "unable", "waived", "age_from", "age_to", "law!")
	s := &Support{Law: g.get("law").text(), Place: x.place()}
	var span Span
	s.Code, span = code(g)
	l.reads("obligors", x)
	all := Strategies()
	at := g.get("strategy")
	s.Strategy = at.text()
	i := slices.IndexFunc(all, func(t Strategy) bool { return t.Name == s.Strategy })
	if i < 0 {
		if s.Strategy != "" {
			var known []string
			for _, t := range all {
				known = append(known, t.Name)
			}
			at.fail("unknown strategy "+strconv.Quote(s.Strategy), oneOf(known, s.Strategy))
		}
		return
	}
	s.amount = all[i].amount
	var wanted []string
	for _, p := range all[i].Params {
		wanted = append(wanted, p.Name+"!")
	}
	params := g.get("parameters")
	if len(wanted) > 0 && params.absent() {
		params = g.require("parameters")
	}
	f := params.fields(wanted...)
	for _, p := range all[i].Params {
		if v := f.get(p.Name); !v.absent() {
			s.params = append(s.params, nameAt{p.Name, v})
			l.boundedParameter(v, bound{}, p.Unit)
		}
	}
	s.AgeFrom = l.boundedParameter(g.get("age_from"), bound{min: 1, max: 150, everybody: true}, UnitCount)
	s.AgeTo = l.boundedParameter(g.get("age_to"), bound{min: 1, max: 150, everybody: true}, UnitCount)
	s.Unable, _ = l.who(g.get("unable"), OfObligor)
	for _, k := range g.get("waived").items() {
		if w, _ := l.who(k, OfObligor); w != nil {
			s.Waived = append(s.Waived, w)
		}
	}
	l.layer.support = append(l.layer.support, dated[*Support]{span, s, x})
}

// expense reads a type of expenses; −1 when there is none of that code.
func (l *loader) expense(x node) int {
	s := x.text()
	var known []string
	for i, e := range l.p.Expenses {
		if e.Code == s {
			l.used["expense "+s] = true
			l.reads("expenses", x)
			return i
		}
		known = append(known, e.Code)
	}
	if s != "" {
		x.fail("unknown type of expenses "+strconv.Quote(s), oneOf(known, s))
	}
	return -1
}
