package rules_test

import (
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/rules"
)

var update = flag.Bool("update", false, "write the golden files")

// edit replaces a text that must be there.
type edit struct{ file, from, to string }

// changed is the reference pack with edits.
func changed(t *testing.T, edits ...edit) fs.FS { return changedPack(t, "reference", edits...) }

// changedPack is a shipped pack with edits.
func changedPack(t *testing.T, name string, edits ...edit) fs.FS {
	t.Helper()
	dir, err := rules.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	out := fstest.MapFS{}
	entries, err := fs.ReadDir(dir, ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		b, err := fs.ReadFile(dir, e.Name())
		if err != nil {
			t.Fatal(err)
		}
		out[e.Name()] = &fstest.MapFile{Data: b}
	}
	for _, e := range edits {
		if e.from == "" { // a new file, or the whole of one
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

// What may be wrong with weaker links.
func TestIdentityErrors(t *testing.T) {
	const code = "to_confirm:\n  code: identity_to_confirm\n"
	for _, c := range []struct {
		name  string
		edits []edit
		want  string
	}{
		{"strong effect", []edit{{"identity.yaml", "effect: needs_review", "effect: suspected_ineligible"}}, "may not carry suspected_ineligible"},
		{"code of another rule", []edit{{"identity.yaml", code, "to_confirm:\n  code: vehicle_owned\n"}}, `code "vehicle_owned" is given twice`},
		{"no words", []edit{{"identity.yaml", "  deceased_member:\n    title", "  deceased:\n    title"}}, `no words for "deceased_member"`},
		{"unknown key", []edit{{"identity.yaml", "policy: default", "polices: default"}}, `unknown key "polices"`},
		{"own policy missing", []edit{{"identity.yaml", "policy: default", "policy: own"}}, "the pack has no policy.yaml"},
		{"policy not used", []edit{{"policy.yaml", "", "name: x\n"}}, "policy.yaml is not used"},
		{"extends nothing", []edit{{"pack.yaml", "extends: reference", "extends: nobody"}}, "no such shipped pack"},
		{"extends no name", []edit{{"pack.yaml", "extends: reference", "extends: [reference]"}}, "no such shipped pack"},
		{"files missing", []edit{{"pack.yaml", "extends: reference\n", ""}}, "rules.yaml: file missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := rules.LoadFS(changedPack(t, "reference_links", c.edits...))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	for _, file := range []edit{{"policy.yaml", "", "name: x\n"}, {"rules.yaml", "fact: member.identity_conflicts", "fact: member.deceased"}} {
		if _, err := rules.LoadFS(changed(t, file)); err == nil || !strings.Contains(err.Error(), "identity.yaml") {
			t.Errorf("%s without identity.yaml: %v", file.file, err)
		}
	}
}

func TestErrors(t *testing.T) {
	cases := []struct {
		name  string
		edits []edit
	}{
		{"unknown_key", []edit{{"rules.yaml", "    effect: needs_review\n", "    efect: needs_review\n"}}},
		{"unknown_fact", []edit{{"rules.yaml", "fact: household.income\n", "fact: household.incomes\n"}}},
		{"unknown_parameter", []edit{{"rules.yaml", "{parameter: homes_allowed}", "{parameter: houses_allowed}"}}},
		{"unknown_set", []edit{{"rules.yaml", "count: homes", "count: houses"}}},
		{"unknown_code", []edit{{"assets.yaml", "motorcycle, tricycle", "motorcycle, trycicle"}}},
		{"unknown_effect", []edit{{"rules.yaml", "effect: needs_review", "effect: ineligible"}}},
		{"unknown_coverage", []edit{{"rules.yaml", "[missing, partial, not_authorized]", "[missing, late]"}}},
		{"unknown_factor", []edit{{"rules.yaml", "window_months, counted_members", "window_months, members"}}},
		{"unknown_file", []edit{{"rule.yaml", "", "rules: []\n"}}},
		{"missing_key", []edit{{"rules.yaml", "    per: line\n", ""}}},
		{"missing_words", []edit{{"messages.yaml", "  undeclared_vehicle:\n", "  undeclared_vehicles:\n"}}},
		{"missing_language", []edit{{"messages.yaml", "title: {zh: 车辆未申报, en: vehicle not declared}", "title: {zh: 车辆未申报}"}}},
		{"missing_income_type", []edit{{"income.yaml", "[wage, labour]", "[wage]"}}},
		{"income_type_twice", []edit{{"income.yaml", "[business]", "[business, wage]"}}},
		{"wrong_type", []edit{
			{"pack.yaml", "months: 12 ", "months: twelve "},
			{"parameters.yaml", "urban: 700.00", "urban: 700.005"},
			{"parameters.yaml", "value: 0,", "value: 0.5,"},
			{"rules.yaml", "unless_coverage: {tax: [missing, partial, not_authorized]}", "unless_coverage: tax"},
		}},
		{"money_against_count", []edit{{"rules.yaml", "{parameter: employment_months}", "{parameter: standard}"}}},
		{"wrong_scope", []edit{{"rules.yaml", "per: line", "per: member"}}},
		{"overlapping_dates", []edit{{
			"parameters.yaml", "    - {from: 0001-01-01, value: 1200.00",
			"    - {from: 2020-01-01, to: 2024-12-31, value: 1000.00, law: x, verified: true}\n    - {from: 2024-07-01, value: 1200.00",
		}}},
		{"gapped_dates", []edit{{
			"parameters.yaml", "    - {from: 0001-01-01, value: 1200.00",
			"    - {from: 2020-01-01, to: 2024-12-31, value: 1000.00, law: x, verified: true}\n    - {from: 2025-01-02, value: 1200.00",
		}}},
		{"no_such_date", []edit{{"parameters.yaml", "from: 0001-01-01, value: 3", "from: 2025-02-29, value: 3"}}},
		{"unused_parameter", []edit{{"parameters.yaml", "homes_allowed:\n", "spare:\n  doc: x\n  unit: count\n  values:\n    - {from: 0001-01-01, value: 1, law: x, verified: true}\n\nhomes_allowed:\n"}}},
		{"unused_set", []edit{{"assets.yaml", "  homes:\n", "  cabins:\n    of: unit\n    where: {kind: [other]}\n  homes:\n"}}},
		{"never_fires", []edit{
			{"rules.yaml", "unless_coverage: {tax: [missing, partial, not_authorized]}", "unless_coverage: {insurance: [partial, incomplete, stale, none, found]}"},
			{"parameters.yaml", "value: 3,", "value: 13,"},
			{"assets.yaml", "declared: [\"no\"]", "declared: {not: [\"no\", \"yes\", none]}"},
		}},
		{"always_fires", []edit{{"rules.yaml", "more_than: {parameter: none_allowed}", "at_least: {parameter: none_allowed}"}}},
		{"strong_effect_on_grade_b", []edit{{"rules.yaml", "    with_grade_b: {code: income_may_exceed_limit, effect: needs_review}\n", ""}}},
		{"code_twice", []edit{{"rules.yaml", "code: one_off_receipt", "code: identity_conflict"}}},
		{"fact_and_count", []edit{{"rules.yaml", "count: homes", "count: homes\n    fact: household.income"}}},
		{"not_yaml", []edit{{"income.yaml", "lines:\n", "lines: [\n"}}},
		{"not_a_mapping", []edit{{"pack.yaml", "", "- name\n"}}},
		{"empty_file", []edit{{"assets.yaml", "", "# nothing\n"}}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p, err := rules.LoadFS(changed(t, c.edits...))
			var list rules.Errors
			if p != nil || !errors.As(err, &list) || len(list) == 0 {
				t.Fatalf("pack %v, error %v", p, err)
			}
			got := err.Error() + "\n"
			path := filepath.Join("testdata", "errors", c.name+".txt")
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
		})
	}
}
