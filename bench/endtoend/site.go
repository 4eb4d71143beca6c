package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
)

// site is one province, what every engine made of it, and what was measured.
type site struct {
	o      options
	people int
	dir    string
	known  map[string]string

	steps       []*step
	mixes       map[string]mix
	comparisons []comparison
	limit       []limitRow

	expected     []answer // the verdicts compared last, sorted
	expectedFrom string
}

// comparison is one peer's answers beside hedui's.
type comparison struct {
	Step        string       `json:"step"`
	Households  int          `json:"households"`
	Differences []difference `json:"differences,omitempty"` // the first hundred, and all with a reason
	Unexplained int          `json:"unexplained"`
}

// limitRow is a row of bench/limit.
type limitRow struct {
	Name       string    `json:"name"`
	Households int64     `json:"households"`
	Seconds    []float64 `json:"seconds,omitempty"`
	Allocs     float64   `json:"allocs_per_household"`
	P50        float64   `json:"p50_us,omitempty"`
	P99        float64   `json:"p99_us,omitempty"`
	Note       string    `json:"note,omitempty"`
}

const (
	on, asOf, covers = "2026-11-01", "2026-10-31", "2025-01..2026-10"
	checkRuns        = 20
)

func sources() []string { return []string{"tax", "vehicle", "property", "bank", "insurance"} }

func (s *site) path(name string) string { return filepath.Join(s.dir, name) }

func (s *site) has(peer string) bool {
	if peer == "duckdb" {
		return slices.Contains(s.o.peers, peer) && s.duckdbRounds() > 0
	}
	return slices.Contains(s.o.peers, peer) && s.people <= s.o.slowMax
}

func (s *site) duckdbRounds() int {
	if s.people > s.o.first {
		return s.o.largeRounds
	}
	return s.o.rounds
}

// run prepares the province and its batches and measures all steps in rounds.
func (s *site) run(ctx context.Context) error {
	if err := s.prepare(ctx); err != nil {
		return err
	}
	s.steps = s.heduiSteps()
	if s.has("duckdb") || s.has("sqlite") || s.has("postgresql") {
		s.steps = append(s.steps, s.flattenSteps()...)
	}
	if s.has("duckdb") {
		s.steps = append(s.steps, s.duckdbSteps()...)
	}
	if s.has("sqlite") {
		s.steps = append(s.steps, s.sqliteSteps()...)
	}
	if s.has("postgresql") {
		if err := s.postgres(ctx, "start"); err != nil {
			return err
		}
		defer func() {
			if err := s.postgres(context.WithoutCancel(ctx), "stop"); err != nil {
				log.Print(err)
			}
		}()
		s.steps = append(s.steps, s.postgresSteps()...)
	}
	for round := range max(s.o.rounds, s.o.slowRounds) {
		log.Printf("%d people, round %d of %d", s.people, round+1, s.o.rounds)
		for _, st := range s.steps {
			if err := s.round(ctx, st, round); err != nil {
				return err
			}
		}
	}
	s.expected, s.expectedFrom = nil, ""
	if s.o.limit {
		return s.runLimit(ctx)
	}
	return nil
}

// round runs a step once, or not. A peer that fails is reported as such.
func (s *site) round(ctx context.Context, st *step, round int) error {
	if st.Failed != "" || round >= st.rounds {
		return nil
	}
	times := 1
	if st.Work == "check" {
		times = (checkRuns + s.o.rounds - 1) / s.o.rounds
	}
	for range times {
		err := st.run(ctx, s.o.timeout)
		switch {
		case err != nil && ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, errTimeout):
			err = fmt.Errorf("did not end within %v", s.o.timeout)
		}
		if err != nil && st.Engine == "hedui" {
			return fmt.Errorf("%s: %w", st.name(), err)
		}
		if err != nil {
			log.Printf("%s: %v", st.name(), err)
			st.Failed = err.Error()
			return nil
		}
	}
	log.Printf("  %-46s %8.2f s", st.name(), st.Seconds[len(st.Seconds)-1])
	if round == 0 && st.expected != "" {
		return s.compare(st)
	}
	return nil
}

