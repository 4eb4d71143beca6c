package mutate_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/situation/mutate"
)

func gaps(t *testing.T, dir fstest.MapFS) []string {
	t.Helper()
	c, err := mutate.Cover(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for _, g := range c.Gaps {
		if g.Line < 1 || g.Column < 1 {
			t.Errorf("%s has no place", g.What)
		}
		out = append(out, g.File+" "+string(g.Kind)+" "+g.What)
	}
	return out
}

// few is a pack with the reference rules and few situations.
func few(t *testing.T, situations string) fstest.MapFS {
	t.Helper()
	dir := reference(t)
	for name := range dir {
		if bytes.HasPrefix([]byte(name), []byte("tests/")) {
			delete(dir, name)
		}
	}
	dir["tests/few.yaml"] = &fstest.MapFile{Data: []byte("on: 2026-11-01\nsituations:\n" + situations)}
	return dir
}

func TestCoverageOfReferenceIsWhole(t *testing.T) {
	if diff := cmp.Diff([]string{}, gaps(t, reference(t))); diff != "" {
		t.Error(diff)
	}
}

func TestCoverageNamesWhatIsMissing(t *testing.T) {
	const over = `
  - name: over, on grade A
    request: {members: [{declared: {wage: 700.00}}]}
    expect: {outcome: suspected_ineligible, findings: [{code: income_over_limit}]}
`
	const below = `
  - name: one fen below
    request: {members: [{declared: {wage: 699.99}}]}
    records: [{tax: 1, periods: [2026-05], income: 8399.99}]
    expect: {outcome: no_discrepancy}
`
	const farBelow = `
  - name: far below
    request: {members: [{declared: {wage: 100.00}}]}
    expect: {outcome: no_discrepancy}
`
	const weak = `
  - name: over, on grade B alone
    request: {members: [{declared: {wage: 699.99}}]}
    sources: {tax: [{as_of: 2026-05-04}]}
    records: [{tax: 1, periods: [2026-04], income: 8400.00}]
    expect: {outcome: needs_review, findings: [{code: income_may_exceed_limit, grade: B}]}
`
	const (
		noA    = "rules.yaml never_fires rules[income_over_limit]: no situation makes it fire on grade A"
		noB    = "rules.yaml never_fires rules[income_over_limit]: no situation makes it fire on grade B alone"
		noNear = "rules.yaml never_near rules[income_over_limit]: no situation leaves it silent just short of the limit"
	)
	all := []string{noA, noB, noNear}
	cases := map[string]struct {
		situations string
		want       []string
	}{
		"nothing near":      {farBelow, all},
		"only over":         {over, []string{noB, noNear}},
		"over and near":     {over + below, []string{noB}},
		"over on B alone":   {weak, []string{noA, noNear}},
		"everything":        {over + below + weak, nil},
		"only far and over": {over + farBelow + weak, []string{noNear}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := slices.DeleteFunc(gaps(t, few(t, c.situations)), func(s string) bool { return !slices.Contains(all, s) })
			if diff := cmp.Diff(append([]string{}, c.want...), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCoverageNamesDatedValuesNotReached(t *testing.T) {
	dir := reference(t)
	one := []byte("    - {from: 0001-01-01, value: 3, law: 参考包 §就业, verified: true}")
	three := []byte("    - {from: 0001-01-01, value: 3, law: 参考包 §就业, verified: true}\n" +
		"    - {from: 2026-11-02, to: 2030-12-31, value: 3, law: 参考包 §就业, verified: true}\n" +
		"    - {from: 2031-01-01, value: 3, law: 参考包 §就业, verified: true}")
	dir["parameters.yaml"] = &fstest.MapFile{Data: bytes.Replace(dir["parameters.yaml"].Data, one, three, 1)}
	want := []string{"parameters.yaml never_reached employment_months.values[3]: no situation while it is in force"}
	if diff := cmp.Diff(want, gaps(t, dir)); diff != "" {
		t.Error(diff)
	}
}

func TestCoverageRefusesWhatFails(t *testing.T) {
	if _, err := mutate.Cover(t.Context(), few(t, "  - {name: x, request: {members: [{}]}, expect: {outcome: refused}}\n")); err == nil {
		t.Error("the situation fails and nothing was said")
	}
}

// A rule of which nobody knows the law can't fire, so it is no gap, as long as a
// situation shows that.
func TestCoverageOfARuleThatNobodyKnowsTheLawOf(t *testing.T) {
	const open = `
  - name: nobody knows
    request: {members: [{declared: {wage: 700.00}}]}
    expect: {outcome: unverifiable, findings: [{code: law_unresolved, item: income_over_limit}]}
`
	for name, tt := range map[string]struct {
		situations string
		want       bool
	}{
		"shown":     {open, false},
		"not shown": {"  - name: refused\n    request: {members: [{}], authorization: {none: true}}\n    expect: {outcome: refused, findings: [{code: authorization_missing}]}\n", true},
	} {
		t.Run(name, func(t *testing.T) {
			dir := few(t, tt.situations)
			text := string(dir["rules.yaml"].Data)
			text = strings.Replace(text, "    shown_as: income_limit\n", "    shown_as: income_limit\n    unresolved: 未定\n", 1)
			dir["rules.yaml"] = &fstest.MapFile{Data: []byte(text)}
			words := strings.Replace(string(dir["messages.yaml"].Data), "findings:\n", "findings:\n  law_unresolved:\n    title: {zh: 未定, en: open}\n    text: {zh: 未定, en: open}\n    clear: {zh: 未定, en: open}\n", 1)
			dir["messages.yaml"] = &fstest.MapFile{Data: []byte(words)}
			if got := slices.ContainsFunc(gaps(t, dir), func(g string) bool { return strings.Contains(g, "rules[income_over_limit]: no situation") }); got != tt.want {
				t.Errorf("a gap: %t, want %t", got, tt.want)
			}
		})
	}
}

// A situation in a region does not reach what the region has its own text for: that it
// lies in the country, too, shows nothing of the country's text.
func TestCoverageTellsTheCountryFromARegion(t *testing.T) {
	const at = `
  - name: over in Hefei
    request: {region: "340104", members: [{declared: {wage: 800.00}}]}
    expect: {outcome: suspected_ineligible, findings: [{code: income_over_limit}]}
`
	const elsewhere = `
  - name: over elsewhere
    request: {region: "340200", members: [{declared: {wage: 800.00}}]}
    expect: {outcome: suspected_ineligible, findings: [{code: income_over_limit}]}
`
	const (
		country = "parameters.yaml never_reached standard.values[1]: no situation while it is in force"
		rule    = "rules.yaml never_fires rules[income_over_limit]: no situation makes it fire on grade A"
		own     = "overlays/340100-hefei/rules.yaml never_fires rules[income_over_limit]: no situation makes it fire on grade A"
		value   = "overlays/340100-hefei/parameters.yaml never_reached standard.values[1]: no situation while it is in force"
		later   = "overlays/340100-hefei/parameters.yaml never_reached standard.values[2]: no situation while it is in force"
	)
	all := []string{country, rule, own, value, later}
	for name, c := range map[string]struct {
		situations string
		want       []string
	}{
		"in the region":  {at, []string{country, rule, later}},
		"elsewhere too":  {at + elsewhere, []string{later}},
		"elsewhere only": {elsewhere, nil}, // of the region only that nobody goes there is told
	} {
		dir := few(t, c.situations)
		dir["overlays/340100-hefei/parameters.yaml"] = &fstest.MapFile{Data: []byte("standard:\n  by: residence\n  values:\n" +
			"    - {from: 2026-01-01, to: 2027-12-31, urban: 800.00, rural: 700.00, law: 合肥, verified: true}\n" +
			"    - {from: 2028-01-01, inherit: true, law: 合肥}\n")}
		dir["overlays/340100-hefei/rules.yaml"] = &fstest.MapFile{Data: []byte(`rules:
  - code: income_over_limit
    per: household
    fact: household.income
    at_least: {parameter: standard, times: [window_months, counted_members]}
    effect: suspected_ineligible
    with_grade_b: {code: income_may_exceed_limit, effect: needs_review}
    shown_as: income_limit
    law: 合肥
`)}
		cover, err := mutate.Cover(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, g := range cover.Gaps {
			if s := g.File + " " + string(g.Kind) + " " + g.What; slices.Contains(all, s) {
				got = append(got, s)
			}
		}
		slices.Sort(got)
		slices.Sort(c.want)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// The value that one region gives is no limit of another region's rule.
func TestCoverageLeavesRegionsApart(t *testing.T) {
	c, err := mutate.Cover(t.Context(), fstest.MapFS{
		"pack.yaml": {Data: []byte("name: city\nversion: \"1\"\ntitle: {zh: 某市, en: a city}\nextends: reference\n")},
		"overlays/120000/parameters.yaml": {Data: []byte("standard:\n  by: residence\n  values:\n" +
			"    - {from: 2020-01-01, urban: 800.00, rural: 800.00, law: 天津, verified: true}\n")},
		"overlays/152200/rules.yaml": {Data: []byte("rules:\n  - code: income_over_limit\n    per: household\n    fact: household.income\n" +
			"    at_least: {parameter: standard, times: [window_months, counted_members]}\n    effect: needs_review\n    shown_as: income_limit\n    law: 兴安盟\n")},
		"tests/few.yaml": {Data: []byte(`on: 2026-11-01
situations:
  - name: over in Xing'an
    request: {region: "152201", members: [{declared: {wage: 700.00}}]}
    expect: {outcome: needs_review, findings: [{code: income_over_limit}]}
  - name: below in Tianjin
    request: {region: "120101", members: [{declared: {wage: 799.99}}]}
    expect: {outcome: no_discrepancy}
`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range c.Gaps {
		if g.Kind == mutate.NeverNear {
			t.Errorf("%s: %s", g.File, g.What)
		}
	}
}
