// Package current holds what is current and may be replaced while it is being used,
// such as the generation that requests read.
//
// Main type: Holder. Use gives the current value and a hold on it; Switch puts
// another in its place. A value is closed when it has been replaced and its last
// hold is released, never before.
//
// Invariants:
//   - Between Use and Release the value is open, whatever is switched meanwhile.
//   - Every value is closed exactly once.
//   - Use never waits for a Switch that is opening or closing something.
//
// What it does not do: open values, or decide when to switch.
package current

import (
	"errors"
	"io"
	"sync"
)

// ErrNone says that there is no current value: none was set, or the holder is closed.
var ErrNone = errors.New("there is none")

// Holder holds the current value. Its zero value holds none.
type Holder[T io.Closer] struct {
	mu     sync.Mutex
	now    *Hold[T]
	closed bool
}

// Hold is a hold on one value.
type Hold[T io.Closer] struct {
	Value T

	holder *Holder[T]
	holds  int // one of the holder while it is current, and one of each user; under holder.mu
}

// Use takes hold of the current value.
func (h *Holder[T]) Use() (*Hold[T], error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.now == nil {
		return nil, ErrNone
	}
	h.now.holds++
	return h.now, nil
}

// Release lets go of the value. Whoever lets go last of one that was replaced
// closes it.
func (d *Hold[T]) Release() error {
	d.holder.mu.Lock()
	d.holds--
	last := d.holds == 0
	d.holder.mu.Unlock()
	if last {
		return d.Value.Close()
	}
	return nil
}

// Switch makes a value the current one. The error is that of closing the one before
// it, when nobody held that any more. A closed holder closes the value at once.
func (h *Holder[T]) Switch(v T) error {
	next := &Hold[T]{Value: v, holder: h, holds: 1}
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		return errors.Join(ErrNone, v.Close())
	}
	before := h.now
	h.now = next
	h.mu.Unlock()
	if before == nil {
		return nil
	}
	return before.Release()
}

// Close ends the holder: the value is closed when its last user lets go.
func (h *Holder[T]) Close() error {
	h.mu.Lock()
	before := h.now
	h.now, h.closed = nil, true
	h.mu.Unlock()
	if before == nil {
		return nil
	}
	return before.Release()
}
