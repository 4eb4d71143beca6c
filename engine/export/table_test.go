package export_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine/export"
	"github.com/hedui/hedui/engine/household"
)

var formats = map[string]export.Format{"csv": export.CSV, "xlsx": export.XLSX}

var columns = []export.Column{
	{Title: "姓名", Kind: export.Text}, {Title: "金额", Kind: export.Money}, {Title: "日期", Kind: export.Day}, {Title: "人数", Kind: export.Number}, {Title: "备注", Kind: export.Text},
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func write(t testing.TB, f export.Format, columns []export.Column, rows [][]export.Cell, foot ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := export.NewWriter(&b, f, export.Table{Name: "名单", Columns: columns})
	must(t, err)
	for _, r := range rows {
		must(t, w.Row(r))
	}
	must(t, w.Finish(foot))
	return b.Bytes()
}

func read(t testing.TB, b []byte) *export.File {
	t.Helper()
	f, err := export.Read(bytes.NewReader(b))
	must(t, err)
	return f
}

// plain is rows as text, which tells cells apart.
func plain(rows [][]export.Cell) (out [][]string) {
	for _, r := range rows {
		var texts []string
		for _, c := range r {
			texts = append(texts, c.Plain())
		}
		out = append(out, texts)
	}
	return out
}

// What can begin a formula, and what may stand before it unseen.
var (
	prefixes = []string{"=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"}
	hidden   = []string{"", " ", "\u3000", "\u00a0", "\ufeff", "\u200b", "\u200e", "'", "''", " '\ufeff"}
	behind   = []string{"", "1+1", "cmd|' /C calc'!A0", "HYPERLINK(\"http://x\",\"y\")", "a,b;c", "\"", "a\r\nb", "a\rb", "𠮷"}
)

func injections() (out []string) {
	for _, h := range hidden {
		for _, p := range prefixes {
			for _, b := range behind {
				out = append(out, h+p+b)
			}
		}
	}
	return out
}

// Every prefix in every place of a table, in every form a file has: no cell is a formula,
// and what is read is what was written.
func TestNoCellIsAFormula(t *testing.T) {
	texts := append(injections(), "a=1", "1-2", "'", "''", "王秀英", "阿依古丽·买买提", "", " ", "a\rb", "\"q\"", "※ 导出编号 x")
	two := []export.Column{{Title: "=title", Kind: export.Text}, {Title: "n", Kind: export.Number}, {Title: "last", Kind: export.Text}}
	var rows [][]export.Cell
	for i, s := range texts {
		rows = append(rows, []export.Cell{export.TextCell(s), export.NumberCell(int64(-i)), export.TextCell(s)})
	}
	for name, format := range formats {
		b := write(t, format, two, rows)
		for encoding, encode := range map[string]func([]byte) ([]byte, error){
			"as written": func(b []byte) ([]byte, error) { return b, nil },
			"gb18030": func(b []byte) ([]byte, error) {
				return simplifiedchinese.GB18030.NewEncoder().Bytes(bytes.TrimPrefix(b, []byte("\ufeff")))
			},
			"utf-16": func(b []byte) ([]byte, error) {
				return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes(bytes.TrimPrefix(b, []byte("\ufeff")))
			},
		} {
			if format == export.XLSX && encoding != "as written" {
				continue
			}
			in, err := encode(b)
			must(t, err)
			f := read(t, in)
			got, err := f.Cells(two)
			must(t, err)
			if diff := cmp.Diff(plain(rows), plain(got)); diff != "" {
				t.Errorf("%s %s: %s", name, encoding, diff)
			}
			if f.Titles[0] != "=title" || f.Foot != "" {
				t.Errorf("%s %s: titles %q, foot %q", name, encoding, f.Titles, f.Foot)
			}
		}
		if n := formulas(t, format, b); n != 0 {
			t.Errorf("%s: %d cells are formulas", name, n)
		}
	}
	if n := formulas(t, export.CSV, []byte("a,b\r\n=1+1,-2\r\n,\u3000＝x\r\n")); n != 2 {
		t.Errorf("self-check: %d of 2 formulas are seen", n)
	}
}

// formulas counts the cells that a spreadsheet would calculate or might: written here a
// second time, by what OWASP says of CSV and what a workbook says of its cells.
func formulas(t *testing.T, f export.Format, b []byte) (n int) {
	t.Helper()
	if f == export.XLSX {
		book, err := excelize.OpenReader(bytes.NewReader(b))
		must(t, err)
		defer book.Close()
		rows, err := book.GetRows(book.GetSheetName(0))
		must(t, err)
		for i := range rows {
			for j := range rows[i] {
				cell, err := excelize.CoordinatesToCellName(j+1, i+1)
				must(t, err)
				formula, err := book.GetCellFormula(book.GetSheetName(0), cell)
				must(t, err)
				kind, err := book.GetCellType(book.GetSheetName(0), cell)
				must(t, err)
				if formula != "" || kind == excelize.CellTypeFormula {
					n++
				}
			}
		}
		return n
	}
	for _, line := range cells(string(b)) {
		for _, c := range line {
			c = strings.TrimLeft(c, " \u3000\u00a0\ufeff\u200b\u200e")
			if c == "" || !strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(c)[0]) {
				continue
			}
			if strings.Trim(c, "-0123456789.") == "" && c[0] == '-' {
				continue // an amount below zero
			}
			n++
		}
	}
	return n
}

