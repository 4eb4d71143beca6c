package review_test

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/review"
)

func ids(cases []review.Case) []string {
	out := []string{}
	for i := range cases {
		out = append(out, cases[i].ID)
	}
	return out
}

func TestQueue(t *testing.T) {
	at := func(id string, days int, s review.State, o household.Outcome) review.Case {
		return review.Case{ID: id, State: s, Outcome: o, Since: start.AddDate(0, 0, days)}
	}
	waiting := at("waits for a verdict", 0, review.UnderReview, household.SuspectedIneligible)
	waiting.Awaiting = true
	cases := []review.Case{
		at("unverifiable", 0, review.Proposed, household.Unverifiable),
		at("clean", 0, review.Proposed, household.NoDiscrepancy),
		at("review", 0, review.UnderReview, household.NeedsReview),
		at("ineligible, new", 9, review.Proposed, household.SuspectedIneligible),
		at("ineligible, old", 1, review.Returned, household.SuspectedIneligible),
		at("ineligible, old too", 1, review.Proposed, household.SuspectedIneligible),
		at("disputed", 30, review.Disputed, household.NoDiscrepancy),
		at("confirmed", 0, review.Confirmed, household.SuspectedIneligible),
		at("cleared", 0, review.Cleared, household.SuspectedIneligible),
		at("final", 0, review.Final, household.SuspectedIneligible),
		at("withdrawn", 0, review.Withdrawn, household.SuspectedIneligible),
		waiting,
	}
	want := []string{
		"disputed", "ineligible, old", "ineligible, old too", "ineligible, new", "review", "unverifiable", "clean",
	}
	r := rand.New(rand.NewPCG(1, 1))
	for range 50 {
		r.Shuffle(len(cases), func(i, j int) { cases[i], cases[j] = cases[j], cases[i] })
		for _, capacity := range []int{-1, 0, 1, 3, 100} {
			if diff := cmp.Diff(want[:min(len(want), max(capacity, 0))], ids(review.Queue(cases, capacity))); diff != "" {
				t.Fatalf("capacity %d:\n%s", capacity, diff)
			}
		}
	}
}

// TestQueueForgets: two households alike today are ranked alike, whatever they were.
func TestQueueForgets(t *testing.T) {
	past := begin(t)
	past.underReview()
	past.does("B", review.Return, why)
	past.does("A", review.Object, review.Event{Objection: "O1", Record: "r1"})
	past.does("D", review.DecideObjection, review.Event{Objection: "O1", Upheld: true, Reason: "已更正"})
	past.does("A", review.Propose, why)
	v := review.Verdict{ID: "v2", Outcome: household.NeedsReview, LoadBearing: rests(household.Found, "r2")}
	past.does("", review.Recheck, review.Event{Verdict: &v})
	for _, id := range []string{"0", "2"} { // before and after it
		fresh, err := review.New(id, "h", "dibao", 15, v, past.c.Since)
		if err != nil {
			t.Fatal(err)
		}
		got := ids(review.Queue([]review.Case{past.c, fresh}, 2))
		want := []string{past.c.ID, fresh.ID}
		if fresh.ID < past.c.ID {
			want = []string{fresh.ID, past.c.ID}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("only the id may decide:\n%s", diff)
		}
	}
}
