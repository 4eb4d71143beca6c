package ingest

import (
	"math/bits"
	"slices"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/snapshot"
)

// decide puts a new snapshot into the catalogue: active, or held when it shrank.
// It returns the new catalogue, without the digest of the manifest, or the reason
// why the snapshot is refused.
// manifest opens the manifest of a snapshot that is there.
func decide(entries []snapshot.Entry, m *snapshot.Manifest, o *Options,
	manifest func(id string) (*snapshot.Manifest, error),
) ([]snapshot.Entry, *HeldError, error) {
	e := snapshot.Entry{
		ID: m.ID, Source: m.Source, Provider: m.Provider, AsOf: m.AsOf, Covers: m.Covers, State: snapshot.Active,
		Accepted: m.Counts.Accepted, Persons: m.Persons,
	}
	active := sameDate(entries, &e)
	if active != nil && !o.Supersede {
		return nil, nil, ErrExists
	}
	if active != nil && active.ID == e.ID {
		return slices.Clone(entries), nil, nil // the same files again: nothing changes
	}
	before := newest(entries, &e)
	if m.Source == household.Bank && !o.AcceptInstitutions {
		if err := sameInstitutions(active, before, m, manifest); err != nil {
			return nil, nil, err
		}
	}
	var held *HeldError
	if before != nil && !o.AcceptShrink && shrank(&e, before, o.MaxShrinkPercent) {
		e.State = snapshot.Held
		held = &HeldError{e.ID, before.ID, e.Accepted, before.Accepted, e.Covers, before.Covers, o.MaxShrinkPercent}
	}
	next := slices.DeleteFunc(slices.Clone(entries), func(x snapshot.Entry) bool { return x.ID == e.ID })
	if e.State == snapshot.Active {
		for i := range next {
			if x := &next[i]; x.Same(&e) && x.AsOf == e.AsOf {
				x.State = snapshot.Superseded
			}
		}
	}
	return append(next, e), held, nil
}

// sameDate is the active snapshot of the same provider and date.
func sameDate(entries []snapshot.Entry, e *snapshot.Entry) *snapshot.Entry {
	for i := range entries {
		if x := &entries[i]; x.State == snapshot.Active && x.Same(e) && x.AsOf == e.AsOf {
			return x
		}
	}
	return nil
}

// newest is the active snapshot of the same provider with the latest date.
func newest(entries []snapshot.Entry, e *snapshot.Entry) *snapshot.Entry {
	var last *snapshot.Entry
	for i := range entries {
		if x := &entries[i]; x.State == snapshot.Active && x.Same(e) && (last == nil || x.AsOf > last.AsOf) {
			last = x
		}
	}
	return last
}

// sameInstitutions compares with the snapshot that would be replaced: that of the
// same date, else the newest.
func sameInstitutions(same, newest *snapshot.Entry, m *snapshot.Manifest, manifest func(id string) (*snapshot.Manifest, error)) error {
	replaced := same
	if replaced == nil {
		replaced = newest
	}
	if replaced == nil {
		return nil
	}
	old, err := manifest(replaced.ID)
	if err != nil {
		return err
	}
	e := InstitutionsError{Before: replaced.ID}
	for _, name := range old.Institutions {
		if _, ok := slices.BinarySearch(m.Institutions, name); !ok {
			e.Missing = append(e.Missing, name)
		}
	}
	for _, name := range m.Institutions {
		if _, ok := slices.BinarySearch(old.Institutions, name); !ok {
			e.Added = append(e.Added, name)
		}
	}
	if len(e.Missing)+len(e.Added) > 0 {
		return &e
	}
	return nil
}

// shrank reports whether rows fell by more than percent, for flows per covered
// month: now/months < then/covered × (100 − percent)/100, without dividing.
func shrank(now, then *snapshot.Entry, percent int) bool {
	months, covered := uint64(1), uint64(1)
	if now.Covers.From != 0 {
		months, covered = uint64(now.Covers.Len()), uint64(then.Covers.Len())
	}
	aHi, aLo := bits.Mul64(uint64(now.Accepted), covered*100)
	bHi, bLo := bits.Mul64(uint64(then.Accepted), months*uint64(100-percent))
	return aHi < bHi || aHi == bHi && aLo < bLo
}