// cells is a reader of CSV of its own.
func cells(s string) (out [][]string) {
	var line []string
	var cell strings.Builder
	quoted := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quoted && c == '"' && i+1 < len(s) && s[i+1] == '"':
			cell.WriteByte('"')
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && c == ',':
			line = append(line, cell.String())
			cell.Reset()
		case !quoted && c == '\r' && i+1 < len(s) && s[i+1] == '\n':
			out = append(out, append(line, cell.String()))
			line = nil
			cell.Reset()
			i++
		default:
			cell.WriteByte(c)
		}
	}
	return out
}

// Numbers stay numbers, below zero too, and exact whatever their size.
func TestNumbersAreExact(t *testing.T) {
	var rows [][]export.Cell
	amounts := []household.Fen{0, 1, -1, 10, -12345, 99, 100, household.MaxFen, -household.MaxFen, 9_007_199_254_740_993, -999_999_999_999_999, 1 << 62}
	for f := household.Fen(3); f < 1<<60; f = f*7 + 11 {
		amounts = append(amounts, f, -f)
	}
	days := []household.Date{0, 18991231, 19000228, 19000301, 19491001, 20000229, 20261101, 99991231}
	for i, f := range amounts {
		rows = append(rows, []export.Cell{{}, export.MoneyCell(f), export.DayCell(days[i%len(days)]), export.NumberCell(int64(f)), {}})
	}
	for name, format := range formats {
		b := write(t, format, columns, rows)
		got, err := read(t, b).Cells(columns)
		must(t, err)
		if diff := cmp.Diff(plain(rows), plain(got)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	book, err := excelize.OpenReader(bytes.NewReader(write(t, export.XLSX, columns, [][]export.Cell{
		{export.TextCell("-5"), export.MoneyCell(-123456), export.DayCell(20261101), export.NumberCell(-7), export.TextCell("007")},
	})))
	must(t, err)
	defer book.Close()
	for cell, want := range map[string]struct {
		kind excelize.CellType
		raw  string
		seen string
	}{
		"A2": {excelize.CellTypeInlineString, "-5", "-5"}, "B2": {excelize.CellTypeUnset, "-1234.56", "-1,234.56"},
		"C2": {excelize.CellTypeUnset, "46327", "2026-11-01"}, "E2": {excelize.CellTypeInlineString, "007", "007"},
	} {
		kind, err := book.GetCellType("名单", cell)
		must(t, err)
		raw, err := book.GetCellValue("名单", cell, excelize.Options{RawCellValue: true})
		must(t, err)
		seen, err := book.GetCellValue("名单", cell)
		must(t, err)
		if raw != want.raw || seen != want.seen || kind != want.kind {
			t.Errorf("%s is %q, seen as %q, of type %d", cell, raw, seen, kind)
		}
	}
	if csv := string(write(t, export.CSV, columns, [][]export.Cell{{{}, export.MoneyCell(-123456), {}, export.NumberCell(-7), {}}})); !strings.HasSuffix(csv, "\r\n,-1234.56,,-7,\r\n") || !strings.HasPrefix(csv, "\ufeff") {
		t.Errorf("%q", csv)
	}
}

func drawText(t *rapid.T) string {
	begins := ""
	if rapid.Bool().Draw(t, "dangerous") {
		begins = rapid.SampledFrom(hidden).Draw(t, "hidden") + rapid.SampledFrom(prefixes).Draw(t, "prefix")
	}
	return begins + strings.Join(rapid.SliceOfN(rapid.OneOf(
		rapid.SampledFrom(prefixes), rapid.SampledFrom(hidden), rapid.SampledFrom(behind),
		rapid.SampledFrom([]string{",", ";", "\"", "_x000D_", "&amp;", "<b>", "\r\n", "\r", "\n", "䶮", "👪", "a", "\u0301"}),
		rapid.StringN(0, 4, -1),
	), 0, 5).Draw(t, "text"), "")
}

// Whatever a list holds comes back as it was.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var rows [][]export.Cell
		for range rapid.IntRange(0, 6).Draw(rt, "rows") {
			day, _ := household.NewDate(rapid.IntRange(1800, 2200).Draw(rt, "y"), rapid.IntRange(1, 12).Draw(rt, "m"), rapid.IntRange(1, 28).Draw(rt, "d"))
			rows = append(rows, []export.Cell{
				export.TextCell(drawText(rt)), export.MoneyCell(household.Fen(rapid.Int64Range(-1<<62, 1<<62).Draw(rt, "fen"))), export.DayCell(day),
				export.NumberCell(rapid.Int64Range(-1<<62, 1<<62).Draw(rt, "n")), export.TextCell(drawText(rt)),
			})
		}
		var foot []string
		if rapid.Bool().Draw(rt, "foot") {
			foot = []string{"※ 导出编号 1", "接收方 甲"}
		}
		format := rapid.SampledFrom([]export.Format{export.CSV, export.XLSX}).Draw(rt, "format")
		f := read(t, write(t, format, columns, rows, foot...))
		got, err := f.Cells(columns)
		must(t, err)
		if diff := cmp.Diff(plain(rows), plain(got)); diff != "" {
			rt.Fatal(diff)
		}
		if (f.Foot != "") != (foot != nil) {
			rt.Fatalf("foot %q", f.Foot)
		}
	})
}

