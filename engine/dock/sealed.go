package dock

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"io"
	"time"
)

// Sealed is something that a node said, byte for byte, and its signature.
type Sealed struct {
	Body      []byte
	Key       string // number of the key
	Signature string // hexadecimal
}

// Signer signs what a node answers; *audit.PrivateKey is one.
type Signer interface {
	Sign(message []byte) (signature []byte, key string, err error)
}

// PublicKey checks the signatures of one node; *audit.PublicKey is one.
type PublicKey interface {
	ID() string
	Verify(message, signature []byte) bool
}

// version is that of what nodes say to each other.
const version = 1

// What is signed.
const (
	aCatalogue = "catalogue"
	anAnswer   = "answer"
)

// message is what is signed of a body: what it is, and the body.
func message(what string, body []byte) []byte {
	return append([]byte("hedui dock "+what+" 1\n"), body...)
}

func seal(s Signer, what string, v any) (*Sealed, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	signature, key, err := s.Sign(message(what, body))
	if err != nil {
		return nil, err
	}
	return &Sealed{body, key, hex.EncodeToString(signature)}, nil
}

// open reads a body whose signature is good. Whatever is unknown in it, or behind it, makes
// it none.
func (s *Sealed) open(by PublicKey, what string, into any) error {
	signature, err := hex.DecodeString(s.Signature)
	if err != nil || s.Key != by.ID() || !by.Verify(message(what, s.Body), signature) {
		return fail(Signature)
	}
	d := json.NewDecoder(bytes.NewReader(s.Body))
	d.DisallowUnknownFields()
	if d.Decode(into) != nil {
		return fail(Form) // the decoder's words may quote it
	}
	if _, err := d.Token(); err != io.EOF {
		return fail(Form)
	}
	return nil
}

// skew is how far the clocks of two nodes may be apart, and how old an answer may be.
const skew = 5 * time.Minute

// fresh reports whether something was signed about now.
func fresh(at string, now time.Time) bool {
	t, err := time.Parse(time.RFC3339, at)
	return err == nil && t.Sub(now).Abs() <= skew
}

func timeText(at time.Time) string { return at.UTC().Format(time.RFC3339) }
