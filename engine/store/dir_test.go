package store_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dgraph-io/badger/v4"

	"github.com/hedui/hedui/engine/block"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/engine/store/storetest"
)

var update = flag.Bool("update", false, "write the store of the current format into testdata/compat")

func openDir(t testing.TB, dir string) *store.Dir {
	s, err := store.OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// loaded is a store with one current generation, and the directory of that one.
func loaded(t testing.TB, d *storetest.Data, o store.DirOptions) (s *store.Dir, id, dir string) {
	t.Helper()
	root := t.TempDir()
	s, err := store.OpenDirWith(root, o)
	if err != nil {
		t.Fatal(err)
	}
	id = d.MustLoad(t, s).ID
	if err := s.Activate(id); err != nil {
		t.Fatal(err)
	}
	return s, id, filepath.Join(root, "generations", id)
}

func TestFilesOfAGeneration(t *testing.T) {
	d := storetest.NewData(1, 1000)
	d.Size = 500
	_, _, dir := loaded(t, d, store.DirOptions{}.WithTableSize(128<<10))
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	tables := 0
	for _, e := range entries {
		switch name := e.Name(); {
		case strings.HasSuffix(name, ".sst"):
			tables++
		case !slices.Contains([]string{"MANIFEST", "KEYREGISTRY", "fence", "manifest.json", "manifest.seal"}, name):
			t.Errorf("unexpected file %s", name)
		}
	}
	if tables < 3 {
		t.Errorf("%d tables: the tests need several", tables)
	}
}

func TestReadingWritesNothing(t *testing.T) {
	d := storetest.NewData(1, 200)
	s, id, dir := loaded(t, d, store.DirOptions{})
	before := contents(t, dir)
	for _, name := range before.names {
		if err := os.Chmod(filepath.Join(dir, name), 0o400); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(dir, 0o700) })
	g, err := s.Open(id)
	if err != nil {
		t.Fatal(err)
	}
	d.MustRead(t, g)
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	if after := contents(t, dir); !slices.Equal(before.names, after.names) || !bytes.Equal(before.sum, after.sum) {
		t.Error("reading changed the generation")
	}
}

type snapshot struct {
	names []string
	sum   []byte
}

func contents(t *testing.T, dir string) (s snapshot) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	h := sha256.New()
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		s.names = append(s.names, e.Name())
		h.Write([]byte(info.ModTime().String()))
		h.Write(readFile(t, filepath.Join(dir, e.Name())))
	}
	s.sum = h.Sum(nil)
	return s
}

