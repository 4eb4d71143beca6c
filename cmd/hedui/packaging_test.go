package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Every metric that the alert rules and the dashboard speak of is one of the program's,
// and the code and label values are words that it has.
func TestPackagedMetrics(t *testing.T) {
	known := map[string]bool{}
	name := regexp.MustCompile(`"(hedui_[a-z_]+)"`)
	for _, dir := range []string{".", "../../engine/api", "../../engine/watch"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if strings.HasSuffix(f, "_test.go") {
				continue
			}
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range name.FindAllStringSubmatch(string(text), -1) {
				known[m[1]] = true
			}
		}
	}
	if len(known) < 5 {
		t.Fatalf("%d metrics in the program: they are not found any more", len(known))
	}
	used := 0
	for _, f := range []string{"alerts.yaml", "grafana.json"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "packaging", f))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`hedui_[a-z_]+`).FindAllString(string(text), -1) {
			used++
			if !known[strings.TrimSuffix(m, "_bucket")] {
				t.Errorf("%s speaks of %s, which there is not", f, m)
			}
		}
	}
	if used < 10 {
		t.Errorf("%d metrics are used", used)
	}
}
