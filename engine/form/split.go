package form

import "bytes"

// records cuts delimited text into rows. A cell in quotation marks may hold delimiters,
// line breaks and doubled quotation marks.
type records struct {
	text  []byte
	delim byte
	// A cell that merely begins with a quotation mark is taken as it stands: that is how a
	// spreadsheet puts it on the clipboard. In a file it is a quotation mark left open.
	pasted bool
	row    int64 // of the record that was read last, as a spreadsheet counts
	cells  [][]byte
}

// delimiter is what stands between the cells of the first line.
func delimiter(text []byte) byte {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	switch {
	case bytes.IndexByte(line, '\t') >= 0:
		return '\t'
	case bytes.IndexByte(line, ',') < 0 && bytes.IndexByte(line, ';') >= 0:
		return ';'
	}
	return ','
}

// next is the next record, nil after the last. It reports false where a quotation mark
// is left open.
func (r *records) next() (cells [][]byte, ok bool) {
	if len(r.text) == 0 {
		return nil, true
	}
	r.row++
	r.cells = r.cells[:0]
	for {
		cell, rest, ok := r.cell(r.text)
		if !ok {
			return nil, false
		}
		r.cells = append(r.cells, cell)
		r.text = rest
		switch {
		case len(rest) == 0:
			return r.cells, true
		case rest[0] == r.delim:
			if r.text = rest[1:]; len(r.text) == 0 {
				return append(r.cells, nil), true
			}
		default:
			r.text = bytes.TrimPrefix(rest, []byte("\r"))
			r.text = bytes.TrimPrefix(r.text, []byte("\n"))
			return r.cells, true
		}
	}
}

// cell is the cell at the beginning of a text. The rest begins with a delimiter or a line
// break, or is empty.
func (r *records) cell(text []byte) (cell, rest []byte, ok bool) {
	if len(text) > 0 && text[0] == '"' {
		if cell, rest, ok := r.quoted(text[1:]); ok {
			return cell, rest, true
		}
		if !r.pasted {
			return nil, nil, false
		}
	}
	for i, c := range text {
		if c == r.delim || c == '\n' || c == '\r' {
			return text[:i], text[i:], true
		}
	}
	return text, nil, true
}

// quoted is the cell whose quotation mark was passed.
func (r *records) quoted(text []byte) (cell, rest []byte, ok bool) {
	from, doubled := 0, false
	for {
		i := bytes.IndexByte(text[from:], '"')
		if i < 0 {
			return nil, nil, false
		}
		end := from + i
		rest = text[end+1:]
		if len(rest) > 0 && rest[0] == '"' {
			from, doubled = end+2, true
			continue
		}
		if cell = text[:end]; doubled {
			cell = bytes.ReplaceAll(cell, []byte(`""`), []byte(`"`))
		}
		return cell, rest, len(rest) == 0 || rest[0] == r.delim || rest[0] == '\n' || rest[0] == '\r'
	}
}
