package connectors

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
	"sync/atomic"
)

// Limits of workbooks.
const (
	maxWorkbookPart = 16 << 20  // bytes of the parts that list sheets
	maxSharedText   = 256 << 20 // bytes of text that cells share
	maxXMLText      = 4 << 20   // bytes between two tags
	maxSheets       = 256
)

// workbook is an XLSX file that is being read, shared by the tables of its sheets.
type workbook struct {
	raw      io.Closer
	zip      *zip.Reader
	sheets   []sheetRef
	shared   *sharedStrings
	date1904 bool
	users    atomic.Int32
}

type sheetRef struct{ name, part string }

// Close is called by every table; the last one closes the file.
func (w *workbook) Close() error {
	if w.users.Add(-1) > 0 {
		return nil
	}
	w.shared = nil
	return w.raw.Close()
}

// openWorkbook returns a table for every sheet whose first row names columns of
// the department. A workbook without one is refused for what its first sheet lacks.
func openWorkbook(path string, file *Table, digest func() ([32]byte, error)) ([]*Table, error) {
	raw, err := openRaw(path)
	if err != nil {
		return nil, file.wrap(err)
	}
	w := &workbook{raw: raw}
	w.users.Store(1)
	defer func() { _ = w.Close() }()
	if w.zip, err = zip.NewReader(raw.file, raw.size); err == nil {
		err = w.open()
	}
	if err != nil {
		return nil, file.wrap(fmt.Errorf("the workbook cannot be read: %w", err))
	}
	var tables []*Table
	var skipped []string
	var refusal error
	for _, ref := range w.sheets {
		t := *file
		t.closers, t.digest = nil, digest
		if len(tables) > 0 {
			t.Name = file.Name + "/" + ref.name
			t.info.Name = t.Name
		}
		isTable, err := t.openSheet(w, ref)
		if err == nil {
			tables = append(tables, &t)
			continue
		}
		_ = t.release()
		if isTable {
			for _, other := range tables {
				_ = other.Close()
			}
			return nil, err
		}
		skipped = append(skipped, ref.name)
		if refusal == nil {
			refusal = err
		}
	}
	for _, t := range tables {
		t.info.SkippedSheets = skipped
	}
	if len(tables) == 0 {
		if refusal == nil {
			refusal = (&problem{what: "the workbook has no sheet with a table", hint: "expected a header row in the first row of a sheet"}).at(file.Name, 0)
		}
		return nil, refusal
	}
	return tables, nil
}

// openSheet reads the header of a sheet. isTable tells, with an error, that the
// sheet is meant to be a table: it has two or more of the department's columns.
func (t *Table) openSheet(w *workbook, ref sheetRef) (isTable bool, err error) {
	s := &sheetRows{book: w, maxRow: t.maxRow, line: 0}
	part, err := w.part(ref.part)
	if err != nil {
		return true, t.wrap(err)
	}
	size := max(1, int64(part.UncompressedSize64))
	r, err := part.Open()
	if err != nil {
		return true, t.wrap(err)
	}
	w.users.Add(1)
	t.closers = append(t.closers, w, unpacker{r})
	t.progress, t.total = new(atomic.Int64), int64(part.CompressedSize64)
	s.xml = newXML(&progressReader{
		src:  &guard{src: r, in: func() int64 { return int64(part.CompressedSize64) }, name: t.Name},
		done: t.progress, total: t.total, size: size,
	})
	var first row
	for range t.mapping.skip() + 1 {
		if err := s.next(&first); err != nil {
			if errors.Is(err, io.EOF) {
				return false, (&problem{what: "the sheet " + ref.name + " is empty", hint: "expected a header row"}).at(t.Name, 0)
			}
			return true, t.wrap(err)
		}
	}
	var header []string
	for _, f := range first.fields {
		header = append(header, string(bytes.Join(bytes.Fields(f), []byte(" "))))
	}
	if len(header) > maxColumns {
		return true, (&problem{what: "the header has too many columns", hint: "delete what is not part of the table"}).at(t.Name, first.line)
	}
	names := columnNames(t.dept, false)
	isTable = known(header, names)+t.mapping.known(header) >= 2
	if t.mapping.headerless() {
		isTable = true
		for i := range header {
			header[i] = "column " + strconv.Itoa(i+1)
		}
		s.pending = true
	}
	b, p := bind(t.dept, header, names, t.mapping, unitYuan)
	if p != nil {
		return isTable, p.at(t.Name, first.line)
	}
	s.columns = len(header)
	s.kinds = make([]Kind, len(header))
	for _, st := range b.steps {
		if st.src >= 0 {
			s.kinds[st.src] = st.kind
		}
	}
	t.bind, t.rows = b, s
	t.info.Format, t.info.UnknownColumns = "xlsx", b.unknown
	return true, nil
}

// part finds a part of the workbook by its name.
func (w *workbook) part(name string) (*zip.File, error) {
	for _, f := range w.zip.File {
		if strings.EqualFold(f.Name, name) {
			return f, nil
		}
	}
	return nil, fmt.Errorf("the workbook lacks its part %s", path.Base(name))
}

