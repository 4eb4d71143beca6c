package front

import (
	"context"

	"github.com/hedui/hedui/engine/api/wire"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/review"
)

// Cases implements wire.Desk.
func (f *Front) Cases(ctx context.Context, c wire.Caller, q wire.CaseQuery) (wire.List[wire.Case], error) {
	list, next, err := f.Desk.Cases(ctx, caller(c), desk.CaseQuery{
		Household: q.Household, Mine: q.Mine, State: review.State(q.State), Outcome: household.OutcomeOf(q.Outcome), Scheme: q.Scheme,
		Unassigned: q.Unassigned, Cursor: q.After, Limit: q.Limit,
	})
	out := wire.List[wire.Case]{Next: next}
	for _, x := range list {
		out.Items = append(out.Items, f.shownCase(x))
	}
	return out, told(err)
}

// Case implements wire.Desk.
func (f *Front) Case(ctx context.Context, c wire.Caller, id string) (wire.Case, error) {
	return f.oneCase(f.Desk.Case(ctx, caller(c), id))
}

// Act implements wire.Desk.
func (f *Front) Act(ctx context.Context, c wire.Caller, s wire.CaseStep) (wire.Case, error) {
	step := desk.Step{Kind: review.Kind(s.Action), Version: int64(s.Version), Reason: s.Reason}
	switch s.Action {
	case wire.TakeUp:
		step.Kind = review.TakeUp
	case wire.Assign:
		step.Assignee = func(ctx context.Context) (string, bool, error) { return f.Person(ctx, s.Assignee) }
	}
	return f.oneCase(f.Desk.Act(ctx, caller(c), s.Case, step))
}

// Objection implements wire.Desk.
func (f *Front) Objection(ctx context.Context, c wire.Caller, id string) (wire.Objection, error) {
	return f.objection(f.Desk.Objection(ctx, caller(c), id))
}

// FileObjection implements wire.Desk.
func (f *Front) FileObjection(ctx context.Context, c wire.Caller, o wire.ObjectionFiled) (wire.Objection, error) {
	return f.objection(f.Desk.FileObjection(ctx, caller(c), o.Case, o.Evidence, o.Ground))
}

// DecideObjection implements wire.Desk.
func (f *Front) DecideObjection(ctx context.Context, c wire.Caller, o wire.ObjectionDecided) (wire.Objection, error) {
	return f.objection(f.Desk.DecideObjection(ctx, caller(c), o.Objection, o.Upheld, o.Reason))
}

func (f *Front) objection(o *desk.Objection, err error) (wire.Objection, error) {
	if err != nil {
		return wire.Objection{}, told(err)
	}
	return f.shownObjection(o), nil
}

func (f *Front) shownObjection(o *desk.Objection) wire.Objection {
	return wire.Objection{
		ID: o.ID, Case: o.Case, Household: o.Household, Scheme: o.Scheme, Division: o.Division, Evidence: o.Number, State: string(o.State),
		FiledAt: f.at(o.Filed), DecidedAt: f.at(o.Decided), FiledBy: o.FiledBy, DecidedBy: o.By, Ground: o.Ground, Reason: o.Reason,
		AgeDays: f.Desk.DaysSince(o.Filed.Time()),
	}
}

// Objections implements wire.Desk.
func (f *Front) Objections(ctx context.Context, c wire.Caller, q wire.ObjectionQuery) (wire.List[wire.Objection], error) {
	list, next, err := f.Desk.Objections(ctx, caller(c), desk.ObjectionQuery{
		Household: q.Household, State: review.ObjectionState(q.State), Mine: q.Mine, Cursor: q.After, Limit: q.Limit,
	})
	out := wire.List[wire.Objection]{Next: next}
	for _, o := range list {
		out.Items = append(out.Items, f.shownObjection(o))
	}
	return out, told(err)
}

func (f *Front) oneCase(c *desk.Case, err error) (wire.Case, error) {
	if err != nil {
		return wire.Case{}, told(err)
	}
	return f.shownCase(c), nil
}

// shownCase is a case as it is answered. It names accounts, of whoever has acted on it.
func (f *Front) shownCase(c *desk.Case) wire.Case {
	out := wire.Case{
		ID: c.ID, Household: c.Household, Scheme: c.Scheme, Verdict: c.Verdict, Outcome: c.Outcome.String(), State: string(c.State),
		Proposer: c.Account(c.Proposer), Reviewer: c.Account(c.Reviewer), Assignee: c.Account(c.Assignee),
		Division: c.Division, Since: f.time(c.Since), AgeDays: f.Desk.DaysSince(c.Since), Severity: c.Severity(), Open: c.OpenObjections(), Awaiting: c.Awaiting,
		NoticeAt: f.time(c.NoticeAt), WindowDays: c.WindowDays, Version: int(c.Version),
		Evidence: []wire.Opened{}, Objections: []wire.Objection{}, Steps: []wire.Step{},
	}
	numbers := map[string]int{}
	for _, r := range c.Records {
		numbers[r.Ref] = r.Number
		if !r.Bears {
			continue
		}
		o := wire.Opened{Number: r.Number, By: []string{}}
		for _, x := range c.Opened {
			if x.Record == r.Ref {
				o.By = append(o.By, c.Account(x.Person))
			}
		}
		out.Evidence = append(out.Evidence, o)
	}
	for _, o := range c.Objections {
		out.Objections = append(out.Objections, wire.Objection{
			ID: o.ID, Case: c.ID, Household: c.Household, Scheme: c.Scheme, Division: c.Division, Evidence: numbers[o.Record], State: string(o.State),
			FiledAt: f.time(o.Filed), DecidedAt: f.time(o.Closed), DecidedBy: c.Account(o.By), Reason: o.Reason, AgeDays: f.Desk.DaysSince(o.Filed),
		})
	}
	from := review.Proposed
	for _, s := range c.History {
		out.Steps = append(out.Steps, wire.Step{
			At: f.time(s.At), By: s.Actor.Account, Action: string(s.Kind), From: string(from), To: string(s.To), Reason: s.Reason,
		})
		from = s.To
	}
	return out
}
