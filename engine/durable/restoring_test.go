package durable_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/hedui/hedui/engine/durable"
)

func TestUsable(t *testing.T) {
	dir := t.TempDir()
	if err := durable.Usable(dir); err != nil {
		t.Error(err)
	}
	if err := durable.Usable(filepath.Join(dir, "nowhere")); err != nil {
		t.Error(err)
	}
	if err := os.Mkdir(filepath.Join(dir, durable.Restoring), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := durable.Usable(dir); !errors.Is(err, durable.ErrRestoring) {
		t.Error(err)
	}
	// What is restored is itself opened, to be proven.
	if err := durable.Usable(filepath.Join(dir, durable.Restoring)); err != nil {
		t.Error(err)
	}
}
