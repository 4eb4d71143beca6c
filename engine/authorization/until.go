package authorization

import "github.com/hedui/hedui/engine/household"

// Until is the first day after a day on which Judge or Covers may say otherwise of the
// same question without anything having been recorded, as household.Date.Days counts
// days: it begins or ends, somebody has left, a signature counts, a child is an adult.
// It is 0 when there is none. Whoever kept an answer asks again from then on.
func (a *Authorization) Until(day household.Date) int {
	first := 0
	add := func(d int) {
		if d > day.Days() && (first == 0 || d < first) {
			first = d
		}
	}
	on := func(d household.Date) {
		if d != 0 {
			add(d.Days())
		}
	}
	on(a.From)
	if a.To != 0 {
		add(a.To.Days() + 1)
	}
	for i := range a.Members {
		m := &a.Members[i]
		on(m.Left)
		on(m.Signature.On)
		if m.Guardian != nil {
			on(m.Guardian.Signature.On)
		}
		if born := m.born(); born != 0 && !m.Incapable {
			// On the 29th of February it is one of two days: both are asked.
			y, month := born.Year()+adultAge, int(born)/100%100
			if d, ok := household.NewDate(y, month, born.Day()); ok {
				on(d)
			} else {
				feb, _ := household.NewDate(y, 2, 28)
				on(feb)
				add(feb.Days() + 1)
			}
		}
	}
	return first
}
