package main

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules/benefit"
)

func TestLinkagePages(t *testing.T) {
	l := &benefit.Linkage{
		Triggers: []benefit.Trigger{
			{Span: benefit.Span{To: 20221231}, Law: "发改价格〔2021〕1553号", Conditions: []benefit.Condition{{Series: benefit.CPI, AtLeast: "cpi", Months: 1}, {Series: benefit.Food, AtLeast: "food", Months: 1}}},
			{Span: benefit.Span{From: 20230101}, Law: "-", Unresolved: "文件未公布"},
		},
		Formulas: []benefit.LinkFormula{{Name: benefit.FormulaSCPI, Standard: "standard", Law: "标准×SCPI"}},
		Groups:   []benefit.Group{{Code: "dibao", Title: benefit.Text{Zh: "低保", En: "minimum living allowance"}}, {Code: "tekun"}},
	}
	values := func(household.Date) benefit.Values { return tabled{"cpi": 30, "food": 60, "standard": 70000} }
	index, err := benefit.ParseIndex([]byte("month,cpi,food,scpi\n2022-08,2.9,5.9,3.1\n2022-09,3.0,,3.1\n2022-10,3.0,7.0,\n2022-11,3.0,7.0,-0.2\n2022-12,1.0,,1.0\n"))
	if err != nil {
		t.Fatal(err)
	}
	results, err := linkageMonths(l, household.Months{From: 2022*12 + 7, To: 2023 * 12}, index, values)
	if err != nil {
		t.Fatal(err)
	}
	pages := map[string]string{
		english: `2022-08  not due
  Law: 发改价格〔2021〕1553号
2022-09  DUE
  CPI 3.0 % on the year before, trigger 3.0 %
  urban, each person: 700.00 × 3.1 % = 21.70 yuan (up, to 0.01)
  rural, each person: 700.00 × 3.1 % = 21.70 yuan (up, to 0.01)
  Law: 标准×SCPI
  Groups: minimum living allowance, tekun
  Law: 发改价格〔2021〕1553号
2022-10  DUE
  CPI 3.0 % on the year before, trigger 3.0 %
  food 7.0 % on the year before, trigger 6.0 %
  SCPI of 2022-10 is missing
  the amount can't be computed
  Groups: minimum living allowance, tekun
  Law: 发改价格〔2021〕1553号
2022-11  DUE
  CPI 3.0 % on the year before, trigger 3.0 %
  food 7.0 % on the year before, trigger 6.0 %
  urban, each person: 700.00 × -0.2 % = 0.00 yuan (up, to 0.01)
  rural, each person: 700.00 × -0.2 % = 0.00 yuan (up, to 0.01)
  that rate is not above 0, so nothing is paid
  Law: 标准×SCPI
  Groups: minimum living allowance, tekun
  Law: 发改价格〔2021〕1553号
2022-12  UNKNOWN
  food of 2022-12 is missing
  Law: 发改价格〔2021〕1553号
2023-01  UNKNOWN
  文件未公布
  Law: -

The subsidy never counts as income. This is a computation, no order to pay.
`,
		chinese: `2022-09  启动
  居民消费价格同比 3.0%，达到 3.0%
  城镇每人 700.00 × 3.1% = 21.70 元（进位到 0.01）
  农村每人 700.00 × 3.1% = 21.70 元（进位到 0.01）
  依据：标准×SCPI
  发放对象：低保、tekun
  依据：发改价格〔2021〕1553号

价格临时补贴不计入家庭收入。以上为测算，不是发放依据。
`,
	}
	if diff := cmp.Diff(pages[english], linkageText(&app{language: english}, results)); diff != "" {
		t.Errorf("English (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(pages[chinese], linkageText(&app{language: chinese}, results[1:2])); diff != "" {
		t.Errorf("Chinese (-want +got):\n%s", diff)
	}
	got, err := json.Marshal(linkageJSON(results[1:2]))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"months":[{"month":"2022-09","due":"yes","by":[{"series":"cpi","at_least_permille":30,"permille":[30]}],"missing":[],"law":"发改价格〔2021〕1553号","scpi_permille":31,` +
		`"amounts":[{"residence":"urban","formula":"70000 × 31 ÷ 1000","amount_fen":2170},{"residence":"rural","formula":"70000 × 31 ÷ 1000","amount_fen":2170}],` +
		`"groups":["dibao","tekun"],"counts_as_income":false,"verified":true}]}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
}
