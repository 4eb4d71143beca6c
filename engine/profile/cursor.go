package profile

import (
	"encoding/binary"

	"github.com/hedui/hedui/engine/household"
)

// Cursor takes packed values off the front of bytes. After the first fault it only
// returns zeros and Bad stays true, so a caller may read on and ask once. What it
// returns as bytes are views.
type Cursor struct {
	b   []byte
	bad bool
}

// NewCursor reads b from its beginning.
func NewCursor(b []byte) Cursor { return Cursor{b: b} }

// Bad reports whether something did not fit.
func (c *Cursor) Bad() bool { return c.bad }

// Rest is what has not been read yet.
func (c *Cursor) Rest() []byte { return c.b }

// Uvarint reads a number.
func (c *Cursor) Uvarint() uint64 {
	if len(c.b) > 0 && c.b[0] < 0x80 {
		v := c.b[0]
		c.b = c.b[1:]
		return uint64(v)
	}
	v, n := binary.Uvarint(c.b)
	if n <= 0 {
		c.bad, c.b = true, nil
		return 0
	}
	c.b = c.b[n:]
	return v
}

// Varint reads a number that may be negative.
func (c *Cursor) Varint() int64 {
	u := c.Uvarint()
	return int64(u>>1) ^ -int64(u&1)
}

// Byte reads one byte.
func (c *Cursor) Byte() byte {
	if len(c.b) == 0 {
		c.bad = true
		return 0
	}
	v := c.b[0]
	c.b = c.b[1:]
	return v
}

// Bytes reads a length and as many bytes.
func (c *Cursor) Bytes() []byte {
	n := c.Uvarint()
	if n > uint64(len(c.b)) {
		c.bad, c.b = true, nil
		return nil
	}
	v := c.b[:n]
	c.b = c.b[n:]
	return v
}

const maxOrdinal = 1 << 31

// small reads an ordinal.
func (c *Cursor) small() int {
	v := c.Uvarint()
	if v > maxOrdinal {
		c.bad = true
		return 0
	}
	return int(v)
}

// count reads a number of things of at least size bytes each that must still
// follow.
func (c *Cursor) count(size int) int {
	v := c.Uvarint()
	if v > uint64(len(c.b)/size) {
		c.bad = true
		return 0
	}
	return int(v)
}

func (c *Cursor) fen() household.Fen {
	v := c.Uvarint()
	if v > uint64(household.MaxFen) {
		c.bad = true
		return 0
	}
	return household.Fen(v)
}

func (c *Cursor) string() string {
	n := c.count(1)
	if n == 0 {
		return ""
	}
	s := view(c.b[:n])
	c.b = c.b[n:]
	return s
}

func (c *Cursor) share() household.Share {
	den := c.Uvarint()
	if den == 0 {
		return household.Whole
	}
	num := c.Uvarint()
	if den > 1<<32-1 || num >= den {
		c.bad = true
		return household.Share{}
	}
	return household.Share{Num: uint32(num), Den: uint32(den)}
}
