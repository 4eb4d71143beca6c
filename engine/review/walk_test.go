package review_test

import (
	"cmp"
	"flag"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/review"
)

// The walk visits every state that three persons with two accounts each can bring a case
// to. What it proves, it knows from the events that happened and not from the case: the
// ghost keeps its own book.

var (
	start   = time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)
	persons = []string{"A", "B", "C"}
	records = []string{"r1", "r2"}
)

const window = 2 // days

// known is a verdict and what the walk knows of it.
type known struct {
	review.Verdict
	adverse, sound bool
	rests          uint8 // bits of records
}

// verdicts are those that may come.
var verdicts = []known{
	{review.Verdict{ID: "found", Outcome: household.SuspectedIneligible, LoadBearing: rests(household.Found, "r1", "r2")}, true, true, 3},
	{review.Verdict{ID: "stale", Outcome: household.SuspectedIneligible, LoadBearing: rests(household.Stale, "r1")}, true, false, 1},
	{review.Verdict{ID: "less", Outcome: household.NeedsReview, LoadBearing: rests(household.Found, "r2")}, true, true, 2},
	{review.Verdict{ID: "clean", Outcome: household.NoDiscrepancy}, false, true, 0},
}

func rests(state household.CoverageState, refs ...string) []review.Record {
	var out []review.Record
	for _, r := range refs {
		out = append(out, review.Record{Ref: r, Source: household.Bank, Coverage: state})
	}
	return out
}

func notice(c *review.Case) *review.Notice {
	n := &review.Notice{ContestDays: c.WindowDays}
	for _, r := range c.LoadBearing {
		n.Items = append(n.Items, review.NoticeItem{
			Record: r.Ref, Source: r.Source, AsOf: 20261031, HasAmount: true, Amount: 1, Rule: "income_over_limit", Law: "第五条",
		})
	}
	if len(n.Items) == 0 {
		n.Items = []review.NoticeItem{{Source: household.Bank, AsOf: 20261031, What: "余额", Rule: "none", Law: "第五条"}}
	}
	return n
}

var long = flag.Bool("review.long", false, "walk with every verdict; takes a minute")

// ghost is the book of the walk.
type ghost struct {
	verdict              int8
	opened               uint8  // bit 2×person+record, since the verdict came
	proposer, reviewer   string // persons
	second               string // who confirmed last
	objected             int8   // 0 none, 1 open, 2 decided
	record               int8   // that was objected to: 0, 1, or 2 for the whole
	upheld, stands, told bool   // the objection was upheld; the verdict still stands; notice was given since the confirmation
	days                 int8   // since the notice, at most window
}

// node is a place of the walk, without what nothing depends on.
type node struct {
	c review.Case
	g ghost
}

// place is a node as a key.
type place struct {
	g                                            ghost
	state, before                                review.State
	proposer, reviewer, second, assignee         string
	opened                                       uint32
	verdict, objection, dismissed, rests, notice string
	awaiting, ended                              bool
}

// place forgets which person is which: the rules know none of them by name, so that two
// nodes that differ in names only are one.
func (n *node) place() place {
	c := &n.c
	var marks [3]uint32
	for i, p := range persons {
		for _, is := range [...]bool{
			p == c.Proposer, p == c.Reviewer, p == c.Second, p == c.Assignee, p == n.g.proposer, p == n.g.reviewer, p == n.g.second,
		} {
			marks[i] <<= 1
			if is {
				marks[i]++
			}
		}
		marks[i] = marks[i]<<2 | uint32(n.g.opened>>(2*i)&3)
		for _, o := range c.Opened {
			if o.Person == p {
				marks[i] |= 1 << (16 + slices.Index(records, o.Record))
			}
		}
	}
	order := [3]int{0, 1, 2}
	slices.SortFunc(order[:], func(a, b int) int { return cmp.Compare(marks[a], marks[b]) })
	name := func(s string) string {
		if i := slices.Index(persons, s); i >= 0 {
			return persons[slices.Index(order[:], i)]
		}
		return s
	}
	p := place{
		g: n.g, state: c.State, before: c.Before, proposer: name(c.Proposer), reviewer: name(c.Reviewer), second: name(c.Second),
		assignee: name(c.Assignee), verdict: c.Verdict, awaiting: c.Awaiting, ended: c.Ended,
	}
	p.g.proposer, p.g.reviewer, p.g.second, p.g.opened = name(n.g.proposer), name(n.g.reviewer), name(n.g.second), 0
	for i := range persons {
		p.g.opened |= n.g.opened >> (2 * order[i]) & 3 << (2 * i)
	}
	for _, o := range c.Opened {
		p.opened |= 1 << (2*slices.Index(names, name(o.Person)) + slices.Index(records, o.Record))
	}
	for _, o := range c.Objections {
		p.objection += o.Record + string(o.State) + " "
	}
	for _, r := range c.Dismissed {
		p.dismissed += r + " "
	}
	for _, r := range c.LoadBearing {
		p.rests += r.Ref + " "
	}
	if !c.NoticeAt.IsZero() {
		p.notice = start.Sub(c.NoticeAt).String()
	}
	return p
}

