package desk

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/review"
)

// tally is what the ledger holds at one moment, counted.
type tally struct {
	at                                   time.Time
	took                                 time.Duration
	households, checks, states, contests *table
	ages                                 *table // of what waits for people, by day at
	cases                                []decidedCase
}

// decidedCase is how long a case took.
type decidedCase struct {
	division string
	cell     cell // of states
	days     int
}

// tallies keeps the newest tally. Counting takes time by the size of the ledger, and so a
// tally may be as old as so many times what it took: counting takes a fiftieth of one
// processor at most, and of a small ledger it is always done anew. What was learned of
// entries that never change is kept from one to the next; a tally is a function of the
// ledger all the same.
type tallies struct {
	mu   sync.Mutex
	last *tally

	asked map[entryID]checkFact // of requests; nil before the first tally
	cases map[string]caseFact
	texts texts
}

// texts keeps each text once, by number from 1; 0 is "".
type texts struct {
	numbers map[string]uint32
	list    []string
}

func (t *texts) number(s string) uint32 {
	if s == "" {
		return 0
	}
	n, ok := t.numbers[s]
	if !ok {
		if t.numbers == nil {
			t.numbers = map[string]uint32{}
		}
		t.list = append(t.list, s)
		n = uint32(len(t.list))
		t.numbers[s] = n
	}
	return n
}

func (t *texts) text(n uint32) string {
	if n == 0 {
		return ""
	}
	return t.list[n-1]
}

// one is a text that is kept once.
func (t *texts) one(s string) string { return t.text(t.number(s)) }

// oldTimes is how many times what it took a tally may be old.
const oldTimes = 50

// entryID stands for the id of an entry, in less memory.
type entryID [16]byte

func entryIDOf(id string) (out entryID) {
	sum := sha256.Sum256([]byte(id))
	copy(out[:], sum[:])
	return out
}

// checkFact is what is counted of a check; one without an outcome is none.
type checkFact struct {
	division, scheme, outcome uint32 // texts
	month                     int32
}

type caseFact struct {
	version  ledger.Version
	division string
	scheme   string
	state    review.State
	since    time.Time
	decided  time.Time
	waits    bool
	contests []contest
}

type contest struct {
	rule, source string
	state        review.ObjectionState
	filed        time.Time
}

// tallied returns a tally that is new enough.
func (d *Desk) tallied(ctx context.Context) (*tally, error) {
	t := &d.tallies
	t.mu.Lock()
	defer t.mu.Unlock()
	began := d.o.Now()
	if l := t.last; l != nil && !began.Before(l.at) && began.Sub(l.at) < oldTimes*l.took {
		return l, nil
	}
	next := &tally{at: began}
	for _, count := range []func(context.Context, *tally) error{d.countHouseholds, d.countChecks, d.countCases} {
		if err := count(ctx, next); err != nil {
			return nil, ledgerError(err)
		}
	}
	next.took = d.o.Now().Sub(began)
	t.last = next
	return next, nil
}

func (d *Desk) countHouseholds(ctx context.Context, t *tally) error {
	c := counts{}
	err := d.o.Ledger.Scan(ctx, ledger.KindHousehold, func(r *ledger.Row) error {
		var h struct {
			Division, Scheme, Outcome string
			On                        household.Date
		}
		if json.Unmarshal(r.Fields, &h) != nil {
			return fmt.Errorf("household %s: its fields are not those of one", r.ID)
		}
		c.add(h.Division, cell{h.Scheme, h.On.MonthOf(), h.Outcome}, 1)
		return nil
	})
	t.households = c.table()
	return err
}

// outcomesOf are the outcomes of all verdicts.
func (d *Desk) outcomesOf(ctx context.Context) (map[entryID]uint32, error) {
	out := map[entryID]uint32{}
	err := d.o.Ledger.Scan(ctx, ledger.KindVerdict, func(r *ledger.Row) error {
		var v struct{ Outcome string }
		if json.Unmarshal(r.Fields, &v) != nil {
			return fmt.Errorf("verdict %s: its fields are not those of one", r.ID)
		}
		out[entryIDOf(r.ID)] = d.tallies.texts.number(v.Outcome)
		return nil
	})
	return out, err
}

