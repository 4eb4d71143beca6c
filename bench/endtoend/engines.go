package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

func (s *site) bin() string { return filepath.Join(s.o.work, "hedui") }

func (s *site) verdicts(batch string) string { return s.path("verdicts-" + batch + ".jsonl") }

// requests is the file of a batch.
func (s *site) requests(batch string) string { return s.path(source(batch) + ".jsonl") }

// source is the batch whose requests another one has.
func source(batch string) string {
	if batch == worst || batch == stale {
		return everybody
	}
	return batch
}

// store is the data directory a batch is asked of.
func (s *site) store(batch string) string {
	if batch == stale {
		return s.path("store-stale")
	}
	return s.path("store")
}

// oldAsOf is the date of the stale files.
const oldAsOf = "2026-04-30"

func old() []string { return []string{"tax", "property"} }

func batches() []string { return []string{fourPercent, usual, everybody, worst} }

// asked are the batches that have requests of their own.
func asked() []string { return []string{fourPercent, usual, everybody} }

func (s *site) heduiLoad(batch string) *step {
	store := s.store(batch)
	st := &step{Engine: "hedui", Work: "load", rounds: s.o.rounds, makes: store, before: func() error { return os.RemoveAll(store) }}
	for _, source := range sources() {
		day := asOf
		if batch == stale && slices.Contains(old(), source) {
			day = oldAsOf
		}
		c := command{s.bin(), "ingest", "--data", store, "--source", source, "--as-of", day, "--json"}
		if source == "tax" || source == "insurance" {
			c = append(c, "--covers", covers)
		}
		st.commands = append(st.commands, append(c, s.path("province/"+source+".csv")))
	}
	st.commands = append(st.commands, command{s.bin(), "publish", "--data", store})
	return st
}

func (s *site) verify(batch string, cold bool) *step {
	out, pack := s.verdicts(batch), "reference"
	if batch == worst {
		pack = s.path(worst)
	}
	return &step{
		Engine: "hedui", Work: "batch", Batch: batch, Cold: cold, rounds: s.o.rounds, makes: out,
		reads:    []string{s.store(batch), s.requests(batch)},
		before:   func() error { return removeAll(out + "*") },
		commands: []command{{s.bin(), "verify", "--data", s.store(batch), "--rules", pack, "--on", on, "--out", out, "--json", s.requests(batch)}},
	}
}

func (s *site) heduiSteps() []*step {
	steps := []*step{s.heduiLoad(everybody)}
	for _, batch := range batches() {
		steps = append(steps, s.verify(batch, false))
	}
	if s.people > s.o.first {
		steps = append(steps, s.verify(sameSize, false))
	}
	if s.o.cold {
		steps = append(steps, s.verify(fourPercent, true), s.verify(usual, true))
	}
	return append(steps, &step{
		Engine: "hedui", Work: "check", rounds: s.o.rounds,
		commands: []command{{s.bin(), "check", "--data", s.path("store"), "--rules", "reference", "--on", on, s.path("household.json")}},
	})
}

func (s *site) python(script string, args ...string) command {
	return append(command{s.o.python, "bench/peers/" + script}, args...)
}

// conditions are the arguments that give a peer other limits than the pack's own, or
// files of another age.
func (s *site) conditions(batch string) []string {
	switch {
	case batch == stale:
		days := []string{asOf}
		for _, source := range old() {
			days = append(days, source+"="+oldAsOf)
		}
		return []string{"--as-of", strings.Join(days, ",")}
	case batch == worst:
		return []string{"--limits", s.path(worst + ".json")}
	case s.o.wrong:
		return []string{"--limits", s.path("wrong.json")}
	}
	return nil
}

// flattenSteps turn every batch into flat tables, once for all peers.
func (s *site) flattenSteps() []*step {
	var steps []*step
	for _, batch := range asked() {
		steps = append(steps, &step{
			Engine: "peers", Work: "flatten", Batch: batch, rounds: 1,
			commands: []command{s.python("flatten.py", s.requests(batch), s.path("flat-"+batch))},
		})
	}
	return steps
}

