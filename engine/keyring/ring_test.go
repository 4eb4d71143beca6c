package keyring_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/durable"
	"github.com/hedui/hedui/engine/keyring"
)

var disk = durable.Disk{NoSync: true}

// directory makes an encrypted directory and its key file.
func directory(t testing.TB, suite string) (dir, file string) {
	t.Helper()
	top := t.TempDir()
	dir, file = filepath.Join(top, "data"), filepath.Join(top, "master.key")
	if err := keyring.Init(disk, dir, file, suite); err != nil {
		t.Fatal(err)
	}
	return dir, file
}

func opened(t testing.TB, dir, file string) *keyring.Ring {
	t.Helper()
	r, err := keyring.OpenWith(disk, dir, file)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func created(t testing.TB, r *keyring.Ring, of string) *keyring.Key {
	t.Helper()
	k, err := r.Create(keyring.Snapshot)
	if err == nil {
		err = r.Bind(k.ID(), of)
	}
	if err != nil {
		t.Fatal(err)
	}
	return k
}

var place = keyring.Place{Kind: keyring.KindLedger, Number: 7}

func sealed(t testing.TB, k *keyring.Key) []byte {
	t.Helper()
	b, err := k.AppendEnvelope(nil, []byte("a number"), place)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// reads opens what sealed made with key 1 of a directory that was opened anew.
func reads(dir, file string, b []byte) error {
	r, err := keyring.OpenWith(disk, dir, file)
	if err != nil {
		return err
	}
	k, err := r.Key(1)
	if err != nil {
		return err
	}
	got, err := k.OpenEnvelope(nil, b, place)
	if err == nil && string(got) != "a number" {
		err = errors.New("another text")
	}
	return err
}

func copied(t testing.TB, from, to string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}

// TestWhatOpens is a directory and a key file in every combination that is refused.
func TestWhatOpens(t *testing.T) {
	dir, file := directory(t, keyring.AES)
	_, foreign := directory(t, keyring.AES)
	plain := t.TempDir()
	loose := filepath.Join(t.TempDir(), "loose")
	damaged := filepath.Join(t.TempDir(), "damaged")
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, mode := range map[string]fs.FileMode{loose: 0o640, damaged: 0o600} {
		if name == damaged {
			b = bytes.Replace(b, []byte(`"key": "`), []byte(`"key": "0`), 1)
		}
		if err := os.WriteFile(name, b, mode); err != nil {
			t.Fatal(err)
		}
	}
	inside := filepath.Join(dir, "copy.key")
	if err := os.WriteFile(inside, b, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, dir, file string
		want            error
	}{
		{"both", dir, file, nil},
		{"neither", plain, "", nil},
		{"no key file", dir, "", keyring.ErrLocked},
		{"nothing encrypted", plain, file, keyring.ErrNotEncrypted},
		{"of another directory", dir, foreign, keyring.ErrForeign},
		{"others may read it", dir, loose, keyring.ErrLoose},
		{"inside", dir, inside, keyring.ErrInside},
		{"damaged", dir, damaged, keyring.ErrDamaged},
		{"missing", dir, file + "x", fs.ErrNotExist},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := keyring.Open(c.dir, c.file)
			if !errors.Is(err, c.want) || (r != nil) != (c.name == "both") {
				t.Fatalf("ring %v, error %v, want %v", r != nil, err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), string(b[60:80])) {
				t.Fatal("the error holds a part of the key file")
			}
		})
	}
}

