package benefit

import (
	"errors"
	"fmt"

	"github.com/hedui/hedui/engine/household"
)

// Input is what is known of a household that was verified.
type Input struct {
	Residence uint8
	Members   []Member      // the counted members
	Income    household.Fen // counted in the window, all members
	Months    int           // of the window
	// Single is the number of the member whom a single-person application (单人保) is
	// for; 0 when the household applies.
	Single int

	PaidBefore household.Fen // paid for the month before; 0 for nothing
	Rise       Rise          // why the income rose since
	Tapered    int           // months for which it has gone on so far
}

// Sheet is what the law would pay for a month: a proposal, not an order to pay.
type Sheet struct {
	On       household.Date
	Start    household.Month // the first month, when it is decided on this day
	Lines    []Line
	Total    household.Fen // of a month: the sum of the lines
	Reason   Reason        // why there is nothing to pay; 0 when there is
	Confirm  []Confirm     // what would add to the total and is not known
	Verified bool          // somebody has read every value used in the law
}

// Reason is why there is nothing to pay.
type Reason uint8

// The reasons.
const (
	ReasonNotBelow   Reason = iota + 1 // the income is not below the standard
	ReasonAboveTiers                   // the income is not below the highest tier
)

// Reasons are the names of the reasons.
var Reasons = household.CodeList{{}, {Name: "income_not_below_standard", Zh: "收入不低于标准"}, {Name: "income_above_tiers", Zh: "收入不低于最高档"}}

func (r Reason) String() string { return Reasons.At(uint8(r)).Name }

// Line is one amount of a sheet.
type Line struct {
	Code     string
	Title    Text    // of an add-on, when the pack gives one
	Member   int     // 0 for the household
	Because  Formula // a comparison; nil when there is none
	Formula  Formula
	Round    Round // zero when nothing was divided
	Amount   household.Fen
	Law      string
	Verified bool
}

// Confirm is an amount that would be added if something unknown were so.
type Confirm struct {
	Code    string
	Title   Text
	Member  int
	Unknown []string // relation, age, sex, reason_of_rise, or codes of attributes
	Adds    household.Fen
	Law     string
}

// ErrTooLarge is returned when an amount is past what a household can have.
var ErrTooLarge = errors.New("the amount is past what can be computed")

// NoValueError says that a parameter has no value.
type NoValueError struct {
	Parameter string
	On        household.Date
}

func (e *NoValueError) Error() string {
	return "no value of " + e.Parameter + " on " + e.On.String()
}

// NoLawError says that no piece of a plan is in force on a date.
type NoLawError struct {
	What string // method, single_person, trigger, formula
	On   household.Date
	Why  string // what the pack says of it; may be empty
}

func (e *NoLawError) Error() string {
	text := "no " + e.What + " is in force on " + e.On.String()
	if e.Why != "" {
		text += ": " + e.Why
	}
	return text
}

// InputError names a field of the input that can't be.
type InputError struct{ Field, Problem string }

func (e *InputError) Error() string { return e.Field + " " + e.Problem }

// Compute makes the sheet of a household on a date. It returns *InputError,
// *NoLawError, *NoValueError or ErrTooLarge; it never leaves a part out silently.
func Compute(plan *Plan, on household.Date, in Input, v Values) (*Sheet, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	c := &computation{plan: plan, on: on, in: &in, values: v, paid: in.Members}
	c.sheet = &Sheet{On: on, Start: on.MonthOf() + 1, Verified: true}
	base := c.household
	if in.Single != 0 {
		base = c.single
	}
	if err := base(); err != nil {
		return nil, err
	}
	if c.sheet.Reason != 0 {
		c.taper()
	} else if err := c.addOns(); err != nil {
		return nil, err
	}
	for i := range c.sheet.Lines {
		l := &c.sheet.Lines[i]
		c.sheet.Total += l.Amount
		c.sheet.Verified = c.sheet.Verified && l.Verified
		if c.sheet.Total > household.MaxFen {
			return nil, ErrTooLarge
		}
	}
	return c.sheet, nil
}

func (in *Input) check() error {
	switch {
	case in.Residence != household.Urban && in.Residence != household.Rural:
		return &InputError{"residence", "is neither urban nor rural"}
	case len(in.Members) == 0:
		return &InputError{"members", "names nobody"}
	case in.Months < 1 || in.Months > 120:
		return &InputError{"months", fmt.Sprintf("is %d, want 1 to 120", in.Months)}
	case in.Income < 0 || in.Income > household.MaxFen:
		return &InputError{"income", "is below 0 or too large"}
	case in.PaidBefore < 0 || in.PaidBefore > household.MaxFen:
		return &InputError{"paid_before", "is below 0 or too large"}
	case in.Tapered < 0:
		return &InputError{"tapered", "is below 0"}
	}
	return nil
}

