package ingest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
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
	dir     string
	free    chan *slab
	spare   chan []byte // memory to sort into
	size    int         // of a slab, in bytes
	spillAt int         // sorted slabs that make a run
	work    sync.WaitGroup
	failed  chan struct{} // closed by the first error

	mu      sync.Mutex // guards what follows
	made    int
	slabs   int // that there may be
	sorted  []*slab
	runs    []string
	nextRun int
	spilled int64
	err     error

	spilling sync.Mutex // one run is written at a time
}

func newSorter(dir string, budget int64, parsers int) *sorter {
	slabs := max(8, parsers+2)
	size := int(min(max(budget/int64(slabs), minSlab), maxSlab))
	slabs = max(slabs, int(budget/int64(size)))
	return &sorter{
		dir: dir, failed: make(chan struct{}), free: make(chan *slab, slabs), spare: make(chan []byte, slabs), size: size, slabs: slabs,
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
	select {
	case x := <-s.free:
		return x, nil
	default:
	}
	s.mu.Lock()
	if s.made < s.slabs {
		s.made++
		s.mu.Unlock()
		return newSlab(s.size), nil
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
		var spare []byte
		select {
		case spare = <-s.spare:
		default:
			spare = make([]byte, 0, cap(x.arena))
		}
		s.spare <- x.sortInto(spare)
		s.mu.Lock()
		s.sorted = append(s.sorted, x)
		var batch []*slab
		if len(s.sorted) >= s.spillAt {
			batch, s.sorted = s.sorted, nil
		}
		full := s.made == s.slabs
		if batch != nil && !full {
			// There is memory left: nothing needs to be spilled yet.
			batch, s.sorted = nil, batch
		}
		s.mu.Unlock()
		if batch != nil {
			if err := s.spill(batch); err != nil {
				s.fail(err)
			}
		}
	})
}

func (s *sorter) spill(batch []*slab) error {
	s.spilling.Lock()
	defer s.spilling.Unlock()
	if err := s.failure(); err != nil {
		return err
	}
	streams := make([]stream, len(batch))
	for i, x := range batch {
		streams[i] = &slabCursor{slab: x}
	}
	if err := s.write(newMerger(streams)); err != nil {
		return err
	}
	for _, x := range batch {
		x.reset()
		s.free <- x
	}
	return nil
}

// write makes a run of a stream and lists it.
func (s *sorter) write(in stream) error {
	s.mu.Lock()
	s.nextRun++
	name := filepath.Join(s.dir, fmt.Sprintf("spill-%06d", s.nextRun))
	s.mu.Unlock()
	n, err := writeRun(name, in)
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.runs = append(s.runs, name)
	s.spilled += n
	s.mu.Unlock()
	return nil
}

// merge returns all items in order. Nothing may be put any more.
func (s *sorter) merge() (stream, error) {
	s.work.Wait()
	if err := s.failure(); err != nil {
		return nil, err
	}
	s.drop()
	for len(s.runs) > maxFanIn {
		batch := s.runs[:maxFanIn]
		s.runs = append([]string(nil), s.runs[maxFanIn:]...)
		in, err := openRuns(batch)
		if err != nil {
			return nil, err
		}
		m := newMerger(in)
		if err := errors.Join(s.write(m), m.close()); err != nil {
			return nil, err
		}
		for _, name := range batch {
			if err := os.Remove(name); err != nil {
				return nil, err
			}
		}
	}
	in, err := openRuns(s.runs)
	if err != nil {
		return nil, err
	}
	for _, x := range s.sorted {
		in = append(in, &slabCursor{slab: x})
	}
	return newMerger(in), nil
}

// drop lets go of the empty memory.
func (s *sorter) drop() {
	for {
		select {
		case <-s.free:
		case <-s.spare:
		default:
			return
		}
	}
}

func openRuns(names []string) ([]stream, error) {
	var in []stream
	for _, name := range names {
		r, err := openRun(name)
		if err != nil {
			return nil, errors.Join(err, newMerger(in).close())
		}
		in = append(in, r)
	}
	return in, nil
}
