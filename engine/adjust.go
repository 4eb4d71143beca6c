package engine

import (
	"slices"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/rules"
)

// adjust takes off the income what the law lets a household keep, and adds what it
// assumes. What is added is derived and stands beside the total.
func (w *Worker) adjust() error {
	for _, d := range w.law.Deductions {
		switch {
		case d.DeclaredIn != 0:
			w.deductDeclared(d)
		case d.Expense >= 0:
			w.deductSpending(d)
		default:
			w.deductLine(d)
		}
	}
	for _, m := range w.law.Imputation {
		w.impute(m)
	}
	for _, s := range w.law.Support {
		if err := w.support(s); err != nil {
			return err
		}
	}
	return nil
}

// countedLine is what a line counts: the larger of declared and found.
func (l *line) counted() rules.Value {
	declared := int64(l.declared)
	return rules.Value{Strong: max(declared, l.found.Strong), All: max(declared, l.found.All), Linked: max(declared, l.found.Linked)}
}

// cellsOf are the cells of a line, none when no record counts in it.
func (w *Worker) cellsOf(line int) []cell {
	if !w.lines[line].touched {
		return nil
	}
	return w.cells[line*w.perLine : (line+1)*w.perLine]
}

// deductLine takes a deduction off every member's line, or part of it.
func (w *Worker) deductLine(d *rules.Deduction) {
	residence := w.plan.Request.Residence
	for i, m := range w.plan.members {
		at := i*household.NumLineTypes + int(d.Line)
		l := &w.lines[at]
		if !l.given || d.Who != nil && d.Who.Of(w.person(i)) != household.Yes {
			continue
		}
		months := 0
		for _, c := range w.cellsOf(at) {
			if c.All > 0 {
				months++
			}
		}
		if months == 0 || l.declared > 0 {
			months = w.span.window.Len() // declared for every month
		}
		v := l.counted()
		all := d.Amount(household.Fen(v.All), months, residence)
		w.income.All -= int64(all)
		w.income.Strong -= int64(d.Amount(household.Fen(v.Strong), months, residence))
		w.income.Linked -= int64(d.Amount(household.Fen(v.Linked), months, residence))
		if all > 0 {
			w.deductions = append(w.deductions, household.AmountOf{Code: d.Code, Member: m.number, Amount: all, Law: d.Law})
		}
	}
}

// deductSpending takes documented expenses of the window off the household's income.
func (w *Worker) deductSpending(d *rules.Deduction) {
	var spent int64
	for i := range w.plan.Request.Expenses {
		e := &w.plan.Request.Expenses[i]
		if !w.spending(e, d.Expense) {
			continue
		}
		if d.Who != nil {
			at := w.memberAt(e.Member)
			if at < 0 || d.Who.Of(w.person(at)) != household.Yes {
				continue
			}
		}
		spent = household.Add(spent, int64(e.Amount))
	}
	off := int64(d.Spending(household.Fen(spent), w.plan.Request.Residence))
	off = min(off, w.income.All)
	if off <= 0 {
		return
	}
	w.income.All -= off
	w.income.Strong = max(0, w.income.Strong-off)
	w.income.Linked = max(0, w.income.Linked-off)
	w.deductions = append(w.deductions, household.AmountOf{Code: d.Code, Amount: household.Fen(off), Law: d.Law})
}

// deductDeclared lowers what members declared in a line by what they document as not
// counting. It never touches what a source shows: that is sorted record by record.
func (w *Worker) deductDeclared(d *rules.Deduction) {
	for i, m := range w.plan.members {
		l := &w.lines[i*household.NumLineTypes+int(d.DeclaredIn)]
		if l.declared == 0 || d.Who != nil && d.Who.Of(w.person(i)) != household.Yes {
			continue
		}
		var documented int64
		for k := range w.plan.Request.Expenses {
			if e := &w.plan.Request.Expenses[k]; e.Member == m.number && w.spending(e, d.Expense) {
				documented = household.Add(documented, int64(e.Amount))
			}
		}
		without := *l
		without.declared -= min(l.declared, d.Spending(household.Fen(documented), w.plan.Request.Residence))
		before, after := l.counted(), without.counted()
		w.income.Strong -= before.Strong - after.Strong
		w.income.All -= before.All - after.All
		w.income.Linked -= before.Linked - after.Linked
		if off := before.All - after.All; off > 0 {
			w.deductions = append(w.deductions, household.AmountOf{Code: d.Code, Member: m.number, Amount: household.Fen(off), Law: d.Law})
		}
	}
}

// spending reports whether an expense is documented, of the window and of a type; −1
// takes every type that the pack knows.
func (w *Worker) spending(e *household.Expense, kind int) bool {
	if !household.IsDocument(e.Document) || !w.span.window.Contains(e.Month) {
		return false
	}
	for i := range w.v.pack.Expenses {
		if w.v.pack.Expenses[i].Code == e.Type {
			return kind < 0 || kind == i
		}
	}
	return false
}

// memberAt is the index of a counted member by the number in the request; −1 for none.
func (w *Worker) memberAt(number int) int {
	for i := range w.plan.members {
		if w.plan.members[i].number == number {
			return i
		}
	}
	return -1
}

