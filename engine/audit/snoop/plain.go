package snoop

import (
	"time"
)

// Plain is a context of what is known without the ledger: honey households, the hours
// people work, and the division that a household's number begins with. Of cases and
// relations it knows nothing, so that their signs stay silent.
type Plain struct {
	HoneyPots map[string]bool
	// From and To are the minutes of the day that people work between, To excluded; both
	// zero means 8:00 to 18:00.
	From, To int
	Location *time.Location  // nil means UTC
	Holidays map[string]bool // days as in 2026-10-01 that are free
	Workdays map[string]bool // Saturdays and Sundays that are worked, as in 2026-10-10
}

// Case is not known.
func (Plain) Case(string, time.Time) CaseState { return CaseUnknown }

// Outside compares the divisions when the number of the household begins with one.
func (Plain) Outside(a Access) bool {
	if len(a.Household) < 7 || a.Household[6] != '-' || len(a.Division) != 6 {
		return false
	}
	above := a.Division
	for len(above) > 2 && above[len(above)-2:] == "00" {
		above = above[:len(above)-2]
	}
	for i := range 6 {
		if c := a.Household[i]; c < '0' || c > '9' {
			return false
		}
	}
	return a.Household[:len(above)] != above
}

// Related is not known.
func (Plain) Related(string, string) Relation { return 0 }

// Honey reports whether a household is one that nobody has a reason to look at.
func (p Plain) Honey(household string) bool { return p.HoneyPots[household] }

// Working reports whether people work at a time.
func (p Plain) Working(at time.Time) bool {
	if p.Location != nil {
		at = at.In(p.Location)
	} else {
		at = at.UTC()
	}
	from, to := p.From, p.To
	if from == 0 && to == 0 {
		from, to = 8*60, 18*60
	}
	day := at.Format(time.DateOnly)
	weekend := at.Weekday() == time.Saturday || at.Weekday() == time.Sunday
	minute := at.Hour()*60 + at.Minute()
	return !p.Holidays[day] && (!weekend || p.Workdays[day]) && minute >= from && minute < to
}
