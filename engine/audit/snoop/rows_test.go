package snoop_test

import (
	"testing"

	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/audit/snoop"
)

// A sender of batches who asks about households of others is told of once a day, however
// many they are; what is a refusal of another kind is not.
func TestRowsOutside(t *testing.T) {
	entry := func(day, outcome string, households ...string) *audit.Entry {
		e := &audit.Entry{Seq: 7, Time: day + "T10:00:00+08:00", Actor: "centre-340203", Division: "340203", Action: "batch.submit", Phase: "note", Outcome: outcome}
		for _, h := range households {
			e.Households = append(e.Households, [2]string{h, ""})
		}
		return e
	}
	d := snoop.New(snoop.Plain{HoneyPots: map[string]bool{"340104-000009": true}}, snoop.Options{})
	for _, c := range []struct {
		name   string
		e      *audit.Entry
		alerts int
		count  int
	}{
		{"accepted", entry("2026-11-02", audit.Done, "340104-000001"), 0, 0},
		{"refused", entry("2026-11-02", audit.Denied, "340104-000001", "340104-000002"), 1, 2},
		{"again", entry("2026-11-02", audit.Denied, "340104-000003"), 0, 0},
		{"a honey household among them", entry("2026-11-02", audit.Denied, "340104-000001", "340104-000009"), 1, 0},
		{"the next day", entry("2026-11-03", audit.Denied, "340104-000001"), 1, 1},
	} {
		var got []snoop.Alert
		for _, a := range snoop.AccessesOf(c.e) {
			if x, ok := d.Observe(a); ok {
				got = append(got, x)
			}
		}
		if len(got) != c.alerts || len(got) == 1 && got[0].Count != c.count {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}
