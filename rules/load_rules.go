package rules

import (
	"strconv"

	"github.com/goccy/go-yaml/ast"

	"github.com/hedui/hedui/engine/household"
)

func plainList(x node) bool { _, ok := x.n.(*ast.SequenceNode); return ok }

// effects are what a finding can lead to, weakest first.
var effects = household.CodeList{{}, {Name: "needs_review"}, {Name: "suspected_ineligible"}}

var effectOutcomes = [...]household.Outcome{0, household.NeedsReview, household.SuspectedIneligible}

func (l *loader) rules(x node, codes map[string]bool) {
	list := x.fields("rules!").get("rules")
	items := list.items()
	if len(items) == 0 && !list.absent() {
		list.fail("no rule", "at least one rule")
	}
	for _, i := range items {
		l.rule(i, codes)
	}
}

func (l *loader) rule(x node, codes map[string]bool) {
	f := x.fields("code!", "per!", "fact", "count", "at_least", "more_than", "unless_coverage", "effect!", "with_grade_b", "shown_as", "law!")
	r := Rule{
		Code: l.newCode(f.get("code"), codes), Scope: Scope(f.get("per").code(scopes)),
		Effect: effectOutcomes[f.get("effect").code(effects)], Law: f.get("law").text(),
	}
	fact := l.fact(f, &r)
	l.limit(f, &r)
	l.weak(f, &r, codes)
	l.coverage(f, &r, fact.Source)
	if at := f.get("shown_as"); !at.absent() {
		place := at.code(household.CodeList{{}, {Name: "income_limit"}, {Name: "financial_limit"}})
		target, want := &l.p.IncomeLimit, FactIncome
		if place == 2 {
			target, want = &l.p.FinancialLimit, FactFinancial
		}
		switch {
		case place == 0, r.Fact == 0:
		case r.Fact != want:
			at.fail("the limit of another fact can't be shown there", "a rule about "+factName(want))
		case *target >= 0:
			at.fail("already shown: the limit of "+l.p.Rules[*target].Code, "one rule")
		default:
			*target = len(l.p.Rules)
		}
	}
	l.p.Rules = append(l.p.Rules, r)
}

func factName(id FactID) string {
	for _, f := range Facts() {
		if f.ID == id {
			return f.Name
		}
	}
	return ""
}

func (l *loader) newCode(x node, codes map[string]bool) string {
	s := x.slug()
	if s != "" && codes[s] {
		x.fail("code "+strconv.Quote(s)+" is given twice", "a code of its own for every finding")
	}
	codes[s] = true
	return s
}

// fact reads what is compared: a fact by name, or the count of a set.
func (l *loader) fact(f fields, r *Rule) Fact {
	if f.has("fact") == f.has("count") {
		f.of.fail("a rule compares one thing", "either fact or count")
		return Fact{}
	}
	if f.has("count") {
		at := f.get("count")
		r.Fact, r.Unit, r.Set = FactSet, UnitCount, l.useSet(at, 0)
		if r.Scope == PerLine {
			f.get("per").fail("assets belong to no line of income", "household or member")
		}
		if r.Set < len(l.p.Sets) {
			return Fact{ID: FactSet, Source: l.p.Sets[r.Set].Kind.Source()}
		}
		return Fact{}
	}
	at := f.get("fact")
	s := at.text()
	var known []string
	for _, fact := range Facts() {
		known = append(known, fact.Name)
		if fact.Name != s {
			continue
		}
		r.Fact, r.Unit = fact.ID, fact.Unit
		if fact.Identity && l.p.Identity == nil {
			at.fail("fact "+s+" is only known to a pack that looks for weaker links", "a file "+identityFile)
		}
		if r.Scope != fact.Scope && r.Scope != 0 {
			f.get("per").fail("fact "+s+" is per "+fact.Scope.String(), fact.Scope.String())
		}
		return fact
	}
	if s != "" {
		at.fail("unknown fact "+strconv.Quote(s), oneOf(known, s))
	}
	return Fact{}
}

