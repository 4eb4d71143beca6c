package publish

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hedui/hedui/engine/durable"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/index"
	"github.com/hedui/hedui/engine/keyring"
	"github.com/hedui/hedui/engine/match/names"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/engine/snapshot"
	"github.com/hedui/hedui/engine/store"
)

// ErrNoSnapshot is returned when no active snapshot is held.
var ErrNoSnapshot = errors.New("there is no snapshot to publish: ingest a department's files first")

// Options say what is published.
type Options struct {
	Dir      string             // the data directory
	Keep     int                // generations that are kept, the new one included; 0 means 2, below 0 all
	Progress func(Progress)     // called from one goroutine; may be nil
	Build    store.BuildOptions // the zero value is good
	Disk     durable.Disk       // the zero value is what a program uses
	Keys     *keyring.Ring      // of an encrypted data directory, nil for one that is not

	rangeBytes int // of the snapshots that are merged at a time, 0 for the usual; tests want several ranges
}

func (o *Options) ranges() int {
	if o.rangeBytes > 0 {
		return o.rangeBytes
	}
	return defaultRangeBytes
}

// Progress is how far a publish is.
type Progress struct {
	Stage       string // "merge", "index" or "seal"
	Done, Total int64  // entries of people
}

// Result says what was published.
type Result struct {
	Generation string // id
	Already    bool   // it was current before: nothing has changed
	Snapshots  []store.SnapshotRef
	Persons    int64 // identified people with an entry
	Unlinked   int64 // entries of rows that belong to no identified person
	Records    int64 // kept of all snapshots
	Blocks     int64 // of all sections
	Bytes      int64 // of all blocks
	Dropped    []string
}

const defaultKeep = 2

// Run makes a generation of the newest active snapshots and switches to it. When
// it returns nil the switch is durable. Every error leaves the current generation
// as it was: ErrNoSnapshot, snapshot.ErrNoData, snapshot.ErrBusy, keyring.ErrLocked, damage of a
// snapshot (snapshot.IsDamaged), a *store.SpaceError, or what ctx says.
func Run(ctx context.Context, o Options) (r Result, err error) {
	dir, err := snapshot.OpenDirWith(o.Dir, snapshot.Options{Disk: o.Disk, Keys: o.Keys})
	if err != nil {
		return r, err
	}
	if _, err := dir.List(); err != nil { // a wrong path must not become a data directory
		return r, err
	}
	lock, err := dir.Lock()
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	entries, err := dir.List()
	if err != nil {
		return r, err
	}
	parts := plan(entries)
	if len(parts) == 0 {
		return r, fmt.Errorf("%s: %w", o.Dir, ErrNoSnapshot)
	}
	s, err := store.OpenDirWith(o.Dir, store.DirOptions{Disk: o.Disk, Keys: o.Keys})
	if err != nil {
		return r, err
	}
	m, r, err := build(ctx, s, dir, parts, lock, &o)
	if err != nil {
		return r, err
	}
	r.fill(m)
	current, err := s.Current()
	if r.Already = err == nil && current == m.ID; r.Already {
		return r, nil
	}
	if err != nil && !errors.Is(err, store.ErrNoCurrent) && !store.IsDamaged(err) {
		return r, err
	}
	if err := s.Activate(m.ID); err != nil {
		return r, err
	}
	r.Dropped, err = prune(s, current, m.ID, o.Keep)
	return r, err
}

func (r *Result) fill(m *store.Manifest) {
	r.Generation, r.Snapshots = m.ID, m.Snapshots
	for _, s := range m.Sections {
		r.Blocks += s.Blocks
		r.Bytes += s.Bytes
	}
	if s, ok := m.Section(store.SectionPeople); ok {
		r.Persons = s.Entries
	}
	if s, ok := m.Section(store.SectionUnlinked); ok {
		r.Unlinked = s.Entries
	}
}

