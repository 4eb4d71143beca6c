package connectors

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"path/filepath"
	"strconv"

	"github.com/hedui/hedui/engine/household"
)

// Options say what a file itself does not.
type Options struct {
	Encoding string           // "utf-8" or "gb18030"; "" to find it out
	Mapping  *Mapping         // nil for files that follow the contract
	Covers   household.Months // the months a file of flows is complete for; zero for no check
	MaxRow   int              // longest row in bytes; 0 for 1 MiB
	Piece    int              // bytes of delimited text read at once; 0 for 256 KiB
}

// FileError is what is wrong with a whole file. Its text names the place, what
// was expected and what to do, and no content.
type FileError struct {
	File   string
	Line   int64  // 0 when it is not about a line
	Column string // "" when it is not about a column
	What   string
	Hint   string

	err error
}

func (e *FileError) Error() string {
	s := e.File
	if e.Line > 0 {
		s += ", line " + strconv.FormatInt(e.Line, 10)
	}
	if e.Column != "" {
		s += ", column " + e.Column
	}
	if e.err != nil {
		s += ": " + e.err.Error()
	} else {
		s += ": " + e.What
	}
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	return s
}

// Unwrap is the error of the system beneath, if any.
func (e *FileError) Unwrap() error { return e.err }

// problem is a FileError whose file is not known where it is found.
type problem struct {
	line         int64
	column, what string
	hint         string
}

func (p *problem) at(file string, line int64) *FileError {
	if p.line > 0 {
		line = p.line
	}
	return &FileError{File: file, Line: line, Column: p.column, What: p.what, Hint: p.hint}
}

// Open finds out what a file is and returns its tables: one, or one for every
// entry of an archive or sheet of a workbook. The caller closes them. Everything
// that is wrong with the file as a whole is a *FileError, what is wrong with the
// mapping a *MappingError.
func Open(path string, d *Department, o Options) ([]*Table, error) {
	base := filepath.Base(path)
	if err := o.Mapping.Check(d); err != nil {
		return nil, err
	}
	enc, err := parseEncoding(o.Encoding)
	if err == nil && enc == encUnknown && o.Mapping != nil {
		enc, err = parseEncoding(o.Mapping.Encoding)
	}
	if err != nil {
		return nil, &FileError{File: base, err: err}
	}
	if o.MaxRow <= 0 {
		o.MaxRow = defaultMaxRow
	}
	if o.Piece <= 0 {
		o.Piece = defaultPiece
	}
	raw, err := openRaw(path)
	if err != nil {
		return nil, &FileError{File: base, err: errors.Unwrap(err)}
	}
	t := &Table{
		Name: base, typer: typer{dept: d, covers: o.Covers}, maxRow: o.MaxRow, piece: o.Piece, enc: enc, mapping: o.Mapping,
		raw: raw, progress: &raw.read, total: raw.size, digest: raw.finish,
		info: FileInfo{Name: base, Bytes: raw.size}, closers: []io.Closer{raw},
	}
	head := make([]byte, sniffSize)
	n, err := raw.file.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		_ = t.Close()
		return nil, &FileError{File: base, err: err}
	}
	switch head = head[:n]; {
	case isZip(head):
		tables, err := openZip(path, raw, t)
		_ = raw.Close() // each table opens the file for itself
		return tables, err
	case bytes.HasPrefix(head, []byte(parquetMagic)):
		err = t.openParquet(path, raw)
	default:
		err = t.openStream(raw, 0)
	}
	if err != nil {
		_ = t.Close()
		return nil, err
	}
	return []*Table{t}, nil
}

