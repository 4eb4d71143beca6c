package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
)

// keep keeps the answers that the ledger does not have, in their order. One change has as
// many as go into it, and what the order adds for them.
func (r *rowsAsked) keep(ctx context.Context) error {
	for r.done < len(r.rows) || len(r.rows) == 0 {
		if err := r.between(ctx); err != nil {
			return err
		}
		change, to, err := r.group(ctx)
		if err != nil {
			return err
		}
		more, err := r.o.Change(r.answers, r.done, to)
		if err != nil {
			return err
		}
		change.Ops, change.Requires, change.Fence = append(change.Ops, more.Ops...), append(change.Requires, more.Requires...), more.Fence
		if err := r.d.o.Ledger.Commit(ctx, change); errors.Is(err, ledger.ErrConflict) {
			return errors.Join(errAgain, err)
		} else if err != nil {
			return ledgerError(err)
		}
		for i := r.done; i < to; i++ {
			r.rows[i].settled = true
		}
		if r.done = to; len(r.rows) == 0 {
			return nil
		}
	}
	return nil
}

// group makes one change of as many rows from the first that is not done as go into it.
// Two that write the same entry don't go into one.
func (r *rowsAsked) group(ctx context.Context) (change ledger.Change, to int, err error) {
	var g grouping
	n := 0
	for to = r.done; to < len(r.rows); to++ {
		x := &r.rows[to]
		if !x.open() || !r.answers[to].Kept {
			continue
		}
		var one ledger.Change
		if x.kept.rejected != "" {
			one.Ops = []ledger.Op{ledger.Put(x.kept.entry())}
		} else if err := r.d.change(ctx, x.kept, r.careful, &one); err != nil {
			return change, 0, err // errAgain too
		}
		r.answers[to].Case = x.kept.opened
		if r.o.Most > 0 && n >= r.o.Most || !g.add(&change, &one) {
			break
		}
		n++
	}
	return change, to, nil
}

// answeredRow fills in an answer that the ledger has, and reports whether it does.
func (d *Desk) answeredRow(ctx context.Context, a *RowAnswer) (bool, error) {
	q, err := find[ledger.Request](ctx, d.o.Ledger, a.Request)
	if q == nil || err != nil {
		return false, err
	}
	*a = RowAnswer{Request: q.ID, Household: q.Household, Division: q.Division, Verdict: q.Verdict, Refusal: q.Refusal, Again: true, Kept: true}
	if q.Refusal != "" {
		var s storedRefusal
		if json.Unmarshal(q.Body, &s) != nil || len(s.Verdict) == 0 {
			return false, fmt.Errorf("request %s: the ledger does not have what it was answered", q.ID)
		}
		a.Outcome, a.Line = household.Refused, []byte(s.Verdict)
		return true, nil
	}
	v, err := find[ledger.Verdict](ctx, d.o.Ledger, q.Verdict)
	if err != nil {
		return false, err
	}
	if v == nil {
		return false, fmt.Errorf("request %s: the ledger does not have its verdict any more", q.ID)
	}
	a.Outcome, a.Line = household.OutcomeOf(v.Outcome), v.Body
	return true, nil
}

// RowAnswered is the answer to a row that the ledger has under the number of its request,
// nil when it has none.
func (d *Desk) RowAnswered(ctx context.Context, request string) (*RowAnswer, error) {
	a := &RowAnswer{Request: request}
	held, err := d.answeredRow(ctx, a)
	if !held || err != nil {
		return nil, err
	}
	return a, nil
}

// RowRequest is the number of the request that a row of a batch is in the ledger.
func RowRequest(batch, scheme string, line []byte) string {
	return hashID("batch", batch, scheme, string(line))
}

// storedRefusal is the body of a request of a batch that was refused: what its sender was
// told, for whoever fetches it again.
type storedRefusal struct {
	Verdict string `json:"verdict"`
}

func (s storedRefusal) body() []byte {
	b, _ := json.Marshal(s) // a text can always be
	return b
}
