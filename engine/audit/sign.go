package audit

import (
	"crypto/ecdsa"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/sm3"
	"github.com/emmansun/gmsm/smx509"
)

// Signer signs heads and stubs. PrivateKey is one; a machine that keeps the key to
// itself can be another.
type Signer interface {
	// Sign returns the SM2 signature of a message, in ASN.1, and the number of the key.
	Sign(message []byte) (signature []byte, key string, err error)
}

// PrivateKey signs heads. It belongs to whoever anchors, and not beside the log.
type PrivateKey struct {
	key *sm2.PrivateKey
	id  string
}

// PublicKey checks the signatures of heads and stubs.
type PublicKey struct {
	key *ecdsa.PublicKey
	id  string
}

// ErrSignature is returned for a signature that is none of the keys'.
var ErrSignature = errors.New("the signature is not by any of the public keys")

const (
	privateBlock = "PRIVATE KEY"
	publicBlock  = "PUBLIC KEY"
)

// NewKey makes a key and returns it with its public half, both in PEM.
func NewKey() (private, public []byte, err error) {
	key, err := sm2.GenerateKey(rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("key: %w", err)
	}
	secret, err := smx509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, fmt.Errorf("key: %w", err)
	}
	open, err := smx509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return nil, nil, fmt.Errorf("key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: privateBlock, Bytes: secret}), pem.EncodeToMemory(&pem.Block{Type: publicBlock, Bytes: open}), nil
}

// ParsePrivateKey reads a key that NewKey made, or another SM2 key in PKCS 8 and PEM.
func ParsePrivateKey(text []byte) (*PrivateKey, error) {
	block, _ := pem.Decode(text)
	if block == nil || block.Type != privateBlock {
		return nil, errors.New("not a private key in PEM")
	}
	key, err := smx509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("not a private key in PKCS 8") // the cause may show bytes of it
	}
	k, ok := key.(*sm2.PrivateKey)
	if !ok {
		return nil, errors.New("not an SM2 key")
	}
	id, err := keyID(&k.PublicKey)
	return &PrivateKey{k, id}, err
}

// ParsePublicKey reads the public half of a key.
func ParsePublicKey(text []byte) (*PublicKey, error) {
	block, _ := pem.Decode(text)
	if block == nil || block.Type != publicBlock {
		return nil, errors.New("not a public key in PEM")
	}
	key, err := smx509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("public key: %w", err)
	}
	k, ok := key.(*ecdsa.PublicKey)
	if !ok || !sm2.IsSM2PublicKey(key) {
		return nil, errors.New("not an SM2 key")
	}
	id, err := keyID(k)
	return &PublicKey{k, id}, err
}

// keyID is the number of a key: the first half of the SM3 of its public half.
func keyID(k *ecdsa.PublicKey) (string, error) {
	der, err := smx509.MarshalPKIXPublicKey(k)
	if err != nil {
		return "", fmt.Errorf("key: %w", err)
	}
	sum := sm3.Sum(der)
	return hex.EncodeToString(sum[:16]), nil
}

// ID is the number of the key.
func (k *PublicKey) ID() string { return k.id }

// Verify reports whether a message was signed by the key, in ASN.1.
func (k *PublicKey) Verify(message, signature []byte) bool {
	return sm2.VerifyASN1WithSM2(k.key, nil, message, signature)
}

// Sign signs a message.
func (k *PrivateKey) Sign(message []byte) (signature []byte, key string, err error) {
	signature, err = k.key.Sign(rand.Reader, message, sm2.DefaultSM2SignerOpts)
	if err != nil {
		return nil, "", fmt.Errorf("sign: %w", err)
	}
	return signature, k.id, nil
}

// Signature is by which key something is signed, and the signature in hexadecimal.
type Signature struct {
	Key       string `json:"key"`
	Signature string `json:"signature"`
}

// message is what is signed of a value: what it is, and its JSON.
func message(what string, value any) ([]byte, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	return append([]byte("hedui audit "+what+" 1\n"), text...), nil
}

func sign(s Signer, what string, value any) (Signature, error) {
	text, err := message(what, value)
	if err != nil {
		return Signature{}, err
	}
	signature, key, err := s.Sign(text)
	return Signature{Key: key, Signature: hex.EncodeToString(signature)}, err
}

func (s Signature) check(keys []*PublicKey, what string, value any) error {
	text, err := message(what, value)
	if err != nil {
		return err
	}
	signature, err := hex.DecodeString(s.Signature)
	if err != nil {
		return ErrSignature
	}
	for _, k := range keys {
		if k.id == s.Key && sm2.VerifyASN1WithSM2(k.key, nil, text, signature) {
			return nil
		}
	}
	return ErrSignature
}
