package store

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"github.com/cespare/xxhash/v2"
	"github.com/dgraph-io/badger/v4/table"
	"github.com/dgraph-io/badger/v4/y"
	"github.com/dgraph-io/ristretto/v2/z"
)

// tableWriter makes Badger's tables of two streams of entries, the blocks and the
// later pieces of large ones: each comes in key order and their ranges do not
// overlap, but they come by turns. Badger's builder lays out the tables. They are
// written here, in a goroutine of their own and with plain writes: Badger would write
// them through mappings, where a full disk kills the process and every page costs a
// flush of the processors' translations.
//
// add and finish belong to one goroutine.
type tableWriter struct {
	dir     string
	size    int64
	space   func(need int64) error
	pool    *z.AllocatorPool
	streams [2]*table.Builder
	key     []byte

	full  chan *table.Builder
	ended chan struct{}
	fault chan struct{} // closed when err is set
	err   error
	seals []FileSeal // of the tables written, in order
}

// Streams of a tableWriter.
const (
	blockStream = iota
	partStream
)

// newTableWriter writes tables of about a size into a directory. space is asked for
// room before each.
func newTableWriter(dir string, size int64, space func(need int64) error) *tableWriter {
	w := &tableWriter{
		dir: dir, size: size, space: space, pool: z.NewAllocatorPool(2),
		full: make(chan *table.Builder), ended: make(chan struct{}), fault: make(chan struct{}),
	}
	go w.run()
	return w
}

// add appends an entry to a stream. Key and value are copied.
func (w *tableWriter) add(stream int, key, value []byte) error {
	b := w.streams[stream]
	if b != nil && b.ReachedCapacity() {
		if err := w.cut(stream); err != nil {
			return err
		}
		b = nil
	}
	if b == nil {
		b = table.NewTableBuilder(tableOptions(w.size, w.pool))
		w.streams[stream] = b
	}
	w.key = appendVersion(append(w.key[:0], key...))
	b.Add(w.key, y.ValueStruct{Value: value}, 0)
	return nil
}

// cut hands the open table of a stream over to be written.
func (w *tableWriter) cut(stream int) error {
	b := w.streams[stream]
	w.streams[stream] = nil
	select {
	case w.full <- b:
		return nil
	case <-w.fault:
		b.Close()
		return w.err
	}
}

// finish writes what is left and returns the seals of all tables.
func (w *tableWriter) finish() ([]FileSeal, error) {
	for stream, b := range w.streams {
		if b == nil {
			continue
		}
		if err := w.cut(stream); err != nil {
			break // which stop returns
		}
	}
	err := w.stop()
	return w.seals, err
}

// stop ends the writing goroutine and returns its error. It may be called again.
func (w *tableWriter) stop() error {
	if w.pool == nil {
		return w.err
	}
	close(w.full)
	<-w.ended
	for _, b := range w.streams {
		if b != nil {
			b.Close()
		}
	}
	w.pool.Release()
	w.pool, w.streams = nil, [2]*table.Builder{}
	return w.err
}

// run writes tables until there are no more or one cannot be written.
func (w *tableWriter) run() {
	defer close(w.ended)
	var buf []byte
	for b := range w.full {
		buf, w.err = w.write(b, buf)
		b.Close()
		if w.err != nil {
			w.err = fmt.Errorf("write generation in %s: %w", w.dir, w.err)
			close(w.fault)
			return
		}
	}
}

// write writes one table. buf is reused when it is large enough.
func (w *tableWriter) write(b *table.Builder, buf []byte) ([]byte, error) {
	done := b.Done()
	if cap(buf) < done.Size {
		buf = make([]byte, done.Size+done.Size/16)
	}
	buf = buf[:done.Size]
	done.Copy(buf)
	if err := w.space(int64(len(buf))); err != nil {
		return buf, err
	}
	name := table.IDToFilename(uint64(len(w.seals) + 1))
	f, err := os.OpenFile(filepath.Join(w.dir, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return buf, err
	}
	_, err = f.Write(buf)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return buf, err
	}
	s := FileSeal{Name: name, Size: int64(len(buf)), Digest: hex64(xxhash.Sum64(buf))}
	s.Tail = s.Digest
	if s.Size > smallFile {
		if s.TailFrom, err = tableTail(bytes.NewReader(buf), s.Size); err != nil {
			return buf, err
		}
		s.Tail = hex64(xxhash.Sum64(buf[s.TailFrom:]))
	}
	w.seals = append(w.seals, s)
	return buf, nil
}
