package store

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/hedui/hedui/engine/block"
	"github.com/hedui/hedui/engine/household"
)

// pages is where the bytes of blocks come from: what differs between stores.
// Bytes and errors are raw; generation verifies and explains them.
type pages interface {
	// cursor returns a reader for one goroutine, to be closed after use.
	cursor() cursor
	// where names the file that holds a block.
	where(s, i int) string
	// sweepFiles verifies all files and tells the bytes done after each piece, from
	// several goroutines.
	sweepFiles(ctx context.Context, done func(n int64)) error
	close() error
}

// cursor reads blocks.
type cursor interface {
	// read returns the bytes of block i of section s; they hold until the next call.
	read(s, i int) ([]byte, error)
	close()
}

// generation is the Generation of both stores.
type generation struct {
	manifest *Manifest
	fences   []*fence
	pages    pages
	gate     gate
	// unverified replaces verification. Only the self-check of the corruption test
	// sets it, to see that the test notices.
	unverified func(raw []byte, err error) (block.Block, error)
}

// Manifest implements Generation.
func (g *generation) Manifest() *Manifest { return g.manifest }

func (g *generation) section(name string) (int, *fence, error) {
	for s, f := range g.fences {
		if f.name == name {
			return s, f, nil
		}
	}
	return 0, nil, fmt.Errorf("section %s: %w", name, ErrNoSection)
}

// verify turns what was read into a block that is proven to be the sealed one.
func (g *generation) verify(s, i int, raw []byte, err error) (block.Block, error) {
	if g.unverified != nil {
		return g.unverified(raw, err)
	}
	var b block.Block
	if err == nil {
		b, err = g.fences[s].verify(i, raw)
	}
	if err != nil {
		return block.Block{}, &DamageError{
			Generation: g.manifest.ID, File: g.pages.where(s, i), Section: g.fences[s].name, Block: i, Err: err,
		}
	}
	return b, nil
}

// View implements Generation.
func (g *generation) View(section string, key household.PersonKey, fn func(block.Block) error) error {
	if err := g.gate.enter(); err != nil {
		return err
	}
	defer g.gate.leave()
	s, f, err := g.section(section)
	if err != nil {
		return err
	}
	c := g.pages.cursor()
	defer c.close()
	i := f.covering(key)
	raw, err := c.read(s, i)
	b, err := g.verify(s, i, raw, err)
	if err != nil {
		return err
	}
	return fn(b)
}

// Walk implements Generation.
func (g *generation) Walk(ctx context.Context, section string, from household.PersonKey,
	fn func(block.Block) (next household.PersonKey, more bool, err error),
) error {
	if err := g.gate.enter(); err != nil {
		return err
	}
	defer g.gate.leave()
	s, f, err := g.section(section)
	if err != nil {
		return err
	}
	c := g.pages.cursor()
	defer c.close()
	for i := f.covering(from); i < len(f.posts); {
		if err := ctx.Err(); err != nil {
			return err
		}
		raw, err := c.read(s, i)
		b, err := g.verify(s, i, raw, err)
		if err != nil {
			return err
		}
		next, more, err := fn(b)
		if err != nil || !more {
			return err
		}
		i++
		// Most walks go to the next block or a few further: look there first.
		if i < len(f.posts) && (i+1 < len(f.posts) && f.posts[i+1].low.Compare(next) <= 0) {
			i = max(i, f.covering(next))
		}
	}
	return nil
}

// Sweep implements Generation.
func (g *generation) Sweep(ctx context.Context, progress func(done, total int64)) error {
	if err := g.gate.enter(); err != nil {
		return err
	}
	defer g.gate.leave()
	var done, total int64
	for _, f := range g.manifest.Files {
		total += f.Size
	}
	for _, s := range g.manifest.Sections {
		total += s.Bytes
	}
	var mu sync.Mutex
	step := func(n int64) {
		mu.Lock()
		defer mu.Unlock()
		done += n
		if progress != nil {
			progress(done, total)
		}
	}
	if err := g.pages.sweepFiles(ctx, step); err != nil {
		return err
	}
	return g.sweepBlocks(ctx, step)
}

// sweepBlocks verifies all blocks and tells the bytes of each, from several goroutines.
func (g *generation) sweepBlocks(ctx context.Context, done func(n int64)) error {
	const run = 64 // blocks that one goroutine reads in a row
	var runs []struct{ s, from int }
	for s, f := range g.fences {
		for i := 0; i < len(f.posts); i += run {
			runs = append(runs, struct{ s, from int }{s, i})
		}
	}
	return inParallel(len(runs), func(r int) error {
		c := g.pages.cursor()
		defer c.close()
		s, from := runs[r].s, runs[r].from
		for i := from; i < min(from+run, len(g.fences[s].posts)); i++ {
			if err := ctx.Err(); err != nil {
				return err
			}
			raw, err := c.read(s, i)
			if _, err := g.verify(s, i, raw, err); err != nil {
				return err
			}
			done(int64(len(raw)))
		}
		return nil
	})
}

// Close implements Generation.
func (g *generation) Close() error {
	if !g.gate.shut() {
		return nil
	}
	return g.pages.close()
}

// errMissing is what pages return for a block that is not there.
var errMissing = errors.New("the block is missing")

// gate lets readers in until it is shut, and shuts when the last has left. Unlike
// a read-write lock it lets a reader enter again while somebody waits to shut it:
// the inner one is refused and the outer one leaves.
type gate struct {
	mu     sync.Mutex
	inside int
	closed bool
	empty  chan struct{} // made by shut, closed by the last reader
}

func (g *gate) enter() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return ErrClosed
	}
	g.inside++
	return nil
}

func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inside--
	if g.closed && g.inside == 0 {
		close(g.empty)
	}
}

// shut waits for the readers inside; it reports false when the gate was shut before.
func (g *gate) shut() bool {
	g.mu.Lock()
	if g.closed {
		g.mu.Unlock()
		return false
	}
	g.closed = true
	if g.inside == 0 {
		g.mu.Unlock()
		return true
	}
	g.empty = make(chan struct{})
	g.mu.Unlock()
	<-g.empty
	return true
}
