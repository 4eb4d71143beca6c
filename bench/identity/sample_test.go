package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hedui/hedui/bench/province"
	"github.com/hedui/hedui/engine/match"
)

// Households get the same verdicts by the reference pack among more people.
func TestSampleAmongMorePeople(t *testing.T) {
	dir := t.TempDir()
	o := options{people: 2000, corrupt: province.CorruptX3, register: true}
	r, err := sample(context.Background(), o, 200, dir, 1)
	if err != nil {
		t.Fatal(err)
	}
	if r.Households < 50 || r.Reference != 0 {
		t.Errorf("%+v", r)
	}
	// A store that lost the rows of a department must be noticed.
	path := filepath.Join(dir, "a", "vehicle.csv")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	if err := os.WriteFile(path, []byte(strings.Join(lines[:len(lines)/2], "")), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, damaged := context.Background(), filepath.Join(dir, "damaged")
	if err := deploy(ctx, damaged, true, filepath.Join(dir, "a"), filepath.Join(dir, "b")); err != nil {
		t.Fatal(err)
	}
	requests, err := spread(filepath.Join(dir, "a", "batch.jsonl"), 100)
	if err != nil {
		t.Fatal(err)
	}
	if r, err = compareIn(ctx, filepath.Join(dir, "small"), damaged, requests); err != nil || r.Reference == 0 {
		t.Errorf("half of the vehicles lost and nothing noticed: %+v, %v", r, err)
	}
}

// A number moved elsewhere is as right or as wrong as it was.
func TestElsewhere(t *testing.T) {
	for _, number := range []string{"11010519491231002X", "340104198001010012", "110105194912310021", "440104800101001", "34010419800101001X"} {
		to := elsewhere(number)
		was, is := match.ParseDocument(1, []byte(number)), match.ParseDocument(1, []byte(to))
		if to[0] != '7' || was.Valid != is.Valid || was.Birth != is.Birth {
			t.Errorf("%s became %s", number, to)
		}
	}
	if to := elsewhere("110105********002X"); to[:6] != "710105" || !strings.Contains(to, "********") {
		t.Errorf("a masked number became %s", to)
	}
}
