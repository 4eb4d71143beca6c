package replay

import (
	"fmt"
	"slices"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules"
	"github.com/hedui/hedui/rules/trace"
)

// windowMonths is a factor, and a value of packs that give the law of their window.
const windowMonths = "window_months"

// listValues makes the values findable by name.
func (j *judgement) listValues() error {
	for i := range j.t.Values {
		v := &j.t.Values[i]
		place := "value " + v.Name
		if j.values[v.Name] != nil {
			return wrong(place, "given twice")
		}
		if v.Value < 0 {
			return wrong(place, "below zero")
		}
		j.values[v.Name] = v
	}
	if len(j.v.Pack.Values) > 0 {
		return wrong("verdict", "values of the law stand in the frame")
	}
	if w := j.values[windowMonths]; w != nil && w.Value != int64(j.v.Income.Window.Len()) {
		return wrong("value "+windowMonths, "not the window of the income")
	}
	return nil
}

// sums checks that the sheet of income adds up.
func (j *judgement) sums() error {
	s := &j.v.Income
	if s.Members != len(j.t.Members) {
		return wrong("income", "%d members are counted and %d are named", s.Members, len(j.t.Members))
	}
	total, last := int64(0), household.IncomeLine{}
	for i := range s.Lines {
		l := &s.Lines[i]
		place := fmt.Sprintf("income, member %d, %s", l.Member, l.Type)
		switch at, before := slices.Index(j.t.Members, l.Member), slices.Index(j.t.Members, last.Member); {
		case at < 0:
			return wrong(place, "not a counted member")
		case at < before || at == before && l.Type <= last.Type:
			return wrong(place, "out of order")
		case l.Counted != max(l.Declared, l.Found):
			return wrong(place, "what counts is not the larger of declared and found")
		}
		total, last = household.Add(total, int64(l.Counted)), *l
	}
	for i := range s.Deductions {
		total -= int64(s.Deductions[i].Amount)
	}
	if total != int64(s.Total) {
		return wrong("income", "the lines less the deductions are not the total")
	}
	return nil
}

// listFacts makes what conditions read of the household findable, and compares it with
// the sheets where they show it.
func (j *judgement) listFacts() error {
	for i := range j.t.Facts {
		f := &j.t.Facts[i]
		place := "fact " + f.Name
		if j.facts[f.Name] != nil {
			return wrong(place, "given twice")
		}
		j.facts[f.Name] = f
		if want, ok := j.known(f.Name); ok && (f.Int == nil || *f.Int != want) {
			return wrong(place, "not what the sheets show")
		}
	}
	return nil
}

// known is a variable of conditions that the frame shows too.
func (j *judgement) known(name string) (n int64, ok bool) {
	s := &j.v.Income
	switch name {
	case "household.members":
		return int64(s.Members), true
	case "household.income":
		return int64(s.Total), true
	case "household.financial_assets":
		return int64(j.v.Assets.Financial), true
	case "household.declared_income":
		for i := range s.Lines {
			n = household.Add(n, int64(s.Lines[i].Declared))
		}
		return n, true
	case "household.deductions":
		for i := range s.Deductions {
			n = household.Add(n, int64(s.Deductions[i].Amount))
		}
		return n, true
	case "household.imputed":
		return j.derived(func(a *household.AmountOf) bool { return a.Obligor == 0 }), true
	case "household.support":
		return j.derived(func(a *household.AmountOf) bool { return a.Obligor != 0 }), true
	case "household.month_of_check":
		return int64(j.v.On.MonthOf())%12 + 1, true
	}
	return 0, false
}

// alike compares what conditions were told of a member with the sheet and with what
// another condition was told.
func (j *judgement) alike(place string, member int, v *trace.Variable) error {
	if v.Name == "member.income" {
		n := int64(0)
		for i := range j.v.Income.Lines {
			if l := &j.v.Income.Lines[i]; l.Member == member {
				n = household.Add(n, int64(l.Counted))
			}
		}
		if v.Int == nil || *v.Int != n {
			return wrong(place, "%s is not what the sheet shows", v.Name)
		}
	}
	key := fact{name: v.Name, member: member}
	if before := j.told[key]; before != nil && !before.Equal(v) {
		return wrong(place, "another condition was told something else of %s", v.Name)
	}
	j.told[key] = v
	return nil
}

