package desk_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/authorization"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/dock"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/review"
)

// The city lacks the bank; the node above answers for it, judges the authorisation itself,
// and both have the look in their logs. The verdict is the one of a node that holds both.
func TestDocked(t *testing.T) {
	d := newDocked(t, 9)
	d.register(1, 3, 4)
	a := d.check(verifier, request(1, 3, 4))
	c := bankOf(t, a)
	if c.State != household.Upstream || len(c.Providers) != 1 || c.Providers[0].Node != "省平台" || c.Providers[0].State != household.Found || c.Providers[0].Snapshot != "bb" {
		t.Fatalf("bank %+v", c)
	}
	if a.Outcome != household.SuspectedIneligible || len(d.waits(desk.TaskOpen)) != 0 {
		t.Errorf("%s, %v", a.Outcome, d.waits(desk.TaskOpen))
	}
	// One node that holds everything says the same.
	whole := newWorld(t, 9)
	whole.register(1, 3, 4)
	b := whole.check(verifier, request(1, 3, 4))
	one, two := parsed(t, b.JSON), parsed(t, a.JSON)
	if len(one.Findings) != len(two.Findings) || one.Assets != two.Assets || one.Outcome != two.Outcome {
		t.Errorf("\n%s\n%s", b.JSON, a.JSON)
	}
	// The node above has the authorisation now, under the account of the city.
	held, err := ledger.Get[ledger.Authorization](t.Context(), d.above.ledger, "SQ340104-000001")
	must(t, err)
	paper, err := authorization.Decode(held.Body)
	must(t, err)
	if paper.RegisteredBy != "city-3401" || paper.Division != county {
		t.Errorf("registered %+v", paper)
	}
	// Both logs.
	if len(d.above.audit.looks) != 1 {
		t.Fatalf("the node above has %d looks", len(d.above.audit.looks))
	}
	look := d.above.audit.looks[0]
	if look.Who.Actor != "city-3401" || look.Action != "dock.evidence" || look.Purpose != "dibao" || len(look.Subjects) != 1 ||
		look.Subjects[0] != (audit.Subject{Household: householdNumber(1), Authorization: "SQ340104-000001"}) || !look.Reveal || fmt.Sprint(look.Fields) != "[bank]" {
		t.Errorf("look %+v", look)
	}
	asked := false
	for _, e := range d.audit.events {
		asked = asked || e.Operation == "dock.ask" && e.Object == "省平台" && e.Outcome == audit.Done && e.Subjects[0].Household == householdNumber(1)
	}
	if !asked || len(d.audit.looks) != 1 || len(d.above.audit.ends) != 1 || len(d.above.audit.ends[0]) != 1 {
		t.Errorf("the city's log: %+v", d.audit.events)
	}
	// Whoever asks what is held is told where.
	holds, err := d.desk.Coverage()
	must(t, err)
	for _, x := range holds.Sources {
		if (x.Upstream == "省平台") != (x.Source == household.Bank) || len(x.Deliveries) != 1 {
			t.Errorf("%s: %+v", x.Source, x)
		}
	}
	// The second time the authorisation is there, and the answer the same.
	before := d.link.asked
	again := d.check(verifier, request(1, 3, 4))
	if string(again.JSON) != string(a.JSON) || again.Verdict != a.Verdict || d.link.asked != before+1 {
		t.Errorf("asked %d times\n%s\n%s", d.link.asked-before, a.JSON, again.JSON)
	}
	// That somebody has nothing is said and proven.
	d.register(2, 100)
	none := d.check(verifier, request(2, 100))
	if c := bankOf(t, none); c.State != household.Upstream || c.Providers[0].State != household.None || none.Outcome != household.NoDiscrepancy {
		t.Errorf("%s %+v", none.Outcome, c)
	}
}