// openStream opens a table that is read from front to back. depth is the number
// of archives it lies in.
func (t *Table) openStream(src io.Reader, depth int) error {
	r := bufio.NewReaderSize(src, sniffSize)
	head, err := r.Peek(sniffSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return t.wrap(err)
	}
	if p := refuse(head); p != nil {
		return p.at(t.Name, 0)
	}
	format := t.mapping.format()
	switch {
	case bytes.HasPrefix(head, []byte("\x1f\x8b")):
		if depth > 0 {
			return nestedArchive().at(t.Name, 0)
		}
		return t.openGzip(r)
	case isZip(head), bytes.HasPrefix(head, []byte(parquetMagic)):
		return nestedArchive().at(t.Name, 0)
	case format == "fixed":
		return t.openFixed(r)
	case format == "dbf" || format == "" && isDBF(head):
		return t.openDBF(r)
	case format == "jsonl" || format == "" && isJSON(head):
		return t.openJSON(r)
	case format == "xlsx", format == "parquet":
		return (&problem{what: "the mapping says " + format + ", but the file is not", hint: "correct the mapping or send the other file"}).at(t.Name, 0)
	}
	return t.openCSV(r)
}

func nestedArchive() *problem {
	return &problem{
		what: "an archive, workbook or Parquet file inside an archive is not read",
		hint: "unpack it first and give the inner file",
	}
}

// wrap makes an error of the file of an error of reading it.
func (t *Table) wrap(err error) error {
	if _, ok := errors.AsType[*FileError](err); ok {
		return err
	}
	return &FileError{File: t.Name, err: err}
}

func isZip(head []byte) bool {
	return bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("PK\x05\x06"))
}

