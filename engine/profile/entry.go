package profile

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"unsafe"

	"github.com/cespare/xxhash/v2"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
)

// ErrDamaged is returned for bytes that are not an entry.
var ErrDamaged = errors.New("a person's entry is damaged")

// Builder writes one entry. The zero value is ready; Reset starts the next one. A
// zero builder that Reset was never called on starts its digest from another state
// than every other: the first entry of a snapshot has such a digest, and the ids of
// snapshots are made of it, so it stays. Nothing compares the digest of an entry in
// a snapshot; publishing computes it anew.
// Records are kept in the order they are added, which must not depend on the
// order of rows in a file.
type Builder struct {
	owners   [][]byte
	marks    []Mark
	records  []byte
	nRecords int
	digested []byte        // what the digest covers and was not written to it yet
	digest   xxhash.Digest // of what came before digested
	long     bool          // something was written to digest
	reset    bool          // Reset was called
	frame    frame
	numbers  []int // of the frame's owners in this entry: 1 + index, or unmapped

	deliverers []uint64 // by ordinal of the snapshot; nil when nobody asked
	by         []byte   // whose records these are: each change of deliverer
	last       uint64   // the deliverer of the newest record
}

// digestAtOnce is the size up to which a digest is computed in one go, which takes
// half the time; what a person has beyond it is not kept a second time.
const digestAtOnce = 64 << 10

// Reset empties the builder and keeps its memory.
func (b *Builder) Reset() {
	b.owners, b.marks, b.records, b.nRecords = b.owners[:0], b.marks[:0], b.records[:0], 0
	b.digested, b.long, b.reset = b.digested[:0], false, true
	b.by = b.by[:0]
}

// Deliver says who delivered the snapshots that are merged from now on, each by a number
// of its own and by the snapshot's ordinal. Fingerprint needs it; Reset keeps it.
func (b *Builder) Deliver(deliverers []uint64) { b.deliverers = deliverers }

// Fingerprint digests what a check can tell of the entry that Append appended last to
// what it was given: the digest of the entry and who delivered each of its records and
// marks. Like the digest it says nothing of ordinals, files or rows, so one delivery after
// another that says the same of a person leaves it as it is.
func (b *Builder) Fingerprint(entry []byte) uint64 {
	if len(entry) < 8 {
		return 0
	}
	n := len(b.by)
	b.by = append(b.by, entry[:8]...)
	for _, m := range b.marks {
		b.by = binary.LittleEndian.AppendUint64(b.by, b.deliverer(m.Snapshot))
	}
	sum := xxhash.Sum64(b.by)
	b.by = b.by[:n]
	return sum
}

func (b *Builder) deliverer(snapshot int) uint64 {
	if snapshot < len(b.deliverers) {
		return b.deliverers[snapshot]
	}
	return uint64(snapshot)
}

// delivered takes down who delivered the records from the one with this number on.
func (b *Builder) delivered(from, snapshot int) {
	d := b.deliverer(snapshot)
	if b.nRecords == from || len(b.by) > 0 && b.last == d {
		return
	}
	b.last = d
	b.by = binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(b.by, uint64(from)), d)
}

// Empty reports whether nothing was added.
func (b *Builder) Empty() bool { return b.nRecords == 0 && len(b.marks) == 0 }

// Records is the number of records added.
func (b *Builder) Records() int { return b.nRecords }

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
	tag := byte(s) | byte(o.Form)<<4
	r := append(b.records, tag)
	r = binary.AppendUvarint(r, uint64(o.Snapshot))
	r = binary.AppendUvarint(r, uint64(o.File))
	r = binary.AppendUvarint(r, uint64(o.Row))
	r = binary.AppendUvarint(r, uint64(index))
	at := len(r)
	r = binary.AppendUvarint(r, uint64(len(content)))
	b.records = append(r, content...)
	b.nRecords++

	b.digestRecord(tag, owner, b.records[at:])
}

// digestRecord has the digest cover a record; content has its length in front.
func (b *Builder) digestRecord(tag byte, owner, content []byte) {
	if len(b.digested) > digestAtOnce {
		b.flushDigest()
	}
	d := append(b.digested, tag)
	if len(owner) == 0 {
		d = append(d, noOwner...)
	} else {
		d = append(d, owner...)
	}
	b.digested = append(d, content...)
}

