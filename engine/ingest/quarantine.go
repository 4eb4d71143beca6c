package ingest

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"

	"github.com/hedui/hedui/connectors"
	"github.com/hedui/hedui/engine/keyring"
)

// spoolTarget is the memory a spool uses before it goes to disk.
const spoolTarget = 128 << 10

// spool keeps bytes in memory, and in a temporary file from some size on. With a key
// the file is envelopes, one for each piece that did not fit.
type spool struct {
	name   string
	key    *keyring.Key // nil when the file is in the clear
	buf    []byte
	f      *os.File
	sealed []byte
	pieces uint64
}

func (s *spool) flush() (err error) {
	if s.f == nil {
		if s.f, err = os.OpenFile(s.name, os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600); err != nil {
			return err
		}
	}
	b := s.buf
	if s.key != nil {
		if b, err = s.key.AppendEnvelope(s.sealed[:0], b, spoolPlace(s.pieces)); err != nil {
			return err
		}
		s.sealed = b
		s.pieces++
	}
	_, err = s.f.Write(b)
	s.buf = s.buf[:0]
	return err
}

func spoolPlace(piece uint64) keyring.Place {
	return keyring.Place{Kind: keyring.KindSpool, Number: piece}
}

// reset empties the spool.
func (s *spool) reset() error {
	s.buf, s.pieces = s.buf[:0], 0
	if s.f == nil {
		return nil
	}
	if err := s.f.Truncate(0); err != nil {
		return err
	}
	_, err := s.f.Seek(0, io.SeekStart)
	return err
}

// read returns everything, from the beginning. The spool is not written to until
// it is reset.
func (s *spool) read() (io.Reader, error) {
	if s.f == nil {
		return bytes.NewReader(s.buf), nil
	}
	if _, err := s.f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	if s.key != nil {
		return io.MultiReader(&spoolReader{spool: s}, bytes.NewReader(s.buf)), nil
	}
	return io.MultiReader(s.f, bytes.NewReader(s.buf)), nil
}

// spoolReader opens the pieces in the file of a spool.
type spoolReader struct {
	spool *spool
	next  uint64
	text  []byte
	rest  []byte
}

// Read implements io.Reader.
func (r *spoolReader) Read(b []byte) (int, error) {
	for len(r.rest) == 0 {
		if r.next == r.spool.pieces {
			return 0, io.EOF
		}
		if err := r.piece(); err != nil {
			return 0, fmt.Errorf("%s: %w", r.spool.name, err)
		}
	}
	n := copy(b, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

func (r *spoolReader) piece() error {
	var head [keyring.Overhead]byte
	if _, err := io.ReadFull(r.spool.f, head[:]); err != nil {
		return errSpill
	}
	size, _, ok := keyring.EnvelopeOf(head[:])
	// A piece ends with the line that made it too large.
	if !ok || size > 1<<30 {
		return errSpill
	}
	sealed := append(slices.Grow(r.spool.sealed[:0], keyring.Overhead+int(size)+keyring.TagSize), head[:]...)
	sealed = sealed[:keyring.Overhead+int(size)]
	r.spool.sealed = sealed
	if _, err := io.ReadFull(r.spool.f, sealed[keyring.Overhead:]); err != nil {
		return errSpill
	}
	text, err := r.spool.key.OpenEnvelope(r.text[:0], sealed, spoolPlace(r.next))
	if err != nil {
		return errors.Join(errSpill, err)
	}
	r.next++
	r.text, r.rest = text, text
	return nil
}

func (s *spool) close() error {
	if s.f == nil {
		return nil
	}
	return errors.Join(s.f.Close(), os.Remove(s.name))
}

// line appends a line of the quarantine file.
func (s *spool) line(file int, row, line int64, column string, code connectors.Code, excerpt string) error {
	s.buf = appendLine(s.buf, file, row, line, column, code, excerpt)
	if len(s.buf) > spoolTarget {
		return s.flush()
	}
	return nil
}

func appendLine(b []byte, file int, row, line int64, column string, code connectors.Code, excerpt string) []byte {
	b = strconv.AppendInt(b, int64(file), 10)
	b = strconv.AppendInt(append(b, ','), row, 10)
	b = append(b, ',')
	if line > 0 {
		b = strconv.AppendInt(b, line, 10)
	}
	b = appendField(append(b, ','), column)
	b = append(b, ',')
	b = append(b, code.String()...)
	b = appendField(append(b, ','), excerpt)
	return append(b, '\n')
}

// appendField appends a field of CSV. Text that a spreadsheet would take for a
// formula gets a quote before it; numbers stay numbers.
func appendField(b []byte, s string) []byte {
	if len(s) > 0 && isFormula(s) {
		s = "'" + s
	}
	quote := false
	for i := range len(s) {
		if c := s[i]; c == ',' || c == '"' || c == '\n' || c == '\r' {
			quote = true
		}
	}
	if !quote {
		return append(b, s...)
	}
	b = append(b, '"')
	for i := range len(s) {
		if s[i] == '"' {
			b = append(b, '"')
		}
		b = append(b, s[i])
	}
	return append(b, '"')
}

func isFormula(s string) bool {
	switch s[0] {
	case '=', '+', '@', '\t', '\r':
		return true
	case '-':
		for i := 1; i < len(s); i++ {
			if c := s[i]; (c < '0' || c > '9') && c != '.' && c != ',' {
				return true
			}
		}
		return len(s) == 1
	}
	for _, wide := range []string{"＝", "＋", "－", "＠"} {
		if len(s) >= len(wide) && s[:len(wide)] == wide {
			return true
		}
	}
	return false
}

// rowLog remembers the rows of one record key, however many.
type rowLog struct {
	spool spool
	n     int64
}

func (l *rowLog) reset() error {
	l.n = 0
	return l.spool.reset()
}

func (l *rowLog) add(file int, row, line int64) error {
	l.n++
	b := binary.AppendUvarint(l.spool.buf, uint64(file))
	b = binary.AppendUvarint(b, uint64(row))
	l.spool.buf = binary.AppendUvarint(b, uint64(line))
	if len(l.spool.buf) > spoolTarget {
		return l.spool.flush()
	}
	return nil
}

// each visits the rows in the order they were added.
func (l *rowLog) each(visit func(file int, row, line int64) error) error {
	src, err := l.spool.read()
	if err != nil {
		return err
	}
	r := &byteReader{r: src}
	for range l.n {
		var v [3]uint64
		for i := range v {
			if v[i], err = binary.ReadUvarint(r); err != nil {
				return err
			}
		}
		if err := visit(int(v[0]), int64(v[1]), int64(v[2])); err != nil {
			return err
		}
	}
	return nil
}

// byteReader is a small buffer before a reader, made for each conflict.
type byteReader struct {
	r    io.Reader
	buf  [4096]byte
	rest []byte
}

// ReadByte implements io.ByteReader.
func (b *byteReader) ReadByte() (byte, error) {
	for len(b.rest) == 0 {
		n, err := b.r.Read(b.buf[:])
		if n == 0 && err != nil {
			return 0, err
		}
		b.rest = b.buf[:n]
	}
	c := b.rest[0]
	b.rest = b.rest[1:]
	return c, nil
}
