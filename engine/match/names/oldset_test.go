package names_test

import (
	"testing"

	"github.com/hedui/hedui/engine/match/names"
)

// A character that GB 2312 lacks, written as one of the same sound, is N4; between
// two characters that it has, the same sound is no more than likeness.
func TestSubstitutes(t *testing.T) {
	table := table(t)
	for _, tt := range []struct {
		a, b string
		want names.Level
		kind names.Kind
	}{
		{"朱镕基", "朱容基", names.N4, names.Substitute},
		{"李䶮", "李岩", names.N4, names.Substitute},
		{"李小明", "李晓明", names.N5, names.Homophone},
		{"朱镕基", "朱容鸡", names.N5, names.Homophone}, // two characters
		{"朱镕基", "朱冰基", names.N5, names.One},       // another sound
	} {
		for range 2 {
			e := names.Explain(table.Name(tt.a), table.Name(tt.b), nil)
			if e.Level != tt.want || len(e.Reasons) == 0 || e.Reasons[0].Kind != tt.kind {
				t.Errorf("%s and %s: %s %v, want %s", tt.a, tt.b, e.Level, e.Reasons, tt.want)
			}
			tt.a, tt.b = tt.b, tt.a
		}
	}
}
