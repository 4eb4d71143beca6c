package keyring_test

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/hedui/hedui/engine/durable"
	"github.com/hedui/hedui/engine/keyring"
)

// A value opens under its own name, with its own key, as it was, and not otherwise.
func TestValues(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(t.TempDir(), "master.key")
	if err := keyring.Init(durable.Disk{}, dir, file, keyring.AES); err != nil {
		t.Fatal(err)
	}
	ring, err := keyring.Open(dir, file)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ring.Named(keyring.Ledger)
	if err != nil {
		t.Fatal(err)
	}
	other, err := ring.Temporary()
	if err != nil {
		t.Fatal(err)
	}
	v, plain := key.Values(), []byte("a value")
	sealed, err := v.Seal([]byte("before"), plain, []byte("name"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(sealed, []byte("before")) || bytes.Contains(sealed, plain) {
		t.Fatalf("%q", sealed)
	}
	sealed = sealed[len("before"):]
	got, err := v.Open([]byte("before "), sealed, []byte("name"))
	if err != nil || string(got) != "before a value" {
		t.Errorf("%q, %v", got, err)
	}
	for i := range sealed {
		bad := bytes.Clone(sealed)
		bad[i] ^= 1
		if got, err := v.Open(nil, bad, []byte("name")); err == nil {
			t.Errorf("byte %d changed and %q came out", i, got)
		}
	}
	for name, open := range map[string]func() ([]byte, error){
		"another name": func() ([]byte, error) { return v.Open(nil, sealed, []byte("nam")) },
		"another key":  func() ([]byte, error) { return other.Values().Open(nil, sealed, []byte("name")) },
		"cut":          func() ([]byte, error) { return v.Open(nil, sealed[:len(sealed)-1], []byte("name")) },
		"nothing":      func() ([]byte, error) { return v.Open(nil, nil, []byte("name")) },
	} {
		if got, err := open(); err == nil {
			t.Errorf("%s: %q came out", name, got)
		}
	}
}
