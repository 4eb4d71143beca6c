package ingest

import (
	"encoding/binary"
)

// ref locates an item in a slab, behind its length.
type ref struct {
	num      uint64 // of the item's person
	off, len uint32
}

// slab is a piece of memory that holds items until they are sorted. Before every
// item is its length as a uvarint, as in the frames of a run.
type slab struct {
	arena []byte
	refs  []ref // not part of the slab's size: sorters have their own
}

// add copies an item. It reports false when the slab is full; an empty slab takes
// an item of any size.
func (s *slab) add(item []byte) bool {
	if len(s.refs) > 0 && len(s.arena)+len(item)+binary.MaxVarintLen32 > cap(s.arena) {
		return false
	}
	s.arena = binary.AppendUvarint(s.arena, uint64(len(item)))
	s.refs = append(s.refs, ref{binary.BigEndian.Uint64(item), uint32(len(s.arena)), uint32(len(item))})
	s.arena = append(s.arena, item...)
	return true
}

func itemAt(arena []byte, r ref) []byte { return arena[r.off : r.off+r.len] }

// sorting is what a slab needs while it is sorted.
type sorting struct {
	refs  []ref
	spare []byte // may be nil
}

// sort makes a run of the items, in memory. It takes the memory of w for it and
// leaves the slab's there; the slab is without memory afterwards.
func (s *slab) sort(w *sorting) *run {
	w.refs = growRefs(w.refs, len(s.refs))
	sorted, other := sortRefs(s.refs, w.refs, s.arena)
	out := w.spare
	if cap(out) < len(s.arena) {
		out = make([]byte, 0, max(cap(s.arena), len(s.arena)))
	}
	out = out[:0]
	r := &run{}
	frame := 0 // where the open frame begins
	for i := range sorted {
		item := itemAt(s.arena, sorted[i])
		if i == 0 || len(out)-frame+len(item) > frameTarget {
			frame = len(out)
			r.posts = append(r.posts, post{at: placeOf(item), off: int64(frame)})
		}
		out = binary.AppendUvarint(out, uint64(len(item)))
		out = append(out, item...)
	}
	for i := range r.posts {
		end := int64(len(out))
		if i+1 < len(r.posts) {
			end = r.posts[i+1].off
		}
		r.posts[i].size = uint32(end - r.posts[i].off)
	}
	r.mem = out
	w.refs, w.spare = other[:0], s.arena[:0]
	s.refs, s.arena = sorted[:0], nil
	return r
}

func growRefs(r []ref, n int) []ref {
	if cap(r) < n {
		return make([]ref, 0, n+n/8)
	}
	return r[:0]
}