// A record that another node sent is kept beside the verdict that rests on it: it can be
// opened, and objected to.
func TestEvidenceOfAnotherNode(t *testing.T) {
	d := newDocked(t, 9)
	d.register(1, 3)
	a := d.check(verifier, request(1, 3))
	d.link.down = true
	opened, err := d.desk.OpenEvidence(t.Context(), verifier, a.Verdict, 1)
	must(t, err)
	if opened.Source != household.Bank || opened.Snapshot != "bb" || opened.AsOf != 20261031 || opened.Row != 4 || len(opened.Fields) == 0 {
		t.Errorf("%+v", opened)
	}
	if a.Case == "" {
		t.Fatal("no case")
	}
	sheet, err := d.desk.Sheet(t.Context(), verifier, a.Verdict)
	must(t, err)
	if len(sheet.Evidence) != 2 || !sheet.Evidence[0].Bears || sheet.Verdict.Findings[0].Evidence[0].Node != "省平台" {
		t.Errorf("%+v", sheet.Evidence)
	}
	d.reportOf(verifier, a.Verdict)
	d.link.down = false
	// A case that rests on it goes the whole way, the evidence opened by the second person.
	other := d.underReview(2, 6)
	d.link.down = true
	d.openAll(approver, other.Case)
	if c := d.act(approver, other.Case, desk.Step{Kind: review.Confirm, Reason: "属实"}); c.State != review.Confirmed {
		t.Errorf("%+v", c.State)
	}
	d.link.down = false
	o, err := d.desk.FileObjection(t.Context(), verifier, a.Case, 1, "账户已注销")
	must(t, err)
	if o.Number != 1 {
		t.Errorf("%+v", o)
	}
	h, err := ledger.Get[ledger.Household](t.Context(), d.ledger, ledger.HouseholdID(householdNumber(1), "dibao"))
	must(t, err)
	if h.Verdict == a.Verdict || h.Outcome == household.SuspectedIneligible.String() {
		t.Errorf("the record counts although somebody objects to it: %s", h.Outcome)
	}
}

// An upper node that does not answer leaves the source pending, never none; when it is back
// the household is verified again without anybody asking, and the change is in the queue.
func TestPendingIsCompleted(t *testing.T) {
	d := newDocked(t, 9)
	d.register(1, 3)
	d.link.down = true
	a := d.check(verifier, request(1, 3))
	if c := bankOf(t, a); c.State != household.Pending || a.Outcome != household.Unverifiable {
		t.Fatalf("%s %+v", a.Outcome, c)
	}
	if w := d.waits(desk.TaskOpen); len(w) != 1 || w[householdNumber(1)] == nil || w[householdNumber(1)].Division != county {
		t.Fatalf("waits %+v", w)
	}
	looks := len(d.audit.looks)
	// Not before its time, and about nobody while the node can't be reached.
	again := func(want desk.Awaited) {
		t.Helper()
		got, err := d.desk.AskAgain(t.Context())
		if f, ok := errors.AsType[*dock.Failure](err); err != nil && (!ok || f.Code != dock.Unreachable) {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("asked again: %+v, want %+v", got, want)
		}
	}
	again(desk.Awaited{})
	d.clock.pass(time.Minute)
	again(desk.Awaited{})
	if len(d.audit.looks) != looks {
		t.Error("somebody was looked at while nobody could answer")
	}
	d.link.down = false
	again(desk.Awaited{Asked: 1, Answered: 1})
	h, err := ledger.Get[ledger.Household](t.Context(), d.ledger, ledger.HouseholdID(householdNumber(1), "dibao"))
	must(t, err)
	v, err := ledger.Get[ledger.Verdict](t.Context(), d.ledger, h.Verdict)
	must(t, err)
	if c := parsed(t, v.Body).Coverage[household.Bank]; c.State != household.Upstream || h.Outcome != household.SuspectedIneligible.String() || h.Verdict == a.Verdict {
		t.Errorf("%s %+v", h.Outcome, c)
	}
	x := d.changesIn()[householdNumber(1)]
	if x.Before != "unverifiable" || x.After != "suspected_ineligible" || fmt.Sprint(x.Reasons) != "[upstream]" || fmt.Sprint(x.Sources) != "[bank]" {
		t.Errorf("change %+v", x)
	}
	if len(d.waits(desk.TaskOpen)) != 0 || len(d.waits(desk.TaskDone)) != 1 {
		t.Error("it waits on")
	}
	// Nobody chose the household.
	if last := d.audit.looks[len(d.audit.looks)-1]; last.Who.Actor != "clock" || last.Batch != "upstream" {
		t.Errorf("%+v", last)
	}
	again(desk.Awaited{})
}

