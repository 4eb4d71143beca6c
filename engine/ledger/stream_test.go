package ledger_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/dgraph-io/badger/v4"

	"github.com/hedui/hedui/engine/ledger"
)

// A client's backup is the owner's, while changes go on.
func TestClientBacksUp(t *testing.T) {
	dir := t.TempDir()
	o := open(t, dir)
	defer o.Close()
	var many []ledger.Entry
	for i := range 300 {
		many = append(many, &ledger.User{ID: fmt.Sprint(i), Name: fmt.Sprint("user", i)})
	}
	put(t, o, many...)
	c, err := ledger.Connect(t.Context(), dir, options())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var own, other bytes.Buffer
	want, err := o.Backup(t.Context(), &own)
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Backup(t.Context(), &other)
	if err != nil || got != want || !bytes.Equal(own.Bytes(), other.Bytes()) {
		t.Fatalf("digest %s, want %s; %d bytes, want %d; %v", got, want, other.Len(), own.Len(), err)
	}

	// One that is made while somebody commits is some state of the ledger.
	stop, done := make(chan struct{}), make(chan int)
	go func() {
		n := 0
		for ; ; n++ {
			select {
			case <-stop:
				done <- n
				return
			default:
				put(t, o, &ledger.User{ID: fmt.Sprint("late", n), Name: fmt.Sprint("late", n)})
			}
		}
	}()
	other.Reset()
	want, err = c.Backup(t.Context(), &other)
	close(stop)
	if n := <-done; n == 0 {
		t.Error("nobody committed meanwhile")
	}
	if err != nil {
		t.Fatal(err)
	}
	got, err = ledger.Load(t.Context(), withKeyOf(t, dir), &other, options())
	if err != nil || got != want {
		t.Errorf("loaded %s, want %s: %v", got, want, err)
	}
}

// What goes wrong on the way is an error and never a short backup.
func TestClientBackupFails(t *testing.T) {
	dir := t.TempDir()
	o := open(t, dir)
	var many []ledger.Entry
	for i := range 2000 {
		many = append(many, &ledger.User{ID: fmt.Sprint(i), Name: fmt.Sprint(i)})
	}
	put(t, o, many...)
	c, err := ledger.Connect(t.Context(), dir, options())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	boom := errors.New("boom")
	if _, err := c.Backup(t.Context(), failing{boom}); !errors.Is(err, boom) {
		t.Errorf("a writer that fails: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Backup(ctx, io.Discard); !errors.Is(err, ctx.Err()) {
		t.Errorf("a context that ended: %v", err)
	}
	n, err := o.Break(ledger.SectionRow, func(txn *badger.Txn, key, value []byte) error {
		if !bytes.HasSuffix(key, []byte("999")) {
			return nil
		}
		return txn.Set(key, append(value[:len(value)-1:len(value)-1], value[len(value)-1]^1))
	})
	if err != nil || n == 0 {
		t.Fatal(n, err)
	}
	if _, err := c.Backup(t.Context(), io.Discard); !errors.Is(err, ledger.ErrDamaged) {
		t.Errorf("a ledger that is damaged in its middle: %v", err)
	}
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Backup(t.Context(), io.Discard); !errors.Is(err, ledger.ErrUnreachable) {
		t.Errorf("an owner that is gone: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// withKeyOf is a new data directory with the key of pseudonyms of another.
func withKeyOf(t *testing.T, data string) string {
	t.Helper()
	to := t.TempDir()
	key, err := os.ReadFile(filepath.Join(data, "ledger", "pseudonym.key"))
	if err == nil {
		err = os.MkdirAll(filepath.Join(to, "ledger"), 0o700)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(to, "ledger", "pseudonym.key"), key, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return to
}

// A process that was killed while it opened the ledger leaves a value log of no bytes.
func TestEmptyValueLog(t *testing.T) {
	dir := t.TempDir()
	o := open(t, dir)
	put(t, o, &ledger.User{ID: "1", Name: "wang"})
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "ledger", "badger", "000099.vlog")
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	o = open(t, dir)
	defer o.Close()
	if _, err := ledger.Get[ledger.User](t.Context(), o, "1"); err != nil {
		t.Error(err)
	}
}
