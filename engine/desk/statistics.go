package desk

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/review"
)

// StatisticsQuery selects what is counted.
type StatisticsQuery struct {
	Division string         // "" is the caller's own
	Scheme   string         // "" is every one
	From, To household.Date // whole months are counted, those of both days included; 0 has no end
}

// Statistics is how the centre does, in a division and below it. It holds nothing personal.
// Every number is a sum of cells, each of one scheme and one month, and a cell that is too
// small, or by which a small one could be found out, is in no sum: see table. Where a sum
// is not all there is, it says so.
type Statistics struct {
	AsOf   time.Time // when it was counted
	Counts []Count   // households, by where they stand

	Months    []Checks // by month of the check
	Divisions []Checks // by the divisions right below

	States []Named // cases whose verdict is of the period, by state
	// Decided cases are cleared, confirmed or final; Cleared are the first of them.
	Decided, Cleared int64
	// ClearedPermille is absent, -1, when one of both is not all there is.
	ClearedPermille int
	Waited          Waited
	Ages            []Named // cases that wait now, by age in days; of every period

	ByRule, BySource []Objected // objections filed in the period
}

// Count is how many households of a scheme have an outcome.
type Count struct {
	Scheme, Outcome string
	Count           int64
	Withheld        bool // nothing of it is said
	Partial         bool // some months or parts are not in it
}

// Checks are the checks of a month or a division.
type Checks struct {
	Month    household.Month // 0 of a division
	Division string          // "" of a month
	Checks   int64
	Outcomes []Named
	// WarningPermille is how many of a thousand verdicts ask for a person: needs_review or
	// suspected_ineligible, of all but refused. -1 is not said.
	WarningPermille int
	Partial         bool
}

// Named is a count of something with a name.
type Named struct {
	Name     string
	Count    int64
	Withheld bool // nothing of it is said
	Partial  bool // not all of it is
}

// Waited is how many days passed from the verdict to the decision of people, over the cases
// whose number is said. Fewer than fewest say nothing.
type Waited struct {
	Cases       int64
	Median, P90 int
}

// Objected is how often records were objected to, by the rule or the source that they are
// of.
type Objected struct {
	Name          string
	Filed, Upheld int64
	Partial       bool
}

// Statistics counts. See the type.
func (d *Desk) Statistics(ctx context.Context, c Caller, q StatisticsQuery) (*Statistics, error) {
	division := cmp.Or(q.Division, c.Division)
	e := c.event(access.Statistics, word(division))
	if _, err := d.decide(&c, access.Statistics, access.Object{Division: division}, e); err != nil {
		return nil, err
	}
	t, err := d.tallied(ctx)
	if err != nil {
		return nil, err
	}
	e.Outcome = audit.Done
	return t.statistics(access.Significant(division), &q), d.note(e)
}

// takes reports whether a cell is asked for.
func (q *StatisticsQuery) takes(c *cell) bool {
	return (q.Scheme == "" || c.scheme == q.Scheme) && (q.From == 0 || c.month >= q.From.MonthOf()) && (q.To == 0 || c.month <= q.To.MonthOf())
}

func (t *tally) statistics(division string, q *StatisticsQuery) *Statistics {
	s := &Statistics{AsOf: t.at, ClearedPermille: -1}
	for name, n := range sorted(t.households.sum(division, func(c *cell) (string, bool) { return names(c.scheme, c.what), q.takes(c) })) {
		p := parts(name)
		s.Counts = append(s.Counts, Count{Scheme: p[0], Outcome: p[1], Count: n.n, Withheld: n.n == 0, Partial: n.partial})
	}
	months := map[household.Month]bool{}
	for i := range t.checks.says[division] {
		if c := &t.checks.says[division][i].cell; q.takes(c) {
			months[c.month] = true
		}
	}
	for _, m := range slices.Sorted(maps.Keys(months)) {
		row := t.checked(division, func(c *cell) bool { return c.month == m && q.takes(c) })
		row.Month = m
		s.Months = append(s.Months, row)
	}
	for _, d := range t.checks.below[division] {
		row := t.checked(d, q.takes)
		if row.Division = d; len(row.Outcomes) > 0 {
			s.Divisions = append(s.Divisions, row)
		}
	}
	t.addCases(s, division, q)
	s.ByRule, s.BySource = t.objected(division, q, 0), t.objected(division, q, 1)
	return s
}

