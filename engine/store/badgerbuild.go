package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/pb"
	"github.com/dgraph-io/ristretto/v2/z"

	"github.com/hedui/hedui/engine/durable"
)

const (
	// flushBytes is how much is handed to Badger at a time.
	flushBytes = 1 << 20

	// inFlight is how much Badger may have been handed and not yet written.
	inFlight = 24 << 20

	// reserve is left free on the disk: a full disk does not fail a write into
	// Badger's mapped tables, it kills the process.
	reserve = 64 << 20

	// Blocks and pieces are two streams, as their key ranges do not overlap but
	// they are written by turns.
	blockStream = 1
	partStream  = 2

	valueDir = "values" // of the building directory, removed when sealing
)

// dirBuilder loads a generation into a directory of its own under a temporary name.
type dirBuilder struct {
	sections
	store   *Dir
	lock    *durable.Lock
	dir     string
	db      *badger.DB
	writer  *badger.StreamWriter
	pending *z.Buffer
	written bool  // something was handed to Badger
	handed  int64 // bytes of that
}

// Begin implements Store.
func (d *Dir) Begin(o BuildOptions) (Builder, error) {
	root := d.generations()
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
	if b.dir, err = os.MkdirTemp(d.generations(), buildingPrefix); err != nil {
		return err
	}
	values := filepath.Join(b.dir, valueDir)
	if err := os.Mkdir(values, 0o700); err != nil {
		return err
	}
	if b.db, err = badger.Open(badgerOptions(b.dir, values, d.options.tableBytes())); err != nil {
		return fmt.Errorf("start generation in %s: %w", b.dir, err)
	}
	b.writer = b.db.NewStreamWriter()
	if err := b.writer.Prepare(); err != nil {
		return fmt.Errorf("start generation in %s: %w", b.dir, err)
	}
	b.pending = z.NewBuffer(flushBytes+flushBytes/4, "hedui.store")
	return nil
}

// Section implements Builder.
func (b *dirBuilder) Section(name string, version int) (SectionWriter, error) {
	s := len(b.fences)
	return b.next(name, version, func(i int, p post, raw []byte) error { return b.put(s, i, p, raw) })
}

// put hands one block to Badger, in pieces when it is large.
func (b *dirBuilder) put(s, i int, p post, raw []byte) error {
	if b.over {
		return ErrClosed
	}
	key, stream := blockKey(nil, s, p.low), uint32(blockStream)
	for n := 1; ; n++ {
		piece := raw[:min(len(raw), partSize)]
		raw = raw[len(piece):]
		badger.KVToBuffer(&pb.KV{Key: key, Value: piece, Version: version, StreamId: stream}, b.pending)
		if b.pending.LenNoPadding() >= flushBytes {
			if err := b.flush(); err != nil {
				return err
			}
		}
		if len(raw) == 0 {
			return nil
		}
		key, stream = partKey(nil, s, i, n), partStream
	}
}

func (b *dirBuilder) flush() error {
	if b.written {
		if err := b.store.checkSpace(reserve); err != nil {
			return err
		}
	}
	b.written = true
	b.handed += int64(b.pending.LenNoPadding())
	if err := b.writer.Write(b.pending); err != nil {
		return fmt.Errorf("write generation in %s: %w", b.dir, err)
	}
	b.pending.Reset()
	b.holdBack()
	return nil
}

// holdBack waits until Badger has written most of what it was handed. It writes up
// to 16 tables at a time and would keep all of them in memory. A writer that stands
// still is not waited for: it has an error that the next call returns.
func (b *dirBuilder) holdBack() {
	var last int64
	for still := 0; still < 2000; still++ {
		var there int64
		for _, l := range b.db.Levels() {
			there += l.Size
		}
		if b.handed-there <= inFlight {
			return
		}
		if there != last {
			last, still = there, 0
		}
		time.Sleep(time.Millisecond)
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
	if err := b.closeBadger(); err != nil {
		return nil, err
	}
	if err := writeSealed(b.store.disk, b.dir, m, b.fences); err != nil {
		return nil, err
	}
	// What was written unsynced is read back before anything says that it is there.
	if err := b.readBack(m); err != nil {
		return nil, fmt.Errorf("read back: %w", err)
	}
	if err := b.store.disk.SyncTree(b.dir); err != nil {
		return nil, err
	}
	return b.store.adopt(b.dir, m)
}

// closeBadger flushes the tables and leaves in the directory only what reading needs.
func (b *dirBuilder) closeBadger() error {
	if err := b.flush(); err != nil {
		return err
	}
	err := b.writer.Flush()
	b.writer = nil
	err = errors.Join(err, b.db.Close())
	b.db = nil
	if err != nil {
		return fmt.Errorf("finish tables in %s: %w", b.dir, err)
	}
	logs, err := filepath.Glob(filepath.Join(b.dir, valueDir, "*.vlog"))
	if err != nil {
		return err
	}
	for _, name := range logs {
		const header = 20
		if info, err := os.Stat(name); err != nil || info.Size() > header {
			return errors.Join(err, errors.New("values have left the tables"))
		}
	}
	if err := os.RemoveAll(filepath.Join(b.dir, valueDir)); err != nil {
		return err
	}
	// An empty memtable's log is removed by Close; anything else is unexpected.
	if logs, err = filepath.Glob(filepath.Join(b.dir, "*.mem")); err != nil || len(logs) > 0 {
		return errors.Join(err, errors.New("entries have stayed in the memtable"))
	}
	return nil
}

// readBack verifies every block of what was just written.
func (b *dirBuilder) readBack(m *Manifest) error {
	g, err := b.store.open(b.dir, m, b.fences)
	if err != nil {
		return err
	}
	return errors.Join(g.sweepBlocks(context.Background(), func(int64) {}), g.Close())
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
	if b.writer != nil {
		b.writer.Cancel()
		b.writer = nil
	}
	if b.db != nil {
		errs = append(errs, b.db.Close())
		b.db = nil
	}
	if b.pending != nil {
		errs = append(errs, b.pending.Release())
		b.pending = nil
	}
	if b.dir != "" {
		errs = append(errs, os.RemoveAll(b.dir))
	}
	if b.lock != nil {
		errs = append(errs, b.lock.Unlock())
		b.lock = nil
	}
	return errors.Join(errs...)
}
