package engine_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"maps"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/block"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/rules"
)

// sample is a household of two with a car and wages, and a member of whom nothing
// is held.
func sample() world {
	w := world{On: checkDay, Members: []person{{Name: "王秀英", Number: number(0)}, {Name: "李建国", Number: number(1)}}}
	window := household.Months{From: 2025*12 + 10, To: 2026*12 + 9}
	for s := household.Tax; s < household.NumChecked; s++ {
		ref := store.SnapshotRef{Source: s, Provider: s.String(), AsOf: 20261031}
		if s.IsFlow() {
			ref.Covers, ref.Supplies = window, []household.Months{window}
		}
		w.Snapshots = append(w.Snapshots, ref)
	}
	w.add(record{Source: household.Vehicle, Snapshot: 1, Name: "王秀英", Data: household.Record{Vehicle: household.VehicleRecord{
		VIN: []byte("LSV12345"), Plate: []byte("皖A00001"), Class: 1, Status: 1,
	}}})
	w.add(record{Source: household.Tax, Snapshot: 0, Name: "王秀英", Data: household.Record{Tax: household.TaxRecord{
		RecordNo: []byte("T000017"), Period: 2026*12 + 1, IncomeType: 1, Income: 130000,
	}}})
	return w
}

// generation seals a world and more entries in memory.
func generation(t testing.TB, w world, more map[household.PersonKey][]byte) store.Generation {
	t.Helper()
	m := store.NewMemory()
	b, err := m.Begin(store.BuildOptions{BlockPeople: 4})
	if err != nil {
		t.Fatal(err)
	}
	s, err := b.Section(store.SectionPeople, profile.Version)
	if err != nil {
		t.Fatal(err)
	}
	all := w.entries()
	maps.Copy(all, more)
	var keys []household.PersonKey
	for k := range all {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, household.PersonKey.Compare)
	for _, k := range keys {
		if err := s.Add(k, all[k]); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	manifest, err := b.Seal(store.Contents{ProfileVersion: profile.Version, Snapshots: w.manifest().Snapshots})
	if err != nil {
		t.Fatal(err)
	}
	g, err := m.Open(manifest.ID)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = g.Close() })
	return g
}

func verifier(t testing.TB, g store.Generation) *engine.Verifier {
	t.Helper()
	v, err := engine.NewVerifier(g.Manifest(), reference(), checkDay)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestCheck(t *testing.T) {
	w := sample()
	g := generation(t, w, nil)
	got, err := engine.Check(context.Background(), g, verifier(t, g), w.line("h1"))
	if err != nil {
		t.Fatal(err)
	}
	p := reference()
	law := p.LawOf
	key := match.ParseDocument(0, []byte(number(0))).Key
	vehicle := []household.Evidence{{Source: household.Vehicle, Provider: "vehicle", Snapshot: "vehicle-vehicle-2026-10-31", File: 1, Row: 1, Record: "L***45", Member: 1, Link: "A1", Key: key}}
	covered := func(s household.Source, state household.CoverageState) household.SourceCoverage {
		return household.SourceCoverage{State: state, Providers: []household.ProviderCoverage{{
			Provider: s.String(), AsOf: 20261031, Snapshot: s.String() + "-" + s.String() + "-2026-10-31", State: state,
		}}}
	}
	want := &household.Verdict{
		HouseholdID: "h1", Scheme: "dibao", On: checkDay, Outcome: household.SuspectedIneligible,
		Findings: []household.Finding{
			{
				Code: "undeclared_income", Effect: household.NeedsReview, Grade: household.GradeA, Member: 1, Type: 1, HasAmount: true, Amount: 130000, Limit: 120000,
				Law: law("undeclared_income"), Evidence: []household.Evidence{{
					Source: household.Tax, Provider: "tax", Snapshot: "tax-tax-2026-10-31", File: 1, Row: 2, Record: "T***17", Member: 1, Link: "A1", Key: key,
					Period: 2026*12 + 1, HasAmount: true, Amount: 130000,
				}},
			},
			{Code: "vehicle_owned", Effect: household.SuspectedIneligible, Grade: household.GradeA, Member: 1, Law: law("vehicle_owned"), Evidence: vehicle},
			{Code: "undeclared_vehicle", Effect: household.NeedsReview, Grade: household.GradeA, Member: 1, Law: law("undeclared_vehicle"), Evidence: vehicle},
		},
		Income: household.IncomeSheet{
			Window: household.Months{From: 2025*12 + 10, To: 2026*12 + 9}, Members: 2, Total: 130000, Limit: 1680000,
			Lines: []household.IncomeLine{{Member: 1, Type: 1, Found: 130000, Counted: 130000}},
		},
		Assets:     household.AssetSheet{FinancialLimit: 3360000, Vehicles: 1},
		Generation: g.Manifest().ID,
		Pack:       household.PackRef{Name: "reference", Version: p.Version, Digest: p.Digest},
	}
	for s := household.Tax; s < household.NumChecked; s++ {
		want.Coverage[s] = covered(s, household.None)
	}
	want.Coverage[household.Tax], want.Coverage[household.Vehicle] = covered(household.Tax, household.Found), covered(household.Vehicle, household.Found)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("verdict (-want +got):\n%s", d)
	}
}

