package report_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine/explain"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/report"
)

// counted are the verdicts of two counties: 300 and 43 households.
func counted() []*household.Verdict {
	var out []*household.Verdict
	add := func(n int, region, scheme string, o household.Outcome, codes ...string) {
		for range n {
			v := verdict()
			v.Region, v.Scheme, v.Outcome = region, scheme, o
			for _, code := range codes {
				v.Findings = append(v.Findings, household.Finding{Code: code, Effect: o}, household.Finding{Code: code, Effect: o, Member: 2})
			}
			if o == household.Unverifiable {
				state(v, household.Bank, household.Missing)
			}
			out = append(out, v)
		}
	}
	add(200, "340104", "dibao", household.NoDiscrepancy)
	add(60, "340104002", "dibao", household.NeedsReview, "undeclared_income")
	add(30, "340104", "dibao", household.SuspectedIneligible, "income_over_limit", "undeclared_income")
	add(3, "340104", "dibao", household.Unverifiable)
	add(7, "340104", "dibao", household.Refused, "authorization_expired")
	add(40, "340111", "dibao", household.NoDiscrepancy)
	add(2, "340111", "dibao", household.NeedsReview, "vehicle_owned")
	add(1, "340111", "medical", household.Refused, "authorization_missing")
	return out
}

func summary(t *testing.T, list []*household.Verdict, lang string, fewest int64) *report.SummaryDocument {
	t.Helper()
	var s report.Summary
	for _, v := range list {
		s.Add(v)
	}
	d, err := s.Document(report.SummaryInput{
		Texts: pack{}, Divisions: map[string]string{"340104": "蜀山区", "340111": "包河区"}, Lang: lang, Number: "HZ340100-2026-3", Region: "340100",
		Centre: "合肥市居民家庭经济状况核对中心", Recipient: "合肥市民政局", IssuedAt: time.Date(2026, 11, 3, 8, 0, 0, 0, time.UTC), Program: "hedui 0.7.0", Fewest: fewest,
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestSummaryGoldens(t *testing.T) {
	for name, fewest := range map[string]int64{"inside": 0, "outside": 5} {
		for _, lang := range []string{explain.Zh, explain.En} {
			d := summary(t, counted(), lang, fewest)
			var page, book bytes.Buffer
			if err := report.SummaryHTML(&page, d); err != nil {
				t.Fatal(err)
			}
			if err := report.SummaryXLSX(&book, d); err != nil {
				t.Fatal(err)
			}
			golden(t, "summary."+name+"."+lang+".html", styleOf.ReplaceAllString(page.String(), "<style></style>"))
			if *dump != "" {
				if err := os.WriteFile(filepath.Join(*dump, "summary."+name+"."+lang+".html"), page.Bytes(), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			var all strings.Builder
			for _, list := range rows(t, book.Bytes()) {
				for _, row := range list {
					all.WriteString(strings.Join(row, "\n") + "\n")
				}
			}
			for _, r := range append(d.Rows, d.Total) {
				for _, c := range append(r.Outcomes, r.Total) {
					if !strings.Contains(all.String(), c.Text) {
						t.Errorf("%s is not in the workbook", c.Text)
					}
				}
			}
		}
	}
}

func TestSummaryCountsHouseholds(t *testing.T) {
	d := summary(t, counted(), explain.Zh, 0)
	if d.Total.Total.N != 343 || d.Rows[0].Total.N != 300 || d.Rows[0].Warned != "30.7 %" {
		t.Errorf("%+v", d)
	}
	// A household with a finding for two members counts once.
	if f := d.Findings[0]; f.Code != "undeclared_income" || f.Households.N != 60 {
		t.Errorf("%+v", f)
	}
	// The order of verdicts changes nothing.
	list := counted()
	for i := range len(list) / 2 {
		list[i], list[len(list)-1-i] = list[len(list)-1-i], list[i]
	}
	if diff := cmp.Diff(d, summary(t, list, explain.Zh, 0)); diff != "" {
		t.Error(diff)
	}
	var none report.Summary
	if _, err := none.Document(report.SummaryInput{Lang: "fr"}); err == nil {
		t.Error("no such language")
	}
	if empty, err := none.Document(report.SummaryInput{Lang: explain.Zh}); err != nil || len(empty.Rows) != 0 {
		t.Errorf("%v %v", empty, err)
	}
}

// TestSummaryWithholds: whoever reads what leaves the centre and subtracts learns no
// count of a few households.
func TestSummaryWithholds(t *testing.T) {
	tried := 0
	rapid.Check(t, func(t *rapid.T) {
		var s report.Summary
		n := map[[2]int]int64{}
		counties := rapid.IntRange(1, 4).Draw(t, "counties")
		for c := range counties {
			for o := household.NoDiscrepancy; o <= household.Refused; o++ {
				k := rapid.SampledFrom([]int64{0, 0, 1, 2, 3, 4, 5, 6, 40}).Draw(t, "households")
				n[[2]int{c, int(o) - 1}] = k
				for range k {
					v := &household.Verdict{HouseholdID: "34010" + string(rune('1'+c)) + "-1", Scheme: "dibao", Outcome: o, On: 20261101}
					s.Add(v)
				}
			}
		}
		d, err := s.Document(report.SummaryInput{Lang: explain.Zh, Fewest: 5})
		if err != nil {
			t.Fatal(err)
		}
		table := append(append([]report.SummaryRow(nil), d.Rows...), d.Total)
		line := func(cells []report.Count) {
			hidden := 0
			for _, c := range cells {
				if !c.Withheld && c.N > 0 && c.N < 5 {
					t.Fatalf("%d is said", c.N)
				}
				if c.Withheld {
					hidden++
					tried++
				}
			}
			if hidden == 1 {
				t.Fatalf("one count alone is withheld, and the others tell it: %+v", cells)
			}
			// What is withheld beside a sum that is said is five or more.
			if last := cells[len(cells)-1]; hidden > 0 && !last.Withheld {
				rest := last.N
				for _, c := range cells[:len(cells)-1] {
					rest -= c.N
				}
				if rest < 5 {
					t.Fatalf("the withheld come to %d: %+v", rest, cells)
				}
			}
		}
		for _, r := range table {
			line(append(append([]report.Count(nil), r.Outcomes...), r.Total))
		}
		for o := range 5 {
			var column []report.Count
			for _, r := range table {
				column = append(column, r.Outcomes[o])
			}
			line(column)
		}
	})
	if tried < 100 {
		t.Errorf("only %d counts were withheld", tried)
	}
}
