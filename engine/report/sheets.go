package report

import (
	"strings"

	"github.com/hedui/hedui/engine/explain"
	"github.com/hedui/hedui/engine/household"
)

// compared puts what was declared beside what was found.
func (b *builder) compared() {
	v := b.v
	c := &Compared{Period: b.span(v.Income.Window), Caveat: b.caveat(household.Tax, household.Vehicle, household.Property, household.Bank, household.Insurance)}
	for _, l := range v.Income.Lines {
		c.Income = append(c.Income, ComparedLine{
			Member: l.Member, What: explain.LineTitle(l.Type, b.lang), Declared: b.amount(l.Declared), Found: b.amount(l.Found),
			Difference: b.difference(l.Declared, l.Found), More: l.Found > l.Declared,
		})
	}
	financial := ComparedLine{What: b.say("financial"), Found: b.amount(v.Assets.Financial), Declared: Amount{Text: "–"}, Difference: Amount{Text: "–"}}
	vehicles := ComparedLine{What: b.say("vehicles"), Found: Amount{Text: b.say("counted vehicles", v.Assets.Vehicles)}, Declared: Amount{Text: "–"}}
	units := ComparedLine{What: b.say("properties"), Found: Amount{Text: b.say("counted units", v.Assets.Residential, v.Assets.NonResidential)}, Declared: Amount{Text: "–"}}
	b.undeclared(&vehicles, "undeclared_vehicle", household.Vehicle)
	b.undeclared(&units, "undeclared_property", household.Property)
	if b.r != nil {
		a := &b.r.Assets
		financial.Declared, financial.Difference = b.amount(a.Financial), b.difference(a.Financial, v.Assets.Financial)
		financial.More = v.Assets.Financial > a.Financial
		vehicles.Declared.Text, units.Declared.Text = b.say("declared number", len(a.Vehicles)), b.say("declared number", len(a.Properties))
		for _, p := range a.Vehicles {
			vehicles.Listed = append(vehicles.Listed, b.plate(p))
		}
		for _, p := range a.Properties {
			units.Listed = append(units.Listed, b.unit(p))
		}
	}
	c.Assets = []ComparedLine{financial, vehicles, units}
	b.doc.Compared = c
}

// undeclared says how many records of things nobody declared the findings list.
func (b *builder) undeclared(l *ComparedLine, code string, s household.Source) {
	n := listed(b.v, code)
	switch {
	case n > 0:
		l.Difference, l.More = Amount{Text: b.say("not declared", n)}, true
	case b.v.Coverage[s].State.Answered():
		l.Difference = Amount{Text: b.say("all declared")}
	default: // nobody knows
		l.Difference = Amount{Text: "–"}
	}
}

func (b *builder) income() {
	s := &b.v.Income
	out := &Income{Period: b.span(s.Window), Total: b.amount(s.Total), Caveat: b.caveat(household.Tax, household.Insurance)}
	for _, l := range s.Lines {
		out.Lines = append(out.Lines, IncomeLine{
			Member: l.Member, Type: explain.LineTitle(l.Type, b.lang), Declared: b.amount(l.Declared), Found: b.amount(l.Found), Counted: b.amount(l.Counted),
		})
		if text := b.monthly(l); text != "" {
			out.Monthly = append(out.Monthly, text)
		}
	}
	out.Excluded, out.Deductions, out.Derived = b.amounts(s.Excluded), b.amounts(s.Deductions), b.amounts(s.Derived)
	if b.shows() {
		out.Sum = incomeSum(s)
	}
	if s.Limit != 0 {
		out.HasLimit, out.Limit, out.LimitSum = true, full(s.Limit), explain.IncomeLimit(s, b.lang)
		out.Comparison = b.comparison(s.Total, s.Limit)
	}
	b.doc.Income = out
}

