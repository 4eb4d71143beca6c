package engine_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/rules/trace"
)

// part is what a world holds of some sources: the same household, fewer snapshots.
func (w *world) part(keep func(household.Source) bool) world {
	out := *w
	out.Snapshots, out.Records, out.Marks = nil, nil, nil
	index := map[int]int{}
	for i, s := range w.Snapshots {
		if keep(s.Source) {
			index[i] = len(out.Snapshots)
			out.Snapshots = append(out.Snapshots, s)
		}
	}
	for _, r := range w.Records {
		if at, ok := index[r.Snapshot]; ok {
			r.Snapshot = at
			out.Records = append(out.Records, r)
		}
	}
	for _, m := range w.Marks {
		if at, ok := index[m.Snapshot]; ok {
			out.Marks = append(out.Marks, mark{m.Member, at})
		}
	}
	return out
}

// two are a node and the one above it.
type two struct {
	city, upper world
	above       *engine.Upstream
}

// divided gives the upper node the sources that pick takes, and asks it for them.
func divided(w *world, pick func(household.Source) bool) two {
	t := two{city: w.part(func(s household.Source) bool { return !pick(s) }), upper: w.part(pick), above: &engine.Upstream{Node: "省平台", Generation: "upper"}}
	t.above.Snapshots = t.upper.manifest().Snapshots
	for s := household.Tax; s < household.NumChecked; s++ {
		t.above.Sources[s] = true
	}
	return t
}

// answers are what the upper node holds of a plan's people, of the sources asked for.
func (t *two) answers(tb testing.TB, asked []household.Source, keys []household.PersonKey) [][]byte {
	tb.Helper()
	all := t.upper.entries()
	out := make([][]byte, len(keys))
	for i, k := range keys {
		if all[k] == nil {
			continue
		}
		var b profile.Builder
		b.Reset()
		if err := b.Take(all[k], func(s household.Source, snapshot, _ int, _ int64) (int, bool) {
			return snapshot, slices.Contains(asked, s)
		}); err != nil {
			tb.Fatal(err)
		}
		if !b.Empty() {
			out[i] = b.Append(nil)
		}
	}
	return out
}

func (t *two) look(tb testing.TB, answered bool) (*household.Verdict, *engine.Worker) {
	tb.Helper()
	return t.lookAnd(tb, answered, nil)
}

// lookAnd is look, and takes down what the verdict rests on.
func (t *two) lookAnd(tb testing.TB, answered bool, rests *trace.Trace) (*household.Verdict, *engine.Worker) {
	tb.Helper()
	g := generation(tb, t.city, nil)
	v, err := engine.NewDocked(g.Manifest(), reference(), t.city.On, t.above)
	if err != nil {
		tb.Fatal(err)
	}
	w := v.Worker()
	w.Record(rests)
	var p engine.Plan
	w.Prepare(t.city.line("world"), 1, &p)
	var sent [][]byte
	if asked := w.Asks(&p); answered && len(asked) > 0 {
		sent = t.answers(tb, asked, p.Keys())
	}
	out, err := w.LookWith(tb.Context(), g, &p, sent)
	if err != nil {
		tb.Fatal(err)
	}
	return out, w
}

// plain is a verdict without who holds what, as a node that holds everything gives it.
func plain(v *household.Verdict) *household.Verdict {
	v.Generation = ""
	for s := range v.Coverage {
		c := &v.Coverage[s]
		c.State = c.Judged()
		for i := range c.Providers {
			c.Providers[i].Node = ""
		}
	}
	for i := range v.Findings {
		for j := range v.Findings[i].Evidence {
			v.Findings[i].Evidence[j].Node = ""
		}
	}
	return v
}

func drawSources(t *rapid.T) func(household.Source) bool {
	set := rapid.SliceOfNDistinct(rapid.SampledFrom([]household.Source{1, 2, 3, 4, 5}), 0, 5, rapid.ID).Draw(t, "upstream")
	return func(s household.Source) bool { return slices.Contains(set, s) }
}

// Two nodes say what one says that holds all the sources.
func TestDockedIsOneNode(t *testing.T) {
	docked, cited := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		w := worlds().Draw(rt, "world")
		nodes := divided(&w, drawSources(rt))
		got, _ := nodes.look(t, true)
		for i := range got.Findings {
			for _, e := range got.Findings[i].Evidence {
				if e.Node != "" {
					cited++
				}
			}
		}
		for s := household.Tax; s < household.NumChecked; s++ {
			if got.Coverage[s].State == household.Upstream {
				docked++
			}
		}
		if d := cmp.Diff(plain(verifyBy(reference())(w)), plain(got)); d != "" {
			rt.Fatal(d)
		}
	})
	if docked < 20 || cited < 5 {
		t.Errorf("only %d sources were asked of the upper node and %d records of it cited", docked, cited)
	}
}

