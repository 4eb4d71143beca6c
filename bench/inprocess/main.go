// Command inprocess measures verification inside one process, on a data directory and a
// batch: what one household takes with everything open, and how many a second are
// verified when their requests are ready and nothing is written.
//
//	inprocess -data DIR -batch FILE [-rules PACK] [-on DATE] [-households N] [-cpuprofile FILE]
package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"runtime/pprof"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/block"
	"github.com/hedui/hedui/engine/explain"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/rules"
)

type options struct {
	data, batch, rules, on, profile string
	households, single              int
}

func main() {
	var o options
	flag.StringVar(&o.data, "data", "", "data `directory`")
	flag.StringVar(&o.batch, "batch", "", "`file` of requests")
	flag.StringVar(&o.rules, "rules", "reference", "`pack` to judge by")
	flag.StringVar(&o.on, "on", "2026-11-01", "`date` of the check")
	flag.IntVar(&o.households, "households", 400_000, "how many to verify at most")
	flag.IntVar(&o.single, "single", 10_000, "how many to look at one by one")
	flag.StringVar(&o.profile, "cpuprofile", "", "`file` for a profile of the verification of all")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(o options) (err error) {
	ctx := context.Background()
	st, err := store.OpenDir(o.data)
	if err != nil {
		return err
	}
	id, err := st.Current()
	if err != nil {
		return err
	}
	gen, err := st.Open(id)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, gen.Close()) }()
	pack, err := rules.Load(o.rules)
	if err != nil {
		return err
	}
	on, ok := household.ParseDate([]byte(o.on))
	if !ok {
		return errors.New("-on is no date")
	}
	v, err := engine.NewVerifier(gen.Manifest(), pack, on)
	if err == nil {
		err = v.Link(ctx, gen)
	}
	if err != nil {
		return err
	}
	lines, err := read(o.batch, o.households)
	if err != nil {
		return err
	}
	if err := one(ctx, gen, v, lines, o.single); err != nil {
		return err
	}
	return all(ctx, gen, v, lines, o.profile)
}

// read reads the lines of a batch.
func read(path string, most int) ([][]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out [][]byte
	in := bufio.NewScanner(f)
	in.Buffer(nil, 1<<20)
	for in.Scan() && len(out) < most {
		out = append(out, bytes.Clone(in.Bytes()))
	}
	return out, in.Err()
}

// one looks at random households one by one, from the line to the explanation.
func one(ctx context.Context, gen store.Generation, v *engine.Verifier, lines [][]byte, n int) error {
	w := v.Worker()
	var plan engine.Plan
	random := rand.New(rand.NewPCG(1, 2))
	var text bytes.Buffer
	took := make([]time.Duration, 0, n)
	explained := make([]time.Duration, 0, n)
	for range n {
		line := lines[random.IntN(len(lines))]
		start := time.Now()
		w.Prepare(line, 1, &plan)
		verdict, err := w.Look(ctx, gen, &plan)
		if err != nil {
			return err
		}
		took = append(took, time.Since(start))
		text.Reset()
		if err := explain.Write(&text, explain.Input{Request: plan.Request, Verdict: verdict, Texts: texts{v.Pack()}, Lang: explain.Zh}); err != nil {
			return err
		}
		explained = append(explained, time.Since(start))
	}
	for _, x := range []struct {
		what string
		took []time.Duration
	}{{"line to verdict", took}, {"and its explanation", explained}} {
		slices.Sort(x.took)
		fmt.Printf("one household, %s: p50 %v, p99 %v, of %d\n", x.what, x.took[n/2], x.took[n*99/100], n)
	}
	return nil
}

// texts are the words of a pack.
type texts struct{ pack *rules.Pack }

func (t texts) of(code string, pick func(*rules.Message) rules.Text) string {
	if m := t.pack.Message(code); m != nil {
		return pick(m).Zh
	}
	return ""
}

func (t texts) Title(code, _ string) string {
	return t.of(code, func(m *rules.Message) rules.Text { return m.Title })
}

func (t texts) Text(code, _ string) string {
	return t.of(code, func(m *rules.Message) rules.Text { return m.Text })
}

func (t texts) Clear(code, _ string) string {
	return t.of(code, func(m *rules.Message) rules.Text { return m.Clear })
}

func (t texts) Law(code string) string { return t.pack.LawOf(code) }

// chunkLines is how many households are gathered together.
const chunkLines = 32768

