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
	"github.com/hedui/hedui/engine/ledger"
)

// One field in full, for a reason that is kept, to so many an hour.
func TestUnmask(t *testing.T) {
	w := newWorld(t, 9)
	a := w.underReview(1, 3)
	_, err := w.desk.Unmask(t.Context(), approver, a.Verdict, 1, "account_no", " ")
	refusedAs(t, err, desk.ReasonNeeded)
	_, err = w.desk.Unmask(t.Context(), approver, a.Verdict, 1, "kind", "当面核对")
	refusedAs(t, err, desk.InvalidField)
	_, err = w.desk.Unmask(t.Context(), intake, a.Verdict, 1, "account_no", "当面核对")
	refusedAs(t, err, desk.Forbidden)
	limit := 20
	for i := range limit {
		got, err := w.desk.Unmask(t.Context(), approver, a.Verdict, 1, "account_no", "当面核对")
		must(t, err)
		if got.Value != "6222000000000003" || got.Left != limit-1-i {
			t.Fatalf("%+v", got)
		}
	}
	_, err = w.desk.Unmask(t.Context(), approver, a.Verdict, 1, "account_no", "当面核对")
	refusedAs(t, err, desk.TooMany)
	if r, _ := desk.Refused(err); r.After != time.Hour {
		t.Errorf("try again after %s", r.After)
	}
	w.clock.pass(time.Hour)
	got, err := w.desk.Unmask(t.Context(), approver, a.Verdict, 1, "balance", "当面核对")
	must(t, err)
	if got.Value != "1000000000" {
		t.Errorf("%+v", got)
	}
	look := w.audit.looks[len(w.audit.looks)-1]
	if look.Action != "unmask" || !slices.Contains(look.Fields, "balance") {
		t.Errorf("%+v", look)
	}
	var reasons int
	must(t, ledger.All(t.Context(), w.ledger, ledger.RequestsOf(householdNumber(1)), func(r *ledger.Request) error {
		var why struct{ Reason string }
		if r.Channel == "unmask" && json.Unmarshal(r.Body, &why) == nil && why.Reason == "当面核对" {
			reasons++
		}
		return nil
	}))
	if reasons != limit+1 {
		t.Errorf("%d reasons are kept", reasons)
	}
}

func TestStatistics(t *testing.T) {
	w := newWorld(t, 60)
	for h := range 27 {
		w.register(h, h)
		w.check(verifier, request(h, h))
	}
	got, err := w.desk.Statistics(t.Context(), official("leader01", "3401", access.Leader), desk.StatisticsQuery{})
	must(t, err)
	var all int64
	for _, c := range got.Counts {
		all += c.Count
		if c.Withheld != (c.Count == 0) {
			t.Errorf("%+v", c)
		}
	}
	if all < 22 || all > 27 {
		t.Errorf("%+v", got)
	}
	must(t, err)
	for h := 30; h < 34; h++ {
		w.register(h, h)
		_, err := w.desk.Check(t.Context(), verifier, request(h, h), desk.CheckOptions{On: 20261031})
		must(t, err)
	}
	few, err := w.desk.Statistics(t.Context(), official("leader01", "3401", access.Leader), desk.StatisticsQuery{To: 20261031})
	must(t, err)
	for _, c := range few.Counts {
		if !c.Withheld || c.Count != 0 {
			t.Errorf("so few are said: %+v", c)
		}
	}
	if len(few.Counts) == 0 {
		t.Error("nothing was counted")
	}
	empty, err := w.desk.Statistics(t.Context(), official("leader01", "3401", access.Leader), desk.StatisticsQuery{From: 20270101})
	must(t, err)
	if diff := cmp.Diff([]desk.Count(nil), empty.Counts); diff != "" {
		t.Error(diff)
	}
	_, err = w.desk.Statistics(t.Context(), verifier, desk.StatisticsQuery{})
	refusedAs(t, err, desk.Forbidden)
	_, err = w.desk.Statistics(t.Context(), official("leader01", "3401", access.Leader), desk.StatisticsQuery{Division: "34"})
	refusedAs(t, err, desk.NotFound)
}

// Nothing that is personal is in an error, whatever a request holds, and nothing of a
// request that nobody has judged is in the audit log.
func TestCanary(t *testing.T) {
	w := newWorld(t, 9)
	w.register(1, 3)
	canaries := []string{idNumber(7), "欧阳金丝雀", "6222000000000099", "浙A88F99"}
	base := string(request(1, 3))
	var said []string
	for _, canary := range canaries {
		for _, old := range []string{householdNumber(1), "SQ340104-000001", "340104\",\"scheme", "dibao", "urban", name, idNumber(3), "head"} {
			line := strings.Replace(base, old, canary, 1)
			for _, c := range []desk.Caller{verifier, stranger} {
				a, err := w.desk.Check(t.Context(), c, []byte(line), desk.CheckOptions{})
				if err != nil {
					said = append(said, err.Error())
				} else if a.Refusal == "" && old != name && old != "head" {
					t.Errorf("%s is not looked at", old)
				}
			}
		}
		for _, number := range []string{canary, "SQ-" + canary} {
			_, _, err := w.desk.Authorization(t.Context(), verifier, number)
			_, err2 := w.desk.Case(t.Context(), verifier, number)
			_, err3 := w.desk.Verdict(t.Context(), verifier, number)
			_, err4 := w.desk.Household(t.Context(), verifier, number)
			_, err5 := w.desk.OpenEvidence(t.Context(), approver, number, 1)
			_, err6 := w.desk.DecideObjection(t.Context(), approver, number, true, canary)
			_, err7 := w.desk.Unmask(t.Context(), approver, number, 1, canary, canary)
			bad := paper(2, 4)
			bad.Number, bad.Household, bad.Purposes = number, canary, []string{canary}
			_, err8 := w.desk.RegisterAuthorization(t.Context(), intake, bad)
			for _, err := range []error{err, err2, err3, err4, err5, err6, err7, err8} {
				if err == nil {
					t.Error("a canary is found")
					continue
				}
				said = append(said, err.Error())
			}
		}
	}
	log, err := json.Marshal([]any{w.audit.looks, w.audit.events})
	must(t, err)
	said = append(said, string(log))
	if len(said) < 60 {
		t.Fatalf("only %d texts were searched", len(said))
	}
	for _, text := range said {
		for _, canary := range canaries {
			if strings.Contains(text, canary) {
				t.Errorf("%s is in %.200s", canary, text)
			}
		}
	}
}

// A desk that begins anew counts what was seen before.
func TestRecall(t *testing.T) {
	w := newWorld(t, 9)
	a := w.underReview(1, 3)
	now := w.clock.Now()
	var before []desk.Seen
	for i := range 19 { // newest first, as a log gives them
		before = append(before, desk.Seen{Person: approver.Person, At: now.Add(-time.Duration(i) * time.Minute)})
	}
	w.desk.Recall(append(before, desk.Seen{Person: reviewer.Person, At: now}))
	got, err := w.desk.Unmask(t.Context(), approver, a.Verdict, 1, "account_no", "当面核对")
	must(t, err)
	if got.Left != 0 {
		t.Errorf("%d are left", got.Left)
	}
	_, err = w.desk.Unmask(t.Context(), approver, a.Verdict, 1, "account_no", "当面核对")
	refusedAs(t, err, desk.TooMany)
	if r, _ := desk.Refused(err); r.After != time.Hour-18*time.Minute {
		t.Errorf("try again after %s", r.After)
	}
}
