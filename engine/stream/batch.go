package stream

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/segmentio/kafka-go/compress"
)

// A batch of records begins so, in the order of the bytes: base offset 8, length of what
// follows 4, leader epoch 4, magic 1, CRC-32C of what follows 4, attributes 2, last
// offset delta 4, first and last time 8 each, producer 8, its epoch 2, sequence 4, count 4.
const (
	batchHead = 61
	// What the length of a batch does not count.
	batchFront = 12
	magicAt    = 16
	crcAt      = 17
	attrsAt    = 21
)

const (
	attrCompression   = 7
	attrTransactional = 1 << 4
	attrControl       = 1 << 5
)

// How much larger than MaxBatch a batch may become when it is unpacked; it is never in
// memory as a whole, this bounds the time.
const unpackedFactor = 64

// The largest key, and the most of headers, that is handed out of a record that is too large.
const oversizeKey = 4 << 10

var castagnoli = crc32.MakeTable(crc32.Castagnoli) //nolint:gochecknoglobals // a constant the language has no word for

// errBatch is a batch that nobody can read.
var errBatch = errors.New("batch can't be read")

// head is the beginning of a batch.
type head struct {
	base, last int64
	size       int // of the whole batch
	crc        uint32
	attrs      int16
	firstTime  int64
	producer   int64
	count      int
}

func parseHead(b []byte) (head, error) {
	_ = b[batchHead-1]
	h := head{
		base:      int64(binary.BigEndian.Uint64(b)),
		size:      int(int32(binary.BigEndian.Uint32(b[8:]))) + batchFront,
		crc:       binary.BigEndian.Uint32(b[crcAt:]),
		attrs:     int16(binary.BigEndian.Uint16(b[attrsAt:])),
		firstTime: int64(binary.BigEndian.Uint64(b[27:])),
		producer:  int64(binary.BigEndian.Uint64(b[43:])),
		count:     int(int32(binary.BigEndian.Uint32(b[57:]))),
	}
	delta := int32(binary.BigEndian.Uint32(b[23:]))
	h.last = h.base + int64(delta)
	if b[magicAt] != 2 || h.size < batchHead || delta < 0 || h.count < 0 || h.base < 0 || h.last < h.base {
		return h, errBatch
	}
	return h, nil
}

func (h head) control() bool       { return h.attrs&attrControl != 0 }
func (h head) transactional() bool { return h.attrs&attrTransactional != 0 }

// batch gives the records of one batch, one at a time.
type batch struct {
	head
	in     *bufio.Reader
	limit  *io.LimitedReader
	closes io.Closer
	read   int
}

// openBatch checks a whole batch and begins to unpack it.
func openBatch(b []byte, h head, maxBatch int) (*batch, error) {
	if checksum(b) != h.crc {
		return nil, fmt.Errorf("%w: its checksum is wrong", errBatch)
	}
	out := &batch{head: h}
	var src io.Reader = bytes.NewReader(b[batchHead:])
	if code := compress.Compression(h.attrs & attrCompression); code != compress.None {
		r, err := unpack(code, b[batchHead:], maxBatch)
		if err != nil {
			return nil, err
		}
		out.limit = &io.LimitedReader{R: r, N: int64(maxBatch) * unpackedFactor}
		src, out.closes = out.limit, r
	}
	out.in = bufio.NewReader(src)
	return out, nil
}

func checksum(b []byte) uint32 { return crc32.Checksum(b[attrsAt:], castagnoli) }

// unpack returns what is in a compressed batch. Zstandard and snappy say themselves how
// much memory they want, so those are bounded here.
func unpack(code compress.Compression, packed []byte, maxBatch int) (io.ReadCloser, error) {
	src := bytes.NewReader(packed)
	switch code {
	case compress.Snappy:
		return newSnappyReader(packed, maxBatch), nil
	case compress.Zstd:
		d, err := zstd.NewReader(src, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(16<<20), zstd.WithDecoderLowmem(true))
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errBatch, err)
		}
		return d.IOReadCloser(), nil
	}
	codec := code.Codec()
	if codec == nil {
		return nil, fmt.Errorf("%w: compressed in an unknown way, %d", errBatch, code)
	}
	return codec.NewReader(src), nil
}

func (b *batch) close() {
	if b.closes != nil {
		b.closes.Close()
		b.closes = nil
	}
}

// errUnpacked is a batch that becomes too large when it is unpacked.
var errUnpacked = errors.New("batch becomes too large when it is unpacked")

