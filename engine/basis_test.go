package engine_test

import (
	"slices"
	"testing"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/rules"
)

// sources are the snapshots of a generation: a bank, and taxes of two deliveries.
func sources(edit func(s []store.SnapshotRef) []store.SnapshotRef) *store.Manifest {
	months := func(s string) household.Months { return must2(household.ParseMonths(s)) }
	list := []store.SnapshotRef{
		{ID: "t1", Source: household.Tax, Provider: "税务", AsOf: 20260930, Covers: months("2025-01..2026-09"), Supplies: []household.Months{months("2025-01..2026-09")}},
		{ID: "t2", Source: household.Tax, Provider: "税务", AsOf: 20261031, Covers: months("2026-10..2026-10"), Supplies: []household.Months{months("2026-10..2026-10")}},
		{ID: "b1", Source: household.Bank, Provider: "甲", AsOf: 20261031},
	}
	if edit != nil {
		list = edit(list)
	}
	for i := range list {
		list[i].Ordinal = i
	}
	return &store.Manifest{ID: "g", ProfileVersion: profile.Version, Snapshots: list}
}

func must2[T any](x T, ok bool) T {
	if !ok {
		panic("not ok")
	}
	return x
}

// The view of a generation is another exactly when verdicts on the same people may be.
func TestView(t *testing.T) {
	pack := must(rules.Load("reference"))
	of := func(m *store.Manifest, b engine.Basis) uint64 {
		return must(engine.NewVerifier(m, pack, 20261101)).Worker().View(b)
	}
	taxAndBank := engine.Basis{Accepted: true, Residence: 1, Sources: 1<<household.Tax | 1<<household.Bank}
	bank := taxAndBank
	bank.Sources = 1 << household.Bank
	month := func(s string) []household.Months { return []household.Months{must2(household.ParseMonths(s))} }
	tests := map[string]struct {
		edit      func(s []store.SnapshotRef) []store.SnapshotRef
		tax, bank bool // the view is another
	}{
		"nothing": {nil, false, false},
		"other ids and days": {func(s []store.SnapshotRef) []store.SnapshotRef {
			for i := range s {
				s[i].ID += "x"
				s[i].AsOf -= 2
			}
			return s
		}, false, false},
		"the bank is old":      {func(s []store.SnapshotRef) []store.SnapshotRef { s[2].AsOf = 20260101; return s }, true, true},
		"the older tax is old": {func(s []store.SnapshotRef) []store.SnapshotRef { s[0].AsOf = 20260101; return s }, true, false},
		"both taxes are old": {func(s []store.SnapshotRef) []store.SnapshotRef {
			s[0].AsOf, s[1].AsOf = 20260101, 20260102
			return s
		}, true, false},
		"one delivery more, cut elsewhere": {func(s []store.SnapshotRef) []store.SnapshotRef {
			s[0].Supplies = month("2025-01..2026-07")
			return slices.Insert(s, 1, store.SnapshotRef{ID: "t3", Source: household.Tax, Provider: "税务", AsOf: 20261001, Covers: month("2026-08..2026-09")[0], Supplies: month("2026-08..2026-09")})
		}, false, false},
		"a month is missing": {func(s []store.SnapshotRef) []store.SnapshotRef { return slices.Delete(s, 1, 2) }, true, false},
		"a month after the window more": {func(s []store.SnapshotRef) []store.SnapshotRef {
			s[1].Supplies = month("2026-10..2026-11")
			return s
		}, false, false},
		"another bank more": {func(s []store.SnapshotRef) []store.SnapshotRef {
			return append(s, store.SnapshotRef{ID: "b2", Source: household.Bank, Provider: "乙", AsOf: 20261031})
		}, true, true},
		"another name": {func(s []store.SnapshotRef) []store.SnapshotRef { s[2].Provider = "丙"; return s }, true, true},
		"a source nobody asks": {func(s []store.SnapshotRef) []store.SnapshotRef {
			return append(s, store.SnapshotRef{ID: "v", Source: household.Vehicle, Provider: "车管", AsOf: 20261031})
		}, false, false},
		"no bank": {func(s []store.SnapshotRef) []store.SnapshotRef { return s[:2] }, true, true},
	}
	for name, tt := range tests {
		for b, want := range map[engine.Basis]bool{taxAndBank: tt.tax, bank: tt.bank} {
			if got := of(sources(nil), b) != of(sources(tt.edit), b); got != want {
				t.Errorf("%s, sources %b: another view %t, want %t", name, b.Sources, got, want)
			}
		}
	}
	// A bare year that lies in deliveries of two ages may be of either: then the same is
	// only the same in one generation.
	two := func(s []store.SnapshotRef) []store.SnapshotRef { s[0].AsOf = 20260101; return s }
	other := sources(two)
	other.ID = "h"
	if of(sources(two), taxAndBank) == of(other, taxAndBank) {
		t.Error("a bare year of two ages is taken for the same in two generations")
	}
	// Which month is of the old delivery counts, also where both ages are there.
	later := sources(func(s []store.SnapshotRef) []store.SnapshotRef {
		s = two(s)
		s[0].Supplies, s[1].Supplies = month("2025-01..2026-08"), month("2026-09..2026-10")
		return s
	})
	if of(sources(two), taxAndBank) == of(later, taxAndBank) {
		t.Error("a month that has come anew is taken for old")
	}
	if of(sources(nil), engine.Basis{}) != of(sources(two), engine.Basis{}) {
		t.Error("of a refused request something is looked at")
	}
	other = sources(nil)
	other.ID = "h"
	if of(sources(nil), taxAndBank) != of(other, taxAndBank) {
		t.Error("the id of a generation changes its view")
	}
}
