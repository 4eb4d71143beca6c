package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/engine/store"
)

// Upstream is another node that is asked for sources which this one lacks, and what it
// holds of them.
type Upstream struct {
	Node    string                     // its name
	Sources [household.NumChecked]bool // that it is asked for
	// Generation is what it reads, and Snapshots what that holds of the sources. Both are
	// empty while it has not said: then everything asked of it is pending.
	Generation string
	Snapshots  []store.SnapshotRef
}

// Same reports whether two nodes hold the same, so that one verifier does for both.
func (u *Upstream) Same(o *Upstream) bool {
	if u == nil || o == nil {
		return u == o
	}
	return u.Node == o.Node && u.Sources == o.Sources && u.Generation == o.Generation
}

// docked is what a verifier keeps of the node that it asks.
type docked struct {
	node       string
	generation string                     // "" while it has not said
	offset     int                        // of its ordinals behind the verifier's own
	sources    [household.NumChecked]bool // that it is asked for: the generation has nothing of them
	holds      [household.NumChecked]bool // of them, those that it has something of
}

// dock joins the snapshots of a generation with those of the other node for the sources
// that the generation has nothing of.
func (v *Verifier) dock(own []store.SnapshotRef, up *Upstream) ([]store.SnapshotRef, error) {
	if up == nil {
		return own, nil
	}
	if up.Node == "" {
		return nil, errors.New("the node that is asked has no name")
	}
	d := &docked{node: up.Node, generation: up.Generation, sources: up.Sources}
	for i := range own {
		if s := own[i].Source; s < household.NumChecked {
			d.sources[s] = false
		}
		d.offset = max(d.offset, own[i].Ordinal+1)
	}
	v.docked = d
	if d.generation == "" {
		return own, nil
	}
	all := slices.Clone(own)
	for _, s := range up.Snapshots {
		if s.Source >= household.NumChecked || !d.sources[s.Source] {
			continue
		}
		if s.Ordinal < 0 || s.Ordinal > maxOrdinal {
			return nil, fmt.Errorf("node %s: impossible snapshot %d", up.Node, s.Ordinal)
		}
		d.holds[s.Source] = true
		s.Ordinal += d.offset
		all = append(all, s)
	}
	return all, nil
}

// nodeOf is the node that a snapshot lies on, "" for this one.
func (v *Verifier) nodeOf(ordinal int) string {
	if v.docked == nil || ordinal < v.docked.offset {
		return ""
	}
	return v.docked.node
}

// Asks are the sources that a plan has to be asked of the other node: those that this one
// lacks, that the other holds, and that the authorisation covers. There are none for a
// refused request, of a node that asks nobody, and while the other has not said what it
// holds.
func (w *Worker) Asks(p *Plan) []household.Source {
	d := w.v.docked
	if d == nil || p.refusal != "" {
		return nil
	}
	var out []household.Source
	for s := household.Tax; s < household.NumChecked; s++ {
		if d.holds[s] && p.allowed[s] {
			out = append(out, s)
		}
	}
	return out
}

// Awaits reports whether a verdict waits for an answer of the other node.
func Awaits(v *household.Verdict) bool {
	for s := household.Tax; s < household.NumChecked; s++ {
		c := &v.Coverage[s]
		if c.State == household.Pending || slices.ContainsFunc(c.Providers, func(p household.ProviderCoverage) bool { return p.State == household.Pending }) {
			return true
		}
	}
	return false
}

// errSent says that another node sent something that it was not asked for.
var errSent = errors.New("the other node sent what it was not asked for")

// LookWith is Look with what the other node answered to Asks: an entry for each of the
// plan's keys, as it holds it, with the sources asked for and no others; an empty one says
// that it holds nothing of that person. With nil it has not answered, and what was asked
// of it is pending.
func (w *Worker) LookWith(ctx context.Context, gen store.Generation, p *Plan, sent [][]byte) (*household.Verdict, error) {
	w.sent, w.joined = false, w.joined[:0]
	if sent == nil {
		return w.look(ctx, gen, p, nil)
	}
	asked := w.Asks(p)
	if len(sent) != len(p.keys) || len(asked) == 0 {
		return nil, errSent
	}
	w.sent = true
	defer func() { w.sent = false }()
	return w.look(ctx, gen, p, func(i int, own []byte) ([]byte, error) { return w.combine(own, sent[i], asked) })
}

// combine makes one entry of what two nodes hold of a person.
func (w *Worker) combine(own, sent []byte, asked []household.Source) ([]byte, error) {
	var b profile.Builder
	b.Reset()
	if len(own) > 0 {
		if err := b.Take(own, func(_ household.Source, snapshot, _ int, _ int64) (int, bool) { return snapshot, true }); err != nil {
			return nil, err
		}
	}
	if len(sent) > 0 {
		more := false
		err := b.Take(sent, func(s household.Source, snapshot, _ int, _ int64) (int, bool) {
			if !slices.Contains(asked, s) {
				more = true
			}
			return snapshot + w.v.docked.offset, true
		})
		if more {
			err = errors.Join(err, errSent)
		}
		if err != nil {
			return nil, fmt.Errorf("node %s: %w", w.v.docked.node, err)
		}
	}
	var entry []byte
	if !b.Empty() {
		entry = b.Append(nil)
	}
	w.joined = append(w.joined, entry)
	return entry, nil
}

// Sent is the record of a piece of evidence that another node sent to the last LookWith: an
// entry of that one record, as of snapshot 0, and of what day it is. It is the caller's own.
func (w *Worker) Sent(e *household.Evidence) (entry []byte, asOf household.Date, err error) {
	v := w.v
	i := slices.Index(w.plan.keys, e.Key)
	if i < 0 || i >= len(w.joined) || len(w.joined[i]) == 0 {
		return nil, 0, fmt.Errorf("node %s sent nothing of member %d: %w", e.Node, e.Member, profile.ErrDamaged)
	}
	var b profile.Builder
	b.Reset()
	err = b.Take(w.joined[i], func(s household.Source, snapshot, file int, row int64) (int, bool) {
		return 0, s == e.Source && file == e.File && row == e.Row && snapshot < len(v.snapshots) && v.snapshots[snapshot].id == e.Snapshot
	})
	if err == nil && b.Records() != 1 {
		err = fmt.Errorf("node %s sent %d records of snapshot %s, file %d, row %d: %w", e.Node, b.Records(), e.Snapshot, e.File, e.Row, profile.ErrDamaged)
	}
	if err != nil {
		return nil, 0, err
	}
	for k := range v.refs {
		if s := &v.refs[k]; s.ID == e.Snapshot && s.Source == e.Source {
			asOf = s.AsOf
		}
	}
	return b.Append(nil), asOf, nil
}
