package counter

import (
	"context"
	"errors"

	"github.com/hedui/hedui/engine/api/wire"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/review"
)

// Cases lists the queue.
func (k *Counter) Cases(ctx context.Context, c wire.Caller, q wire.CaseQuery) (wire.List[wire.Case], error) {
	all, next, err := k.desk.Cases(ctx, caller(c), desk.CaseQuery{
		Household: q.Household, Mine: q.Mine, State: review.State(q.State), Cursor: q.After, Limit: q.Limit,
	})
	if err != nil {
		return wire.List[wire.Case]{}, refusal(err)
	}
	out := wire.List[wire.Case]{Items: []wire.Case{}, Next: next}
	for _, x := range all {
		out.Items = append(out.Items, k.caseOf(x))
	}
	return out, nil
}

// Case reads a case.
func (k *Counter) Case(ctx context.Context, c wire.Caller, id string) (wire.Case, error) {
	x, err := k.desk.Case(ctx, caller(c), id)
	if err != nil {
		return wire.Case{}, refusal(err)
	}
	return k.caseOf(x), nil
}

// Act takes a step in a case.
func (k *Counter) Act(ctx context.Context, c wire.Caller, s wire.CaseStep) (wire.Case, error) {
	x, err := k.desk.Act(ctx, caller(c), s.Case, desk.Step{
		Kind: review.Kind(s.Action), Version: int64(s.Version), Reason: s.Reason, Assignee: s.Assignee,
	})
	if err != nil {
		return wire.Case{}, refusal(err)
	}
	return k.caseOf(x), nil
}

func (k *Counter) caseOf(x *desk.Case) wire.Case {
	out := wire.Case{
		ID: x.ID, Household: x.Household, Scheme: x.Scheme, Verdict: x.Verdict, Outcome: x.Outcome.String(), State: string(x.State),
		Proposer: x.Proposer, Reviewer: x.Reviewer, Second: x.Second, Assignee: x.Assignee, NoticeAt: k.instant(x.NoticeAt),
		WindowDays: x.WindowDays, Version: int(x.Version), Evidence: []wire.Opened{}, Objections: []wire.Objection{}, Steps: []wire.Step{},
	}
	for _, r := range x.Records {
		o := wire.Opened{Number: r.Number, Bears: r.Bears, By: []string{}}
		for _, p := range x.Opened {
			if p.Record == r.Ref {
				o.By = append(o.By, p.Person)
			}
		}
		out.Evidence = append(out.Evidence, o)
	}
	number := func(ref string) int {
		for _, r := range x.Records {
			if r.Ref == ref {
				return r.Number
			}
		}
		return 0
	}
	for i := range x.Objections {
		o := &x.Objections[i]
		out.Objections = append(out.Objections, wire.Objection{
			ID: o.ID, Case: x.ID, Evidence: number(o.Record), State: string(o.State), FiledAt: k.instant(o.Filed), DecidedAt: k.instant(o.Closed),
			DecidedBy: o.By,
		})
	}
	before := ""
	for i := range x.History {
		h := &x.History[i]
		out.Steps = append(out.Steps, wire.Step{At: k.instant(h.At), By: h.Actor.Account, Action: string(h.Kind), From: before, To: string(h.To), Reason: h.Reason})
		before = string(h.To)
	}
	return out
}

// FileObjection takes the household's objection to a record down.
func (k *Counter) FileObjection(ctx context.Context, c wire.Caller, o wire.ObjectionFiled) (wire.Objection, error) {
	x, err := k.desk.FileObjection(ctx, caller(c), o.Case, o.Evidence, o.Ground)
	return objectionOf(x, err)
}

// DecideObjection upholds or rejects an objection.
func (k *Counter) DecideObjection(ctx context.Context, c wire.Caller, o wire.ObjectionDecided) (wire.Objection, error) {
	x, err := k.desk.DecideObjection(ctx, caller(c), o.Objection, o.Upheld, o.Reason)
	return objectionOf(x, err)
}

func objectionOf(x *desk.Objection, err error) (wire.Objection, error) {
	if err != nil {
		return wire.Objection{}, refusal(err)
	}
	return wire.Objection{ID: x.ID, Case: x.Case, Evidence: x.Number, State: string(x.State)}, nil
}

// Objection reads an objection.
func (k *Counter) Objection(ctx context.Context, c wire.Caller, id string) (wire.Objection, error) {
	held, err := ledger.Get[ledger.Objection](ctx, k.o.Ledger, id)
	of := ""
	switch {
	case err == nil:
		of = held.Case
	case errors.Is(err, ledger.ErrNotFound), errors.Is(err, ledger.ErrErased), errors.Is(err, ledger.ErrInvalid):
	default:
		return wire.Objection{}, err
	}
	// Of a case that is not there or must not be known of the desk says the same.
	all, err := k.desk.Objections(ctx, caller(c), of)
	if err != nil {
		return wire.Objection{}, refusal(err)
	}
	for i := range all {
		if all[i].ID == id {
			return objectionOf(&all[i], nil)
		}
	}
	return wire.Objection{}, wire.Refuse(wire.NotFound)
}
