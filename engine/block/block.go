package block

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/cespare/xxhash/v2"

	"github.com/hedui/hedui/engine/household"
)

// Format is the format version that this package writes and the only one it
// reads. History: 1, first.
const Format = 1

// Field is where a block leaves room for encryption: key id, nonce and tag. Bytes
// before it stay clear. Open reads blocks whose field is zero only.
const Field = offReserved

const (
	magic       = "HDBK"
	offFormat   = 4
	offProfile  = 6
	offHeader   = 8
	offFlags    = 12
	offReserved = 16 // key id, nonce and tag
	offChecksum = 48
	offCount    = 56
	offEntries  = 60
	offLowText  = 64
	offHighText = 68
	offLow      = 72
	offHigh     = 80
	fixedHeader = 88

	flagLast = 1
)

// Errors of Open.
var (
	// ErrVersion is returned for a block of a format that this program does not know.
	ErrVersion = errors.New("block of an unknown format")
	// ErrDamaged is returned for bytes that are not a whole, untouched block.
	ErrDamaged = errors.New("damaged block")
)

func damaged(what string) error { return fmt.Errorf("%w: %s", ErrDamaged, what) }

// Block is a verified block. It reads the bytes it was opened on, which must not
// change or go away while it is in use. It is a small value: pass it by value.
type Block struct {
	raw     []byte
	nums    []byte // 8 bytes each
	offsets []byte // 4 bytes each
	entries []byte
	low     []byte // text of the low key
	high    []byte // text of the high key
}

func headerLen(low, high int) int { return (fixedHeader + low + high + 7) &^ 7 }

// checksum covers every byte but its own eight.
func checksum(b []byte) uint64 {
	var d xxhash.Digest
	d.Reset()
	_, _ = d.Write(b[:offChecksum])
	_, _ = d.Write(b[offChecksum+8:])
	return d.Sum64()
}

// Open verifies the bytes of one block: magic, format, checksum, bounds of every
// offset, order and range of the keys. It does not allocate unless it fails. The
// error is ErrVersion or ErrDamaged and holds no content of the block.
func Open(b []byte) (Block, error) {
	le := binary.LittleEndian
	if len(b) < fixedHeader || len(b) > MaxSize {
		return Block{}, damaged("impossible size")
	}
	if string(b[:len(magic)]) != magic {
		return Block{}, damaged("no block magic")
	}
	if v := le.Uint16(b[offFormat:]); v != Format {
		return Block{}, fmt.Errorf("%w: format %d, this program reads format %d", ErrVersion, v, Format)
	}
	if checksum(b) != le.Uint64(b[offChecksum:]) {
		return Block{}, damaged("checksum mismatch")
	}
	flags := le.Uint32(b[offFlags:])
	if flags&^flagLast != 0 {
		return Block{}, fmt.Errorf("%w: unknown flags", ErrVersion)
	}
	for _, c := range b[offReserved:offChecksum] {
		if c != 0 {
			return Block{}, fmt.Errorf("%w: it is encrypted", ErrVersion)
		}
	}
	count := uint64(le.Uint32(b[offCount:]))
	entries := uint64(le.Uint32(b[offEntries:]))
	low, high := uint64(le.Uint32(b[offLowText:])), uint64(le.Uint32(b[offHighText:]))
	if low > MaxText || high > MaxText {
		return Block{}, damaged("text of a bound")
	}
	head := uint64(headerLen(int(low), int(high)))
	// Nothing here can overflow: every term is below 2^36.
	if uint64(le.Uint32(b[offHeader:])) != head || head+12*count+entries != uint64(len(b)) {
		return Block{}, damaged("lengths do not add up")
	}
	for _, c := range b[fixedHeader+low+high : head] {
		if c != 0 {
			return Block{}, damaged("padding")
		}
	}
	x := Block{
		raw:     b,
		low:     b[fixedHeader : fixedHeader+low],
		high:    b[fixedHeader+low : fixedHeader+low+high],
		nums:    b[head : head+8*count],
		offsets: b[head+8*count : head+12*count],
		entries: b[head+12*count:],
	}
	if err := x.check(); err != nil {
		return Block{}, err
	}
	return x, nil
}

// check verifies the range, the offsets and the order of the keys.
func (x Block) check() error {
	le := binary.LittleEndian
	lowNum, highNum := le.Uint64(x.raw[offLow:]), le.Uint64(x.raw[offHigh:])
	last := x.Last()
	switch {
	case last && (highNum != 0 || len(x.high) != 0):
		return damaged("upper bound in the last block")
	case !last && compare(lowNum, x.low, highNum, x.high) >= 0:
		return damaged("empty range")
	}
	n := x.Len()
	if n == 0 {
		if len(x.entries) != 0 {
			return damaged("entries without keys")
		}
		return nil
	}
	// The low key may be the first key, so the first comparison allows equality.
	prevNum, prevText, floor := lowNum, x.low, 0
	next := uint64(le.Uint32(x.offsets))
	if next != 0 {
		return damaged("first offset")
	}
	for i := range n {
		start := next
		next = uint64(len(x.entries))
		if i+1 < n {
			next = uint64(le.Uint32(x.offsets[4*i+4:]))
		}
		if next <= start || next > uint64(len(x.entries)) {
			return damaged("entry offsets")
		}
		text, _, ok := split(x.entries[start:next])
		if !ok {
			return damaged("text of an entry")
		}
		num := le.Uint64(x.nums[8*i:])
		if compare(num, text, prevNum, prevText) < floor {
			return damaged("keys out of order")
		}
		prevNum, prevText, floor = num, text, 1
	}
	if !last && compare(prevNum, prevText, highNum, x.high) >= 0 {
		return damaged("key above the range")
	}
	return nil
}

