package desk_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/match"
	"github.com/hedui/hedui/engine/review"
)

// worded is a report in a few words.
func worded(b *desk.ReportBasis) (*desk.Composed, error) {
	var names []string
	for _, m := range b.Request.Members {
		names = append(names, b.Masks.Name(m.Name)+" "+b.Masks.IDNumber(m.IDNumber))
	}
	var titles []string
	for i := range b.Verdict.Findings {
		titles = append(titles, b.Texts.Title(b.Verdict.Findings[i].Code, b.Lang))
	}
	text, err := json.Marshal(map[string]any{
		"number": b.Number, "names": names, "to": b.Recipient, "lang": b.Lang, "at": b.IssuedAt, "days": b.ContestDays,
		"financial": b.Masks.Amount(b.Verdict.Assets.Financial), "titles": titles,
	})
	return &desk.Composed{Document: text, Digest: fmt.Sprint("digest of ", len(text)), Code: "ABCDE-FGHJK"}, err
}

var forFamily = desk.ReportOrder{Recipient: "申请人本人", Lang: "zh"}

// reportOf issues a report that must be issued.
func (w *world) reportOf(c desk.Caller, verdict string) *desk.Issued {
	w.t.Helper()
	r, err := w.desk.IssueReport(w.t.Context(), c, verdict, forFamily, worded)
	must(w.t, err)
	return r
}

// A report shows its household's names and amounts and no numbers of documents; it is
// read again as it was issued, whatever becomes of the case.
func TestReport(t *testing.T) {
	w := newWorld(t, 9)
	a := w.underReview(1, 3)
	r := w.reportOf(verifier, a.Verdict)
	if !regexp.MustCompile(`^HD340104-20261101-[2-9A-HJ-NP-Z]{5}-[2-9A-HJ-NP-Z]{5}$`).MatchString(r.Number) {
		t.Errorf("number %s", r.Number)
	}
	if e := w.audit.last(); e.Operation != "report.issue" || e.Outcome != audit.Done || e.Object != r.Number || e.Subjects[0].Household != householdNumber(1) || len(e.Fields) != 2 {
		t.Errorf("the audit log has %+v", e)
	}
	text := string(r.Document)
	if !strings.Contains(text, name) || strings.Contains(text, idNumber(3)) || !strings.Contains(text, `"Fen":1000000000`) && !strings.Contains(text, fmt.Sprint(int64(balance(3)))) {
		t.Errorf("the report says %s", text)
	}
	if r.Verdict != a.Verdict || r.Household != householdNumber(1) || r.Scheme != "dibao" || r.Division != county || r.By != verifier.Account || r.Code == "" || r.Recipient != "申请人本人" {
		t.Errorf("%+v", r)
	}
	w.openAll(approver, a.Case)
	w.act(approver, a.Case, desk.Step{Kind: review.Confirm, Reason: "属实"})
	w.clock.pass(48 * time.Hour)
	again, err := w.desk.Report(t.Context(), reviewer, r.Number)
	must(t, err)
	if string(again.Document) != text || again.Digest != r.Digest || again.At != r.At || again.By != r.By {
		t.Errorf("read again it is %+v", again)
	}
	if e := w.audit.last(); e.Operation != "report.read" || e.Object != r.Number || e.Subjects[0].Authorization != "SQ340104-000001" {
		t.Errorf("the audit log has %+v", e)
	}
	second := w.reportOf(approver, a.Verdict)
	list, next, err := w.desk.Reports(t.Context(), verifier, desk.ReportQuery{Household: householdNumber(1)})
	must(t, err)
	if len(list) != 2 || next != "" || list[0].Number != second.Number || list[1].Number != r.Number || list[0].Document != nil {
		t.Errorf("the list %+v", list)
	}
	if list, _, err = w.desk.Reports(t.Context(), verifier, desk.ReportQuery{}); err != nil || len(list) != 2 {
		t.Errorf("the place's list %+v, %v", list, err)
	}
}

