package index_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/index"
	"github.com/hedui/hedui/engine/match/names"
	"github.com/hedui/hedui/engine/store"
)

// tamper passes an index on with something changed. The store seals what it is
// given, so only the index itself can notice.
type tamper struct {
	store.Builder
	section string
	version int
	drop    bool                               // the whole section
	entry   func(i int, payload []byte) []byte // nil drops the entry
}

func (b *tamper) Section(name string, version int) (store.SectionWriter, error) {
	if name != b.section {
		return b.Builder.Section(name, version)
	}
	if b.drop {
		return nothing{}, nil
	}
	w, err := b.Builder.Section(name, version+b.version)
	return &tampered{w, b, 0}, err
}

type nothing struct{}

func (nothing) Add(household.PersonKey, []byte) error { return nil }
func (nothing) Close() error                          { return nil }

type tampered struct {
	store.SectionWriter
	b *tamper
	i int
}

func (w *tampered) Add(key household.PersonKey, payload []byte) error {
	w.i++
	if w.b.entry != nil {
		if payload = w.b.entry(w.i, append([]byte(nil), payload...)); payload == nil {
			return nil
		}
	}
	return w.SectionWriter.Add(key, payload)
}

var indexSections = []string{
	index.SectionFormer, index.SectionLoose, index.SectionRegister, index.SectionFrequency, index.SectionHousehold,
	index.SectionLooseFilter, index.SectionInvalidFilter, index.SectionSummary,
}

func TestNothingIsMissingInSilence(t *testing.T) {
	w := large(300)
	ask := func(g store.Generation) error {
		r, err := index.Open(tctx, g, table())
		if err != nil {
			return err
		}
		c := r.Cursor()
		for _, p := range w.registered {
			birth := household.Date(p.Key.Num / 1000 % 1_0000_0000)
			_, _, err1 := c.Candidates(nil, &index.Query{Key: p.Key, Name: name(p.Name), Birth: birth, Counties: []string{"110101"}})
			_, _, err2 := c.Household(nil, p.Household)
			_, _, err3 := c.Namesakes(nil, name(p.Name), birth)
			_, _, err4 := c.Frequency(name(p.Name), birth, 1, "110101")
			if err := errors.Join(err1, err2, err3, err4); err != nil {
				return err
			}
		}
		return nil
	}
	if err := ask(build(t, store.NewMemory(), w, t.TempDir(), 0)); err != nil {
		t.Fatal(err)
	}
	cuts := map[string]func(i int, payload []byte) []byte{
		"first entry dropped": func(i int, p []byte) []byte {
			if i == 1 {
				return nil
			}
			return p
		},
		"payloads cut":      func(_ int, p []byte) []byte { return p[:len(p)-1] },
		"payloads longer":   func(_ int, p []byte) []byte { return append(p, 0) },
		"payloads empty":    func(int, []byte) []byte { return []byte{} },
		"payload of zeroes": func(int, []byte) []byte { return []byte{0} },
	}
	for _, section := range indexSections {
		for what, cut := range cuts {
			g := seal(t, store.NewMemory(), w, t.TempDir(), 0, func(b store.Builder) store.Builder {
				return &tamper{Builder: b, section: section, entry: cut}
			})
			if err := ask(g); !store.IsDamaged(err) {
				t.Errorf("%s, %s: %v", section, what, err)
			}
		}
		g := seal(t, store.NewMemory(), w, t.TempDir(), 0, func(b store.Builder) store.Builder {
			return &tamper{Builder: b, section: section, drop: true}
		})
		if err := ask(g); !store.IsDamaged(err) {
			t.Errorf("%s missing: %v", section, err)
		}
		g = seal(t, store.NewMemory(), w, t.TempDir(), 0, func(b store.Builder) store.Builder {
			return &tamper{Builder: b, section: section, version: index.Version - 1}
		})
		if err := ask(g); !errors.Is(err, index.ErrVersion) {
			t.Errorf("%s of another version: %v", section, err)
		}
	}
}

