package ingest

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/hedui/hedui/connectors"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/engine/snapshot"
)

const (
	// maxEntry is the most that one identified person may hold in a snapshot, in
	// bytes: more is no person but a mistake of the department.
	maxEntry = 128 << 20
	// partEntry is the size from which the rows of an unlinked key go on in another
	// entry, because nobody can say that they belong together.
	partEntry = 1 << 20
	// maxInstitutions is the most institutions one provider may report.
	maxInstitutions = 4096
)

var errInstitutions = fmt.Errorf("more than %d different institutions: check that the institution column is not another one", maxInstitutions)

// assembler takes the items of a span in order, settles the rows of each record and
// makes entries, person after person. It belongs to one goroutine. What it counts
// is of all its spans.
type assembler struct {
	dept   *connectors.Department
	parcel *parcel
	empty  func() *parcel
	hand   func(*parcel) error // takes a parcel for the writer

	person   household.PersonKey
	started  bool
	linked   bool
	part     uint32 // of an unlinked key
	accepted bool   // the person has an accepted row
	builder  profile.Builder
	size     int    // about what the builder holds
	text     []byte // of one record

	slots    [2]item // of the open record and of the item that is looked at
	slot     int     // of the latter
	first    *item   // the first row of the open record
	raw      []byte  // its bytes, borrowed from the runs
	own      []byte  // or a copy of them
	open     bool
	conflict bool
	log      rowLog // rows of the open record, when there are several

	counts       []snapshot.Counts // of each file
	persons      int64
	byCode       [connectors.NumCodes]int64
	sums         []snapshot.Total
	institutions map[string]string // to themselves
	recent       [16]string        // some of the institutions, by a mark of each
}

// run assembles a span.
func (a *assembler) run(in *merger) error {
	a.started, a.linked = false, false
	a.builder.Reset()
	for {
		c, err := in.next()
		if err != nil {
			return err
		}
		if c == nil {
			break
		}
		it := &a.slots[a.slot]
		if err := it.decode(c.item); err != nil {
			return err
		}
		a.parcel.items++
		if err := a.add(it, c.item); err != nil {
			return err
		}
	}
	if err := a.endRecord(); err != nil {
		return err
	}
	return a.endPerson()
}

// add takes an item. Its bytes hold until the item after the next one is read.
func (a *assembler) add(it *item, raw []byte) error {
	if a.open && it.record() && it.sameRecord(a.first) {
		return a.again(it)
	}
	if err := a.endRecord(); err != nil {
		return err
	}
	if !a.started || it.num != a.person.Num || string(it.text) != a.person.Text {
		if err := a.endPerson(); err != nil {
			return err
		}
		a.started, a.part, a.accepted = true, 0, false
		a.person = household.PersonKey{Num: it.num, Text: string(it.text)}
		a.linked = a.person.Linked()
	}
	if !it.record() {
		a.builder.AddMark(profile.Mark{Source: a.dept.Source})
		return nil
	}
	a.first, a.raw, a.open, a.conflict = it, raw, true, false
	a.slot = 1 - a.slot
	return nil
}

// again takes another row of the open record.
func (a *assembler) again(it *item) error {
	if a.log.n == 0 {
		f := a.first
		if err := a.log.add(f.file, f.row, f.line); err != nil {
			return err
		}
		// There may be many more rows before this record ends.
		a.own = append(a.own[:0], a.raw...)
		if err := f.decode(a.own); err != nil {
			return err
		}
	}
	a.conflict = a.conflict || !bytes.Equal(it.same, a.first.same)
	return a.log.add(it.file, it.row, it.line)
}

// endRecord settles the open record.
func (a *assembler) endRecord() error {
	if !a.open {
		return nil
	}
	a.open = false
	if a.conflict {
		return a.quarantine()
	}
	f := a.first
	if a.log.n > 0 {
		err := a.log.each(func(file int, _, _ int64) error {
			a.counts[file-1].Duplicates++
			return nil
		})
		if err = errors.Join(err, a.log.reset()); err != nil {
			return err
		}
		a.counts[f.file-1].Duplicates-- // the first one is the one that counts
	}
	c := &a.counts[f.file-1]
	c.Accepted++
	if !a.linked {
		c.Unlinked++
	}
	at := 0
	for i := range a.sums {
		var v uint64
		v, at = numberAt(f.amounts, at)
		a.sums[i].Add(household.Fen(v))
	}
	if at != len(f.amounts) {
		return errItem
	}
	if a.dept.Source == household.Bank {
		if err := a.institution(f.institution); err != nil {
			return err
		}
	}
	if err := a.room(len(f.owner) + len(f.content) + len(f.cold) + len(f.written)); err != nil {
		return err
	}
	a.accepted = true
	a.builder.Add(a.dept.Source, profile.Origin{File: f.file, Row: f.row, Form: match.Form(f.form)}, f.owner, f.content)
	a.appendCold(f)
	return nil
}

