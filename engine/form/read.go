package form

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/hedui/hedui/connectors"
)

// Options say how a file is read.
type Options struct {
	// Emit takes the line of every household that is taken, in their order, as soon as the
	// file was read; the line is its own. Without it they are kept in Batch.Requests.
	Emit func(line []byte) error
	// Registered says that what the authorisation permits is registered: its days and who
	// signed it may be missing from the form.
	Registered bool
}

// ofPaper are the fields that say what stands on the paper of an authorisation.
var ofPaper = [...]string{"valid_from", "valid_to", "signed_by"}

// Read reads a file of so many bytes that people filled in: the workbook that
// WriteTemplate writes, or one table with a row for each member, as a workbook or as text
// with commas or tabs, in UTF-8 or GB18030; which, its bytes tell. An error that is a
// Problem refuses the file whole.
func Read(r io.ReaderAt, size int64, o Options) (*Batch, error) {
	head := make([]byte, 8)
	n, err := r.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	switch head = head[:n]; {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return readBook(r, size, o)
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0")), bytes.HasPrefix(head, []byte("%PDF")), bytes.HasPrefix(head, []byte("\x1f\x8b")):
		return nil, Problem{Code: UnknownFormat} // an old or encrypted workbook among them
	case size > maxText:
		return nil, Problem{Code: TooLarge}
	}
	raw, err := io.ReadAll(io.NewSectionReader(r, 0, size))
	if err != nil {
		return nil, err
	}
	text, ok := connectors.DecodeText(raw)
	if !ok {
		return nil, Problem{Code: BadEncoding}
	}
	return readText(text, false, o)
}

// ReadPasted reads cells that were copied from a spreadsheet, with their headings: one
// table with a row for each member.
func ReadPasted(text string, o Options) (*Batch, error) {
	if len(text) > maxPasted {
		return nil, Problem{Code: TooLarge}
	}
	return readText([]byte(strings.TrimPrefix(strings.ToValidUTF8(text, "\ufffd"), "\ufeff")), true, o)
}

func readText(text []byte, pasted bool, o Options) (*Batch, error) {
	r := &records{text: text, delim: delimiter(text), pasted: pasted}
	next := func() ([][]byte, int64, error) {
		cells, ok := r.next()
		switch {
		case !ok:
			return nil, 0, Problem{Row: r.row, Code: OpenQuote}
		case cells == nil:
			return nil, 0, io.EOF
		}
		return cells, r.row, nil
	}
	c := newCollector(o)
	if err := c.oneTable(next, func([]target) {}); err != nil {
		return nil, err
	}
	return c.finish()
}

// rowReader is the next row of a table; io.EOF after the last.
type rowReader func() (cells [][]byte, line int64, err error)

// target is where a column of a file belongs.
type target struct {
	section Section
	field   int // -1 for a column that the form does not have
}

// bind finds the columns of the sections by their headings. A problem refuses the file.
func (c *collector) bind(sheet string, header [][]byte, of ...Section) ([]target, error) {
	places := map[string]target{}
	for n, s := range of {
		for i := range schemas[s].fields {
			if f := &schemas[s].fields[i]; n == 0 || f.Name != "household_id" {
				for _, h := range f.headings() {
					if _, taken := places[h]; !taken {
						places[h] = target{s, i}
					}
				}
			}
		}
	}
	columns := make([]target, len(header))
	seen := map[target]bool{}
	for i, h := range header {
		t, ok := places[heading(string(h))]
		if !ok {
			columns[i] = target{0, -1}
			if name := strings.Join(strings.Fields(string(h)), " "); name != "" {
				c.unknown(name)
			}
			continue
		}
		if seen[t] {
			return nil, Problem{Sheet: sheet, Row: 1, Column: schemas[t.section].fields[t.field].Name, Code: DoubleColumn, section: t.section}
		}
		seen[t] = true
		columns[i] = t
	}
	if len(seen) == 0 {
		return nil, Problem{Sheet: sheet, Row: 1, Code: NoHeader, section: of[0]}
	}
	for n, s := range of {
		for i := range schemas[s].fields {
			if f := &schemas[s].fields[i]; f.Required && !seen[target{s, i}] && (n == 0 || f.Name != "household_id") && !c.waives(f.Name) {
				return nil, Problem{Sheet: sheet, Row: 1, Column: f.Name, Code: MissingColumn, section: s}
			}
		}
	}
	return columns, nil
}

// waives reports whether a field may be missing although it is required.
func (c *collector) waives(name string) bool {
	return c.registered && slices.Contains(ofPaper[:], name)
}

// fill puts the cells of a row into the rows of their sections. It reports whether there was
// anything in them.
func (c *collector) fill(columns []target, cells [][]byte, rows map[Section]*row) (filled bool) {
	for i, cell := range cells {
		cell = bytes.TrimSpace(cell)
		switch {
		case len(cell) == 0:
		case i >= len(columns):
			c.unknown("(no heading)")
		case columns[i].field >= 0:
			filled = true
			rows[columns[i].section].cells[columns[i].field] = string(cell)
		}
	}
	return filled
}

// oneTable reads a table with a row for each member, on the first of which stands what is
// of the household. bound is told the columns before the first row is read.
func (c *collector) oneTable(next rowReader, bound func([]target)) error {
	header, _, err := next()
	if err != nil {
		return none(err, Problem{Code: NoHeader})
	}
	columns, err := c.bind("", header, Households, Members)
	if err != nil {
		return err
	}
	bound(columns)
	last := ""
	for {
		cells, line, err := next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		top := row{line: line, cells: make([]string, len(schemas[Households].fields))}
		member := row{line: line, cells: make([]string, len(schemas[Members].fields))}
		if !c.fill(columns, cells, map[Section]*row{Households: &top, Members: &member}) {
			continue
		}
		if !c.count() {
			return Problem{Code: TooLarge}
		}
		if top.cells[0] == "" {
			top.cells[0] = last
		}
		last = top.cells[0]
		member.cells[0] = last
		if c.byID[last] == nil {
			if len(c.entries) == maxHouseholds {
				return Problem{Code: TooLarge}
			}
			c.add(Households, top)
			if last == "" || member.empty("household_id", &schemas[Members]) {
				continue
			}
			c.byID[last].kept-- // it is one row of the file
		} else {
			e := c.byID[last]
			e.compare(&top)
			if member.empty("household_id", &schemas[Members]) {
				e.kept++
				continue
			}
		}
		c.add(Members, member)
	}
}

// compare notes what a further row says of the household that the first does not.
func (e *entry) compare(r *row) {
	if len(e.wrong) >= len(r.cells) {
		return
	}
	for i, cell := range r.cells {
		if cell != "" && cell != e.rows[Households][0].cells[i] {
			e.wrong = append(e.wrong, Problem{Row: r.line, Column: schemas[Households].fields[i].Name, Code: DiffersFromFirst})
		}
	}
}
