package upkeep_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/hedui/hedui/bench/province"
	"github.com/hedui/hedui/connectors/departments"
	"github.com/hedui/hedui/engine/durable"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ingest"
	"github.com/hedui/hedui/engine/keyring"
	"github.com/hedui/hedui/engine/snapshot"
	"github.com/hedui/hedui/engine/upkeep"
)

// An encrypted centre comes back with its keys and not without; what was shredded after
// the backup is not readable in it, and is named.
func TestEncrypted(t *testing.T) {
	ctx := context.Background()
	data, key, table := filepath.Join(t.TempDir(), "store"), filepath.Join(t.TempDir(), "master.key"), filepath.Join(t.TempDir(), "keys.json")
	must(t, keyring.Init(durable.Disk{}, data, key, keyring.AES))
	ring, err := keyring.Open(data, key)
	must(t, err)
	files := t.TempDir()
	_, err = province.Generate(ctx, province.Options{People: 300, Seed: 1, BatchPercent: 10, Out: files})
	must(t, err)
	var taken []string
	for _, day := range []household.Date{20260930, 20261031} {
		r, err := ingest.Run(ctx, ingest.Options{
			Dir: data, Keys: ring, Department: departments.Of(household.Vehicle), AsOf: day,
			Files: []string{filepath.Join(files, "vehicle.csv")},
		})
		must(t, err)
		taken = append(taken, r.Snapshot)
	}
	p, pool := pool(t)
	l, err := p.Backup(ctx, upkeep.Options{Data: data, Now: clock})
	must(t, err)
	must(t, keyring.SaveTable(durable.Disk{}, data, table))

	// Nothing of the keys is in the pool.
	keys, err := os.ReadFile(filepath.Join(data, "keys.json"))
	must(t, err)
	must(t, filepath.WalkDir(pool, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(name)
		if bytes.Contains(b, keys[len(keys)/2:len(keys)/2+60]) {
			t.Error(name, "holds keys")
		}
		return err
	}))

	into := func() string { return filepath.Join(t.TempDir(), "r") }
	for what, o := range map[string]upkeep.RestoreOptions{
		"no keys":     {Into: into()},
		"no table":    {Into: into(), KeyFile: key},
		"no key file": {Into: into(), KeyTable: table},
	} {
		if _, err := p.Restore(ctx, l, o); !errors.Is(err, upkeep.ErrNoKeys) {
			t.Errorf("%s: %v", what, err)
		}
	}
	r, err := p.Restore(ctx, l, upkeep.RestoreOptions{Into: into(), KeyTable: table, KeyFile: key})
	must(t, err)
	if len(r.Snapshots) != 2 || len(r.Destroyed) != 0 {
		t.Errorf("%+v", r)
	}

	dir, err := snapshot.OpenDirWith(data, snapshot.Options{Keys: ring})
	must(t, err)
	must(t, dir.Drop(taken[0]))
	must(t, keyring.SaveTable(durable.Disk{}, data, table)) // replaces the copy
	o := upkeep.RestoreOptions{Into: into(), KeyTable: table, KeyFile: key}
	r, err = p.Restore(ctx, l, o)
	must(t, err)
	if !slices.Equal(r.Destroyed, taken[:1]) || len(r.Snapshots) != 2 {
		t.Errorf("shredded %v, destroyed %v of %v", taken[0], r.Destroyed, r.Snapshots)
	}
	// A file of the one that is left must still be what it was.
	broken := upkeep.RestoreOptions{Into: into(), KeyTable: table, KeyFile: key}
	for i := range l.Files {
		if l.Files[i].Path == "snapshots/"+taken[1]+"/hot.blocks" {
			l.Files[i] = swapped(l, "snapshots/"+taken[0]+"/hot.blocks", l.Files[i].Path)
		}
	}
	if _, err := p.Restore(ctx, l, broken); err == nil {
		t.Error("the file of another snapshot was taken for it")
	}
	if err := keyring.SaveTable(durable.Disk{}, data, filepath.Join(data, "copy")); err == nil {
		t.Error("a copy of the keys beside the data")
	}
}

// swapped is one file of a backup under the name of another.
func swapped(l *upkeep.List, from, to string) upkeep.File {
	for _, f := range l.Files {
		if f.Path == from {
			f.Path = to
			return f
		}
	}
	return upkeep.File{}
}
