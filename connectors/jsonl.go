package connectors

import (
	"bytes"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// jsonRows reads one flat JSON object per line. Amounts are whole fen in keys
// that end in _fen. Each field of a row is a column of the department; a key
// that comes twice, or a value that is an object or a list, breaks the row.
type jsonRows struct {
	lines   *csvRows
	names   map[string]int
	headers []string // names as the file writes them, by column; the last is that of broken
	columns int
	arena   []byte
	given   []bool
	unknown []string
	known   map[string]bool // unknown keys already listed

	broken, brokenKey []byte // the first unknown key of the row whose value is no text
}

// openJSON opens a file of JSON lines. A required column must be in some of the
// objects at the beginning, since a writer may leave out empty values.
func (t *Table) openJSON(src io.Reader) error {
	if t.enc == encGB18030 {
		return (&problem{what: "JSON is always UTF-8", hint: "leave the encoding out"}).at(t.Name, 0)
	}
	c := newCSVRows(src, t.maxRow, t.piece)
	if p := c.begin(encUTF8); p != nil {
		return p.at(t.Name, 0)
	}
	j := t.jsonKeys()
	j.lines = c
	columns := t.dept.Columns
	seen, keys, any := j.sample(t.dept)
	if any {
		if p := missing(t.dept, seen, keys, len(keys)-len(j.unknown), t.mapping); p != nil {
			p.what += " in the objects at the beginning of the file"
			for i := range columns {
				if columns[i].Kind == KindAmount && columns[i].Required && seen[i] < 0 {
					p.hint += "; amounts in JSON are whole fen in keys that end in _fen"
					break
				}
			}
			return p.at(t.Name, 0)
		}
	}
	t.rows, t.info.Format = j, "jsonl"
	return nil
}

// jsonKeys says which key of an object is which column, and binds the table to it.
func (t *Table) jsonKeys() *jsonRows {
	columns := t.dept.Columns
	j := &jsonRows{
		names: columnNames(t.dept, true), columns: len(columns), given: make([]bool, len(columns)),
		headers: make([]string, len(columns)+1), known: make(map[string]bool),
	}
	sources := make([]int, len(columns))
	for i := range columns {
		sources[i] = i
		j.headers[i] = columns[i].Name
		if columns[i].Kind == KindAmount {
			j.headers[i] += "_fen"
		}
		if t.mapping.hides(columns[i].Name) {
			for key, at := range j.names {
				if at == i {
					delete(j.names, key)
				}
			}
		}
	}
	if t.mapping != nil {
		for i := range columns {
			if pl, ok := t.mapping.columns[columns[i].Name]; ok && pl.header != "" {
				j.names[headerKey(pl.header)] = i
				j.headers[i] = pl.header
			}
		}
	}
	t.bind = &binding{headers: j.headers, ignored: []int{len(columns)}}
	t.bind.build(t.dept, sources, t.mapping, unitFen)
	return j
}

// sample looks at the objects that are buffered: which columns they have, and
// under which keys.
func (j *jsonRows) sample(d *Department) (seen []int, keys []string, any bool) {
	seen = make([]int, len(d.Columns))
	for i := range seen {
		seen[i] = -1
	}
	data := j.lines.buf[j.lines.start:j.lines.end]
	var r row
	for len(data) > 0 {
		i := bytes.IndexByte(data, '\n')
		if i < 0 {
			if !j.lines.eof {
				break
			}
			i = len(data)
		}
		if len(trim(data[:i])) > 0 && j.parse(data[:i], &r) {
			any = true
			for col, ok := range j.given {
				if ok {
					seen[col] = col
				}
			}
		}
		data = data[min(i+1, len(data)):]
	}
	for col, at := range seen {
		if at >= 0 {
			keys = append(keys, j.headers[col])
		}
	}
	for key := range j.known {
		keys = append(keys, key)
	}
	return seen, keys, any
}

func (j *jsonRows) next(r *row) error {
	line, number, long, err := j.lines.nextLine()
	if err != nil {
		return err
	}
	j.dress(r, j.parse(line, r) && !long)
	r.line = number
	return nil
}

// dress finishes a row that was parsed.
func (j *jsonRows) dress(r *row, ok bool) {
	r.enc, r.special, r.broken = encUTF8, true, !ok
	// A field behind the columns stands for all the values that nobody asked for.
	r.fields = append(r.fields, j.broken)
	j.headers[j.columns] = shownHeader(strings.ToValidUTF8(string(j.brokenKey), "?"))
}

func (j *jsonRows) Close() error { return j.lines.Close() }

// parse reads one object into the fields of r. It reports false when the line
// is no flat object; the fields are then those before the fault.
func (j *jsonRows) parse(line []byte, r *row) bool {
	r.fields = r.fields[:0]
	for range j.columns {
		r.fields = append(r.fields, nil)
	}
	clear(j.given)
	j.broken, j.brokenKey = nil, nil
	j.arena = j.arena[:0]
	s := &jsonScanner{b: line}
	if !s.take('{') {
		return false
	}
	if s.take('}') {
		return s.atEnd()
	}
	for {
		key, ok := s.text(&j.arena)
		if !ok || !s.take(':') {
			return false
		}
		col, isKnown := j.names[string(key)]
		if !isKnown {
			col, isKnown = j.names[headerKey(string(key))]
		}
		value, ok := s.value(&j.arena)
		if !ok {
			return false
		}
		switch {
		case !isKnown:
			j.note(key)
			if j.broken == nil && !utf8.Valid(value) {
				j.broken, j.brokenKey = value, key
			}
		case j.given[col]:
			return false
		default:
			j.given[col] = true
			r.fields[col] = value
			if !bytes.Equal(key, []byte(j.headers[col])) {
				j.headers[col] = string(key)
			}
		}
		if s.take('}') {
			return s.atEnd()
		}
		if !s.take(',') {
			return false
		}
	}
}

// note lists an unknown key once.
func (j *jsonRows) note(key []byte) {
	if len(j.unknown) >= maxUnknown || j.known[string(key)] || !utf8.Valid(key) {
		return
	}
	j.known[string(key)] = true
	j.unknown = append(j.unknown, shownHeader(string(key)))
}

func (j *jsonRows) unknownColumns() []string { return j.unknown }

// jsonScanner reads the values of a flat JSON object.
type jsonScanner struct {
	b []byte
	i int
}

func (s *jsonScanner) space() {
	for s.i < len(s.b) && (s.b[s.i] == ' ' || s.b[s.i] == '\t' || s.b[s.i] == '\r' || s.b[s.i] == '\n') {
		s.i++
	}
}

func (s *jsonScanner) take(c byte) bool {
	s.space()
	if s.i < len(s.b) && s.b[s.i] == c {
		s.i++
		return true
	}
	return false
}

func (s *jsonScanner) atEnd() bool {
	s.space()
	return s.i == len(s.b)
}

// text reads a string. Text without escapes is borrowed from the line. An escape
// for half of a surrogate pair becomes a byte that no text has, so that the field
// is seen to be broken.
func (s *jsonScanner) text(arena *[]byte) ([]byte, bool) {
	if !s.take('"') {
		return nil, false
	}
	from := s.i
	for s.i < len(s.b) {
		switch c := s.b[s.i]; {
		case c == '"':
			s.i++
			return s.b[from : s.i-1], true
		case c == '\\':
			return s.escaped(from, arena)
		case c < ' ':
			return nil, false
		}
		s.i++
	}
	return nil, false
}

func (s *jsonScanner) escaped(from int, arena *[]byte) ([]byte, bool) {
	start := len(*arena)
	out := append(*arena, s.b[from:s.i]...)
	defer func() { *arena = out }()
	for s.i < len(s.b) {
		c := s.b[s.i]
		s.i++
		switch {
		case c == '"':
			return out[start:len(out):len(out)], true
		case c < ' ':
			return nil, false
		case c != '\\':
			out = append(out, c)
			continue
		}
		if s.i >= len(s.b) {
			return nil, false
		}
		c = s.b[s.i]
		s.i++
		switch c {
		case '"', '\\', '/':
			out = append(out, c)
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			r, ok := s.hex()
			if !ok {
				return nil, false
			}
			if utf16.IsSurrogate(r) {
				at := s.i
				second := rune(0)
				if s.i+1 < len(s.b) && s.b[s.i] == '\\' && s.b[s.i+1] == 'u' {
					s.i += 2
					if second, ok = s.hex(); !ok {
						return nil, false
					}
				}
				if r = utf16.DecodeRune(r, second); r == utf8.RuneError {
					s.i = at
					out = append(out, 0xff)
					continue
				}
			}
			out = utf8.AppendRune(out, r)
		default:
			return nil, false
		}
	}
	return nil, false
}

func (s *jsonScanner) hex() (rune, bool) {
	if s.i+4 > len(s.b) {
		return 0, false
	}
	var r rune
	for range 4 {
		c := s.b[s.i]
		s.i++
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return r, true
}

// value reads a string, a number as it is written, true, false, or null, which
// is empty.
func (s *jsonScanner) value(arena *[]byte) ([]byte, bool) {
	s.space()
	if s.i >= len(s.b) {
		return nil, false
	}
	if s.b[s.i] == '"' {
		return s.text(arena)
	}
	from := s.i
	for s.i < len(s.b) {
		c := s.b[s.i]
		if c == ',' || c == '}' || c == ' ' || c == '\t' || c == '\r' {
			break
		}
		s.i++
	}
	word := s.b[from:s.i]
	switch string(word) {
	case "null":
		return nil, true
	case "true", "false":
		return word, true
	}
	return word, isJSONNumber(word)
}

// isJSONNumber reports whether the text is a number by the grammar of JSON.
func isJSONNumber(b []byte) bool {
	i := 0
	digits := func() bool {
		from := i
		for i < len(b) && b[i] >= '0' && b[i] <= '9' {
			i++
		}
		return i > from
	}
	if i < len(b) && b[i] == '-' {
		i++
	}
	zero := i < len(b) && b[i] == '0'
	from := i
	if !digits() || zero && i > from+1 {
		return false
	}
	if i < len(b) && b[i] == '.' {
		i++
		if !digits() {
			return false
		}
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		if !digits() {
			return false
		}
	}
	return i == len(b)
}
