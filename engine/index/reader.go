package index

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hedui/hedui/engine/block"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match/names"
	"github.com/hedui/hedui/engine/store"
)

// Errors of Open.
var (
	// ErrNoIndex is returned for a generation that was published without an index.
	ErrNoIndex = errors.New("the generation has no index: publish again")
	// ErrVersion is returned for an index of a version that this program does not know.
	ErrVersion = errors.New("index of an unknown version")
	// ErrTable is returned for an index that was built with another table of names:
	// its keys would not be found.
	ErrTable = errors.New("the index was built with other tables of names: publish again")
)

// Reader reads the index of one generation. It is safe for use by several
// goroutines and holds the filters in memory: 2 bytes for each loose key, 3 for
// each invalid number. It does not close the generation.
type Reader struct {
	gen     store.Generation
	table   *names.Table
	sum     summary
	people  []byte // encoded counts of the whole register
	total   uint64
	loose   filter
	invalid filter
}

// Open reads the summary and the filters. The table must be the one that the index
// was built with. It returns ErrNoIndex for a generation without any of the
// sections, ErrVersion, ErrTable, or a *store.DamageError, also when only some are there.
func Open(ctx context.Context, gen store.Generation, table *names.Table) (*Reader, error) {
	r := &Reader{gen: gen, table: table}
	m := gen.Manifest()
	var have [len(sectionNames)]store.Section
	_, found := m.Section(SectionSummary)
	missing := ""
	if !found {
		missing = SectionSummary
	}
	for i, name := range sectionNames {
		s, ok := m.Section(name)
		if found = found || ok; !ok {
			missing = name
		}
		have[i] = s
	}
	if !found {
		return nil, ErrNoIndex
	}
	if missing != "" {
		return nil, r.damage(missing, errMissing)
	}
	for _, s := range m.Sections {
		if indexSection(s.Name) && s.Version != Version {
			return nil, fmt.Errorf("section %s: %w: version %d, this program reads version %d", s.Name, ErrVersion, s.Version, Version)
		}
	}
	if err := r.readSummary(); err != nil {
		return nil, err
	}
	if r.sum.table != table.Digest() {
		return nil, ErrTable
	}
	for i, s := range have {
		if uint64(s.Entries) != r.sum.entries[i] {
			return nil, r.damage(s.Name, errCounts)
		}
	}
	if err := r.load(ctx, SectionLooseFilter, &r.loose, lineCount(r.sum.looseKeys, looseBits)); err != nil {
		return nil, err
	}
	if err := r.load(ctx, SectionInvalidFilter, &r.invalid, lineCount(r.sum.invalidKeys, invalidBits)); err != nil {
		return nil, err
	}
	return r, nil
}

var (
	errMissing = errors.New("the section is missing")
	errCounts  = errors.New("not as many entries as the index has")
	errFilter  = errors.New("not the whole filter")
)

func indexSection(name string) bool {
	return name == SectionSummary || slices.Contains(sectionNames[:], name)
}

// damage says that a verified block does not hold what an index writes: a program
// that disagrees about the format, never a person without records.
func (r *Reader) damage(section string, err error) error {
	return &store.DamageError{Generation: r.gen.Manifest().ID, File: "index", Section: section, Block: -1, Err: err}
}

func (r *Reader) readSummary() error {
	found := 0
	err := r.entry(SectionSummary, household.PersonKey{Num: summaryCounts}, func(payload []byte) (err error) {
		found++
		r.sum, err = readSummary(payload)
		return err
	})
	if err != nil {
		return err
	}
	err = r.entry(SectionSummary, household.PersonKey{Num: summaryPeople}, func(payload []byte) error {
		found++
		n, err := readCounts(payload, cell{}, true)
		r.people, r.total = slices.Clone(payload), n.all
		return err
	})
	if err == nil && (found != 2 || r.sum.register != (r.total > 0)) {
		err = r.damage(SectionSummary, errCounts)
	}
	return err
}

// load reads a filter, every chunk of it.
func (r *Reader) load(ctx context.Context, section string, f *filter, lines uint64) error {
	if s, _ := r.gen.Manifest().Section(section); lines > uint64(s.Bytes)/lineBytes {
		return r.damage(section, errFilter) // before memory is asked for
	}
	f.lines = make([][8]uint64, 0, lines)
	chunk := uint64(0)
	err := r.gen.Walk(ctx, section, household.PersonKey{}, func(b block.Block) (household.PersonKey, bool, error) {
		for i := range b.Len() {
			if b.Num(i) != chunk || uint64(len(f.lines)) != chunk*chunkLines || !f.load(b.Payload(i)) {
				return household.PersonKey{}, false, r.damage(section, errFilter)
			}
			chunk++
		}
		return b.High(), !b.Last(), nil
	})
	if err == nil && uint64(len(f.lines)) != lines {
		err = r.damage(section, errFilter)
	}
	return err
}

// HasRegister reports whether the index was built with a register. Without one
// nothing is known of namesakes, households and frequencies.
func (r *Reader) HasRegister() bool { return r.sum.register }

// Population is the number of people in the register.
func (r *Reader) Population() int64 { return int64(r.total) }

// Table is the table that names are prepared with.
func (r *Reader) Table() *names.Table { return r.table }

// entry reads the entry of a key and calls fn with it, if there is one.
func (r *Reader) entry(section string, key household.PersonKey, fn func(payload []byte) error) error {
	return r.gen.View(section, key, func(b block.Block) error {
		payload, ok := b.Find(key)
		if !ok {
			return nil
		}
		if err := fn(payload); err != nil {
			return r.damage(section, err)
		}
		return nil
	})
}
