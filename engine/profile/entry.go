package profile

import (
	"encoding/binary"
	"errors"
	"slices"
	"unsafe"

	"github.com/cespare/xxhash/v2"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
)

// ErrDamaged is returned for bytes that are not an entry.
var ErrDamaged = errors.New("a person's entry is damaged")

// Builder writes one entry. The zero value is ready; Reset starts the next one.
// Records are kept in the order they are added, which must not depend on the
// order of rows in a file.
type Builder struct {
	owners   [][]byte
	marks    []Mark
	records  []byte
	nRecords int
	digest   xxhash.Digest
	scratch  []byte
	frame    frame
}

// Reset empties the builder and keeps its memory.
func (b *Builder) Reset() {
	b.owners, b.marks, b.records, b.nRecords = b.owners[:0], b.marks[:0], b.records[:0], 0
	b.digest.Reset()
}

// Empty reports whether nothing was added.
func (b *Builder) Empty() bool { return b.nRecords == 0 && len(b.marks) == 0 }

// AddMark leaves the mark of a quarantined row. Marks of one snapshot are kept
// once.
func (b *Builder) AddMark(m Mark) {
	if slices.Contains(b.marks, m) {
		return
	}
	b.marks = append(b.marks, m)
}

// Add appends a record: its source, where it came from, the owner it describes as
// AppendOwner writes it, and its content. o.Owner is ignored.
func (b *Builder) Add(s household.Source, o Origin, owner, content []byte) {
	index := 0
	if string(owner) != noOwner && len(owner) > 0 {
		index = b.owner(owner) + 1
	}
	b.records = append(b.records, byte(s)|byte(o.Form)<<4)
	b.records = binary.AppendUvarint(b.records, uint64(o.Snapshot))
	b.records = binary.AppendUvarint(b.records, uint64(o.File))
	b.records = binary.AppendUvarint(b.records, uint64(o.Row))
	b.records = binary.AppendUvarint(b.records, uint64(index))
	b.records = binary.AppendUvarint(b.records, uint64(len(content)))
	b.records = append(b.records, content...)
	b.nRecords++

	b.scratch = append(b.scratch[:0], byte(s)|byte(o.Form)<<4)
	if len(owner) == 0 {
		owner = []byte(noOwner)
	}
	b.scratch = append(b.scratch, owner...)
	b.scratch = binary.AppendUvarint(b.scratch, uint64(len(content)))
	b.digest.Write(b.scratch)
	b.digest.Write(content)
}

func (b *Builder) owner(owner []byte) int {
	for i, have := range b.owners {
		if string(have) == string(owner) {
			return i
		}
	}
	n := len(b.owners)
	if n < cap(b.owners) {
		b.owners = b.owners[:n+1]
		b.owners[n] = append(b.owners[n][:0], owner...)
	} else {
		b.owners = append(b.owners, append([]byte(nil), owner...))
	}
	return n
}

// Append appends the finished entry to dst.
func (b *Builder) Append(dst []byte) []byte {
	for _, m := range b.marks {
		b.digest.Write([]byte{0xff, byte(m.Source)})
	}
	dst = binary.LittleEndian.AppendUint64(dst, b.digest.Sum64())
	dst = binary.AppendUvarint(dst, uint64(len(b.owners)))
	for _, o := range b.owners {
		dst = append(dst, o...)
	}
	dst = binary.AppendUvarint(dst, uint64(len(b.marks)))
	for _, m := range b.marks {
		dst = append(dst, byte(m.Source))
		dst = binary.AppendUvarint(dst, uint64(m.Snapshot))
	}
	dst = binary.AppendUvarint(dst, uint64(b.nRecords))
	return append(dst, b.records...)
}

// Merge adds the marks and records of another entry as those of the snapshot
// with this ordinal. keep says of each record whether it belongs; nil keeps all.
func (b *Builder) Merge(entry []byte, snapshot int, keep func(s household.Source, content []byte) (bool, error)) error {
	if err := b.frame.open(entry); err != nil {
		return err
	}
	for _, m := range b.frame.marks {
		b.AddMark(Mark{m.Source, snapshot})
	}
	for {
		r, more, err := b.frame.next()
		if err != nil || !more {
			return err
		}
		if keep != nil {
			ok, err := keep(r.source, r.content)
			if err != nil {
				return err
			}
			if !ok {
				continue
			}
		}
		var owner []byte
		if r.origin.Owner >= 0 {
			owner = b.frame.raw[r.origin.Owner]
		}
		r.origin.Snapshot = snapshot
		b.Add(r.source, r.origin, owner, r.content)
	}
}

type rawRecord struct {
	source  household.Source
	origin  Origin
	content []byte
}

// frame reads an entry record by record without decoding contents. Its memory is
// reused by the next open.
type frame struct {
	owners []Owner
	raw    [][]byte // the bytes of each owner
	marks  []Mark
	left   int // records still to come
	c      Cursor
}

// open reads everything before the records.
func (f *frame) open(entry []byte) error {
	f.owners, f.raw, f.marks = f.owners[:0], f.raw[:0], f.marks[:0]
	if len(entry) < 8 {
		return ErrDamaged
	}
	f.c = Cursor{b: entry[8:]}
	c := &f.c
	for n := c.count(2); n > 0; n-- {
		before := c.i
		o := c.owner()
		if c.bad {
			return ErrDamaged
		}
		f.owners = append(f.owners, o)
		f.raw = append(f.raw, c.b[before:c.i])
	}
	for n := c.count(2); n > 0; n-- {
		m := Mark{household.Source(c.Byte()), c.small()}
		if c.bad || m.Source == 0 || m.Source >= household.NumSources {
			return ErrDamaged
		}
		f.marks = append(f.marks, m)
	}
	f.left = c.count(6)
	if c.bad {
		return ErrDamaged
	}
	return nil
}

// next reads one record; more is false after the last.
func (f *frame) next() (r rawRecord, more bool, err error) {
	c := &f.c
	if f.left == 0 {
		if c.left() != 0 {
			return r, false, ErrDamaged
		}
		return r, false, nil
	}
	f.left--
	tag := c.Byte()
	r.source, r.origin.Form = household.Source(tag&15), match.Form(tag>>4)
	r.origin.Snapshot, r.origin.File, r.origin.Row = c.small(), c.small(), int64(c.Uvarint())
	owner := c.small()
	l := c.count(1)
	if c.bad || owner > len(f.owners) || r.origin.Row < 0 || r.origin.Form > match.FormOther {
		return r, false, ErrDamaged
	}
	r.origin.Owner = owner - 1
	r.content = c.b[c.i : c.i+l]
	c.i += l
	return r, true, nil
}

// view is the text of b without a copy.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
