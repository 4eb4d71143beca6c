package index

import (
	"context"
	"encoding/binary"
	"errors"
	"slices"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/store"
)

// Version is the version of the index sections. History:
//
//	1  first
//	2  names that rows without a number have, in the filter
const Version = 2

// The sections of an index, in the order they are written.
const (
	SectionFormer        = "former"         // a number → its counterparts in the register
	SectionLoose         = "loose"          // K4 to K7 and illegible names of loose records
	SectionRegister      = "register"       // K4 and K6 of people of the register
	SectionFrequency     = "frequency"      // people by name and cell
	SectionHousehold     = "household"      // people by household number
	SectionLooseFilter   = "loose_filter"   // over the keys of loose and former
	SectionInvalidFilter = "invalid_filter" // over invalid resident numbers: K9
	SectionSummary       = "index_summary"  // counts that seal the index as a whole
)

// sectionNames are all sections but the summary, in order.
var sectionNames = [...]string{
	SectionFormer, SectionLoose, SectionRegister, SectionFrequency, SectionHousehold, SectionLooseFilter, SectionInvalidFilter,
}

// Sections are the names of all sections of an index, in order.
func Sections() []string { return append(slices.Clone(sectionNames[:]), SectionSummary) }

const (
	looseBits   = 16 // of the filter, for each key: few probes for each person
	invalidBits = 24 // some 180 probes for each person
)

// keys of the summary.
const (
	summaryCounts = iota + 1
	summaryPeople
)

// summary is the entry that says what else the index has.
type summary struct {
	register    bool
	table       uint64 // digest of the table of names
	looseKeys   uint64
	invalidKeys uint64
	entries     [len(sectionNames)]uint64
}

func (s *summary) append(b []byte) []byte {
	register := uint64(0)
	if s.register {
		register = 1
	}
	for _, v := range append([]uint64{register, s.table, s.looseKeys, looseBits, s.invalidKeys, invalidBits, HotKey}, s.entries[:]...) {
		b = binary.AppendUvarint(b, v)
	}
	return b
}

func readSummary(b []byte) (s summary, err error) {
	var v [7 + len(sectionNames)]uint64
	for i := range v {
		var ok bool
		if v[i], b, ok = uvarint(b); !ok {
			return s, errPayload
		}
	}
	if len(b) != 0 || v[0] > 1 || v[3] != looseBits || v[5] != invalidBits || v[6] != HotKey {
		return s, errPayload
	}
	s.register, s.table, s.looseKeys, s.invalidKeys = v[0] == 1, v[1], v[2], v[4]
	copy(s.entries[:], v[7:])
	return s, nil
}

// WriteTo writes all sections, empty ones too, so that what is not there is known
// not to be there. It can be called once.
func (b *Builder) WriteTo(ctx context.Context, out store.Builder) error {
	if b.written {
		return errWritten
	}
	b.written = true
	w := writer{out: out, ctx: ctx.Err, people: map[cell]uint64{}}
	w.sum.register, w.sum.table = b.registered, b.table.Digest()
	if err := w.keys(b.main); err != nil {
		return err
	}
	n, err := w.count(b.filters)
	if err != nil {
		return err
	}
	w.sum.looseKeys, w.sum.invalidKeys = n[0], n[1]
	if err := w.fill(b.filters, n); err != nil {
		return err
	}
	return w.summary()
}

// writer writes the sections. It lives for one call of WriteTo.
type writer struct {
	out     store.Builder
	ctx     func() error
	sum     summary
	section int // open or next
	open    store.SectionWriter
	steps   int
	people  map[cell]uint64 // everybody in the register
	refs    []ref
	cells   []counted
	payload []byte
}

// advance closes the open section and opens the next.
func (w *writer) advance() (err error) {
	if w.open != nil {
		if err := w.open.Close(); err != nil {
			return err
		}
		w.section++
	}
	if w.section < len(sectionNames) {
		w.open, err = w.out.Section(sectionNames[w.section], Version)
	}
	return err
}

func (w *writer) add(key household.PersonKey, payload []byte) error {
	w.sum.entries[w.section]++
	return w.open.Add(key, payload)
}

func (w *writer) step() error {
	if w.steps++; w.steps&0xfff == 0 {
		return w.ctx()
	}
	return nil
}

// keys writes the sections of keys: one pass over the sorted items, which are
// gathered key by key.
func (w *writer) keys(s *sorter) (err error) {
	m, err := s.merge()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.close()) }()
	if err := w.advance(); err != nil {
		return err
	}
	var g group
	for {
		if err := w.step(); err != nil {
			return err
		}
		item, err := m.next()
		if err != nil {
			return err
		}
		var x parsed
		if item != nil {
			if x, err = parseItem(item); err != nil {
				return err
			}
		}
		if g.count > 0 && (item == nil || x.kind != g.kind || x.key != g.key) {
			if err := w.flush(&g); err != nil {
				return err
			}
		}
		if item == nil {
			break
		}
		g.add(w, x)
	}
	for w.section < kindHousehold { // sections that nothing was written to
		if err := w.advance(); err != nil {
			return err
		}
	}
	return nil
}

