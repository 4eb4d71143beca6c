package situation_test

import (
	"testing"
	"testing/fstest"

	"github.com/hedui/hedui/engine/situation"
)

// runSmall runs situations against a pack of a few rules on top of reference.
func runSmall(t *testing.T, parameters, purpose, rules, words, situations string) {
	t.Helper()
	dir := fstest.MapFS{}
	for name, content := range map[string]string{
		"pack.yaml": `
name: small
version: "1"
title: {zh: 小, en: small}
extends: reference
schemes: any
window: {months: 12, anchor: month_before}
stale_after_days: {tax: 180, vehicle: 180, property: 180, bank: 180, insurance: 180}
` + purpose,
		"parameters.yaml":  parameters,
		"rules.yaml":       rules,
		"messages.yaml":    words,
		"tests/tests.yaml": situations,
	} {
		dir[name] = &fstest.MapFile{Data: []byte(content)}
	}
	r, err := situation.RunFS(dir)
	if err != nil {
		t.Fatal(err)
	}
	for i := range r.Failed {
		t.Error(r.Failed[i].Error())
	}
	if r.Passed == 0 {
		t.Error("nothing passed")
	}
}

// A month at work is one with a wage or with a contribution as an employee, once. The
// better of the records gives it its grade.
func TestMonthsAtWork(t *testing.T) {
	runSmall(t, "at_work: {doc: months, unit: count, values: [{from: 0001-01-01, value: 2, law: L, verified: true}]}", "",
		`
rules:
  - code: works
    per: member
    fact: member.months_at_work
    at_least: {parameter: at_work}
    effect: suspected_ineligible
    with_grade_b: {code: may_work, effect: needs_review}
    law: L
`, `
findings:
  works: {title: {zh: 一, en: a}, text: {zh: 一, en: a}, clear: {zh: 一, en: a}}
  may_work: {title: {zh: 二, en: b}, text: {zh: 二, en: b}, clear: {zh: 二, en: b}}
`, `
on: 2026-11-01
situations:
  - name: two wages
    request: {members: [{}]}
    records: [{tax: 1, periods: [2026-05, 2026-06], income: 0.01}]
    expect: {outcome: suspected_ineligible, findings: [{code: works, member: 1, grade: A, evidence: 2}]}
  - name: a wage and a contribution
    request: {members: [{}]}
    records:
      - {tax: 1, periods: [2026-05], income: 0.01}
      - {insurance: 1, periods: [2026-06], identity: employee}
    expect: {outcome: suspected_ineligible, findings: [{code: works, member: 1, grade: A, evidence: 2}]}
  - name: both in one month
    request: {members: [{}]}
    records:
      - {tax: 1, periods: [2026-05], income: 0.01}
      - {insurance: 1, periods: [2026-05], identity: employee}
    expect: {outcome: no_discrepancy}
  - name: no employment
    request: {members: [{}]}
    records:
      - {tax: 1, periods: [2026-05, 2026-06], income_type: labour, income: 0.01}
      - {insurance: 1, periods: [2026-05, 2026-06], identity: flexible}
      - {insurance: 1, periods: [2026-05, 2026-06], role: receiving, benefit: 1.00}
    expect: {outcome: no_discrepancy}
  - name: outside the window
    request: {members: [{}]}
    records: [{tax: 1, periods: [2025-10, 2026-10, 2026-11], income: 0.01}]
    expect: {outcome: no_discrepancy}
  - name: a stale wage
    request: {members: [{}]}
    sources: {tax: [{as_of: 2026-05-04}, {covers: 2026-06..2026-10}]}
    records: [{tax: 1, periods: [2026-03, 2026-04], income: 0.01}]
    expect: {outcome: needs_review, findings: [{code: may_work, member: 1, grade: B, evidence: 2}]}
  - name: a stale wage and a fresh contribution of one month, a fresh wage of another
    request: {members: [{}]}
    sources: {tax: [{as_of: 2026-05-04}, {covers: 2026-06..2026-10}]}
    records:
      - {tax: 1, periods: [2026-04], income: 0.01}
      - {insurance: 1, periods: [2026-04], identity: employee}
      - {tax: 1, snapshot: 2, periods: [2026-06], income: 0.01}
    expect: {outcome: suspected_ineligible, findings: [{code: works, member: 1, grade: A, evidence: 2}]}
  - name: stale contributions
    request: {members: [{}]}
    sources: {insurance: [{as_of: 2026-05-04}]}
    records: [{insurance: 1, periods: [2026-03, 2026-04], identity: employee}]
    expect: {outcome: needs_review, findings: [{code: may_work, member: 1, grade: B, evidence: 2}]}
`)
}

