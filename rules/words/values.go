package words

import (
	"slices"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules"
)

func (d *describer) values() {
	for i := range d.l.Values {
		if v := &d.l.Values[i]; v.Parameter.Name != "window_months" {
			d.add(Value(d.l, v))
		}
	}
}

// Value tells a value of a parameter. Of what it is per person and month is taken from
// the rules in force that compare with it.
func Value(l *rules.Law, v *rules.ValueRef) Piece {
	out := Piece{
		Section: Values, Key: v.Parameter.Name, Title: Parameter(l.Pack, v.Parameter.Name),
		Law: v.Law, Unverified: !v.Verified, Place: v.Place, Region: v.Region,
	}
	per, unit := per(l, v.Parameter), v.Parameter.Unit
	add := func(key string, name rules.Text, n int64) {
		out.Parts = append(out.Parts, Part{Key: key, Name: name, Per: per, Says: Quantity(n, unit)})
	}
	switch {
	case v.Unresolved != "":
		out.Unverified = false // there is nothing to verify
		out.Parts = []Part{{Key: "value", Says: t("尚无可靠数值（"+v.Unresolved+"）", "unresolved ("+v.Unresolved+")")}}
		return out
	case v.Inherit:
		out.Parts = []Part{{Key: "value", Says: t("同上级地区", "as in the larger region")}}
		return out
	case len(v.Sizes) > 0:
		from := 1
		for _, s := range v.Sizes {
			add("size "+number(int64(from)), size(from, s.UpTo), s.Value)
			from = s.UpTo + 1
		}
	case v.Value[household.Urban] != v.Value[household.Rural]:
		add("urban", residence(household.Urban), v.Value[household.Urban])
		add("rural", residence(household.Rural), v.Value[household.Rural])
	default:
		add("value", rules.Text{}, v.Value[household.Urban])
	}
	if v.Allowed != 0 {
		says := t("低于才符合，达到即超出", "only what is below it is allowed")
		if v.Allowed == rules.MoreThan {
			says = t("不超过即符合", "the value itself is still allowed")
		}
		out.Parts = append(out.Parts, Part{Key: "allowed", Name: t("界限", "at the value"), Says: says})
	}
	return out
}

// size names the households of a range of sizes.
func size(from, to int) rules.Text {
	a, b := number(int64(from)), number(int64(to))
	switch {
	case to == 0:
		return t(a+" 人以上", a+" or more persons")
	case from == to:
		return t(a+" 人", "size "+a)
	}
	return t(a+" 至 "+b+" 人", a+" to "+b+" persons")
}

// per is for what an amount of money is.
func per(l *rules.Law, p *rules.Parameter) rules.Text {
	if p.Unit != rules.UnitFen {
		return rules.Text{}
	}
	person, month := false, false
	for i := range l.Rules {
		name, factors := l.Rules[i].Limit()
		if name == p.Name {
			person = person || slices.Contains(factors, "counted_members")
			month = month || slices.Contains(factors, "window_months")
		}
	}
	time := rules.Text{}
	switch {
	case p.PerYear:
		time = t("每年", "year")
	case month:
		time = t("每月", "month")
	}
	switch {
	case person && time.Zh != "":
		return t("每人"+time.Zh, "per person and "+time.En)
	case person:
		return t("每人", "per person")
	case time.Zh != "":
		return t(time.Zh, "per "+time.En)
	}
	return rules.Text{}
}