// What is waited for ends when the family takes its authorisation back, or a later day
// stands.
func TestWaitingEnds(t *testing.T) {
	d := newDocked(t, 9)
	d.link.down = true
	for h := range 3 {
		d.register(h+1, h)
		d.check(verifier, request(h+1, h))
	}
	_, err := d.desk.WithdrawAuthorization(t.Context(), intake, "SQ340104-000001", "撤回")
	must(t, err)
	d.link.down = false
	if _, err := d.desk.Check(t.Context(), verifier, request(2, 1), desk.CheckOptions{On: 20261102}); err != nil {
		t.Fatal(err)
	}
	d.clock.pass(time.Hour)
	asked := d.link.asked
	got, err := d.desk.AskAgain(t.Context())
	must(t, err)
	if got != (desk.Awaited{Asked: 3, Answered: 2, Ended: 1}) || len(d.waits(desk.TaskOpen)) != 0 {
		t.Errorf("%+v, %v", got, d.waits(desk.TaskOpen))
	}
	if _, err := ledger.Get[ledger.Authorization](t.Context(), d.above.ledger, "SQ340104-000001"); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("the node above has registered what was taken back before it was asked: %v", err)
	}
	if d.link.asked != asked+3 { // of the third household, with and without its paper, and that the first took its back
		t.Errorf("%d questions", d.link.asked-asked)
	}
}

// What a family takes back at the city it has taken back at the node above, which is told
// when it can be reached; nobody is looked at for that. A node that was never asked is not
// told of it.
func TestWithdrawnAbove(t *testing.T) {
	d := newDocked(t, 9)
	d.register(1, 3)
	d.register(2, 4)
	d.check(verifier, request(1, 3))
	d.link.down = true
	for h := 1; h <= 2; h++ {
		_, err := d.desk.WithdrawAuthorization(t.Context(), intake, fmt.Sprintf("SQ340104-%06d", h), "撤回")
		must(t, err)
	}
	if len(d.waits(desk.TaskOpen)) != 1 {
		t.Fatalf("%d wait", len(d.waits(desk.TaskOpen)))
	}
	looks, above := len(d.audit.looks), len(d.above.audit.looks)
	held := func() *authorization.Authorization {
		e, err := ledger.Get[ledger.Authorization](t.Context(), d.above.ledger, "SQ340104-000001")
		must(t, err)
		a, err := authorization.Decode(e.Body)
		must(t, err)
		if e.Withdrawn != (a.Withdrawn != nil) {
			t.Error("its entry and its body differ")
		}
		return a
	}
	if _, err := d.desk.AskAgain(t.Context()); err == nil || held().Withdrawn != nil {
		t.Errorf("told while it is gone: %v", err)
	}
	d.link.down = false
	// Nothing but its own word says that it knows.
	d.link.after = func(_ *dock.Question, s *dock.Sealed) *dock.Sealed { s.Signature = ""; return s }
	if got, err := d.desk.AskAgain(t.Context()); err != nil || got != (desk.Awaited{Asked: 1, Waiting: 1}) || len(d.waits(desk.TaskOpen)) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	d.link.after = nil
	d.clock.pass(time.Minute)
	got, err := d.desk.AskAgain(t.Context())
	must(t, err)
	if a := held(); a.Withdrawn == nil || a.Withdrawn.By != intake.Account || got != (desk.Awaited{Asked: 1, Answered: 1}) || len(d.waits(desk.TaskOpen)) != 0 {
		t.Errorf("%+v, %+v", got, a.Withdrawn)
	}
	if len(d.audit.looks) != looks || len(d.above.audit.looks) != above {
		t.Error("somebody was looked at")
	}
	if e := d.audit.last(); e.Operation != "dock.withdraw" || e.Subjects[0].Authorization != "SQ340104-000001" {
		t.Errorf("the log has %+v", e)
	}
	if _, err := ledger.Get[ledger.Authorization](t.Context(), d.above.ledger, "SQ340104-000002"); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("the second household's authorisation is there: %v", err)
	}
}

