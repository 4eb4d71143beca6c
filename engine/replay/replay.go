package replay

import (
	"fmt"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules"
	"github.com/hedui/hedui/rules/trace"
)

// Replay recomputes the verdict of a trace: the line that stands in the file of
// verdicts, without its line break. The error is one of trace.Parse, a *MissingError or
// an *Error.
func Replay(line []byte) (verdict []byte, err error) {
	var r Replayer
	return r.Replay(line)
}

// Replayer recomputes one trace after the other and compiles each condition once. The
// zero value is ready. It belongs to one goroutine.
type Replayer struct {
	compiled map[string]*rules.Condition
}

// Replay is as the function.
func (r *Replayer) Replay(line []byte) (verdict []byte, err error) {
	t, err := trace.Parse(line)
	if err != nil {
		return nil, err
	}
	v, err := r.Verdict(t)
	if err != nil {
		return nil, err
	}
	return v.AppendJSON(nil), nil
}

// Verdict recomputes the verdict of a trace that has been read. It borrows from t.
func (r *Replayer) Verdict(t *trace.Trace) (*household.Verdict, error) {
	j := &judgement{
		r: r, t: t, values: map[string]*household.CitedValue{}, facts: map[string]*trace.Variable{},
		seen: map[fact]rules.Value{}, told: map[fact]*trace.Variable{},
	}
	j.v = household.Verdict(t.Frame)
	j.v.Findings = nil
	if err := j.all(); err != nil {
		return nil, err
	}
	return &j.v, nil
}

// Error says what in a trace does not agree with the rest of it. It names rules,
// members by number, and parameters, and nobody.
type Error struct {
	Place   string // rule income_over_limit, member 2; income
	Problem string
}

func (e *Error) Error() string { return e.Place + ": " + e.Problem }

// MissingError says that a rule reads something that the trace does not hold.
type MissingError struct {
	Place string // rule income_over_limit
	Name  string // of the parameter or variable
}

func (e *MissingError) Error() string { return e.Place + ": " + e.Name + " is not in the trace" }

// judgement is one trace on its way to its verdict.
type judgement struct {
	r *Replayer
	t *trace.Trace
	v household.Verdict

	values map[string]*household.CitedValue
	facts  map[string]*trace.Variable
	seen   map[fact]rules.Value     // facts that some rule has read
	told   map[fact]*trace.Variable // what conditions were told of members
	flips  []int                    // members of the rules that unconfirmed records make fire; 0: the household
	shown  [2]bool                  // the limits of the sheets have been compared
}

// fact is a fact of one member or line.
type fact struct {
	name   string
	member int
	line   string
}

func wrong(place, format string, args ...any) error {
	return &Error{place, fmt.Sprintf(format, args...)}
}

func (j *judgement) all() error {
	if j.t.Refusal != "" {
		return j.refusal()
	}
	if j.v.Outcome == household.Refused {
		return wrong("refusal", "nothing was looked up and there is no reason")
	}
	for _, step := range []func() error{j.listValues, j.sums, j.listFacts} {
		if err := step(); err != nil {
			return err
		}
	}
	for i := range j.t.Rules {
		if err := j.rule(&j.t.Rules[i]); err != nil {
			return err
		}
	}
	for i, limit := range []household.Fen{j.v.Income.Limit, j.v.Assets.FinancialLimit} {
		if !j.shown[i] && limit != 0 {
			return wrong(shownAs[i], "no rule gives it")
		}
	}
	for i := range j.t.Open {
		o := &j.t.Open[i]
		j.v.Findings = append(j.v.Findings, household.Finding{
			Code: rules.LawUnresolved, Effect: household.Unverifiable, Item: o.Item, Law: rules.OpenLaw(o.Law, o.Unresolved), Evidence: o.Evidence,
		})
	}
	if err := j.unconfirmed(); err != nil {
		return err
	}
	j.v.Outcome = j.outcome()
	if j.t.CitesValues {
		j.v.Pack.Values = j.t.Values
	}
	return nil
}

var shownAs = []string{trace.IncomeLimit, trace.FinancialLimit}

// refusal is the verdict of a request of which nothing was looked up.
func (j *judgement) refusal() error {
	t := j.t
	if j.v.Outcome != household.Refused || len(t.Members)+len(t.Values)+len(t.Facts)+len(t.Rules)+len(t.Open) > 0 || t.CitesValues || t.DuplicateAccounts || t.Unconfirmed != nil {
		return wrong("refusal", "there is more than a refusal has")
	}
	j.v.Findings = []household.Finding{{Code: t.Refusal, Effect: household.Refused}}
	return nil
}

// unconfirmed writes the findings of records whose links a person has to confirm.
func (j *judgement) unconfirmed() error {
	u := j.t.Unconfirmed
	if u == nil {
		return nil
	}
	effect, ok := household.Outcomes.Named(u.Effect)
	if !ok {
		return wrong("unconfirmed", "no such effect")
	}
	next := 0
	for i := range u.Members {
		m := &u.Members[i]
		place := fmt.Sprintf("unconfirmed, member %d", m.Member)
		for next < len(j.t.Members) && j.t.Members[next] != m.Member {
			next++
		}
		if next == len(j.t.Members) {
			return wrong(place, "not a member, or out of order")
		}
		next++
		concerned := false
		for _, of := range j.flips {
			concerned = concerned || of == 0 || of == m.Member
		}
		if !concerned {
			return wrong(place, "no rule would fire")
		}
		j.v.Findings = append(j.v.Findings, household.Finding{
			Code: u.Code, Effect: household.Outcome(effect), Grade: household.GradeC, Member: m.Member, Law: u.Law, Evidence: m.Evidence,
		})
	}
	return nil
}

// outcome is the strongest effect of the findings; without findings it depends on
// whether every source could answer.
func (j *judgement) outcome() household.Outcome {
	out := household.Outcome(0)
	for i := range j.v.Findings {
		switch e := j.v.Findings[i].Effect; {
		case e == household.SuspectedIneligible, out == household.SuspectedIneligible:
			out = household.SuspectedIneligible
		case e == household.NeedsReview, out == household.NeedsReview:
			out = household.NeedsReview
		default:
			out = household.Unverifiable
		}
	}
	if out != 0 {
		return out
	}
	for s := household.Tax; s < household.NumChecked; s++ {
		if j.v.Coverage[s].Judged() < household.None {
			return household.Unverifiable
		}
	}
	return household.NoDiscrepancy
}
