package form

import (
	"errors"
	"io"

	"github.com/hedui/hedui/connectors"
)

// readBook reads a workbook: the sheets of the form by their names, whatever their order,
// or one sheet with a row for each member.
func (c *collector) readBook(r io.ReaderAt, size int64) (*Batch, error) {
	book, err := connectors.OpenBook(r, size)
	if err != nil {
		return nil, Problem{Code: Damaged}
	}
	var place [numSections]int // from 1
	for i, name := range book.Sheets() {
		s, ok := sectionOf(name)
		switch {
		case ok && place[s] == 0:
			place[s] = i + 1
		case heading(name) != heading(notesSheet):
			c.batch.SkippedSheets = append(c.batch.SkippedSheets, name)
		}
	}
	if place[Households] == 0 {
		return c.lonelySheet(book)
	}
	for _, s := range Sections() {
		if place[s] == 0 {
			if s == Members {
				return nil, Problem{Sheet: s.Sheet(), Code: NoSheet, section: s}
			}
			continue
		}
		if err := c.sheet(book, place[s]-1, s); err != nil {
			return nil, err
		}
	}
	return c.finish()
}

// sectionOf is the section that a sheet is called after.
func sectionOf(sheet string) (Section, bool) {
	for _, s := range Sections() {
		switch heading(sheet) {
		case heading(sections[s].name), heading(sections[s].text.Zh), heading(s.Sheet()):
			return s, true
		}
	}
	return 0, false
}

// lonelySheet reads a workbook that is no form of ours: its first sheet has a row for
// each member.
func (c *collector) lonelySheet(book *connectors.Book) (*Batch, error) {
	names := book.Sheets()
	if len(names) == 0 {
		return nil, Problem{Code: NoSheet}
	}
	c.batch.SkippedSheets = names[1:]
	t, err := c.open(book, 0, "")
	if err != nil {
		return nil, err
	}
	defer t.close()
	if err := c.oneTable(t.next, t.kinds); err != nil {
		return nil, err
	}
	t.close()
	return c.finish()
}

// sheet reads the sheet of a section.
func (c *collector) sheet(book *connectors.Book, n int, s Section) error {
	t, err := c.open(book, n, s.Sheet())
	if err != nil {
		return err
	}
	defer t.close()
	columns, err := c.head(t.next, s.Sheet(), s)
	if errors.Is(err, io.EOF) && s > Members {
		return nil // emptied by somebody who did not need it
	}
	if err != nil {
		return none(err, Problem{Sheet: s.Sheet(), Code: NoHeader, section: s})
	}
	t.kinds(columns)
	for {
		cells, line, err := t.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		r := row{sheet: s.Sheet(), line: line, cells: make([]string, len(schemas[s].fields))}
		if !c.fill(columns, cells, map[Section]*row{s: &r}) {
			continue
		}
		if !c.count() || c.households > maxHouseholds {
			return Problem{Code: TooLarge}
		}
		c.add(s, r)
	}
}

// none is the problem where the error is the end of the sheet.
func none(err error, p Problem) error {
	if errors.Is(err, io.EOF) {
		return p
	}
	return err
}

// table is an open sheet.
type table struct {
	c     *collector
	sheet *connectors.Sheet
	name  string
	done  bool
}

func (c *collector) open(book *connectors.Book, n int, name string) (*table, error) {
	sheet, err := book.Sheet(n)
	if err != nil {
		return nil, Problem{Sheet: name, Code: Damaged}
	}
	return &table{c: c, sheet: sheet, name: name}, nil
}

func (t *table) kinds(columns []target) {
	kinds := make([]connectors.Kind, len(columns))
	for i, c := range columns {
		if c.field >= 0 {
			kinds[i] = schemas[c.section].fields[c.field].kind()
		}
	}
	t.sheet.SetKinds(kinds)
}

// next implements rowReader. What damages a sheet may quote it, so that only the place is
// handed on.
func (t *table) next() ([][]byte, int64, error) {
	r, err := t.sheet.Next()
	switch {
	case errors.Is(err, io.EOF):
		return nil, 0, io.EOF
	case err != nil:
		return nil, 0, Problem{Sheet: t.name, Code: Damaged}
	case r.TooLong:
		return nil, 0, Problem{Sheet: t.name, Row: r.Line, Code: RowTooLong}
	}
	if r.Hidden {
		t.c.batch.HiddenRows++
	}
	return r.Cells, r.Line, nil
}

func (t *table) close() {
	if t.done {
		return
	}
	t.done = true
	t.c.batch.MergedCells += t.sheet.Merged()
	t.c.batch.FormulaCells += t.sheet.Formulas()
	_ = t.sheet.Close() // only read from
}

// notesSheet is the sheet that says what the columns mean.
const notesSheet = "notes 说明"