// names are persons, and accounts for a machine that mistakes them for persons.
var names = []string{"A", "B", "C", "A1", "A2", "B1", "B2", "C1", "C2"}

// events are all that may happen anywhere.
var events = sync.OnceValue(func() []review.Event {
	var out []review.Event
	human := func(kind review.Kind, account int, e review.Event) {
		for _, p := range persons {
			e.Kind, e.At = kind, start
			e.Actor = review.Actor{Person: p, Account: fmt.Sprint(p, account)}
			out = append(out, e)
		}
	}
	for _, r := range records {
		human(review.OpenEvidence, 2, review.Event{Record: r})
		human(review.Object, 1, review.Event{Objection: "O1", Record: r})
	}
	human(review.Object, 1, review.Event{Objection: "O1"})
	human(review.Propose, 1, review.Event{Reason: "why"})
	human(review.TakeUp, 1, review.Event{})
	human(review.Confirm, 2, review.Event{Reason: "why"})
	human(review.Clear, 2, review.Event{Reason: "why"})
	human(review.Return, 2, review.Event{Reason: "why"})
	human(review.Notify, 1, review.Event{Notice: &review.Notice{}} /* filled in */)
	human(review.DecideObjection, 2, review.Event{Objection: "O1", Upheld: true, Reason: "why"})
	human(review.DecideObjection, 2, review.Event{Objection: "O1", Reason: "why"})
	// Incomplete ones must bring nothing about.
	human(review.Confirm, 2, review.Event{})
	human(review.Notify, 1, review.Event{Notice: &review.Notice{ContestDays: window}})
	for i := range verdicts {
		if verdicts[i].ID != "less" || *long {
			out = append(out, review.Event{Kind: review.Recheck, At: start, Verdict: &verdicts[i].Verdict})
		}
	}
	return append(out,
		review.Event{Kind: review.Assign, At: start, Actor: review.Actor{Person: "A", Account: "A1"}, Assignee: "B"},
		review.Event{Kind: review.Withdraw, At: start},
		review.Event{Kind: review.Tick, At: start},
		review.Event{Kind: review.Tick, At: start.AddDate(0, 0, 1)},
		review.Event{Kind: review.Confirm, At: start, Reason: "timer"}) // by nobody
})

// note writes an event that happened into the book.
func (g *ghost) note(e *review.Event, was, is review.State) {
	switch e.Kind {
	case review.OpenEvidence:
		g.opened |= 1 << (2*slices.Index(persons, e.Actor.Person) + slices.Index(records, e.Record))
	case review.Propose:
		g.proposer, g.reviewer = e.Actor.Person, ""
	case review.TakeUp:
		g.reviewer = e.Actor.Person
	case review.Confirm:
		g.second, g.told, g.days = e.Actor.Person, false, 0
	case review.Notify:
		g.told, g.days = true, 0
	case review.Object:
		g.objected, g.record = 1, int8(slices.Index(append(records, ""), e.Record))
	case review.DecideObjection:
		g.objected, g.upheld = 2, e.Upheld
		if g.record < 2 {
			g.stands = false
		}
	case review.Recheck:
		if was == review.Cleared || was == review.Final {
			return
		}
		g.verdict = int8(slices.IndexFunc(verdicts, func(v known) bool { return v.ID == e.Verdict.ID }))
		g.opened, g.stands, g.told, g.days, g.second = 0, true, false, 0, ""
	}
	if is != review.Confirmed && is != review.Final {
		g.second, g.told, g.days = "", false, 0
	}
}

