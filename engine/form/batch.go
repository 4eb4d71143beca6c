package form

import (
	"slices"
	"strings"
)

// Limits of a file. What is larger is refused, with the advice to split it.
const (
	maxRows       = 1_000_000
	maxHouseholds = 200_000
	maxText       = 128 << 20 // bytes of a text file
	maxPasted     = 4 << 20   // bytes of pasted cells
	maxUnknown    = 100       // columns that are named
)

// Format is the form of a file.
type Format uint8

// The forms of files.
const (
	CSV   Format = iota + 1 // or with tabs or semicolons
	XLSX                    // a workbook
	JSONL                   // a request on each line
)

// Batch is what was read of a file.
type Batch struct {
	Format   Format   `json:"-"`
	Requests [][]byte `json:"-"` // lines of the households taken, in their order, when Options has no Emit

	Households   int   `json:"households"`
	Accepted     int   `json:"accepted"`
	Refused      int   `json:"refused"`
	RowsIn       int64 `json:"rows_in"` // over all sheets, without headings and blank rows
	RowsAccepted int64 `json:"rows_accepted"`
	RowsRefused  int64 `json:"rows_refused"`

	Problems       []Problem `json:"-"`
	UnknownColumns []string  `json:"unknown_columns,omitempty"` // headings that the form does not have, each once
	SkippedSheets  []string  `json:"skipped_sheets,omitempty"`
	HiddenRows     int       `json:"hidden_rows,omitempty"`   // were read like the others
	MergedCells    int       `json:"merged_cells,omitempty"`  // ranges; their value counts for their first cell
	FormulaCells   int       `json:"formula_cells,omitempty"` // whose last result was read
}

// filed is a household of a file, or what is wrong with a row that belongs to none.
type filed struct {
	*entry

	alone *Problem
}

// entry is one household of a file.
type entry struct {
	draft

	kept  int64 // rows, those that were not kept among them
	also  []row // other rows of the first section with the same number
	wrong []Problem
}

// collector puts the rows of a file together by household.
type collector struct {
	batch   *Batch
	take    func(BatchRow) error
	byID    map[string]*entry
	entries []filed // in the order in which they begin

	households int
	maxRows    int64
	registered bool   // of Options
	scheme     string // of Options
}

func newCollector(o Options) *collector {
	c := &collector{batch: new(Batch), byID: map[string]*entry{}, registered: o.Registered, scheme: o.Scheme, maxRows: maxRows}
	emit := o.Emit
	if emit == nil {
		emit = func(line []byte) error {
			c.batch.Requests = append(c.batch.Requests, line)
			return nil
		}
	}
	c.take = func(r BatchRow) error {
		if c.batch.Problems = append(c.batch.Problems, r.Problems...); r.Refused() {
			return nil
		}
		return emit(r.Line)
	}
	return c
}

// count counts a row. It reports false when there are too many.
func (c *collector) count() bool {
	c.batch.RowsIn++
	return c.batch.RowsIn <= c.maxRows
}

// refuse lists a row that belongs to no household that could be taken.
func (c *collector) refuse(p Problem) {
	c.entries = append(c.entries, filed{alone: &p})
}

// add takes a counted row of a section.
func (c *collector) add(s Section, r row) {
	id := r.cells[0]
	at := Problem{Sheet: r.sheet, Row: r.line, Column: "household_id", section: s}
	if id == "" {
		at.Code = MissingField
		c.refuse(at)
		return
	}
	e, known := c.byID[id]
	switch {
	case s != Households && !known:
		at.Code = NoHousehold
		if isExample(id) {
			at.Code, at.Column = Example, ""
		}
		c.refuse(at)
		return
	case s == Households && !known:
		e = new(entry)
		e.registered, e.scheme = c.registered, c.scheme
		c.byID[id] = e
		c.households++
		c.entries = append(c.entries, filed{entry: e})
	case s == Households:
		e.kept++
		e.also = append(e.also, r)
		return
	}
	e.kept++
	if len(e.rows[s]) <= s.Most() { // one more shows that there are too many
		e.rows[s] = append(e.rows[s], r)
	}
}

// finish makes the requests, household by household, and hands them out.
func (c *collector) finish() (*Batch, error) {
	b := c.batch
	b.Households = c.households
	for i, f := range c.entries {
		row := f.row()
		if row.Refused() {
			b.RowsRefused += row.Rows
		} else {
			b.RowsAccepted += row.Rows
		}
		switch {
		case f.entry == nil:
		case row.Refused():
			b.Refused++
		default:
			b.Accepted++
		}
		if err := c.take(row); err != nil {
			return nil, err
		}
		c.entries[i] = filed{}
	}
	order(b.Problems)
	return b, nil
}

// row is what is handed out of it.
func (f filed) row() BatchRow {
	if p := f.alone; p != nil {
		return BatchRow{Sheet: p.Sheet, Row: p.Row, Rows: 1, Problems: []Problem{*p}}
	}
	first := &f.rows[Households][0]
	out := BatchRow{Sheet: first.sheet, Row: first.line, Rows: f.kept, Household: repeatable(first.cells[0])}
	if r := narrowWord(strings.TrimSpace(first.cells[schemas[Households].index["region"]])); len(r) <= 12 && strings.Trim(r, "0123456789") == "" {
		out.Region = r
	}
	out.Line, out.Problems = f.judge()
	order(out.Problems)
	return out
}

func (e *entry) judge() ([]byte, []Problem) {
	first := &e.rows[Households][0]
	if isExample(first.cells[0]) {
		return nil, []Problem{{Sheet: first.sheet, Row: first.line, Code: Example}}
	}
	if len(e.also) > 0 {
		problems := []Problem{{Sheet: first.sheet, Row: first.line, Column: "household_id", Code: DuplicateID}}
		for _, r := range e.also {
			problems = append(problems, Problem{Sheet: r.sheet, Row: r.line, Column: "household_id", Code: DuplicateID})
		}
		return nil, problems
	}
	line, problems := e.build()
	if problems = append(problems, e.wrong...); len(problems) > 0 {
		return nil, problems
	}
	return line, nil
}

// unknown names a heading that the form does not have.
func (c *collector) unknown(name string) {
	name = strings.ToValidUTF8(name, "?")
	if len(c.batch.UnknownColumns) < maxUnknown && !slices.Contains(c.batch.UnknownColumns, name) {
		c.batch.UnknownColumns = append(c.batch.UnknownColumns, name)
	}
}
