package rules

import (
	"errors"
	"slices"
	"strconv"

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
	resolved := false
	for _, region := range append([]string{""}, l.p.Regions()...) {
		begun := false
		for _, on := range dates {
			law, err := l.p.resolve(on, region, rep)
			if err != nil {
				if begun && whole {
					l.silent(err, on, region, rep)
				}
				continue
			}
			begun, resolved = true, true
			for i := range law.Rules {
				inForce[law.Rules[i].def] = true
				law.check(&law.Rules[i], &law.limits[i], rep)
			}
		}
	}
	if !resolved && whole {
		l.p.layers[0].firstNode(l).fail("there is no date on which the pack says everything that it needs", "values whose dates have a day in common")
		return
	}
	for _, y := range l.p.layers {
		for _, d := range y.rules {
			if !inForce[d] && resolved && whole {
				rep(d.at, "the rule is never in force", "dates on which the pack judges")
			}
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
			if p.Name == u.Parameter && (y.region == "" || within(region, y.region)) {
				rep(p.at, "there is no value on "+on.String()+where, "a next value, or {from: …, unresolved: …, law: …}")
				return
			}
		}
	}
	rep(l.p.layers[0].firstNode(l), "the pack has no "+u.Parameter+" on "+on.String()+where, "one without a gap")
}

func (y *layer) firstNode(l *loader) node {
	if len(y.windows) > 0 {
		return y.windows[0].at
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
		addAll(add, y.windows)
		addAll(add, y.stale)
		addAll(add, y.expected)
		addAll(add, y.lapsed)
		addAll(add, y.employment)
		addAll(add, y.financial)
		addAll(add, y.sheets)
		addAll(add, y.members)
		addAll(add, y.deductions)
		addAll(add, y.imputation)
		addAll(add, y.support)
		for _, e := range y.income {
			add(e.Span)
		}
		for _, s := range y.sets {
			add(s.Span)
			for i := range s.exempt {
				add(s.exempt[i].Span)
			}
		}
		for _, d := range y.rules {
			add(d.Span)
		}
		for _, m := range y.removed {
			add(m.Span)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func addAll[T any](add func(Span), list []dated[T]) {
	for _, d := range list {
		add(d.Span)
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
	if r.Fact == FactCondition || r.Unresolved != "" || r.def.limit == nil || e.den == 0 || l.Values[r.values[len(r.values)-1]].Parameter == nil {
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
