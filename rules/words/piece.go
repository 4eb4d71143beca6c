package words

import (
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules"
)

// Section is a part of the law that officials look up together.
type Section uint8

// The sections, in the order in which they are told.
const (
	General    Section = iota + 1 // window, age of evidence, providers
	Values                        // parameters
	Members                       // who belongs to the household
	Income                        // which records are which income
	Assets                        // sets, financial assets
	Adjustment                    // deductions, imputation, support
	Rules                         // with what follows from them
	Order                         // of findings; of changes only
	Benefit                       // what is paid
)

// Sections are all sections in their order.
func Sections() []Section {
	return []Section{General, Values, Members, Income, Assets, Adjustment, Rules, Order, Benefit}
}

var sections = [...]struct {
	name string
	text rules.Text
}{
	General:    {"general", rules.Text{Zh: "核对范围", En: "what is looked at"}},
	Values:     {"values", rules.Text{Zh: "标准和数值", En: "standards and values"}},
	Members:    {"members", rules.Text{Zh: "共同生活的家庭成员", En: "who belongs to the household"}},
	Income:     {"income", rules.Text{Zh: "收入的认定", En: "which records are income"}},
	Assets:     {"assets", rules.Text{Zh: "财产的认定", En: "which assets count"}},
	Adjustment: {"adjustments", rules.Text{Zh: "扣减、推定和赡养费", En: "deductions, imputed income and support"}},
	Rules:      {"rules", rules.Text{Zh: "核对规则", En: "rules"}},
	Order:      {"order", rules.Text{Zh: "提示的先后", En: "order of findings"}},
	Benefit:    {"benefit", rules.Text{Zh: "救助金", En: "what is paid"}},
}

// String is the section's name in JSON.
func (s Section) String() string { return sections[s].name }

// Text is the section's title.
func (s Section) Text() rules.Text { return sections[s].text }

// Piece is one thing that a law says.
type Piece struct {
	Section Section
	Key     string // the same in another law that speaks of the same thing
	Title   rules.Text
	Parts   []Part
	Law     string // legal reference; "" for none
	// Unverified says that nobody has held the value against the law; only values say it.
	Unverified bool
	Place      rules.Place // zero when the law does not say it
	Region     string      // overlay that says it; "" for the pack itself
}

// Part is one aspect of a piece.
type Part struct {
	Key  string
	Name rules.Text // empty when the piece has only this part
	Per  rules.Text // of a value: for what it is, such as 每人每年
	Says rules.Text
	Law  string // of the part alone; "" for none
}

// Describe tells a law, in the order of the sections and of the pack.
func Describe(l *rules.Law) []Piece {
	d := &describer{l: l, p: l.Pack}
	d.general()
	d.values()
	d.members()
	d.income()
	d.assets()
	d.adjustments()
	d.rules()
	d.benefit()
	return d.out
}

// describer collects the pieces of a law.
type describer struct {
	l   *rules.Law
	p   *rules.Pack
	out []Piece
}

func (d *describer) add(p Piece) { d.out = append(d.out, p) }

