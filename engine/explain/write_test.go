package explain_test

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/width"

	"github.com/hedui/hedui/engine/explain"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match/identity"
)

var update = flag.Bool("update", false, "rewrite the goldens")

// pack words two findings; the others stand for themselves.
type pack struct{}

func (pack) Title(code, lang string) string {
	return pick(code, lang, "income_over_limit", "家庭收入达到或超过限额", "income at or over the limit")
}

func (pack) Text(code, lang string) string {
	return pick(code, lang, "income_over_limit", "核算期内家庭收入不低于标准×核算月数×人数。", "The income in the window is not below standard × months × members.")
}
func (pack) Law(string) string { return "社会救助暂行办法 第九条" }
func (pack) Clear(code, lang string) string {
	return pick(code, lang, "income_over_limit", "证明相关收入不属于本人、已停止，或金额有误。", "Proof that a record is not the member's or its amount is wrong.")
}

func pick(code, lang, want, zh, en string) string {
	switch {
	case code != want:
		return ""
	case lang == explain.Zh:
		return zh
	}
	return en
}

const (
	headID, childID = "34010419800101123X", "340104201506011234"
	headName        = "王秀英"
	snapshotID      = "ab12cd34ef56ab12cd34ef56ab12cd34"
)

func request() *household.Request {
	r := &household.Request{HouseholdID: "340104-000123", Region: "340104", Scheme: "dibao", Members: []household.Member{
		{Name: headName, IDNumber: headID, IDType: household.ResidentID, Relation: 1},
		{Name: "张伟", IDNumber: childID, IDType: household.ResidentID, Relation: 3},
		{Name: "张大山", IDNumber: "340104197902021111", IDType: household.ResidentID, Relation: 2, Excluded: 1},
	}}
	r.Members[0].Income[1], r.Members[0].Declared[1] = 120000, true
	r.Assets.Financial = 800000
	return r
}

// verdict is a household of two that every source answered and nothing is said of.
func verdict() *household.Verdict {
	from, _ := household.NewMonth(2025, 11)
	v := &household.Verdict{
		HouseholdID: "340104-000123", Scheme: "dibao", On: 20261101, Outcome: household.NoDiscrepancy, Generation: snapshotID,
		Pack: household.PackRef{Name: "reference", Version: "1", Digest: snapshotID},
	}
	v.Income = household.IncomeSheet{
		Window: household.Months{From: from, To: from + 11}, Members: 2, Total: 1440000, Limit: 1680000,
		Lines: []household.IncomeLine{{Member: 1, Type: 1, Declared: 1440000, Found: 1400000, Counted: 1440000}},
	}
	v.Assets = household.AssetSheet{Financial: 900000, FinancialLimit: 3360000, Residential: 1}
	for s := household.Tax; s < household.NumChecked; s++ {
		state := household.Found
		if s == household.Vehicle {
			state = household.None
		}
		v.Coverage[s] = household.SourceCoverage{State: state, Providers: []household.ProviderCoverage{{Provider: s.String(), AsOf: 20261031, Snapshot: snapshotID, State: state}}}
	}
	return v
}

func state(v *household.Verdict, s household.Source, state household.CoverageState) {
	v.Coverage[s].State = state
	v.Coverage[s].Providers = []household.ProviderCoverage{
		{Provider: "a", AsOf: 20251031, Snapshot: snapshotID, State: state}, {Provider: "b", AsOf: 20261031, Snapshot: snapshotID, State: household.None},
	}
}

