package household

import (
	"cmp"
	"encoding/binary"
	"errors"
)

// PersonKey is the exact key of a person: the identity document packed without
// loss, so that two people never share one. It is not a hash and not a
// pseudonym: it reveals the document number and is never printed or logged.
//
// Resident numbers are their first 17 digits as a number (below 10^17, 57 bits);
// the check character follows from them. Every other key has a Num at or above
// OtherDocuments that names its space, and the document or name in Text.
// Keys order by Num, then by Text, and their binary form orders the same way.
type PersonKey struct {
	Num  uint64
	Text string
}

// The key spaces above resident numbers, in key order. A space of documents is
// OtherDocuments + the document type. Everything from Unlinked on belongs to no
// identified person.
const (
	OtherDocuments   uint64 = 0x8000_0000_0000_0000
	Unlinked         uint64 = 0xf000_0000_0000_0000
	InvalidDocuments uint64 = 0xf000_0000_0000_0000
	NoDocument       uint64 = 0xf100_0000_0000_0000
)

// Compare orders keys.
func (k PersonKey) Compare(o PersonKey) int {
	if c := cmp.Compare(k.Num, o.Num); c != 0 {
		return c
	}
	return cmp.Compare(k.Text, o.Text)
}

// Linked reports whether the key is that of an identified person.
func (k PersonKey) Linked() bool { return k.Num < Unlinked }

// IsZero reports whether the key is the smallest of all, which no person has.
func (k PersonKey) IsZero() bool { return k.Num == 0 && k.Text == "" }

// String keeps a key out of logs.
func (k PersonKey) String() string { return "***" }

// GoString keeps a key out of logs.
func (k PersonKey) GoString() string { return "***" }

// AppendBinary appends the order-preserving binary form: Num in eight bytes,
// big endian, then Text.
func (k PersonKey) AppendBinary(b []byte) ([]byte, error) {
	return append(binary.BigEndian.AppendUint64(b, k.Num), k.Text...), nil
}

// ErrBadKey is returned for bytes that are not the binary form of a key.
var ErrBadKey = errors.New("not the binary form of a person key")

// ParsePersonKey reads the binary form. The text is copied.
func ParsePersonKey(b []byte) (PersonKey, error) {
	if len(b) < 8 {
		return PersonKey{}, ErrBadKey
	}
	return PersonKey{binary.BigEndian.Uint64(b), string(b[8:])}, nil
}
