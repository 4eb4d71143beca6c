package keyring

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/sm3"
	"github.com/emmansun/gmsm/sm4"
)

// Provider is a suite of algorithms. A key is what the provider takes for one: its
// bytes in software, a handle where a cryptographic machine keeps it. It is safe for
// use by several goroutines.
type Provider interface {
	// Name is how key files and keys.json call the suite.
	Name() string
	// KeySize is the length of a key of AEAD in bytes.
	KeySize() int
	// AEAD returns the authenticated cipher of a key, with nonces of 12 and tags of 16
	// bytes.
	AEAD(key []byte) (cipher.AEAD, error)
	// HMAC authenticates a message in 32 bytes.
	HMAC(key, message []byte) []byte
	// NewSigningKey makes a pair of keys to sign with.
	NewSigningKey() (private, public []byte, err error)
	// Sign signs a message.
	Sign(private, message []byte) ([]byte, error)
	// Verify returns nil when the signature is of this message by this key.
	Verify(public, message, signature []byte) error
}

// The suites in software. They differ in the cipher only: pseudonyms and signatures
// must not change with it.
const (
	AES = "aes" // AES-256-GCM, HMAC-SM3, SM2
	SM  = "sm"  // SM4-GCM, HMAC-SM3, SM2
)

// Suites are the names that ProviderOf knows.
func Suites() []string { return []string{AES, SM} }

// ProviderOf returns the suite of a name.
func ProviderOf(name string) (Provider, error) {
	switch name {
	case AES:
		return aesSuite{}, nil
	case SM:
		return smSuite{}, nil
	}
	return nil, fmt.Errorf("no suite of algorithms is called %q: there are %s and %s", name, AES, SM)
}

// TagSize is what Open wants behind sealed bytes, or it copies them.
const TagSize = tagSize

const (
	nonceSize = 12
	tagSize   = 16
)

type aesSuite struct{ shangMi }

func (aesSuite) Name() string { return AES }
func (aesSuite) KeySize() int { return 32 }

func (aesSuite) AEAD(key []byte) (cipher.AEAD, error) {
	b, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(b)
}

type smSuite struct{ shangMi }

func (smSuite) Name() string { return SM }
func (smSuite) KeySize() int { return sm4.BlockSize }

func (smSuite) AEAD(key []byte) (cipher.AEAD, error) {
	b, err := sm4.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(b)
}

// shangMi is what both suites have in common.
type shangMi struct{}

func (shangMi) HMAC(key, message []byte) []byte {
	h := hmac.New(sm3.New, key)
	h.Write(message)
	return h.Sum(nil)
}

var errSignature = errors.New("the signature is not of this text by this key")

func (shangMi) NewSigningKey() (private, public []byte, err error) {
	k, err := sm2.GenerateKey(rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	p, err := sm2.PublicKeyToECDH(&k.PublicKey)
	if err != nil {
		return nil, nil, err
	}
	return k.D.FillBytes(make([]byte, 32)), p.Bytes(), nil
}

func (shangMi) Sign(private, message []byte) ([]byte, error) {
	k, err := sm2.NewPrivateKey(private)
	if err != nil {
		return nil, err
	}
	return k.SignWithSM2(rand.Reader, nil, message)
}

func (shangMi) Verify(public, message, signature []byte) error {
	k, err := sm2.NewPublicKey(public)
	if err != nil {
		return fmt.Errorf("public key: %w", err)
	}
	if !sm2.VerifyASN1WithSM2(k, nil, message, signature) {
		return errSignature
	}
	return nil
}
