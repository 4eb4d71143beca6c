package desk

import (
	"context"
	"errors"
	"sync"

	"github.com/hedui/hedui/engine/store"
)

// errClosed says that the desk was closed.
var errClosed = errors.New("the desk is closed")

// current counts who reads which generation. The one that is current has a reader more
// than those who read it, so it stays open; any other closes with its last reader.
type current struct {
	store store.Store
	wrap  func(store.Generation) *generation

	switching sync.Mutex // one Refresh at a time

	mu     sync.Mutex
	now    *generation
	open   map[string]*generation // by id
	closed bool
}

func newCurrent(s store.Store, wrap func(store.Generation) *generation) *current {
	return &current{store: s, wrap: wrap, open: map[string]*generation{}}
}

// Refresh takes up the generation that was published last. Whoever reads the one
// before goes on reading it. It reports whether there was a newer one.
func (d *Desk) Refresh(ctx context.Context) (changed bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	return d.current.refresh()
}

// Generation is the id of the generation that is read now, "" for none.
func (d *Desk) Generation() string {
	c := d.current
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.now == nil {
		return ""
	}
	return c.now.id
}

func (c *current) refresh() (changed bool, err error) {
	c.switching.Lock()
	defer c.switching.Unlock()
	id, err := c.store.Current()
	if err != nil {
		return false, err
	}
	c.mu.Lock()
	same := c.now != nil && c.now.id == id
	c.mu.Unlock()
	if same {
		return false, nil
	}
	next, err := c.acquireID(id)
	if err != nil {
		return false, err
	}
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return false, errors.Join(errClosed, c.release(next))
	}
	before := c.now
	c.now = next // which keeps the hold just taken
	c.mu.Unlock()
	if before != nil {
		err = c.release(before)
	}
	return true, err
}

// acquire takes hold of the current generation; release lets it go. The first one
// opens it.
func (c *current) acquire() (*generation, error) {
	for {
		c.mu.Lock()
		switch {
		case c.closed:
			c.mu.Unlock()
			return nil, errClosed
		case c.now != nil:
			c.now.readers++
			g := c.now
			c.mu.Unlock()
			return g, nil
		}
		c.mu.Unlock()
		if _, err := c.refresh(); err != nil {
			return nil, err
		}
	}
}

// acquireID takes hold of a generation that need not be current.
func (c *current) acquireID(id string) (*generation, error) {
	if g, err := c.held(id); g != nil || err != nil {
		return g, err
	}
	opened, err := c.store.Open(id)
	if err != nil {
		return nil, err
	}
	g := c.wrap(opened)
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return nil, errors.Join(errClosed, opened.Close())
	}
	if other := c.open[id]; other != nil { // somebody was faster
		other.readers++
		c.mu.Unlock()
		return other, opened.Close()
	}
	g.readers = 1
	c.open[id] = g
	c.mu.Unlock()
	return g, nil
}

func (c *current) held(id string) (*generation, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, errClosed
	}
	g := c.open[id]
	if g != nil {
		g.readers++
	}
	return g, nil
}

// release lets go of a generation. Whoever lets go last closes it.
func (c *current) release(g *generation) error {
	c.mu.Lock()
	g.readers--
	last := g.readers == 0
	if last {
		delete(c.open, g.id)
	}
	c.mu.Unlock()
	if last {
		return g.Close()
	}
	return nil
}

func (c *current) close() error {
	c.mu.Lock()
	before := c.now
	c.now, c.closed = nil, true
	c.mu.Unlock()
	if before == nil {
		return nil
	}
	return c.release(before)
}
