package explain

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/hedui/hedui/engine/household"
)

func (x *writer) income() {
	s := &x.v.Income
	x.heading(x.say("income", s.Window.String()))
	if len(s.Lines) == 0 {
		x.line(2, x.say("no income"))
	} else {
		rows := [][]string{{x.say("member"), x.say("type"), x.say("declared"), x.say("found"), x.say("counted")}}
		for _, l := range s.Lines {
			rows = append(rows, []string{strconv.Itoa(l.Member), at(lineTitles[:], int(l.Type), x.lang), yuan(l.Declared), yuan(l.Found), yuan(l.Counted)})
		}
		x.table(2, map[int]bool{2: true, 3: true, 4: true}, rows)
	}
	for _, l := range s.Lines {
		x.monthly(l)
	}
	x.amounts("excluded", s.Excluded)
	x.amounts("deductions", s.Deductions)
	x.line(2, x.say("total")+" "+total(s))
	x.amounts("derived", s.Derived)
	x.caveat(household.Tax, household.Insurance)
	if s.Limit == 0 {
		return
	}
	x.line(2, x.say("limit")+" "+cmp.Or(IncomeLimit(s, x.lang), yuan(s.Limit)))
	x.line(2, x.compare(s.Total, s.Limit))
}

// IncomeLimit writes the limit of income as standard × months × members; "" when that
// does not come out.
func IncomeLimit(s *household.IncomeSheet, lang string) string {
	months, members := s.Window.Len(), s.Members
	n := household.Fen(months * members)
	if n <= 0 || s.Limit%n != 0 {
		return ""
	}
	return Say("limit sum", lang, yuan(s.Limit/n), months, members, yuan(s.Limit))
}

// FinancialLimit writes the limit of balances as an amount for each member; "" when that
// does not come out.
func FinancialLimit(s *household.AssetSheet, members int, lang string) string {
	n := household.Fen(members)
	if n <= 0 || s.FinancialLimit%n != 0 {
		return ""
	}
	return Say("per person", lang, yuan(s.FinancialLimit/n), members, yuan(s.FinancialLimit))
}

// caveat says that a sheet rests on sources that could not answer in full.
func (x *writer) caveat(sources ...household.Source) {
	for _, s := range sources {
		if !x.v.Coverage[s].State.Answered() {
			x.line(2, x.say("sheet caveat"))
			return
		}
	}
}

// monthly writes how a declared amount comes from the month's, when it does.
func (x *writer) monthly(l household.IncomeLine) {
	r := x.in.Request
	if r == nil || l.Member < 1 || l.Member > len(r.Members) || int(l.Type) >= household.NumLineTypes || l.Declared == 0 {
		return
	}
	month, n := r.Members[l.Member-1].Income[l.Type], x.v.Income.Window.Len()
	if month*household.Fen(n) == l.Declared {
		x.line(2, x.say("monthly", l.Member, at(lineTitles[:], int(l.Type), x.lang), yuan(month), n, yuan(l.Declared)))
	}
}

// amounts writes what the law leaves out, takes off or assumes, each with its law.
func (x *writer) amounts(what string, list []household.AmountOf) {
	if len(list) == 0 {
		return
	}
	x.line(2, x.say(what)+":")
	for i := range list {
		a := &list[i]
		parts := []string{a.Code}
		if a.Member > 0 {
			parts = append(parts, x.say("row member", a.Member))
		}
		if a.Obligor > 0 {
			parts = append(parts, x.say("obligor", a.Obligor))
		}
		x.line(4, strings.Join(append(parts, x.say("yuan", yuan(a.Amount))), ", "))
		x.line(6, x.say("law")+": "+a.Law)
	}
}

// total is the sum of the counted lines, written out when there is more than one
// and they come out.
func total(s *household.IncomeSheet) string {
	var parts []string
	var sum household.Fen
	for _, l := range s.Lines {
		if l.Counted != 0 {
			parts = append(parts, yuan(l.Counted))
		}
		sum += l.Counted
	}
	if len(parts) < 2 || sum != s.Total {
		return yuan(s.Total)
	}
	return strings.Join(parts, " + ") + " = " + yuan(s.Total)
}

func (x *writer) compare(amount, limit household.Fen) string {
	switch {
	case amount > limit:
		return x.say("over", yuan(amount-limit))
	case amount < limit:
		return x.say("under", yuan(limit-amount))
	}
	return x.say("equal")
}

func (x *writer) assets() {
	s := &x.v.Assets
	x.heading(x.say("assets"))
	financial := x.say("financial") + " " + yuan(s.Financial)
	if x.in.Request != nil {
		financial += "  " + x.say("declared sum", yuan(x.in.Request.Assets.Financial))
	}
	x.line(2, financial)
	if s.FinancialLimit > 0 {
		x.line(2, x.say("limit")+" "+cmp.Or(FinancialLimit(s, x.v.Income.Members, x.lang), yuan(s.FinancialLimit)))
		x.line(2, x.compare(s.Financial, s.FinancialLimit))
	}
	x.line(2, x.say("vehicles", s.Vehicles, s.Residential, s.NonResidential))
	x.distinct(s)
	x.caveat(household.Vehicle, household.Property, household.Bank)
}

// distinct writes what would be counted if assets that may be one were two, when
// that is more.
func (x *writer) distinct(s *household.AssetSheet) {
	if x.v.Links == nil {
		return
	}
	d := &x.v.Links.Distinct
	if d.Financial > s.Financial || d.Vehicles > s.Vehicles || d.Residential > s.Residential || d.NonResidential > s.NonResidential {
		x.line(2, x.say("distinct", yuan(d.Financial), d.Vehicles, d.Residential, d.NonResidential))
	}
}
