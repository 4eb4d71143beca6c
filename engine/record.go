package engine

import (
	"slices"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules"
	"github.com/hedui/hedui/rules/trace"
)

// Trace is what one verdict rests on.
type Trace = trace.Trace

// Record makes Verify write down what the verdict rests on, from which package replay
// recomputes it; nil ends it. t is overwritten by every Verify that gives a verdict. Like
// the verdict, it borrows from the request, the profiles and the verdict itself.
func (w *Worker) Record(t *Trace) {
	w.recorder = nil
	if t != nil {
		w.recorder = &recorder{t: t}
	}
}

// recorder takes down a judgement while it is made.
type recorder struct {
	w *Worker
	t *trace.Trace
}

// refusal takes down that nothing was looked up.
func (c *recorder) refusal(out *household.Verdict) {
	*c.t = trace.Trace{Version: trace.Version, Frame: trace.Frame(*out), Refusal: out.Findings[0].Code}
	c.t.Frame.Findings = nil
}

// begin takes down what is known before the first rule: who counts, and the values of
// the law.
func (c *recorder) begin(w *Worker) {
	c.w = w
	law, pack, n := w.law, w.v.pack, len(w.plan.members)
	*c.t = trace.Trace{Version: trace.Version, CitesValues: pack.CiteValues}
	for _, m := range w.plan.members {
		c.t.Members = append(c.t.Members, m.number)
	}
	for i := range law.Values {
		if v := &law.Values[i]; v.Cited {
			c.t.Values = append(c.t.Values, citedValue(v, w.plan.Request.Residence, n))
		}
	}
	if open := pack.Identity; open != nil && w.unconfirmed {
		c.t.Unconfirmed = &trace.Unconfirmed{Code: open.Code, Effect: open.Effect.String(), Law: open.Law}
	}
	c.t.DuplicateAccounts = w.doubles != nil && w.doubles.money
}

// frame takes down the verdict without what was judged.
func (c *recorder) frame(out *household.Verdict) {
	f := trace.Frame(*out)
	f.Findings, f.Outcome, f.Pack.Values = nil, 0, nil
	c.t.Frame = f
}

// rule begins a rule of the law.
func (c *recorder) rule(index int) {
	law := c.w.law
	r := &law.Rules[index]
	out := trace.Rule{
		Code: r.Code, Effect: r.Effect.String(), Derived: trace.Lesser{Code: r.DerivedCode, Effect: r.DerivedEffect.String()},
		Per: r.Scope.String(), Fact: r.Fact.String(), Unit: r.Unit.String(), Op: r.Op.String(),
		Who: r.Who != nil, Condition: r.ConditionText(), SilentUnknown: r.SilentUnknown, Unresolved: r.Unresolved, Law: r.Law,
	}
	if r.HasWeak() {
		out.Weak = &trace.Lesser{Code: r.WeakCode, Effect: r.WeakEffect.String()}
	}
	switch r.Fact {
	case rules.FactSet:
		out.Count = law.Sets[r.Set].Name
	case rules.FactSum:
		out.Sum = law.Sets[r.Set].Name
	}
	if parameter, times := r.Limit(); parameter != "" {
		out.Limit = &trace.Limit{Parameter: parameter, Times: slices.Clone(times)}
	}
	for s := household.Tax; s < household.NumChecked; s++ {
		if r.Unless[s] == 0 {
			continue
		}
		u := trace.Unless{Source: s.String()}
		for state := household.NotAuthorized; state <= household.Found; state++ {
			if r.Unless[s].Has(uint8(state)) {
				u.States = append(u.States, state.String())
			}
		}
		out.Unless = append(out.Unless, u)
	}
	switch index {
	case law.IncomeLimit:
		out.ShownAs = trace.IncomeLimit
	case law.FinancialLimit:
		out.ShownAs = trace.FinancialLimit
	}
	if r.When != nil {
		for i := range r.When.Vars {
			v := &r.When.Vars[i]
			out.Reads = append(out.Reads, v.Name)
			// Parameters are read from the values.
			if !v.Member && v.Kind != rules.VarParameter {
				c.fact(v)
			}
		}
	}
	c.t.Rules = append(c.t.Rules, out)
}

// fact takes down what a condition asks of the household, once.
func (c *recorder) fact(v *rules.Var) {
	if !slices.ContainsFunc(c.t.Facts, func(x trace.Variable) bool { return x.Name == v.Name }) {
		c.t.Facts = append(c.t.Facts, c.variable(v, -1))
	}
}

// variable is what a condition is told.
func (c *recorder) variable(v *rules.Var, member int) trace.Variable {
	out := trace.Variable{Name: v.Name}
	value, known := c.w.Var(v, member)
	if !known {
		out.Unknown = v.Type
		return out
	}
	switch x := value.(type) {
	case int64:
		out.Int = &x
	case bool:
		out.Bool = &x
	case string:
		out.String = &x
	}
	return out
}

// application begins what the last rule is applied to.
func (c *recorder) application(r *rules.Rule, v rules.Value, member int, t household.LineType) {
	out := trace.Application{Type: t.String(), Value: trace.Value(v)}
	if member >= 0 {
		out.Member = c.w.plan.members[member].number
	}
	if r.Who != nil {
		out.Who = r.Who.Of(c.w.person(member)).String()
	}
	if r.When != nil {
		for i := range r.When.Vars {
			if v := &r.When.Vars[i]; v.Member {
				out.Facts = append(out.Facts, c.variable(v, member))
			}
		}
	}
	last := &c.t.Rules[len(c.t.Rules)-1]
	last.Applications = append(last.Applications, out)
}

// last is the application that is being judged.
func (c *recorder) last() *trace.Application {
	list := c.t.Rules[len(c.t.Rules)-1].Applications
	return &list[len(list)-1]
}

// toConfirm takes down that the rule would fire if unconfirmed records counted.
func (c *recorder) toConfirm() { c.last().Confirm = true }

// fired takes down what a finding rests on.
func (c *recorder) fired(f *household.Finding) { c.last().Evidence = slices.Clone(f.Evidence) }

// openQuestion takes down income of which nobody knows whether the law counts it.
func (c *recorder) openQuestion(e *rules.Exclusion, f *household.Finding) {
	c.t.Open = append(c.t.Open, trace.Open{Item: e.Code, Law: e.Law, Unresolved: e.Unresolved, Evidence: slices.Clone(f.Evidence)})
}

// unconfirmed takes down the records of one member that have to be confirmed.
func (c *recorder) unconfirmed(f *household.Finding) {
	u := c.t.Unconfirmed
	u.Members = append(u.Members, trace.UnconfirmedRows{Member: f.Member, Evidence: slices.Clone(f.Evidence)})
}