// A law that nobody knows is only named where the rule may speak of the household.
func TestUnresolvedLawOfOthers(t *testing.T) {
	runSmall(t, "cap: {doc: a cap, unit: fen, values: [{from: 0001-01-01, unresolved: 未查得, law: L}]}",
		"purpose: {reads: [tax, vehicle, property, bank, insurance]}",
		`
rules:
  - code: over_cap
    per: household
    fact: household.income
    at_least: {parameter: cap}
    when: '!household.receiving.dibao'
    if_unknown: needs_review
    effect: needs_review
    law: L
  - code: old_over_cap
    per: member
    condition: 'member.age >= 60 && member.income >= parameter.cap'
    effect: needs_review
    law: L
`, `
findings:
  law_unresolved: {title: {zh: 〇, en: z}, text: {zh: 〇, en: z}, clear: {zh: 〇, en: z}}
  over_cap: {title: {zh: 一, en: a}, text: {zh: 一, en: a}, clear: {zh: 一, en: a}}
  old_over_cap: {title: {zh: 二, en: b}, text: {zh: 二, en: b}, clear: {zh: 二, en: b}}
`, `
on: 2026-11-01
situations:
  - name: it speaks of others
    request: {receiving: [dibao], members: [{}]}
    expect: {outcome: no_discrepancy}
  - name: it speaks of the household
    request: {receiving: [tekun], members: [{}]}
    expect: {outcome: unverifiable, findings: [{code: law_unresolved, effect: unverifiable}]}
  - name: nobody knows of whom it speaks
    request: {members: [{}]}
    expect: {outcome: unverifiable, findings: [{code: law_unresolved}]}
  - name: it speaks of the second member
    request: {receiving: [dibao], members: [{}, {born: 1950-01-01}]}
    expect: {outcome: unverifiable, findings: [{code: law_unresolved}]}
`)
}

// A condition has no limit, and a household that it holds of only gets a question.
func TestConditionAlone(t *testing.T) {
	runSmall(t, "a_yuan: {doc: a cap, unit: fen, values: [{from: 0001-01-01, value: 1.00, law: L, verified: true}]}",
		"purpose: {reads: [tax, vehicle, property, bank, insurance]}",
		`
rules:
  - code: rich
    per: household
    condition: 'household.income > parameter.a_yuan'
    effect: needs_review
    law: L
`, `
findings:
  rich: {title: {zh: 一, en: a}, text: {zh: 一, en: a}, clear: {zh: 一, en: a}}
`, `
on: 2026-11-01
situations:
  - name: at the number
    request: {members: [{}]}
    records: [{tax: 1, periods: [2026-05], income: 1.00}]
    expect: {outcome: no_discrepancy}
  - name: above it
    request: {members: [{}]}
    records: [{tax: 1, periods: [2026-05], income: 1.01}]
    expect: {outcome: needs_review, findings: [{code: rich, effect: needs_review, grade: ""}]}
`)
}

// A provider that the law expects and nobody has delivered for is missing, whatever the
// others say: what it would have shown is not known to be nothing.
func TestExpectedProviders(t *testing.T) {
	runSmall(t, "at_work: {doc: months, unit: count, values: [{from: 0001-01-01, value: 2, law: L, verified: true}]}",
		"expected_providers: {bank: [甲银行, 乙银行]}\n", `
rules:
  - {code: works, per: member, fact: member.months_at_work, at_least: {parameter: at_work}, effect: needs_review, law: L}
`, "findings:\n  works: {title: {zh: 一, en: a}, text: {zh: 一, en: a}, clear: {zh: 一, en: a}}\n", `
on: 2026-11-01
situations:
  - name: both banks delivered
    request: {members: [{}]}
    sources: {bank: [{provider: 甲银行}, {provider: 乙银行}, {provider: 丙银行}]}
    expect: {outcome: no_discrepancy, coverage: {bank: "none: 丙银行 none, 乙银行 none, 甲银行 none"}}
  - name: one did not
    request: {members: [{}]}
    sources: {bank: [{provider: 甲银行}]}
    records: [{bank: 1, balance: 1.00}]
    expect: {outcome: unverifiable, coverage: {bank: "missing: 甲银行 found, 乙银行 missing"}}
`)
}

