package ledger

import (
	"encoding/hex"
	"fmt"
)

// Pseudonym stands for a person or a record. Who does not have the key can't tell
// for whom, and can't try.
type Pseudonym [16]byte

// Domain keeps pseudonyms of different things apart.
type Domain string

// The domains of the ledger's own keys.
const (
	// Person is a normalised document key.
	Person Domain = "person"
	// Record is a source and what identifies a record of a person in it,
	// whichever snapshot it was read from.
	Record Domain = "record"
)

// String is the pseudonym in hexadecimal digits.
func (p Pseudonym) String() string { return hex.EncodeToString(p[:]) }

// MarshalText is String.
func (p Pseudonym) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (p *Pseudonym) UnmarshalText(text []byte) error {
	if len(text) != 2*len(p) {
		return fmt.Errorf("%w: a pseudonym of %d digits", ErrInvalid, len(text))
	}
	if _, err := hex.Decode(p[:], text); err != nil {
		return fmt.Errorf("%w: a pseudonym has hexadecimal digits", ErrInvalid)
	}
	return nil
}
