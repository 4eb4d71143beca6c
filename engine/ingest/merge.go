package ingest

import "errors"

// entry is the next item of a sorted stream; it is borrowed until the stream's
// next call.
type entry struct {
	num, second uint64
	item        []byte
}

// less orders entries completely.
func (e *entry) less(o *entry) bool {
	if e.num != o.num {
		return e.num < o.num
	}
	if e.second != o.second {
		return e.second < o.second
	}
	return compareItems(e.item, o.item) < 0
}

// stream is a sorted sequence of items.
type stream interface {
	// next returns the next item and false at the end.
	next() (entry, bool, error)
	close() error
}

// merger merges sorted streams by a heap of their first items. It is a stream.
type merger struct {
	heap    []head
	started bool
	all     []stream
}

type head struct {
	entry entry
	from  stream
}

func newMerger(streams []stream) *merger { return &merger{all: streams} }

func (m *merger) next() (entry, bool, error) {
	if !m.started {
		m.started = true
		for _, s := range m.all {
			e, ok, err := s.next()
			if err != nil {
				return entry{}, false, err
			}
			if ok {
				m.heap = append(m.heap, head{e, s})
			}
		}
		for i := len(m.heap)/2 - 1; i >= 0; i-- {
			m.down(i)
		}
	} else if len(m.heap) > 0 {
		// The item given out last is still at the top: its stream goes on only now,
		// because the caller was using its bytes.
		e, ok, err := m.heap[0].from.next()
		if err != nil {
			return entry{}, false, err
		}
		if ok {
			m.heap[0].entry = e
		} else {
			m.heap[0] = m.heap[len(m.heap)-1]
			m.heap = m.heap[:len(m.heap)-1]
		}
		m.down(0)
	}
	if len(m.heap) == 0 {
		return entry{}, false, nil
	}
	return m.heap[0].entry, true, nil
}

func (m *merger) down(i int) {
	for {
		c := 2*i + 1
		if c >= len(m.heap) {
			return
		}
		if c+1 < len(m.heap) && m.heap[c+1].entry.less(&m.heap[c].entry) {
			c++
		}
		if !m.heap[c].entry.less(&m.heap[i].entry) {
			return
		}
		m.heap[i], m.heap[c] = m.heap[c], m.heap[i]
		i = c
	}
}

func (m *merger) close() error {
	var errs []error
	for _, s := range m.all {
		errs = append(errs, s.close())
	}
	return errors.Join(errs...)
}
