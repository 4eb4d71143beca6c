package mutate_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/situation/mutate"
)

// folder is a pack's folder in memory.
func folder(files map[string]string) fstest.MapFS {
	out := fstest.MapFS{}
	for name, content := range files {
		out[name] = &fstest.MapFile{Data: []byte(content)}
	}
	return out
}

// changes are the mutants of one file, each as what it says and the lines that differ.
func changes(t *testing.T, files map[string]string, file string) []string {
	t.Helper()
	ms, err := mutate.Mutants(folder(files), file)
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for i := range ms {
		out = append(out, ms[i].What+" => "+difference(strings.ReplaceAll(files[file], "\r\n", "\n"), string(ms[i].Content())))
	}
	return out
}

// difference is what of the changed text is not in the old one at its place.
func difference(old, changed string) string {
	a, b := strings.Split(old, "\n"), strings.Split(changed, "\n")
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return strings.Join(b, "|")
}

// kinds of mutation, each on the smallest text that shows it. A file that is named in
// others is only there for its names.
func TestEveryKindOfMutation(t *testing.T) {
	const parameters = "standard: {unit: fen, values: []}\nother: {unit: fen, values: []}\nallowed_count: {unit: count, values: []}\nedge: {unit: percent, values: []}\n"
	const attributes = "attributes: {student: {of: member}, ill: {of: member}, work_vehicle: {of: vehicle}}\nexpenses: {medical: {}, school: {}}\n"
	const sets = "sets: {cars: {of: vehicle}, trucks: {of: vehicle}, homes: {of: unit}}\n"
	cases := map[string]struct {
		file, content string
		others        map[string]string
		want          []string
	}{
		"money by a fen, counts by one, texts not at all": {
			file:    "parameters.yaml",
			content: "a:\n  doc: 3 of 4\n  unit: fen\n  values:\n    - {from: 0001-01-01, value: 700.00, law: 第 3 条, verified: true}\nb: {unit: count, values: [{from: 0001-01-01, value: 0}]}\n",
			want: []string{
				"a.unit: fen becomes count =>   unit: count", "a.unit: fen becomes percent =>   unit: percent",
				"a.unit: fen becomes permille =>   unit: permille", "a.unit: fen becomes area =>   unit: area",
				"a.values[1]: dropped => ",
				"a.values[1].from: dropped =>     - {value: 700.00, law: 第 3 条, verified: true}",
				"a.values[1].value: 700.00 becomes 700.01 =>     - {from: 0001-01-01, value: 700.01, law: 第 3 条, verified: true}",
				"a.values[1].value: 700.00 becomes 699.99 =>     - {from: 0001-01-01, value: 699.99, law: 第 3 条, verified: true}",
				"b.unit: count becomes fen => b: {unit: fen, values: [{from: 0001-01-01, value: 0}]}",
				"b.unit: count becomes percent => b: {unit: percent, values: [{from: 0001-01-01, value: 0}]}",
				"b.unit: count becomes permille => b: {unit: permille, values: [{from: 0001-01-01, value: 0}]}",
				"b.unit: count becomes area => b: {unit: area, values: [{from: 0001-01-01, value: 0}]}",
				"b.values[1]: dropped => b: {unit: count, values: []}",
				"b.values[1].from: dropped => b: {unit: count, values: [{value: 0}]}",
				"b.values[1].value: 0 becomes 1 => b: {unit: count, values: [{from: 0001-01-01, value: 1}]}",
				"b.values[1].value: 0 becomes -1 => b: {unit: count, values: [{from: 0001-01-01, value: -1}]}",
			},
		},
		"dates alone and both sides of a border": {
			file:    "overlays/340100/parameters.yaml",
			content: "standard:\n  values:\n    - {from: 2024-01-01, to: 2024-02-29, value: 1.00}\n    - {from: 2024-03-01, inherit: true}\n",
			others:  map[string]string{"parameters.yaml": parameters},
			want: []string{
				"standard.values[1]: dropped => ",
				"standard.values[1].from: 2024-01-01 becomes 2024-01-02 =>     - {from: 2024-01-02, to: 2024-02-29, value: 1.00}",
				"standard.values[1].from: 2024-01-01 becomes 2023-12-31 =>     - {from: 2023-12-31, to: 2024-02-29, value: 1.00}",
				"standard.values[1].from: dropped =>     - {to: 2024-02-29, value: 1.00}",
				"standard.values[1].to and the next: 2024-02-29 | 2024-03-01 becomes 2024-03-01 | 2024-03-02 =>     - {from: 2024-01-01, to: 2024-03-01, value: 1.00}|    - {from: 2024-03-02, inherit: true}",
				"standard.values[1].to and the next: 2024-02-29 | 2024-03-01 becomes 2024-02-28 | 2024-02-29 =>     - {from: 2024-01-01, to: 2024-02-28, value: 1.00}|    - {from: 2024-02-29, inherit: true}",
				"standard.values[1].to: 2024-02-29 becomes 2024-03-01 =>     - {from: 2024-01-01, to: 2024-03-01, value: 1.00}",
				"standard.values[1].to: 2024-02-29 becomes 2024-02-28 =>     - {from: 2024-01-01, to: 2024-02-28, value: 1.00}",
				"standard.values[1].value: 1.00 becomes 1.01 =>     - {from: 2024-01-01, to: 2024-02-29, value: 1.01}",
				"standard.values[1].value: 1.00 becomes 0.99 =>     - {from: 2024-01-01, to: 2024-02-29, value: 0.99}",
				"standard.values[2]: dropped => ",
				"standard.values[2].from: 2024-03-01 becomes 2024-03-02 =>     - {from: 2024-03-02, inherit: true}",
				"standard.values[2].from: 2024-03-01 becomes 2024-02-29 =>     - {from: 2024-02-29, inherit: true}",
				"standard.values[2].from: dropped =>     - {inherit: true}",
				"standard.values[2].inherit: dropped =>     - {from: 2024-03-01}",
				"standard.values[2].inherit: true becomes false =>     - {from: 2024-03-01, inherit: false}",
			},
		},
		"a rule: operator, names, factors, weaker forms": {
			file:    "rules.yaml",
			content: "rules:\n  - code: x\n    count: cars\n    more_than: {parameter: standard, times: [12]}\n    with_grade_b: {effect: needs_review}\n    law: …\n",
			others:  map[string]string{"parameters.yaml": parameters, "assets.yaml": sets},
			want: []string{
				"rules[x]: dropped => ",
				"rules[x].count: cars becomes trucks =>     count: trucks",
				"rules[x].count: cars becomes homes =>     count: homes",
				"rules[x].more_than becomes at_least =>     at_least: {parameter: standard, times: [12]}",
				"rules[x].more_than.parameter: standard becomes other =>     more_than: {parameter: other, times: [12]}",
				"rules[x].more_than.times: dropped =>     more_than: {parameter: standard}",
				"rules[x].more_than.times: 12 dropped =>     more_than: {parameter: standard, times: []}",
				"rules[x].more_than.times: 2 added =>     more_than: {parameter: standard, times: [12, 2]}",
				"rules[x].more_than.times: window_months added =>     more_than: {parameter: standard, times: [12, window_months]}",
				"rules[x].more_than.times: counted_members added =>     more_than: {parameter: standard, times: [12, counted_members]}",
				"rules[x].more_than.times: edge added =>     more_than: {parameter: standard, times: [12, edge]}",
				"rules[x].more_than.times[1]: 12 becomes 13 =>     more_than: {parameter: standard, times: [13]}",
				"rules[x].more_than.times[1]: 12 becomes 11 =>     more_than: {parameter: standard, times: [11]}",
				"rules[x].with_grade_b: dropped => ",
				"rules[x].with_grade_b.effect: needs_review becomes suspected_ineligible =>     with_grade_b: {effect: suspected_ineligible}",
			},
		},
		"of a rule whose limit nobody knows the dates": {
			file:    "rules.yaml",
			content: "rules:\n  - {code: a, from: 2026-01-01, more_than: {parameter: wage, times: [12]}, effect: needs_review}\n",
			others:  map[string]string{"parameters.yaml": "wage: {unit: fen, values: [{from: 2026-01-01, unresolved: 未定}]}\n"},
			want: []string{
				"rules[a]: dropped => ",
				"rules[a].from: dropped =>   - {code: a, more_than: {parameter: wage, times: [12]}, effect: needs_review}",
				"rules[a].from: 2026-01-01 becomes 2026-01-02 =>   - {code: a, from: 2026-01-02, more_than: {parameter: wage, times: [12]}, effect: needs_review}",
				"rules[a].from: 2026-01-01 becomes 2025-12-31 =>   - {code: a, from: 2025-12-31, more_than: {parameter: wage, times: [12]}, effect: needs_review}",
			},
		},
		"rules of an overlay only when neither takes the place of another": {
			file:    "overlays/340100/rules.yaml",
			content: "rules:\n  - {code: a, law: …}\n  - {code: x, law: …}\n  - {code: y, law: …}\n",
			others:  map[string]string{"rules.yaml": "rules:\n  - {code: a, law: …}\n"},
			want: []string{
				"rules[a]: dropped => ",
				"rules[x]: dropped => ",
				"rules[x]: exchanged with the next =>   - {code: y, law: …}|  - {code: x, law: …}",
				"rules[y]: dropped => ",
			},
		},
		"rules that follow each other change places": {
			file:    "rules.yaml",
			content: "rules:\n  - code: a\n    law: …\n  # about b\n  - code: b\n    law: …\n",
			want: []string{
				"rules[a]: dropped => ",
				"rules[a]: exchanged with the next =>   - code: b|    law: …|  # about b|  - code: a",
				"rules[b]: dropped => ",
			},
		},
		"rules of different times do not change places": {
			file:    "rules.yaml",
			content: "rules:\n  - {code: a, to: 2021-06-30}\n  - {code: b, from: 2021-07-01}\n  - {code: c, to: 2021-07-01}\n",
			want: []string{
				"rules[a]: dropped => ",
				"rules[a].to: dropped =>   - {code: a}",
				"rules[a].to and the next: 2021-06-30 | 2021-07-01 becomes 2021-07-01 | 2021-07-02 =>   - {code: a, to: 2021-07-01}|  - {code: b, from: 2021-07-02}",
				"rules[a].to and the next: 2021-06-30 | 2021-07-01 becomes 2021-06-29 | 2021-06-30 =>   - {code: a, to: 2021-06-29}|  - {code: b, from: 2021-06-30}",
				"rules[a].to: 2021-06-30 becomes 2021-07-01 =>   - {code: a, to: 2021-07-01}",
				"rules[a].to: 2021-06-30 becomes 2021-06-29 =>   - {code: a, to: 2021-06-29}",
				"rules[b]: dropped => ",
				"rules[b]: exchanged with the next =>   - {code: c, to: 2021-07-01}|  - {code: b, from: 2021-07-01}",
				"rules[b].from: dropped =>   - {code: b}",
				"rules[b].from: 2021-07-01 becomes 2021-07-02 =>   - {code: b, from: 2021-07-02}",
				"rules[b].from: 2021-07-01 becomes 2021-06-30 =>   - {code: b, from: 2021-06-30}",
				"rules[c]: dropped => ",
				"rules[c].to: dropped =>   - {code: c}",
				"rules[c].to: 2021-07-01 becomes 2021-07-02 =>   - {code: c, to: 2021-07-02}",
				"rules[c].to: 2021-07-01 becomes 2021-06-30 =>   - {code: c, to: 2021-06-30}",
			},
		},
		"sources of a coverage condition": {
			file:    "rules.yaml",
			content: "rules:\n  - {code: a, unless_coverage: {tax: [missing, partial, not_authorized, incomplete, stale, none]}}\n",
			want: []string{
				"rules[a]: dropped => ",
				"rules[a].unless_coverage: dropped =>   - {code: a}",
				"rules[a].unless_coverage.tax: dropped =>   - {code: a, unless_coverage: {}}",
				"rules[a].unless_coverage.tax becomes vehicle =>   - {code: a, unless_coverage: {vehicle: [missing, partial, not_authorized, incomplete, stale, none]}}",
				"rules[a].unless_coverage.tax becomes property =>   - {code: a, unless_coverage: {property: [missing, partial, not_authorized, incomplete, stale, none]}}",
				"rules[a].unless_coverage.tax becomes bank =>   - {code: a, unless_coverage: {bank: [missing, partial, not_authorized, incomplete, stale, none]}}",
				"rules[a].unless_coverage.tax becomes insurance =>   - {code: a, unless_coverage: {insurance: [missing, partial, not_authorized, incomplete, stale, none]}}",
				"rules[a].unless_coverage.tax: found added =>   - {code: a, unless_coverage: {tax: [missing, partial, not_authorized, incomplete, stale, none, found]}}",
				"rules[a].unless_coverage.tax: missing dropped =>   - {code: a, unless_coverage: {tax: [partial, not_authorized, incomplete, stale, none]}}",
				"rules[a].unless_coverage.tax[1]: missing becomes found =>   - {code: a, unless_coverage: {tax: [found, partial, not_authorized, incomplete, stale, none]}}",
				"rules[a].unless_coverage.tax: partial dropped =>   - {code: a, unless_coverage: {tax: [missing, not_authorized, incomplete, stale, none]}}",
				"rules[a].unless_coverage.tax[2]: partial becomes found =>   - {code: a, unless_coverage: {tax: [missing, found, not_authorized, incomplete, stale, none]}}",
				"rules[a].unless_coverage.tax: not_authorized dropped =>   - {code: a, unless_coverage: {tax: [missing, partial, incomplete, stale, none]}}",
				"rules[a].unless_coverage.tax[3]: not_authorized becomes found =>   - {code: a, unless_coverage: {tax: [missing, partial, found, incomplete, stale, none]}}",
				"rules[a].unless_coverage.tax: incomplete dropped =>   - {code: a, unless_coverage: {tax: [missing, partial, not_authorized, stale, none]}}",
				"rules[a].unless_coverage.tax[4]: incomplete becomes found =>   - {code: a, unless_coverage: {tax: [missing, partial, not_authorized, found, stale, none]}}",
				"rules[a].unless_coverage.tax: stale dropped =>   - {code: a, unless_coverage: {tax: [missing, partial, not_authorized, incomplete, none]}}",
				"rules[a].unless_coverage.tax[5]: stale becomes found =>   - {code: a, unless_coverage: {tax: [missing, partial, not_authorized, incomplete, found, none]}}",
				"rules[a].unless_coverage.tax: none dropped =>   - {code: a, unless_coverage: {tax: [missing, partial, not_authorized, incomplete, stale]}}",
				"rules[a].unless_coverage.tax[6]: none becomes found =>   - {code: a, unless_coverage: {tax: [missing, partial, not_authorized, incomplete, stale, found]}}",
			},
		},
		"conditions of a person": {
			file:    "members.yaml",
			content: "members:\n  - include:\n      - who: {sex: male, age_under: 18, any_of: [student]}\n",
			others:  map[string]string{"attributes.yaml": attributes},
			want: []string{
				"members[1]: dropped => ",
				"members[1].include[1]: dropped => ",
				"members[1].include[1].who.sex: dropped =>       - who: {age_under: 18, any_of: [student]}",
				"members[1].include[1].who.sex: male becomes female =>       - who: {sex: female, age_under: 18, any_of: [student]}",
				"members[1].include[1].who.age_under: 18 becomes 19 =>       - who: {sex: male, age_under: 19, any_of: [student]}",
				"members[1].include[1].who.age_under: 18 becomes 17 =>       - who: {sex: male, age_under: 17, any_of: [student]}",
				"members[1].include[1].who.age_under: dropped =>       - who: {sex: male, any_of: [student]}",
				"members[1].include[1].who.any_of: dropped =>       - who: {sex: male, age_under: 18}",
				"members[1].include[1].who.any_of becomes none_of =>       - who: {sex: male, age_under: 18, none_of: [student]}",
				"members[1].include[1].who.any_of: ill added =>       - who: {sex: male, age_under: 18, any_of: [student, ill]}",
				"members[1].include[1].who.any_of: student dropped =>       - who: {sex: male, age_under: 18, any_of: []}",
				"members[1].include[1].who.any_of[1]: student becomes ill =>       - who: {sex: male, age_under: 18, any_of: [ill]}",
			},
		},
		"an expression": {
			file:    "rules.yaml",
			content: "rules:\n  - code: a\n    when: household.income >= 5 && !household.any.ill\n",
			others:  map[string]string{"attributes.yaml": attributes},
			want: []string{
				"rules[a]: dropped => ",
				"rules[a].when: dropped => ",
				"rules[a].when: word 1, household.income becomes household.declared_income =>     when: household.declared_income >= 5 && !household.any.ill",
				"rules[a].when: word 1, household.income becomes household.financial_assets =>     when: household.financial_assets >= 5 && !household.any.ill",
				"rules[a].when: word 1, household.income becomes household.undeclared_financial_assets =>     when: household.undeclared_financial_assets >= 5 && !household.any.ill",
				"rules[a].when: word 1, household.income becomes household.imputed =>     when: household.imputed >= 5 && !household.any.ill",
				"rules[a].when: word 1, household.income becomes household.support =>     when: household.support >= 5 && !household.any.ill",
				"rules[a].when: word 1, household.income becomes household.deductions =>     when: household.deductions >= 5 && !household.any.ill",
				"rules[a].when: part 1 dropped =>     when: !household.any.ill",
				"rules[a].when: turned around =>     when: '!(household.income >= 5 && !household.any.ill)'",
				"rules[a].when: word 2, >= becomes > =>     when: household.income > 5 && !household.any.ill",
				"rules[a].when: word 2, >= becomes < =>     when: household.income < 5 && !household.any.ill",
				"rules[a].when: word 3, 5 becomes 6 =>     when: household.income >= 6 && !household.any.ill",
				"rules[a].when: word 3, 5 becomes 4 =>     when: household.income >= 4 && !household.any.ill",
				"rules[a].when: part 2 dropped =>     when: household.income >= 5",
				"rules[a].when: word 4, && becomes || =>     when: household.income >= 5 || !household.any.ill",
				"rules[a].when: word 5, ! dropped =>     when: household.income >= 5 && household.any.ill",
				"rules[a].when: word 6, household.any.ill becomes household.any.student =>     when: household.income >= 5 && !household.any.student",
			},
		},
		"a quoted expression and its constants": {
			file:    "rules.yaml",
			content: "rules:\n  - code: a\n    condition: 'member.sex == \"male\"'\n    if_unknown: silent\n",
			want: []string{
				"rules[a]: dropped => ",
				"rules[a].condition: dropped => ",
				"rules[a].condition: turned around =>     condition: '!(member.sex == \"male\")'",
				"rules[a].condition: word 2, == becomes != =>     condition: 'member.sex != \"male\"'",
				"rules[a].condition: word 3, \"male\" becomes \"female\" =>     condition: 'member.sex == \"female\"'",
				"rules[a].if_unknown: dropped => ",
				"rules[a].if_unknown: silent becomes needs_review =>     if_unknown: needs_review",
			},
		},
		"lists on lines of their own, with a carriage return": {
			file:    "pack.yaml",
			content: "name: 包\r\npurpose:\r\n  reads:\r\n    - tax # 税务\r\n    - sex\r\nlast: 1\r\n",
			want: []string{
				"purpose: dropped => ",
				"purpose.reads: dropped => ",
				"purpose.reads: tax dropped => ",
				"purpose.reads: sex dropped => ",
				"purpose.reads: vehicle added =>     - vehicle", "purpose.reads: property added =>     - property", "purpose.reads: bank added =>     - bank",
				"purpose.reads: insurance added =>     - insurance", "purpose.reads: attributes added =>     - attributes",
				"purpose.reads: obligors added =>     - obligors", "purpose.reads: expenses added =>     - expenses",
				"purpose.reads[1]: tax becomes vehicle =>     - vehicle # 税务", "purpose.reads[1]: tax becomes property =>     - property # 税务",
				"purpose.reads[1]: tax becomes bank =>     - bank # 税务", "purpose.reads[1]: tax becomes insurance =>     - insurance # 税务",
				"purpose.reads[1]: tax becomes attributes =>     - attributes # 税务", "purpose.reads[1]: tax becomes obligors =>     - obligors # 税务",
				"purpose.reads[1]: tax becomes expenses =>     - expenses # 税务",
				"purpose.reads[2]: sex becomes vehicle =>     - vehicle", "purpose.reads[2]: sex becomes property =>     - property",
				"purpose.reads[2]: sex becomes bank =>     - bank", "purpose.reads[2]: sex becomes insurance =>     - insurance",
				"purpose.reads[2]: sex becomes attributes =>     - attributes", "purpose.reads[2]: sex becomes obligors =>     - obligors",
				"purpose.reads[2]: sex becomes expenses =>     - expenses",
				"last: dropped => ", "last: 1 becomes 2 => last: 2", "last: 1 becomes 0 => last: 0",
			},
		},
		"an expression of several lines": {
			file:    "rules.yaml",
			content: "rules:\n  - code: a\n    when: >-\n      household.adults < 2 ||\n      household.single_person\n    law: …\n",
			want: []string{
				"rules[a]: dropped => ",
				"rules[a].when: dropped => ",
				"rules[a].when: word 1, household.adults becomes household.members =>       household.members < 2 ||",
				"rules[a].when: word 1, household.adults becomes household.obligors =>       household.obligors < 2 ||",
				"rules[a].when: word 1, household.adults becomes household.obligors_able =>       household.obligors_able < 2 ||",
				"rules[a].when: word 2, < becomes <= =>       household.adults <= 2 ||",
				"rules[a].when: word 2, < becomes > =>       household.adults > 2 ||",
				"rules[a].when: word 3, 2 becomes 3 =>       household.adults < 3 ||",
				"rules[a].when: word 3, 2 becomes 1 =>       household.adults < 1 ||",
				"rules[a].when: word 4, || becomes && =>       household.adults < 2 &&",
				"rules[a].when: part 1 dropped => ",
				"rules[a].when: part 2 dropped =>       household.adults < 2",
				"rules[a].when: turned around =>       !(household.adults < 2 |||      household.single_person)",
			},
		},
		"selections of a set": {
			file:    "assets.yaml",
			content: "sets:\n  units: {of: unit, where: {status: [current, demolished], declared: [\"no\"]}}\n  cars:\n    of: vehicle\n    where:\n      use: {not: [private]}\nsheet: {vehicles: cars}\n",
			want: []string{
				"sets: dropped => ",
				"sets.units: dropped => ",
				"sets.units.of: unit becomes vehicle =>   units: {of: vehicle, where: {status: [current, demolished], declared: [\"no\"]}}",
				"sets.units.of: unit becomes account =>   units: {of: account, where: {status: [current, demolished], declared: [\"no\"]}}",
				"sets.units.where: dropped =>   units: {of: unit}",
				"sets.units.where.status: dropped =>   units: {of: unit, where: {declared: [\"no\"]}}",
				"sets.units.where.status: transferred added =>   units: {of: unit, where: {status: [current, demolished, transferred], declared: [\"no\"]}}",
				"sets.units.where.status: turned around =>   units: {of: unit, where: {status: {not: [current, demolished]}, declared: [\"no\"]}}",
				"sets.units.where.status: current dropped =>   units: {of: unit, where: {status: [demolished], declared: [\"no\"]}}",
				"sets.units.where.status[1]: current becomes transferred =>   units: {of: unit, where: {status: [transferred, demolished], declared: [\"no\"]}}",
				"sets.units.where.declared: dropped =>   units: {of: unit, where: {status: [current, demolished]}}",
				"sets.units.where.status: demolished dropped =>   units: {of: unit, where: {status: [current], declared: [\"no\"]}}",
				"sets.units.where.status[2]: demolished becomes transferred =>   units: {of: unit, where: {status: [current, transferred], declared: [\"no\"]}}",
				"sets.units.where.declared: yes added =>   units: {of: unit, where: {status: [current, demolished], declared: [\"no\", \"yes\"]}}",
				"sets.units.where.declared: turned around =>   units: {of: unit, where: {status: [current, demolished], declared: {not: [\"no\"]}}}",
				"sets.units.where.declared: no dropped =>   units: {of: unit, where: {status: [current, demolished], declared: []}}",
				"sets.units.where.declared[1]: \"no\" becomes \"yes\" =>   units: {of: unit, where: {status: [current, demolished], declared: [\"yes\"]}}",
				"sets.cars: dropped => ",
				"sets.cars.of: vehicle becomes unit =>     of: unit",
				"sets.cars.of: vehicle becomes account =>     of: account",
				"sets.cars.where: dropped => ",
				"sets.cars.where.use: dropped => ",
				"sets.cars.where.use.not: dropped, its values taken =>       use: [private]",
				"sets.cars.where.use.not: dropped =>       use: {}",
				"sets.cars.where.use.not: commercial added =>       use: {not: [private, commercial]}",
				"sets.cars.where.use.not: none added =>       use: {not: [private, none]}",
				"sets.cars.where.use.not: private dropped =>       use: {not: []}",
				"sets.cars.where.use.not[1]: private becomes commercial =>       use: {not: [commercial]}",
				"sets.cars.where.use.not[1]: private becomes none =>       use: {not: [none]}",
			},
		},
		"months of receipt": {
			file:    "adjustments.yaml",
			content: "deductions:\n  - {code: a, months: 2021-01..2021-12}\n  - {code: b, months: 2022-01..2022-12}\n",
			want: []string{
				"deductions[a]: dropped => ",
				"deductions[a].months: dropped =>   - {code: a}",
				"deductions[a].months and the next: 2021-01..2021-12 | 2022-01..2022-12 becomes 2021-01..2022-01 | 2022-02..2022-12 =>   - {code: a, months: 2021-01..2022-01}|  - {code: b, months: 2022-02..2022-12}",
				"deductions[a].months and the next: 2021-01..2021-12 | 2022-01..2022-12 becomes 2021-01..2021-11 | 2021-12..2022-12 =>   - {code: a, months: 2021-01..2021-11}|  - {code: b, months: 2021-12..2022-12}",
				"deductions[a].months: 2021-01..2021-12 becomes 2021-02..2021-12 =>   - {code: a, months: 2021-02..2021-12}",
				"deductions[a].months: 2021-01..2021-12 becomes 2020-12..2021-12 =>   - {code: a, months: 2020-12..2021-12}",
				"deductions[a].months: 2021-01..2021-12 becomes 2021-01..2022-01 =>   - {code: a, months: 2021-01..2022-01}",
				"deductions[a].months: 2021-01..2021-12 becomes 2021-01..2021-11 =>   - {code: a, months: 2021-01..2021-11}",
				"deductions[b]: dropped => ",
				"deductions[b].months: dropped =>   - {code: b}",
				"deductions[b].months: 2022-01..2022-12 becomes 2022-02..2022-12 =>   - {code: b, months: 2022-02..2022-12}",
				"deductions[b].months: 2022-01..2022-12 becomes 2021-12..2022-12 =>   - {code: b, months: 2021-12..2022-12}",
				"deductions[b].months: 2022-01..2022-12 becomes 2022-01..2023-01 =>   - {code: b, months: 2022-01..2023-01}",
				"deductions[b].months: 2022-01..2022-12 becomes 2022-01..2022-11 =>   - {code: b, months: 2022-01..2022-11}",
			},
		},
		"a kind of income is treated otherwise": {
			file:    "income.yaml",
			content: "lines:\n  # by line\n  - {source: tax, income_type: [wage, labour], line: wage, amount: {of: income, floor: 0}}\nexcluded:\n  - {source: insurance, role: receiving, scheme: [injury], months: 2021-01..2021-12}\n",
			want: []string{
				"lines[1].income_type: labour becomes lines business =>   - {source: tax, income_type: [labour], line: business, amount: {of: income, floor: 0}}|  - {source: tax, income_type: [wage], line: wage, amount: {of: income, floor: 0}}",
				"lines[1].income_type: labour becomes not_income =>   - {source: tax, income_type: [wage], line: wage, amount: {of: income, floor: 0}}|excluded:|  - {source: insurance, role: receiving, scheme: [injury], months: 2021-01..2021-12}||not_income:|  - {source: tax, income_type: [labour]}",
				"excluded[1].scheme: injury becomes lines property =>   - {source: insurance, role: receiving, scheme: [injury], months: 2021-01..2021-12, line: property, amount: {of: benefit, floor: 0}}|  - {source: tax, income_type: [wage, labour], line: wage, amount: {of: income, floor: 0}}",
			},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{c.file: c.content}
			maps.Copy(files, c.others)
			got := changes(t, files, c.file)
			if c.file == "income.yaml" { // the rest is drops and words, which others show
				got = slices.DeleteFunc(got, func(s string) bool { return !slices.Contains(c.want, s) })
			}
			slices.Sort(got)
			slices.Sort(c.want)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("mutants (-want +got):\n%s", diff)
			}
		})
	}
}

