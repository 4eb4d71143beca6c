package review_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/review"
)

func by(person string) review.Actor { return review.Actor{Person: person, Account: person + "1"} }

// story makes a case and lets events happen to it.
type story struct {
	t       *testing.T
	c       review.Case
	at      time.Time
	effects []review.Effect
}

func begin(t *testing.T) *story {
	t.Helper()
	c, err := review.New("1", "340104-1", "dibao", 15, verdicts[0].Verdict, start)
	if err != nil {
		t.Fatal(err)
	}
	return &story{t: t, c: c, at: start}
}

// does has an event happen, which must be allowed.
func (s *story) does(person string, kind review.Kind, e review.Event) {
	s.t.Helper()
	if err := s.tries(person, kind, e); err != nil {
		s.t.Fatalf("%s %s in %s: %v", person, kind, s.c.State, err)
	}
}

func (s *story) tries(person string, kind review.Kind, e review.Event) error {
	e.Kind, e.At = kind, s.at
	if person != "" {
		e.Actor = by(person)
	}
	if kind == review.Notify && e.Notice == nil {
		e.Notice = notice(&s.c)
	}
	c, effects, err := review.Apply(s.c, e)
	s.c, s.effects = c, effects
	return err
}

func (s *story) refused(person string, kind review.Kind, e review.Event, want review.Refusal) {
	s.t.Helper()
	before := s.c
	if err := s.tries(person, kind, e); !errors.Is(err, want) {
		s.t.Errorf("%s %s: %v, want %s", person, kind, err, want)
	}
	if diff := cmp.Diff(before, s.c); diff != "" {
		s.t.Errorf("a refused event changed the case:\n%s", diff)
	}
}

func (s *story) is(state review.State) {
	s.t.Helper()
	if s.c.State != state {
		s.t.Fatalf("%s, want %s", s.c.State, state)
	}
}

var why = review.Event{Reason: "银行余额已核实"}

func (s *story) underReview() {
	s.t.Helper()
	s.does("A", review.Propose, why)
	s.does("B", review.TakeUp, review.Event{})
}

func (s *story) confirmed() {
	s.t.Helper()
	s.underReview()
	s.does("C", review.OpenEvidence, review.Event{Record: "r1"})
	s.does("C", review.OpenEvidence, review.Event{Record: "r2"})
	s.does("C", review.Confirm, why)
	s.is(review.Confirmed)
}

func TestConfirmAdverse(t *testing.T) {
	s := begin(t)
	s.refused("C", review.Confirm, why, review.ErrState)
	s.underReview()
	s.refused("A", review.Confirm, why, review.ErrSamePerson)
	s.refused("B", review.Confirm, why, review.ErrSamePerson)
	s.refused("", review.Confirm, why, review.ErrNoPerson)
	s.refused("C", review.Confirm, why, review.ErrNotOpened)
	s.does("A", review.OpenEvidence, review.Event{Record: "r1"})
	s.does("C", review.OpenEvidence, review.Event{Record: "r1"})
	s.refused("C", review.Confirm, why, review.ErrNotOpened)
	s.refused("C", review.OpenEvidence, review.Event{Record: "r3"}, review.ErrNoRecord)
	s.does("C", review.OpenEvidence, review.Event{Record: "r2"})
	s.refused("C", review.Confirm, review.Event{Reason: " "}, review.ErrReason)
	s.does("C", review.Confirm, why)
	if diff := cmp.Diff([]review.Effect{{Kind: review.NoticeDue, Verdict: "found"}}, s.effects); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"A", "B", "C"}, s.c.Persons()); diff != "" {
		t.Error(diff)
	}
}

// TestUnsoundSources: whatever a source is but fully answered, nothing adverse is
// confirmed on it.
func TestUnsoundSources(t *testing.T) {
	for state := household.CoverageState(0); state <= household.Found; state++ {
		s := begin(t)
		v := review.Verdict{ID: "v2", Outcome: household.SuspectedIneligible, LoadBearing: rests(state, "r1")}
		s.does("", review.Recheck, review.Event{Verdict: &v})
		s.underReview()
		s.does("C", review.OpenEvidence, review.Event{Record: "r1"})
		if state == household.Found {
			s.does("C", review.Confirm, why)
		} else {
			s.refused("C", review.Confirm, why, review.ErrUnsound)
		}
	}
	s := begin(t)
	s.does("", review.Recheck, review.Event{Verdict: &review.Verdict{ID: "v2", Outcome: household.NeedsReview}})
	s.underReview()
	s.refused("C", review.Confirm, why, review.ErrNoEvidence)
}

