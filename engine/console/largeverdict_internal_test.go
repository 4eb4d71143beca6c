package console

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api"
	"github.com/hedui/hedui/engine/api/wire"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match/identity"
	"github.com/hedui/hedui/engine/report"
)

const (
	largeMembers = 12
	largeRecords = 60
)

// largeDesk has one verdict: of a household of twelve, that rests on sixty records.
type largeDesk struct {
	Desk

	sheet *desk.Sheet
}

func (d *largeDesk) Sheet(context.Context, wire.Caller, string) (*desk.Sheet, error) {
	return d.sheet, nil
}

func (d *largeDesk) Document(s *desk.Sheet, lang string) (*report.Document, error) {
	return report.Build(report.Input{
		Verdict: s.Verdict, Request: s.Request, LinkTexts: identity.Words{}, Lang: lang, Masks: s.Masks, VerdictID: s.ID, Centre: "蜀山区核对中心",
		Authorizations: []report.Authorization{{Number: s.Authorization.Number, From: 20260101, To: 20261231, Purposes: []string{"dibao"}}},
		Route:          report.Route{Where: "蜀山区民政局", Days: 10},
	})
}

func largeSheet() *desk.Sheet {
	const snapshot = "ab12cd34ef56ab12cd34ef56ab12cd34"
	from, _ := household.NewMonth(2025, 11)
	r := &household.Request{HouseholdID: "340104-000123", Region: "340104", Scheme: "dibao", Residence: household.Urban}
	v := &household.Verdict{
		HouseholdID: r.HouseholdID, Region: r.Region, Scheme: r.Scheme, On: 20261101, Outcome: household.SuspectedIneligible, Generation: snapshot,
		Pack: household.PackRef{Name: "reference", Version: "1", Digest: snapshot},
		Income: household.IncomeSheet{
			Window: household.Months{From: from, To: from + 11}, Members: largeMembers, Limit: 70000 * 12 * largeMembers,
		},
	}
	for i := range largeMembers {
		r.Members = append(r.Members, household.Member{
			Name: household.Name(strings.Repeat("阿卜杜热合曼·", 3) + "𠮷"), IDNumber: household.IDNumber(fmt.Sprintf("34010419%02d0101%03dX", 60+i, i)),
			IDType: household.ResidentID, Relation: uint8(min(i+1, 6)),
		})
		v.Income.Lines = append(v.Income.Lines, household.IncomeLine{Member: i + 1, Type: 1})
	}
	for s := household.Tax; s < household.NumChecked; s++ {
		v.Coverage[s] = household.SourceCoverage{State: household.Found, Providers: []household.ProviderCoverage{
			{Provider: s.String(), AsOf: 20261031, Snapshot: snapshot, State: household.Found},
		}}
	}
	s := &desk.Sheet{
		ID: "0123456789abcdef", Household: r.HouseholdID, Scheme: r.Scheme, On: v.On, By: "hedui01", Division: "340104", Verdict: v, Request: r,
		Authorization: desk.SheetAuthorization{Number: "SQ340104-000123", Registered: true},
	}
	for f := range s.Masks {
		s.Masks[f] = access.Full
	}
	// One finding of half the records, and one of a member for each that is left.
	over := household.Finding{
		Code: "income_over_limit", Effect: household.SuspectedIneligible, Grade: household.GradeA, HasAmount: true, Limit: v.Income.Limit,
		Law: "社会救助暂行办法 第九条",
	}
	v.Findings = append(v.Findings, over)
	for i := range largeRecords {
		member, amount := i%largeMembers+1, household.Fen(250000+1234*i)
		e := household.Evidence{
			Source: household.Tax, Provider: "安徽省税务局第三税务分局", Snapshot: snapshot, File: 1, Row: int64(1000 + i), Record: fmt.Sprintf("T***%02d", i),
			Member: member, Link: "A1", Period: household.MonthPeriod(from + household.Month(i/largeMembers)), HasAmount: true, Amount: amount,
		}
		l := &v.Income.Lines[member-1]
		l.Found += amount
		l.Counted += amount
		v.Income.Total += amount
		if i < largeRecords/2 {
			v.Findings[0].Evidence = append(v.Findings[0].Evidence, e)
			continue
		}
		e.Source, e.Provider = household.Bank, "icbc"
		if i < largeRecords/2+largeMembers {
			v.Findings = append(v.Findings, household.Finding{
				Code: "undeclared_assets", Effect: household.NeedsReview, Grade: household.GradeB, Member: member, HasAmount: true, Amount: amount,
			})
		}
		f := &v.Findings[1+(i-largeRecords/2)%largeMembers]
		f.Evidence = append(f.Evidence, e)
	}
	v.Findings[0].Amount = v.Income.Total
	for i, f := range v.Findings {
		for item := range f.Evidence {
			n := len(s.Evidence) + 1
			e := desk.SheetEvidence{Number: n, Finding: i, Item: item, Bears: i == 0, OpenedMe: n%2 == 0}
			if e.OpenedMe {
				e.OpenedBy = []string{"hedui01"}
			}
			s.Evidence = append(s.Evidence, e)
		}
	}
	return s
}

