package publish

import (
	"context"
	"runtime"
	"slices"
	"sync"

	"github.com/hedui/hedui/engine/changes"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/index"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/engine/snapshot"
	"github.com/hedui/hedui/engine/store"
)

const (
	// defaultRangeBytes is how much of the snapshots is merged at a time.
	defaultRangeBytes = 4 << 20

	// maxWorkers bounds the memory that merged ranges take.
	maxWorkers = 8
)

// input is one snapshot of a merge.
type input struct {
	ordinal int
	part    *part
	snap    *snapshot.Snapshot
}

// keep reports whether a record belongs to the generation; nil keeps all.
func (in *input) keep() func(household.Source, []byte) (bool, error) {
	if !in.part.entry.Source.IsFlow() {
		return nil
	}
	return func(_ household.Source, content []byte) (bool, error) {
		period, err := profile.PeriodOf(content)
		return err == nil && in.part.keeps(period), err
	}
}

// batch is the people of one range, merged.
type batch struct {
	keys       []household.PersonKey
	ends       []int // of their entries in data
	registered []bool
	digests    []uint64
	data       []byte
	read       int64 // entries of snapshots
	records    int64 // kept
	err        error // with which the range ended early
}

func (b *batch) reset() {
	*b = batch{keys: b.keys[:0], ends: b.ends[:0], registered: b.registered[:0], digests: b.digests[:0], data: b.data[:0]}
}

// merge walks all snapshots at once. The space of keys is cut into ranges, at the keys
// of pages, so that a person lies in one; ranges are merged in goroutines of their own
// and taken in order. So nothing that comes out depends on how many there are. It
// belongs to one goroutine.
type merge struct {
	inputs  []*input
	bounds  []household.PersonKey // where ranges begin; the last has no end
	results []chan *batch         // of each range
	free    chan *batch
	stop    context.CancelFunc
	running sync.WaitGroup
	mu      sync.Mutex
	begun   int // ranges

	feed          *index.Feed
	digests       *changes.Builder
	place         int    // in batch
	batch         *batch // being written, nil before the first
	at            int    // in batch
	done, records int64
}

// newMerge begins to merge. The caller closes it.
func newMerge(ctx context.Context, inputs []*input, rangeBytes int) *merge {
	m := &merge{inputs: inputs, bounds: bounds(inputs, rangeBytes)}
	ctx, m.stop = context.WithCancel(ctx)
	m.results = make([]chan *batch, len(m.bounds))
	for i := range m.results {
		m.results[i] = make(chan *batch, 1)
	}
	workers := min(runtime.GOMAXPROCS(0), maxWorkers, len(m.bounds))
	m.free = make(chan *batch, workers+2)
	for range workers + 2 {
		m.free <- &batch{}
	}
	for range workers {
		m.running.Go(func() { m.work(ctx) })
	}
	return m
}

// bounds cuts the key space into ranges of about rangeBytes.
func bounds(inputs []*input, rangeBytes int) []household.PersonKey {
	type page struct {
		low   household.PersonKey
		bytes int
	}
	var pages []page
	for _, in := range inputs {
		for low, bytes := range in.snap.Pages() {
			pages = append(pages, page{low, bytes})
		}
	}
	slices.SortFunc(pages, func(a, b page) int { return a.low.Compare(b.low) })
	cuts, bytes := []household.PersonKey{{}}, 0
	for _, p := range pages {
		if bytes >= rangeBytes && p.low != cuts[len(cuts)-1] {
			cuts, bytes = append(cuts, p.low), 0
		}
		bytes += p.bytes
	}
	return cuts
}

// close ends the goroutines.
func (m *merge) close() {
	m.stop()
	m.running.Wait()
}

// work merges ranges until none is left. Who has a batch takes the lowest range, so the
// one that is waited for is always being merged.
func (m *merge) work(ctx context.Context) {
	w := newWorker(m.inputs)
	for {
		var b *batch
		select {
		case b = <-m.free:
		case <-ctx.Done():
			return
		}
		m.mu.Lock()
		i := m.begun
		m.begun++
		m.mu.Unlock()
		if i >= len(m.bounds) {
			return
		}
		b.reset()
		var to household.PersonKey
		if i+1 < len(m.bounds) {
			to = m.bounds[i+1]
		}
		b.err = w.merge(ctx, m.bounds[i], to, b)
		m.results[i] <- b
	}
}

// next makes the next range the one being written; more is false after the last.
func (m *merge) next(ctx context.Context) (more bool, err error) {
	if m.batch != nil {
		m.free <- m.batch
		m.batch = nil
		m.place++
	}
	if m.place == len(m.results) {
		return false, nil
	}
	select {
	case m.batch = <-m.results[m.place]:
	case <-ctx.Done():
		return false, ctx.Err()
	}
	m.at = 0
	m.done += m.batch.read
	m.records += m.batch.records
	return true, m.batch.err
}

// run writes the people for whom want holds into the section and stops at the
// first of whom it does not hold.
func (m *merge) run(ctx context.Context, out store.SectionWriter, want func(household.PersonKey) bool, progress func()) error {
	for {
		if m.batch == nil || m.at == len(m.batch.keys) {
			more, err := m.next(ctx)
			if err != nil || !more {
				return err
			}
			progress()
			continue
		}
		b, i := m.batch, m.at
		key, from := b.keys[i], 0
		if !want(key) {
			return nil
		}
		if i > 0 {
			from = b.ends[i-1]
		}
		entry := b.data[from:b.ends[i]]
		if err := out.Add(key, entry); err != nil {
			return err
		}
		if err := m.feed.Add(key, b.registered[i], entry); err != nil {
			return err
		}
		if err := m.digests.Add(key, b.digests[i]); err != nil {
			return err
		}
		m.at++
	}
}