// TestWindow: on the day before the last the household may still contest; on the last
// nothing is final while something is disputed.
func TestWindow(t *testing.T) {
	s := begin(t)
	s.confirmed()
	s.at = start.AddDate(0, 0, 100)
	s.does("", review.Tick, review.Event{})
	s.is(review.Confirmed) // no notice yet: no term
	s.does("A", review.Notify, review.Event{})
	noticed := s.at
	s.at = noticed.AddDate(0, 0, 15).Add(-time.Nanosecond)
	s.does("", review.Tick, review.Event{})
	s.is(review.Confirmed)
	contested := *s
	s.at = noticed.AddDate(0, 0, 15)
	s.does("", review.Tick, review.Event{})
	s.is(review.Final)
	if diff := cmp.Diff([]review.Effect{{Kind: review.BecameFinal, Verdict: "found"}}, s.effects); diff != "" {
		t.Error(diff)
	}
	contested.does("A", review.Object, review.Event{Objection: "O1"})
	contested.at = noticed.AddDate(1, 0, 0)
	contested.does("", review.Tick, review.Event{})
	contested.is(review.Disputed)

	unanswered := begin(t)
	unanswered.underReview()
	unanswered.at = start.AddDate(10, 0, 0)
	version := unanswered.c.Version
	unanswered.does("", review.Tick, review.Event{})
	unanswered.is(review.UnderReview)
	if unanswered.c.Version != version {
		t.Error("time changed a case that nobody answered")
	}
}

// TestNotice: each fact that is missing keeps a notice from being given.
func TestNotice(t *testing.T) {
	s := begin(t)
	s.confirmed()
	for what, spoil := range map[string]func(*review.Notice){
		"source":   func(n *review.Notice) { n.Items[0].Source = 0 },
		"as of":    func(n *review.Notice) { n.Items[0].AsOf = 0 },
		"amount":   func(n *review.Notice) { n.Items[0].HasAmount = false },
		"rule":     func(n *review.Notice) { n.Items[0].Rule = "" },
		"law":      func(n *review.Notice) { n.Items[0].Law = " " },
		"term":     func(n *review.Notice) { n.ContestDays-- },
		"a record": func(n *review.Notice) { n.Items = n.Items[:1] },
		"all":      func(n *review.Notice) { n.Items = nil },
	} {
		n := notice(&s.c)
		spoil(n)
		if err := s.tries("A", review.Notify, review.Event{Notice: n}); !errors.Is(err, review.ErrNotice) {
			t.Errorf("a notice without %s: %v", what, err)
		}
	}
	n := notice(&s.c)
	n.Items[0].HasAmount, n.Items[0].What = false, "车辆一辆"
	s.does("A", review.Notify, review.Event{Notice: n})
}

// TestObjection: an objection alone makes the record count for nothing; upheld, it is
// corrected everywhere; rejected, the case is decided again.
func TestObjection(t *testing.T) {
	for _, upheld := range []bool{true, false} {
		s := begin(t)
		s.confirmed()
		s.refused("A", review.Object, review.Event{Objection: "O1", Record: "r9"}, review.ErrNoRecord)
		s.does("A", review.Object, review.Event{Objection: "O1", Record: "r1"})
		s.is(review.Disputed)
		if diff := cmp.Diff([]review.Effect{{Kind: review.RecheckWithout, Record: "r1"}}, s.effects); diff != "" {
			t.Error(diff)
		}
		s.refused("A", review.Object, review.Event{Objection: "O1", Record: "r2"}, review.ErrObjection)
		s.refused("A", review.Object, review.Event{Objection: "O2", Record: "r1"}, review.ErrObjection)
		s.refused("", review.Recheck, review.Event{Verdict: &review.Verdict{ID: "v2", Outcome: household.NeedsReview, LoadBearing: rests(household.Found, "r1")}},
			review.ErrCounted)
		s.does("", review.Recheck, review.Event{Verdict: &review.Verdict{ID: "v3", Outcome: household.NoDiscrepancy}})
		s.is(review.Disputed)
		decision := review.Event{Objection: "O1", Upheld: upheld, Reason: "已向银行核实"}
		if !upheld {
			for _, p := range []string{"A", "B"} {
				s.refused(p, review.DecideObjection, decision, review.ErrSamePerson)
			}
		}
		s.does("D", review.DecideObjection, decision)
		s.is(review.UnderReview)
		effects := s.effects
		s.refused("C", review.Confirm, why, review.ErrAwaiting)
		again := review.Event{Verdict: &review.Verdict{ID: "v4", Outcome: household.SuspectedIneligible, LoadBearing: rests(household.Found, "r1")}}
		if upheld {
			want := []review.Effect{{Kind: review.CorrectionTicket, Record: "r1", Source: household.Bank}, {Kind: review.ReopenVerdictsOf, Record: "r1"}}
			if diff := cmp.Diff(want, effects); diff != "" {
				t.Error(diff)
			}
			s.refused("", review.Recheck, again, review.ErrCounted)
			again.Verdict.Corrected = []string{"r1"} // the department has put it right
		} else if diff := cmp.Diff([]review.Effect{{Kind: review.RecheckWith, Record: "r1"}}, effects); diff != "" {
			t.Error(diff)
		}
		s.does("", review.Recheck, again)
		s.is(review.UnderReview)
		s.refused("C", review.Confirm, why, review.ErrNotOpened) // opened long ago, for another verdict
	}
}

