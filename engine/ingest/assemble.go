package ingest

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

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

// assembler takes the items in order, settles the rows of each record and writes
// person after person. It belongs to one goroutine.
type assembler struct {
	dept  *connectors.Department
	out   *snapshot.Writer
	files []*fileWork

	person   household.PersonKey
	started  bool
	linked   bool
	part     uint32 // of an unlinked key
	accepted bool   // the person has an accepted row
	builder  profile.Builder
	size     int // about what the builder holds
	hot      []byte
	cold     []byte
	text     []byte // of one record

	first     []byte // the encoded first item of the open record
	firstItem item
	open      bool
	conflict  bool
	log       rowLog // rows of the open record, when there are several

	persons      int64
	byCode       [connectors.NumCodes]int64
	sums         []snapshot.Total
	institutions map[string]bool
}

func (a *assembler) run(in stream) error {
	var it item
	for {
		e, ok, err := in.next()
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		if err := it.decode(e.item); err != nil {
			return err
		}
		if err := a.add(&it, e.item); err != nil {
			return err
		}
	}
	if err := a.endRecord(); err != nil {
		return err
	}
	return a.endPerson()
}

func (a *assembler) add(it *item, raw []byte) error {
	if a.open && it.record() && it.sameRecord(&a.firstItem) {
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
	a.first = append(a.first[:0], raw...)
	a.open, a.conflict = true, false
	return a.firstItem.decode(a.first)
}

// again takes another row of the open record.
func (a *assembler) again(it *item) error {
	if a.log.n == 0 {
		f := &a.firstItem
		if err := a.log.add(f.file, f.row, f.line); err != nil {
			return err
		}
	}
	a.conflict = a.conflict || !bytes.Equal(it.same, a.firstItem.same)
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
	f := &a.firstItem
	if a.log.n > 0 {
		err := a.log.each(func(file int, _, _ int64) error {
			a.files[file-1].account.Duplicates++
			return nil
		})
		if err = errors.Join(err, a.log.reset()); err != nil {
			return err
		}
		a.files[f.file-1].account.Duplicates-- // the first one is the one that counts
	}
	c := &a.files[f.file-1].account.Counts
	c.Accepted++
	if !a.linked {
		c.Unlinked++
	}
	r := profile.NewCursor(f.amounts)
	for i := range a.sums {
		a.sums[i].Add(household.Fen(r.Uvarint()))
	}
	if r.Bad() || len(r.Rest()) != 0 {
		return errItem
	}
	if a.dept.Source == household.Bank {
		if err := a.institution(f.content); err != nil {
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
	a.text = append(append(a.text[:0], f.cold...), f.written...)
	if a.dept.Source.IsFlow() { // whose record key is the record number
		a.text = snapshot.AppendText(a.text, snapshot.RecordNo, f.key)
	}
	if len(a.text) > 0 {
		a.cold = snapshot.AppendColdRecord(a.cold, f.file, f.row, a.text)
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
	var buf []byte
	err := a.log.each(func(file int, row, line int64) error {
		a.files[file-1].account.Quarantined++
		a.byCode[connectors.ConflictingDuplicate]++
		buf = appendLine(buf[:0], file, row, line, column, connectors.ConflictingDuplicate, excerpt)
		_, err := a.out.Quarantine().Write(buf)
		return err
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
		r := profile.NewCursor(a.firstItem.content)
		_ = r.Bytes()
		return r.Bytes()
	case household.Register: // whose key is the owner, which begins with the name
		r := profile.NewCursor(a.firstItem.owner)
		return r.Bytes()
	}
	return a.firstItem.key
}

func (a *assembler) institution(content []byte) error {
	r := profile.NewCursor(content)
	name := r.Bytes()
	if a.institutions[string(name)] {
		return nil
	}
	if len(a.institutions) == maxInstitutions {
		return fmt.Errorf("more than %d different institutions: check that the institution column is not another one", maxInstitutions)
	}
	a.institutions[string(name)] = true
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
	a.hot = a.builder.Append(a.hot[:0])
	key := a.person
	if a.part > 0 {
		// Names hold no control characters, so the parts of a key lie between it and
		// every other.
		b := append([]byte(key.Text), 0)
		key.Text = string(binary.BigEndian.AppendUint32(b, a.part))
	}
	err := a.out.Add(key, a.hot, a.cold)
	a.builder.Reset()
	a.cold, a.size = a.cold[:0], 0
	return err
}

// copyFaults writes the faults of the parsers, file after file, to the quarantine.
func (a *assembler) copyFaults() error {
	for _, f := range a.files {
		r, err := f.faults.read()
		if err != nil {
			return err
		}
		if _, err := io.Copy(a.out.Quarantine(), r); err != nil {
			return err
		}
		if err := f.faults.close(); err != nil {
			return err
		}
	}
	return nil
}

// fill writes the accounting into the manifest and checks it.
func (a *assembler) fill(m *snapshot.Manifest) error {
	byCode := a.byCode
	for i, f := range a.files {
		for c, n := range f.byCode {
			byCode[c] += n
		}
		if !f.account.Balanced() {
			return fmt.Errorf("internal error: the rows of file %d do not add up: %+v", i+1, f.account.Counts)
		}
		m.Files = append(m.Files, f.account)
		m.Counts.Add(f.account.Counts)
	}
	m.ByCode = map[string]int64{}
	total := int64(0)
	for c, n := range byCode {
		if n > 0 {
			m.ByCode[connectors.Code(c).String()] = n
			total += n
		}
	}
	if total != m.Counts.Quarantined || !m.Counts.Balanced() {
		return fmt.Errorf("internal error: the rows do not add up: %+v, %d by code", m.Counts, total)
	}
	m.Persons = a.persons
	for i, c := range a.dept.Amounts {
		m.Sums = append(m.Sums, snapshot.ColumnSum{Column: c.Name, Sum: a.sums[i]})
	}
	if a.dept.Source == household.Bank {
		m.Institutions = slices.Sorted(maps.Keys(a.institutions))
	}
	return nil
}
