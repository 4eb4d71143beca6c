package storetest

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/block"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/store"
)

// Run tests a store against the contract. empty returns a new, empty store.
func Run(t *testing.T, empty func(tb testing.TB) store.Store) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, s store.Store)
	}{
		{"every answer is right", answers},
		{"empty sections prove absence", emptySections},
		{"large entries", largeEntries},
		{"blocks partition the keys", partition},
		{"walk", walk},
		{"manifest", manifest},
		{"same content, same id", identity},
		{"activate, list, drop", switching},
		{"builder refuses", refuses},
		{"abort leaves nothing", abort},
		{"sweep", sweep},
		{"closed generation", closed},
		{"closing waits for readers", closing},
		{"readers during publish and drop", concurrent},
		{"random loads", random},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, empty(t)) })
	}
}

func answers(t *testing.T, s store.Store) {
	d := NewData(1, 1000)
	m := d.MustLoad(t, s)
	g := MustOpen(t, s, m.ID)
	d.MustRead(t, g)
	err := g.View("nobody", d.People[0], func(block.Block) error { return nil })
	if !errors.Is(err, store.ErrNoSection) {
		t.Errorf("unknown section: %v", err)
	}
	mine := errors.New("mine")
	if err := g.View(store.SectionPeople, d.People[0], func(block.Block) error { return mine }); !errors.Is(err, mine) {
		t.Errorf("error of the caller: %v", err)
	}
}

func emptySections(t *testing.T, s store.Store) {
	d := &Data{Seed: 2}
	m := d.MustLoad(t, s)
	g := MustOpen(t, s, m.ID)
	for _, k := range []household.PersonKey{{}, {Num: 1}, {Num: household.NoDocument, Text: "x"}} {
		asked := false
		err := g.View(store.SectionUnlinked, k, func(b block.Block) error {
			asked = true
			if _, ok := b.Find(k); ok || !b.Covers(k) || b.Len() != 0 || !b.Last() {
				t.Error("absence is not proven")
			}
			return nil
		})
		if err != nil || !asked {
			t.Errorf("%v, asked %v", err, asked)
		}
	}
	if sec, ok := m.Section(store.SectionPeople); !ok || sec.Blocks != 1 || sec.Entries != 0 {
		t.Errorf("%+v", sec)
	}
}

