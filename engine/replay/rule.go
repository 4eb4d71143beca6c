package replay

import (
	"fmt"
	"strconv"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules"
	"github.com/hedui/hedui/rules/trace"
)

// rule applies one rule to what it was applied to.
func (j *judgement) rule(x *trace.Rule) error {
	place := "rule " + x.Code
	r, err := compile(place, x)
	if err != nil {
		return err
	}
	limit, unverified, err := j.limit(place, x, r)
	if err != nil {
		return err
	}
	if err := j.show(place, x, limit); err != nil {
		return err
	}
	if x.Unresolved != "" {
		if concerned, err := j.concerned(place, x, r); err != nil || !concerned {
			return err
		}
		j.v.Findings = append(j.v.Findings, household.Finding{
			Code: rules.LawUnresolved, Effect: household.Unverifiable, Item: x.Code, Law: rules.OpenLaw(x.Law, x.Unresolved),
		})
		return nil
	}
	for s := household.Tax; s < household.NumChecked; s++ {
		if r.Unless[s].Has(uint8(j.v.Coverage[s].Judged())) {
			if len(x.Applications) > 0 {
				return wrong(place, "the coverage keeps it from firing and it was applied")
			}
			return nil
		}
	}
	if err := j.complete(place, r.Scope, x.Applications); err != nil {
		return err
	}
	for i := range x.Applications {
		a := &x.Applications[i]
		if err := j.apply(placeOf(place, a), x, r, limit, unverified, a); err != nil {
			return err
		}
	}
	return nil
}

// concerned reports whether a rule of which nobody knows the law may speak of the
// household: not when its condition is known not to hold of anybody.
func (j *judgement) concerned(place string, x *trace.Rule, r *rules.Rule) (bool, error) {
	if !x.Who && x.Condition == "" {
		if len(x.Applications) > 0 {
			return false, wrong(place, "nobody knows the law and it was applied")
		}
		return true, nil
	}
	scope := r.Scope
	if scope == rules.PerLine {
		scope = rules.PerMember
	}
	if err := j.complete(place, scope, x.Applications); err != nil {
		return false, err
	}
	concerned := false
	for i := range x.Applications {
		a := &x.Applications[i]
		at := placeOf(place, a)
		if a.Value != (trace.Value{}) || a.Confirm || len(a.Evidence) > 0 {
			return false, wrong(at, "nobody knows the law and it was applied")
		}
		is, err := j.holds(at, x, a)
		if err != nil {
			return false, err
		}
		concerned = concerned || is != household.No
	}
	return concerned, nil
}

func placeOf(rule string, a *trace.Application) string {
	if a.Member != 0 {
		rule += ", member " + strconv.Itoa(a.Member)
	}
	if a.Type != "" {
		rule += ", " + a.Type
	}
	return rule
}

// show compares the limit of a rule with the sheet that shows it.
func (j *judgement) show(place string, x *trace.Rule, limit int64) error {
	if x.ShownAs == "" {
		return nil
	}
	for i, name := range shownAs {
		if x.ShownAs != name {
			continue
		}
		if j.shown[i] {
			return wrong(place, "another rule gives the limit of the sheet")
		}
		j.shown[i] = true
		if sheet := [2]household.Fen{j.v.Income.Limit, j.v.Assets.FinancialLimit}[i]; household.Fen(limit) != sheet {
			return wrong(place, "its limit is not what the sheet shows")
		}
		return nil
	}
	return wrong(place, "no such sheet")
}

// value is a value of the law that a rule names.
func (j *judgement) value(place, name string) (*household.CitedValue, error) {
	v := j.values[name]
	switch {
	case v == nil:
		return nil, &MissingError{place, name}
	case v.Unresolved != "":
		return nil, wrong(place, "nobody knows the value of %s, and the rule is judged", name)
	}
	return v, nil
}

// limit computes the right side of a rule, and whether it or the condition rests on a
// value that nobody has verified.
func (j *judgement) limit(place string, x *trace.Rule, r *rules.Rule) (limit int64, unverified bool, err error) {
	if x.Unresolved != "" {
		return 0, false, nil
	}
	for _, name := range x.Reads {
		if parameter, is := parameterOf(name); is {
			v, err := j.value(place, parameter)
			if err != nil {
				return 0, false, err
			}
			unverified = unverified || !v.Verified
		}
	}
	if x.Limit == nil {
		return 0, unverified, nil
	}
	v, err := j.value(place, x.Limit.Parameter)
	if err != nil {
		return 0, false, err
	}
	unverified = unverified || !v.Verified
	if v.Unit != x.Unit {
		return 0, false, wrong(place, "%s is in %s, the fact in %s", v.Name, v.Unit, x.Unit)
	}
	var factors []rules.Factor
	for _, name := range x.Limit.Times {
		f := rules.Factor{Unit: rules.UnitCount}
		switch {
		case name == windowMonths:
			f.Value = int64(j.v.Income.Window.Len())
		case name == "counted_members":
			f.Value = int64(len(j.t.Members))
		case name != "" && name[0] >= '0' && name[0] <= '9':
			if f.Value, err = strconv.ParseInt(name, 10, 32); err != nil {
				return 0, false, wrong(place, "a factor that is no whole number")
			}
		default:
			w, err := j.value(place, name)
			if err != nil {
				return 0, false, err
			}
			unverified = unverified || !w.Verified
			f.Value = w.Value
			if f.Unit = unitOf(w.Unit); f.Unit == 0 {
				return 0, false, wrong(place, "%s is in no unit there is", name)
			}
		}
		factors = append(factors, f)
	}
	return rules.Limit(r.Op, v.Value, v.PerYear, factors), unverified, nil
}