// checked is one row of checks.
func (t *tally) checked(division string, takes func(*cell) bool) Checks {
	row := Checks{WarningPermille: -1}
	var verdicts, warnings int64
	unsure := false
	for name, n := range sorted(t.checks.sum(division, func(c *cell) (string, bool) { return c.what, takes(c) })) {
		row.Outcomes = append(row.Outcomes, named(name, n))
		row.Checks, row.Partial = row.Checks+n.n, row.Partial || n.partial
		warns := review.Adverse(household.OutcomeOf(name))
		if name != household.Refused.String() {
			verdicts += n.n
		}
		if warns {
			warnings += n.n
			unsure = unsure || n.partial
		}
	}
	if verdicts > 0 && !unsure {
		row.WarningPermille = permille(warnings, verdicts)
	}
	return row
}

func named(name string, n total) Named {
	return Named{Name: name, Count: n.n, Withheld: n.n == 0, Partial: n.partial}
}

// permille is a share in thousandths, rounded.
func permille(part, of int64) int { return int((part*2000 + of) / (2 * of)) }

func (t *tally) addCases(s *Statistics, division string, q *StatisticsQuery) {
	partial := false
	for name, n := range sorted(t.states.sum(division, func(c *cell) (string, bool) { return c.what, q.takes(c) })) {
		s.States = append(s.States, named(name, n))
		switch review.State(name) {
		case review.Cleared:
			s.Cleared, s.Decided, partial = s.Cleared+n.n, s.Decided+n.n, partial || n.partial
		case review.Confirmed, review.Final:
			s.Decided, partial = s.Decided+n.n, partial || n.partial
		case review.Proposed, review.UnderReview, review.Returned, review.Disputed, review.Withdrawn:
		}
	}
	if s.Decided > 0 && !partial {
		s.ClearedPermille = permille(s.Cleared, s.Decided)
	}
	ages := t.ages.sum(division, func(c *cell) (string, bool) { return c.what, q.Scheme == "" || c.scheme == q.Scheme })
	for _, name := range buckets() {
		if n, ok := ages[name]; ok {
			s.Ages = append(s.Ages, named(name, n))
		}
	}
	withheld := t.states.withheld(division)
	var days []int
	for i := range t.cases {
		if x := &t.cases[i]; strings.HasPrefix(x.division, division) && q.takes(&x.cell) && !withheld[x.cell] {
			days = append(days, x.days)
		}
	}
	if len(days) < fewest {
		return
	}
	slices.Sort(days)
	s.Waited = Waited{int64(len(days)), days[(len(days)-1)/2], days[(len(days)*9+9)/10-1]}
}

// objected counts objections by one part of what they are counted by: the rule or the
// source.
func (t *tally) objected(division string, q *StatisticsQuery, part int) []Objected {
	by := map[string]Objected{}
	for name, n := range sorted(t.contests.sum(division, func(c *cell) (string, bool) { return c.what, q.takes(c) })) {
		p := parts(name)
		x := by[p[part]]
		x.Name, x.Filed, x.Partial = p[part], x.Filed+n.n, x.Partial || n.partial
		if review.ObjectionState(p[2]) == review.Upheld {
			x.Upheld += n.n
		}
		by[p[part]] = x
	}
	var out []Objected
	for _, x := range sorted(by) {
		out = append(out, x)
	}
	return out
}

// sorted goes through a map in the order of its keys.
func sorted[V any](m map[string]V) func(yield func(string, V) bool) {
	return func(yield func(string, V) bool) {
		for _, k := range slices.Sorted(maps.Keys(m)) {
			if !yield(k, m[k]) {
				return
			}
		}
	}
}
