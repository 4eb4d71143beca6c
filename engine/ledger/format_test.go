package ledger_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/ledger/ledgertest"
)

var update = flag.Bool("update", false, "write the golden files")

func golden(t *testing.T, name string, got []byte) []byte {
	t.Helper()
	name = filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(name, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return want
}

// The keys and fields of every kind, as docs/ledger-format.md has them. A change here
// is a new version of the ledger.
func TestKeys(t *testing.T) {
	var got bytes.Buffer
	for _, e := range ledgertest.Samples(new(ledgertest.Memory)) {
		op := ledger.Put(e)
		keys, names, err := ledger.Keys(ledger.Row{Kind: op.Kind, ID: op.ID, Version: 1, Fields: op.Fields})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&got, "%d %s %s\n%s\n", op.Kind, op.Kind, op.ID, op.Fields)
		for _, k := range keys {
			fmt.Fprintf(&got, "  %q\n", k)
		}
		for _, n := range names {
			fmt.Fprintf(&got, "  unique %s\n", n)
		}
	}
	if d := cmp.Diff(string(golden(t, "keys.golden", got.Bytes())), got.String()); d != "" {
		t.Error(d)
	}
}

// A backup of the first format goes on being loaded, to the same digest.
func TestOldBackup(t *testing.T) {
	opt := options()
	opt.Pseudonym = ledgertest.TestPseudonym
	model := new(ledgertest.Memory)
	put(t, model, ledgertest.Samples(model)...)
	want, err := model.Digest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var backup bytes.Buffer
	if *update {
		l, err := ledger.Open(t.TempDir(), opt)
		if err != nil {
			t.Fatal(err)
		}
		put(t, l, ledgertest.Samples(model)...)
		if _, err := l.Backup(t.Context(), &backup); err != nil {
			t.Fatal(err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	got, err := ledger.Load(t.Context(), dir, bytes.NewReader(golden(t, "v1.backup", backup.Bytes())), opt)
	if err != nil || got != want {
		t.Fatalf("%s, want %s: %v", got, want, err)
	}
	l, err := ledger.Open(dir, opt)
	if err != nil {
		t.Fatal(err)
	}
	if r, err := l.Verify(t.Context()); err != nil || !r.OK() || r.Digest != want {
		t.Errorf("%+v, %v", r, err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}
