package household_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/hedui/hedui/engine/household"
)

// fullVerdict has every part that a verdict can have.
func fullVerdict() *household.Verdict {
	v := &household.Verdict{
		Line: 7, HouseholdID: "a\"b\\\x01\u2028中\x7f", Scheme: "dibao", On: 20261101, Outcome: household.NeedsReview,
		Generation: "0123456789abcdef0123456789abcdef",
		Findings: []household.Finding{
			{
				Code: "undeclared_income", Effect: household.NeedsReview, Grade: household.GradeB, Member: 2, Type: 1, HasAmount: true, Amount: -5, Limit: 4, Unverified: true, Law: "某办法",
				Evidence: []household.Evidence{
					{Source: household.Tax, Provider: "tax", Snapshot: "s", Node: "省平台", File: 1, Row: 17, Record: "T***17", Member: 2, Link: "A1", Period: household.YearPeriod(2025), HasAmount: true, Amount: 9},
					{Source: household.Register, Provider: "register", Snapshot: "r", File: 1, Row: 1, Member: 1, Link: "C2", Period: household.MonthPeriod(2026*12 + 4)},
				},
			},
			{Code: "law_unresolved", Effect: household.Unverifiable, Item: "one_off_relief"},
		},
		Income: household.IncomeSheet{
			Window: household.Months{From: 2025*12 + 10, To: 2026*12 + 9}, Members: 2, Total: 100, Limit: 200,
			Lines:      []household.IncomeLine{{Member: 2, Type: 4, Declared: 1, Found: 2, Counted: 2}},
			Excluded:   []household.AmountOf{{Code: "x", Member: 1, Amount: 3, Law: "l"}},
			Deductions: []household.AmountOf{{Code: "y", Amount: 4}},
			Derived:    []household.AmountOf{{Code: "z", Member: 1, Obligor: 2, Amount: 5, Law: "l"}},
		},
		Assets: household.AssetSheet{Financial: 6, FinancialLimit: 7, Vehicles: 1, Residential: 2, NonResidential: 3},
		Links: &household.LinkSheet{
			Strong: 1, Review: 2, Conflicts: 3, Hidden: 4, TurnedDown: 5, TooCommon: 6, Income: 7, Financial: 8,
			Distinct: household.AssetSheet{Financial: 9, Vehicles: 10, Residential: 11, NonResidential: 12},
			Notes: []household.LinkNote{
				{Member: 1, Tier: "B1", Use: "review", Total: -12, Parts: []household.LinkPart{{Field: "name", Level: "same", Bits: 30}, {Field: "birth", Level: "other", Bits: -42}}, Reasons: []string{"a", "b"}},
				{Member: 2, Use: "nothing"},
			},
		},
		Pack: household.PackRef{
			Name: "dibao", Version: "1", Digest: "d", Region: "340100",
			Values: []household.CitedValue{
				{Name: "standard", Unit: "fen", PerYear: true, Value: 847600, From: 20240701, File: "parameters.yaml", Line: 12, Region: "340100", Law: "某通知", Verified: true},
				{Name: "homes", Unit: "count", From: 20210101, File: "parameters.yaml", Line: 20, Unresolved: "未查得"},
				{Name: "cars", Unit: "count", Value: 1, From: 20210101, File: "parameters.yaml", Line: 21, Law: "示意"},
			},
		},
	}
	for s := household.Tax; s < household.NumChecked; s++ {
		v.Coverage[s].State = household.Found
	}
	v.Coverage[household.Vehicle] = household.SourceCoverage{State: household.Upstream, Providers: []household.ProviderCoverage{
		{Provider: "v", AsOf: 20261031, Snapshot: "s", Node: "340000", State: household.None},
	}}
	v.Coverage[household.Property] = household.SourceCoverage{State: household.Pending, Providers: []household.ProviderCoverage{
		{Provider: "p", Node: "340000", State: household.Pending},
	}}
	v.Coverage[household.Bank] = household.SourceCoverage{State: household.Missing, Providers: []household.ProviderCoverage{
		{Provider: "b", AsOf: 20261031, Snapshot: "s", State: household.Stale}, {Provider: "c", State: household.Missing},
	}}
	return v
}

func refusal() *household.Verdict {
	return &household.Verdict{Line: 3, On: 20261101, Outcome: household.Refused, Findings: []household.Finding{{Code: "invalid_request", Effect: household.Refused}}}
}

func TestParseVerdict(t *testing.T) {
	for _, v := range []*household.Verdict{fullVerdict(), refusal()} {
		got, err := household.ParseVerdict(v.AppendJSON(nil))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(v, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-written +read):\n%s", v.Outcome, diff)
		}
		frame, err := household.ParseFrame(v.AppendFrame(nil))
		if err != nil {
			t.Fatal(err)
		}
		want := *v
		want.Findings = nil
		if want.Outcome != household.Refused {
			want.Outcome = 0
		}
		if diff := cmp.Diff(&want, frame, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("frame of %s (-written +read):\n%s", v.Outcome, diff)
		}
	}
}