// compare puts a peer's answers beside the verdicts of the same batch.
func (s *site) compare(st *step) error {
	if s.expectedFrom != st.expected {
		all, err := verdicts(st.expected)
		if err != nil {
			return err
		}
		slices.SortFunc(all, order)
		s.expected, s.expectedFrom = all, st.expected
	}
	want := s.expected
	got, err := flags(st.answers)
	if err != nil {
		return err
	}
	all := differences(want, got, s.known)
	c := comparison{Step: st.name(), Households: len(want), Unexplained: unexplained(all)}
	shown := 0
	for _, d := range all {
		if d.Reason == "" {
			if shown++; shown > 100 {
				continue
			}
		}
		c.Differences = append(c.Differences, d)
	}
	if c.Unexplained > 0 {
		log.Printf("  %s: %d of %d answers differ, first %s\n    hedui %s\n    peer  %s", c.Step, len(all), len(want), all[0].Household, all[0].Hedui, all[0].Peer)
	}
	s.comparisons = append(s.comparisons, c)
	return nil
}

// prepare makes the province and, from hedui's verdicts of everybody, the batches.
func (s *site) prepare(ctx context.Context) error {
	province := s.path("province")
	if _, err := os.Stat(filepath.Join(province, "batch.jsonl")); err != nil {
		log.Printf("generating %d people", s.people)
		if _, err := measure(ctx, s.o.timeout, command{
			s.bin(), "gen", "--people", strconv.Itoa(s.people), "--seed", strconv.FormatUint(s.o.seed, 10), "--batch-percent", "100", "--out", province,
		}); err != nil {
			return err
		}
	}
	_ = os.Remove(s.path(everybody + ".jsonl"))
	if err := os.Link(filepath.Join(province, "batch.jsonl"), s.path(everybody+".jsonl")); err != nil {
		return err
	}
	if err := errors.Join(makeWorst(s.dir), makeWrong(s.dir)); err != nil {
		return err
	}
	log.Printf("choosing the batches of %d people", s.people)
	for _, batch := range []string{everybody, stale} {
		if err := s.heduiLoad(batch).run(ctx, s.o.timeout); err != nil {
			return err
		}
	}
	s.mixes = map[string]mix{}
	order := []string{everybody, usual, fourPercent, worst, stale} // everybody makes the next two
	if s.people > s.o.first {
		order = append(order, sameSize)
	}
	for _, batch := range order {
		if err := s.verify(batch, false).run(ctx, s.o.timeout); err != nil {
			return err
		}
		all, err := verdicts(s.verdicts(batch))
		if err != nil {
			return err
		}
		s.mixes[batch] = mixOf(all)
		if batch == everybody {
			if err := errors.Join(makeUsual(s.dir, all, everyNth*max(1, s.people/s.o.first)), makeHousehold(s.dir, all)); err != nil {
				return err
			}
		}
	}
	return nil
}

// clear removes everything but the province.
func (s *site) clear() error {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() == "province" {
			continue
		}
		if err := os.RemoveAll(s.path(e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// runLimit measures the engine in one process, where that program exists.
func (s *site) runLimit(ctx context.Context) error {
	if _, err := os.Stat("bench/limit"); err != nil {
		return nil //nolint:nilerr // the program is not there: the page says that its rows are missing
	}
	log.Print("the engine in one process")
	out, err := exec.CommandContext(ctx, "go", "run", "./bench/limit", "-data", s.path("store"), "-batch", s.path(usual+".jsonl"), "-rounds", strconv.Itoa(s.o.rounds), "-json").Output()
	if err != nil {
		return fmt.Errorf("bench/limit: %w", err)
	}
	var told struct{ Rows []limitRow }
	if err := json.Unmarshal(out, &told); err != nil {
		return fmt.Errorf("bench/limit: %w", err)
	}
	s.limit = told.Rows
	return nil
}
