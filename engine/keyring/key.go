package keyring

import (
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"sync/atomic"
)

// FieldSize is the room that a format leaves for encryption: the number of the key in
// 4 bytes, a nonce of 12 and a tag of 16.
const FieldSize = 4 + nonceSize + tagSize

// Temporary is the number that stands for a key which is stored nowhere.
const Temporary = math.MaxUint32

// Place is where sealed bytes belong. They open nowhere else. Of which snapshot or
// generation they are need not be said: each has a key of its own.
type Place struct {
	Kind   Kind
	Part   uint32 // section, file or run
	Number uint64 // block, page or frame
}

// Kind says what is sealed. Numbers are part of what is authenticated, so they are
// only ever added.
type Kind byte

// What is sealed.
const (
	KindWrap       Kind = iota + 1 // a data key
	KindBlock                      // a block of a generation: section, number
	KindFence                      // the fence of a generation
	KindPage                       // a page of a snapshot: hot or cold, number
	KindPageHeader                 // the header of such a file: hot or cold
	KindPageFence                  // its fence: hot or cold
	KindQuarantine                 // a part of the quarantine file: 1 for the last, number
	KindSpill                      // a frame of a spilled run: run, offset
	KindSpool                      // a piece of a temporary text: 0, number
	KindIndexRun                   // a frame of a run of the index: run, number
	KindLedger                     // a record of the ledger: what it likes
)

func (p Place) append(b []byte) []byte {
	b = append(b, byte(p.Kind))
	b = binary.BigEndian.AppendUint32(b, p.Part)
	return binary.BigEndian.AppendUint64(b, p.Number)
}

// Key is an opened data key. It is safe for use by several goroutines. A nil key is
// the absence of encryption; of its methods only ID may be called.
type Key struct {
	id     uint32
	secret []byte
	suite  Provider
	aead   cipher.AEAD
	prefix [8]byte
	used   atomic.Uint64
}

func newKey(id uint32, suite Provider, secret []byte) (*Key, error) {
	aead, err := suite.AEAD(secret)
	if err != nil {
		return nil, err
	}
	if aead.NonceSize() != nonceSize || aead.Overhead() != tagSize {
		return nil, fmt.Errorf("suite %s: the nonces or tags have another size than the formats", suite.Name())
	}
	k := &Key{id: id, secret: secret, suite: suite, aead: aead}
	_, err = rand.Read(k.prefix[:])
	return k, err
}

// NewTemporary returns a key that is stored nowhere, for files that do not outlive the
// process.
func NewTemporary(suite Provider) (*Key, error) {
	secret := make([]byte, suite.KeySize())
	if _, err := rand.Read(secret); err != nil {
		return nil, err
	}
	return newKey(Temporary, suite, secret)
}

// ID is the number of the key in its directory, 0 of a nil key.
func (k *Key) ID() uint32 {
	if k == nil {
		return 0
	}
	return k.id
}

// nonce returns the next nonce. That of a prefix and a count is used once while the
// process lives; another process, and another opening of the key, has another prefix.
func (k *Key) nonce(dst []byte) error {
	n := k.used.Add(1)
	if n > math.MaxUint32 {
		k.used.Store(math.MaxUint32) // or it would come round in the end
		return ErrExhausted
	}
	copy(dst, k.prefix[:])
	binary.BigEndian.PutUint32(dst[len(k.prefix):], uint32(n))
	return nil
}

// seal appends a clear head, the field and the sealed body. What is authenticated is
// the head, the number of the key and the place.
func (k *Key) seal(dst, head, body []byte, p Place) ([]byte, error) {
	at := len(dst)
	dst = slices.Grow(dst, len(head)+FieldSize+len(body)+tagSize)
	dst = append(dst, head...)
	dst = binary.LittleEndian.AppendUint32(dst, k.id)
	dst = append(dst, make([]byte, nonceSize+tagSize)...)
	field := dst[at+len(head):]
	nonce := field[4 : 4+nonceSize]
	if err := k.nonce(nonce); err != nil {
		return dst[:at], err
	}
	dst = k.aead.Seal(dst, nonce, body, k.authenticated(head, p))
	end := len(dst) - tagSize
	copy(field[4+nonceSize:], dst[end:])
	return dst[:end], nil
}

