package rules

import (
	"math"
	"math/bits"
	"strconv"
	"strings"

	"github.com/hedui/hedui/engine/household"
)

// Law is a pack on one date in one region: everything resolved as far as it does not
// depend on the household. It must not be changed.
type Law struct {
	Pack   *Pack
	On     household.Date
	Region string // code of the nearest overlay that says something; "" for none

	Windows   [3]Window // by residence
	Anchor    Anchor
	StaleDays [household.NumChecked]int // evidence older than this is grade B
	// Expected are the providers that must have delivered, by source; nil asks for none.
	Expected [household.NumChecked][]string
	// LapsedMonths is how long ago the inspection of a vehicle may have been due before
	// its registration is grade B; 0 asks nothing.
	LapsedMonths int

	segments   []segment
	Exclusions []Exclusion
	Employment Employment
	Sets       []Set
	Sheet      Sheet
	Financial  Filter // the accounts that count as financial assets
	Membership *Membership
	Deductions []*Deduction
	Imputation []*Imputation
	Support    []*Support
	// FinancialLimit is the rule whose limit the asset sheet shows, IncomeLimit the
	// one the income sheet shows; indexes into Rules, −1 for none.
	FinancialLimit, IncomeLimit int

	Rules []Rule // in the order of findings
	// Removed are the rules that overlays take away.
	Removed []Removal
	Values  []ValueRef
	byKind  [KindAccount + 1][]int // indexes of Sets
	limits  []limit                // by rule
	named   map[string]int
	// openIncome says why nobody knows how income is adjusted.
	openIncome string
}

// Removal says that a region does without a rule of a larger one.
type Removal struct {
	Code, Law string
	Place     Place
}

// ValueRef is a value of the law with the place it comes from.
type ValueRef struct {
	Parameter *Parameter
	*DatedValue
	Region string // of the overlay; "" for the pack itself
	Cited  bool   // rules, sets or adjustments in force rest on it
}

// Rule compares a fact with a limit and says what follows.
type Rule struct {
	Code   string
	Effect household.Outcome
	// Weak is what follows when the rule only fires with grade B; "" and 0 when
	// Code and Effect follow then too.
	WeakCode   string
	WeakEffect household.Outcome
	// Derived is what follows when it only fires with income that was derived, with an
	// exemption that nobody has proven or denied, or on a condition nobody knows.
	DerivedCode   string
	DerivedEffect household.Outcome

	Scope Scope
	Fact  FactID
	Set   int // of FactSet and FactSum, index into Law.Sets
	Unit  Unit
	Op    Op
	// Unless holds, for each source, the coverage states in which the rule does
	// not fire.
	Unless [household.NumChecked]Mask
	Who    *Who       // nil: everybody
	When   *Condition // nil: always
	// SilentUnknown says that the rule does not fire when nobody knows whether Who or
	// When holds.
	SilentUnknown bool
	// Unresolved says why nobody knows what the law is on this date; the rule then
	// makes the household unverifiable.
	Unresolved string
	Law        string

	def    *ruleDef
	values []int // indexes into Law.Values
}

// HasWeak reports whether something else follows when only grade B makes the rule
// fire.
func (r *Rule) HasWeak() bool { return r.WeakEffect != 0 }

// Judgement is the verdict of a rule on one value.
type Judgement uint8

// The judgements.
const (
	Silent  Judgement = iota
	Derived           // fires with what was derived or is unproven only
	Weak              // fires with grade B only
	Strong            // fires on grade A alone
)

// Judge compares a value with a limit.
func (r *Rule) Judge(v Value, limit int64) Judgement {
	if r.Op == MoreThan {
		if limit == math.MaxInt64 {
			return Silent
		}
		limit++
	}
	switch {
	case v.Strong >= limit:
		return Strong
	case v.All >= limit:
		return Weak
	case v.Derived > 0 && household.Add(v.All, v.Derived) >= limit:
		return Derived
	}
	return Silent
}

// Reaches reports whether a number alone makes the rule fire.
func (r *Rule) Reaches(n, limit int64) bool {
	return r.Judge(Value{Strong: n, All: n}, limit) == Strong
}

// limit is the right side of a rule: a value times integers, over den.
type limit struct {
	fixed  [3]int64    // by residence
	sizes  []sizeLimit // instead, by size of the household
	perOne bool        // times the counted members
	den    int64
	up     bool // rounded up, since "at least" compares with it
}