// open reads which sheets there are and the text that their cells share.
func (w *workbook) open() error {
	var book struct {
		Properties struct {
			Date1904 string `xml:"date1904,attr"`
		} `xml:"workbookPr"`
		Sheets []struct {
			Name string `xml:"name,attr"`
			ID   string `xml:"http://schemas.openxmlformats.org/officeDocument/2006/relationships id,attr"`
			ID2  string `xml:"http://purl.oclc.org/ooxml/officeDocument/relationships id,attr"`
		} `xml:"sheets>sheet"`
	}
	if err := w.decode("xl/workbook.xml", &book); err != nil {
		return err
	}
	w.date1904 = book.Properties.Date1904 == "1" || book.Properties.Date1904 == "true"
	var rels struct {
		Relationship []struct {
			ID     string `xml:"Id,attr"`
			Type   string `xml:"Type,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	if err := w.decode("xl/_rels/workbook.xml.rels", &rels); err != nil {
		return err
	}
	targets := make(map[string]string)
	shared := ""
	for _, r := range rels.Relationship {
		target := strings.TrimPrefix(r.Target, "/")
		if target == r.Target {
			target = path.Join("xl", target)
		}
		if strings.HasSuffix(r.Type, "/worksheet") {
			targets[r.ID] = target
		}
		if strings.HasSuffix(r.Type, "/sharedStrings") {
			shared = target
		}
	}
	for _, s := range book.Sheets {
		id := s.ID
		if id == "" {
			id = s.ID2
		}
		if target, ok := targets[id]; ok {
			w.sheets = append(w.sheets, sheetRef{strings.ToValidUTF8(s.Name, "?"), target})
		}
	}
	if len(w.sheets) > maxSheets {
		return fmt.Errorf("more than %d sheets", maxSheets)
	}
	if shared == "" {
		w.shared = new(sharedStrings)
		return nil
	}
	return w.readShared(shared)
}

// decode reads one of the small parts.
func (w *workbook) decode(name string, into any) error {
	f, err := w.part(name)
	if err != nil {
		return err
	}
	r, err := f.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	if f.UncompressedSize64 > maxWorkbookPart {
		return fmt.Errorf("its part %s is too large", path.Base(name))
	}
	return newXML(r).Decode(into)
}

// sharedStrings are the texts that cells refer to by number, one behind the other.
type sharedStrings struct {
	text []byte
	ends []uint32
}

func (s *sharedStrings) at(i int) ([]byte, bool) {
	if i < 0 || i >= len(s.ends) {
		return nil, false
	}
	from := uint32(0)
	if i > 0 {
		from = s.ends[i-1]
	}
	return s.text[from:s.ends[i]:s.ends[i]], true
}

func (w *workbook) readShared(name string) error {
	f, err := w.part(name)
	if err != nil {
		return err
	}
	r, err := f.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	s := new(sharedStrings)
	x := newXML(r)
	for {
		token, err := x.Token()
		if errors.Is(err, io.EOF) {
			w.shared = s
			return nil
		}
		if err != nil {
			return fmt.Errorf("its shared text is damaged: %w", errXML(err))
		}
		if el, ok := token.(xml.StartElement); ok && el.Name.Local == "si" {
			if s.text, err = richText(x, s.text); err != nil {
				return fmt.Errorf("its shared text is damaged: %w", errXML(err))
			}
			if len(s.text) > maxSharedText {
				return errors.New("its cells share more text than can be held; save the sheet as CSV")
			}
			s.ends = append(s.ends, uint32(len(s.text)))
		}
	}
}

// newXML is a decoder that takes UTF-8 only and no endless text.
func newXML(r io.Reader) *xml.Decoder {
	return xml.NewDecoder(&tagged{src: r})
}

// errXML is an error of the decoder without what it quotes of the file.
func errXML(err error) error {
	if syntax, ok := errors.AsType[*xml.SyntaxError](err); ok {
		return fmt.Errorf("broken XML in line %d", syntax.Line)
	}
	return err
}

// tagged passes bytes on as long as tags come often enough, because the decoder
// holds the whole text between two of them.
type tagged struct {
	src  io.Reader
	text int
}

func (t *tagged) Read(p []byte) (int, error) {
	n, err := t.src.Read(p)
	if i := bytes.LastIndexByte(p[:n], '<'); i >= 0 {
		t.text = n - i
	} else if t.text += n; t.text > maxXMLText {
		return n, errors.New("a cell holds too much text")
	}
	return n, err
}

// richText appends the text of the element that was just begun: of its t
// elements, but not of phonetic guides.
func richText(x *xml.Decoder, dst []byte) ([]byte, error) {
	from := len(dst)
	depth, silent, inText := 1, 0, false
	for depth > 0 {
		token, err := x.Token()
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return dst, err
		}
		switch el := token.(type) {
		case xml.StartElement:
			depth++
			if el.Name.Local == "rPh" || silent > 0 {
				silent++
			}
			inText = el.Name.Local == "t" && silent == 0
		case xml.EndElement:
			depth--
			if silent > 0 {
				silent--
			}
			inText = false
		case xml.CharData:
			if inText {
				dst = append(dst, el...)
			}
		}
	}
	return unescapeXML(dst, from), nil
}

// unescapeXML replaces the _xHHHH_ forms that stand for control characters in
// the text from from on.
func unescapeXML(b []byte, from int) []byte {
	if !bytes.Contains(b[from:], []byte("_x")) {
		return b
	}
	out := b[:from]
	for s := b[from:]; len(s) > 0; {
		if len(s) >= 7 && s[0] == '_' && s[1] == 'x' && s[6] == '_' {
			if n, err := strconv.ParseUint(string(s[2:6]), 16, 16); err == nil && n < 0x80 {
				out = append(out, byte(n))
				s = s[7:]
				continue
			}
		}
		out = append(out, s[0])
		s = s[1:]
	}
	return out
}
