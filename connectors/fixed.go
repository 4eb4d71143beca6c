package connectors

import (
	"bytes"
	"cmp"
	"io"
	"slices"
)

// nextLine returns the next physical line without its end, and its number. A
// line longer than a row may be comes cut, with long set. Blank lines are
// passed over. The encoding is decided at the first line that needs it.
func (c *csvRows) nextLine() (line []byte, number int64, long bool, err error) {
	for {
		if c.start == c.end && !c.fill() {
			if c.srcErr != nil {
				return nil, 0, false, c.srcErr
			}
			return nil, 0, false, io.EOF
		}
		data := c.buf[c.start:c.end]
		end := bytes.IndexByte(data, c.term)
		if end < 0 && !c.eof && len(data) <= c.maxRow {
			c.fill()
			continue
		}
		if c.srcErr != nil {
			return nil, 0, false, c.srcErr
		}
		if end < 0 && c.eof && len(data) <= c.maxRow {
			end = len(data)
		}
		if end < 0 || end > c.maxRow {
			var r row
			number = c.line + 1
			err = c.breakLine(&r)
			return c.arena, number, true, err
		}
		line = data[:end]
		if c.enc == encUnknown && !isASCII(line) {
			c.judge()
			continue
		}
		c.start += min(end+1, len(data))
		c.line++
		if c.term == '\n' && len(line) > 0 && line[len(line)-1] == carriage {
			line = line[:len(line)-1]
		}
		if t := trim(line); len(t) == 0 || len(t) == 1 && t[0] == 0x1a {
			continue
		}
		return line, c.line, false, nil
	}
}

// fixedRows reads lines whose fields are ranges of bytes. The ranges count bytes
// of the source encoding, so a line is cut before it is decoded.
type fixedRows struct {
	lines  *csvRows
	ranges []byteRange
	extent int // bytes a line must have
}

type byteRange struct{ from, to int } // from 0, to exclusive

// openFixed opens a file of fixed width, whose layout the mapping gives.
func (t *Table) openFixed(src io.Reader) error {
	c := newCSVRows(src, t.maxRow, t.piece)
	if p := c.begin(t.enc); p != nil {
		return p.at(t.Name, 0)
	}
	for range t.mapping.skip() {
		var r row
		if err := c.breakLine(&r); err != nil {
			return t.wrap(err)
		}
	}
	f := &fixedRows{lines: c}
	columns := make([]int, len(t.dept.Columns))
	var header []string
	type named struct {
		col int
		pl  place
	}
	var layout []named
	for i := range columns {
		columns[i] = -1
		if pl, ok := t.mapping.columns[t.dept.Columns[i].Name]; ok {
			layout = append(layout, named{i, pl})
		}
	}
	slices.SortFunc(layout, func(a, b named) int { return cmp.Compare(a.pl.from, b.pl.from) })
	for _, n := range layout {
		columns[n.col] = len(header)
		header = append(header, t.dept.Columns[n.col].Name)
		r := byteRange{n.pl.from - 1, n.pl.from - 1 + n.pl.length}
		f.ranges = append(f.ranges, r)
		f.extent = max(f.extent, r.to)
	}
	if p := missing(t.dept, columns, nil, len(header), t.mapping); p != nil {
		p.hint = "add its bytes to the mapping"
		return p.at(t.Name, 0)
	}
	t.bind = &binding{headers: header}
	t.bind.build(t.dept, columns, t.mapping, unitYuan)
	t.rows, t.info.Format = f, "fixed"
	return nil
}

func (f *fixedRows) next(r *row) error {
	line, number, long, err := f.lines.nextLine()
	if err != nil {
		return err
	}
	r.line, r.enc, r.special = number, f.lines.enc, true
	// A line that ends early may have lost the end of a number, so it is no row.
	r.broken = long || len(line) < f.extent
	r.fields = r.fields[:0]
	for _, at := range f.ranges {
		if at.to > len(line) {
			r.fields = append(r.fields, nil)
			continue
		}
		r.fields = append(r.fields, line[at.from:at.to])
	}
	return nil
}

func (f *fixedRows) Close() error       { return f.lines.Close() }
func (f *fixedRows) encoding() encoding { return f.lines.enc }