// countChecks counts what was asked by what came of it.
func (d *Desk) countChecks(ctx context.Context, t *tally) error {
	k := &d.tallies
	var outcomes map[entryID]uint32 // the first time; later there are few new ones
	if k.asked == nil {
		var err error
		if outcomes, err = d.outcomesOf(ctx); err != nil {
			return err
		}
	}
	asked := make(map[entryID]checkFact, len(k.asked))
	verdicts := map[entryID]string{} // that are not known yet, by request
	err := d.o.Ledger.Scan(ctx, ledger.KindRequest, func(r *ledger.Row) error {
		id := entryIDOf(r.ID)
		if f, ok := k.asked[id]; ok {
			asked[id] = f
			return nil
		}
		var q struct {
			Division, Scheme, Channel, Verdict, Refusal string
			On                                          household.Date
		}
		if json.Unmarshal(r.Fields, &q) != nil {
			return fmt.Errorf("request %s: its fields are not those of one", r.ID)
		}
		f := checkFact{division: k.texts.number(access.Significant(q.Division)), scheme: k.texts.number(q.Scheme), month: int32(q.On.MonthOf())}
		switch {
		case q.Channel != "check" && q.Channel != "batch" && q.Channel != "recheck":
		case q.Refusal != "":
			f.outcome = k.texts.number(household.Refused.String())
		default:
			if f.outcome = outcomes[entryIDOf(q.Verdict)]; f.outcome == 0 && q.Verdict != "" {
				verdicts[id] = q.Verdict
			}
		}
		asked[id] = f
		return nil
	})
	if err != nil {
		return err
	}
	for id, verdict := range verdicts { // after the scan, which holds the ledger
		v, err := find[ledger.Verdict](ctx, d.o.Ledger, verdict)
		if err != nil {
			return err
		}
		if v != nil {
			f := asked[id]
			f.outcome = k.texts.number(v.Outcome)
			asked[id] = f
		}
	}
	k.asked = asked
	c := counts{}
	for _, f := range asked {
		if f.outcome != 0 {
			c.add(k.texts.text(f.division), cell{k.texts.text(f.scheme), household.Month(f.month), k.texts.text(f.outcome)}, 1)
		}
	}
	t.checks = c.table()
	return nil
}

// countCases counts where cases stand, how old they are, and what was objected to.
func (d *Desk) countCases(ctx context.Context, t *tally) error {
	k := &d.tallies
	cases := make(map[string]caseFact, len(k.cases))
	err := d.o.Ledger.Scan(ctx, ledger.KindCase, func(r *ledger.Row) error {
		if f, ok := k.cases[r.ID]; ok && f.version == r.Version {
			cases[r.ID] = f
			return nil
		}
		var of struct{ Division string }
		var s storedCase
		if json.Unmarshal(r.Fields, &of) != nil || json.Unmarshal(r.Body, &s) != nil {
			return fmt.Errorf("case %s is not one", r.ID)
		}
		f := caseFact{
			version: r.Version, division: k.texts.one(access.Significant(of.Division)), scheme: k.texts.one(s.Case.Scheme), state: review.State(k.texts.one(string(s.Case.State))),
			since: s.Case.Since, waits: s.Case.Waiting(),
		}
		switch s.Case.State {
		case review.Cleared, review.Confirmed, review.Final:
			f.decided = decidedAt(&s.Case)
		case review.Proposed, review.UnderReview, review.Returned, review.Disputed, review.Withdrawn:
		}
		for i := range s.Case.Objections {
			o := &s.Case.Objections[i]
			x := contest{state: o.State, filed: o.Filed, source: k.texts.one(o.Source.String())}
			if b, ok := s.record(o.Record); ok {
				x.rule, x.source = k.texts.one(b.Rule), k.texts.one(b.Record.Source.String())
			}
			f.contests = append(f.contests, x)
		}
		cases[r.ID] = f
		return nil
	})
	if err != nil {
		return err
	}
	k.cases = cases
	today := d.today(t.at).Days()
	states, contests, ages := counts{}, counts{}, counts{}
	for _, f := range cases {
		since := d.today(f.since)
		at := cell{f.scheme, since.MonthOf(), string(f.state)}
		states.add(f.division, at, 1)
		if f.waits {
			ages.add(f.division, cell{scheme: f.scheme, what: bucket(today - since.Days())}, 1)
		}
		if !f.decided.IsZero() {
			t.cases = append(t.cases, decidedCase{f.division, at, max(0, d.today(f.decided).Days()-since.Days())})
		}
		for _, x := range f.contests {
			contests.add(f.division, cell{f.scheme, d.today(x.filed).MonthOf(), names(x.rule, x.source, string(x.state))}, 1)
		}
	}
	t.states, t.contests, t.ages = states.table(), contests.table(), ages.table()
	return nil
}

// Buckets are the ages of what waits, in days.
func buckets() []string { return []string{"0-7", "8-15", "16-30", "31-60", "61-"} }

func bucket(days int) string {
	for i, last := range [...]int{7, 15, 30, 60} {
		if days <= last {
			return buckets()[i]
		}
	}
	return buckets()[4]
}
