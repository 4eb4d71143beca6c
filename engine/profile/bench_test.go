package profile_test

import (
	"testing"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/profile"
)

// BenchmarkMerge merges the entries of one person out of five snapshots.
func BenchmarkMerge(b *testing.B) {
	owner := profile.AppendOwner(nil, profile.Owner{Name: "王志建"})
	content := []byte("\xd8\xfa\x02\x01\x80\xb5\x18\x00\x00\x06**1234 and a few bytes more")
	var entries [][]byte
	for s := household.Tax; s <= household.Insurance; s++ {
		var w profile.Builder
		w.Reset()
		for i := range 4 {
			w.Add(s, profile.Origin{File: 1, Row: int64(400_000 + i)}, owner, content)
		}
		entries = append(entries, w.Append(nil))
	}
	var w profile.Builder
	var out []byte
	b.ReportAllocs()
	for b.Loop() {
		w.Reset()
		for i, e := range entries {
			if err := w.Merge(e, i, nil); err != nil {
				b.Fatal(err)
			}
		}
		out = w.Append(out[:0])
	}
	b.SetBytes(int64(len(out)))
}
