package form_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine/form"
	"github.com/hedui/hedui/engine/household"
)

// batch reads a file as a batch and checks that every row is accounted for.
func batch(t interface{ Fatal(...any) }, file []byte, o form.Options) (*form.Batch, []form.BatchRow) {
	b, rows, err := tryBatch(file, o)
	if err != nil {
		t.Fatal(err)
	}
	if why := unaccounted(b, rows); why != "" {
		t.Fatal(why)
	}
	return b, rows
}

func tryBatch(file []byte, o form.Options) (*form.Batch, []form.BatchRow, error) {
	var rows []form.BatchRow
	b, err := form.ReadBatch(bytes.NewReader(file), int64(len(file)), o, func(r form.BatchRow) error {
		rows = append(rows, r)
		return nil
	})
	return b, rows, err
}

// unaccounted says which row of a file is neither asked nor refused, or both.
func unaccounted(b *form.Batch, rows []form.BatchRow) string {
	var in, accepted, refused int64
	asked := 0
	for i := range rows {
		r := &rows[i]
		in += r.Rows
		switch {
		case r.Row == 0 || r.Rows == 0:
			return fmt.Sprintf("row %d stands nowhere", i)
		case r.Refused():
			refused += r.Rows
			if r.Line != nil {
				return fmt.Sprintf("row %d is asked and refused", i)
			}
		default:
			accepted += r.Rows
			asked++
			if bytes.ContainsAny(r.Line, "\n") {
				return fmt.Sprintf("row %d has several lines", i)
			}
		}
		for _, p := range r.Problems {
			if p.Code == "" || p.Row == 0 || p.Do().Zh == "" || p.Do().En == "" {
				return fmt.Sprintf("row %d: %+v says nothing", i, p)
			}
		}
	}
	if in != b.RowsIn || accepted != b.RowsAccepted || refused != b.RowsRefused || asked != b.Accepted || b.Households != b.Accepted+b.Refused || len(b.Requests)+len(b.Problems) > 0 {
		return fmt.Sprintf("%d rows = %d asked + %d refused, and the file says %+v", in, accepted, refused, b)
	}
	return ""
}

// The account of rows tells one that was dropped, and one that was asked twice.
func TestAccountTells(t *testing.T) {
	b, rows := batch(t, []byte("{\"a\":1}\n{\"b\":2}\n"), form.Options{})
	for name, spoilt := range map[string][]form.BatchRow{"dropped": rows[1:], "twice": append(slices.Clone(rows), rows[0])} {
		if unaccounted(b, spoilt) == "" {
			t.Errorf("%s: not told", name)
		}
	}
}