// isJSON reports whether the text begins with an object.
func isJSON(head []byte) bool {
	head = trim(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")))
	return len(head) > 0 && head[0] == '{'
}

// sniffSize is the part of a file that its format is told by.
const sniffSize = 4096

// refuse says why a file of a well-known kind cannot be read.
func refuse(head []byte) *problem {
	is := func(magic string) bool { return bytes.HasPrefix(head, []byte(magic)) }
	switch {
	case len(head) == 0:
		return &problem{what: "the file is empty", hint: "expected a header row at least"}
	case is("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
		return &problem{
			what: "an old .xls workbook, or one with a password, cannot be read",
			hint: "save it as .xlsx without a password, or as CSV",
		}
	case is("\xff\xfe"), is("\xfe\xff"):
		return &problem{what: "the text is UTF-16", hint: "save it as UTF-8 or GB18030"}
	case len(head) > 262 && string(head[257:262]) == "ustar":
		return &problem{what: "the file is a tar archive", hint: "use zip, or send the plain file"}
	case is("7z\xbc\xaf\x27\x1c"), is("Rar!"), is("\x28\xb5\x2f\xfd"), is("BZh"), is("\xfd7zXZ"):
		return &problem{what: "the compression is not supported", hint: "use gzip or zip, or send the plain file"}
	case isJSONArray(head):
		return &problem{what: "the file is one JSON list", hint: "write one JSON object per line"}
	case is("%PDF"):
		return &problem{what: "a PDF document holds no table that can be read", hint: "ask for CSV or XLSX"}
	}
	return nil
}

func isJSONArray(head []byte) bool {
	head = trim(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")))
	return len(head) > 0 && head[0] == '[' && bytes.HasPrefix(trim(head[1:]), []byte("{"))
}

// openCSV reads the header of delimited text.
func (t *Table) openCSV(src io.Reader) error {
	m := t.mapping
	c := newCSVRows(src, t.maxRow, t.piece)
	if p := c.begin(t.enc); p != nil {
		return p.at(t.Name, 0)
	}
	names := columnNames(t.dept, false)
	header, line, err := c.header(names, m)
	if err != nil {
		return err.at(t.Name, line)
	}
	b, p := bind(t.dept, header, names, m, unitYuan)
	if p != nil {
		return p.at(t.Name, line)
	}
	t.bind, t.rows = b, c
	t.info.Format, t.info.Delimiter, t.info.UnknownColumns = "csv", string(rune(c.delim)), b.unknown
	return nil
}

// begin reads the beginning of text: byte order mark, line ends, encoding.
func (c *csvRows) begin(enc encoding) *problem {
	c.enc = enc
	sample, whole := c.sample(headSample)
	if bytes.HasPrefix(sample, []byte("\xef\xbb\xbf")) {
		c.start, sample = c.start+3, sample[3:]
		if enc == encUnknown {
			c.enc = encUTF8
		}
	} else if bytes.HasPrefix(sample, []byte("\x84\x31\x95\x33")) {
		c.start, sample = c.start+4, sample[4:]
		if enc == encUnknown {
			c.enc = encGB18030
		}
	}
	if looksUTF16(sample) {
		return &problem{what: "the text is UTF-16", hint: "save it as UTF-8 or GB18030"}
	}
	if bytes.IndexByte(sample, '\n') < 0 && bytes.IndexByte(sample, carriage) >= 0 {
		c.term = carriage
	}
	if c.enc == encUnknown && !isASCII(sample) {
		c.enc = judgeEncoding(sample, whole)
	}
	return nil
}

// looksUTF16 reports whether every other byte of the beginning is zero.
func looksUTF16(b []byte) bool {
	b = b[:min(len(b), 64)&^1]
	even, odd := 0, 0
	for i := 0; i < len(b); i += 2 {
		if b[i] == 0 {
			even++
		}
		if b[i+1] == 0 {
			odd++
		}
	}
	return len(b) >= 8 && (even > len(b)/3 && odd == 0 || odd > len(b)/3 && even == 0)
}

// header reads the header row, trying every delimiter. Without a header row the
// columns are named by their positions.
func (c *csvRows) header(names map[string]int, m *Mapping) ([]string, int64, *problem) {
	for range m.skip() {
		var r row
		if err := c.breakLine(&r); err != nil {
			break
		}
	}
	c.columns = 0
	delims := []byte{',', ';', '\t', '|'}
	if d := m.delim(); d != 0 {
		delims = []byte{d}
	}
	for {
		if c.start == c.end && !c.fill() {
			return nil, c.line + 1, &problem{what: "the file has no header row", hint: "expected the names of the columns in the first row"}
		}
		best, bestKnown, bestLength := []string(nil), -1, 0
		var bestDelim byte
		var bestLines int64
		blank := false
		for _, delim := range delims {
			c.delim = delim
			header, n, lines, isBlank := c.tryHeader()
			blank = blank || isBlank
			if header == nil {
				continue
			}
			if k := known(header, names) + m.known(header); k > bestKnown || k == bestKnown && len(header) > len(best) {
				best, bestKnown, bestLength, bestDelim, bestLines = header, k, n, delim, lines
			}
		}
		if blank {
			i := bytes.IndexByte(c.buf[c.start:c.end], c.term)
			if i < 0 {
				c.start = c.end
			} else {
				c.start += i + 1
			}
			c.line++
			continue
		}
		line := c.line + 1
		if best == nil {
			return nil, line, &problem{
				what: "the header row cannot be read: it is too long, a quote is not closed, or its bytes are not of the encoding",
				hint: "check the first line, or say the encoding",
			}
		}
		c.delim, c.columns = bestDelim, len(best)
		if m.headerless() {
			for i := range best {
				best[i] = "column " + strconv.Itoa(i+1)
			}
			return best, line, nil
		}
		c.start += bestLength
		c.line += bestLines
		return best, line, nil
	}
}

// tryHeader splits the row at c.start with the current delimiter and decodes it.
// It returns nil for a row that cannot be split or decoded.
func (c *csvRows) tryHeader() (header []string, length int, lines int64, blank bool) {
	var r row
	n, lines, result := c.split(&r)
	for result == splitMore && !c.eof && c.end-c.start <= c.maxRow {
		c.fill()
		n, lines, result = c.split(&r)
	}
	if result != splitDone || n > c.maxRow || len(r.fields) > maxColumns {
		return nil, 0, 0, false
	}
	if isBlank(&r, c.buf[c.start:c.start+n]) {
		return nil, 0, 0, true
	}
	for _, f := range r.fields {
		text, _, state := appendText(c.enc, nil, f)
		if state == textBroken {
			return nil, 0, 0, false
		}
		header = append(header, string(bytes.Join(bytes.Fields(text), []byte(" "))))
	}
	return header, n, lines, false
}

func (c *csvRows) encoding() encoding { return c.enc }