// build merges the parts into a sealed generation.
func build(ctx context.Context, s store.Store, dir *snapshot.Dir, parts []part, lock *snapshot.Lock, o *Options) (_ *store.Manifest, r Result, err error) {
	inputs, contents, expected, err := open(dir, parts)
	defer func() {
		for _, in := range inputs {
			err = errors.Join(err, in.snap.Close())
		}
	}()
	if err != nil {
		return nil, r, err
	}
	options := o.Build
	options.ExpectedBytes = max(options.ExpectedBytes, expected)
	b, err := s.Begin(options)
	if err != nil {
		return nil, r, err
	}
	defer func() { err = errors.Join(err, b.Abort()) }()
	table, err := names.Embedded()
	if err != nil {
		return nil, r, err
	}
	temporary, err := lock.Temporary()
	if err != nil {
		return nil, r, err
	}
	keys, err := index.NewBuilder(table, index.BuildOptions{TempDir: lock.Tmp(), Key: temporary})
	if err != nil {
		return nil, r, err
	}
	defer func() { err = errors.Join(err, keys.Close()) }()
	m := newMerge(ctx, inputs, o.ranges())
	defer m.close()
	m.feed = index.NewFeed(keys, slices.ContainsFunc(parts, func(p part) bool { return p.entry.Source == household.Register }))
	total := int64(0)
	for _, in := range inputs {
		total += in.snap.People()
	}
	progress := func(stage string) {
		if o.Progress != nil {
			o.Progress(Progress{stage, m.done, total})
		}
	}
	for _, section := range []struct {
		name string
		want func(household.PersonKey) bool
	}{
		{store.SectionPeople, household.PersonKey.Linked},
		{store.SectionUnlinked, func(household.PersonKey) bool { return true }},
	} {
		w, err := b.Section(section.name, profile.Version)
		if err != nil {
			return nil, r, err
		}
		if err := m.run(ctx, w, section.want, func() { progress("merge") }); err != nil {
			return nil, r, err
		}
		if err := w.Close(); err != nil {
			return nil, r, err
		}
	}
	r.Records = m.records
	progress("index")
	if err := keys.WriteTo(ctx, b); err != nil {
		return nil, r, err
	}
	progress("seal")
	manifest, err := b.Seal(contents)
	return manifest, r, err
}

// open opens the snapshots of the parts. Those it opened are returned also when it
// fails, to be closed.
func open(dir *snapshot.Dir, parts []part) (inputs []*input, c store.Contents, bytes int64, err error) {
	c.ProfileVersion = profile.Version
	for i := range parts {
		p := &parts[i]
		s, err := dir.Open(p.entry.ID)
		if err != nil {
			return inputs, c, 0, err
		}
		m := s.Manifest()
		bytes += m.Hot.Bytes
		inputs = append(inputs, &input{ordinal: i, part: p, snap: s})
		c.Snapshots = append(c.Snapshots, store.SnapshotRef{
			Ordinal: i, ID: m.ID, Source: m.Source, Provider: m.Provider, AsOf: m.AsOf, Covers: m.Covers,
			Supplies: p.supplies, Rows: m.Counts.Accepted, Persons: m.Persons,
		})
	}
	return inputs, c, bytes, nil
}

// Prune drops generations that are not current, so that keep are left, the
// current one included; of several the one that was current last is not known, so
// it drops by id. It returns the ids dropped. Snapshots that only they pinned may
// be dropped afterwards.
func Prune(dir string, keep int) (dropped []string, err error) {
	d, err := snapshot.OpenDir(dir)
	if err != nil {
		return nil, err
	}
	if _, err := d.List(); err != nil {
		return nil, err
	}
	lock, err := d.Lock()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	s, err := store.OpenDir(dir)
	if err != nil {
		return nil, err
	}
	current, err := s.Current()
	if err != nil {
		return nil, err
	}
	return prune(s, "", current, keep)
}

// prune keeps the current generation, the one before it and others up to keep.
func prune(s store.Store, before, current string, keep int) (dropped []string, err error) {
	if keep < 0 {
		return nil, nil
	}
	if keep == 0 {
		keep = defaultKeep
	}
	ids, err := s.List()
	if err != nil {
		return nil, err
	}
	old := slices.DeleteFunc(ids, func(id string) bool { return id == current })
	slices.SortStableFunc(old, func(a, b string) int {
		switch {
		case a == before:
			return -1
		case b == before:
			return 1
		}
		return 0
	})
	for _, id := range old[min(keep-1, len(old)):] {
		if err := s.Drop(id); err != nil {
			return dropped, err
		}
		dropped = append(dropped, id)
	}
	return dropped, nil
}
