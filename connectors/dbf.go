package connectors

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// dbfRows reads the records of a dBase III or FoxPro table. Records marked as
// deleted are passed over and counted.
type dbfRows struct {
	src     *bufio.Reader
	enc     encoding
	records int64
	read    int64
	record  []byte
	fields  []dbfField
	gone    int64
	scratch []byte
}

type dbfField struct {
	name   []byte
	kind   byte
	offset int // in the record; the deletion flag is at 0
	length int
	scale  int
}

const (
	dbfHeader     = 32
	dbfTerminator = 0x0d
)

// isDBF reports whether the file begins with the header of a DBF table.
func isDBF(head []byte) bool {
	if len(head) < dbfHeader+1 {
		return false
	}
	switch head[0] {
	case 0x02, 0x03, 0x04, 0x05, 0x30, 0x31, 0x32, 0x43, 0x63, 0x83, 0x8b, 0x8e, 0xcb, 0xf5, 0xfb:
	default:
		return false
	}
	size := int(binary.LittleEndian.Uint16(head[8:]))
	return head[2] <= 12 && head[3] <= 31 && size > dbfHeader && binary.LittleEndian.Uint16(head[10:]) > 1 &&
		(head[dbfHeader] == dbfTerminator || head[dbfHeader] >= 'A')
}

// openDBF reads the header of a DBF table.
func (t *Table) openDBF(src io.Reader) error {
	d := &dbfRows{src: bufio.NewReaderSize(src, sampleSize), enc: t.enc}
	if p := d.header(); p != nil {
		return p.at(t.Name, 0)
	}
	if p := d.decideEncoding(); p != nil {
		return p.at(t.Name, 0)
	}
	header := make([]string, len(d.fields))
	for i, f := range d.fields {
		text, _, state := appendText(d.enc, nil, f.name)
		if state == textBroken {
			text = []byte("field " + strconv.Itoa(i+1))
		}
		header[i] = string(text)
	}
	b, p := bind(t.dept, header, dbfNames(t.dept), t.mapping, unitYuan)
	if p != nil {
		return p.at(t.Name, 0)
	}
	for _, s := range b.steps {
		if s.src < 0 {
			continue
		}
		switch k := d.fields[s.src].kind; {
		case bytes.IndexByte([]byte("CNFDLIY"), k) >= 0:
		case k == 'B' || k == 'O':
			return (&problem{
				column: s.header, what: "the field is a binary floating point number, which cannot hold an amount exactly",
				hint: "export it as a numeric or character field",
			}).at(t.Name, 0)
		default:
			return (&problem{
				column: s.header, what: fmt.Sprintf("fields of type %q (memo, picture, time) are not read", string(rune(k))),
				hint: "export it as a character field",
			}).at(t.Name, 0)
		}
	}
	t.bind, t.rows = b, d
	t.info.Format, t.info.UnknownColumns = "dbf", b.unknown
	return nil
}

// dbfNames are the names a header may use, also cut to the ten bytes that a field
// name can have.
func dbfNames(d *Department) map[string]int {
	names := columnNames(d, false)
	cut := make(map[string]int)
	for name, i := range names {
		short := name
		for len(short) > 10 || !isASCII([]byte(short)) && gbLength(short) > 10 {
			r := []rune(short)
			short = string(r[:len(r)-1])
		}
		if short == name {
			continue
		}
		if _, taken := names[short]; taken {
			continue
		}
		if other, taken := cut[short]; taken && other != i {
			cut[short] = -1
			continue
		}
		cut[short] = i
	}
	for name, i := range cut {
		if i >= 0 {
			names[name] = i
		}
	}
	return names
}

// gbLength is the length of a text of common characters in GBK.
func gbLength(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r >= 0x80 {
			n++
		}
	}
	return n
}

var errTruncated = errors.New("the table ends before its last record")

