package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/changes"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/recheck"
	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/rules"
)

type options struct {
	data, before, after, batch, rules, on string
	rounds                                int

	perturb, out string
	percent      float64

	ledger     string
	households int
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("recheck: ")
	var o options
	flag.StringVar(&o.data, "data", "", "data directory with both generations")
	flag.StringVar(&o.before, "before", "", "generation of the last verdicts")
	flag.StringVar(&o.after, "after", "", "generation to be verified against")
	flag.StringVar(&o.batch, "batch", "", "file of requests: the registered households")
	flag.StringVar(&o.rules, "rules", "reference", "pack")
	flag.StringVar(&o.on, "on", "2026-11-01", "date of the check")
	flag.IntVar(&o.rounds, "rounds", 5, "rounds")
	flag.StringVar(&o.perturb, "perturb", "", "CSV file of a bank to write again with other balances")
	flag.StringVar(&o.out, "out", "", "file to write it to")
	flag.Float64Var(&o.percent, "percent", 1, "people whose balances change, per cent")
	flag.StringVar(&o.ledger, "ledger", "", "directory for ledgers: measure through them")
	flag.IntVar(&o.households, "households", 0, "requests to take; 0: all")
	flag.Parse()
	if err := run(&o); err != nil {
		log.Fatal(err)
	}
}

func run(o *options) error {
	if o.perturb != "" {
		return perturb(o.perturb, o.out, o.percent)
	}
	if o.ledger != "" {
		return overLedger(context.Background(), o)
	}
	return measure(context.Background(), o)
}

// noAudit takes down nothing: what is timed is the looking.
type noAudit struct{}

func (noAudit) Begin(audit.Look) (audit.Token, error)      { return audit.Token{}, nil }
func (noAudit) End(audit.Token, []household.Outcome) error { return nil }

// step is what one step took, by round.
type step struct {
	Wall []float64 `json:"seconds"`
	CPU  []float64 `json:"cpu_seconds"` // of all cores
}

func (s *step) time(fn func() error) error {
	runtime.GC()
	wall, used := time.Now(), cpu()
	err := fn()
	s.Wall = append(s.Wall, time.Since(wall).Seconds())
	s.CPU = append(s.CPU, cpu()-used)
	return err
}

func cpu() float64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds()
}

// report is what is printed.
type report struct {
	Registered int64            `json:"registered"`
	People     int              `json:"people_changed"`
	Again      int              `json:"verified_again"`
	Changed    int              `json:"verdicts_changed"`
	Reasons    map[string]int64 `json:"reasons"`
	Full       step             `json:"full"`
	Compare    step             `json:"compare"` // also part of select
	Select     step             `json:"select"`
	Run        step             `json:"run"`
	Heads      step             `json:"heads_of_entries"` // what comparing would take without the digests
}

// bench is a measurement on its way.
type bench struct {
	o     *options
	store *store.Dir
	lines [][]byte
	r     report
}

func measure(ctx context.Context, o *options) (err error) {
	b := &bench{o: o}
	if b.store, err = store.OpenDir(o.data); err != nil {
		return err
	}
	text, err := os.ReadFile(o.batch)
	if err != nil {
		return err
	}
	b.lines = bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	for range o.rounds {
		if err := b.round(ctx); err != nil {
			return err
		}
	}
	out := json.NewEncoder(os.Stdout)
	out.SetIndent("", "  ")
	return out.Encode(&b.r)
}

func (b *bench) registry() *recheck.Memory {
	m := &recheck.Memory{}
	for i, line := range b.lines {
		m.Register(strconv.Itoa(i), line)
	}
	return m
}

// options verify against a generation.
func (b *bench) options(ctx context.Context, id string, m *recheck.Memory) (*recheck.Options, error) {
	gen, err := b.store.Open(id)
	if err != nil {
		return nil, err
	}
	pack, err := rules.Load(b.o.rules)
	if err != nil {
		return nil, err
	}
	on, ok := household.ParseDate([]byte(b.o.on))
	if !ok {
		return nil, errors.New("no such date")
	}
	v, err := engine.NewVerifier(gen.Manifest(), pack, on)
	if err != nil {
		return nil, err
	}
	return &recheck.Options{Registry: m, Generations: b.store, Generation: gen, Verifier: v, Audit: noAudit{}}, v.Link(ctx, gen)
}

// everybody verifies all registered households.
func (b *bench) everybody(ctx context.Context, o *recheck.Options, m *recheck.Memory) error {
	all, err := recheck.Select(ctx, o)
	if err != nil {
		return err
	}
	return recheck.Run(ctx, o, all.Households, m.Keep)
}

func (b *bench) round(ctx context.Context) (err error) {
	kept, full := b.registry(), b.registry()
	old, err := b.options(ctx, b.o.before, kept)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, old.Generation.Close()) }()
	now, err := b.options(ctx, b.o.after, full)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, now.Generation.Close()) }()
	if err := b.everybody(ctx, old, kept); err != nil {
		return err
	}
	if err := b.r.Full.time(func() error { return b.everybody(ctx, now, full) }); err != nil {
		return err
	}
	err = b.r.Compare.time(func() error {
		d, err := changes.Compare(ctx, old.Generation, now.Generation)
		if err == nil {
			b.r.People = d.Len()
		}
		return err
	})
	if err != nil {
		return err
	}
	if err := b.r.Heads.time(func() error { return heads(ctx, old.Generation, now.Generation) }); err != nil {
		return err
	}
	now.Registry = kept
	var selected *recheck.Selection
	err = b.r.Select.time(func() (err error) {
		selected, err = recheck.Select(ctx, now)
		return err
	})
	if err != nil {
		return err
	}
	b.r.Registered, b.r.Again, b.r.Reasons, b.r.Changed = selected.Registered, len(selected.Households), selected.Reasons, 0
	err = b.r.Run.time(func() error {
		return recheck.Run(ctx, now, selected.Households, func(r *recheck.Result) error {
			if r.Change != nil {
				b.r.Changed++
			}
			return kept.Keep(r)
		})
	})
	if err != nil {
		return err
	}
	return same(ctx, kept, full)
}

// same fails unless both registries keep the same of every household.
func same(ctx context.Context, a, b *recheck.Memory) error {
	want := map[string]recheck.Substance{}
	err := b.Each(ctx, func(l *recheck.Last, _ uint64) error {
		want[l.Household] = l.Substance
		return nil
	})
	if err != nil {
		return err
	}
	return a.Each(ctx, func(l *recheck.Last, _ uint64) error {
		if want[l.Household] != l.Substance {
			return fmt.Errorf("household %s: a recheck says something else than a full run", l.Household)
		}
		return nil
	})
}