// Sets of accounts are added up, and sets may leave small things out.
func TestSumsAndSizesOfSets(t *testing.T) {
	dir := fstest.MapFS{}
	for name, content := range map[string]string{
		"pack.yaml": "name: small\nversion: \"1\"\ntitle: {zh: 小, en: small}\nextends: reference\n",
		"parameters.yaml": `
policies: {doc: cash value, unit: fen, values: [{from: 0001-01-01, value: 500.00, allowed: up_to, law: L, verified: true}]}
car_value: {doc: a car, unit: fen, values: [{from: 0001-01-01, value: 30000.00, law: L, verified: true}]}
part: {doc: share, unit: percent, values: [{from: 0001-01-01, value: 50, law: L, verified: true}]}
`,
		"assets.yaml": `
sets:
  vehicles: {of: vehicle, where: {status: [normal]}, value_over: car_value}
  homes: {of: unit, where: {status: [current], kind: [residential]}, share_from: part}
  shops: {of: unit, where: {status: [current], kind: [commercial]}}
  policies: {of: account, where: {kind: [insurance]}}
financial: {where: {purpose: [none]}}
sheet: {vehicles: vehicles, residential: homes, non_residential: shops}
`,
		"rules.yaml": `
rules:
  - {code: policies_over, per: household, sum: policies, limit: {parameter: policies}, effect: suspected_ineligible, with_grade_b: {effect: needs_review}, law: L}
  - {code: car, per: member, count: vehicles, more_than: {parameter: none_allowed}, effect: needs_review, law: L}
  - {code: home, per: household, count: homes, more_than: {parameter: none_allowed}, effect: needs_review, law: L}
`,
		"messages.yaml": `
findings:
  policies_over: {title: {zh: 一, en: a}, text: {zh: 一, en: a}, clear: {zh: 一, en: a}}
  car: {title: {zh: 二, en: b}, text: {zh: 二, en: b}, clear: {zh: 二, en: b}}
  home: {title: {zh: 三, en: c}, text: {zh: 三, en: c}, clear: {zh: 三, en: c}}
`,
		"tests/tests.yaml": `
on: 2026-11-01
situations:
  - name: policies at the limit, and money that is none
    request: {members: [{}]}
    records: [{bank: 1, kind: insurance, balance: 500.00}, {bank: 1, kind: demand, balance: 9000.00}]
    expect: {outcome: no_discrepancy}
  - name: two policies a fen over it
    request: {members: [{}]}
    records: [{bank: 1, kind: insurance, balance: 500.00}, {bank: 1, kind: insurance, balance: 0.01}]
    expect: {outcome: suspected_ineligible, findings: [{code: policies_over, grade: A, amount: 500.01, limit: 500.00, evidence: 2}]}
  - name: one of them old
    request: {members: [{}]}
    sources: {bank: [{}, {provider: old, as_of: 2026-05-04}]}
    records: [{bank: 1, kind: insurance, balance: 500.00}, {bank: 1, snapshot: 2, kind: insurance, balance: 0.01}]
    expect: {outcome: needs_review, findings: [{code: policies_over, grade: B, amount: 500.01}]}
  - name: a car at the value
    request: {members: [{}]}
    records: [{vehicle: 1, value: 30000.00}]
    expect: {outcome: no_discrepancy, vehicles: 0}
  - name: a fen more
    request: {members: [{}]}
    records: [{vehicle: 1, value: 30000.01}]
    expect: {outcome: needs_review, vehicles: 1, findings: [{code: car, member: 1, grade: A}]}
  - name: a car of which nobody says what it is worth
    request: {members: [{}]}
    records: [{vehicle: 1}]
    expect: {outcome: needs_review, vehicles: 1, findings: [{code: car, member: 1, grade: A}]}
  - name: half a home
    request: {members: [{}]}
    records: [{property: 1, share: 1/2}]
    expect: {outcome: needs_review, residential: 1, findings: [{code: home}]}
  - name: a smaller part
    request: {members: [{}]}
    records: [{property: 1, share: "49.99"}]
    expect: {outcome: no_discrepancy, residential: 0}
`,
	} {
		dir[name] = &fstest.MapFile{Data: []byte(content)}
	}
	r, err := situation.RunFS(dir)
	if err != nil {
		t.Fatal(err)
	}
	for i := range r.Failed {
		t.Error(r.Failed[i].Error())
	}
	if r.Passed < 8 {
		t.Errorf("only %d passed", r.Passed)
	}
}
