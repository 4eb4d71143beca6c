package household_test

import (
	"testing"

	"github.com/hedui/hedui/engine/household"
)

// The order is said, and does not follow from the numbers of the states.
func TestCoverageStatesFromTheWorstToTheBest(t *testing.T) {
	order := []household.CoverageState{
		household.NotAuthorized, household.Missing, household.Pending, household.Partial, household.Incomplete, household.Stale,
		household.None, household.Upstream, household.Found,
	}
	if len(order) != household.NumCoverageStates-1 || len(household.CoverageStates) != household.NumCoverageStates {
		t.Fatalf("%d states are ordered of %d", len(order), len(household.CoverageStates)-1)
	}
	for i, a := range order {
		for j, b := range order {
			if a.Worse(b) != (i < j) {
				t.Errorf("%s worse than %s: %v", a, b, a.Worse(b))
			}
		}
		if answered := a == household.None || a == household.Found || a == household.Upstream; a.Answered() != answered {
			t.Errorf("%s: answered %v", a, a.Answered())
		}
	}
}

// What is pending counts as missing, and what the upper node says as what it says. Nothing
// that is not answered ever counts as nothing there.
func TestJudged(t *testing.T) {
	of := func(state household.CoverageState, providers ...household.CoverageState) household.CoverageState {
		c := household.SourceCoverage{State: state}
		for _, s := range providers {
			c.Providers = append(c.Providers, household.ProviderCoverage{State: s})
		}
		return c.Judged()
	}
	for _, tt := range []struct{ got, want household.CoverageState }{
		{of(household.Pending, household.Pending), household.Missing},
		{of(household.Pending), household.Missing},
		{of(household.Upstream, household.Found, household.None), household.None},
		{of(household.Upstream, household.Found), household.Found},
		{of(household.Stale, household.Stale, household.None), household.Stale},
		{of(household.None, household.None), household.None},
		{of(household.Found, household.Found), household.Found},
	} {
		if tt.got != tt.want {
			t.Errorf("judged %s, want %s", tt.got, tt.want)
		}
	}
}
