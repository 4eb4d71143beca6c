package front

import (
	"context"
	"math"

	"github.com/hedui/hedui/engine/api/wire"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/household"
)

// Coverage implements wire.Desk. Whether the caller may, the list of snapshots says.
func (f *Front) Coverage(ctx context.Context, c wire.Caller) (wire.Coverage, error) {
	held, err := f.Snapshots(ctx, c, wire.Page{Limit: math.MaxInt32})
	if err != nil {
		return wire.Coverage{}, err
	}
	is, err := f.Desk.Coverage()
	if err != nil {
		return wire.Coverage{}, told(err)
	}
	out := wire.Coverage{Generation: is.Generation, On: is.On.String()}
	for i := range is.Sources {
		out.Sources = append(out.Sources, coverageOf(&is.Sources[i], held.Items, is.On))
	}
	return out, nil
}

// coverageOf joins what is published of a source with what is held of it.
func coverageOf(s *desk.SourceDelivery, held []wire.Snapshot, on household.Date) wire.CoverageSource {
	out := wire.CoverageSource{
		Source: s.Source.String(), Missing: len(s.Deliveries) == 0, StaleDays: s.StaleDays, Wanting: s.Wanting, Upstream: s.Upstream, Deliveries: []wire.Delivery{},
	}
	if s.Window.Len() > 0 {
		out.Months = s.Window.String()
	}
	for _, m := range s.Uncovered {
		out.Uncovered = append(out.Uncovered, m.String())
	}
	published := map[string]bool{}
	for i := range s.Deliveries {
		x := &s.Deliveries[i]
		d := wire.Delivery{
			Snapshot: x.Snapshot, Provider: x.Provider, AsOf: x.AsOf.String(), AgeDays: x.Age, Stale: x.Stale, Published: true, Accepted: x.Rows, Rows: x.Rows,
		}
		if x.Covers.Len() > 0 {
			d.Covers = x.Covers.String()
		}
		published[x.Snapshot] = true
		for j := range held {
			if held[j].ID == x.Snapshot {
				d = deliveryOf(&held[j], d)
			}
		}
		out.Deliveries = append(out.Deliveries, d)
	}
	for j := range held {
		x := &held[j]
		if x.Source != out.Source || published[x.ID] {
			continue
		}
		d := wire.Delivery{}
		if asOf, ok := household.ParseDate([]byte(x.AsOf)); ok {
			d.AgeDays = on.Days() - asOf.Days()
			d.Stale = s.StaleDays > 0 && d.AgeDays > s.StaleDays
		}
		out.Deliveries = append(out.Deliveries, deliveryOf(x, d))
	}
	return out
}

// deliveryOf adds what a snapshot says of its own rows.
func deliveryOf(x *wire.Snapshot, d wire.Delivery) wire.Delivery {
	d.Snapshot, d.Provider, d.AsOf, d.State = x.ID, x.Provider, x.AsOf, x.State
	d.Rows, d.Accepted, d.Quarantined, d.Duplicates = x.Rows, x.Accepted, x.Quarantined, x.Duplicates
	if x.Covers != "" {
		d.Covers = x.Covers
	}
	if d.Rows > 0 {
		d.PerMillion = d.Quarantined * 1_000_000 / d.Rows
	}
	return d
}