// split takes an entry apart; ok is false when its text does not fit or its
// length is not written in the shortest form.
func split(e []byte) (text, payload []byte, ok bool) {
	if len(e) > 0 && e[0] == 0 { // resident numbers have no text
		return e[:0], e[1:], true
	}
	v, n := binary.Uvarint(e)
	if n <= 0 || n > 1 && e[n-1] == 0 || v > MaxText || v > uint64(len(e)-n) {
		return nil, nil, false
	}
	return e[n : n+int(v)], e[n+int(v):], true
}

func compare(an uint64, at []byte, bn uint64, bt []byte) int {
	if c := cmp.Compare(an, bn); c != 0 {
		return c
	}
	return compareText(at, string(bt))
}

func compareText(a []byte, b string) int {
	switch { // the conversions do not allocate
	case string(a) < b:
		return -1
	case string(a) > b:
		return 1
	}
	return 0
}

// Len is the number of people in the block.
func (x Block) Len() int { return len(x.nums) / 8 }

// Num is the number of key i. Keys of resident numbers have nothing else.
func (x Block) Num(i int) uint64 { return binary.LittleEndian.Uint64(x.nums[8*i:]) }

// Key is key i. It allocates when the key has a text.
func (x Block) Key(i int) household.PersonKey {
	text, _, _ := split(x.entry(i))
	return household.PersonKey{Num: x.Num(i), Text: string(text)}
}

// At is key i and what was added under it, which is borrowed from the block. It
// allocates when the key has a text.
func (x Block) At(i int) (household.PersonKey, []byte) {
	text, payload, _ := split(x.entry(i))
	return household.PersonKey{Num: x.Num(i), Text: string(text)}, payload
}

// Payload is what was added under key i. It is borrowed from the block.
func (x Block) Payload(i int) []byte {
	_, payload, _ := split(x.entry(i))
	return payload
}

func (x Block) entry(i int) []byte {
	start, end := binary.LittleEndian.Uint32(x.offsets[4*i:]), uint32(len(x.entries))
	if i+1 < x.Len() {
		end = binary.LittleEndian.Uint32(x.offsets[4*i+4:])
	}
	return x.entries[start:end:end]
}

// Search returns the index of the first key at or above key, Len when there is
// none, and whether it is that key. It takes logarithmic time.
func (x Block) Search(key household.PersonKey) (i int, found bool) {
	i = x.searchNum(key.Num, 0)
	if i == x.Len() || x.Num(i) != key.Num {
		return i, false
	}
	if key.Text == "" { // the smallest of its number
		return i, x.compareTextAt(i, "") == 0
	}
	end := x.Len()
	if key.Num != math.MaxUint64 {
		end = x.searchNum(key.Num+1, i)
	}
	for i < end {
		mid := int(uint(i+end) >> 1)
		if x.compareTextAt(mid, key.Text) < 0 {
			i = mid + 1
		} else {
			end = mid
		}
	}
	return i, i < x.Len() && x.Num(i) == key.Num && x.compareTextAt(i, key.Text) == 0
}

// searchNum returns the index of the first number at or above num, from an index on.
func (x Block) searchNum(num uint64, from int) int {
	for n := x.Len() - from; n > 0; {
		half := n >> 1
		if x.Num(from+half) < num {
			from += half + 1
			n -= half + 1
		} else {
			n = half
		}
	}
	return from
}

func (x Block) compareTextAt(i int, text string) int {
	t, _, _ := split(x.entry(i))
	return compareText(t, text)
}

// Find returns what was added under a key, borrowed from the block. When ok is
// false and Covers(key) holds, the absence of the person is proven.
func (x Block) Find(key household.PersonKey) (payload []byte, ok bool) {
	i, ok := x.Search(key)
	if !ok {
		return nil, false
	}
	return x.Payload(i), true
}

// Covers reports whether the key lies in the range of the block.
func (x Block) Covers(key household.PersonKey) bool {
	le := binary.LittleEndian
	if c := cmp.Compare(key.Num, le.Uint64(x.raw[offLow:])); c < 0 || c == 0 && compareText(x.low, key.Text) > 0 {
		return false
	}
	if x.Last() {
		return true
	}
	c := cmp.Compare(key.Num, le.Uint64(x.raw[offHigh:]))
	return c < 0 || c == 0 && compareText(x.high, key.Text) > 0
}

// Low is the first key of the range, which is part of it.
func (x Block) Low() household.PersonKey {
	return household.PersonKey{Num: binary.LittleEndian.Uint64(x.raw[offLow:]), Text: string(x.low)}
}

// High is the first key above the range, the zero key in the last block.
func (x Block) High() household.PersonKey {
	return household.PersonKey{Num: binary.LittleEndian.Uint64(x.raw[offHigh:]), Text: string(x.high)}
}

// Last reports whether the block has no upper bound.
func (x Block) Last() bool { return binary.LittleEndian.Uint32(x.raw[offFlags:])&flagLast != 0 }

// Checksum is the xxhash64 of the block. It is no pseudonym and no signature.
func (x Block) Checksum() uint64 { return binary.LittleEndian.Uint64(x.raw[offChecksum:]) }

// ProfileVersion is the version of the payloads as the Builder was told.
func (x Block) ProfileVersion() uint16 { return binary.LittleEndian.Uint16(x.raw[offProfile:]) }

// Size is the number of bytes of the block.
func (x Block) Size() int { return len(x.raw) }
