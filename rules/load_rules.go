package rules

import (
	"slices"
	"strconv"

	"github.com/goccy/go-yaml/ast"

	"github.com/hedui/hedui/engine/household"
)

func plainList(x node) bool { _, ok := x.n.(*ast.SequenceNode); return ok }

// effects are what a finding can lead to, weakest first.
var effects = household.CodeList{{}, {Name: "needs_review"}, {Name: "suspected_ineligible"}}

var effectOutcomes = [...]household.Outcome{0, household.NeedsReview, household.SuspectedIneligible}

// ruleDef is a rule with names in place of what they mean.
type ruleDef struct {
	Span
	rule    Rule
	set     string
	limit   *limitDef
	shownAs int // 1 income_limit, 2 financial_limit
	open    bool
	at      node
	limitAt node
	shownAt node
	whenAt  node // the condition
}

func (d *ruleDef) place() Place { return d.at.place() }

// limitDef is the right side of a rule. The operator is that of the rule, or 0 when the
// parameter's value says it.
type limitDef struct {
	parameter string
	factors   []string
	op        Op
	at        node
	factorsAt []node
}

func (l *loader) rules(x node, codes map[string]bool) {
	y := l.layer
	keys := []string{"rules!"}
	if y.region != "" {
		keys = []string{"rules", "remove"}
	}
	f := x.fields(keys...)
	list := f.get("rules")
	items := list.items()
	if len(items) == 0 && !list.absent() {
		list.fail("no rule", "at least one rule")
	}
	own := codes
	if y.region != "" {
		own = map[string]bool{} // the codes of an overlay may be those of the pack
	}
	for _, i := range items {
		if d := l.rule(i, own); d != nil {
			y.rules = append(y.rules, d)
		}
	}
	for _, i := range f.get("remove").items() {
		g := i.fields("from", "to", "code!", "law!")
		r := removal{g.span(), g.get("code").text(), g.get("law").text(), i}
		if known := l.rulesBeneath(y); r.code != "" && !slices.Contains(known, r.code) {
			g.get("code").fail("the pack has no rule "+strconv.Quote(r.code), oneOf(known, r.code))
		}
		if slices.ContainsFunc(y.removed, func(o removal) bool { return o.code == r.code && o.Overlaps(r.Span) }) {
			g.get("code").fail("the rule is removed twice", "each once")
		}
		y.removed = append(y.removed, r)
	}
}

