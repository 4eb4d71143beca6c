package rules_test

import (
	"errors"
	"math"
	"testing"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules"
)

func TestDatedValues(t *testing.T) {
	p, err := rules.LoadFS(changed(t, edit{
		"parameters.yaml", "    - {from: 0001-01-01, urban: 700.00",
		"    - {from: 2020-01-01, to: 2023-12-31, urban: 500.00, rural: 400.00, law: x, verified: true}\n" +
			"    - {from: 2024-01-01, urban: 650.00, rural: 550.00, law: x, verified: true}\n    - {from: 2025-03-01, urban: 700.00",
	}))
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		on           household.Date
		urban, rural int64 // of the income limit for two members; 0 when unresolved
	}{
		{20191231, 0, 0},
		{20200101, 50000 * 24, 40000 * 24},
		{20231231, 50000 * 24, 40000 * 24},
		{20240101, 65000 * 24, 55000 * 24},
		{20250228, 65000 * 24, 55000 * 24},
		{20250301, 70000 * 24, 60000 * 24},
		{99991231, 70000 * 24, 60000 * 24},
	}
	for _, c := range cases {
		t.Run(c.on.String(), func(t *testing.T) {
			l, err := p.On(c.on, "")
			var unresolved *rules.UnresolvedError
			if c.urban == 0 {
				if !errors.As(err, &unresolved) || unresolved.Parameter != "standard" {
					t.Errorf("got %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			u, r := l.Of(l.IncomeLimit, household.Urban, 2), l.Of(l.IncomeLimit, household.Rural, 2)
			if u != c.urban || r != c.rural {
				t.Errorf("urban %d, rural %d", u, r)
			}
		})
	}
	if to := p.Parameters()[0].Values[1].To; to != 20250228 {
		t.Errorf("the second value holds until %s", to)
	}
}

// A limit that nobody knows yet must not hide that another of its values is missing.
func TestAPackBeginsWithTheLastValueOfALimit(t *testing.T) {
	p, err := rules.LoadFS(changed(t,
		edit{
			"parameters.yaml", "    - {from: 0001-01-01, urban: 700.00",
			"    - {from: 2020-01-01, to: 2023-12-31, unresolved: not found, law: x}\n    - {from: 2024-01-01, urban: 700.00",
		},
		edit{"parameters.yaml", "standard:", "line_percent:\n  doc: x\n  unit: percent\n  values: [{from: 2022-01-01, value: 150, law: x, verified: true}]\nstandard:"},
		edit{"rules.yaml", "times: [window_months", "times: [line_percent, window_months"},
		edit{"messages.yaml", "findings:", "findings:\n  law_unresolved: {title: {zh: x, en: x}, text: {zh: x, en: x}, clear: {zh: x, en: x}}"},
	))
	if err != nil {
		t.Fatal(err)
	}
	var missing *rules.UnresolvedError
	if _, err := p.On(20211231, ""); !errors.As(err, &missing) || missing.Parameter != "line_percent" {
		t.Errorf("before the factor: %v", err)
	}
	if _, err := p.On(20220101, ""); err != nil {
		t.Error(err)
	}
}

func TestJudge(t *testing.T) {
	atLeast, moreThan := &rules.Rule{Op: rules.AtLeast}, &rules.Rule{Op: rules.MoreThan}
	cases := []struct {
		name  string
		rule  *rules.Rule
		value rules.Value
		limit int64
		want  rules.Judgement
	}{
		{"at least, below", atLeast, rules.Value{Strong: 9, All: 9}, 10, rules.Silent},
		{"at least, at", atLeast, rules.Value{Strong: 10, All: 10}, 10, rules.Strong},
		{"at least, at with B", atLeast, rules.Value{Strong: 9, All: 10}, 10, rules.Weak},
		{"more than, at", moreThan, rules.Value{Strong: 10, All: 10}, 10, rules.Silent},
		{"more than, above", moreThan, rules.Value{Strong: 11, All: 11}, 10, rules.Strong},
		{"more than, above with B", moreThan, rules.Value{Strong: 10, All: 11}, 10, rules.Weak},
		{"a limit past all numbers", moreThan, rules.Value{Strong: math.MaxInt64, All: math.MaxInt64}, math.MaxInt64, rules.Silent},
		{"below zero", moreThan, rules.Value{Strong: -5, All: -5}, 0, rules.Silent},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := c.rule.Judge(c.value, c.limit); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}

func TestWindow(t *testing.T) {
	for _, c := range []struct {
		on   household.Date
		want string
	}{{20261101, "2025-11..2026-10"}, {20261130, "2025-11..2026-10"}, {20270115, "2026-01..2026-12"}, {20260131, "2025-01..2025-12"}} {
		if got := (rules.Window{Months: 12}).On(c.on).String(); got != c.want {
			t.Errorf("on %s: %s, want %s", c.on, got, c.want)
		}
	}
}

// The digest covers every file, and line endings do not matter.
func TestDigest(t *testing.T) {
	load := func(edits ...edit) string {
		t.Helper()
		p, err := rules.LoadFS(changed(t, edits...))
		if err != nil {
			t.Fatal(err)
		}
		return p.Digest
	}
	plain := load()
	for _, e := range []edit{
		{"pack.yaml", `version: "1"`, `version: "2"`},
		{"messages.yaml", "身份信息不一致", "身份不一致"},
		{"parameters.yaml", "700.00", "700.01"},
		{"assets.yaml", "motorcycle, ", ""},
	} {
		if load(e) == plain {
			t.Errorf("%s changed, the digest did not", e.file)
		}
	}
	if load(edit{"pack.yaml", "name: reference\n", "name: reference\r\n"}) != plain {
		t.Error("a line ending changed the digest")
	}
}

func TestJudgingDoesNotAllocate(t *testing.T) {
	p, err := rules.Load("reference")
	if err != nil {
		t.Fatal(err)
	}
	l, err := p.On(20261101, "")
	if err != nil {
		t.Fatal(err)
	}
	fired := 0
	if n := testing.AllocsPerRun(100, func() { fired += judgeAll(l) }); n != 0 || fired == 0 {
		t.Errorf("%.0f allocations, %d fired", n, fired)
	}
}

func judgeAll(l *rules.Law) int {
	n := 0
	for i := range l.Rules {
		if l.Rules[i].Judge(rules.Value{Strong: 1, All: 900000}, l.Of(i, household.Urban, 3)) != rules.Silent {
			n++
		}
	}
	return n
}

func BenchmarkJudge(b *testing.B) {
	p, err := rules.Load("reference")
	if err != nil {
		b.Fatal(err)
	}
	l, err := p.On(20261101, "")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		judgeAll(l)
	}
}

// A rule without a limit, and one whose limit nobody knows, have the limit 0; asking for
// it harms nobody.
func TestNoLimit(t *testing.T) {
	p, err := rules.LoadFS(everything(t, edit{"rules.yaml", "    more_than: {parameter: none_allowed}", "    unresolved: 未查得\n    more_than: {parameter: none_allowed}"}))
	if err != nil {
		t.Fatal(err)
	}
	l, err := p.On(20261101, "")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for i := range l.Rules {
		if r := &l.Rules[i]; r.Fact == rules.FactCondition || r.Unresolved != "" {
			seen++
			if n := l.Of(i, household.Rural, 3); n != 0 {
				t.Errorf("%s has the limit %d", r.Code, n)
			}
		}
	}
	if seen < 3 {
		t.Errorf("only %d rules without a limit", seen)
	}
}
