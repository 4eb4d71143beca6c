package ingest

import (
	"bytes"
	"encoding/binary"
	"errors"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/profile"
)

// An item is one row on its way to its person:
//
//	8  number of the person key, big endian
//	1  kind: 0 mark, 1 record
//	   text of the person key, uvarint length before it
//	   record key, uvarint length before it
//	1  form of the document
//	   file, row: uvarints
//	   line − row: varint
//	   owner, content, cold text, each with a uvarint length before it
//	   text as written, uvarint length before it
//	   amounts, uvarints to the end
//
// A mark ends after the text of the person key. Items order by person key, kind,
// record key, form, file and row, which no two share. Form comes before file and
// row so that the row that is kept of several equal ones has the same form in
// whatever order they came.
const (
	kindMark   = 0
	kindRecord = 1
	offKind    = 8
	offText    = 9
)

var errItem = errors.New("a row in work is damaged")

// item is a decoded item. Its slices are views.
type item struct {
	num       uint64
	record    bool
	text      []byte
	key       []byte
	form      byte
	file      int
	row, line int64
	same      []byte // owner, content and cold text: what duplicates must agree in
	owner     []byte
	content   []byte
	cold      []byte
	written   []byte
	amounts   []byte
}

func (t *item) decode(b []byte) error {
	if len(b) < offText {
		return errItem
	}
	t.num = binary.BigEndian.Uint64(b)
	t.record = b[offKind] == kindRecord
	r := profile.NewCursor(b[offText:])
	t.text = r.Bytes()
	if !t.record {
		if r.Bad() || len(r.Rest()) != 0 || b[offKind] != kindMark {
			return errItem
		}
		return nil
	}
	t.key = r.Bytes()
	t.form = r.Byte()
	t.file, t.row = int(r.Uvarint()), int64(r.Uvarint())
	t.line = t.row + r.Varint()
	rest := r.Rest()
	t.owner, t.content, t.cold = r.Bytes(), r.Bytes(), r.Bytes()
	t.same = rest[:len(rest)-len(r.Rest())]
	t.written = r.Bytes()
	t.amounts = r.Rest()
	if r.Bad() {
		return errItem
	}
	return nil
}

func (t *item) samePerson(o *item) bool { return t.num == o.num && bytes.Equal(t.text, o.text) }

func (t *item) sameRecord(o *item) bool { return t.samePerson(o) && bytes.Equal(t.key, o.key) }

func appendBytes(b, v []byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(v)))
	return append(b, v...)
}

// prefixes are what items are first ordered by: the number of the person, then
// the beginning of what follows it. Equal prefixes say nothing; others decide.
func prefixes(b []byte) (num, second uint64) {
	num = binary.BigEndian.Uint64(b)
	r := profile.NewCursor(b[offText:])
	text := r.Bytes()
	if num >= household.OtherDocuments {
		return num, prefix(text)
	}
	// Residents have no text, so the kind and the record key follow at once. A mark
	// comes before every record: its prefix is the smallest.
	if b[offKind] == kindMark {
		return num, 0
	}
	return num, prefix(r.Bytes())
}

func prefix(b []byte) uint64 {
	if len(b) >= 8 {
		return binary.BigEndian.Uint64(b)
	}
	var p [8]byte
	copy(p[:], b)
	return binary.BigEndian.Uint64(p[:])
}

// compareItems orders two encoded items completely. Bytes that are no items
// compare somehow.
func compareItems(a, b []byte) int {
	if c := bytes.Compare(a[:offKind], b[:offKind]); c != 0 {
		return c
	}
	x, y := profile.NewCursor(a[offText:]), profile.NewCursor(b[offText:])
	if c := bytes.Compare(x.Bytes(), y.Bytes()); c != 0 {
		return c
	}
	if a[offKind] != b[offKind] || a[offKind] == kindMark {
		return int(a[offKind]) - int(b[offKind])
	}
	if c := bytes.Compare(x.Bytes(), y.Bytes()); c != 0 {
		return c
	}
	if p, q := x.Byte(), y.Byte(); p != q {
		return int(p) - int(q)
	}
	for range 2 {
		if p, q := x.Uvarint(), y.Uvarint(); p != q {
			if p < q {
				return -1
			}
			return 1
		}
	}
	return 0
}
