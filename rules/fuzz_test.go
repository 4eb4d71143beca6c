package rules_test

import (
	"errors"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/hedui/hedui/rules"
)

// packFile is one file of a pack that may be changed.
type packFile struct {
	pack fstest.MapFS
	name string
}

// packFiles are the files of all shipped packs and of the pack that says everything, with
// their overlays, in a fixed order.
func packFiles(t testing.TB) []packFile {
	t.Helper()
	packs := []fstest.MapFS{everything(t)}
	for _, name := range rules.Shipped() {
		dir, err := rules.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		pack := fstest.MapFS{}
		err = fs.WalkDir(dir, ".", func(p string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && p == "tests":
				return fs.SkipDir
			case d.IsDir():
				return nil
			}
			b, err := fs.ReadFile(dir, p)
			pack[p] = &fstest.MapFile{Data: b}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		packs = append(packs, pack)
	}
	var out []packFile
	for _, pack := range packs {
		for _, name := range slices.Sorted(maps.Keys(pack)) {
			out = append(out, packFile{pack, name})
		}
	}
	return out
}

// loads loads a pack with one file changed. Whatever it holds, the pack loads or gives
// errors with words; it never panics, and what loads can be judged by on every date and
// in every region on which it changes.
func loads(t *testing.T, f packFile, content []byte) {
	t.Helper()
	pack := maps.Clone(f.pack)
	pack[f.name] = &fstest.MapFile{Data: content}
	p, err := rules.LoadFS(pack)
	if err != nil {
		var list rules.Errors
		if !errors.As(err, &list) || len(list) == 0 {
			t.Fatalf("an error that is no list: %v", err)
		}
		for _, e := range list {
			if e.Problem == "" || e.File == "" || e.Error() == "" {
				t.Errorf("an error without words: %+v", e)
			}
		}
		return
	}
	for _, region := range append([]string{""}, p.Regions()...) {
		judged := false
		for _, on := range p.Changes() {
			l, err := p.On(on, region)
			if err != nil {
				if judged {
					t.Errorf("silent on %s in %q: %v", on, region, err)
				}
				continue
			}
			judged = true
			judgeAll(l)
		}
		if !judged {
			t.Errorf("a pack that loads judges nobody in %q", region)
		}
	}
}

// FuzzLoad changes one file of one pack.
func FuzzLoad(f *testing.F) {
	files := packFiles(f)
	for i, x := range files {
		content := x.pack[x.name].Data
		f.Add(uint16(i), content)
		f.Add(uint16(i), content[:len(content)/2])
		f.Add(uint16(i), []byte("a: &x [1]\nb: *x\n<<: {}\n? [k]\n: v\n"))
		f.Add(uint16(i), []byte("- {}\n---\nsecond: true\n"))
		f.Add(uint16(i), []byte("rules: [{code: |\n  x\n}]"))
	}
	f.Fuzz(func(t *testing.T, which uint16, content []byte) { loads(t, files[int(which)%len(files)], content) })
}

// FuzzCondition puts an expression where a rule of a household, and one of a member, has
// its condition.
func FuzzCondition(f *testing.F) {
	for _, s := range []string{
		"household.income > 100000", `household.residence == "urban" || member.age > 18`, "!household.any.unable && household.count.shops * 3 >= 2",
		"household.income / 2 > 1", "[1].all(x, x > household.income)", "member.is.student ? member.income > 1 : false", "\"\u4e2d\" in [household.residence]", "1.5 < double(household.income)", "'", "",
		"parameter.standard * household.members > household.income && household.receiving.dibao", "timestamp('2020-01-01T00:00:00Z') > timestamp('2021-01-01T00:00:00Z')",
	} {
		f.Add(s)
	}
	pack := everything(f)
	f.Fuzz(func(t *testing.T, condition string) {
		quoted := yamlText(condition)
		for _, old := range []string{`'household.income > 100000 && household.count.shops > 0'`, `'member.is.student && member.relation == "child" && member.income > 0'`} {
			content := replaced(t, string(pack["rules.yaml"].Data), old, quoted)
			loads(t, packFile{pack, "rules.yaml"}, []byte(content))
		}
	})
}

// FuzzOverlay puts a folder with a parameter of the pack among the overlays.
func FuzzOverlay(f *testing.F) {
	for _, s := range []string{"340104", "340104-county", "340104-", "3401", "000000", "34010a", "340100", "../x", "340104-县", ""} {
		f.Add(s, "car_value:\n  values:\n    - {from: 2024-01-01, value: 5.00, law: x, verified: true}\n")
	}
	pack := everything(f)
	f.Fuzz(func(t *testing.T, folder, content string) {
		name := "overlays/" + folder + "/parameters.yaml"
		if !fs.ValidPath(name) {
			return
		}
		loads(t, packFile{pack, name}, []byte(content))
	})
}

// The oracle of these tests can fail: a list of errors without words, or a pack that
// loads and is silent, would be noticed.
func TestFuzzedFilesAreAllOfThem(t *testing.T) {
	seen := map[string]bool{}
	for _, x := range packFiles(t) {
		seen[x.name] = true
	}
	for _, name := range []string{
		"pack.yaml", "parameters.yaml", "income.yaml", "assets.yaml", "rules.yaml", "messages.yaml", "members.yaml", "adjustments.yaml", "attributes.yaml",
		"benefit.yaml", "identity.yaml", province + "rules.yaml", city + "members.yaml",
	} {
		if !seen[name] {
			t.Errorf("no %s is changed", name)
		}
	}
}

// yamlText is a text between single quotes.
func yamlText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func replaced(t *testing.T, text, old, by string) string {
	t.Helper()
	if !strings.Contains(text, old) {
		t.Fatalf("no %q", old)
	}
	return strings.Replace(text, old, by, 1)
}