// TestInitRefuses is a directory that cannot become an encrypted one.
func TestInitRefuses(t *testing.T) {
	dir, file := directory(t, keyring.SM)
	full := t.TempDir()
	if err := os.Mkdir(filepath.Join(full, "snapshots"), 0o700); err != nil {
		t.Fatal(err)
	}
	empty := t.TempDir()
	for _, c := range []struct {
		name, dir, file, suite string
		want                   error
	}{
		{"encrypted already", dir, file + "2", keyring.AES, keyring.ErrExists},
		{"holds data", full, file + "2", keyring.AES, keyring.ErrNotEmpty},
		{"the key file is there", empty, file, keyring.AES, fs.ErrExist},
		{"the key file would be inside", empty, filepath.Join(empty, "k"), keyring.AES, keyring.ErrInside},
	} {
		if err := keyring.Init(disk, c.dir, c.file, c.suite); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	if err := keyring.Init(disk, empty, file+"2", "rot13"); err == nil {
		t.Error("an unknown suite is taken")
	}
}

// TestShredded destroys a key: what was sealed opens nowhere, in the directory or in a
// copy of the files. A copy of keys.json from before opens it until the master key it was
// wrapped by is retired.
func TestShredded(t *testing.T) {
	for _, suite := range keyring.Suites() {
		t.Run(suite, func(t *testing.T) {
			dir, file := directory(t, suite)
			r := opened(t, dir, file)
			k := created(t, r, "s1")
			created(t, r, "s2")
			b := sealed(t, k)
			if err := reads(dir, file, b); err != nil {
				t.Fatal(err)
			}
			backup := filepath.Join(t.TempDir(), "backup")
			copied(t, dir, backup)
			if n, err := keyring.Destroy(disk, dir, keyring.Snapshot, "s1"); n != 1 || err != nil {
				t.Fatalf("%d keys destroyed, %v", n, err)
			}
			if err := reads(dir, file, b); !errors.Is(err, keyring.ErrDestroyed) {
				t.Fatalf("after its key was destroyed: %v", err)
			}
			if _, err := r.Key(2); err != nil {
				t.Fatalf("the other key: %v", err)
			}
			// Self-check: with the old list beside it, the backup is readable.
			if err := reads(backup, file, b); err != nil {
				t.Fatalf("the backup with its own keys.json: %v", err)
			}
			if _, _, err := r.Rotate(); err != nil {
				t.Fatal(err)
			}
			if gone, err := r.Retire(); err != nil || !cmp.Equal(gone, []uint32{1}) {
				t.Fatalf("retired %v, %v", gone, err)
			}
			if err := reads(backup, file, b); !errors.Is(err, keyring.ErrNoMaster) {
				t.Fatalf("the backup after its master key was retired: %v", err)
			}
			if err := reads(dir, file, sealed(t, k)); !errors.Is(err, keyring.ErrDestroyed) {
				t.Fatalf("the list itself: %v", err)
			}
		})
	}
}

// TestDestroyedBytesAreOverwritten holds a hard link to keys.json: what it held is zero.
func TestDestroyedBytesAreOverwritten(t *testing.T) {
	dir, file := directory(t, keyring.AES)
	created(t, opened(t, dir, file), "s1")
	link := filepath.Join(t.TempDir(), "old")
	if err := os.Link(filepath.Join(dir, "keys.json"), link); err != nil {
		t.Fatal(err)
	}
	if _, err := keyring.Destroy(disk, dir, keyring.Snapshot, "s1"); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(link)
	if err != nil || len(b) == 0 || len(bytes.Trim(b, "\x00")) != 0 {
		t.Fatalf("%d bytes of the old list are not zero, %v", len(bytes.Trim(b, "\x00")), err)
	}
}

// TestSwappedKeys gives one key the wrapped form of another: neither opens.
func TestSwappedKeys(t *testing.T) {
	dir, file := directory(t, keyring.AES)
	r := opened(t, dir, file)
	created(t, r, "s1")
	created(t, r, "s2")
	if err := keyring.SwapWrapped(dir); err != nil {
		t.Fatal(err)
	}
	fresh := opened(t, dir, file)
	for id := uint32(1); id <= 2; id++ {
		if _, err := fresh.Key(id); !errors.Is(err, keyring.ErrSealed) {
			t.Errorf("key %d: %v", id, err)
		}
	}
	if _, err := fresh.Check(); !errors.Is(err, keyring.ErrSealed) {
		t.Errorf("check: %v", err)
	}
}

// TestRotationUnderLoad rotates and retires again and again while others open keys, in
// rings old and new, and make some. No read fails, and every key opens in the end.
func TestRotationUnderLoad(t *testing.T) {
	dir, file := directory(t, keyring.AES)
	r := opened(t, dir, file)
	b := sealed(t, created(t, r, "s1"))
	var stop atomic.Bool
	var readsDone, made atomic.Int64
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			for !stop.Load() {
				if err := reads(dir, file, b); err != nil {
					t.Error("read:", err)
					return
				}
				readsDone.Add(1)
			}
		})
	}
	wg.Go(func() { // with the key file of the beginning in memory
		old := opened(t, dir, file)
		for !stop.Load() {
			if _, err := old.Create(keyring.Generation); err != nil {
				t.Error("create:", err)
				return
			}
			made.Add(1)
		}
	})
	retired := 0
	for i := 0; i < 20 || readsDone.Load() < 20 || made.Load() < 20; i++ {
		if t.Failed() {
			break
		}
		if _, _, err := r.Rotate(); err != nil {
			t.Fatal(err)
		}
		gone, err := r.Retire()
		if err != nil {
			t.Fatal(err)
		}
		retired += len(gone)
	}
	stop.Store(true)
	wg.Wait()
	n, err := opened(t, dir, file).Check()
	if err != nil || n != int(made.Load())+1 || retired == 0 {
		t.Fatalf("%d of %d keys open, %d master keys retired, %v", n, made.Load()+1, retired, err)
	}
}