// While the upper node has not answered, the household is judged as if the source were
// missing, and nothing of it is called none. Its words are others.
func TestPendingIsMissing(t *testing.T) {
	pending := 0
	rapid.Check(t, func(rt *rapid.T) {
		w := worlds().Draw(rt, "world")
		pick := drawSources(rt)
		nodes := divided(&w, pick)
		if rapid.Bool().Draw(rt, "unknown catalogue") {
			nodes.above.Generation, nodes.above.Snapshots = "", nil
		}
		got, _ := nodes.look(t, false)
		for s := household.Tax; s < household.NumChecked; s++ {
			c := &got.Coverage[s]
			if c.State != household.Pending {
				continue
			}
			pending++
			if !engine.Awaits(got) || len(c.Providers) == 0 || c.Judged() != household.Missing {
				rt.Fatalf("%s: %+v", s, c)
			}
			for _, p := range c.Providers {
				if p.State != household.Pending || p.Node != "省平台" {
					rt.Fatalf("%s: %+v", s, p)
				}
			}
		}
		want := verifyBy(reference())(nodes.city)
		for s := range got.Coverage {
			if got.Coverage[s].State == household.Pending {
				got.Coverage[s] = household.SourceCoverage{State: household.Missing}
			}
		}
		if d := cmp.Diff(plain(want), plain(got)); d != "" {
			rt.Fatal(d)
		}
	})
	if pending < 20 {
		t.Errorf("only %d sources were pending", pending)
	}
}

// A verdict that waits for another node, or rests on it, is recomputed from its trace.
func TestReplayOfADockedNode(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := worlds().Draw(rt, "world")
		nodes := divided(&w, drawSources(rt))
		var rests trace.Trace
		out, _ := nodes.lookAnd(t, rapid.Bool().Draw(rt, "answered"), &rests)
		replayed(rt, out, &rests)
	})
}

// A node that asks nobody, or holds every source, says the same bytes as ever.
func TestDockingCostsNobodyElse(t *testing.T) {
	w := sample()
	nodes := divided(&w, func(household.Source) bool { return false })
	got, _ := nodes.look(t, true)
	g := generation(t, w, nil)
	want, err := engine.Check(t.Context(), g, verifier(t, g), w.line("world"))
	if err != nil {
		t.Fatal(err)
	}
	if a, b := string(want.AppendJSON(nil)), string(got.AppendJSON(nil)); a != b {
		t.Errorf("\n%s\n%s", a, b)
	}
}

// What another node sends is held against what it was asked and says it holds.
func TestSentIsChecked(t *testing.T) {
	w := sample()
	nodes := divided(&w, func(s household.Source) bool { return s == household.Vehicle || s == household.Bank })
	g := generation(t, nodes.city, nil)
	v, err := engine.NewDocked(g.Manifest(), reference(), w.On, nodes.above)
	if err != nil {
		t.Fatal(err)
	}
	worker := v.Worker()
	var p engine.Plan
	worker.Prepare(w.line("world"), 1, &p)
	asked := worker.Asks(&p)
	if !slices.Equal(asked, []household.Source{household.Vehicle, household.Bank}) {
		t.Fatalf("asks %v", asked)
	}
	good := nodes.answers(t, asked, p.Keys())
	entry := func(s household.Source, snapshot int, content []byte) []byte {
		var b profile.Builder
		b.Reset()
		b.Add(s, profile.Origin{Snapshot: snapshot, File: 1, Row: 1}, nil, content)
		return b.Append(nil)
	}
	tax := profile.AppendContent(nil, household.Tax, &household.Record{Tax: household.TaxRecord{RecordNo: []byte("T1"), Period: 2026*12 + 1, IncomeType: 1, Income: 1}})
	bank := profile.AppendContent(nil, household.Bank, &household.Record{Bank: household.BankRecord{Institution: []byte("甲"), AccountNo: []byte("1"), Kind: 1, BalanceOn: 20261031}})
	for name, sent := range map[string][][]byte{
		"one person is missing":      good[:1],
		"a person too many":          append(slices.Clone(good), nil),
		"nobody":                     {},
		"a source not asked for":     {entry(household.Tax, 1, tax), nil},
		"a snapshot it does not say": {entry(household.Bank, 77, bank), nil},
		"a snapshot of another":      {entry(household.Bank, 1, bank), nil},
		"no entry":                   {[]byte("no entry"), nil},
	} {
		if out, err := worker.LookWith(t.Context(), g, &p, sent); err == nil {
			t.Errorf("%s: taken, %s", name, out.AppendJSON(nil))
		}
	}
	out, err := worker.LookWith(t.Context(), g, &p, good)
	if err != nil {
		t.Fatal(err)
	}
	if c := out.Coverage[household.Vehicle]; c.State != household.Upstream || c.Providers[0].State != household.Found || c.Providers[0].Node != "省平台" {
		t.Errorf("vehicle %+v", c)
	}
	if c := out.Coverage[household.Bank]; c.State != household.Upstream || c.Providers[0].State != household.None {
		t.Errorf("bank %+v", c)
	}
	// And the record can be kept beside the verdict.
	cited := 0
	for i := range out.Findings {
		for _, e := range out.Findings[i].Evidence {
			if e.Node == "" {
				continue
			}
			cited++
			kept, asOf, err := worker.Sent(&e)
			if err != nil {
				t.Fatal(err)
			}
			var one profile.Profile
			if err := profile.Decode(kept, &one); err != nil {
				t.Fatal(err)
			}
			if asOf != 20261031 || one.Find(e.Source, 0, e.File, e.Row) != 0 || len(one.Vehicle) != 1 || len(one.Tax) != 0 || len(one.Owners) != 1 {
				t.Errorf("%s: %+v", asOf, one)
			}
			e.Row = 99
			if _, _, err := worker.Sent(&e); !errors.Is(err, profile.ErrDamaged) {
				t.Error("a row that was not sent is there:", err)
			}
		}
	}
	if cited == 0 {
		t.Error("the car of the upper node is cited nowhere")
	}
	// The next look of the worker has nothing of the last.
	again, err := worker.Look(t.Context(), g, &p)
	if err != nil || again.Coverage[household.Vehicle].State != household.Pending {
		t.Errorf("%v, %+v", err, again.Coverage[household.Vehicle])
	}
}

