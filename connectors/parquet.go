package connectors

import (
	"errors"
	"fmt"
	"io"
	"math/big"
	"strconv"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"github.com/hedui/hedui/engine/household"
)

const (
	parquetMagic = "PAR1"
	parquetBatch = 64
)

// parquetRows reads the rows of a Parquet file. Amounts are whole fen in columns
// that end in _fen, or yuan as decimals or text; binary floating point numbers
// are refused for everything.
type parquetRows struct {
	file    *parquet.File
	group   int
	rows    parquet.Rows
	buffer  []parquet.Row
	filled  int
	at      int
	given   int64
	leaves  []parquetLeaf
	arena   []byte
	table   *Table
	skipped []bool
}

// parquetLeaf is one column of the file.
type parquetLeaf struct {
	name    string
	kind    parquet.Kind
	logical format.LogicalTypeValue
	flat    bool
	monthly bool // the column is read as months
}

// openParquet opens a Parquet file, which is read at many places.
func (t *Table) openParquet(path string, raw *rawFile) (err error) {
	defer func() {
		// The library panics on some damaged files; they are damaged all the same.
		if r := recover(); r != nil {
			err = (&problem{what: "the Parquet file is damaged", hint: "write it again"}).at(t.Name, 0)
		}
	}()
	t.digest = func() ([32]byte, error) { return digestFile(path) }
	if err := checkFooter(raw.file, raw.size); err != nil {
		return t.wrap(err)
	}
	f, err := parquet.OpenFile(raw.file, raw.size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return (&problem{what: "the Parquet file is damaged", hint: "write it again"}).at(t.Name, 0)
	}
	for i := range f.Metadata().RowGroups {
		for _, c := range f.Metadata().RowGroups[i].Columns {
			out, in := c.MetaData.TotalUncompressedSize, c.MetaData.TotalCompressedSize
			if out > ratioGrace && out/maxRatio > in || in > raw.size {
				return bomb(t.Name)
			}
		}
	}
	p := &parquetRows{file: f, buffer: make([]parquet.Row, parquetBatch), table: t}
	var header []string
	for i, path := range f.Schema().Columns() {
		leaf := parquetLeaf{name: strings.Join(path, ".")}
		if column, ok := f.Schema().Lookup(path...); ok && column.Node.Leaf() {
			leaf.flat = len(path) == 1 && column.MaxRepetitionLevel == 0 && int(column.ColumnIndex) == i
			leaf.kind = column.Node.Type().Kind()
			if l := column.Node.Type().LogicalType(); l != nil {
				leaf.logical = l.Value
			}
		}
		p.leaves = append(p.leaves, leaf)
		header = append(header, leaf.name)
	}
	flat := make([]bool, len(p.leaves))
	for i := range p.leaves {
		flat[i] = p.leaves[i].flat
	}
	if err := checkPages(f, raw.file, raw.size, flat); err != nil {
		return t.wrap(err)
	}
	names := columnNames(t.dept, false)
	for i := range t.dept.Columns {
		if c := &t.dept.Columns[i]; c.Kind == KindAmount {
			names[c.Name+"_fen"] = i
		}
	}
	b, bad := bind(t.dept, header, names, t.mapping, unitYuan)
	if bad != nil {
		return bad.at(t.Name, 0)
	}
	p.skipped = make([]bool, len(header))
	for _, f := range b.ignored {
		p.skipped[f] = true
	}
	for i := range b.steps {
		s := &b.steps[i]
		if s.src < 0 {
			continue
		}
		if s.kind == KindAmount && strings.HasSuffix(headerKey(s.header), "_fen") {
			s.unit = t.mapping.unit(t.dept.Columns[s.col].Name, unitFen)
		}
		_, told := t.mapping.unitTold(t.dept.Columns[s.col].Name)
		p.leaves[s.src].monthly = s.kind == KindMonth || s.kind == KindPeriod
		if bad := p.leaves[s.src].suits(s, told); bad != nil {
			return bad.at(t.Name, 0)
		}
	}
	t.bind, t.rows = b, p
	t.info.Format, t.info.UnknownColumns = "parquet", b.unknown
	return nil
}

