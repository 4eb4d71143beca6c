package store_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hedui/hedui/engine/block"
	"github.com/hedui/hedui/engine/durable"
	"github.com/hedui/hedui/engine/keyring"
	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/engine/store/storetest"
)

// sealedDir makes an encrypted directory and returns its ring and key file.
func sealedDir(t testing.TB, suite string) (dir, file string, keys *keyring.Ring) {
	t.Helper()
	top := t.TempDir()
	dir, file = filepath.Join(top, "data"), filepath.Join(top, "master.key")
	if err := keyring.Init(durable.Disk{NoSync: true}, dir, file, suite); err != nil {
		t.Fatal(err)
	}
	return dir, file, ring(t, dir, file)
}

func ring(t testing.TB, dir, file string) *keyring.Ring {
	t.Helper()
	keys, err := keyring.OpenWith(durable.Disk{NoSync: true}, dir, file)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func openSealed(t testing.TB, dir string, o store.DirOptions) *store.Dir {
	t.Helper()
	s, err := store.OpenDirWith(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSealedDir runs the contract of a store on encrypted directories.
func TestSealedDir(t *testing.T) {
	for _, suite := range keyring.Suites() {
		t.Run(suite, func(t *testing.T) {
			storetest.Run(t, func(tb testing.TB) store.Store {
				dir, _, keys := sealedDir(tb, suite)
				return openSealed(tb, dir, store.DirOptions{Keys: keys, Disk: durable.Disk{NoSync: true}})
			})
		})
	}
}

// keysIn counts the keys of people whose binary form stands in a file of a generation,
// and the entries that do.
func keysIn(t *testing.T, dir string, d *storetest.Data) (n int) {
	t.Helper()
	for _, file := range allFiles(t, dir) {
		b := readFile(t, file)
		for _, k := range d.People {
			little := binary.LittleEndian.AppendUint64(nil, k.Num)
			big := binary.BigEndian.AppendUint64(nil, k.Num)
			if bytes.Contains(b, little) || bytes.Contains(b, big) || k.Text != "" && bytes.Contains(b, []byte(k.Text)) ||
				bytes.Contains(b, d.Entry(k)) {
				n++
			}
		}
	}
	return n
}

func allFiles(t *testing.T, dir string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(name string, e os.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			files = append(files, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestSealedAndPlainAreTheSame loads one content both ways: one id, the same blocks, and
// no key of a person in the files of the one that is sealed.
func TestSealedAndPlainAreTheSame(t *testing.T) {
	d := storetest.NewData(5, 300)
	d.Options.BlockPeople = 24
	d.Large[d.People[100]] = 2_100_000
	plain, id, plainDir := loaded(t, d, store.DirOptions{})
	if keysIn(t, plainDir, d) == 0 {
		t.Fatal("self-check: no key is found in what is not encrypted")
	}
	for _, suite := range keyring.Suites() {
		dir, _, keys := sealedDir(t, suite)
		s := openSealed(t, dir, store.DirOptions{Keys: keys})
		m := d.MustLoad(t, s)
		if m.ID != id {
			t.Fatalf("%s: id %s, in the clear %s", suite, m.ID, id)
		}
		if n := keysIn(t, dir, d); n > 0 {
			t.Errorf("%s: %d keys or entries of people stand in the files", suite, n)
		}
		a, b := storetest.MustOpen(t, plain, id), storetest.MustOpen(t, s, id)
		for _, section := range []string{store.SectionPeople, store.SectionUnlinked} {
			for _, k := range d.People {
				err := a.View(section, k, func(x block.Block) error {
					return b.View(section, k, func(y block.Block) error {
						if x.Checksum() != y.Checksum() || x.Size() != y.Size() {
							t.Errorf("%s: another block", suite)
						}
						return nil
					})
				})
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := b.Sweep(t.Context(), nil); err != nil {
			t.Error(err)
		}
	}
}

// TestWithoutItsKey opens a sealed generation without its key, and one that is not
// sealed among sealed ones.
func TestWithoutItsKey(t *testing.T) {
	d := storetest.NewData(5, 100)
	_, id, plainDir := loaded(t, d, store.DirOptions{})
	dir, file, keys := sealedDir(t, keyring.AES)
	s := openSealed(t, dir, store.DirOptions{Keys: keys})
	d.MustLoad(t, s)
	blind := openSealed(t, dir, store.DirOptions{})
	if _, err := blind.Open(id); !errors.Is(err, keyring.ErrLocked) || store.IsDamaged(err) {
		t.Errorf("opened without a key: %v", err)
	}
	if _, err := blind.Begin(store.BuildOptions{}); !errors.Is(err, keyring.ErrLocked) {
		t.Errorf("loaded in the clear into an encrypted directory: %v", err)
	}
	if ids, err := blind.List(); err != nil || len(ids) != 1 {
		t.Errorf("not listed: %v %v", ids, err)
	}
	backup := filepath.Join(t.TempDir(), "backup")
	if err := os.CopyFS(backup, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	// A file in the clear must not pass for a sealed one.
	path := filepath.Join(dir, "generations", id)
	if err := os.Rename(path, path+"-aside"); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(path, os.DirFS(plainDir)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Open(id); !errors.Is(err, keyring.ErrPlain) || !store.IsDamaged(err) {
		t.Errorf("one in the clear is opened: %v", err)
	}
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+"-aside", path); err != nil {
		t.Fatal(err)
	}
	// Dropping shreds: the files of the backup open no more, whoever has the key file.
	g := storetest.MustOpen(t, s, id)
	if err := blind.Drop(id); err != nil {
		t.Fatal(err)
	}
	if a := d.ReadAll(g); a.Wrong+a.Missing+a.Errs > 0 {
		t.Errorf("who had it open: %+v", a)
	}
	if err := os.CopyFS(path, os.DirFS(filepath.Join(backup, "generations", id))); err != nil {
		t.Fatal(err)
	}
	fresh := openSealed(t, dir, store.DirOptions{Keys: ring(t, dir, file)})
	if _, err := fresh.Open(id); !errors.Is(err, keyring.ErrDestroyed) {
		t.Errorf("the backup of a dropped generation: %v", err)
	}
}

// TestKeysOfBuilds: a build that is given up, or comes to what is held already, leaves no
// key behind; that of a killed one goes with its remains.
func TestKeysOfBuilds(t *testing.T) {
	dir, _, keys := sealedDir(t, keyring.AES)
	s := openSealed(t, dir, store.DirOptions{Keys: keys})
	d := storetest.NewData(5, 100)
	m := d.MustLoad(t, s)
	want := func(what string, of ...string) {
		t.Helper()
		_, list, err := keyring.List(dir)
		var got []string
		for _, k := range list {
			got = append(got, k.Of)
		}
		if err != nil || strings.Join(got, ",") != strings.Join(of, ",") {
			t.Errorf("%s: keys of %q, want %q, %v", what, got, of, err)
		}
	}
	want("loaded", m.ID)
	d.MustLoad(t, s)
	want("loaded again", m.ID)
	b, err := s.Begin(store.BuildOptions{})
	if err != nil {
		t.Fatal(err)
	}
	want("loading", m.ID, "")
	if err := b.Abort(); err != nil {
		t.Fatal(err)
	}
	want("given up", m.ID)
	if _, err := keys.Create(keyring.Generation); err != nil { // what a killed build leaves
		t.Fatal(err)
	}
	if b, err = s.Begin(store.BuildOptions{}); err != nil {
		t.Fatal(err)
	}
	want("after a killed one", m.ID, "")
	if err := b.Abort(); err != nil {
		t.Fatal(err)
	}
	// A damaged one is replaced, and its key with it.
	fence := filepath.Join(dir, "generations", m.ID, "fence")
	if err := os.WriteFile(fence, []byte("damage"), 0o600); err != nil {
		t.Fatal(err)
	}
	d.MustLoad(t, s)
	want("replaced", m.ID)
	if a := d.ReadAll(storetest.MustOpen(t, s, m.ID)); a.Wrong+a.Missing+a.Errs > 0 {
		t.Errorf("replaced: %+v", a)
	}
}

// TestSealedDamage flips bits and swaps blocks of one size in the tables of a sealed
// generation, behind what is verified at open. No answer is wrong.
func TestSealedDamage(t *testing.T) {
	d := storetest.NewData(5, 600)
	d.Options.BlockPeople = 8
	d.Size = 500
	dir, _, keys := sealedDir(t, keyring.AES)
	s := openSealed(t, dir, store.DirOptions{Keys: keys}.WithTableSize(128<<10))
	m := d.MustLoad(t, s)
	var table string
	var tail int64
	for _, f := range m.Files {
		if strings.HasSuffix(f.Name, ".sst") && f.TailFrom > 1<<14 {
			table, tail = filepath.Join(dir, "generations", m.ID, f.Name), f.TailFrom
			break
		}
	}
	whole := readFile(t, table)
	rnd := rand.New(rand.NewPCG(1, 1))
	noticed := 0
	for n := range 60 {
		b := bytes.Clone(whole)
		if n%2 == 0 {
			b[rnd.Int64N(tail)] ^= 1 << rnd.IntN(8)
		} else {
			p, q := rnd.Int64N(tail-4096), rnd.Int64N(tail-4096)
			copy(b[p:p+4096], whole[q:q+4096])
		}
		if err := os.WriteFile(table, b, 0o600); err != nil {
			t.Fatal(err)
		}
		g, err := s.Open(m.ID)
		if err != nil {
			t.Fatal(err)
		}
		a := d.ReadAll(g)
		if a.Wrong+a.Missing > 0 || a.Errs > 0 && !store.IsDamaged(a.Err) {
			t.Errorf("case %d: %+v", n, a)
		}
		if a.Errs > 0 {
			noticed++
		}
		if err := g.Sweep(t.Context(), nil); err == nil && !bytes.Equal(b, whole) {
			t.Errorf("case %d: a sweep sees nothing", n)
		}
		if err := g.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if noticed < 40 {
		t.Errorf("only %d of 60 damages were noticed by reading", noticed)
	}
}

// BenchmarkReadSealedBlock reads verified blocks as they are in the clear and sealed.
func BenchmarkReadSealedBlock(b *testing.B) {
	d := storetest.NewData(1, 100_000)
	d.Size = 300
	for _, suite := range append([]string{"none"}, keyring.Suites()...) {
		o := store.DirOptions{}
		dir := b.TempDir()
		if suite != "none" {
			dir, _, o.Keys = sealedDir(b, suite)
		}
		s := openSealed(b, dir, o)
		g := storetest.MustOpen(b, s, d.MustLoad(b, s).ID)
		b.Run("suite="+suite, func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				if err := g.View(store.SectionPeople, d.People[i%len(d.People)], func(block.Block) error { return nil }); err != nil {
					b.Fatal(err)
				}
				i += 1009
			}
		})
	}
}