// impute assumes income of members who could work and show none.
func (w *Worker) impute(m *rules.Imputation) {
	residence, months := w.plan.Request.Residence, int64(w.span.window.Len())
next:
	for i, p := range w.plan.members {
		for t := 1; t < household.NumLineTypes; t++ {
			if m.Lines.Has(uint8(t)) && w.lines[i*household.NumLineTypes+t].counted().All > 0 {
				continue next
			}
		}
		share := m.Share(w.person(i))
		n, ok := household.MulDiv(m.Bases[residence]*months, share, 100, household.RoundDown)
		if share == 0 || !ok || n == 0 {
			continue
		}
		w.derive(household.AmountOf{Code: m.Code, Member: p.number, Amount: household.Fen(n), Law: m.Law}, &w.imputed)
	}
}

func (w *Worker) derive(a household.AmountOf, into *int64) {
	*into = household.Add(*into, int64(a.Amount))
	w.income.Derived = household.Add(w.income.Derived, int64(a.Amount))
	w.derived = append(w.derived, a)
}

// support computes what people who owe support are taken to give.
func (w *Worker) support(s *rules.Support) error {
	for i := range w.plan.obligors {
		o := &w.plan.obligors[i]
		said := &w.plan.Request.Obligors[o.number-1]
		if !w.able(s, said) {
			continue
		}
		w.ableObligors++
		months := w.span.window.Len()
		owing := rules.Owing{
			Income: household.Fen(int64(said.MonthlyIncome) * int64(months)), Months: months, HouseholdMembers: max(1, said.HouseholdMembers),
			Children: max(1, said.ChildrenOfSupported), Supported: max(1, said.SupportedParents), Residence: w.plan.Request.Residence,
		}
		if o.at >= 0 {
			found, err := w.incomeOf(o, w.profiles[o.at])
			if err != nil {
				return err
			}
			owing.Income = max(owing.Income, found)
		}
		owed, ok := s.Amount(&owing)
		if !ok {
			continue
		}
		supports := said.Supports
		if supports == nil {
			supports = []int{w.plan.members[0].number}
		}
		for _, number := range supports {
			if w.memberAt(number) < 0 {
				continue
			}
			amount := owed
			if a := said.Agreement; a != nil && household.IsDocument(a.Document) {
				// An agreement is for all whom the obligor supports here.
				fixed, _ := household.MulDiv(int64(a.Monthly)*int64(months), 1, int64(len(supports)), household.RoundDown)
				if a.Kind == household.Judgment || household.Fen(fixed) > amount {
					amount = household.Fen(fixed)
				}
			}
			if amount > 0 {
				w.derive(household.AmountOf{Code: s.Code, Member: number, Obligor: o.number, Amount: amount, Law: s.Law}, &w.supported)
			}
		}
	}
	return nil
}

// able reports whether somebody can give support at all. What nobody knows does not
// free them: the amount is derived and only asks.
func (w *Worker) able(s *rules.Support, o *household.Obligor) bool {
	birth, sex := o.BirthDate, o.Sex
	if d := match.ParseDocument(o.IDType, []byte(o.IDNumber)); d.Birth != 0 {
		birth, sex = d.Birth, d.Sex
	}
	p := rules.Person{Relation: o.Relation, Sex: sex, Age: -1}
	if birth != 0 {
		p.Age = birth.Age(w.v.on)
		if s.Ages[0] > 0 && int64(p.Age) < s.Ages[0] || s.Ages[1] > 0 && int64(p.Age) > s.Ages[1] {
			return false
		}
	}
	p.Attributes = make([]household.Tri, len(w.v.pack.Attributes))
	w.answer(o.Attributes, rules.OfObligor, p.Attributes)
	if s.Unable != nil && s.Unable.Of(&p) == household.Yes {
		return false
	}
	return !slices.ContainsFunc(s.Waived, func(x *rules.Who) bool { return x.Of(&p) == household.Yes })
}

// incomeOf adds up what the sources show for an obligor in the window: records under
// their document and name that the law counts as income.
func (w *Worker) incomeOf(o *obligor, p *profile.Profile) (household.Fen, error) {
	var total int64
	mine := func(origin *profile.Origin, s household.Source) (bool, error) {
		if _, err := w.v.locate(origin.Snapshot, s); err != nil {
			return false, err
		}
		return w.plan.allowed[s] && origin.Owner >= 0 && origin.Owner < len(p.Owners) && p.Owners[origin.Owner].Name == o.name, nil
	}
	for i := range p.Tax {
		t := &p.Tax[i]
		ok, err := mine(&t.Origin, household.Tax)
		if err != nil {
			return 0, err
		}
		month, monthly := t.Period.Month()
		if !ok || !monthly || !w.span.window.Contains(month) || int(t.IncomeType) >= len(household.IncomeTypes) {
			continue
		}
		if x := &w.law.IncomeOf(month).Tax[t.IncomeType]; x.Class == rules.Counted {
			total = household.Add(total, int64(x.Amount.OfTax(t.Income, t.OwnInsurance, t.Tax)))
		}
	}
	for i := range p.Insurance {
		t := &p.Insurance[i]
		ok, err := mine(&t.Origin, household.Insurance)
		if err != nil {
			return 0, err
		}
		if !ok || !w.span.window.Contains(t.Month) || int(t.Scheme) >= len(household.InsuranceSchemes) || int(t.Role) >= len(household.InsuranceRoles) {
			continue
		}
		if x := &w.law.IncomeOf(t.Month).Insurance[t.Role][t.Scheme]; x.Class == rules.Counted {
			total = household.Add(total, int64(x.Amount.OfInsurance(t.Base, t.Benefit)))
		}
	}
	return household.Fen(total), nil
}
