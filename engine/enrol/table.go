package enrol

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/hedui/hedui/engine/household"
)

// Column is one column of a table of authorisations: a row for each person, those of one
// authorisation together.
type Column struct {
	Name, Zh, Doc string
	Codes         household.CodeList
	Required      bool
	Once          bool // of the authorisation: may be left out behind its first row
}

var yesNo = household.CodeList{{}, {Name: "yes", Zh: "是"}, {Name: "no", Zh: "否"}}

// Columns are the columns of a table in their order.
func Columns() []Column {
	return []Column{
		{"number", "授权书编号", "on every row of the authorisation", nil, true, false},
		{"household", "家庭编号", "", nil, true, true},
		{"division", "行政区划", "where it is registered: a county or below", nil, true, true},
		{"valid_from", "授权起", "first day, 2006-01-02", nil, true, true},
		{"valid_to", "授权止", "last day, 2006-01-02", nil, true, true},
		{"purposes", "授权使用项目", "schemes, with a semicolon between", nil, true, true},
		{"data_classes", "授权数据类别", "sources, with a semicolon between", nil, true, true},
		{"scan_digest", "扫描件摘要", "SM3 of the scan, 64 small hexadecimal digits", nil, true, true},
		{"name", "姓名", "", nil, true, false},
		{"id_type", "证件类型", "resident_id when empty", household.DocumentTypes, false, false},
		{"id_number", "证件号码", "", nil, true, false},
		{"birth_date", "出生日期", "needed when the document doesn't tell", nil, false, false},
		{"relation", "与户主关系", "", household.Relations, false, false},
		{"incapable", "无民事行为能力", "no when empty", yesNo, false, false},
		{"signature", "签字位置", "page and place, or the number of an electronic signature", nil, false, false},
		{"signed_on", "签字日期", "2006-01-02; the guardian's when there is one", nil, true, false},
		{"guardian_name", "监护人姓名", "of a minor or a person without capacity", nil, false, false},
		{"guardian_id_type", "监护人证件类型", "resident_id when empty", household.DocumentTypes, false, false},
		{"guardian_id_number", "监护人证件号码", "", nil, false, false},
	}
}

// ErrHeader is returned for a table whose header can't be understood.
var ErrHeader = errors.New("the first row does not name the columns of authorisations")

// Rows hands out the rows of a table; io.EOF after the last. A row is valid until the
// next call.
type Rows interface {
	Read() (cells []string, line int64, err error)
}

// table is a list as a table with a row for each person.
type table struct {
	rows    Rows
	defs    []Column
	index   map[string]int // of a column's name
	columns []int          // by column: place in a row, -1 for none
	cells   []string       // of the current row, by column
	line    int64
	more    bool // cells hold a row that nobody took
}

// Table reads a table of authorisations, whose first row names the columns, by their names
// or in Chinese.
func Table(rows Rows) (Source, error) {
	t := &table{rows: rows, defs: Columns(), index: map[string]int{}}
	header, _, err := rows.Read()
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: there is none", ErrHeader)
	}
	if err != nil {
		return nil, err
	}
	known := 0
	for n, c := range t.defs {
		t.index[c.Name] = n
		at := -1
		for i, cell := range header {
			if !c.named(cell) {
				continue
			}
			if at >= 0 {
				return nil, fmt.Errorf("%w: %s is there twice", ErrHeader, c.Name)
			}
			at = i
			known++
		}
		if at < 0 && c.Required {
			return nil, fmt.Errorf("%w: %s (%s) is missing", ErrHeader, c.Name, c.Zh)
		}
		t.columns = append(t.columns, at)
	}
	for _, cell := range header {
		if strings.TrimSpace(cell) != "" {
			known--
		}
	}
	if known != 0 { // half understood it would allow something else
		return nil, fmt.Errorf("%w: there are others among them", ErrHeader)
	}
	return t, nil
}

// named reports whether a cell of the header is the column: its name, in Chinese, or both
// as in the template.
func (c *Column) named(cell string) bool {
	switch cell = strings.TrimSpace(strings.TrimPrefix(cell, "\ufeff")); cell {
	case c.Name, c.Zh, c.Zh + " " + c.Name:
		return true
	}
	return false
}

// next makes the next row that is not empty the current one.
func (t *table) next() error {
	if t.more {
		t.more = false
		return nil
	}
	for {
		row, line, err := t.rows.Read()
		if err != nil {
			return err
		}
		t.line, t.cells = line, t.cells[:0]
		empty := true
		for _, at := range t.columns {
			cell := ""
			if at >= 0 && at < len(row) {
				cell = strings.TrimSpace(row[at])
			}
			empty = empty && cell == ""
			t.cells = append(t.cells, strings.Clone(cell))
		}
		if !empty {
			return nil
		}
	}
}

// cell is a cell of the current row, by the name of its column.
func (t *table) cell(name string) string { return t.cells[t.index[name]] }

// Next implements Source.
func (t *table) Next() (*Row, error) {
	if err := t.next(); err != nil {
		return nil, err
	}
	first := t.line
	f := form{
		Number: t.cell("number"), Household: t.cell("household"), Division: t.cell("division"), From: t.cell("valid_from"), To: t.cell("valid_to"),
		Purposes: split(t.cell("purposes")), Classes: split(t.cell("data_classes")), ScanDigest: t.cell("scan_digest"),
	}
	once := append([]string(nil), t.cells...)
	var faults []string
	for {
		f.Members = append(f.Members, t.member(&faults, len(f.Members)+1))
		err := t.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if t.cell("number") != f.Number || f.Number == "" {
			t.more = true
			break
		}
		for i, c := range t.defs {
			if c.Once && t.cells[i] != "" && t.cells[i] != once[i] {
				faults = append(faults, c.Name+": the same on every row of the authorisation, or empty")
			}
		}
	}
	row := f.read(first)
	row.Faults = append(faults, row.Faults...)
	return row, nil
}

// member is the person of the current row.
func (t *table) member(faults *[]string, n int) memberForm {
	m := memberForm{
		Name: t.cell("name"), IDType: t.cell("id_type"), IDNumber: t.cell("id_number"), BirthDate: t.cell("birth_date"),
		Relation: t.cell("relation"), Signature: t.cell("signature"), SignedOn: t.cell("signed_on"),
	}
	switch v, ok := yesNo.Find(t.cell("incapable")); {
	case ok:
		m.Incapable = v == 1
	case t.cell("incapable") != "":
		*faults = append(*faults, fmt.Sprintf("members[%d].incapable: yes or no", n))
	}
	if g := (personForm{t.cell("guardian_name"), t.cell("guardian_id_type"), t.cell("guardian_id_number")}); g != (personForm{}) {
		m.GuardianPerson = &g
	}
	return m
}

// split cuts a list in a cell; people write either semicolon or comma.
func split(cell string) []string {
	var out []string
	for s := range strings.FieldsFuncSeq(cell, func(r rune) bool { return strings.ContainsRune(";；,，、", r) }) {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}
