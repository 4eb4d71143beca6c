package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules"
	"github.com/hedui/hedui/rules/benefit"
)

// tabled are values that hold on any date.
type tabled map[string]int64

func (t tabled) Value(name string, _ uint8, _ int) (int64, bool, bool) {
	n, ok := t[name]
	return n, name != "severe", ok
}

func benefitTestPlan() (*benefit.Plan, benefit.Values) {
	p := &benefit.Plan{
		Methods: []benefit.Method{{Kind: benefit.Difference, Standard: "standard", Round: benefit.Round{Unit: 100, Direction: household.RoundUp}, Law: "办法 第一条"}},
		Single:  []benefit.Single{{Kind: benefit.Difference, Standard: "standard", Round: benefit.Round{Unit: 100, Direction: household.RoundUp}, Law: "单人保"}},
		AddOns: []benefit.AddOn{
			{Code: "elderly", Title: benefit.Text{Zh: "老年人", En: "old people"}, Who: benefit.Who{AgeFrom: 70}, Amount: "elderly", Law: "分类施保"},
			{Code: "severe", Who: benefit.Who{AnyOf: []string{"severe_disability"}}, Amount: "severe", Law: "分类施保"},
		},
		Tapering: []benefit.Tapering{{Months: 6, When: benefit.RiseEmployment, Law: "渐退期"}},
		Start:    benefit.MonthAfterDecision,
	}
	return p, tabled{"standard": 63200, "elderly": 5000, "severe": 12000}
}

const benefitTestRequest = `{"household_id":"h1","region":"340104","scheme":"dibao","residence":"urban",%s
 "members":[
  {"name":"甲","id_number":"340104195001010019","relation":"head"},
  {"name":"乙","id_number":"x","id_type":"passport","relation":"spouse","sex":"female","birth_date":"1980-05-05","attributes":[%s]},
  {"name":"丙","id_number":"340104201501010013","relation":"child","attributes":[{"code":"severe_disability","holds":false,"document":"d"}]}]}`

