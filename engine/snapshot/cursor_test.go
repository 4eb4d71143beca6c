package snapshot_test

import (
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/snapshot"
)

// walk reads a cursor to its end.
func walk(t *testing.T, c *snapshot.Cursor) (keys []household.PersonKey, entries []string) {
	t.Helper()
	for {
		k, entry, err := c.Next()
		if errors.Is(err, io.EOF) {
			return keys, entries
		}
		if err != nil {
			t.Fatal(err)
		}
		keys, entries = append(keys, k), append(entries, string(entry))
	}
}

func TestSeek(t *testing.T) {
	root := t.TempDir()
	d, err := snapshot.OpenDir(root)
	if err != nil {
		t.Fatal(err)
	}
	s, err := d.Open(build(t, root, -1))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	keys, entries := walk(t, s.Entries())
	if int64(len(keys)) != s.People() {
		t.Fatalf("%d of %d people", len(keys), s.People())
	}
	var lows []household.PersonKey
	for low := range s.Pages() {
		lows = append(lows, low)
	}
	if len(lows) < 3 {
		t.Fatalf("%d pages: the test tests nothing", len(lows))
	}
	place := func(k household.PersonKey) int {
		i, _ := slices.BinarySearchFunc(keys, k, household.PersonKey.Compare)
		return i
	}
	r := rand.New(rand.NewPCG(1, 2))
	bound := func() household.PersonKey {
		k := keys[r.IntN(len(keys))]
		switch r.IntN(4) {
		case 0:
			k = lows[r.IntN(len(lows))]
		case 1:
			k.Num++ // mostly nobody's
		case 2:
			k = household.PersonKey{}
		}
		return k
	}
	c := s.Entries()
	for range 500 {
		from, to := bound(), bound()
		end := len(keys)
		if !to.IsZero() {
			end = place(to)
		}
		start := min(place(from), end)
		c.Seek(from, to)
		gotKeys, gotEntries := walk(t, c)
		if !slices.Equal(gotKeys, keys[start:end]) || !slices.Equal(gotEntries, entries[start:end]) {
			t.Fatalf("entries %d to %d: %d instead of %d", start, end, len(gotKeys), end-start)
		}
	}
}
