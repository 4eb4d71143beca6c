package upkeep_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/hedui/hedui/engine/durable"
	"github.com/hedui/hedui/engine/upkeep"
)

// A list that was changed in any way is refused, and none of its paths leads out of the
// directory that is restored into.
func FuzzList(f *testing.F) {
	const id = "000001-20261101T090000Z"
	dir := filepath.Join(f.TempDir(), "pool")
	p, err := upkeep.OpenPool(dir, durable.Disk{})
	must(f, err)
	data := f.TempDir()
	must(f, os.Mkdir(filepath.Join(data, "audit"), 0o700))
	must(f, os.WriteFile(filepath.Join(data, "audit", "000001.log"), []byte("{}\n"), 0o600))
	name := filepath.Join(dir, "backups", id+".json")
	f.Add([]byte(`{"format":1,"id":"` + id + `","at":"2026-11-01T09:00:00Z","files":[{"path":"../x"}],"sha256":""}`))
	_, err = p.Backup(f.Context(), upkeep.Options{Data: data, Now: clock})
	must(f, err)
	text, err := os.ReadFile(name)
	must(f, err)
	f.Add(text)
	f.Fuzz(func(t *testing.T, text []byte) {
		must(t, os.WriteFile(name, text, 0o600))
		l, err := p.Read(id)
		if err != nil {
			return
		}
		for _, file := range l.Files {
			if !filepath.IsLocal(filepath.FromSlash(file.Path)) || file.Size < 0 || len(file.SHA256) != 64 {
				t.Fatalf("%+v", file)
			}
		}
		if l.ID != id {
			t.Fatal(l.ID)
		}
	})
}
