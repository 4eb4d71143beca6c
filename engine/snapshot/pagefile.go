package snapshot

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"sort"

	"github.com/cespare/xxhash/v2"
	"github.com/klauspost/compress/zstd"

	"github.com/hedui/hedui/engine/block"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/keyring"
)

// pageTarget is the size at which a page is closed, in bytes before compression.
const pageTarget = 64 << 10

// pagesAhead is how many pages wait to be written.
const pagesAhead = 8

// FileSeal fixes the bytes of one file of a snapshot. Of an encrypted one the content is
// what the file would be in the clear, and Stored are the bytes on the disk.
type FileSeal struct {
	Bytes  int64       `json:"bytes"`
	SHA256 string      `json:"sha256"`
	Stored *StoredSeal `json:"stored,omitempty"`
}

// StoredSeal fixes the bytes of a file that is sealed. That nobody made them up is known
// from their tags; this tells damage, also to who has no key.
type StoredSeal struct {
	Bytes int64  `json:"bytes"`
	XXH64 string `json:"xxh64"`
}

// onDisk is the size of the file.
func (s *FileSeal) onDisk() int64 {
	if s.Stored != nil {
		return s.Stored.Bytes
	}
	return s.Bytes
}

// sealedFile writes a file and digests what it holds, and what it writes where that is
// something else.
type sealedFile struct {
	f      *os.File
	w      *bufio.Writer
	sum    hash.Hash
	n      int64
	key    *keyring.Key   // nil when content and bytes are the same
	digest *xxhash.Digest // of the bytes
	stored int64
}

func createSealed(name string, key *keyring.Key) (*sealedFile, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	s := &sealedFile{f: f, sum: sha256.New(), key: key}
	if key != nil {
		s.digest = xxhash.New()
		s.w = bufio.NewWriterSize(io.MultiWriter(f, s.digest), 256<<10)
	} else {
		s.w = bufio.NewWriterSize(io.MultiWriter(f, s.sum), 256<<10)
	}
	return s, nil
}

// content takes what the file holds, which is not what is written.
func (s *sealedFile) content(b []byte) {
	s.sum.Write(b)
	s.n += int64(len(b))
}

// write writes bytes of the file.
func (s *sealedFile) write(b []byte) error {
	n, err := s.w.Write(b)
	s.stored += int64(n)
	return err
}

// Write writes content in the clear.
func (s *sealedFile) Write(b []byte) (int, error) {
	n, err := s.w.Write(b)
	s.n += int64(n)
	return n, err
}

func (s *sealedFile) finish() (FileSeal, error) {
	err := s.w.Flush()
	if err == nil {
		err = s.f.Sync()
	}
	err = errors.Join(err, s.f.Close())
	seal := FileSeal{Bytes: s.n, SHA256: hex.EncodeToString(s.sum.Sum(nil))}
	if s.key != nil {
		seal.Stored = &StoredSeal{s.stored, fmt.Sprintf("%016x", s.digest.Sum64())}
	}
	return seal, err
}

// pageWriter writes a page file. add and finish belong to one goroutine; pages are
// sealed and written in another, so that the caller does not wait for them.
type pageWriter struct {
	kind    kind
	page    block.Builder
	low     household.PersonKey
	pages   chan closedPage
	free    chan []byte // memory of pages that are written
	done    chan struct{}
	err     error // of the writing goroutine, read after done
	seal    FileSeal
	stopped bool
}

type closedPage struct {
	low     household.PersonKey
	raw     []byte
	entries int
}

func newPageWriter(name string, k kind, version int, key *keyring.Key) (*pageWriter, error) {
	f, err := createSealed(name, key)
	if err != nil {
		return nil, err
	}
	w := &pageWriter{kind: k, pages: make(chan closedPage, pagesAhead), free: make(chan []byte, pagesAhead+2), done: make(chan struct{})}
	w.page.ProfileVersion = uint16(version)
	go w.write(f)
	return w, nil
}

// add appends the entry of a person. Keys ascend strictly.
func (w *pageWriter) add(key household.PersonKey, entry []byte) error {
	if w.page.Len() > 0 && w.page.Size()+len(entry) > pageTarget {
		if err := w.cut(key, false); err != nil {
			return err
		}
	}
	return w.page.Add(key, entry)
}

func (w *pageWriter) cut(high household.PersonKey, last bool) error {
	p := closedPage{low: w.low, entries: w.page.Len()}
	select {
	case p.raw = <-w.free:
	default:
	}
	var err error
	if p.raw, err = w.page.AppendTo(p.raw[:0], w.low, high, last); err != nil {
		return err
	}
	w.low = high
	select {
	case w.pages <- p:
		return nil
	case <-w.done:
		return w.err
	}
}

// finish writes the fence and syncs the file.
func (w *pageWriter) finish() (FileSeal, error) {
	err := w.cut(household.PersonKey{}, true)
	w.stop()
	if err == nil {
		err = w.err
	}
	return w.seal, err
}

