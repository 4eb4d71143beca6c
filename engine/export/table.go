package export

import (
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/hedui/hedui/engine/household"
)

// Kind is what a column holds.
type Kind uint8

// The kinds of columns.
const (
	Text   Kind = iota + 1
	Money       // in yuan, exact to the fen
	Day         // a civil date
	Number      // a whole number
)

// Column is one column of a table.
type Column struct {
	Title string
	Kind  Kind
}

// Cell is one value. The zero value is an empty cell.
type Cell struct {
	kind Kind
	text string
	n    int64
}

// TextCell is a cell of text.
func TextCell(s string) Cell {
	if s == "" {
		return Cell{}
	}
	return Cell{kind: Text, text: clean(s)}
}

// MoneyCell is a cell of money.
func MoneyCell(f household.Fen) Cell { return Cell{kind: Money, n: int64(f)} }

// DayCell is a cell with a day; no day is an empty cell.
func DayCell(d household.Date) Cell {
	if d == 0 {
		return Cell{}
	}
	return Cell{kind: Day, n: int64(d)}
}

// NumberCell is a cell with a whole number.
func NumberCell(n int64) Cell { return Cell{kind: Number, n: n} }

// Plain is the cell as text, without a guard: money in yuan, a day as 2006-01-02.
func (c Cell) Plain() string {
	switch c.kind {
	case Text:
		return c.text
	case Money:
		return household.Fen(c.n).Yuan()
	case Day:
		return household.Date(c.n).String()
	case Number:
		return strconv.FormatInt(c.n, 10)
	}
	return ""
}

// Format is the form of a file.
type Format uint8

// The formats.
const (
	CSV   Format = iota + 1 // UTF-8 with a byte order mark, lines end in CR LF
	XLSX                    // every cell typed
	JSONL                   // the lines of verdicts as they are; of a batch only
)

// Table is what a file begins with.
type Table struct {
	Name    string // of the sheet
	Columns []Column
}

// Writer takes the rows of a table. Finish ends the file; foot are lines for people that
// say for whom it was made. It does not close what it writes to.
type Writer interface {
	Row(cells []Cell) error
	Finish(foot []string) error
}

// NewWriter begins a file.
func NewWriter(w io.Writer, f Format, t Table) (Writer, error) {
	if len(t.Columns) == 0 {
		return nil, errors.New("a table needs columns")
	}
	switch f {
	case CSV:
		return newCSV(w, t)
	case XLSX:
		return newXLSX(w, t)
	}
	return nil, errors.New("unknown format")
}

// fits says which cell of a row is not of its column.
func fits(columns []Column, cells []Cell) error {
	if len(cells) != len(columns) {
		return fmt.Errorf("a row of %d cells in a table of %d columns", len(cells), len(columns))
	}
	for i, c := range cells {
		if c.kind != 0 && c.kind != columns[i].Kind {
			return fmt.Errorf("the cell in column %q is of another kind", columns[i].Title)
		}
	}
	return nil
}
