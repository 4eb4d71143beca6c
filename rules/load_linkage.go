package rules

import (
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules/benefit"
)

// loadLinkage reads linkage.yaml. Every fault is reported; what is returned is only
// of use when there is none.
func (l *loader) loadLinkage(x node) *benefit.Linkage {
	f := x.fields("triggers!", "formula!", "groups!")
	out := &benefit.Linkage{}
	var triggers, formulas timeline
	for _, i := range f.get("triggers").items() {
		t := l.linkageTrigger(i)
		triggers.add(i, t.Span)
		out.Triggers = append(out.Triggers, t)
	}
	for _, i := range pieces(f.get("formula")) {
		g := i.fields("from", "to", "name!", "standard!", "round", "law!")
		m := benefit.LinkFormula{Span: wholeMonths(g), Name: benefit.FormulaName(g.get("name").code(benefit.FormulaNames)), Law: g.get("law").text()}
		m.Standard = l.nameParameter(g.get("standard"), UnitFen)
		if g.has("round") {
			m.Round = rounding(g.get("round"))
		}
		formulas.add(i, m.Span)
		out.Formulas = append(out.Formulas, m)
	}
	groups := map[string]*timeline{}
	for _, i := range f.get("groups").items() {
		g := linkageGroup(i)
		if groups[g.Code] == nil {
			groups[g.Code] = &timeline{gaps: true} // a group may come, go and come again
		}
		groups[g.Code].add(i, g.Span)
		out.Groups = append(out.Groups, g)
	}
	filled(f.get("triggers"), len(out.Triggers))
	filled(f.get("formula"), len(out.Formulas))
	filled(f.get("groups"), len(out.Groups))
	return out
}

func (l *loader) linkageTrigger(x node) benefit.Trigger {
	if at, why := unresolved(x); why != "" {
		f := at.fields("from", "to", "unresolved!", "law!")
		return benefit.Trigger{Span: wholeMonths(f), Unresolved: why, Law: f.get("law").text()}
	}
	f := x.fields("from", "to", "any_of", "all_of", "law!")
	t := benefit.Trigger{Span: wholeMonths(f), All: f.has("all_of"), Law: f.get("law").text()}
	list := f.get("any_of")
	if t.All {
		f.forbid("all_of is given too", "any_of")
		list = f.get("all_of")
	}
	if list.absent() && !x.absent() {
		x.fail("no condition", "any_of or all_of, or unresolved")
	}
	for _, i := range list.items() {
		g := i.fields("series!", "at_least!", "months!")
		t.Conditions = append(t.Conditions, benefit.Condition{
			Series:  benefit.Series(g.get("series").code(benefit.SeriesCodes)),
			AtLeast: l.nameParameter(g.get("at_least"), UnitPermille),
			Months:  g.get("months").number(1, 12),
		})
	}
	filled(list, len(t.Conditions))
	return t
}

// linkageGroup reads a group: its code, or a mapping with dates.
func linkageGroup(x node) benefit.Group {
	if !x.absent() && plain(x.n) {
		return benefit.Group{Code: x.slug()}
	}
	f := x.fields("from", "to", "code!", "title", "law!")
	return benefit.Group{Span: wholeMonths(f), Code: f.get("code").slug(), Title: title(f.get("title")), Law: f.get("law").text()}
}

// wholeMonths reads dates that begin and end with a month, since a month has one
// trigger and one amount.
func wholeMonths(f fields) benefit.Span {
	s := days(f)
	if s.From == unreadable {
		return s
	}
	if s.From != 0 && s.From.Day() != 1 {
		f.get("from").fail("prices are judged by whole months", "the first day of a month")
	}
	if s.To != 0 {
		next := s.To.MonthOf() + 1
		if first, ok := household.NewDate(next.Year(), int(next)%12+1, 1); ok && before(first) != s.To {
			f.get("to").fail("prices are judged by whole months", "the last day of a month, "+before(first).String())
		}
	}
	return s
}
