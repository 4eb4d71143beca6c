package ledger_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/dgraph-io/badger/v4"
	"go.uber.org/goleak"

	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/ledger/ledgertest"
)

func TestOneOwner(t *testing.T) {
	// The database's glog-like helpers live as long as the process.
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	dir := t.TempDir()
	o := open(t, dir)
	_, err := ledger.Open(dir, options())
	if !errors.Is(err, ledger.ErrOwned) || !strings.Contains(err.Error(), strconv.Itoa(os.Getpid())) {
		t.Errorf("a second owner: %v", err)
	}
	l, err := ledger.Dial(t.Context(), dir, options())
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := l.(*ledger.Client); !ok {
		t.Errorf("beside an owner, Dial gives a %T", l)
	}
	put(t, l, &ledger.User{ID: "1", Name: "wang"})
	if _, err := ledger.Find[ledger.User](t.Context(), o, ledger.UserName("wang")); err != nil {
		t.Error(err)
	}
	if a, b := l.Pseudonym(ledger.Person, []byte("x")), o.Pseudonym(ledger.Person, []byte("x")); a != b || a == o.Pseudonym(ledger.Record, []byte("x")) {
		t.Error("owner and client speak of one person differently, or of a person as of a record")
	}
	info, err := os.Stat(filepath.Join(dir, "ledger", "owner.sock"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if err := o.Close(); err != nil {
		t.Error(err)
	}
	if err := o.Close(); err != nil {
		t.Error(err)
	}
	if _, err := l.Get(t.Context(), ledger.KindUser, "1"); !errors.Is(err, ledger.ErrUnreachable) {
		t.Errorf("the owner is gone: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if _, err := ledger.Connect(t.Context(), dir, options()); !errors.Is(err, ledger.ErrUnreachable) {
		t.Errorf("nobody owns it: %v", err)
	}
}

// A dead owner's socket is no obstacle, nor is a data directory that lies deep.
func TestStaleSocket(t *testing.T) {
	dir := filepath.Join(t.TempDir(), strings.Repeat("deep/", 30))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, stderr, err := child(t, "-ledger.fill", dir); err == nil || !strings.Contains(stderr, "filled") {
		t.Fatal(stderr)
	}
	if _, err := os.Stat(filepath.Join(dir, "ledger", "owner.sock")); err != nil {
		t.Fatalf("the process left no socket: %v", err)
	}
	if _, err := ledger.Connect(t.Context(), dir, options()); !errors.Is(err, ledger.ErrUnreachable) {
		t.Errorf("a dead owner's socket: %v", err)
	}
	l, err := ledger.Dial(t.Context(), dir, options())
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := ledger.Connect(t.Context(), dir, options())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := ledger.Get[ledger.Verdict](t.Context(), c, "v0001"); err != nil {
		t.Error(err)
	}
}

func TestDiskNearlyFull(t *testing.T) {
	var free atomic.Int64
	free.Store(1 << 40)
	opt := ledger.WithFree(ledger.Options{}, free.Load)
	dir := t.TempDir()
	l, err := ledger.Open(dir, opt)
	if err != nil {
		t.Fatal(err)
	}
	put(t, l, &ledger.User{ID: "1", Name: "wang"})
	free.Store(100 << 20)
	c := ledger.Change{Ops: []ledger.Op{ledger.Put(&ledger.User{ID: "2", Name: "li"})}}
	if err := l.Commit(t.Context(), c); !errors.Is(err, ledger.ErrSpace) {
		t.Errorf("below the reserve: %v", err)
	}
	if _, err := ledger.Get[ledger.User](t.Context(), l, "1"); err != nil {
		t.Errorf("reading: %v", err)
	}
	free.Store(1 << 40)
	if err := l.Commit(t.Context(), c); err != nil {
		t.Errorf("there is room again: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	free.Store(0)
	if _, err := ledger.Open(dir, opt); !errors.Is(err, ledger.ErrSpace) {
		t.Errorf("opened on a full disk: %v", err)
	}
}

// Without its key of pseudonyms, or with another one, nobody would be found.
func TestKeyOfPseudonyms(t *testing.T) {
	dir := t.TempDir()
	if err := open(t, dir).Close(); err != nil {
		t.Fatal(err)
	}
	other := options()
	other.Pseudonym = ledgertest.TestPseudonym
	if _, err := ledger.Open(dir, other); !errors.Is(err, ledger.ErrDamaged) {
		t.Errorf("another key: %v", err)
	}
	if err := os.Remove(filepath.Join(dir, "ledger", "pseudonym.key")); err != nil {
		t.Fatal(err)
	}
	if _, err := ledger.Open(dir, options()); !errors.Is(err, ledger.ErrDamaged) {
		t.Errorf("no key: %v", err)
	}
}

// What was done to the keys behind the ledger's back is found, both ways.
func TestVerify(t *testing.T) {
	first := func(do func(txn *badger.Txn, key, value []byte) error) func(*badger.Txn, []byte, []byte) error {
		done := false
		return func(txn *badger.Txn, key, value []byte) error {
			if done {
				return nil
			}
			done = true
			return do(txn, key, value)
		}
	}
	remove := first(func(txn *badger.Txn, key, _ []byte) error { return txn.Delete(key) })
	for name, c := range map[string]struct {
		section byte
		do      func(txn *badger.Txn, key, value []byte) error
	}{
		"a key taken out of an index": {ledger.SectionIndex, remove},
		"an entry taken out":          {ledger.SectionRow, first(func(txn *badger.Txn, key, _ []byte) error { return txn.Delete(key) })},
		"a name taken out":            {ledger.SectionUnique, first(func(txn *badger.Txn, key, _ []byte) error { return txn.Delete(key) })},
		"an old key come back":        {ledger.SectionIndex, first(func(txn *badger.Txn, key, _ []byte) error { key[len(key)-2]++; return txn.Set(key, nil) })},
		"a key moved": {ledger.SectionIndex, first(func(txn *badger.Txn, key, _ []byte) error {
			moved := bytes.Clone(key)
			moved[3] ^= 1
			return errors.Join(txn.Delete(key), txn.Set(moved, nil))
		})},
		"a bit of a body": {ledger.SectionRow, func(txn *badger.Txn, key, v []byte) error {
			if key[1] == byte(ledger.KindToken) {
				v[len(v)-9] ^= 1
			}
			return txn.Set(key, v)
		}},
		"an entry with the key of one": {ledger.SectionRow, first(func(txn *badger.Txn, key, v []byte) error { return txn.Set(append(key, 'x'), v) })},
	} {
		t.Run(name, func(t *testing.T) {
			l := open(t, t.TempDir())
			defer l.Close()
			if err := fill(l, 0, 20); err != nil {
				t.Fatal(err)
			}
			token := &ledger.Token{ID: "t", User: "u", Hash: "ff"}
			token.Body = []byte("AAAA")
			put(t, l, token)
			if r, err := l.Verify(t.Context()); err != nil || !r.OK() || r.Entries != 41 || r.Indexes != 41 {
				t.Fatalf("%+v, %v", r, err)
			}
			if n, err := l.Break(c.section, c.do); err != nil || n == 0 {
				t.Fatalf("%d keys, %v", n, err)
			}
			r, err := l.Verify(t.Context())
			if err != nil || r.OK() {
				t.Errorf("not found: %+v, %v", r, err)
			}
		})
	}
}

func TestBackup(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	if err := fill(l, 0, 300); err != nil {
		t.Fatal(err)
	}
	if err := l.Commit(t.Context(), ledger.Change{Fence: &ledger.Fence{Topic: "t", To: 9}}); err != nil {
		t.Fatal(err)
	}
	// While it is backed up, changes go on. The backup is one state of them.
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := 300; ctx.Err() == nil; i++ {
			if err := fill(l, i, i+1); err != nil {
				t.Error(err)
				return
			}
		}
	})
	var backup bytes.Buffer
	digest, err := l.Backup(t.Context(), &backup)
	cancel()
	wg.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	prepare := func() string {
		to := t.TempDir()
		if err := os.Mkdir(filepath.Join(to, "ledger"), 0o700); err != nil {
			t.Fatal(err)
		}
		key, err := os.ReadFile(filepath.Join(dir, "ledger", "pseudonym.key"))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(to, "ledger", "pseudonym.key"), key, 0o600); err != nil {
			t.Fatal(err)
		}
		return to
	}
	to := prepare()
	if got, err := ledger.Load(t.Context(), to, bytes.NewReader(backup.Bytes()), options()); err != nil || got != digest {
		t.Fatalf("%s, want %s: %v", got, digest, err)
	}
	if _, err := ledger.Load(t.Context(), to, bytes.NewReader(backup.Bytes()), options()); err == nil {
		t.Error("loaded over a ledger")
	}
	l = open(t, to)
	if r, err := l.Verify(t.Context()); err != nil || !r.OK() || r.Digest != digest {
		t.Errorf("%+v, %v", r, err)
	}
	if p, err := ledger.Get[ledger.Position](t.Context(), l, "t/0"); err != nil || p.Offset != 9 {
		t.Errorf("%+v, %v", p, err)
	}
	if err := fill(l, 5000, 5001); err != nil {
		t.Error(err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	// A backup that is not whole gives no ledger.
	for _, c := range []struct {
		name string
		do   func(b []byte) []byte
	}{
		{"cut short", func(b []byte) []byte { return b[:len(b)/2] }},
		{"without its end", func(b []byte) []byte { return b[:len(b)-1] }},
		{"empty", func([]byte) []byte { return nil }},
		{"a bit", func(b []byte) []byte { b[len(b)/3] ^= 4; return b }},
		{"a bit of the end", func(b []byte) []byte { b[len(b)-3] ^= 4; return b }},
	} {
		to := prepare()
		if _, err := ledger.Load(t.Context(), to, bytes.NewReader(c.do(bytes.Clone(backup.Bytes()))), options()); err == nil {
			t.Errorf("%s: loaded", c.name)
		}
		if l, err := ledger.Open(to, options()); err == nil {
			r, err := l.Verify(t.Context())
			if err != nil || r.Entries > 0 {
				t.Errorf("%s: opened with %d entries, %v", c.name, r.Entries, err)
			}
			if err := l.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

// A kill can't show this and a power cut would: the database syncs what it commits.
func TestSynced(t *testing.T) {
	l := open(t, t.TempDir())
	if !l.Synced() {
		t.Error("transactions are acknowledged before they are synced")
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

// What the disk refuses is not acknowledged, and nothing is after it.
func TestWriteFails(t *testing.T) {
	l := open(t, t.TempDir())
	if err := l.BreakDisk(); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		err := l.Commit(t.Context(), ledger.Change{Ops: []ledger.Op{ledger.Put(&ledger.User{ID: fmt.Sprint("x", i), Name: fmt.Sprint("x", i)})}})
		if !errors.Is(err, os.ErrClosed) {
			t.Errorf("change %d after it: %v", i, err)
		}
	}
	if _, err := l.Get(t.Context(), ledger.KindUser, "1"); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("reading: %v", err)
	}
	if err := l.Close(); err == nil {
		t.Error("closed without a word")
	}
}

// A transaction that is missing from the middle of the journal is told.
func TestGapInTheJournal(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	if err := fill(l, 0, 10); err != nil {
		t.Fatal(err)
	}
	n := 0
	_, err := l.Break(ledger.SectionJournal, func(txn *badger.Txn, key, _ []byte) error {
		if n++; n == 5 {
			return txn.Delete(key)
		}
		return nil
	})
	if err != nil || n != 11 {
		t.Fatalf("%d places, %v", n, err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := ledger.Open(dir, options()); !errors.Is(err, ledger.ErrDamaged) {
		t.Errorf("opened: %v", err)
	}
}

// A value is one of its key only.
func TestValueOfAnotherKey(t *testing.T) {
	v, err := ledger.ValueOf([]byte("\x10\x08a"), []byte("{}"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ledger.EntryOf([]byte("\x10\x08a"), v); err != nil {
		t.Error(err)
	}
	if _, err := ledger.EntryOf([]byte("\x10\x08b"), v); err == nil {
		t.Error("read under another key")
	}
}

// Many changes in one transaction: each gets its own answer.
func TestTogether(t *testing.T) {
	l := open(t, t.TempDir())
	defer l.Close()
	const each = 40
	var won, lost atomic.Int64
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			for i := range each {
				// All want the same ids; only one can have each.
				err := l.Commit(t.Context(), ledger.Change{Ops: []ledger.Op{ledger.Put(&ledger.User{ID: fmt.Sprint(i), Name: fmt.Sprint(i)})}})
				switch {
				case err == nil:
					won.Add(1)
				case errors.Is(err, ledger.ErrConflict):
					lost.Add(1)
				default:
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if won.Load() != each || lost.Load() != 31*each {
		t.Errorf("%d won and %d lost", won.Load(), lost.Load())
	}
}
