package keyring

import (
	"os"
	"path/filepath"
)

// SwapWrapped swaps the wrapped forms of the first two keys of a directory.
func SwapWrapped(dir string) error {
	t, err := readTable(dir)
	if err != nil {
		return err
	}
	a, b := &t.entries[0], &t.entries[1]
	a.wrapped, b.wrapped = b.wrapped, a.wrapped
	text, err := t.encode()
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, tableFile), text, 0o600)
}

// Reencoded parses a key file or a list of keys and encodes it again.
func Reencoded(b []byte) ([]byte, bool) {
	if m, err := parseMasters(b); err == nil {
		out, err := m.encode()
		return out, err == nil
	}
	if t, err := parseTable(b); err == nil {
		out, err := t.encode()
		return out, err == nil
	}
	return nil, false
}
