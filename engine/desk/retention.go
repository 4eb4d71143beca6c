package desk

import (
	"context"
	"maps"
	"slices"

	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/review"
)

// Contested are the generations behind verdicts that can still be contested or are not
// decided: whoever drops generations leaves these. The current one is among them when
// there is one.
func (d *Desk) Contested(ctx context.Context) ([]string, error) {
	keep := map[string]bool{}
	if id := d.Generation(); id != "" {
		keep[id] = true
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
