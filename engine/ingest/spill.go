package ingest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/cespare/xxhash/v2"
)

// A spill file is one sorted run of items: a header, frames of items and an empty
// frame that tells how many items there were. Numbers are little endian.
//
//	header, 64 bytes:
//	   0   4  magic "HDSP"
//	   4   2  format version, 1
//	   6   2  zero
//	   8  32  key id, nonce, tag: reserved, zero
//	  40  16  zero
//	  56   8  xxhash64 of bytes 0–55
//	frame:
//	   0   4  length of the payload; 0 in the last frame
//	   4   4  number of items
//	   8   8  xxhash64 of bytes 0–7 and the payload
//	  16      payload: for each item its length (uvarint) and its bytes
//	last frame: 8 more bytes, the number of items in all, covered by its checksum
const (
	spillMagic  = "HDSP"
	spillFormat = 1
	spillHeader = 64
	frameHead   = 16
	frameTarget = 128 << 10
	maxFrame    = 1 << 30
)

var errSpill = errors.New("a temporary file of this ingest was damaged while it ran: check the disk, then ingest again")

// writeRun writes a stream as a run and returns the number of bytes written.
func writeRun(name string, s stream) (int64, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	n, err := writeItems(f, s)
	if err = errors.Join(err, f.Close()); err != nil {
		return n, fmt.Errorf("write %s: %w", name, err)
	}
	return n, nil
}

func writeItems(w io.Writer, s stream) (int64, error) {
	le := binary.LittleEndian
	b := make([]byte, spillHeader, frameTarget+64<<10)
	copy(b, spillMagic)
	le.PutUint16(b[4:], spillFormat)
	le.PutUint64(b[56:], xxhash.Sum64(b[:56]))
	written, total := int64(0), uint64(0)
	flush := func() error {
		n, err := w.Write(b)
		written += int64(n)
		b = append(b[:0], make([]byte, frameHead)...)
		return err
	}
	if err := flush(); err != nil {
		return written, err
	}
	count := uint32(0)
	for {
		e, ok, err := s.next()
		if err != nil {
			return written, err
		}
		if !ok || len(b) > frameHead && len(b)+len(e.item) > frameTarget {
			if count > 0 {
				sealFrame(b, count)
				if err := flush(); err != nil {
					return written, err
				}
				total, count = total+uint64(count), 0
			}
		}
		if !ok {
			break
		}
		b = binary.AppendUvarint(b, uint64(len(e.item)))
		b = append(b, e.item...)
		count++
	}
	b = le.AppendUint64(b, total)
	le.PutUint64(b[8:], frameSum(b))
	return written, flush()
}

func sealFrame(b []byte, count uint32) {
	binary.LittleEndian.PutUint32(b, uint32(len(b)-frameHead))
	binary.LittleEndian.PutUint32(b[4:], count)
	binary.LittleEndian.PutUint64(b[8:], frameSum(b))
}

// frameSum covers every byte of a frame but its own eight.
func frameSum(b []byte) uint64 {
	var d xxhash.Digest
	d.Reset()
	_, _ = d.Write(b[:8])
	_, _ = d.Write(b[frameHead:])
	return d.Sum64()
}

// runReader reads a run. It is a stream.
type runReader struct {
	r     io.Reader
	c     io.Closer
	name  string
	frame []byte // with its head
	rest  []byte
	left  uint32 // items in rest
	total uint64
	over  bool
}

func openRun(name string) (*runReader, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	r := &runReader{r: f, c: f, name: name}
	if err := r.header(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return r, nil
}

func (r *runReader) damage() error { return fmt.Errorf("%s: %w", r.name, errSpill) }

func (r *runReader) header() error {
	var h [spillHeader]byte
	if _, err := io.ReadFull(r.r, h[:]); err != nil {
		return r.damage()
	}
	le := binary.LittleEndian
	if string(h[:4]) != spillMagic || le.Uint16(h[4:]) != spillFormat || le.Uint64(h[56:]) != xxhash.Sum64(h[:56]) {
		return r.damage()
	}
	for _, c := range h[6:56] {
		if c != 0 {
			return r.damage()
		}
	}
	return nil
}

func (r *runReader) next() (entry, bool, error) {
	if r.left == 0 {
		if r.over {
			return entry{}, false, nil
		}
		if len(r.rest) != 0 {
			return entry{}, false, r.damage()
		}
		if err := r.readFrame(); err != nil {
			return entry{}, false, err
		}
		if r.over {
			return entry{}, false, nil
		}
	}
	l, n := binary.Uvarint(r.rest)
	if n <= 0 || l > uint64(len(r.rest)-n) || l < offText {
		return entry{}, false, r.damage()
	}
	item := r.rest[n : n+int(l)]
	r.rest = r.rest[n+int(l):]
	r.left--
	num, second := prefixes(item)
	return entry{num, second, item}, true, nil
}

func (r *runReader) readFrame() error {
	le := binary.LittleEndian
	r.frame = growTo(r.frame, frameHead)
	if _, err := io.ReadFull(r.r, r.frame); err != nil {
		return r.damage()
	}
	size, count := le.Uint32(r.frame), le.Uint32(r.frame[4:])
	last := size == 0
	if last {
		size = 8
	}
	if size > maxFrame || last != (count == 0) {
		return r.damage()
	}
	// A length that lies must not cost memory that the file cannot fill.
	for len(r.frame) < frameHead+int(size) {
		at := len(r.frame)
		r.frame = growTo(r.frame, min(frameHead+int(size), at+1<<20))
		if _, err := io.ReadFull(r.r, r.frame[at:]); err != nil {
			return r.damage()
		}
	}
	if frameSum(r.frame) != le.Uint64(r.frame[8:]) {
		return r.damage()
	}
	if last {
		var more [1]byte
		if n, _ := r.r.Read(more[:]); n != 0 || le.Uint64(r.frame[frameHead:]) != r.total {
			return r.damage()
		}
		r.over = true
		return nil
	}
	r.rest, r.left = r.frame[frameHead:], count
	r.total += uint64(count)
	return nil
}

func growTo(b []byte, n int) []byte {
	if cap(b) >= n {
		return b[:n]
	}
	c := make([]byte, n, max(n, 2*cap(b)))
	copy(c, b)
	return c
}

func (r *runReader) close() error { return r.c.Close() }