func (d *dbfRows) header() *problem {
	damaged := &problem{what: "the header of the DBF table is damaged", hint: "export the table again"}
	head := make([]byte, dbfHeader)
	if _, err := io.ReadFull(d.src, head); err != nil {
		return damaged
	}
	d.records = int64(binary.LittleEndian.Uint32(head[4:]))
	size := int(binary.LittleEndian.Uint16(head[8:]))
	length := int(binary.LittleEndian.Uint16(head[10:]))
	if size <= dbfHeader || length < 2 {
		return damaged
	}
	if d.enc == encUnknown && (head[29] == 0x4d || head[29] == 0x7a) {
		d.enc = encGB18030
	}
	rest := make([]byte, size-dbfHeader)
	if _, err := io.ReadFull(d.src, rest); err != nil {
		return damaged
	}
	offset := 1
	for len(rest) >= dbfHeader && rest[0] != dbfTerminator {
		f := dbfField{kind: rest[11], offset: offset, length: int(rest[16]), scale: int(rest[17])}
		f.name = trim(bytes.Clone(rest[:11][:max(0, indexOr(rest[:11], 0, 11))]))
		if f.kind == 'C' { // FoxPro keeps the high byte of long fields here
			f.length += f.scale << 8
		}
		offset += f.length
		d.fields = append(d.fields, f)
		rest = rest[dbfHeader:]
	}
	if len(rest) == 0 || rest[0] != dbfTerminator || offset > length || len(d.fields) == 0 {
		return damaged
	}
	d.record = make([]byte, length)
	return nil
}

func indexOr(b []byte, c byte, otherwise int) int {
	if i := bytes.IndexByte(b, c); i >= 0 {
		return i
	}
	return otherwise
}

// decideEncoding judges the field names and the text of the first records, which
// take the place of lines, when the header does not say a code page.
func (d *dbfRows) decideEncoding() *problem {
	if d.enc != encUnknown {
		return nil
	}
	var sample []byte
	for _, f := range d.fields {
		sample = append(append(sample, f.name...), '\n')
	}
	ahead, err := d.src.Peek(sampleSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return &problem{what: "the table cannot be read: " + err.Error()}
	}
	for ; len(ahead) >= len(d.record); ahead = ahead[len(d.record):] {
		for _, f := range d.fields {
			if f.kind == 'C' {
				sample = append(append(sample, ahead[f.offset:f.offset+f.length]...), '\n')
			}
		}
	}
	d.enc = judgeEncoding(sample, true)
	return nil
}

func (d *dbfRows) next(r *row) error {
	for {
		if d.read == d.records {
			return d.end()
		}
		if _, err := io.ReadFull(d.src, d.record); err != nil {
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				return errTruncated
			}
			return err
		}
		d.read++
		if d.record[0] == '*' {
			d.gone++
			continue
		}
		if d.record[0] != ' ' {
			return fmt.Errorf("record %d of the DBF table is damaged", d.read)
		}
		r.line, r.enc, r.special, r.broken = 0, d.enc, true, false
		r.fields = r.fields[:0]
		d.scratch = d.scratch[:0]
		for i := range d.fields {
			r.fields = append(r.fields, d.value(&d.fields[i]))
		}
		return nil
	}
}

// end checks that nothing but the end mark follows the last record.
func (d *dbfRows) end() error {
	rest, err := d.src.Peek(d.src.Size())
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if len(bytes.Trim(rest, "\x1a\x00")) > 0 {
		return errors.New("the DBF table has more data than its header says")
	}
	return io.EOF
}

// value is the text of a field.
func (d *dbfRows) value(f *dbfField) []byte {
	raw := d.record[f.offset : f.offset+f.length]
	from := len(d.scratch)
	switch f.kind {
	case 'C', 'N', 'F', 'D', 'L':
		if f.kind == 'C' {
			raw = bytes.TrimRight(raw, "\x00")
		}
		return raw
	case 'I':
		if len(raw) == 4 {
			d.scratch = strconv.AppendInt(d.scratch, int64(int32(binary.LittleEndian.Uint32(raw))), 10)
		}
	case 'Y': // currency: ten-thousandths
		if len(raw) == 8 {
			n := int64(binary.LittleEndian.Uint64(raw))
			u := uint64(n)
			if n < 0 {
				d.scratch = append(d.scratch, '-')
				u = -u
			}
			d.scratch = strconv.AppendUint(d.scratch, u/10000, 10)
			if frac := u % 10000; frac != 0 {
				digits := strconv.AppendUint(nil, 10000+frac, 10)[1:]
				d.scratch = append(append(d.scratch, '.'), bytes.TrimRight(digits, "0")...)
			}
		}
	}
	return d.scratch[from:len(d.scratch):len(d.scratch)]
}

func (d *dbfRows) Close() error       { return nil }
func (d *dbfRows) encoding() encoding { return d.enc }
func (d *dbfRows) deleted() int64     { return d.gone }
