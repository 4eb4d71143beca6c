package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/dgraph-io/badger/v4/table"
	"github.com/dgraph-io/badger/v4/y"
	"github.com/dgraph-io/ristretto/v2/z"
)

// badgerPages are the blocks of one generation on disk. They are read from Badger's
// tables directly: its database would copy every block three times, open the tables
// in goroutines whose panics nobody can recover, and merge levels and versions that
// a sealed generation does not have.
type badgerPages struct {
	dir      string
	manifest *Manifest
	fences   []*fence
	tables   []*table.Table // by key, not overlapping
	cursors  sync.Pool
}

// version of every entry: a generation is written once.
const version = 1

// openTables opens the tables of a sealed generation whose files were verified.
func openTables(dir string, m *Manifest, fences []*fence) (p *badgerPages, err error) {
	p = &badgerPages{dir: dir, manifest: m, fences: fences}
	for _, f := range m.Files {
		if !strings.HasSuffix(f.Name, ".sst") {
			continue
		}
		err := guarded(func() error {
			// Should Badger refuse a table, its mapping is left behind: which of its
			// errors have closed the file already cannot be told.
			file, err := z.OpenMmapFile(filepath.Join(dir, f.Name), os.O_RDONLY, 0)
			if err != nil {
				return err
			}
			t, err := table.OpenTable(file, table.Options{ReadOnly: true})
			if err == nil {
				p.tables = append(p.tables, t)
			}
			return err
		})
		if err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", f.Name, err), p.close())
		}
	}
	slices.SortFunc(p.tables, func(a, b *table.Table) int { return y.CompareKeys(a.Smallest(), b.Smallest()) })
	for i := 1; i < len(p.tables); i++ {
		if y.CompareKeys(p.tables[i-1].Biggest(), p.tables[i].Smallest()) >= 0 {
			return nil, errors.Join(errors.New("the tables overlap"), p.close())
		}
	}
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

// tableOf returns the number of the only table that can hold a key, which carries
// its version.
func (p *badgerPages) tableOf(key []byte) (i int, ok bool) {
	i = sort.Search(len(p.tables), func(i int) bool { return y.CompareKeys(p.tables[i].Biggest(), key) >= 0 })
	return i, i < len(p.tables) && y.CompareKeys(p.tables[i].Smallest(), key) <= 0
}

// cursor implements pages.
func (p *badgerPages) cursor() cursor {
	if c, ok := p.cursors.Get().(*badgerCursor); ok {
		return c
	}
	return &badgerCursor{pages: p, iterators: make([]*table.Iterator, len(p.tables))}
}

// badgerCursor copies blocks out of the tables, so that what was verified cannot
// change or fault any more, into a buffer that it uses again.
type badgerCursor struct {
	pages *badgerPages
	// iterators of the tables seen so far. They are never closed: that would only
	// count references down, and a table at zero deletes its file.
	iterators []*table.Iterator
	key       []byte
	block     []byte
	walking   bool
	table     int // the one that was read last
}

// walk implements cursor.
func (c *badgerCursor) walk() { c.walking = true }

// read implements cursor.
func (c *badgerCursor) read(s, i int) ([]byte, error) {
	at := c.pages.fences[s].posts[i]
	c.block = c.block[:0]
	c.key = blockKey(c.key, s, at.low)
	err := c.append()
	for n := 1; err == nil && n < parts(at.size); n++ {
		c.key = partKey(c.key, s, i, n)
		err = c.append()
	}
	return c.block, err
}

// append appends the value of the key to the block.
func (c *badgerCursor) append() error {
	key := y.KeyWithTs(c.key, version)
	n, ok := c.pages.tableOf(key)
	if !ok {
		return errMissing
	}
	if n != c.table {
		c.leave()
		c.table = n
	}
	err := guarded(func() error {
		it := c.iterators[n]
		if it == nil {
			it = c.pages.tables[n].NewIterator(table.NOCACHE)
			c.iterators[n] = it
		}
		it.Seek(key)
		if !it.Valid() || !bytes.Equal(it.Key(), key) {
			return errMissing
		}
		v := it.Value()
		if v.Meta != 0 || v.UserMeta != 0 || v.ExpiresAt != 0 {
			return errors.New("the entry has marks that nobody made")
		}
		c.block = append(c.block, v.Value...)
		return nil
	})
	if err != nil {
		c.iterators[n] = nil // it may have stopped anywhere
	}
	return err
}

// leave lets go of the pages of the table that a walk has been in.
func (c *badgerCursor) leave() {
	if c.walking && c.table < len(c.pages.tables) {
		release(c.pages.tables[c.table].Data)
	}
}

// close implements cursor.
func (c *badgerCursor) close() {
	// A block made of pieces may be very large: that buffer is not kept.
	if cap(c.block) > 2*partSize {
		c.block = nil
	}
	c.leave()
	c.walking = false
	c.pages.cursors.Put(c)
}

// where implements pages: the table that holds the block.
func (p *badgerPages) where(s, i int) string {
	key := y.KeyWithTs(blockKey(nil, s, p.fences[s].posts[i].low), version)
	if n, ok := p.tableOf(key); ok {
		return filepath.Join(p.dir, table.IDToFilename(p.tables[n].ID()))
	}
	return p.dir
}

// sweepFiles implements pages. What is open stays readable when its directory was
// dropped, but then there is nothing to sweep.
func (p *badgerPages) sweepFiles(ctx context.Context, done func(int64)) error {
	if !isDir(p.dir) {
		return fmt.Errorf("generation %s was dropped: %w", p.manifest.ID, ErrNotFound)
	}
	if _, _, err := readSealed(p.dir, p.manifest.ID); err != nil {
		return err
	}
	return verifyFiles(ctx, p.dir, p.manifest, wholeFiles, done)
}

// close implements pages.
func (p *badgerPages) close() error {
	var errs []error
	for _, t := range p.tables {
		errs = append(errs, guarded(func() error { return t.Close(-1) }))
	}
	p.tables = nil
	return errors.Join(errs...)
}
