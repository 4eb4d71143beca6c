package upkeep

import (
	"context"
	"errors"
	"fmt"

	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/ledger"
)

// batches plans which batches go: those that are over, with all their rows. What became of
// each household is in its dossier, and goes with that. A batch that is not over keeps its
// generation.
func (p *planner) batches() error {
	if p.o.Ledger == nil {
		return nil
	}
	before := p.o.Rules.before(RuleBatches, p.o.Now)
	goes := map[string]bool{}
	err := ledger.All(p.ctx, p.o.Ledger, bare(ledger.Every(ledger.KindBatch)), func(b *ledger.Batch) error {
		switch {
		case b.Held:
			p.contested[b.Generation] = true
			p.keep(RuleBatches, "batch", becauseOpen)
		case !b.At.Time().Before(before):
			p.keep(RuleBatches, "batch", becauseYoung)
		default:
			goes[b.ID] = true
			p.goes(Item{Rule: RuleBatches, Kind: "batch", ID: b.ID, Since: b.At.Time(), op: ledger.Erase(b), batch: b.ID})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return ledger.All(p.ctx, p.o.Ledger, bare(ledger.Every(ledger.KindPart)), func(x *ledger.Part) error {
		_, err := ledger.Get[ledger.Batch](p.ctx, p.o.Ledger, x.Batch)
		alone := errors.Is(err, ledger.ErrNotFound) || errors.Is(err, ledger.ErrErased) // messages of no batch
		if err != nil && !alone {
			return err
		}
		if goes[x.Batch] || alone && x.At.Time().Before(before) {
			p.goes(Item{Rule: RuleBatches, Kind: "part", ID: x.Key(), Since: x.At.Time(), op: ledger.Erase(x), batch: x.Batch})
		}
		return nil
	})
}

// batches erases what goes of batches, each batch for itself and its rows before it: one
// that is interrupted is planned again.
func (r *retainer) batches(ctx context.Context, plan *Plan) error {
	of := map[string][]*Item{}
	var order []string
	for i := range plan.Items {
		x := &plan.Items[i]
		if x.Rule != RuleBatches {
			continue
		}
		if of[x.batch] == nil {
			order = append(order, x.batch)
		}
		of[x.batch] = append(of[x.batch], x)
	}
	for _, id := range order {
		e := r.event
		e.Object = id
		if err := r.o.Log.Note(e); err != nil {
			return err
		}
		var ops, last []ledger.Op
		for _, x := range of[id] {
			if x.Kind == "batch" {
				last = append(last, x.op)
			} else {
				ops = append(ops, x.op)
			}
		}
		err := r.commit(ctx, append(ops, last...))
		if errors.Is(err, ledger.ErrConflict) || errors.Is(err, ledger.ErrErased) {
			e.Outcome, e.Code = audit.Failed, "changed"
			r.out.Changed = append(r.out.Changed, id)
			if err := r.o.Log.Note(e); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return fmt.Errorf("batch %s: %w", id, err)
		}
		for _, x := range of[id] {
			r.out.Removed[x.Kind]++
		}
	}
	return nil
}
