package form

import (
	"bytes"
	"errors"
	"io"
	"strings"
)

// target is where a column of a file belongs.
type target struct {
	section Section
	field   int // -1 for a column that the form does not have
}

// maxTitles is how many rows may stand above the headings: a title over merged cells, who
// filled it in, a first row of headings that spans columns of the second.
const maxTitles = 10

// head reads up to the headings of a sheet and finds the columns by them. A row above them
// in which no heading stands is passed over. Where a row of headings leaves something out,
// the row below may have it: a group of columns is called something above, and each of them
// by its name below. A problem refuses the file.
func (c *collector) head(next rowReader, sheet string, of ...Section) ([]target, error) {
	places := headingsOf(of)
	var above []string
	var lacking error
	first := int64(0)
	for passed := 0; passed <= maxTitles; passed++ {
		cells, line, err := next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if len(bytes.TrimSpace(bytes.Join(cells, nil))) == 0 {
			passed--
			continue
		}
		if first == 0 {
			first = line
		}
		row, known := texts(cells), 0
		for _, h := range row {
			if _, ok := places[heading(h)]; ok {
				known++
			}
		}
		switch {
		case known == 0 && lacking != nil:
			return nil, lacking
		case known == 0:
			continue
		}
		row = under(above, row, places)
		columns, unknown, err := c.bind(sheet, line, row, places, of)
		if p, ok := errors.AsType[Problem](err); ok && p.Code == MissingColumn {
			above, lacking = row, err
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, name := range unknown {
			c.unknown(name)
		}
		return columns, nil
	}
	switch {
	case lacking != nil:
		return nil, lacking
	case first == 0:
		return nil, io.EOF
	}
	return nil, Problem{Sheet: sheet, Row: first, Code: NoHeader, section: of[0]}
}

func texts(cells [][]byte) []string {
	out := make([]string, len(cells))
	for i, c := range cells {
		out[i] = string(c)
	}
	return out
}

// under puts a row of headings under the one above: a column that has no heading in the
// lower row keeps the upper one.
func under(above, row []string, places map[string]target) []string {
	for i, h := range above {
		if i == len(row) {
			row = append(row, "")
		}
		_, lower := places[heading(row[i])]
		if _, upper := places[heading(h)]; !lower && (upper || heading(row[i]) == "") {
			row[i] = h
		}
	}
	return row
}

// headingsOf are the places of the sections' columns by all that they may be called.
func headingsOf(of []Section) map[string]target {
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
	return places
}

// bind finds the columns by a row of headings, and those that the form does not have.
func (c *collector) bind(sheet string, line int64, header []string, places map[string]target, of []Section) (columns []target, unknown []string, err error) {
	columns = make([]target, len(header))
	seen := map[target]bool{}
	for i, h := range header {
		t, ok := places[heading(h)]
		if !ok {
			columns[i] = target{0, -1}
			if name := strings.Join(strings.Fields(h), " "); name != "" {
				unknown = append(unknown, name)
			}
			continue
		}
		if seen[t] {
			return nil, nil, Problem{Sheet: sheet, Row: line, Column: schemas[t.section].fields[t.field].Name, Code: DoubleColumn, section: t.section}
		}
		seen[t] = true
		columns[i] = t
	}
	for n, s := range of {
		for i := range schemas[s].fields {
			if f := &schemas[s].fields[i]; f.Required && !seen[target{s, i}] && (n == 0 || f.Name != "household_id") && !c.waives(f.Name) {
				return nil, nil, Problem{Sheet: sheet, Row: line, Column: f.Name, Code: MissingColumn, section: s}
			}
		}
	}
	return columns, unknown, nil
}

// waives reports whether a column may be missing although its field is required.
func (c *collector) waives(name string) bool {
	return c.registered && isOfPaper(name) || c.scheme != "" && name == "scheme"
}
