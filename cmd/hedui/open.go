package main

import (
	"github.com/hedui/hedui/engine/keyring"
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
