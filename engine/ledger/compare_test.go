package ledger_test

import (
	"testing"

	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/ledger/ledgertest"
)

func TestAgainstTheModel(t *testing.T) {
	ledgertest.Compare(t, func(dir string) (ledger.Ledger, error) { return ledger.Open(dir, options()) })
}

// A sealed ledger is read as any other.
func TestSealedAgainstTheModel(t *testing.T) {
	opt := options()
	opt.Sealer = newSealer(t, "k")
	ledgertest.Compare(t, func(dir string) (ledger.Ledger, error) { return ledger.Open(dir, opt) })
}
