package snapshot

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/cespare/xxhash/v2"

	"github.com/hedui/hedui/engine/block"
	"github.com/hedui/hedui/engine/household"
)

// The frame of a page file: a header, the pages one after another, the fence that
// locates them, and a trailer that locates the fence. All numbers are little endian.
const (
	pageFormat   = 1
	headerSize   = 64
	trailerSize  = 40
	headerMagic  = "HDSN"
	trailerMagic = "HDSNEND\n"
	minPost      = 8 + 2 + 4 + 8 + 4
	maxFence     = 4 << 30
)

// kind says what the pages of a file hold.
type kind byte

const (
	kindHot  kind = 1 // entries of package profile
	kindCold kind = 2 // compressed pages of cold text
)

// post is the fence's knowledge of one page. Its range ends where the next begins.
type post struct {
	low      household.PersonKey
	offset   int64
	size     uint32
	checksum uint64
	entries  uint32
}

func appendHeader(b []byte, k kind) []byte {
	start := len(b)
	b = append(b, headerMagic...)
	b = binary.LittleEndian.AppendUint16(b, pageFormat)
	b = append(b, byte(k), 0)
	b = append(b, make([]byte, 48)...) // key id, nonce, tag (reserved) and padding
	return binary.LittleEndian.AppendUint64(b, xxhash.Sum64(b[start:]))
}

func checkHeader(b []byte, k kind) error {
	if len(b) != headerSize || string(b[:4]) != headerMagic {
		return errors.New("not a snapshot file")
	}
	if binary.LittleEndian.Uint64(b[56:]) != xxhash.Sum64(b[:56]) {
		return errors.New("header: checksum mismatch")
	}
	if v := binary.LittleEndian.Uint16(b[4:]); v != pageFormat {
		return fmt.Errorf("format %d: %w", v, ErrFormat)
	}
	if b[6] != byte(k) || b[7] != 0 {
		return errors.New("header: another kind of file")
	}
	for _, c := range b[8:56] {
		if c != 0 {
			return fmt.Errorf("it is encrypted: %w", ErrFormat)
		}
	}
	return nil
}

// appendBounds appends the fence of a file.
func appendBounds(b []byte, posts []post) []byte {
	le := binary.LittleEndian
	b = le.AppendUint32(b, uint32(len(posts)))
	for i := range posts {
		p := &posts[i]
		b = le.AppendUint64(b, p.low.Num)
		b = le.AppendUint16(b, uint16(len(p.low.Text)))
		b = append(b, p.low.Text...)
		b = le.AppendUint32(b, p.size)
		b = le.AppendUint64(b, p.checksum)
		b = le.AppendUint32(b, p.entries)
	}
	return b
}

// appendTrailer appends the trailer to the fence, or what it was sealed to, of a file
// whose pages end at offset.
func appendTrailer(fence []byte, offset int64) []byte {
	le := binary.LittleEndian
	size, sum := len(fence), xxhash.Sum64(fence)
	b := le.AppendUint64(fence, uint64(offset))
	b = le.AppendUint64(b, uint64(size))
	b = le.AppendUint64(b, sum)
	b = le.AppendUint64(b, xxhash.Sum64(b[size:]))
	return append(b, trailerMagic...)
}

// parseTrailer returns where the fence of a file of this size lies and its checksum.
func parseTrailer(b []byte, fileSize int64) (offset, size int64, sum uint64, err error) {
	le := binary.LittleEndian
	if len(b) != trailerSize || string(b[32:]) != trailerMagic || le.Uint64(b[24:]) != xxhash.Sum64(b[:24]) {
		return 0, 0, 0, errors.New("damaged or missing end of the file")
	}
	o, n := le.Uint64(b), le.Uint64(b[8:])
	if n > maxFence || o < headerSize || o > uint64(fileSize) || o+n+trailerSize != uint64(fileSize) {
		return 0, 0, 0, errors.New("the file is longer or shorter than it was")
	}
	return int64(o), int64(n), le.Uint64(b[16:]), nil
}

// parseFence reads the fence of a file whose pages end at offset end. The pages
// must follow each other without a gap and their ranges begin with the lowest key.
func parseFence(b []byte, sum uint64, end int64) ([]post, error) {
	le := binary.LittleEndian
	if xxhash.Sum64(b) != sum {
		return nil, errors.New("fence: checksum mismatch")
	}
	if len(b) < 4 {
		return nil, errors.New("fence: cut short")
	}
	n := int64(le.Uint32(b))
	b = b[4:]
	if n < 1 || n*minPost > int64(len(b)) {
		return nil, errors.New("fence: impossible number of pages")
	}
	posts := make([]post, 0, n)
	offset := int64(headerSize)
	for i := range n {
		if len(b) < minPost {
			return nil, errors.New("fence: cut short")
		}
		l := int(le.Uint16(b[8:]))
		if l > block.MaxText || len(b) < minPost+l {
			return nil, errors.New("fence: cut short")
		}
		p := post{low: household.PersonKey{Num: le.Uint64(b), Text: string(b[10 : 10+l])}, offset: offset}
		b = b[10+l:]
		p.size, p.checksum, p.entries = le.Uint32(b), le.Uint64(b[4:]), le.Uint32(b[12:])
		b = b[16:]
		offset += int64(p.size)
		if p.size == 0 || p.size > block.MaxSize || offset > end || i == 0 && !p.low.IsZero() || i > 0 && p.low.Compare(posts[i-1].low) <= 0 {
			return nil, errors.New("fence: pages out of order")
		}
		posts = append(posts, p)
	}
	if len(b) != 0 || offset != end {
		return nil, errors.New("fence: lengths do not add up")
	}
	return posts, nil
}
