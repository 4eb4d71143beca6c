package index

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/hedui/hedui/engine/keyring"
)

const (
	maxFanIn  = 64 // most runs that are merged at once
	minBudget = 64 << 10
	maxBudget = 1 << 30
	slotBytes = 24
)

// What the runs of the two sorters of a builder are called.
const (
	mainRuns   = "run"
	filterRuns = "filter"
)

// sorter gives a set of items back in the order of their bytes, in bounded memory:
// what does not fit is spilled as sorted runs. An item has at least 9 bytes. It
// belongs to one goroutine.
type sorter struct {
	dir    string // of the runs
	name   string // what they begin with
	budget int
	arena  []byte
	slots  []slot
	sorted bool
	key    *keyring.Key // of the runs, nil when they are in the clear
	runs   []spilled
	made   int
}

// spilled is a run in a file. Its number is its own among those of a builder.
type spilled struct {
	name string
	n    uint32
}

// slot is an item in the arena; prefix is its first bytes, so that most
// comparisons do not look further.
type slot struct {
	prefix uint64
	off, n uint32
}

func newSorter(dir, name string, budget int64, key *keyring.Key) *sorter {
	return &sorter{dir: dir, name: name, key: key, budget: int(min(max(budget, minBudget), maxBudget))}
}

func (s *sorter) add(item []byte) error {
	if len(s.slots) > 0 && (len(s.arena)+len(item) > s.budget/2 || len(s.slots) == s.budget/2/slotBytes) {
		if err := s.spill(); err != nil {
			return err
		}
	}
	s.arena = grow(s.arena, len(item), s.budget/2)
	s.slots = grow(s.slots, 1, s.budget/2/slotBytes)
	s.slots = append(s.slots, slot{
		uint64(item[0])<<56 | binary.BigEndian.Uint64(item[1:])>>8, uint32(len(s.arena)), uint32(len(item)),
	})
	s.arena = append(s.arena, item...)
	s.sorted = false
	return nil
}

// grow makes room for more, by doubling up to a limit: a small index takes little
// memory, and a large one never more than its budget.
func grow[T any](s []T, more, limit int) []T {
	if len(s)+more <= cap(s) {
		return s
	}
	out := make([]T, len(s), max(min(max(2*cap(s), 1024), limit), len(s)+more))
	copy(out, s)
	return out
}

func (s *sorter) item(x slot) []byte { return s.arena[x.off : x.off+x.n] }

func (s *sorter) sort() {
	if s.sorted {
		return
	}
	s.sorted = true
	slices.SortFunc(s.slots, func(a, b slot) int {
		if c := cmp.Compare(a.prefix, b.prefix); c != 0 {
			return c
		}
		return bytes.Compare(s.item(a), s.item(b))
	})
}

func (s *sorter) spill() error {
	s.sort()
	if err := s.write(&memoryStream{s: s}); err != nil {
		return err
	}
	s.arena, s.slots = s.arena[:0], s.slots[:0]
	return nil
}

// write makes a run of a stream, every item once.
func (s *sorter) write(in stream) error {
	s.made++
	r := spilled{filepath.Join(s.dir, fmt.Sprintf("%s-%06d", s.name, s.made)), uint32(s.made) << 1}
	if s.name == filterRuns {
		r.n |= 1
	}
	if err := writeRun(r.name, in, s.key, r.n); err != nil {
		return err
	}
	s.runs = append(s.runs, r)
	return nil
}

// merge returns the items in order, each once. It may be called again when the
// stream before is closed; nothing is added afterwards.
func (s *sorter) merge() (*merger, error) {
	s.sort()
	for len(s.runs) > maxFanIn {
		batch := slices.Clone(s.runs[:maxFanIn])
		s.runs = slices.Delete(s.runs, 0, maxFanIn)
		m, err := newMerger(batch, nil, s.key)
		if err != nil {
			return nil, err
		}
		if err := errors.Join(s.write(m), m.close()); err != nil {
			return nil, err
		}
		for _, r := range batch {
			if err := os.Remove(r.name); err != nil {
				return nil, err
			}
		}
	}
	return newMerger(s.runs, &memoryStream{s: s}, s.key)
}

// stream gives items in order. An item is borrowed until the next call; nil is the
// end.
type stream interface{ next() ([]byte, error) }

// memoryStream is the items in memory.
type memoryStream struct {
	s *sorter
	i int
}

func (m *memoryStream) next() ([]byte, error) {
	if m.i == len(m.s.slots) {
		return nil, nil
	}
	m.i++
	return m.s.item(m.s.slots[m.i-1]), nil
}

// merger is several streams as one, with every item once. It is a heap of streams
// by their items.
type merger struct {
	heap  []source
	files []*runReader
	last  []byte
	begun bool
}

type source struct {
	in   stream
	item []byte
}

func newMerger(runs []spilled, memory stream, key *keyring.Key) (_ *merger, err error) {
	m := &merger{}
	defer func() {
		if err != nil {
			err = errors.Join(err, m.close())
		}
	}()
	var in []stream
	for _, x := range runs {
		r, err := openRun(x.name, key, x.n)
		if err != nil {
			return nil, err
		}
		m.files = append(m.files, r)
		in = append(in, r)
	}
	if memory != nil {
		in = append(in, memory)
	}
	for _, x := range in {
		item, err := x.next()
		if err != nil {
			return nil, err
		}
		if item != nil {
			m.heap = append(m.heap, source{x, item})
		}
	}
	for i := len(m.heap)/2 - 1; i >= 0; i-- {
		m.down(i)
	}
	return m, nil
}

func (m *merger) down(i int) {
	for {
		c := 2*i + 1
		if c >= len(m.heap) {
			return
		}
		if c+1 < len(m.heap) && bytes.Compare(m.heap[c+1].item, m.heap[c].item) < 0 {
			c++
		}
		if bytes.Compare(m.heap[c].item, m.heap[i].item) >= 0 {
			return
		}
		m.heap[i], m.heap[c] = m.heap[c], m.heap[i]
		i = c
	}
}

func (m *merger) next() ([]byte, error) {
	for len(m.heap) > 0 {
		top := &m.heap[0]
		fresh := !m.begun || !bytes.Equal(top.item, m.last)
		if fresh {
			m.last, m.begun = append(m.last[:0], top.item...), true
		}
		item, err := top.in.next()
		if err != nil {
			return nil, err
		}
		if top.item = item; item == nil {
			m.heap[0] = m.heap[len(m.heap)-1]
			m.heap = m.heap[:len(m.heap)-1]
		}
		m.down(0)
		if fresh {
			return m.last, nil
		}
	}
	return nil, nil
}

func (m *merger) close() (err error) {
	for _, f := range m.files {
		err = errors.Join(err, f.f.Close())
	}
	return err
}
