package upkeep

import (
	"context"
	"errors"
	"fmt"

	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/keyring"
	"github.com/hedui/hedui/engine/snapshot"
	"github.com/hedui/hedui/engine/store"
)

// Proof is what a data directory holds, every seal of it proven. Two directories with
// the same proof hold the same.
type Proof struct {
	Generation  string   // the current one, "" before the first publish
	Generations []string // ids
	Snapshots   []string // ids
	Entries     int64    // of the audit log
	Head        string   // hash of its newest entry
	// Destroyed are snapshots and generations whose keys were destroyed: they are there
	// and can't be read, which is what destroying a key is for.
	Destroyed []string
}

// Prove proves every seal of a data directory: snapshots, generations, the audit chain.
// keys are those of an encrypted one, nil for one that is not.
func Prove(ctx context.Context, data string, keys *keyring.Ring) (*Proof, error) {
	p := &Proof{}
	dir, err := snapshot.OpenDirWith(data, snapshot.Options{Keys: keys})
	if err != nil {
		return nil, err
	}
	if err := p.snapshots(ctx, dir); err != nil {
		return nil, err
	}
	st, err := store.OpenDirWith(data, store.DirOptions{Keys: keys})
	if err != nil {
		return nil, err
	}
	if p.Generations, err = st.List(); err != nil {
		return nil, err
	}
	if p.Generation, err = st.Current(); err != nil && !errors.Is(err, store.ErrNoCurrent) {
		return nil, err
	}
	for _, id := range p.Generations {
		switch err := sweep(ctx, st, id); {
		case errors.Is(err, keyring.ErrDestroyed):
			p.Destroyed = append(p.Destroyed, id)
		case err != nil:
			return nil, err
		}
	}
	r, err := audit.Verify(ctx, data, audit.VerifyOptions{})
	if err != nil {
		return nil, err
	}
	if !r.OK() {
		return nil, fmt.Errorf("the audit log is broken at entry %d: %s", r.FirstBad, r.Reason)
	}
	p.Entries, p.Head = r.Entries, r.Head
	return p, nil
}

func (p *Proof) snapshots(ctx context.Context, dir *snapshot.Dir) error {
	entries, err := dir.List()
	if errors.Is(err, snapshot.ErrNoData) {
		return nil
	}
	if err != nil {
		return err
	}
	destroyed := map[string]bool{}
	for _, e := range entries {
		p.Snapshots = append(p.Snapshots, e.ID)
		s, err := dir.Open(e.ID)
		switch {
		case errors.Is(err, keyring.ErrDestroyed):
			destroyed[e.ID] = true
			p.Destroyed = append(p.Destroyed, e.ID)
		case err != nil:
			return err
		default:
			if err := s.Close(); err != nil {
				return err
			}
		}
	}
	err = dir.Verify(ctx, nil)
	if len(destroyed) == 0 {
		return err
	}
	return without(err, keyring.ErrDestroyed)
}

// without takes the errors of one kind out of joined ones.
func without(err, kind error) error {
	var joined interface{ Unwrap() []error }
	if !errors.As(err, &joined) {
		if errors.Is(err, kind) {
			return nil
		}
		return err
	}
	var rest []error
	for _, e := range joined.Unwrap() {
		if !errors.Is(e, kind) {
			rest = append(rest, e)
		}
	}
	return errors.Join(rest...)
}

func sweep(ctx context.Context, st store.Store, id string) (err error) {
	g, err := st.Open(id)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.Close()) }()
	return g.Sweep(ctx, nil)
}