// next returns the next record of a batch, io.EOF behind the last. errUnpacked and
// errBatch are of all records that are left.
func (b *batch) next(maxMessage int) (m Message, err error) {
	if b.read == b.count {
		return m, io.EOF
	}
	defer func() {
		// Codecs for packed text are not made for hostile text.
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: its codec broke off", errBatch)
		}
		switch {
		case err == nil:
		case errors.Is(err, errUnpacked), b.limit != nil && b.limit.N <= 0:
			err = errUnpacked
		default:
			// Also when it ends early: the records it counts are not there.
			err = errBatch
		}
	}()
	size, err := binary.ReadVarint(b.in)
	if err != nil {
		return m, err
	}
	if size < 0 || size > 1<<31 {
		return m, errBatch
	}
	b.read++
	if size > int64(maxMessage) {
		return b.oversize(int(size))
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(b.in, body); err != nil {
		return m, err
	}
	p := cursor{b: body}
	p.skip(1) // attributes
	m.Time = time.UnixMilli(b.firstTime + p.varint()).UTC()
	m.Offset = b.base + p.varint()
	m.Key = p.bytes()
	m.Value = p.bytes()
	if err := p.headers(&m); err != nil {
		return m, err
	}
	if m.Offset < b.base || m.Offset > b.last {
		return Message{}, errBatch
	}
	return m, nil
}

// oversize passes a record that is too large by, and hands out its key and its headers, if
// they are small.
func (b *batch) oversize(size int) (Message, error) {
	m := Message{Oversize: size}
	counted := &counter{r: b.in}
	if _, err := counted.ReadByte(); err != nil {
		return m, err
	}
	delta, err := binary.ReadVarint(counted)
	if err != nil {
		return m, err
	}
	m.Time = time.UnixMilli(b.firstTime + delta).UTC()
	if delta, err = binary.ReadVarint(counted); err != nil {
		return m, err
	}
	if m.Offset = b.base + delta; m.Offset < b.base || m.Offset > b.last {
		return m, errBatch
	}
	// Key and value are passed by alike; a small key is handed out. A record ends with its
	// headers, which are handed out when they are small.
	for _, keep := range []*[]byte{&m.Key, nil} {
		n, err := binary.ReadVarint(counted)
		if err != nil {
			return m, err
		}
		switch {
		case n > int64(size-counted.n):
			return m, errBatch
		case n >= 0 && keep != nil && n <= oversizeKey:
			*keep = make([]byte, n)
			_, err = io.ReadFull(b.in, *keep)
		case n > 0:
			_, err = io.CopyN(io.Discard, b.in, n)
		}
		if err != nil {
			return m, err
		}
		counted.n += int(max(n, 0))
	}
	left := size - counted.n
	if left < 0 {
		return m, errBatch
	}
	if left > oversizeKey {
		_, err = io.CopyN(io.Discard, b.in, int64(left))
		return m, err
	}
	rest := make([]byte, left)
	if _, err := io.ReadFull(b.in, rest); err != nil {
		return m, err
	}
	p := cursor{b: rest}
	err = p.headers(&m)
	return m, err
}

type counter struct {
	r *bufio.Reader
	n int
}

func (c *counter) ReadByte() (byte, error) {
	b, err := c.r.ReadByte()
	if err == nil {
		c.n++
	}
	return b, err
}

// cursor reads a record that is in memory.
type cursor struct {
	b   []byte
	bad bool
}

// headers reads those of a message, with which its record ends.
func (c *cursor) headers(m *Message) error {
	n := c.varint()
	if n < 0 || n > int64(len(c.b)) {
		return errBatch
	}
	for range n {
		h := Header{Key: string(c.bytes()), Value: c.bytes()}
		if c.bad {
			break
		}
		m.Headers = append(m.Headers, h)
	}
	if c.bad {
		return errBatch
	}
	return nil
}

func (c *cursor) skip(n int) {
	if n > len(c.b) {
		c.bad = true
		return
	}
	c.b = c.b[n:]
}

func (c *cursor) varint() int64 {
	v, n := binary.Varint(c.b)
	if n <= 0 {
		c.bad = true
		return 0
	}
	c.b = c.b[n:]
	return v
}

// bytes returns a piece with its length before it; nil is a piece that is not there.
func (c *cursor) bytes() []byte {
	n := c.varint()
	if c.bad || n < 0 {
		return nil
	}
	if n > int64(len(c.b)) {
		c.bad = true
		return nil
	}
	v := c.b[:n:n]
	c.b = c.b[n:]
	return v
}
