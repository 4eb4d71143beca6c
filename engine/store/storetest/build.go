package storetest

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hedui/hedui/engine/block"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/store"
)

func refuses(t *testing.T, s store.Store) {
	k := func(n uint64) household.PersonKey { return household.PersonKey{Num: n} }
	for _, c := range []struct {
		name string
		do   func(b store.Builder, w store.SectionWriter) error
		want error // nil means any
	}{
		{"a lower key", func(_ store.Builder, w store.SectionWriter) error { return w.Add(k(4), nil) }, block.ErrOrder},
		{"the same key", func(_ store.Builder, w store.SectionWriter) error { return w.Add(k(5), nil) }, block.ErrOrder},
		{"a lower key in the next block", func(_ store.Builder, w store.SectionWriter) error {
			if err := w.Add(k(6), make([]byte, 60<<10)); err != nil {
				return nil //nolint:nilerr // too early, seen as "not refused"
			}
			return w.Add(k(6), make([]byte, 60<<10))
		}, block.ErrOrder},
		{"closing a failed section", func(_ store.Builder, w store.SectionWriter) error { _ = w.Add(k(1), nil); return w.Close() }, block.ErrOrder},
		{"a section inside another", func(b store.Builder, _ store.SectionWriter) error { _, err := b.Section("x", 1); return err }, nil},
		{"the same section twice", func(b store.Builder, w store.SectionWriter) error {
			_ = w.Close()
			_, err := b.Section(store.SectionPeople, 1)
			return err
		}, nil},
		{"a version out of range", func(b store.Builder, w store.SectionWriter) error {
			_ = w.Close()
			_, err := b.Section("x", 1<<16)
			return err
		}, nil},
		{"adding to a closed section", func(_ store.Builder, w store.SectionWriter) error { _ = w.Close(); return w.Add(k(9), nil) }, store.ErrClosed},
		{"sealing with an open section", func(b store.Builder, _ store.SectionWriter) error { _, err := b.Seal(store.Contents{}); return err }, nil},
		{"bad contents", func(b store.Builder, w store.SectionWriter) error {
			_ = w.Close()
			_, err := b.Seal(store.Contents{Snapshots: []store.SnapshotRef{{ID: "x"}}})
			return err
		}, nil},
		{"a provider that is no text", func(b store.Builder, w store.SectionWriter) error {
			_ = w.Close()
			_, err := b.Seal(store.Contents{Snapshots: []store.SnapshotRef{{ID: "x", Source: household.Tax, Provider: "\xff"}}})
			return err
		}, nil},
		{"snapshots out of order", func(b store.Builder, w store.SectionWriter) error {
			_ = w.Close()
			x := store.SnapshotRef{ID: "x", Source: household.Tax}
			_, err := b.Seal(store.Contents{Snapshots: []store.SnapshotRef{x, x}})
			return err
		}, nil},
		{"sealing twice", func(b store.Builder, w store.SectionWriter) error {
			_ = w.Close()
			if _, err := b.Seal(store.Contents{}); err != nil {
				return nil //nolint:nilerr // seen as "not refused"
			}
			_, err := b.Seal(store.Contents{})
			return err
		}, store.ErrClosed},
		{"a section after the seal", func(b store.Builder, w store.SectionWriter) error {
			_ = w.Close()
			_, _ = b.Seal(store.Contents{})
			_, err := b.Section("x", 1)
			return err
		}, store.ErrClosed},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, err := s.Begin(store.BuildOptions{})
			if err != nil {
				t.Fatal(err)
			}
			w, err := b.Section(store.SectionPeople, 1)
			if err != nil {
				t.Fatal(err)
			}
			if err := w.Add(k(5), []byte("five")); err != nil {
				t.Fatal(err)
			}
			if err := c.do(b, w); err == nil || c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if err := b.Abort(); err != nil {
				t.Error(err)
			}
		})
	}
	b, err := s.Begin(store.BuildOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Begin(store.BuildOptions{}); !errors.Is(err, store.ErrBusy) {
		t.Errorf("two builds at a time: %v", err)
	}
	if _, err := b.Seal(store.Contents{}); err == nil {
		t.Error("a generation without sections was sealed")
	}
}