// What the authorisation does not cover is no answer either, though the node holds it.
func TestSentIsWhatWasAsked(t *testing.T) {
	w := sample()
	w.Classes = []string{"vehicle"}
	nodes := divided(&w, func(s household.Source) bool { return s == household.Vehicle || s == household.Tax })
	g := generation(t, nodes.city, nil)
	v, err := engine.NewDocked(g.Manifest(), reference(), w.On, nodes.above)
	if err != nil {
		t.Fatal(err)
	}
	worker := v.Worker()
	var p engine.Plan
	worker.Prepare(w.line("world"), 1, &p)
	if _, err := worker.LookWith(t.Context(), g, &p, nodes.answers(t, worker.Asks(&p), p.Keys())); err != nil {
		t.Fatal(err)
	}
	more := nodes.answers(t, []household.Source{household.Vehicle, household.Tax}, p.Keys())
	if _, err := worker.LookWith(t.Context(), g, &p, more); err == nil {
		t.Error("records that nobody authorised are taken")
	}
}

// Nothing is asked without a warrant for it, or that the node holds itself.
func TestAsks(t *testing.T) {
	w := sample()
	upstream := func(s household.Source) bool { return s == household.Bank || s == household.Tax }
	asks := func(w *world, change func(*engine.Upstream)) []household.Source {
		nodes := divided(w, upstream)
		change(nodes.above)
		g := generation(t, nodes.city, nil)
		v, err := engine.NewDocked(g.Manifest(), reference(), w.On, nodes.above)
		if err != nil {
			t.Fatal(err)
		}
		worker := v.Worker()
		var p engine.Plan
		worker.Prepare(w.line("world"), 1, &p)
		return worker.Asks(&p)
	}
	as := func(*engine.Upstream) {}
	limited, expired := w, w
	limited.Classes = []string{"bank", "vehicle"}
	expired.Members = nil
	for name, got := range map[string]struct{ got, want []household.Source }{
		"both":            {asks(&w, as), []household.Source{household.Tax, household.Bank}},
		"authorised":      {asks(&limited, as), []household.Source{household.Bank}},
		"refused":         {asks(&expired, as), nil},
		"not configured":  {asks(&w, func(u *engine.Upstream) { u.Sources[household.Tax] = false }), []household.Source{household.Bank}},
		"it has not said": {asks(&w, func(u *engine.Upstream) { u.Generation, u.Snapshots = "", nil }), nil},
		"it does not have either": {asks(&w, func(u *engine.Upstream) {
			u.Snapshots = slices.DeleteFunc(u.Snapshots, func(s store.SnapshotRef) bool { return s.Source == household.Bank })
		}), []household.Source{household.Tax}},
	} {
		if !slices.Equal(got.got, got.want) {
			t.Errorf("%s: asks %v, want %v", name, got.got, got.want)
		}
	}
	a, b := divided(&w, upstream), divided(&w, upstream)
	if !a.above.Same(b.above) || a.above.Same(nil) {
		t.Error("two of the same are not the same")
	}
	if b.above.Generation = "next"; a.above.Same(b.above) {
		t.Error("another generation is the same")
	}
}
