package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/hedui/hedui/engine/block"
	"github.com/hedui/hedui/engine/durable"
	"github.com/hedui/hedui/engine/keyring"
)

// reserve is left free on the disk: a generation must not take the room that the audit
// log needs.
const reserve = 64 << 20

// dirBuilder loads a generation into a directory of its own under a temporary name.
type dirBuilder struct {
	sections
	store  *Dir
	lock   *durable.Lock
	dir    string
	tables *tableWriter
	key    []byte
	sealer *keyring.Key // nil when the blocks are not sealed
	kept   bool         // the generation has its name
	sealed []byte       // a block
}

// Begin implements Store.
func (d *Dir) Begin(o BuildOptions) (Builder, error) {
	root := d.generations()
	if d.options.Keys == nil && keyring.Encrypted(d.root) {
		return nil, fmt.Errorf("%s: %w", d.root, keyring.ErrLocked)
	}
	if err := d.disk.MkdirAll(root); err != nil {
		return nil, err
	}
	lock, err := durable.TryLock(filepath.Join(root, buildLock))
	if errors.Is(err, durable.ErrLocked) {
		return nil, fmt.Errorf("%s: %w", d.root, ErrBusy)
	}
	if err != nil {
		return nil, err
	}
	b := &dirBuilder{store: d, lock: lock, sections: sections{options: o.withDefaults()}}
	if err := b.start(o.ExpectedBytes); err != nil {
		return nil, errors.Join(err, b.Abort())
	}
	return b, nil
}

func (b *dirBuilder) start(expected int64) error {
	d := b.store
	if err := d.sweepRemains(); err != nil {
		return err
	}
	expected = max(0, expected)
	if err := d.checkSpace(expected + expected/10*3 + reserve); err != nil {
		return err
	}
	var err error
	if b.sealer, err = d.options.Keys.Create(keyring.Generation); err != nil {
		return err
	}
	if b.dir, err = os.MkdirTemp(d.generations(), buildingPrefix); err != nil {
		return err
	}
	b.tables = newTableWriter(b.dir, d.options.tableBytes(), func(need int64) error { return d.checkSpace(need + reserve) })
	return nil
}

// Section implements Builder.
func (b *dirBuilder) Section(name string, version int) (SectionWriter, error) {
	s := len(b.fences)
	return b.next(name, version, func(i int, p post, raw []byte) error { return b.put(s, i, p, raw) })
}

// put adds one block to the tables, in pieces when it is large.
func (b *dirBuilder) put(s, i int, p post, raw []byte) error {
	if b.over {
		return ErrClosed
	}
	if b.sealer == nil {
		b.key = blockKey(b.key, s, p.low)
	} else {
		b.key = numberKey(b.key, s, i)
		var err error
		if b.sealed, err = b.sealer.Seal(b.sealed[:0], raw, block.Field, blockPlace(s, i)); err != nil {
			return err
		}
		if raw = b.sealed; cap(raw) > 2*partSize {
			b.sealed = nil // a block of pieces may be very large
		}
	}
	stream := blockStream
	for n := 1; ; n++ {
		piece := raw[:min(len(raw), partSize)]
		raw = raw[len(piece):]
		if err := b.tables.add(stream, b.key, piece); err != nil || len(raw) == 0 {
			return err
		}
		b.key, stream = partKey(b.key, s, i, n), partStream
	}
}

// Seal implements Builder.
func (b *dirBuilder) Seal(c Contents) (*Manifest, error) {
	if b.over {
		return nil, ErrClosed
	}
	m, err := b.seal(c.clone())
	if err != nil {
		err = fmt.Errorf("seal generation: %w", err)
	}
	b.over = true
	return m, errors.Join(err, b.discard())
}

func (b *dirBuilder) seal(c Contents) (*Manifest, error) {
	if err := b.finish(); err != nil {
		return nil, err
	}
	m, err := newManifest(c, b.fences)
	if err != nil {
		return nil, err
	}
	tables, err := b.tables.finish()
	if err != nil {
		return nil, err
	}
	if err := writeDatabase(b.store.disk, b.dir, len(tables)); err != nil {
		return nil, err
	}
	if err := writeSealed(b.store.disk, b.dir, m, b.fences, tables, b.sealer); err != nil {
		return nil, err
	}
	// What was written unsynced is read back before anything says that it is there.
	if err := b.readBack(m); err != nil {
		return nil, fmt.Errorf("read back: %w", err)
	}
	if err := b.store.disk.SyncTree(b.dir); err != nil {
		return nil, err
	}
	adopted, err := b.store.adopt(b.dir, m, b.sealer)
	b.kept = err == nil && adopted == m
	return adopted, err
}

// readBack verifies all bytes of what was just written, against digests that were taken
// before it left the memory, and every block.
func (b *dirBuilder) readBack(m *Manifest) error {
	g, err := b.store.open(b.dir, m, b.fences, b.sealer)
	if err != nil {
		return err
	}
	ctx := context.Background()
	err = verifyFiles(ctx, b.dir, m, wholeFiles, nil)
	if err == nil {
		err = g.sweepBlocks(ctx, func(int64) {})
	}
	return errors.Join(err, g.Close())
}

// Abort implements Builder.
func (b *dirBuilder) Abort() error {
	if b.over {
		return nil
	}
	b.over = true
	return b.discard()
}

// discard gives everything back and removes what was not adopted.
func (b *dirBuilder) discard() error {
	var errs []error
	if b.tables != nil {
		_ = b.tables.stop() // its error was returned before, or nobody asks any more
		b.tables = nil
	}
	if b.dir != "" {
		errs = append(errs, os.RemoveAll(b.dir))
	}
	if !b.kept && b.sealer != nil {
		errs = append(errs, b.store.options.Keys.Drop(b.sealer))
		b.sealer = nil
	}
	if b.lock != nil {
		errs = append(errs, b.lock.Unlock())
		b.lock = nil
	}
	return errors.Join(errs...)
}
