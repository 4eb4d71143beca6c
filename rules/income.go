package rules

import "github.com/hedui/hedui/engine/household"

// Window says which months are looked at: Months months, the last of which is the
// month before that of the check or the application.
type Window struct{ Months int }

// On is the window that ends with the month before that of a date.
func (w Window) On(on household.Date) household.Months {
	last := on.MonthOf() - 1
	return household.Months{From: last - household.Month(w.Months) + 1, To: last}
}

// IncomeClass says what one kind of record is.
type IncomeClass uint8

// The classes of income records.
const (
	NotIncome    IncomeClass = iota // of no concern
	Counted                         // belongs to a line
	OneOff                          // not counted, but looked at
	Excluded                        // income by nature that the law leaves out
	OpenQuestion                    // nobody knows whether the law counts it
)

// Treatment says what a record is and what it counts.
type Treatment struct {
	Class     IncomeClass
	Line      household.LineType // of Counted
	Amount    Amount
	Exclusion int // of Excluded and OpenQuestion: index into Law.Exclusions, −1 without a code
}

// Exclusion is a kind of income that the law leaves out, or of which nobody knows
// whether it does.
type Exclusion struct {
	Code       string
	Law        string
	Unresolved string // why nobody knows; "" for what is left out
}

// Amount is the arithmetic of one record: a field less others, not below a floor.
type Amount struct {
	Of    uint8
	Less  []uint8
	Floor household.Fen
}

// Income says which records are which income.
type Income struct {
	Tax       [16]Treatment    // by IncomeTypes
	Insurance [4][16]Treatment // by InsuranceRoles and InsuranceSchemes
}

// segment is how income received until a month is treated.
type segment struct {
	through household.Month // the last one's has no end
	income  Income
}

// IncomeOf is how money received in a month is treated.
func (l *Law) IncomeOf(m household.Month) *Income {
	for i := range l.segments {
		if m <= l.segments[i].through {
			return &l.segments[i].income
		}
	}
	return &l.segments[len(l.segments)-1].income
}

// IncomePeriod is a range of months in which money was received, with how it is treated.
type IncomePeriod struct {
	From, Through household.Month // Through is 0 without end, From 0 without beginning
	Income        *Income
}

// IncomePeriods are the ranges of months that the law tells apart, ascending.
func (l *Law) IncomePeriods() []IncomePeriod {
	var out []IncomePeriod
	from := household.Month(0)
	for i := range l.segments {
		s := &l.segments[i]
		p := IncomePeriod{from, s.through, &s.income}
		if s.through == endless {
			p.Through = 0
		}
		out = append(out, p)
		from = s.through + 1
	}
	return out
}

// OfYear is how a tax record of a bare year is treated. steady is false when money of
// the type is treated otherwise in another month of the year.
func (l *Law) OfYear(year int, incomeType uint8) (t *Treatment, steady bool) {
	if len(l.segments) == 1 {
		return &l.segments[0].income.Tax[incomeType], true
	}
	first, _ := household.NewMonth(year, 1)
	t = &l.IncomeOf(first).Tax[incomeType]
	for m := first + 1; m < first+12; m++ {
		other := &l.IncomeOf(m).Tax[incomeType]
		if other.Class != t.Class || other.Line != t.Line || other.Exclusion != t.Exclusion {
			return t, false
		}
	}
	return t, true
}

// OfTax is what a tax record counts. The fields are income, own_insurance and tax.
func (a *Amount) OfTax(income, ownInsurance, tax household.Fen) household.Fen {
	return a.of([3]household.Fen{income, ownInsurance, tax})
}

// OfInsurance is what an insurance record counts. The fields are base and benefit.
func (a *Amount) OfInsurance(base, benefit household.Fen) household.Fen {
	return a.of([3]household.Fen{base, benefit})
}

func (a *Amount) of(fields [3]household.Fen) household.Fen {
	n := fields[a.Of]
	for _, f := range a.Less {
		n -= fields[f]
	}
	return max(n, a.Floor)
}

// Employment says which contributions show employment and which tax records
// explain it.
type Employment struct {
	Schemes, Roles, Identities Mask // of an insurance record
	ExplainedBy                Mask // IncomeTypes
}

// Sheet says which sets of assets a verdict shows as counts; indexes into Sets.
type Sheet struct{ Vehicles, Residential, NonResidential int }
