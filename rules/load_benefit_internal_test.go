package rules

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules/benefit"
)

const benefitYAML = `methods:
  - {from: 2012-12-12, to: 2021-06-30, method: difference, standard: standard, round: {unit: 1.00, direction: up}, minimum: minimum_benefit, law: L1}
  - from: 2021-07-01
    to: 2025-12-31
    method: tiers
    standard: standard
    tiers: [{below_percent: 30, amount: tier_one}, {below_percent: 100, amount: tier_two}]
    law: L2
  - {from: 2026-01-01, unresolved: the new text is not out, law: L3}
single_person:
  - {to: 2021-06-30, method: fixed, amount: single_person_amount, law: L4}
  - {from: 2021-07-01, method: difference, standard: standard, round: {unit: 0.10, direction: half_up}, law: L5}
add_ons:
  - {code: elderly, title: {zh: 老年人, en: old people}, who: {age_from: 70}, percent_of: standard, percent: elderly_percent, law: L6}
  - {code: severe, who: {relation: [head, spouse], sex: female, age_from: 16, age_under: 60, any_of: [severe_disability], none_of: [works]}, amount: severe_amount, law: L7}
tapering: {months: 6, when: employment, law: L8}
start: month_after_decision
`

const linkageYAML = `triggers:
  - {from: 2011-01-01, to: 2016-07-31, any_of: [{series: cpi, at_least: cpi_trigger, months: 3}, {series: grain, at_least: grain_trigger, months: 3}], law: L1}
  - {from: 2016-08-01, to: 2016-12-31, all_of: [{series: food, at_least: food_trigger, months: 1}], law: L2}
  - {from: 2017-01-01, unresolved: nobody knows, law: L3}
formula: {name: scpi/1, standard: standard, law: L4}
groups:
  - dibao
  - {code: dibao_edge, title: {zh: 低保边缘, en: near the line}, from: 2022-09-01, to: 2023-03-31, law: L5}
  - {code: dibao_edge, from: 2024-01-01, law: L6}
`

// read loads one file with a loader of its own.
func read[T any](text string, load func(*loader, node) T) (T, *loader) {
	l := newLoader()
	x := l.parse("file.yaml", []byte(text))
	out := load(l, x)
	l.errs.sort()
	return out, l
}

func loaded(l *loader) []string {
	var out []string
	for name := range l.used {
		out = append(out, strings.TrimPrefix(name, "parameter "))
	}
	slices.Sort(out)
	return out
}

