package report

import (
	"strings"

	"github.com/hedui/hedui/engine/household"
)

// Flips is what would change the outcome of a verdict. It is a statement about the
// arithmetic, not about what anybody should do.
type Flips struct {
	Outcome household.Outcome // as it is
	// Lines are all findings of the strongest effect. The outcome changes only when every
	// one of them is cleared.
	Lines []Change
	// Then is the outcome if exactly that happened and everything else stayed as it is.
	Then household.Outcome
	// Weaker says that a weaker finding would come in the place of a cleared one, because
	// evidence too old to stand alone is still there.
	Weaker bool
	// Room is, for a verdict without findings, how far the sheets are from their limits.
	Room []Room
	// Short says that some source could not answer in full: clearing every finding would
	// leave the household unverifiable.
	Short bool
}

// ChangeKind says what kind of change clears a finding.
type ChangeKind uint8

// The kinds of changes.
const (
	// Settle is a matter that has no amount: it has to be explained or proven.
	Settle ChangeKind = iota + 1
	// Less is an amount that would have to be lower by Fen.
	Less
	// LessDeclared is Less where what was found can't be lowered so far: what the
	// household declared reaches the limit by itself.
	LessDeclared
	// Fewer is a number of things that would have to be smaller by Count.
	Fewer
)

// Change is what would clear one finding.
type Change struct {
	Finding int // index of Verdict.Findings
	Kind    ChangeKind
	// Fen is the smallest change of the amount that clears the finding.
	Fen household.Fen
	// Count is the smallest change of the number; 0 when the verdict does not tell it.
	Count int
}

// Room is how far an amount is from its limit.
type Room struct {
	Code string        // of the finding that would come
	Fen  household.Fen // the largest amount more that changes nothing
}

// Flip works out what would change the outcome of a verdict. Of limits and numbers it knows
// what holds in the shipped packs, by the codes of findings.
func Flip(v *household.Verdict) Flips {
	f := Flips{Outcome: v.Outcome, Short: short(v)}
	if v.Outcome == household.Refused {
		f.refused(v)
		return f
	}
	strongest := household.Outcome(0)
	for i := range v.Findings {
		if e := v.Findings[i].Effect; e.Weight() > strongest.Weight() {
			strongest = e
		}
	}
	if strongest == 0 {
		f.Then = v.Outcome
		f.room(v)
		return f
	}
	rest := household.Outcome(0)
	for i := range v.Findings {
		x := &v.Findings[i]
		if x.Effect != strongest {
			if x.Effect.Weight() > rest.Weight() {
				rest = x.Effect
			}
			continue
		}
		one := clearing(v, i)
		f.Lines = append(f.Lines, one)
		if strongest == household.SuspectedIneligible && staysWeaker(v, one) {
			f.Weaker = true
			if household.NeedsReview.Weight() > rest.Weight() {
				rest = household.NeedsReview
			}
		}
	}
	switch {
	case rest != 0:
		f.Then = rest
	case f.Short:
		f.Then = household.Unverifiable
	default:
		f.Then = household.NoDiscrepancy
	}
	return f
}

// refused: what kept the request from being looked at has to be put right. What the
// outcome would be then, nobody knows.
func (f *Flips) refused(v *household.Verdict) {
	for i := range v.Findings {
		f.Lines = append(f.Lines, Change{Finding: i, Kind: Settle})
	}
}

// short reports whether some source could not answer in full.
func short(v *household.Verdict) bool {
	for s := household.Tax; s < household.NumChecked; s++ {
		if !v.Coverage[s].State.Answered() {
			return true
		}
	}
	return false
}

// clearing is the smallest change that clears a finding.
func clearing(v *household.Verdict, i int) Change {
	x := &v.Findings[i]
	one := Change{Finding: i, Kind: Settle}
	switch {
	case x.Totals:
	case x.HasAmount && x.Amount >= x.Limit:
		one.Kind, one.Fen = Less, x.Amount-x.Limit
		if atLimit(x.Code) {
			one.Fen++
		}
		if isIncomeLimit(x.Code) && reaches(declared(v), x.Limit, x.Code) {
			one.Kind = LessDeclared
		}
	default:
		if n, ok := allowed(x.Code); ok {
			one.Kind = Fewer
			one.Count = max(0, counted(v, x)-n)
		}
	}
	return one
}

