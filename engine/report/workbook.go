package report

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// cell is what stands in one cell of a workbook. Texts are typed as text and formatted as
// text, so that nothing in them becomes a formula, also not when somebody edits the cell.
// Amounts are numbers written in decimal digits, exact to the fen.
type cell struct {
	kind cellKind
	text string
	n    int64
}

type cellKind uint8

const (
	textCell cellKind = iota
	headCell
	titleCell
	strongCell
	amountCell
	countCell
)

func t(s string) cell { return cell{kind: textCell, text: s} }

func count(n int64) cell { return cell{kind: countCell, n: n} }

// a is an amount: a number where it may be shown in full, its text otherwise.
func a(x Amount) cell {
	if !x.Exact {
		return t(x.Text)
	}
	return cell{kind: amountCell, text: x.Fen.Yuan()}
}

// workbook collects rows and remembers the first error.
type workbook struct {
	f      *excelize.File
	styles [countCell + 1]int
	header string // of every printed page
	sheets int
	err    error

	sheet string
	row   int
	wide  int // columns that a title spans
}

func newWorkbook(title, header string) *workbook {
	w := &workbook{f: excelize.NewFile(), header: header}
	border := []excelize.Border{
		{Type: "left", Color: "B9B9B9", Style: 1},
		{Type: "right", Color: "B9B9B9", Style: 1},
		{Type: "top", Color: "B9B9B9", Style: 1},
		{Type: "bottom", Color: "B9B9B9", Style: 1},
	}
	font := func(bold bool, size float64) *excelize.Font {
		return &excelize.Font{Bold: bold, Size: size, Family: "宋体"}
	}
	wrap := &excelize.Alignment{Vertical: "top", WrapText: true}
	const asText, thousands, whole = 49, 4, 1  // number formats of the format: @, #,##0.00 and 0
	for kind, s := range [...]*excelize.Style{ // in order: they are numbered as they come
		textCell:   {Border: border, Font: font(false, 11), Alignment: wrap, NumFmt: asText},
		headCell:   {Border: border, Font: font(true, 11), Alignment: wrap, NumFmt: asText, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"EEEEEC"}}},
		titleCell:  {Font: font(true, 14), NumFmt: asText},
		strongCell: {Border: border, Font: font(true, 11), Alignment: wrap, NumFmt: asText},
		amountCell: {Border: border, Font: font(false, 11), Alignment: &excelize.Alignment{Vertical: "top"}, NumFmt: thousands},
		countCell:  {Border: border, Font: font(false, 11), Alignment: &excelize.Alignment{Vertical: "top"}, NumFmt: whole},
	} {
		id, err := w.f.NewStyle(s)
		w.note(err)
		w.styles[kind] = id
	}
	w.note(w.f.SetDocProps(&excelize.DocProperties{Title: title, Creator: "hedui", Created: "2000-01-01T00:00:00Z", Modified: "2000-01-01T00:00:00Z"}))
	return w
}

func (w *workbook) note(err error) {
	if w.err == nil {
		w.err = err
	}
}

// open begins a sheet with columns of the given widths.
func (w *workbook) open(name string, widths ...float64) {
	if w.sheets++; w.sheets == 1 {
		w.note(w.f.SetSheetName("Sheet1", name))
	} else {
		_, err := w.f.NewSheet(name)
		w.note(err)
	}
	w.sheet, w.row, w.wide = name, 0, len(widths)
	for i, width := range widths {
		column, err := excelize.ColumnNumberToName(i + 1)
		w.note(err)
		w.note(w.f.SetColWidth(name, column, column, width))
	}
	landscape, a4, one, any0 := "landscape", 9, 1, 0
	w.note(w.f.SetPageLayout(name, &excelize.PageLayoutOptions{Orientation: &landscape, Size: &a4, FitToWidth: &one, FitToHeight: &any0}))
	fit := true
	w.note(w.f.SetSheetProps(name, &excelize.SheetPropsOptions{FitToPage: &fit}))
	w.note(w.f.SetHeaderFooter(name, &excelize.HeaderFooterOptions{OddHeader: "&C" + headerText(w.header), OddFooter: "&C&P / &N"}))
}

// headerText is a text for the head of a printed page: & begins a code there, and no more
// than 255 characters fit.
func headerText(s string) string {
	if utf8.RuneCountInString(s) > 100 {
		s = string([]rune(s)[:100]) + "…"
	}
	return strings.ReplaceAll(s, "&", "&&")
}

// put writes a row.
func (w *workbook) put(cells ...cell) {
	w.row++
	for i, c := range cells {
		if w.err != nil {
			return
		}
		at, err := excelize.CoordinatesToCellName(i+1, w.row)
		w.note(err)
		switch c.kind {
		case amountCell:
			w.note(w.f.SetCellDefault(w.sheet, at, c.text))
		case countCell:
			w.note(w.f.SetCellInt(w.sheet, at, c.n))
		default:
			w.note(w.f.SetCellStr(w.sheet, at, escaped(c.text)))
		}
		w.note(w.f.SetCellStyle(w.sheet, at, at, w.styles[c.kind]))
	}
}

// escaped is a text as a workbook holds it: _x0041_ would be read as A, so an underscore
// that begins such a sequence is written as one. The library forgets it in version 2.11.1
// for texts that cells share; TestXLSXCarriesEveryText tells when it no longer does.
func escaped(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	var b strings.Builder
	for i := range len(s) {
		if sequence(s[i:]) {
			b.WriteString("_x005F")
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// sequence reports whether a text begins with _xHHHH_.
func sequence(s string) bool {
	if len(s) < 7 || s[0] != '_' || s[1] != 'x' || s[6] != '_' {
		return false
	}
	for _, c := range []byte(s[2:6]) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
			return false
		}
	}
	return true
}

// title writes a heading, after an empty row where something stands above.
func (w *workbook) title(s string) {
	if w.row > 0 {
		w.row++
	}
	w.put(cell{kind: titleCell, text: s})
}

func (w *workbook) heads(texts ...string) {
	cells := make([]cell, len(texts))
	for i, s := range texts {
		cells[i] = cell{kind: headCell, text: s}
	}
	w.put(cells...)
}

// pair writes a name and its value, unless there is none.
func (w *workbook) pair(name, value string) {
	if value != "" {
		w.put(cell{kind: headCell, text: name}, t(value))
	}
}

// line writes a text across the sheet.
func (w *workbook) line(s string) {
	if s == "" {
		return
	}
	w.put(t(s))
	if w.wide < 2 {
		return
	}
	from, err := excelize.CoordinatesToCellName(1, w.row)
	w.note(err)
	to, err := excelize.CoordinatesToCellName(w.wide, w.row)
	w.note(err)
	w.note(w.f.MergeCell(w.sheet, from, to))
	w.note(w.f.SetCellStyle(w.sheet, from, to, w.styles[textCell]))
	// A merged cell does not grow with its text by itself.
	lines := 1 + len([]rune(s))/50
	w.note(w.f.SetRowHeight(w.sheet, w.row, float64(16*lines)))
}

func (w *workbook) write(to io.Writer) error {
	if w.err == nil {
		w.f.SetActiveSheet(0)
		_, err := w.f.WriteTo(to)
		w.note(err)
	}
	if err := w.f.Close(); w.err == nil {
		w.err = err
	}
	if w.err != nil {
		return fmt.Errorf("write a report as XLSX: %w", w.err)
	}
	return nil
}
