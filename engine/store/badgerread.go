package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"

	"github.com/dgraph-io/badger/v4/fb"

	"github.com/hedui/hedui/engine/block"
	"github.com/hedui/hedui/engine/keyring"
)

// badgerPages are the blocks of one generation on disk. They are read from Badger's
// tables directly: its database would copy every block three times, open the tables
// in goroutines whose panics nobody can recover, and merge levels and versions that
// a sealed generation does not have. The tables are read, not mapped: a disk error is
// an error then, not a fault, and what was read does not count as memory of ours.
type badgerPages struct {
	dir      string
	manifest *Manifest
	fences   []*fence
	key      *keyring.Key // of the blocks, nil when they are not sealed
	keys     *keyring.Ring
	tables   []*os.File
	spots    []spot // by key
	cursors  sync.Pool
}

// spot is where one of Badger's pages lies. It holds the entries from its key up to the
// key of the next.
type spot struct {
	key       []byte // of its first entry, without the version
	table     int32
	off, size uint32
}

// openTables opens the tables of a sealed generation whose files were verified.
func openTables(dir string, m *Manifest, fences []*fence, key *keyring.Key) (p *badgerPages, err error) {
	p = &badgerPages{dir: dir, manifest: m, fences: fences, key: key}
	for i := range m.Files {
		f := &m.Files[i]
		if !strings.HasSuffix(f.Name, ".sst") {
			continue
		}
		if err := p.open(f); err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", f.Name, err), p.close())
		}
	}
	sort.SliceStable(p.spots, func(i, j int) bool { return bytes.Compare(p.spots[i].key, p.spots[j].key) < 0 })
	for i := 1; i < len(p.spots); i++ {
		if bytes.Equal(p.spots[i-1].key, p.spots[i].key) {
			return nil, errors.Join(errors.New("the tables overlap"), p.close())
		}
	}
	return p, nil
}

// open adds a table and where its pages are.
func (p *badgerPages) open(seal *FileSeal) error {
	f, err := os.Open(filepath.Join(p.dir, seal.Name))
	if err != nil {
		return err
	}
	n := int32(len(p.tables))
	p.tables = append(p.tables, f)
	index, err := readTableIndex(f, seal.Size)
	if err != nil {
		return err
	}
	return guarded(func() error {
		t := fb.GetRootAsTableIndex(index, 0)
		var b fb.BlockOffset
		for i := range t.OffsetsLength() {
			if !t.Offsets(&b, i) || b.KeyLength() < versionSize || int64(b.Offset())+int64(b.Len()) > seal.Size {
				return errTable
			}
			key := b.KeyBytes()
			p.spots = append(p.spots, spot{key: key[:len(key)-versionSize], table: n, off: b.Offset(), size: b.Len()})
		}
		return nil
	})
}

// guarded runs something that reads what Badger's code takes on trust. Damage that the
// digests would have told can make it panic: that becomes an error.
func guarded(fn func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			// The panic's text may hold content, its kind does not.
			err = fmt.Errorf("panic of kind %T while reading", r)
		}
	}()
	return fn()
}

// spotOf returns the number of the only page that can hold a key.
func (p *badgerPages) spotOf(key []byte) (i int, ok bool) {
	i = sort.Search(len(p.spots), func(i int) bool { return bytes.Compare(p.spots[i].key, key) > 0 })
	return i - 1, i > 0
}

// cursor implements pages.
func (p *badgerPages) cursor() cursor {
	if c, ok := p.cursors.Get().(*badgerCursor); ok {
		return c
	}
	return &badgerCursor{pages: p, at: -1}
}

// badgerCursor reads pages into a buffer that it uses again.
type badgerCursor struct {
	pages *badgerPages
	at    int    // the page in the buffer, -1 for none
	page  []byte // its bytes
	key   []byte
	block []byte // one that was written in pieces
	open  []byte // one that was sealed
}

// blockKey is the Badger key of a block.
func (p *badgerPages) blockKey(dst []byte, s, i int) []byte {
	if p.key != nil {
		return numberKey(dst, s, i)
	}
	return blockKey(dst, s, p.fences[s].posts[i].low)
}

// read implements cursor.
func (c *badgerCursor) read(s, i int) ([]byte, error) {
	b, err := c.stored(s, i)
	if c.pages.key == nil || err != nil {
		return b, err
	}
	// Sealed into another buffer: the page may be asked for again.
	c.open, err = c.pages.key.Open(c.open[:0], b, block.Field, blockPlace(s, i))
	return c.open, err
}

// stored returns the bytes of a block as they are on the disk.
func (c *badgerCursor) stored(s, i int) ([]byte, error) {
	c.key = c.pages.blockKey(c.key, s, i)
	n := parts(c.pages.fences[s].posts[i].size)
	piece, err := c.find()
	if n == 1 || err != nil {
		return piece, err
	}
	c.block = append(c.block[:0], piece...)
	for k := 1; k < n; k++ {
		c.key = partKey(c.key, s, i, k)
		if piece, err = c.find(); err != nil {
			return nil, err
		}
		c.block = append(c.block, piece...)
	}
	return c.block, nil
}

// find returns the value under the key, as long as no other page is read.
func (c *badgerCursor) find() ([]byte, error) {
	n, ok := c.pages.spotOf(c.key)
	if !ok {
		return nil, errMissing
	}
	if n != c.at {
		if err := c.load(n); err != nil {
			return nil, err
		}
	}
	c.key = appendVersion(c.key)
	return findEntry(c.page, c.key)
}

func (c *badgerCursor) load(n int) error {
	at := &c.pages.spots[n]
	size := int(at.size)
	if cap(c.page) < size {
		c.page = make([]byte, size+size/8)
	}
	c.page, c.at = c.page[:size], -1
	if _, err := c.pages.tables[at.table].ReadAt(c.page, int64(at.off)); err != nil {
		return err
	}
	c.at = n
	return nil
}

// close implements cursor.
func (c *badgerCursor) close() {
	// A block made of pieces may be very large: that buffer is not kept. Nor is a page
	// taken for granted that was read for somebody else.
	if cap(c.block) > 2*partSize {
		c.block = nil
	}
	if cap(c.open) > 2*partSize {
		c.open = nil
	}
	c.at = -1
	c.pages.cursors.Put(c)
}

// where implements pages: the table that holds the block.
func (p *badgerPages) where(s, i int) string {
	if n, ok := p.spotOf(p.blockKey(nil, s, i)); ok {
		return p.tables[p.spots[n].table].Name()
	}
	return p.dir
}

// sweepFiles implements pages. What is open stays readable when its directory was
// dropped, but then there is nothing to sweep.
func (p *badgerPages) sweepFiles(ctx context.Context, done func(int64)) error {
	if !isDir(p.dir) {
		return fmt.Errorf("generation %s was dropped: %w", p.manifest.ID, ErrNotFound)
	}
	if _, _, _, err := readSealed(p.dir, p.manifest.ID, p.keys); err != nil {
		return err
	}
	return verifyFiles(ctx, p.dir, p.manifest, wholeFiles, done)
}

// close implements pages.
func (p *badgerPages) close() error {
	var errs []error
	for _, f := range p.tables {
		errs = append(errs, f.Close())
	}
	p.tables = nil
	return errors.Join(errs...)
}
