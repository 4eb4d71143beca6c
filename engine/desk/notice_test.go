package desk_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/export"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/review"
)

// november is a notice of November.
func november() desk.NoticeQuery {
	return desk.NoticeQuery{
		Division: county, Scheme: "dibao", From: 20261101, To: 20261130, Recipient: "三里庵街道办事处", Objects: "区民政局", Reason: "11月公示",
	}
}

// A notice names whoever is in order and nobody else, and says no more of them than the
// law wants; what has left is in the log, in the ledger, and on the shelf.
func TestPublicNotice(t *testing.T) {
	w := newWorld(t, 30)
	check := func(h, person int) *desk.Answer {
		w.register(h, person)
		return w.check(verifier, request(h, person))
	}
	w.register(7, 7, 8)
	w.check(verifier, request(7, 7, 8))
	for h, person := range map[int]int{1: 1, 4: 4} { // in order
		if a := check(h, person); a.Outcome.String() != "no_discrepancy" {
			t.Fatalf("%d: %s", h, a.Outcome)
		}
	}
	w.underReview(2, 3) // somebody decides
	cleared := w.underReview(3, 6)
	w.openAll(approver, cleared.Case)
	w.act(approver, cleared.Case, desk.Step{Kind: review.Clear, Reason: "账户为代管"})
	_, err := w.desk.WithdrawAuthorization(t.Context(), intake, paper(4).Number, "撤回")
	must(t, err)
	confirmed := w.underReview(5, 9)
	w.openAll(approver, confirmed.Case)
	w.act(approver, confirmed.Case, desk.Step{Kind: review.Confirm, Reason: "属实"})
	objected := w.underReview(6, 12)
	_, err = w.desk.FileObjection(t.Context(), intake, objected.Case, 1, "不是我的")
	must(t, err)
	w.register(8, 8)
	_, err = w.desk.Check(t.Context(), verifier, request(8, 8), desk.CheckOptions{On: 20261031}) // before the period
	must(t, err)

	n, err := w.desk.PublicNotice(t.Context(), approver, november())
	must(t, err)
	one, two := export.NoticeEntry{Applicant: name, Scheme: "dibao", Members: 1, Place: "蜀山区"}, export.NoticeEntry{Applicant: name, Scheme: "dibao", Members: 2, Place: "蜀山区"}
	listed := []export.NoticeEntry{one, one, two}
	var want []export.NoticeEntry
	key := w.shelf.Key()
	for _, i := range key.Order(&n.Slip, 3) { // as only this recipient has it
		want = append(want, listed[i])
	}
	if diff := cmp.Diff(want, n.Entries); diff != "" {
		t.Error(diff)
	}
	e := w.audit.last()
	var households []string
	for _, s := range e.Subjects {
		households = append(households, s.Household)
	}
	slices.Sort(households)
	if diff := cmp.Diff([]string{householdNumber(1), householdNumber(3), householdNumber(7)}, households); diff != "" {
		t.Error(diff)
	}
	if e.Operation != "export.public_notice" || e.Object != n.Number || e.Purpose != "dibao" || e.Outcome != "done" || !slices.Equal(e.Fields, []string{"name"}) {
		t.Errorf("%+v", e)
	}
	task, err := ledger.Get[ledger.Task](t.Context(), w.ledger, n.Number)
	must(t, err)
	var body map[string]any
	must(t, json.Unmarshal(task.Body, &body))
	if task.Queue != desk.QueueExports || body["recipient"] != "三里庵街道办事处" || body["reason"] != "11月公示" || body["rows"] != 3.0 || body["by"] != approver.Account {
		t.Errorf("%+v %v", task, body)
	}
	if len(w.shelf.kept) != 1 || w.shelf.kept[0].Number != n.Number || w.shelf.kept[0].Rows() != 3 {
		t.Errorf("%d marks", len(w.shelf.kept))
	}
	if foot := strings.Join(n.Foot(time.UTC), "|"); !strings.Contains(foot, n.Number) || !strings.Contains(foot, "区民政局") || !strings.Contains(foot, "2026-11-30") {
		t.Errorf("%q", foot)
	}

	// Somebody still decides about a household that is in order by now.
	w.publish(30, func(int) household.Fen { return 7 })
	_, err = w.desk.Refresh(t.Context())
	must(t, err)
	if a := w.check(verifier, request(2, 3)); a.Outcome != household.NoDiscrepancy {
		t.Fatalf("%s", a.JSON)
	}
	if again, err := w.desk.PublicNotice(t.Context(), approver, november()); err != nil || len(again.Entries) != 3 {
		t.Errorf("%+v, %v", again, err)
	}

	// The clearing counts on its day, not on the verdict's; an objection takes a household
	// off that was on.
	late := november()
	late.From = 20261102
	if n, err := w.desk.PublicNotice(t.Context(), approver, late); err != nil || len(n.Entries) != 0 {
		t.Errorf("%+v, %v", n, err)
	}
	early := november()
	early.From, early.To = 20261001, 20261031
	if n, err := w.desk.PublicNotice(t.Context(), approver, early); err != nil || len(n.Entries) != 1 {
		t.Errorf("%+v, %v", n, err)
	}
}

