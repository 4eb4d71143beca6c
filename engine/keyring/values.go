package keyring

import (
	"crypto/sha256"
	"encoding/binary"
)

// Values seals the values of a store of keys and values: each opens under its own name
// only. It is safe for use by several goroutines.
type Values struct{ key *Key }

// Values returns what seals values with this key.
func (k *Key) Values() Values { return Values{k} }

// place is where the value of a name belongs: 96 bits of the SHA-256 of the name.
func (Values) place(name []byte) Place {
	sum := sha256.Sum256(name)
	return Place{KindLedger, binary.BigEndian.Uint32(sum[:]), binary.BigEndian.Uint64(sum[4:])}
}

// Seal appends the sealed form of a value to dst.
func (v Values) Seal(dst, plain, name []byte) ([]byte, error) {
	return v.key.AppendEnvelope(dst, plain, v.place(name))
}

// Open appends the value to dst. It fails when the value, the key or the name is another
// one.
func (v Values) Open(dst, sealed, name []byte) ([]byte, error) {
	return v.key.OpenEnvelope(dst, sealed, v.place(name))
}
