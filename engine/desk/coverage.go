package desk

import (
	"errors"
	"slices"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/rules"
)

// Coverage is what the departments have delivered as far as it is published, and what is
// wanting for today. It says nothing of any household: whoever shows it asks the policy.
type Coverage struct {
	Generation string // "" when nothing was published
	On         household.Date
	Sources    []SourceDelivery // every source that households are checked against
}

// SourceDelivery is what one source has delivered.
type SourceDelivery struct {
	Source     household.Source
	Deliveries []Delivery
	// Upstream is the node that is asked for the source, which this one lacks; the
	// deliveries are then its own, as far as it has said.
	Upstream string
	// StaleDays is after how many days a delivery is too old, by the strictest of the
	// rules; 0 when none of them says.
	StaleDays int
	// Wanting are the providers that the rules expect and that have not delivered.
	Wanting []string
	// Window are the months that the rules look back over, of a source that tells of
	// months; Uncovered are those of them that nobody has delivered.
	Window    household.Months
	Uncovered []household.Month
}

// Delivery is one snapshot that is published.
type Delivery struct {
	Snapshot, Provider string
	AsOf               household.Date
	Covers             household.Months // zero of a source that tells how things stand
	Rows, Persons      int64
	Age                int // days
	Stale              bool
}

// Coverage reports what is published.
func (d *Desk) Coverage() (*Coverage, error) {
	out := &Coverage{On: d.Today()}
	var refs []store.SnapshotRef
	g, err := d.current.acquire()
	switch {
	case err == nil:
		out.Generation, refs = g.id, slices.Clone(g.Manifest().Snapshots)
		if err := d.current.release(g); err != nil {
			return nil, err
		}
	case !errors.Is(err, store.ErrNoCurrent):
		return nil, err
	}
	laws := d.laws(out.On)
	up := d.upper()
	for s := household.Tax; s < household.NumChecked; s++ {
		node, of := "", refs
		if up != nil && up.Sources[s] && !slices.ContainsFunc(refs, func(r store.SnapshotRef) bool { return r.Source == s }) {
			node, of = up.Node, up.Snapshots
		}
		x := sourceDelivery(s, of, laws, out.On)
		x.Upstream = node
		out.Sources = append(out.Sources, x)
	}
	return out, nil
}

// laws are the laws of every scheme on a day, of the whole of the centre's place. One that
// nobody knows on the day asks for nothing.
func (d *Desk) laws(on household.Date) []*rules.Law {
	var list []*rules.Law
	for _, scheme := range d.schemes {
		if law, err := d.o.Packs[scheme].On(on, ""); err == nil {
			list = append(list, law)
		}
	}
	return list
}

func sourceDelivery(s household.Source, refs []store.SnapshotRef, laws []*rules.Law, on household.Date) SourceDelivery {
	out := SourceDelivery{Source: s}
	var supplied []household.Months
	for i := range refs {
		r := &refs[i]
		if r.Source != s {
			continue
		}
		supplied = append(supplied, r.Supplies...)
		out.Deliveries = append(out.Deliveries, Delivery{
			Snapshot: r.ID, Provider: r.Provider, AsOf: r.AsOf, Covers: r.Covers, Rows: r.Rows, Persons: r.Persons, Age: on.Days() - r.AsOf.Days(),
		})
	}
	for _, law := range laws {
		if n := law.StaleDays[s]; n > 0 && (out.StaleDays == 0 || n < out.StaleDays) {
			out.StaleDays = n
		}
		for _, p := range law.Expected[s] {
			has := func(x Delivery) bool { return x.Provider == p }
			if !slices.ContainsFunc(out.Deliveries, has) && !slices.Contains(out.Wanting, p) {
				out.Wanting = append(out.Wanting, p)
			}
		}
		for _, w := range law.Windows {
			if m := w.On(on); s.IsFlow() && m.Len() > out.Window.Len() {
				out.Window = m
			}
		}
	}
	for i := range out.Deliveries {
		x := &out.Deliveries[i]
		x.Stale = out.StaleDays > 0 && x.Age > out.StaleDays
	}
	for m := out.Window.From; out.Window.Len() > 0 && m <= out.Window.To; m++ {
		if !slices.ContainsFunc(supplied, func(x household.Months) bool { return x.Contains(m) }) {
			out.Uncovered = append(out.Uncovered, m)
		}
	}
	return out
}
