package engine

import (
	"unsafe"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
	"github.com/hedui/hedui/engine/match/identity"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/rules"
)

func (w *Worker) bank(r *row) *profile.Bank { return &w.entries[r.entry].profile.Bank[r.index] }

// sheets writes the arithmetic.
func (w *Worker) sheets(out *household.Verdict) {
	l, residence, n := w.law, w.plan.Request.Residence, len(w.plan.members)
	s := &out.Income
	s.Window, s.Members, s.Total = w.span.window, n, household.Fen(w.income.All)
	if l.IncomeLimit >= 0 {
		s.Limit = household.Fen(w.law.Of(l.IncomeLimit, residence, n))
	}
	for i, m := range w.plan.members {
		for t := 1; t < household.NumLineTypes; t++ {
			if l := &w.lines[i*household.NumLineTypes+t]; l.given {
				found := household.Fen(l.found.All)
				s.Lines = append(s.Lines, household.IncomeLine{
					Member: m.number, Type: household.LineType(t), Declared: l.declared, Found: found, Counted: max(l.declared, found),
				})
			}
		}
	}
	s.Deductions, s.Derived = append(s.Deductions, w.deductions...), append(s.Derived, w.derived...)
	for i, m := range w.plan.members {
		for k := range l.Exclusions {
			if f := w.excluded[i*len(l.Exclusions)+k]; f > 0 {
				s.Excluded = append(s.Excluded, household.AmountOf{Code: l.Exclusions[k].Code, Member: m.number, Amount: f, Law: l.Exclusions[k].Law})
			}
		}
	}
	a := &out.Assets
	a.Financial = household.Fen(w.financial.All)
	if l.FinancialLimit >= 0 {
		a.FinancialLimit = household.Fen(w.law.Of(l.FinancialLimit, residence, n))
	}
	count := func(set int) int { return int(w.counts[set*(n+1)].All) }
	a.Vehicles, a.Residential, a.NonResidential = count(l.Sheet.Vehicles), count(l.Sheet.Residential), count(l.Sheet.NonResidential)
}

// judge applies the rules in the order of the pack.
func (w *Worker) judge(out *household.Verdict) {
	n := len(w.plan.members)
	for i := range w.law.Rules {
		r := &w.law.Rules[i]
		if w.recorder != nil {
			w.recorder.rule(i)
		}
		if r.Unresolved != "" {
			if w.concerns(r) {
				w.unresolved(out, r)
			}
			continue
		}
		if w.spared(r) {
			continue
		}
		limit := w.law.Of(i, w.plan.Request.Residence, n)
		switch r.Scope {
		case rules.PerHousehold:
			w.apply(out, r, limit, -1, 0)
		case rules.PerMember:
			for m := range n {
				w.apply(out, r, limit, m, 0)
			}
		case rules.PerLine:
			for m := range n {
				for t := household.LineType(1); t < household.NumLineTypes; t++ {
					w.apply(out, r, limit, m, t)
				}
			}
		}
	}
	w.openQuestions(out)
	w.confirm(out)
}

// concerns reports whether a rule may speak of the household. It does not when its
// condition is known not to hold of anybody: then nobody needs to know its law.
func (w *Worker) concerns(r *rules.Rule) bool {
	if r.Who == nil && r.When == nil {
		return true
	}
	from, to := 0, len(w.plan.members)
	if r.Scope == rules.PerHousehold {
		from, to = -1, 0
	}
	concerns := false
	for m := from; m < to; m++ {
		if w.recorder != nil {
			w.recorder.application(r, rules.Value{}, m, 0)
		}
		concerns = w.holds(r, m) != household.No || concerns
	}
	return concerns
}

// unresolved writes down that nobody knows the law of a rule.
func (w *Worker) unresolved(out *household.Verdict, r *rules.Rule) {
	addFinding(out, household.Finding{Code: rules.LawUnresolved, Effect: household.Unverifiable, Item: r.Code, Law: rules.OpenLaw(r.Law, r.Unresolved)})
}

// openQuestions writes one finding for each kind of income of which nobody knows whether
// the law counts it, with the records.
func (w *Worker) openQuestions(out *household.Verdict) {
	for k := range w.law.Exclusions {
		e := &w.law.Exclusions[k]
		if e.Unresolved == "" {
			continue
		}
		w.pick(func(x *row) bool { return x.kind == rowOpen && int(x.special) == k && x.grade != household.GradeC }, locator)
		if len(w.order) == 0 {
			continue
		}
		f := household.Finding{Code: rules.LawUnresolved, Effect: household.Unverifiable, Item: e.Code, Law: rules.OpenLaw(e.Law, e.Unresolved)}
		found := addFinding(out, f)
		w.list(found, false)
		if w.recorder != nil {
			w.recorder.openQuestion(e, found)
		}
	}
}

// spared reports whether the coverage keeps a rule from firing.
func (w *Worker) spared(r *rules.Rule) bool {
	for s := household.Tax; s < household.NumChecked; s++ {
		if r.Unless[s].Has(uint8(w.state[s])) {
			return true
		}
	}
	return false
}

