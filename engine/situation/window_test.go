package situation

import (
	"bytes"
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules"
)

// Sources that say nothing of their months cover the window of the application, in the
// region of the household.
func TestSourcesCoverTheWindowOfTheApplication(t *testing.T) {
	dir, err := rules.Open("reference")
	if err != nil {
		t.Fatal(err)
	}
	out := fstest.MapFS{}
	if err := fs.WalkDir(dir, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		content, err := fs.ReadFile(dir, name)
		if name == "pack.yaml" {
			content = bytes.Replace(content, []byte("anchor: month_before"), []byte("anchor: month_before_application"), 1)
		}
		out[name] = &fstest.MapFile{Data: content}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	out["overlays/340000/pack.yaml"] = &fstest.MapFile{Data: []byte("window: {months: 24, anchor: month_before_application}\n")}
	p, err := rules.LoadFS(out)
	if err != nil {
		t.Fatal(err)
	}
	s := first(t, `
on: 2026-11-01
situations:
  - name: applied in spring
    request: {region: "340104", applied_on: 2026-03-15, members: [{}]}
    expect: {outcome: no_discrepancy}
`)
	v, err := s.Verdict(p)
	if err != nil {
		t.Fatal(err)
	}
	if v.Income.Window.String() != "2024-03..2026-02" || v.Outcome != household.NoDiscrepancy {
		t.Errorf("window %s, outcome %s", v.Income.Window, v.Outcome)
	}
}
