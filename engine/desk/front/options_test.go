package front

import (
	"testing"
	"time"

	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/ledger/ledgertest"
	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/rules"
)

// testOptions are of a desk over nothing.
func testOptions(t *testing.T) desk.Options {
	t.Helper()
	now := func() time.Time { return time.Date(2026, 11, 1, 4, 0, 0, 0, time.UTC) }
	log, err := audit.Open(t.TempDir(), audit.Options{Actor: "test", Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close() })
	pack, err := rules.Load("reference")
	if err != nil {
		t.Fatal(err)
	}
	return desk.Options{Store: store.NewMemory(), Ledger: &ledgertest.Memory{}, Audit: log, Packs: map[string]*rules.Pack{"dibao": pack}, Now: now}
}