// A file of lines is handed out as it stands, whatever is in the lines.
func TestBatchLines(t *testing.T) {
	long := `{"x":"` + strings.Repeat("x", form.MaxLine) + `"}`
	tests := map[string]struct {
		file string
		want []string
	}{
		"as it stands":  {"{\"b\": 1.0,\"a\":\"\\u0041\" }\n{}\n", []string{`{"b": 1.0,"a":"\u0041" }`, "{}"}},
		"no last break": {"{}\n{}", []string{"{}", "{}"}},
		"windows":       {"\ufeff{}\r\n{}\r\n", []string{"{}", "{}"}},
		"blank lines":   {"{}\n\n  \n{}\n\n", []string{"{}", "", "  ", "{}", ""}},
		"no requests":   {"{}\nhello\n\xff\xfe\n", []string{"{}", "hello", "\xff\xfe"}},
		"too long":      {"{}\n" + long + "\n{}\n", []string{"{}", "line_too_long", "{}"}},
		"long at last":  {"{}\n" + long, []string{"{}", "line_too_long"}},
		"just fits":     {long[:form.MaxLine-3] + "\"}\n", []string{long[:form.MaxLine-3] + `"}`}},
		"begins late":   {"\n \n{}\n", []string{"", " ", "{}"}},
	}
	for name, tt := range tests {
		b, rows := batch(t, []byte(tt.file), form.Options{Scheme: "dibao"})
		var got []string
		for i, r := range rows {
			if r.Row != int64(i+1) {
				t.Errorf("%s: line %d is called %d", name, i+1, r.Row)
			}
			if r.Refused() {
				got = append(got, string(r.Problems[0].Code))
			} else {
				got = append(got, string(r.Line))
			}
		}
		if diff := cmp.Diff(tt.want, got); diff != "" || b.Format != form.JSONL {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// What can't be read at all is refused whole, with a code of its own.
func TestBatchRefusedWhole(t *testing.T) {
	rows := good()
	for name, tt := range map[string]struct {
		file string
		want form.Code
	}{
		"one object":   {"{\n \"household_id\": 1\n}\n", form.NotLines},
		"a list":       {"\ufeff [{},\n{}]", form.NotLines},
		"empty":        {"", form.NoHeader},
		"words":        {"申请人,家庭住址\n王秀英,某地\n", form.NoHeader},
		"only titles":  {strings.Repeat("某市申请核对名单\n", 12) + csvOf(rows), form.NoHeader},
		"lacks":        {"标题\n" + csvOf([][]string{rows[0][1:], rows[1][1:]}), form.MissingColumn},
		"old workbook": {"\xd0\xcf\x11\xe0", form.UnknownFormat},
		"too many":     {strings.Repeat("{}\n", 4), form.TooLarge},
		"too many too": {csvOf(append(slices.Clone(rows), rows[2], rows[2])), form.TooLarge},
	} {
		b, _, err := tryBatch([]byte(tt.file), form.Options{MaxRows: 3})
		if p, ok := errors.AsType[form.Problem](err); !ok || p.Code != tt.want || b != nil {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
	}
	stop := errors.New("stop")
	for name, file := range map[string]string{"lines": "{}\n{}\n", "table": csvOf(rows)} {
		n := 0
		if _, err := form.ReadBatch(strings.NewReader(file), int64(len(file)), form.Options{}, func(form.BatchRow) error { n++; return stop }); !errors.Is(err, stop) || n != 1 {
			t.Errorf("%s: %v after %d rows", name, err, n)
		}
	}
}

// A batch asks for one scheme: who leaves it out asks for it, who says another is refused.
func TestBatchScheme(t *testing.T) {
	rows := good()
	at := slices.Index(rows[0], "scheme")
	cut := make([][]string, len(rows))
	for i := range rows {
		cut[i] = slices.Delete(slices.Clone(rows[i]), at, at+1)
	}
	if _, _, err := tryBatch([]byte(csvOf(cut)), form.Options{}); err == nil {
		t.Error("nobody says what is asked for, and it is taken")
	}
	for name, tt := range map[string]struct {
		file   [][]string
		scheme string
		want   string
	}{
		"says it":      {rows, "dibao", `"scheme":"dibao"`},
		"leaves it":    {cut, "dibao_edge", `"scheme":"dibao_edge"`},
		"says another": {rows, "dibao_edge", "other_scheme"},
	} {
		_, got := batch(t, []byte(csvOf(tt.file)), form.Options{Scheme: tt.scheme})
		text := string(got[0].Line)
		if got[0].Refused() {
			text = string(got[0].Problems[0].Code)
		}
		if !strings.Contains(text, tt.want) || len(got) != 1 {
			t.Errorf("%s: %s", name, text)
		}
	}
}

// cityBook is a workbook as a city sends it: a title over merged cells, who filled it in,
// headings of two rows, empty rows, days and numbers as the spreadsheet keeps them.
func cityBook(t *testing.T) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	serial := 46023 // 2026-01-01
	for row, cells := range [][]any{
		{"某市最低生活保障申请家庭核对名单"},
		{"填报单位：某市民政局", nil, nil, nil, nil, nil, nil, "填报日期：2026年11月1日"},
		{"家庭编号", "行政区划", "救助项目", "城乡属性", "授权书", nil, nil, nil, "成员", nil, nil, "备注"},
		{nil, nil, nil, nil, "授权书编号", "授权起", "授权止", "签字人证件号码", "姓名", "证件号码", "与户主关系"},
		{"１号", "３４０１０４", "低保", "城镇", "SQ1", serial, "20261231", adult + " ；" + wife + "　", "王秀英 ", " 340104197001010018\u00a0", "户主"},
		nil,
		{" 1号", nil, nil, nil, nil, nil, nil, nil, "李建国", "３４０１０４１９７２０１０１００２０", "配偶 "},
		{"2号", "340104", "低保", "农村", "SQ2", serial, serial + 364, adult, "王秀英", 340104197001010018.0, "户主"},
		{nil, nil, nil, nil, nil, nil, nil, nil, "王小明", "3.40104E+17", "子女"},
		{"3号", "340104", "低保", "农村", "SQ3", "2026年1月1日", serial + 364, adult, "王秀英", adult, "户主"},
		{nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, "以下空白"},
	} {
		for i, c := range cells {
			cell, _ := excelize.CoordinatesToCellName(i+1, row+1)
			if err := f.SetCellValue("Sheet1", cell, c); c != nil && err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := errors.Join(f.MergeCell("Sheet1", "A1", "K1"), f.MergeCell("Sheet1", "A3", "A4"), f.MergeCell("Sheet1", "E3", "H3")); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestCityWorkbook(t *testing.T) {
	b, rows := batch(t, cityBook(t), form.Options{Scheme: "dibao"})
	var got []string
	for i := range rows {
		r := &rows[i]
		got = append(got, fmt.Sprintf("%s row %d, %d rows", r.Household, r.Row, r.Rows))
		got = append(got, listed(r.Problems)...)
	}
	want := []string{
		"1号 row 5, 2 rows",
		"2号 row 8, 2 rows", "8 id_number lost_value", "9 id_number lost_value",
		"3号 row 10, 1 rows", "10 valid_from bad_date",
	}
	for i := range got {
		got[i] = strings.TrimPrefix(got[i], " ")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if b.Format != form.XLSX || !slices.Equal(b.UnknownColumns, []string{"备注"}) || b.MergedCells != 3 {
		t.Errorf("%+v", b)
	}
	r := parse(t, rows[0].Line)
	if r.HouseholdID != "1号" || r.Region != "340104" || r.Authorization.ValidFrom != 20260101 || len(r.Members) != 2 || len(r.Authorization.SignedBy) != 2 {
		t.Errorf("%s", rows[0].Line)
	}
}

// Whatever is wrong with whichever cells of a file, each of its rows is asked or refused
// once, with a place, and the households that nobody spoilt are asked as before.
func TestBatchKeepsEveryRow(t *testing.T) {
	spoilers := []string{"", " ", "'", "无此项", "-1", "1e9", "3.40104E+17", "2026年", "\x01", "１２３", strings.Repeat("长", 300), "=1+1", "示例-1", "B-2"}
	rapid.Check(t, func(t *rapid.T) {
		var asked []*household.Request
		for i := range rapid.IntRange(1, 4).Draw(t, "households") {
			r := request(t, fmt.Sprintf("B-%d", i))
			r.Obligors, r.Expenses, r.Assets.Attributes = nil, nil, nil
			for i := range r.Members {
				r.Members[i].Attributes = nil
			}
			asked = append(asked, r)
		}
		rows := records(oneTable(asked, ","))
		spoilt := map[string]bool{}
		owner := make([]string, len(rows))
		for i, row := range rows[1:] {
			owner[i+1] = row[0]
			if row[0] == "" {
				owner[i+1] = owner[i]
			}
		}
		for range rapid.IntRange(0, 3).Draw(t, "spoilt") {
			i := rapid.IntRange(1, len(rows)-1).Draw(t, "row")
			j := rapid.IntRange(0, len(rows[0])-1).Draw(t, "column")
			rows[i][j] = rapid.SampledFrom(spoilers).Draw(t, "with")
			spoilt[owner[i]], spoilt[rows[i][0]] = true, true
			if j == 0 && i > 1 { // its rows go to another
				spoilt[owner[i-1]] = true
			}
		}
		file := []byte(csvOf(rows))
		switch rapid.IntRange(0, 2).Draw(t, "form") {
		case 1:
			file, _ = simplifiedchinese.GB18030.NewEncoder().Bytes(file)
		case 2:
			file = workbook(t, rows)
		}
		b, got := batch(t, file, form.Options{})
		if want := int64(len(rows) - 1 - blank(rows[1:])); b.RowsIn != want {
			t.Fatalf("%d rows in of %d", b.RowsIn, want)
		}
		answered := map[string]string{}
		for _, r := range got {
			if !r.Refused() {
				p := parse(t, r.Line)
				for _, a := range asked {
					if a.HouseholdID == p.HouseholdID {
						answered[a.HouseholdID] = "asked " + same(a, p)
					}
				}
			}
		}
		for _, a := range asked {
			if !spoilt[a.HouseholdID] && answered[a.HouseholdID] != "asked " {
				t.Fatalf("%s, of which nothing was spoilt: %q", a.HouseholdID, answered[a.HouseholdID])
			}
		}
	})
}

// blank is how many rows hold nothing.
func blank(rows [][]string) (n int) {
	for _, row := range rows {
		if strings.TrimSpace(strings.Join(row, "")) == "" {
			n++
		}
	}
	return n
}

// records are the rows of a table that quote wrote.
func records(text string) (out [][]string) {
	var row []string
	var cell strings.Builder
	quoted := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"' && quoted && i+1 < len(text) && text[i+1] == '"':
			cell.WriteByte('"')
			i++
		case c == '"':
			quoted = !quoted
		case c == ',' && !quoted, c == '\n' && !quoted:
			row = append(row, strings.TrimSuffix(cell.String(), "\r"))
			cell.Reset()
			if c == '\n' {
				out, row = append(out, row), nil
			}
		default:
			cell.WriteByte(c)
		}
	}
	return out
}

// workbook is a table as a workbook of one sheet whose cells are text.
func workbook(t interface{ Fatal(...any) }, rows [][]string) []byte {
	f := excelize.NewFile()
	for i, row := range rows {
		for j, text := range row {
			cell, _ := excelize.CoordinatesToCellName(j+1, i+1)
			if text != "" {
				if err := f.SetCellStr("Sheet1", cell, text); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	var b bytes.Buffer
	if err := errors.Join(f.Write(&b), f.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// repeated is a long file of the same line.
type repeated struct {
	line string
	size int64
}

func (r repeated) ReadAt(p []byte, off int64) (n int, err error) {
	for n < len(p) {
		if off >= r.size {
			return n, io.EOF
		}
		at := int(off % int64(len(r.line)))
		c := copy(p[n:min(int64(len(p)), int64(n)+r.size-off)], r.line[at:])
		n, off = n+c, off+int64(c)
	}
	return n, nil
}

// A file of lines is read in the memory of one line, however many it has.
func TestBatchLinesAreFlat(t *testing.T) {
	line := `{"household_id":"` + strings.Repeat("1", 1000) + "\"}\n"
	const lines = 60_000
	var most uint64
	n := 0
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	before := m.HeapAlloc
	src := repeated{line, int64(len(line)) * lines}
	b, err := form.ReadBatch(src, src.size, form.Options{}, func(form.BatchRow) error {
		if n++; n%10_000 == 0 {
			runtime.GC()
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc-min(before, m.HeapAlloc))
		}
		return nil
	})
	if err != nil || b.RowsIn != lines {
		t.Fatalf("%v, %+v", err, b)
	}
	if most > 1<<20 {
		t.Errorf("%d bytes are held of a file of %d", most, src.size)
	}
	// One line without an end is no more than a line.
	src = repeated{`{"a`, 64 << 20}
	runtime.ReadMemStats(&m)
	allocated := m.TotalAlloc
	if b, err := form.ReadBatch(src, src.size, form.Options{}, func(form.BatchRow) error { return nil }); err != nil || b.RowsRefused != 1 {
		t.Fatalf("%v, %+v", err, b)
	}
	if runtime.ReadMemStats(&m); m.TotalAlloc-allocated > 8<<20 {
		t.Errorf("%d bytes for one line", m.TotalAlloc-allocated)
	}
}

// No file makes it panic or lose a row.
func FuzzBatch(f *testing.F) {
	f.Add([]byte("{}\n\n{\"household_id\":\"1\"}\r\n"))
	f.Add([]byte(csvOf(good())))
	f.Add([]byte("标题,,\n家庭编号;姓名\n\"1\"\"2\";x"))
	f.Fuzz(func(t *testing.T, file []byte) {
		b, rows, err := tryBatch(file, form.Options{Scheme: "dibao", Registered: true})
		if err != nil {
			return
		}
		if why := unaccounted(b, rows); why != "" {
			t.Fatal(why)
		}
	})
}