// A new generation above is taken up, and what the city says follows it.
func TestTheUpperNodePublishes(t *testing.T) {
	d := newDocked(t, 9)
	d.register(1, 3)
	before := d.check(verifier, request(1, 3))
	d.above.take(9, func(int) household.Fen { return 1 })
	after := d.check(verifier, request(1, 3))
	if c := bankOf(t, after); before.Outcome != household.SuspectedIneligible || after.Outcome != household.NoDiscrepancy || c.State != household.Upstream {
		t.Errorf("%s, then %s: %+v", before.Outcome, after.Outcome, c)
	}
}

// A recheck does not judge a verdict as if the other node's records had vanished: it leaves
// the household to be asked about again.
func TestRecheckAsksTheUpperNode(t *testing.T) {
	d := newDocked(t, 9)
	for h := range 4 {
		d.register(h+1, h)
		d.check(verifier, request(h+1, h))
	}
	if r := d.recheck(false); r.Upstream != 4 || r.Again != 0 || r.Later != 0 {
		t.Errorf("%+v", r)
	}
	d.publishCity("next")
	_, err := d.desk.Refresh(t.Context())
	must(t, err)
	if r := d.recheck(false); r.Upstream != 4 || r.Again != 0 || r.Changed != 0 || r.Reasons["upstream"] != 4 {
		t.Errorf("%+v", r)
	}
	d.above.take(9, func(i int) household.Fen { return household.Fen(100 * i) }) // the third is rich no more
	if _, err := d.desk.AskAgain(t.Context()); err != nil {
		t.Fatal(err)
	}
	x := d.changesIn()
	if c := x[householdNumber(4)]; len(x) != 2 || c.Before != "suspected_ineligible" || c.After != "no_discrepancy" { // the first too
		t.Errorf("changes %+v", x)
	}
	for h := range 4 {
		e, err := ledger.Get[ledger.Household](t.Context(), d.ledger, ledger.HouseholdID(householdNumber(h+1), "dibao"))
		must(t, err)
		if e.Outcome != household.NoDiscrepancy.String() || e.Generation != d.desk.Generation() {
			t.Errorf("%d: %s of %s", h, e.Outcome, e.Generation)
		}
	}
}

// The households of a batch wait for the node above, which nobody asks in the middle of one.
func TestBatchOfADockedNode(t *testing.T) {
	d := newDocked(t, 30)
	var lines strings.Builder
	for h := range 30 {
		d.register(h, h)
		fmt.Fprintf(&lines, "%s\n", request(h, h))
	}
	got, err := d.batch(centre, lines.String())
	must(t, err)
	if n := got.outcomes[household.Unverifiable].Load(); n != 30 || len(d.waits(desk.TaskOpen)) != 30 || d.link.asked != 0 {
		t.Fatalf("%d unverifiable, %d wait, %d questions", n, len(d.waits(desk.TaskOpen)), d.link.asked)
	}
	d.clock.pass(time.Minute)
	again, err := d.desk.AskAgain(t.Context())
	must(t, err)
	if again != (desk.Awaited{Asked: 30, Answered: 30}) || len(d.changesIn()) != 30 {
		t.Errorf("%+v, %d changes", again, len(d.changesIn()))
	}
	for h := range 30 {
		e, err := ledger.Get[ledger.Household](t.Context(), d.ledger, ledger.HouseholdID(householdNumber(h), "dibao"))
		must(t, err)
		want := household.NoDiscrepancy
		if h%3 == 0 {
			want = household.SuspectedIneligible
		}
		if e.Outcome != want.String() {
			t.Errorf("%d: %s", h, e.Outcome)
		}
	}
}

// BenchmarkCheckDocked is a check of one household that another node answers for, both in
// one process: with the judgement of both, both logs in memory, a signature made and one
// checked, without the network. BenchmarkCheckWhole is the same household on one node.
func BenchmarkCheckDocked(b *testing.B) {
	d := newDocked(b, 9)
	d.register(1, 1)
	line := request(1, 1)
	for b.Loop() {
		if a := d.check(verifier, line); bankOf(b, a).State != household.Upstream {
			b.Fatal("not answered")
		}
	}
}

func BenchmarkCheckWhole(b *testing.B) {
	w := newWorld(b, 9)
	w.register(1, 1)
	line := request(1, 1)
	for b.Loop() {
		if a := w.check(verifier, line); bankOf(b, a).State != household.Found {
			b.Fatal("not found")
		}
	}
}
