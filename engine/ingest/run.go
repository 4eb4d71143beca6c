package ingest

import (
	"encoding/binary"
	"errors"
	"io"
	"math"
	"sort"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/keyring"
)

// place is a place in the order of items between two people: the number of a
// person, and of those that have a text its beginning.
type place struct{ num, text uint64 }

// highest is above the number of every person.
const highest = math.MaxUint64

func (p place) less(o place) bool { return p.num < o.num || p.num == o.num && p.text < o.text }

func placeOf(item []byte) place {
	num, second := prefixes(item)
	return place{num, textOf(num, second)}
}

// textOf is what of an item's prefixes belongs to its place.
func textOf(num, second uint64) uint64 {
	if num >= household.OtherDocuments {
		return second
	}
	return 0
}

// run is a sorted sequence of items, in memory or in a file, cut into frames.
type run struct {
	posts []post
	mem   []byte
	file  io.ReaderAt  // when it is not in memory
	name  string       // of the file
	key   *keyring.Key // of a file, nil when it is in the clear
	n     uint32       // number of the file
	close func() error
}

// post locates a frame of a run.
type post struct {
	at    place // of its first item
	off   int64
	size  uint32 // in a file with its head
	count uint32 // of items, in a file
}

// size is the number of bytes of a run.
func (r *run) size() int64 {
	n := int64(0)
	for i := range r.posts {
		n += int64(r.posts[i].size)
	}
	return n
}

// cursor walks the items of a run from one place to another, which is not part
// of it. An item it returns holds until the next call but one.
type cursor struct {
	run  *run
	next int    // frame
	rest []byte // of the frame before
	to   place

	num, second uint64 // of the item
	item        []byte // nil at the end

	buf, old []byte // frames of a file
	sealed   []byte // one that is sealed
}

// from starts a walk. The first item is there when it returns.
func (r *run) from(from, to place) (*cursor, error) {
	c := &cursor{run: r, to: to}
	// Items of this place may begin in the frame before the first that begins with it.
	c.next = max(0, sort.Search(len(r.posts), func(i int) bool { return !r.posts[i].at.less(from) })-1)
	for {
		if err := c.advance(); err != nil {
			return nil, err
		}
		if c.item == nil || !(place{c.num, textOf(c.num, c.second)}).less(from) {
			return c, nil
		}
	}
}

// advance goes to the next item.
func (c *cursor) advance() error {
	if len(c.rest) == 0 {
		if c.next == len(c.run.posts) {
			c.end()
			return nil
		}
		if err := c.frame(); err != nil {
			return err
		}
	}
	item, end := textAt(c.rest, 0)
	if len(item) < offText {
		return c.run.damage()
	}
	c.item, c.rest = item, c.rest[end:]
	c.num, c.second = prefixes(c.item)
	if c.num >= c.to.num && !(place{c.num, textOf(c.num, c.second)}).less(c.to) {
		c.end()
	}
	return nil
}

func (c *cursor) end() {
	c.item, c.rest, c.next = nil, nil, len(c.run.posts)
	c.num, c.second = highest, highest
}

// frame goes to the next frame.
func (c *cursor) frame() error {
	p := &c.run.posts[c.next]
	c.next++
	if c.run.file == nil {
		c.rest = c.run.mem[p.off : p.off+int64(p.size)]
		return nil
	}
	c.buf, c.old = c.old, c.buf
	c.buf = room(c.buf, int(p.size))
	stored := c.buf
	if c.run.key != nil {
		c.sealed = room(c.sealed, int(p.size))
		stored = c.sealed
	}
	if n, err := c.run.file.ReadAt(stored, p.off); n < len(stored) {
		if errors.Is(err, io.EOF) {
			return c.run.damage()
		}
		return err
	}
	if c.run.key != nil {
		var err error
		if c.buf, err = c.run.key.OpenEnvelope(c.buf[:0], stored, c.run.place(p.off)); err != nil {
			return errors.Join(c.run.damage(), err)
		}
	}
	if !intactFrame(c.buf, p) {
		return c.run.damage()
	}
	c.rest = c.buf[frameHead:]
	return nil
}

// room is a buffer for a frame, with room behind it to open it.
func room(b []byte, n int) []byte {
	if cap(b) < n+keyring.TagSize {
		b = make([]byte, max(n, frameTarget+frameHead+keyring.Overhead+binary.MaxVarintLen32)+keyring.TagSize)
	}
	return b[:n]
}

// place is where a sealed frame belongs.
func (r *run) place(off int64) keyring.Place {
	return keyring.Place{Kind: keyring.KindSpill, Part: r.n, Number: uint64(off)}
}

// less orders what two cursors stand at completely; the end is above everything.
func (c *cursor) less(o *cursor) bool {
	if c.num != o.num {
		return c.num < o.num
	}
	if c.second != o.second {
		return c.second < o.second
	}
	if c.item == nil || o.item == nil {
		return c.item != nil
	}
	return compareItems(c.item, o.item) < 0
}
