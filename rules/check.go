package rules

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/hedui/hedui/engine/household"
)

// checkLaws resolves the pack for every region on every date on which something
// changes, and reports what is wrong with any of these laws.
func (l *loader) checkLaws() {
	dates := l.p.Changes()
	type fault struct {
		file, problem string
		line, column  int
	}
	seen := map[fault]bool{}
	rep := func(at node, problem, expected string) {
		e := &Error{}
		at.locate(e)
		f := fault{at.f.name, problem, e.Line, e.Column}
		if !seen[f] {
			seen[f] = true
			at.fail(problem, expected)
		}
	}
	// With other faults, what is silent is likely to be so because of them.
	whole := len(l.errs) == 0
	inForce := map[*ruleDef]bool{}
	judges := map[household.Date]bool{} // in some region
	laws := map[string]map[household.Date]error{}
	for _, region := range append([]string{""}, l.p.Regions()...) {
		laws[region] = map[household.Date]error{}
		for _, on := range dates {
			law, err := l.p.resolve(on, region, rep)
			laws[region][on] = err
			if err != nil {
				continue
			}
			judges[on] = true
			if whole {
				law.checkCodes(rep)
			}
			for i := range law.Rules {
				inForce[law.Rules[i].def] = true
				law.check(&law.Rules[i], &law.limits[i], rep)
			}
		}
	}
	if !whole {
		return
	}
	if len(judges) == 0 {
		l.p.layers[0].someNode(l).fail("there is no date on which the pack says everything that it needs", "values whose dates have a day in common")
		return
	}
	first := slices.Min(slices.Collect(maps.Keys(judges)))
	for _, region := range append([]string{""}, l.p.Regions()...) {
		for _, on := range dates {
			// Nobody can be judged on a day on which one region is silent and others are not.
			if err := laws[region][on]; err != nil && on >= first {
				if region == "" || laws[""][on] == nil {
					l.silent(err, on, region, rep)
				}
				break
			}
		}
	}
	if len(l.errs) > 0 {
		return // a rule in force nowhere is so because of these
	}
	for _, y := range l.p.layers {
		if y.inherited {
			continue // a pack may begin later than the one it extends
		}
		for _, d := range y.rules {
			if !inForce[d] {
				rep(d.at, "the rule is never in force", "dates on which the pack judges")
			}
		}
		y.pieces(func(s Span, at node) {
			if s.To != 0 && s.To < first {
				rep(at, "it is never in force: the pack judges from "+first.String(), "dates on which the pack judges")
			}
		})
	}
}

// checkCodes refuses a code that two rules can give: nobody could tell which it was.
func (l *Law) checkCodes(rep report) {
	given := map[string]int{}
	if id := l.Pack.Identity; id != nil {
		given[id.Code] = -1
	}
	for i := range l.Rules {
		r := &l.Rules[i]
		for _, c := range []string{r.Code, r.WeakCode, r.DerivedCode} {
			if k, taken := given[c]; taken && k != i && c != "" {
				rep(r.def.at, "code "+strconv.Quote(c)+" is that of another rule, too", "a code of its own for every finding")
			}
			given[c] = i
		}
	}
}

// silent reports that the pack falls silent after it has begun to speak.
func (l *loader) silent(err error, on household.Date, region string, rep report) {
	var u *UnresolvedError
	if !errors.As(err, &u) {
		return
	}
	where := ""
	if region != "" {
		where = " in " + region
	}
	for _, y := range slices.Backward(l.p.layers) {
		for _, p := range y.parameters {
			if p.Name == u.Parameter && y.holdsIn(region) {
				rep(p.at, "there is no value on "+on.String()+where, "a next value, or {from: …, unresolved: …, law: …}")
				return
			}
		}
	}
	for _, y := range slices.Backward(l.p.layers) {
		if !y.holdsIn(region) {
			continue
		}
		for _, s := range slices.Backward(y.sets) {
			if u.Parameter == "set "+s.name {
				rep(s.at, "the pack has no "+u.Parameter+" on "+on.String()+where, "one without a gap")
				return
			}
		}
	}
	for _, y := range l.p.layers {
		for _, d := range y.rules {
			if d.set != "" && u.Parameter == "set "+d.set && d.Covers(on) {
				rep(d.at, "the pack has no "+u.Parameter+" on "+on.String()+where, "one without a gap")
				return
			}
		}
	}
	rep(l.p.layers[0].someNode(l), "the pack has no "+strings.TrimPrefix(u.Parameter, "the ")+" on "+on.String()+where, "one without a gap")
}

