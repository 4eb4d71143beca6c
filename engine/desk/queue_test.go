package desk_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/review"
)

// mixed fills a county with cases in every state that waits, of two outcomes, on several
// days.
func mixed(t *testing.T) *world {
	w := newWorld(t, 30)
	w.publish(30, func(i int) household.Fen {
		if i%3 == 0 { // undeclared, and below every limit
			return 5_000_00
		}
		return 100_000_00_00
	})
	_, err := w.desk.Refresh(t.Context())
	must(t, err)
	for h := 1; h <= 24; h++ {
		w.clock.pass(time.Duration(h%5) * 9 * time.Hour)
		w.register(h, h)
		a := w.check(verifier, request(h, h))
		if a.Case == "" {
			continue
		}
		if h%2 == 0 {
			w.act(verifier, a.Case, desk.Step{Kind: review.Propose, Reason: "余额与申报不符"})
		}
		if h%4 == 0 {
			w.act(reviewer, a.Case, desk.Step{Kind: review.TakeUp})
			w.act(reviewer, a.Case, desk.Step{Kind: review.Assign, Assignee: somebody(reviewer)})
		}
		if h%8 == 0 {
			w.act(approver, a.Case, desk.Step{Kind: review.Return, Reason: "补充说明"})
		}
		if h%6 == 0 {
			_, err := w.desk.FileObjection(t.Context(), intake, a.Case, 1, "账户已注销")
			must(t, err)
		}
	}
	return w
}

// pages reads a list to its end, so many at a time.
func pages(w *world, c desk.Caller, q desk.CaseQuery, limit int) (all []*desk.Case) {
	w.t.Helper()
	q.Limit = limit
	for range 100 {
		list, next, err := w.desk.Cases(w.t.Context(), c, q)
		must(w.t, err)
		if len(list) > limit || len(list) == 0 && next != "" {
			w.t.Fatalf("a page of %d of at most %d, next %q", len(list), limit, next)
		}
		all = append(all, list...)
		if q.Cursor = next; next == "" {
			return all
		}
	}
	w.t.Fatal("a list without an end")
	return nil
}

// ids are the ids of cases as they must be ordered: most severe first, then oldest.
func ids(list []*desk.Case, keep func(*desk.Case) bool) (out []string) {
	list = slices.Clone(list)
	list = slices.DeleteFunc(list, func(c *desk.Case) bool { return !keep(c) })
	slices.SortFunc(list, func(a, b *desk.Case) int {
		return cmp.Or(cmp.Compare(b.Severity(), a.Severity()), a.Since.Compare(b.Since), cmp.Compare(a.ID, b.ID))
	})
	for _, c := range list {
		out = append(out, c.ID)
	}
	return out
}

func got(list []*desk.Case) (out []string) {
	for _, c := range list {
		out = append(out, c.ID)
	}
	return out
}

