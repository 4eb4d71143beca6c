package front

import (
	"cmp"
	"context"

	"github.com/hedui/hedui/engine/api/wire"
	"github.com/hedui/hedui/engine/desk"
)

// Statistics implements wire.Desk.
func (f *Front) Statistics(ctx context.Context, c wire.Caller, q wire.StatisticsQuery) (wire.Statistics, error) {
	from, to, err := period(q.From, q.To)
	if err != nil {
		return wire.Statistics{}, err
	}
	s, err := f.Desk.Statistics(ctx, caller(c), desk.StatisticsQuery{Division: q.Division, Scheme: q.Scheme, From: from, To: to})
	if err != nil {
		return wire.Statistics{}, told(err)
	}
	out := wire.Statistics{
		Division: cmp.Or(q.Division, c.Division), From: q.From, To: q.To, AsOf: f.time(s.AsOf),
		Months: checks(s.Months), Divisions: checks(s.Divisions), ObjectionsByRule: objected(s.ByRule), ObjectionsBySource: objected(s.BySource),
		Cases: wire.CaseCounts{
			States: named(s.States), Decided: s.Decided, Cleared: s.Cleared, ClearedPermille: permille(s.ClearedPermille),
			WaitedCases: s.Waited.Cases, WaitedMedian: s.Waited.Median, WaitedP90: s.Waited.P90, Ages: named(s.Ages),
		},
		Centres: []wire.CentreHeard{},
	}
	for _, n := range s.Counts {
		out.Counts = append(out.Counts, wire.Count(n))
	}
	if f.Centres == nil {
		return out, nil
	}
	out.Centres, err = f.Centres(ctx, out.Division)
	return out, err
}

func checks(list []desk.Checks) []wire.CheckCounts {
	out := []wire.CheckCounts{}
	for _, r := range list {
		row := wire.CheckCounts{Division: r.Division, Checks: r.Checks, Outcomes: named(r.Outcomes), WarningPermille: permille(r.WarningPermille), Partial: r.Partial}
		if r.Month != 0 {
			row.Month = r.Month.String()
		}
		out = append(out, row)
	}
	return out
}

func named(list []desk.Named) []wire.NamedCount {
	out := []wire.NamedCount{}
	for _, n := range list {
		out = append(out, wire.NamedCount(n))
	}
	return out
}

func objected(list []desk.Objected) []wire.ObjectionCount {
	out := []wire.ObjectionCount{}
	for _, n := range list {
		out = append(out, wire.ObjectionCount(n))
	}
	return out
}

// permille is a share that is said, nil for one that is not.
func permille(n int) *int {
	if n < 0 {
		return nil
	}
	return &n
}
