package publish

import (
	"context"
	"errors"
	"io"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/index"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/engine/snapshot"
	"github.com/hedui/hedui/engine/store"
)

// input is one snapshot during the merge.
type input struct {
	ordinal int
	part    *part
	snap    *snapshot.Snapshot
	cursor  *snapshot.Cursor
	key     household.PersonKey
	entry   []byte
	keep    func(s household.Source, content []byte) (bool, error)
}

// advance reads the next person and reports false at the end.
func (in *input) advance() (bool, error) {
	key, entry, err := in.cursor.Next()
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	in.key, in.entry = key, entry
	return err == nil, err
}

// merge walks all snapshots at once, person after person. It belongs to one
// goroutine.
type merge struct {
	heap    []*input
	builder profile.Builder
	entry   []byte
	persons int64
	feed    *index.Feed
	done    int64 // entries read
}

func newMerge(inputs []*input) (*merge, error) {
	m := &merge{}
	for _, in := range inputs {
		ok, err := in.advance()
		if err != nil {
			return nil, err
		}
		if ok {
			m.heap = append(m.heap, in)
		}
	}
	for i := len(m.heap)/2 - 1; i >= 0; i-- {
		m.down(i)
	}
	return m, nil
}

// before orders inputs by their person, those of one person by their ordinal.
func before(a, b *input) bool {
	if c := a.key.Compare(b.key); c != 0 {
		return c < 0
	}
	return a.ordinal < b.ordinal
}

func (m *merge) down(i int) {
	for {
		c := 2*i + 1
		if c >= len(m.heap) {
			return
		}
		if c+1 < len(m.heap) && before(m.heap[c+1], m.heap[c]) {
			c++
		}
		if !before(m.heap[c], m.heap[i]) {
			return
		}
		m.heap[i], m.heap[c] = m.heap[c], m.heap[i]
		i = c
	}
}

// run writes the people for whom want holds into the section and stops at the
// first of whom it does not hold.
func (m *merge) run(ctx context.Context, out store.SectionWriter, want func(household.PersonKey) bool, progress func()) error {
	for len(m.heap) > 0 && want(m.heap[0].key) {
		key := m.heap[0].key
		m.builder.Reset()
		registered := false
		for len(m.heap) > 0 && m.heap[0].key == key {
			in := m.heap[0]
			registered = registered || in.part.entry.Source == household.Register
			if err := m.builder.Merge(in.entry, in.ordinal, in.keep); err != nil {
				return &snapshot.DamageError{Snapshot: in.part.entry.ID, File: "hot.blocks", Err: err}
			}
			if m.done++; m.done&0xfff == 0 {
				if err := ctx.Err(); err != nil {
					return err
				}
				progress()
			}
			ok, err := in.advance()
			if err != nil {
				return err
			}
			if !ok {
				m.heap[0] = m.heap[len(m.heap)-1]
				m.heap = m.heap[:len(m.heap)-1]
			}
			m.down(0)
		}
		if m.builder.Empty() {
			continue
		}
		m.entry = m.builder.Append(m.entry[:0])
		if err := out.Add(key, m.entry); err != nil {
			return err
		}
		if err := m.feed.Add(key, registered, m.entry); err != nil {
			return err
		}
		m.persons++
	}
	return nil
}
