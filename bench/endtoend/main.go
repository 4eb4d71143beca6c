package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

type options struct {
	sizes                    []int
	rounds, slowRounds       int
	slowMax                  int
	first                    int // the smallest province, which the others are compared with
	largeRounds              int // of DuckDB in larger provinces
	seed                     uint64
	work, python, results    string
	peers                    []string
	known                    string
	timeout                  time.Duration
	keep, cold, limit, wrong bool
}

func main() {
	log.SetFlags(0)
	if len(os.Args) > 2 && os.Args[1] == runnerArg {
		os.Exit(runner(os.Args[2:]))
	}
	var o options
	sizes := flag.String("sizes", "100000", "people of the provinces, several with commas")
	peers := flag.String("peers", "duckdb,postgresql,sqlite", "peers to run beside hedui, or none")
	flag.IntVar(&o.rounds, "rounds", 5, "interleaved rounds")
	flag.IntVar(&o.slowRounds, "slow-rounds", 0, "rounds of PostgreSQL and SQLite (default: as -rounds)")
	flag.IntVar(&o.slowMax, "slow-max", 1_000_000, "largest province for PostgreSQL and SQLite")
	flag.IntVar(&o.largeRounds, "large-rounds", -1, "rounds of DuckDB in all provinces but the first, 0 to leave it out (default: as -rounds)")
	flag.Uint64Var(&o.seed, "seed", 1, "seed of the generator")
	flag.StringVar(&o.work, "work", "", "working folder (default: a temporary one)")
	flag.StringVar(&o.python, "python", "bench/.venv/bin/python", "interpreter with the packages of bench/peers/requirements.txt")
	flag.StringVar(&o.results, "results", "bench/results", "folder of the result pages")
	flag.StringVar(&o.known, "known", "bench/peers/known_differences.json", "households that cannot be answered alike, with the reason")
	flag.DurationVar(&o.timeout, "timeout", 20*time.Minute, "a step that takes longer is stopped and reported as such")
	flag.BoolVar(&o.keep, "keep", false, "keep the working folder and all that the engines made in it")
	flag.BoolVar(&o.cold, "cold", true, "also run the batches with the files out of the page cache")
	flag.BoolVar(&o.limit, "limit", true, "also run bench/limit, the engine in one process")
	flag.BoolVar(&o.wrong, "wrong", false, "give the peers a wrong limit, to see the comparison fail; one round, no page")
	flag.Parse()
	for s := range strings.SplitSeq(*sizes, ",") {
		n, err := strconv.Atoi(strings.ReplaceAll(s, "_", ""))
		if err != nil || n <= 0 {
			log.Fatalf("endtoend: -sizes: %q is no number of people", s)
		}
		o.sizes = append(o.sizes, n)
	}
	if *peers != "none" {
		o.peers = strings.Split(*peers, ",")
	}
	for _, p := range o.peers {
		if !slices.Contains([]string{"duckdb", "postgresql", "sqlite"}, p) {
			log.Fatalf("endtoend: -peers: %q is none of duckdb, postgresql, sqlite, none", p)
		}
	}
	o.first = o.sizes[0]
	if o.largeRounds < 0 {
		o.largeRounds = o.rounds
	}
	if o.slowRounds == 0 {
		o.slowRounds = o.rounds
	}
	if o.wrong {
		o.rounds, o.slowRounds, o.largeRounds, o.cold, o.limit = 1, 1, 1, false, false
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, o)
	stop()
	if err != nil {
		log.Fatal("endtoend: ", err)
	}
}

func run(ctx context.Context, o options) (err error) {
	if o.work == "" {
		if o.work, err = os.MkdirTemp("", "hedui-bench-*"); err != nil {
			return err
		}
		if !o.keep {
			defer os.RemoveAll(o.work)
		}
	}
	// The user of the PostgreSQL server has to reach its own folder in it.
	if err := errors.Join(os.MkdirAll(o.work, 0o755), os.Chmod(o.work, 0o755)); err != nil {
		return err
	}
	if o.work, err = filepath.Abs(o.work); err != nil {
		return err
	}
	known, err := readKnown(o.known)
	if err != nil {
		return err
	}
	if err := build(ctx, o.work); err != nil {
		return err
	}
	r := &results{Machine: machine(), Started: time.Now(), Commit: commit(), options: o}
	for _, people := range o.sizes {
		s := &site{o: o, people: people, known: known, dir: filepath.Join(o.work, fmt.Sprintf("%d-%d", people, o.seed))}
		if err := s.run(ctx); err != nil {
			return fmt.Errorf("%d people: %w", people, err)
		}
		r.Sizes = append(r.Sizes, s.result())
		if o.keep {
			continue
		}
		// What the next, larger province needs the room for; the files of this one
		// stay for another run with the same -work.
		if err := s.clear(); err != nil {
			return err
		}
	}
	if !o.wrong {
		if err := r.write(); err != nil {
			return err
		}
	}
	if n := r.unexplained(); n > 0 {
		return fmt.Errorf("%d answers differ and nobody knows why", n)
	}
	return nil
}