// declared is what the total of income would be if nothing were found at all: what was
// declared counts by itself.
func declared(v *household.Verdict) household.Fen {
	var sum household.Fen
	for _, l := range v.Income.Lines {
		sum += l.Declared
	}
	for i := range v.Income.Deductions {
		sum -= v.Income.Deductions[i].Amount
	}
	return sum
}

// reaches reports whether an amount is a finding.
func reaches(amount, limit household.Fen, code string) bool {
	return amount > limit || amount == limit && atLimit(code)
}

// staysWeaker reports whether evidence of grade B is still a finding once one on grade A
// alone is just cleared: the amount and the records of such a finding leave grade B out,
// the sheet counts it.
func staysWeaker(v *household.Verdict, one Change) bool {
	x := &v.Findings[one.Finding]
	if one.Kind == Fewer {
		n, _ := allowed(x.Code)
		switch x.Code {
		case "several_homes":
			return v.Assets.Residential-one.Count > n
		case "vehicle_owned":
			return v.Assets.Vehicles > listed(v, x.Code)
		case "non_residential_property":
			return v.Assets.NonResidential > listed(v, x.Code)
		}
		return false
	}
	if !x.HasAmount || one.Fen <= 0 {
		return false
	}
	switch {
	case isIncomeLimit(x.Code):
		return reaches(v.Income.Total-one.Fen, x.Limit, x.Code)
	case isFinancialLimit(x.Code):
		return reaches(v.Assets.Financial-one.Fen, x.Limit, x.Code)
	}
	return false
}

// listed is how many records all findings of a code list.
func listed(v *household.Verdict, code string) int {
	n := 0
	for i := range v.Findings {
		if v.Findings[i].Code == code {
			n += len(v.Findings[i].Evidence)
		}
	}
	return n
}

func (f *Flips) room(v *household.Verdict) {
	room := func(code string, amount, limit household.Fen) {
		if limit <= 0 {
			return
		}
		n := limit - amount
		if atLimit(code) {
			n--
		}
		if n >= 0 {
			f.Room = append(f.Room, Room{Code: code, Fen: n})
		}
	}
	room("income_over_limit", v.Income.Total, v.Income.Limit)
	room("financial_assets_over_limit", v.Assets.Financial, v.Assets.FinancialLimit)
}

// isIncomeLimit and isFinancialLimit tell the findings of the two sheets by their codes:
// packs put the name of their scheme before them.
func isIncomeLimit(code string) bool {
	return strings.Contains(code, "income_over_") || strings.Contains(code, "income_may_exceed_")
}

func isFinancialLimit(code string) bool {
	return strings.Contains(code, "financial_assets_over_") || strings.Contains(code, "financial_assets_may_exceed_") || strings.Contains(code, "balances_over_")
}

// atLimit reports whether an amount that is the limit itself is a finding already: income
// has to be below its limit and everything else may reach it.
func atLimit(code string) bool { return isIncomeLimit(code) }

// allowed is how many of a thing may be there, of findings that count things.
func allowed(code string) (int, bool) {
	switch code {
	case "vehicle_owned", "undeclared_vehicle", "non_residential_property", "undeclared_property":
		return 0, true
	case "several_homes":
		return 1, true
	}
	return 0, false
}

// counted is how many things a finding is about. One unit may have a record for each of
// its owners, so homes are not more than the sheet counts; and a finding on grade A alone
// lists only the records of that grade.
func counted(v *household.Verdict, x *household.Finding) int {
	n := len(x.Evidence)
	if x.Code == "several_homes" {
		n = min(n, v.Assets.Residential)
	}
	return n
}
