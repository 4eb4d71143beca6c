package stream

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/klauspost/compress/s2"
)

// Batches in snappy are one block, or blocks in the frames of Java's library: a header of
// 16 bytes, then each block with its length before it. A block says first how large it
// becomes, and a library that believes it sets that much memory aside.
const snappyMagic = "\x82SNAPPY\x00"

const snappyHead = 16

// snappyReader unpacks blocks one after the other, each of at most limit bytes.
type snappyReader struct {
	src    []byte
	framed bool
	limit  int
	block  []byte
	rest   []byte
}

func newSnappyReader(src []byte, limit int) *snappyReader {
	r := &snappyReader{src: src, limit: limit}
	if len(src) >= snappyHead && bytes.HasPrefix(src, []byte(snappyMagic)) {
		r.framed, r.src = true, src[snappyHead:]
	}
	return r
}

// Read implements io.Reader.
func (r *snappyReader) Read(p []byte) (int, error) {
	for len(r.rest) == 0 {
		if len(r.src) == 0 {
			return 0, io.EOF
		}
		packed := r.src
		r.src = nil
		if r.framed {
			if len(packed) < 4 {
				return 0, io.ErrUnexpectedEOF
			}
			size := int64(binary.BigEndian.Uint32(packed))
			if packed = packed[4:]; size > int64(len(packed)) {
				return 0, io.ErrUnexpectedEOF
			}
			packed, r.src = packed[:size], packed[size:]
		}
		n, err := s2.DecodedLen(packed)
		switch {
		case err != nil:
			return 0, fmt.Errorf("%w: %w", errBatch, err)
		case n > r.limit:
			return 0, errUnpacked
		}
		if r.block, err = s2.Decode(r.block[:cap(r.block)], packed); err != nil {
			return 0, fmt.Errorf("%w: %w", errBatch, err)
		}
		r.rest = r.block
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// Close implements io.Closer.
func (r *snappyReader) Close() error { return nil }
