package words

import (
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules"
)

func (d *describer) adjustments() {
	for _, x := range d.l.Deductions {
		d.deduction(x)
	}
	for _, x := range d.l.Imputation {
		d.imputation(x)
	}
	for _, x := range d.l.Support {
		d.support(x)
	}
}

func (d *describer) deduction(x *rules.Deduction) {
	out := Piece{Section: Adjustment, Key: x.Code, Title: t("扣减 "+x.Code, "deduction "+x.Code), Law: x.Law, Place: x.Place}
	if x.Expense >= 0 {
		e := titled(d.p.Expenses[x.Expense].Title, d.p.Expenses[x.Expense].Code)
		says := t("核算期内有证明的支出："+e.Zh, "documented expenses of the window: "+e.En)
		if x.DeclaredIn != 0 {
			line := ofList(household.LineTypes, uint8(x.DeclaredIn))
			says = t("申报的"+line.Zh+"中有证明的："+e.Zh, "of the declared "+line.En+" income what is documented as: "+e.En)
		}
		out.Parts = append(out.Parts, Part{Key: "of", Name: t("扣减", "takes off"), Says: says})
	} else {
		line, share := ofList(household.LineTypes, uint8(x.Line)), byResidence(x.Percents, rules.UnitPercent, "", "")
		says := t(line.Zh+"的 "+share.Zh, share.En+" of the "+line.En+" income")
		if x.Base != "" {
			base, months := Parameter(d.p, x.Base), byResidence(x.Bases, rules.UnitFen, "", "")
			says = t(base.Zh+"（每月 "+months.Zh+"）的 "+share.Zh+" × 有收入的月数，不超过"+line.Zh,
				share.En+" of "+base.En+" ("+months.En+" a month) × months with income, up to the "+line.En+" income")
		}
		out.Parts = append(out.Parts, Part{Key: "of", Name: t("扣减", "takes off"), Says: says})
	}
	if x.Cap != "" {
		c := byResidence(x.Caps, rules.UnitFen, "不超过 ", "up to ")
		out.Parts = append(out.Parts, Part{Key: "cap", Name: t("上限", "cap"), Says: t("核算期内"+c.Zh, c.En+" in the window")})
	}
	if x.Who != nil {
		out.Parts = append(out.Parts, Part{Key: "who", Name: t("适用", "for"), Says: Who(d.p, x.Who)})
	}
	d.add(out)
}

func (d *describer) imputation(x *rules.Imputation) {
	line, base, months := ofList(household.LineTypes, uint8(x.Line)), Parameter(d.p, x.Base), byResidence(x.Bases, rules.UnitFen, "", "")
	out := Piece{Section: Adjustment, Key: x.Code, Title: t("推定收入 "+x.Code, "imputed income "+x.Code), Law: x.Law, Place: x.Place, Parts: []Part{
		{Key: "base", Name: t("推定", "imputes"), Says: t(line.Zh+"，每月按"+base.Zh+"（"+months.Zh+"）的比例", line.En+" income, a share of "+base.En+" ("+months.En+") for each month")},
		{Key: "unless", Name: t("已有这些收入的不推定", "not to who has income of"), Says: list(ofMask(household.LineTypes, x.Lines))},
	}}
	if x.Who != nil {
		out.Parts = append(out.Parts, Part{Key: "who", Name: t("适用", "for"), Says: Who(d.p, x.Who)})
	}
	for _, row := range x.Table {
		who, share := Who(d.p, row.Who), Quantity(row.Percent, rules.UnitPercent)
		out.Parts = append(out.Parts, Part{Key: "table " + who.Zh, Name: who, Says: share})
	}
	d.add(out)
}

func (d *describer) support(x *rules.Support) {
	out := Piece{Section: Adjustment, Key: x.Code, Title: t("赡养费、抚养费、扶养费 "+x.Code, "support "+x.Code), Law: x.Law, Place: x.Place}
	for _, s := range rules.Strategies() {
		if s.Name != x.Strategy {
			continue
		}
		out.Parts = append(out.Parts, Part{Key: "strategy", Name: t("算法 "+s.Name, "formula "+s.Name), Says: s.Text})
		for _, p := range s.Params {
			out.Parts = append(out.Parts, Part{Key: "value " + p.Name, Name: strategyTitles[p.Name], Says: byResidence(x.Values[p.Name], p.Unit, "", "")})
		}
	}
	if x.AgeFrom != "" {
		n := number(x.Ages[0])
		out.Parts = append(out.Parts, Part{Key: "age_from", Name: t("年龄", "age"), Says: t("未满 "+n+" 岁的不负担", "nothing is owed under "+n)})
	}
	if x.AgeTo != "" {
		n := number(x.Ages[1])
		out.Parts = append(out.Parts, Part{Key: "age_to", Name: t("年龄", "age"), Says: t("超过 "+n+" 岁的不负担", "nothing is owed above "+n)})
	}
	if x.Unable != nil {
		out.Parts = append(out.Parts, Part{Key: "unable", Name: t("不负担", "owes nothing"), Says: Who(d.p, x.Unable)})
	}
	for i, w := range x.Waived {
		out.Parts = append(out.Parts, Part{Key: "waived " + number(int64(i+1)), Name: t("可免除", "waived"), Says: Who(d.p, w)})
	}
	d.add(out)
}

var strategyTitles = map[string]rules.Text{
	"line":                     {Zh: "线（每人每月）", En: "line per head and month"},
	"line_percent":             {Zh: "线的比例", En: "percent of the line"},
	"few_children_percent":     {Zh: "子女两人以下的比例", En: "share with up to two children"},
	"many_children_percent":    {Zh: "子女三人以上的比例", En: "share with three or more children"},
	"share_percent":            {Zh: "比例", En: "share"},
	"one_child_percent":        {Zh: "一名子女的比例", En: "share for one child"},
	"several_children_percent": {Zh: "多名子女的比例", En: "share for several children"},
}
