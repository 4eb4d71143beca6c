package situation

import (
	"slices"
	"strconv"
	"strings"

	"github.com/hedui/hedui/engine/household"
)

// derivedAmount is an amount that no source and no declaration has: a deduction, an
// imputed income, support.
type derivedAmount struct {
	Code   string
	Member int // from 1; 0 for one of the household
	Amount household.Fen
}

// derivedLine is a derivedAmount as a situation writes it.
type derivedLine struct {
	Code   string `yaml:"code"`
	Member int    `yaml:"member"`
	Amount yuan   `yaml:"amount"`
}

// derivedOf is what a verdict says was deducted and what was derived, in its order,
// and which of the parameters it cites nobody verified.
func derivedOf(v *household.Verdict) (deductions, derived []derivedAmount, unverified []string) {
	for i := range v.Pack.Values {
		if c := &v.Pack.Values[i]; !c.Verified && c.Unresolved == "" {
			unverified = append(unverified, c.Name)
		}
	}
	return listed(v.Income.Deductions), listed(v.Income.Derived), unverified
}

func listed(list []household.AmountOf) (out []derivedAmount) {
	for i := range list {
		out = append(out, derivedAmount{list[i].Code, list[i].Member, list[i].Amount})
	}
	return out
}

// derived compares what is named of it.
func (c *comparison) derived(e *expect, v *household.Verdict) {
	deductions, derived, unverified := derivedOf(v)
	c.amounts("excluded", e.Excluded, listed(v.Income.Excluded))
	c.amounts("deductions", e.Deductions, deductions)
	c.amounts("derived", e.Derived, derived)
	c.names("unverified", e.Unverified, unverified)
}

// amounts compares all of them, in order, when any or none are expected (nil says
// nothing).
func (c *comparison) amounts(what string, want []derivedLine, got []derivedAmount) {
	if want == nil {
		return
	}
	show := func(a derivedAmount) string { return a.Code + " " + strconv.Itoa(a.Member) + " " + a.Amount.Yuan() }
	var expected, given []string
	for _, l := range want {
		expected = append(expected, show(derivedAmount{l.Code, l.Member, household.Fen(l.Amount)}))
	}
	for _, a := range got {
		given = append(given, show(a))
	}
	c.text(what, orNone(expected, "; "), orNone(given, "; "))
}

// names compares sets of names.
func (c *comparison) names(what string, want, got []string) {
	if want == nil {
		return
	}
	c.text(what, orNone(slices.Sorted(slices.Values(want)), ", "), orNone(slices.Sorted(slices.Values(got)), ", "))
}

func orNone(list []string, between string) string {
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, between)
}