// parsed is an item taken apart.
type parsed struct {
	kind byte
	key  household.PersonKey
	ref  ref
	cell cell
}

func parseItem(item []byte) (x parsed, err error) {
	x.kind, x.key.Num = item[0], binary.BigEndian.Uint64(item[1:])
	rest, ok := item[9:], false
	switch x.kind {
	case kindFormer:
		if x.key.Text, rest, ok = cutText(rest); ok {
			x.ref, ok = parseRef(rest)
		}
	case kindFrequency:
		if ok = len(rest) > cellBytes; ok { // the person behind it only made it unique
			x.cell = parseCell(rest)
		}
	default:
		x.ref, ok = parseRef(rest)
	}
	if !ok {
		return x, errRun
	}
	return x, nil
}

// group is what is gathered under one key; the lists are the writer's.
type group struct {
	kind  byte
	key   household.PersonKey
	count uint64
	last  ref
}

func (g *group) add(w *writer, x parsed) {
	if g.count == 0 {
		g.kind, g.key = x.kind, x.key
		w.refs, w.cells = w.refs[:0], w.cells[:0]
	}
	if g.kind == kindFrequency {
		g.count++
		if n := len(w.cells); n > 0 && w.cells[n-1].cell == x.cell {
			w.cells[n-1].people++
		} else {
			w.cells = append(w.cells, counted{x.cell, 1})
		}
		w.people[x.cell]++
		return
	}
	if g.count > 0 && g.last.key == x.ref.key { // the same person under two names
		if len(w.refs) == int(g.count) {
			w.refs[len(w.refs)-1].flags |= x.ref.flags
		}
		return
	}
	g.count++
	g.last = x.ref
	if g.count <= HotKey {
		w.refs = append(w.refs, x.ref)
	}
}

// flush writes the entry of a group and empties it.
func (w *writer) flush(g *group) error {
	for w.section < int(g.kind)-1 {
		if err := w.advance(); err != nil {
			return err
		}
	}
	if g.kind == kindFrequency {
		w.payload = appendCounts(w.payload[:0], w.cells)
	} else {
		w.payload = appendRefs(w.payload[:0], w.refs, g.count)
	}
	g.count = 0
	return w.add(g.key, w.payload)
}

// count counts the different keys of both filters, whose sizes follow from it.
func (w *writer) count(s *sorter) (n [2]uint64, err error) {
	err = w.each(s, func(kind byte, _ uint64) error {
		n[kind-kindLooseFilter]++
		return nil
	})
	return n, err
}

// fill writes the filters.
func (w *writer) fill(s *sorter, n [2]uint64) error {
	filters := [2]filterWriter{{lines: lineCount(n[0], looseBits)}, {lines: lineCount(n[1], invalidBits)}}
	for i := range filters {
		filters[i].emit = func(chunk uint64, b []byte) error {
			return w.add(household.PersonKey{Num: chunk}, b)
		}
	}
	at := 0
	err := w.each(s, func(kind byte, hash uint64) error {
		if int(kind-kindLooseFilter) != at {
			at++
			if err := filters[0].finish(); err != nil {
				return err
			}
			if err := w.advance(); err != nil {
				return err
			}
		}
		return filters[at].add(hash)
	})
	if err != nil {
		return err
	}
	for ; at < 2; at++ {
		if err := filters[at].finish(); err != nil {
			return err
		}
		if err := w.advance(); err != nil {
			return err
		}
	}
	return nil
}

// each walks the items of the filters.
func (w *writer) each(s *sorter, fn func(kind byte, hash uint64) error) (err error) {
	m, err := s.merge()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.close()) }()
	for {
		item, err := m.next()
		if err != nil || item == nil {
			return err
		}
		if err := errors.Join(w.step(), fn(item[0], binary.BigEndian.Uint64(item[1:]))); err != nil {
			return err
		}
	}
}

// summary writes the last section.
func (w *writer) summary() error {
	out, err := w.out.Section(SectionSummary, Version)
	if err != nil {
		return err
	}
	if err := out.Add(household.PersonKey{Num: summaryCounts}, w.sum.append(nil)); err != nil {
		return err
	}
	var cells []counted
	for c, n := range w.people {
		cells = append(cells, counted{c, n})
	}
	slices.SortFunc(cells, func(a, b counted) int { return slices.Compare(appendCell(nil, a.cell), appendCell(nil, b.cell)) })
	if err := out.Add(household.PersonKey{Num: summaryPeople}, appendCounts(nil, cells)); err != nil {
		return err
	}
	return out.Close()
}
