package words

import (
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules"
)

func (d *describer) rules() {
	for i := range d.l.Rules {
		d.add(Rule(d.l, &d.l.Rules[i]))
	}
}

// Rule tells a rule: what it compares, whom it is about, and what follows on each grade of
// evidence.
func Rule(l *rules.Law, r *rules.Rule) Piece {
	p := l.Pack
	out := Piece{Section: Rules, Key: r.Code, Title: t(r.Code, r.Code), Law: r.Law, Place: r.Place()}
	if m := p.Message(r.Code); m != nil {
		out.Title = m.Title
	}
	add := func(key string, name, says rules.Text) {
		out.Parts = append(out.Parts, Part{Key: key, Name: name, Says: says})
	}
	if r.Fact != rules.FactCondition {
		add("compare", t("比较", "compares"), Comparison(l, r))
	}
	add("per", t("对象", "about"), scope(r.Scope))
	if r.Who != nil {
		add("who", t("适用", "for"), Who(p, r.Who))
	}
	if r.When != nil {
		add("when", t("条件", "when"), Condition(p, r.When))
	}
	if r.Who != nil || r.When != nil {
		unknown := t("提示核实", "a question")
		if r.SilentUnknown {
			unknown = t("不提示", "nothing")
		}
		add("if_unknown", t("情况不明时", "when nobody knows"), unknown)
	}
	for s := household.Tax; s < household.NumChecked; s++ {
		if states := ofMask(household.RuleStates(), r.Unless[s]); len(states) > 0 {
			name := ofList(household.Sources, uint8(s))
			says := list(states)
			add("unless "+s.String(), t("这些情况下不提示", "not when"), t(name.Zh+"数据"+says.Zh, name.En+" is "+says.En))
		}
	}
	add("effect", t("结论", "leads to"), Outcome(r.Effect))
	if r.HasWeak() {
		add("grade_b", t("只有加上 B 级证据才达到时", "with grade B alone"), follows(p, r.Code, r.WeakCode, r.WeakEffect))
	}
	if derives(l, r) {
		add("grade_c", t("只有加上推定或未证明的内容才达到时", "with what is derived or unproven"), follows(p, r.Code, r.DerivedCode, r.DerivedEffect))
	}
	for i, text := range []rules.Text{t("收入限额", "the limit of income"), t("金融资产限额", "the limit of financial assets")} {
		if at := []int{l.IncomeLimit, l.FinancialLimit}[i]; at >= 0 && l.Rules[at].Code == r.Code {
			add("shown_as", t("结论中列出", "shown in verdicts as"), text)
		}
	}
	if r.Unresolved != "" {
		out.Parts = append(out.Parts, unresolved(r.Unresolved))
	}
	return out
}

// derives reports whether anything derived or unproven can make a rule fire.
func derives(l *rules.Law, r *rules.Rule) bool {
	switch r.Fact {
	case rules.FactIncome:
		return len(l.Imputation)+len(l.Support) > 0
	case rules.FactSet, rules.FactSum:
		return len(l.Sets[r.Set].Exempt) > 0 || (r.Who != nil || r.When != nil) && !r.SilentUnknown
	}
	return (r.Who != nil || r.When != nil) && !r.SilentUnknown
}

// follows is a weaker outcome, with the finding's title when it is another finding.
func follows(p *rules.Pack, rule, code string, effect household.Outcome) rules.Text {
	out := Outcome(effect)
	if m := p.Message(code); m != nil && code != rule {
		out = t(out.Zh+"（"+m.Title.Zh+"，"+code+"）", out.En+" ("+m.Title.En+", "+code+")")
	}
	return out
}

func scope(s rules.Scope) rules.Text {
	switch s {
	case rules.PerHousehold:
		return t("整个家庭", "the household")
	case rules.PerMember:
		return t("每名成员", "each member")
	}
	return t("每名成员的每类收入", "each line of income of a member")
}

