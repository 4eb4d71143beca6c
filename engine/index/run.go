package index

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/cespare/xxhash/v2"
)

// A run is a file of sorted items in frames; numbers are little endian:
//
//	 0  4  length of the payload; 0 in the last frame
//	 4  8  xxhash64 of the length and the payload
//	12     payload: for each item its length (uvarint) and its bytes; in the last
//	       frame, after it, the number of all items (8)
//
// It lives no longer than the Builder that wrote it.
const (
	frameHead   = 12
	frameTarget = 64 << 10
	maxFrame    = 1 << 28
)

var errRun = errors.New("a temporary file of the index was damaged while it was built: check the disk, then publish again")

func frameSum(b []byte) uint64 {
	var d xxhash.Digest
	d.Reset()
	d.Write(b[:4])
	d.Write(b[frameHead:])
	return d.Sum64()
}

func writeRun(name string, in stream) error {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(writeFrames(f, in), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

func writeFrames(w io.Writer, in stream) error {
	le := binary.LittleEndian
	b := make([]byte, frameHead, frameTarget+4<<10)
	total := uint64(0)
	flush := func(size int) error {
		le.PutUint32(b, uint32(size))
		le.PutUint64(b[4:], frameSum(b))
		_, err := w.Write(b)
		b = b[:frameHead]
		return err
	}
	for {
		item, err := in.next()
		if err != nil {
			return err
		}
		if len(b) > frameHead && (item == nil || len(b)+len(item) > frameTarget) {
			if err := flush(len(b) - frameHead); err != nil {
				return err
			}
		}
		if item == nil {
			break
		}
		b = binary.AppendUvarint(b, uint64(len(item)))
		b = append(b, item...)
		total++
	}
	b = le.AppendUint64(b, total)
	return flush(0)
}

// runReader reads a run. It is a stream.
type runReader struct {
	f     *os.File
	head  [frameHead]byte
	frame []byte
	rest  []byte
	items uint64
	over  bool
}

func openRun(name string) (*runReader, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	return &runReader{f: f}, nil
}

func (r *runReader) next() ([]byte, error) {
	for len(r.rest) == 0 {
		if r.over {
			return nil, nil
		}
		if err := r.fill(); err != nil {
			return nil, err
		}
	}
	n, used := binary.Uvarint(r.rest)
	if used <= 0 || n < 9 || n > uint64(len(r.rest)-used) {
		return nil, errRun
	}
	item := r.rest[used : used+int(n)]
	r.rest = r.rest[used+int(n):]
	r.items++
	return item, nil
}

func (r *runReader) fill() error {
	le := binary.LittleEndian
	if _, err := io.ReadFull(r.f, r.head[:]); err != nil {
		return errRun
	}
	size := int(le.Uint32(r.head[:]))
	last := size == 0
	if last {
		size = 8
	}
	if size > maxFrame {
		return errRun
	}
	if cap(r.frame) < frameHead+size {
		r.frame = make([]byte, frameHead+size)
	}
	r.frame = r.frame[:frameHead+size]
	copy(r.frame, r.head[:])
	if _, err := io.ReadFull(r.f, r.frame[frameHead:]); err != nil {
		return errRun
	}
	if frameSum(r.frame) != le.Uint64(r.head[4:]) {
		return errRun
	}
	if last {
		if le.Uint64(r.frame[frameHead:]) != r.items {
			return errRun
		}
		r.over = true
		return nil
	}
	r.rest = r.frame[frameHead:]
	return nil
}
