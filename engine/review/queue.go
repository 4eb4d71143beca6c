package review

import (
	"cmp"
	"slices"

	"github.com/hedui/hedui/engine/household"
)

// Severity is how urgent a case is, larger first: a family that objects comes before
// everything, then what would weigh most. It depends on where the case stands now, and not
// on its history: who was cleared once is ranked like everybody else.
func Severity(s State, o household.Outcome) int {
	switch {
	case s == Disputed:
		return 4
	case o == household.SuspectedIneligible:
		return 3
	case o == household.NeedsReview:
		return 2
	case o == household.Unverifiable:
		return 1
	}
	return 0
}

// Waiting reports whether people have something to do: the case is not closed, not
// confirmed, and no new verdict is on its way.
func (c *Case) Waiting() bool {
	switch c.State {
	case Proposed, UnderReview, Returned:
		return !c.Awaiting
	case Disputed:
		return true
	}
	return false
}

// Queue returns the cases that wait for people, the most severe first, of equal ones the
// oldest, and no more than can be dealt with: a list that nobody gets through is looked at
// by nobody. Ties go by id, so that the order of cases decides nothing.
func Queue(cases []Case, capacity int) []Case {
	var out []Case
	for i := range cases {
		if cases[i].Waiting() {
			out = append(out, cases[i])
		}
	}
	slices.SortFunc(out, func(a, b Case) int {
		return cmp.Or(
			cmp.Compare(Severity(b.State, b.Outcome), Severity(a.State, a.Outcome)),
			a.Since.Compare(b.Since),
			cmp.Compare(a.ID, b.ID),
		)
	})
	return out[:min(len(out), max(capacity, 0))]
}
