package corpus_test

import (
	"strings"
	"testing"

	"github.com/hedui/hedui/bench/browser/corpus"
)

// There are enough of them, each once, and each tells which it is.
func TestAll(t *testing.T) {
	all := corpus.All()
	if len(all) < 200 {
		t.Errorf("%d strings, want at least 200", len(all))
	}
	seen := map[string]bool{}
	classes := map[string]int{}
	for i, h := range all {
		if h.N != i+1 || h.Text == "" || seen[h.Text] {
			t.Errorf("%d: %q is empty, twice there or misnumbered", h.N, h.Text)
		}
		seen[h.Text] = true
		classes[h.Class]++
		if strings.ContainsAny(h.Text, "§¤") {
			t.Errorf("%d: %q was not filled in", h.N, h.Text)
		}
	}
	if len(classes) < 12 {
		t.Errorf("%d classes", len(classes))
	}
	if n := len(corpus.Short(128)); n < 200 {
		t.Errorf("%d fit into a name, want at least 200", n)
	}
	t.Logf("%d strings of %d classes", len(all), len(classes))
}
