package words

import (
	"strings"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules"
)

func (d *describer) income() {
	periods := d.l.IncomePeriods()
	for v := 1; v < len(household.IncomeTypes); v++ {
		name := ofList(household.IncomeTypes, uint8(v))
		d.kind(periods, "tax "+household.IncomeTypes[v].Name, t("税务："+name.Zh, "tax: "+name.En), taxColumns[:], func(i *rules.Income) *rules.Treatment { return &i.Tax[v] })
	}
	for role := len(household.InsuranceRoles) - 1; role > 0; role-- {
		for v := 1; v < len(household.InsuranceSchemes); v++ {
			r, s := ofList(household.InsuranceRoles, uint8(role)), ofList(household.InsuranceSchemes, uint8(v))
			d.kind(periods, household.InsuranceRoles[role].Name+" "+household.InsuranceSchemes[v].Name, t("社会保险"+r.Zh+"："+s.Zh, "insurance, "+r.En+": "+s.En), insuranceColumns[:],
				func(i *rules.Income) *rules.Treatment { return &i.Insurance[role][v] })
		}
	}
	d.employment()
}

var (
	taxColumns       = [...]rules.Text{{Zh: "收入额", En: "income"}, {Zh: "个人缴纳的社会保险费", En: "own insurance contributions"}, {Zh: "个人所得税", En: "tax"}}
	insuranceColumns = [...]rules.Text{{Zh: "缴费基数", En: "base"}, {Zh: "待遇金额", En: "benefit"}}
)

// kind tells what one kind of record is, over all months in which the money may have been
// received. Contributions that are no income are not told.
func (d *describer) kind(periods []rules.IncomePeriod, key string, title rules.Text, columns []rules.Text, of func(*rules.Income) *rules.Treatment) {
	out := Piece{Section: Income, Key: key, Title: title}
	any := false
	for i := 0; i < len(periods); {
		first := of(periods[i].Income)
		says, law := d.treatment(first, columns)
		from, through := periods[i].From, periods[i].Through
		for i++; i < len(periods); i++ {
			next, nextLaw := d.treatment(of(periods[i].Income), columns)
			if next != says || nextLaw != law {
				break
			}
			through = periods[i].Through
		}
		p := Part{Key: from.String() + ".." + through.String(), Says: says, Law: law}
		switch a, b := from.String(), through.String(); {
		case from == 0 && through == 0:
		case from == 0:
			p.Name = t(b+" 及以前收到的", "received until "+b)
		case through == 0:
			p.Name = t(a+" 起收到的", "received from "+a+" on")
		default:
			p.Name = t(a+" 至 "+b+" 收到的", "received "+a+" to "+b)
		}
		out.Parts = append(out.Parts, p)
		any = any || first.Class != rules.NotIncome
	}
	if any || !strings.HasPrefix(key, "contributing") {
		d.add(out)
	}
}

func (d *describer) treatment(x *rules.Treatment, columns []rules.Text) (says rules.Text, law string) {
	var e rules.Exclusion
	code := ""
	if x.Exclusion >= 0 && x.Class != rules.NotIncome {
		e = d.l.Exclusions[x.Exclusion]
		code = "（" + e.Code + "）"
	}
	switch x.Class {
	case rules.Counted:
		line, how := ofList(household.LineTypes, uint8(x.Line)), amount(&x.Amount, columns)
		return t("计入"+line.Zh+"："+how.Zh, "counted as "+line.En+" income: "+how.En), ""
	case rules.OneOff:
		how := amount(&x.Amount, columns)
		return t("一次性收入，不计入，提示核实去向："+how.Zh, "one-off: not counted, but looked at: "+how.En), ""
	case rules.Excluded:
		if e.Code == "" { // left out without a trace in the verdict
			return t("规定不计入", "left out by the law"), ""
		}
		how := amount(&x.Amount, columns)
		return t("规定不计入，单独列出"+code+"："+how.Zh, "left out by the law and shown apart ("+e.Code+"): "+how.En), e.Law
	case rules.OpenQuestion:
		how := amount(&x.Amount, columns)
		return t("是否计入没有定论"+code+"："+how.Zh+"；"+e.Unresolved, "open question ("+e.Code+"): "+how.En+"; "+e.Unresolved), e.Law
	}
	return t("不是收入", "no income"), ""
}

func amount(a *rules.Amount, columns []rules.Text) rules.Text {
	out := columns[a.Of]
	for _, l := range a.Less {
		out = t(out.Zh+" − "+columns[l].Zh, out.En+" − "+columns[l].En)
	}
	if len(a.Less) > 0 || a.Floor > 0 {
		floor := money(int64(a.Floor))
		out = t(out.Zh+"，不低于 "+floor.Zh, out.En+", not below "+floor.En)
	}
	return out
}

func (d *describer) employment() {
	e := &d.l.Employment
	d.add(Piece{Section: Income, Key: "employment", Title: t("视为就业的参保", "contributions that show employment"), Parts: []Part{
		{Key: "schemes", Name: t("险种", "schemes"), Says: list(ofMask(household.InsuranceSchemes, e.Schemes))},
		{Key: "roles", Name: t("参保关系", "roles"), Says: list(ofMask(household.InsuranceRoles, e.Roles))},
		{Key: "identities", Name: t("参保身份", "identities"), Says: list(ofMask(household.InsuranceIdentities, e.Identities))},
		{Key: "explained_by", Name: t("可由这些税务记录说明", "explained by these tax records"), Says: list(ofMask(household.IncomeTypes, e.ExplainedBy))},
	}})
}
