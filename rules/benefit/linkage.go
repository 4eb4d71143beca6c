package benefit

import "github.com/hedui/hedui/engine/household"

// Linkage is what linkage.yaml says: when rising prices start a temporary subsidy
// (价格临时补贴), how much it is, and who gets it. The subsidy is relief money and
// never counts as income.
type Linkage struct {
	Triggers []Trigger // by date, without overlap and without gap
	Formulas []LinkFormula
	Groups   []Group
}

// Trigger is when the subsidy was due between two dates, which are the first and the
// last day of months.
type Trigger struct {
	Span
	All        bool // every condition must hold; else one is enough
	Conditions []Condition
	Law        string
	// Unresolved says why nobody knows the trigger of these dates; there are no
	// conditions then.
	Unresolved string
}

// Condition is a rate that has reached a trigger for some months running.
type Condition struct {
	Series  Series
	AtLeast string // parameter in permille
	Months  int    // the month itself and those before it
}

// LinkFormula is how the subsidy of one person is found between two dates.
type LinkFormula struct {
	Span
	Name     FormulaName
	Standard string // parameter: fen for one member and one month
	Round    Round
	Law      string
}

// FormulaName is a formula with the version of its meaning.
type FormulaName uint8

// FormulaSCPI is standard × rate of SCPI on the year before.
const FormulaSCPI FormulaName = 1

// FormulaNames are the names of the formulas.
var FormulaNames = household.CodeList{{}, {Name: "scpi/1", Zh: "标准×低收入居民基本生活费用价格同比涨幅"}}

// Group is whom the subsidy is paid to.
type Group struct {
	Span
	Code  string
	Title Text
	Law   string
}

// MonthResult says whether the subsidy is due for a month, and how much it is.
type MonthResult struct {
	Month   household.Month
	Due     household.Tri
	Why     string // why it is unknown, as the pack says; "" when a rate is missing
	By      []Reached
	Missing []MissingRate
	Law     string // of the trigger

	Groups    []Group // when it is due
	Rate      Rate    // of SCPI
	RateKnown bool
	// Standard and Amount are by Residences, for one person; HasAmount says that they
	// are set. Without a rate of SCPI there is no amount.
	Standard, Amount [3]household.Fen
	HasAmount        bool
	StandardUnknown  bool // nobody knows the standard on that day
	Round            Round
	FormulaLaw       string
	Verified         bool // somebody has read every value used in the law
}

// Reached is a condition that holds.
type Reached struct {
	Condition
	Threshold Rate
	Rates     []Rate // of the months, the latest first
}

// MissingRate is a rate without which a month can't be told.
type MissingRate struct {
	Series Series
	Month  household.Month
}

// Month judges one month. values gives the values of parameters on a day; the law and
// the values are those of the first day of the month. It returns *NoLawError when no
// trigger or formula is in force, *NoValueError, or ErrTooLarge. A trigger that the
// pack calls unresolved, one whose value it calls so, and a rate that is missing leave
// the month Unknown, unless the other conditions decide it.
func (l *Linkage) Month(m household.Month, index *Index, values func(household.Date) Values) (MonthResult, error) {
	out := MonthResult{Month: m}
	on, ok := household.NewDate(m.Year(), int(m)%12+1, 1)
	if !ok {
		return out, &InputError{"month", "is none"}
	}
	t := inForce(l.Triggers, on, func(t *Trigger) Span { return t.Span })
	if t == nil {
		return out, &NoLawError{What: "trigger", On: on}
	}
	out.Law, out.Why, out.Verified = t.Law, t.Unresolved, true
	if t.Unresolved != "" {
		return out, nil
	}
	v := values(on)
	if err := out.judge(t, on, index, v); err != nil || out.Due != household.Yes {
		return out, err
	}
	for _, g := range l.Groups {
		if g.Covers(on) {
			out.Groups = append(out.Groups, g)
		}
	}
	return out, out.amount(l, on, index, v)
}

func (out *MonthResult) judge(t *Trigger, on household.Date, index *Index, v Values) error {
	yes, no := 0, 0
	for _, c := range t.Conditions {
		// A trigger is one number for a place, so who lives there changes nothing.
		n, verified, ok := v.Value(c.AtLeast, household.Urban, 1)
		if !ok {
			if out.Why = openReason(v, c.AtLeast); out.Why == "" {
				return &NoValueError{c.AtLeast, on}
			}
			continue
		}
		out.Verified = out.Verified && verified
		r := Reached{Condition: c, Threshold: Rate(n)}
		var missing []MissingRate
		below := false
		for back := range c.Months {
			m := out.Month - household.Month(back)
			rate, ok := index.Rate(c.Series, m)
			switch {
			case !ok:
				missing = append(missing, MissingRate{c.Series, m})
			case rate < r.Threshold:
				below = true
			}
			r.Rates = append(r.Rates, rate)
		}
		switch {
		case below: // whatever the missing months would say
			no++
		case missing != nil:
			out.Missing = append(out.Missing, missing...)
		default:
			yes++
			out.By = append(out.By, r)
		}
	}
	all := len(t.Conditions)
	switch {
	case t.All && yes == all, !t.All && yes > 0:
		out.Due = household.Yes
	case t.All && no > 0, !t.All && no == all:
		out.Due = household.No
	}
	if out.Due != household.Unknown {
		out.Missing, out.Why = nil, "" // it is known without them
	}
	if out.Due != household.Yes {
		out.By = nil
	}
	return nil
}

// amount is standard × rate. A rate that is not above 0 gives nothing.
func (out *MonthResult) amount(l *Linkage, on household.Date, index *Index, v Values) error {
	f := inForce(l.Formulas, on, func(f *LinkFormula) Span { return f.Span })
	if f == nil {
		return &NoLawError{What: "formula", On: on}
	}
	out.Round, out.FormulaLaw = f.Round.full(), f.Law
	out.Rate, out.RateKnown = index.Rate(SCPI, out.Month)
	if !out.RateKnown {
		out.Missing = append(out.Missing, MissingRate{SCPI, out.Month})
		return nil
	}
	for residence := household.Urban; residence <= household.Rural; residence++ {
		n, verified, ok := v.Value(f.Standard, residence, 1)
		if !ok { // it is due, and nobody knows how much
			out.StandardUnknown = true
			return nil
		}
		if n < 0 || n > int64(household.MaxFen) {
			return ErrTooLarge
		}
		out.Verified = out.Verified && verified
		out.Standard[residence] = household.Fen(n)
		if out.Amount[residence], ok = f.Round.quotient(n, int64(max(out.Rate, 0)), 1000); !ok {
			return ErrTooLarge
		}
	}
	out.HasAmount = true
	return nil
}
