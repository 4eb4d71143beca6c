package profile

// Cursor takes packed values off the front of bytes. After the first fault it only
// returns zeros and Bad stays true, so a caller may read on and ask once. What it
// returns as bytes are views.
type Cursor struct {
	b   []byte
	i   int // of b, what was read
	bad bool
}

// NewCursor reads b from its beginning.
func NewCursor(b []byte) Cursor { return Cursor{b: b} }

// Bad reports whether something did not fit.
func (c *Cursor) Bad() bool { return c.bad }

// Rest is what has not been read yet.
func (c *Cursor) Rest() []byte { return c.b[c.i:] }

// left is how many bytes have not been read yet.
func (c *Cursor) left() int { return len(c.b) - c.i }

// fail takes a fault down; nothing is left to read.
func (c *Cursor) fail() { c.bad, c.i = true, len(c.b) }

// Uvarint reads a number.
func (c *Cursor) Uvarint() uint64 {
	if c.i < len(c.b) && c.b[c.i] < 0x80 {
		v := c.b[c.i]
		c.i++
		return uint64(v)
	}
	return c.long()
}

// long reads a number of more than one byte.
func (c *Cursor) long() uint64 {
	v, i := number(c.b, c.i)
	if i > len(c.b) {
		c.fail()
		return 0
	}
	c.i = i
	return v
}

// Varint reads a number that may be negative.
func (c *Cursor) Varint() int64 {
	u := c.Uvarint()
	return int64(u>>1) ^ -int64(u&1)
}

// Byte reads one byte.
func (c *Cursor) Byte() byte {
	if c.i >= len(c.b) {
		c.bad = true
		return 0
	}
	v := c.b[c.i]
	c.i++
	return v
}

// Bytes reads a length and as many bytes.
func (c *Cursor) Bytes() []byte {
	n := c.Uvarint()
	if n > uint64(c.left()) {
		c.fail()
		return nil
	}
	v := c.b[c.i : c.i+int(n)]
	c.i += int(n)
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
	if v > uint64(c.left()/size) {
		c.bad = true
		return 0
	}
	return int(v)
}

func (c *Cursor) string() string {
	n := c.Uvarint()
	if n == 0 {
		return ""
	}
	if n > uint64(c.left()) {
		c.bad = true
		return ""
	}
	s := view(c.b[c.i : c.i+int(n)])
	c.i += int(n)
	return s
}
