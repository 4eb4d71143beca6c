package desk_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/ledger/ledgertest"
	"github.com/hedui/hedui/rules"
)

var statisticsVerdicts = flag.Int("desk.verdicts", 3000, "verdicts in the ledger that statistics are measured on")

// planting puts a planted world into a ledger.
type planting struct {
	t    testing.TB
	l    ledger.Ledger
	next int
	ops  []ledger.Op
}

func (p *planting) put(e ledger.Entry) {
	if p.ops = append(p.ops, ledger.Put(e)); len(p.ops) >= 900 {
		p.commit()
	}
}

func (p *planting) commit() {
	if len(p.ops) > 0 {
		must(p.t, p.l.Commit(p.t.Context(), ledger.Change{Ops: p.ops}))
	}
	p.ops = nil
}

// checks are so many checks of households of their own.
func (p *planting) checks(n int, division, scheme, outcome string, on household.Date) {
	for range n {
		p.next++
		id, number := fmt.Sprintf("%08x-0000", p.next), fmt.Sprintf("%s-%06d", division, p.next)
		r := &ledger.Request{ID: "r" + id, Household: number, Scheme: scheme, On: on, Division: division, Channel: "batch", Verdict: "v" + id}
		if outcome == "refused" {
			r.Verdict, r.Refusal = "", "authorization_unknown"
			p.put(r)
			continue
		}
		v := &ledger.Verdict{ID: "v" + id, Household: number, Scheme: scheme, On: on, Outcome: outcome, Request: r.ID}
		r.Body, v.Body = make([]byte, 900), make([]byte, 1600)
		p.put(r)
		p.put(v)
		p.put(&ledger.Household{Number: number, Scheme: scheme, Division: division, Verdict: v.ID, Outcome: outcome, On: on})
	}
}

// objected is an objection in a planted case.
type objected struct{ rule, source, state string }

// cases are so many cases whose verdict came on a day and was decided so many days later.
func (p *planting) cases(n int, division, state string, on time.Time, days int, list ...objected) {
	for range n {
		p.next++
		id := fmt.Sprintf("c%08x", p.next)
		c := map[string]any{
			"id": id, "household": "h", "scheme": "dibao", "verdict": "v", "outcome": 3, "state": state, "since": on, "window_days": 10, "version": 1,
		}
		steps := map[string]string{"cleared": "clear", "confirmed": "confirm", "final": "confirm"}
		if kind := steps[state]; kind != "" {
			to := state
			if to == "final" {
				to = "confirmed"
			}
			c["history"] = []any{map[string]any{"kind": kind, "at": on.AddDate(0, 0, days), "to": to}}
		}
		var records, objections []any
		for i, o := range list {
			source, _ := household.Sources.Named(o.source)
			records = append(records, map[string]any{"ref": fmt.Sprint("x", i), "rule": o.rule, "record": map[string]any{"source": source}})
			objections = append(objections, map[string]any{"id": fmt.Sprint("o", i), "record": fmt.Sprint("x", i), "state": o.state, "filed": on})
		}
		c["objections"] = objections
		body, err := json.Marshal(map[string]any{"case": c, "records": records})
		must(p.t, err)
		e := &ledger.Case{ID: id, Household: "h", Scheme: "dibao", Division: division, State: state, Opened: ledger.At(on)}
		e.Body = body
		p.put(e)
	}
}

// seeded are so many cases that are planted to measure reviewers, with what is written for
// them.
func (p *planting) seeded(n int, division string) {
	for range n {
		p.next++
		id := fmt.Sprintf("%08x", p.next)
		p.put(&ledger.Request{ID: "r" + id, Household: "s" + id, Scheme: "dibao", On: 20261015, Division: division, Channel: "check", Verdict: "v" + id})
		p.put(&ledger.Verdict{ID: "v" + id, Household: "s" + id, Scheme: "dibao", On: 20261015, Outcome: "suspected_ineligible", Request: "r" + id})
		e := &ledger.Case{ID: "c" + id, Household: "s" + id, Scheme: "dibao", Division: division, State: "cleared", Verdict: "v" + id}
		e.Body = fmt.Appendf(nil, `{"case":{"id":%q,"scheme":"dibao","verdict":%q,"outcome":3,"state":"cleared","since":"2026-10-15T00:00:00Z","seeded":true}}`, "c"+id, "v"+id)
		p.put(e)
	}
}

func deskOver(t testing.TB, w *world, l ledger.Ledger, now func() time.Time) *desk.Desk {
	t.Helper()
	pack, err := rules.Load("reference")
	must(t, err)
	d, err := desk.New(desk.Options{Store: w.store, Ledger: l, Audit: w.audit, Packs: map[string]*rules.Pack{"dibao": pack}, Now: now})
	must(t, err)
	t.Cleanup(func() { must(t, d.Close()) })
	return d
}

