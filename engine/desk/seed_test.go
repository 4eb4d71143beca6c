package desk_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/review"
	"github.com/hedui/hedui/engine/review/meter"
)

// A planted case stands in the queue like any other, and its evidence opens like any
// other's; whoever confirms it has done nothing real, and the meter knows.
func TestSeed(t *testing.T) {
	w := newWorld(t, 9)
	real := w.underReview(1, 3)
	leader := official("leader01", county, access.Leader)
	template := desk.Template{
		Household: householdNumber(999), Authorization: "SQ340104-000999", Division: county, Scheme: "dibao", On: 20261101,
		Outcome: household.SuspectedIneligible,
		Records: []desk.PlantedRecord{{
			Source: household.Bank, Row: 17, Amount: 88_000_00, Limit: 30_000_00, Rule: "financial_assets_over_limit", Law: "第五条",
			Fields: []desk.Field{
				{Name: "name", Value: "赵明"},
				{Name: "institution", Value: "工商银行"},
				{Name: "account_no", Value: "6222000000007777"},
				{Name: "balance", Amount: &access.Amount{Fen: 88_000_00}},
			},
		}},
	}
	_, err := w.desk.Seed(t.Context(), reviewer, template, "质量抽查")
	refusedAs(t, err, desk.Forbidden)
	taken := template
	taken.Household = householdNumber(1)
	_, err = w.desk.Seed(t.Context(), leader, taken, "质量抽查")
	refusedAs(t, err, desk.Exists)
	id, err := w.desk.Seed(t.Context(), leader, template, "质量抽查")
	must(t, err)
	for _, e := range w.audit.events {
		if e.Object == id && e.Operation == access.ReviewerSeed.String() {
			t.Error("the log says which case it is")
		}
	}
	queue, _, err := w.desk.Cases(t.Context(), reviewer, desk.CaseQuery{})
	must(t, err)
	if len(queue) != 1 || queue[0].ID != id || queue[0].Seeded || queue[0].Authorization == "" {
		t.Fatalf("the queue %+v", queue)
	}
	c := queue[0]
	v, err := w.desk.Verdict(t.Context(), reviewer, c.Verdict)
	must(t, err)
	if !strings.Contains(string(v.JSON), "suspected_ineligible") || v.Case != id {
		t.Errorf("%s", v.JSON)
	}
	got, err := w.desk.OpenEvidence(t.Context(), reviewer, c.Verdict, 1)
	must(t, err)
	genuine, err := w.desk.OpenEvidence(t.Context(), reviewer, real.Verdict, 1)
	must(t, err)
	if got.Snapshot != genuine.Snapshot || got.Provider != genuine.Provider || got.AsOf != genuine.AsOf || got.Fields[0].Value != "赵*" || !got.Fields[2].Masked {
		t.Errorf("%+v beside %+v", got, genuine)
	}
	full, err := w.desk.Unmask(t.Context(), reviewer, c.Verdict, 1, "account_no", "核对账户")
	must(t, err)
	if full.Value != "6222000000007777" {
		t.Errorf("%+v", full)
	}
	_, err = w.desk.FileObjection(t.Context(), intake, id, 1, "不是我的")
	refusedAs(t, err, desk.NotFound)
	w.act(verifier, id, desk.Step{Kind: review.Propose, Reason: "余额超标"})
	w.act(reviewer, id, desk.Step{Kind: review.TakeUp})
	w.openAll(approver, id)
	w.act(approver, id, desk.Step{Kind: review.Confirm, Reason: "属实"}) // without looking
	_, err = w.desk.Act(t.Context(), intake, id, desk.Step{Kind: review.Notify})
	refusedAs(t, err, desk.StateRefuses)
	w.clock.pass(365 * 24 * time.Hour)
	if n, err := w.desk.Tick(t.Context()); n != 0 || err != nil {
		t.Errorf("%d became final, %v", n, err)
	}
	for queue, want := range map[string]int{desk.QueueNotice: 0, desk.QueueRecheck: 0, desk.QueueReopened: 0} {
		if page, err := w.ledger.List(t.Context(), ledger.TasksIn(queue, desk.TaskOpen, "")); err != nil || len(page.Rows) != want {
			t.Errorf("%s has %d tasks, %v", queue, len(page.Rows), err)
		}
	}
	if page, err := w.ledger.List(t.Context(), ledger.TasksIn(desk.QueueSeeds, desk.TaskMissed, "")); err != nil || len(page.Rows) != 1 {
		t.Errorf("%d answers, %v", len(page.Rows), err)
	}
	reports, err := w.desk.Meter(t.Context(), leader, "", meter.Defaults())
	must(t, err)
	at := slices.IndexFunc(reports, func(r meter.Report) bool { return r.Person == approver.Person })
	if at < 0 {
		t.Fatalf("%+v", reports)
	}
	stats, err := w.desk.Statistics(t.Context(), leader, desk.StatisticsQuery{})
	must(t, err)
	if len(stats.Counts) != 1 || len(stats.States) != 1 || stats.States[0].Name != string(review.UnderReview) {
		t.Errorf("a planted household is counted: %+v", stats)
	}
	// Nobody can be looked at under its number.
	line := strings.NewReplacer("000001", "000999").Replace(string(request(1, 3)))
	if a := w.check(verifier, []byte(line)); a.Refusal != "authorization_unknown" {
		t.Errorf("%+v", a)
	}
}

// Generations behind what is not decided are kept.
func TestContested(t *testing.T) {
	w := newWorld(t, 9)
	w.underReview(1, 3)
	before := w.desk.Generation()
	w.publish(9, func(int) household.Fen { return 7 })
	_, err := w.desk.Refresh(t.Context())
	must(t, err)
	want := []string{before, w.desk.Generation()}
	slices.Sort(want)
	got, err := w.desk.Contested(t.Context())
	must(t, err)
	if !slices.Equal(got, want) {
		t.Errorf("kept %v, want %v", got, want)
	}
	withdraw(w)
	if got, err = w.desk.Contested(t.Context()); err != nil || len(got) != 1 {
		t.Errorf("after the withdrawal %v, %v", got, err)
	}
}