// limit reads the comparison and its right side.
func (l *loader) limit(f fields, r *Rule) {
	if f.has("at_least") == f.has("more_than") {
		f.of.fail("a rule has one limit", "either at_least or more_than")
		return
	}
	name := "at_least"
	r.Op = AtLeast
	if f.has("more_than") {
		name, r.Op = "more_than", MoreThan
	}
	at := f.get(name)
	g := at.fields("parameter!", "times")
	r.Limit.Times = 1
	p := g.get("parameter")
	s := p.text()
	if s == "" {
		return
	}
	i := l.parameter(s)
	if i < 0 {
		var known []string
		for _, q := range l.p.Parameters {
			known = append(known, q.Name)
		}
		p.fail("unknown parameter "+strconv.Quote(s), oneOf(known, s))
		return
	}
	l.used["parameter "+s] = true
	r.Limit.Parameter = i
	l.factors(g.get("times"), &r.Limit)
	parameter := &l.p.Parameters[i]
	if r.Unit != 0 && parameter.Unit != 0 && parameter.Unit != r.Unit {
		p.fail("parameter "+s+" is in "+parameter.Unit.String()+", the fact in "+r.Unit.String(), "a parameter in "+r.Unit.String())
		return
	}
	l.reachable(at, r, parameter)
}

func (l *loader) factors(x node, e *LimitExpr) {
	for _, i := range x.items() {
		switch s := i.text(); s {
		case "window_months":
			if e.PerMonth {
				i.fail("window_months twice", "each factor once")
			}
			e.PerMonth = true
		case "counted_members":
			if e.PerCounted {
				i.fail("counted_members twice", "each factor once")
			}
			e.PerCounted = true
		case "":
		default:
			n, err := strconv.ParseInt(s, 10, 32)
			if err != nil || n < 1 {
				i.fail("unknown factor "+strconv.Quote(s), "window_months, counted_members or a whole number from 1")
				continue
			}
			e.Times = times(e.Times, n)
		}
	}
}

// reachable refuses limits that every household, or none, is beyond.
func (l *loader) reachable(x node, r *Rule, p *Parameter) {
	if l.p.Window.Months == 0 { // already reported
		return
	}
	for _, v := range p.Values {
		for res := household.Urban; res <= household.Rural; res++ {
			n := times(v.Value[res], r.Limit.Times)
			if r.Limit.PerMonth {
				n = times(n, int64(l.p.Window.Months))
			}
			switch {
			case r.Op == AtLeast && n == 0:
				x.fail("at least 0 is always true: the rule fires for everybody", "a limit above 0, or more_than")
				return
			case r.Fact == FactUnexplainedMonths && !r.Limit.PerCounted && (n > int64(l.p.Window.Months) || r.Op == MoreThan && n == int64(l.p.Window.Months)):
				x.fail("the window has "+strconv.Itoa(l.p.Window.Months)+" months, so the rule can never fire", "a limit within the window")
				return
			case r.Unit == UnitFen && n >= int64(household.MaxFen):
				x.fail("no household has that much, so the rule can never fire", "a limit below "+household.MaxFen.Yuan()+" yuan")
				return
			}
		}
	}
}

// weak reads what follows when the rule only fires with grade B.
func (l *loader) weak(f fields, r *Rule, codes map[string]bool) {
	at := f.get("with_grade_b")
	if at.absent() {
		if r.Effect == household.SuspectedIneligible {
			f.get("effect").fail("only grade A may carry suspected_ineligible", "with_grade_b with a weaker effect")
		}
		return
	}
	g := at.fields("code", "effect!")
	r.WeakEffect = effectOutcomes[g.get("effect").code(effects)]
	r.WeakCode = r.Code
	if g.has("code") {
		r.WeakCode = l.newCode(g.get("code"), codes)
	}
	if r.WeakEffect != 0 && r.Effect != 0 && r.WeakEffect >= r.Effect {
		g.get("effect").fail("grade B must lead to less than grade A", "an effect weaker than "+r.Effect.String())
	}
}

func (l *loader) coverage(f fields, r *Rule, needed household.Source) {
	at := f.get("unless_coverage")
	g := at.fields(names(household.CheckedSources())...)
	for s := household.Tax; s < household.NumChecked; s++ {
		states := g.get(s.String())
		if states.absent() {
			continue
		}
		r.Unless[s] = states.codes(household.CoverageStates)
		const every = 1<<(household.Found+1) - 2
		if r.Unless[s] == every {
			states.fail("every state is named, so the rule can never fire", "fewer states")
			continue
		}
		// Records are only there when the source was asked and has some.
		const withRecords = 1<<household.Partial | 1<<household.Incomplete | 1<<household.Stale | 1<<household.None | 1<<household.Found
		if s == needed && r.Unless[s]&withRecords == withRecords {
			states.fail("the fact needs records of "+s.String()+", so the rule can never fire", "fewer states")
		}
	}
}