// What is said below a list stands as it was said, in whatever a library may take it for.
func TestFootStands(t *testing.T) {
	for name, format := range formats {
		for _, text := range []string{"接收方 _x0041_街道", "接收方 _x005F_x0041_", "接收方 =1+1", "接收方 <a>&b"} {
			f := read(t, write(t, format, columns[:1], nil, "※ 导出编号 1", text))
			if !strings.Contains(f.Foot, text) {
				t.Errorf("%s: %q is not in %q", name, text, f.Foot)
			}
		}
	}
}

func FuzzGuard(f *testing.F) {
	for _, s := range injections() {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got := export.Unguard(export.Guard(s)); got != s {
			t.Errorf("%q comes back as %q", s, got)
		}
	})
}

func FuzzRead(f *testing.F) {
	for _, format := range formats {
		f.Add(write(f, format, columns, [][]export.Cell{{export.TextCell("=1"), export.MoneyCell(-5), export.DayCell(20261101), export.NumberCell(1), {}}}, "※ 导出编号 1"))
	}
	f.Add([]byte("a;b\n1;\"x\ny\"\n"))
	f.Add([]byte("\xff\xfea\x00"))
	f.Fuzz(func(_ *testing.T, b []byte) {
		file, err := export.Read(bytes.NewReader(b))
		if err != nil {
			return
		}
		_, _ = file.Cells(columns) // no panic
	})
}

func TestWhatDoesNotFit(t *testing.T) {
	for name, format := range formats {
		w, err := export.NewWriter(io.Discard, format, export.Table{Columns: columns})
		must(t, err)
		if w.Row(nil) == nil || w.Row([]export.Cell{export.NumberCell(1), {}, {}, {}, {}}) == nil {
			t.Errorf("%s takes rows of another table", name)
		}
	}
	w, err := export.NewWriter(io.Discard, export.XLSX, export.Table{Columns: columns[:1]})
	must(t, err)
	if err := w.Row([]export.Cell{export.TextCell(strings.Repeat("長", 32767))}); err != nil {
		t.Error(err)
	}
	if err := w.Row([]export.Cell{export.TextCell(strings.Repeat("𠮷", 16384))}); !errors.Is(err, export.ErrTooLong) {
		t.Errorf("a text is cut: %v", err)
	}
	// What no spreadsheet holds is replaced, the same in both.
	for name, format := range formats {
		f := read(t, write(t, format, columns[:1], [][]export.Cell{{export.TextCell("a\x00b\x1f\xffc")}}))
		if got := fmt.Sprint(f.Rows); got != "[[a\ufffdb\ufffd\ufffdc]]" {
			t.Errorf("%s: %q", name, got)
		}
	}
	if _, err := export.Read(strings.NewReader("a,b\n\"x")); err == nil {
		t.Error("a file cut inside of quotes is read")
	}
	f := read(t, []byte("姓名;人数\n王;1\n\n李;2\n"))
	if diff := cmp.Diff([][]string{{"王", "1"}, {"李", "2"}}, f.Rows); diff != "" || !slices.Equal(f.Titles, []string{"姓名", "人数"}) {
		t.Error(diff)
	}
}