func largeEntries(t *testing.T, s store.Store) {
	d := NewData(3, 300)
	// Around the sizes at which a store may have to change its ways.
	for i, n := range []int{47 << 10, 49 << 10, 960<<10 - 200, 960 << 10, 1<<20 - 100, 1 << 20, 2*(960<<10) + 1, 9 << 20} {
		d.Large[d.People[10+20*i]] = n
	}
	d.Large[d.People[0]] = 1 << 20
	d.Large[d.Unlinked[len(d.Unlinked)-1]] = 3 << 20
	m := d.MustLoad(t, s)
	g := MustOpen(t, s, m.ID)
	d.MustRead(t, g)
	if err := g.Sweep(context.Background(), nil); err != nil {
		t.Error(err)
	}
	err := g.View(store.SectionPeople, d.People[150], func(b block.Block) error {
		if b.Len() != 1 {
			t.Errorf("the 9 MiB entry shares its block with %d others", b.Len()-1)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func partition(t *testing.T, s store.Store) {
	d := NewData(4, 1000)
	d.Options = store.BuildOptions{BlockPeople: 10, BlockBytes: 700}
	m := d.MustLoad(t, s)
	g := MustOpen(t, s, m.ID)
	for _, sec := range m.Sections {
		var blocks, entries, bytes int64
		var high household.PersonKey
		last := false
		err := g.Walk(context.Background(), sec.Name, household.PersonKey{}, func(b block.Block) (household.PersonKey, bool, error) {
			if b.Low() != high || last {
				t.Error("a gap, or a block after the last")
			}
			if b.Len() > 10 || b.Len() > 1 && b.Size() > 700+block.MaxText {
				t.Errorf("block of %d people and %d bytes", b.Len(), b.Size())
			}
			high, last = b.High(), b.Last()
			blocks, entries, bytes = blocks+1, entries+int64(b.Len()), bytes+int64(b.Size())
			return b.High(), true, nil
		})
		if err != nil || !last {
			t.Fatalf("%v, last block seen: %v", err, last)
		}
		if got := [3]int64{blocks, entries, bytes}; got != [3]int64{sec.Blocks, sec.Entries, sec.Bytes} {
			t.Errorf("walked %v, manifest says %+v", got, sec)
		}
	}
}

func walk(t *testing.T, s store.Store) {
	d := NewData(5, 2000)
	d.Options.BlockPeople = 10
	m := d.MustLoad(t, s)
	g := MustOpen(t, s, m.ID)
	for _, c := range []struct {
		name string
		keys []household.PersonKey // wanted, ascending
		most int                   // blocks visited at most
	}{
		{"every", d.People, 1000},
		{"one", d.People[777:778], 1},
		{"neighbours", d.People[100:120], 3},
		{"far apart", []household.PersonKey{d.People[3], d.People[900], d.People[901], d.People[1999]}, 4},
		{"one block left out", []household.PersonKey{d.People[5], d.People[25], d.People[45]}, 3},
		{"the last", d.People[len(d.People)-1:], 1},
		{"absent", []household.PersonKey{{}, {Num: d.People[50].Num, Text: "x"}, {Num: household.NoDocument}}, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			i, visited := 0, 0
			err := g.Walk(context.Background(), store.SectionPeople, c.keys[0], func(b block.Block) (household.PersonKey, bool, error) {
				visited++
				if !b.Covers(c.keys[i]) {
					t.Fatal("not the block of the key that was asked for")
				}
				for ; i < len(c.keys) && b.Covers(c.keys[i]); i++ {
					got, ok := b.Find(c.keys[i])
					if want := c.name != "absent"; ok != want || ok && !slices.Equal(got, d.Entry(c.keys[i])) {
						t.Fatalf("wrong answer for key %d of %d", i, len(c.keys))
					}
				}
				if i == len(c.keys) {
					return household.PersonKey{}, false, nil
				}
				return c.keys[i], true, nil
			})
			if err != nil || i != len(c.keys) || visited > c.most {
				t.Errorf("%v, %d of %d keys, %d blocks", err, i, len(c.keys), visited)
			}
		})
	}
	ctx, cancel := context.WithCancel(context.Background())
	visited := 0
	err := g.Walk(ctx, store.SectionPeople, household.PersonKey{}, func(b block.Block) (household.PersonKey, bool, error) {
		visited++
		cancel()
		return b.Low(), true, nil // a key inside the block means the next one
	})
	if !errors.Is(err, context.Canceled) || visited != 1 {
		t.Errorf("cancelled walk: %v after %d blocks", err, visited)
	}
	mine := errors.New("mine")
	err = g.Walk(context.Background(), store.SectionPeople, household.PersonKey{}, func(block.Block) (household.PersonKey, bool, error) {
		return household.PersonKey{}, true, mine
	})
	if !errors.Is(err, mine) {
		t.Errorf("error of the caller: %v", err)
	}
}

func manifest(t *testing.T, s store.Store) {
	d := NewData(6, 300)
	m := d.MustLoad(t, s)
	if diff := cmp.Diff(d.Contents().Snapshots, m.Snapshots); diff != "" {
		t.Error(diff)
	}
	if m.Format != store.Format || m.ProfileVersion != 3 || len(m.Sections) != 2 {
		t.Errorf("%+v", m)
	}
	sec, ok := m.Section(store.SectionPeople)
	if !ok || sec.Version != 3 || sec.Entries != int64(len(d.People)) {
		t.Errorf("%+v", sec)
	}
	b, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	again, err := store.ParseManifest(b)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(m, again); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(m, MustOpen(t, s, m.ID).Manifest()); diff != "" {
		t.Error(diff)
	}
}

func identity(t *testing.T, s store.Store) {
	d := NewData(7, 300)
	m := d.MustLoad(t, s)
	g := MustOpen(t, s, m.ID)
	if again := d.MustLoad(t, s); again.ID != m.ID || cmp.Diff(again.Files, m.Files) != "" {
		t.Error("the same content was not recognised")
	}
	d.MustRead(t, g)
	// The id is known, so that it never changes by accident or with the store.
	if want := "ba08850cab6c9e0de43e229c681882ab"; m.ID != want {
		t.Errorf("id %s, want %s", m.ID, want)
	}
	seen := map[string]string{m.ID: "the first"}
	for _, c := range []struct {
		name   string
		change func(d *Data)
	}{
		{"other entries", func(d *Data) { d.Seed++ }},
		{"one entry more", func(d *Data) { d.People = append(d.People, household.PersonKey{Num: household.OtherDocuments + 3}) }},
		{"other blocks", func(d *Data) { d.Options.BlockPeople = 7 }},
	} {
		d := NewData(7, 300)
		c.change(d)
		id := d.MustLoad(t, s).ID
		if seen[id] != "" {
			t.Errorf("%s has the id of %s", c.name, seen[id])
		}
		seen[id] = c.name
	}
	if ids, err := s.List(); err != nil || len(ids) != len(seen) {
		t.Errorf("%v, %v", ids, err)
	}
}

func switching(t *testing.T, s store.Store) {
	const nobody = "0123456789abcdef0123456789abcdef"
	if ids, err := s.List(); err != nil || len(ids) != 0 {
		t.Errorf("empty store lists %v, %v", ids, err)
	}
	if _, err := s.Current(); !errors.Is(err, store.ErrNoCurrent) {
		t.Errorf("current of an empty store: %v", err)
	}
	a, b := NewData(8, 100), NewData(9, 100)
	am, bm := a.MustLoad(t, s), b.MustLoad(t, s)
	if _, err := s.Current(); !errors.Is(err, store.ErrNoCurrent) {
		t.Errorf("sealing made a generation current: %v", err)
	}
	for _, id := range []string{am.ID, bm.ID, bm.ID} {
		if err := s.Activate(id); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Current(); err != nil || got != id {
			t.Errorf("current is %s, %v", got, err)
		}
	}
	want := []string{am.ID, bm.ID}
	slices.Sort(want)
	if ids, err := s.List(); err != nil || !slices.Equal(ids, want) {
		t.Errorf("list is %v, %v", ids, err)
	}
	for name, do := range map[string]func(string) error{
		"activate": s.Activate, "drop": s.Drop, "open": func(id string) error { _, err := s.Open(id); return err },
	} {
		for _, id := range []string{nobody, "", "..", "../" + am.ID} {
			if err := do(id); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%s of %q: %v", name, id, err)
			}
		}
	}
	if err := s.Drop(bm.ID); !errors.Is(err, store.ErrCurrent) {
		t.Errorf("drop of the current: %v", err)
	}
	old := MustOpen(t, s, am.ID)
	if err := s.Drop(am.ID); err != nil {
		t.Fatal(err)
	}
	a.MustRead(t, old)
	if _, err := s.Open(am.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("open of a dropped one: %v", err)
	}
	if ids, err := s.List(); err != nil || !slices.Equal(ids, []string{bm.ID}) {
		t.Errorf("list is %v, %v", ids, err)
	}
	if again := a.MustLoad(t, s); again.ID != am.ID {
		t.Error("a dropped generation does not come back under its id")
	}
	a.MustRead(t, MustOpen(t, s, am.ID))
	b.MustRead(t, MustOpen(t, s, bm.ID))
}

func sweep(t *testing.T, s store.Store) {
	d := NewData(10, 1000)
	g := MustOpen(t, s, d.MustLoad(t, s).ID)
	var done, total int64
	err := g.Sweep(context.Background(), func(n, of int64) {
		if n <= done || total != 0 && of != total {
			t.Errorf("progress from %d to %d of %d", done, n, of)
		}
		done, total = n, of
	})
	if err != nil || done == 0 || done != total {
		t.Errorf("%v after %d of %d", err, done, total)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := g.Sweep(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled sweep: %v", err)
	}
}

func closed(t *testing.T, s store.Store) {
	d := NewData(11, 50)
	g, err := s.Open(d.MustLoad(t, s).ID)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	}
	nothing := func(block.Block) (household.PersonKey, bool, error) { return household.PersonKey{}, false, nil }
	for name, err := range map[string]error{
		"view":  g.View(store.SectionPeople, d.People[0], func(block.Block) error { return nil }),
		"walk":  g.Walk(context.Background(), store.SectionPeople, d.People[0], nothing),
		"sweep": g.Sweep(context.Background(), nil),
	} {
		if !errors.Is(err, store.ErrClosed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// closing closes a generation from elsewhere while a walk is under way that asks
// for other blocks in between: the walk goes on, its questions are refused.
func closing(t *testing.T, s store.Store) {
	d := NewData(13, 500)
	d.Options.BlockPeople = 20
	g, err := s.Open(d.MustLoad(t, s).ID)
	if err != nil {
		t.Fatal(err)
	}
	inside := func() error {
		return g.View(store.SectionPeople, d.People[400], func(b block.Block) error {
			if got, ok := b.Find(d.People[400]); !ok || !slices.Equal(got, d.Entry(d.People[400])) {
				t.Error("wrong answer inside a walk")
			}
			return nil
		})
	}
	done := make(chan error, 1)
	var walked atomic.Bool
	i := 0
	err = g.Walk(context.Background(), store.SectionPeople, household.PersonKey{}, func(b block.Block) (household.PersonKey, bool, error) {
		if i == 0 {
			if err := inside(); err != nil {
				t.Error(err)
			}
			go func() {
				err := g.Close()
				if !walked.Load() {
					err = errors.New("closed under a walk")
				}
				done <- err
			}()
			for err := inside(); !errors.Is(err, store.ErrClosed); err = inside() {
				time.Sleep(time.Millisecond)
			}
		}
		for ; i < len(d.People) && b.Covers(d.People[i]); i++ {
			if got, ok := b.Find(d.People[i]); !ok || !slices.Equal(got, d.Entry(d.People[i])) {
				t.Fatal("wrong answer while closing")
			}
		}
		walked.Store(b.Last())
		return household.PersonKey{}, true, nil
	})
	if err != nil || i != len(d.People) {
		t.Errorf("%v after %d of %d", err, i, len(d.People))
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}