// computation is one sheet in the making.
type computation struct {
	plan   *Plan
	on     household.Date
	in     *Input
	values Values
	paid   []Member // the members who are paid
	sheet  *Sheet
	// verified says that every value read since the last line was verified.
	verified bool
}

// value reads a parameter that is not below 0.
func (c *computation) value(name string) (int64, error) {
	n, verified, ok := c.values.Value(name, c.in.Residence, len(c.paid))
	if !ok {
		return 0, &NoValueError{name, c.on}
	}
	if n < 0 || n > int64(household.MaxFen) {
		return 0, ErrTooLarge
	}
	c.verified = c.verified && verified
	return n, nil
}

func (c *computation) add(l Line) {
	l.Verified = c.verified
	c.sheet.Lines = append(c.sheet.Lines, l)
}

func (c *computation) household() error {
	m := inForce(c.plan.Methods, c.on, func(m *Method) Span { return m.Span })
	if m == nil || m.Unresolved != "" {
		e := &NoLawError{What: "method", On: c.on}
		if m != nil {
			e.Why = m.Unresolved
		}
		return e
	}
	c.verified = true
	standard, err := c.value(m.Standard)
	if err != nil {
		return err
	}
	if m.Kind == Tiers {
		err = c.tiers(m, standard)
	} else {
		err = c.difference(Line{Code: CodeDifference, Law: m.Law, Round: m.Round}, standard, c.in.Income)
	}
	if err != nil || m.Minimum == "" || c.sheet.Reason != 0 {
		return err
	}
	return c.minimum(m)
}

// difference is (standard × members × months − income) ÷ months, divided once.
func (c *computation) difference(l Line, standard int64, income household.Fen) error {
	members, months := len(c.paid), c.in.Months
	need, ok := product(standard, int64(members), int64(months))
	if !ok {
		return ErrTooLarge
	}
	sum := formula(household.Fen(standard), " × ", members, " × ", months, " − ", income)
	missing := need - int64(income)
	if missing <= 0 {
		l.Formula, l.Round = append(append(formula("max(0, "), sum...), Term{Text: ")"}), Round{}
		c.sheet.Reason = ReasonNotBelow
		c.add(l)
		return nil
	}
	l.Round = l.Round.full()
	if l.Amount, ok = l.Round.quotient(missing, 1, int64(months)); !ok {
		return ErrTooLarge
	}
	l.Formula = append(append(formula("("), sum...), formula(") ÷ ", months)...)
	c.add(l)
	return nil
}

// tiers compares income × 100 with percent × standard × members × months, so that
// nothing is divided at all.
func (c *computation) tiers(m *Method, standard int64) error {
	members, months := len(c.paid), c.in.Months
	income, ok := product(int64(c.in.Income), 100)
	if !ok {
		return ErrTooLarge
	}
	l := Line{Code: CodeTier, Law: m.Law}
	for _, t := range m.Tiers {
		limit, ok := product(standard, int64(t.BelowPercent), int64(members), int64(months))
		if !ok {
			return ErrTooLarge
		}
		sides := func(sign string) Formula {
			return formula(c.in.Income, " × 100", sign, household.Fen(standard), " × ", t.BelowPercent, " × ", members, " × ", months)
		}
		if income >= limit {
			l.Because = sides(" ≥ ")
			continue
		}
		each, err := c.value(t.Amount)
		if err != nil {
			return err
		}
		total, ok := product(each, int64(members))
		if !ok {
			return ErrTooLarge
		}
		l.Because, l.Formula, l.Amount = sides(" < "), formula(household.Fen(each), " × ", members), household.Fen(total)
		c.add(l)
		return nil
	}
	l.Formula = formula(household.Fen(0))
	c.sheet.Reason = ReasonAboveTiers
	c.add(l)
	return nil
}

// minimum lifts the amount of an entitled household to the least that is paid.
func (c *computation) minimum(m *Method) error {
	c.verified = true
	least, err := c.value(m.Minimum)
	if err != nil {
		return err
	}
	if have := c.sheet.Lines[0].Amount; int64(have) < least {
		c.add(Line{Code: CodeMinimum, Formula: formula(household.Fen(least), " − ", have), Amount: household.Fen(least) - have, Law: m.Law})
	}
	return nil
}

