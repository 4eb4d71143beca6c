package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/batch"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/rules"
)

// registerDesk is the register of authorisations behind a command that looks at households.
type registerDesk struct {
	office   *office
	desk     *desk.Desk
	warrants engine.Warrants
	keeper   *desk.Keeper // of the batch that runs
}

// openRegister returns the register of a data directory, nil where every request is judged
// by the authorisation that it claims: as long as there are neither accounts nor
// registered authorisations. packs are those that judge, by scheme, nil for one that
// judges whatever scheme it accepts; op is what the command does.
func (a *app) openRegister(ctx context.Context, data string, log *audit.Log, packs map[string]*rules.Pack, one *rules.Pack, op access.Operation, schemes ...string) (*registerDesk, error) {
	if _, err := os.Stat(filepath.Join(data, "ledger")); errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // no ledger is no register
	}
	of, err := a.openOffice(ctx, data)
	if err != nil {
		return nil, err
	}
	warrants, err := desk.Warrants(ctx, of.ledger, time.Now)
	if err != nil || warrants == nil && of.unjudged {
		return nil, err
	}
	if one != nil {
		packs = map[string]*rules.Pack{}
		for _, s := range slices.Concat(schemes, of.caller.Purposes, one.Schemes, []string{"dibao"}) {
			if s != "" && one.Accepts(s) {
				packs[s] = one
			}
		}
	}
	st, err := a.openStore(data)
	if err != nil {
		return nil, err
	}
	r := &registerDesk{office: of, warrants: warrants}
	r.desk, err = desk.New(desk.Options{Store: st, Ledger: of.ledger, Audit: log, Packs: packs, Now: time.Now, Location: centreZone(), Program: program()})
	if err != nil {
		return nil, err
	}
	if !of.unjudged {
		r.warrants = r.desk.WarrantsFor(ctx, of.caller, op)
	}
	return r, nil
}

// close lets the desk go. The ledger is the app's.
func (r *registerDesk) close() error {
	if r == nil {
		return nil
	}
	return r.desk.Close()
}

// keeping keeps the verdicts of a batch in the ledger before they are written out.
func (r *registerDesk) keeping(ctx context.Context, o *batch.Options) {
	judges := []*engine.Verifier{o.Verifier}
	if o.Verifier == nil {
		judges = nil
		for _, s := range o.Schemes {
			judges = append(judges, s.Verifier)
		}
	}
	by := []string{o.Generation.Manifest().ID, judges[0].On().String()}
	for _, v := range judges {
		by = append(by, v.Pack().Digest)
	}
	o.Keep = func(digest string, next batch.Sink) batch.Sink {
		r.keeper = r.desk.Keeper(ctx, r.office.caller, strings.Join(append([]string{digest}, by...), " "), o.Generation, judges, next)
		return r.keeper
	}
	o.Who, o.Chunk = r.office.caller.Who(), keepChunk
}

// keepChunk is how many households a chunk has whose verdicts are kept: an interrupted
// batch goes on after the last whole one, and keeping takes longer than judging.
const keepChunk = 8192

// caller is who checks one household. Where there are no accounts it is the owner of the
// machine, who reaches whatever the request names.
func (r *registerDesk) caller(ctx context.Context, authorization string, schemes []string) (desk.Caller, error) {
	c := r.office.caller
	if !r.office.unjudged {
		return c, nil
	}
	c.Person, c.Roles, c.Classes, c.Purposes = c.Account, access.RolesOf(access.Verifier), access.AllClasses(), schemes
	row, err := r.office.ledger.Get(ctx, ledger.KindAuthorization, authorization)
	switch {
	case errors.Is(err, ledger.ErrNotFound), errors.Is(err, ledger.ErrErased), errors.Is(err, ledger.ErrInvalid):
		return c, nil // the desk says so
	case err != nil:
		return c, err
	}
	e, err := ledger.Decode(row)
	if err != nil {
		return c, err
	}
	if held, ok := e.(*ledger.Authorization); ok {
		c.Division = held.Division
	}
	return c, nil
}

// run verifies a batch, and goes on when an authorisation was changed between the
// judgement of a household and the keeping of its verdict.
func (r *registerDesk) run(ctx context.Context, o batch.Options) (batch.Result, error) {
	if r != nil {
		r.keeping(ctx, &o)
	}
	for attempt := 1; ; attempt++ {
		result, err := batch.Run(ctx, o)
		if r != nil && r.keeper != nil {
			err = errors.Join(err, r.keeper.Close())
			r.keeper = nil
		}
		if attempt == maxAttempts || !errors.Is(err, desk.ErrChangedMeanwhile) {
			return result, err
		}
		o.Restart = false
	}
}

// maxAttempts is how often a batch goes on by itself.
const maxAttempts = 5