// One queue over every state that waits is in the order of the queue, whole and in pages
// of every size, with every filter.
func TestQueueOfAllStates(t *testing.T) {
	w := mixed(t)
	var all []*desk.Case
	states := map[review.State]int{}
	for _, s := range []review.State{review.Proposed, review.UnderReview, review.Returned, review.Disputed} {
		list := pages(w, reviewer, desk.CaseQuery{State: s}, 3)
		for _, c := range list {
			if c.State != s {
				t.Errorf("%s is in the list of %s", c.State, s)
			}
		}
		if want := ids(list, func(*desk.Case) bool { return true }); !slices.Equal(got(list), want) {
			t.Errorf("%s: %v, want %v", s, got(list), want)
		}
		states[s] = len(list)
		all = append(all, list...)
	}
	if len(states) != 4 || slices.Contains([]int{states[review.Proposed], states[review.UnderReview], states[review.Returned], states[review.Disputed]}, 0) {
		t.Fatalf("the world has only %v", states)
	}
	for name, f := range map[string]struct {
		query desk.CaseQuery
		keep  func(*desk.Case) bool
	}{
		"all":        {desk.CaseQuery{}, func(*desk.Case) bool { return true }},
		"outcome":    {desk.CaseQuery{Outcome: household.NeedsReview}, func(c *desk.Case) bool { return c.Outcome == household.NeedsReview }},
		"unassigned": {desk.CaseQuery{Unassigned: true}, func(c *desk.Case) bool { return c.Assignee == "" }},
		"mine":       {desk.CaseQuery{Mine: true}, func(c *desk.Case) bool { return c.Assignee == reviewer.Person }},
		"scheme":     {desk.CaseQuery{Scheme: "housing"}, func(*desk.Case) bool { return false }},
		"below":      {desk.CaseQuery{Division: "340104001"}, func(*desk.Case) bool { return false }},
	} {
		f.query.State = desk.Waiting
		want := ids(all, f.keep)
		if len(want) == 0 && name != "scheme" && name != "below" {
			t.Errorf("%s picks nothing", name)
		}
		for _, limit := range []int{1, 2, 3, 7, 16, 17, 50} {
			if list := got(pages(w, reviewer, f.query, limit)); !slices.Equal(list, want) {
				t.Errorf("%s, %d at a time: %v, want %v", name, limit, list, want)
			}
		}
	}
	c := all[0]
	if days := w.desk.DaysSince(c.Since); days < 1 || days > 30 {
		t.Errorf("a case of %v is %d days old on %v", c.Since, days, w.desk.Today())
	}
	disputed := pages(w, reviewer, desk.CaseQuery{State: review.Disputed}, 50)
	if disputed[0].OpenObjections() != 1 || disputed[0].Severity() != 4 {
		t.Errorf("%+v", disputed[0])
	}
	for _, bad := range []string{"x", "1.2", "a.2.c", "1.b.c", "1.2."} {
		_, _, err := w.desk.Cases(t.Context(), reviewer, desk.CaseQuery{State: desk.Waiting, Cursor: bad})
		refusedAs(t, err, desk.InvalidField)
	}
	if list := pages(w, official("reviewer09", "340203", access.Reviewer), desk.CaseQuery{State: desk.Waiting}, 5); len(list) != 0 {
		t.Error("a stranger sees cases")
	}
}

// A queue of a page reads as much whether the ledger holds few households or many.
func TestQueueReads(t *testing.T) {
	reads := func(households int) (gets, lists int64) {
		w := newWorld(t, 3*households+1)
		for h := 1; h <= households; h++ {
			w.register(h, 3*h)
			w.check(verifier, request(h, 3*h))
		}
		w.ledger.gets.Store(0)
		w.ledger.lists.Store(0)
		list, _, err := w.desk.Cases(t.Context(), reviewer, desk.CaseQuery{State: desk.Waiting, Limit: 10})
		must(t, err)
		if len(list) != 10 {
			t.Fatalf("%d cases", len(list))
		}
		_, err = w.desk.Sheet(t.Context(), reviewer, list[0].Verdict)
		must(t, err)
		return w.ledger.gets.Load(), w.ledger.lists.Load()
	}
	g, l := reads(12)
	g2, l2 := reads(60)
	if g != g2 || l != l2 || g > 10 || l > 10 {
		t.Errorf("%d gets and %d lists of 12 households, %d and %d of 60", g, l, g2, l2)
	}
}

// Objections are listed the longest waiting first, with their households' words, to whom
// may know of them.
func TestObjectionList(t *testing.T) {
	w := mixed(t)
	list, next, err := w.desk.Objections(t.Context(), reviewer, desk.ObjectionQuery{Limit: 2})
	must(t, err)
	rest, end, err := w.desk.Objections(t.Context(), reviewer, desk.ObjectionQuery{Limit: 50, Cursor: next})
	must(t, err)
	if len(list) != 2 || next == "" || end != "" {
		t.Fatalf("%d and %d objections", len(list), len(rest))
	}
	list = append(list, rest...)
	if !slices.IsSortedFunc(list, func(a, b *desk.Objection) int { return cmp.Compare(a.Filed, b.Filed) }) {
		t.Error("not the oldest first")
	}
	o := list[0]
	if o.Ground != "账户已注销" || o.FiledBy != intake.Account || o.Scheme != "dibao" || o.Division != county || o.State != review.Open || o.Number != 1 {
		t.Errorf("%+v", o)
	}
	if e := w.audit.last(); e.Operation != "objection.list" || len(e.Subjects) != len(rest) {
		t.Errorf("the log has %+v, of %d", e, len(rest))
	}
	_, err = w.desk.DecideObjection(t.Context(), approver, o.ID, false, "银行证明")
	must(t, err)
	rejected, _, err := w.desk.Objections(t.Context(), reviewer, desk.ObjectionQuery{State: review.Rejected})
	must(t, err)
	if len(rejected) != 1 || rejected[0].ID != o.ID || rejected[0].Reason != "银行证明" || rejected[0].By != approver.Account {
		t.Errorf("%+v", rejected)
	}
	of, _, err := w.desk.Objections(t.Context(), intake, desk.ObjectionQuery{Household: o.Household})
	must(t, err)
	if len(of) != 1 || of[0].ID != o.ID {
		t.Errorf("of the household %+v", of)
	}
	mine, _, err := w.desk.Objections(t.Context(), reviewer, desk.ObjectionQuery{Mine: true})
	must(t, err)
	for _, o := range mine {
		c, err := w.desk.Case(t.Context(), reviewer, o.Case)
		must(t, err)
		if c.Assignee != reviewer.Person {
			t.Errorf("%s is not mine", o.ID)
		}
	}
	if len(mine) == 0 || len(mine) == len(list) {
		t.Errorf("%d of %d are mine", len(mine), len(list))
	}
	if none, _, err := w.desk.Objections(t.Context(), stranger, desk.ObjectionQuery{Household: o.Household}); err != nil || len(none) != 0 {
		t.Errorf("a stranger sees %+v, %v", none, err)
	}
	_, _, err = w.desk.Objections(t.Context(), stranger, desk.ObjectionQuery{Division: county})
	refusedAs(t, err, desk.NotFound)
}

