package rules

import (
	"slices"

	"github.com/hedui/hedui/engine/household"
)

// On is what the pack says on a date in a region, a division code of six digits or "".
// It returns an *UnresolvedError when the pack says nothing of the date.
func (p *Pack) On(on household.Date, region string) (*Law, error) {
	return p.resolve(on, region, nil)
}

// Nearest is the code of the smallest overlay that a region lies in; "" for none. Two
// regions with the same nearest overlay have the same law.
func (p *Pack) Nearest(region string) string {
	nearest := ""
	for _, y := range p.layers {
		if y.region != "" && within(region, y.region) {
			nearest = y.region
		}
	}
	return nearest
}

// report takes down what is wrong with a law; nil when nobody listens.
type report func(at node, problem, expected string)

// resolution is a law on its way.
type resolution struct {
	p      *Pack
	on     household.Date
	layers []*layer
	law    *Law
	report report
	faults []func()
	err    error
}

func (p *Pack) resolve(on household.Date, region string, rep report) (*Law, error) {
	r := &resolution{p: p, on: on, report: rep, law: &Law{Pack: p, On: on, Region: p.Nearest(region), FinancialLimit: -1, IncomeLimit: -1, named: map[string]int{}}}
	for _, y := range p.layers {
		if y.holdsIn(region) {
			r.layers = append(r.layers, y)
		}
	}
	r.common()
	r.parameters()
	r.sets()
	r.income()
	r.adjustments()
	r.rules()
	if r.err != nil {
		return nil, r.err
	}
	for _, tell := range r.faults {
		tell()
	}
	return r.law, nil
}

func (r *resolution) fail(at node, problem, expected string) {
	if r.report != nil {
		// On a day on which the pack judges nobody nothing is wrong with it.
		r.faults = append(r.faults, func() { r.report(at, problem, expected) })
	}
}

// unresolved says that the pack says nothing of the date.
func (r *resolution) unresolved(what string) {
	if r.err == nil {
		r.err = &UnresolvedError{Pack: r.p.Name, Parameter: what, On: r.on, Region: r.law.Region}
	}
}

// nearest is the piece in force on the date that the smallest region says.
func nearest[T any](r *resolution, list func(*layer) []dated[T]) (value T, ok bool) {
	if d, _ := nearestPiece(r, list); d != nil {
		return d.value, true
	}
	return value, false
}

// nearestPiece is nearest with its dates and place, and the region that says it; nil for
// none.
func nearestPiece[T any](r *resolution, list func(*layer) []dated[T]) (piece *dated[T], region string) {
	for _, y := range slices.Backward(r.layers) {
		if d := inForce(list(y), r.on); d != nil {
			return d, y.region
		}
	}
	return nil, ""
}

func (r *resolution) common() {
	r.window()
	var ok bool
	if r.law.StaleDays, ok = nearest(r, func(y *layer) []dated[[household.NumChecked]int] { return y.stale }); !ok {
		r.unresolved("stale_after_days")
	}
	r.law.Expected, _ = nearest(r, func(y *layer) []dated[[household.NumChecked][]string] { return y.expected })
	r.law.LapsedMonths, _ = nearest(r, func(y *layer) []dated[int] { return y.lapsed })
	r.law.Membership, _ = nearest(r, func(y *layer) []dated[*Membership] { return y.members })
}

// window finds the window, which is a value like any other when the pack says whose law
// it is.
func (r *resolution) window() {
	d, region := nearestPiece(r, func(y *layer) []dated[windows] { return y.windows })
	if d == nil {
		r.unresolved("the window")
		return
	}
	w := &d.value
	v := &DatedValue{Span: d.Span, Law: w.law, Verified: w.known, Place: d.at.place()}
	for res, n := range w.months {
		r.law.Windows[res], v.Value[res] = Window{n}, int64(n)
	}
	r.law.Anchor = w.anchor
	if w.law != "" {
		r.law.named["window_months"] = len(r.law.Values)
		r.law.Values = append(r.law.Values, ValueRef{Parameter: &Parameter{Name: "window_months", Unit: UnitCount}, DatedValue: v, Region: region, Cited: true})
	}
}

// parameters finds the value of every parameter.
func (r *resolution) parameters() {
	for _, y := range r.layers {
		for _, p := range y.parameters {
			if _, is := r.law.named[p.Name]; is {
				continue
			}
			declared, v, region := parameter(r.layers, p.Name, r.on)
			if v == nil {
				continue
			}
			r.law.named[p.Name] = len(r.law.Values)
			r.law.Values = append(r.law.Values, ValueRef{Parameter: declared, DatedValue: v, Region: region})
		}
	}
}