// suits says what is wrong with the type of a column for what it shall hold.
func (l *parquetLeaf) suits(s *step, unitTold bool) *problem {
	decimal, isDecimal := l.logical.(*format.DecimalType)
	_, isDate := l.logical.(*format.DateType)
	_, isString := l.logical.(*format.StringType)
	refuse := func(what, hint string) *problem { return &problem{column: s.header, what: what, hint: hint} }
	if _, ok := l.logical.(*format.TimestampType); ok {
		return refuse("time stamps depend on a time zone", "write DATE or text")
	}
	switch {
	case !l.flat:
		return refuse("the column is nested or repeated", "write it as a plain column")
	case l.kind == parquet.Float, l.kind == parquet.Double:
		return refuse("the column holds binary floating point numbers, which are not exact", "write decimals, text or whole fen in a column that ends in _fen")
	case l.kind == parquet.Int96:
		return refuse("the column has the old 96 bit time stamps", "write dates as DATE or text")
	case isDecimal && (decimal.Scale < 0 || decimal.Scale > 30):
		return refuse("the column's decimals cannot be read", "write at most two decimals")
	case s.kind == KindAmount && s.unit == unitFen && !unitTold && (l.kind != parquet.Int64 && l.kind != parquet.Int32 || isDecimal && decimal.Scale != 0):
		return refuse("a column that ends in _fen holds whole numbers", "write INT64")
	case s.kind == KindAmount && s.unit != unitFen && !unitTold && !isDecimal && (l.kind == parquet.Int32 || l.kind == parquet.Int64):
		return refuse("whole numbers may be yuan or fen", "name the column "+s.header+"_fen, or write decimals, or say the unit in a mapping")
	}
	if l.kind == parquet.FixedLenByteArray && !isDecimal && !isString {
		return refuse("the column has binary values", "write text")
	}
	if isDate && s.kind != KindDate && s.kind != KindMonth && s.kind != KindPeriod {
		return refuse("the column has dates", "write text")
	}
	return nil
}

func (p *parquetRows) Close() error {
	if p.rows != nil {
		err := p.rows.Close()
		p.rows = nil
		return err
	}
	return nil
}

func (p *parquetRows) next(r *row) (err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("the Parquet file is damaged")
		}
	}()
	for p.at == p.filled {
		if err := p.read(); err != nil {
			return err
		}
	}
	values := p.buffer[p.at]
	p.at++
	p.given++
	if total := p.file.NumRows(); total > 0 {
		p.table.progress.Store(p.table.total / total * p.given)
	}
	r.line, r.enc, r.special, r.broken = 0, encUTF8, true, false
	r.fields = r.fields[:0]
	for range p.leaves {
		r.fields = append(r.fields, nil)
	}
	p.arena = p.arena[:0]
	for _, v := range values {
		if c := v.Column(); c >= 0 && c < len(p.leaves) && !p.skipped[c] && !v.IsNull() {
			r.fields[c] = p.text(v, &p.leaves[c])
		}
	}
	return nil
}

// read fills the buffer with the next rows.
func (p *parquetRows) read() error {
	groups := p.file.RowGroups()
	if p.rows == nil {
		if p.group == len(groups) {
			if p.given != p.file.NumRows() {
				return errors.New("the Parquet file has fewer rows than it says")
			}
			return io.EOF
		}
		p.rows = groups[p.group].Rows()
		p.group++
	}
	n, err := p.rows.ReadRows(p.buffer)
	p.filled, p.at = n, 0
	if errors.Is(err, io.EOF) || err == nil && n == 0 {
		err = p.rows.Close()
		p.rows = nil
	}
	if err != nil {
		return fmt.Errorf("the Parquet file is damaged: %w", err)
	}
	return nil
}

// text is a value as the text that the column's kind reads.
func (p *parquetRows) text(v parquet.Value, l *parquetLeaf) []byte {
	from := len(p.arena)
	switch logical := l.logical.(type) {
	case *format.DecimalType:
		n := new(big.Int)
		switch l.kind {
		case parquet.Int32:
			n.SetInt64(int64(v.Int32()))
		case parquet.Int64:
			n.SetInt64(v.Int64())
		default:
			b := v.ByteArray()
			n.SetBytes(b)
			if len(b) > 0 && b[0] >= 0x80 {
				n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
			}
		}
		p.arena = appendScaled(p.arena, n, int(logical.Scale))
	case *format.DateType:
		epoch, _ := household.NewDate(1970, 1, 1)
		d, ok := dateOfDays(epoch.Days() + int(v.Int32()))
		if !ok || v.Int32() < -700_000 {
			return unreadable
		}
		p.arena, _ = d.AppendText(p.arena)
		if l.monthly {
			p.arena = p.arena[:from+len("2006-01")]
		}
	default:
		switch l.kind {
		case parquet.Boolean:
			p.arena = strconv.AppendBool(p.arena, v.Boolean())
		case parquet.Int32:
			p.arena = strconv.AppendInt(p.arena, int64(v.Int32()), 10)
		case parquet.Int64:
			p.arena = strconv.AppendInt(p.arena, v.Int64(), 10)
		default:
			return v.ByteArray()
		}
	}
	return p.arena[from:len(p.arena):len(p.arena)]
}

// appendScaled appends n × 10^−scale without trailing zeros.
func appendScaled(b []byte, n *big.Int, scale int) []byte {
	if n.Sign() < 0 {
		b = append(b, '-')
	}
	digits := new(big.Int).Abs(n).String()
	for len(digits) <= scale {
		digits = "0" + digits
	}
	whole, frac := digits[:len(digits)-scale], strings.TrimRight(digits[len(digits)-scale:], "0")
	b = append(b, whole...)
	if frac != "" {
		b = append(append(b, '.'), frac...)
	}
	return b
}