// monthly says how a declared amount comes from the month's, when it does.
func (b *builder) monthly(l household.IncomeLine) string {
	if !b.shows() || b.r == nil || l.Member < 1 || l.Member > len(b.r.Members) || int(l.Type) >= household.NumLineTypes || l.Declared == 0 {
		return ""
	}
	month, n := b.r.Members[l.Member-1].Income[l.Type], b.v.Income.Window.Len()
	if month*household.Fen(n) != l.Declared {
		return ""
	}
	return explain.Say("monthly", b.lang, l.Member, explain.LineTitle(l.Type, b.lang), explain.Yuan(month), n, explain.Yuan(l.Declared))
}

func (b *builder) amounts(list []household.AmountOf) []LawAmount {
	var out []LawAmount
	for i := range list {
		a := &list[i]
		var whose []string
		if a.Member > 0 {
			whose = append(whose, explain.Say("row member", b.lang, a.Member))
		}
		if a.Obligor > 0 {
			whose = append(whose, explain.Say("obligor", b.lang, a.Obligor))
		}
		out = append(out, LawAmount{Code: clean(a.Code), Title: b.title(a.Code), Whose: b.list(whose), Amount: b.amount(a.Amount), Law: clean(a.Law)})
	}
	return out
}

// incomeSum writes the total out when more than one amount goes into it and they come
// out: what was counted, less what was taken off.
func incomeSum(s *household.IncomeSheet) string {
	var text strings.Builder
	n := 0
	var sum household.Fen
	for _, l := range s.Lines {
		if l.Counted == 0 {
			continue
		}
		if n++; n > 1 {
			text.WriteString(" + ")
		}
		text.WriteString(explain.Yuan(l.Counted))
		sum += l.Counted
	}
	for i := range s.Deductions {
		n++
		text.WriteString(" − " + explain.Yuan(s.Deductions[i].Amount))
		sum -= s.Deductions[i].Amount
	}
	if n < 2 || sum != s.Total {
		return ""
	}
	return text.String() + " = " + explain.Yuan(s.Total)
}

// comparison says on which side of its limit an amount lies, and how far where the
// masks show amounts.
func (b *builder) comparison(amount, limit household.Fen) string {
	switch {
	case amount == limit:
		if b.shows() {
			return explain.Say("equal", b.lang)
		}
		return b.say("above") // in a band as any other
	case amount > limit && b.shows():
		return explain.Say("over", b.lang, explain.Yuan(amount-limit))
	case amount > limit:
		return b.say("above")
	case b.shows():
		return explain.Say("under", b.lang, explain.Yuan(limit-amount))
	}
	return b.say("below")
}

func (b *builder) assets() {
	s := &b.v.Assets
	out := &Assets{Financial: b.amount(s.Financial), Caveat: b.caveat(household.Vehicle, household.Property, household.Bank)}
	if s.FinancialLimit > 0 {
		out.HasLimit, out.Limit, out.LimitSum = true, full(s.FinancialLimit), explain.FinancialLimit(s, b.v.Income.Members, b.lang)
		out.Comparison = b.comparison(s.Financial, s.FinancialLimit)
	}
	out.Counts = []AssetLine{
		{What: b.say("vehicles"), Count: s.Vehicles, Unit: b.say("unit vehicles")},
		{What: b.say("homes"), Count: s.Residential, Unit: b.say("unit homes")},
		{What: b.say("non-residential"), Count: s.NonResidential, Unit: b.say("unit units")},
	}
	if l := b.v.Links; l != nil {
		d := &l.Distinct
		if d.Financial > s.Financial || d.Vehicles > s.Vehicles || d.Residential > s.Residential || d.NonResidential > s.NonResidential {
			out.Distinct = explain.Say("distinct", b.lang, b.amount(d.Financial).Text, d.Vehicles, d.Residential, d.NonResidential)
		}
	}
	b.doc.Assets = out
}

// span is a row of months as people write it.
func (b *builder) span(m household.Months) string {
	from, to, many := strings.Cut(m.String(), "..")
	if !many {
		return from
	}
	return b.say("from to", from, to)
}
