package desk

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/review"
)

// Waiting asks for the cases in every state in which people have something to do.
const Waiting review.State = "waiting"

// waitingStates are the states of Waiting.
func waitingStates() []review.State {
	return []review.State{review.Proposed, review.UnderReview, review.Returned, review.Disputed}
}

// CaseQuery selects cases: those of a household, those assigned to the caller, or those of
// a division and below it; in one state or in all that wait.
type CaseQuery struct {
	Household  string
	Mine       bool
	State      review.State // or Waiting; "" is Proposed; not asked of a household
	Division   string       // "" is the caller's own
	Outcome    household.Outcome
	Scheme     string
	Unassigned bool
	Cursor     string
	Limit      int
}

// picks reports whether a case is one of those that a query selects.
func (q *CaseQuery) picks(s *storedCase) bool {
	return (q.Outcome == 0 || s.Case.Outcome == q.Outcome) && (q.Scheme == "" || s.Case.Scheme == q.Scheme) && (!q.Unassigned || s.Case.Assignee == "")
}

// Cases lists cases in the order of the queue: the most severe first, of equal ones the
// oldest; without those that the caller must not know of. Those of a household are the
// newest first. A page reads what stands on it and no more: the ledger has the order.
func (d *Desk) Cases(ctx context.Context, c Caller, q CaseQuery) (list []*Case, next string, err error) {
	if err := d.may(&c, access.CaseList, ""); err != nil {
		return nil, "", err
	}
	if q.Division == "" {
		q.Division = c.Division
	}
	if q.Household == "" && !q.Mine && !access.Within(q.Division, c.Division) {
		return nil, "", d.deny(c.event(access.CaseList, ""), access.Decision{Reason: access.ReasonOutside, Hide: true})
	}
	first, read := d.queue(ctx, &c, &q)
	first.Cursor, first.Limit = q.Cursor, q.Limit
	e := c.event(access.CaseList, "")
	list, next, err = listed(first, read, func(entry *ledger.Case) (*Case, bool, error) {
		s, err := caseIn(entry)
		if err != nil || !q.picks(s) {
			return nil, false, err
		}
		decision := access.Decide(c.Subject, access.CaseList, s.object())
		return s.shown(decision.Masks), decision.Allow, nil
	})
	if err != nil {
		return nil, "", err
	}
	for _, x := range list {
		e.Subjects = append(e.Subjects, audit.Subject{Household: x.Household, Authorization: x.Authorization})
	}
	e.Outcome = audit.Done
	return list, next, d.note(e)
}

type readCases func(ledger.Query) ([]*ledger.Case, string, error)

// queue is how the cases of a query are read, in their order.
func (d *Desk) queue(ctx context.Context, c *Caller, q *CaseQuery) (ledger.Query, readCases) {
	one := func(l ledger.Query) ([]*ledger.Case, string, error) {
		return ledger.List[ledger.Case](ctx, d.o.Ledger, l)
	}
	in := func(s review.State) ledger.Query {
		if q.Mine {
			return ledger.CasesWith(c.Person, string(s))
		}
		return ledger.CasesIn(access.Significant(q.Division), string(s))
	}
	switch q.State {
	case "":
		q.State = review.Proposed
	case Waiting:
		if q.Household == "" {
			var streams []ledger.Query
			for _, s := range waitingStates() {
				streams = append(streams, in(s))
			}
			return ledger.Query{}, func(l ledger.Query) ([]*ledger.Case, string, error) { return d.merged(ctx, streams, l) }
		}
	}
	if q.Household != "" {
		return ledger.CasesOf(q.Household), one
	}
	return in(q.State), one
}

// mergedRead is how many entries are read ahead of each of several queries.
const mergedRead = 16

// merged reads a page of several queries that are in the order of the queue as if they
// were one. Its cursor is the place of the last entry in that order, so it is good in each
// of them.
func (d *Desk) merged(ctx context.Context, streams []ledger.Query, page ledger.Query) (list []*ledger.Case, next string, err error) {
	if page.Cursor != "" {
		at, err := placeOfCursor(page.Cursor)
		if err != nil {
			return nil, "", err
		}
		for i := range streams {
			streams[i] = at.after(streams[i])
		}
	}
	limit := page.Limit
	if limit <= 0 {
		limit = ledger.DefaultPage
	}
	heads, done := make([][]*ledger.Case, len(streams)), make([]bool, len(streams))
	for {
		first := -1
		for i := range streams {
			for len(heads[i]) == 0 && !done[i] {
				q := streams[i]
				q.Limit = min(limit-len(list)+1, mergedRead)
				if heads[i], streams[i].Cursor, err = ledger.List[ledger.Case](ctx, d.o.Ledger, q); err != nil {
					return nil, "", err
				}
				done[i] = streams[i].Cursor == ""
			}
			if len(heads[i]) > 0 && (first < 0 || placeOfCase(heads[i][0]).compare(placeOfCase(heads[first][0])) < 0) {
				first = i
			}
		}
		if first < 0 {
			return list, "", nil
		}
		if len(list) == limit {
			return list, placeOfCase(list[limit-1]).cursor(), nil
		}
		list, heads[first] = append(list, heads[first][0]), heads[first][1:]
	}
}

// placeInQueue is where a case stands in the order of the queue.
type placeInQueue struct {
	severity int
	opened   ledger.Instant
	id       string
}

func placeOfCase(c *ledger.Case) placeInQueue { return placeInQueue{c.Severity, c.Opened, c.ID} }

func (p placeInQueue) compare(o placeInQueue) int {
	return cmp.Or(cmp.Compare(o.severity, p.severity), cmp.Compare(p.opened, o.opened), cmp.Compare(p.id, o.id))
}

func (p placeInQueue) after(q ledger.Query) ledger.Query {
	return ledger.CasesAfter(q, p.severity, p.opened, p.id)
}

func (p placeInQueue) cursor() string { return fmt.Sprintf("%d.%d.%s", p.severity, p.opened, p.id) }

// placeOfCursor reads what cursor writes.
func placeOfCursor(text string) (p placeInQueue, err error) {
	parts := strings.SplitN(text, ".", 3)
	bad := fmt.Errorf("%w: the cursor is not one of this query", ledger.ErrInvalid)
	if len(parts) != 3 || !keyable(parts[2]) {
		return p, bad
	}
	severity, err := strconv.Atoi(parts[0])
	if err != nil {
		return p, bad
	}
	opened, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil {
		return p, bad
	}
	return placeInQueue{severity, ledger.Instant(opened), parts[2]}, nil
}

// Severity is how urgent the case is, larger first.
func (c *Case) Severity() int { return review.Severity(c.State, c.Outcome) }

// OpenObjections is how many objections nobody has decided.
func (c *Case) OpenObjections() int {
	n := 0
	for i := range c.Objections {
		if c.Objections[i].State == review.Open {
			n++
		}
	}
	return n
}

// DaysSince is how many days ago something was, by the days of the centre.
func (d *Desk) DaysSince(t time.Time) int { return max(0, d.Today().Days()-d.today(t).Days()) }
