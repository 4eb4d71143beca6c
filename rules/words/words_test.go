package words_test

import (
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/situation/mutate"
	"github.com/hedui/hedui/rules"
	"github.com/hedui/hedui/rules/words"
)

func load(t *testing.T, name string) *rules.Pack {
	t.Helper()
	p, err := rules.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func on(t *testing.T, p *rules.Pack, date household.Date, region string) *rules.Law {
	t.Helper()
	l, err := p.On(date, region)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// laws are all laws that a pack can give.
func laws(p *rules.Pack) []*rules.Law {
	var out []*rules.Law
	for _, region := range append([]string{""}, p.Regions()...) {
		for _, date := range p.Changes() {
			if l, err := p.On(date, region); err == nil {
				out = append(out, l)
			}
		}
	}
	return out
}

// Every law of the shipped packs is told in both languages, without a word left out.
func TestEveryTextIsThereInBothLanguages(t *testing.T) {
	for _, name := range rules.Shipped() {
		for _, l := range laws(load(t, name)) {
			seen := map[string]bool{}
			for _, p := range words.Describe(l) {
				where := name + " " + l.On.String() + " " + l.Region + " " + p.Section.String() + " " + p.Key
				if seen[p.Section.String()+p.Key] {
					t.Errorf("%s: told twice", where)
				}
				seen[p.Section.String()+p.Key] = true
				if p.Title.Zh == "" || p.Title.En == "" || len(p.Parts) == 0 {
					t.Errorf("%s: no title or no parts", where)
				}
				keys := map[string]bool{}
				for _, x := range p.Parts {
					if x.Says.Zh == "" || x.Says.En == "" || (x.Name.Zh == "") != (x.Name.En == "") || (x.Per.Zh == "") != (x.Per.En == "") {
						t.Errorf("%s: part %s: %+v", where, x.Key, x)
					}
					if keys[x.Key] {
						t.Errorf("%s: part %s twice", where, x.Key)
					}
					keys[x.Key] = true
				}
			}
			if d := words.Diff(l, l); len(d) > 0 {
				t.Errorf("%s on %s differs from itself: %s", name, l.On, d[0].Key)
			}
		}
	}
}

// A fact or a formula without words would be told as nothing.
func TestFactsAndFormulasHaveWords(t *testing.T) {
	p := load(t, "reference")
	l := on(t, p, 20261101, "")
	for _, f := range rules.Facts() {
		r := rules.Rule{Fact: f.ID}
		if w := words.Fact(l, &r); w.Zh == "" || w.En == "" {
			t.Errorf("%s has no words", f.Name)
		}
	}
	for kind := rules.VarMembers; kind <= rules.VarParameter; kind++ {
		switch kind {
		case rules.VarAny, rules.VarIs, rules.VarGrade, rules.VarAmount, rules.VarExpenses: // the pack's own words
			continue
		}
		if w := words.Variable(p, &rules.Var{Kind: kind, Word: "x"}); w.Zh == "" || w.En == "" {
			t.Errorf("variable kind %d has no words", kind)
		}
	}
}

// same reports whether two packs give the same pieces on all dates, in the country.
func same(a, b *rules.Pack) bool {
	for _, date := range append(a.Changes(), b.Changes()...) {
		x, err1 := a.On(date, "")
		y, err2 := b.On(date, "")
		if (err1 == nil) != (err2 == nil) || err1 == nil && len(words.Diff(x, y)) > 0 {
			return false
		}
	}
	return true
}

// Whatever is changed in a pack, somebody who compares it with the old one is told: a
// diff that misses a change is worse than none.
func TestEveryChangeOfAPackIsTold(t *testing.T) {
	if testing.Short() {
		t.Skip("hundreds of packs")
	}
	// Changes that are none: dates before the first or beside the next value of another
	// piece, and one of one attribute.
	none := regexp.MustCompile(`\.(from|to)\b|any_of becomes all_of$`)
	for _, name := range []string{"reference", "dibao"} {
		dir, err := rules.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		all, err := mutate.Mutants(dir)
		if err != nil {
			t.Fatal(err)
		}
		p, loaded := load(t, name), 0
		const most = 400
		for i := 0; i < len(all); i += 1 + len(all)/most {
			m := &all[i]
			if strings.HasPrefix(m.File, "overlays/") {
				continue
			}
			q, err := rules.LoadFS(overlaid{dir, m.File, m.Content()})
			if err != nil {
				continue
			}
			loaded++
			if same(p, q) && !none.MatchString(m.What) {
				t.Errorf("%s: not told: %s", name, m)
			}
		}
		if loaded < 100 {
			t.Errorf("%s: only %d changes load", name, loaded)
		}
	}
}

// in is a piece of a law by its section and key.
func in(t *testing.T, l *rules.Law, section words.Section, key string) *words.Piece {
	t.Helper()
	for _, p := range words.Describe(l) {
		if p.Section == section && p.Key == key {
			return &p
		}
	}
	t.Fatalf("no piece %s %s", section, key)
	return nil
}

// told is a change in one line: what, of what, the part in Chinese.
func told(changes []words.Change) []string {
	var out []string
	for _, c := range changes {
		for _, x := range c.Parts {
			out = append(out, string(c.Kind)+" "+c.Section.String()+" "+c.Key+"."+x.Key+" "+x.Per.Zh+" "+x.Old.Zh+" → "+x.New.Zh)
		}
		if len(c.Parts) == 0 {
			out = append(out, string(c.Kind)+" "+c.Section.String()+" "+c.Key)
		}
	}
	return out
}

// says are the parts of a piece, one line each, in both languages.
func says(p *words.Piece) []string {
	var out []string
	for _, x := range p.Parts {
		out = append(out, strings.TrimLeft(x.Name.Zh+"："+x.Per.Zh+" "+x.Says.Zh, "： ")+" | "+strings.TrimLeft(x.Name.En+": "+x.Says.En+" "+x.Per.En, ": "))
	}
	for i := range out {
		out[i] = strings.TrimSpace(out[i])
	}
	return out
}

// everything is a pack with one of everything, on top of the reference pack.
func everything(t *testing.T) *rules.Pack {
	t.Helper()
	p, err := rules.LoadFS(everythingFS())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func everythingFS() fstest.MapFS {
	return fstest.MapFS{
		"pack.yaml": {Data: []byte("name: all\nversion: \"1\"\ntitle: {zh: 全, en: all}\nextends: reference\npurpose: {reads: [tax, vehicle, property, bank, insurance, attributes, expenses, sex]}\n")},
		"attributes.yaml": {Data: []byte(`attributes:
  student: {of: member, title: {zh: 在校学生, en: student}, document: {zh: 学籍证明, en: proof}}
  work_vehicle: {of: vehicle, title: {zh: 谋生用车, en: vehicle for work}, document: {zh: 证明, en: proof}}
expenses:
  illness: {title: {zh: 看病支出, en: illness}, document: {zh: 发票, en: invoice}}
`)},
		"parameters.yaml": {Data: []byte(`limit_of_size:
  doc: by size
  unit: fen
  by: size
  values:
    - {from: 0001-01-01, sizes: [{up_to: 2, value: 33000.00}, {up_to: 3, value: 32000.00}, {value: 30000.00}], allowed: up_to, law: 规定, verified: false}
half: {doc: a share, unit: percent, values: [{from: 0001-01-01, value: 50, law: 规定, verified: true}]}
one: {doc: one, unit: count, values: [{from: 0001-01-01, value: 1, law: 规定, verified: true}]}
cheap: {doc: value of a vehicle, unit: fen, values: [{from: 0001-01-01, value: 50000.00, law: 规定, verified: true}]}
`)},
		"assets.yaml": {Data: []byte(`sets:
  vehicles:
    of: vehicle
    where: {status: [normal], class: {not: [motorcycle, none]}, use: [commercial]}
    value_over: cheap
    exempt: [{any_of: [work_vehicle], value_up_to: cheap, law: 谋生用车不计}]
  undeclared_vehicles: {of: vehicle, where: {declared: ["no"]}}
  homes: {of: unit, where: {kind: [residential]}, share_from: half}
  non_residential: {of: unit, where: {kind: [commercial, office]}}
  undeclared_units: {of: unit, where: {declared: ["no"]}}
financial: {where: {purpose: [none]}}
sheet: {vehicles: vehicles, residential: homes, non_residential: non_residential}
`)},
		"adjustments.yaml": {Data: []byte(`deductions:
  - {code: at_work, line: wage, percent: half, of: cheap, law: 就业成本}
  - {code: ill, expense: illness, cap: cheap, law: 看病}
imputation:
  - code: able
    line: wage
    base: cheap
    who: {age_from: 18, none_of: [student]}
    unless_income: [wage, business]
    table: [{sex: male, age_under: 60, percent: 100}, {percent: 60}]
    law: 推定
`)},
		"rules.yaml": {Data: []byte(`rules:
  - code: income_over_limit
    per: household
    fact: household.income
    limit: {parameter: limit_of_size, times: [half, counted_members]}
    when: 'household.residence == "rural" && !household.any.student && household.income > 100'
    if_unknown: silent
    effect: suspected_ineligible
    with_grade_b: {code: income_may_exceed_limit, effect: needs_review}
    unless_coverage: {tax: [missing, partial]}
    shown_as: income_limit
    law: 收入
  - code: vehicle_owned
    per: member
    count: vehicles
    more_than: {parameter: one}
    who: {relation: [head, spouse], age_from: 16, age_under: 60, any_of: [student]}
    if_unknown: needs_review
    effect: needs_review
    law: 车辆
  - {code: undeclared_vehicle, per: member, count: undeclared_vehicles, more_than: {parameter: one}, effect: needs_review, law: 申报}
  - {code: undeclared_property, per: member, count: undeclared_units, more_than: {parameter: one}, effect: needs_review, law: 申报}
`)},
	}
}

// Each kind of thing that a law says, word for word.
func TestWordsOfEverything(t *testing.T) {
	l := on(t, everything(t), 20261101, "")
	for _, c := range []struct {
		section words.Section
		key     string
		want    []string
	}{
		{words.General, "window", []string{"12 个月，到核对月份的上一个月为止 | 12 months, the last of which is the month before the check"}},
		{words.Values, "limit_of_size", []string{
			"1 至 2 人：每人 33,000.00 元 | 1 to 2 persons: 33,000.00 yuan per person",
			"3 人：每人 32,000.00 元 | size 3: 32,000.00 yuan per person",
			"4 人以上：每人 30,000.00 元 | 4 or more persons: 30,000.00 yuan per person",
			"界限： 不超过即符合 | at the value: the value itself is still allowed",
		}},
		{words.Assets, "vehicles", []string{
			"车型： 摩托车、未说明除外 | class: all but motorcycle, not given",
			"状态： 限于正常 | status: only normal",
			"用途： 限于营运 | use: only commercial",
			"价值： 超过 50,000.00 元 | value: above 50,000.00 yuan",
			"不计入： 有证明：谋生用车，价值不超过 50,000.00 元 | exempt: with proof: vehicle for work, worth up to 50,000.00 yuan",
		}},
		{words.Assets, "homes", []string{
			"种类： 限于住宅 | kind: only residential",
			"份额： 成员持有 50% 以上 | share: a member holds 50% or more",
		}},
		{words.Adjustment, "at_work", []string{
			"扣减： cheap（每月 50,000.00 元）的 50% × 有收入的月数，不超过工资性收入 | takes off: 50% of cheap (50,000.00 yuan a month) × months with income, up to the wage income",
		}},
		{words.Adjustment, "ill", []string{
			"扣减： 核算期内有证明的支出：看病支出 | takes off: documented expenses of the window: illness",
			"上限： 核算期内不超过 600,000.00 元 | cap: up to 600,000.00 yuan in the window",
		}},
		{words.Adjustment, "able", []string{
			"推定： 工资性收入，每月按cheap（50,000.00 元）的比例 | imputes: wage income, a share of cheap (50,000.00 yuan) for each month",
			"已有这些收入的不推定： 工资性收入、经营净收入 | not to who has income of: wage, business",
			"适用： 年满 18 岁，不属于：在校学生 | for: aged 18 or more, not: student",
			"男，未满 60 岁： 100% | male, under 60: 100%",
			"所有人： 60% | everybody: 60%",
		}},
		{words.Rules, "income_over_limit", []string{
			"比较： 核算期内家庭收入 超过 limit_of_size × half（50%） × 计入人数 | compares: income of the household in the window is more than limit_of_size × half (50%) × counted members",
			"对象： 整个家庭 | about: the household",
			"条件： 「城乡」 等于 农村 且 非「家中有人：在校学生」 且 「家庭收入」 > 100（金额以分计） | when: residence is rural and not somebody of the household: student and income of the household > 100 (money in fen)",
			"情况不明时： 不提示 | when nobody knows: nothing",
			"这些情况下不提示： 税务数据未接入、月份不全 | not when: tax is missing, partial",
			"结论： 疑似不符合 | leads to: suspected ineligible",
			"只有加上 B 级证据才达到时： 需核实（家庭收入可能超过限额，income_may_exceed_limit） | with grade B alone: needs review (income may exceed the limit, income_may_exceed_limit)",
			"只有加上推定或未证明的内容才达到时： 需核实（家庭收入可能超过限额，income_may_exceed_limit） | with what is derived or unproven: needs review (income may exceed the limit, income_may_exceed_limit)",
			"结论中列出： 收入限额 | shown in verdicts as: the limit of income",
		}},
		{words.Rules, "vehicle_owned", []string{
			"比较： vehicles的件数 超过 one | compares: number of vehicles is more than one",
			"对象： 每名成员 | about: each member",
			"适用： 户主、配偶，年满 16 岁、未满 60 岁，有证明：在校学生 | for: head, spouse, aged 16 or more and under 60, with proof: student",
			"情况不明时： 提示核实 | when nobody knows: a question",
			"结论： 需核实 | leads to: needs review",
			"只有加上推定或未证明的内容才达到时： 需核实 | with what is derived or unproven: needs review",
		}},
	} {
		if diff := cmp.Diff(c.want, says(in(t, l, c.section, c.key))); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", c.section, c.key, diff)
		}
	}
}

// before is the pack of everything with one text replaced.
func before(t *testing.T, file, from, to string) *rules.Pack {
	t.Helper()
	dir := everythingFS()
	old := string(dir[file].Data)
	if !strings.Contains(old, from) {
		t.Fatalf("%s has no %q", file, from)
	}
	dir[file] = &fstest.MapFile{Data: []byte(strings.Replace(old, from, to, 1))}
	p, err := rules.LoadFS(dir)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestDiff(t *testing.T) {
	now := on(t, everything(t), 20261101, "")
	for _, c := range []struct {
		name, file, from, to string
		want                 []string
	}{
		{"a value", "parameters.yaml", "value: 50000.00", "value: 40000.00", []string{
			"changed values cheap.value  40,000.00 元 → 50,000.00 元",
			"changed assets vehicles.value_over  超过 40,000.00 元 → 超过 50,000.00 元",
			"changed assets vehicles.exempt 谋生用车  有证明：谋生用车，价值不超过 40,000.00 元 → 有证明：谋生用车，价值不超过 50,000.00 元",
			"changed adjustments at_work.of  cheap（每月 40,000.00 元）的 50% × 有收入的月数，不超过工资性收入 → cheap（每月 50,000.00 元）的 50% × 有收入的月数，不超过工资性收入",
			"changed adjustments ill.cap  核算期内不超过 480,000.00 元 → 核算期内不超过 600,000.00 元",
			"changed adjustments able.base  工资性收入，每月按cheap（40,000.00 元）的比例 → 工资性收入，每月按cheap（50,000.00 元）的比例",
		}},
		{"only verified", "parameters.yaml", "unit: percent, values: [{from: 0001-01-01, value: 50, law: 规定, verified: true}]", "unit: percent, values: [{from: 0001-01-01, value: 50, law: 规定, verified: false}]", []string{"reference values half"}},
		{"only the law of a rule", "rules.yaml", "law: 车辆", "law: 老规定", []string{"reference rules vehicle_owned"}},
		{"another effect", "rules.yaml", "more_than: {parameter: one}\n    who", "at_least: {parameter: one}\n    who", []string{
			"changed rules vehicle_owned.compare  vehicles的件数 达到或超过 one → vehicles的件数 超过 one",
		}},
		{
			"a rule more", "rules.yaml", "  - {code: undeclared_vehicle, per: member, count: undeclared_vehicles, more_than: {parameter: one}, effect: needs_review, law: 申报}\n",
			"  - {code: undeclared_income, per: line, fact: line.found, more_than: {parameter: cheap}, effect: needs_review, law: x}\n  - {code: undeclared_vehicle, per: member, count: undeclared_vehicles, more_than: {parameter: one}, effect: needs_review, law: 申报}\n",
			[]string{
				"removed rules undeclared_income.compare  查得的收入 超过 cheap → ",
				"removed rules undeclared_income.per  每名成员的每类收入 → ",
				"removed rules undeclared_income.effect  需核实 → ",
			},
		},
		{
			"another order", "rules.yaml", "  - {code: undeclared_vehicle, per: member, count: undeclared_vehicles, more_than: {parameter: one}, effect: needs_review, law: 申报}\n  - {code: undeclared_property, per: member, count: undeclared_units, more_than: {parameter: one}, effect: needs_review, law: 申报}\n",
			"  - {code: undeclared_property, per: member, count: undeclared_units, more_than: {parameter: one}, effect: needs_review, law: 申报}\n  - {code: undeclared_vehicle, per: member, count: undeclared_vehicles, more_than: {parameter: one}, effect: needs_review, law: 申报}\n",
			[]string{
				"moved order order.order  家庭收入达到或超过限额、名下有机动车辆、不动产未申报、车辆未申报 → 家庭收入达到或超过限额、名下有机动车辆、车辆未申报、不动产未申报",
			},
		},
	} {
		old := on(t, before(t, c.file, c.from, c.to), 20261101, "")
		if diff := cmp.Diff(c.want, told(words.Diff(old, now))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// What a region says is compared like anything else; a rule that it does without is told
// with the region's own law.
func TestDiffOfRegions(t *testing.T) {
	dir := everythingFS()
	dir["overlays/340100-hefei/parameters.yaml"] = &fstest.MapFile{Data: []byte("cheap: {values: [{from: 2026-01-01, value: 60000.00, law: 市规定, verified: true}]}\n")}
	dir["overlays/340100-hefei/rules.yaml"] = &fstest.MapFile{Data: []byte("remove: [{code: undeclared_vehicle, law: 本市不查}]\n")}
	p, err := rules.LoadFS(dir)
	if err != nil {
		t.Fatal(err)
	}
	changes := words.Diff(on(t, p, 20261101, ""), on(t, p, 20261101, "340104"))
	last := changes[len(changes)-1]
	if last.Kind != words.Removed || last.Key != "undeclared_vehicle" || last.Removal == nil || last.Removal.Law != "本市不查" {
		t.Errorf("last change: %+v", last)
	}
	if c := changes[0]; c.Key != "cheap" || c.New.Region != "340100" || c.New.Place.String() != "overlays/340100-hefei/parameters.yaml:1" {
		t.Errorf("first change: %+v", c.New)
	}
}

func TestLimits(t *testing.T) {
	l := on(t, load(t, "dibao"), 20220615, "")
	got := words.Limits(l, l.IncomeLimit, 2)
	if diff := cmp.Diff([]words.SizeLimit{{1, 853200, 636200}, {2, 1706400, 1272400}}, got); diff != "" {
		t.Error(diff)
	}
	// More than is first reached one fen above.
	if got := words.Limits(l, l.FinancialLimit, 1); got[0].Urban != 2*853200+1 {
		t.Errorf("%d", got[0].Urban)
	}
}
