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
// tally stands for so many times what it took: counting takes a fiftieth of one processor at
// most, and of a small ledger it is always done anew. Of a large one the next is counted
// beside whoever asks, who gets the last one. What was learned of entries that never change
// is kept from one to the next; a tally is a function of the ledger all the same.
type tallies struct {
	mu      sync.Mutex // guards what follows
	last    *tally
	stop    context.CancelFunc // of the one that is counted beside, nil for none
	beside  sync.WaitGroup
	stopped bool

	counting sync.Mutex            // held while one is counted, and guards what follows
	asked    map[entryID]checkFact // of requests
	cases    map[string]caseFact
	texts    texts

	// While a tally is made.
	outcomes map[entryID]uint32 // of verdicts
	planted  []string           // verdicts of planted cases, which nobody was asked about
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

const (
	oldTimes = 50                     // how many times what it took a tally may be old
	longTime = 200 * time.Millisecond // that nobody should wait for
	oldest   = time.Hour              // that somebody gets a tally for which nobody counted anew
)

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
	planted  string // verdict of a planted case
	contests []contest
}

type contest struct {
	rule, source string
	state        review.ObjectionState
	filed        time.Time
}

// tallied returns a tally that is new enough.
func (d *Desk) tallied(ctx context.Context) (*tally, error) {
	if l := d.tallies.standing(ctx, d); l != nil {
		return l, nil
	}
	return d.count(ctx)
}

// standing is the last tally if it does, nil otherwise. When it is time for another, that is
// counted beside.
func (t *tallies) standing(ctx context.Context, d *Desk) *tally {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.last
	if l == nil {
		return nil
	}
	age := d.o.Now().Sub(l.at)
	switch {
	case age >= 0 && age < oldTimes*l.took:
		return l
	case age < 0 || age > oldest || l.took < longTime || t.stopped:
		return nil
	}
	if t.stop == nil {
		beside, stop := context.WithCancel(context.WithoutCancel(ctx))
		t.stop = stop
		t.beside.Go(func() {
			defer stop()
			_, _ = d.count(beside) // whoever asks when the last one is too old hears of an error
			t.mu.Lock()
			t.stop = nil
			t.mu.Unlock()
		})
	}
	return l
}

// close ends what is counted beside.
func (t *tallies) close() {
	t.mu.Lock()
	t.stopped = true
	if t.stop != nil {
		t.stop()
	}
	t.mu.Unlock()
	t.beside.Wait()
}

// count counts the ledger.
func (d *Desk) count(ctx context.Context) (*tally, error) {
	t := &d.tallies
	asked := d.o.Now()
	t.counting.Lock()
	defer t.counting.Unlock()
	t.mu.Lock()
	last := t.last
	t.mu.Unlock()
	if last != nil && last.at.After(asked) {
		return last, nil // somebody has counted since
	}
	next := &tally{at: d.o.Now()}
	for _, count := range []func(context.Context, *tally) error{d.countHouseholds, d.countCases, d.countChecks} {
		if err := count(ctx, next); err != nil {
			return nil, ledgerError(err)
		}
	}
	next.took = d.o.Now().Sub(next.at)
	t.mu.Lock()
	t.last = next
	t.mu.Unlock()
	return next, nil
}

// countHouseholds counts where households stand, and learns the outcomes of the verdicts
// that stand.
func (d *Desk) countHouseholds(ctx context.Context, t *tally) error {
	k, c := &d.tallies, counts{}
	k.outcomes = map[entryID]uint32{}
	err := d.o.Ledger.Scan(ctx, ledger.KindHousehold, func(r *ledger.Row) error {
		var h fields
		if !h.read(r.Fields, "division", "scheme", "outcome", "verdict") {
			return fmt.Errorf("household %s: its fields are not those of one", r.ID)
		}
		outcome := k.texts.number(h.text[2])
		k.outcomes[entryIDOf(h.text[3])] = outcome
		c.add(h.text[0], cell{k.texts.one(h.text[1]), h.on.MonthOf(), k.texts.text(outcome)}, 1)
		return nil
	})
	t.households = c.table()
	return err
}

