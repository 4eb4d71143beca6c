package connectors

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/hedui/hedui/engine/household"
)

// sheetRows reads the rows of a sheet from its XML. Rows without any value are
// passed over; cells that a row leaves out are empty. The whole part is read to
// its end, so that a sheet that was cut off is an error and never a shorter table.
type sheetRows struct {
	book    *workbook
	xml     *xml.Decoder
	maxRow  int
	columns int // of the header; 0 before it is known
	kinds   []Kind
	line    int64 // of the sheet
	pending bool  // the row that was read last is still to be given out
	last    row
	arena   []byte
	text    []byte
	inData  bool
	done    bool

	hidden   bool // the row that was read last is hidden
	formulas int  // cells so far that hold one
	merged   int  // ranges of merged cells so far
}

// unreadable stands for a cell whose value was lost: an error value, a formula
// without a result, a number too long for a spreadsheet.
var unreadable = []byte{0xff}

const maxSheetColumns = 16384

func (s *sheetRows) Close() error { return nil }

func (s *sheetRows) next(r *row) error {
	if s.pending {
		s.pending = false
		*r = s.last
		return nil
	}
	if s.done {
		return io.EOF
	}
	for {
		token, err := s.xml.Token()
		if errors.Is(err, io.EOF) {
			s.done = true
			if s.inData {
				return io.ErrUnexpectedEOF
			}
			return io.EOF
		}
		if err != nil {
			return fmt.Errorf("the sheet is damaged: %w", errXML(err))
		}
		switch el := token.(type) {
		case xml.StartElement:
			if el.Name.Local == "sheetData" {
				s.inData = true
			}
			if el.Name.Local == "mergeCell" && !s.inData {
				s.merged++
			}
			if el.Name.Local != "row" || !s.inData {
				continue
			}
			filled, err := s.row(el, r)
			if err != nil {
				return fmt.Errorf("the sheet is damaged: %w", errXML(err))
			}
			if filled {
				s.last = *r
				return nil
			}
		case xml.EndElement:
			if el.Name.Local == "sheetData" {
				s.inData = false
			}
		}
	}
}

// row reads one row element. It reports whether some cell has a value.
func (s *sheetRows) row(start xml.StartElement, r *row) (filled bool, err error) {
	line := s.line + 1
	if n, ok := attribute(start, "r"); ok {
		if line, err = strconv.ParseInt(n, 10, 64); err != nil || line <= s.line {
			return false, errors.New("its rows are not in order")
		}
	}
	s.line = line
	hidden, _ := attribute(start, "hidden")
	s.hidden = hidden == "1" || hidden == "true"
	r.line, r.enc, r.special, r.broken = line, encUTF8, true, false
	r.fields = r.fields[:0]
	for range s.columns {
		r.fields = append(r.fields, nil)
	}
	s.arena = s.arena[:0]
	column := 0
	for {
		token, err := s.xml.Token()
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return false, err
		}
		switch el := token.(type) {
		case xml.EndElement:
			return filled, nil
		case xml.StartElement:
			if el.Name.Local != "c" {
				if err := s.xml.Skip(); err != nil {
					return false, err
				}
				continue
			}
			column++
			if ref, ok := attribute(el, "r"); ok {
				n := columnOf(ref)
				if n < column {
					return false, errors.New("its cells are not in order")
				}
				column = n
			}
			if column > maxSheetColumns {
				return false, errors.New("a row has too many cells")
			}
			value, err := s.cell(el, column-1)
			if err != nil {
				return false, err
			}
			if len(value) == 0 {
				continue
			}
			filled = true
			if len(s.arena) > s.maxRow || s.columns > 0 && column > s.columns {
				r.broken = true
				continue
			}
			for len(r.fields) < column {
				r.fields = append(r.fields, nil)
			}
			r.fields[column-1] = value
		}
	}
}

func attribute(el xml.StartElement, name string) (string, bool) {
	for _, a := range el.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value, true
		}
	}
	return "", false
}

