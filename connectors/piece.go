package connectors

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"

	"github.com/hedui/hedui/engine/household"
)

// Piece is a run of whole rows of a table of delimited text, for a goroutine of its
// own to read. It has its own memory, which the next Cut into it uses again.
type Piece struct {
	bind    *binding
	text    csvRows // the rows of the piece, without a source to read more from
	before  int64   // rows of the table before the piece
	rows    int64
	endless bool // the piece is the beginning of one line that is longer than a row may be
}

var errIndivisible = errors.New("the table is not cut into pieces")

// Rows is the number of rows in the piece, good and bad.
func (p *Piece) Rows() int64 { return p.rows }

// Divisible reports whether Cut can be used: whether the table is a file of delimited
// text.
func (t *Table) Divisible() bool { return t.info.Format == "csv" && !t.feed }

// Cut fills p with the next rows of a divisible table. It returns nil, io.EOF at the
// table's end, or the error that ends the table. A table is read by Cut or by Next,
// not by both. Readers of the pieces, in whatever order and at the same time, give
// the rows that Next would give, with their numbers and lines.
func (t *Table) Cut(p *Piece) error {
	if err := t.ready(); err != nil {
		return err
	}
	c, ok := t.rows.(*csvRows)
	if !ok {
		return errIndivisible
	}
	if t.raw != nil {
		t.raw.digestAtOnce()
	}
	p.bind, p.before, p.rows = t.bind, t.count, 0
	if err := c.cut(p, &t.row, t.piece); err != nil {
		t.err = t.finish(err)
		return t.err
	}
	t.count += p.rows
	return nil
}

// Reader returns a reader of pieces of this table. Each goroutine needs its own.
func (t *Table) Reader() *PieceReader {
	return &PieceReader{typer: typer{dept: t.dept, covers: t.covers}}
}

// PieceReader reads the rows of pieces of one table.
type PieceReader struct {
	typer
	piece *Piece
	count int64
}

// Reset begins a piece. It may be cut anew when its rows were read.
func (r *PieceReader) Reset(p *Piece) {
	r.piece, r.bind, r.count = p, p.bind, p.before
}

// Next is Table.Next for the rows of the piece, whose end is io.EOF.
func (r *PieceReader) Next(rec *household.Record) error {
	p := r.piece
	if p.endless {
		p.endless = false
		r.row.line = p.text.line + 1
		_ = p.text.breakLine(&r.row) // it has no source that could fail
	} else if err := p.text.next(&r.row); err != nil {
		return err
	}
	r.count++
	return r.record(rec, r.count)
}

// cut makes the rows that are buffered whole the piece; while there is none, it reads
// on. The memory that the piece had becomes the buffer.
func (c *csvRows) cut(p *Piece, r *row, size int) error {
	from := c.start
	first := c.line
	plain := 0 // lines that end before this place have nothing special
	for {
		if c.start >= plain {
			plain = c.plain()
		}
		p.rows += c.skipPlain(plain)
		if c.start == c.end {
			if c.start > from {
				break
			}
			if !c.fill() {
				if c.srcErr != nil {
					return c.srcErr
				}
				return io.EOF
			}
			from, plain = c.start, 0
			continue
		}
		// A row with something special is found as next finds it.
		n, lines, result := c.split(r)
		switch row := c.buf[c.start : c.start+n]; {
		case c.srcErr != nil && n == c.end-c.start:
			if c.start == from {
				return c.srcErr
			}
		case result == splitDone && n <= c.maxRow:
			if r.special && c.enc == encUnknown && !isASCII(row) {
				if c.start > from {
					break // what was before it has no encoding
				}
				c.judge()
				from, plain = c.start, 0
				continue
			}
			if !isBlank(r, row) {
				p.rows++
			}
			c.line += lines
			c.start += n
			continue
		case c.start > from && !c.eof && bytes.IndexByte(c.buf[c.start:c.end], c.term) < 0:
			// The piece must be given out before more is read.
		case result == splitMore && !c.eof && c.end-c.start <= c.maxRow:
			if c.start == from {
				c.fill()
				from, plain = c.start, 0
				continue
			}
		default:
			alone := c.start == from
			end := c.lineEnd()
			if alone {
				from, plain = c.start, 0 // it may have moved
			}
			if end < 0 && !c.eof {
				return c.cutEndless(p)
			}
			p.rows++
			if err := c.skipLine(end); err != nil {
				return err
			}
			continue
		}
		break
	}
	c.give(p, from, first, size)
	return nil
}

// plain is a place before which rows are lines: there is no quote, and no text whose
// encoding is unknown.
func (c *csvRows) plain() int {
	if c.term != '\n' || c.delim == '|' && c.enc == encGB18030 {
		return c.start
	}
	data := c.buf[c.start:c.end]
	if i := bytes.IndexByte(data, '"'); i >= 0 {
		data = data[:i]
	}
	if c.enc == encUnknown {
		data = data[:asciiPrefix(data)]
	}
	return c.start + len(data)
}

// skipPlain goes on behind the lines that end before the place, as long as they
// cannot be blank or too long for a row, and counts them.
func (c *csvRows) skipPlain(end int) (rows int64) {
	for c.start < end {
		data := c.buf[c.start:end]
		i := bytes.IndexByte(data, '\n')
		if i < 0 || i >= c.maxRow || data[0] <= ' ' || data[0] == 0xe3 {
			break
		}
		c.start += i + 1
		rows++
	}
	c.line += rows
	return rows
}

// asciiPrefix is the number of ASCII bytes that data begins with.
func asciiPrefix(data []byte) int {
	i := 0
	for ; i+8 <= len(data); i += 8 {
		if binary.LittleEndian.Uint64(data[i:])&0x8080808080808080 != 0 {
			break
		}
	}
	for i < len(data) && data[i] < 0x80 {
		i++
	}
	return i
}

// give makes the rows from … c.start the piece. What is behind them moves to the
// memory the piece had.
func (c *csvRows) give(p *Piece, from int, line int64, size int) {
	rest := c.buf[c.start:c.end]
	buf := p.text.buf
	if need := max(size, len(rest)) + slack; len(buf) < need {
		buf = make([]byte, need)
	}
	copy(buf, rest)
	p.take(c, c.buf, from, c.start, line)
	c.buf, c.start, c.end = buf, 0, len(rest)
}

// take makes the bytes from … to of buf the piece.
func (p *Piece) take(c *csvRows, buf []byte, from, to int, line int64) {
	p.endless = false
	p.text = csvRows{
		buf: buf, start: from, end: to, eof: true, maxRow: c.maxRow, line: line,
		enc: c.enc, delim: c.delim, term: c.term, columns: c.columns, arena: p.text.arena,
	}
}

// cutEndless makes the line at c.start a piece, of which only the beginning is kept,
// and goes on behind it.
func (c *csvRows) cutEndless(p *Piece) error {
	buf := p.text.buf
	if len(buf) < brokenPrefix+slack {
		buf = make([]byte, brokenPrefix+slack)
	}
	n := copy(buf[:min(brokenPrefix, c.maxRow)], c.buf[c.start:c.end])
	p.take(c, buf, 0, n, c.line)
	p.rows, p.endless = 1, true
	return c.skipLine(-1)
}
