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
//	1  kind: 0 mark, others a record; it says what the record key is
//	   text of the person key, uvarint length before it
//	   record key, uvarint length before it; only of kind 1
//	   content, owner, cold text, each with a uvarint length before it
//	   text as written, uvarint length before it
//	1  form of the document
//	   file, row: uvarints
//	   line − row: varint
//	   amounts, uvarints to the end
//
// A mark ends after the text of the person key. Items order by person key, kind,
// record key, form, file and row, which no two share. Form comes before file and
// row so that the row that is kept of several equal ones has the same form in
// whatever order they came.
const (
	kindMark    = 0
	kindRecord  = 1 // the key is written
	kindVehicle = 2 // the key is the VIN, the first text of the content
	kindUnit    = 3 // the key is the unit code, else the certificate number
	kindAccount = 4 // the key is account, institution and day of the balance
	kindOwner   = 5 // the key is the owner
	numKinds    = 6

	offKind = 8
	offText = 9
)

var errItem = errors.New("a row in work is damaged")

// kindOf is the kind of the records of a source.
func kindOf(s household.Source) byte {
	switch s {
	case household.Vehicle:
		return kindVehicle
	case household.Property:
		return kindUnit
	case household.Bank:
		return kindAccount
	case household.Register:
		// Two people under one number are two records, not a conflict of one.
		return kindOwner
	}
	return kindRecord
}

// item is a decoded item. Its slices are views.
type item struct {
	num         uint64
	kind        byte
	text        []byte
	key         []byte // what makes two rows of a person the same record, with day
	day         uint64 // of a balance
	institution []byte
	form        byte
	file        int
	row, line   int64
	same        []byte // owner, content and cold text: what duplicates must agree in
	owner       []byte
	content     []byte
	cold        []byte
	written     []byte
	amounts     []byte
}

func (t *item) decode(b []byte) error {
	if len(b) < offText {
		return errItem
	}
	t.num = binary.BigEndian.Uint64(b)
	t.kind = b[offKind]
	at := offText
	t.text, at = textAt(b, at)
	if t.kind == kindMark {
		if at != len(b) {
			return errItem
		}
		return nil
	}
	if t.kind == kindRecord {
		t.key, at = textAt(b, at)
	}
	same := at
	t.content, at = textAt(b, at)
	t.owner, at = textAt(b, at)
	if t.cold, at = textAt(b, at); at < 0 {
		return errItem
	}
	t.same = b[same:at]
	if t.written, at = textAt(b, at); at < 0 || at == len(b) || t.kind >= numKinds {
		return errItem
	}
	t.form = b[at]
	file, at := numberAt(b, at+1)
	row, at := numberAt(b, at)
	line, at := numberAt(b, at)
	if at < 0 {
		return errItem
	}
	t.file, t.row = int(file), int64(row)
	t.line = t.row + (int64(line>>1) ^ -int64(line&1))
	t.amounts = b[at:]
	t.findKey()
	return nil
}

// findKey fills in key and day from the content.
func (t *item) findKey() {
	at := 0
	switch t.kind {
	case kindVehicle:
		t.key, _ = textAt(t.content, 0)
	case kindUnit:
		if t.key, at = textAt(t.content, 0); len(t.key) == 0 {
			t.key, _ = textAt(t.content, at)
		}
	case kindAccount:
		// Institution and account, with the length of each.
		t.institution, at = textAt(t.content, 0)
		if _, at = textAt(t.content, at); at >= 0 {
			t.key = t.content[:at]
			_, at = numberAt(t.content, at+1) // after the kind, the balance
			t.day, _ = numberAt(t.content, at)
		}
	case kindOwner:
		t.key = t.owner
	}
}

func (t *item) record() bool { return t.kind != kindMark }

func (t *item) samePerson(o *item) bool { return t.num == o.num && bytes.Equal(t.text, o.text) }

func (t *item) sameRecord(o *item) bool {
	return t.samePerson(o) && bytes.Equal(t.key, o.key) && t.day == o.day
}

func appendBytes(b, v []byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(v)))
	return append(b, v...)
}

// prefixes are what items are first ordered by: the number of the person, then
// the beginning of what follows it. Equal prefixes say nothing; others decide.
func prefixes(b []byte) (num, second uint64) {
	num = binary.BigEndian.Uint64(b)
	if num >= household.OtherDocuments {
		text, _ := textAt(b, offText)
		return num, prefix(text)
	}
	// Residents have no text, so the kind and the record key follow at once. A mark
	// comes before every record: its prefix is the smallest.
	kind := b[offKind]
	if kind == kindMark {
		return num, 0
	}
	_, at := textAt(b, offText)
	first, _ := textAt(b, at)
	switch kind {
	case kindRecord:
		return num, prefix(first)
	case kindAccount:
		_, at := textAt(first, 0)
		if account, _ := textAt(first, at); len(account) >= 8 {
			return num, binary.BigEndian.Uint64(account)
		}
	}
	r := profile.NewCursor(b[offText:])
	_ = r.Bytes()
	var buf [keyBuffer]byte
	return num, prefix(recordKey(kind, &r, buf[:0]))
}

func prefix(b []byte) uint64 {
	if len(b) >= 8 {
		return binary.BigEndian.Uint64(b)
	}
	var p [8]byte
	copy(p[:], b)
	return binary.BigEndian.Uint64(p[:])
}

// keyBuffer is enough for almost every record key.
const keyBuffer = 128

// recordKey is the record key by which items of this kind order. The cursor stands
// after the text of the person key and comes to stand after the owner. The key is a
// view of the item or in buf.
func recordKey(kind byte, r *profile.Cursor, buf []byte) []byte {
	var key []byte
	if kind == kindRecord {
		key = r.Bytes()
	}
	content, owner := r.Bytes(), r.Bytes()
	c := profile.NewCursor(content)
	switch kind {
	case kindVehicle:
		key = c.Bytes()
	case kindUnit:
		if key = c.Bytes(); len(key) == 0 {
			key = c.Bytes()
		}
	case kindAccount:
		institution, account := c.Bytes(), c.Bytes()
		_, _ = c.Byte(), c.Uvarint()
		// The account comes first because it tells more; its length at the end keeps
		// the parts apart.
		key = append(append(buf, account...), institution...)
		key = binary.BigEndian.AppendUint32(key, uint32(c.Uvarint()))
		key = binary.BigEndian.AppendUint32(key, uint32(len(account)))
	case kindOwner:
		key = owner
	}
	return key
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
	var xb, yb [keyBuffer]byte
	if c := bytes.Compare(recordKey(a[offKind], &x, xb[:0]), recordKey(b[offKind], &y, yb[:0])); c != 0 {
		return c
	}
	for range 2 { // cold text and text as written
		_, _ = x.Bytes(), y.Bytes()
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
