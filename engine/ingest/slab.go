package ingest

import (
	"slices"
)

// ref locates an item in a slab and carries what it is first ordered by.
type ref struct {
	num, second uint64
	off, len    uint32
}

const refSize = 24

// slab is a piece of memory that holds items until they are sorted.
type slab struct {
	arena []byte
	refs  []ref
	size  int // bytes of arena and refs together at which the slab is full
}

func newSlab(size int) *slab {
	// Items are rarely shorter than 72 bytes, so this many refs go with the arena.
	arena := size / 4 * 3
	return &slab{arena: make([]byte, 0, arena), refs: make([]ref, 0, (size-arena)/refSize), size: size}
}

func (s *slab) reset() { s.arena, s.refs = s.arena[:0], s.refs[:0] }

// add copies an item. It reports false when the slab is full; an empty slab takes
// an item of any size.
func (s *slab) add(item []byte) bool {
	if len(s.refs) > 0 && (len(s.arena)+len(item) > cap(s.arena) || len(s.refs) == cap(s.refs)) {
		return false
	}
	off := len(s.arena)
	s.arena = append(s.arena, item...)
	num, second := prefixes(item)
	s.refs = append(s.refs, ref{num, second, uint32(off), uint32(len(item))})
	return true
}

func (s *slab) item(r ref) []byte { return s.arena[r.off : r.off+r.len] }

func (s *slab) sort() {
	slices.SortFunc(s.refs, func(a, b ref) int {
		switch {
		case a.num != b.num:
			if a.num < b.num {
				return -1
			}
			return 1
		case a.second != b.second:
			if a.second < b.second {
				return -1
			}
			return 1
		}
		return compareItems(s.item(a), s.item(b))
	})
}

// sortInto sorts the items and copies them into spare in their order, so that
// whoever walks them reads memory from front to back. It returns the memory the
// items were in before.
func (s *slab) sortInto(spare []byte) (before []byte) {
	s.sort()
	spare = spare[:0]
	for i := range s.refs {
		r := &s.refs[i]
		at := len(spare)
		spare = append(spare, s.arena[r.off:r.off+r.len]...)
		r.off = uint32(at)
	}
	before, s.arena = s.arena, spare
	return before
}

// slabCursor walks the items of a sorted slab.
type slabCursor struct {
	slab *slab
	at   int
}

func (c *slabCursor) next() (entry, bool, error) {
	s := c.slab
	if c.at == len(s.refs) {
		return entry{}, false, nil
	}
	r := &s.refs[c.at]
	c.at++
	return entry{r.num, r.second, s.arena[r.off : r.off+r.len]}, true, nil
}

func (c *slabCursor) close() error { return nil }