// TestClosedInFavour: a case that was cleared doesn't come back, is not ranked by what it
// was, and only other evidence makes a new one.
func TestClosedInFavour(t *testing.T) {
	s := begin(t)
	s.underReview()
	s.refused("B", review.Clear, review.Event{}, review.ErrReason)
	s.does("B", review.Clear, why)
	s.is(review.Cleared)
	same := verdicts[0].Verdict
	same.ID = "v2"
	s.does("", review.Recheck, review.Event{Verdict: &same})
	if s.is(review.Cleared); len(s.effects) != 0 {
		t.Errorf("the same evidence came back: %v", s.effects)
	}
	other := review.Verdict{ID: "v3", Outcome: household.SuspectedIneligible, LoadBearing: rests(household.Found, "r3")}
	s.does("", review.Recheck, review.Event{Verdict: &other})
	s.is(review.Cleared)
	if diff := cmp.Diff([]review.Effect{{Kind: review.NewCase, Verdict: "v3"}}, s.effects); diff != "" {
		t.Error(diff)
	}
	s.does("A", review.Object, review.Event{Objection: "O1", Record: "r1"})
	s.does("D", review.DecideObjection, review.Event{Objection: "O1", Reason: "数据无误"})
	s.is(review.Cleared) // objecting can't make it worse

	// One person alone doesn't overrule the engine either.
	alone := begin(t)
	alone.does("A", review.TakeUp, review.Event{})
	alone.refused("A", review.Clear, why, review.ErrSamePerson)
	alone.does("B", review.Clear, why)
}

func TestReturn(t *testing.T) {
	s := begin(t)
	s.underReview()
	s.does("B", review.Return, why)
	s.is(review.Returned)
	s.refused("B", review.TakeUp, review.Event{}, review.ErrState)
	s.does("A", review.Propose, why)
	s.is(review.Proposed)
	s.refused("C", review.Propose, why, review.ErrState)

	late := begin(t)
	late.confirmed()
	late.does("D", review.Return, why)
	if late.is(review.Returned); late.c.Second != "" || !late.c.NoticeAt.IsZero() {
		t.Errorf("what was confirmed still shows: %+v", late.c)
	}
}

func TestOpenedAgain(t *testing.T) {
	s := begin(t)
	s.does("A", review.OpenEvidence, review.Event{Record: "r1"})
	first := s.c
	s.at = s.at.Add(time.Hour)
	s.does("A", review.OpenEvidence, review.Event{Record: "r1"})
	if diff := cmp.Diff(first, s.c); diff != "" {
		t.Errorf("opening a record again changed the case:\n%s", diff)
	}
}

func TestAssign(t *testing.T) {
	free := begin(t)
	free.does("A", review.TakeUp, review.Event{})
	free.refused("B", review.TakeUp, review.Event{}, review.ErrState)
	free.refused("A", review.TakeUp, review.Event{}, review.ErrState)
	free.does("D", review.Assign, review.Event{Assignee: "A"})
	free.refused("A", review.TakeUp, review.Event{}, review.ErrState)
	s := begin(t)
	s.does("D", review.Assign, review.Event{Assignee: "B"})
	s.refused("A", review.TakeUp, review.Event{}, review.ErrAssigned)
	s.does("B", review.TakeUp, review.Event{})
	s.refused("A", review.TakeUp, review.Event{}, review.ErrAssigned)
	s.does("D", review.Assign, review.Event{Assignee: "A"})
	s.does("A", review.TakeUp, review.Event{})
	if s.c.Reviewer != "A" {
		t.Errorf("taken over by %s", s.c.Reviewer)
	}
	s.refused("D", review.Assign, review.Event{}, review.ErrIncomplete)
}

