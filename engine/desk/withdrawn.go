package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/authorization"
	"github.com/hedui/hedui/engine/dock"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/match"
	"github.com/hedui/hedui/engine/register"
)

// withdrawOperation is how the audit log calls that the upper node is told of a withdrawal.
const withdrawOperation = "dock.withdraw"

// tellUpper is the task to tell the upper node that an authorisation was taken back, if that
// was asked under it: it has the authorisation, too.
func (d *Desk) tellUpper(ctx context.Context, a *authorization.Authorization) ([]ledger.Op, error) {
	if d.o.Upper == nil {
		return nil, nil
	}
	scheme := ""
	err := ledger.All(ctx, d.o.Ledger, ledger.HouseholdsNumbered(a.Household), func(h *ledger.Household) error {
		if h.Authorization != a.Number || len(h.Body) == 0 {
			return nil
		}
		var s register.State
		if err := new(register.Decoder).Decode(h.Body, &s); errors.Is(err, register.ErrVersion) {
			return nil
		} else if err != nil {
			return fmt.Errorf("household %s: %w", h.Key(), err)
		}
		if s.AtUpper() {
			scheme = h.Scheme
		}
		return nil
	})
	if err != nil || scheme == "" {
		return nil, err
	}
	t := &ledger.Task{
		ID: hashID(QueueUpstream, "withdrawn", a.Number), Queue: QueueUpstream, State: TaskOpen, Household: a.Household, Division: a.Division, At: ledger.At(d.o.Now()),
	}
	if t.Body, err = json.Marshal(&storedWait{Scheme: scheme, On: d.Today(), Withdrawn: a.Number}); err != nil {
		return nil, err
	}
	return []ledger.Op{ledger.Put(t)}, nil
}

// tellWithdrawn tells the upper node: it is asked under the authorisation as it is now, and
// refuses. Whatever else it might answer is not looked at.
func (d *Desk) tellWithdrawn(ctx context.Context, t *ledger.Task, w *storedWait, out *Awaited) error {
	r, err := readAuthorization(ctx, d.o.Ledger, w.Withdrawn)
	if err != nil {
		return err
	}
	if r == nil || r.Withdrawn == nil || d.o.Upper == nil {
		out.Ended++
		return d.endWait(ctx, t)
	}
	known := d.o.Upper.Known()
	q := &dock.Question{
		Generation: known.Generation, Household: r.Household, Authorization: r.Number, Division: r.Division, Scheme: w.Scheme, On: w.On.String(), Paper: r.entry.Body,
	}
	for s := household.Tax; s < household.NumChecked && len(q.Sources) == 0; s++ {
		if known.Sources[s] {
			q.Sources = append(q.Sources, s.String())
		}
	}
	for i := range r.Members {
		if m := &r.Members[i]; len(q.Persons) < dock.MaxPersons {
			b, _ := match.ParseDocument(m.DocumentType, []byte(m.Document.Reveal())).Key.AppendBinary(nil) // never fails
			q.Persons = append(q.Persons, b)
		}
	}
	e := audit.Event{
		Who: audit.Who{Actor: "clock", Division: r.Division}, Operation: withdrawOperation, Outcome: audit.Done, Object: known.Node,
		Subjects: []audit.Subject{{Household: r.Household, Authorization: r.Number}},
	}
	if err := d.note(e); err != nil {
		return err
	}
	_, err = d.o.Upper.Ask(ctx, q, true)
	f, failed := errors.AsType[*dock.Failure](err)
	switch {
	case err != nil && !failed:
		return err
	case failed && f.Code != dock.Denied:
		out.Waiting++
		w.Tries, w.Code = w.Tries+1, f.Code
		t.At = ledger.At(d.o.Now().Add(waitAfter(w.Tries)))
		if t.Body, err = json.Marshal(w); err != nil {
			return err
		}
		return d.putWait(ctx, t)
	}
	out.Answered++
	return d.endWait(ctx, t)
}