// Comparison tells what a rule compares with what.
func Comparison(l *rules.Law, r *rules.Rule) rules.Text {
	fact, limit := Fact(l, r), Limit(l, r)
	switch r.Op {
	case rules.AtLeast:
		return t(fact.Zh+" 达到或超过 "+limit.Zh, fact.En+" is at least "+limit.En)
	case rules.MoreThan:
		return t(fact.Zh+" 超过 "+limit.Zh, fact.En+" is more than "+limit.En)
	}
	return t(fact.Zh+" 与 "+limit.Zh+" 比较", fact.En+" is compared with "+limit.En)
}

// Limit tells the right side of a rule. What is given for a year is compared for a month.
func Limit(l *rules.Law, r *rules.Rule) rules.Text {
	name, factors := r.Limit()
	if name == "" {
		return rules.Text{}
	}
	out := Parameter(l.Pack, name)
	if v, ok := l.Provenance(name); ok && v.Parameter.PerYear {
		out = t(out.Zh+" ÷ 12", out.En+" ÷ 12")
	}
	for _, f := range factors {
		var w rules.Text
		switch {
		case f == "window_months":
			w = t("核算月数", "months of the window")
		case f == "counted_members":
			w = t("计入人数", "counted members")
		case f[0] >= '0' && f[0] <= '9':
			w = t(f, f)
		default:
			w = Parameter(l.Pack, f)
			if v, ok := l.Provenance(f); ok && v.Parameter.Unit != rules.UnitCount && v.Unresolved == "" {
				n := byResidence(v.Value, v.Parameter.Unit, "", "")
				w = t(w.Zh+"（"+n.Zh+"）", w.En+" ("+n.En+")")
			}
		}
		out = t(out.Zh+" × "+w.Zh, out.En+" × "+w.En)
	}
	return out
}

// Fact names what a rule compares.
func Fact(l *rules.Law, r *rules.Rule) rules.Text {
	switch r.Fact {
	case rules.FactSet:
		name := set(l.Pack, l.Sets[r.Set].Name)
		return t(name.Zh+"的件数", "number of "+name.En)
	case rules.FactSum:
		name := set(l.Pack, l.Sets[r.Set].Name)
		return t(name.Zh+"的金额合计", "money in "+name.En)
	}
	return facts[r.Fact]
}

var facts = map[rules.FactID]rules.Text{
	rules.FactIncome:              {Zh: "核算期内家庭收入", En: "income of the household in the window"},
	rules.FactFinancial:           {Zh: "家庭金融资产", En: "financial assets of the household"},
	rules.FactUndeclaredFinancial: {Zh: "未申报的金融资产", En: "financial assets that were not declared"},
	rules.FactLineFound:           {Zh: "查得的收入", En: "income found"},
	rules.FactLineUndeclared:      {Zh: "查得收入高于申报的差额", En: "income found above the declared"},
	rules.FactConflicts:           {Zh: "证件号码相同而姓名不同的记录数", En: "records under the document with another name"},
	rules.FactUnplaced:            {Zh: "所属期不能确定的收入记录数", En: "income records without a period"},
	rules.FactOneOff:              {Zh: "一次性收入的笔数", En: "one-off receipts"},
	rules.FactUnexplainedMonths:   {Zh: "参保就业而没有工资记录的月数", En: "months of employment without a wage record"},
	rules.FactMonthsAtWork:        {Zh: "有工资记录或以职工身份参保的月数", En: "months with a wage record or insured as an employee"},
	rules.FactCondition:           {Zh: "条件成立", En: "the condition holds"},
	rules.FactDeceased:            {Zh: "人口登记中已死亡（1 为是）", En: "1 when the register says that the member died"},
	rules.FactRegisteredApart:     {Zh: "与户主登记在不同的户（1 为是）", En: "1 when registered in another household than the head"},
	rules.FactUndeclaredResidents: {Zh: "同户登记而申请未列的人数", En: "people registered with the household whom the request does not list"},
	rules.FactPossibleDuplicates:  {Zh: "可能是同一件的资产数", En: "assets that may be one and the same as another"},
	rules.FactNotByLaw:            {Zh: "按规定不属于共同生活家庭成员（1 为是）", En: "1 when the law does not take the member in"},
	rules.FactExclusions:          {Zh: "列为不计入而没有依据或证明的人数", En: "people left out without a ground or without proof"},
	rules.FactHomeArea:            {Zh: "住房面积", En: "floor area of the homes"},
}
