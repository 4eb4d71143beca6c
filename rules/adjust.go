package rules

import (
	"github.com/hedui/hedui/engine/household"
)

// Membership says who belongs to the household that shares its living (共同生活的家庭成员).
type Membership struct {
	Include []*Who // one of them
	Exclude []ExclusionGround
	Law     string
	Place   Place
}

// ExclusionGround is a reason for which the law leaves a member out.
type ExclusionGround struct {
	Reason uint8 // household.Exclusions
	// Attribute proves it; −1 asks for nothing. It must have held for Years.
	Attribute int
	Years     int
}

// Of says whether the law takes a person in.
func (m *Membership) Of(p *Person) household.Tri {
	out := household.No
	for _, w := range m.Include {
		switch w.Of(p) {
		case household.Yes:
			return household.Yes
		case household.Unknown:
			out = household.Unknown
		}
	}
	return out
}

// Ground is the ground for an exclusion, or nil.
func (m *Membership) Ground(reason uint8) *ExclusionGround {
	for i := range m.Exclude {
		if m.Exclude[i].Reason == reason {
			return &m.Exclude[i]
		}
	}
	return nil
}

// Deduction is taken off the counted income: a percentage of a line, never more than
// the line, or documented expenses of the window.
type Deduction struct {
	Code string
	// Of a line.
	Line    household.LineType
	Percent string // parameter
	// Base is the parameter that Percent is of, for every month in which the line has
	// income; "" takes the line itself.
	Base string
	// Of expenses.
	Expense int // index into Pack.Expenses; −1 for none
	// DeclaredIn is the line in which members declared what they receive and the law does
	// not count; only what they declared there is lowered. 0: expenses like others.
	DeclaredIn household.LineType
	Cap        string // parameter; money for a month is taken for every month of the window
	Who        *Who   // nil: everybody; of expenses the member they were for
	Law        string
	Place      Place

	Percents [3]int64 // resolved, by residence
	Bases    [3]int64 // fen for a month
	Caps     [3]int64 // fen for the window; 0 without a cap
}

// Imputation is income that the law assumes of somebody who could work and shows none.
// It is derived, so it never carries more than a question.
type Imputation struct {
	Code  string
	Line  household.LineType
	Base  string // parameter, fen for a month
	Who   *Who
	Lines Mask // household.LineTypes: any income of these lines and nothing is imputed
	Table []ImputedShare
	Law   string
	Place Place

	Bases [3]int64
}

// ImputedShare is a row of an imputation table.
type ImputedShare struct {
	Who     *Who
	Percent int64
}

// Share is what is imputed to a person in percent of the base; 0 for nobody meant. Of
// what nobody knows it takes the first row that may apply.
func (m *Imputation) Share(p *Person) int64 {
	if m.Who != nil && m.Who.Of(p) == household.No {
		return 0
	}
	for i := range m.Table {
		if m.Table[i].Who.Of(p) != household.No {
			return m.Table[i].Percent
		}
	}
	return 0
}

// nameAt is a parameter that something names, and where.
type nameAt struct {
	name string
	at   node
}

// Amount is what a deduction takes off a line that counts fen, with income in so many
// months. It is rounded up to the fen, in the household's favour.
func (d *Deduction) Amount(counted household.Fen, monthsWithIncome int, residence uint8) household.Fen {
	if counted <= 0 {
		return 0
	}
	base := int64(counted)
	if d.Base != "" {
		base = times(d.Bases[residence], int64(monthsWithIncome))
	}
	n, ok := household.MulDiv(base, d.Percents[residence], 100, household.RoundUp)
	if !ok {
		return 0
	}
	return min(household.Fen(d.capped(n, residence)), counted)
}

// Spending is what a deduction of expenses takes off.
func (d *Deduction) Spending(documented household.Fen, residence uint8) household.Fen {
	return household.Fen(d.capped(int64(documented), residence))
}

func (d *Deduction) capped(n int64, residence uint8) int64 {
	if d.Cap != "" && n > d.Caps[residence] {
		return d.Caps[residence]
	}
	return n
}
