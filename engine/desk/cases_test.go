package desk_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/review"
)

var (
	reviewer = official("reviewer01", county, access.Reviewer)
	approver = official("approver01", county, access.Approver)
)

// somebody finds the person of an account.
func somebody(c desk.Caller) func(context.Context) (string, bool, error) {
	return func(context.Context) (string, bool, error) { return c.Person, true, nil }
}

// act takes a step that must succeed.
func (w *world) act(c desk.Caller, id string, step desk.Step) *desk.Case {
	w.t.Helper()
	got, err := w.desk.Act(w.t.Context(), c, id, step)
	must(w.t, err)
	return got
}

// openAll opens all evidence of a case.
func (w *world) openAll(c desk.Caller, id string) {
	w.t.Helper()
	got, err := w.desk.Case(w.t.Context(), c, id)
	must(w.t, err)
	for _, r := range got.Records {
		if r.Bears {
			_, err := w.desk.OpenEvidence(w.t.Context(), c, got.Verdict, r.Number)
			must(w.t, err)
		}
	}
}

// underReview brings the case of a household to where the second person decides.
func (w *world) underReview(h int, people ...int) *desk.Answer {
	w.t.Helper()
	w.register(h, people...)
	a := w.check(verifier, request(h, people...))
	if a.Case == "" {
		w.t.Fatalf("no case: %s", a.JSON)
	}
	w.act(verifier, a.Case, desk.Step{Kind: review.Propose, Reason: "余额超标"})
	w.act(reviewer, a.Case, desk.Step{Kind: review.TakeUp})
	return a
}

// An adverse outcome is final only after two persons, of whom the second opened the
// evidence, a notice, and the whole term without an objection.
func TestCaseToItsEnd(t *testing.T) {
	w := newWorld(t, 9)
	a := w.underReview(1, 3)
	confirm := desk.Step{Kind: review.Confirm, Reason: "属实"}
	_, err := w.desk.Act(t.Context(), reviewer, a.Case, confirm)
	refusedAs(t, err, desk.SecondPerson)
	_, err = w.desk.Act(t.Context(), approver, a.Case, confirm)
	refusedAs(t, err, desk.EvidenceNotOpened)
	_, err = w.desk.Act(t.Context(), approver, a.Case, desk.Step{Kind: review.Confirm})
	refusedAs(t, err, desk.ReasonNeeded)
	w.openAll(approver, a.Case)
	_, err = w.desk.Act(t.Context(), approver, a.Case, desk.Step{Kind: review.Confirm, Reason: "属实", Version: 1})
	refusedAs(t, err, desk.Changed)
	twin := approver // another account of the one who reviewed
	twin.Account, twin.Person = "approver02", reviewer.Person
	w.openAll(twin, a.Case)
	_, err = w.desk.Act(t.Context(), twin, a.Case, confirm)
	refusedAs(t, err, desk.SecondPerson)
	if got := w.act(approver, a.Case, confirm); got.State != review.Confirmed || got.Second != approver.Person {
		t.Fatalf("%+v", got)
	}
	page, err := w.ledger.List(t.Context(), ledger.TasksIn(desk.QueueNotice, desk.TaskOpen, ""))
	must(t, err)
	if len(page.Rows) != 1 {
		t.Errorf("%d notices are due", len(page.Rows))
	}
	tick := func(want int) {
		t.Helper()
		if n, err := w.desk.Tick(t.Context()); err != nil || n != want {
			t.Fatalf("%d became final, %v, want %d", n, err, want)
		}
	}
	w.clock.pass(30 * 24 * time.Hour)
	tick(0) // without a notice time does nothing
	w.act(intake, a.Case, desk.Step{Kind: review.Notify})
	w.clock.pass(10*24*time.Hour - time.Second)
	tick(0)
	w.clock.pass(time.Second)
	tick(1)
	tick(0)
	got, err := w.desk.Case(t.Context(), approver, a.Case)
	must(t, err)
	if got.State != review.Final {
		t.Errorf("%s", got.State)
	}
}

