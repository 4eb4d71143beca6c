package ledger

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/dgraph-io/badger/v4"
	"github.com/emmansun/gmsm/sm3"

	"github.com/hedui/hedui/engine/durable"
)

// formatVersion is that of the whole ledger. Version 1 is the first.
const formatVersion = 1

const keyBytes = 32

// pseudonymOf is the keyed function of the options, or one with the key in the
// ledger's directory, which it makes in a new ledger.
func pseudonymOf(opt Options, dir string, isNew bool, disk durable.Disk) (func([]byte) [16]byte, error) {
	if opt.Pseudonym != nil {
		return opt.Pseudonym, nil
	}
	name := filepath.Join(dir, "pseudonym.key")
	key, err := os.ReadFile(name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && isNew:
		key = make([]byte, keyBytes)
		_, _ = rand.Read(key) // never fails, by its documentation
		if err := disk.WriteFile(name, key, 0o600); err != nil {
			return nil, fmt.Errorf("make the key of pseudonyms: %w", err)
		}
	case errors.Is(err, fs.ErrNotExist):
		return nil, damaged("%s is missing", name)
	case err != nil:
		return nil, fmt.Errorf("read the key of pseudonyms: %w", err)
	}
	if len(key) != keyBytes {
		return nil, damaged("%s has not %d bytes", name, keyBytes)
	}
	// Half the time would go into making one for each pseudonym.
	pool := sync.Pool{New: func() any { return hmac.New(sm3.New, key) }}
	return func(b []byte) (p [16]byte) {
		h := pool.Get().(hash.Hash)
		defer pool.Put(h)
		h.Reset()
		h.Write(b)
		var sum [sm3.Size]byte
		copy(p[:], h.Sum(sum[:0]))
		return p
	}, nil
}

func pseudonym(f func([]byte) [16]byte, d Domain, plain []byte) Pseudonym {
	b := make([]byte, 0, len(d)+1+len(plain))
	return f(append(append(append(b, d...), 0), plain...))
}

// meta is what a ledger says of itself: its format, and a pseudonym of nobody, by
// which another key of pseudonyms is told from the right one. With another key nobody
// would be found, without a sign.
func (o *Owner) meta() []byte {
	p := pseudonym(o.pseudonym, "ledger", []byte("nobody"))
	return append([]byte{formatVersion}, p[:]...)
}

func metaKey() []byte { return []byte{sectionMeta} }

func (o *Owner) writeMeta() error {
	b := o.newBatch()
	key := metaKey()
	if err := b.set(key, plainValue(key, o.meta())); err != nil {
		return err
	}
	return o.flush(b)
}

func (o *Owner) checkMeta() error {
	key := metaKey()
	var have []byte
	err := o.view(context.Background(), func(txn *badger.Txn) error {
		value, err := read(txn, key)
		if err != nil {
			return err
		}
		have, err = plainContent(key, value)
		return err
	})
	switch want := o.meta(); {
	case err != nil:
		return damaged("%s: what it says of itself: %v", o.dir, err)
	case len(have) != len(want) || have[0] != formatVersion:
		return damaged("%s: a format that this version does not know", o.dir)
	case !bytes.Equal(have, want):
		return damaged("%s: the key of pseudonyms is not the one it was written with", o.dir)
	}
	return nil
}