// TestSweep destroys the keys of work that was given up, and no other.
func TestSweep(t *testing.T) {
	dir, file := directory(t, keyring.AES)
	r := opened(t, dir, file)
	created(t, r, "held")
	created(t, r, "gone")
	if _, err := r.Create(keyring.Snapshot); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Create(keyring.Generation); err != nil {
		t.Fatal(err)
	}
	if err := keyring.Sweep(disk, dir, keyring.Snapshot, func(of string) bool { return of == "held" }); err != nil {
		t.Fatal(err)
	}
	_, keys, err := keyring.List(dir)
	want := []keyring.Info{{ID: 1, Purpose: "snapshot", Of: "held", Master: 1}, {ID: 4, Purpose: "generation", Master: 1}}
	if diff := cmp.Diff(want, keys); diff != "" || err != nil {
		t.Fatal(diff, err)
	}
	// Numbers of destroyed keys are not used again.
	if k := created(t, r, "next"); k.ID() != 5 {
		t.Fatalf("the next key is %d", k.ID())
	}
}

// TestNamed has two rings ask for one key and one signer.
func TestNamed(t *testing.T) {
	for _, suite := range keyring.Suites() {
		dir, file := directory(t, suite)
		a, b := opened(t, dir, file), opened(t, dir, file)
		one, err := a.Named(keyring.Ledger)
		if err != nil {
			t.Fatal(err)
		}
		two, err := b.Named(keyring.Ledger)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := two.OpenEnvelope(nil, sealed(t, one), place); err != nil {
			t.Fatal(err)
		}
		signer, err := a.Signer("audit")
		if err != nil {
			t.Fatal(err)
		}
		sig, err := signer.Sign("head", []byte("text"))
		if err != nil {
			t.Fatal(err)
		}
		if signer, err = b.Signer("audit"); err != nil {
			t.Fatal(err)
		}
		public, err := keyring.PublicKey(dir, "audit")
		if err != nil || !bytes.Equal(public, signer.Public()) {
			t.Fatalf("another public key: %v", err)
		}
		if err := keyring.Verify(public, "head", []byte("text"), sig); err != nil {
			t.Fatal(err)
		}
		if keyring.Verify(public, "head", []byte("texT"), sig) == nil || keyring.Verify(public, "heaD", []byte("text"), sig) == nil {
			t.Fatal("another text or domain passes")
		}
		if _, _, err := a.Rotate(); err != nil {
			t.Fatal(err)
		}
		if n, err := a.Check(); n != 2 || err != nil {
			t.Fatalf("%d keys, %v", n, err)
		}
	}
}

