package connectors

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/bits"
)

// row is one row of a file, split into its fields. Everything it holds is
// borrowed until the next row.
type row struct {
	line   int64
	number int64    // the row's, where it has one of its own; 0 counts
	fields [][]byte // as written, without quotes; at most one more than the file has columns
	enc    encoding // of the fields
	broken bool     // the fields are not those of the header: too few, too many, or unreadable

	// special says that some field may have bytes outside printable ASCII, so that
	// the text of each must be looked at.
	special bool
	// ascii has a bit for each of the first 64 fields that is known to be printable
	// ASCII in spite of that.
	ascii uint64
}

// rows reads the rows of one table. Files of lines skip blank ones.
type rows interface {
	// next fills r with the next row and returns nil or io.EOF, or the error that
	// ends the table.
	next(r *row) error
	Close() error
}

const (
	defaultMaxRow = 1 << 20
	defaultPiece  = 256 << 10
	slack         = 8         // bytes behind the data, so that words can be loaded at its end
	headSample    = 256 << 10 // beginning of a file that its encoding is judged by
	sampleSize    = 64 << 10  // data an encoding is judged by that shows only later
	maxColumns    = 4096      // fields of a header
	brokenPrefix  = 16 << 10  // bytes of an unreadable line that are looked at
	carriage      = byte('\r')
)

// Masks for eight bytes that are looked at as one word.
const (
	ones  = 0x0101010101010101
	highs = 0x80 * ones
	lows  = 0x7f * ones
)

// csvRows splits delimited text on raw bytes, whatever its encoding. Quoting is
// that of RFC 4180; a quote inside an unquoted field is a plain character.
// Memory is bounded by twice the longest row allowed.
type csvRows struct {
	src    io.Reader
	buf    []byte // len(buf)−slack bytes can hold data
	start  int    // first byte not yet given out
	end    int    // end of the data
	eof    bool
	srcErr error
	maxRow int
	line   int64 // physical lines given out

	enc     encoding
	delim   byte
	term    byte // '\n', or '\r' for files of the old Mac
	columns int  // fields of the header; 0 before it is known
	arena   []byte
}

func newCSVRows(src io.Reader, maxRow, piece int) *csvRows {
	return &csvRows{src: src, maxRow: maxRow, buf: make([]byte, piece+slack), delim: ',', term: '\n'}
}

func (c *csvRows) Close() error {
	c.buf, c.start, c.end, c.eof = nil, 0, 0, true
	return nil
}

// fill reads more data behind what is there. It reports false when there is no
// more, or when more than a whole row is buffered already.
func (c *csvRows) fill() bool {
	if c.eof {
		return false
	}
	if c.start > 0 {
		c.end = copy(c.buf, c.buf[c.start:c.end])
		c.start = 0
	}
	if c.end+slack == len(c.buf) {
		if c.end > max(c.maxRow, headSample) {
			return false
		}
		grown := make([]byte, max(len(c.buf)+1, min(2*len(c.buf), max(c.maxRow, headSample)+defaultPiece+slack)))
		c.end = copy(grown, c.buf[:c.end])
		c.buf = grown
	}
	from := c.end
	for idle := 0; !c.eof && c.end+slack < len(c.buf); {
		n, err := c.src.Read(c.buf[c.end : len(c.buf)-slack])
		c.end += n
		if idle++; n > 0 {
			idle = 0
		}
		if err == nil && idle == 100 {
			err = io.ErrNoProgress
		}
		if err != nil {
			c.eof = true
			if !errors.Is(err, io.EOF) {
				c.srcErr = err
			}
		}
	}
	clear(c.buf[c.end : c.end+slack])
	return c.end > from
}

// sample is the next n bytes, or all there are, and whether they are the last. It
// does not depend on how much is buffered.
func (c *csvRows) sample(n int) (data []byte, whole bool) {
	for c.end-c.start < n && c.fill() {
	}
	whole = c.eof && c.end-c.start <= n
	return c.buf[c.start : c.start+min(n, c.end-c.start)], whole
}

// judge decides on the encoding by the next lines.
func (c *csvRows) judge() {
	c.enc = judgeEncoding(c.sample(sampleSize))
}

// splitResult says how far split came.
type splitResult uint8

const (
	splitDone splitResult = iota
	splitMore             // the row's end is not in the buffer
	splitBad              // quotes that do not belong together
)

