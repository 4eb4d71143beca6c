package profile

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
)

// What is appended without a copy is what the functions that make one give.
func TestAppendedTexts(t *testing.T) {
	texts := rapid.OneOf(rapid.String(), rapid.StringMatching(`[0-9A-Za-z \-]{0,14}`), rapid.StringMatching(`[皖合号0-9a·]{0,12}`), rapid.StringMatching(`.{8,11}`))
	rapid.Check(t, func(t *rapid.T) {
		s := texts.Draw(t, "text")
		if got, want := string(appendMasked(nil, []byte(s))), string(appendString(nil, household.MaskRecord(s))); got != want {
			t.Errorf("%q is masked %q, want %q", s, got, want)
		}
		if got, want := string(appendNormal(nil, []byte(s), match.NormalUnit)), string(appendString(nil, match.NormalUnit([]byte(s)))); got != want {
			t.Errorf("%q is normal as %q, want %q", s, got, want)
		}
		r := household.Record{Division: []byte(s)}
		want := match.NormalNumber([]byte(s))
		if len(want) > maxPlace {
			want = ""
		}
		if got := OwnerOf(&r, nil).Division; got != want {
			t.Errorf("the division %q is %q, want %q", s, got, want)
		}
	})
}