// value is the fact of a rule for the household (member −1), a member or a line.
func (w *Worker) value(r *rules.Rule, member int, t household.LineType) rules.Value {
	switch r.Fact {
	case rules.FactIncome:
		return w.income
	case rules.FactFinancial:
		return w.financial
	case rules.FactUndeclaredFinancial:
		declared := int64(w.plan.Request.Assets.Financial)
		return rules.Value{Strong: w.financial.Strong - declared, All: w.financial.All - declared, Linked: w.financial.Linked - declared}
	case rules.FactLineFound:
		return w.lines[member*household.NumLineTypes+int(t)].found
	case rules.FactLineUndeclared:
		l := &w.lines[member*household.NumLineTypes+int(t)]
		return rules.Value{Strong: l.found.Strong - int64(l.declared), All: l.found.All - int64(l.declared), Linked: l.found.Linked - int64(l.declared)}
	case rules.FactConflicts:
		return w.members[member].conflicts
	case rules.FactUnplaced:
		return w.members[member].unplaced
	case rules.FactOneOff:
		return w.members[member].oneOff
	case rules.FactUnexplainedMonths:
		return w.members[member].unexplained
	case rules.FactMonthsAtWork:
		return w.members[member].atWork
	case rules.FactSet:
		return w.counts[r.Set*(len(w.plan.members)+1)+member+1]
	case rules.FactDeceased:
		return w.members[member].deceased
	case rules.FactRegisteredApart:
		return w.members[member].apart
	case rules.FactUndeclaredResidents:
		return w.residents
	case rules.FactPossibleDuplicates:
		return w.duplicates
	case rules.FactSum:
		return w.sumOf(r.Set)
	case rules.FactNotByLaw:
		return w.members[member].outside
	case rules.FactExclusions:
		return w.groundless
	case rules.FactHomeArea:
		return w.homeArea()
	}
	return rules.Value{}
}

// apply judges one fact and writes the finding.
func (w *Worker) apply(out *household.Verdict, r *rules.Rule, limit int64, member int, t household.LineType) {
	v := w.value(r, member, t)
	if w.recorder != nil {
		w.recorder.application(r, v, member, t)
	}
	judgement := rules.Strong
	if r.Fact != rules.FactCondition {
		judgement = r.Judge(v, limit)
	}
	if judgement == rules.Silent {
		if w.unconfirmed && r.Reaches(v.Linked, limit) && w.holds(r, member) != household.No {
			w.toConfirm = append(w.toConfirm, flip{r, member, t})
			if w.recorder != nil {
				w.recorder.toConfirm()
			}
		}
		return
	}
	if r.Who != nil || r.When != nil {
		switch is := w.holds(r, member); {
		case is == household.No, is == household.Unknown && r.SilentUnknown:
			return
		case is == household.Unknown:
			judgement = rules.Derived
		}
	}
	f := household.Finding{Code: r.Code, Effect: r.Effect, Grade: household.GradeA, Type: t, Law: r.Law}
	if member >= 0 {
		f.Member = w.plan.members[member].number
	}
	amount := v.All
	// A finding that grade B would only weaken rests on grade A alone.
	strongOnly := judgement == rules.Strong && r.HasWeak()
	if strongOnly {
		amount = v.Strong
	}
	if judgement == rules.Weak {
		f.Grade = household.GradeB
		if r.HasWeak() {
			f.Code, f.Effect = r.WeakCode, r.WeakEffect
		}
	}
	if judgement == rules.Derived {
		f.Grade, f.Code, f.Effect = household.GradeC, r.DerivedCode, r.DerivedEffect
		amount = household.Add(v.All, v.Derived)
	}
	switch r.Fact {
	case rules.FactConflicts, rules.FactNotByLaw, rules.FactExclusions, rules.FactCondition:
		f.Grade = household.GradeNone // said, not found
	}
	f.Unverified = w.v.pack.CiteValues && w.law.Unverified(r)
	if r.Unit == rules.UnitFen {
		f.HasAmount, f.Amount, f.Limit = true, household.Fen(amount), household.Fen(limit)
	}
	if r.Fact == rules.FactPossibleDuplicates && w.doubles.money {
		f.HasAmount, f.Totals, f.Amount, f.Limit = true, true, household.Fen(w.doubles.distinct.All), household.Fen(w.financial.All)
	}
	found := addFinding(out, f)
	w.evidence(found, r, member, t, strongOnly)
	if w.recorder != nil {
		w.recorder.fired(found)
	}
}

// evidence lists the records a finding rests on, by member, source, snapshot, file
// and row.
func (w *Worker) evidence(f *household.Finding, r *rules.Rule, member int, t household.LineType, strongOnly bool) {
	w.pick(func(x *row) bool {
		return x.grade != household.GradeC && (member < 0 || int(x.member) == member) &&
			(!strongOnly || x.grade == household.GradeA && w.openSets(x)>>r.Set&1 == 0) && w.supports(x, r, t, strongOnly)
	}, locator)
	w.list(f, strongOnly)
}

