package submission

import (
	"context"
	"errors"
	"sync"

	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/store"
)

// pinned holds what open batches are judged by, so that a generation is not opened anew for
// every part. A few are held: most batches of a day are pinned to the same.
type pinned struct {
	mu   sync.Mutex
	list []*pin // the one used last is the last
}

type pin struct {
	key   pinKey
	p     *desk.Pinned
	users int
	gone  bool // not in the list any more: closed by its last user
}

type pinKey struct {
	generation, scheme string
	on                 int32
}

const pinsHeld = 4

// errWhy says that a batch can't go on.
type errWhy struct {
	why Why
	err error
}

func (e *errWhy) Error() string {
	if e.err != nil {
		return string(e.why) + ": " + e.err.Error()
	}
	return string(e.why)
}

func (e *errWhy) Unwrap() error { return e.err }

// pin takes hold of what a batch is judged by; done lets it go.
func (o *Office) pin(ctx context.Context, b *Batch) (p *desk.Pinned, done func(), err error) {
	key := pinKey{b.Generation, b.Scheme, int32(b.On)}
	c := &o.pins
	c.mu.Lock()
	for i, x := range c.list {
		if x.key == key {
			c.list = append(append(c.list[:i:i], c.list[i+1:]...), x)
			x.users++
			c.mu.Unlock()
			return o.judgedBy(b, x)
		}
	}
	c.mu.Unlock()
	opened, err := o.o.Desk.Pin(ctx, b.Generation, b.Scheme, b.On)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil, &errWhy{GenerationGone, err}
	}
	if r, refused := desk.Refused(err); refused && r.Code == desk.InvalidField { // nobody judges the scheme any more
		return nil, nil, &errWhy{RulesChanged, err}
	}
	if err != nil {
		return nil, nil, err
	}
	x := &pin{key: key, p: opened, users: 1}
	c.mu.Lock()
	c.list = append(c.list, x)
	var old *pin
	if len(c.list) > pinsHeld {
		old = c.list[0]
		c.list = c.list[1:]
		old.gone, old.users = true, old.users+1
	}
	c.mu.Unlock()
	if old != nil {
		c.release(old)
	}
	return o.judgedBy(b, x)
}

// judgedBy hands over a pin whose rules are those that a batch was accepted for, whoever opened
// it: a batch that was accepted for others is judged by none.
func (o *Office) judgedBy(b *Batch, x *pin) (p *desk.Pinned, done func(), err error) {
	if x.p.Rules() != b.Rules {
		o.pins.release(x)
		return nil, nil, &errWhy{RulesChanged, nil}
	}
	return x.p, func() { o.pins.release(x) }, nil
}

func (c *pinned) release(x *pin) {
	c.mu.Lock()
	x.users--
	last := x.gone && x.users == 0
	c.mu.Unlock()
	if last {
		_ = x.p.Close() // it was only read
	}
}

func (c *pinned) close() error {
	c.mu.Lock()
	list := c.list
	c.list = nil
	for _, x := range list {
		x.gone, x.users = true, x.users+1
	}
	c.mu.Unlock()
	for _, x := range list {
		c.release(x)
	}
	return nil
}
