package mutate

import (
	"testing"

	"github.com/hedui/hedui/engine/household"
)

// Overlays are folders named by division codes; a text is in force below its
// division, within its dates and for the months that are looked at.
func TestTextInForce(t *testing.T) {
	window, _ := household.ParseMonths("2025-11..2026-10")
	cases := []struct {
		name, file, region, text string
		want                     bool
	}{
		{"the pack's own", "members.yaml", "", "a: [{b: 1}]", true},
		{"in the province", "overlays/340000-anhui/members.yaml", "340104", "a: [{b: 1}]", true},
		{"in the city", "overlays/340100/members.yaml", "340104", "a: [{b: 1}]", true},
		{"in the county", "overlays/340104/members.yaml", "340104", "a: [{b: 1}]", true},
		{"another county", "overlays/340104/members.yaml", "340103", "a: [{b: 1}]", false},
		{"another city", "overlays/340100/members.yaml", "340200", "a: [{b: 1}]", false},
		{"no region", "overlays/340000/members.yaml", "", "a: [{b: 1}]", false},
		{"from the day on", "members.yaml", "", "a: [{from: 2026-11-01}]", true},
		{"before the day", "members.yaml", "", "a: [{from: 2026-11-02}]", false},
		{"until the day", "members.yaml", "", "a: [{to: 2026-11-01}]", true},
		{"after the day", "members.yaml", "", "a: [{to: 2026-10-31}]", false},
		{"the first month of the window", "members.yaml", "", "a: [{months: 2021-01..2025-11}]", true},
		{"months before the window", "members.yaml", "", "a: [{months: 2021-01..2025-10}]", false},
		{"the last month of the window", "members.yaml", "", "a: [{months: 2026-10..2027-10}]", true},
		{"months after the window", "members.yaml", "", "a: [{months: 2026-11..2027-10}]", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d, err := parse(c.file, []byte(c.text))
			if err != nil {
				t.Fatal(err)
			}
			v := &household.Verdict{On: 20261101, Region: c.region}
			v.Income.Window = window
			if got := inForce(d, d.root.get("a").items[0], v); got != c.want {
				t.Errorf("in force: %v", got)
			}
		})
	}
}

// Months of income may be open to either side.
func TestReceivedIn(t *testing.T) {
	window, _ := household.ParseMonths("2025-11..2026-10")
	for text, want := range map[string]bool{
		"..2025-10": false, "..2025-11": true, "2026-10..": true, "2026-11..": false, "2021-01..2025-12": true, "2021-01..2025-10": false,
	} {
		d, err := parse("income.yaml", []byte("excluded: [{months: "+text+"}]"))
		if err != nil {
			t.Fatal(err)
		}
		v := &household.Verdict{On: 20261101}
		v.Income.Window = window
		if got := inForce(d, d.root.get("excluded").items[0], v); got != want {
			t.Errorf("%s: in force: %v", text, got)
		}
	}
}