func TestLoadBenefit(t *testing.T) {
	got, l := read(benefitYAML, (*loader).loadBenefit)
	if len(l.errs) > 0 {
		t.Fatal(l.errs)
	}
	want := &benefit.Plan{
		Methods: []benefit.Method{
			{Span: benefit.Span{From: 20121212, To: 20210630}, Kind: benefit.Difference, Standard: "standard", Round: benefit.Round{Unit: 100, Direction: household.RoundUp}, Minimum: "minimum_benefit", Law: "L1"},
			{
				Span: benefit.Span{From: 20210701, To: 20251231}, Kind: benefit.Tiers, Standard: "standard", Law: "L2",
				Tiers: []benefit.Tier{{BelowPercent: 30, Amount: "tier_one"}, {BelowPercent: 100, Amount: "tier_two"}},
			},
			{Span: benefit.Span{From: 20260101}, Unresolved: "the new text is not out", Law: "L3"},
		},
		Single: []benefit.Single{
			{Span: benefit.Span{To: 20210630}, Kind: benefit.Fixed, Amount: "single_person_amount", Law: "L4"},
			{Span: benefit.Span{From: 20210701}, Kind: benefit.Difference, Standard: "standard", Round: benefit.Round{Unit: 10, Direction: household.RoundHalfUp}, Law: "L5"},
		},
		AddOns: []benefit.AddOn{
			{Code: "elderly", Title: benefit.Text{Zh: "老年人", En: "old people"}, Who: benefit.Who{AgeFrom: 70}, PercentOf: "standard", Percent: "elderly_percent", Law: "L6"},
			{
				Code: "severe", Amount: "severe_amount", Law: "L7",
				Who: benefit.Who{Relations: 1<<1 | 1<<2, Sex: 2, AgeFrom: 16, AgeUnder: 60, AnyOf: []string{"severe_disability"}, NoneOf: []string{"works"}},
			},
		},
		Tapering: []benefit.Tapering{{Months: 6, When: benefit.RiseEmployment, Law: "L8"}},
		Start:    benefit.MonthAfterDecision,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	names := []string{"elderly_percent", "minimum_benefit", "severe_amount", "single_person_amount", "standard", "tier_one", "tier_two"}
	if diff := cmp.Diff(names, loaded(l)); diff != "" {
		t.Errorf("parameters named:\n%s", diff)
	}
}

func TestLoadLinkage(t *testing.T) {
	got, l := read(linkageYAML, (*loader).loadLinkage)
	if len(l.errs) > 0 {
		t.Fatal(l.errs)
	}
	want := &benefit.Linkage{
		Triggers: []benefit.Trigger{
			{Span: benefit.Span{From: 20110101, To: 20160731}, Law: "L1", Conditions: []benefit.Condition{
				{Series: benefit.CPI, AtLeast: "cpi_trigger", Months: 3}, {Series: benefit.Grain, AtLeast: "grain_trigger", Months: 3},
			}},
			{Span: benefit.Span{From: 20160801, To: 20161231}, Law: "L2", All: true, Conditions: []benefit.Condition{{Series: benefit.Food, AtLeast: "food_trigger", Months: 1}}},
			{Span: benefit.Span{From: 20170101}, Law: "L3", Unresolved: "nobody knows"},
		},
		Formulas: []benefit.LinkFormula{{Name: benefit.FormulaSCPI, Standard: "standard", Law: "L4"}},
		Groups: []benefit.Group{
			{Code: "dibao"},
			{Span: benefit.Span{From: 20220901, To: 20230331}, Code: "dibao_edge", Title: benefit.Text{Zh: "低保边缘", En: "near the line"}, Law: "L5"},
			{Span: benefit.Span{From: 20240101}, Code: "dibao_edge", Law: "L6"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"cpi_trigger", "food_trigger", "grain_trigger", "standard"}, loaded(l)); diff != "" {
		t.Errorf("parameters named:\n%s", diff)
	}
}

// fault is one change of a good file and the faults that it makes, as line:column
// and problem.
type fault struct {
	old, with string
	want      []string
}

func checkFaults[T any](t *testing.T, good string, load func(*loader, node) T, tests map[string]fault) {
	t.Helper()
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(good, tt.old, tt.with, 1)
			if text == good {
				t.Fatal("the case changes nothing")
			}
			_, l := read(text, load)
			var got []string
			for _, e := range l.errs {
				got = append(got, fmt.Sprintf("%d:%d %s", e.Line, e.Column, e.Problem))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestLoadBenefitFaults(t *testing.T) {
	checkFaults(t, benefitYAML, (*loader).loadBenefit, map[string]fault{
		"an unknown key":             {"start: month", "begin: month", []string{`1:1 missing key "start"`, `17:1 unknown key "begin"`}},
		"an unknown start":           {"month_after_decision", "today", []string{`17:8 unknown value "today"`}},
		"an unknown method":          {"method: tiers", "method: lottery", []string{`5:13 unknown value "lottery"`}},
		"fixed is for one person":    {"method: tiers", "method: fixed", []string{`5:13 unknown value "fixed"`}},
		"a gap":                      {"from: 2021-07-01\n", "from: 2021-07-02\n", []string{"3:5 dates have a gap after 2021-06-30"}},
		"an overlap":                 {"from: 2021-07-01\n", "from: 2021-06-30\n", []string{"3:5 dates overlap: the piece before is in force until 2021-06-30"}},
		"an open end before another": {"    to: 2025-12-31\n", "", []string{"8:5 dates overlap: the piece before has no end"}},
		"no beginning":               {"  - from: 2021-07-01\n    to", "  - to", []string{"3:5 dates overlap: it is in force from the beginning"}},
		"a date that is none":        {"from: 2021-07-01\n", "from: 2021-07-32\n", []string{`3:11 "2021-07-32" is not a date`}},
		"it ends before it begins":   {"to: 2025-12-31", "to: 2020-12-31", []string{"4:9 it ends before it begins"}},
		"no rounding":                {", round: {unit: 1.00, direction: up}", "", []string{`2:5 missing key "round"`}},
		"rounding to nothing":        {"unit: 1.00", "unit: 0.00", []string{"2:94 not a unit to round to"}},
		"rounding to a third fen":    {"unit: 1.00", "unit: 0.001", []string{`2:94 "0.001" is not an amount`}},
		"a direction":                {"direction: up", "direction: sideways", []string{`2:111 unknown value "sideways"`}},
		"tiers that fall":            {"below_percent: 100", "below_percent: 30", []string{"7:68 the tier before reaches 30"}},
		"no tiers":                   {"    tiers: [{below_percent: 30, amount: tier_one}, {below_percent: 100, amount: tier_two}]\n", "    tiers: []\n", []string{"7:12 an empty list"}},
		"tiers round nothing":        {"    method: tiers\n", "    method: tiers\n    round: {unit: 1.00, direction: up}\n", []string{`6:5 "round": tiers are amounts, nothing is divided`}},
		"a fixed amount and standard": {
			"amount: single_person_amount", "amount: single_person_amount, standard: standard", []string{`11:67 "standard": fixed is one amount`},
		},
		"a fixed amount of nothing":  {", amount: single_person_amount", "", []string{`11:5 missing key "amount"`}},
		"no law":                     {", law: L8", "", []string{`16:11 missing key "law"`}},
		"tapering for another cause": {"when: employment", "when: other", []string{`16:29 unknown value "other"`}},
		"an add-on for everybody":    {"who: {age_from: 70}", "who: {}", []string{"14:60 everybody is meant"}},
		"nobody":                     {"age_under: 60", "age_under: 16", []string{"15:90 nobody is of such an age"}},
		"an attribute twice":         {"[severe_disability]", "[severe_disability, severe_disability]", []string{`15:122 "severe_disability" is named twice`}},
		"an attribute of no form":    {"[works]", "[Works!]", []string{`15:133 "Works!" is not a name`}},
		"two amounts":                {"percent_of: standard", "amount: a, percent_of: standard", []string{`14:87 "percent_of": an amount is not a percentage`, `14:109 "percent": an amount is not a percentage`}},
		"no amount":                  {", amount: severe_amount", "", []string{"15:5 no amount"}},
		"a percentage of nothing":    {"percent_of: standard, ", "", []string{`14:5 missing key "percent_of"`}},
		"an add-on twice":            {"code: severe", "code: elderly", []string{"15:5 dates overlap: it is in force from the beginning"}},
		"a taken code":               {"code: severe", "code: tapering", []string{`15:12 "tapering" is the code of another line`}},
		"words in one language":      {", en: old people", "", []string{`14:28 missing key "en"`}},
		"several at once":            {"months: 6, when: employment", "months: 0, when: luck, why: x", []string{`16:20 "0" is not a number in range`, `16:29 unknown value "luck"`, `16:35 unknown key "why"`}},
		"no mapping":                 {benefitYAML, "- a\n", []string{"1:1 not a mapping"}},
		"no methods":                 {benefitYAML, "methods: []\nstart: month_after_decision\n", []string{"1:10 an empty list"}},
	})
}

func TestLoadLinkageFaults(t *testing.T) {
	checkFaults(t, linkageYAML, (*loader).loadLinkage, map[string]fault{
		"an unknown series":       {"series: grain", "series: pork", []string{`2:107 unknown value "pork"`}},
		"an unknown key":          {"at_least: food_trigger", "over: food_trigger", []string{`3:49 missing key "at_least"`, `3:64 unknown key "over"`}},
		"no months":               {"months: 1}", "months: 0}", []string{`3:96 "0" is not a number in range`}},
		"a middle of a month":     {"from: 2016-08-01", "from: 2016-08-15", []string{"3:5 dates have a gap after 2016-07-31", "3:12 prices are judged by whole months"}},
		"an end before the last":  {"to: 2016-07-31", "to: 2016-07-30", []string{"2:28 prices are judged by whole months", "3:5 dates have a gap after 2016-07-30"}},
		"a gap":                   {"to: 2016-07-31", "to: 2016-06-30", []string{"3:5 dates have a gap after 2016-06-30"}},
		"any and all":             {"all_of: [", "any_of: [{series: cpi, at_least: x, months: 1}], all_of: [", []string{`3:40 "any_of": all_of is given too`}},
		"neither any nor all":     {"all_of: [{series: food, at_least: food_trigger, months: 1}], ", "", []string{"3:5 no condition"}},
		"no condition":            {"all_of: [{series: food, at_least: food_trigger, months: 1}]", "all_of: []", []string{"3:48 an empty list"}},
		"an unknown formula":      {"scpi/1", "scpi/2", []string{`5:17 unknown value "scpi/2"`}},
		"a group without its law": {", law: L6", "", []string{`9:5 missing key "law"`}},
		"a group twice":           {"from: 2024-01-01", "from: 2023-03-01", []string{"9:5 dates overlap: the piece before is in force until 2023-03-31"}},
		"no group":                {linkageYAML[strings.Index(linkageYAML, "groups:"):], "groups: []\n", []string{"6:9 an empty list"}},
		"an unresolved with more": {"unresolved: nobody knows", "unresolved: nobody knows, any_of: []", []string{`4:50 unknown key "any_of"`}},
	})
}

func FuzzLoadBenefit(f *testing.F) {
	f.Add(benefitYAML)
	f.Add(linkageYAML)
	f.Fuzz(func(t *testing.T, text string) {
		// Whatever is written, it is read or refused with a place, and never panics.
		for _, errs := range []Errors{
			second(read(text, (*loader).loadBenefit)).errs,
			second(read(text, (*loader).loadLinkage)).errs,
		} {
			for _, e := range errs {
				if e.Problem == "" || e.Line < 0 || e.Error() == "" {
					t.Fatalf("%+v", e)
				}
			}
		}
	})
}

func second[A, B any](_ A, b B) B { return b }
