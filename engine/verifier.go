package engine

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/rules"
)

// Verifier verifies households against one generation, by one pack, on one date.
// It is immutable and safe for use by several goroutines, each with a Worker.
type Verifier struct {
	generation string
	pack       *rules.Pack
	ref        household.PackRef
	limits     *rules.Limits
	on         household.Date
	window     household.Months
	windowYear int // when the window is exactly a calendar year, else 0

	snapshots []snapshot // by ordinal
	providers []provider // by source, then name
	first     [household.NumSources + 1]int

	links *links // nil when the pack looks for no weaker links
}

// snapshot is what a record needs to know of the snapshot it lies in.
type snapshot struct {
	held     bool
	source   household.Source
	provider int
	grade    household.Grade
	id       string
}

// provider is one deliverer of one source.
type provider struct {
	source   household.Source
	name     string
	asOf     household.Date // of its newest contributing snapshot
	snapshot string
	partial  bool
	stale    bool
}

// maxOrdinal bounds the ordinals of snapshots in a manifest.
const maxOrdinal = 1 << 20

// NewVerifier prepares the coverage of every provider, the age of every snapshot
// and the limits of the pack on the date of the check. It returns a
// *rules.UnresolvedError when the pack says nothing of the date, and an error for a
// manifest that can't be verified against.
func NewVerifier(m *store.Manifest, p *rules.Pack, on household.Date) (*Verifier, error) {
	if _, ok := household.NewDate(on.Year(), int(on)/100%100, on.Day()); !ok {
		return nil, errors.New("the date of the check is not a date")
	}
	if m.ProfileVersion != profile.Version {
		return nil, fmt.Errorf("generation %s holds profiles of version %d, this program reads version %d: take the files in and publish again", m.ID, m.ProfileVersion, profile.Version)
	}
	limits, err := p.On(on)
	if err != nil {
		return nil, err
	}
	v := &Verifier{
		generation: m.ID, pack: p, limits: limits, on: on, window: p.Window.On(on),
		ref: household.PackRef{Name: p.Name, Version: p.Version, Digest: p.Digest},
	}
	v.windowYear, _ = v.window.CalendarYear()
	for i := range m.Snapshots {
		if err := v.addSnapshot(&m.Snapshots[i]); err != nil {
			return nil, fmt.Errorf("generation %s: %w", m.ID, err)
		}
	}
	v.addProviders(m.Snapshots)
	return v, nil
}

// Pack is the pack that households are judged by.
func (v *Verifier) Pack() *rules.Pack { return v.pack }

// On is the date of the check.
func (v *Verifier) On() household.Date { return v.on }

// Window is the months that income is counted in.
func (v *Verifier) Window() household.Months { return v.window }

func (v *Verifier) addSnapshot(s *store.SnapshotRef) error {
	if s.Ordinal < 0 || s.Ordinal > maxOrdinal || s.Source == 0 || s.Source >= household.NumSources {
		return fmt.Errorf("impossible snapshot %d", s.Ordinal)
	}
	for len(v.snapshots) <= s.Ordinal {
		v.snapshots = append(v.snapshots, snapshot{})
	}
	if v.snapshots[s.Ordinal].held {
		return fmt.Errorf("two snapshots with ordinal %d", s.Ordinal)
	}
	x := snapshot{held: true, source: s.Source, grade: household.GradeA, id: s.ID}
	if v.isStale(s) {
		x.grade = household.GradeB
	}
	v.snapshots[s.Ordinal] = x
	return nil
}

// isStale reports whether a snapshot is too old for grade A. The register holds
// nothing that is graded.
func (v *Verifier) isStale(s *store.SnapshotRef) bool {
	return s.Source < household.NumChecked && v.on.Days()-s.AsOf.Days() > v.pack.StaleDays[s.Source]
}

// addProviders groups the snapshots by provider and says what each can answer.
func (v *Verifier) addProviders(all []store.SnapshotRef) {
	order := make([]*store.SnapshotRef, len(all))
	for i := range all {
		order[i] = &all[i]
	}
	slices.SortFunc(order, func(a, b *store.SnapshotRef) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), strings.Compare(a.Provider, b.Provider), cmp.Compare(a.Ordinal, b.Ordinal))
	})
	var supplied [household.NumSources][]household.Months
	var newest *store.SnapshotRef
	contributes := false
	for _, s := range order {
		n := len(v.providers)
		if n == 0 || v.providers[n-1].source != s.Source || v.providers[n-1].name != s.Provider {
			v.providers = append(v.providers, provider{source: s.Source, name: s.Provider})
			newest, contributes = nil, false
			n++
		}
		p := &v.providers[n-1]
		v.snapshots[s.Ordinal].provider = n - 1
		mine := !s.Source.IsFlow() || v.suppliesWindow(s)
		// The newest snapshot that says something of the window; the newest of all
		// when none does.
		if newest == nil || mine && !contributes || mine == contributes && s.AsOf >= newest.AsOf {
			newest, contributes = s, mine
			p.asOf, p.snapshot = s.AsOf, s.ID
		}
		if mine && v.isStale(s) {
			p.stale = true
		}
		supplied[s.Source] = append(supplied[s.Source], s.Supplies...)
	}
	for i := range v.providers {
		p := &v.providers[i]
		p.partial = p.source.IsFlow() && !v.coversWindow(supplied[p.source])
	}
	for s := household.Tax; s <= household.NumSources; s++ {
		v.first[s] = len(v.providers)
		for i := range v.providers {
			if v.providers[i].source >= s {
				v.first[s] = i
				break
			}
		}
	}
}

func (v *Verifier) suppliesWindow(s *store.SnapshotRef) bool {
	for _, r := range s.Supplies {
		if r.From != 0 && r.From <= v.window.To && r.To >= v.window.From {
			return true
		}
	}
	return false
}

func (v *Verifier) coversWindow(supplied []household.Months) bool {
	for m := v.window.From; m <= v.window.To; m++ {
		if !slices.ContainsFunc(supplied, func(r household.Months) bool { return r.Contains(m) }) {
			return false
		}
	}
	return true
}

// locate finds the snapshot of a record and proves that the record may lie in it.
func (v *Verifier) locate(ordinal int, s household.Source) (*snapshot, error) {
	if ordinal < 0 || ordinal >= len(v.snapshots) || !v.snapshots[ordinal].held || v.snapshots[ordinal].source != s {
		return nil, fmt.Errorf("generation %s: a %s record of snapshot %d, which the manifest does not have: %w", v.generation, s, ordinal, profile.ErrDamaged)
	}
	return &v.snapshots[ordinal], nil
}
