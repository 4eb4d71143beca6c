package linkage_test

import (
	"strings"
	"testing"

	"github.com/hedui/hedui/engine/match/linkage"
)

func TestLoadErrors(t *testing.T) {
	tests := []struct{ name, old, new, want string }{
		{"unknown key", "threshold: 0", "treshold: 0", "model.yaml:3:1: not a model: unknown field"},
		{"unknown level", "{when: day_month}", "{when: month_day}", `model.yaml:30:9: unknown level "month_day"`},
		{"no missing first", "      - {when: missing}\n      - {when: exact}\n      - {when: edits, max: 1}", "      - {when: exact}\n      - {when: edits, max: 1}", "levels begin with missing and end with else"},
		{"unknown field of a rule", "  - [code]", "  - [cod]", `unknown field "cod"`},
		{"unknown key of a rule", "born:year", "born:yeer", `unknown key "yeer"`},
		{"two parts with several keys", "  - [code]", `  - ["given:word", "family:word"]`, "only one part of a rule"},
		{"key of another kind", "  - [code]", `  - ["code:pinyin"]`, "for fields of kind han_name"},
		{"name level of another kind", "{when: edits, max: 1}", "{when: name_level, max: N2}", "name_level is for fields of kind han_name"},
		{"max that is no number", "{when: edits, max: 1}", "{when: edits, max: some}", "max is a whole number"},
		{"order of another kind", "    kind: id", "    kind: id\n    order: mdy", "order is dmy or mdy"},
		{"order that is none", "    kind: date", "    kind: date\n    order: ymd", "order is dmy or mdy"},
		{"edits without max", "{when: edits, max: 1}", "{when: edits}", "edits needs max"},
		{"swap with nobody", "with: given", "with: nobody", "swapped needs with"},
		{"unknown kind", "kind: date", "kind: day", `unknown kind "day"`},
		{"two of a name", "name: code", "name: born", "no name of its own"},
		{"not YAML", "fields:", "fields: [", "not a model"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if !strings.Contains(people, tt.old) {
				t.Fatal("nothing to change")
			}
			_, err := linkage.Load("model.yaml", []byte(strings.Replace(people, tt.old, tt.new, 1)))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %v, want %q", err, tt.want)
			}
			if !strings.HasPrefix(err.Error(), "model.yaml:") || strings.HasPrefix(err.Error(), "model.yaml: ") {
				t.Errorf("no place: %v", err)
			}
		})
	}
}

func TestShippedModelsLoad(t *testing.T) {
	for _, name := range []string{"febrl", "febrl_no_ssn", "people_cn"} {
		if m, ok := linkage.Shipped(name); !ok || m.Name != name {
			t.Errorf("%s does not load", name)
		}
	}
	if _, ok := linkage.Shipped("../models/febrl"); ok {
		t.Error("a path was taken for a name")
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(people)
	f.Add("fields: {a: b}")
	f.Add("- &a [*a]")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := linkage.Load("model.yaml", []byte(text))
		if err != nil {
			return
		}
		row := make([]string, len(m.Fields))
		if _, err := linkage.Prepare(m, [][]string{row, row}, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := m.YAML(); err != nil {
			t.Fatal(err)
		}
	})
}
