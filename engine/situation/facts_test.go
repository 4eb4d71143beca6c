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
