package publish_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/hedui/hedui/engine/changes"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/publish"
	"github.com/hedui/hedui/engine/store"
)

// between is what the digests of two generations say.
func between(t *testing.T, dir, before, after string) *changes.Diff {
	t.Helper()
	s, err := store.OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	a, errA := s.Open(before)
	b, errB := s.Open(after)
	if err := errors.Join(errA, errB); err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	defer b.Close()
	d, err := changes.Compare(t.Context(), a, b)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// The digests of a generation differ for exactly those of whom something else is held.
func TestDigestsSayWhoChanged(t *testing.T) {
	bank := func(name string, asOf household.Date, rows ...string) delivery {
		return delivery{source: household.Bank, provider: name, asOf: asOf, rows: rows}
	}
	tax := func(asOf household.Date, covers string, rows ...string) delivery {
		return delivery{source: household.Tax, asOf: asOf, covers: covers, rows: rows}
	}
	three := bank("甲", 20260930, bankRow(1, "甲", 1), bankRow(2, "甲", 2), bankRow(3, "甲", 3))
	year := tax(20260930, "2026-01..2026-09", taxRow(1, "T1", "2026-01", 1), taxRow(2, "T2", "2026-08", 2), taxRow(3, "T3", "2026-09", 3))
	nobody := ",李伟,甲,9,demand,1,2026-10-31"
	tests := map[string]struct {
		before, after []delivery
		want          changes.Diff
	}{
		"the same again, in another order, on another day": {
			[]delivery{three, year}, []delivery{bank("甲", 20261031, bankRow(3, "甲", 3), bankRow(2, "甲", 2), bankRow(1, "甲", 1))}, changes.Diff{},
		},
		"a balance": {
			[]delivery{three},
			[]delivery{bank("甲", 20261031, bankRow(1, "甲", 1), bankRow(2, "甲", 20), bankRow(3, "甲", 3))},
			changes.Diff{Changed: []household.PersonKey{person(2)}},
		},
		"the first of the file goes and the next is first": {
			[]delivery{three},
			[]delivery{bank("甲", 20261031, bankRow(2, "甲", 2), bankRow(3, "甲", 3))},
			changes.Diff{Removed: []household.PersonKey{person(1)}},
		},
		"somebody comes before the first": {
			[]delivery{three},
			[]delivery{bank("甲", 20261031, bankRow(0, "甲", 1), bankRow(1, "甲", 1), bankRow(2, "甲", 2), bankRow(3, "甲", 3))},
			changes.Diff{Added: []household.PersonKey{person(0)}},
		},
		"another source comes in beside it": {
			[]delivery{three},
			[]delivery{tax(20260930, "2026-01..2026-09", taxRow(2, "T", "2026-01", 1))},
			changes.Diff{Changed: []household.PersonKey{person(2)}},
		},
		"a month more": {
			[]delivery{year, three},
			[]delivery{tax(20261031, "2026-10..2026-10", taxRow(3, "T3", "2026-10", 3))},
			changes.Diff{Changed: []household.PersonKey{person(3)}},
		},
		"a month again, the same": {
			[]delivery{year}, []delivery{tax(20261031, "2026-09..2026-09", taxRow(3, "T3", "2026-09", 3))}, changes.Diff{},
		},
		"a row that can't be used leaves a mark": {
			[]delivery{three},
			[]delivery{bank("甲", 20261031, bankRow(1, "甲", 1), bankRow(2, "甲", 2), bankRow(3, "甲", 3), id(3)+",王秀英,甲,7,demand,x,2026-10-31")},
			changes.Diff{Changed: []household.PersonKey{person(3)}},
		},
		"the same rows from another bank": {
			[]delivery{three, bank("乙", 20260930, bankRow(4, "乙", 1))},
			[]delivery{bank("甲", 20261031, bankRow(2, "甲", 2), bankRow(3, "甲", 3)), bank("乙", 20261031, bankRow(1, "甲", 1), bankRow(4, "乙", 1))},
			changes.Diff{Changed: []household.PersonKey{person(1)}},
		},
		"rows of nobody": {
			[]delivery{three},
			[]delivery{bank("甲", 20261031, bankRow(1, "甲", 1), bankRow(2, "甲", 2), bankRow(3, "甲", 3), nobody)},
			changes.Diff{Added: []household.PersonKey{{Num: household.NoDocument, Text: "李伟"}}},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for _, d := range tt.before {
				d.free = true
				deliver(t, dir, d)
			}
			before := run(t, dir)
			for _, d := range tt.after {
				d.free = true
				deliver(t, dir, d)
			}
			after := run(t, dir)
			if before.Generation == after.Generation {
				t.Fatal("nothing was published")
			}
			if diff := cmp.Diff(&tt.want, between(t, dir, before.Generation, after.Generation), cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
			back := between(t, dir, after.Generation, before.Generation)
			if !slices.Equal(back.Added, tt.want.Removed) || !slices.Equal(back.Removed, tt.want.Added) || !slices.Equal(back.Changed, tt.want.Changed) {
				t.Errorf("the other way round %v", back)
			}
		})
	}
}

// Digests do not depend on who merges what.
func TestDigestsOfRanges(t *testing.T) {
	dir := t.TempDir()
	var rows []string
	for i := range 900 {
		rows = append(rows, bankRow(i, "甲", i))
	}
	deliver(t, dir, delivery{source: household.Bank, asOf: 20261031, rows: rows})
	want := run(t, dir)
	got, err := publish.Run(t.Context(), publish.Options{Dir: dir}.WithRangeBytes(1))
	if err != nil || got.Generation != want.Generation {
		t.Errorf("%v %v", got, err)
	}
}
