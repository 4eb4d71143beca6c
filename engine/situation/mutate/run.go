package mutate

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/hedui/hedui/engine/situation"
	"github.com/hedui/hedui/rules"
)

// Options say how Run works. The zero value changes everything with two workers.
type Options struct {
	Files    []string              // only these files of the pack; empty: all
	Workers  int                   // at once; 0: 2
	Progress func(done, total int) // may be nil; called by one goroutine at a time
}

// Report says what became of the mutants of a pack.
type Report struct {
	Refused    int // that did not load
	Killed     int // that broke a situation
	Survived   []Mutant
	Equivalent []Equivalent // that survived and may; they are in none of the other numbers
}

// All is the number of mutants, those that may survive left out.
func (r *Report) All() int { return r.Refused + r.Killed + len(r.Survived) }

// Permille is the share of mutants that were noticed, from 0 to 1000, rounded down.
func (r *Report) Permille() int {
	if r.All() == 0 {
		return 1000
	}
	return (r.Refused + r.Killed) * 1000 / r.All()
}

// FailingError says that a pack's own situations fail before anything is changed, so
// that nothing could be learnt from mutants.
type FailingError struct {
	Failed, All int
	First       string // file and name of the first that fails
}

func (e *FailingError) Error() string {
	return fmt.Sprintf("%d of %d situations of the unchanged pack fail, the first is %s", e.Failed, e.All, e.First)
}

// outcome is what became of a mutant.
type outcome uint8

const (
	refused outcome = iota + 1
	killed
	survived
)

// sound loads a pack and its situations, all of which must pass.
func sound(dir fs.FS) (*rules.Pack, []situation.Situation, error) {
	p, err := rules.LoadFS(dir)
	if err != nil {
		return nil, nil, err
	}
	all, err := situation.Read(dir)
	if err != nil {
		return nil, nil, err
	}
	if r := situation.Run(p, all); len(r.Failed) > 0 {
		return nil, nil, &FailingError{len(r.Failed), len(all), r.Failed[0].File + ": " + r.Failed[0].Name}
	}
	return p, all, nil
}

// Run changes the pack in a folder in every way and runs its situations against each
// change. It returns the error of the context when that ends, a FailingError, an
// *AllowError for a wrong tests/mutants.yaml, or an error of loading or reading.
func Run(ctx context.Context, dir fs.FS, o Options) (*Report, error) {
	_, all, err := sound(dir)
	if err != nil {
		return nil, err
	}
	ms, err := Mutants(dir, o.Files...)
	if err != nil {
		return nil, err
	}
	allowed, err := readAllowed(dir)
	if err != nil {
		return nil, err
	}
	outcomes, err := judge(ctx, dir, ms, all, o)
	if err != nil {
		return nil, err
	}
	r := &Report{}
	for i, m := range ms {
		why, listed := allowed.find(&m)
		switch {
		case listed && outcomes[i] != survived:
			return nil, &AllowError{File: m.File, What: m.What, Problem: "is not equivalent: without the entry it does not survive"}
		case listed:
			r.Equivalent = append(r.Equivalent, Equivalent{m, why})
		case outcomes[i] == refused:
			r.Refused++
		case outcomes[i] == killed:
			r.Killed++
		default:
			r.Survived = append(r.Survived, m)
		}
	}
	return r, allowed.unknown(ms, o.Files)
}

// judge tries every mutant. Which worker tries which does not matter: a mutant's
// outcome depends on the mutant alone.
func judge(ctx context.Context, dir fs.FS, ms []Mutant, all []situation.Situation, o Options) ([]outcome, error) {
	workers := o.Workers
	if workers < 1 {
		workers = 2
	}
	outcomes := make([]outcome, len(ms))
	var lock sync.Mutex
	next, done := 0, 0
	take := func() int {
		lock.Lock()
		defer lock.Unlock()
		next++
		return next - 1
	}
	finish := func() {
		lock.Lock()
		defer lock.Unlock()
		done++
		if o.Progress != nil {
			o.Progress(done, len(ms))
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	for range workers {
		group.Go(func() error {
			order := slices.Clone(all)
			for i := take(); i < len(ms); i = take() {
				if err := ctx.Err(); err != nil {
					return err
				}
				var err error
				if outcomes[i], err = try(dir, &ms[i], order); err != nil {
					return err
				}
				finish()
			}
			return nil
		})
	}
	return outcomes, group.Wait()
}

// try loads a mutant and runs situations until one fails, which comes first the next
// time: neighbouring changes are mostly noticed by the same one.
func try(dir fs.FS, m *Mutant, order []situation.Situation) (o outcome, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s: the program gave up: %v", m, r)
		}
	}()
	p, err := rules.LoadFS(changedFS{dir, map[string][]byte{m.File: m.Content()}})
	if _, ok := errors.AsType[rules.Errors](err); ok {
		return refused, nil
	}
	if err != nil {
		return 0, fmt.Errorf("%s: %w", m, err)
	}
	for i := range order {
		if len(situation.Run(p, order[i:i+1]).Failed) > 0 {
			hit := order[i]
			copy(order[1:i+1], order[:i])
			order[0] = hit
			return killed, nil
		}
	}
	return survived, nil
}
