package ledger_test

import (
	"errors"
	"testing"

	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/ledger/ledgertest"
)

func options() ledger.Options { return ledger.Options{Reserve: 1} }

func open(t testing.TB, dir string) *ledger.Owner {
	t.Helper()
	l, err := ledger.Open(dir, options())
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestOwner(t *testing.T) {
	ledgertest.Run(t, func(t *testing.T) ledger.Ledger { return open(t, t.TempDir()) })
}

func TestMemory(t *testing.T) {
	ledgertest.Run(t, func(*testing.T) ledger.Ledger { return new(ledgertest.Memory) })
}

// remote is a client together with its owner.
type remote struct {
	*ledger.Client
	owner *ledger.Owner
}

func (r remote) Close() error { return errors.Join(r.Client.Close(), r.owner.Close()) }

func TestClient(t *testing.T) {
	ledgertest.Run(t, func(t *testing.T) ledger.Ledger {
		dir := t.TempDir()
		o := open(t, dir)
		c, err := ledger.Connect(t.Context(), dir, options())
		if err != nil {
			t.Fatal(err)
		}
		return remote{c, o}
	})
}
