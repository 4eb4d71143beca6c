package snapshot_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/durable"
	"github.com/hedui/hedui/engine/keyring"
	"github.com/hedui/hedui/engine/snapshot"
)

var unsynced = durable.Disk{NoSync: true}

// sealedDir makes an encrypted directory and the options to open it. Its key file is
// beside it.
func sealedDir(t testing.TB, suite string) (dir string, o snapshot.Options) {
	t.Helper()
	top := t.TempDir()
	dir = filepath.Join(top, "data")
	file := filepath.Join(top, "master.key")
	if err := keyring.Init(unsynced, dir, file, suite); err != nil {
		t.Fatal(err)
	}
	return dir, withKeys(t, dir, file)
}

func withKeys(t testing.TB, dir, file string) snapshot.Options {
	t.Helper()
	keys, err := keyring.OpenWith(unsynced, dir, file)
	if err != nil {
		t.Fatal(err)
	}
	return snapshot.Options{Keys: keys, Disk: unsynced}
}

// personal counts the keys of people, and the texts, that stand in files in the clear.
func personal(t *testing.T, dir string) (n int) {
	t.Helper()
	err := filepath.WalkDir(dir, func(name string, e os.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(name)
		for i := range people {
			if k := key(i); bytes.Contains(b, binary.LittleEndian.AppendUint64(nil, k.Num)) {
				n++
			}
		}
		for _, text := range []string{"VIN0", "皖A12345", "王秀英"} {
			n += strings.Count(string(b), text)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// One content has one id and the same answers, in the clear and sealed, and sealed it
// tells nobody.
func TestSealedAndClearAreTheSame(t *testing.T) {
	clearDir := t.TempDir()
	id := build(t, clearDir, -1)
	want, _ := read(clearDir, id)
	if personal(t, clearDir) == 0 {
		t.Fatal("self-check: nobody is found in what is not encrypted")
	}
	m := manifestOf(t, clearDir, id, snapshot.Options{})
	for _, suite := range keyring.Suites() {
		dir, o := sealedDir(t, suite)
		if got := buildWith(t, dir, -1, o); got != id {
			t.Fatalf("%s: id %s, in the clear %s", suite, got, id)
		}
		got, errs := readWith(dir, id, o)
		if wrong := judge(want, got, errs); wrong != "" || len(errs) > 0 {
			t.Errorf("%s: %s %v", suite, wrong, errs)
		}
		if n := personal(t, dir); n > 0 {
			t.Errorf("%s: %d keys and texts stand in the clear", suite, n)
		}
		s := manifestOf(t, dir, id, o)
		for _, f := range []*snapshot.FileSeal{&s.Hot, &s.Cold, &s.Quarantine} {
			if f.Stored == nil {
				t.Fatalf("%s: a file is not sealed", suite)
			}
			f.Stored = nil
		}
		if s.Key = 0; !cmp.Equal(m, s) {
			t.Error(cmp.Diff(m, s))
		}
	}
}

func manifestOf(t *testing.T, dir, id string, o snapshot.Options) *snapshot.Manifest {
	t.Helper()
	d, err := snapshot.OpenDirWith(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Verify(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	s, err := d.Open(id)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	return s.Manifest()
}

// Without its key nothing is read or written; with its key destroyed nothing is read, in
// a backup neither.
func TestWithoutItsKey(t *testing.T) {
	dir, o := sealedDir(t, keyring.AES)
	id := buildWith(t, dir, -1, o)
	blind, _ := snapshot.OpenDir(dir)
	if _, err := blind.Open(id); !errors.Is(err, keyring.ErrLocked) || snapshot.IsDamaged(err) {
		t.Errorf("open: %v", err)
	}
	if _, err := blind.Lock(); !errors.Is(err, keyring.ErrLocked) {
		t.Errorf("lock: %v", err)
	}
	backup := filepath.Join(t.TempDir(), "backup")
	copyTree(t, dir, backup)
	d, _ := snapshot.OpenDirWith(dir, o)
	if err := d.Drop(id); err != nil {
		t.Fatal(err)
	}
	_, keys, err := keyring.List(dir)
	if err != nil || len(keys) != 0 {
		t.Fatalf("keys left: %v, %v", keys, err)
	}
	// The whole backup, but for the list of keys, which is the newer one.
	now, err := os.ReadFile(filepath.Join(dir, "keys.json"))
	if err == nil {
		err = os.WriteFile(filepath.Join(backup, "keys.json"), now, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	b, _ := snapshot.OpenDirWith(backup, withKeys(t, backup, filepath.Join(filepath.Dir(dir), "master.key")))
	if _, err := b.Open(id); !errors.Is(err, keyring.ErrDestroyed) {
		t.Errorf("the backup: %v", err)
	}
	// Files in the clear do not pass for sealed ones.
	clearDir := t.TempDir()
	build(t, clearDir, -1)
	for _, f := range []string{"snapshots", "catalogue.json"} {
		if err := os.RemoveAll(filepath.Join(dir, f)); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(clearDir, f), filepath.Join(dir, f)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.Open(id); !errors.Is(err, keyring.ErrPlain) || !snapshot.IsDamaged(err) {
		t.Errorf("in the clear: %v", err)
	}
}

// What is given up, and what is held already, leaves no key.
func TestKeysOfSnapshots(t *testing.T) {
	dir, o := sealedDir(t, keyring.AES)
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
	id := buildWith(t, dir, -1, o)
	want("built", id)
	buildWith(t, dir, -1, o)
	d, _ := snapshot.OpenDirWith(dir, o)
	l, err := d.Lock()
	if err != nil {
		t.Fatal(err)
	}
	want("built again", id)
	if _, err := l.Key(); err != nil {
		t.Fatal(err)
	}
	want("begun", id, "")
	if err := l.Unlock(); err != nil {
		t.Fatal(err)
	}
	if l, err = d.Lock(); err != nil {
		t.Fatal(err)
	}
	want("given up", id)
	if err := l.Unlock(); err != nil {
		t.Fatal(err)
	}
	// A damaged one is replaced.
	if err := os.Truncate(filepath.Join(d.Path(id), "hot.blocks"), 100); err != nil {
		t.Fatal(err)
	}
	buildWith(t, dir, -1, o)
	want("replaced", id)
	if _, errs := readWith(dir, id, o); len(errs) > 0 {
		t.Error(errs)
	}
}

// The quarantine file comes back as it was written, in pieces of any size, and no other
// text does: not without its end, not with pieces swapped.
func TestSealedQuarantine(t *testing.T) {
	for _, size := range []int{0, 1, 64<<10 - 35, 64 << 10, 200_000} {
		dir, o := sealedDir(t, keyring.SM)
		d, _ := snapshot.OpenDirWith(dir, o)
		l, err := d.Lock()
		if err != nil {
			t.Fatal(err)
		}
		k, err := l.Key()
		if err != nil {
			t.Fatal(err)
		}
		staging := filepath.Join(l.Tmp(), "snapshot")
		w, err := snapshot.NewWriter(staging, k)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Repeat("1,2,3,column,code,x\n", size/20+1)[:size]
		for rest := text; rest != ""; {
			n := min(len(rest), 7001)
			if _, err := io.WriteString(w.Quarantine(), rest[:n]); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		m := &snapshot.Manifest{Source: 2, Provider: "vehicle", AsOf: 20261031, ByCode: map[string]int64{}, Files: []snapshot.FileAccount{}}
		digest, err := w.Seal(m)
		if err == nil {
			digest, err = l.Adopt(staging, m, digest)
		}
		if err == nil {
			err = l.SetCatalogue([]snapshot.Entry{{ID: m.ID, Source: m.Source, Provider: m.Provider, AsOf: m.AsOf, State: snapshot.Active, Manifest: digest}})
		}
		if err = errors.Join(err, l.Unlock()); err != nil {
			t.Fatal(err)
		}
		read := func() (string, error) {
			f, err := d.OpenQuarantine(m.ID)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			b, err := io.ReadAll(f)
			return string(b), err
		}
		want := "file,row,line,column,code,excerpt\n" + text
		if got, err := read(); err != nil || got != want {
			t.Fatalf("%d bytes: read %d, %v", len(want), len(got), err)
		}
		name := d.QuarantineFile(m.ID)
		whole, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(whole, []byte("file,row")) {
			t.Error("it stands in the clear")
		}
		const piece = keyring.Overhead + 64<<10
		for what, b := range map[string][]byte{
			"a byte less": whole[:len(whole)-1], "a byte more": append(bytes.Clone(whole), 0), "nothing": nil,
			"the last piece cut off": whole[:len(whole)/piece*piece],
			"the first two swapped":  append(append(bytes.Clone(whole[min(piece, len(whole)):min(2*piece, len(whole))]), whole[:min(piece, len(whole))]...), whole[min(2*piece, len(whole)):]...),
		} {
			if bytes.Equal(b, whole) {
				continue // there is one piece only
			}
			if err := os.WriteFile(name, b, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := read(); err == nil {
				t.Errorf("%d bytes, %s: read without an error", len(want), what)
			}
		}
	}
}
