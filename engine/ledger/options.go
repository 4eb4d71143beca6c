package ledger

import (
	"log/slog"
)

// Sealer encrypts values. What it seals is bound to where it lies.
type Sealer interface {
	// Seal appends the sealed form of plain to dst.
	Seal(dst, plain, aad []byte) ([]byte, error)
	// Open appends the plain form of what was sealed to dst. It fails when the
	// content, the key or aad is another one.
	Open(dst, sealed, aad []byte) ([]byte, error)
}

// Options of a ledger. The zero value is what most programs use.
type Options struct {
	// Sealer seals every value; nil leaves them readable.
	Sealer Sealer
	// Pseudonym is a keyed function, so that a number can't be found by trying.
	// It is given the domain, a zero byte, and what is to be spoken of. Nil uses
	// HMAC-SM3 with a key of its own in the file pseudonym.key beside the ledger.
	Pseudonym func([]byte) [16]byte
	// Reserve is the free space below which changes are refused; 0 is 256 MiB.
	Reserve int64
	// Logger gets what happens in the background; nil is quiet.
	Logger *slog.Logger

	// freeBytes stands in for durable.FreeBytes in tests.
	freeBytes func(dir string) (free int64, known bool, err error)
}
