package rules_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/rules"
)

// fault is a pack that must not load: the pack of testdata/everything with edits. The
// error list is golden; besides, one of its errors must point at a text, so that a place
// that moves away from its culprit is noticed however the golden came about.
type fault struct {
	name  string
	at    string // what the pointer is under; "" for a fault of a whole file or folder
	edits []edit
}

// The province and the city of the pack of testdata/everything.
const (
	province = "overlays/340000-province/"
	city     = "overlays/340100/"
)

// everything is the pack that says everything the language can say, with edits. An edit
// without a text to replace is a whole file; one without a new text either, none.
func everything(t testing.TB, edits ...edit) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	root := os.DirFS(filepath.Join("testdata", "everything"))
	err := fs.WalkDir(root, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(root, p)
		out[p] = &fstest.MapFile{Data: b}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range edits {
		if e.from == "" && e.to == "" {
			delete(out, e.file)
			continue
		}
		if e.from == "" {
			out[e.file] = &fstest.MapFile{Data: []byte(e.to)}
			continue
		}
		text := string(out[e.file].Data)
		if !strings.Contains(text, e.from) {
			t.Fatalf("%s does not have %q", e.file, e.from)
		}
		out[e.file] = &fstest.MapFile{Data: []byte(strings.Replace(text, e.from, e.to, 1))}
	}
	return out
}

func TestEverythingLoads(t *testing.T) {
	p, err := rules.LoadFS(everything(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, region := range []string{"", "340000", "340104"} {
		if _, err := p.On(20261101, region); err != nil {
			t.Errorf("in %q: %v", region, err)
		}
	}
}

func TestLanguageErrors(t *testing.T) {
	topics := map[string][]fault{
		"pack": packFaults(), "parameters": parameterFaults(), "assets": assetFaults(), "income": incomeFaults(), "people": peopleFaults(),
		"rules": ruleFaults(), "conditions": conditionFaults(), "overlays": overlayFaults(), "forbidden": forbiddenFaults(), "purpose": purposeFaults(),
	}
	for topic, faults := range topics {
		t.Run(topic, func(t *testing.T) {
			var all strings.Builder
			for _, c := range faults {
				t.Run(c.name, func(t *testing.T) {
					p, err := rules.LoadFS(everything(t, c.edits...))
					var list rules.Errors
					if p != nil || !errors.As(err, &list) || len(list) == 0 {
						t.Fatalf("pack %v, error %v", p != nil, err)
					}
					if !pointsAt(list, c.at) {
						t.Errorf("nothing points at %q:\n%v", c.at, err)
					}
					wordsAndPlaces(t, list)
					all.WriteString("== " + c.name + "\n" + err.Error() + "\n\n")
				})
			}
			golden(t, filepath.Join("testdata", "errors", topic+".golden"), all.String())
		})
	}
}

// wordsAndPlaces sees that every error says what is wrong and where. Only of a file or a
// folder that should or should not be there no line can be named.
func wordsAndPlaces(t *testing.T, list rules.Errors) {
	t.Helper()
	for _, e := range list {
		whole := e.Problem == "file missing" || e.Problem == "unknown file" || e.Problem == "unknown folder" || strings.Contains(e.Problem, "overlay")
		if e.Problem == "" || e.File == "" || (e.Line == 0 || e.Column == 0 || e.Source == "") && !whole {
			t.Errorf("no words or no place: %v", e)
		}
	}
}

// golden compares with a file, which -update writes.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// pointsAt reports whether an error has a text, or a mapping that begins with it, at its
// place.
func pointsAt(list rules.Errors, text string) bool {
	for _, e := range list {
		if text == "" && e.Line == 0 {
			return true
		}
		line := []rune(e.Source)
		if text == "" || e.Line == 0 || e.Column < 1 || e.Column > len(line) {
			continue
		}
		if rest := string(line[e.Column-1:]); strings.HasPrefix(rest, text) || strings.HasPrefix(rest, "{"+text) {
			return true
		}
	}
	return false
}

// A sound pack, and a wrong place, must both be noticed by the tests above.
func TestLanguageErrorsCanFail(t *testing.T) {
	list := rules.Errors{{File: "x.yaml", Line: 1, Column: 3, Source: "标准: abc", Problem: "p"}}
	for at, want := range map[string]bool{": abc": true, "标准": false, "abc": false, "": false} {
		if pointsAt(list, at) != want {
			t.Errorf("pointing at %q: %v", at, !want)
		}
	}
}

// A pack that looks for weaker links reads the register, whether or not one of its rules
// names it.
func TestLinksReadTheRegister(t *testing.T) {
	for reads, want := range map[string]string{
		"[tax, vehicle, property, bank, insurance]":           "the pack's purpose does not name register",
		"[tax, vehicle, property, bank, insurance, register]": "",
	} {
		_, err := rules.LoadFS(changedPack(t, "reference_links", edit{"pack.yaml", "extends: reference\n", "extends: reference\npurpose: {reads: " + reads + "}\n"}))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v", reads, err)
		}
	}
}

// A pack may begin later than the one it extends, whose earlier texts then stay silent
// without a fault; its own may not.
func TestInheritedTextsMayBeOver(t *testing.T) {
	late := "name: late\nversion: \"1\"\ntitle: {zh: 后来, en: late}\nextends: dibao\nwindow: {from: 2023-01-01, months: 12, anchor: month_before}\n"
	if _, err := rules.LoadFS(fstest.MapFS{"pack.yaml": {Data: []byte(late)}}); err != nil {
		t.Error(err)
	}
	own := fstest.MapFS{"pack.yaml": {Data: []byte(late)}, "members.yaml": {Data: []byte("members:\n" +
		"  - {to: 2022-12-31, law: 样例, include: [{relation: [head]}], exclude: [{reason: imprisoned}]}\n  - {from: 2023-01-01, law: 样例, include: [{relation: [head, spouse]}], exclude: [{reason: imprisoned}]}\n")}}
	if _, err := rules.LoadFS(own); err == nil || !strings.Contains(err.Error(), "members.yaml:2:5: it is never in force") {
		t.Error(err)
	}
}
