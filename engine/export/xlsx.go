package export

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"

	"github.com/hedui/hedui/engine/household"
)

// The sheet that says for whom a workbook was made.
const footSheet = "导出说明"

// longestText is what a cell of a workbook holds, in units of UTF-16. The library would cut
// what is longer and say nothing.
const longestText = 32767

// ErrTooLong says that a text does not fit into a cell of a workbook.
var ErrTooLong = errors.New("a text is longer than a cell of a workbook takes")

// ErrTooMany says that a sheet can't hold that many rows.
var ErrTooMany = errors.New("more rows than a sheet takes")

// xlsxBook is a workbook that is being written, sheet by sheet or several at a time.
type xlsxBook struct {
	out    io.Writer
	file   *excelize.File
	bold   int
	styles [Number + 1]int
	sheets []*xlsxSheet
}

// newBook begins a workbook of the sheets named, in their order. Rows that don't fit into
// memory go to files in temp; "" is where the system keeps such.
func newBook(w io.Writer, temp string, names ...string) (b *xlsxBook, err error) {
	b = &xlsxBook{out: w, file: excelize.NewFile(excelize.Options{TmpDir: temp})}
	defer func() {
		if err != nil {
			err = errors.Join(err, b.file.Close())
		}
	}()
	if err := b.file.SetSheetName("Sheet1", names[0]); err != nil {
		return nil, err
	}
	for _, name := range names[1:] {
		if _, err := b.file.NewSheet(name); err != nil {
			return nil, err
		}
	}
	day := "yyyy-mm-dd"
	for kind, style := range map[Kind]*excelize.Style{
		Text: {NumFmt: 49}, Money: {NumFmt: 4}, Number: {NumFmt: 1}, Day: {CustomNumFmt: &day},
	} {
		if b.styles[kind], err = b.file.NewStyle(style); err != nil {
			return nil, err
		}
	}
	b.bold, err = b.file.NewStyle(&excelize.Style{NumFmt: 49, Font: &excelize.Font{Bold: true}})
	return b, err
}

// close writes the workbook.
func (b *xlsxBook) close() (err error) {
	defer func() { err = errors.Join(err, b.file.Close()) }()
	for _, s := range b.sheets {
		if err := s.stream.Flush(); err != nil {
			return err
		}
	}
	return b.file.Write(b.out)
}

// drop gives the workbook up.
func (b *xlsxBook) drop() error { return b.file.Close() }

// foot writes a sheet of lines for people, one that newBook has made.
func (b *xlsxBook) foot(lines []string) error {
	s, err := b.stream(footSheet)
	if err != nil {
		return err
	}
	if err := s.stream.SetColWidth(1, 1, 90); err != nil {
		return err
	}
	for _, line := range lines {
		// Inline, as all text is here: of texts that cells share, the library takes
		// _x0041_ for an A.
		cell, err := textValue(b.styles[Text], clean(line))
		if err != nil {
			return err
		}
		if err := s.write([]any{cell}); err != nil {
			return err
		}
	}
	return nil
}

func (b *xlsxBook) stream(name string) (*xlsxSheet, error) {
	stream, err := b.file.NewStreamWriter(name)
	if err != nil {
		return nil, err
	}
	s := &xlsxSheet{book: b, stream: stream}
	b.sheets = append(b.sheets, s)
	return s, nil
}

// table begins a sheet of a table, one that newBook has made.
func (b *xlsxBook) table(name string, columns []Column) (*xlsxSheet, error) {
	s, err := b.stream(name)
	if err != nil {
		return nil, err
	}
	s.columns = columns
	if err := s.stream.SetColWidth(1, len(columns), 18); err != nil {
		return nil, err
	}
	if err := s.stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return nil, err
	}
	titles := make([]any, len(columns))
	for i := range columns {
		if titles[i], err = textValue(b.bold, clean(columns[i].Title)); err != nil {
			return nil, err
		}
	}
	return s, s.write(titles)
}

