package desk

import (
	"context"
	"errors"
	"strings"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/dock"
	"github.com/hedui/hedui/engine/household"
)

// upper is what the upper node holds as far as it has said; nil when nobody is asked.
func (d *Desk) upper() *engine.Upstream {
	if d.o.Upper == nil {
		return nil
	}
	return d.o.Upper.Known()
}

// Upstream is what the upper node holds as far as it has said, for whoever makes a verifier
// of many households: what would be asked of it is pending in their verdicts, and AskAgain
// completes them. It is nil when nobody is asked.
func (d *Desk) Upstream() *engine.Upstream { return d.upper() }

// RefreshUpper asks the upper node what it holds now. It returns nil when nobody is asked.
func (d *Desk) RefreshUpper(ctx context.Context) error {
	if d.o.Upper == nil {
		return nil
	}
	return d.o.Upper.Refresh(ctx)
}

// verify looks a household up, at the upper node too where this one lacks a source. It is
// taken down beforehand. Without an answer what was asked is pending.
func (d *Desk) verify(ctx context.Context, k *kept, e *audit.Event) (*household.Verdict, error) {
	w, plan := k.look.worker, &k.look.plan
	sent, failure, err := d.askUpper(ctx, k, e)
	if err != nil {
		return nil, err
	}
	v, err := w.LookWith(ctx, k.generation, plan, sent)
	if err != nil && sent != nil {
		// Either side may be at fault. What was sent is, when without it all is well.
		var again error
		if v, again = w.Look(ctx, k.generation, plan); again != nil {
			return nil, errors.Join(err, again)
		}
		failure = dock.Form
		if err := d.noteUpper(e, k, failure); err != nil {
			return nil, err
		}
	} else if err != nil {
		return nil, err
	}
	if k.failure = failure; k.waited && engine.Awaits(v) {
		return nil, &unansweredError{failure}
	}
	return v, nil
}

// unansweredError says that the upper node was asked again and has not answered.
type unansweredError struct{ code string }

func (e *unansweredError) Error() string { return "the upper node has not answered: " + e.code }

// askUpper asks the upper node what this one lacks: nil and why when it has not answered.
// The error is one of the centre, or errAgain when the upper node reads another generation
// since.
func (d *Desk) askUpper(ctx context.Context, k *kept, e *audit.Event) (sent [][]byte, failure string, err error) {
	asks := k.look.worker.Asks(&k.look.plan)
	if len(asks) == 0 {
		if k.up != nil && k.up.Generation == "" {
			failure = dock.Unreachable
		}
		return nil, failure, nil
	}
	q := &dock.Question{
		Generation: k.up.Generation, Household: k.number, Authorization: k.found.Number, Division: k.found.Division, Scheme: k.scheme, On: k.on.String(),
	}
	for _, s := range asks {
		q.Sources = append(q.Sources, s.String())
	}
	for _, key := range k.look.plan.Keys() {
		b, _ := key.AppendBinary(nil) // never fails
		q.Persons = append(q.Persons, b)
	}
	asked := *e
	asked.Operation, asked.Object, asked.Request, asked.Fields, asked.Outcome = askOperation, k.up.Node, k.id, q.Sources, audit.Done
	if err := d.note(asked); err != nil {
		return nil, "", err
	}
	sent, err = d.o.Upper.Ask(ctx, q, k.waited)
	if f, ok := errors.AsType[*dock.Failure](err); ok && f.Code == dock.Denied && strings.HasPrefix(f.Detail, "authorization_") {
		// It may not have the authorisation yet, or an earlier state of it.
		q.Paper = k.found.entry.Body
		sent, err = d.o.Upper.Ask(ctx, q, k.waited)
	}
	if err == nil {
		return sent, "", nil
	}
	f, ok := errors.AsType[*dock.Failure](err)
	if !ok {
		return nil, "", err
	}
	failure = f.Code
	if f.Detail != "" {
		failure += "." + f.Detail
	}
	if f.Code == dock.Outdated && d.o.Upper.Refresh(ctx) == nil && !d.o.Upper.Known().Same(k.up) {
		return nil, "", errAgain
	}
	return nil, failure, d.noteUpper(e, k, failure)
}

// askOperation is how the audit log calls that a look goes on at the upper node.
const askOperation = "dock.ask"

// noteUpper takes down that the upper node gave no answer that counts.
func (d *Desk) noteUpper(e *audit.Event, k *kept, failure string) error {
	x := *e
	x.Operation, x.Object, x.Request, x.Outcome, x.Code = askOperation, k.up.Node, k.id, audit.Failed, failure
	return d.note(x)
}
