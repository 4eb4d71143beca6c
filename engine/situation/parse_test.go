package situation_test

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/hedui/hedui/engine/situation"
	"github.com/hedui/hedui/rules"
)

func TestParseRefuses(t *testing.T) {
	cases := map[string]string{
		"unknown key":       "on: 2026-11-01\nsituations:\n  - name: x\n    expect: {outcome: refused, finding: []}\n",
		"no outcome":        "on: 2026-11-01\nsituations:\n  - name: x\n    request: {members: [{}]}\n",
		"no name":           "on: 2026-11-01\nsituations:\n  - expect: {outcome: refused}\n",
		"the same name":     "situations:\n  - {name: x, expect: {outcome: refused}}\n  - {name: x, expect: {outcome: refused}}\n",
		"a third decimal":   "situations:\n  - name: x\n    records: [{tax: 1, income: 1.005}]\n    expect: {outcome: refused}\n",
		"a date that isn't": "on: 2026-02-30\nsituations:\n  - {name: x, expect: {outcome: refused}}\n",
	}
	for name, content := range cases {
		t.Run(name, func(t *testing.T) {
			if _, err := situation.Parse("tests/x.yaml", []byte(content)); err == nil {
				t.Error("it was read")
			}
		})
	}
}

// TestFailuresAreReported runs a situation that expects the wrong things.
func TestFailuresAreReported(t *testing.T) {
	const content = `
on: 2026-11-01
situations:
  - name: wrong
    request: {members: [{}]}
    records: [{vehicle: 1, plate: 皖A1}]
    expect:
      outcome: needs_review
      vehicles: 2
      total: 0.01
      coverage: {tax: found}
      findings:
        - {code: vehicle_owned, grade: B, member: 1, evidence: 2}
        - {code: undeclared_vehicle, member: 2}
  - name: impossible
    request: {members: [{}]}
    records: [{vehicle: 2}]
    expect: {outcome: no_discrepancy}
`
	f, err := situation.Parse("tests/x.yaml", []byte(content))
	if err != nil {
		t.Fatal(err)
	}
	p, err := rules.Load("reference")
	if err != nil {
		t.Fatal(err)
	}
	r := situation.Run(p, f.Situations)
	if len(r.Failed) != 2 || r.Passed != 0 {
		t.Fatalf("%d failed, %d passed", len(r.Failed), r.Passed)
	}
	const want = `tests/x.yaml: wrong
  outcome: expected needs_review, got suspected_ineligible
  finding 1 vehicle_owned: grade: expected B, got A
  finding 1 vehicle_owned: evidence: expected 2, got 1
  finding 2 undeclared_vehicle: member: expected 2, got 1
  total: expected 0.01, got 0.00
  vehicles: expected 2, got 1
  coverage of tax: expected found, got none`
	if got := r.Failed[0].Error(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := r.Failed[1].Error(); !strings.Contains(got, "record 1: there is no member 2") {
		t.Error(got)
	}
	if _, err := situation.RunFS(fstest.MapFS{}); err == nil {
		t.Error("an empty folder passed")
	}
	if _, err := situation.Read(fstest.MapFS{}); !errors.Is(err, situation.ErrNoTests) {
		t.Errorf("without situations: %v", err)
	}
}