func (b *Builder) flushDigest() {
	if !b.long {
		b.long = true
		if b.reset {
			b.digest.Reset()
		}
	}
	_, _ = b.digest.Write(b.digested)
	b.digested = b.digested[:0]
}

func (b *Builder) sum() uint64 {
	if b.reset && !b.long {
		return xxhash.Sum64(b.digested)
	}
	b.flushDigest()
	return b.digest.Sum64()
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
		b.digested = append(b.digested, 0xff, byte(m.Source))
	}
	dst = binary.LittleEndian.AppendUint64(dst, b.sum())
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
//
// A record is copied as it is written there, but for the ordinal and the number of its
// owner.
func (b *Builder) Merge(entry []byte, snapshot int, keep func(s household.Source, content []byte) (bool, error)) error {
	f := &b.frame
	if err := f.open(entry); err != nil {
		return err
	}
	for _, m := range f.marks {
		b.AddMark(Mark{m.Source, snapshot})
	}
	b.numbers = b.numbers[:0]
	for range f.raw {
		b.numbers = append(b.numbers, unmapped)
	}
	first := b.nRecords
	var r rawRecord
	for {
		more, err := f.next(&r)
		if err != nil {
			return err
		}
		if !more {
			b.delivered(first, snapshot)
			return nil
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
		b.copy(&r, snapshot)
	}
}

// unmapped is the number of an owner that no record kept so far has.
const unmapped = -1

// copy adds a record of the entry in the frame.
func (b *Builder) copy(r *rawRecord, snapshot int) {
	number, owner := 0, []byte(nil)
	if at := r.origin.Owner; at >= 0 {
		owner = b.frame.raw[at]
		if number = b.numbers[at]; number == unmapped {
			if number = 0; string(owner) != noOwner {
				number = b.owner(owner) + 1
			}
			b.numbers[at] = number
		}
	}
	if snapshot|number < 0x80 && r.fileAt == 2 && r.lengthAt == r.ownerAt+1 { // one byte each, then and now
		at := len(b.records)
		b.records = append(b.records, r.raw...)
		b.records[at+1], b.records[at+r.ownerAt] = byte(snapshot), byte(number)
	} else {
		w := binary.AppendUvarint(append(b.records, r.raw[0]), uint64(snapshot))
		w = append(w, r.raw[r.fileAt:r.ownerAt]...)
		w = binary.AppendUvarint(w, uint64(number))
		b.records = append(w, r.raw[r.lengthAt:]...)
	}
	b.nRecords++
	b.digestRecord(r.raw[0], owner, r.raw[r.lengthAt:])
}

// rawRecord is a record of an entry: its content not decoded, and its bytes, which
// hold tag, ordinal of the snapshot, file, row, owner, length of the content, content.
type rawRecord struct {
	source  household.Source
	origin  Origin
	content []byte

	raw      []byte
	fileAt   int // in raw
	ownerAt  int // in raw
	lengthAt int // in raw
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

// next reads one record into r; more is false after the last.
func (f *frame) next(r *rawRecord) (more bool, err error) {
	b := f.c.Rest()
	if f.left == 0 {
		if len(b) != 0 {
			return false, ErrDamaged
		}
		return false, nil
	}
	f.left--
	ordinal, fileAt := number(b, 1)
	file, i := number(b, fileAt)
	row, ownerAt := number(b, i)
	owner, lengthAt := number(b, ownerAt)
	length, i := number(b, lengthAt)
	if i > len(b) || ordinal > maxOrdinal || file > maxOrdinal || row > math.MaxInt64 || owner > uint64(len(f.owners)) ||
		b[0]>>4 > uint8(match.FormOther) || length > uint64(len(b)-i) {
		return false, ErrDamaged
	}
	end := i + int(length)
	r.source = household.Source(b[0] & 15)
	r.origin = Origin{Snapshot: int(ordinal), File: int(file), Row: int64(row), Owner: int(owner) - 1, Form: match.Form(b[0] >> 4)}
	r.raw, r.content = b[:end:end], b[i:end:end]
	f.c.i += end
	r.fileAt, r.ownerAt, r.lengthAt = fileAt, ownerAt, lengthAt
	return true, nil
}

// view is the text of b without a copy.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
