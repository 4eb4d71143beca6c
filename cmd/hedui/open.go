package main

import (
	"context"
	"errors"
	"time"

	"github.com/hedui/hedui/engine/keyring"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/snapshot"
	"github.com/hedui/hedui/engine/store"
)

// keys opens the keys of a data directory, nil for one that is not encrypted.
func (a *app) keys(data string) (*keyring.Ring, error) {
	keys, err := keyring.Open(data, a.keyFile)
	if keys != nil {
		// From here on the memory of this process holds keys.
		if err := keyring.NoCoreDumps(); err != nil {
			return nil, err
		}
	}
	return keys, err
}

// openStore opens the generations of a data directory.
func (a *app) openStore(data string) (*store.Dir, error) {
	keys, err := a.keys(data)
	if err != nil {
		return nil, err
	}
	return store.OpenDirWith(data, store.DirOptions{Keys: keys})
}

// openSnapshots opens the snapshots of a data directory.
func (a *app) openSnapshots(data string) (*snapshot.Dir, error) {
	keys, err := a.keys(data)
	if err != nil {
		return nil, err
	}
	return snapshot.OpenDirWith(data, snapshot.Options{Keys: keys})
}

// ledgerOptions are how the ledger of a data directory is opened: sealed, and with
// pseudonyms by the keys, where the directory is encrypted.
func (a *app) ledgerOptions(data string) (ledger.Options, error) {
	o := ledger.Options{Logger: a.logger}
	ring, err := a.keys(data)
	if ring == nil || err != nil {
		return o, err
	}
	key, err := ring.Named(keyring.Ledger)
	if err != nil {
		return o, err
	}
	secret, err := ring.Named(keyring.Pseudonymy)
	if err != nil {
		return o, err
	}
	pseudonyms, err := secret.Pseudonyms("ledger")
	if err != nil {
		return o, err
	}
	o.Sealer, o.Pseudonym = key.Values(), pseudonyms.Of
	return o, nil
}

// dialServed is dialLedger for whoever works beside hedui serve. When serve was killed it is
// waited for: who takes the ledger over before serve is started again keeps serve from it.
func (a *app) dialServed(ctx context.Context, data string) (ledger.Ledger, error) {
	o, err := a.ledgerOptions(data)
	if err != nil {
		return nil, err
	}
	for since := time.Now(); ledger.Abandoned(data) && time.Since(since) < unattended; {
		c, err := ledger.Connect(ctx, data, o)
		if err == nil {
			return c, nil
		}
		if !errors.Is(err, ledger.ErrUnreachable) {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
	return a.dialLedger(ctx, data)
}

// dialLedger opens the ledger of a data directory, or speaks to the process that has it
// open.
func (a *app) dialLedger(ctx context.Context, data string) (ledger.Ledger, error) {
	o, err := a.ledgerOptions(data)
	if err != nil {
		return nil, err
	}
	return ledger.Dial(ctx, data, o)
}
