package index_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/hedui/hedui/engine/index"
	"github.com/hedui/hedui/engine/keyring"
	"github.com/hedui/hedui/engine/store"
)

// TestRunsTellNobody spills an index with a key and without: the keys of people are in
// the files of the one, and in no file of the other, where no changed byte is read.
func TestRunsTellNobody(t *testing.T) {
	key := must[*keyring.Key](t)(keyring.NewTemporary(must[keyring.Provider](t)(keyring.ProviderOf(keyring.SM))))
	for name, key := range map[string]*keyring.Key{"clear": nil, "sealed": key} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			b := must[*index.Builder](t)(index.NewBuilder(table(), index.BuildOptions{Memory: 1, TempDir: dir, Key: key}))
			w := large(3000)
			for _, l := range w.loose {
				check(t, b.AddLoose(l))
			}
			for _, p := range w.registered {
				check(t, b.AddRegistered(p))
			}
			hits, changed := 0, ""
			check(t, filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
				if err != nil || !e.Type().IsRegular() {
					return err
				}
				if changed == "" {
					changed = name
				}
				raw, err := os.ReadFile(name)
				for _, l := range w.loose {
					if text := l.Owner.Text; len(text) > 8 && bytes.Contains(raw, []byte(text)) {
						hits++
					}
				}
				return err
			}))
			if changed == "" || (hits == 0) != (key != nil) {
				t.Fatalf("%d texts of keys in the files", hits)
			}
			raw := must[[]byte](t)(os.ReadFile(changed))
			raw[len(raw)/2] ^= 1
			check(t, os.WriteFile(changed, raw, 0o600))
			out := must[store.Builder](t)(store.NewMemory().Begin(store.BuildOptions{}))
			if err := b.WriteTo(tctx, out); err == nil {
				t.Error("a changed run is read")
			}
			check(t, b.Close())
		})
	}
}