func TestDamageWhileOpen(t *testing.T) {
	for _, c := range []struct {
		name   string
		damage func(t *testing.T, name string)
	}{
		{"bytes", func(t *testing.T, name string) {
			f, err := os.OpenFile(name, os.O_RDWR, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if _, err := f.WriteAt(bytes.Repeat([]byte{0x55}, 60_000), 1000); err != nil {
				t.Fatal(err)
			}
		}},
		{"truncated", func(t *testing.T, name string) {
			if err := os.Truncate(name, 4096); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := corruptData(1)
			s, id, dir := loaded(t, d, corruptOptions())
			g, err := s.Open(id)
			if err != nil {
				t.Fatal(err)
			}
			d.MustRead(t, g)
			tables, err := filepath.Glob(filepath.Join(dir, "*.sst"))
			if err != nil {
				t.Fatal(err)
			}
			c.damage(t, tables[1])
			a := d.ReadAll(g)
			if a.Wrong+a.Missing != 0 || a.Errs == 0 || a.Right == 0 {
				t.Errorf("%+v", a)
			}
			var damage *store.DamageError
			if !errors.As(a.Err, &damage) || damage.File != tables[1] || damage.Section == "" || damage.Generation != id {
				t.Errorf("the error does not name %s: %v", tables[1], a.Err)
			}
			if !store.IsDamaged(a.Err) {
				t.Error("not a damage error")
			}
			if err := g.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestDamagedGenerationIsReplaced(t *testing.T) {
	d := corruptData(1)
	s, id, dir := loaded(t, d, corruptOptions())
	tables, err := filepath.Glob(filepath.Join(dir, "*.sst"))
	if err != nil {
		t.Fatal(err)
	}
	b := readFile(t, tables[0])
	b[10000] ^= 1
	if err := os.WriteFile(tables[0], b, 0o600); err != nil {
		t.Fatal(err)
	}
	if a := d.ReadAll(storetest.MustOpen(t, s, id)); a.Err == nil {
		t.Fatal("damage not noticed")
	}
	if again := d.MustLoad(t, s).ID; again != id {
		t.Fatal("another id")
	}
	d.MustRead(t, storetest.MustOpen(t, s, id))
}

func TestSweepSeesEveryFile(t *testing.T) {
	d := corruptData(1)
	s, id, dir := loaded(t, d, corruptOptions())
	g := storetest.MustOpen(t, s, id)
	for _, name := range contents(t, dir).names {
		name = filepath.Join(dir, name)
		good := readFile(t, name)
		for _, at := range []int{0, len(good) / 2, len(good) - 1} {
			bad := bytes.Clone(good)
			bad[at] ^= 1
			if err := os.WriteFile(name, bad, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := g.Sweep(t.Context(), nil); !store.IsDamaged(err) {
				t.Errorf("byte %d of %s: %v", at, filepath.Base(name), err)
			}
		}
		if err := os.WriteFile(name, good, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := g.Sweep(t.Context(), nil); err != nil {
		t.Error(err)
	}
	if err := s.Activate(storetest.NewData(2, 10).MustLoad(t, s).ID); err != nil {
		t.Fatal(err)
	}
	if err := s.Drop(id); err != nil {
		t.Fatal(err)
	}
	if err := g.Sweep(t.Context(), nil); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("sweep of a dropped generation: %v", err)
	}
	d.MustRead(t, g)
}

func TestUnknownFormat(t *testing.T) {
	d := storetest.NewData(1, 50)
	s, id, dir := loaded(t, d, store.DirOptions{})
	name := filepath.Join(dir, "manifest.json")
	b := bytes.Replace(readFile(t, name), []byte(`"format": 1`), []byte(`"format": 2`), 1)
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Open(id); !store.IsDamaged(err) {
		t.Errorf("manifest without its seal: %v", err)
	}
	sum := sha256.Sum256(b)
	if err := os.WriteFile(filepath.Join(dir, "manifest.seal"), []byte(hex.EncodeToString(sum[:])+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for what, do := range map[string]func() error{
		"open": func() error { _, err := s.Open(id); return err }, "activate": func() error { return s.Activate(id) },
	} {
		if err := do(); !errors.Is(err, store.ErrFormat) || !strings.Contains(err.Error(), "format 2, this program reads format 1") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestDamagedFenceIsNotTakenForAnotherFormat(t *testing.T) {
	s, id, dir := loaded(t, storetest.NewData(1, 50), store.DirOptions{})
	name := filepath.Join(dir, "fence")
	b := readFile(t, name)
	b[5] ^= 2 // in the format version
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
	var damage *store.DamageError
	if _, err := s.Open(id); !errors.As(err, &damage) || damage.File != name {
		t.Errorf("got %v", err)
	}
}

func TestSpace(t *testing.T) {
	free := int64(100 << 20)
	s, err := store.OpenDirWith(t.TempDir(), store.DirOptions{Free: func(string) (int64, bool, error) { return free, true, nil }})
	if err != nil {
		t.Fatal(err)
	}
	var space *store.SpaceError
	if _, err := s.Begin(store.BuildOptions{ExpectedBytes: 40 << 20}); !errors.As(err, &space) ||
		space.Need != 52<<20+64<<20 || space.Free != free || !strings.Contains(err.Error(), "116 MiB needed, 100 MiB free") {
		t.Errorf("got %v", err)
	}
	b, err := s.Begin(store.BuildOptions{ExpectedBytes: 20 << 20})
	if err != nil {
		t.Fatal(err)
	}
	w, err := b.Section(store.SectionPeople, 1)
	if err != nil {
		t.Fatal(err)
	}
	// The disk fills up while the generation is loaded.
	free = 10 << 20
	for n := uint64(1); err == nil && n < 1000; n++ {
		err = w.Add(household.PersonKey{Num: n}, make([]byte, 40<<10))
	}
	if !errors.As(err, &space) {
		t.Errorf("got %v", err)
	}
	if err := b.Abort(); err != nil {
		t.Error(err)
	}
}

func TestCurrentOfAMissingGeneration(t *testing.T) {
	s, id, dir := loaded(t, storetest.NewData(1, 10), store.DirOptions{})
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Current(); err != nil || got != id {
		t.Errorf("%s, %v", got, err)
	}
	if _, err := s.Open(id); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

func TestDamagedCurrentStopsDropping(t *testing.T) {
	s, id, dir := loaded(t, storetest.NewData(1, 10), store.DirOptions{})
	other := storetest.NewData(2, 10).MustLoad(t, s).ID
	name := filepath.Join(dir, "..", "..", "CURRENT")
	if err := os.WriteFile(name, []byte("hedui-current 1 "+other+" 0000000000000000\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Drop(other); !store.IsDamaged(err) {
		t.Errorf("got %v", err)
	}
	if err := s.Activate(id); err != nil {
		t.Fatal(err)
	}
	if err := s.Drop(other); err != nil {
		t.Error(err)
	}
}

// TestCompat opens a store that format 1 wrote. -update writes that of the current
// format; those of older formats stay as they are.
func TestCompat(t *testing.T) {
	d := storetest.NewData(42, 40)
	d.Options.BlockPeople = 16
	golden := filepath.Join("testdata", "compat", "v1")
	if *update {
		if err := os.RemoveAll(golden); err != nil {
			t.Fatal(err)
		}
		s := openDir(t, golden)
		if err := s.Activate(d.MustLoad(t, s).ID); err != nil {
			t.Fatal(err)
		}
		locks, err := filepath.Glob(filepath.Join(golden, "generations", ".*.lock"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range locks {
			if err := os.Remove(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	// A copy, as git keeps neither empty files nor modes and locks are made.
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(golden)); err != nil {
		t.Fatal(err)
	}
	s := openDir(t, dir)
	id, err := s.Current()
	if err != nil {
		t.Fatal(err)
	}
	g := storetest.MustOpen(t, s, id)
	d.MustRead(t, g)
	if err := g.Sweep(t.Context(), nil); err != nil {
		t.Error(err)
	}
	if again := d.MustLoad(t, store.NewMemory()).ID; again != id {
		t.Errorf("the same content has id %s now, %s then", again, id)
	}
}

// TestBadgerReadsIt keeps a generation readable by Badger itself.
func TestBadgerReadsIt(t *testing.T) {
	d := corruptData(1)
	s, id, dir := loaded(t, d, corruptOptions())
	g := storetest.MustOpen(t, s, id)
	var blocks int64
	for _, sec := range g.Manifest().Sections {
		blocks += sec.Blocks
	}
	db, err := badger.Open(badger.DefaultOptions(dir).WithReadOnly(true).WithLogger(nil))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var opened, pieces int64
	err = db.View(func(txn *badger.Txn) error {
		it := txn.NewIterator(badger.DefaultIteratorOptions)
		defer it.Close()
		for it.Rewind(); it.Valid(); it.Next() {
			if it.Item().Key()[0] >= 0x40 {
				pieces++
				continue
			}
			err := it.Item().Value(func(v []byte) error {
				if _, err := block.Open(v); err == nil {
					opened++
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || opened != blocks-1 || pieces != 1 { // one block is written in two pieces
		t.Errorf("%v, %d of %d blocks, %d pieces", err, opened, blocks, pieces)
	}
}
