package main

import (
	"context"
	"flag"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hedui/hedui/bench/province"
	"github.com/hedui/hedui/engine/household"
)

var (
	kills = flag.Int("counter.kills", 5, "servers to kill")
	seed  = flag.Uint64("counter.seed", uint64(time.Now().UnixNano()), "seed of the moments")
)

// newSite is a small province that is served, with its accounts.
func newSite(t *testing.T) *site {
	t.Helper()
	work := t.TempDir()
	s := &site{hedui: filepath.Join(work, "hedui"), data: filepath.Join(work, "data"), work: work, on: 20261101, began: time.Now()}
	if err := build(s.hedui, "github.com/hedui/hedui/cmd/hedui"); err != nil {
		t.Fatal(err)
	}
	files := filepath.Join(work, "files")
	if _, err := province.Generate(t.Context(), province.Options{People: 3000, Seed: 7, BatchPercent: 30, Out: files}); err != nil {
		t.Fatal(err)
	}
	for _, source := range []string{"tax", "vehicle", "property", "bank", "insurance"} {
		args := []string{"ingest", "--data", s.data, "--source", source, "--as-of", "2026-10-31"}
		if source == "tax" || source == "insurance" {
			args = append(args, "--covers", "2025-01..2026-10")
		}
		run(t, s, append(args, filepath.Join(files, source+".csv"))...)
	}
	run(t, s, "publish", "--data", s.data)
	if err := s.register(t.Context(), filepath.Join(files, "batch.jsonl"), 0); err != nil {
		t.Fatal(err)
	}
	if err := s.employ(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

func run(t *testing.T, s *site, args ...string) {
	t.Helper()
	if _, err := s.run(t.Context(), args...); err != nil {
		t.Fatal(err)
	}
}

// Whenever the server is killed: what it acknowledged is there, nothing is there by half,
// and it is ready again within five seconds.
func TestKill(t *testing.T) {
	s := newSite(t)
	k := &killing{s: s, kills: *kills, seed: *seed}
	t.Logf("seed %d, %d households", *seed, len(s.lines))
	if err := k.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := k.report
	t.Logf("%d kills, %d under load, acknowledged %v, longest restart %.0f ms", r.Kills, r.UnderLoad, r.Done, r.LongestMS)
	if r.LongestMS > 5000 {
		t.Errorf("a restart took %.0f ms", r.LongestMS)
	}
	if r.Done["check"] == 0 || *kills >= 5 && (r.Done["authorization.register"] == 0 || r.Done["case.take-up"] == 0) {
		t.Errorf("too little was acknowledged: %v", r.Done)
	}
	checkNotices(t, s)
}

// checkNotices says of each kind of thing that it was acknowledged when it never was.
func checkNotices(t *testing.T, s *site) {
	t.Helper()
	q, err := household.ParseRequest(s.lines[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		lie  func(*books)
		want string
	}{
		{func(b *books) { b.authorizations["SQ-never"] = false }, "SQ-never"},
		{func(b *books) { b.authorizations[q.Authorization.Number] = true }, "withdrawal"},
		{func(b *books) { b.verdicts["v-never"] = "r-never" }, "v-never"},
		{func(b *books) { b.cases["c-never"] = 1 }, "c-never"},
		{func(b *books) { b.requests["r-never"] = "check" }, "r-never"},
		{func(*books) {}, ""},
	} {
		b := newBooks()
		c.lie(b)
		lost, err := b.check(context.WithoutCancel(t.Context()), s.data)
		if err != nil {
			t.Fatal(err)
		}
		if c.want == "" && len(lost) > 0 || c.want != "" && !strings.Contains(fmt.Sprint(lost), c.want) {
			t.Errorf("%q: found %v", c.want, lost)
		}
	}
}