// Whoever may not see a household sees no report of it, and learns nothing of it.
func TestReportDenied(t *testing.T) {
	w := newWorld(t, 9)
	a := w.underReview(1, 3)
	r := w.reportOf(verifier, a.Verdict)
	for _, c := range []desk.Caller{stranger, official("clerk", county, access.Intake), official("leader01", county, access.Leader), official("auditor01", county, access.Auditor)} {
		want := desk.Forbidden
		if c.Account == stranger.Account {
			want = desk.NotFound
		}
		_, err := w.desk.IssueReport(t.Context(), c, a.Verdict, forFamily, worded)
		refusedAs(t, err, want)
		_, err = w.desk.Report(t.Context(), c, r.Number)
		refusedAs(t, err, want)
		list, _, err := w.desk.Reports(t.Context(), c, desk.ReportQuery{Household: householdNumber(1)})
		if want == desk.NotFound {
			if err != nil || len(list) != 0 {
				t.Errorf("a stranger lists %+v, %v", list, err)
			}
			continue
		}
		refusedAs(t, err, want)
	}
	_, _, err := w.desk.Reports(t.Context(), stranger, desk.ReportQuery{Division: county})
	refusedAs(t, err, desk.NotFound)
	classless := verifier
	classless.Classes = access.Classes{}
	_, err = w.desk.IssueReport(t.Context(), classless, a.Verdict, forFamily, worded)
	refusedAs(t, err, desk.Forbidden)
	_, err = w.desk.Report(t.Context(), verifier, "HD340104-20261101-AAAAA-AAAAA")
	refusedAs(t, err, desk.NotFound)
	for _, bad := range []desk.ReportOrder{
		{}, {Recipient: "  "}, {Recipient: "申请人", Lang: "fr"}, {Recipient: "两\n行"}, {Recipient: strings.Repeat("长", 101)}, {Recipient: "身份证" + idNumber(3)},
	} {
		_, err := w.desk.IssueReport(t.Context(), verifier, a.Verdict, bad, worded)
		refusedAs(t, err, desk.InvalidField)
	}
}

// There is no report without an authorisation that stands, of a verdict that does not, or
// of what nobody declared; and none that is not in the log and the ledger.
func TestReportRefused(t *testing.T) {
	w := newWorld(t, 9)
	a := w.underReview(1, 3)
	issue := func(verdict string) error {
		_, err := w.desk.IssueReport(t.Context(), reviewer, verdict, forFamily, worded)
		return err
	}
	w.audit.fail = errBoom
	if err := issue(a.Verdict); err == nil {
		t.Error("issued without the log")
	}
	w.audit.fail, w.ledger.fail = nil, errBoom
	if err := issue(a.Verdict); !errors.Is(err, errBoom) || w.audit.last().Outcome != audit.Failed {
		t.Errorf("%v, and the log has %+v", err, w.audit.last())
	}
	w.ledger.fail = nil
	broken := errors.New("no words")
	_, err := w.desk.IssueReport(t.Context(), reviewer, a.Verdict, forFamily, func(*desk.ReportBasis) (*desk.Composed, error) { return nil, broken })
	if !errors.Is(err, broken) {
		t.Error(err)
	}
	large := func(*desk.ReportBasis) (*desk.Composed, error) {
		return &desk.Composed{Document: make([]byte, 900<<10)}, nil
	}
	_, err = w.desk.IssueReport(t.Context(), reviewer, a.Verdict, forFamily, large)
	refusedAs(t, err, desk.TooLarge)
	if list, _, err := w.desk.Reports(t.Context(), reviewer, desk.ReportQuery{}); err != nil || len(list) != 0 {
		t.Errorf("there are %d reports, %v", len(list), err)
	}
	r := w.reportOf(reviewer, a.Verdict)
	// A withdrawal between the look and the issue wins.
	w.ledger.before = func(c ledger.Change) {
		if len(c.Ops) > 0 && c.Ops[0].Kind == ledger.KindReport {
			w.ledger.before = nil
			_, err := w.desk.WithdrawAuthorization(t.Context(), intake, "SQ340104-000001", "撤回")
			must(t, err)
		}
	}
	refusedAs(t, issue(a.Verdict), desk.StateRefuses)
	refusedAs(t, issue(a.Verdict), desk.StateRefuses)
	_, err = w.desk.Report(t.Context(), reviewer, r.Number)
	refusedAs(t, err, desk.StateRefuses)
	// An objection has the household verified again: the verdict before stands no more.
	b := w.underReview(2, 6, 1)
	_, err = w.desk.FileObjection(t.Context(), intake, b.Case, 1, "不是我的账户")
	must(t, err)
	s, err := w.desk.Sheet(t.Context(), reviewer, b.Verdict)
	must(t, err)
	refusedAs(t, issue(b.Verdict), desk.StateRefuses)
	must(t, issue(s.Replaced))
}