// largeVerdict answers a request for the page of the large verdict.
func largeVerdict(t testing.TB, lang string) func() *httptest.ResponseRecorder {
	t.Helper()
	c, err := New(Options{Desk: &largeDesk{sheet: largeSheet()}, Now: func() time.Time { return time.Date(2026, 11, 27, 1, 0, 0, 0, time.UTC) }})
	if err != nil {
		t.Fatal(err)
	}
	call := api.PageCall{Caller: wire.Caller{Subject: access.Subject{
		Account: "fuhe01", Person: "p-01", Division: "340104", Purposes: []string{"dibao"}, Classes: access.AllClasses(),
		Roles: access.RolesOf(access.Reviewer),
	}}}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, prefix+"/verdicts/0123456789abcdef", nil)
	r.AddCookie(&http.Cookie{Name: languageCookie, Value: lang})
	r.SetPathValue("id", "0123456789abcdef")
	page := c.serve(showVerdict)
	return func() *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		if err := page(r.Context(), w, r, call); err != nil || w.Code != http.StatusOK {
			t.Fatalf("%d, %v", w.Code, err)
		}
		return w
	}
}

// TestLargeVerdict tells whether every record of a large verdict stands on its page once,
// can be opened by a button that has a name of its own, and what is still to open is counted.
func TestLargeVerdict(t *testing.T) {
	for lang, left := range map[string]string{chinese: "您还有 15 条没有打开", english: "You have not opened 15 of the records"} {
		body := largeVerdict(t, lang)().Body.String()
		var want []string
		for n := range largeRecords {
			want = append(want, fmt.Sprint(n+1))
		}
		for what, pattern := range map[string]string{
			"row":         ` id="record-(\d+)"`,
			"form":        `action="/console/verdicts/0123456789abcdef/evidence/(\d+)/open"`,
			"button name": `<button aria-label="\D*(\d+)\D*">`,
		} {
			var got []string
			for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(body, -1) {
				got = append(got, m[1])
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: %s of records %v, want 1 to %d", lang, what, got, largeRecords)
			}
		}
		if !strings.Contains(body, left) || !strings.Contains(body, `href="#record-1"`) {
			t.Errorf("%s: what is to be opened is not said", lang)
		}
		if n := strings.Count(body, "T***29"); n != 1 {
			t.Errorf("%s: a record stands there %d times", lang, n)
		}
		if n := strings.Count(body, "𠮷"); n < largeMembers {
			t.Errorf("%s: %d names of %d members", lang, n, largeMembers)
		}
	}
}

// BenchmarkLargeVerdict is the server's time of the page: the report worded, laid out and
// rendered. Reading the sheet is the desk's.
func BenchmarkLargeVerdict(b *testing.B) {
	page := largeVerdict(b, chinese)
	b.SetBytes(int64(page().Body.Len()))
	b.ReportAllocs()
	for b.Loop() {
		page()
	}
}