// columnOf is the column of a cell reference like AB12, from 1, or 0.
func columnOf(ref string) int {
	n, i := 0, 0
	for ; i < len(ref) && i < 3 && ref[i] >= 'A' && ref[i] <= 'Z'; i++ {
		n = n*26 + int(ref[i]-'A') + 1
	}
	return n
}

// cell reads the value of one cell as text.
func (s *sheetRows) cell(start xml.StartElement, column int) ([]byte, error) {
	kind, _ := attribute(start, "t")
	s.text = s.text[:0]
	formula := false
	for {
		token, err := s.xml.Token()
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
		switch el := token.(type) {
		case xml.EndElement:
			if formula {
				s.formulas++
			}
			return s.value(kind, column, formula), nil
		case xml.StartElement:
			switch el.Name.Local {
			case "v":
				for depth := 1; depth > 0; {
					token, err := s.xml.Token()
					if err != nil {
						return nil, err
					}
					switch el := token.(type) {
					case xml.CharData:
						s.text = append(s.text, el...)
					case xml.StartElement:
						depth++
					case xml.EndElement:
						depth--
					}
				}
			case "is":
				if s.text, err = richText(s.xml, s.text); err != nil {
					return nil, err
				}
			default:
				formula = formula || el.Name.Local == "f"
				if err := s.xml.Skip(); err != nil {
					return nil, err
				}
			}
		}
	}
}

// value is the text of a cell of a type. What it returns holds until the next row.
func (s *sheetRows) value(kind string, column int, formula bool) []byte {
	text := s.text
	switch kind {
	case "s":
		i, err := strconv.Atoi(string(bytes.TrimSpace(text)))
		if err != nil {
			return unreadable
		}
		shared, ok := s.book.shared.at(i)
		if !ok {
			return unreadable
		}
		return shared
	case "e":
		return unreadable
	case "str":
		if formula && len(text) == 0 {
			return nil // a formula whose result is the empty text
		}
		return s.keep(unescapeXML(text, 0))
	case "inlineStr", "d":
		return s.keep(text)
	case "b":
		return s.keep(text)
	}
	if len(text) == 0 {
		if formula {
			return unreadable
		}
		return nil
	}
	k := KindText
	if column < len(s.kinds) {
		k = s.kinds[column]
	}
	out, ok := numberText(bytes.TrimSpace(text), k, s.book.date1904)
	if !ok {
		return unreadable
	}
	return s.keep(out)
}

func (s *sheetRows) keep(text []byte) []byte {
	from := len(s.arena)
	s.arena = append(s.arena, text...)
	return s.arena[from:len(s.arena):len(s.arena)]
}

// numberText turns the decimal text of a floating point cell into what the
// column's kind reads. It works on digits and never makes a float of them.
func numberText(raw []byte, kind Kind, date1904 bool) ([]byte, bool) {
	d, ok := parseFloatText(raw)
	if !ok {
		return nil, false
	}
	switch kind {
	case KindDate, KindMonth, KindPeriod:
		whole := d.whole()
		switch {
		case d.negative || len(whole) > 8:
			return raw, true // no date, as the parser will say
		case len(whole) == 8, len(whole) == 6 && kind != KindDate, len(whole) == 4 && kind == KindPeriod:
			if d.isWhole() {
				return whole, true
			}
		}
		serial, err := strconv.Atoi(string(whole))
		if err != nil {
			return raw, true
		}
		date, ok := serialDate(serial, date1904)
		if !ok {
			return raw, true
		}
		text, _ := date.AppendText(nil)
		if kind != KindDate {
			text = text[:7]
		}
		return text, true
	case KindText, KindNote, KindCode:
		// A number of more than fifteen digits was rounded when it was typed in: an
		// account or document number that is no longer the one meant.
		if !d.isWhole() {
			return d.append(nil), true
		}
		whole := d.whole()
		return whole, len(whole) <= floatDigits
	}
	d.round(floatDigits)
	return d.append(nil), true
}

// floatDigits is the number of decimal digits that a floating point number of a
// spreadsheet holds; what lies behind them is noise.
const floatDigits = 15

