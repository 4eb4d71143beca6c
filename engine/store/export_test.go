package store

import "github.com/hedui/hedui/engine/block"

// WithTableSize makes Badger's tables small, so that a small generation has several.
func (o DirOptions) WithTableSize(n int64) DirOptions {
	o.tableSize = n
	return o
}

// WithoutVerification switches off what the corruption test tests.
func (o DirOptions) WithoutVerification(fn func(raw []byte, err error) (block.Block, error)) DirOptions {
	o.unverified = fn
	return o
}

// Fences and pages for fuzzing.
var (
	AppendPage   = appendPage
	FindEntry    = findEntry
	DecodeFences = decodeFences
	EncodeFences = encodeFences
)
