package explain_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/hedui/hedui/engine/explain"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match/identity"
)

// linked is a verdict of a pack that looks for weaker links, with one of every kind.
func linked() *household.Verdict {
	v := verdict()
	v.Outcome = household.NeedsReview
	row := func(s household.Source, n int64, record, link string) []household.Evidence {
		return []household.Evidence{{Source: s, Provider: s.String(), Snapshot: snapshotID, File: 1, Row: n, Record: record, Member: 1, Link: link}}
	}
	v.Findings = []household.Finding{
		{Code: "deceased_member", Effect: household.NeedsReview, Grade: household.GradeA, Member: 1, Evidence: row(household.Register, 9, "", "A1")},
		{Code: "undeclared_residents", Effect: household.NeedsReview, Grade: household.GradeA},
		{Code: "identity_to_confirm", Effect: household.NeedsReview, Grade: household.GradeC, Member: 1, Law: "参考包 §身份", Evidence: row(household.Vehicle, 12, "L***84", "B2")},
	}
	former := household.LinkNote{Member: 2, Tier: "A2", Use: "strong", Total: 41724, Reasons: []string{"number_former", "name_former"}, Parts: []household.LinkPart{
		{Field: "prior", Level: "register", Bits: -15610}, {Field: "document", Level: "former", Bits: 40010}, {Field: "name", Level: "N2", Bits: 17324},
	}}
	typo := household.LinkNote{Member: 1, Tier: "B2", Use: "review", Total: 1905, Reasons: []string{"number_repaired", "uniqueness_unknown"}, Parts: []household.LinkPart{
		{Field: "prior", Level: "register", Bits: -15610},
		{Field: "document", Level: "repair", Bits: 8000},
		{Field: "name", Level: "N1", Bits: 17324},
		{Field: "rarity", Level: "known", Bits: -9406},
		{Field: "birth", Level: "absent"},
		{Field: "sex", Level: "same", Bits: 999},
		{Field: "county", Level: "same", Bits: 598},
	}}
	conflict := household.LinkNote{Member: 1, Tier: "X1", Use: "conflict", Total: 13790, Reasons: []string{"name_differs"}, Parts: []household.LinkPart{
		{Field: "prior", Level: "register", Bits: -15610}, {Field: "document", Level: "exact", Bits: 41400}, {Field: "name", Level: "N7", Bits: -12000},
	}}
	other := household.LinkNote{Member: 1, Tier: "none", Use: "nothing", Total: -35283, Reasons: []string{"number_of_other", "birth_differs"}}
	another := other
	another.Total = -20001
	v.Links = &household.LinkSheet{
		Strong: 5, Review: 1, Conflicts: 1, Hidden: 3, TurnedDown: 2, TooCommon: 1, Income: 1440000, Financial: 12345678,
		Notes: []household.LinkNote{other, former, typo, conflict, another},
	}
	v.Coverage[household.Vehicle].State = household.None
	return v
}

// What is written of a link adds up, to the thousandth.
func TestBitsAddUp(t *testing.T) {
	part := regexp.MustCompile(`^ +([+-])(\d+)\.(\d{3})  (.+)$`)
	for lang, total := range map[string]string{explain.Zh: "合计", explain.En: "Total"} {
		got := write(t, explain.Input{Verdict: linked(), Request: request(), Lang: lang, LinkTexts: identity.Words{}})
		sum, parts, sums := 0, 0, 0
		for line := range strings.Lines(got) {
			m := part.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
			if m == nil {
				continue
			}
			n := 0
			for _, c := range m[2] + m[3] {
				n = 10*n + int(c-'0')
			}
			if m[1] == "-" {
				n = -n
			}
			if m[4] != total {
				sum, parts = sum+n, parts+1
				continue
			}
			if sum != n || parts < 3 {
				t.Errorf("%s: %d parts come to %d, and the total is %d", lang, parts, sum, n)
			}
			sum, parts, sums = 0, 0, sums+1
		}
		if sums != 3 {
			t.Errorf("%s: %d links are explained, want 3:\n%s", lang, sums, got)
		}
	}
}

// A code without words stands for itself, and nothing is said without links.
func TestLinksWithoutWords(t *testing.T) {
	got := write(t, explain.Input{Verdict: linked(), Lang: explain.En})
	for _, want := range []string{"B2 B2 · review", "county: same", "number_repaired; uniqueness_unknown", "number_of_other; birth_differs (total at most -20.001)"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing:\n%s", want, got)
		}
	}
	if got := write(t, explain.Input{Verdict: verdict(), Lang: explain.En, LinkTexts: identity.Words{}}); strings.Contains(got, "linked") {
		t.Errorf("links of a pack that looks for none:\n%s", got)
	}
}