// decimalText is a number as digits: 0.d₁d₂d₃… × 10^point.
type decimalText struct {
	negative bool
	digits   []byte // without leading and trailing zeros
	point    int
}

// parseFloatText reads digits with an optional fraction and exponent.
func parseFloatText(b []byte) (decimalText, bool) {
	var d decimalText
	if len(b) == 0 || len(b) > 64 {
		return d, false
	}
	if b[0] == '-' {
		d.negative, b = true, b[1:]
	}
	any, dot := false, false
	for len(b) > 0 && b[0] != 'e' && b[0] != 'E' {
		switch c := b[0]; {
		case c >= '0' && c <= '9':
			any = true
			d.digits = append(d.digits, c)
			if !dot {
				d.point++
			}
		case c == '.' && !dot:
			dot = true
		default:
			return d, false
		}
		b = b[1:]
	}
	if !any {
		return d, false
	}
	if len(b) > 0 {
		e, err := strconv.Atoi(string(bytes.TrimPrefix(b[1:], []byte("+"))))
		if err != nil || e < -400 || e > 400 {
			return d, false
		}
		d.point += e
	}
	for len(d.digits) > 0 && d.digits[0] == '0' {
		d.digits = d.digits[1:]
		d.point--
	}
	d.digits = bytes.TrimRight(d.digits, "0")
	if len(d.digits) == 0 {
		d.point, d.negative = 0, false
	}
	return d, true
}

// round keeps n digits, half up.
func (d *decimalText) round(n int) {
	if len(d.digits) <= n {
		return
	}
	up := d.digits[n] >= '5'
	d.digits = d.digits[:n]
	for i := n - 1; up && i >= 0; i-- {
		if d.digits[i] < '9' {
			d.digits[i]++
			up = false
		} else {
			d.digits[i] = '0'
		}
	}
	if up {
		d.digits = append([]byte{'1'}, d.digits...)
		d.point++
	}
	d.digits = bytes.TrimRight(d.digits, "0")
}

func (d *decimalText) isWhole() bool { return len(d.digits) <= d.point || len(d.digits) == 0 }

// whole is the part before the point.
func (d *decimalText) whole() []byte {
	if d.point <= 0 {
		return []byte("0")
	}
	out := append([]byte(nil), d.digits[:min(len(d.digits), d.point)]...)
	for len(out) < d.point && len(out) < 400 {
		out = append(out, '0')
	}
	return out
}

func (d *decimalText) append(b []byte) []byte {
	if d.negative {
		b = append(b, '-')
	}
	b = append(b, d.whole()...)
	if d.isWhole() {
		return b
	}
	b = append(b, '.')
	for range -d.point {
		b = append(b, '0')
	}
	return append(b, d.digits[max(0, d.point):]...)
}

// serialDate is the date of a spreadsheet's day count. The 1900 system counts a
// 29 February 1900 that never was.
func serialDate(serial int, date1904 bool) (household.Date, bool) {
	base, _ := household.NewDate(1899, 12, 30)
	if date1904 {
		base, _ = household.NewDate(1904, 1, 1)
	} else if serial == 60 || serial < 1 {
		return 0, false
	} else if serial < 60 {
		base, _ = household.NewDate(1899, 12, 31)
	}
	if serial < 0 || serial > 2_958_465 {
		return 0, false
	}
	return dateOfDays(base.Days() + serial)
}

// dateOfDays is the date whose Days are n.
func dateOfDays(n int) (household.Date, bool) {
	year := n / 366
	for {
		start, ok := household.NewDate(year+1, 3, 1)
		if !ok || start.Days() > n {
			break
		}
		year++
	}
	month, y := 3, year
	for {
		nm, ny := month+1, y
		if nm > 12 {
			nm, ny = 1, y+1
		}
		start, ok := household.NewDate(ny, nm, 1)
		if !ok || start.Days() > n {
			break
		}
		month, y = nm, ny
		if month == 2 && y == year+1 {
			break
		}
	}
	first, ok := household.NewDate(y, month, 1)
	if !ok {
		return 0, false
	}
	return household.NewDate(y, month, n-first.Days()+1)
}
