package changes_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine/block"
	"github.com/hedui/hedui/engine/changes"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// held is the digest of everybody something is held of.
type held map[household.PersonKey]uint64

func (h held) keys() []household.PersonKey {
	var out []household.PersonKey
	for k := range h {
		out = append(out, k)
	}
	slices.SortFunc(out, household.PersonKey.Compare)
	return out
}

// publish makes a generation of digests alone.
func publish(t interface{ Fatal(...any) }, h held) store.Generation {
	s := store.NewMemory()
	b, err := s.Begin(store.BuildOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var list changes.Builder
	for _, k := range h.keys() {
		if err := list.Add(k, h[k]); err != nil {
			t.Fatal(err)
		}
	}
	if err := list.WriteTo(b); err != nil {
		t.Fatal(err)
	}
	m, err := b.Seal(store.Contents{})
	if err != nil {
		t.Fatal(err)
	}
	g, err := s.Open(m.ID)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// model is what Compare must find.
func model(a, b held) *changes.Diff {
	d := &changes.Diff{}
	for _, k := range a.keys() {
		switch now, is := b[k]; {
		case !is:
			d.Removed = append(d.Removed, k)
		case now != a[k]:
			d.Changed = append(d.Changed, k)
		}
	}
	for _, k := range b.keys() {
		if _, was := a[k]; !was {
			d.Added = append(d.Added, k)
		}
	}
	return d
}

func keys() *rapid.Generator[household.PersonKey] {
	return rapid.Custom(func(t *rapid.T) household.PersonKey {
		switch n := rapid.Uint64Range(0, 40).Draw(t, "n"); rapid.IntRange(0, 3).Draw(t, "space") {
		case 0:
			return household.PersonKey{Num: household.OtherDocuments + n%3, Text: rapid.StringMatching(`[A-B]{0,3}`).Draw(t, "text")}
		case 1:
			return household.PersonKey{Num: household.NoDocument, Text: fmt.Sprint("王", n)}
		default:
			return household.PersonKey{Num: 34010419700101000 + n*n*n}
		}
	})
}

// holds fails when comparing two generations finds anything but what the model says.
func holds(t *rapid.T, compare func(ctx context.Context, a, b store.Generation) (*changes.Diff, error)) {
	a, b := held{}, held{}
	// Sometimes more than one entry, and more than one block, holds.
	if n := rapid.SampledFrom([]int{0, 0, 2047, 2048, 2049, 9000}).Draw(t, "many"); n > 0 {
		for i := range n {
			k := household.PersonKey{Num: 11010119500101000 + uint64(i)*1003}
			a[k], b[k] = uint64(i), uint64(i)
		}
		for range rapid.IntRange(0, 3).Draw(t, "gone") {
			i := rapid.IntRange(0, n-1).Draw(t, "who")
			delete(b, household.PersonKey{Num: 11010119500101000 + uint64(i)*1003})
		}
	}
	for _, k := range rapid.SliceOfN(keys(), 0, 30).Draw(t, "people") {
		digest := rapid.Uint64Range(0, 3).Draw(t, "digest")
		switch rapid.IntRange(0, 4).Draw(t, "what") {
		case 0:
			a[k] = digest
		case 1:
			b[k] = digest
		case 2:
			a[k], b[k] = digest, digest+1
		default:
			a[k], b[k] = digest, digest
		}
	}
	got, err := compare(context.Background(), publish(t, a), publish(t, b))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(model(a, b), got, cmpopts.EquateEmpty()); diff != "" {
		t.Fatal(diff)
	}
}

func TestCompare(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { holds(t, changes.Compare) })
}

func TestKeysAscend(t *testing.T) {
	d := changes.Diff{Added: []household.PersonKey{{Num: 3}}, Removed: []household.PersonKey{{Num: 5}}, Changed: []household.PersonKey{{Num: 1}, {Num: 4}}}
	if diff := cmp.Diff([]household.PersonKey{{Num: 1}, {Num: 3}, {Num: 4}, {Num: 5}}, d.Keys()); diff != "" || d.Len() != 4 {
		t.Error(diff)
	}
	var b changes.Builder
	if b.Add(household.PersonKey{Num: 2}, 0) != nil || b.Add(household.PersonKey{Num: 2}, 0) == nil {
		t.Error("a key twice is taken")
	}
}

// ends is a generation whose digests end after some blocks, or with an error.
type ends struct {
	store.Generation
	after int
	err   error
}

func (g ends) Walk(ctx context.Context, section string, from household.PersonKey, fn func(block.Block) (household.PersonKey, bool, error)) error {
	n := 0
	return g.Generation.Walk(ctx, section, from, func(b block.Block) (household.PersonKey, bool, error) {
		if n++; n > g.after {
			return household.PersonKey{}, false, g.err
		}
		return fn(b)
	})
}

// What can't be read is never "nothing has changed".
func TestDamageIsNoAnswer(t *testing.T) {
	a, b := held{}, held{}
	for i := range 20000 {
		k := household.PersonKey{Num: 11010119500101000 + uint64(i)}
		a[k], b[k] = uint64(i), uint64(i)
	}
	b[household.PersonKey{Num: 11010119500101007}] = 0
	broken := errors.New("broken")
	for after := range 3 {
		for _, first := range []bool{true, false} {
			x, y := publish(t, a), publish(t, b)
			if first {
				x = ends{x, after, broken}
			} else {
				y = ends{y, after, broken}
			}
			if _, err := changes.Compare(t.Context(), x, y); !errors.Is(err, broken) {
				t.Errorf("after %d blocks: %v", after, err)
			}
		}
	}
	s := store.NewMemory()
	empty, _ := s.Begin(store.BuildOptions{})
	w, _ := empty.Section(store.SectionPeople, 1)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	m, err := empty.Seal(store.Contents{})
	if err != nil {
		t.Fatal(err)
	}
	g, _ := s.Open(m.ID)
	if _, err := changes.Compare(t.Context(), publish(t, a), g); !errors.Is(err, changes.ErrNoDigests) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := changes.Compare(ctx, publish(t, a), publish(t, b)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// FuzzEntry reads hostile bytes without a panic, and what it takes it could have
// written.
func FuzzEntry(f *testing.F) {
	f.Add(uint64(7), "", []byte("\x01\x00abcdefgh"))
	f.Add(household.NoDocument, "x", []byte("\x02\x00\x01x\x00\x01yabcdefghabcdefgh"))
	f.Fuzz(func(t *testing.T, num uint64, text string, entry []byte) {
		n := 0
		err := changes.ReadEntry(household.PersonKey{Num: num, Text: text}, entry, func(household.PersonKey, uint64) { n++ })
		if err == nil && n == 0 {
			t.Error("an entry of nobody")
		}
		if err != nil && !errors.Is(err, changes.ErrDamaged) {
			t.Error(err)
		}
	})
}
