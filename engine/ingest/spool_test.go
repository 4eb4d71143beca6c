package ingest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/hedui/hedui/connectors"
	"github.com/hedui/hedui/engine/keyring"
)

// A spool gives back what it was given, from memory and from its file, again after it was
// emptied; sealed, its file shows none of it and no changed piece is read.
func TestSpoolInFile(t *testing.T) {
	for name, key := range map[string]*keyring.Key{"clear": nil, "sealed": temporaryKey(t)} {
		t.Run(name, func(t *testing.T) {
			s := &spool{name: filepath.Join(t.TempDir(), "spool"), key: key}
			for _, lines := range []int{0, 10, 20_000, 0, 9_000} {
				var want []byte
				for i := range lines {
					want = appendLine(want, 1, int64(i), 0, "column", connectors.ConflictingDuplicate, fmt.Sprint("secret", i))
					if err := s.line(1, int64(i), 0, "column", connectors.ConflictingDuplicate, fmt.Sprint("secret", i)); err != nil {
						t.Fatal(err)
					}
				}
				r, err := s.read()
				if err != nil {
					t.Fatal(err)
				}
				if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, want) {
					t.Fatalf("%d lines: %d bytes of %d, %v", lines, len(got), len(want), err)
				}
				if lines == 20_000 {
					spoolFile(t, s)
				}
				if err := s.reset(); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.close(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// spoolFile looks at the file of a spool that has several pieces, and damages it.
func spoolFile(t *testing.T, s *spool) {
	t.Helper()
	b, err := os.ReadFile(s.name)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(b, []byte("secret")) != (s.key == nil) {
		t.Error("the file shows what it should not, or nothing where it should")
	}
	if s.key == nil {
		return
	}
	if s.pieces < 3 {
		t.Fatalf("only %d pieces", s.pieces)
	}
	first, _, _ := keyring.EnvelopeOf(b)
	n := int(first) + keyring.Overhead
	second, _, _ := keyring.EnvelopeOf(b[n:])
	m := n + int(second) + keyring.Overhead
	swapped := append(append(bytes.Clone(b[n:m]), b[:n]...), b[m:]...)
	flipped := bytes.Clone(b)
	flipped[n/2] ^= 1
	for what, damaged := range map[string][]byte{"two pieces swapped": swapped, "a bit": flipped, "cut": b[:len(b)-1]} {
		if err := os.WriteFile(s.name, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := s.read()
		if err == nil {
			_, err = io.ReadAll(r)
		}
		if !errors.Is(err, errSpill) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