func TestCheckRefusesWithoutReading(t *testing.T) {
	w := sample()
	g := counting{Generation: generation(t, w, nil), views: new(int)}
	v, err := engine.Check(context.Background(), g, verifier(t, g), []byte(`{"household_id":"h1","scheme":"dibao","members":[]}`))
	if err != nil {
		t.Fatal(err)
	}
	if v.Outcome != household.Refused || *g.views != 0 {
		t.Errorf("outcome %s after %d reads", v.Outcome, *g.views)
	}
	const want = `{"household_id":"h1","scheme":"dibao","on":"2026-11-01","outcome":"refused","findings":[{"code":"authorization_missing","effect":"refused"}]}`
	if got := string(v.AppendJSON(nil)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	v, err = engine.Check(context.Background(), g, verifier(t, g), []byte(`nonsense`))
	if err != nil {
		t.Fatal(err)
	}
	const line = `{"line":1,"on":"2026-11-01","outcome":"refused","findings":[{"code":"invalid_request","effect":"refused"}]}`
	if got := string(v.AppendJSON(nil)); got != line {
		t.Errorf("got  %s\nwant %s", got, line)
	}
}

// counting counts the blocks that are looked at.
type counting struct {
	store.Generation
	views *int
}

func (c counting) View(section string, key household.PersonKey, fn func(block.Block) error) error {
	*c.views++
	return c.Generation.View(section, key, fn)
}

func TestUnrelatedPeopleChangeNothing(t *testing.T) {
	w := sample()
	g := generation(t, w, nil)
	before, err := engine.Check(context.Background(), g, verifier(t, g), w.line("h1"))
	if err != nil {
		t.Fatal(err)
	}
	more := map[household.PersonKey][]byte{}
	for i := range 50 {
		other := sample()
		other.Members = []person{{Name: "王秀英", Number: number(100 + i)}}
		maps.Copy(more, other.entries())
	}
	crowded := generation(t, w, more)
	after, err := engine.Check(context.Background(), crowded, verifier(t, crowded), w.line("h1"))
	if err != nil {
		t.Fatal(err)
	}
	after.Generation = before.Generation
	if a, b := before.AppendJSON(nil), after.AppendJSON(nil); !bytes.Equal(a, b) {
		t.Errorf("alone:\n%s\namong others:\n%s", a, b)
	}
}

// broken hands over something else than the sealed block.
type broken struct {
	store.Generation
	view func(key household.PersonKey, fn func(block.Block) error) error
}

func (b broken) View(_ string, key household.PersonKey, fn func(block.Block) error) error {
	return b.view(key, fn)
}

func TestDamageIsNeverAnAnswer(t *testing.T) {
	w := sample()
	key := household.PersonKey{Num: 34010419800101001}
	narrow := func(entry []byte) block.Block {
		var b block.Builder
		if entry != nil {
			if err := b.Add(key, entry); err != nil {
				t.Fatal(err)
			}
		}
		low, high := household.PersonKey{}, household.PersonKey{Num: 99999999999999999}
		if entry == nil {
			high = household.PersonKey{Num: 2}
		}
		raw, err := b.Finish(low, high, false)
		if err != nil {
			t.Fatal(err)
		}
		x, err := block.Open(raw)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	entry := w.entries()[key]
	cases := []struct {
		name string
		view func(key household.PersonKey, fn func(block.Block) error) error
		want error
	}{
		{"the store finds damage", func(household.PersonKey, func(block.Block) error) error {
			return &store.DamageError{File: "000001.sst", Block: 3, Err: block.ErrDamaged}
		}, block.ErrDamaged},
		{"a block of other people", func(_ household.PersonKey, fn func(block.Block) error) error { return fn(narrow(nil)) }, profile.ErrDamaged},
		{"a truncated entry", func(_ household.PersonKey, fn func(block.Block) error) error {
			return fn(narrow(entry[:len(entry)-1]))
		}, profile.ErrDamaged},
		{"a record of a snapshot that is not there", func(_ household.PersonKey, fn func(block.Block) error) error {
			x := sample()
			x.Records[0].Snapshot = 20
			return fn(narrow(x.entries()[key]))
		}, profile.ErrDamaged},
		{"a record of another source's snapshot", func(_ household.PersonKey, fn func(block.Block) error) error {
			x := sample()
			x.Records[0].Snapshot = 3
			return fn(narrow(x.entries()[key]))
		}, profile.ErrDamaged},
		{"a mark of another source's snapshot", func(_ household.PersonKey, fn func(block.Block) error) error {
			var b profile.Builder
			b.Reset()
			b.AddMark(profile.Mark{Source: household.Tax, Snapshot: 2})
			return fn(narrow(b.Append(nil)))
		}, profile.ErrDamaged},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			g := generation(t, w, nil)
			v, err := engine.Check(context.Background(), broken{g, c.view}, verifier(t, g), w.line("h1"))
			if v != nil || !errors.Is(err, c.want) {
				t.Errorf("verdict %v, error %v, want %v", v, err, c.want)
			}
		})
	}
}

