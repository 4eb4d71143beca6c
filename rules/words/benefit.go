package words

import (
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules"
	"github.com/hedui/hedui/rules/benefit"
)

// benefit tells what is paid in a short form; hedui benefit and hedui linkage work it out.
func (d *describer) benefit() {
	if b := d.p.Benefit(d.l.Region); b != nil {
		d.methods(b)
		d.addOns(b)
	}
	if k := d.p.Linkage(d.l.Region); k != nil {
		d.linkage(k)
	}
}

func (d *describer) paid(key string, title rules.Text, law string, parts ...Part) {
	d.add(Piece{Section: Benefit, Key: key, Title: title, Law: law, Parts: parts})
}

func (d *describer) methods(b *benefit.Plan) {
	for _, m := range b.Methods {
		if !m.Covers(d.l.On) {
			continue
		}
		if m.Unresolved != "" {
			d.paid("method", t("计发方法", "method"), m.Law, unresolved(m.Unresolved))
			continue
		}
		parts := []Part{{Key: "kind", Name: t("方法", "kind"), Says: ofList(benefit.MethodKinds, uint8(m.Kind))}, d.named("standard", t("标准", "standard"), m.Standard)}
		if m.Kind == benefit.Difference {
			parts = append(parts, rounding(m.Round))
		}
		if m.Minimum != "" {
			parts = append(parts, d.named("minimum", t("最低发放", "at least"), m.Minimum))
		}
		for _, tier := range m.Tiers {
			p := d.named("tier "+number(int64(tier.BelowPercent)), rules.Text{}, tier.Amount)
			n := number(int64(tier.BelowPercent)) + "%"
			p.Name = t("收入低于标准的 "+n, "income below "+n+" of the standard")
			parts = append(parts, p)
		}
		d.paid("method", t("计发方法", "method"), m.Law, parts...)
	}
	for _, s := range b.Single {
		if s.Covers(d.l.On) {
			name := s.Amount
			if name == "" {
				name = s.Standard
			}
			d.paid("single_person", t("单人户", "single person"), s.Law,
				Part{Key: "kind", Name: t("方法", "kind"), Says: ofList(benefit.MethodKinds, uint8(s.Kind))}, d.named("amount", t("数额", "amount"), name), rounding(s.Round))
		}
	}
}

// named is the value of a parameter with its name.
func (d *describer) named(key string, name rules.Text, parameter string) Part {
	says := Parameter(d.p, parameter)
	if v, ok := d.l.Provenance(parameter); ok && v.Unresolved == "" {
		n := byResidence(v.Value, v.Parameter.Unit, "", "")
		if len(v.Sizes) == 0 {
			says = t(says.Zh+"（"+n.Zh+"）", says.En+" ("+n.En+")")
		}
	}
	return Part{Key: key, Name: name, Says: says}
}

func rounding(r benefit.Round) Part {
	says := t("进到分", "up to the fen")
	if r.Unit > 0 {
		unit, how := money(int64(r.Unit)), ofList(household.Roundings, uint8(r.Direction))
		says = t("按 "+unit.Zh+" "+how.Zh, how.En+" to "+unit.En)
	}
	return Part{Key: "round", Name: t("尾数", "rounding"), Says: says}
}

func (d *describer) addOns(b *benefit.Plan) {
	for i := range b.AddOns {
		a := &b.AddOns[i]
		if !a.Covers(d.l.On) {
			continue
		}
		title := titled(rules.Text(a.Title), a.Code)
		parts := []Part{{Key: "who", Name: t("对象", "for"), Says: d.whoPaid(&a.Who)}}
		if a.Amount != "" {
			parts = append(parts, d.named("amount", t("增发", "adds"), a.Amount))
		} else {
			base, share := d.named("", rules.Text{}, a.PercentOf).Says, d.named("", rules.Text{}, a.Percent).Says
			parts = append(parts, Part{Key: "amount", Name: t("增发", "adds"), Says: t(base.Zh+" × "+share.Zh, base.En+" × "+share.En)})
		}
		d.paid("add_on "+a.Code, title, a.Law, append(parts, rounding(a.Round))...)
	}
	for _, x := range b.Tapering {
		if x.Covers(d.l.On) {
			n, why := number(int64(x.Months)), ofList(benefit.Rises, uint8(x.When))
			d.paid("tapering", t("渐退期", "tapering"), x.Law, Part{Key: "months", Says: t("因"+why.Zh+"收入增加的，续发 "+n+" 个月", "goes on for "+n+" months when income rises by "+why.En)})
		}
	}
	if b.Start != 0 {
		d.paid("start", t("起发月份", "paid from"), "", Part{Key: "start", Says: ofList(benefit.Starts, uint8(b.Start))})
	}
}

// whoPaid names the people an add-on is for. Attributes stand there by their codes.
func (d *describer) whoPaid(w *benefit.Who) rules.Text {
	x := rules.Who{Relations: rules.Mask(w.Relations), Sex: w.Sex, AgeFrom: w.AgeFrom, AgeUnder: w.AgeUnder}
	find := func(codes []string) (out []int) {
		for _, c := range codes {
			for i := range d.p.Attributes {
				if d.p.Attributes[i].Code == c {
					out = append(out, i)
				}
			}
		}
		return out
	}
	x.AnyOf, x.NoneOf = find(w.AnyOf), find(w.NoneOf)
	return Who(d.p, &x)
}

func (d *describer) linkage(k *benefit.Linkage) {
	for _, x := range k.Triggers {
		if !x.Covers(d.l.On) {
			continue
		}
		if x.Unresolved != "" {
			d.paid("trigger", t("价格临时补贴的启动条件", "when rising prices start a subsidy"), x.Law, unresolved(x.Unresolved))
			continue
		}
		all := t("达到其一即启动", "one is enough")
		if x.All {
			all = t("全部达到才启动", "all are needed")
		}
		parts := []Part{{Key: "all", Name: t("条件", "conditions"), Says: all}}
		for _, c := range x.Conditions {
			series, n, value := ofList(benefit.SeriesCodes, uint8(c.Series)), number(int64(c.Months)), d.named("", rules.Text{}, c.AtLeast).Says
			parts = append(parts, Part{Key: "series " + c.Series.String(), Name: series, Says: t("连续 "+n+" 个月达到"+value.Zh, n+" months at "+value.En+" or more")})
		}
		d.paid("trigger", t("价格临时补贴的启动条件", "when rising prices start a subsidy"), x.Law, parts...)
	}
	for _, f := range k.Formulas {
		if f.Covers(d.l.On) {
			d.paid("formula", t("价格临时补贴的数额", "amount of the price subsidy"), f.Law,
				Part{Key: "name", Name: t("算法", "formula"), Says: ofList(benefit.FormulaNames, uint8(f.Name))}, d.named("standard", t("标准", "standard"), f.Standard), rounding(f.Round))
		}
	}
	for _, g := range k.Groups {
		if g.Covers(d.l.On) {
			title := rules.Text(g.Title)
			if title.Zh == "" {
				title = Scheme(g.Code)
			}
			d.paid("group "+g.Code, title, g.Law, Part{Key: "group", Says: t("发放价格临时补贴", "gets the price subsidy")})
		}
	}
}