func TestWithdrawn(t *testing.T) {
	s := begin(t)
	s.confirmed()
	s.does("", review.Withdraw, review.Event{})
	s.is(review.Withdrawn)
	s.refused("C", review.OpenEvidence, review.Event{Record: "r1"}, review.ErrState)
	s.refused("", review.Withdraw, review.Event{}, review.ErrState)
	s.refused("", review.Recheck, review.Event{Verdict: &verdicts[1].Verdict}, review.ErrState)
	s.does("A", review.Object, review.Event{Objection: "O1", Record: "r1"})
	s.does("A", review.DecideObjection, review.Event{Objection: "O1", Upheld: true, Reason: "数据有误"})
	s.is(review.Withdrawn) // what is wrong at the source is put right all the same
	if len(s.effects) != 2 {
		t.Errorf("%v", s.effects)
	}
}

func TestSeeded(t *testing.T) {
	for kind, caught := range map[review.Kind]bool{review.Confirm: false, review.Clear: true, review.Return: true} {
		s := begin(t)
		s.c.Seeded = true
		s.underReview()
		s.does("C", review.OpenEvidence, review.Event{Record: "r1"})
		s.does("C", review.OpenEvidence, review.Event{Record: "r2"})
		if s.c.Shown().Seeded {
			t.Error("a reviewer sees that the case is planted")
		}
		s.does("C", kind, why)
		if diff := cmp.Diff([]review.Effect{{Kind: review.SeedAnswered, Person: "C", Caught: caught}}, s.effects); diff != "" {
			t.Errorf("%s:\n%s", kind, diff)
		}
		if kind == review.Confirm {
			s.refused("A", review.Notify, review.Event{}, review.ErrSeededCase)
			s.at = start.AddDate(1, 0, 0)
			s.does("", review.Tick, review.Event{})
			s.is(review.Confirmed)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	v := verdicts[0].Verdict
	refused := v
	refused.Outcome = household.Refused
	twice := v
	twice.LoadBearing = rests(household.Found, "r1", "r1")
	for what, f := range map[string]func() (review.Case, error){
		"no id":             func() (review.Case, error) { return review.New("", "h", "dibao", 15, v, start) },
		"no household":      func() (review.Case, error) { return review.New("1", "", "dibao", 15, v, start) },
		"no scheme":         func() (review.Case, error) { return review.New("1", "h", "", 15, v, start) },
		"no window":         func() (review.Case, error) { return review.New("1", "h", "dibao", 0, v, start) },
		"no verdict":        func() (review.Case, error) { return review.New("1", "h", "dibao", 15, review.Verdict{}, start) },
		"a refusal":         func() (review.Case, error) { return review.New("1", "h", "dibao", 15, refused, start) },
		"one record twice":  func() (review.Case, error) { return review.New("1", "h", "dibao", 15, twice, start) },
		"at no time at all": func() (review.Case, error) { return review.New("1", "h", "dibao", 15, v, time.Time{}) },
	} {
		if _, err := f(); !errors.Is(err, review.ErrIncomplete) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestRandomLives: whatever happens, a refused event changes nothing, an accepted one
// never touches the case it was given, and every case survives its JSON form.
func TestRandomLives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, err := review.New("1", "340104-1", "dibao", window, verdicts[0].Verdict, start)
		if err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(1, 40).Draw(t, "events") {
			e := rapid.SampledFrom(events()).Draw(t, "event")
			if e.Notice != nil && e.Notice.ContestDays == 0 {
				e.Notice = notice(&c)
			}
			before := text(t, c)
			next, effects, err := review.Apply(c, e)
			if text(t, c) != before {
				t.Fatalf("%s changed the case it was given", e.Kind)
			}
			switch {
			case err != nil && (text(t, next) != before || effects != nil):
				t.Fatalf("%s was refused and changed the case", e.Kind)
			case err == nil && next.Version != c.Version && (next.Version != c.Version+1 || len(next.History) != len(c.History)+1):
				t.Fatalf("%s: version %d after %d, %d steps", e.Kind, next.Version, c.Version, len(next.History))
			case err == nil && next.Version == c.Version && text(t, next) != before:
				t.Fatalf("%s changed the case without a version", e.Kind)
			}
			var back review.Case
			if err := json.Unmarshal([]byte(text(t, next)), &back); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(text(t, next), text(t, back)); diff != "" {
				t.Fatal(diff)
			}
			c = next
		}
	})
}

func text(t *rapid.T, c review.Case) string {
	b, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