// value is the value of a parameter that something in force rests on; nil when there is
// none, which makes the law unresolved.
func (r *resolution) value(name string) *ValueRef {
	i, ok := r.law.named[name]
	if !ok {
		r.unresolved(name)
		return nil
	}
	r.law.Values[i].Cited = true
	return &r.law.Values[i]
}

// by is a value by residence, for things that do not depend on the household's size.
// open is the reason why nobody knows it, kept when it is set.
func (r *resolution) by(name string, open *string) (out [3]int64) {
	if name == "" {
		return out
	}
	v := r.value(name)
	if v == nil {
		return out
	}
	if v.Unresolved != "" {
		*open = v.Unresolved
		return out
	}
	for res := range out {
		out[res] = v.For(uint8(res), 1)
	}
	return out
}

// monthly is by for money that is counted by the month; what is given for a year is
// divided here and nowhere later.
func (r *resolution) monthly(name string, open *string, rounding household.Rounding) [3]int64 {
	out := r.by(name, open)
	if i, ok := r.law.named[name]; ok && r.law.Values[i].Parameter.PerYear {
		for res := range out {
			out[res], _ = household.MulDiv(out[res], 1, 12, rounding)
		}
	}
	return out
}

func (r *resolution) sets() {
	l := r.law
	for _, name := range setNames(r.layers) {
		def := r.set(name)
		if def == nil {
			continue
		}
		s := def.set
		var why string
		s.ValueOver, s.AreaOver = r.by(def.valueOver, &why), r.by(def.areaOver, &why)
		s.SharesFrom = r.by(def.sharesFrom, &why)[household.Urban]
		for i := range def.exempt {
			e := &def.exempt[i]
			if !e.Covers(r.on) {
				continue
			}
			x := e.Exemption
			x.ValueUpTo, x.AreaUpTo = r.by(e.valueUpTo, &why), r.by(e.areaUpTo, &why)
			x.AtMost = r.by(e.atMost, &why)[household.Urban]
			s.Exempt = append(s.Exempt, x)
		}
		s.Unresolved = why
		l.byKind[s.Kind] = append(l.byKind[s.Kind], len(l.Sets))
		l.Sets = append(l.Sets, s)
	}
	var ok bool
	if l.Financial, ok = nearest(r, func(y *layer) []dated[Filter] { return y.financial }); !ok {
		r.unresolved("financial assets")
	}
	names, ok := nearest(r, func(y *layer) []dated[sheetNames] { return y.sheets })
	if !ok {
		r.unresolved("the sheet of assets")
		return
	}
	at := func(name string) int {
		i := l.SetIndex(name)
		if i < 0 {
			r.unresolved("set " + name)
		}
		return max(i, 0)
	}
	l.Sheet = Sheet{at(names.vehicles), at(names.residential), at(names.nonResidential)}
}

// SetsOf are the indexes of the sets of a kind of assets.
func (l *Law) SetsOf(k Kind) []int { return l.byKind[k] }

// SetIndex is the index of a set by its name; −1 when there is none.
func (l *Law) SetIndex(name string) int {
	return slices.IndexFunc(l.Sets, func(s Set) bool { return s.Name == name })
}

func (r *resolution) set(name string) *setDef {
	for _, y := range slices.Backward(r.layers) {
		for _, s := range y.sets {
			if s.name == name && s.Covers(r.on) {
				return s
			}
		}
	}
	return nil
}

func (r *resolution) adjustments() {
	l := r.law
	for _, y := range slices.Backward(r.layers) {
		if !y.adjusts {
			continue
		}
		for _, d := range y.deductions {
			if !d.Covers(r.on) {
				continue
			}
			x := *d.value
			x.Percents, x.Bases = r.by(x.Percent, &l.openIncome), r.monthly(x.Base, &l.openIncome, household.RoundUp)
			x.Caps = r.by(x.Cap, &l.openIncome)
			if i, ok := l.named[x.Cap]; ok && x.Cap != "" && !l.Values[i].Parameter.PerYear {
				for res := range x.Caps {
					x.Caps[res] = times(x.Caps[res], int64(l.Windows[res].Months))
				}
			}
			l.Deductions = append(l.Deductions, &x)
		}
		for _, d := range y.imputation {
			if d.Covers(r.on) {
				x := *d.value
				x.Bases = r.monthly(x.Base, &l.openIncome, household.RoundDown)
				l.Imputation = append(l.Imputation, &x)
			}
		}
		for _, d := range y.support {
			if !d.Covers(r.on) {
				continue
			}
			x := *d.value
			x.Values = map[string][3]int64{}
			for _, p := range x.params {
				x.Values[p.name] = r.monthly(plainText(p.at), &l.openIncome, household.RoundUp)
			}
			x.Ages = [2]int64{r.by(x.AgeFrom, &l.openIncome)[household.Urban], r.by(x.AgeTo, &l.openIncome)[household.Urban]}
			l.Support = append(l.Support, &x)
		}
		break
	}
}

