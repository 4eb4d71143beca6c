package connectors

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Book is a workbook that people filled in, read sheet by sheet as text. It has the
// limits and the reading of a department's workbook, without its columns.
type Book struct{ book *workbook }

// OpenBook opens an XLSX workbook of so many bytes. Sheets are read while r stays open.
func OpenBook(r io.ReaderAt, size int64) (*Book, error) {
	z, err := zip.NewReader(r, size)
	if err != nil && z == nil {
		return nil, errors.New("not a workbook that can be read")
	}
	if p := checkArchive(z); p != nil {
		return nil, p.at("", 0)
	}
	w := &workbook{zip: z}
	if err := w.open(); err != nil {
		return nil, fmt.Errorf("the workbook cannot be read: %w", err)
	}
	return &Book{w}, nil
}

// Sheets are the names of the sheets in their order, as they stand in the file.
func (b *Book) Sheets() []string {
	names := make([]string, len(b.book.sheets))
	for i, s := range b.book.sheets {
		names[i] = s.name
	}
	return names
}

// Sheet opens the sheet of a place in Sheets. Close it.
func (b *Book) Sheet(n int) (*Sheet, error) {
	part, err := b.book.part(b.book.sheets[n].part)
	if err != nil {
		return nil, err
	}
	r, err := part.Open()
	if err != nil {
		return nil, err
	}
	s := &sheetRows{book: b.book, maxRow: maxXMLText}
	s.xml = newXML(&guard{src: r, in: func() int64 { return int64(part.CompressedSize64) }})
	return &Sheet{rows: s, closer: r}, nil
}

// Sheet hands out the rows of a sheet that hold anything.
type Sheet struct {
	rows   *sheetRows
	closer io.Closer
	row    row
}

// SetKinds says how the numbers of the columns are to be read from now on: a day or a
// month that a spreadsheet keeps as a number, an amount with at most fifteen digits, a
// number of a document that was rounded. Columns beyond are text.
func (s *Sheet) SetKinds(kinds []Kind) { s.rows.kinds = kinds }

// Next is the next row; io.EOF after the last. The cells are valid until the call after.
func (s *Sheet) Next() (SheetRow, error) {
	if err := s.rows.next(&s.row); err != nil {
		return SheetRow{}, err
	}
	return SheetRow{Line: s.row.line, Cells: s.row.fields, Hidden: s.rows.hidden, TooLong: s.row.broken}, nil
}

// Formulas is how many cells so far held a formula, whose last result was read.
func (s *Sheet) Formulas() int { return s.rows.formulas }

// Merged is how many ranges of cells are merged, known after the last row. The value of
// such a range is in its first cell, the others are empty.
func (s *Sheet) Merged() int { return s.rows.merged }

// Close ends the reading.
func (s *Sheet) Close() error { return s.closer.Close() }

// SheetRow is a row of a sheet.
type SheetRow struct {
	Line    int64 // as the spreadsheet counts, from 1
	Cells   [][]byte
	Hidden  bool
	TooLong bool // its cells hold more than a row may; some are left out
}

// IsLost reports whether a cell's value was lost before it was read: an error value, a
// formula without a result, a number too long for a spreadsheet.
func IsLost(cell []byte) bool { return bytes.Equal(cell, unreadable) }

// DecodeText returns the text of a whole file as UTF-8, without a byte order mark. The
// file is UTF-8 or GB18030, as its own lines tell. It reports false where some of the text is
// neither.
func DecodeText(raw []byte) ([]byte, bool) {
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	text, _, state := appendText(judgeEncoding(raw, true), nil, raw)
	return text, state != textBroken
}