var leaderOfCity = official("leader01", "3401", access.Leader)

func TestStatisticsOfAPlantedWorld(t *testing.T) {
	w := newWorld(t, 3)
	p := &planting{t: t, l: w.ledger}
	for _, x := range []struct {
		division  string
		no, warns int
	}{{"340104", 30, 10}, {"340111", 20, 6}, {"340122", 8, 2}} {
		p.checks(x.no, x.division, "dibao", "no_discrepancy", 20261015)
		p.checks(x.warns, x.division, "dibao", "suspected_ineligible", 20261031)
	}
	p.checks(7, "340104", "dibao", "refused", 20261031)
	p.checks(3, "340104", "dibao", "needs_review", 20261101)    // too few to be said
	p.checks(50, "340203", "dibao", "no_discrepancy", 20261001) // of another city
	p.checks(9, "340104", "tekun", "unverifiable", 20260901)
	day := func(d int) time.Time { return time.Date(2026, 10, d, 2, 0, 0, 0, time.UTC) }
	for days := 1; days <= 10; days++ {
		p.cases(1, "340104", "cleared", day(5), days, objected{"undeclared_assets", "bank", "upheld"})
		p.cases(2, "340104", "final", day(5), 2*days)
	}
	p.cases(8, "340104", "proposed", day(25), 0)
	p.cases(5, "340104", "disputed", day(1), 0, objected{"undeclared_assets", "bank", "open"}, objected{"vehicle_owned", "vehicle", "open"})
	p.cases(2, "340104", "returned", day(1), 0)
	p.seeded(6, "340104")
	p.cases(3, "340111", "confirmed", day(-20), 99) // of September, and too few to be said
	p.commit()

	got, err := w.desk.Statistics(t.Context(), leaderOfCity, desk.StatisticsQuery{From: 20261005, To: 20261120, Scheme: "dibao"})
	must(t, err)
	warned := func(n int64) desk.Named { return desk.Named{Name: "suspected_ineligible", Count: n} }
	fine := func(n int64) desk.Named { return desk.Named{Name: "no_discrepancy", Count: n} }
	refused := desk.Named{Name: "refused", Count: 7}
	few := desk.Named{Name: "needs_review", Withheld: true, Partial: true}
	want := &desk.Statistics{
		AsOf: w.clock.Now(),
		Counts: []desk.Count{
			{Scheme: "dibao", Outcome: "needs_review", Withheld: true, Partial: true},
			{Scheme: "dibao", Outcome: "no_discrepancy", Count: 58},
			{Scheme: "dibao", Outcome: "suspected_ineligible", Count: 18},
		},
		Months: []desk.Checks{
			{Month: october, Checks: 83, Outcomes: []desk.Named{fine(58), refused, warned(18)}, WarningPermille: 237},
			{Month: october + 1, Outcomes: []desk.Named{few}, WarningPermille: -1, Partial: true},
		},
		Divisions: []desk.Checks{
			{Division: "340104", Checks: 47, Outcomes: []desk.Named{few, fine(30), refused, warned(10)}, WarningPermille: -1, Partial: true},
			// The two of 340122 are too few, and so that nobody subtracts, neither are the six.
			{Division: "340111", Checks: 20, Outcomes: []desk.Named{fine(20), {Name: "suspected_ineligible", Withheld: true, Partial: true}}, WarningPermille: -1, Partial: true},
			{Division: "340122", Checks: 8, Outcomes: []desk.Named{fine(8), {Name: "suspected_ineligible", Withheld: true, Partial: true}}, WarningPermille: -1, Partial: true},
		},
		States: []desk.Named{
			{Name: "cleared", Count: 10}, {Name: "disputed", Count: 5}, {Name: "final", Count: 20}, {Name: "proposed", Count: 8}, {Name: "returned", Withheld: true, Partial: true},
		},
		Decided: 30, Cleared: 10, ClearedPermille: 333, Waited: desk.Waited{Cases: 30, Median: 8, P90: 18},
		Ages:     []desk.Named{{Name: "0-7", Count: 8}, {Name: "31-60", Count: 7}},
		ByRule:   []desk.Objected{{Name: "undeclared_assets", Filed: 15, Upheld: 10}, {Name: "vehicle_owned", Filed: 5}},
		BySource: []desk.Objected{{Name: "bank", Filed: 15, Upheld: 10}, {Name: "vehicle", Filed: 5}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}

	// What is added later is counted, and a desk that begins now counts the same.
	p.checks(5, "340111", "dibao", "no_discrepancy", 20261102)
	p.cases(6, "340111", "confirmed", day(6), 3)
	p.commit()
	var moved []*ledger.Case // what stands otherwise by now
	must(t, ledger.All(t.Context(), w.ledger, ledger.CasesIn("340104", "proposed"), func(c *ledger.Case) error {
		c.State, c.Body = "cleared", bytes.Replace(c.Body, []byte(`"state":"proposed"`), []byte(`"state":"cleared"`), 1)
		moved = append(moved, c)
		return nil
	}))
	for _, c := range moved {
		p.put(c)
	}
	p.commit()
	again, err := w.desk.Statistics(t.Context(), leaderOfCity, desk.StatisticsQuery{})
	must(t, err)
	anew, err := deskOver(t, w, w.ledger, w.clock.Now).Statistics(t.Context(), leaderOfCity, desk.StatisticsQuery{})
	must(t, err)
	if diff := cmp.Diff(anew, again); diff != "" {
		t.Error(diff)
	}
	if n := len(again.Months); n != 3 || again.Months[2].Checks != 5 || again.Decided != 44 || again.Waited.Cases != 36 || again.Waited.P90 != 18 {
		t.Errorf("%+v", again)
	}
}

const october = household.Month(2026*12 + 9)

// slow is a ledger whose scans take a second.
type slow struct {
	ledger.Ledger
	clock *clock
	scans int
	err   error
}

func (s *slow) Scan(ctx context.Context, k ledger.Kind, fn func(*ledger.Row) error) error {
	s.scans++
	s.clock.pass(time.Second)
	if s.err != nil {
		return s.err
	}
	return s.Ledger.Scan(ctx, k, fn)
}

// Counting takes a bounded share of the time.
func TestStatisticsAreCountedAsOftenAsTheyMay(t *testing.T) {
	w := newWorld(t, 3)
	s := &slow{&ledgertest.Memory{}, w.clock, 0, nil}
	p := &planting{t: t, l: s}
	d := deskOver(t, w, s, w.clock.Now)
	ask := func() *desk.Statistics {
		got, err := d.Statistics(t.Context(), leaderOfCity, desk.StatisticsQuery{})
		must(t, err)
		return got
	}
	first := ask()
	p.checks(6, "340104", "dibao", "no_discrepancy", 20261101)
	p.commit()
	w.clock.pass(time.Minute)
	if got := ask(); !got.AsOf.Equal(first.AsOf) || len(got.Counts) != 0 || s.scans != 3 {
		t.Errorf("%d scans: %+v", s.scans, got)
	}
	// Then the next is counted beside whoever asks.
	w.clock.pass(10 * time.Minute)
	if got := ask(); !got.AsOf.Equal(first.AsOf) {
		t.Errorf("somebody waits: %+v", got)
	}
	got := ask()
	for end := time.Now().Add(10 * time.Second); got.AsOf.Equal(first.AsOf) && time.Now().Before(end); got = ask() {
		time.Sleep(time.Millisecond)
	}
	if len(got.Counts) != 1 {
		t.Errorf("%+v", got)
	}
	// But for one that is far too old everybody waits, and hears of an error.
	w.clock.pass(2 * time.Hour)
	s.err = errBoom
	if _, err := d.Statistics(t.Context(), leaderOfCity, desk.StatisticsQuery{}); !errors.Is(err, errBoom) {
		t.Errorf("got %v", err)
	}
	s.err = nil
	if again := ask(); again.AsOf.Equal(got.AsOf) {
		t.Errorf("%+v", again)
	}
}

// BenchmarkStatistics counts a ledger on the disk for the first time, again after that, and
// asks for what was counted.
func BenchmarkStatistics(b *testing.B) {
	w := newWorld(b, 3)
	l, err := ledger.Open(b.TempDir(), ledger.Options{Reserve: 1})
	must(b, err)
	defer l.Close()
	p := &planting{t: b, l: l}
	counties := []string{"340104", "340111", "340122", "340203", "340304", "340405", "340506", "340604"}
	for i, n := 0, *statisticsVerdicts/len(counties)/12; i < len(counties)*12; i++ {
		on, _ := household.NewDate(2026, 1+i%12, 15)
		p.checks(n*4/5, counties[i/12], "dibao", "no_discrepancy", on)
		p.checks(n/5, counties[i/12], "dibao", "suspected_ineligible", on)
		p.cases(n/5, counties[i/12], "final", time.Date(2026, time.Month(1+i%12), 15, 0, 0, 0, 0, time.UTC), 5, objected{"undeclared_assets", "bank", "upheld"})
	}
	p.commit()
	leader := official("leader01", "34", access.Leader)
	ask := func(d *desk.Desk, what string) {
		began := time.Now()
		_, err := d.Statistics(b.Context(), leader, desk.StatisticsQuery{})
		must(b, err)
		b.ReportMetric(float64(time.Since(began).Microseconds())/1000, what)
	}
	for b.Loop() {
		d := deskOver(b, w, l, w.clock.Now) // whose clock stands, so that it counts each time
		ask(d, "first-ms")
		ask(d, "again-ms")
		d = deskOver(b, w, l, time.Now)
		ask(d, "first-ms")
		ask(d, "counted-ms")
	}
}
