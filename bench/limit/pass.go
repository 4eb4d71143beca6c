package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/block"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/engine/store"
)

// wanted is one member whose entry is to be read, and where it goes.
type wanted struct {
	key  household.PersonKey
	slot int
}

// reader fills in the entries of sorted keys. What it hands out holds until the next
// call for the same worker.
type reader func(ctx context.Context, worker int, want []wanted, entries [][]byte) error

// fromGeneration reads verified blocks.
func fromGeneration(gen store.Generation, workers int) reader {
	arenas := make([][]byte, workers)
	return func(ctx context.Context, worker int, want []wanted, entries [][]byte) error {
		arena := arenas[worker][:0]
		i := 0
		err := gen.Walk(ctx, store.SectionPeople, want[0].key, func(b block.Block) (household.PersonKey, bool, error) {
			for i < len(want) && b.Covers(want[i].key) {
				entries[want[i].slot] = nil
				if payload, ok := b.Find(want[i].key); ok {
					from := len(arena)
					arena = append(arena, payload...) // what was kept before stays where it is when this grows
					entries[want[i].slot] = arena[from:len(arena):len(arena)]
				}
				i++
			}
			if i == len(want) {
				return household.PersonKey{}, false, nil
			}
			return want[i].key, true, nil
		})
		arenas[worker] = arena
		if err == nil && i != len(want) {
			err = errors.New("the blocks of the generation do not cover every key")
		}
		return err
	}
}

// tally is what a pass found. Two passes over the same requests have equal ones.
type tally struct{ Households, Refused, Findings, Evidence int64 }

func (t *tally) add(o tally) {
	t.Households += o.Households
	t.Refused += o.Refused
	t.Findings += o.Findings
	t.Evidence += o.Evidence
}

// pass judges the requests of a batch, chunk by chunk. Reading the requests and listing
// the members is not timed.
type pass struct {
	verifier *engine.Verifier
	workers  int
	chunk    int
}

// measured is one pass.
type measured struct {
	tally
	gather, judge time.Duration
	cpu           time.Duration // of all cores
	allocs        uint64
}

func (m measured) seconds() float64 { return (m.gather + m.judge).Seconds() }

// hand is what one goroutine reuses.
type hand struct {
	prepare  *engine.Worker
	worker   *engine.Worker
	profiles []*profile.Profile
	verdict  household.Verdict
	tally    tally
	_        [128]byte
}

func (p *pass) run(ctx context.Context, batch string, read reader) (m measured, err error) {
	f, err := os.Open(batch)
	if err != nil {
		return m, err
	}
	defer f.Close()
	lines := bufio.NewReaderSize(f, 1<<20)
	hands := make([]hand, p.workers)
	for i := range hands {
		hands[i].prepare, hands[i].worker = p.verifier.Worker(), p.verifier.Worker()
	}
	var (
		slab    []byte
		ends    []int
		plans   []engine.Plan
		want    []wanted
		from    []int // of the keys of each plan
		entries [][]byte
		line    int64
	)
	for eof := false; !eof; {
		slab, ends = slab[:0], ends[:0]
		for len(ends) < p.chunk {
			b, err := lines.ReadBytes('\n')
			if len(b) == 0 && errors.Is(err, io.EOF) {
				eof = true
				break
			}
			if err != nil && !errors.Is(err, io.EOF) {
				return m, err
			}
			slab = append(slab, b...)
			ends = append(ends, len(slab))
		}
		n := len(ends)
		for len(plans) < n {
			plans = append(plans, engine.Plan{})
		}
		err := p.split(n, func(w, lo, hi int) error {
			for i := lo; i < hi; i++ {
				start := 0
				if i > 0 {
					start = ends[i-1]
				}
				hands[w].prepare.Prepare(slab[start:ends[i]], line+int64(i)+1, &plans[i])
			}
			return nil
		})
		if err != nil {
			return m, err
		}
		line += int64(n)

		allocs, cpu := mallocs(), cpuTime()
		start := time.Now()
		want, from = want[:0], from[:0]
		for i := range n {
			from = append(from, len(want))
			for _, k := range plans[i].Keys() {
				want = append(want, wanted{k, len(want)})
			}
		}
		from = append(from, len(want))
		entries = slices.Grow(entries[:0], len(want))[:len(want)]
		slices.SortFunc(want, func(a, b wanted) int { return a.key.Compare(b.key) })
		err = p.split(len(want), func(w, lo, hi int) error { return read(ctx, w, want[lo:hi], entries) })
		if err != nil {
			return m, err
		}
		gathered := time.Now()
		err = p.split(n, func(w, lo, hi int) error {
			for i := lo; i < hi; i++ {
				if err := hands[w].one(&plans[i], entries[from[i]:from[i+1]]); err != nil {
					return fmt.Errorf("line %d of the chunk: %w", i+1, err)
				}
			}
			return nil
		})
		if err != nil {
			return m, err
		}
		m.gather, m.judge = m.gather+gathered.Sub(start), m.judge+time.Since(gathered)
		m.cpu += cpuTime() - cpu
		m.allocs += mallocs() - allocs
	}
	for i := range hands {
		m.add(hands[i].tally)
	}
	return m, nil
}

// one decodes what is held of the members of a household and judges it.
func (h *hand) one(plan *engine.Plan, entries [][]byte) error {
	for len(h.profiles) < len(entries) {
		h.profiles = append(h.profiles, &profile.Profile{})
	}
	for k, e := range entries {
		if e == nil {
			h.profiles[k].Reset()
		} else if err := profile.Decode(e, h.profiles[k]); err != nil {
			return err
		}
	}
	if err := h.worker.Verify(plan, h.profiles[:len(entries)], &h.verdict); err != nil {
		return err
	}
	t := tally{Households: 1, Findings: int64(len(h.verdict.Findings))}
	if plan.Refusal() != "" {
		t.Refused = 1
	}
	for i := range h.verdict.Findings {
		t.Evidence += int64(len(h.verdict.Findings[i].Evidence))
	}
	h.tally.add(t)
	return nil
}

// split runs fn on a contiguous range of n for every worker.
func (p *pass) split(n int, fn func(worker, from, to int) error) error {
	var g errgroup.Group
	for w := range p.workers {
		if from, to := n*w/p.workers, n*(w+1)/p.workers; from < to {
			g.Go(func() error { return fn(w, from, to) })
		}
	}
	return g.Wait()
}

func mallocs() uint64 {
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return s.Mallocs
}

// cpuTime is what the process has used of all cores.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