func TestParseVerdictRefuses(t *testing.T) {
	full := string(fullVerdict().AppendJSON(nil))
	cases := []struct{ name, old, new, want string }{
		{"cut off", full[len(full)-1:], "", "byte "},
		{"a space", `{"line":7`, `{ "line":7`, "byte 1: not as a verdict is written"},
		{"another order", `"line":7,"household_id":"a\"b\\\u0001\u2028中\u007f"`, `"household_id":"a\"b\\\u0001\u2028中\u007f","line":7`, "byte 2: not as a verdict is written"},
		{"an unknown key", `"scheme":"dibao"`, `"scheme":"dibao","extra":1`, "not as a verdict is written"},
		{"a key twice", `"scheme":"dibao"`, `"scheme":"dibao","scheme":"dibao"`, "not as a verdict is written"},
		{"no outcome", `"outcome":"needs_review",`, ``, "verdict: no outcome"},
		{"another outcome", `"outcome":"needs_review"`, `"outcome":"ineligible"`, "verdict: no such outcome"},
		{"a refusal with sheets", `"outcome":"needs_review"`, `"outcome":"refused"`, "not as a verdict is written"},
		{"another effect", `"effect":"needs_review"`, `"effect":"秘密"`, "findings 1: no such effect"},
		{"another grade", `"grade":"B"`, `"grade":"D"`, "findings 1: no such grade"},
		{"another source", `"source":"register"`, `"source":"police"`, "findings 1, evidence 2: no such source"},
		{"another period", `"period":"2025"`, `"period":"20-25"`, "findings 1, evidence 1: no such period"},
		{"another type", `"type":"transfer"`, `"type":"gift"`, "income: no such type of income"},
		{"another state", `"state":"stale"`, `"state":"old"`, "coverage: no such state"},
		{"another date", `"from":"2024-07-01"`, `"from":"2024-07-32"`, "rules: no such date"},
		{"a number with a point", `"declared_fen":1`, `"declared_fen":1.5`, "another kind of value than expected"},
		{"a number in quotes", `"declared_fen":1`, `"declared_fen":"秘密"`, "another kind of value than expected"},
		{"a number past int64", `"total_fen":100`, `"total_fen":9223372036854775808`, "another kind of value than expected"},
		{"unverified that is verified", `"unverified":["cars"]`, `"unverified":["standard"]`, "not as a verdict is written"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			at := strings.LastIndex(full, c.old)
			if at < 0 {
				t.Fatalf("the verdict has no %s", c.old)
			}
			v, err := household.ParseVerdict([]byte(full[:at] + c.new + full[at+len(c.old):]))
			if v != nil || err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want %s", err, c.want)
			}
			if _, ok := errors.AsType[*household.ParseError](err); !ok || strings.Contains(err.Error(), "秘密") {
				t.Errorf("%T %v", err, err)
			}
		})
	}
}

func TestParsePartsOfVerdicts(t *testing.T) {
	v := fullVerdict()
	e, err := household.ParseEvidence(household.AppendEvidence(nil, v.Findings[0].Evidence))
	if err != nil || !cmp.Equal(e, v.Findings[0].Evidence) {
		t.Errorf("%v %v", e, err)
	}
	values, err := household.ParseValues(household.AppendValues(nil, v.Pack.Values))
	if err != nil || !cmp.Equal(values, v.Pack.Values) {
		t.Errorf("%v %v", values, err)
	}
	if _, err := household.ParseEvidence([]byte(`[{"source":"tax"}]`)); err == nil {
		t.Error("evidence without a place was read")
	}
	if _, err := household.ParseValues([]byte(`[ ]`)); err == nil {
		t.Error("a space was read")
	}
}

func FuzzParseVerdict(f *testing.F) {
	f.Add(fullVerdict().AppendJSON(nil))
	f.Add(refusal().AppendJSON(nil))
	f.Add(fullVerdict().AppendFrame(nil))
	f.Add([]byte(`{"on":"","outcome":"refused","findings":[]}`))
	f.Add([]byte(`{"income":{"lines":[{}]},"links":{"notes":[{"parts":[{}]}]},"rules":{"values":[{}]}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := household.ParseVerdict(b)
		if err != nil {
			if _, ok := errors.AsType[*household.ParseError](err); !ok {
				t.Errorf("%T %v", err, err)
			}
			return
		}
		if got := v.AppendJSON(nil); !bytes.Equal(got, b) {
			t.Errorf("read  %s\nwrote %s", b, got)
		}
	})
}