// rulesBeneath are the codes of the rules that hold in the region of an overlay without
// it.
func (l *loader) rulesBeneath(overlay *layer) []string {
	var out []string
	add := func(defs []*ruleDef) {
		for _, d := range defs {
			if c := d.rule.Code; c != "" && !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
	}
	if l.p.Identity != nil {
		add(l.p.Identity.rules)
	}
	for _, y := range l.p.layers {
		if y != overlay && (y.region == "" || within(overlay.region, y.region) && y.region != overlay.region) {
			add(y.rules)
		}
	}
	slices.Sort(out)
	return out
}

func (l *loader) rule(x node, codes map[string]bool) *ruleDef {
	f := x.fields("code!", "from", "to", "per!", "fact", "count", "sum", "condition", "limit", "at_least", "more_than", "who", "when", "if_unknown",
		"unresolved", "unless_coverage", "effect!", "with_grade_b", "with_grade_c", "shown_as", "law!")
	d := &ruleDef{Span: f.span(), at: x}
	r := &d.rule
	r.Code, r.Scope = l.ruleCode(f.get("code"), codes, d), Scope(f.get("per").code(scopes))
	r.Effect, r.Law = effectOutcomes[f.get("effect").code(effects)], f.get("law").text()
	r.Unresolved = f.get("unresolved").text()
	d.open = r.Unresolved != ""
	fact := l.fact(f, d)
	l.limit(f, d)
	l.weak(f, d, codes)
	l.derived(f, d, codes)
	l.coverage(f, r, fact.Source)
	l.speaksOf(f, d)
	if at := f.get("shown_as"); !at.absent() {
		d.shownAt = at
		d.shownAs = int(at.code(household.CodeList{{}, {Name: "income_limit"}, {Name: "financial_limit"}}))
		want := FactIncome
		if d.shownAs == 2 {
			want = FactFinancial
		}
		if d.shownAs != 0 && r.Fact != 0 && r.Fact != want {
			at.fail("the limit of another fact can't be shown there", "a rule about "+want.String())
		}
	}
	return d
}

// ruleCode reads a rule's code. The same code again is the next text of the same rule.
func (l *loader) ruleCode(x node, codes map[string]bool, d *ruleDef) string {
	s := x.slug()
	if s != "" && codes[s] {
		for _, v := range slices.Backward(l.layer.rules) {
			if o := v; o.rule.Code == s {
				if o.Span == (Span{From: beginning}) && d.Span == o.Span {
					x.fail("code "+strconv.Quote(s)+" is given twice", "a code of its own for every finding")
				} else {
					follows(&o.Span, d.Span, x)
				}
				return s
			}
		}
		x.fail("code "+strconv.Quote(s)+" is given twice", "a code of its own for every finding")
	}
	codes[s] = true
	return s
}

func (l *loader) newCode(x node, codes map[string]bool) string {
	s := x.slug()
	if s != "" && codes[s] {
		x.fail("code "+strconv.Quote(s)+" is given twice", "a code of its own for every finding")
	}
	codes[s] = true
	return s
}

// fact reads what is compared: a fact by name, the count or the sum of a set, or a
// condition that is true or not.
func (l *loader) fact(f fields, d *ruleDef) Fact {
	r := &d.rule
	given := 0
	for _, k := range []string{"fact", "count", "sum", "condition"} {
		if f.has(k) {
			given++
		}
	}
	if given != 1 {
		f.of.fail("a rule compares one thing", "one of fact, count, sum or condition")
		return Fact{}
	}
	switch {
	case f.has("count"), f.has("sum"):
		return l.setFact(f, d)
	case f.has("condition"):
		r.Fact, r.Unit = FactCondition, UnitCount
		if r.Scope == PerLine {
			f.get("per").fail("a condition belongs to no line of income", "household or member")
		}
		d.whenAt = f.get("condition")
		r.When = l.condition(d.whenAt, r.Scope == PerMember)
		if f.has("when") {
			f.get("when").fail("a condition and a second one", "one condition with &&")
		}
		if r.Effect == household.SuspectedIneligible {
			f.get("effect").fail("a condition has no grade of evidence, so it may only ask", "needs_review")
		}
		return Fact{ID: FactCondition}
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
		if fact.Source != 0 {
			l.reads(fact.Source.String(), at)
		}
		if (fact.ID == FactNotByLaw || fact.ID == FactExclusions) && !l.hasMembers() {
			at.fail("fact "+s+" is only known to a pack that says who belongs to a household", "a file "+membersFile)
		}
		return fact
	}
	if s != "" {
		at.fail("unknown fact "+strconv.Quote(s), oneOf(known, s))
	}
	return Fact{}
}

func (l *loader) hasMembers() bool {
	for _, y := range l.p.layers {
		if len(y.members) > 0 {
			return true
		}
	}
	return false
}

func (l *loader) setFact(f fields, d *ruleDef) Fact {
	r := &d.rule
	r.Fact, r.Unit = FactSet, UnitCount
	at := f.get("count")
	if f.has("sum") {
		at = f.get("sum")
		r.Fact, r.Unit = FactSum, UnitFen
	}
	d.set = l.useSet(at, 0)
	if r.Scope == PerLine {
		f.get("per").fail("assets belong to no line of income", "household or member")
	}
	kind := l.kindOf(d.set)
	switch {
	case kind == 0:
		return Fact{}
	case r.Fact == FactSum && kind != KindAccount:
		at.fail("only the money in accounts is added up", "a set of accounts, or count")
	case r.Fact == FactSum && r.Scope == PerMember:
		f.get("per").fail("money in accounts is added up for the household", "household")
	case r.Fact == FactSet && kind == KindAccount:
		at.fail("accounts are not counted", "sum")
	}
	return Fact{ID: r.Fact, Source: kind.Source()}
}

// limit reads the comparison and its right side.
func (l *loader) limit(f fields, d *ruleDef) {
	given := 0
	name := ""
	for _, k := range []string{"limit", "at_least", "more_than"} {
		if f.has(k) {
			given++
			name = k
		}
	}
	if d.rule.Fact == FactCondition || d.rule.Fact == 0 && f.has("condition") {
		if given > 0 {
			f.get(name).fail("a condition is true or not", "no limit")
		}
		return
	}
	if given != 1 {
		f.of.fail("a rule has one limit", "one of limit, at_least or more_than")
		return
	}
	at := f.get(name)
	d.limitAt = at
	d.limit = &limitDef{at: at}
	switch name {
	case "at_least":
		d.limit.op = AtLeast
	case "more_than":
		d.limit.op = MoreThan
	}
	g := at.fields("parameter!", "times")
	if d.rule.Unit != 0 {
		d.limit.parameter = l.nameLimit(g.get("parameter"), d.rule.Unit)
	} else {
		d.limit.parameter = l.nameParameter(g.get("parameter"))
	}
	seen := map[string]bool{}
	for _, i := range g.get("times").items() {
		s := i.text()
		switch {
		case s == "":
			continue
		case s == "window_months" || s == "counted_members":
			if seen[s] {
				i.fail(s+" twice", "each factor once")
				continue
			}
		case s[0] >= '0' && s[0] <= '9':
			if n, err := strconv.ParseInt(s, 10, 32); err != nil || n < 1 {
				i.fail("unknown factor "+strconv.Quote(s), "a whole number from 1")
				continue
			}
		default:
			if l.findParameter(s) == nil {
				i.fail("unknown factor "+strconv.Quote(s), "window_months, counted_members, a whole number from 1, or a parameter in percent, permille or count")
				continue
			}
			l.nameParameter(i, UnitPercent, UnitPermille, UnitCount)
		}
		seen[s] = true
		d.limit.factors = append(d.limit.factors, s)
		d.limit.factorsAt = append(d.limit.factorsAt, i)
	}
}

// nameLimit reads a parameter that a fact is compared with.
func (l *loader) nameLimit(x node, u Unit) string {
	s := x.text()
	if p := l.findParameter(s); p != nil && p.Unit != 0 && p.Unit != u {
		x.fail("parameter "+s+" is in "+p.Unit.String()+", the fact in "+u.String(), "a parameter in "+u.String())
		l.used["parameter "+s] = true
		return s
	}
	return l.nameParameter(x)
}

// weak reads what follows when the rule only fires with grade B.
func (l *loader) weak(f fields, d *ruleDef, codes map[string]bool) {
	r := &d.rule
	at := f.get("with_grade_b")
	if at.absent() {
		if r.Effect == household.SuspectedIneligible {
			f.get("effect").fail("only grade A may carry suspected_ineligible", "with_grade_b with a weaker effect")
		}
		return
	}
	r.WeakCode, r.WeakEffect = l.lesser(at, d, "B", codes)
}

// derived reads what follows when it only fires with what was derived or is unproven.
func (l *loader) derived(f fields, d *ruleDef, codes map[string]bool) {
	r := &d.rule
	r.DerivedCode, r.DerivedEffect = r.Code, household.NeedsReview
	if r.WeakCode != "" {
		r.DerivedCode = r.WeakCode
	}
	if at := f.get("with_grade_c"); !at.absent() {
		r.DerivedCode, r.DerivedEffect = l.lesser(at, d, "C", codes)
		if r.DerivedEffect == household.SuspectedIneligible {
			at.fail("grade C may only ask", "needs_review")
		}
	}
}

func (l *loader) lesser(at node, d *ruleDef, grade string, codes map[string]bool) (string, household.Outcome) {
	g := at.fields("code", "effect!")
	effect := effectOutcomes[g.get("effect").code(effects)]
	code := d.rule.Code
	if g.has("code") {
		c := g.get("code").slug()
		taken := codes[c]
		for _, o := range l.layer.rules { // an earlier text of the same rule has it
			if o.rule.Code == code && (o.rule.WeakCode == c || o.rule.DerivedCode == c) {
				taken = false
			}
		}
		if c == d.rule.WeakCode && c != "" {
			taken = false
		}
		if taken && c != "" {
			g.get("code").fail("code "+strconv.Quote(c)+" is given twice", "a code of its own for every finding")
		}
		codes[c] = true
		code = c
	}
	if grade == "B" && effect != 0 && d.rule.Effect != 0 && effect >= d.rule.Effect {
		g.get("effect").fail("grade B must lead to less than grade A", "an effect weaker than "+d.rule.Effect.String())
	}
	return code, effect
}

// speaksOf reads of whom and when a rule speaks.
func (l *loader) speaksOf(f fields, d *ruleDef) {
	r := &d.rule
	before := len(l.errs)
	if w := f.get("who"); !w.absent() {
		r.Who, _ = l.who(w, OfMember)
		if r.Scope != PerMember && r.Scope != 0 {
			w.fail("a rule of a "+r.Scope.String()+" speaks of no one member", "per: member")
		}
	}
	if w := f.get("when"); !w.absent() && r.When == nil {
		d.whenAt = w
		r.When = l.condition(w, r.Scope != PerHousehold)
	}
	if len(l.errs) > before {
		return // what may be unknown of it is not known either
	}
	unknown := r.Who != nil && r.Who.mayBeUnknown() || r.When != nil && r.When.mayBeUnknown()
	at := f.get("if_unknown")
	switch {
	case !at.absent():
		r.SilentUnknown = at.code(household.CodeList{{}, {Name: "needs_review"}, {Name: "silent"}}) == 2
		if !unknown && (r.Who != nil || r.When != nil || !f.has("when") && !f.has("condition")) {
			at.fail("nothing the rule reads may be unknown", "no if_unknown")
		}
	case unknown:
		f.of.fail("what the rule reads may be unknown", "if_unknown: needs_review or silent")
	}
}

func (l *loader) coverage(f fields, r *Rule, needed household.Source) {
	at := f.get("unless_coverage")
	g := at.fields(names(household.CheckedSources())...)
	if at.empty() {
		at.fail("no source is named", oneOf(names(household.CheckedSources()), ""))
	}
	for s := household.Tax; s < household.NumChecked; s++ {
		states := g.get(s.String())
		if states.absent() {
			continue
		}
		r.Unless[s] = states.codes(household.RuleStates())
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
