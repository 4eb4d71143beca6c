package linkage_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/match/linkage"
)

// The levels of Chinese persons, first that holds.
func TestPersonLevels(t *testing.T) {
	m, ok := linkage.Shipped("people_cn")
	if !ok {
		t.Fatal("no model")
	}
	for f := range m.Fields {
		for l := range m.Fields[f].Levels {
			level := &m.Fields[f].Levels[l]
			level.Label, level.M, level.U, level.R = "", 0.5, 0.5, 0.5
			if l > 0 && level.Max > 0 {
				level.Label = level.When + " " + string('0'+rune(level.Max))
			}
		}
	}
	m.Prior, m.Related = 0.1, 0.1
	const id, next = "440524198801010011", "440524198801010022"
	for _, tt := range []struct {
		name        string
		left, right []string
		want        []string
	}{
		{"15 digits", []string{"440524880101001", "王秀英", "1988-01-01", "female", "440524001"}, []string{id, "王秀英", "19880101", "FEMALE", "440524001"}, []string{"exact", "exact", "exact", "exact", "exact"}},
		{"a slip", []string{"440524198801010015", "王秀英", "1988-01-10", "", "440524002"}, []string{id, "wang xiuying", "1988-01-01", "male", "440524001"}, []string{"repair", "name_level 4", "transposition", "missing", "prefix 6"}},
		{"two slips", []string{"440524198801010095", "呂秀英", "", "", "440501001"}, []string{"440524198801010011", "吕秀英", "", "", "440524001"}, []string{"edits 2", "name_level 2", "missing", "missing", "prefix 4"}},
		{"illegible", []string{"", "王?英", "", "", ""}, []string{id, "王秀英", "", "", ""}, []string{"missing", "name_level 3", "missing", "missing", "missing"}},
		{"nothing legible", []string{"", "??", "", "", ""}, []string{id, "王秀英", "", "", ""}, []string{"missing", "missing", "missing", "missing", "missing"}},
		{"another of the surname", []string{next, "王建国", "19880201", "male", "110101001"}, []string{id, "王秀英", "19880101", "female", "440524001"}, []string{"edits 2", "name_level 6", "substitution", "else", "else"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := block(t, m, [][]string{tt.left}, [][]string{tt.right}, 1)
			e, ok, err := linkage.Explain(b, m, 0, 0, false)
			if err != nil || !ok {
				t.Fatal(ok, err)
			}
			var got []string
			for _, p := range e.Parts {
				got = append(got, p.Level)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A name in pinyin and one in a variant form find their person.
func TestPersonKeys(t *testing.T) {
	const model = `name: keys
threshold: 0
fields:
  - {name: id, kind: resident_id, levels: [{when: missing}, {when: exact}, {when: else}]}
  - {name: name, kind: han_name, levels: [{when: missing}, {when: exact}, {when: else}]}
blocking: [[%s]]
`
	for _, tt := range []struct {
		key         string
		left, right []string
		want        bool
	}{
		{"name:pinyin", []string{"", "王秀英"}, []string{"", "Xiuying WANG"}, true},
		{"name:pinyin", []string{"", "王秀英"}, []string{"", "Wang Xiulan"}, false},
		{"name:folded", []string{"", "呂秀英"}, []string{"", "吕秀英"}, true},
		{"name:folded", []string{"", "王秀英"}, []string{"", "wang xiuying"}, false},
		{"id:birth", []string{"440524880101001", ""}, []string{"110105198801010022", ""}, true},
		{"id:county", []string{"440524880101001", ""}, []string{"440524197701010022", ""}, true},
		{"id:county", []string{"4405", ""}, []string{"4405", ""}, false},
	} {
		m := load(t, strings.Replace(model, "%s", `"`+tt.key+`"`, 1))
		for _, f := range m.Fields {
			for l := range f.Levels {
				f.Levels[l].M, f.Levels[l].U = 0.5, 0.5
			}
		}
		m.Prior = 0.5
		e, ok, err := linkage.Explain(block(t, m, [][]string{tt.left}, [][]string{tt.right}, 1), m, 0, 0, false)
		if err != nil || !ok || e.Candidate != tt.want {
			t.Errorf("%s of %v and %v: %v %v %v", tt.key, tt.left, tt.right, e, ok, err)
		}
	}
}
