package store

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"sort"

	"github.com/cespare/xxhash/v2"

	"github.com/hedui/hedui/engine/block"
	"github.com/hedui/hedui/engine/household"
)

// fence is the list of the blocks of one section: what makes a missing block
// visible and a foreign one refused. It is kept in memory while a generation is open.
type fence struct {
	name    string
	version int
	posts   []post
}

// post is one block of a fence. The block reaches up to the next post.
type post struct {
	low      household.PersonKey
	checksum uint64
	size     uint32
	entries  uint32
}

const (
	fenceMagic  = "HDFN"
	fenceFormat = 1
)

var errFence = errors.New("damaged fence")

// covering returns the number of the block whose range holds the key. The first
// post is the zero key, so there is one.
func (f *fence) covering(key household.PersonKey) int {
	return sort.Search(len(f.posts), func(i int) bool { return f.posts[i].low.Compare(key) > 0 }) - 1
}

// verify opens the bytes of block i and compares it with the fence.
func (f *fence) verify(i int, raw []byte) (block.Block, error) {
	b, err := block.Open(raw)
	if err != nil {
		return block.Block{}, err
	}
	p, last := f.posts[i], i+1 == len(f.posts)
	switch {
	case b.Checksum() != p.checksum || b.Size() != int(p.size) || b.Len() != int(p.entries):
		return block.Block{}, errors.New("the block is not the sealed one")
	case b.Low() != p.low || b.Last() != last || !last && b.High() != f.posts[i+1].low:
		return block.Block{}, errors.New("the block does not cover the sealed range")
	case int(b.ProfileVersion()) != f.version:
		return block.Block{}, errors.New("the block has the version of another section")
	}
	return b, nil
}

// section is the entry of the manifest for the fence.
func (f *fence) section() Section {
	s := Section{Name: f.name, Version: f.version, Blocks: int64(len(f.posts))}
	for _, p := range f.posts {
		s.Entries += int64(p.entries)
		s.Bytes += int64(p.size)
	}
	sum := sha256.Sum256(f.append(nil))
	s.FenceDigest = hex.EncodeToString(sum[:])
	return s
}

func (f *fence) append(b []byte) []byte {
	le := binary.LittleEndian
	b = binary.AppendUvarint(b, uint64(len(f.name)))
	b = append(b, f.name...)
	b = le.AppendUint16(b, uint16(f.version))
	b = le.AppendUint32(b, uint32(len(f.posts)))
	for _, p := range f.posts {
		b = le.AppendUint64(b, p.low.Num)
		b = binary.AppendUvarint(b, uint64(len(p.low.Text)))
		b = append(b, p.low.Text...)
		b = le.AppendUint64(b, p.checksum)
		b = le.AppendUint32(b, p.size)
		b = le.AppendUint32(b, p.entries)
	}
	return b
}

// encodeFences returns the content of a fence file.
func encodeFences(fences []*fence) []byte {
	le := binary.LittleEndian
	b := append([]byte(nil), fenceMagic...)
	b = le.AppendUint16(b, fenceFormat)
	b = le.AppendUint16(b, uint16(len(fences)))
	for _, f := range fences {
		b = f.append(b)
	}
	return le.AppendUint64(b, xxhash.Sum64(b))
}

// decodeFences reads a fence file. It accepts only what encodeFences writes.
func decodeFences(b []byte) ([]*fence, error) {
	le := binary.LittleEndian
	if len(b) < 16 || string(b[:4]) != fenceMagic {
		return nil, fmt.Errorf("%w: no fence magic", errFence)
	}
	if v := le.Uint16(b[4:]); v != fenceFormat {
		return nil, fmt.Errorf("%w: fence format %d, this program reads format %d", ErrFormat, v, fenceFormat)
	}
	body := b[:len(b)-8]
	if xxhash.Sum64(body) != le.Uint64(b[len(b)-8:]) {
		return nil, fmt.Errorf("%w: checksum mismatch", errFence)
	}
	r := fenceReader{b: body[8:], ok: true}
	fences := make([]*fence, 0, min(int(le.Uint16(b[6:])), maxSections))
	for range le.Uint16(b[6:]) {
		f := &fence{name: string(r.text(1 << 10)), version: int(r.uint(2))}
		n := int(r.uint(4))
		// A post takes 25 bytes or more; a larger count is damage, not memory.
		if !r.ok || n == 0 || n > len(r.b)/25 {
			return nil, fmt.Errorf("%w: counts do not add up", errFence)
		}
		f.posts = make([]post, n)
		for i := range f.posts {
			p := &f.posts[i]
			p.low.Num = r.uint(8)
			p.low.Text = string(r.text(block.MaxText))
			p.checksum, p.size, p.entries = r.uint(8), uint32(r.uint(4)), uint32(r.uint(4))
			if i == 0 && !p.low.IsZero() || i > 0 && p.low.Compare(f.posts[i-1].low) <= 0 {
				return nil, fmt.Errorf("%w: bounds out of order", errFence)
			}
		}
		fences = append(fences, f)
	}
	if !r.ok || len(r.b) != 0 {
		return nil, fmt.Errorf("%w: lengths do not add up", errFence)
	}
	return fences, nil
}

// fenceReader takes values off the front; after the first that is not there, ok is
// false and every value zero.
type fenceReader struct {
	b  []byte
	ok bool
}

func (r *fenceReader) take(n int) []byte {
	if !r.ok || n > len(r.b) {
		r.ok = false
		return nil
	}
	v := r.b[:n]
	r.b = r.b[n:]
	return v
}

func (r *fenceReader) uint(n int) (v uint64) {
	for i, c := range r.take(n) {
		v |= uint64(c) << (8 * i)
	}
	return v
}

func (r *fenceReader) text(limit uint64) []byte {
	n, w := binary.Uvarint(r.b)
	if w <= 0 || n > limit || w > 1 && r.b[w-1] == 0 {
		r.ok = false
		return nil
	}
	r.take(w)
	return r.take(int(n))
}
