package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/hedui/hedui/bench/province"
	"github.com/hedui/hedui/connectors/departments"
	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ingest"
	"github.com/hedui/hedui/engine/publish"
	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/rules"
)

type options struct {
	people, workers        int
	sample                 int
	seeds, corrupt, work   string
	results                string
	register, keep, strict bool
}

func main() {
	log.SetFlags(0)
	var o options
	flag.IntVar(&o.people, "people", 100_000, "people of each province")
	flag.StringVar(&o.seeds, "seeds", "1", "seeds of the provinces, with commas between")
	flag.StringVar(&o.corrupt, "corrupt", "base", "corruption: base, bad or x3")
	flag.BoolVar(&o.register, "register", true, "publish the population register too")
	flag.IntVar(&o.workers, "workers", runtime.GOMAXPROCS(0), "workers")
	flag.StringVar(&o.work, "work", "", "working folder (default: a temporary one)")
	flag.StringVar(&o.results, "results", "", "folder for a dated page; none when empty")
	flag.IntVar(&o.sample, "sample", 0, "instead, verify so many households among their own people and among four times as many")
	flag.BoolVar(&o.keep, "keep", false, "keep the working folder")
	flag.BoolVar(&o.strict, "strict", true, "fail when a promise does not hold")
	flag.Parse()
	if err := run(context.Background(), o); err != nil {
		log.Fatal("identity: ", err)
	}
}

// result is one province.
type result struct {
	seed       uint64
	all        tally
	codes      []string
	byCode     []tally
	people     int
	ask        time.Duration
	households int
	changed    int // whose outcome is what it is only because of links to confirm
	forced     int // of them, all because of rows of forced decoys
	ineligible int
}

func run(ctx context.Context, o options) (err error) {
	work := o.work
	if work == "" {
		if work, err = os.MkdirTemp("", "hedui-identity-*"); err != nil {
			return err
		}
		if !o.keep {
			defer os.RemoveAll(work)
		}
	}
	if o.sample > 0 {
		seed, err := strconv.ParseUint(o.seeds, 10, 64)
		if err != nil {
			return fmt.Errorf("one seed, not %q: %w", o.seeds, err)
		}
		r, err := sample(ctx, o, o.sample, work, seed)
		if err != nil {
			return err
		}
		if r.print(os.Stdout, o.people) {
			return errors.New("more people change verdicts of the reference pack")
		}
		return nil
	}
	var results []result
	for text := range strings.SplitSeq(o.seeds, ",") {
		seed, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return fmt.Errorf("seed %q: %w", text, err)
		}
		r, err := provinceResult(ctx, o, filepath.Join(work, text), seed)
		if err != nil {
			return err
		}
		results = append(results, r)
		if !o.keep {
			if err := os.RemoveAll(filepath.Join(work, text)); err != nil {
				return err
			}
		}
	}
	var out io.Writer = os.Stdout
	if o.results != "" {
		f, err := os.OpenFile(filepath.Join(o.results, time.Now().UTC().Format(time.DateOnly)+"-identity.md"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		out = io.MultiWriter(os.Stdout, f)
	}
	failed := page(out, o, results, commit())
	if failed && o.strict {
		return errors.New("a promise does not hold")
	}
	return nil
}

func commit() string {
	out, err := exec.Command("git", "rev-parse", "--short", "HEAD").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}

// provinceResult makes a province, takes it in, publishes it and asks for everybody.
func provinceResult(ctx context.Context, o options, dir string, seed uint64) (r result, err error) {
	files := filepath.Join(dir, "province")
	log.Printf("seed %d: generating %d people", seed, o.people)
	if _, err = province.Generate(ctx, province.Options{People: o.people, Seed: seed, Out: files, Corrupt: o.corrupt, Register: true}); err != nil {
		return r, err
	}
	data := filepath.Join(dir, "store")
	if err = deploy(ctx, data, o.register, files); err != nil {
		return r, err
	}
	s, err := store.OpenDir(data)
	if err != nil {
		return r, err
	}
	id, err := s.Current()
	if err != nil {
		return r, err
	}
	gen, err := s.Open(id)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, gen.Close()) }()
	v, err := verifier(ctx, gen)
	if err != nil {
		return r, err
	}
	t, err := readTruth(files)
	if err != nil {
		return r, err
	}
	log.Printf("seed %d: asking for %d people", seed, len(t.people))
	links, took, err := ask(ctx, gen, v, t, o.workers)
	if err != nil {
		return r, err
	}
	r = result{seed: seed, codes: t.names, people: len(t.people), ask: took}
	r.all, r.byCode = score(t, links)
	return r, r.outcomes(ctx, gen, v, t, filepath.Join(files, "batch.jsonl"))
}

func verifier(ctx context.Context, gen store.Generation) (*engine.Verifier, error) {
	return verifierBy(ctx, gen, "reference_links")
}

func verifierBy(ctx context.Context, gen store.Generation, name string) (*engine.Verifier, error) {
	pack, err := rules.Load(name)
	if err != nil {
		return nil, err
	}
	on, _ := household.ParseDate([]byte(province.DefaultOn))
	v, err := engine.NewVerifier(gen.Manifest(), pack, on)
	if err != nil {
		return nil, err
	}
	return v, v.Link(ctx, gen)
}

// deploy takes the files of all departments in, one snapshot each, and publishes.
func deploy(ctx context.Context, data string, register bool, folders ...string) error {
	asOf, _ := household.ParseDate([]byte("2026-10-31"))
	covers, _ := household.ParseMonths("2025-01..2026-10")
	for _, d := range departments.All() {
		if d.Source == household.Register && !register {
			continue
		}
		o := ingest.Options{Dir: data, Department: d, AsOf: asOf}
		for _, f := range folders {
			o.Files = append(o.Files, filepath.Join(f, d.Source.String()+".csv"))
		}
		if d.Source.IsFlow() {
			o.Covers = covers
		}
		if _, err := ingest.Run(ctx, o); err != nil {
			return fmt.Errorf("%s: %w", d.Source, err)
		}
	}
	_, err := publish.Run(ctx, publish.Options{Dir: data})
	return err
}

// outcomes verifies the batch and counts the households whose outcome rests on links
// that a person has to confirm, and on nothing else.
func (r *result) outcomes(ctx context.Context, gen store.Generation, v *engine.Verifier, t *truth, batch string) error {
	f, err := os.Open(batch)
	if err != nil {
		return err
	}
	defer f.Close()
	w := v.Worker()
	var plan engine.Plan
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		// The generator's households name five data classes; where a register is held the
		// form of consent has it too.
		line := bytes.Replace(lines.Bytes(), []byte(`"insurance"]`), []byte(`"insurance","register"]`), 1)
		w.Prepare(line, 1, &plan)
		if plan.Refusal() != "" {
			continue
		}
		verdict, err := w.Look(ctx, gen, &plan)
		if err != nil {
			return err
		}
		r.households++
		open, forced := 0, true
		for i := range verdict.Findings {
			f := &verdict.Findings[i]
			if f.Code != v.Pack().Identity.Code {
				continue
			}
			open++
			for _, e := range f.Evidence {
				forced = forced && t.has(e.Source, int(e.Row), "decoy")
			}
		}
		if open > 0 && open == len(verdict.Findings) {
			r.changed++
			if forced {
				r.forced++
			}
		}
		if verdict.Outcome == household.SuspectedIneligible {
			r.ineligible++
		}
	}
	return lines.Err()
}
