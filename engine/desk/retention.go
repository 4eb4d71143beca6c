package desk

import (
	"context"
	"maps"
	"slices"

	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/review"
)

// Contested are the generations behind verdicts that can still be contested or are not
// decided, and those that batches were accepted for which are not over: whoever drops
// generations leaves these. The current one is among them when there is one.
func (d *Desk) Contested(ctx context.Context) ([]string, error) {
	keep := map[string]bool{}
	if id := d.Generation(); id != "" {
		keep[id] = true
	}
	q := ledger.Every(ledger.KindBatch)
	q.Bare = true
	if err := ledger.All(ctx, d.o.Ledger, q, func(b *ledger.Batch) error {
		if b.Held {
			keep[b.Generation] = true
		}
		return nil
	}); err != nil {
		return nil, ledgerError(err)
	}
	for _, state := range review.States() {
		if state.Closed() {
			continue
		}
		err := ledger.All(ctx, d.o.Ledger, ledger.CasesIn("", string(state)), func(e *ledger.Case) error {
			v, err := find[ledger.Verdict](ctx, d.o.Ledger, e.Verdict)
			if err == nil && v != nil && v.Generation != "" {
				keep[v.Generation] = true
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return slices.Sorted(maps.Keys(keep)), nil
}
