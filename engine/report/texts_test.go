package report_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/hedui/hedui/engine/report"
)

// codes are fields that are not for people: names in other files, and what a sheet shows
// in another form.
var codes = map[string]bool{"lang": true, "code": true, "effect_code": true, "state_code": true}

// textsOf are the texts of a document that people have to be able to read in every form
// of it, but those of some fields.
func textsOf(t *testing.T, doc *report.Document, but ...string) []string {
	t.Helper()
	raw, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		t.Fatal(err)
	}
	var out []string
	var walk func(key string, x any)
	walk = func(key string, x any) {
		switch x := x.(type) {
		case map[string]any:
			for k, y := range x {
				walk(k, y)
			}
		case []any:
			for _, y := range x {
				walk(key, y)
			}
		case string:
			if !codes[key] && !slices.Contains(but, key) && strings.TrimSpace(x) != "" {
				out = append(out, x)
			}
		}
	}
	walk("", tree)
	return out
}