// oneCase writes a request and its verdict and reads them back as a case.
func oneCase(t *testing.T, pack *rules.Pack, application, attributes, verdict string, change func(*benefitOptions)) (*benefitCase, error) {
	t.Helper()
	dir := t.TempDir()
	o := benefitOptions{on: dateFlag{20261120}, verdict: filepath.Join(dir, "v.jsonl"), household: filepath.Join(dir, "h.json")}
	write := func(path, text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(o.household, fmt.Sprintf(benefitTestRequest, application, attributes))
	write(o.verdict, `{"household_id":"another"}`+"\n"+strings.ReplaceAll(verdict, "DIGEST", pack.Digest)+"\n")
	if change != nil {
		change(&o)
	}
	return readCase(&app{stderr: &bytes.Buffer{}}, o, pack)
}

// writtenAs is a verdict with an outcome, findings and the total of income in yuan a
// month.
func writtenAs(outcome, findings string, monthly int64) string {
	return fmt.Sprintf(`{"household_id":"h1","scheme":"dibao","on":"2026-11-01","outcome":%q,"findings":[%s],`+
		`"income":{"from":"2025-11","to":"2026-10","members":3,"lines":[{"member":1,"type":"wage","counted_fen":%d},{"member":2,"type":"wage","counted_fen":120000}],"total_fen":%[3]d},`+
		`"rules":{"pack":"reference","version":"1","digest":"DIGEST"}}`, outcome, findings, monthly*100*12)
}

func referencePack(t *testing.T) *rules.Pack {
	t.Helper()
	p, err := rules.Load("reference")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const overLimit = `{"code":"income_over_limit","effect":"suspected_ineligible"}`

func TestBenefitPages(t *testing.T) {
	pack := referencePack(t)
	paid := func(o *benefitOptions) { o.paidBefore.fen, o.rise.rise, o.tapered = 35000, benefit.RiseEmployment, 2 }
	tests := map[string]struct {
		application, attributes, verdict, language string
		change                                     func(*benefitOptions)
		want                                       string
	}{
		"in order, in English": {
			verdict: writtenAs("no_discrepancy", "", 1894), language: english,
			want: `Proposed benefit (for the person who decides; no order to pay)
Household h1   Scheme dibao   Checked on 2026-11-01
Verdict 【NO DISCREPANCY】

  1. difference to the standard
     (632.00 × 3 × 12 − 22728.00) ÷ 12 = 2.00 (up, to 1.00)
     Law: 办法 第一条
  2. old people · member 1
     50.00
     Law: 分类施保
  Total 52.00 yuan a month
  From 2026-12, when decided on 2026-11-20

To confirm, not in the total
  severe · member 1: severe_disability; would add 70.00
     Law: 分类施保
  severe · member 2: severe_disability; would add 120.00
     Law: 分类施保

Rules reference 1 (DIGEST…)
`,
		},
		"to review, in Chinese": {
			verdict:    writtenAs("needs_review", `{"code":"undeclared_income","effect":"needs_review","member":1}`, 1894),
			attributes: `{"code":"severe_disability","document":"残疾证"}`, language: chinese,
			want: `待遇测算（供决定参考，不是发放依据）
家庭 h1   项目 dibao   核对日期 2026-11-01
核对结果 【需核实】
暂定：核实完毕前金额可能变化。
  收入申报不足 (undeclared_income)

  1. 差额
     (632.00 × 3 × 12 − 22728.00) ÷ 12 = 2.00（进位到 1.00）
     依据：办法 第一条
  2. 老年人 · 成员 1
     50.00
     依据：分类施保
  3. severe · 成员 2
     120.00
     依据：分类施保（依据未经核对）
  每月合计 172.00 元
  如于 2026-11-20 作出决定，自 2026-12 起

需要确认，未计入合计
  severe · 成员 1: severe_disability; 可加 70.00
     依据：分类施保

规则 reference 1（DIGEST…）
`,
		},
		"suspected: no amount, but why": {
			verdict: writtenAs("suspected_ineligible", `{"code":"vehicle_owned","effect":"suspected_ineligible","member":1},{"code":"vehicle_owned","effect":"suspected_ineligible","member":2}`, 0), language: english, change: paid,
			want: `Proposed benefit (for the person who decides; no order to pay)
Household h1   Scheme dibao   Checked on 2026-11-01
Verdict 【SUSPECTED INELIGIBLE】
No amount: a person has to settle the verdict first.
  vehicle owned (vehicle_owned)

Rules reference 1 (DIGEST…)
`,
		},
		"income over the limit by employment goes on": {
			verdict: writtenAs("suspected_ineligible", overLimit, 2500), language: english, change: paid,
			want: `Proposed benefit (for the person who decides; no order to pay)
Household h1   Scheme dibao   Checked on 2026-11-01
Verdict 【SUSPECTED INELIGIBLE】
Provisional: the amount may change with what a person finds.
  income at or over the limit (income_over_limit)

  1. difference to the standard
     max(0, 632.00 × 3 × 12 − 30000.00) = 0.00
     Law: 办法 第一条
  2. goes on as in the month before
     2 < 6
     350.00
     Law: 渐退期
  Total 350.00 yuan a month
  From 2026-12, when decided on 2026-11-20

Rules reference 1 (DIGEST…)
`,
		},
		"without the reason of the rise it is asked for": {
			verdict: writtenAs("suspected_ineligible", overLimit, 2500), language: chinese, change: func(o *benefitOptions) { o.paidBefore.fen = 35000 },
			want: `待遇测算（供决定参考，不是发放依据）
家庭 h1   项目 dibao   核对日期 2026-11-01
核对结果 【疑似不符合】
  家庭收入达到或超过限额 (income_over_limit)

  1. 差额
     max(0, 632.00 × 3 × 12 − 30000.00) = 0.00
     依据：办法 第一条
  不发放：收入不低于标准

需要确认，未计入合计
  渐退期，按上月金额: 收入增加的原因; 可加 350.00
     依据：渐退期

规则 reference 1（DIGEST…）
`,
		},
		"suspected and below the standard of the benefit": {
			verdict: writtenAs("suspected_ineligible", overLimit, 100), language: english, change: paid,
			want: `Proposed benefit (for the person who decides; no order to pay)
Household h1   Scheme dibao   Checked on 2026-11-01
Verdict 【SUSPECTED INELIGIBLE】
No amount: a person has to settle the verdict first.
  income at or over the limit (income_over_limit)

Rules reference 1 (DIGEST…)
`,
		},
		"income over the limit and nothing paid before": {
			verdict: writtenAs("suspected_ineligible", overLimit, 2500), language: english,
			want: `Proposed benefit (for the person who decides; no order to pay)
Household h1   Scheme dibao   Checked on 2026-11-01
Verdict 【SUSPECTED INELIGIBLE】
No amount: a person has to settle the verdict first.
  income at or over the limit (income_over_limit)

Rules reference 1 (DIGEST…)
`,
		},
		"one person of three": {
			application: `"application":"single_person",`, verdict: writtenAs("no_discrepancy", "", 5000), language: english,
			attributes: `{"code":"severe_disability","holds":false,"document":"d"}`, change: func(o *benefitOptions) { o.member = 2 },
			want: `Proposed benefit (for the person who decides; no order to pay)
Household h1   Scheme dibao   Checked on 2026-11-01
Verdict 【NO DISCREPANCY】

  1. single person · member 2
     (632.00 × 1 × 12 − 1200.00) ÷ 12 = 532.00 (up, to 1.00)
     Law: 单人保
  Total 532.00 yuan a month
  From 2026-12, when decided on 2026-11-20

Rules reference 1 (DIGEST…)
`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c, err := oneCase(t, pack, tt.application, tt.attributes, tt.verdict, tt.change)
			if err != nil {
				t.Fatal(err)
			}
			p := c.proposal(pack)
			if p.blocked = c.blocked(incomeCode(pack, 20261101, "")); !p.blocked {
				plan, values := benefitTestPlan()
				if err := p.compute(plan, 20261120, c, values); err != nil {
					t.Fatal(err)
				}
			}
			var out bytes.Buffer
			if err := p.print(&app{stdout: &out, language: tt.language}, pack); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.ReplaceAll(tt.want, "DIGEST", pack.Digest[:8]), out.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestBenefitJSON(t *testing.T) {
	pack := referencePack(t)
	c, err := oneCase(t, pack, "", `{"code":"severe_disability"},{"code":"severe_disability","document":"d","to":"2026-01-01"},{"code":"severe_disability"}`, writtenAs("needs_review", "", 1894), nil)
	if err != nil {
		t.Fatal(err)
	}
	p := c.proposal(pack)
	plan, values := benefitTestPlan()
	if err := p.compute(plan, 20261120, c, values); err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(p.json())
	if err != nil {
		t.Fatal(err)
	}
	want := `{"household_id":"h1","scheme":"dibao","checked_on":"2026-11-01","outcome":"needs_review","on":"2026-11-20","proposal":true,"provisional":true,` +
		`"amount_fen":5200,"start":"2026-12","findings":[],` +
		`"lines":[{"code":"difference","formula":"(63200 × 3 × 12 − 2272800) ÷ 12","round":"up","round_to_fen":100,"amount_fen":200,"law":"办法 第一条","verified":true},` +
		`{"code":"elderly","member":1,"formula":"5000","amount_fen":5000,"law":"分类施保","verified":true}],` +
		`"confirm":[{"code":"severe","member":1,"unknown":["severe_disability"],"adds_fen":7000,"law":"分类施保"}],` +
		`"verified":true,"rules":{"pack":"reference 1","digest":"` + pack.Digest + `"}}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	p = c.proposal(pack)
	p.blocked = true
	if got, _ := json.Marshal(p.json()); strings.Contains(string(got), "amount_fen") {
		t.Errorf("an amount although the verdict stands against it: %s", got)
	}
}

func TestBenefitCaseFaults(t *testing.T) {
	pack := referencePack(t)
	good := writtenAs("no_discrepancy", "", 1894)
	tests := map[string]struct {
		application, attributes, verdict string
		change                           func(*benefitOptions)
		want                             string
	}{
		"no verdict of it":  {verdict: strings.Replace(good, `"h1"`, `"h2"`, 1), want: "v.jsonl has no verdict of this household"},
		"no JSON":           {verdict: good[:40], want: "v.jsonl: object 2 is no verdict in JSON"},
		"another scheme":    {verdict: strings.Replace(good, "dibao", "tekun", 1), want: "v.jsonl: the verdict is about another scheme than h.json"},
		"another pack":      {verdict: strings.Replace(good, "DIGEST", "d", 1), want: "v.jsonl: the verdict was made with another pack, or another state of it"},
		"before the check":  {verdict: good, change: func(o *benefitOptions) { o.on.date = 20261031 }, want: "--on is before the date of the check"},
		"unknown outcome":   {verdict: strings.Replace(good, "no_discrepancy", "fine", 1), want: "v.jsonl: the verdict has no known outcome or no date"},
		"no window":         {verdict: strings.Replace(good, "2025-11", "2027-11", 1), want: "v.jsonl: the verdict has no window of income"},
		"other members":     {verdict: strings.Replace(good, `"members":3`, `"members":1`, 1), want: "v.jsonl counts 1 member, the request 3"},
		"a bad attribute":   {attributes: `{"code":1}`, verdict: good, want: "h.json: unknown or unreadable members.attributes"},
		"one of three":      {application: `"application":"single_person",`, verdict: good, want: "the application is for one person of 3"},
		"nobody":            {application: `"application":"single_person",`, verdict: good, change: func(o *benefitOptions) { o.member = 4 }, want: "--member 4 is no counted member"},
		"a household's one": {verdict: good, change: func(o *benefitOptions) { o.member = 1 }, want: "--member is for single-person applications"},
		"a bad request":     {application: `"declared_assets":{"financial_fen":-1},`, verdict: good, want: "h.json: unknown or unreadable declared_assets.financial_fen"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := oneCase(t, pack, tt.application, tt.attributes, tt.verdict, tt.change); err == nil || err.Error() != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}