// A planted case has no report, and is refused as one whose authorisation is gone.
func TestReportOfSeed(t *testing.T) {
	w := newWorld(t, 9)
	a := w.underReview(1, 3)
	leader := official("leader01", county, access.Leader)
	id, err := w.desk.Seed(t.Context(), leader, desk.Template{
		Household: householdNumber(999), Authorization: "SQ340104-000999", Division: county, Scheme: "dibao", On: 20261101,
		Outcome: household.SuspectedIneligible,
		Records: []desk.PlantedRecord{{
			Source: household.Bank, Row: 17, Amount: 88_000_00, Limit: 30_000_00, Rule: "financial_assets_over_limit", Law: "第五条",
			Fields: []desk.Field{{Name: "balance", Amount: &access.Amount{Fen: 88_000_00}}},
		}},
	}, "质量抽查")
	must(t, err)
	c, err := w.desk.Case(t.Context(), reviewer, id)
	must(t, err)
	planted, err := w.desk.Sheet(t.Context(), reviewer, c.Verdict)
	must(t, err)
	genuine, err := w.desk.Sheet(t.Context(), reviewer, a.Verdict)
	must(t, err)
	// Whatever one says of itself, the other says too.
	for what, pair := range map[string][2]bool{
		"a declaration":    {planted.Request != nil && len(planted.Request.Members) == 1, genuine.Request != nil},
		"an authorisation": {planted.Authorization.Registered && planted.Authorization.State == desk.Live, genuine.Authorization.Registered},
		"who asked":        {planted.By != "", genuine.By != ""},
		"words":            {planted.Texts.Title("financial_assets_over_limit", "zh") != "", true},
		"months":           {planted.SuppliedKnown, genuine.SuppliedKnown},
		"providers":        {len(planted.Verdict.Coverage[household.Tax].Providers) == 1, len(genuine.Verdict.Coverage[household.Tax].Providers) == 1},
		"a window":         {planted.Verdict.Income.Window == genuine.Verdict.Income.Window, true},
		"limits":           {planted.Verdict.Income.Limit == genuine.Verdict.Income.Limit && planted.Verdict.Assets.FinancialLimit == genuine.Verdict.Assets.FinancialLimit, true},
		"evidence":         {planted.Evidence[0].Bears, genuine.Evidence[0].Bears},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s tells a planted case: %v and %v", what, pair[0], pair[1])
		}
	}
	if m := planted.Request.Members[0]; match.ParseDocument(household.ResidentID, []byte(m.IDNumber.Reveal())).Valid || !slices.Equal(planted.Request.Invalid, genuine.Request.Invalid) {
		t.Errorf("the number could be somebody's, or the declaration is odd: %v", planted.Request.Invalid)
	}
	_, err = w.desk.WithdrawAuthorization(t.Context(), intake, "SQ340104-000001", "撤回")
	must(t, err)
	_, seeded := w.desk.IssueReport(t.Context(), reviewer, c.Verdict, forFamily, worded)
	seedEvent := w.audit.last()
	_, gone := w.desk.IssueReport(t.Context(), reviewer, a.Verdict, forFamily, worded)
	goneEvent := w.audit.last()
	if seeded == nil || gone == nil || seeded.Error() != gone.Error() || seedEvent.Code != goneEvent.Code || seedEvent.Outcome != goneEvent.Outcome {
		t.Errorf("%v, %+v beside %v, %+v", seeded, seedEvent, gone, goneEvent)
	}
}
