package export

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

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

type xlsxWriter struct {
	out     io.Writer
	file    *excelize.File
	sheet   *excelize.StreamWriter
	columns []Column
	styles  [Number + 1]int
	row     int
}

func newXLSX(w io.Writer, t Table) (x *xlsxWriter, err error) {
	x = &xlsxWriter{out: w, file: excelize.NewFile(), columns: t.Columns}
	defer func() {
		if err != nil {
			err = errors.Join(err, x.file.Close())
		}
	}()
	name := t.Name
	if name == "" || name == footSheet {
		name = "名单"
	}
	if err := x.file.SetSheetName("Sheet1", name); err != nil {
		return nil, err
	}
	day := "yyyy-mm-dd"
	for kind, style := range map[Kind]*excelize.Style{
		Text: {NumFmt: 49}, Money: {NumFmt: 4}, Number: {NumFmt: 1}, Day: {CustomNumFmt: &day},
	} {
		if x.styles[kind], err = x.file.NewStyle(style); err != nil {
			return nil, err
		}
	}
	bold, err := x.file.NewStyle(&excelize.Style{NumFmt: 49, Font: &excelize.Font{Bold: true}})
	if err != nil {
		return nil, err
	}
	if x.sheet, err = x.file.NewStreamWriter(name); err != nil {
		return nil, err
	}
	if err := x.sheet.SetColWidth(1, len(t.Columns), 18); err != nil {
		return nil, err
	}
	if err := x.sheet.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return nil, err
	}
	titles := make([]any, len(t.Columns))
	for i := range t.Columns {
		if titles[i], err = textValue(bold, clean(t.Columns[i].Title)); err != nil {
			return nil, err
		}
	}
	return x, x.write(titles)
}

func (x *xlsxWriter) write(cells []any) error {
	if x.row++; x.row > excelize.TotalRows {
		return ErrTooMany
	}
	return x.sheet.SetRow("A"+strconv.Itoa(x.row), cells)
}

// Row implements Writer.
func (x *xlsxWriter) Row(cells []Cell) error {
	if err := fits(x.columns, cells); err != nil {
		return err
	}
	out := make([]any, len(cells))
	for i, c := range cells {
		var err error
		if out[i], err = x.value(c); err != nil {
			return fmt.Errorf("row %d, column %q: %w", x.row+1, x.columns[i].Title, err)
		}
	}
	return x.write(out)
}

func (x *xlsxWriter) value(c Cell) (any, error) {
	style := x.styles[c.kind]
	switch c.kind {
	case Text:
		return textValue(style, c.text)
	case Money:
		if v, ok := yuan(household.Fen(c.n)); ok {
			return excelize.Cell{StyleID: style, Value: v}, nil
		}
		return textValue(x.styles[Text], c.Plain())
	case Day:
		if n := serial(household.Date(c.n)); n >= firstSerial {
			return excelize.Cell{StyleID: style, Value: n}, nil
		}
		return textValue(x.styles[Text], c.Plain())
	case Number:
		if c.n > exactWhole || c.n < -exactWhole {
			return textValue(x.styles[Text], c.Plain())
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

// Finish implements Writer: the foot is a sheet of its own, and stands at the foot of every
// printed page.
func (x *xlsxWriter) Finish(foot []string) (err error) {
	defer func() { err = errors.Join(err, x.file.Close()) }()
	if err := x.sheet.Flush(); err != nil {
		return err
	}
	if len(foot) > 0 {
		if _, err := x.file.NewSheet(footSheet); err != nil {
			return err
		}
		for i, line := range foot {
			line = clean(line)
			if utf8.RuneCountInString(line) > longestText/2 {
				return ErrTooLong
			}
			if err := x.file.SetCellStr(footSheet, "A"+strconv.Itoa(i+1), line); err != nil {
				return err
			}
		}
		if err := x.file.SetColWidth(footSheet, "A", "A", 90); err != nil {
			return err
		}
	}
	return x.file.Write(x.out)
}
