package audit

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"
)

// The households of an entry are written by hand; nobody can tell.
func TestEntryIsWhatEncodingJSONWrites(t *testing.T) {
	text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[0-9A-Za-z_-]{0,20}`), rapid.SampledFrom([]string{"", "<a>&", "\"", "\\", "\xff", "中", "\u2028", "\x00"}))
	rapid.Check(t, func(t *rapid.T) {
		e := &Entry{
			Seq: rapid.Int64().Draw(t, "seq"), Time: "2026-11-01T00:00:00Z", Actor: text.Draw(t, "actor"), Action: "verify", Phase: "begin",
			Batch: text.Draw(t, "batch"), Rules: text.Draw(t, "rules"), Reveal: rapid.Bool().Draw(t, "reveal"), Prev: zeroHash,
		}
		for range rapid.IntRange(0, 5).Draw(t, "households") {
			e.Households = append(e.Households, [2]string{text.Draw(t, "id"), text.Draw(t, "authorization")})
		}
		if rapid.IntRange(0, 3).Draw(t, "kind") == 0 {
			e.Begin, e.Outcomes = 3, "nr"
		}
		want, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		got, err := appendText([]byte("x"), e)
		if err != nil || string(got)+"}" != "x"+string(want) {
			t.Fatalf("%v\n got %s\nwant %s", err, got, want)
		}
	})
}

func BenchmarkEntry(b *testing.B) {
	e := &Entry{Action: "verify", Phase: "begin", Prev: zeroHash}
	for range householdsPerEntry {
		e.Households = append(e.Households, [2]string{"341202-9506394", "SQ341202-9506394"})
	}
	var buf []byte
	for b.Loop() {
		var err error
		if buf, _, err = appendEntry(buf[:0], e); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(len(buf)))
}
