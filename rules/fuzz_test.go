package rules_test

import (
	"io/fs"
	"maps"
	"testing"
	"testing/fstest"

	"github.com/hedui/hedui/rules"
)

// FuzzLoad changes one file of a pack. Whatever it holds, the pack loads or gives
// errors; it never panics, and a pack that loads can be judged by.
func FuzzLoad(f *testing.F) {
	dir, err := rules.Open("reference")
	if err != nil {
		f.Fatal(err)
	}
	names := []string{"pack.yaml", "parameters.yaml", "income.yaml", "assets.yaml", "rules.yaml", "messages.yaml"}
	good := fstest.MapFS{}
	for i, name := range names {
		b, err := fs.ReadFile(dir, name)
		if err != nil {
			f.Fatal(err)
		}
		good[name] = &fstest.MapFile{Data: b}
		f.Add(uint8(i), b)
		f.Add(uint8(i), []byte("a: &x [1]\nb: *x\n<<: {}\n? [k]\n: v\n"))
		f.Add(uint8(i), []byte("- {}\n---\nsecond: true\n"))
		f.Add(uint8(i), []byte("rules: [{code: |\n  x\n}]"))
	}
	f.Fuzz(func(t *testing.T, which uint8, content []byte) {
		pack := fstest.MapFS{}
		maps.Copy(pack, good)
		pack[names[int(which)%len(names)]] = &fstest.MapFile{Data: content}
		p, err := rules.LoadFS(pack)
		if err != nil {
			if err.Error() == "" {
				t.Error("an error without words")
			}
			return
		}
		if l, err := p.On(20261101, ""); err == nil {
			judgeAll(l)
		}
	})
}
