package index

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/cespare/xxhash/v2"

	"github.com/hedui/hedui/engine/keyring"
)

// A run is a file of sorted items in frames; numbers are little endian:
//
//	 0  4  length of the payload; 0 in the last frame
//	 4  8  xxhash64 of the length and the payload
//	12     payload: for each item its length (uvarint) and its bytes; in the last
//	       frame, after it, the number of all items (8)
//
// It lives no longer than the Builder that wrote it. With a key a frame is the content
// of an envelope of package keyring.
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

func writeRun(name string, in stream, key *keyring.Key, n uint32) error {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(writeFrames(f, in, key, n), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

func runPlace(run uint32, frame uint64) keyring.Place {
	return keyring.Place{Kind: keyring.KindIndexRun, Part: run, Number: frame}
}

func writeFrames(w io.Writer, in stream, key *keyring.Key, n uint32) error {
	le := binary.LittleEndian
	b := make([]byte, frameHead, frameTarget+4<<10)
	total, frames := uint64(0), uint64(0)
	var sealed []byte
	flush := func(size int) (err error) {
		le.PutUint32(b, uint32(size))
		le.PutUint64(b[4:], frameSum(b))
		out := b
		if key != nil {
			if sealed, err = key.AppendEnvelope(sealed[:0], b, runPlace(n, frames)); err != nil {
				return err
			}
			out = sealed
			frames++
		}
		_, err = w.Write(out)
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
	f      *os.File
	key    *keyring.Key
	n      uint32 // of the run
	frames uint64
	sealed []byte
	head   [frameHead]byte
	frame  []byte
	rest   []byte
	items  uint64
	over   bool
}

func openRun(name string, key *keyring.Key, n uint32) (*runReader, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	return &runReader{f: f, key: key, n: n}, nil
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
	if err := r.read(); err != nil {
		return err
	}
	size := int(le.Uint32(r.frame))
	last := size == 0
	if last {
		size = 8
	}
	if len(r.frame) != frameHead+size || frameSum(r.frame) != le.Uint64(r.frame[4:]) {
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

// read reads a frame, of which nothing is verified but its seal.
func (r *runReader) read() error {
	if r.key != nil {
		return r.open()
	}
	if _, err := io.ReadFull(r.f, r.head[:]); err != nil {
		return errRun
	}
	size := int(binary.LittleEndian.Uint32(r.head[:]))
	if size == 0 {
		size = 8
	}
	if size > maxFrame {
		return errRun
	}
	r.frame = frameRoom(r.frame, frameHead+size)
	copy(r.frame, r.head[:])
	if _, err := io.ReadFull(r.f, r.frame[frameHead:]); err != nil {
		return errRun
	}
	return nil
}

// open reads a sealed frame.
func (r *runReader) open() error {
	var head [keyring.Overhead]byte
	if _, err := io.ReadFull(r.f, head[:]); err != nil {
		return errRun
	}
	size, _, ok := keyring.EnvelopeOf(head[:])
	if !ok || size < frameHead+8 || size > maxFrame {
		return errRun
	}
	r.sealed = frameRoom(r.sealed, keyring.Overhead+int(size))
	copy(r.sealed, head[:])
	if _, err := io.ReadFull(r.f, r.sealed[keyring.Overhead:]); err != nil {
		return errRun
	}
	var err error
	if r.frame, err = r.key.OpenEnvelope(r.frame[:0], r.sealed, runPlace(r.n, r.frames)); err != nil {
		return errors.Join(errRun, err)
	}
	r.frames++
	return nil
}

// frameRoom is a buffer with room behind it, to open what is sealed in it.
func frameRoom(b []byte, n int) []byte {
	if cap(b) < n+keyring.TagSize {
		b = make([]byte, n+keyring.TagSize)
	}
	return b[:n]
}