// A household is told with what each of its verdicts came to, and which stands.
func TestHouseholdChecks(t *testing.T) {
	w := newWorld(t, 9)
	a := w.underReview(1, 3)
	_, err := w.desk.FileObjection(t.Context(), intake, a.Case, 1, "不是我的")
	must(t, err)
	h, err := w.desk.Household(t.Context(), verifier, householdNumber(1))
	must(t, err)
	if len(h.Checks) != 2 || len(h.Standing) != 1 || h.Standing[0] == a.Verdict || !slices.Contains(h.Verdicts, h.Standing[0]) {
		t.Fatalf("%+v", h)
	}
	if c := h.Checks[slices.Index(h.Verdicts, a.Verdict)]; c.Verdict != a.Verdict || c.Scheme != "dibao" || c.On != 20261101 || c.Outcome != household.SuspectedIneligible || c.At == 0 {
		t.Errorf("%+v", c)
	}
	if len(h.States) != 1 || h.States[0].ID != a.Case || h.States[0].State != review.Disputed || h.States[0].Verdict != h.Standing[0] {
		t.Errorf("%+v", h.States)
	}
}

// Coverage says what is published, how old it is, and what nobody has delivered.
func TestCoverage(t *testing.T) {
	w := newWorld(t, 3)
	c, err := w.desk.Coverage()
	must(t, err)
	if c.Generation == "" || c.On != 20261101 || len(c.Sources) != 5 {
		t.Fatalf("%+v", c)
	}
	for _, s := range c.Sources {
		if len(s.Deliveries) != 1 || s.Deliveries[0].Age != 1 || s.Deliveries[0].Stale || s.StaleDays == 0 || len(s.Uncovered) != 0 {
			t.Errorf("%+v", s)
		}
		if s.Source.IsFlow() != (s.Window.String() == "2025-11..2026-10") {
			t.Errorf("%s looks back over %s", s.Source, s.Window)
		}
	}
	w.clock.pass(400 * 24 * time.Hour)
	c, err = w.desk.Coverage()
	must(t, err)
	for _, s := range c.Sources {
		if !s.Deliveries[0].Stale || s.Source.IsFlow() && len(s.Uncovered) != 12 {
			t.Errorf("after a year and more %+v", s)
		}
	}
}

// A page of the queue over every state goes on behind a case that has left its state
// meanwhile.
func TestQueueMoves(t *testing.T) {
	w := mixed(t)
	q := desk.CaseQuery{State: desk.Waiting, Limit: 5}
	first, next, err := w.desk.Cases(t.Context(), reviewer, q)
	must(t, err)
	rest := pages(w, reviewer, desk.CaseQuery{State: desk.Waiting, Cursor: next}, 50)
	last := first[4]
	e, err := ledger.Get[ledger.Case](t.Context(), w.ledger, last.ID)
	must(t, err)
	e.State = string(review.Cleared)
	must(t, w.ledger.Commit(t.Context(), ledger.Change{Ops: []ledger.Op{ledger.Put(e)}}))
	q.Cursor = next
	if again := pages(w, reviewer, q, 50); fmt.Sprint(got(again)) != fmt.Sprint(got(rest)) {
		t.Errorf("%v, before %v", got(again), got(rest))
	}
}