// rules puts the rules of all layers in order and resolves their limits.
func (r *resolution) rules() {
	var defs []*ruleDef
	if r.p.Identity != nil {
		for _, d := range r.p.Identity.rules {
			if d.Covers(r.on) {
				defs = append(defs, d)
			}
		}
	}
	for _, y := range r.layers {
		for _, d := range y.rules {
			if !d.Covers(r.on) {
				continue
			}
			if i := slices.IndexFunc(defs, func(o *ruleDef) bool { return o.rule.Code == d.rule.Code }); i >= 0 {
				defs[i] = d
			} else {
				defs = append(defs, d)
			}
		}
		for _, m := range y.removed {
			if m.Covers(r.on) {
				r.law.Removed = append(r.law.Removed, Removal{m.code, m.law, m.at.place()})
				defs = slices.DeleteFunc(defs, func(d *ruleDef) bool { return d.rule.Code == m.code })
			}
		}
	}
	for _, d := range defs {
		r.rule(d)
	}
}

func (r *resolution) rule(d *ruleDef) {
	l := r.law
	x := d.rule
	x.def = d
	if d.set != "" {
		x.Set = l.SetIndex(d.set)
		if x.Set < 0 {
			r.unresolved("set " + d.set)
			return
		}
		if x.Unresolved == "" {
			x.Unresolved = l.Sets[x.Set].Unresolved
		}
	}
	if x.Fact == FactIncome && x.Unresolved == "" {
		x.Unresolved = l.openIncome
	}
	if x.When != nil {
		for i := range x.When.Vars {
			r.variable(d, &x, &x.When.Vars[i])
		}
	}
	if (x.Fact == FactNotByLaw || x.Fact == FactExclusions) && l.Membership == nil {
		r.fail(d.at, "on some of its dates nothing says who belongs to a household", "a text in "+membersFile+" for all of them")
	}
	lim := limit{den: 1} // of a rule that compares nothing, or with what nobody knows
	if d.limit != nil {
		r.given(d.limit)
		if x.Unresolved == "" {
			lim = r.limit(d, &x)
		}
	}
	switch d.shownAs {
	case 1:
		if l.IncomeLimit >= 0 {
			r.fail(d.shownAt, "already shown: the limit of "+l.Rules[l.IncomeLimit].Code, "one rule")
		}
		l.IncomeLimit = len(l.Rules)
	case 2:
		if l.FinancialLimit >= 0 {
			r.fail(d.shownAt, "already shown: the limit of "+l.Rules[l.FinancialLimit].Code, "one rule")
		}
		l.FinancialLimit = len(l.Rules)
	}
	l.Rules = append(l.Rules, x)
	l.limits = append(l.limits, lim)
}

// given looks for a value of everything that a limit names: of a limit that nobody knows
// too, or the pack would judge on dates of which it has only a part.
func (r *resolution) given(d *limitDef) {
	for _, name := range append([]string{d.parameter}, d.factors...) {
		if name == "" || name == "window_months" || name == "counted_members" || name[0] >= '0' && name[0] <= '9' {
			continue
		}
		if _, ok := r.law.named[name]; !ok {
			r.unresolved(name)
		}
	}
}

// variable resolves what a condition reads of the law. What rests on something that
// nobody knows is itself unknown.
func (r *resolution) variable(d *ruleDef, x *Rule, v *Var) {
	l := r.law
	open := ""
	switch v.Kind {
	case VarParameter:
		ref := r.value(v.Word)
		if ref == nil {
			return
		}
		if open = ref.Unresolved; open == "" {
			x.values = append(x.values, l.named[v.Word])
		}
	case VarCount, VarSum:
		i := l.SetIndex(v.Word)
		if i < 0 {
			r.fail(d.whenAt, "the set "+v.Word+" is not known on every date and everywhere the rule is in force", "a set without an end, in the pack itself")
			return
		}
		open = l.Sets[i].Unresolved
	case VarIncome, VarImputed, VarSupport, VarDeductions:
		open = l.openIncome
	default:
	}
	if x.Unresolved == "" {
		x.Unresolved = open
	}
}
