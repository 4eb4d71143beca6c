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
	on         household.Date

	snapshots []snapshot          // by ordinal
	refs      []store.SnapshotRef // by source, provider and ordinal
	providers []provider          // by source, then name
	first     [household.NumSources + 1]int
	views     map[string]*view // by the nearest overlay of the pack

	warrants Warrants // nil when a request's own authorisation decides

	links *links // nil when the pack looks for no weaker links

	docked *docked // nil for a node that asks nobody
}

// snapshot is what a record needs to know of the snapshot it lies in.
type snapshot struct {
	held     bool
	source   household.Source
	provider int
	id       string
}

// provider is one deliverer of one source.
type provider struct {
	source household.Source
	name   string
	node   string // that holds it; "" for this one
	from   int    // its snapshots, a range of refs
	to     int
}

// maxOrdinal bounds the ordinals of snapshots in a manifest.
const maxOrdinal = 1 << 20

// NewVerifier prepares the law of every region on the date of the check, and by it the
// coverage of every provider and the age of every snapshot. It returns a
// *rules.UnresolvedError when the pack says nothing of the date, and an error for a
// manifest that can't be verified against.
func NewVerifier(m *store.Manifest, p *rules.Pack, on household.Date) (*Verifier, error) {
	return NewDocked(m, p, on, nil)
}

// NewDocked is NewVerifier for a node that asks another one for the sources that its own
// generation has nothing of. With nil it asks nobody.
func NewDocked(m *store.Manifest, p *rules.Pack, on household.Date, up *Upstream) (*Verifier, error) {
	if _, ok := household.NewDate(on.Year(), int(on)/100%100, on.Day()); !ok {
		return nil, errors.New("the date of the check is not a date")
	}
	if m.ProfileVersion != profile.Version {
		return nil, fmt.Errorf("generation %s holds profiles of version %d, this program reads version %d: take the files in and publish again", m.ID, m.ProfileVersion, profile.Version)
	}
	v := &Verifier{generation: m.ID, pack: p, on: on, views: map[string]*view{}}
	all, err := v.dock(m.Snapshots, up)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if err := v.addSnapshot(&all[i]); err != nil {
			return nil, fmt.Errorf("generation %s: %w", m.ID, err)
		}
	}
	v.addProviders(all)
	for _, region := range append([]string{""}, p.Regions()...) {
		law, err := p.On(on, region)
		if err != nil {
			return nil, err
		}
		v.views[region] = v.newView(law)
	}
	return v, nil
}

// Pack is the pack that households are judged by.
func (v *Verifier) Pack() *rules.Pack { return v.pack }

// On is the date of the check.
func (v *Verifier) On() household.Date { return v.on }

// Law is what households of a region are judged by.
func (v *Verifier) Law(region string) *rules.Law { return v.view(region).law }

func (v *Verifier) view(region string) *view {
	if len(v.views) == 1 {
		return v.views[""]
	}
	return v.views[v.pack.Nearest(region)]
}

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
	v.snapshots[s.Ordinal] = snapshot{held: true, source: s.Source, id: s.ID}
	return nil
}

// addProviders groups the snapshots by provider.
func (v *Verifier) addProviders(all []store.SnapshotRef) {
	v.refs = slices.Clone(all)
	slices.SortFunc(v.refs, func(a, b store.SnapshotRef) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), strings.Compare(a.Provider, b.Provider), cmp.Compare(a.Ordinal, b.Ordinal))
	})
	for i := range v.refs {
		s := &v.refs[i]
		n := len(v.providers)
		if n == 0 || v.providers[n-1].source != s.Source || v.providers[n-1].name != s.Provider {
			v.providers = append(v.providers, provider{source: s.Source, name: s.Provider, node: v.nodeOf(s.Ordinal), from: i})
			n++
		}
		v.providers[n-1].to = i + 1
		v.snapshots[s.Ordinal].provider = n - 1
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

// locate finds the snapshot of a record and proves that the record may lie in it.
func (v *Verifier) locate(ordinal int, s household.Source) (*snapshot, error) {
	if ordinal < 0 || ordinal >= len(v.snapshots) || !v.snapshots[ordinal].held || v.snapshots[ordinal].source != s {
		return nil, fmt.Errorf("generation %s: a %s record of snapshot %d, which the manifest does not have: %w", v.generation, s, ordinal, profile.ErrDamaged)
	}
	return &v.snapshots[ordinal], nil
}