// addOutcomes learns the outcomes of all verdicts.
func (d *Desk) addOutcomes(ctx context.Context) error {
	k := &d.tallies
	return d.o.Ledger.Scan(ctx, ledger.KindVerdict, func(r *ledger.Row) error {
		var v fields
		if !v.read(r.Fields, "outcome") {
			return fmt.Errorf("verdict %s: its fields are not those of one", r.ID)
		}
		k.outcomes[entryIDOf(r.ID)] = k.texts.number(v.text[0])
		return nil
	})
}

// fewVerdicts is up to how many verdicts are looked up and not read all in a row.
const fewVerdicts = 10_000

// plantedRequests are the requests that were written for planted cases.
func (d *Desk) plantedRequests(ctx context.Context) (map[entryID]bool, error) {
	out := map[entryID]bool{}
	for _, id := range d.tallies.planted {
		v, err := find[ledger.Verdict](ctx, d.o.Ledger, id)
		if err != nil {
			return nil, err
		}
		if v != nil {
			out[entryIDOf(v.Request)] = true
		}
	}
	return out, nil
}

// countChecks counts what was asked by what came of it. It comes after the others.
func (d *Desk) countChecks(ctx context.Context, t *tally) error {
	k := &d.tallies
	asked := make(map[entryID]checkFact, len(k.asked))
	verdicts := map[entryID]string{} // that don't stand any more, by request
	err := d.o.Ledger.Scan(ctx, ledger.KindRequest, func(r *ledger.Row) error {
		id := entryIDOf(r.ID)
		if f, ok := k.asked[id]; ok {
			asked[id] = f
			return nil
		}
		var q fields
		if !q.read(r.Fields, "division", "scheme", "channel", "verdict", "refusal") {
			return fmt.Errorf("request %s: its fields are not those of one", r.ID)
		}
		f := checkFact{division: k.texts.number(access.Significant(q.text[0])), scheme: k.texts.number(q.text[1]), month: int32(q.on.MonthOf())}
		switch channel, verdict, refusal := q.text[2], q.text[3], q.text[4]; {
		case channel != "check" && channel != "batch" && channel != "recheck":
		case refusal != "":
			f.outcome = k.texts.number(household.Refused.String())
		case verdict != "":
			if f.outcome = k.outcomes[entryIDOf(verdict)]; f.outcome == 0 {
				verdicts[id] = verdict
			}
		}
		asked[id] = f
		return nil
	})
	if err != nil {
		return err
	}
	many := len(verdicts) > fewVerdicts
	if many {
		if err := d.addOutcomes(ctx); err != nil {
			return err
		}
	}
	for id, verdict := range verdicts { // after the scan, which holds the ledger
		f := asked[id]
		if many {
			f.outcome = k.outcomes[entryIDOf(verdict)]
		} else {
			v, err := find[ledger.Verdict](ctx, d.o.Ledger, verdict)
			if err != nil {
				return err
			}
			if v != nil {
				f.outcome = k.texts.number(v.Outcome)
			}
		}
		asked[id] = f
	}
	planted, err := d.plantedRequests(ctx)
	if err != nil {
		return err
	}
	k.asked, k.outcomes = asked, nil
	c := counts{}
	for id, f := range asked {
		if f.outcome != 0 && !planted[id] {
			c.add(k.texts.text(f.division), cell{k.texts.text(f.scheme), household.Month(f.month), k.texts.text(f.outcome)}, 1)
		}
	}
	t.checks = c.table()
	return nil
}

// countCases counts where cases stand, how old they are, and what was objected to. A planted
// case is none.
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
		if s.Case.Seeded {
			f.planted = s.Case.Verdict
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
	k.cases, k.planted = cases, nil
	today := d.today(t.at).Days()
	states, contests, ages := counts{}, counts{}, counts{}
	for _, f := range cases {
		if f.planted != "" {
			k.planted = append(k.planted, f.planted)
			continue
		}
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
