package main

import (
	"flag"
	"io"
	"path/filepath"
	"testing"

	"github.com/hedui/hedui/engine/match/identity"
	"github.com/hedui/hedui/engine/store"
)

var people = flag.Int("identity.people", 20_000, "people of the measured province")

// A small province, from files to links, must hold what the page promises of
// precision; and the measure notices links that should not have been made.
func TestMeasure(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	o := options{people: *people, corrupt: "base", register: true, workers: 2}
	r, err := provinceResult(ctx, o, dir, 5)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", r.all)
	decoys := r.of("decoy")
	if r.all.Records < 5**people || decoys.Records == 0 || r.households == 0 || len(r.codes) < 10 {
		t.Fatalf("hardly anything was measured: %+v, %d households, %v", r.all, r.households, r.codes)
	}
	if lower(r.all.StrongLinks-r.all.Wrong, r.all.StrongLinks) < .9999 || share(r.all.Strong, r.all.Records) < .97 {
		t.Errorf("strong links: %d of %d wrong, %d of %d records", r.all.Wrong, r.all.StrongLinks, r.all.Strong, r.all.Records)
	}

	// The planted bug: what a person should confirm is taken for sure.
	s, err := store.OpenDir(filepath.Join(dir, "store"))
	if err != nil {
		t.Fatal(err)
	}
	id, err := s.Current()
	if err != nil {
		t.Fatal(err)
	}
	gen, err := s.Open(id)
	if err != nil {
		t.Fatal(err)
	}
	defer gen.Close()
	v, err := verifier(ctx, gen)
	if err != nil {
		t.Fatal(err)
	}
	truth, err := readTruth(filepath.Join(dir, "province"))
	if err != nil {
		t.Fatal(err)
	}
	links, took, err := ask(ctx, gen, v, truth, 2)
	if err != nil {
		t.Fatal(err)
	}
	for i := range links {
		if links[i].use == identity.Review {
			links[i].use = identity.Strong
		}
	}
	r.all, r.byCode = score(truth, links)
	r.ask = took
	if r.all.Wrong == 0 || !page(io.Discard, o, []result{r}, "") {
		t.Errorf("doubtful links counted as sure ones, and nobody noticed: %+v", r.all)
	}
}

func TestLower(t *testing.T) {
	for _, tt := range []struct {
		right, of int
		want      float64
	}{{0, 0, 0}, {0, 5, 0}, {10, 10, .6915}, {9, 10, .5550}, {29_999, 30_000, .99981}} {
		if got := lower(tt.right, tt.of); got < tt.want-.0001 || got > tt.want+.0001 {
			t.Errorf("%d of %d: %.5f, want %.5f", tt.right, tt.of, got, tt.want)
		}
	}
}
