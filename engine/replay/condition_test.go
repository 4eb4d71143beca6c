package replay_test

import (
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/hedui/hedui/engine/situation"
	"github.com/hedui/hedui/rules"
	"github.com/hedui/hedui/rules/trace"
)

// ownSituations are judged by the shipped pack of dibao with more rules: conditions, a
// limit in percent, a deduction.
const ownSituations = "situations.yaml"

var ownPack = sync.OnceValues(func() (*rules.Pack, error) {
	dir, err := rules.Open("dibao")
	if err != nil {
		return nil, err
	}
	out := fstest.MapFS{}
	entries, err := fs.ReadDir(dir, ".")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		b, err := fs.ReadFile(dir, e.Name())
		if err != nil {
			return nil, err
		}
		out[e.Name()] = &fstest.MapFile{Data: b}
	}
	more, err := os.ReadFile("testdata/rules.yaml")
	if err != nil {
		return nil, err
	}
	add := func(file, text string) {
		out[file] = &fstest.MapFile{Data: append(slices.Clone(out[file].Data), text...)}
	}
	add("rules.yaml", string(more))
	add("parameters.yaml", `
edge_percent:
  doc: a share of the standard
  unit: percent
  values:
    - {from: 2012-12-12, value: 33, law: 测试, verified: true}
`)
	adjustments := string(out["adjustments.yaml"].Data)
	out["adjustments.yaml"] = &fstest.MapFile{Data: []byte(strings.Replace(adjustments, "deductions:\n",
		"deductions:\n  - {code: employment_cost, line: wage, percent: edge_percent, of: line, law: 测试：就业成本}\n", 1))}
	words := ""
	for _, code := range []string{"works_and_has_nothing", "deposits_of_dependants", "vehicle_of_child", "large_line", "past_all_numbers"} {
		words += "  " + code + ":\n    title: {zh: 测试, en: test}\n    text: {zh: 测试, en: test}\n    clear: {zh: 测试, en: test}\n"
	}
	messages := string(out["messages.yaml"].Data)
	out["messages.yaml"] = &fstest.MapFile{Data: []byte(strings.Replace(messages, "findings:\n", "findings:\n"+words, 1))}
	return rules.LoadFS(out)
})

// TestConditionsAreReplayed says that the situations of this package reach what those of
// the shipped packs may not; TestReplay recomputes them.
func TestConditionsAreReplayed(t *testing.T) {
	all := allSamples(t)
	want := map[string]bool{
		`"code":"works_and_has_nothing","effect":"needs_review","member":1`:        false,
		`"code":"deposits_of_dependants"`:                                          false,
		`"code":"vehicle_of_child","effect":"needs_review","grade":"A","member":2`: false,
		`"code":"vehicle_of_child","effect":"needs_review","grade":"C","member":3`: false,
		`"code":"large_line"`:                     false,
		`"code":"past_all_numbers"`:               false,
		`"code":"income_may_exceed_with_derived"`: false,
		`"item":"basic_pension"`:                  false,
		`"item":"income_over_limit"`:              false,
		`"excluded":[`:                            false,
		`"deductions":[`:                          false,
		`"derived":[`:                             false,
		`"code":"exclusion_without_ground"`:       false,
	}
	unknown, spared := false, false
	for _, s := range all {
		if !strings.HasPrefix(s.name, ownSituations) {
			continue
		}
		for part := range want {
			want[part] = want[part] || strings.Contains(string(s.verdict), part)
		}
		rests, err := trace.Parse(s.trace)
		if err != nil {
			t.Fatal(err)
		}
		for i := range rests.Rules {
			x := &rests.Rules[i]
			spared = spared || x.Unresolved == "" && len(x.Applications) == 0
			for k := range x.Applications {
				for _, f := range x.Applications[k].Facts {
					unknown = unknown || f.Unknown == "bool"
				}
			}
		}
	}
	for part, is := range want {
		if !is {
			t.Errorf("no verdict has %s", part)
		}
	}
	if !unknown || !spared {
		t.Errorf("a variable that nobody knows: %v, a rule that the coverage spares: %v", unknown, spared)
	}
}

// own are the samples of the situations of this package.
func own() (out []sample, err error) {
	p, err := ownPack()
	if err != nil {
		return nil, err
	}
	content, err := os.ReadFile("testdata/" + ownSituations)
	if err != nil {
		return nil, err
	}
	f, err := situation.Parse(ownSituations, content)
	if err != nil {
		return nil, err
	}
	for i := range f.Situations {
		s, err := judged(ownSituations+": "+f.Situations[i].Name, p, &f.Situations[i])
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}
