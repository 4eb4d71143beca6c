package block

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/hedui/hedui/engine/household"
)

// MaxText is the longest text of a key, in bytes.
const MaxText = 16 << 10

// MaxSize is the size of the largest block, in bytes.
const MaxSize = 512 << 20

// Errors of a Builder.
var (
	// ErrOrder is returned for a key that is not above the one before it, or
	// outside the range of the block.
	ErrOrder = errors.New("person keys out of order")
	// ErrTooLarge is returned for a text above MaxText or a block above MaxSize.
	ErrTooLarge = errors.New("too large for a block")
)

// Builder makes a block out of entries in key order. The zero value is ready;
// after Finish it is ready for the next block.
type Builder struct {
	// ProfileVersion is the version of the payloads, written into every block.
	ProfileVersion uint16

	nums    []uint64
	offsets []uint32
	entries []byte
	first   household.PersonKey
	last    household.PersonKey
}

// Add appends the entry of one person. Keys ascend strictly. The entry is copied.
func (b *Builder) Add(key household.PersonKey, entry []byte) error {
	if len(b.nums) > 0 && key.Compare(b.last) <= 0 {
		return ErrOrder
	}
	if len(key.Text) > MaxText {
		return fmt.Errorf("key text of %d bytes: %w", len(key.Text), ErrTooLarge)
	}
	if size := b.Size() + len(entry) + len(key.Text); size > MaxSize-4*MaxText {
		return fmt.Errorf("block of %d bytes: %w", size, ErrTooLarge)
	}
	if len(b.nums) == 0 {
		b.first = key
	}
	b.last = key
	b.nums = append(b.nums, key.Num)
	b.offsets = append(b.offsets, uint32(len(b.entries)))
	b.entries = binary.AppendUvarint(b.entries, uint64(len(key.Text)))
	b.entries = append(b.entries, key.Text...)
	b.entries = append(b.entries, entry...)
	return nil
}

// Len is the number of entries added since the last Finish.
func (b *Builder) Len() int { return len(b.nums) }

// Size is the size in bytes of the block so far, without the texts of its range.
func (b *Builder) Size() int { return fixedHeader + 12*len(b.nums) + len(b.entries) }

// Finish returns the block of the entries added since the last Finish, which
// covers the keys from low, inclusive, to high, exclusive; last means that there
// is no upper bound, and high is not looked at. ErrOrder is returned when an entry
// lies outside the range or the range is empty.
func (b *Builder) Finish(low, high household.PersonKey, last bool) ([]byte, error) {
	return b.AppendTo(nil, low, high, last)
}

// AppendTo appends to dst what Finish returns.
func (b *Builder) AppendTo(dst []byte, low, high household.PersonKey, last bool) ([]byte, error) {
	if last {
		high = household.PersonKey{}
	} else if low.Compare(high) >= 0 {
		return nil, fmt.Errorf("empty range: %w", ErrOrder)
	}
	if len(low.Text) > MaxText || len(high.Text) > MaxText {
		return nil, fmt.Errorf("text of a bound: %w", ErrTooLarge)
	}
	n := len(b.nums)
	if n > 0 && (b.first.Compare(low) < 0 || !last && b.last.Compare(high) >= 0) {
		return nil, fmt.Errorf("entry outside the range of its block: %w", ErrOrder)
	}
	le := binary.LittleEndian
	head := headerLen(len(low.Text), len(high.Text))
	at := len(dst)
	dst = slices.Grow(dst, head+12*n+len(b.entries))[:at+head]
	out := dst[at:]
	clear(out)
	copy(out, magic)
	le.PutUint16(out[offFormat:], Format)
	le.PutUint16(out[offProfile:], b.ProfileVersion)
	le.PutUint32(out[offHeader:], uint32(head))
	if last {
		le.PutUint32(out[offFlags:], flagLast)
	}
	le.PutUint32(out[offCount:], uint32(n))
	le.PutUint32(out[offEntries:], uint32(len(b.entries)))
	le.PutUint32(out[offLowText:], uint32(len(low.Text)))
	le.PutUint32(out[offHighText:], uint32(len(high.Text)))
	le.PutUint64(out[offLow:], low.Num)
	le.PutUint64(out[offHigh:], high.Num)
	copy(out[fixedHeader:], low.Text)
	copy(out[fixedHeader+len(low.Text):], high.Text)
	for _, v := range b.nums {
		dst = le.AppendUint64(dst, v)
	}
	for _, v := range b.offsets {
		dst = le.AppendUint32(dst, v)
	}
	dst = append(dst, b.entries...)
	le.PutUint64(dst[at+offChecksum:], checksum(dst[at:]))
	b.nums, b.offsets, b.entries = b.nums[:0], b.offsets[:0], b.entries[:0]
	return dst, nil
}