type sizeLimit struct {
	upTo  int // counted members; 0: any
	fixed [3]int64
}

// Of is the limit of a rule for a household: the whole number on which the
// comparison turns exactly where it turns with the quotient.
func (l *Law) Of(rule int, residence uint8, counted int) int64 {
	e := &l.limits[rule]
	n := e.fixed[residence]
	for i := range e.sizes {
		if e.sizes[i].upTo == 0 || counted <= e.sizes[i].upTo {
			n = e.sizes[i].fixed[residence]
			break
		}
	}
	if e.perOne {
		n = times(n, int64(counted))
	}
	return divide(n, e)
}

// divide turns an exact limit over den into the whole number on which the comparison
// turns. No amount of a household is divided.
func divide(n int64, e *limit) int64 {
	if e.den <= 1 || n == math.MaxInt64 { // 0: a condition has no limit
		return n
	}
	q, rest := n/e.den, n%e.den
	if rest != 0 && e.up {
		q++
	}
	return q
}

// Value is the value of a parameter by its name, for a residence and a number of
// counted members: fen, a count, percent, permille or cm². Money for a year is given for
// a month, rounded up to the fen; limits are compared without that division. ok is false
// when there is no such parameter or nobody knows its value.
func (l *Law) Value(name string, residence uint8, counted int) (value int64, verified, ok bool) {
	i, ok := l.named[name]
	if !ok {
		return 0, false, false
	}
	v := &l.Values[i]
	if v.Unresolved != "" {
		return 0, false, false
	}
	value = v.For(residence, counted)
	if v.Parameter.PerYear {
		if value, ok = Monthly(value); !ok {
			return 0, false, false
		}
	}
	return value, v.Verified, true
}

// Unresolved is why nobody knows the value of a parameter; "" when somebody does or
// there is none of that name.
func (l *Law) Unresolved(name string) string {
	i, ok := l.named[name]
	if !ok {
		return ""
	}
	return l.Values[i].Unresolved
}

// Provenance is the value that Value reads.
func (l *Law) Provenance(name string) (*ValueRef, bool) {
	i, ok := l.named[name]
	if !ok {
		return nil, false
	}
	return &l.Values[i], true
}

// ValuesOf are the values that a rule rests on.
func (l *Law) ValuesOf(r *Rule) []*ValueRef {
	var out []*ValueRef
	for _, i := range r.values {
		out = append(out, &l.Values[i])
	}
	return out
}

// Unverified reports whether a rule rests on a value that nobody has verified against
// the law.
func (l *Law) Unverified(r *Rule) bool {
	for _, i := range r.values {
		if !l.Values[i].Verified {
			return true
		}
	}
	return false
}

// LimitText is the right side of a rule in words.
func (l *Law) LimitText(r *Rule) string {
	d := r.def
	if d.limit == nil {
		return ""
	}
	return strings.Join(append([]string{d.limit.parameter}, d.limit.factors...), " × ")
}

// ConditionText is the CEL source of a rule's condition; "" without one.
func (r *Rule) ConditionText() string {
	if r.When == nil {
		return ""
	}
	return r.When.Source
}

// Place is where the rule stands in its pack.
func (r *Rule) Place() Place { return r.def.place() }

// Limit names the parameter and the factors of the right side.
func (r *Rule) Limit() (parameter string, factors []string) {
	if r.def.limit == nil {
		return "", nil
	}
	return r.def.limit.parameter, r.def.limit.factors
}

// times multiplies numbers that are not negative; a product past int64 is MaxInt64,
// which no fact reaches.
func times(a, b int64) int64 {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	if hi != 0 || lo > math.MaxInt64 {
		return math.MaxInt64
	}
	return int64(lo)
}

// UnresolvedError says that a pack has no value, or no text, for a date.
type UnresolvedError struct {
	Pack, Parameter string
	On              household.Date
	Region          string
}

func (e *UnresolvedError) Error() string {
	s := "rule pack " + e.Pack + " has no value of " + e.Parameter + " on " + e.On.String()
	if e.Region != "" {
		s += " in region " + e.Region
	}
	return s
}

// place gives a node's place.
func (x node) place() Place {
	if x.n == nil || x.f == nil {
		return Place{}
	}
	e := &Error{}
	x.locate(e)
	return Place{x.f.name, e.Line, e.Column}
}

func (p Place) String() string {
	if p.Line == 0 {
		return p.File
	}
	return p.File + ":" + strconv.Itoa(p.Line)
}
