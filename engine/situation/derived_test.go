package situation

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules"
)

func TestCompareDerived(t *testing.T) {
	got := []derivedAmount{{"employment_cost", 1, 12345}, {"support_by_obligors", 0, 600}}
	tests := map[string]struct {
		expect string
		want   []string
	}{
		"not named":      {`{outcome: refused}`, nil},
		"equal":          {`{outcome: refused, derived: [{code: employment_cost, member: 1, amount: 123.45}, {code: support_by_obligors, amount: 6.00}]}`, nil},
		"a fen more":     {`{outcome: refused, derived: [{code: employment_cost, member: 1, amount: 123.46}, {code: support_by_obligors, amount: 6.00}]}`, []string{"derived: expected employment_cost 1 123.46; support_by_obligors 0 6.00, got employment_cost 1 123.45; support_by_obligors 0 6.00"}},
		"another member": {`{outcome: refused, derived: [{code: employment_cost, member: 2, amount: 123.45}, {code: support_by_obligors, amount: 6.00}]}`, []string{"derived: expected employment_cost 2 123.45; support_by_obligors 0 6.00, got employment_cost 1 123.45; support_by_obligors 0 6.00"}},
		"none":           {`{outcome: refused, derived: []}`, []string{"derived: expected none, got employment_cost 1 123.45; support_by_obligors 0 6.00"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := first(t, "situations:\n  - {name: x, expect: "+tt.expect+"}\n")
			c := &comparison{}
			c.amounts("derived", s.Expect.Derived, got)
			if diff := cmp.Diff(tt.want, c.problems); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCompareNames(t *testing.T) {
	for name, tt := range map[string]struct {
		want, got, problems []string
	}{
		"not named":     {nil, []string{"standard"}, nil},
		"another order": {[]string{"b", "a"}, []string{"a", "b"}, nil},
		"one missing":   {[]string{"a", "b"}, []string{"b"}, []string{"unverified: expected a, b, got b"}},
		"none":          {[]string{}, []string{"b"}, []string{"unverified: expected none, got b"}},
	} {
		t.Run(name, func(t *testing.T) {
			c := &comparison{}
			c.names("unverified", tt.want, tt.got)
			if diff := cmp.Diff(tt.problems, c.problems); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What a verdict says of deductions, derived income and unverified values is compared.
func TestExpectingWhatWasDeductedAndDerived(t *testing.T) {
	p, err := rules.Load("reference")
	if err != nil {
		t.Fatal(err)
	}
	s := first(t, `
on: 2026-11-01
situations:
  - name: x
    request: {members: [{}]}
    expect: {outcome: no_discrepancy, excluded: [{code: d, member: 1, amount: 3}], deductions: [{code: a, amount: 1}], derived: [{code: b, amount: 2}], unverified: [c]}
`)
	want := []string{"excluded: expected d 1 3.00, got none", "deductions: expected a 0 1.00, got none", "derived: expected b 0 2.00, got none", "unverified: expected c, got none"}
	if diff := cmp.Diff(want, s.run(p)); diff != "" {
		t.Error(diff)
	}
	v := &household.Verdict{}
	v.Income.Excluded = []household.AmountOf{{Code: "d", Member: 1, Amount: 300}}
	v.Income.Deductions = []household.AmountOf{{Code: "a", Member: 2, Amount: 100}}
	v.Income.Derived = []household.AmountOf{{Code: "b", Member: 1, Obligor: 3, Amount: 200}}
	v.Pack.Values = []household.CitedValue{{Name: "c"}, {Name: "known", Verified: true}, {Name: "open", Unresolved: "nobody knows"}}
	s.Expect.Deductions[0].Member, s.Expect.Derived[0].Member = 2, 1
	c := &comparison{}
	if c.derived(&s.Expect, v); c.problems != nil {
		t.Error(c.problems)
	}
}