func (y *layer) someNode(l *loader) node {
	if n := len(y.windows); n > 0 {
		return y.windows[n-1].at
	}
	if len(y.parameters) > 0 {
		return y.parameters[0].at
	}
	return node{l: l, f: &file{name: "pack.yaml"}}
}

// Changes are the dates on which the pack begins to say something else anywhere,
// ascending.
func (p *Pack) Changes() []household.Date {
	out := []household.Date{beginning}
	add := func(s Span) {
		out = append(out, max(s.From, beginning))
		if s.To != 0 {
			out = append(out, after(s.To))
		}
	}
	if p.Identity != nil {
		for _, d := range p.Identity.rules {
			add(d.Span)
		}
	}
	for _, y := range p.layers {
		for _, q := range y.parameters {
			for i := range q.Values {
				add(q.Values[i].Span)
			}
		}
		for _, d := range y.rules {
			add(d.Span)
		}
		y.pieces(func(s Span, _ node) { add(s) })
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// pieces calls fn for every dated piece of a layer but parameters and rules.
func (y *layer) pieces(fn func(s Span, at node)) {
	addAll(fn, y.windows)
	addAll(fn, y.stale)
	addAll(fn, y.expected)
	addAll(fn, y.lapsed)
	addAll(fn, y.employment)
	addAll(fn, y.financial)
	addAll(fn, y.sheets)
	addAll(fn, y.members)
	addAll(fn, y.deductions)
	addAll(fn, y.imputation)
	addAll(fn, y.support)
	for _, e := range y.income {
		fn(e.Span, e.at)
	}
	for _, s := range y.sets {
		fn(s.Span, s.at)
		for i := range s.exempt {
			fn(s.exempt[i].Span, s.exempt[i].at)
		}
	}
	for _, m := range y.removed {
		fn(m.Span, m.at)
	}
}

func addAll[T any](fn func(Span, node), list []dated[T]) {
	for _, d := range list {
		fn(d.Span, d.at)
	}
}

// after is the day after a date.
func after(d household.Date) household.Date {
	if next, ok := household.NewDate(d.Year(), int(d)/100%100, d.Day()+1); ok {
		return next
	}
	m := d.MonthOf() + 1
	next, _ := household.NewDate(m.Year(), int(m)%12+1, 1)
	return next
}

// check refuses limits that every household, or none, is beyond.
func (l *Law) check(r *Rule, e *limit, rep report) {
	if r.Fact == FactCondition || r.Unresolved != "" || r.def.limit == nil || l.Values[r.values[len(r.values)-1]].Parameter == nil {
		return
	}
	at := r.def.limitAt
	for res := household.Urban; res <= household.Rural; res++ {
		window := int64(l.Windows[res].Months)
		all := []int64{e.fixed[res]}
		if len(e.sizes) > 0 {
			all = all[:0]
			for _, s := range e.sizes {
				all = append(all, s.fixed[res])
			}
		}
		for _, n := range all {
			n = divide(n, e)
			switch {
			case r.Op == AtLeast && n == 0:
				rep(at, "at least 0 is always true: the rule fires for everybody", "a limit above 0, or more_than")
				return
			case (r.Fact == FactUnexplainedMonths || r.Fact == FactMonthsAtWork) && !e.perOne && (n > window || r.Op == MoreThan && n == window):
				rep(at, "the window has "+strconv.FormatInt(window, 10)+" months, so the rule can never fire", "a limit within the window")
				return
			case r.Unit == UnitFen && n >= int64(household.MaxFen):
				rep(at, "no household has that much, so the rule can never fire", "a limit below "+household.MaxFen.Yuan()+" yuan")
				return
			}
		}
	}
}