func (s *site) duckdbSteps() []*step {
	run := func(args ...string) []command { return []command{s.python("duckdb_peer.py", args...)} }
	db := func(form string) string { return s.path(form + ".duckdb") }
	flat := func(batch string) string { return s.path("asked-" + source(batch) + ".duckdb") }
	form := func(work, name string, rounds int, args ...string) *step {
		args = append([]string{work, "--form", name, "--db", db(name), "--data", s.path("province")}, args...)
		return &step{Engine: "DuckDB", Form: name, Work: work, rounds: rounds, commands: run(args...), makes: db(name)}
	}
	batch := func(name, batch string, rounds int, cold bool) *step {
		out := s.path("duckdb-" + name + "-" + batch + ".csv")
		args := append([]string{"batch", "--form", name, "--db", db(name), "--batch", flat(batch), "--out", out}, s.conditions(batch)...)
		return &step{
			Engine: "DuckDB", Form: name, Work: "batch", Batch: batch, Cold: cold, rounds: rounds, commands: run(args...),
			reads: []string{db(name), flat(batch)}, makes: out, answers: out, expected: s.verdicts(batch),
		}
	}
	var steps []*step
	for _, b := range asked() {
		steps = append(steps, &step{Engine: "DuckDB", Work: "flat", Batch: b, rounds: 1, makes: flat(b), commands: run("flat", "--db", flat(b), "--flat", s.path("flat-"+b))})
	}
	// The loads of all columns are measured in every round, and what follows needs
	// their normal form each time.
	steps = append(steps, form("load", "loaded", s.duckdbRounds()), form("prepare", "loaded", s.duckdbRounds()), form("load", "free", s.duckdbRounds()), form("prepare", "free", 1),
		batch("free", everybody, 1, false),
		form("load", "tuned", s.duckdbRounds()), form("prepare", "aggregated", s.duckdbRounds(), "--tuned", db("tuned")))
	for _, b := range batches() {
		for _, name := range []string{"loaded", "tuned", "aggregated"} {
			steps = append(steps, batch(name, b, s.duckdbRounds(), false))
			if s.o.cold && (b == fourPercent || b == usual) {
				steps = append(steps, batch(name, b, s.duckdbRounds(), true))
			}
		}
	}
	for _, name := range []string{"loaded", "tuned", "aggregated"} {
		steps = append(steps, batch(name, stale, 1, false))
	}
	return steps
}

// slowBatches are what PostgreSQL and SQLite are asked.
func slowBatches() []string { return []string{fourPercent, usual, everybody, stale} }

// slowRounds is how often they are asked a batch.
func (s *site) slowRounds(batch string) int {
	switch batch {
	case stale:
		return 1
	case fourPercent: // takes a moment
		return max(s.o.rounds, s.o.slowRounds)
	}
	return s.o.slowRounds
}

func (s *site) sqliteSteps() []*step {
	db := s.path("peer.sqlite")
	run := func(args ...string) []command { return []command{s.python("sqlite_peer.py", args...)} }
	flat := func(batch string) string { return s.path("asked-" + batch + ".sqlite") }
	n := s.o.slowRounds
	var steps []*step
	for _, b := range asked() {
		steps = append(steps, &step{Engine: "SQLite", Work: "flat", Batch: b, rounds: 1, makes: flat(b), commands: run("flat", "--db", flat(b), "--flat", s.path("flat-"+b))})
	}
	steps = append(steps,
		&step{Engine: "SQLite", Work: "load", rounds: n, makes: db, commands: run("load", "--db", db, "--data", s.path("province"))},
		&step{Engine: "SQLite", Work: "prepare", rounds: n, makes: db, commands: run("prepare", "--db", db)})
	for _, b := range slowBatches() {
		out := s.path("sqlite-" + b + ".csv")
		args := append([]string{"batch", "--db", db, "--batch", flat(source(b)), "--out", out}, s.conditions(b)...)
		steps = append(steps, &step{Engine: "SQLite", Work: "batch", Batch: b, rounds: s.slowRounds(b), commands: run(args...), makes: out, answers: out, expected: s.verdicts(b)})
	}
	return steps
}

func (s *site) postgresCommand(work string, args ...string) command {
	return s.python("postgres_peer.py", append([]string{work, "--cluster", s.path("postgresql")}, args...)...)
}

// postgres starts or stops the server.
func (s *site) postgres(ctx context.Context, work string) error {
	if _, err := measure(ctx, s.o.timeout, s.postgresCommand(work)); err != nil {
		return fmt.Errorf("PostgreSQL: %w", err)
	}
	return nil
}

func (s *site) postgresSteps() []*step {
	n, data := s.o.slowRounds, s.path("postgresql")
	var steps []*step
	for _, b := range asked() {
		steps = append(steps, &step{Engine: "PostgreSQL", Work: "flat", Batch: b, rounds: 1, commands: []command{s.postgresCommand("flat", "--batch", b, "--flat", s.path("flat-"+b))}})
	}
	steps = append(steps,
		&step{Engine: "PostgreSQL", Work: "load", rounds: n, makes: data, commands: []command{s.postgresCommand("load", "--data", s.path("province"))}},
		&step{Engine: "PostgreSQL", Work: "prepare", rounds: n, makes: data, commands: []command{s.postgresCommand("prepare")}})
	for _, b := range slowBatches() {
		out := s.path("postgresql-" + b + ".csv")
		args := append([]string{"--batch", source(b), "--out", out}, s.conditions(b)...)
		steps = append(steps, &step{
			Engine: "PostgreSQL", Work: "batch", Batch: b, rounds: s.slowRounds(b), commands: []command{s.postgresCommand("batch", args...)},
			makes: out, answers: out, expected: s.verdicts(b),
		})
	}
	return append(steps, &step{Engine: "PostgreSQL", Work: "single", Batch: usual, rounds: s.slowRounds(fourPercent), commands: []command{s.postgresCommand("single", "--batch", usual)}})
}

func removeAll(pattern string) error {
	paths, err := filepath.Glob(pattern)
	if err != nil {
		return err
	}
	for _, path := range paths {
		if err := os.RemoveAll(path); err != nil {
			return err
		}
	}
	return nil
}