func (j *judgement) derived(want func(*household.AmountOf) bool) (n int64) {
	for i := range j.v.Income.Derived {
		if a := &j.v.Income.Derived[i]; want(a) {
			n = household.Add(n, int64(a.Amount))
		}
	}
	return n
}

// agrees compares a fact with the sheets, and with what another rule read.
func (j *judgement) agrees(place string, x *trace.Rule, a *trace.Application) error {
	v := rules.Value(a.Value)
	if v.Strong > v.All || v.Derived < 0 {
		return wrong(place, "more on grade A alone than on all grades, or derived below zero")
	}
	certain := v.All
	if f := x.Fact; f == rules.FactNotByLaw.String() || f == rules.FactExclusions.String() {
		certain = 0 // said by the request, of which there are no records
	}
	if j.t.Unconfirmed == nil && v.Linked != certain {
		return wrong(place, "unconfirmed records, and there are none")
	}
	key := fact{x.Fact + x.Count + x.Sum, a.Member, a.Type}
	if before, is := j.seen[key]; is && before != v {
		return wrong(place, "another rule read another number")
	}
	j.seen[key] = v
	all, linked := v.All, v.Linked
	links := j.v.Links
	switch x.Fact {
	case rules.FactIncome.String():
		all -= int64(j.v.Income.Total)
		if links != nil {
			linked -= int64(links.Income)
		} else {
			linked = 0
		}
		if v.Derived != j.derived(func(*household.AmountOf) bool { return true }) {
			return wrong(place, "not what was derived")
		}
	case rules.FactFinancial.String():
		all -= int64(j.v.Assets.Financial)
		if links != nil {
			linked -= int64(links.Financial)
		} else {
			linked = 0
		}
	case rules.FactUndeclaredFinancial.String():
		// What was declared is the same for every grade.
		whole, is := j.seen[fact{name: rules.FactFinancial.String()}]
		if is && (whole.All-v.All != whole.Strong-v.Strong || whole.All-v.All != whole.Linked-v.Linked) {
			return wrong(place, "not what is held less what was declared")
		}
		all, linked = 0, 0
	case rules.FactLineFound.String():
		all, linked = all-int64(j.line(a).Found), 0
	case rules.FactLineUndeclared.String():
		l := j.line(a)
		all, linked = all-int64(l.Found-l.Declared), 0
	default:
		return nil
	}
	if all != 0 || linked != 0 {
		return wrong(place, "not what the sheets show")
	}
	return nil
}

// line is the line of the sheet that an application is about; of what the sheet does not
// show, nothing.
func (j *judgement) line(a *trace.Application) household.IncomeLine {
	for _, l := range j.v.Income.Lines {
		if l.Member == a.Member && l.Type.String() == a.Type {
			return l
		}
	}
	return household.IncomeLine{}
}

// complete checks that a rule was applied to everybody it is about, in order.
func (j *judgement) complete(place string, scope rules.Scope, list []trace.Application) error {
	var want []fact
	switch scope {
	case rules.PerHousehold:
		want = []fact{{}}
	case rules.PerMember:
		for _, m := range j.t.Members {
			want = append(want, fact{member: m})
		}
	case rules.PerLine:
		// What types of income there are may have grown since; those that the sheet
		// shows must be there.
		for _, l := range j.v.Income.Lines {
			want = append(want, fact{member: l.Member, line: l.Type.String()})
		}
	}
	last := [2]int{-1, 0}
	at := 0
	for i := range list {
		a := &list[i]
		of := fact{member: a.Member, line: a.Type}
		t, ok := household.LineTypes.Named(a.Type)
		member := slices.Index(j.t.Members, a.Member)
		here := [2]int{member, int(t)}
		switch {
		case scope == rules.PerLine && (!ok || member < 0 || slices.Compare(here[:], last[:]) <= 0),
			scope != rules.PerLine && (at >= len(want) || want[at] != of):
			return wrong(place, "applied to somebody it is not about, or out of order")
		}
		last = here
		if at < len(want) && want[at] == of {
			at++
		}
	}
	if at < len(want) {
		return wrong(place, "not applied to everybody it is about")
	}
	return nil
}
