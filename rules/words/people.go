package words

import (
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules"
)

// Who names the people that a selection means.
func Who(p *rules.Pack, w *rules.Who) rules.Text {
	if w == nil {
		return t("所有人", "everybody")
	}
	var parts []rules.Text
	if w.Relations != 0 {
		parts = append(parts, list(ofMask(household.Relations, w.Relations)))
	}
	if w.Sex != 0 {
		parts = append(parts, ofList(household.Sexes, w.Sex))
	}
	from, under := number(int64(w.AgeFrom)), number(int64(w.AgeUnder))
	switch {
	case w.AgeFrom > 0 && w.AgeUnder > 0:
		parts = append(parts, t("年满 "+from+" 岁、未满 "+under+" 岁", "aged "+from+" or more and under "+under))
	case w.AgeFrom > 0:
		parts = append(parts, t("年满 "+from+" 岁", "aged "+from+" or more"))
	case w.AgeUnder > 0:
		parts = append(parts, t("未满 "+under+" 岁", "under "+under))
	}
	if len(w.AnyOf) > 0 {
		a := either(p, w.AnyOf)
		parts = append(parts, t("有证明："+a.Zh, "with proof: "+a.En))
	}
	if len(w.AllOf) > 0 {
		a := join(titles(p, w.AllOf), "且", " and ")
		parts = append(parts, t("有证明："+a.Zh, "with proof: "+a.En))
	}
	if len(w.NoneOf) > 0 {
		a := either(p, w.NoneOf)
		parts = append(parts, t("不属于："+a.Zh, "not: "+a.En))
	}
	if len(parts) == 0 {
		return t("所有人", "everybody")
	}
	return clauses(parts...)
}

func titles(p *rules.Pack, attributes []int) []rules.Text {
	var out []rules.Text
	for _, a := range attributes {
		out = append(out, titled(p.Attributes[a].Title, p.Attributes[a].Code))
	}
	return out
}

func either(p *rules.Pack, attributes []int) rules.Text {
	return join(titles(p, attributes), "或", " or ")
}

func (d *describer) members() {
	m := d.l.Membership
	if m == nil {
		return
	}
	out := Piece{Section: Members, Key: "members", Title: t("人员范围", "people"), Law: m.Law, Place: m.Place}
	for _, w := range m.Include {
		who := Who(d.p, w)
		out.Parts = append(out.Parts, Part{Key: "include " + who.Zh, Name: t("计入", "include"), Says: who})
	}
	for _, e := range m.Exclude {
		reason := ofList(household.Exclusions, e.Reason)
		says := t(reason.Zh+"，不要求证明", reason.En+", without proof")
		if e.Attribute >= 0 {
			proof := titled(d.p.Attributes[e.Attribute].Title, d.p.Attributes[e.Attribute].Code)
			says = t(reason.Zh+"，有证明："+proof.Zh, reason.En+", with proof: "+proof.En)
			if e.Years > 0 {
				n := number(int64(e.Years))
				says = t(says.Zh+"，满 "+n+" 年", says.En+", for "+n+" years")
			}
		}
		out.Parts = append(out.Parts, Part{Key: "exclude " + reason.En, Name: t("不计入", "leave out"), Says: says})
	}
	d.add(out)
}
