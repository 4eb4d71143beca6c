package console

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/api/wire"
)

// TestLayMonths tells which months a page of the sources calls covered. A month without
// data must never look as if there were some.
func TestLayMonths(t *testing.T) {
	p := sourcesPage{Coverage: wire.Coverage{Sources: []wire.CoverageSource{
		{Source: "tax", Months: "2026-08..2026-10", Uncovered: []string{"2026-09"}},
		{Source: "vehicle"},
		{Source: "insurance", Months: "2026-07..2026-08", Missing: true},
		{Source: "bank", Months: "nonsense"},
	}}}
	p.layMonths()
	want := []sourceMonths{
		{"tax", []monthState{notAsked, covered, uncovered, covered}},
		{"insurance", []monthState{uncovered, uncovered, notAsked, notAsked}},
	}
	if d := cmp.Diff(want, p.Rows); d != "" || len(p.Months) != 4 {
		t.Errorf("%v (-want +got)\n%s", p.Months, d)
	}
	long := sourcesPage{Coverage: wire.Coverage{Sources: []wire.CoverageSource{{Source: "tax", Months: "1990-01..2026-10"}}}}
	if long.layMonths(); len(long.Rows) > 0 {
		t.Error("a table of hundreds of months")
	}
}
