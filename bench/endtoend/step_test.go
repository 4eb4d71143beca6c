package main

import (
	"context"
	"strings"
	"testing"
	"time"
)

func TestAFailedPeerIsReportedAndNotRunAgain(t *testing.T) {
	s := &site{o: options{timeout: time.Minute, rounds: 2}}
	st := &step{Engine: "DuckDB", Work: "load", rounds: 2, commands: []command{{"/does/not/exist"}}}
	for round := range 2 {
		if err := s.round(t.Context(), st, round); err != nil {
			t.Fatal(err)
		}
	}
	if st.Failed == "" || len(st.Seconds) != 0 {
		t.Fatalf("failed %q after %d results", st.Failed, len(st.Seconds))
	}
	var page strings.Builder
	(&sizeResult{Steps: []*step{st}}).row(&page, st)
	if !strings.Contains(page.String(), "no such file") {
		t.Fatalf("the page says %q", page.String())
	}
}

func TestAFailedHeduiStepFailsTheRun(t *testing.T) {
	s := &site{o: options{timeout: time.Minute, rounds: 1}}
	st := &step{Engine: "hedui", Work: "load", rounds: 1, commands: []command{{"/does/not/exist"}}}
	if err := s.round(context.Background(), st, 0); err == nil {
		t.Fatal("no error")
	}
}

func TestGoalsAreMetMissedOrNotMeasured(t *testing.T) {
	r := &sizeResult{Batches: map[string]mix{usual: {Households: 300_000}}, Steps: []*step{
		{Engine: "hedui", Work: "load", Seconds: []float64{5}, RSS: 1 << 30},
		{Engine: "DuckDB", Form: "loaded", Work: "load", Seconds: []float64{11}},
		{Engine: "DuckDB", Form: "free", Work: "load", Seconds: []float64{4}},
		{Engine: "PostgreSQL", Work: "load", Seconds: []float64{30}},
		{Engine: "PostgreSQL", Work: "prepare", Seconds: []float64{11}},
		{Engine: "hedui", Work: "batch", Batch: usual, Seconds: []float64{1}, RSS: 501 << 20},
		{Engine: "DuckDB", Form: "tuned", Work: "batch", Batch: usual, Seconds: []float64{0.9}},
	}}
	want := []string{"met", "missed", "met", "met", notRun, notRun, "met", "missed", "missed", notRun}
	for i, g := range r.goals()[:len(want)] {
		if g.Met != want[i] {
			t.Errorf("%s (%s): %s %s, want %s", g.What, g.Goal, g.Measured, g.Met, want[i])
		}
	}
}

func TestGrowthGoals(t *testing.T) {
	first := &sizeResult{People: 1000, Steps: []*step{
		{Engine: "hedui", Work: "load", Seconds: []float64{5}},
		{Engine: "hedui", Work: "check", Seconds: []float64{1}},
		{Engine: "hedui", Work: "batch", Batch: fourPercent, Seconds: []float64{1}},
	}}
	larger := &sizeResult{People: 4000, Steps: []*step{
		{Engine: "hedui", Work: "load", Seconds: []float64{21}},
		{Engine: "hedui", Work: "check", Seconds: []float64{1.4}},
	}}
	want := []string{"missed", notRun, "met"}
	for i, g := range growthGoals(first, larger) {
		if g.Met != want[i] {
			t.Errorf("%s (%s): %s %s, want %s", g.What, g.Goal, g.Measured, g.Met, want[i])
		}
	}
}

func TestMedian(t *testing.T) {
	if m := median([]float64{3, 1, 2}); m != 2 {
		t.Error(m)
	}
	if m := median([]float64{4, 1, 2, 3}); m != 2.5 {
		t.Error(m)
	}
}
