package words_test

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/rules"
	"github.com/hedui/hedui/rules/words"
)

// What is paid is told as of the date, with the values of the parameters it names.
func TestWordsOfWhatIsPaid(t *testing.T) {
	dir := everythingFS()
	dir["parameters.yaml"].Data = append(dir["parameters.yaml"].Data, []byte(`tier_one: {doc: x, unit: fen, values: [{from: 0001-01-01, value: 400.00, law: x, verified: true}]}
cpi: {doc: x, unit: permille, values: [{from: 0001-01-01, value: 35, law: x, verified: true}]}
`)...)
	dir["benefit.yaml"] = &fstest.MapFile{Data: []byte(`methods:
  - {from: 2012-12-12, to: 2021-06-30, method: difference, standard: standard, round: {unit: 1.00, direction: up}, minimum: tier_one, law: 旧}
  - {from: 2021-07-01, to: 2026-12-31, method: tiers, standard: standard, law: 新, tiers: [{below_percent: 30, amount: tier_one}]}
  - {from: 2027-01-01, unresolved: 未定, law: 新}
single_person: {method: fixed, amount: tier_one, law: 单人}
add_ons:
  - {code: elderly, title: {zh: 老年人, en: old people}, who: {age_from: 70}, percent_of: standard, percent: half, law: 增发}
  - {code: pupils, who: {any_of: [student]}, amount: tier_one, law: 增发}
tapering: {months: 6, when: employment, law: 渐退}
start: month_after_decision
`)}
	dir["linkage.yaml"] = &fstest.MapFile{Data: []byte(`triggers: [{any_of: [{series: cpi, at_least: cpi, months: 3}], law: 联动}]
formula: {name: scpi/1, standard: standard, law: 公式}
groups: [dibao]
`)}
	p, err := rules.LoadFS(dir)
	if err != nil {
		t.Fatal(err)
	}
	told := func(l *rules.Law) map[string][]string {
		out := map[string][]string{}
		for _, x := range words.Describe(l) {
			if x.Section == words.Benefit {
				out[x.Key] = says(&x)
			}
		}
		return out
	}
	want := map[string][]string{
		"method": {
			"方法： 分档 | kind: tiers",
			"标准： standard（城镇 700.00 元、农村 600.00 元） | standard: standard (urban 700.00 yuan, rural 600.00 yuan)",
			"收入低于标准的 30%： tier_one（400.00 元） | income below 30% of the standard: tier_one (400.00 yuan)",
		},
		"single_person": {
			"方法： 定额 | kind: fixed",
			"数额： tier_one（400.00 元） | amount: tier_one (400.00 yuan)",
			"尾数： 进到分 | rounding: up to the fen",
		},
		"add_on elderly": {
			"对象： 年满 70 岁 | for: aged 70 or more",
			"增发： standard（城镇 700.00 元、农村 600.00 元） × half（50%） | adds: standard (urban 700.00 yuan, rural 600.00 yuan) × half (50%)",
			"尾数： 进到分 | rounding: up to the fen",
		},
		"add_on pupils": {
			"对象： 有证明：在校学生 | for: with proof: student",
			"增发： tier_one（400.00 元） | adds: tier_one (400.00 yuan)",
			"尾数： 进到分 | rounding: up to the fen",
		},
		"tapering": {"因就业收入增加的，续发 6 个月 | goes on for 6 months when income rises by employment"},
		"start":    {"作出决定的次月 | month after decision"},
		"trigger": {
			"条件： 达到其一即启动 | conditions: one is enough",
			"居民消费价格： 连续 3 个月达到cpi（35‰） | cpi: 3 months at cpi (35‰) or more",
		},
		"formula": {
			"算法： 标准×低收入居民基本生活费用价格同比涨幅 | formula: scpi/1",
			"标准： standard（城镇 700.00 元、农村 600.00 元） | standard: standard (urban 700.00 yuan, rural 600.00 yuan)",
			"尾数： 进到分 | rounding: up to the fen",
		},
		"group dibao": {"发放价格临时补贴 | gets the price subsidy"},
	}
	if diff := cmp.Diff(want, told(on(t, p, 20261101, ""))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := told(on(t, p, 20270101, ""))["method"]; !cmp.Equal(got, []string{"规定不明： 未定 | unresolved: 未定"}) {
		t.Errorf("where nobody knows: %q", got)
	}
	if got := told(on(t, p, 20200101, ""))["method"]; len(got) != 4 || got[0] != "方法： 差额 | kind: difference" {
		t.Errorf("before: %q", got)
	}
}
