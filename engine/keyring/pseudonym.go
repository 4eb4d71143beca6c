package keyring

import (
	"crypto/hkdf"
	"encoding/binary"
	"fmt"

	"github.com/emmansun/gmsm/sm3"
)

// Pseudonyms makes pseudonyms of one domain. It is safe for use by several goroutines.
type Pseudonyms struct {
	suite Provider
	key   []byte
}

// Pseudonyms returns what makes pseudonyms of a domain, whose key is derived from this
// one. The same bytes have other pseudonyms in another domain, so that what two lists
// hold cannot be joined.
func (k *Key) Pseudonyms(domain string) (*Pseudonyms, error) {
	key, err := hkdf.Key(sm3.New, k.secret, nil, "hedui pseudonym 1 "+domain, sm3.Size)
	if err != nil {
		return nil, err
	}
	return &Pseudonyms{k.suite, key}, nil
}

// Of is the pseudonym of some bytes: HMAC-SM3, cut to 16 bytes. Without the key nobody
// finds a number by trying all of them.
func (p *Pseudonyms) Of(b []byte) (out [16]byte) {
	copy(out[:], p.suite.HMAC(p.key, b))
	return out
}

// Pseudonym is one pseudonym. Who needs many keeps a Pseudonyms.
func Pseudonym(k *Key, domain string, b []byte) ([16]byte, error) {
	p, err := k.Pseudonyms(domain)
	if err != nil {
		return [16]byte{}, err
	}
	return p.Of(b), nil
}

// Signer signs with a key of the ring. It is safe for use by several goroutines.
type Signer struct {
	suite   Provider
	id      uint32
	private []byte
	public  []byte
}

// ID is the number of the key that signs.
func (s *Signer) ID() uint32 { return s.id }

// Public is the key that verifies, an uncompressed point of SM2.
func (s *Signer) Public() []byte { return s.public }

// signed keeps a signature of one kind of text from being one of another.
func signed(domain string, message []byte) []byte {
	b := []byte("hedui signature 1 ")
	b = binary.AppendUvarint(b, uint64(len(domain)))
	b = append(b, domain...)
	return append(b, message...)
}

// Sign signs a message of a domain.
func (s *Signer) Sign(domain string, message []byte) ([]byte, error) {
	sig, err := s.suite.Sign(s.private, signed(domain, message))
	if err != nil {
		return nil, fmt.Errorf("sign %s: %w", domain, err)
	}
	return sig, nil
}

// Verify returns nil when the signature is of this message of this domain by the owner
// of the public key. It needs no key file.
func Verify(public []byte, domain string, message, signature []byte) error {
	return shangMi{}.Verify(public, signed(domain, message), signature)
}