func (d *describer) general() {
	l := d.l
	d.purpose()
	w := Piece{Section: General, Key: "window", Title: t("核算期", "the window of months")}
	if v, ok := l.Provenance("window_months"); ok {
		w.Law, w.Unverified, w.Place, w.Region = v.Law, !v.Verified, v.Place, v.Region
	}
	until := t("核对月份的上一个月", "the month before the check")
	if l.Anchor == rules.AnchorApplication {
		until = t("申请月份的上一个月", "the month before the application")
	}
	months := func(res uint8) rules.Text {
		n := number(int64(l.Windows[res].Months))
		return t(n+" 个月，到"+until.Zh+"为止", n+" months, the last of which is "+until.En)
	}
	urban, rural := months(household.Urban), months(household.Rural)
	if urban == rural {
		w.Parts = []Part{{Key: "all", Says: urban}}
	} else {
		w.Parts = []Part{{Key: "urban", Name: residence(household.Urban), Says: urban}, {Key: "rural", Name: residence(household.Rural), Says: rural}}
	}
	d.add(w)

	stale := Piece{Section: General, Key: "stale_after_days", Title: t("数据多旧时降为 B 级", "age at which evidence becomes grade B")}
	expected := Piece{Section: General, Key: "expected_providers", Title: t("必须报送的单位", "providers that must have delivered")}
	for s := household.Tax; s < household.NumChecked; s++ {
		name := ofList(household.Sources, uint8(s))
		n := number(int64(l.StaleDays[s]))
		stale.Parts = append(stale.Parts, Part{Key: s.String(), Name: name, Says: t("超过 "+n+" 天", "over "+n+" days")})
		if len(l.Expected[s]) > 0 {
			expected.Parts = append(expected.Parts, Part{Key: s.String(), Name: name, Says: list(same(l.Expected[s]...))})
		}
	}
	d.add(stale)
	if len(expected.Parts) > 0 {
		d.add(expected)
	}
	if l.LapsedMonths > 0 {
		n := number(int64(l.LapsedMonths))
		d.add(Piece{Section: General, Key: "evidence", Title: t("逾期未检验的车辆", "vehicles whose inspection has lapsed"), Parts: []Part{{
			Key: "all", Says: t("逾期 "+n+" 个月以上的，登记信息记为 B 级", "lapsed for "+n+" months or more: the registration is grade B"),
		}}})
	}
}

// purpose tells what does not depend on dates and regions.
func (d *describer) purpose() {
	who := t("任何救助项目", "any scheme")
	if d.p.Schemes != nil {
		var names []rules.Text
		for _, s := range d.p.Schemes {
			names = append(names, Scheme(s))
		}
		who = list(names)
	}
	d.add(Piece{Section: General, Key: "schemes", Title: t("适用的救助项目", "schemes"), Parts: []Part{{Key: "all", Says: who}}})
	if n := number(int64(d.p.Rank)); d.p.Rank > 0 {
		d.add(Piece{Section: General, Key: "rank", Title: t("救助项目的次序", "rank among schemes"), Parts: []Part{{Key: "all", Says: t(n, n)}}})
	}
	if d.p.CiteValues {
		d.add(Piece{Section: General, Key: "cite_values", Title: t("结论中的数值", "values in verdicts"), Parts: []Part{{
			Key: "all", Says: t("逐项列出出处", "each with the place it comes from"),
		}}})
	}
	if d.p.Purpose != nil {
		d.add(Piece{Section: General, Key: "purpose", Title: t("可以读取的数据", "what may be read"), Parts: []Part{{Key: "all", Says: list(reads(d.p.Purpose.Reads))}}})
	}
	if id := d.p.Identity; id != nil {
		d.add(Piece{Section: General, Key: "identity", Title: t("身份弱匹配", "weaker links"), Law: id.Law, Parts: []Part{
			{Key: "policy", Name: t("匹配办法", "policy"), Says: t(id.Policy, id.Policy)},
			{Key: "to_confirm", Name: t("待确认的匹配影响结论时", "when such a link would change the verdict"), Says: follows(d.p, "", id.Code, id.Effect)},
		}})
	}
}

func reads(kinds []string) []rules.Text {
	more := map[string]rules.Text{
		"attributes": t("申请人提出的情况", "attributes"), "obligors": t("赡养、抚养、扶养义务人", "people who owe support"),
		"expenses": t("支出", "expenses"), "sex": t("性别", "sex"),
	}
	var out []rules.Text
	for _, k := range kinds {
		if w, ok := more[k]; ok {
			out = append(out, w)
		} else if v, ok := household.Sources.Named(k); ok {
			out = append(out, ofList(household.Sources, v))
		} else {
			out = append(out, t(k, k))
		}
	}
	return out
}