// A record is opened where the verdict read it, shown by the masks of whoever opens it,
// and the audit log has who saw it before it was read.
func TestOpenEvidence(t *testing.T) {
	w := newWorld(t, 9)
	a := w.underReview(1, 3)
	w.publish(9, func(int) household.Fen { return 7 }) // the record of today is another
	if _, err := w.desk.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	got, err := w.desk.OpenEvidence(t.Context(), approver, a.Verdict, 1)
	must(t, err)
	fields := map[string]desk.Field{}
	for _, f := range got.Fields {
		fields[f.Name] = f
	}
	if got.Source != household.Bank || got.Row != 4 || fields["name"].Value != "王**" || !fields["account_no"].Masked || fields["account_no"].Value == "6222000000000003" {
		t.Errorf("%+v", got)
	}
	if b := fields["balance"].Amount; b == nil || b.Mask != access.Partly {
		t.Errorf("balance %+v", b)
	}
	look := w.audit.looks[len(w.audit.looks)-1]
	if look.Action != "evidence.open" || look.Who.Actor != approver.Account || !slices.Contains(look.Fields, "evidence.1") {
		t.Errorf("%+v", look)
	}
	for _, c := range []desk.Caller{stranger, official("approver09", "340203", access.Approver)} {
		_, err = w.desk.OpenEvidence(t.Context(), c, a.Verdict, 1)
		refusedAs(t, err, desk.NotFound)
	}
	_, err = w.desk.OpenEvidence(t.Context(), intake, a.Verdict, 1)
	refusedAs(t, err, desk.Forbidden)
	_, err = w.desk.OpenEvidence(t.Context(), approver, a.Verdict, 99)
	refusedAs(t, err, desk.NotFound)
	before := w.store.count()
	w.audit.fail = errBoom
	if _, err = w.desk.OpenEvidence(t.Context(), approver, a.Verdict, 1); err == nil || w.store.count() != before {
		t.Errorf("%v, %d reads without the log", err, w.store.count()-before)
	}
	w.audit.fail = nil
	withdraw(w)
	_, err = w.desk.OpenEvidence(t.Context(), approver, a.Verdict, 1)
	refusedAs(t, err, desk.StateRefuses)
	if c, err := w.desk.Case(t.Context(), approver, a.Case); err != nil || c.State != review.Withdrawn {
		t.Errorf("%+v, %v", c, err)
	}
}

// reopened are the households of reopened verdicts.
func (w *world) reopened() []string {
	w.t.Helper()
	var out []string
	must(w.t, ledger.All(w.t.Context(), w.ledger, ledger.TasksIn(desk.QueueReopened, desk.TaskOpen, ""), func(x *ledger.Task) error {
		out = append(out, x.Household)
		return nil
	}))
	slices.Sort(out)
	return out
}

// An objection keeps the record from counting at once. When it is upheld the department
// gets a ticket, and every verdict that used the record is opened again, none else.
func TestCorrectOnceEverywhere(t *testing.T) {
	w := newWorld(t, 30)
	refresh := func() {
		t.Helper()
		_, err := w.desk.Refresh(t.Context())
		must(t, err)
	}
	// A fifth household was checked when the bank still said something else.
	w.publish(30, func(int) household.Fen { return 9_00 })
	refresh()
	w.register(5, 3, 8)
	w.check(verifier, request(5, 3, 8))
	w.publish(30, balance)
	refresh()
	a := w.underReview(1, 3)
	// The same person is on the paper of a second household; a third leaves the bank out;
	// a fourth is of others.
	w.register(2, 3, 4)
	second := w.check(verifier, request(2, 3, 4))
	w.register(3, 3, 5)
	w.check(verifier, []byte(strings.Replace(string(request(3, 3, 5)), `000003"}`, `000003","data_classes":["tax"]}`, 1)))
	w.register(4, 6)
	fourth := w.check(verifier, request(4, 6))
	if second.Case == "" || fourth.Case == "" {
		t.Fatal("no cases")
	}
	o, err := w.desk.FileObjection(t.Context(), intake, a.Case, 1, "账户已注销")
	must(t, err)
	got, err := w.desk.Case(t.Context(), approver, a.Case)
	must(t, err)
	if got.State != review.Disputed || got.Verdict == a.Verdict || got.Awaiting || got.Outcome == household.SuspectedIneligible {
		t.Fatalf("after the objection: %+v", got)
	}
	v, err := w.desk.Verdict(t.Context(), verifier, got.Verdict)
	must(t, err)
	if !strings.Contains(string(v.JSON), `"disputed"`) {
		t.Errorf("%s", v.JSON)
	}
	if again := w.check(verifier, request(1, 3)); again.Verdict != got.Verdict {
		t.Error("a check while it is disputed counts the record")
	}
	if n := w.reopened(); len(n) != 0 {
		t.Errorf("reopened before anybody decided: %v", n)
	}
	_, err = w.desk.DecideObjection(t.Context(), intake, o.ID, true, "银行证明")
	refusedAs(t, err, desk.Forbidden)
	_, err = w.desk.DecideObjection(t.Context(), official("approver09", "340203", access.Approver), o.ID, true, "银行证明")
	refusedAs(t, err, desk.NotFound)
	_, err = w.desk.DecideObjection(t.Context(), approver, o.ID, true, "银行证明")
	must(t, err)
	want := []string{householdNumber(1), householdNumber(2)}
	if got := w.reopened(); !slices.Equal(slices.Compact(got), want) {
		t.Errorf("reopened %v, want %v", got, want)
	}
	if c, err := w.desk.Case(t.Context(), approver, second.Case); err != nil || c.Verdict == second.Verdict {
		t.Errorf("the second household was not verified again: %+v, %v", c, err)
	}
	if c, err := w.desk.Case(t.Context(), approver, fourth.Case); err != nil || c.Verdict != fourth.Verdict {
		t.Errorf("the fourth household has another verdict: %+v, %v", c, err)
	}
	list, _, err := w.desk.Corrections(t.Context(), official("steward01", county, access.DataSteward), desk.CorrectionQuery{Department: "bank"})
	must(t, err)
	if len(list) != 1 || list[0].Row != 4 || list[0].Snapshot != "bb" || list[0].Reason != "银行证明" {
		t.Errorf("tickets %+v", list)
	}
	// The bank corrects: the record of the next generation is another and counts.
	w.publish(30, func(int) household.Fen { return 7_00 })
	refresh()
	if after := w.check(verifier, request(1, 3)); strings.Contains(string(after.JSON), `"withheld"`) {
		t.Errorf("corrected, and still withheld: %s", after.JSON)
	}
}

