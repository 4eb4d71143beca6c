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
	"runtime/debug"
	"runtime/pprof"
	"slices"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/rules"
)

type options struct {
	data, batch, rules, on    string
	rounds, workers, chunk, n int
	asJSON                    bool
	profile                   string
}

// row is one line of the result.
type row struct {
	Name       string    `json:"name"`
	Households int64     `json:"households"`
	Seconds    []float64 `json:"seconds,omitempty"` // by round
	Gather     []float64 `json:"gather_seconds,omitempty"`
	CPU        []float64 `json:"cpu_seconds,omitempty"` // of all cores
	Allocs     float64   `json:"allocs_per_household"`
	P50        float64   `json:"p50_us,omitempty"`
	P99        float64   `json:"p99_us,omitempty"`
	Note       string    `json:"note,omitempty"`
	P50s       []float64 `json:"p50_us_by_round,omitempty"`
	P99s       []float64 `json:"p99_us_by_round,omitempty"`
}

// The names of the rows, which the page of results looks for.
const (
	rowGeneration = "in process, generation"
	rowArray      = "in process, mapped array"
	rowSingle     = "one household, verdict as JSON"
	rowExplained  = "one household, explained page"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("limit: ")
	var o options
	flag.StringVar(&o.data, "data", "", "data directory with a published generation")
	flag.StringVar(&o.batch, "batch", "", "file of requests")
	flag.StringVar(&o.rules, "rules", "reference", "pack")
	flag.StringVar(&o.on, "on", "2026-11-01", "date of the check")
	flag.IntVar(&o.rounds, "rounds", 5, "interleaved rounds, after one that is not counted")
	flag.IntVar(&o.workers, "workers", runtime.GOMAXPROCS(0), "goroutines")
	flag.IntVar(&o.chunk, "chunk", 65536, "households gathered at a time")
	flag.IntVar(&o.n, "singles", 10000, "households judged one at a time, in every round")
	flag.BoolVar(&o.asJSON, "json", false, "print one JSON object")
	flag.StringVar(&o.profile, "cpuprofile", "", "file for a CPU profile of the last pass over the generation")
	flag.Parse()
	if err := run(context.Background(), o); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, o options) (err error) {
	on, ok := household.ParseDate([]byte(o.on))
	if !ok {
		return fmt.Errorf("-on %s is not a date", o.on)
	}
	pack, err := rules.Load(o.rules)
	if err != nil {
		return err
	}
	gen, err := current(o.data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, gen.Close()) }()
	verifier, err := engine.NewVerifier(gen.Manifest(), pack, on)
	if err != nil {
		return err
	}
	if err := verifier.Link(ctx, gen); err != nil {
		return err
	}
	a, err := newArray(ctx, gen, "")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()

	rows, err := measure(ctx, o, verifier, gen, a)
	if err != nil {
		return err
	}
	if o.asJSON {
		return json.NewEncoder(os.Stdout).Encode(map[string]any{"rows": rows})
	}
	for _, r := range rows {
		fmt.Printf("%-34s", r.Name)
		if len(r.Seconds) > 0 {
			s := median(r.Seconds)
			fmt.Printf(" %7.3f s [%.3f–%.3f], gathering %.3f, %8.0f households/s, %.2f CPU-µs each",
				s, slices.Min(r.Seconds), slices.Max(r.Seconds), median(r.Gather), float64(r.Households)/s, 1e6*median(r.CPU)/float64(r.Households))
		} else {
			fmt.Printf(" p50 %.1f µs, p99 %.1f µs", r.P50, r.P99)
		}
		fmt.Printf(", %.2f allocations a household; %s\n", r.Allocs, r.Note)
	}
	return nil
}

func current(data string) (store.Generation, error) {
	dir, err := store.OpenDir(data)
	if err != nil {
		return nil, err
	}
	id, err := dir.Current()
	if err != nil {
		return nil, err
	}
	return dir.Open(id)
}

// measure runs the rounds, the ways in turn.
func measure(ctx context.Context, o options, v *engine.Verifier, gen store.Generation, a *array) ([]row, error) {
	text, err := os.ReadFile(o.batch)
	if err != nil {
		return nil, err
	}
	lines := bytes.Split(bytes.TrimSpace(text), []byte{'\n'})
	p := &pass{verifier: v, workers: o.workers, chunk: o.chunk}
	readers := []reader{
		fromGeneration(gen, o.workers),
		func(_ context.Context, _ int, want []wanted, entries [][]byte) error {
			a.walk(want, entries)
			return nil
		},
	}
	rows := []row{{Name: rowGeneration}, {Name: rowArray}, {Name: rowSingle}, {Name: rowExplained}}
	for round := range o.rounds + 1 {
		var found [2]tally
		for i, read := range readers {
			debug.FreeOSMemory()
			m, err := profiled(o.profile, i == 0 && round == o.rounds, func() (measured, error) { return p.run(ctx, o.batch, read) })
			if err != nil {
				return nil, fmt.Errorf("%s: %w", rows[i].Name, err)
			}
			if found[i] = m.tally; m.Households == 0 || m.Findings == 0 {
				return nil, fmt.Errorf("%s: nothing was found in %d households, so nothing was measured", rows[i].Name, m.Households)
			}
			if round > 0 {
				r := &rows[i]
				r.Households, r.Seconds, r.Gather = m.Households, append(r.Seconds, m.seconds()), append(r.Gather, m.gather.Seconds())
				r.CPU = append(r.CPU, m.cpu.Seconds())
				r.Allocs = float64(m.allocs) / float64(m.Households)
				r.Note = fmt.Sprintf("%d refused, %d findings, %d rows of evidence", m.Refused, m.Findings, m.Evidence)
			}
		}
		if found[0] != found[1] {
			return nil, fmt.Errorf("the array gives %+v, the generation %+v", found[1], found[0])
		}
		if o.n == 0 {
			continue
		}
		for i, page := range []bool{false, true} {
			before := mallocs()
			times, err := single(ctx, v, gen, lines, o.n, page)
			if err != nil {
				return nil, err
			}
			r := &rows[2+i]
			r.Households, r.Allocs = int64(o.n), float64(mallocs()-before)/float64(o.n+o.n/10)
			if round > 0 {
				r.P50s, r.P99s = append(r.P50s, times.at(0.5)), append(r.P99s, times.at(0.99))
				r.P50, r.P99 = median(r.P50s), median(r.P99s)
			}
		}
	}
	return rows, nil
}

func median(v []float64) float64 {
	s := slices.Sorted(slices.Values(v))
	return s[len(s)/2]
}

// profiled runs a pass and writes a CPU profile of it to a file, when it has a name.
func profiled(file string, this bool, pass func() (measured, error)) (measured, error) {
	if file == "" || !this {
		return pass()
	}
	f, err := os.Create(file)
	if err != nil {
		return measured{}, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return measured{}, errors.Join(err, f.Close())
	}
	m, err := pass()
	pprof.StopCPUProfile()
	return m, errors.Join(err, f.Close())
}
