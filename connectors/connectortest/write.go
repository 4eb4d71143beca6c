package connectortest

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/hedui/hedui/connectors"
	"github.com/hedui/hedui/engine/household"
)

// Sheet is a table as people see it: the department's own column names and rows
// of text, amounts in yuan.
type Sheet struct {
	Department *connectors.Department
	Columns    []string
	Rows       [][]string
}

func (s Sheet) column(i int) connectors.Column {
	for _, c := range s.Department.Columns {
		if c.Name == s.Columns[i] {
			return c
		}
	}
	return connectors.Column{Name: s.Columns[i]}
}

// Chinese is the sheet's header in Chinese.
func (s Sheet) Chinese() []string {
	var out []string
	for i := range s.Columns {
		out = append(out, s.column(i).Zh)
	}
	return out
}

// CSV writes delimited text with the given header.
func (s Sheet) CSV(header []string, delim, end string) []byte {
	var b bytes.Buffer
	for _, row := range append([][]string{header}, s.Rows...) {
		for i, f := range row {
			if i > 0 {
				b.WriteString(delim)
			}
			if strings.ContainsAny(f, delim+"\"\r\n") {
				f = `"` + strings.ReplaceAll(f, `"`, `""`) + `"`
			}
			b.WriteString(f)
		}
		b.WriteString(end)
	}
	return b.Bytes()
}

// GB18030 encodes text.
func GB18030(t testing.TB, text []byte) []byte {
	t.Helper()
	out, err := simplifiedchinese.GB18030.NewEncoder().Bytes(text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Gzip compresses data.
func Gzip(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write(data)
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Zip packs entries, given as names and contents in turn.
func Zip(t testing.TB, entries ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(entries); i += 2 {
		w, err := z.Create(entries[i])
		if err == nil {
			_, err = w.Write([]byte(entries[i+1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// JSONLines writes one object per row: amounts in fen where they are amounts,
// empty fields left out.
func (s Sheet) JSONLines() []byte {
	var b bytes.Buffer
	for _, row := range s.Rows {
		b.WriteByte('{')
		n := 0
		for i, f := range row {
			c := s.column(i)
			if f == "" && c.Kind == connectors.KindAmount {
				continue
			}
			if n++; n > 1 {
				b.WriteByte(',')
			}
			name, value := c.Name, []byte(nil)
			value, _ = json.Marshal(f)
			if c.Kind == connectors.KindAmount {
				name += "_fen"
				if fen, err := household.ParseYuan([]byte(f)); err == nil {
					value = strconv.AppendInt(nil, int64(fen), 10)
				} else {
					value = []byte(f)
				}
			}
			fmt.Fprintf(&b, "%q:%s", name, value)
		}
		b.WriteString("}\n")
	}
	return b.Bytes()
}

// XLSX writes a workbook, amounts and areas as numbers.
func (s Sheet) XLSX(t testing.TB, header []string) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	w, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		t.Fatal(err)
	}
	for n, row := range append([][]string{header}, s.Rows...) {
		cells := make([]any, len(row))
		for i, text := range row {
			cells[i] = text
			if k := s.column(i).Kind; n > 0 && (k == connectors.KindAmount || k == connectors.KindArea) {
				if v, err := strconv.ParseFloat(text, 64); err == nil {
					cells[i] = v
				}
			}
			if text == "" {
				cells[i] = nil
			}
		}
		if err := w.SetRow("A"+strconv.Itoa(n+1), cells); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	b, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Parquet writes a Parquet file: amounts in fen as INT64, all else as text,
// empty fields as null.
func (s Sheet) Parquet(t testing.TB) []byte {
	t.Helper()
	group := make(parquet.Group)
	names := make([]string, len(s.Columns))
	for i := range s.Columns {
		c := s.column(i)
		names[i] = c.Name
		node := parquet.String()
		if c.Kind == connectors.KindAmount {
			names[i] += "_fen"
			node = parquet.Leaf(parquet.Int64Type)
		}
		group[names[i]] = parquet.Optional(node)
	}
	schema := parquet.NewSchema("rows", group)
	var b bytes.Buffer
	w := parquet.NewWriter(&b, schema)
	for _, row := range s.Rows {
		out := make(parquet.Row, len(names))
		for i, text := range row {
			leaf, _ := schema.Lookup(names[i])
			v := parquet.NullValue()
			defined := 0
			if text != "" {
				defined = 1
				v = parquet.ValueOf(text)
				if s.column(i).Kind == connectors.KindAmount {
					fen, err := household.ParseYuan([]byte(text))
					if err != nil {
						t.Fatal(err)
					}
					v = parquet.ValueOf(int64(fen))
				}
			}
			out[leaf.ColumnIndex] = v.Level(0, defined, int(leaf.ColumnIndex))
		}
		if _, err := w.WriteRows([]parquet.Row{out}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Fixed writes lines of fixed width in GB18030 and the mapping that describes them.
func (s Sheet) Fixed(t testing.TB) (data []byte, mapping string) {
	t.Helper()
	var m strings.Builder
	fmt.Fprintf(&m, "source: %s\nformat: fixed\nencoding: gb18030\ncolumns:\n", s.Department.Source)
	widths := make([]int, len(s.Columns))
	for i := range s.Columns {
		for _, row := range s.Rows {
			widths[i] = max(widths[i], len(GB18030(t, []byte(row[i]))), 1)
		}
	}
	from := 1
	for i, c := range s.Columns {
		fmt.Fprintf(&m, "  %s: {from: %d, len: %d}\n", c, from, widths[i])
		from += widths[i]
	}
	var b bytes.Buffer
	for _, row := range s.Rows {
		for i, text := range row {
			f := GB18030(t, []byte(text))
			pad := bytes.Repeat([]byte{' '}, widths[i]-len(f))
			if s.column(i).Kind == connectors.KindAmount {
				f, pad = pad, f
			}
			b.Write(f)
			b.Write(pad)
		}
		b.WriteString("\r\n")
	}
	return b.Bytes(), m.String()
}

// DBF writes a dBase III table in GBK: amounts as numeric fields, all else as
// text. Names are cut to the ten bytes that a field name can have.
func (s Sheet) DBF(t testing.TB) []byte {
	t.Helper()
	widths := make([]int, len(s.Columns))
	for i := range s.Columns {
		for _, row := range s.Rows {
			widths[i] = max(widths[i], len(GB18030(t, []byte(row[i]))), 1)
		}
	}
	length := 1
	for _, w := range widths {
		length += w
	}
	b := make([]byte, 32)
	b[0], b[1], b[2], b[3], b[29] = 0x03, 126, 10, 31, 0x4d
	binary.LittleEndian.PutUint32(b[4:], uint32(len(s.Rows)))
	binary.LittleEndian.PutUint16(b[8:], uint16(32+32*len(s.Columns)+1))
	binary.LittleEndian.PutUint16(b[10:], uint16(length))
	for i, name := range s.Columns {
		f := make([]byte, 32)
		copy(f[:10], strings.ToUpper(name))
		f[11], f[16] = 'C', byte(widths[i])
		if s.column(i).Kind == connectors.KindAmount {
			f[11], f[17] = 'N', 2
		}
		b = append(b, f...)
	}
	b = append(b, 0x0d)
	for _, row := range s.Rows {
		b = append(b, ' ')
		for i, text := range row {
			f := GB18030(t, []byte(text))
			pad := bytes.Repeat([]byte{' '}, widths[i]-len(f))
			if s.column(i).Kind == connectors.KindAmount {
				f, pad = pad, f
			}
			b = append(append(b, f...), pad...)
		}
	}
	return append(b, 0x1a)
}