// next returns the next row that is not blank.
func (c *csvRows) next(r *row) error {
	for {
		if c.start == c.end && !c.fill() {
			if c.srcErr != nil {
				return c.srcErr
			}
			return io.EOF
		}
		n, lines, result := c.split(r)
		switch {
		case c.srcErr != nil && n == c.end-c.start:
			return c.srcErr // what looks like the last row may be cut
		case result == splitDone && n <= c.maxRow:
		case result == splitMore && !c.eof && c.end-c.start <= c.maxRow:
			c.fill() // when there is no more, the row ends where the data does
			continue
		default:
			r.line = c.line + 1
			return c.breakLine(r)
		}
		if r.special && c.enc == encUnknown && !isASCII(c.buf[c.start:c.start+n]) {
			c.judge()
			continue // the fields may have moved, or be cut at other places
		}
		blank := isBlank(r, c.buf[c.start:c.start+n])
		r.line = c.line + 1
		r.enc = c.enc
		c.line += lines
		c.start += n
		if blank {
			continue
		}
		r.broken = c.columns > 0 && len(r.fields) != c.columns
		return nil
	}
}

// isBlank reports whether a line has nothing but white space, or only the
// end-of-file character of DOS.
func isBlank(r *row, line []byte) bool {
	if len(r.fields) != 1 || len(r.fields[0]) > 64 {
		return false
	}
	t := trim(line)
	return len(t) == 0 || len(t) == 1 && t[0] == 0x1a
}

// split finds the fields of the row at c.start, how long it is with its
// terminator and how many physical lines it has.
func (c *csvRows) split(r *row) (length int, lines int64, result splitResult) {
	fields, ascii := r.fields[:0], uint64(0)
	limit := c.limit()
	data := c.buf[c.start : c.end+slack]
	size := c.end - c.start
	wide := c.delim == '|' && c.enc == encGB18030
	delims := uint64(c.delim) * ones
	field := 0
	var odd, oddBefore uint64 // not 0 if this field, or one before it, is not printable ASCII
	for i := 0; i < size; i += 8 {
		w := binary.LittleEndian.Uint64(data[i:])
		low := w & lows
		high := w & highs
		// The high bit of each ASCII byte that is the delimiter, a quote, DEL or a
		// control character.
		hits := ^((low ^ delims) + lows) | ^((low ^ 0x22*ones) + lows) | ^((low ^ lows) + lows) | ^(low + 0x60*ones)
		for hits = hits & highs &^ w; hits != 0; hits &= hits - 1 {
			place := bits.TrailingZeros64(hits)
			at := i + place>>3
			if at >= size {
				break
			}
			b := data[at]
			if b == c.delim || b == c.term {
				before := high & (1<<place - 1)
				high ^= before
				odd |= before
				if wide && odd|oddBefore != 0 {
					return c.splitSlowly(r)
				}
			}
			if b == c.delim {
				if len(fields) <= limit {
					if odd == 0 {
						ascii |= 1 << uint(len(fields))
					}
					fields = append(fields, data[field:at])
				}
				oddBefore |= odd
				odd = 0
				field = at + 1
				continue
			}
			if b == c.term {
				end := at
				if b == '\n' && end > field && data[end-1] == carriage {
					end--
				}
				if len(fields) <= limit {
					if odd == 0 {
						ascii |= 1 << uint(len(fields))
					}
					fields = append(fields, data[field:end])
				}
				r.fields, r.special, r.ascii = fields, odd|oddBefore != 0, ascii
				return at + 1, 1, splitDone
			}
			switch {
			case b == '"' && at == field:
				return c.splitSlowly(r)
			case b == '"', b == carriage && at+1 < size && data[at+1] == '\n' && c.term == '\n':
			default:
				odd |= 1
			}
		}
		odd |= high
	}
	if !c.eof {
		return 0, 0, splitMore
	}
	if wide && odd|oddBefore != 0 {
		return c.splitSlowly(r)
	}
	if len(fields) <= limit {
		fields = append(fields, data[field:size])
	}
	r.fields, r.special, r.ascii = fields, true, 0
	return size, 1, splitDone
}

// limit is the number of fields kept besides one too many.
func (c *csvRows) limit() int {
	if c.columns > 0 {
		return c.columns
	}
	return maxColumns
}

