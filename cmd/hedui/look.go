package main

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/rules"
)

// lookOptions are the flags that every command has that looks at households.
type lookOptions struct {
	data  string
	rules string
	on    dateFlag
}

func (o *lookOptions) declare(cmd *cobra.Command) {
	dataFlag(cmd, &o.data)
	cmd.Flags().StringVar(&o.rules, "rules", "", "`pack` to judge by: a shipped one's name or a folder (required)")
	cmd.Flags().Var(&o.on, "on", "`date` of the check, as in 2026-11-01 (required)")
}

// desk is what a look needs: the current generation, the pack on the date, and
// the audit log that is written first.
type desk struct {
	pack       *rules.Pack
	generation store.Generation
	verifier   *engine.Verifier
	audit      *ledger.Audit
}

// openDesk opens everything a look needs. No household has been looked at when it
// returns. The caller closes the generation.
func openDesk(ctx context.Context, a *app, o lookOptions) (d *desk, err error) {
	d = &desk{}
	if d.pack, err = loadPack(o.rules); err != nil {
		return nil, err
	}
	who, err := a.actor()
	if err != nil {
		return nil, err
	}
	st, err := store.OpenDir(o.data)
	if err != nil {
		return nil, err
	}
	id, err := st.Current()
	if err != nil {
		return nil, err
	}
	if d.generation, err = st.Open(id); err != nil {
		return nil, err
	}
	if d.verifier, err = engine.NewVerifier(d.generation.Manifest(), d.pack, o.on.date); err == nil {
		err = d.verifier.Link(ctx, d.generation)
	}
	if err == nil {
		d.audit, err = ledger.OpenAudit(o.data, ledger.AuditOptions{Actor: who, Now: time.Now})
	}
	if err != nil {
		if _, ok := errors.AsType[*rules.UnresolvedError](err); ok {
			err = withHint(err, "hedui rules show "+o.rules+" lists the dates that the pack knows")
		}
		return nil, errors.Join(err, d.generation.Close())
	}
	return d, nil
}
