package ingest

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/cespare/xxhash/v2"

	"github.com/hedui/hedui/engine/keyring"
)

// A spill file is one sorted run of items: a header, frames of items and an empty
// frame that tells how many items there were. Numbers are little endian.
//
//	header, 64 bytes:
//	   0   4  magic "HDSP"
//	   4   2  format version, 2
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
//
// A frame is the content of an envelope of package keyring where the data directory is
// encrypted; header and last frame are not, they tell nothing of anybody. The key is kept
// in memory only.
//
// Whoever writes a run keeps in memory where its frames lie and what they begin
// with, so that ranges of it are read by several goroutines.
const (
	spillMagic  = "HDSP"
	spillFormat = 2
	spillHeader = 64
	frameHead   = 16
	lastFrame   = frameHead + 8
	// frameTarget is small, because a range of items begins and ends within a frame.
	frameTarget = 32 << 10
	// writeTarget is what is written at once.
	writeTarget = 1 << 20
)

var errSpill = errors.New("a temporary file of this ingest was damaged while it ran: check the disk, then ingest again")

// writeRun writes items as run n in a file, which stays open.
func writeRun(name string, in *merger, key *keyring.Key, n uint32) (*run, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	r := &run{file: f, name: name, key: key, n: n, close: f.Close}
	if r.posts, err = r.writeItems(f, in); err != nil {
		return nil, fmt.Errorf("write %s: %w", name, errors.Join(err, f.Close()))
	}
	return r, nil
}

func spillHead() []byte {
	le := binary.LittleEndian
	b := make([]byte, spillHeader)
	copy(b, spillMagic)
	le.PutUint16(b[4:], spillFormat)
	le.PutUint64(b[56:], xxhash.Sum64(b[:56]))
	return b
}

// writeItems writes a run and returns where its frames lie.
func (r *run) writeItems(w io.Writer, in *merger) ([]post, error) {
	var posts []post
	var clear []byte // a frame before it is sealed
	b := append(make([]byte, 0, writeTarget+4*frameTarget), spillHead()...)
	start, total := int64(0), uint64(0) // of b in the file; of items
	frame := -1                         // where the open frame begins in b
	seal := func() error {
		p := &posts[len(posts)-1]
		sealFrame(b[frame:], p.count)
		if r.key != nil {
			clear = append(clear[:0], b[frame:]...)
			var err error
			if b, err = r.key.AppendEnvelope(b[:frame], clear, r.place(p.off)); err != nil {
				return err
			}
		}
		p.size = uint32(len(b) - frame)
		total += uint64(p.count)
		frame = -1
		if len(b) < writeTarget {
			return nil
		}
		n, err := w.Write(b)
		start += int64(n)
		b = b[:0]
		return err
	}
	for {
		c, err := in.next()
		if err != nil {
			return nil, err
		}
		if frame >= 0 && (c == nil || len(b)-frame+len(c.item) > frameTarget) {
			if err := seal(); err != nil {
				return nil, err
			}
		}
		if c == nil {
			break
		}
		if frame < 0 {
			frame = len(b)
			b = append(b, make([]byte, frameHead)...)
			posts = append(posts, post{at: place{c.num, textOf(c.num, c.second)}, off: start + int64(frame)})
		}
		b = binary.AppendUvarint(b, uint64(len(c.item)))
		b = append(b, c.item...)
		posts[len(posts)-1].count++
	}
	b = appendLastFrame(b, total)
	_, err := w.Write(b)
	return posts, err
}

func appendLastFrame(b []byte, total uint64) []byte {
	frame := len(b)
	b = append(b, make([]byte, frameHead)...)
	b = binary.LittleEndian.AppendUint64(b, total)
	binary.LittleEndian.PutUint64(b[frame+8:], frameSum(b[frame:]))
	return b
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

// intactFrame reports whether a frame is the one that was written.
func intactFrame(b []byte, p *post) bool {
	le := binary.LittleEndian
	return len(b) >= frameHead && le.Uint32(b) == uint32(len(b)-frameHead) && le.Uint32(b[4:]) == p.count && le.Uint64(b[8:]) == frameSum(b)
}

func (r *run) damage() error { return fmt.Errorf("%s: %w", r.name, errSpill) }

// check looks at what of a run in a file is no frame of items: the header and the
// last frame, behind which there is nothing.
func (r *run) check() error {
	if r.file == nil {
		return nil
	}
	end, total := int64(spillHeader), uint64(0)
	for i := range r.posts {
		p := &r.posts[i]
		end, total = p.off+int64(p.size), total+uint64(p.count)
	}
	for _, part := range []struct {
		off  int64
		want []byte
	}{{0, spillHead()}, {end, appendLastFrame(nil, total)}} {
		got := make([]byte, len(part.want)+1)
		n, err := r.file.ReadAt(got, part.off)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		// One byte more than that follows the header and nothing the end.
		if more := n > len(part.want); n < len(part.want) || !bytes.Equal(got[:len(part.want)], part.want) || more == (part.off > 0) {
			return r.damage()
		}
	}
	return nil
}
