package rules

import "github.com/hedui/hedui/engine/household"

// Factor is what a limit is multiplied by. Percent and permille are of one: 60 percent
// takes 60 hundredths.
type Factor struct {
	Value int64
	Unit  Unit
}

// per is what a number in a unit is a fraction of.
func (u Unit) per() int64 {
	switch u {
	case UnitPercent:
		return 100
	case UnitPermille:
		return 1000
	}
	return 1
}

// Limit is the right side of a rule, a value times factors, as Of gives it for a
// household: divided once, at the end, to the whole number on which the comparison turns
// where it turns with the quotient. Money for a year is divided by 12. Neither the value
// nor a factor may be negative; a product past int64 is the largest int64, which no fact
// reaches.
func Limit(op Op, value int64, perYear bool, factors []Factor) int64 {
	e := limit{den: 1, up: op == AtLeast}
	if perYear {
		e.den = monthsOfYear
	}
	for _, f := range factors {
		value = times(value, f.Value)
		e.den = times(e.den, f.Unit.per())
	}
	return divide(value, &e)
}

const monthsOfYear = 12

// Monthly is a month of money for a year, rounded up to the fen: what conditions are told
// of it. ok is false when there is none.
func Monthly(year int64) (month int64, ok bool) {
	return household.MulDiv(year, 1, monthsOfYear, household.RoundUp)
}

// OpenLaw is the legal reference of a finding that nobody knows the law: the reference
// and why.
func OpenLaw(law, why string) string { return law + "（" + why + "）" }
