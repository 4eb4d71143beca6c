package engine

import (
	"context"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match/identity"
	"github.com/hedui/hedui/engine/match/names"
	"github.com/hedui/hedui/engine/store"
)

// LinkBy is Link by a policy and a table that many verifiers share.
func (v *Verifier) LinkBy(ctx context.Context, gen store.Generation, policy *identity.Policy, table *names.Table) error {
	return v.link(ctx, gen, policy, table)
}

// Judge judges once more what the last Verify gathered, and nothing else.
func (w *Worker) Judge(out *household.Verdict) {
	out.Findings, w.toConfirm = out.Findings[:0], w.toConfirm[:0]
	w.judge(out)
}