// single is the amount of one person who is taken in alone: never the household's.
func (c *computation) single() error {
	s := inForce(c.plan.Single, c.on, func(s *Single) Span { return s.Span })
	if s == nil {
		return &NoLawError{What: "single_person", On: c.on}
	}
	var who *Member
	for i := range c.in.Members {
		if c.in.Members[i].Number == c.in.Single {
			who = &c.in.Members[i]
			c.paid = c.in.Members[i : i+1]
		}
	}
	if who == nil {
		return &InputError{"single", fmt.Sprintf("names member %d, who is not counted", c.in.Single)}
	}
	if who.Income < 0 || who.Income > household.MaxFen {
		return &InputError{"income", "of the member is below 0 or too large"}
	}
	c.verified = true
	l := Line{Code: CodeSingle, Member: who.Number, Law: s.Law}
	if s.Kind == Fixed {
		amount, err := c.value(s.Amount)
		if err != nil {
			return err
		}
		l.Amount, l.Formula = household.Fen(amount), formula(household.Fen(amount))
		c.add(l)
		return nil
	}
	standard, err := c.value(s.Standard)
	if err != nil {
		return err
	}
	l.Round = s.Round
	return c.difference(l, standard, who.Income)
}

// taper lets the amount of the month before go on when employment lifted the income.
func (c *computation) taper() {
	t := inForce(c.plan.Tapering, c.on, func(t *Tapering) Span { return t.Span })
	if t == nil || c.in.PaidBefore == 0 || c.in.Tapered >= t.Months {
		return
	}
	switch c.in.Rise {
	case t.When:
		c.verified = true
		c.sheet.Reason = 0
		c.add(Line{
			Code: CodeTapering, Because: formula(c.in.Tapered, " < ", t.Months), Formula: formula(c.in.PaidBefore),
			Amount: c.in.PaidBefore, Law: t.Law,
		})
	case RiseUnknown:
		c.sheet.Confirm = append(c.sheet.Confirm, Confirm{Code: CodeTapering, Unknown: []string{"reason_of_rise"}, Adds: c.in.PaidBefore, Law: t.Law})
	}
}

// addOns gives every member who is paid the largest of their add-ons, and lists what
// would give more if it were known.
func (c *computation) addOns() error {
	for i := range c.paid {
		m := &c.paid[i]
		var best Line
		var open []Confirm
		for k := range c.plan.AddOns {
			a := &c.plan.AddOns[k]
			if !a.Covers(c.on) {
				continue
			}
			selects, unknown := a.Who.Selects(m)
			if selects == household.No {
				continue
			}
			l, err := c.addOn(a, m)
			if err != nil {
				return err
			}
			switch {
			case selects == household.Unknown:
				open = append(open, Confirm{Code: a.Code, Title: a.Title, Member: m.Number, Unknown: unknown, Adds: l.Amount, Law: a.Law})
			case l.Amount > best.Amount: // of equal ones the first in the file
				best = l
			}
		}
		if best.Amount > 0 {
			c.sheet.Lines = append(c.sheet.Lines, best)
		}
		for _, o := range open {
			if o.Adds -= best.Amount; o.Adds > 0 {
				c.sheet.Confirm = append(c.sheet.Confirm, o)
			}
		}
	}
	return nil
}

func (c *computation) addOn(a *AddOn, m *Member) (Line, error) {
	c.verified = true
	l := Line{Code: a.Code, Title: a.Title, Member: m.Number, Law: a.Law}
	if a.Amount != "" {
		n, err := c.value(a.Amount)
		l.Amount, l.Formula, l.Verified = household.Fen(n), formula(household.Fen(n)), c.verified
		return l, err
	}
	of, err := c.value(a.PercentOf)
	if err != nil {
		return l, err
	}
	percent, err := c.value(a.Percent)
	if err != nil {
		return l, err
	}
	var ok bool
	l.Round = a.Round.full()
	if l.Amount, ok = l.Round.quotient(of, percent, 100); !ok {
		return l, ErrTooLarge
	}
	l.Formula, l.Verified = formula(household.Fen(of), " × ", int(percent), " ÷ 100"), c.verified
	return l, nil
}

// inForce is the piece in force on a date, nil when there is none.
func inForce[T any](list []T, on household.Date, span func(*T) Span) *T {
	for i := range list {
		if span(&list[i]).Covers(on) {
			return &list[i]
		}
	}
	return nil
}