// xlsxSheet is a sheet that is being written.
type xlsxSheet struct {
	book    *xlsxBook
	stream  *excelize.StreamWriter
	columns []Column
	row     int
}

func (s *xlsxSheet) write(cells []any) error {
	if s.row++; s.row > excelize.TotalRows {
		return ErrTooMany
	}
	return s.stream.SetRow("A"+strconv.Itoa(s.row), cells)
}

// put writes a row of the table.
func (s *xlsxSheet) put(cells []Cell) error {
	if err := fits(s.columns, cells); err != nil {
		return err
	}
	out := make([]any, len(cells))
	for i, c := range cells {
		var err error
		if out[i], err = s.book.value(c); err != nil {
			return fmt.Errorf("row %d, column %q: %w", s.row+1, s.columns[i].Title, err)
		}
	}
	return s.write(out)
}

// xlsxWriter is a workbook of one table.
type xlsxWriter struct {
	book  *xlsxBook
	sheet *xlsxSheet
}

func newXLSX(w io.Writer, t Table) (*xlsxWriter, error) {
	name := t.Name
	if name == "" || name == footSheet {
		name = "名单"
	}
	book, err := newBook(w, "", name)
	if err != nil {
		return nil, err
	}
	sheet, err := book.table(name, t.Columns)
	if err != nil {
		return nil, errors.Join(err, book.drop())
	}
	return &xlsxWriter{book, sheet}, nil
}

// Row implements Writer.
func (x *xlsxWriter) Row(cells []Cell) error { return x.sheet.put(cells) }

// Finish implements Writer: the foot is a sheet of its own.
func (x *xlsxWriter) Finish(foot []string) error {
	if len(foot) > 0 {
		_, err := x.book.file.NewSheet(footSheet)
		if err == nil {
			err = x.book.foot(foot)
		}
		if err != nil {
			return errors.Join(err, x.book.drop())
		}
	}
	return x.book.close()
}

func (b *xlsxBook) value(c Cell) (any, error) {
	style := b.styles[c.kind]
	switch c.kind {
	case Text:
		return textValue(style, c.text)
	case Money:
		if v, ok := yuan(household.Fen(c.n)); ok {
			return excelize.Cell{StyleID: style, Value: v}, nil
		}
		return textValue(b.styles[Text], c.Plain())
	case Day:
		if n := serial(household.Date(c.n)); n >= firstSerial {
			return excelize.Cell{StyleID: style, Value: n}, nil
		}
		return textValue(b.styles[Text], c.Plain())
	case Number:
		if c.n > exactWhole || c.n < -exactWhole {
			return textValue(b.styles[Text], c.Plain())
		}
		return excelize.Cell{StyleID: style, Value: c.n}, nil
	}
	return nil, nil //nolint:nilnil // an empty cell
}

func textValue(style int, s string) (any, error) {
	units := 0
	for _, r := range s {
		units += utf16.RuneLen(r)
	}
	if units > longestText {
		return nil, ErrTooLong
	}
	return excelize.Cell{StyleID: style, Value: s}, nil
}

// exactWhole is up to where a spreadsheet, which calculates with 15 digits, holds every
// whole number.
const exactWhole = 999_999_999_999_999

// yuan is an amount as the library writes numbers. Workbooks have no other numbers than
// such; beyond 15 digits, where a spreadsheet would round, it is not one.
func yuan(f household.Fen) (any, bool) {
	if f > exactWhole || f < -exactWhole {
		return nil, false
	}
	v, err := strconv.ParseFloat(f.Yuan(), 64) // has the amount's digits and no others: see the test of every size
	return v, err == nil
}

// Workbooks count days from epoch. Before firstSerial, 1 March 1900, spreadsheets don't agree
// which is which: some know a 29 February of 1900.
const (
	epoch       household.Date = 18991230
	firstSerial int            = 61
)

func serial(d household.Date) int { return d.Days() - epoch.Days() }
