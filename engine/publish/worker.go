package publish

import (
	"context"
	"errors"
	"io"

	"github.com/cespare/xxhash/v2"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/engine/snapshot"
)

// worker merges one range after another.
type worker struct {
	sources []source
	heap    []*source
	builder profile.Builder
}

// source is a snapshot during the merge of a range, at one person.
type source struct {
	*input
	filter func(household.Source, []byte) (bool, error)
	cursor *snapshot.Cursor
	key    household.PersonKey
	entry  []byte
}

func newWorker(inputs []*input) *worker {
	w := &worker{sources: make([]source, len(inputs))}
	w.builder.Deliver(deliverers(inputs))
	for i, in := range inputs {
		w.sources[i] = source{input: in, filter: in.keep(), cursor: in.snap.Entries()}
	}
	return w
}

// deliverers numbers the providers of the inputs, by ordinal, alike in every generation.
func deliverers(inputs []*input) []uint64 {
	out := make([]uint64, len(inputs))
	for i, in := range inputs {
		e := &in.part.entry
		out[i] = xxhash.Sum64String(e.Source.String() + "\x00" + e.Provider)
	}
	return out
}

// advance reads the next person and reports false at the end.
func (s *source) advance() (more bool, err error) {
	s.key, s.entry, err = s.cursor.Next()
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	return err == nil, err
}

// before orders sources by their person, those of one person by their ordinal.
func before(a, b *source) bool {
	if a.key.Num != b.key.Num {
		return a.key.Num < b.key.Num
	}
	if c := a.key.Compare(b.key); c != 0 {
		return c < 0
	}
	return a.ordinal < b.ordinal
}

func (w *worker) down(i int) {
	h := w.heap
	for {
		c := 2*i + 1
		if c >= len(h) {
			return
		}
		if c+1 < len(h) && before(h[c+1], h[c]) {
			c++
		}
		if !before(h[c], h[i]) {
			return
		}
		h[i], h[c] = h[c], h[i]
		i = c
	}
}

// start puts the sources at the first person of a range.
func (w *worker) start(from, to household.PersonKey) error {
	w.heap = w.heap[:0]
	for i := range w.sources {
		s := &w.sources[i]
		s.cursor.Seek(from, to)
		more, err := s.advance()
		if err != nil {
			return err
		}
		if more {
			w.heap = append(w.heap, s)
		}
	}
	for i := len(w.heap)/2 - 1; i >= 0; i-- {
		w.down(i)
	}
	return nil
}

// merge appends the people of a range, person after person, to a batch.
func (w *worker) merge(ctx context.Context, from, to household.PersonKey, out *batch) error {
	if err := w.start(from, to); err != nil {
		return err
	}
	for len(w.heap) > 0 {
		key := w.heap[0].key
		w.builder.Reset()
		registered := false
		for len(w.heap) > 0 && w.heap[0].key == key {
			s := w.heap[0]
			registered = registered || s.part.entry.Source == household.Register
			if err := w.builder.Merge(s.entry, s.ordinal, s.filter); err != nil {
				return &snapshot.DamageError{Snapshot: s.part.entry.ID, File: "hot.blocks", Err: err}
			}
			if out.read++; out.read&0xfff == 0 {
				if err := ctx.Err(); err != nil {
					return err
				}
			}
			more, err := s.advance()
			if err != nil {
				return err
			}
			if !more {
				w.heap[0] = w.heap[len(w.heap)-1]
				w.heap = w.heap[:len(w.heap)-1]
			}
			w.down(0)
		}
		out.records += int64(w.builder.Records())
		if w.builder.Empty() {
			continue
		}
		at := len(out.data)
		out.data = w.builder.Append(out.data)
		out.keys, out.ends, out.registered = append(out.keys, key), append(out.ends, len(out.data)), append(out.registered, registered)
		out.digests = append(out.digests, w.builder.Fingerprint(out.data[at:]))
	}
	return nil
}