// authenticated is what a tag covers besides the sealed bytes.
func (k *Key) authenticated(head []byte, p Place) []byte {
	b := make([]byte, 0, 64)
	b = append(b, head...)
	b = binary.BigEndian.AppendUint32(b, k.id)
	return p.append(b)
}

// open appends the body of sealed bytes. It borrows the 16 bytes behind them when
// there is room, and gives them back.
func (k *Key) open(dst, sealed []byte, head int, p Place) ([]byte, error) {
	if len(sealed) < head+FieldSize {
		return dst, ErrSealed
	}
	field := sealed[head : head+FieldSize]
	if binary.LittleEndian.Uint32(field) != k.id {
		return dst, ErrSealed
	}
	nonce, tag := field[4:4+nonceSize], field[4+nonceSize:]
	body := sealed[head+FieldSize:]
	n := len(body)
	var kept [tagSize]byte
	room := cap(body) >= n+tagSize
	if room {
		copy(kept[:], body[n:n+tagSize])
	} else {
		body = append(make([]byte, 0, n+tagSize), body...)
	}
	body = append(body, tag...)
	out, err := k.aead.Open(dst, nonce, body, k.authenticated(sealed[:head], p))
	if room {
		copy(body[n:], kept[:])
	}
	if err != nil {
		return dst, ErrSealed
	}
	return out, nil
}

// Seal appends the sealed form of plain, which has a field of zeros at an offset: the
// bytes before it stay clear, those behind it are sealed, and it has the same length.
// dst must not overlap plain.
func (k *Key) Seal(dst, plain []byte, field int, p Place) ([]byte, error) {
	if len(plain) < field+FieldSize {
		return dst, fmt.Errorf("%d bytes have no room for a field at %d", len(plain), field)
	}
	return k.seal(dst, plain[:field], plain[field+FieldSize:], p)
}

// Open appends what Seal was given. The 16 bytes behind sealed, if its capacity has
// them, are used meanwhile.
func (k *Key) Open(dst, sealed []byte, field int, p Place) ([]byte, error) {
	at := len(dst)
	if len(sealed) < field+FieldSize {
		return dst, ErrSealed
	}
	dst = slices.Grow(dst, len(sealed))
	dst = append(dst, sealed[:field]...)
	dst = append(dst, make([]byte, FieldSize)...)
	dst, err := k.open(dst, sealed, field, p)
	if err != nil {
		return dst[:at], err
	}
	return dst, nil
}

// KeyAt is the number of the key in a field at an offset, 0 for none.
func KeyAt(b []byte, field int) uint32 {
	if len(b) < field+FieldSize {
		return 0
	}
	return binary.LittleEndian.Uint32(b[field:])
}

// An envelope is sealed bytes of a format that has no field of its own:
//
//	 0   4  magic "HDSE"
//	 4   4  length of the sealed bytes
//	 8   4  number of the key
//	12  12  nonce
//	24  16  tag
//	40      the sealed bytes
const (
	envelopeMagic = "HDSE"
	envelopeHead  = 8
)

// Overhead is what an envelope adds to its content.
const Overhead = envelopeHead + FieldSize

// AppendEnvelope appends an envelope of the content. dst must not overlap it.
func (k *Key) AppendEnvelope(dst, content []byte, p Place) ([]byte, error) {
	if uint64(len(content)) > math.MaxUint32 {
		return dst, fmt.Errorf("%d bytes are too much for an envelope", len(content))
	}
	var head [envelopeHead]byte
	copy(head[:], envelopeMagic)
	binary.LittleEndian.PutUint32(head[4:], uint32(len(content)))
	return k.seal(dst, head[:], content, p)
}

// OpenEnvelope appends the content of an envelope, which is all of sealed.
func (k *Key) OpenEnvelope(dst, sealed []byte, p Place) ([]byte, error) {
	n, _, ok := EnvelopeOf(sealed)
	if !ok || uint64(n) != uint64(len(sealed)-Overhead) {
		return dst, ErrSealed
	}
	return k.open(dst, sealed, envelopeHead, p)
}

// EnvelopeOf tells the length of the content and the number of the key of the envelope
// that b begins with; ok is false when it begins with none.
func EnvelopeOf(b []byte) (content, key uint32, ok bool) {
	if len(b) < Overhead || string(b[:4]) != envelopeMagic {
		return 0, 0, false
	}
	return binary.LittleEndian.Uint32(b[4:]), KeyAt(b, envelopeHead), true
}
