package export

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/hedui/hedui/engine/household"
)

// File is a table as it was read.
type File struct {
	Titles []string
	Rows   [][]string // as text; numbers and days of a workbook as they are stored
	Foot   string     // what the file says of whom it was made for; "" when that is gone
	Format Format
}

// The most that is read of one file, and of what it unpacks to.
const (
	MaxFile     = 256 << 20
	maxUnpacked = 2 << 30
)

// ErrTooLarge says that a file is larger than what is read.
var ErrTooLarge = errors.New("the file is larger than what is read")

// Read reads a file that was exported, or what somebody made of one: saved again by a
// spreadsheet, in GB18030 or UTF-16, with semicolons or tabs between the cells. The first
// row is taken for the titles.
func Read(r io.Reader) (*File, error) {
	b, err := io.ReadAll(io.LimitReader(r, MaxFile+1))
	if err != nil {
		return nil, err
	}
	if len(b) > MaxFile {
		return nil, ErrTooLarge
	}
	if bytes.HasPrefix(b, []byte("PK\x03\x04")) {
		return readXLSX(b)
	}
	text, err := decoded(b)
	if err != nil {
		return nil, err
	}
	records, err := readCSV(text, separator(text))
	if err != nil {
		return nil, fmt.Errorf("not a CSV file: %w", err)
	}
	f := &File{Format: CSV}
	for i, record := range records {
		if i == len(records)-1 && i > 0 && strings.HasPrefix(record[0], footMark) {
			f.Foot = record[0]
			continue
		}
		for j := range record {
			record[j] = Unguard(record[j])
		}
		f.add(record)
	}
	return f, nil
}

func (f *File) add(record []string) {
	if f.Titles == nil {
		f.Titles = record
		return
	}
	f.Rows = append(f.Rows, record)
}

// decoded is a text file as UTF-8.
func decoded(b []byte) (string, error) {
	if text, ok := bytes.CutPrefix(b, []byte(byteOrderMark)); ok {
		return string(text), nil
	}
	if bytes.HasPrefix(b, []byte{0xff, 0xfe}) || bytes.HasPrefix(b, []byte{0xfe, 0xff}) {
		out, err := unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Bytes(b)
		return string(out), err
	}
	if utf8.Valid(b) {
		return string(b), nil
	}
	out, err := simplifiedchinese.GB18030.NewDecoder().Bytes(b)
	return string(out), err
}

// separator is the byte that stands between the cells of the first line.
func separator(text string) byte {
	line, _, _ := strings.Cut(text, "\n")
	comma := byte(',')
	for _, c := range []byte{'\t', ';'} {
		if strings.Count(line, string(c)) > strings.Count(line, string(comma)) {
			comma = c
		}
	}
	return comma
}

func readXLSX(b []byte) (f *File, err error) {
	book, err := excelize.OpenReader(bytes.NewReader(b), excelize.Options{UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: 64 << 20, RawCellValue: true})
	if err != nil {
		return nil, errors.New("not a workbook that can be read")
	}
	defer func() { err = errors.Join(err, book.Close()) }()
	f = &File{Format: XLSX}
	table := "" // the first sheet that is not the foot
	for _, sheet := range book.GetSheetList() {
		if sheet != footSheet && table != "" {
			continue
		}
		if sheet != footSheet {
			table = sheet
		}
		rows, err := book.Rows(sheet)
		if err != nil {
			return nil, errors.New("not a workbook that can be read")
		}
		for rows.Next() {
			record, err := rows.Columns()
			if err != nil {
				return nil, errors.Join(errors.New("not a workbook that can be read"), rows.Close())
			}
			switch {
			case sheet == footSheet:
				f.Foot = strings.Join(append(strings.Fields(f.Foot), record...), " ")
			case len(f.Titles) > 0 && len(record) < len(f.Titles): // empty cells at the end are not stored
				f.add(append(record, make([]string, len(f.Titles)-len(record))...))
			default:
				f.add(record)
			}
		}
		if err := errors.Join(rows.Error(), rows.Close()); err != nil {
			return nil, errors.New("not a workbook that can be read")
		}
	}
	return f, nil
}

// Cells are the rows as the cells that were written, for a file of these columns. The error
// names row and column.
func (f *File) Cells(columns []Column) ([][]Cell, error) {
	out := make([][]Cell, 0, len(f.Rows))
	for i, record := range f.Rows {
		if len(record) != len(columns) {
			return nil, fmt.Errorf("row %d has %d cells and not %d", i+2, len(record), len(columns))
		}
		cells := make([]Cell, len(columns))
		for j, text := range record {
			var ok bool
			if cells[j], ok = f.cell(columns[j].Kind, text); !ok {
				return nil, fmt.Errorf("row %d, column %q: not what the column holds", i+2, columns[j].Title)
			}
		}
		out = append(out, cells)
	}
	return out, nil
}

func (f *File) cell(k Kind, text string) (Cell, bool) {
	if text == "" {
		return Cell{}, true
	}
	switch k {
	case Money:
		n, ok := fen(text)
		return MoneyCell(n), ok
	case Number:
		n, err := strconv.ParseInt(text, 10, 64)
		return NumberCell(n), err == nil
	case Day:
		if n, err := strconv.Atoi(text); err == nil && f.Format == XLSX {
			d, ok := dayOf(n)
			return DayCell(d), ok
		}
		d, ok := household.ParseDate([]byte(text))
		return DayCell(d), ok
	}
	return TextCell(text), true
}

// fen reads an amount in yuan, also one below zero and beyond what a record may hold.
func fen(text string) (household.Fen, bool) {
	digits, negative := strings.CutPrefix(text, "-")
	whole, frac, _ := strings.Cut(digits, ".")
	if whole == "" || len(frac) > 2 {
		return 0, false
	}
	frac += "00"[len(frac):]
	if strings.Trim(whole+frac, "0123456789") != "" {
		return 0, false
	}
	sign := ""
	if negative {
		sign = "-"
	}
	n, err := strconv.ParseInt(sign+whole+frac, 10, 64)
	return household.Fen(n), err == nil
}

// dayOf is the day of a number of a workbook.
func dayOf(n int) (household.Date, bool) {
	if n < firstSerial || n > serial(99991231) {
		return 0, false
	}
	y, m, d := time.Date(epoch.Year(), time.December, epoch.Day()+n, 0, 0, 0, 0, time.UTC).Date()
	return household.NewDate(y, int(m), d)
}
