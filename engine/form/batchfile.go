package form

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxLine is how long a line of a file of requests may be, in bytes.
const MaxLine = 1 << 20

// maxNumber is how long a household's number is repeated, in characters.
const maxNumber = 64

// BatchRow is one row of a batch: a request, or what refuses it.
type BatchRow struct {
	Sheet string // the form's name of it; empty in a file of one table or of lines
	Row   int64  // where it begins, from 1: the row of the sheet, or the line
	Rows  int64  // how many rows of the file it takes
	// Household is the number that a form gives; empty where there is none that could be
	// repeated, and of a file of lines, which are not looked into.
	Household string
	Region    string    // likewise
	Line      []byte    // of the request
	Problems  []Problem // what refuses it; none of a request
}

// Refused reports whether the row is no request. A line of a file of lines may be empty and
// is a row all the same: whoever reads it refuses it.
func (r *BatchRow) Refused() bool { return len(r.Problems) > 0 }

// ReadBatch reads a file of so many bytes that somebody submits as a batch, and hands out its
// rows one by one: a file of lines as hedui verify reads it, in its order, or what Read
// reads, household by household and with each row that belongs to none. Which it is, its
// bytes tell. What is wrong with a row refuses that row. An error that is a Problem refuses
// the file whole, with the rows that were handed out before. It stops with the first error
// of take; a row is take's own. The batch that it returns holds no requests and no problems.
func ReadBatch(r io.ReaderAt, size int64, o Options, take func(BatchRow) error) (*Batch, error) {
	head, err := headOf(r)
	if err != nil {
		return nil, err
	}
	c := newCollector(o)
	c.take = take
	if o.MaxRows > 0 {
		c.maxRows = min(c.maxRows, o.MaxRows)
	}
	switch text := bytes.TrimLeftFunc(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), unicode.IsSpace); {
	case bytes.HasPrefix(text, []byte("[")), startsObject(text):
		return nil, Problem{Row: 1, Code: NotLines}
	case bytes.HasPrefix(text, []byte("{")):
		return c.readLines(io.NewSectionReader(r, 0, size))
	}
	return readForm(r, size, head, c)
}

// startsObject reports whether the first line is the beginning of an object that goes on in
// the next.
func startsObject(text []byte) bool {
	line, _, more := bytes.Cut(text, []byte("\n"))
	return more && string(bytes.TrimSpace(line)) == "{"
}

// readLines hands out every line without its end, as it stands.
func (c *collector) readLines(src io.Reader) (*Batch, error) {
	b := c.batch
	b.Format = JSONL
	r := bufio.NewReaderSize(src, 64<<10)
	for {
		line, long, err := readLine(r)
		if errors.Is(err, io.EOF) {
			return b, nil
		}
		if err != nil {
			return nil, err
		}
		if !c.count() {
			return nil, Problem{Row: b.RowsIn, Code: TooLarge}
		}
		row := BatchRow{Row: b.RowsIn, Rows: 1, Line: line}
		if row.Row == 1 {
			row.Line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
		}
		b.Households++
		if long {
			row.Line, row.Problems = nil, []Problem{{Row: row.Row, Code: LineTooLong}}
			b.Refused++
			b.RowsRefused++
		} else {
			b.Accepted++
			b.RowsAccepted++
		}
		if err := c.take(row); err != nil {
			return nil, err
		}
	}
}

// readLine is the next line without its end; long says that it is longer than MaxLine, and
// nothing of it is kept. io.EOF comes after the last line.
func readLine(r *bufio.Reader) (line []byte, long bool, err error) {
	seen := 0
	for {
		part, err := r.ReadSlice('\n')
		seen += len(part)
		if long = long || seen > MaxLine; long {
			line = nil
		} else {
			line = append(line, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && seen > 0:
		case err != nil:
			return nil, false, err
		}
		return bytes.TrimRight(line, "\r\n"), long, nil
	}
}

// repeatable is a household's number as it may be repeated: of a length and of characters that
// a number may have.
func repeatable(text string) string {
	if text = strings.TrimSpace(text); !utf8.ValidString(text) || utf8.RuneCountInString(text) > maxNumber || strings.ContainsFunc(text, unicode.IsControl) {
		return ""
	}
	return text
}