func TestCheckWantsItsOwnGeneration(t *testing.T) {
	w := sample()
	g := generation(t, w, nil)
	w.Records = w.Records[:1]
	other := generation(t, w, nil)
	if _, err := engine.Check(context.Background(), other, verifier(t, g), w.line("h1")); err == nil {
		t.Error("a verifier of another generation answered")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := engine.Check(ctx, g, verifier(t, g), w.line("h1")); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end of the context: %v", err)
	}
}

func TestNewVerifierRefuses(t *testing.T) {
	p := reference()
	w := sample()
	good := w.manifest()
	cases := []struct {
		name string
		m    func() *store.Manifest
		on   household.Date
		want string
	}{
		{"no date", func() *store.Manifest { return good }, 0, "the date of the check is not a date"},
		{"no such date", func() *store.Manifest { return good }, 20260230, "the date of the check is not a date"},
		{"two snapshots of one ordinal", func() *store.Manifest {
			m := *good
			m.Snapshots = append(slices.Clone(m.Snapshots), m.Snapshots[0])
			return &m
		}, checkDay, "generation world: two snapshots with ordinal 1"},
		{"an unknown source", func() *store.Manifest {
			return &store.Manifest{ID: "x", ProfileVersion: profile.Version, Snapshots: []store.SnapshotRef{{Ordinal: 1, Source: 9}}}
		}, checkDay, "generation x: impossible snapshot 1"},
		{"newer profiles", func() *store.Manifest {
			return &store.Manifest{ID: "x", ProfileVersion: profile.Version + 1}
		}, checkDay, "generation x holds profiles of version 3, this program reads version 2: take the files in and publish again"},
		{"older profiles", func() *store.Manifest {
			return &store.Manifest{ID: "x", ProfileVersion: profile.Version - 1}
		}, checkDay, "generation x holds profiles of version 1, this program reads version 2: take the files in and publish again"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := engine.NewVerifier(c.m(), p, c.on)
			if err == nil || err.Error() != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
	dir, err := rules.Open("reference")
	if err != nil {
		t.Fatal(err)
	}
	later := fstest.MapFS{}
	for _, name := range []string{"pack.yaml", "parameters.yaml", "income.yaml", "assets.yaml", "rules.yaml", "messages.yaml"} {
		content, err := fs.ReadFile(dir, name)
		if err != nil {
			t.Fatal(err)
		}
		later[name] = &fstest.MapFile{Data: bytes.Replace(content, []byte("0001-01-01, urban"), []byte("2027-01-01, urban"), 1)}
	}
	begins, err := rules.LoadFS(later)
	if err != nil {
		t.Fatal(err)
	}
	var unresolved *rules.UnresolvedError
	if _, err := engine.NewVerifier(good, begins, checkDay); !errors.As(err, &unresolved) {
		t.Errorf("before the first value: %v", err)
	}
}
