package connectors

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"sync/atomic"
)

// FeedRow is one row of a feed: one JSON object, or the fields of one line of CSV.
type FeedRow struct {
	// Number is the row's, from 1 and growing. Numbers may be left out.
	Number int64
	// Text is borrowed until the next row. nil is a row that can't be read.
	Text []byte
}

// FeedRows hands out the rows of a feed that was opened. One goroutine uses it.
type FeedRows struct {
	// Next returns the next row, io.EOF at the end, or the error that ends the feed.
	Next  func() (FeedRow, error)
	Close func() error
}

// Feed is a delivery that comes in rows instead of a file. It can be opened again, and
// hands out the same rows then.
type Feed struct {
	// Name stands for the file's.
	Name string
	// Rows is about how many there are.
	Rows int64
	// Columns are the names of the fields of CSV; without them each row is one JSON object.
	Columns []string
	// Open begins at the first row; what it returns ends with ctx.
	Open func(ctx context.Context) (FeedRows, error)
}

// feedRowBytes is how long a row of a feed is taken to be before it is read.
const feedRowBytes = 400

// Size is about how many bytes there are to read.
func (f Feed) Size() int64 { return f.Rows * feedRowBytes }

// OpenFeed returns the table of a feed. It opens the feed at the first row. Every row of
// the feed is a row of the table, one that is empty or holds more than one row too.
func OpenFeed(ctx context.Context, f Feed, d *Department, o Options) (*Table, error) {
	if err := o.Mapping.Check(d); err != nil {
		return nil, err
	}
	name := o.Encoding
	if name == "" && o.Mapping != nil {
		name = o.Mapping.Encoding
	}
	enc, err := parseEncoding(name)
	if err != nil {
		return nil, &FileError{File: f.Name, err: err}
	}
	if enc == encUnknown {
		enc = encUTF8 // what single rows hold is too little to find it out
	}
	read := new(atomic.Int64)
	rows := &feedRows{enc: enc, maxRow: or(o.MaxRow, defaultMaxRow), sum: sha256.New(), read: read}
	t := &Table{
		Name: f.Name, typer: typer{dept: d, covers: o.Covers}, maxRow: rows.maxRow, enc: enc, mapping: o.Mapping,
		progress: read, total: f.Size(),
		info: FileInfo{Name: f.Name, Encoding: enc.String()}, feed: true,
	}
	t.digest = func() ([32]byte, error) {
		t.info.Bytes = rows.bytes
		return [32]byte(rows.sum.Sum(nil)), nil
	}
	if p := t.bindFeed(f, rows); p != nil {
		return nil, p.at(f.Name, 0)
	}
	t.open = func(t *Table) error {
		src, err := f.Open(ctx)
		if err != nil {
			return t.wrap(err)
		}
		rows.src = src
		t.rows = rows
		return nil
	}
	return t, nil
}

func or(n, otherwise int) int {
	if n > 0 {
		return n
	}
	return otherwise
}

// bindFeed says which field of a row is which column.
func (t *Table) bindFeed(f Feed, rows *feedRows) *problem {
	if len(f.Columns) == 0 {
		if t.enc == encGB18030 {
			return &problem{what: "JSON is always UTF-8", hint: "leave the encoding out"}
		}
		rows.json = t.jsonKeys()
		t.info.Format = "jsonl"
		return nil
	}
	b, p := bind(t.dept, f.Columns, columnNames(t.dept, false), t.mapping, unitYuan)
	if p != nil {
		return p
	}
	t.bind = b
	delim := t.mapping.delim()
	if delim == 0 {
		delim = ','
	}
	rows.csv = &csvRows{maxRow: rows.maxRow, delim: delim, term: '\n', columns: len(f.Columns), enc: t.enc}
	t.info.Format, t.info.Delimiter, t.info.UnknownColumns = "csv", string(rune(delim)), b.unknown
	return nil
}

// feedRows are the rows of a feed. Their digest is of the numbers and texts.
type feedRows struct {
	src    FeedRows
	enc    encoding
	maxRow int
	csv    *csvRows // or
	json   *jsonRows
	buf    []byte
	sum    hash.Hash
	bytes  int64
	read   *atomic.Int64
}

func (f *feedRows) next(r *row) error {
	in, err := f.src.Next()
	if err != nil {
		return err
	}
	var head [16]byte
	binary.BigEndian.PutUint64(head[:], uint64(in.Number))
	size := int64(len(in.Text))
	if in.Text == nil {
		size = -1
	}
	binary.BigEndian.PutUint64(head[8:], uint64(size))
	f.sum.Write(head[:])
	f.sum.Write(in.Text)
	f.read.Add(feedRowBytes)
	f.bytes += int64(len(in.Text))
	text := bytes.TrimPrefix(in.Text, []byte("\xef\xbb\xbf"))
	if in.Text == nil || len(text) > f.maxRow {
		text = nil
	}
	switch {
	case f.json != nil:
		ok := f.json.parse(text, r)
		f.json.dress(r, ok)
	default:
		f.split(text, r)
	}
	r.number, r.line, r.enc, r.special = in.Number, 0, f.enc, true
	return nil
}

// split finds the fields of a row of CSV.
func (f *feedRows) split(text []byte, r *row) {
	f.buf = append(append(f.buf[:0], text...), make([]byte, slack)...)
	c := f.csv
	c.buf, c.start, c.end, c.eof, c.line = f.buf, 0, len(text), true, 0
	if err := c.next(r); err != nil {
		r.fields, r.broken = r.fields[:0], true // nothing but blanks
	}
	if len(trim(c.buf[c.start:c.end])) > 0 {
		r.broken = true // more than one row
	}
	r.ascii = 0
}

func (f *feedRows) unknownColumns() []string {
	if f.json != nil {
		return f.json.unknown
	}
	return nil
}

func (f *feedRows) Close() error {
	if f.src.Close == nil {
		return nil
	}
	return f.src.Close()
}
