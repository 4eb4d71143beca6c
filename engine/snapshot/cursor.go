package snapshot

import (
	"io"
	"iter"

	"github.com/hedui/hedui/engine/block"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/profile"
)

// Cursor walks hot entries of a snapshot in key order. It belongs to one goroutine;
// any number of cursors may walk at once.
type Cursor struct {
	s       *Snapshot
	from    household.PersonKey
	to      household.PersonKey
	bounded bool // to is the end
	page    int  // the next one
	block   block.Block
	at, end int // entries of the block that are still to come
	buf     []byte
}

// Entries returns a cursor before the first entry.
func (s *Snapshot) Entries() *Cursor { return &Cursor{s: s} }

// Seek has the cursor walk the entries from a key on, up to another that is not among
// them; the zero key is no end.
func (c *Cursor) Seek(from, to household.PersonKey) {
	c.from, c.to, c.bounded = from, to, !to.IsZero()
	c.page, c.at, c.end = c.s.hot.covering(from), 0, 0
}

// Next returns the next person and what the snapshot holds of them, in the layout
// of package profile with the ordinal 0; the entry is borrowed until the next
// call. io.EOF follows the last one; a *DamageError ends the walk.
func (c *Cursor) Next() (household.PersonKey, []byte, error) {
	for c.at == c.end {
		if err := c.load(); err != nil {
			return household.PersonKey{}, nil, err
		}
	}
	i := c.at
	c.at++
	key, entry := c.block.At(i)
	return key, entry, nil
}

// load reads the next page.
func (c *Cursor) load() error {
	posts := c.s.hot.posts
	if c.page == len(posts) || c.bounded && posts[c.page].low.Compare(c.to) >= 0 {
		return io.EOF
	}
	b, buf, _, err := c.s.hot.page(c.page, c.buf, nil)
	c.buf = buf
	if err == nil && b.ProfileVersion() != profile.Version {
		err = ErrFormat
	}
	if err != nil {
		return c.s.damage(hotFile, err)
	}
	c.block, c.at, c.end = b, 0, b.Len()
	if posts[c.page].low.Compare(c.from) < 0 {
		c.at, _ = b.Search(c.from)
	}
	if c.page++; c.bounded && (c.page == len(posts) || c.to.Compare(posts[c.page].low) < 0) {
		c.end, _ = b.Search(c.to)
		c.at = min(c.at, c.end)
	}
	return nil
}

// Pages are the low keys of the pages of hot entries and their sizes in bytes.
func (s *Snapshot) Pages() iter.Seq2[household.PersonKey, int] {
	return func(yield func(household.PersonKey, int) bool) {
		for i := range s.hot.posts {
			if p := &s.hot.posts[i]; !yield(p.low, int(p.size)) {
				return
			}
		}
	}
}

// People is the number of hot entries.
func (s *Snapshot) People() int64 {
	n := int64(0)
	for _, p := range s.hot.posts {
		n += int64(p.entries)
	}
	return n
}
