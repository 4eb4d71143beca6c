package audit_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/hedui/hedui/engine/audit"
)

func TestNewest(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir)
	if h, at, err := audit.Newest(dir); err != nil || h.Seq != 0 || !at.IsZero() {
		t.Errorf("of an empty log: %v %v %v", h, at, err)
	}
	for range 3 {
		if err := a.Note(audit.Event{Operation: "backup", Outcome: audit.Done}); err != nil {
			t.Fatal(err)
		}
	}
	h, at, err := audit.Newest(dir)
	if err != nil || h.Seq != 3 || !at.Equal(clock()) {
		t.Errorf("%v %v %v", h, at, err)
	}
	// A log that was cut short does not end in what its head names.
	name := filepath.Join(dir, "audit", "000001.log")
	if err := errors.Join(a.Close(), os.Truncate(name, h.Bytes-10)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := audit.Newest(dir); !errors.Is(err, audit.ErrDamaged) {
		t.Errorf("cut short: %v", err)
	}
	if _, _, err := audit.Newest(filepath.Join(dir, "nowhere")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no log: %v", err)
	}
}
