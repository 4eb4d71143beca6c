package snapshot

import (
	"encoding/binary"
	"errors"
	"math/big"
	"math/bits"

	"github.com/hedui/hedui/engine/household"
)

// Total is a sum of amounts in fen. It has 128 bits, so that no file however long
// or wrong overflows it. The zero value is 0.
type Total struct{ hi, lo uint64 }

// Add adds an amount, which must not be negative.
func (t *Total) Add(f household.Fen) {
	var carry uint64
	t.lo, carry = bits.Add64(t.lo, uint64(f), 0)
	t.hi += carry
}

// AddTotal adds another sum.
func (t *Total) AddTotal(o Total) {
	var carry uint64
	t.lo, carry = bits.Add64(t.lo, o.lo, 0)
	t.hi, _ = bits.Add64(t.hi, o.hi, carry)
}

func (t Total) big() *big.Int {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], t.hi)
	binary.BigEndian.PutUint64(b[8:], t.lo)
	return new(big.Int).SetBytes(b[:])
}

// String is the sum in fen.
func (t Total) String() string { return t.big().String() }

// MarshalJSON writes the sum in fen as an integer.
func (t Total) MarshalJSON() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalJSON reads what MarshalJSON writes.
func (t *Total) UnmarshalJSON(b []byte) error {
	n, ok := new(big.Int).SetString(string(b), 10)
	if !ok || n.Sign() < 0 || n.BitLen() > 128 {
		return errors.New("not a sum in fen")
	}
	var buf [16]byte
	n.FillBytes(buf[:])
	t.hi, t.lo = binary.BigEndian.Uint64(buf[:]), binary.BigEndian.Uint64(buf[8:])
	return nil
}
