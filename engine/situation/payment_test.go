package situation

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/rules"
)

// paying is the reference pack with amounts and a price subsidy of its own.
func paying(t *testing.T) *rules.Pack {
	t.Helper()
	dir := fstest.MapFS{}
	for name, text := range map[string]string{
		"pack.yaml": `
name: paying
version: "1"
title: {zh: 测算, en: paying}
extends: reference
schemes: [dibao]
window: {months: 12, anchor: month_before}
stale_after_days: {tax: 180, vehicle: 180, property: 180, bank: 180, insurance: 180}
`,
		"parameters.yaml": `
cpi_trigger: {doc: d, unit: permille, values: [{from: 0001-01-01, to: 2016-07-31, unresolved: 各地自定, law: 2011}, {from: 2016-08-01, value: 35, law: 2016, verified: true}]}
grain_trigger: {doc: d, unit: permille, values: [{from: 0001-01-01, value: 100, law: 2011, verified: true}]}
`,
		"messages.yaml": `
findings: {law_unresolved: {title: {zh: 未定, en: open}, text: {zh: 未定, en: open}, clear: {zh: 未定, en: open}}}
`,
		"benefit.yaml": `
methods: [{method: difference, standard: standard, round: {unit: 1.00, direction: up}, law: 补差}]
single_person: {method: difference, standard: standard, round: {unit: 1.00, direction: up}, law: 单人保}
tapering: {months: 6, when: employment, law: 渐退}
start: month_after_decision
`,
		"linkage.yaml": `
triggers: [{any_of: [{series: cpi, at_least: cpi_trigger, months: 1}, {series: grain, at_least: grain_trigger, months: 1}], law: 联动}]
formula: {name: scpi/1, standard: standard, law: 公式}
groups: [dibao]
`,
	} {
		dir[name] = &fstest.MapFile{Data: []byte(strings.TrimPrefix(text, "\n"))}
	}
	p, err := rules.LoadFS(dir)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAmountsOfSituations(t *testing.T) {
	p := paying(t)
	tests := map[string]struct {
		situation string
		want      []string
	}{
		"two members who lack a little": {
			`request: {members: [{declared: {wage: 1398.01}}, {}]}, expect: {outcome: no_discrepancy, benefit: {total: 2.00, start: 2026-12, lines: [{code: difference, amount: 2.00}], law: 补}}`, nil,
		},
		"everything otherwise": {
			`request: {members: [{declared: {wage: 699.50}}]}, expect: {outcome: no_discrepancy, benefit: {total: 2.00, start: 2026-11, reason: income_not_below_standard, lines: [], confirm: [{code: a, amount: 1}], law: 无}}`,
			[]string{
				"benefit total: expected 2.00, got 1.00", "benefit start: expected 2026-11, got 2026-12", "benefit reason: expected income_not_below_standard, got ",
				"benefit lines: expected none, got difference 0 1.00", "benefit confirm: expected a 0 1.00, got none", "benefit law: expected one with 无, got 补差",
			},
		},
		"decided in another month, employment lifted the income": {
			`request: {members: [{declared: {wage: 650.00}}]}, payment: {on: 2027-01-15, paid_before: 300.00, rise: employment, tapered: 1}, expect: {outcome: no_discrepancy, benefit: {total: 50.00, start: 2027-02}}`, nil,
		},
		"paid before and over the limit": {
			`request: {members: [{declared: {wage: 700.00}}]}, payment: {paid_before: 300.00, rise: employment}, expect: {outcome: suspected_ineligible, findings: [{code: income_over_limit}], benefit: {total: 300.00, lines: [{code: difference, amount: 0}, {code: tapering, amount: 300.00}]}}`, nil,
		},
		"over the limit for a reason that nobody knows": {
			`request: {members: [{declared: {wage: 700.00}}]}, payment: {paid_before: 300.00}, expect: {outcome: suspected_ineligible, findings: [{code: income_over_limit}], benefit: {total: 0, reason: income_not_below_standard, confirm: [{code: tapering, amount: 300.00}]}}`, nil,
		},
		"one of two alone": {
			`request: {application: single_person, members: [{declared: {wage: 500.00}}, {declared: {wage: 100.00}}]}, payment: {member: 2}, expect: {outcome: no_discrepancy, benefit: {total: 600.00, lines: [{code: single_person, member: 2, amount: 600.00}]}}`, nil,
		},
		"a reason that there is not": {
			`request: {members: [{}]}, payment: {rise: luck}, expect: {outcome: no_discrepancy, benefit: {total: 0}}`, []string{`benefit: expected an amount, got unknown reason of a rise "luck"`},
		},
		"prices over the trigger": {
			`prices: {month: 2022-09, rates: [{month: 2022-09, cpi: 3.5, grain: 1.0, scpi: 2.8}]}, expect: {subsidy: {due: "yes", by: [cpi], groups: [dibao], urban: 19.60, rural: 16.80, law: 联}}`, nil,
		},
		"everything about prices otherwise": {
			`prices: {month: 2022-09, rates: [{month: 2022-09, cpi: 3.5, grain: 1.0, scpi: 2.8}]}, expect: {subsidy: {due: "no", groups: [], urban: 1.00, rural: 2.00, law: 旧, why: 自}}`,
			[]string{
				"due: expected no, got yes", "by: expected none, got cpi", "groups: expected none, got dibao", "urban: expected 1.00, got 19.60", "rural: expected 2.00, got 16.80",
				"law: expected one with 旧, got 联动", "why: expected one with 自, got ",
			},
		},
		"a trigger that nobody knows": {
			`prices: {month: 2015-09, rates: [{month: 2015-09, cpi: 9.0, grain: 9.9, scpi: 2.8}]}, expect: {subsidy: {due: unknown, why: 各地自定}}`, nil,
		},
		"and the other, which decides": {
			`prices: {month: 2015-09, rates: [{month: 2015-09, cpi: 9.0, grain: 10.0, scpi: 2.8}]}, expect: {subsidy: {due: "yes", by: [grain]}}`, nil,
		},
		"a day without a law is none without a law": {
			`request: {members: [{}]}, expect: {outcome: no_law}`, []string{"outcome: expected no_law, got no_discrepancy"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := first(t, "on: 2026-11-01\nsituations:\n  - {name: x, "+tt.situation+"}\n")
			if diff := cmp.Diff(tt.want, s.run(p)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A pack without the files pays nothing, and no situation may say that it does.
func TestAmountsOfAPackWithout(t *testing.T) {
	p, err := rules.Load("reference")
	if err != nil {
		t.Fatal(err)
	}
	for situation, want := range map[string]string{
		`request: {members: [{}]}, expect: {outcome: no_discrepancy, benefit: {total: 0}}`: "benefit: expected an amount, got the pack has no benefit.yaml",
		`prices: {month: 2022-09}, expect: {subsidy: {due: unknown}}`:                      "the pack has no linkage.yaml",
	} {
		s := first(t, "on: 2026-11-01\nsituations:\n  - {name: x, "+situation+"}\n")
		if diff := cmp.Diff([]string{want}, s.run(p)); diff != "" {
			t.Error(diff)
		}
	}
}