// stop ends the writing goroutine. What was written is then of no use unless
// finish called it.
func (w *pageWriter) stop() {
	if !w.stopped {
		w.stopped = true
		close(w.pages)
		<-w.done
	}
}

func (w *pageWriter) write(f *sealedFile) {
	defer close(w.done)
	w.err = w.writePages(f)
	if w.err != nil {
		_ = f.f.Close()
		return
	}
	w.seal, w.err = f.finish()
}

func (w *pageWriter) writePages(f *sealedFile) error {
	out := pageSink{sealedFile: f, kind: w.kind}
	if err := out.header(); err != nil {
		return err
	}
	var enc *zstd.Encoder
	if w.kind == kindCold {
		var err error
		if enc, err = newEncoder(); err != nil {
			return err
		}
	}
	var posts []post
	var packed []byte
	for p := range w.pages {
		b, err := block.Open(p.raw)
		if err != nil {
			return fmt.Errorf("page just made: %w", err)
		}
		at := post{low: p.low, offset: f.n, checksum: b.Checksum(), entries: uint32(p.entries)}
		raw := p.raw
		if w.kind == kindCold {
			packed, at.checksum = packPage(packed[:0], raw, enc)
			raw = packed
		}
		at.size = uint32(len(raw))
		if err := out.page(len(posts), raw); err != nil {
			return err
		}
		posts = append(posts, at)
		select {
		case w.free <- p.raw:
		default:
		}
	}
	return out.end(posts)
}

// pageFile reads a page file. It is safe for use by several goroutines.
type pageFile struct {
	f     *os.File
	kind  kind
	key   *keyring.Key // of the pages, nil when they are not sealed
	posts []post
}

func openPageFile(name string, k kind, key *keyring.Key) (*pageFile, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	posts, err := readFrame(f, k, key)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &pageFile{f, k, key, posts}, nil
}

func readFrame(f *os.File, k kind, key *keyring.Key) ([]post, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() < headerSize+trailerSize {
		return nil, errors.New("cut short")
	}
	var b [headerSize]byte
	if _, err := f.ReadAt(b[:], 0); err != nil {
		return nil, err
	}
	if err := openHeader(b[:], k, key); err != nil {
		return nil, err
	}
	if _, err := f.ReadAt(b[:trailerSize], info.Size()-trailerSize); err != nil {
		return nil, err
	}
	offset, size, sum, err := parseTrailer(b[:trailerSize], info.Size())
	if err != nil {
		return nil, err
	}
	fence := make([]byte, size)
	if _, err := f.ReadAt(fence, offset); err != nil {
		return nil, err
	}
	return openBounds(fence, sum, offset, k, key)
}

// covering is the number of the page whose range covers the key.
func (r *pageFile) covering(key household.PersonKey) int {
	return sort.Search(len(r.posts), func(i int) bool { return r.posts[i].low.Compare(key) > 0 }) - 1
}

// page reads and verifies a page: its bytes are those that were sealed and its
// range is the one the fence gives it. buf and raw are reused when large enough;
// the block is a view of one of those returned.
//
// A page that was sealed lies behind the room for it in buf, where it is opened to.
func (r *pageFile) page(i int, buf, raw []byte) (b block.Block, bufOut, rawOut []byte, err error) {
	p := &r.posts[i]
	buf = grow(buf, r.room(int(p.size)))
	stored := buf[:p.size]
	if r.key != nil {
		stored = buf[p.size : 2*p.size]
	}
	if _, err := r.f.ReadAt(stored, p.offset); err != nil {
		return b, buf, raw, fmt.Errorf("page %d: %w", i, err)
	}
	if r.key != nil {
		if _, err := r.key.Open(buf[:0:p.size], stored, fieldOf(r.kind), pagePlace(r.kind, i)); err != nil {
			return b, buf, raw, fmt.Errorf("page %d: %w", i, err)
		}
		buf = buf[:p.size]
	}
	whole := buf
	if r.kind == kindCold {
		if raw, err = unpackPage(raw[:0], buf, p.checksum); err != nil {
			return b, buf, raw, fmt.Errorf("page %d: %w", i, err)
		}
		whole = raw
	}
	if b, err = block.Open(whole); err != nil {
		return b, buf, raw, fmt.Errorf("page %d: %w", i, err)
	}
	switch {
	case r.kind == kindHot && b.Checksum() != p.checksum, b.Len() != int(p.entries), b.Low() != p.low,
		b.Last() != (i == len(r.posts)-1), !b.Last() && b.High() != r.posts[i+1].low:
		return b, buf, raw, fmt.Errorf("page %d: another page than was sealed here", i)
	}
	return b, buf, raw, nil
}

// room is what is needed to read a page.
func (r *pageFile) room(size int) int {
	if r.key != nil {
		return 2*size + keyring.TagSize
	}
	return size
}

func (r *pageFile) close() error { return r.f.Close() }

func grow(b []byte, n int) []byte {
	if cap(b) < n {
		return make([]byte, n)
	}
	return b[:n]
}