func TestNoIndexIsSaid(t *testing.T) {
	s := store.NewMemory()
	b := must[store.Builder](t)(s.Begin(store.BuildOptions{}))
	w := must[store.SectionWriter](t)(b.Section(store.SectionPeople, 1))
	check(t, w.Close())
	m := must[*store.Manifest](t)(b.Seal(store.Contents{ProfileVersion: 1}))
	g := must[store.Generation](t)(s.Open(m.ID))
	if _, err := index.Open(tctx, g, table()); !errors.Is(err, index.ErrNoIndex) || store.IsDamaged(err) {
		t.Errorf("got %v", err)
	}
}

// With other tables names fold to other keys, so nothing would be found.
func TestAnotherTableIsRefused(t *testing.T) {
	bare := must[*names.Table](t)(names.New("", ""))
	g := build(t, store.NewMemory(), large(5), t.TempDir(), 0)
	if _, err := index.Open(tctx, g, bare); !errors.Is(err, index.ErrTable) {
		t.Errorf("got %v", err)
	}
}

// A generation that is gone is an error for every answer.
func TestClosedGeneration(t *testing.T) {
	w := large(50)
	g := build(t, store.NewMemory(), w, t.TempDir(), 0)
	c := open(t, g).Cursor()
	check(t, g.Close())
	if _, _, err := c.Household(nil, "H1"); !errors.Is(err, store.ErrClosed) {
		t.Errorf("household: %v", err)
	}
	if _, _, err := c.Frequency(name("李明"), 0, 0, ""); !errors.Is(err, store.ErrClosed) {
		t.Errorf("frequency: %v", err)
	}
}

// Bytes that changed on the disk are an error, or the answer is the right one.
func TestDamagedTables(t *testing.T) {
	w := large(400)
	dir := t.TempDir()
	g := build(t, must[*store.Dir](t)(store.OpenDir(dir)), w, t.TempDir(), 0)
	id := g.Manifest().ID
	check(t, g.Close())
	tables := must[[]string](t)(filepath.Glob(filepath.Join(dir, "generations", id, "*.sst")))
	if len(tables) == 0 {
		t.Fatal("no tables")
	}
	right := open(t, build(t, store.NewMemory(), w, t.TempDir(), 0)).Cursor()
	query := func(p index.Registered) *index.Query {
		return &index.Query{Key: p.Key, Name: name(p.Name), Birth: household.Date(p.Key.Num / 1000 % 1_0000_0000), Counties: []string{"110101"}}
	}
	damaged := 0
	for _, table := range tables {
		raw := must[[]byte](t)(os.ReadFile(table))
		for at := 0; at < len(raw); at += 8 << 10 {
			changed := slices.Clone(raw)
			for i := range changed[at:min(at+4<<10, len(raw))] {
				changed[at+i] = 0
			}
			check(t, os.WriteFile(table, changed, 0o600))
			err := agree(must[*store.Dir](t)(store.OpenDir(dir)), id, right, w, query)
			if err != nil && !store.IsDamaged(err) {
				t.Errorf("at %d: %v", at, err)
			}
			if err != nil {
				damaged++
			}
		}
		check(t, os.WriteFile(table, raw, 0o600))
	}
	if damaged == 0 {
		t.Error("no damage was noticed")
	}
}

// agree asks a generation on disk and one in memory the same.
func agree(s *store.Dir, id string, right *index.Cursor, w world, query func(index.Registered) *index.Query) error {
	g, err := s.Open(id)
	if err != nil {
		return err
	}
	defer g.Close()
	r, err := index.Open(tctx, g, table())
	if err != nil {
		return err
	}
	c := r.Cursor()
	for _, p := range w.registered {
		want, _, err := right.Candidates(nil, query(p))
		if err != nil {
			return err
		}
		got, _, err := c.Candidates(nil, query(p))
		if err != nil {
			return err
		}
		if !slices.Equal(got, want) {
			return errors.New("another answer")
		}
	}
	return nil
}
