package ingest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/hedui/hedui/engine/keyring"
)

const (
	// maxFanIn is the most runs that are merged at once.
	maxFanIn = 128
	minSlab  = 16 << 10
	// maxSlab keeps a slab inside the cache while it is sorted.
	maxSlab = 8 << 20
)

// sorter takes items from several goroutines and gives them back in order. Slabs
// go round: free → a parser fills it → a worker sorts it → spilled → free.
type sorter struct {
	dir      string
	key      *keyring.Key // of runs in files, nil when they are in the clear
	free     chan *slab
	sortings chan *sorting // memory to sort with
	refs     chan []ref    // memory for the refs of a slab
	arenas   *arenas
	spillAt  int // sorted slabs that make a run
	work     sync.WaitGroup
	failed   chan struct{} // closed by the first error

	mu      sync.Mutex // guards what follows
	made    int
	slabs   int    // that there may be
	sorted  []*run // in memory
	runs    []*run // in files
	nextRun int
	spilled int64
	err     error

	spilling sync.Mutex // one run is written at a time
}

func newSorter(dir string, budget int64, parsers int, key *keyring.Key) *sorter {
	slabs := max(8, parsers+2)
	size := int(min(max(budget/int64(slabs), minSlab), maxSlab))
	slabs = max(slabs, int(budget/int64(size)))
	return &sorter{
		dir: dir, key: key, failed: make(chan struct{}), free: make(chan *slab, slabs), sortings: make(chan *sorting, slabs),
		refs: make(chan []ref, slabs), arenas: newArenas(size), slabs: slabs,
		spillAt: max(1, (slabs-parsers+1)/2),
	}
}

// fail stops the work in the background. The first error is the one that counts.
func (s *sorter) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = err
		close(s.failed)
	}
}

func (s *sorter) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// get returns an empty slab and waits for one if need be.
func (s *sorter) get(ctx context.Context) (*slab, error) {
	x, err := s.memory(ctx)
	if err != nil {
		return nil, err
	}
	select {
	case x.refs = <-s.refs:
	default:
	}
	return x, nil
}

func (s *sorter) memory(ctx context.Context) (*slab, error) {
	select {
	case x := <-s.free:
		return x, nil
	default:
	}
	s.mu.Lock()
	if s.made < s.slabs {
		s.made++
		s.mu.Unlock()
		return &slab{arena: s.arenas.get()}, nil
	}
	s.mu.Unlock()
	select {
	case x := <-s.free:
		return x, nil
	case <-s.failed:
		return nil, s.failure()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// put takes a filled slab. It is sorted in the background.
func (s *sorter) put(x *slab) {
	if len(x.refs) == 0 {
		s.free <- x
		return
	}
	s.work.Go(func() {
		var w *sorting
		select {
		case w = <-s.sortings:
		default:
			w = &sorting{spare: s.arenas.get()}
		}
		r := x.sort(w)
		s.sortings <- w
		select {
		case s.refs <- x.refs:
		default:
		}
		s.mu.Lock()
		s.sorted = append(s.sorted, r)
		var batch []*run
		// While there is memory left nothing needs to be spilled.
		if len(s.sorted) >= s.spillAt && s.made == s.slabs {
			batch, s.sorted = s.sorted, nil
		}
		s.mu.Unlock()
		if batch != nil {
			if err := s.spill(batch); err != nil {
				s.fail(err)
			}
		}
	})
}

func (s *sorter) spill(batch []*run) error {
	s.spilling.Lock()
	defer s.spilling.Unlock()
	if err := s.failure(); err != nil {
		return err
	}
	if err := s.write(batch); err != nil {
		return err
	}
	for _, r := range batch {
		s.free <- &slab{arena: r.mem[:0]}
	}
	return nil
}

// write makes one run in a file of several and lists it.
func (s *sorter) write(in []*run) error {
	s.mu.Lock()
	s.nextRun++
	n := s.nextRun
	s.mu.Unlock()
	name := filepath.Join(s.dir, fmt.Sprintf("spill-%06d", n))
	m, err := newMerger(in, place{}, place{highest, highest})
	if err != nil {
		return err
	}
	r, err := writeRun(name, m, s.key, uint32(n))
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.runs = append(s.runs, r)
	s.spilled += r.size()
	s.mu.Unlock()
	return nil
}

// merge returns the runs that hold all items. Nothing may be put any more.
func (s *sorter) merge() ([]*run, error) {
	s.work.Wait()
	if err := s.failure(); err != nil {
		return nil, err
	}
	s.drop()
	for _, r := range s.runs {
		if err := r.check(); err != nil {
			return nil, err
		}
	}
	for len(s.runs) > maxFanIn {
		batch := s.runs[:maxFanIn]
		s.runs = append([]*run(nil), s.runs[maxFanIn:]...)
		if err := errors.Join(s.write(batch), closeRuns(batch)); err != nil {
			return nil, err
		}
		for _, r := range batch {
			if err := os.Remove(r.name); err != nil {
				return nil, err
			}
		}
	}
	return append(slices.Clone(s.runs), s.sorted...), nil
}

// close gives files and memory back. Nothing that the sorter gave out is used any
// more.
func (s *sorter) close() error {
	s.arenas.close()
	return closeRuns(s.runs)
}

func closeRuns(runs []*run) error {
	var errs []error
	for _, r := range runs {
		if r.close != nil {
			errs = append(errs, r.close())
		}
	}
	return errors.Join(errs...)
}

// drop lets go of the empty memory.
func (s *sorter) drop() {
	for {
		select {
		case x := <-s.free:
			s.arenas.put(x.arena)
		case w := <-s.sortings:
			s.arenas.put(w.spare)
		case <-s.refs:
		default:
			return
		}
	}
}