// wrong says what the book holds against a case's having come to where it is.
func (g *ghost) wrong(e *review.Event, was, is review.State) string {
	if is != was {
		switch {
		case is == review.Confirmed && e.Kind != review.Confirm, is == review.Final && e.Kind != review.Tick:
			return fmt.Sprintf("%s by %s", is, e.Kind)
		case e.Kind == review.Tick && (was != review.Confirmed || is != review.Final):
			return fmt.Sprintf("time brought it from %s to %s", was, is)
		case was == review.Cleared && is != review.Disputed:
			return "closed in favour, and " + string(is)
		}
	}
	v := verdicts[g.verdict]
	if is != review.Confirmed && is != review.Final || !v.adverse {
		return ""
	}
	needed := v.rests
	if g.upheld && g.record < 2 {
		needed &^= 1 << g.record
	}
	at := slices.Index(persons, g.second)
	switch {
	case at < 0 || g.reviewer == "":
		return "confirmed by nobody"
	case g.second == g.proposer || g.second == g.reviewer:
		return "confirmed by one person"
	case needed == 0:
		return "confirmed on nothing"
	case g.opened>>(2*at)&needed != needed:
		return "confirmed by somebody who had not opened the evidence"
	case !v.sound:
		return "confirmed on a stale source"
	case g.objected == 1:
		return "confirmed while disputed"
	case !g.stands:
		return "confirmed on a verdict that no longer stands"
	case is == review.Final && (!g.told || g.days < window):
		return "final before the household could contest"
	}
	return ""
}

type apply func(review.Case, review.Event) (review.Case, []review.Effect, error)

// walk visits everything that can be reached and returns how much that was, and the first
// thing that must not be.
func walk(f apply) (states, transitions int, reached map[review.State]int, wrong string) {
	first, err := review.New("1", "340104-1", "dibao", window, verdicts[0].Verdict, start)
	if err != nil {
		return 0, 0, nil, err.Error()
	}
	n := node{c: first, g: ghost{stands: true}}
	seen := map[place]bool{n.place(): true}
	queue := []node{n}
	reached = map[review.State]int{review.Proposed: 1}
	for len(queue) > 0 {
		n := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		for _, e := range events() {
			if e.Notice != nil && e.Notice.ContestDays == 0 {
				if n.c.State != review.Confirmed {
					continue // TestRefusals has these
				}
				e.Notice = notice(&n.c)
			}
			c, _, err := f(n.c, e)
			if err != nil {
				continue
			}
			to := node{strip(c), n.g}
			to.g.note(&e, n.c.State, c.State)
			if e.At.After(start) { // a day later it is now: what has passed since the notice is what counts
				if !to.c.NoticeAt.IsZero() && start.Sub(to.c.NoticeAt) < window*24*time.Hour {
					to.c.NoticeAt = to.c.NoticeAt.AddDate(0, 0, -1)
				}
				if to.g.told {
					to.g.days = min(to.g.days+1, window)
				}
			}
			transitions++
			if w := to.g.wrong(&e, n.c.State, c.State); w != "" {
				return len(seen), transitions, reached, w
			}
			if at := to.place(); !seen[at] {
				seen[at] = true
				reached[c.State]++
				queue = append(queue, to)
			}
		}
	}
	return len(seen), transitions, reached, ""
}

// strip takes off what nothing depends on, so that the walk ends.
func strip(c review.Case) review.Case {
	c.History, c.Version, c.Since = nil, 1, start
	c.Opened = slices.Clone(c.Opened)
	for i := range c.Opened {
		c.Opened[i].At = start
	}
	return c
}