// TestInterrupted stops Rotate, Retire, Create and Destroy before each of their steps on
// the disk: every key that was there opens afterwards, and the same again succeeds.
func TestInterrupted(t *testing.T) {
	stop := errors.New("stopped here")
	acts := map[string]func(*keyring.Ring, durable.Disk, string) error{
		"rotate": func(r *keyring.Ring, _ durable.Disk, _ string) error { _, _, err := r.Rotate(); return err },
		"retire": func(r *keyring.Ring, _ durable.Disk, _ string) error { _, err := r.Retire(); return err },
		"create": func(r *keyring.Ring, _ durable.Disk, _ string) error {
			_, err := r.Create(keyring.Snapshot)
			return err
		},
		"destroy": func(_ *keyring.Ring, d durable.Disk, dir string) error {
			_, err := keyring.Destroy(d, dir, keyring.Snapshot, "s2")
			return err
		},
	}
	for name, act := range acts {
		t.Run(name, func(t *testing.T) {
			steps := 0
			for at := 0; ; at++ {
				dir, file := directory(t, keyring.AES)
				r := opened(t, dir, file)
				b := sealed(t, created(t, r, "s1"))
				created(t, r, "s2")
				if _, _, err := r.Rotate(); err != nil {
					t.Fatal(err)
				}
				n := 0
				broken := durable.Disk{NoSync: true, Before: func(durable.Step) error {
					if n++; n > at {
						return stop
					}
					return nil
				}}
				hurt, err := keyring.OpenWith(broken, dir, file)
				if err != nil {
					t.Fatal(err)
				}
				err = act(hurt, broken, dir)
				if err == nil {
					break
				}
				if !errors.Is(err, stop) {
					t.Fatal(err)
				}
				steps++
				if err := reads(dir, file, b); err != nil {
					t.Fatalf("stopped before step %d: %v", at, err)
				}
				// Half a rotation leaves a newer master key that wraps nothing yet.
				if _, err := opened(t, dir, file).Retire(); err != nil {
					t.Fatal(err)
				}
				if err := reads(dir, file, b); err != nil {
					t.Fatalf("retired after step %d: %v", at, err)
				}
				if err := act(opened(t, dir, file), disk, dir); err != nil {
					t.Fatalf("again after step %d: %v", at, err)
				}
				if err := reads(dir, file, b); err != nil {
					t.Fatalf("again after step %d: %v", at, err)
				}
			}
			if steps < 2 {
				t.Fatalf("stopped at %d steps only", steps)
			}
		})
	}
}

// TestExport copies the key file, which opens everything, and never over another file.
func TestExport(t *testing.T) {
	dir, file := directory(t, keyring.SM)
	r := opened(t, dir, file)
	b := sealed(t, created(t, r, "s1"))
	to := filepath.Join(t.TempDir(), "escrow.key")
	if err := r.Export(to); err != nil {
		t.Fatal(err)
	}
	if err := reads(dir, to, b); err != nil {
		t.Fatal(err)
	}
	if err := r.Export(to); !errors.Is(err, fs.ErrExist) {
		t.Fatal(err)
	}
	if err := r.Export(filepath.Join(dir, "k")); !errors.Is(err, keyring.ErrInside) {
		t.Fatal(err)
	}
}

// FuzzParse gives anything to the two parsers. What they take is what was written.
func FuzzParse(f *testing.F) {
	dir, file := directory(f, keyring.AES)
	created(f, opened(f, dir, file), "s1")
	for _, name := range []string{file, filepath.Join(dir, "keys.json")} {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
		f.Add(b[:len(b)/2])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if again, ok := keyring.Reencoded(b); ok && !bytes.Equal(again, b) {
			t.Fatalf("taken, and written otherwise: %q", again)
		}
	})
}
