package province

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/gzip"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/transform"
)

// sink takes the rows of one file.
type sink interface {
	write(r *row) error
	// close finishes the file and returns its size in bytes.
	close() (int64, error)
}

func extension(format string) string {
	switch format {
	case FormatGzip:
		return ".csv.gz"
	case FormatTSV:
		return ".tsv"
	case FormatXLSX:
		return ".xlsx"
	}
	return ".csv"
}

// chinese says whether a format has Chinese headers and codes.
func chinese(format string) bool { return format == FormatGB18030 || format == FormatXLSX }

// newSink creates the file and writes its header.
func newSink(path, format string, columns []column) (sink, error) {
	header := row{chinese: chinese(format)}
	for _, c := range columns {
		header.code(code{c.en, c.zh})
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	var s sink
	if format == FormatXLSX {
		s, err = newSheet(f)
	} else {
		s = newText(f, format)
	}
	if err == nil {
		err = s.write(&header)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return s, nil
}

// badByte stands in the text of a row for a byte that no encoding has. It is put in
// after encoding.
const (
	badByteMark = 0x01
	badByte     = 0xff
)

// text writes delimited rows. No field of the province holds a delimiter, a quote or
// a line end, so nothing is quoted.
type text struct {
	file      *os.File
	zip       *gzip.Writer
	out       *bufio.Writer
	delimiter byte
	encoder   transform.Transformer
	line      []byte
	encoded   []byte
}

func newText(f *os.File, format string) *text {
	t := &text{file: f, delimiter: ','}
	var w io.Writer = f
	switch format {
	case FormatTSV:
		t.delimiter = '\t'
	case FormatGB18030:
		t.encoder = simplifiedchinese.GB18030.NewEncoder()
	case FormatGzip:
		t.zip, _ = gzip.NewWriterLevel(f, gzip.BestSpeed) // the level is a valid one
		w = t.zip
	}
	t.out = bufio.NewWriterSize(w, 1<<18)
	return t
}

func (t *text) write(r *row) error {
	t.line = t.line[:0]
	start := int32(0)
	for i, end := range r.ends {
		if i > 0 {
			t.line = append(t.line, t.delimiter)
		}
		t.line = append(t.line, r.text[start:end]...)
		start = end
	}
	t.line = append(t.line, '\n')
	line := t.line
	if t.encoder != nil {
		if need := 4 * len(line); len(t.encoded) < need {
			t.encoded = make([]byte, 2*need)
		}
		t.encoder.Reset()
		n, _, err := t.encoder.Transform(t.encoded, line, true)
		if err != nil {
			return err
		}
		line = t.encoded[:n]
	}
	if i := bytes.IndexByte(line, badByteMark); i >= 0 {
		line[i] = badByte
	}
	_, err := t.out.Write(line)
	return err
}

func (t *text) close() (int64, error) {
	err := t.out.Flush()
	if t.zip != nil {
		if cerr := t.zip.Close(); err == nil {
			err = cerr
		}
	}
	return closeFile(t.file, err)
}

func closeFile(f *os.File, err error) (int64, error) {
	info, serr := f.Stat()
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = serr
	}
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// sheet writes a workbook of one sheet. Amounts of whole yuan are number cells, all
// else is text, so that no amount passes through a float.
type sheet struct {
	file  *os.File
	book  *excelize.File
	out   *excelize.StreamWriter
	row   int
	cells []any
}

// maxSheetRows is the number of rows a sheet can hold, with the header.
const maxSheetRows = 1 << 20

var errSheetFull = fmt.Errorf("a sheet holds %d rows at most: use another format or split the source", maxSheetRows)

func newSheet(f *os.File) (*sheet, error) {
	book := excelize.NewFile()
	out, err := book.NewStreamWriter("Sheet1")
	if err != nil {
		return nil, err
	}
	return &sheet{file: f, book: book, out: out}, nil
}

func (s *sheet) write(r *row) error {
	s.row++
	if s.row > maxSheetRows {
		return errSheetFull
	}
	s.cells = s.cells[:0]
	for i := range r.ends {
		s.cells = append(s.cells, cell(r.field(i)))
	}
	return s.out.SetRow("A"+string(appendNumber(nil, int64(s.row))), s.cells)
}

// cell is a number for an amount of whole yuan, nil for an empty field.
func cell(field []byte) any {
	if len(field) == 0 {
		return nil
	}
	if n := len(field); n > 3 && n < 14 && string(field[n-3:]) == ".00" {
		yuan := int64(0)
		for _, c := range field[:n-3] {
			if c < '0' || c > '9' {
				return string(field)
			}
			yuan = yuan*10 + int64(c-'0')
		}
		return yuan
	}
	return string(field)
}

func (s *sheet) close() (int64, error) {
	err := s.out.Flush()
	if err == nil {
		err = s.book.Write(s.file)
	}
	if cerr := s.book.Close(); err == nil {
		err = cerr
	}
	return closeFile(s.file, err)
}
