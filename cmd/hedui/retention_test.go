package main

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/review"
)

// When a case is over is the last that happened to it; what is open or can't be read has
// no end, and so stays.
func TestCaseEnd(t *testing.T) {
	t.Parallel()
	day := func(n int) time.Time { return time.Date(2020, 1, n, 0, 0, 0, 0, time.UTC) }
	closed := review.Case{State: review.Final, Since: day(1), NoticeAt: day(3), WindowDays: 10, History: []review.Step{{At: day(5)}}}
	with := func(change func(*review.Case)) review.Case { c := closed; change(&c); return c }
	for name, c := range map[string]struct {
		body  any
		state review.State
		end   time.Time
	}{
		"the window":                     {closed, review.Final, day(13)},
		"its history":                    {with(func(c *review.Case) { c.History = []review.Step{{At: day(20)}} }), review.Final, day(20)},
		"an objection":                   {with(func(c *review.Case) { c.Objections = []review.Objection{{State: review.Upheld, Closed: day(21)}} }), review.Final, day(21)},
		"an open objection":              {with(func(c *review.Case) { c.Objections = []review.Objection{{State: review.Open}} }), review.Final, time.Time{}},
		"confirmed, in its window":       {with(func(c *review.Case) { c.State = review.Confirmed }), review.Confirmed, time.Time{}},
		"under review":                   {with(func(c *review.Case) { c.State = review.UnderReview }), review.UnderReview, time.Time{}},
		"another state than its entry's": {closed, review.Disputed, time.Time{}},
		"a body of nobody":               {"x", review.Final, time.Time{}},
	} {
		body, err := json.Marshal(map[string]any{"case": c.body})
		if err != nil {
			t.Fatal(err)
		}
		end, over := caseEnd(&ledger.Case{State: string(c.state), Stored: ledger.Stored{Body: body}})
		if !end.Equal(c.end) || over != !c.end.IsZero() {
			t.Errorf("%s: %v %v, want %v", name, end, over, c.end)
		}
	}
}
