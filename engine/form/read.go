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
	// Scheme is what all of a batch asks for: a form need not say it, and a household that
	// says another is refused. Empty when each household says its own.
	Scheme string
	// MaxRows is how many rows ReadBatch takes of a file; 0 for as many as the package does.
	MaxRows int64
}

// ofPaper are the fields that say what stands on the paper of an authorisation.
var ofPaper = [...]string{"valid_from", "valid_to", "signed_by"}

func isOfPaper(name string) bool { return slices.Contains(ofPaper[:], name) }

// Read reads a file of so many bytes that people filled in: the workbook that
// WriteTemplate writes, or one table with a row for each member, as a workbook or as text
// with commas or tabs, in UTF-8 or GB18030; which, its bytes tell. An error that is a
// Problem refuses the file whole.
func Read(r io.ReaderAt, size int64, o Options) (*Batch, error) {
	head, err := headOf(r)
	if err != nil {
		return nil, err
	}
	return readForm(r, size, head, newCollector(o))
}

// headOf is how a file begins, as far as that tells what it is.
func headOf(r io.ReaderAt) ([]byte, error) {
	head := make([]byte, 512)
	n, err := r.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return head[:n], nil
}

func readForm(r io.ReaderAt, size int64, head []byte, c *collector) (*Batch, error) {
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		c.batch.Format = XLSX
		return c.readBook(r, size)
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
	return c.readText(text, false)
}

// ReadPasted reads cells that were copied from a spreadsheet, with their headings: one
// table with a row for each member.
func ReadPasted(text string, o Options) (*Batch, error) {
	if len(text) > maxPasted {
		return nil, Problem{Code: TooLarge}
	}
	return newCollector(o).readText([]byte(strings.TrimPrefix(strings.ToValidUTF8(text, "\ufffd"), "\ufeff")), true)
}

func (c *collector) readText(text []byte, pasted bool) (*Batch, error) {
	c.batch.Format = CSV
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
	if err := c.oneTable(next, func([]target) {}); err != nil {
		return nil, err
	}
	return c.finish()
}

// rowReader is the next row of a table; io.EOF after the last.
type rowReader func() (cells [][]byte, line int64, err error)

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
			text := string(cell)
			if columns[i].field == 0 { // the household's number, by which sheets belong together
				text = narrowWord(text)
			}
			rows[columns[i].section].cells[columns[i].field] = text
		}
	}
	return filled
}

// oneTable reads a table with a row for each member, on the first of which stands what is
// of the household. bound is told the columns before the first row is read.
func (c *collector) oneTable(next rowReader, bound func([]target)) error {
	columns, err := c.head(next, "", Households, Members)
	if err != nil {
		return none(err, Problem{Code: NoHeader})
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
			if c.households == maxHouseholds {
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
