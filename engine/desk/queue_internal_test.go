package desk

import (
	"errors"
	"testing"

	"github.com/hedui/hedui/engine/ledger"
)

// A cursor reads back as what was written; anything else is refused as no cursor.
func FuzzPlaceOfCursor(f *testing.F) {
	for _, s := range []string{placeInQueue{4, 123, "a-b"}.cursor(), "", "1.2.", "1.2.3.4", "-1.-2.x", "1e3.2.x", "١.2.x", "1.9223372036854775808.x", "1.2.a\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := placeOfCursor(text)
		if err != nil {
			if !errors.Is(err, ledger.ErrInvalid) {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		again, err := placeOfCursor(p.cursor())
		if err != nil || again != p || p.compare(again) != 0 {
			t.Errorf("%q is %+v, and again %+v, %v", text, p, again, err)
		}
	})
}
