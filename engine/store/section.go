package store

import (
	"fmt"

	"github.com/hedui/hedui/engine/block"
	"github.com/hedui/hedui/engine/household"
)

// cutter is the SectionWriter of both stores: it cuts the stream of entries into
// blocks, so that the same entries give the same blocks wherever they are kept.
type cutter struct {
	fence   *fence
	options BuildOptions
	// emit keeps block i of the section. It must not hold on to raw.
	emit func(i int, p post, raw []byte) error
	done func()

	page   block.Builder
	raw    []byte              // of blocks, used again
	low    household.PersonKey // first key of the open block's range
	closed bool
	err    error // the first error, which every later call returns
}

// Add implements SectionWriter.
func (c *cutter) Add(key household.PersonKey, entry []byte) error {
	if c.closed {
		return ErrClosed
	}
	if c.err != nil {
		return c.err
	}
	if n := c.page.Len(); n > 0 && (n >= c.options.BlockPeople || c.page.Size()+len(entry) > c.options.BlockBytes) {
		if c.err = c.cut(key, false); c.err != nil {
			return c.err
		}
	}
	if err := c.page.Add(key, entry); err != nil {
		c.err = fmt.Errorf("section %s: %w", c.fence.name, err)
	}
	return c.err
}

// cut closes the open block below the key high.
func (c *cutter) cut(high household.PersonKey, last bool) error {
	p := post{low: c.low, entries: uint32(c.page.Len())}
	raw, err := c.page.AppendTo(c.raw[:0], c.low, high, last)
	if err != nil {
		return fmt.Errorf("section %s: %w", c.fence.name, err)
	}
	if c.raw = raw; cap(raw) > 2*partSize {
		c.raw = nil // a block of pieces may be very large
	}
	b, err := block.Open(raw)
	if err != nil {
		return fmt.Errorf("section %s: block just made: %w", c.fence.name, err)
	}
	p.checksum, p.size = b.Checksum(), uint32(len(raw))
	i := len(c.fence.posts)
	c.fence.posts = append(c.fence.posts, p)
	c.low = high
	return c.emit(i, p, raw)
}

// Close implements SectionWriter.
func (c *cutter) Close() error {
	if c.closed {
		return ErrClosed
	}
	c.closed = true
	if c.err == nil {
		c.err = c.cut(household.PersonKey{}, true)
	}
	if c.err == nil {
		c.done()
	}
	return c.err
}

// sections keeps the order of a builder: one section after another, then the seal.
type sections struct {
	options BuildOptions
	fences  []*fence
	open    bool // a section is not closed, or failed
	over    bool // sealed or aborted
}

func (s *sections) next(name string, version int, emit func(i int, p post, raw []byte) error) (SectionWriter, error) {
	switch {
	case s.over:
		return nil, ErrClosed
	case s.open:
		return nil, fmt.Errorf("section %s: the section before is not closed", name)
	case version < 0 || version > 0xffff:
		return nil, fmt.Errorf("section %s: version %d is not between 0 and 65535", name, version)
	case name == "" || len(s.fences) == maxSections:
		return nil, fmt.Errorf("section %q: no name, or more than %d sections", name, maxSections)
	}
	for _, f := range s.fences {
		if f.name == name {
			return nil, fmt.Errorf("section %s: already written", name)
		}
	}
	f := &fence{name: name, version: version}
	s.fences = append(s.fences, f)
	s.open = true
	return &cutter{
		fence: f, options: s.options, emit: emit, done: func() { s.open = false },
		page: block.Builder{ProfileVersion: uint16(version)},
	}, nil
}

// finish checks that the generation may be sealed.
func (s *sections) finish() error {
	if s.over {
		return ErrClosed
	}
	s.over = true
	if s.open {
		return fmt.Errorf("section %s is not closed", s.fences[len(s.fences)-1].name)
	}
	return nil
}
