package words

import (
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules"
)

func (d *describer) assets() {
	l := d.l
	for i := range l.Sets {
		s := &l.Sets[i]
		out := Piece{Section: Assets, Key: s.Name, Title: set(d.p, s.Name), Place: s.Place, Parts: d.where(&s.Where, s.Kind)}
		if s.ValueOver != [3]int64{} {
			out.Parts = append(out.Parts, Part{Key: "value_over", Name: t("价值", "value"), Says: over(s.ValueOver, rules.UnitFen)})
		}
		if s.AreaOver != [3]int64{} {
			out.Parts = append(out.Parts, Part{Key: "area_over", Name: t("面积", "area"), Says: over(s.AreaOver, rules.UnitArea)})
		}
		if s.SharesFrom > 0 {
			n := Quantity(s.SharesFrom, rules.UnitPercent)
			out.Parts = append(out.Parts, Part{Key: "share_from", Name: t("份额", "share"), Says: t("成员持有 "+n.Zh+" 以上", "a member holds "+n.En+" or more")})
		}
		for k := range s.Exempt {
			out.Parts = append(out.Parts, d.exemption(&s.Exempt[k]))
		}
		if s.Unresolved != "" {
			out.Parts = append(out.Parts, unresolved(s.Unresolved))
		}
		d.add(out)
	}
	d.add(Piece{Section: Assets, Key: "financial", Title: t("计入金融资产的账户", "accounts that count as financial assets"), Parts: d.where(&l.Financial, rules.KindAccount)})
	name := func(i int) rules.Text { return set(d.p, l.Sets[i].Name) }
	d.add(Piece{Section: Assets, Key: "sheet", Title: t("结论中列出件数的资产", "assets that a verdict shows as counts"), Parts: []Part{
		{Key: "vehicles", Name: t("车辆", "vehicles"), Says: name(l.Sheet.Vehicles)},
		{Key: "residential", Name: t("住房", "homes"), Says: name(l.Sheet.Residential)},
		{Key: "non_residential", Name: t("非住房", "other units"), Says: name(l.Sheet.NonResidential)},
	}})
}

func unresolved(why string) Part {
	return Part{Key: "unresolved", Name: t("规定不明", "unresolved"), Says: t(why, why)}
}

// over tells a value that an asset must be above, by residence where it differs.
func over(v [3]int64, u rules.Unit) rules.Text { return byResidence(v, u, "超过 ", "above ") }

func byResidence(v [3]int64, u rules.Unit, zh, en string) rules.Text {
	one := func(r uint8) rules.Text {
		q := Quantity(v[r], u)
		return t(zh+q.Zh, en+q.En)
	}
	if v[household.Urban] == v[household.Rural] {
		return one(household.Urban)
	}
	a, b := one(household.Urban), one(household.Rural)
	urban, rural := residence(household.Urban), residence(household.Rural)
	return t(urban.Zh+" "+a.Zh+"、"+rural.Zh+" "+b.Zh, urban.En+" "+a.En+", "+rural.En+" "+b.En)
}

var attributeTitles = map[string]rules.Text{
	"class": {Zh: "车型", En: "class"}, "status": {Zh: "状态", En: "status"}, "declared": {Zh: "已申报", En: "declared"},
	"use": {Zh: "用途", En: "use"}, "kind": {Zh: "种类", En: "kind"}, "purpose": {Zh: "款项性质", En: "purpose"},
}

// where tells which values of each attribute are selected.
func (d *describer) where(f *rules.Filter, k rules.Kind) []Part {
	var out []Part
	for _, a := range rules.AssetAttributes(k) {
		every := rules.Mask(1)<<len(a.Codes) - 1
		m := f[a.At] & every
		if m == every {
			continue
		}
		name := func(mask rules.Mask) rules.Text {
			if a.Name == "declared" {
				return list([]rules.Text{map[bool]rules.Text{true: t("是", "yes"), false: t("否", "no")}[mask.Has(rules.DeclaredYes)]})
			}
			words := ofMask(a.Codes, mask)
			if mask.Has(0) {
				words = append(words, t("未说明", "not given"))
			}
			return list(words)
		}
		says := name(m)
		says = t("限于"+says.Zh, "only "+says.En)
		if left := every &^ m; a.Name != "declared" && ones(left) < ones(m) {
			says = name(left)
			says = t(says.Zh+"除外", "all but "+says.En)
		}
		out = append(out, Part{Key: "where " + a.Name, Name: attributeTitles[a.Name], Says: says})
	}
	return out
}

func ones(m rules.Mask) (n int) {
	for ; m != 0; m &= m - 1 {
		n++
	}
	return n
}

func (d *describer) exemption(e *rules.Exemption) Part {
	who := either(d.p, e.Attributes)
	says := t("有证明："+who.Zh, "with proof: "+who.En)
	if e.ValueUpTo != [3]int64{} {
		says = clauses(says, byResidence(e.ValueUpTo, rules.UnitFen, "价值不超过 ", "worth up to "))
	}
	if e.AreaUpTo != [3]int64{} {
		says = clauses(says, byResidence(e.AreaUpTo, rules.UnitArea, "面积不超过 ", "of up to "))
	}
	if e.AtMost > 0 {
		n := number(e.AtMost)
		says = clauses(says, t("家庭此类资产不超过 "+n+" 件", "the household has no more than "+n))
	}
	return Part{Key: "exempt " + who.Zh, Name: t("不计入", "exempt"), Says: says, Law: e.Law}
}