func TestWalk(t *testing.T) {
	states, transitions, reached, wrong := walk(review.Apply)
	t.Logf("%d states, %d transitions, %v", states, transitions, reached)
	if wrong != "" {
		t.Error(wrong)
	}
	if states < 5000 || transitions < 20_000 {
		t.Errorf("only %d states and %d transitions were walked", states, transitions)
	}
	for _, s := range review.States() {
		if reached[s] == 0 {
			t.Errorf("%s is never reached", s)
		}
	}
}

// TestWalkFindsPlantedFaults proves that the walk notices.
func TestWalkFindsPlantedFaults(t *testing.T) {
	for what, f := range map[string]apply{
		"two accounts are two persons": func(c review.Case, e review.Event) (review.Case, []review.Effect, error) {
			if e.Actor.Person != "" {
				e.Actor.Person = e.Actor.Account
			}
			return review.Apply(c, e)
		},
		"whoever opened it, it is open": func(c review.Case, e review.Event) (review.Case, []review.Effect, error) {
			if e.Kind != review.Confirm {
				return review.Apply(c, e)
			}
			whole := c.Opened
			c.Opened = slices.Clone(whole)
			for _, o := range whole {
				c.Opened = append(c.Opened, review.Opening{Person: e.Actor.Person, Record: o.Record})
			}
			out, effects, err := review.Apply(c, e)
			out.Opened = whole
			return out, effects, err
		},
		"one record is enough": func(c review.Case, e review.Event) (review.Case, []review.Effect, error) {
			if e.Kind != review.Confirm || len(c.LoadBearing) < 2 {
				return review.Apply(c, e)
			}
			whole := c.LoadBearing
			c.LoadBearing = whole[:1]
			out, effects, err := review.Apply(c, e)
			out.LoadBearing = whole
			return out, effects, err
		},
		"time confirms": func(c review.Case, e review.Event) (review.Case, []review.Effect, error) {
			if e.Kind == review.Tick && c.State == review.UnderReview && e.At.After(start) {
				c.State = review.Confirmed
				return c, nil, nil
			}
			return review.Apply(c, e)
		},
		"final a day early": func(c review.Case, e review.Event) (review.Case, []review.Effect, error) {
			if e.Kind == review.Tick {
				e.At = e.At.AddDate(0, 0, 1)
			}
			return review.Apply(c, e)
		},
		"final without notice": func(c review.Case, e review.Event) (review.Case, []review.Effect, error) {
			if e.Kind == review.Tick && c.NoticeAt.IsZero() {
				c.NoticeAt = start.AddDate(0, 0, -window)
			}
			return review.Apply(c, e)
		},
		"an objection is only noted": func(c review.Case, e review.Event) (review.Case, []review.Effect, error) {
			out, effects, err := review.Apply(c, e)
			if e.Kind == review.Object && err == nil {
				out.State = c.State
			}
			return out, effects, err
		},
		"a stale source will do": func(c review.Case, e review.Event) (review.Case, []review.Effect, error) {
			if e.Kind == review.Recheck {
				v := *e.Verdict
				v.LoadBearing = slices.Clone(v.LoadBearing)
				for i := range v.LoadBearing {
					v.LoadBearing[i].Coverage = household.Found
				}
				e.Verdict = &v
			}
			return review.Apply(c, e)
		},
		"the old verdict will do": func(c review.Case, e review.Event) (review.Case, []review.Effect, error) {
			c.Awaiting = false
			return review.Apply(c, e)
		},
		"openings outlive their verdict": func(c review.Case, e review.Event) (review.Case, []review.Effect, error) {
			out, effects, err := review.Apply(c, e)
			if e.Kind == review.Recheck && err == nil && len(effects) == 0 {
				out.Opened = c.Opened
			}
			return out, effects, err
		},
		"what was cleared comes back": func(c review.Case, e review.Event) (review.Case, []review.Effect, error) {
			out, effects, err := review.Apply(c, e)
			if len(effects) == 1 && effects[0].Kind == review.NewCase {
				out.State = review.Proposed
			}
			return out, effects, err
		},
	} {
		if _, transitions, _, wrong := walk(f); wrong == "" {
			t.Errorf("%s: nothing noticed in %d transitions", what, transitions)
		} else {
			t.Logf("%s: %s, after %d transitions", what, wrong, transitions)
		}
	}
}