// appendCold appends the cold text of a record, if it has any.
func (a *assembler) appendCold(f *item) {
	more := f.written
	if a.dept.Source.IsFlow() { // whose record key is the record number
		a.text = snapshot.AppendText(append(a.text[:0], f.written...), snapshot.RecordNo, f.key)
		more = a.text
	}
	if len(f.cold)+len(more) > 0 {
		a.parcel.cold = snapshot.AppendColdRecord(a.parcel.cold, f.file, f.row, f.cold, more)
	}
}

// room makes room for a record of n bytes and keeps one person's entry bounded.
func (a *assembler) room(n int) error {
	a.size += n + 16
	if !a.linked && a.size > partEntry {
		if err := a.flush(); err != nil {
			return err
		}
		a.part++
		a.size = n + 16
		return nil
	}
	if a.size > maxEntry {
		return fmt.Errorf("one person has more than %d MiB of records in these files: a number that stands for many people must be left empty", maxEntry>>20)
	}
	return nil
}

// quarantine gives up every row of the open record.
func (a *assembler) quarantine() error {
	excerpt := household.MaskRecord(string(a.shownKey()))
	column := recordKeyColumn(a.dept.Source)
	err := a.log.each(func(file int, row, line int64) error {
		a.counts[file-1].Quarantined++
		a.byCode[connectors.ConflictingDuplicate]++
		p := a.parcel
		if p.quarantine = appendLine(p.quarantine, file, row, line, column, connectors.ConflictingDuplicate, excerpt); len(p.quarantine) < parcelTarget {
			return nil
		}
		// The lines go ahead of the person, who is not complete yet.
		lines := a.empty()
		lines.quarantine, p.quarantine = p.quarantine, lines.quarantine
		return a.hand(lines)
	})
	if err = errors.Join(err, a.log.reset()); err != nil {
		return err
	}
	if a.linked {
		a.builder.AddMark(profile.Mark{Source: a.dept.Source})
	}
	return nil
}

// shownKey is the part of the record key that a conflict shows, masked.
func (a *assembler) shownKey() []byte {
	switch a.dept.Source {
	case household.Bank:
		r := profile.NewCursor(a.first.content)
		_ = r.Bytes()
		return r.Bytes()
	case household.Register: // whose key is the owner, which begins with the name
		r := profile.NewCursor(a.first.owner)
		return r.Bytes()
	}
	return a.first.key
}

func (a *assembler) institution(name []byte) error {
	mark := len(name)
	if mark > 0 {
		mark += int(name[0])*3 + int(name[mark/2]) + int(name[mark-1])*5
	}
	recent := &a.recent[mark%len(a.recent)]
	if *recent == string(name) && len(name) > 0 {
		return nil
	}
	kept, ok := a.institutions[string(name)]
	if !ok {
		if len(a.institutions) == maxInstitutions {
			return errInstitutions
		}
		kept = string(name)
		a.institutions[kept] = kept
	}
	*recent = kept
	return nil
}

// endPerson writes what was gathered of the open person.
func (a *assembler) endPerson() error {
	if a.linked && a.accepted {
		a.persons++
	}
	return a.flush()
}

func (a *assembler) flush() error {
	if a.builder.Empty() {
		return nil
	}
	p := a.parcel
	p.hot = a.builder.Append(p.hot)
	key := a.person
	if a.part > 0 {
		// Names hold no control characters, so the parts of a key lie between it and
		// every other.
		b := append([]byte(key.Text), 0)
		key.Text = string(binary.BigEndian.AppendUint32(b, a.part))
	}
	p.people = append(p.people, person{key, len(p.hot), len(p.cold)})
	a.builder.Reset()
	a.size = 0
	if p.size() < parcelTarget {
		return nil
	}
	a.parcel = a.empty()
	return a.hand(p)
}