func inputs() map[string]explain.Input {
	over := verdict()
	over.Outcome = household.SuspectedIneligible
	over.Income.Lines = append(over.Income.Lines, household.IncomeLine{Member: 2, Type: 3, Found: 500000, Counted: 500000})
	over.Income.Total = 1940000
	month, _ := household.NewMonth(2026, 3)
	over.Findings = []household.Finding{
		{Code: "income_over_limit", Effect: household.SuspectedIneligible, Grade: household.GradeA, HasAmount: true, Amount: 1940000, Limit: 1680000, Evidence: []household.Evidence{
			{Source: household.Tax, Provider: "tax", Snapshot: snapshotID, File: 1, Row: 17, Record: "T***17", Member: 2, Link: "A1", Period: household.MonthPeriod(month), HasAmount: true, Amount: 500000},
		}},
		{Code: "undeclared_income", Effect: household.NeedsReview, Grade: household.GradeA, Member: 2, Type: 3, HasAmount: true, Amount: 500000, Law: "社会救助暂行办法 第六十八条"},
	}
	review := verdict()
	review.Outcome = household.NeedsReview
	review.Findings = []household.Finding{{Code: "vehicle_owned", Effect: household.NeedsReview, Grade: household.GradeB, Member: 1, Evidence: []household.Evidence{
		{Source: household.Vehicle, Provider: "vehicle", Snapshot: snapshotID, File: 2, Row: 4, Record: "L***34", Member: 1, Link: "A1"},
	}}}
	state(review, household.Vehicle, household.Stale)
	doubles := verdict()
	doubles.Outcome = household.NeedsReview
	doubles.Assets.Financial, doubles.Assets.Residential = 1000000, 1
	doubles.Links = &household.LinkSheet{Distinct: household.AssetSheet{Financial: 1900000, Residential: 2}}
	doubles.Findings = []household.Finding{{Code: "possible_duplicate_assets", Effect: household.NeedsReview, Grade: household.GradeA, HasAmount: true, Totals: true, Amount: 1900000, Limit: 1000000, Evidence: []household.Evidence{
		{Source: household.Bank, Provider: "bank", Snapshot: snapshotID, File: 1, Row: 4, Record: "***7894", Member: 1, Link: "A1", HasAmount: true, Amount: 1000000},
		{Source: household.Bank, Provider: "bank", Snapshot: snapshotID, File: 1, Row: 5, Record: "***7894", Member: 1, Link: "A1", HasAmount: true, Amount: 900000},
	}}}
	gaps := verdict()
	gaps.Outcome = household.Unverifiable
	gaps.Income.Lines, gaps.Income.Total = nil, 0
	for s, st := range map[household.Source]household.CoverageState{
		household.Tax: household.Partial, household.Vehicle: household.Missing,
		household.Property: household.NotAuthorized, household.Bank: household.Stale, household.Insurance: household.Incomplete,
	} {
		state(gaps, s, st)
	}
	expired := &household.Verdict{
		HouseholdID: "340104-000124", Scheme: "dibao", On: 20261101, Outcome: household.Refused,
		Findings: []household.Finding{{Code: "authorization_expired", Effect: household.Refused}},
	}
	noRequest := &household.Verdict{Line: 7, On: 20261101, Outcome: household.Refused, Findings: []household.Finding{{Code: "invalid_request", Effect: household.Refused}}}
	cold := func(household.Evidence) []explain.Pair {
		return []explain.Pair{{Key: "payer", Value: "合肥市" + headName + "商店"}, {Key: "document", Value: childID}}
	}
	return map[string]explain.Input{
		"no_discrepancy": {Verdict: verdict(), Request: request()}, "suspected": {Verdict: over, Request: request(), Cold: cold},
		"review": {Verdict: review, Request: request()}, "duplicates": {Verdict: doubles, Request: request()},
		"unverifiable": {Verdict: gaps, Request: request()}, "links": {Verdict: linked(), Request: request(), LinkTexts: identity.Words{}},
		"refused": {Verdict: expired, Request: request()}, "no_request": {Verdict: noRequest},
	}
}