func TestPublicNoticeRefused(t *testing.T) {
	w := newWorld(t, 9)
	w.register(1, 1)
	w.check(verifier, request(1, 1))
	for name, change := range map[string]func(*desk.NoticeQuery){
		"no first day":     func(q *desk.NoticeQuery) { q.From = 0 },
		"no last day":      func(q *desk.NoticeQuery) { q.To = 0 },
		"backwards":        func(q *desk.NoticeQuery) { q.To = 20261031 },
		"no recipient":     func(q *desk.NoticeQuery) { q.Recipient = " " },
		"up for ever":      func(q *desk.NoticeQuery) { q.Days = 61 },
		"nowhere to go":    func(q *desk.NoticeQuery) { q.Objects = "" },
		"a long recipient": func(q *desk.NoticeQuery) { q.Recipient = strings.Repeat("长", 501) },
	} {
		q := november()
		change(&q)
		_, err := w.desk.PublicNotice(t.Context(), approver, q)
		r, ok := desk.Refused(err)
		if !ok || r.Code != desk.InvalidField || len(r.Fields) != 1 {
			t.Errorf("%s: %v", name, err)
		}
	}
	q := november()
	q.Reason = ""
	_, err := w.desk.PublicNotice(t.Context(), approver, q)
	refusedAs(t, err, desk.ReasonNeeded)
	_, err = w.desk.PublicNotice(t.Context(), reviewer, november())
	refusedAs(t, err, desk.Forbidden)
	_, err = w.desk.PublicNotice(t.Context(), official("approver09", "340203", access.Approver), november())
	refusedAs(t, err, desk.NotFound)
	elsewhere := official("approver09", county, access.Approver)
	elsewhere.Purposes = []string{"housing"}
	_, err = w.desk.PublicNotice(t.Context(), elsewhere, november())
	refusedAs(t, err, desk.NotFound)
	if len(w.shelf.kept) != 0 {
		t.Error("what is refused has marks")
	}
	// What can't be taken down does not leave.
	for name, fails := range map[string]func(error){
		"shelf": func(err error) { w.shelf.fail = err }, "audit": func(err error) { w.audit.fail = err }, "ledger": func(err error) { w.ledger.fail = err },
	} {
		fails(errBoom)
		if n, err := w.desk.PublicNotice(t.Context(), approver, november()); err == nil {
			t.Errorf("without %s %d leave", name, len(n.Entries))
		}
		fails(nil)
	}
	if n, err := w.desk.PublicNotice(t.Context(), approver, november()); err != nil || len(n.Entries) != 1 {
		t.Errorf("%v", err)
	}
}