// What says the same in other words is no mutant.
func TestTheSameLawIsNoMutant(t *testing.T) {
	const content = "members:\n  - {to: 2021-06-30, include: [{relation: [head, spouse]}, {relation: [child], any_of: [student]}, {relation: [other], any_of: [student, ill]}]}\n  - {from: 2021-07-01, to: 2022-12-31}\n"
	ms, err := mutate.Mutants(fstest.MapFS{
		"members.yaml":    {Data: []byte(content)},
		"attributes.yaml": {Data: []byte("attributes: {student: {of: member}, ill: {of: member}}\n")},
	}, "members.yaml")
	if err != nil {
		t.Fatal(err)
	}
	is := map[string]bool{}
	for i := range ms {
		is[ms[i].What] = true
	}
	for what, want := range map[string]bool{
		"members[1].to: dropped":                                 false, // the next text begins
		"members[2].to: dropped":                                 true,
		"members[1].include[2].relation: head added":             false, // the head belongs anyway
		"members[1].include[2].relation: parent added":           true,
		"members[1].include[1].relation: child added":            true,
		"members[1].include[2].any_of becomes all_of":            false, // of one
		"members[1].include[3].any_of becomes all_of":            true,
		"members[1].include[2].any_of becomes none_of":           true,
		"members[1].include[2].relation[1]: child becomes other": true,
	} {
		if is[what] != want {
			t.Errorf("%s: %v", what, !want)
		}
	}
}