// list writes the picked rows down as evidence.
func (w *Worker) list(f *household.Finding, strongOnly bool) {
	for _, i := range w.order {
		x := &w.rows[i]
		s := &w.v.snapshots[x.origin.Snapshot]
		m := &w.plan.members[x.member]
		e := household.Evidence{
			Source: x.source, Provider: w.v.providers[s.provider].name, Snapshot: s.id, Node: w.v.providers[s.provider].node, File: x.origin.File, Row: x.origin.Row,
			Record: w.record(x), Member: m.number, Period: x.period, Key: w.entries[x.entry].key,
		}
		switch {
		case x.link != identity.None:
			e.Link = x.link.String()
		case x.kind == rowConflict:
			e.Link = linkConflict
		default:
			e.Link = max(x.origin.Form, m.form).Link()
		}
		switch x.kind {
		case rowIncome, rowUnplaced, rowOneOff, rowOpen:
			e.HasAmount, e.Amount = true, x.amount
		case rowAccount:
			e.HasAmount, e.Amount = true, x.amount
			switch {
			case f.Totals && !x.aside:
				e.Amount = x.share // also of the one that counts nothing
			case strongOnly:
				e.Amount = x.strong
			}
		}
		f.Evidence = append(f.Evidence, e)
	}
}

// linkConflict is the identity tier of a record with the member's document and
// another name.
const linkConflict = "X1"

// The order of Form is the order of the tiers: the weaker of record and request
// decides.
var _ = [1]struct{}{}[match.FormOther-2]

// supports reports whether a record contributes to the fact of a rule.
func (w *Worker) supports(x *row, r *rules.Rule, t household.LineType, strongOnly bool) bool {
	switch r.Fact {
	case rules.FactIncome:
		if x.kind != rowIncome || x.amount == 0 {
			return false
		}
		l := &w.lines[int(x.member)*household.NumLineTypes+int(x.line)]
		found := l.found.All
		switch {
		case strongOnly:
			found = l.found.Strong
		case x.grade == household.GradeC:
			found = l.found.Linked
		}
		return found >= int64(l.declared)
	case rules.FactLineFound, rules.FactLineUndeclared:
		return x.kind == rowIncome && x.line == t && x.amount > 0
	case rules.FactFinancial, rules.FactUndeclaredFinancial:
		return x.kind == rowAccount && !x.dead && x.share > 0
	case rules.FactConflicts:
		return x.kind == rowConflict
	case rules.FactUnplaced:
		return x.kind == rowUnplaced
	case rules.FactOneOff:
		return x.kind == rowOneOff
	case rules.FactUnexplainedMonths:
		return x.kind == rowEmployment && w.months[int(x.member)*w.span.window.Len()+int(x.month)]&waged == 0
	case rules.FactMonthsAtWork:
		return x.kind == rowEmployment || x.source == household.Tax && x.kind == rowIncome &&
			w.law.Employment.ExplainedBy.Has(w.entries[x.entry].profile.Tax[x.index].IncomeType)
	case rules.FactSet:
		return x.kind != rowAccount && x.sets>>r.Set&1 != 0
	case rules.FactSum:
		return x.kind == rowAccount && !x.dead && x.share > 0 && x.sets>>r.Set&1 != 0
	case rules.FactHomeArea:
		return x.kind == rowUnit && x.sets>>w.law.Sheet.Residential&1 != 0
	case rules.FactDeceased:
		return x.kind == rowDeceased
	case rules.FactRegisteredApart:
		return x.kind == rowApart
	case rules.FactPossibleDuplicates:
		return x.double
	}
	return false
}

// record is the record's own number, masked.
func (w *Worker) record(x *row) string {
	p := w.entries[x.entry].profile
	switch x.source {
	case household.Tax:
		return p.Tax[x.index].Record
	case household.Vehicle:
		return w.masked(p.Vehicle[x.index].VIN, 1, 2)
	case household.Property:
		return w.masked(p.Property[x.index].Unit(), 1, 2)
	case household.Bank:
		return w.masked(p.Bank[x.index].AccountNo, 0, 4)
	case household.Insurance:
		return p.Insurance[x.index].Record
	}
	return ""
}

// masked is household.MaskRecord, or for the number of an account its String, which
// shows other characters at either end. The usual numbers are masked into the worker's
// memory.
func (w *Worker) masked(s string, head, tail int) string {
	if len(s) < 10 || !plain(s) {
		if head == 0 {
			return household.Account(s).String()
		}
		return household.MaskRecord(s)
	}
	from := len(w.masks)
	w.masks = append(w.masks, s[:head]...)
	w.masks = append(w.masks, "***"...)
	w.masks = append(w.masks, s[len(s)-tail:]...)
	return unsafe.String(&w.masks[from], len(w.masks)-from)
}
