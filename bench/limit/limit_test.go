package main

import (
	"context"
	"path/filepath"
	"slices"
	"testing"

	"github.com/hedui/hedui/bench/province"
	"github.com/hedui/hedui/connectors/departments"
	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ingest"
	"github.com/hedui/hedui/engine/publish"
	"github.com/hedui/hedui/rules"
)

// published makes a small province and publishes it.
func published(t *testing.T) (data, batch string) {
	t.Helper()
	ctx, dir := context.Background(), t.TempDir()
	from, data := filepath.Join(dir, "province"), filepath.Join(dir, "store")
	if _, err := province.Generate(ctx, province.Options{People: 3000, Seed: 1, BatchPercent: 100, Out: from}); err != nil {
		t.Fatal(err)
	}
	asOf, _ := household.NewDate(2026, 10, 31)
	for s := household.Tax; s < household.NumChecked; s++ {
		o := ingest.Options{Dir: data, Department: departments.Of(s), AsOf: asOf, Files: []string{filepath.Join(from, s.String()+".csv")}}
		if s.IsFlow() {
			o.Covers.From, _ = household.NewMonth(2025, 1)
			o.Covers.To = asOf.MonthOf()
		}
		if _, err := ingest.Run(ctx, o); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := publish.Run(ctx, publish.Options{Dir: data}); err != nil {
		t.Fatal(err)
	}
	return data, filepath.Join(from, "batch.jsonl")
}

func TestBothWaysFindTheSame(t *testing.T) {
	data, batch := published(t)
	ctx := context.Background()
	gen, err := current(data)
	if err != nil {
		t.Fatal(err)
	}
	defer gen.Close()
	pack, err := rules.Load("reference")
	if err != nil {
		t.Fatal(err)
	}
	on, _ := household.NewDate(2026, 11, 1)
	v, err := engine.NewVerifier(gen.Manifest(), pack, on)
	if err != nil {
		t.Fatal(err)
	}
	a, err := newArray(ctx, gen, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer a.close()
	o := options{batch: batch, rounds: 1, workers: 2, chunk: 100, n: 20}
	rows, err := measure(ctx, o, v, gen, a)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if r.Households == 0 || len(r.Seconds)+len(r.P50s) != 1 {
			t.Errorf("%s: %+v", r.Name, r)
		}
	}

	// An array that has lost a third of its people must not go unnoticed.
	a.nums = slices.Clone(a.nums)
	for i := range a.nums {
		if i%3 == 0 && a.nums[i] < household.OtherDocuments {
			a.nums[i]++
		}
	}
	if _, err := measure(ctx, o, v, gen, a); err == nil {
		t.Error("people were missing from the array and nothing was said")
	}
}
