package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime/debug"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/table"
)

// badgerPages are the blocks of one generation on disk.
type badgerPages struct {
	dir      string
	db       *badger.DB
	manifest *Manifest
	fences   []*fence
	tables   []badger.TableInfo
}

// openBadger opens the directory of a sealed generation whose files were verified.
// Badger reads tables in goroutines of its own, where a panic ends the process:
// nothing that it looks at here may be damaged.
func openBadger(dir string, m *Manifest, fences []*fence) (*badgerPages, error) {
	p := &badgerPages{dir: dir, manifest: m, fences: fences}
	err := guarded(func() (err error) {
		p.db, err = badger.Open(badgerOptions(dir, dir, baseTableSize).WithReadOnly(true))
		return err
	})
	if err != nil {
		return nil, err
	}
	p.tables = p.db.Tables()
	return p, nil
}

// guarded runs something that reads Badger's tables. A damaged table can make
// Badger panic, and a disk error under a mapped table faults: both become errors.
func guarded(fn func() error) (err error) {
	old := debug.SetPanicOnFault(true)
	defer debug.SetPanicOnFault(old)
	defer func() {
		if r := recover(); r != nil {
			// The panic's text may hold content, its kind does not.
			err = fmt.Errorf("panic of kind %T while reading", r)
		}
	}()
	return fn()
}

// read implements pages. Get copies the value, so the bytes outlive the transaction.
func (p *badgerPages) read(s, i int) (raw []byte, err error) {
	err = guarded(func() error {
		txn := p.db.NewTransaction(false)
		defer txn.Discard()
		at := p.fences[s].posts[i]
		raw, err = get(txn, blockKey(nil, s, at.low))
		if err != nil || parts(at.size) == 1 {
			return err
		}
		raw, err = p.gather(txn, s, i, raw)
		return err
	})
	return raw, err
}

func get(txn *badger.Txn, key []byte) ([]byte, error) {
	item, err := txn.Get(key)
	if errors.Is(err, badger.ErrKeyNotFound) {
		return nil, errMissing
	}
	if err != nil {
		return nil, err
	}
	var raw []byte
	err = item.Value(func(v []byte) error { raw = v; return nil })
	return raw, err
}

// gather puts a block together that was written in pieces.
func (p *badgerPages) gather(txn *badger.Txn, s, i int, first []byte) ([]byte, error) {
	size := p.fences[s].posts[i].size
	raw := make([]byte, 0, size)
	raw = append(raw, first...)
	for n := 1; n < parts(size); n++ {
		piece, err := get(txn, partKey(s, i, n))
		if err != nil {
			return nil, err
		}
		raw = append(raw, piece...)
	}
	return raw, nil
}

// cursor implements pages.
func (p *badgerPages) cursor() cursor {
	c := &badgerCursor{pages: p, at: -1}
	c.txn = p.db.NewTransaction(false)
	return c
}

// badgerCursor reads on with an iterator, whose buffers are reused.
type badgerCursor struct {
	pages *badgerPages
	txn   *badger.Txn
	it    *badger.Iterator
	s, at int // where the iterator stands, -1 when nowhere
	key   []byte
}

// stepLimit is how many blocks further the cursor still steps to: a step copies
// one block, a seek two.
const stepLimit = 2

// read implements cursor.
func (c *badgerCursor) read(s, i int) (raw []byte, err error) {
	err = guarded(func() error {
		at := c.pages.fences[s].posts[i]
		c.move(s, i, at)
		if !c.it.Valid() || !bytes.Equal(c.it.Item().Key(), c.key) {
			return errMissing
		}
		c.s, c.at = s, i
		if err := c.it.Item().Value(func(v []byte) error { raw = v; return nil }); err != nil {
			return err
		}
		if parts(at.size) > 1 {
			raw, err = c.pages.gather(c.txn, s, i, raw)
			return err
		}
		return nil
	})
	if err != nil {
		c.at = -1
	}
	return raw, err
}

func (c *badgerCursor) move(s, i int, at post) {
	c.key = blockKey(c.key, s, at.low)
	if c.it == nil {
		o := badger.DefaultIteratorOptions
		o.PrefetchValues = false
		c.it = c.txn.NewIterator(o)
	}
	if c.at < 0 || c.s != s || i <= c.at || i-c.at > stepLimit {
		c.it.Seek(c.key)
		return
	}
	for range i - c.at {
		if !c.it.Valid() {
			return
		}
		c.it.Next()
	}
}

// close implements cursor.
func (c *badgerCursor) close() {
	// An iterator that panicked may not close; the error was reported by read.
	_ = guarded(func() error {
		if c.it != nil {
			c.it.Close()
		}
		c.txn.Discard()
		return nil
	})
}

// where implements pages: the table whose range holds the key of the block.
func (p *badgerPages) where(s, i int) string {
	key := blockKey(nil, s, p.fences[s].posts[i].low)
	for _, t := range p.tables {
		if bytes.Compare(t.Left[:len(t.Left)-8], key) <= 0 && bytes.Compare(key, t.Right[:len(t.Right)-8]) <= 0 {
			return filepath.Join(p.dir, table.IDToFilename(t.ID))
		}
	}
	return p.dir
}

// sweepFiles implements pages.
func (p *badgerPages) sweepFiles(ctx context.Context, done func(int64)) error {
	return verifyFiles(ctx, p.dir, p.manifest, wholeFiles, done)
}

// close implements pages. Badger syncs the directory last, which fails when the
// generation was dropped meanwhile; nothing of it needs to survive then.
func (p *badgerPages) close() error {
	err := guarded(p.db.Close)
	if !isDir(p.dir) {
		return nil
	}
	return err
}
