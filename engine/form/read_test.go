package form_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/hedui/hedui/engine/form"
)

const (
	adult = "340104197001010018"
	wife  = "340104197201010020"
)

// good is one household as one table, with headings.
func good() [][]string {
	return [][]string{
		{"household_id", "region", "scheme", "residence", "authorization_number", "valid_from", "valid_to", "signed_by", "declared_financial", "name", "id_number", "relation", "declared_wage"},
		{"1", "340104", "dibao", "urban", "SQ1", "2026-01-01", "2026-12-31", adult + ";" + wife, "80", "王秀英", adult, "head", "1200"},
		{"1", "", "", "", "", "", "", "", "", "李建国", wife, "spouse", ""},
	}
}

func csvOf(rows [][]string) string {
	var b strings.Builder
	for _, row := range rows {
		for i, cell := range row {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(quote(cell))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func listed(list []form.Problem) (out []string) {
	for _, p := range list {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %d %s %s", strings.Split(p.Sheet, " ")[0], p.Row, p.Column, p.Code)))
	}
	return out
}

// One wrong cell refuses its household, is named by its place, and is never quoted.
func TestProblemsOfCells(t *testing.T) {
	const secret = "王秀英3401"
	tests := []struct {
		column, value string
		want          string // "" is taken
	}{
		{"household_id", "", "2 household_id missing_field"},
		{"scheme", secret, "2 scheme unknown_code"},
		{"residence", secret, "2 residence unknown_code"},
		{"residence", "", "2 residence missing_field"},
		{"valid_from", "2026年1月1日", "2 valid_from bad_date"},
		{"valid_from", "2026-02-30", "2 valid_from bad_date"},
		{"valid_from", "46023", "2 valid_from bad_date"}, // a serial number means nothing outside a spreadsheet
		{"valid_from", "２０２６－０１－０１", ""},
		{"valid_to", "2025-12-31", "2 valid_to dates_reversed"},
		{"signed_by", " ; ", "2 signed_by missing_field"},
		{"declared_financial", "1,234.50", ""},
		{"declared_financial", "１２３４．５", ""},
		{"declared_financial", "12,34.5", "2 declared_financial bad_amount"},
		{"declared_financial", "0.001", "2 declared_financial bad_amount"},
		{"declared_financial", "1e3", "2 declared_financial bad_amount"},
		{"declared_financial", "-1", "2 declared_financial negative_amount"},
		{"declared_financial", "10000000000001", "2 declared_financial bad_amount"},
		{"name", "", "2 name missing_field"},
		{"name", "王\n秀英", "2 name bad_text"},
		{"name", "王\x01秀英", "2 name bad_text"},
		{"id_number", "340104197001010019", "2 id_number bad_document"},
		{"id_number", wife, "3 id_number twice_named"},
		{"relation", "妻子", ""},
		{"relation", secret, "2 relation unknown_code"},
	}
	for _, tt := range tests {
		rows := good()
		rows[1][slices.Index(rows[0], tt.column)] = tt.value
		if tt.column == "household_id" {
			rows = rows[:2]
		}
		b := read(t, []byte(csvOf(rows)))
		if got := strings.Join(listed(b.Problems), ", "); got != tt.want || (tt.want == "") != (b.Accepted == 1) {
			t.Errorf("%s %q: %q, want %q", tt.column, tt.value, got, tt.want)
		}
		for _, p := range b.Problems {
			text := p.Do().Zh + p.Do().En + p.Error()
			if p.Do().Zh == "" || p.Do().En == "" || tt.value != "" && len(tt.value) > 3 && p.Code != form.BadDate && strings.Contains(text, tt.value) {
				t.Errorf("%s: says %q", tt.column, text)
			}
		}
	}
}

// A file that can't be understood is refused whole.
func TestRefusedFiles(t *testing.T) {
	head := good()
	tests := map[string]struct {
		file string
		want form.Code
	}{
		"empty":         {"", form.NoHeader},
		"no heading":    {csvOf(head[1:]), form.NoHeader},
		"a column less": {csvOf([][]string{head[0][1:], head[1][1:]}), form.MissingColumn},
		"a column more": {csvOf([][]string{append(slices.Clone(head[0]), "姓名")}), form.DoubleColumn},
		"open quote":    {csvOf(head) + `"1,` + "\n", form.OpenQuote},
		"neither":       {csvOf(head) + "\xff\xff\xff\n", form.BadEncoding},
		"xls":           {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", form.UnknownFormat},
		"pdf":           {"%PDF-1.7", form.UnknownFormat},
		"zip":           {"PK\x03\x04 and nothing else", form.Damaged},
	}
	for name, tt := range tests {
		b, err := form.Read(strings.NewReader(tt.file), int64(len(tt.file)), form.Options{})
		if p, ok := errors.AsType[form.Problem](err); !ok || p.Code != tt.want || b != nil {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
	}
}

// book is a workbook in the form, of one household, to be spoilt.
func book(t *testing.T) *excelize.File {
	t.Helper()
	var empty bytes.Buffer
	if err := form.WriteTemplate(&empty, false); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&empty)
	if err != nil {
		t.Fatal(err)
	}
	put(t, f, form.Households, 2, "1", "340104", "dibao", "urban", "SQ1", "2026-01-01", "2026-12-31", adult)
	put(t, f, form.Members, 2, "1", "王秀英", adult, "", "head")
	return f
}

func put(t *testing.T, f *excelize.File, s form.Section, row int, cells ...any) {
	t.Helper()
	for i, c := range cells {
		if c == "" {
			continue
		}
		cell, _ := excelize.CoordinatesToCellName(i+1, row)
		if err := f.SetCellValue(s.Sheet(), cell, c); err != nil {
			t.Fatal(err)
		}
	}
}

// Rows that belong to no household, or to several, are listed and counted; the others pass.
func TestRowsOfHouseholds(t *testing.T) {
	f := book(t)
	for _, row := range []int{3, 5} {
		put(t, f, form.Households, row, "twice", "340104", "dibao", "urban", "SQ1", "2026-01-01", "2026-12-31", adult)
	}
	put(t, f, form.Households, 4, "alone", "340104", "dibao", "urban", "SQ1", "2026-01-01", "2026-12-31", adult)
	put(t, f, form.Members, 3, "twice", "王秀英", adult, "", "head")
	put(t, f, form.Members, 4, "nobody", "王秀英", adult, "", "head")
	put(t, f, form.Members, 6, "", "王秀英", adult, "", "head")
	put(t, f, form.Attributes, 2, "1", 2, "", "", "student")
	put(t, f, form.Attributes, 3, "1", 1, "", "皖A1", "student")
	b := readBook(t, f)
	want := []string{
		"households 2 ... refused", "households 3 household_id duplicate_household", "households 4 no_members", "households 5 household_id duplicate_household",
		"members 4 household_id no_household", "members 6 household_id missing_field",
		"attributes 2 member no_such_member", "attributes 3 member whose_attribute",
	}[1:]
	got := listed(b.Problems)
	for i := range got {
		got[i] = strings.ReplaceAll(got[i], "  ", " ")
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if b.Households != 3 || b.Accepted != 0 || b.RowsIn != 10 {
		t.Errorf("%+v", b)
	}
}

// Cells as spreadsheets keep them: days as numbers of two calendars, amounts as numbers,
// formulas, numbers that lost digits.
func TestTypedCells(t *testing.T) {
	for _, date1904 := range []bool{false, true} {
		f := book(t)
		serial := 46023 // 2026-01-01
		if date1904 {
			serial -= 1462
			if err := f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &date1904}); err != nil {
				t.Fatal(err)
			}
		}
		put(t, f, form.Households, 2, "", "", "", "", "", serial, 20261231, "", "", "", "", "", "", "", 80.1)
		put(t, f, form.Expenses, 2, 1, "medical", 1, serial, 0.30000000000000004)
		sheet := form.Households.Sheet()
		if err := errors.Join(f.SetRowVisible(sheet, 2, false), f.MergeCell(sheet, "I2", "J2"), f.SetCellStr(sheet, "R2", "见附件"), f.SetCellFormula(sheet, "S2", "1+1")); err != nil {
			t.Fatal(err)
		}
		b := readBook(t, f)
		if b.Accepted != 1 || b.HiddenRows != 1 || b.MergedCells != 1 || b.FormulaCells != 1 || !slices.Equal(b.UnknownColumns, []string{"(no heading)"}) {
			t.Fatalf("%+v", b)
		}
		r := parse(t, b.Requests[0])
		if r.Authorization.ValidFrom != 20260101 || r.Authorization.ValidTo != 20261231 || r.Assets.Financial != 8010 || r.Expenses[0].Month.String() != "2026-01" || r.Expenses[0].Amount != 30 {
			t.Errorf("1904 %v: %s", date1904, b.Requests[0])
		}
	}
	f := book(t)
	put(t, f, form.Members, 2, "", "", 340104197001010018.0)
	b := readBook(t, f)
	if d := cmp.Diff([]string{"members 2 id_number lost_value"}, listed(b.Problems)); d != "" {
		t.Error(d)
	}
}

// spoil replaces something in a part of a workbook.
func spoil(t *testing.T, f *excelize.File, part string, change func([]byte) []byte) []byte {
	t.Helper()
	var b, out bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	w := zip.NewWriter(&out)
	for _, e := range z.File {
		r, err := e.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if e.Name == part {
			text = change(text)
		}
		p, err := w.Create(e.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Write(text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// What would blow up or reach out is an error of the file.
func TestHostileWorkbooks(t *testing.T) {
	sheet := "xl/worksheets/sheet2.xml"
	for name, change := range map[string]func([]byte) []byte{
		"entity": func(b []byte) []byte {
			b = bytes.Replace(b, []byte("<worksheet"), []byte(`<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><worksheet`), 1)
			return bytes.Replace(b, []byte("<sheetData>"), []byte(`<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&e;</t></is></c></row>`), 1)
		},
		"bomb": func(b []byte) []byte {
			return bytes.Replace(b, []byte("<sheetData>"), slices.Concat([]byte("<sheetData>"), bytes.Repeat([]byte("<row/>"), 20<<20)), 1)
		},
		"cut": func(b []byte) []byte { return b[:len(b)/2] },
	} {
		file := spoil(t, book(t), sheet, change)
		b, err := form.Read(bytes.NewReader(file), int64(len(file)), form.Options{})
		if p, ok := errors.AsType[form.Problem](err); !ok || p.Code != form.Damaged || b != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A clipboard holds cells that begin with a quotation mark as they stand.
func TestPastedQuotes(t *testing.T) {
	rows := good()
	rows[1][9] = `"王"秀英`
	var text strings.Builder
	for _, row := range rows {
		text.WriteString(strings.Join(row, "\t") + "\r\n")
	}
	b, err := form.ReadPasted("\ufeff"+text.String(), form.Options{})
	if err != nil || b.Accepted != 1 || parse(t, b.Requests[0]).Members[0].Name != `"王"秀英` {
		t.Errorf("%v %+v", err, b)
	}
	b, err = form.ReadPasted(strings.Replace(text.String(), "李建国", "李\xc0国", 1), form.Options{})
	if err != nil || b.Accepted != 0 || b.Problems[0].Code != form.BadText || b.Problems[0].Row != 3 {
		t.Errorf("bytes that are no text: %v %+v", err, b)
	}
}

// Rows too many for a household refuse it, and no others.
func TestTooManyMembers(t *testing.T) {
	rows := good()
	for range form.MaxMembers {
		rows = append(rows, rows[2])
	}
	b := read(t, []byte(csvOf(rows)))
	if got := listed(b.Problems); len(got) != 1 || got[0] != "66 66  too_many" && got[0] != "66  too_many" {
		t.Error(got)
	}
}
