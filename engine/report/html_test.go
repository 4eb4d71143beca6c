package report_test

import (
	"bytes"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/explain"
	"github.com/hedui/hedui/engine/report"
)

var (
	update = flag.Bool("update", false, "rewrite the goldens")
	dump   = flag.String("report.dump", "", "write every page to this folder, to look at them")
)

var styleOf = regexp.MustCompile(`(?s)<style>(.*)</style>`)

func build(t *testing.T, in report.Input) *report.Document {
	t.Helper()
	doc, err := report.Build(in)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func pageOf(t *testing.T, doc *report.Document, o report.HTMLOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.HTML(&b, doc, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGoldens(t *testing.T) {
	masks := map[string]access.Masks{"full": all(), "masked": some()}
	for _, name := range slices.Sorted(maps.Keys(scenes())) {
		for _, lang := range []string{explain.Zh, explain.En} {
			for how, m := range masks {
				if how == "masked" && lang == explain.En && name != "suspected" {
					continue // said already
				}
				t.Run(name+"/"+lang+"/"+how, func(t *testing.T) {
					s := scenes()[name]
					doc := build(t, input(s.v, s.r, lang, m))
					got := pageOf(t, doc, report.HTMLOptions{QR: "HD:" + doc.Code()})
					if *dump != "" {
						if err := os.WriteFile(filepath.Join(*dump, name+"."+lang+"."+how+".html"), []byte(got), 0o600); err != nil {
							t.Fatal(err)
						}
					}
					// The style is the same everywhere and has a test of its own.
					golden(t, name+"."+lang+"."+how+".html", styleOf.ReplaceAllString(got, "<style></style>"))
				})
			}
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Error(diff)
	}
}
