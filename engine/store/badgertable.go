package store

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/cespare/xxhash/v2"
	"github.com/dgraph-io/badger/v4/table"

	"github.com/hedui/hedui/engine/durable"
)

// tableWriter makes Badger's tables of two streams of entries, the blocks and the
// later pieces of large ones: each comes in key order and their ranges do not
// overlap, but they come by turns. Pages are laid out here, one for each entry, and
// written while they are still in the processor's cache, in a goroutine of their own
// and with plain writes. Badger would gather a table three times in memory and write
// it through a mapping, where a full disk kills the process and every page of the
// system costs a flush of the processors' translations.
//
// add and finish belong to one goroutine.
type tableWriter struct {
	dir     string
	size    int64
	space   func(need int64) error
	streams [2]openTable
	key     []byte

	full  chan chunk
	free  chan []byte
	ended chan struct{}
	fault chan struct{} // closed when err is set
	err   error
	over  bool
	files [2]tableFile // of the goroutine
	seals []FileSeal   // of the tables, in the order they were begun
}

// Streams of a tableWriter.
const (
	blockStream = iota
	partStream
)

const (
	// chunkBytes are written at a time.
	chunkBytes = 256 << 10
	chunks     = 4
)

// chunk is bytes on their way to a table of a stream.
type chunk struct {
	stream int
	bytes  []byte
	tail   int // the table ends with the chunk and its tail begins here; −1 when it goes on
}

// openTable is a table that pages are added to.
type openTable struct {
	pages []pageRef
	bytes int64
	chunk []byte // not handed over yet; it ends with the last page
	last  int    // where that begins in it
}

// tableFile is a table that is being written.
type tableFile struct {
	f      *os.File
	seal   int
	size   int64
	digest xxhash.Digest
}

// newTableWriter writes tables of about a size into a directory. space is asked for
// room before each.
func newTableWriter(dir string, size int64, space func(need int64) error) *tableWriter {
	w := &tableWriter{
		dir: dir, size: size, space: space,
		full: make(chan chunk), free: make(chan []byte, chunks), ended: make(chan struct{}), fault: make(chan struct{}),
	}
	for range chunks {
		w.free <- nil
	}
	go w.run()
	return w
}

// add appends an entry to a stream. Key and value are copied.
func (w *tableWriter) add(stream int, key, value []byte) error {
	t := &w.streams[stream]
	if t.bytes >= w.size {
		if err := w.end(stream); err != nil {
			return err
		}
	}
	w.key = appendVersion(append(w.key[:0], key...))
	if len(t.chunk) > 0 && len(t.chunk)+len(w.key)+len(value) > chunkBytes {
		if err := w.send(stream, -1); err != nil {
			return err
		}
	}
	if t.chunk == nil {
		select {
		case t.chunk = <-w.free:
			if t.chunk == nil {
				t.chunk = make([]byte, 0, chunkBytes+chunkBytes/4)
			}
		case <-w.fault:
			return w.err
		}
	}
	t.last = len(t.chunk)
	t.chunk = appendPage(t.chunk, w.key, value)
	size := len(t.chunk) - t.last
	t.pages = append(t.pages, pageRef{key: string(w.key), size: uint32(size)})
	t.bytes += int64(size)
	return nil
}

// end closes the open table of a stream, when there is one.
func (w *tableWriter) end(stream int) error {
	t := &w.streams[stream]
	if t.bytes == 0 {
		return nil
	}
	var err error
	if t.chunk, err = appendTableIndex(t.chunk, t.pages); err != nil {
		return err
	}
	t.pages, t.bytes = t.pages[:0], 0
	return w.send(stream, t.last)
}

// send hands the chunk of a stream over to be written.
func (w *tableWriter) send(stream, tail int) error {
	t := &w.streams[stream]
	c := chunk{stream, t.chunk, tail}
	t.chunk = nil
	select {
	case w.full <- c:
		return nil
	case <-w.fault:
		return w.err
	}
}

// finish writes what is left and returns the seals of all tables.
func (w *tableWriter) finish() ([]FileSeal, error) {
	for stream := range w.streams {
		if err := w.end(stream); err != nil {
			_ = w.stop()
			return nil, err
		}
	}
	err := w.stop()
	return w.seals, err
}

// stop ends the writing goroutine and returns its error. It may be called again.
func (w *tableWriter) stop() error {
	if !w.over {
		w.over = true
		close(w.full)
		<-w.ended
	}
	return w.err
}

// run writes chunks until there are no more or one cannot be written.
func (w *tableWriter) run() {
	defer close(w.ended)
	defer func() {
		for i := range w.files {
			if f := w.files[i].f; f != nil {
				_ = f.Close() // the table was not finished: the build has failed
			}
		}
	}()
	for c := range w.full {
		if w.err = w.write(c); w.err != nil {
			w.err = fmt.Errorf("write generation in %s: %w", w.dir, w.err)
			close(w.fault)
			return
		}
		w.free <- c.bytes[:0]
	}
}

// write writes one chunk.
func (w *tableWriter) write(c chunk) error {
	t := &w.files[c.stream]
	if t.f == nil {
		if err := w.begin(t); err != nil {
			return err
		}
	}
	if _, err := t.f.Write(c.bytes); err != nil {
		return err
	}
	_, _ = t.digest.Write(c.bytes)
	t.size += int64(len(c.bytes))
	if c.tail < 0 {
		return nil
	}
	s := &w.seals[t.seal]
	s.Size, s.Digest = t.size, hex64(t.digest.Sum64())
	if s.Tail = s.Digest; s.Size > smallFile {
		tail := c.bytes[c.tail:]
		s.TailFrom, s.Tail = s.Size-int64(len(tail)), hex64(xxhash.Sum64(tail))
	}
	durable.StartWriting(t.f)
	err := t.f.Close()
	t.f = nil
	return err
}

// begin makes the file of the next table.
func (w *tableWriter) begin(t *tableFile) (err error) {
	if err := w.space(w.size); err != nil {
		return err
	}
	t.seal, t.size = len(w.seals), 0
	t.digest.Reset()
	w.seals = append(w.seals, FileSeal{Name: table.IDToFilename(uint64(t.seal + 1))})
	t.f, err = os.OpenFile(filepath.Join(w.dir, w.seals[t.seal].Name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	return err
}
