package oracle

import (
	"cmp"
	"slices"
	"time"
)

// staleAfter is the age of a snapshot beyond which grade A becomes B.
const staleAfter = 180 * 24 * time.Hour

// held is a record that belongs to a member, with grade A or B.
type held struct {
	*record
	member int // from 1
	grade  byte
}

// check is the work on one household.
type check struct {
	reg     *Registry
	request *request
	on      time.Time
	window  months

	counted   []int // numbers of the counted members
	records   map[string][]held
	conflicts []held // same document, different name
	coverage  map[string]Coverage
	answer    Answer
}

// Verify answers one request line on a date (midnight UTC). It reads the
// registry only and gives the same answer for the same three arguments.
func Verify(reg *Registry, line []byte, on time.Time) Answer {
	q, err := parseRequest(line)
	if err != nil {
		return refuse("", "invalid_request")
	}
	if code := q.refusal(on); code != "" {
		return refuse(q.HouseholdID, code)
	}
	c := &check{
		reg: reg, request: q, on: on,
		window:   months{monthOf(on) - 12, monthOf(on) - 1},
		records:  map[string][]held{},
		coverage: map[string]Coverage{},
	}
	for i := range q.Members {
		if q.Members[i].Excluded == "" {
			c.counted = append(c.counted, i+1)
		}
	}
	for _, source := range sourceNames {
		c.coverage[source] = c.look(source)
	}
	c.answer = Answer{HouseholdID: q.HouseholdID, Coverage: c.coverage}
	c.identity()
	c.periods()
	c.income()
	c.financial()
	c.vehicles()
	c.units()
	c.employment()
	c.conclude()
	return c.answer
}

// look gathers a source's records of the counted members and says how it was covered.
func (c *check) look(source string) Coverage {
	providers := c.reg.providers[source]
	switch {
	case !c.request.authorized(source):
		return Coverage{State: "not_authorized"}
	case len(providers) == 0:
		return Coverage{State: "missing"}
	}
	partial := schemas[source].flow && !c.allMonths(providers)
	cover := Coverage{State: "found", Providers: map[string]string{}}
	for _, p := range providers {
		state := c.lookAt(p)
		if partial {
			state = "partial"
		}
		cover.Providers[p.name] = state
		if slices.Index(coverageStates, state) < slices.Index(coverageStates, cover.State) {
			cover.State = state
		}
	}
	return cover
}

func (c *check) allMonths(providers []*provider) bool {
	for m := c.window.from; m <= c.window.to; m++ {
		if !slices.ContainsFunc(providers, func(p *provider) bool { return p.months[m] != nil }) {
			return false
		}
	}
	return true
}

// lookAt sorts one provider's records under the members' documents into held
// ones and conflicts, and gives the provider's state, partial apart.
func (c *check) lookAt(p *provider) string {
	found, incomplete := false, false
	for _, number := range c.counted {
		m := &c.request.Members[number-1]
		doc, _ := readDocument(m.IDType, m.IDNumber)
		incomplete = incomplete || p.marks[doc]
		for _, r := range p.people[doc] {
			found = true
			h := held{r, number, 'A'}
			if c.stale(r.snap) {
				h.grade = 'B'
			}
			switch r.values[nameAt] {
			case "": // no name: neither evidence nor conflict
			case normName(m.Name):
				c.records[r.snap.source] = append(c.records[r.snap.source], h)
			default:
				c.conflicts = append(c.conflicts, h)
			}
		}
	}
	switch {
	case incomplete:
		return "incomplete"
	case c.staleProvider(p):
		return "stale"
	case found:
		return "found"
	}
	return "none"
}

func (c *check) stale(s *snapshot) bool { return c.on.Sub(s.asOf) > staleAfter }

// staleProvider looks, for a flow, only at the snapshots that supply the window.
func (c *check) staleProvider(p *provider) bool {
	if !p.flow {
		return c.stale(p.snaps[0])
	}
	for m := c.window.from; m <= c.window.to; m++ {
		if s := p.months[m]; s != nil && c.stale(s) {
			return true
		}
	}
	return false
}

// identity reports records under a member's document with another name.
func (c *check) identity() {
	for _, number := range c.counted {
		c.review("identity_conflict", number, of(c.conflicts, number))
	}
	for i := range c.answer.Findings { // the grade of such evidence is not defined
		f := &c.answer.Findings[i]
		f.Grade, f.alternatives = "B", nil
		for _, grade := range []string{"A", ""} {
			other := *f
			other.Grade = grade
			f.alternatives = append(f.alternatives, other)
		}
	}
}

// conclude orders the findings and draws the outcome.
func (c *check) conclude() {
	a := &c.answer
	slices.SortStableFunc(a.Findings, func(x, y Finding) int {
		return cmp.Or(
			cmp.Compare(slices.Index(findingOrder, x.Code), slices.Index(findingOrder, y.Code)),
			cmp.Compare(x.Member, y.Member),
			cmp.Compare(slices.Index(lineTypes, x.Type), slices.Index(lineTypes, y.Type)))
	})
	a.Outcome = noDiscrepancy
	for _, cover := range a.Coverage {
		if cover.State != "none" && cover.State != "found" {
			a.Outcome = unverifiable
		}
	}
	for _, f := range a.Findings {
		if a.Outcome != suspected {
			a.Outcome = f.Effect
		}
	}
}