// apply judges one fact and writes the finding.
func (j *judgement) apply(place string, x *trace.Rule, r *rules.Rule, limit int64, unverified bool, a *trace.Application) error {
	if err := j.agrees(place, x, a); err != nil {
		return err
	}
	v := rules.Value(a.Value)
	is, err := j.holds(place, x, a)
	if err != nil {
		return err
	}
	judged := rules.Strong
	if r.Fact != rules.FactCondition {
		judged = r.Judge(v, limit)
	}
	confirm := judged == rules.Silent && j.t.Unconfirmed != nil && r.Reaches(v.Linked, limit) && is != household.No
	if confirm != a.Confirm {
		return wrong(place, "whether unconfirmed records would make it fire is not as recorded")
	}
	if confirm {
		j.flips = append(j.flips, a.Member)
	}
	fires := judged != rules.Silent && is != household.No && (is != household.Unknown || !r.SilentUnknown)
	if !fires {
		if len(a.Evidence) > 0 {
			return wrong(place, "evidence of a rule that does not fire")
		}
		return nil
	}
	if is == household.Unknown {
		judged = rules.Derived
	}
	t, _ := household.LineTypes.Named(a.Type)
	f := household.Finding{
		Code: r.Code, Effect: r.Effect, Grade: household.GradeA, Member: a.Member, Type: household.LineType(t), Law: x.Law,
		Unverified: j.t.CitesValues && unverified, Evidence: a.Evidence,
	}
	amount := v.All
	switch judged {
	case rules.Strong:
		if r.HasWeak() { // what grade B would only weaken rests on grade A alone
			amount = v.Strong
		}
	case rules.Weak:
		f.Grade = household.GradeB
		if r.HasWeak() {
			f.Code, f.Effect = r.WeakCode, r.WeakEffect
		}
	case rules.Derived:
		f.Grade, f.Code, f.Effect = household.GradeC, r.DerivedCode, r.DerivedEffect
		amount = household.Add(v.All, v.Derived)
	}
	switch r.Fact {
	case rules.FactConflicts, rules.FactNotByLaw, rules.FactExclusions, rules.FactCondition:
		f.Grade = household.GradeNone // said, not found
	}
	if r.Unit == rules.UnitFen {
		f.HasAmount, f.Amount, f.Limit = true, household.Fen(amount), household.Fen(limit)
	}
	if r.Fact == rules.FactPossibleDuplicates && j.t.DuplicateAccounts {
		if j.v.Links == nil {
			return wrong(place, "there are no links")
		}
		f.HasAmount, f.Totals, f.Amount, f.Limit = true, true, j.v.Links.Distinct.Financial, j.v.Assets.Financial
	}
	j.v.Findings = append(j.v.Findings, f)
	return nil
}

// compile turns the names of a recorded rule into what they mean.
func compile(place string, x *trace.Rule) (*rules.Rule, error) {
	r := &rules.Rule{Code: x.Code, DerivedCode: x.Derived.Code, SilentUnknown: x.SilentUnknown, Unit: unitOf(x.Unit)}
	var ok bool
	outcome := func(name string) household.Outcome {
		o, is := household.Outcomes.Named(name)
		ok = ok && is
		return household.Outcome(o)
	}
	ok = r.Unit != 0
	r.Effect, r.DerivedEffect = outcome(x.Effect), outcome(x.Derived.Effect)
	if x.Weak != nil {
		r.WeakCode, r.WeakEffect = x.Weak.Code, outcome(x.Weak.Effect)
	}
	r.Scope = named(x.Per, rules.PerHousehold, rules.PerLine)
	given := 0
	for _, c := range []struct {
		name string
		fact rules.FactID
	}{{x.Fact, factOf(x.Fact)}, {x.Count, rules.FactSet}, {x.Sum, rules.FactSum}} {
		if c.name != "" {
			r.Fact = c.fact
			given++
		}
	}
	switch {
	case given == 0 && x.Condition != "":
		r.Fact = rules.FactCondition
	case given != 1 || r.Fact == 0:
		ok = false
	}
	if r.Fact != rules.FactCondition && x.Unresolved == "" {
		r.Op = named(x.Op, rules.AtLeast, rules.MoreThan)
		ok = ok && r.Op != 0 && x.Limit != nil
	}
	for _, u := range x.Unless {
		s, is := household.CheckedSources().Named(u.Source)
		ok = ok && is
		for _, name := range u.States {
			state, is := household.RuleStates().Named(name)
			ok = ok && is
			r.Unless[s] |= 1 << state
		}
	}
	if !ok || r.Scope == 0 {
		return nil, wrong(place, "not a rule as it is recorded")
	}
	return r, nil
}

// named is the value of a name among consecutive ones; 0 for none.
func named[T interface {
	~uint8
	fmt.Stringer
}](name string, first, last T) T {
	for v := first; v <= last; v++ {
		if v.String() == name {
			return v
		}
	}
	return 0
}

func unitOf(name string) rules.Unit { return named(name, rules.UnitFen, rules.UnitArea) }

func factOf(name string) rules.FactID {
	for _, f := range rules.Facts() {
		if f.Name == name {
			return f.ID
		}
	}
	return 0
}
