package rules

import (
	"math"
	"math/bits"
	"slices"

	"github.com/hedui/hedui/engine/household"
)

// Pack is a loaded rule pack. It must not be changed.
type Pack struct {
	Name, Version string
	Digest        string // 32 hexadecimal digits, of the pack's files
	Title         Text
	Schemes       []string // nil: any scheme
	Window        Window
	StaleDays     [household.NumChecked]int // evidence older than this is grade B

	Income     Income
	Employment Employment
	Sets       []Set
	Sheet      Sheet
	Financial  Filter // the accounts that count as financial assets
	// FinancialLimit is the rule whose limit the asset sheet shows, IncomeLimit the
	// one the income sheet shows; indexes into Rules, −1 for none.
	FinancialLimit, IncomeLimit int

	Parameters []Parameter
	Rules      []Rule // in the order of findings

	Identity *Identity // nil: only the same document and the same name are a link

	messages map[string]*Message
}

// Identity says that weaker links than the same document and the same name are
// looked for, and what is found when such links would change a verdict.
type Identity struct {
	Policy string // name of the shipped policy that grades links, or OwnPolicy
	Own    []byte // policy.yaml of the pack, for OwnPolicy
	Code   string
	Effect household.Outcome
	Law    string
}

// OwnPolicy says that a pack brings the policy that grades links.
const OwnPolicy = "own"

// Text is a text in Chinese and in English.
type Text struct{ Zh, En string }

// Message is what people are told of a finding.
type Message struct {
	Title Text
	Text  Text
	Clear Text // what would clear it
}

// Message returns the words for a finding's or a refusal's code. A loaded pack has
// them for every code it can give; for another it returns nil.
func (p *Pack) Message(code string) *Message { return p.messages[code] }

// Accepts reports whether the pack judges a scheme.
func (p *Pack) Accepts(scheme string) bool {
	if p.Schemes == nil {
		return true
	}
	return slices.Contains(p.Schemes, scheme)
}

// Window says which months are looked at: Months months, the last of which is the
// month before that of the check.
type Window struct{ Months int }

// On is the window of a check on a date.
func (w Window) On(on household.Date) household.Months {
	last := on.MonthOf() - 1
	return household.Months{From: last - household.Month(w.Months) + 1, To: last}
}

// IncomeClass says what one kind of record is.
type IncomeClass uint8

// The classes of income records.
const (
	NotIncome IncomeClass = iota // of no concern
	Counted                      // belongs to a line
	OneOff                       // not counted, but looked at
	Excluded                     // income by nature that the law leaves out
)

// Treatment says what a record is and what it counts.
type Treatment struct {
	Class  IncomeClass
	Line   household.LineType // of Counted
	Amount Amount
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

// Parameter is a dated value of the law.
type Parameter struct {
	Name   string
	Unit   Unit
	Doc    string
	Values []DatedValue // ascending, without gaps
}

// DatedValue is the value of a parameter from a date on, in fen or as a count, for
// each of Residences.
type DatedValue struct {
	From, To household.Date // To is 0 when no end is known
	Value    [3]int64
	Law      string
	Verified bool
}

// At is the value in force on a date; false when there is none.
func (p *Parameter) At(on household.Date) (*DatedValue, bool) {
	for i := len(p.Values) - 1; i >= 0; i-- {
		v := &p.Values[i]
		if v.From <= on && (v.To == 0 || on <= v.To) {
			return v, true
		}
	}
	return nil, false
}

// Rule compares a fact with a limit and says what follows.
type Rule struct {
	Code   string
	Effect household.Outcome
	// Weak is what follows when the rule only fires with grade B; "" and 0 when
	// Code and Effect follow then too.
	WeakCode   string
	WeakEffect household.Outcome

	Scope Scope
	Fact  FactID
	Set   int // of FactSet, index into Pack.Sets
	Unit  Unit
	Op    Op
	Limit LimitExpr
	// Unless holds, for each source, the coverage states in which the rule does
	// not fire.
	Unless [household.NumChecked]Mask
	Law    string
}

// LimitExpr is a parameter times integers.
type LimitExpr struct {
	Parameter  int // index into Pack.Parameters
	Times      int64
	PerMonth   bool // times the months of the window
	PerCounted bool // times the counted members
}

// HasWeak reports whether something else follows when only grade B makes the rule
// fire.
func (r *Rule) HasWeak() bool { return r.WeakEffect != 0 }

// Judgement is the verdict of a rule on one value.
type Judgement uint8

// The judgements.
const (
	Silent Judgement = iota
	Weak             // fires with grade B only
	Strong           // fires on grade A alone
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
	}
	return Silent
}

// Limits is a pack on one date: every limit resolved as far as it does not depend
// on the household.
type Limits struct {
	pack  *Pack
	fixed [][3]int64 // by rule and residence
}

// Reaches reports whether a number alone makes the rule fire.
func (r *Rule) Reaches(n, limit int64) bool {
	return r.Judge(Value{Strong: n, All: n}, limit) == Strong
}

// On resolves the dated values. It returns an *UnresolvedError when the pack says
// nothing of the date.
func (p *Pack) On(on household.Date) (*Limits, error) {
	l := &Limits{pack: p, fixed: make([][3]int64, len(p.Rules))}
	for i := range p.Rules {
		e := p.Rules[i].Limit
		v, ok := p.Parameters[e.Parameter].At(on)
		if !ok {
			return nil, &UnresolvedError{Pack: p.Name, Parameter: p.Parameters[e.Parameter].Name, On: on}
		}
		for res, n := range v.Value {
			n = times(n, e.Times)
			if e.PerMonth {
				n = times(n, int64(p.Window.Months))
			}
			l.fixed[i][res] = n
		}
	}
	return l, nil
}

// Of is the limit of a rule for a household.
func (l *Limits) Of(rule int, residence uint8, counted int) int64 {
	n := l.fixed[rule][residence]
	if l.pack.Rules[rule].Limit.PerCounted {
		n = times(n, int64(counted))
	}
	return n
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

// UnresolvedError says that a pack has no value for a date.
type UnresolvedError struct {
	Pack, Parameter string
	On              household.Date
}

func (e *UnresolvedError) Error() string {
	return "rule pack " + e.Pack + " has no value of " + e.Parameter + " on " + e.On.String()
}