func write(t *testing.T, in explain.Input) string {
	t.Helper()
	var b bytes.Buffer
	if err := explain.Write(&b, in); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGoldens(t *testing.T) {
	for name, in := range inputs() {
		for _, lang := range []string{explain.Zh, explain.En} {
			t.Run(name+"/"+lang, func(t *testing.T) {
				in.Lang, in.Texts, in.Width = lang, pack{}, 90
				got := write(t, in)
				path := filepath.Join("testdata", name+"."+lang+".txt")
				if *update {
					if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(string(want), got); diff != "" {
					t.Error(diff)
				}
				for line := range strings.Lines(got) {
					n := -1 // the line break
					for _, r := range line {
						n++
						if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
							n++
						}
					}
					if n > 90 {
						t.Errorf("%d columns: %s", n, line)
					}
				}
			})
		}
	}
}

func TestNothingPersonalWithoutReveal(t *testing.T) {
	secrets := []string{headID, childID, "340104197902021111", headName, "张伟", "张大山"}
	for name, in := range inputs() {
		for _, lang := range []string{explain.Zh, explain.En} {
			in.Lang = lang
			got := write(t, in)
			for _, s := range secrets {
				if strings.Contains(got, s) {
					t.Errorf("%s/%s shows somebody", name, lang)
				}
			}
		}
	}
	in := inputs()["suspected"]
	in.Reveal = true
	got := write(t, in)
	for _, s := range secrets {
		if !strings.Contains(got, s) {
			t.Errorf("not shown although it was asked for: %s", s)
		}
	}
}

func TestNothingFoundIsOnlySaidOfNone(t *testing.T) {
	said := map[string]string{explain.Zh: "查无记录", explain.En: "nothing found"}
	caveat := map[string]string{explain.Zh: "不能据此认为", explain.En: "absence"}
	for st := household.CoverageState(0); st <= household.Found; st++ {
		for lang, words := range said {
			v := verdict()
			for s := household.Tax; s < household.NumChecked; s++ {
				state(v, s, st)
			}
			got := write(t, explain.Input{Verdict: v, Lang: lang})
			if strings.Contains(got, words) != (st == household.None) {
				t.Errorf("%v/%s: %q said or left out wrongly\n%s", st, lang, words, got)
			}
			if want := st < household.None; strings.Contains(got, caveat[lang]) != want {
				t.Errorf("%v/%s: caveat %v\n%s", st, lang, !want, got)
			}
		}
	}
}

func TestArithmeticIsOnlyWrittenWhenItComesOut(t *testing.T) {
	in := inputs()["suspected"]
	got := write(t, in)
	for _, want := range []string{"700.00 × 12 months × 2 members = 16,800.00", "1,200.00 × 12 months = 14,400.00", "14,400.00 + 5,000.00 = 19,400.00", "2,600.00 above"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing:\n%s", want, got)
		}
	}
	in.Verdict.Income.Limit++
	in.Verdict.Income.Total++
	in.Verdict.Income.Lines[0].Declared++
	in.Verdict.Assets.FinancialLimit++
	if got = write(t, in); strings.Contains(got, "×") || strings.Contains(got, " + ") {
		t.Errorf("a sum that does not come out:\n%s", got)
	}
}

func TestControlCharactersDoNotReachTheTerminal(t *testing.T) {
	in := inputs()["suspected"]
	in.Verdict.HouseholdID = "a\x1b[31m\nb"
	in.Verdict.Findings[0].Evidence[0].Provider = "p\x1b]0;x\a"
	in.Request.Members[0].Name = "\u202e王"
	in.Reveal = true
	if got := write(t, in); strings.ContainsAny(got, "\x1b\a\u202e") {
		t.Errorf("%q", got)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

var errFull = errors.New("full")

func TestErrors(t *testing.T) {
	if err := explain.Write(full{}, inputs()["review"]); !errors.Is(err, errFull) {
		t.Errorf("%v", err)
	}
	if err := explain.Write(full{}, explain.Input{}); err == nil || errors.Is(err, errFull) {
		t.Errorf("%v", err)
	}
	if err := explain.Summary(full{}, explain.Counts{}, explain.En); !errors.Is(err, errFull) {
		t.Errorf("%v", err)
	}
}

func TestSummary(t *testing.T) {
	var b bytes.Buffer
	c := explain.Counts{
		Outcomes: map[string]int64{"no_discrepancy": 1200, "refused": 3},
		Findings: map[string]map[string]int64{"income_over_limit": {"suspected_ineligible": 7}},
		Regions:  map[string]map[string]int64{"340104": {"no_discrepancy": 1200}, "": {"refused": 3}},
		Texts:    pack{},
	}
	if err := explain.Summary(&b, c, explain.Zh); err != nil {
		t.Fatal(err)
	}
	want := `结果        户数
未见异常    1200
需核实         0
疑似不符合     0
无法核对       0
不予受理       3

情况                    结果        户数
家庭收入达到或超过限额  疑似不符合     7

地区      未见异常  需核实  疑似不符合  无法核对  不予受理
（未填）         0       0           0         0         3
340104        1200       0           0         0         0
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}