// What is rejected counts again.
func TestRejectedObjection(t *testing.T) {
	w := newWorld(t, 9)
	a := w.underReview(1, 3)
	o, err := w.desk.FileObjection(t.Context(), intake, a.Case, 1, "不是我的")
	must(t, err)
	_, err = w.desk.DecideObjection(t.Context(), reviewer, o.ID, false, "属实")
	refusedAs(t, err, desk.SecondPerson) // the reviewer's own case
	_, err = w.desk.DecideObjection(t.Context(), approver, o.ID, false, "属实")
	must(t, err)
	c, err := w.desk.Case(t.Context(), approver, a.Case)
	must(t, err)
	if c.State != review.UnderReview || c.Verdict != a.Verdict || c.Awaiting || len(c.Opened) != 0 {
		t.Errorf("%+v", c)
	}
	if len(w.reopened()) != 0 {
		t.Error("something was reopened")
	}
}

// The queue of a division has its cases, the worst first, and nobody else's.
func TestQueue(t *testing.T) {
	w := newWorld(t, 40)
	for h := range 5 {
		w.register(h, 3*h)
		w.check(verifier, request(h, 3*h))
	}
	list, _, err := w.desk.Cases(t.Context(), reviewer, desk.CaseQuery{})
	must(t, err)
	if len(list) != 5 {
		t.Fatalf("%d cases", len(list))
	}
	w.act(reviewer, list[0].ID, desk.Step{Kind: review.Assign, Assignee: somebody(approver)})
	mine, _, err := w.desk.Cases(t.Context(), approver, desk.CaseQuery{Mine: true})
	must(t, err)
	if len(mine) != 1 || mine[0].ID != list[0].ID || mine[0].Masks[access.FieldAmount] != access.Full {
		t.Errorf("%+v", mine)
	}
	_, _, err = w.desk.Cases(t.Context(), stranger, desk.CaseQuery{Division: county})
	refusedAs(t, err, desk.NotFound)
	if other, _, err := w.desk.Cases(t.Context(), stranger, desk.CaseQuery{Household: householdNumber(1)}); err != nil || len(other) != 0 {
		t.Errorf("a stranger sees %v, %v", other, err)
	}
	_, err = w.desk.Case(t.Context(), stranger, list[0].ID)
	refusedAs(t, err, desk.NotFound)
	_, err = w.desk.Case(t.Context(), reviewer, "none")
	refusedAs(t, err, desk.NotFound)
}
