package snapshot

import (
	"errors"
	"fmt"
	"io"

	"github.com/cespare/xxhash/v2"

	"github.com/hedui/hedui/engine/block"
	"github.com/hedui/hedui/engine/keyring"
)

// Where headers and cold pages leave room for encryption.
const (
	headerField = 8
	coldField   = 8
)

func fieldOf(k kind) int {
	if k == kindCold {
		return coldField
	}
	return block.Field
}

func pagePlace(k kind, i int) keyring.Place {
	return keyring.Place{Kind: keyring.KindPage, Part: uint32(k), Number: uint64(i)}
}

// pageSink writes the parts of a page file, sealed where there is a key. Header and
// pages are as long sealed as in the clear, the fence is longer, at the end.
type pageSink struct {
	*sealedFile
	kind   kind
	sealed []byte
}

func (s *pageSink) header() error {
	b := appendHeader(nil, s.kind)
	return s.put(b, headerField, keyring.Place{Kind: keyring.KindPageHeader, Part: uint32(s.kind)})
}

func (s *pageSink) page(i int, b []byte) error {
	return s.put(b, fieldOf(s.kind), pagePlace(s.kind, i))
}

func (s *pageSink) put(b []byte, field int, p keyring.Place) (err error) {
	if s.key == nil {
		_, err = s.Write(b)
		return err
	}
	s.content(b)
	if s.sealed, err = s.key.Seal(s.sealed[:0], b, field, p); err != nil {
		return err
	}
	return s.write(s.sealed)
}

// end writes the fence and the trailer.
func (s *pageSink) end(posts []post) error {
	offset := s.n
	bounds := appendBounds(nil, posts)
	whole := appendTrailer(bounds, offset)
	if s.key == nil {
		_, err := s.Write(whole)
		return err
	}
	s.content(whole)
	sealed, err := s.key.AppendEnvelope(nil, bounds, fencePlace(s.kind))
	if err != nil {
		return err
	}
	return s.write(appendTrailer(sealed, offset))
}

func fencePlace(k kind) keyring.Place {
	return keyring.Place{Kind: keyring.KindPageFence, Part: uint32(k)}
}

// openHeader checks the header of a page file, which its key seals.
func openHeader(b []byte, k kind, key *keyring.Key) error {
	if key == nil {
		return checkHeader(b, k)
	}
	if keyring.KeyAt(b, headerField) == 0 {
		return keyring.ErrPlain
	}
	b, err := key.Open(nil, b, headerField, keyring.Place{Kind: keyring.KindPageHeader, Part: uint32(k)})
	if err != nil {
		return fmt.Errorf("header: %w", err)
	}
	return checkHeader(b, k)
}

// openBounds reads the fence of a page file, which its key seals.
func openBounds(b []byte, sum uint64, end int64, k kind, key *keyring.Key) ([]post, error) {
	if key == nil {
		return parseFence(b, sum, end)
	}
	if xxhash.Sum64(b) != sum {
		return nil, errors.New("fence: checksum mismatch")
	}
	b, err := key.OpenEnvelope(nil, b, fencePlace(k))
	if err != nil {
		return nil, fmt.Errorf("fence: %w", err)
	}
	return parseFence(b, xxhash.Sum64(b), end)
}

// textFile writes a text, sealed in pieces where there is a key.
type textFile struct {
	*sealedFile
	buf    []byte
	sealed []byte
	n      uint64 // pieces
}

// pieceTarget is the size of a piece of sealed text.
const pieceTarget = 64 << 10

// Write implements io.Writer.
func (t *textFile) Write(b []byte) (int, error) {
	if t.key == nil {
		return t.sealedFile.Write(b)
	}
	t.content(b)
	t.buf = append(t.buf, b...)
	for len(t.buf) >= pieceTarget {
		if err := t.piece(pieceTarget, false); err != nil {
			return 0, err
		}
	}
	return len(b), nil
}

func (t *textFile) piece(n int, last bool) (err error) {
	if t.sealed, err = t.key.AppendEnvelope(t.sealed[:0], t.buf[:n], textPlace(t.n, last)); err != nil {
		return err
	}
	t.n++
	t.buf = t.buf[:copy(t.buf, t.buf[n:])]
	return t.write(t.sealed)
}

// textPlace makes a text that lacks its end another one.
func textPlace(n uint64, last bool) keyring.Place {
	p := keyring.Place{Kind: keyring.KindQuarantine, Number: n}
	if last {
		p.Part = 1
	}
	return p
}

func (t *textFile) finish() (FileSeal, error) {
	if t.key != nil {
		if err := t.piece(len(t.buf), true); err != nil {
			return FileSeal{}, err
		}
	}
	return t.sealedFile.finish()
}

// textReader reads what textFile wrote.
type textReader struct {
	f      io.ReadCloser
	key    *keyring.Key
	head   [keyring.Overhead]byte
	sealed []byte
	text   []byte
	rest   []byte
	n      uint64
	over   bool
}

// Read implements io.Reader.
func (t *textReader) Read(b []byte) (int, error) {
	for len(t.rest) == 0 {
		if t.over {
			return 0, io.EOF
		}
		if err := t.next(); err != nil {
			return 0, err
		}
	}
	n := copy(b, t.rest)
	t.rest = t.rest[n:]
	return n, nil
}

// next opens a piece. The last is the one that says so, and nothing follows it.
func (t *textReader) next() error {
	if _, err := io.ReadFull(t.f, t.head[:]); err != nil {
		return errCut
	}
	size, _, ok := keyring.EnvelopeOf(t.head[:])
	if !ok || size > pieceTarget {
		return keyring.ErrSealed
	}
	t.sealed = grow(t.sealed, keyring.Overhead+int(size))
	copy(t.sealed, t.head[:])
	if _, err := io.ReadFull(t.f, t.sealed[keyring.Overhead:]); err != nil {
		return errCut
	}
	var err error
	if t.text, err = t.key.OpenEnvelope(t.text[:0], t.sealed, textPlace(t.n, false)); err != nil {
		if t.text, err = t.key.OpenEnvelope(t.text[:0], t.sealed, textPlace(t.n, true)); err != nil {
			return err
		}
		t.over = true
		if _, err := io.ReadFull(t.f, t.head[:1]); !errors.Is(err, io.EOF) {
			return errors.Join(err, errors.New("something follows the end of the sealed text"))
		}
	}
	t.n++
	t.rest = t.text
	return nil
}

var errCut = errors.New("the sealed text is cut short")

// Close implements io.Closer.
func (t *textReader) Close() error { return t.f.Close() }
