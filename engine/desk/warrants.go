package desk

import (
	"context"
	"time"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/ledger"
)

// Warrants is the register of a ledger for whoever verifies outside a desk: batches and
// commands. It is nil, and requests are judged by their own authorisations, as long as
// none is registered. Every request reads the ledger anew, so that a withdrawal holds
// from the moment it was acknowledged, also in the middle of a batch.
func Warrants(ctx context.Context, l ledger.Ledger, now func() time.Time) (engine.Warrants, error) {
	q := ledger.Every(ledger.KindAuthorization)
	q.Limit, q.Bare = 1, true
	page, err := l.List(ctx, q)
	if err != nil || len(page.Rows) == 0 {
		return nil, err
	}
	return &warrants{ctx, l, now}, nil
}

// warrants judges authorisations whoever asks.
type warrants struct {
	ctx    context.Context //nolint:containedctx // of the batch, which is one call
	ledger ledger.Ledger
	now    func() time.Time
}

// Warrant implements engine.Warrants.
func (r *warrants) Warrant(q engine.Asked) (engine.Warrant, error) {
	w, _, err := warrant(r.ctx, r.ledger, q, r.now(), nil)
	return w, err
}
