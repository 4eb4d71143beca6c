package engine

import (
	"slices"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules"
)

// holds says whether a rule speaks of a member, or the household (−1), at all.
func (w *Worker) holds(r *rules.Rule, member int) household.Tri {
	out := household.Yes
	if r.Who != nil {
		if out = r.Who.Of(w.person(member)); out == household.No {
			return out
		}
	}
	if r.When == nil {
		return out
	}
	is, err := r.When.Eval(w, member)
	switch {
	case err != nil:
		// The arithmetic has left the numbers there are: a person has to look.
		return household.Unknown
	case is == household.No || out == household.Yes:
		return is
	}
	return out
}

// Var answers what a condition asks of the household being verified.
func (w *Worker) Var(v *rules.Var, member int) (value any, known bool) {
	r := w.plan.Request
	switch v.Kind {
	case rules.VarMembers:
		return int64(len(w.plan.members)), true
	case rules.VarAdults:
		n := int64(0)
		for i := range w.people {
			if w.people[i].Age < 0 || w.people[i].Age >= adultAge {
				n++
			}
		}
		return n, true
	case rules.VarIncome:
		return w.income.All, true
	case rules.VarDeclaredIncome:
		n := int64(0)
		for i := range w.lines {
			n = household.Add(n, int64(w.lines[i].declared))
		}
		return n, true
	case rules.VarFinancial:
		return w.financial.All, true
	case rules.VarUndeclaredFinancial:
		return w.financial.All - int64(r.Assets.Financial), true
	case rules.VarHomeArea:
		area := w.homeArea()
		return area.All, area.Derived == 0
	case rules.VarImputed:
		return w.imputed, true
	case rules.VarSupport:
		return w.supported, true
	case rules.VarDeductions:
		n := int64(0)
		for i := range w.deductions {
			n = household.Add(n, int64(w.deductions[i].Amount))
		}
		return n, true
	case rules.VarObligors:
		return int64(len(r.Obligors)), true
	case rules.VarObligorsAble:
		return int64(w.ableObligors), true
	case rules.VarExpenses:
		n := int64(0)
		for i := range r.Expenses {
			if w.spending(&r.Expenses[i], v.Arg) {
				n = household.Add(n, int64(r.Expenses[i].Amount))
			}
		}
		return n, true
	case rules.VarAny:
		is := household.No
		for i := range w.people {
			switch w.people[i].Attributes[v.Arg] {
			case household.Yes:
				return true, true
			case household.Unknown:
				is = household.Unknown
			}
		}
		return false, is == household.No
	case rules.VarResidence:
		return household.Residences.At(r.Residence).Name, true
	case rules.VarCount:
		return w.countOf(v.Word), true
	case rules.VarSum:
		return w.sumOf(w.law.SetIndex(v.Word)).All, true
	case rules.VarReceiving:
		if slices.Contains(r.Receiving, v.Word) {
			return true, true
		}
		return false, r.ReceivingGiven
	case rules.VarSingle:
		return r.Single, true
	case rules.VarMonthOfCheck:
		return int64(w.v.on.MonthOf())%12 + 1, true
	case rules.VarParameter:
		n, _, ok := w.law.Value(v.Word, r.Residence, len(w.plan.members))
		return n, ok
	}
	return w.memberVar(v, member)
}

// memberVar answers what a condition asks of one member.
func (w *Worker) memberVar(v *rules.Var, member int) (value any, known bool) {
	if member < 0 {
		return nil, false
	}
	p := w.person(member)
	declared := &w.plan.Request.Members[w.plan.members[member].number-1]
	switch v.Kind {
	case rules.VarAge:
		return int64(p.Age), p.Age >= 0
	case rules.VarSex:
		return household.Sexes.At(p.Sex).Name, p.Sex != 0
	case rules.VarRelation:
		return household.Relations.At(p.Relation).Name, p.Relation != 0
	case rules.VarIs:
		is := p.Attributes[v.Arg]
		return is == household.Yes, is != household.Unknown
	case rules.VarGrade, rules.VarAmount:
		code := w.v.pack.Attributes[v.Arg].Code
		for i := range declared.Attributes {
			a := &declared.Attributes[i]
			if a.Code != code || a.On(w.v.on) != household.Yes {
				continue
			}
			if v.Kind == rules.VarGrade {
				return int64(a.Grade), a.Grade > 0
			}
			return int64(a.Amount), true
		}
		return int64(0), p.Attributes[v.Arg] == household.No
	case rules.VarMemberIncome:
		n := int64(0)
		for t := 1; t < household.NumLineTypes; t++ {
			n = household.Add(n, w.lines[member*household.NumLineTypes+t].counted().All)
		}
		return n, true
	}
	return nil, false
}

// countOf is the number of the household's things in a set, for vehicles and units.
func (w *Worker) countOf(set string) int64 {
	i := w.law.SetIndex(set)
	if i < 0 {
		return 0
	}
	return w.counts[i*(len(w.plan.members)+1)].All
}

// sumOf is the money in a set of accounts.
func (w *Worker) sumOf(set int) rules.Value {
	var v rules.Value
	if set < 0 {
		return v
	}
	for i := range w.rows {
		r := &w.rows[i]
		if r.kind != rowAccount || r.dead || r.grade == household.GradeC || r.sets>>set&1 == 0 {
			continue
		}
		v.All, v.Strong = household.Add(v.All, int64(r.amount)), household.Add(v.Strong, int64(r.strong))
	}
	v.Linked = v.All
	return v
}

// homeArea is the floor area of the homes that the sheet counts, times the members'
// shares. Derived is above 0 when a home has no area.
func (w *Worker) homeArea() rules.Value {
	var v rules.Value
	set := w.law.Sheet.Residential
	w.pick(func(r *row) bool {
		return r.kind == rowUnit && r.grade != household.GradeC && r.sets>>set&1 != 0
	}, func(a, b *row) int {
		if c := compareThings(a, b); c != 0 {
			return c
		}
		return int(a.grade) - int(b.grade)
	})
	var last *row
	for _, i := range w.order {
		r := &w.rows[i]
		if last != nil && compareThings(last, r) == 0 {
			continue // the same unit of the same member, again
		}
		last = r
		p := &w.entries[r.entry].profile.Property[r.index]
		if p.Area == 0 {
			v.Derived = unknownArea
			continue
		}
		area := int64(p.Share.Of(household.Fen(p.Area)))
		v.All = household.Add(v.All, area)
		if r.grade == household.GradeA {
			v.Strong = household.Add(v.Strong, area)
		}
	}
	v.Linked = v.All
	return v
}

// unknownArea is more than any limit, in cm².
const unknownArea = 1 << 60