// all verifies all households, findings and evidence included, on every core. Parsing
// is not timed.
func all(ctx context.Context, gen store.Generation, v *engine.Verifier, lines [][]byte, path string) error {
	workers := make([]*worker, runtime.GOMAXPROCS(0))
	for i := range workers {
		workers[i] = &worker{w: v.Worker()}
	}
	if path != "" {
		f, err := os.Create(path)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	c := &chunk{plans: make([]engine.Plan, min(chunkLines, len(lines)))}
	var took [3]spent
	for round := range 2 { // the first brings memory and pages
		took = [3]spent{}
		for from := 0; from < len(lines); from += chunkLines {
			if err := c.verify(ctx, gen, workers, lines[from:min(len(lines), from+chunkLines)], &took); err != nil {
				return fmt.Errorf("round %d: %w", round+1, err)
			}
		}
	}
	n := float64(len(lines))
	all := took[1]
	all.add(took[2])
	fmt.Printf("%.0f households on %d cores: %.0f a second, %.2f CPU-us and %.3f allocations each\n",
		n, len(workers), n/all.wall.Seconds(), float64(all.cpu.Nanoseconds())/1000/n, float64(all.allocated)/n)
	for i, step := range []string{"parse (not counted)", "gather", "decode and judge"} {
		fmt.Printf("  %s: %.2f CPU-us each\n", step, float64(took[i].cpu.Nanoseconds())/1000/n)
	}
	return nil
}

// spent is what a step took.
type spent struct {
	wall, cpu time.Duration
	allocated uint64
}

func (s *spent) add(o spent) {
	s.wall += o.wall
	s.cpu += o.cpu
	s.allocated += o.allocated
}

// measure adds what fn takes to s.
func measure(s *spent, fn func() error) error {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	s.allocated -= m.Mallocs
	s.cpu -= cpu()
	start := time.Now()
	err := fn()
	s.wall += time.Since(start)
	s.cpu += cpu()
	runtime.ReadMemStats(&m)
	s.allocated += m.Mallocs
	return err
}

// cpu is the CPU time of the process.
func cpu() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// each runs fn on a range of n for every worker.
func each(workers []*worker, n int, fn func(w *worker, from, to int) error) error {
	var g sync.WaitGroup
	errs := make([]error, len(workers))
	for i, w := range workers {
		g.Go(func() { errs[i] = fn(w, n*i/len(workers), n*(i+1)/len(workers)) })
	}
	g.Wait()
	return errors.Join(errs...)
}

// chunk are households that are gathered together.
type chunk struct {
	plans   []engine.Plan
	slots   []int // the first of each household
	want    []member
	entries [][]byte
}

type member struct {
	key  household.PersonKey
	slot int
}

func (c *chunk) verify(ctx context.Context, gen store.Generation, workers []*worker, lines [][]byte, took *[3]spent) error {
	err := measure(&took[0], func() error {
		return each(workers, len(lines), func(w *worker, from, to int) error {
			for i := from; i < to; i++ {
				w.w.Prepare(lines[i], 1, &c.plans[i])
			}
			return nil
		})
	})
	if err == nil {
		err = measure(&took[1], func() error {
			c.want, c.slots = c.want[:0], c.slots[:0]
			for i := range lines {
				c.slots = append(c.slots, len(c.want))
				for _, k := range c.plans[i].Keys() {
					c.want = append(c.want, member{k, len(c.want)})
				}
			}
			slices.SortFunc(c.want, func(a, b member) int { return a.key.Compare(b.key) })
			if cap(c.entries) < len(c.want) {
				c.entries = make([][]byte, len(c.want))
			}
			return each(workers, len(c.want), func(w *worker, from, to int) error { return w.gather(ctx, gen, c, c.want[from:to]) })
		})
	}
	if err == nil {
		err = measure(&took[2], func() error {
			return each(workers, len(lines), func(w *worker, from, to int) error { return w.judge(c, from, to) })
		})
	}
	return err
}

// worker verifies households. It belongs to one goroutine.
type worker struct {
	w       *engine.Worker
	arena   []byte
	decoded []*profile.Profile
	verdict household.Verdict
}

// gather copies the entries of members out of their blocks.
func (w *worker) gather(ctx context.Context, gen store.Generation, c *chunk, want []member) error {
	if len(want) == 0 {
		return nil
	}
	if w.arena == nil {
		w.arena = make([]byte, 0, 64<<20)
	}
	w.arena = w.arena[:0]
	i := 0
	return gen.Walk(ctx, store.SectionPeople, want[0].key, func(b block.Block) (household.PersonKey, bool, error) {
		for ; i < len(want) && b.Covers(want[i].key); i++ {
			c.entries[want[i].slot] = nil
			if entry, ok := b.Find(want[i].key); ok {
				at := len(w.arena)
				w.arena = append(w.arena, entry...)
				c.entries[want[i].slot] = w.arena[at:len(w.arena):len(w.arena)]
			}
		}
		if i == len(want) {
			return household.PersonKey{}, false, nil
		}
		return want[i].key, true, nil
	})
}

func (w *worker) judge(c *chunk, from, to int) error {
	for i := from; i < to; i++ {
		n := len(c.plans[i].Keys())
		for len(w.decoded) < n {
			w.decoded = append(w.decoded, &profile.Profile{})
		}
		for k, entry := range c.entries[c.slots[i] : c.slots[i]+n] {
			w.decoded[k].Reset()
			if entry == nil {
				continue
			}
			if err := profile.Decode(entry, w.decoded[k]); err != nil {
				return err
			}
		}
		if err := w.w.Verify(&c.plans[i], w.decoded[:n], &w.verdict); err != nil {
			return err
		}
	}
	return nil
}