func abort(t *testing.T, s store.Store) {
	d := NewData(12, 3000)
	for _, filled := range []bool{false, true} {
		b, err := s.Begin(store.BuildOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if filled {
			if err := d.fill(b); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 {
			if err := b.Abort(); err != nil {
				t.Error(err)
			}
		}
		if ids, err := s.List(); err != nil || len(ids) != 0 {
			t.Errorf("%v, %v", ids, err)
		}
	}
	d.MustRead(t, MustOpen(t, s, d.MustLoad(t, s).ID))
}

// concurrent publishes and drops while readers open the current generation and
// require that all they read is of that one.
func concurrent(t *testing.T, s store.Store) {
	const generations, readers = 6, 4
	data := map[string]*Data{}
	var mu sync.Mutex
	publish := func(seed uint64) (string, error) {
		d := NewData(seed, 400)
		d.Options.BlockPeople = 16
		m, err := d.Load(s)
		if err != nil {
			return "", err
		}
		mu.Lock()
		data[m.ID] = d
		mu.Unlock()
		return m.ID, s.Activate(m.ID)
	}
	first, err := publish(100)
	if err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	var wg sync.WaitGroup
	reads := make([]atomic.Int64, readers)
	for r := range readers {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				id, err := s.Current()
				if err != nil {
					t.Error(err)
					return
				}
				g, err := s.Open(id)
				if errors.Is(err, store.ErrNotFound) {
					continue // dropped since we asked
				}
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				d := data[id]
				mu.Unlock()
				if a := d.ReadAll(g); a.Err != nil || a.Wrong+a.Missing != 0 {
					t.Errorf("%+v", a)
				}
				reads[r].Add(1)
				if err := g.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i := range generations {
		id, err := publish(uint64(101 + i))
		if err != nil {
			t.Error(err)
			break
		}
		if err := s.Drop(first); err != nil {
			t.Error(err)
		}
		first = id
	}
	for r := range reads { // a fast store publishes before anybody has read
		for reads[r].Load() == 0 && !t.Failed() {
			time.Sleep(time.Millisecond)
		}
	}
	close(stop)
	wg.Wait()
}

// random loads data of random shape and reads it back, also by random walks.
func random(t *testing.T, s store.Store) {
	for seed := range uint64(8) {
		rnd := rand.New(rand.NewPCG(seed, 99))
		d := &Data{Seed: seed, Large: map[household.PersonKey]int{}, Options: store.BuildOptions{
			BlockPeople: 1 + rnd.IntN(40), BlockBytes: 200 + rnd.IntN(4000),
		}}
		k := household.PersonKey{}
		for range rnd.IntN(600) {
			switch rnd.IntN(4) {
			case 0: // a longer text under the same number
				k.Text += string(rune('a' + rnd.IntN(26)))
			default:
				k = household.PersonKey{Num: k.Num + 1 + rnd.Uint64N(1<<rnd.IntN(40))}
			}
			d.People = append(d.People, k)
			if rnd.IntN(50) == 0 {
				d.Large[k] = rnd.IntN(20_000)
			}
		}
		g := MustOpen(t, s, d.MustLoad(t, s).ID)
		d.MustRead(t, g)
		for range 10 {
			var keys []household.PersonKey
			for _, k := range d.People {
				if rnd.IntN(30) == 0 {
					keys = append(keys, k)
				}
			}
			if len(keys) == 0 {
				continue
			}
			i := 0
			err := g.Walk(context.Background(), store.SectionPeople, keys[0], func(b block.Block) (household.PersonKey, bool, error) {
				for ; i < len(keys) && b.Covers(keys[i]); i++ {
					if p, ok := b.Find(keys[i]); !ok || string(p) != string(d.Entry(keys[i])) {
						t.Errorf("seed %d: wrong answer", seed)
					}
				}
				if i == len(keys) {
					return household.PersonKey{}, false, nil
				}
				return keys[i], true, nil
			})
			if err != nil || i != len(keys) {
				t.Errorf("seed %d: %v after %d of %d", seed, err, i, len(keys))
			}
		}
	}
}