// splitSlowly is split for rows with quoted fields, and for rows in which the
// delimiter can be a part of a character.
func (c *csvRows) splitSlowly(r *row) (length int, lines int64, result splitResult) {
	r.fields, r.special, r.ascii = r.fields[:0], true, 0
	c.arena = c.arena[:0]
	data := c.buf[c.start:c.end]
	wide := c.delim == '|' && c.enc == encGB18030
	lines = 1
	for pos := 0; ; {
		var content []byte
		at := pos
		if pos < len(data) && data[pos] == '"' {
			end, doubled := closingQuote(data, pos+1)
			// Whether a quote at the very end closes or is doubled shows only later.
			if end < 0 || end+1 == len(data) && !c.eof {
				if c.eof {
					return 0, 0, splitBad
				}
				return 0, 0, splitMore
			}
			content = data[pos+1 : end]
			lines += int64(bytes.Count(content, []byte{c.term}))
			if doubled {
				content = c.undouble(content)
			}
			at = end + 1
			for at < len(data) && data[at] == ' ' {
				at++
			}
			if at < len(data) && data[at] == carriage && c.term == '\n' {
				at++
			}
			if at < len(data) && data[at] != c.delim && data[at] != c.term {
				return 0, 0, splitBad
			}
		} else {
			for at < len(data) && data[at] != c.delim && data[at] != c.term {
				if wide {
					at += gbWidth(data[at:])
				} else {
					at++
				}
			}
			content = data[pos:at]
			if at < len(data) && data[at] == '\n' && len(content) > 0 && content[len(content)-1] == carriage {
				content = content[:len(content)-1]
			}
		}
		if at == len(data) && !c.eof {
			return 0, 0, splitMore
		}
		if len(r.fields) <= c.limit() {
			r.fields = append(r.fields, content)
		}
		if at == len(data) {
			return at, lines, splitDone
		}
		if data[at] == c.term {
			return at + 1, lines, splitDone
		}
		pos = at + 1
	}
}

// closingQuote is the place of the quote that ends the quoted text at from, or
// −1, and whether there are doubled quotes before it.
func closingQuote(data []byte, from int) (at int, doubled bool) {
	for {
		i := bytes.IndexByte(data[from:], '"')
		if i < 0 {
			return -1, doubled
		}
		at = from + i
		if at+1 >= len(data) || data[at+1] != '"' {
			return at, doubled
		}
		doubled = true
		from = at + 2
	}
}

// undouble copies quoted text with its doubled quotes made single.
func (c *csvRows) undouble(s []byte) []byte {
	from := len(c.arena)
	for i := 0; i < len(s); i++ {
		c.arena = append(c.arena, s[i])
		if s[i] == '"' {
			i++
		}
	}
	return c.arena[from:len(c.arena):len(c.arena)]
}

// breakLine gives out the physical line at c.start as an unreadable row and goes
// on behind it, however long it is. The fields are those that can be seen at
// the beginning of the line.
func (c *csvRows) breakLine(r *row) error {
	end := c.lineEnd()
	prefix := c.buf[c.start:c.end]
	if end >= 0 {
		prefix = prefix[:end]
	}
	// Whether the prefix has its last field whole, whatever is buffered beyond.
	whole := end >= 0 && end <= c.maxRow
	c.arena = append(c.arena[:0], prefix[:min(len(prefix), brokenPrefix, c.maxRow)]...)
	r.fields, r.special, r.ascii, r.broken = r.fields[:0], true, 0, true
	r.enc = c.enc
	if r.enc == encUnknown && !isASCII(c.arena) {
		r.enc = judgeEncoding(c.arena, whole)
	}
	for rest := c.arena; len(r.fields) <= c.limit(); {
		i := bytes.IndexByte(rest, c.delim)
		if i < 0 {
			if whole {
				r.fields = append(r.fields, bytes.Trim(rest, "\"\r"))
			}
			break
		}
		r.fields = append(r.fields, bytes.Trim(rest[:i], `"`))
		rest = rest[i+1:]
	}
	return c.skipLine(end)
}

// lineEnd is where the physical line at c.start ends, seen from there, or −1 when
// it is longer than a row may be or its end is missing.
func (c *csvRows) lineEnd() int {
	for {
		end := bytes.IndexByte(c.buf[c.start:c.end], c.term)
		if end >= 0 || c.end-c.start > c.maxRow || !c.fill() {
			return end
		}
	}
}

// skipLine goes on behind the physical line at c.start, whose end is what lineEnd
// found.
func (c *csvRows) skipLine(end int) error {
	for end < 0 {
		c.start = c.end
		if !c.fill() {
			break
		}
		end = bytes.IndexByte(c.buf[c.start:c.end], c.term)
	}
	c.line++
	if end >= 0 {
		c.start += end + 1
	} else {
		c.start = c.end
	}
	return c.srcErr
}
