package conflicts

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/hedui/hedui/engine/block"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/index"
	"github.com/hedui/hedui/engine/match/names"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/engine/store"
)

// Row is one row whose identity conflicts.
type Row struct {
	Snapshot *store.SnapshotRef
	File     int   // ordinal of the file in its snapshot, from 1
	Row      int64 // data row of the file, from 1
	Code     Code
	Reasons  Reasons
	Register *Register
}

// List is what one provider has to look at, by snapshot, file and row.
type List struct {
	Source   household.Source
	Provider string
	Rows     []Row
}

// Count is how many rows of the list have the code.
func (l *List) Count(c Code) (n int64) {
	for i := range l.Rows {
		if l.Rows[i].Code == c {
			n++
		}
	}
	return n
}

// Report is what a generation has in conflict. Every provider of the generation has a
// list, by source and name; an empty one says that none of its rows conflicts.
type Report struct {
	Generation string
	Register   bool  // whether there is a register to compare with
	Numbers    int64 // that were looked at
	Lists      []List
}

// Options of Find.
type Options struct {
	Table    *names.Table               // nil: the shipped one
	Progress func(numbers, total int64) // may be nil
}

// finder walks a generation. It belongs to one goroutine.
type finder struct {
	gen      store.Generation
	table    *names.Table
	register bool
	cursor   *index.Cursor // nil without a register
	compare  func(record, current names.Name, former []names.Name) names.Level

	snapshots []*store.SnapshotRef // by ordinal
	list      []int                // by ordinal: index into report.Lists
	report    *Report

	scanner profile.Scanner
	profile profile.Profile
	other   profile.Profile
	people  []index.Person
	seen    []string
}

// Find walks the people of a generation once and lists the rows that conflict. A
// generation with a register needs its index (index.ErrNoIndex). An error means that
// there is no report at all: a list that lacks rows would be taken for a clean bill.
func Find(ctx context.Context, gen store.Generation, o Options) (*Report, error) {
	f, err := newFinder(ctx, gen, o)
	if err != nil {
		return nil, err
	}
	return f.find(ctx, o.Progress)
}

func newFinder(ctx context.Context, gen store.Generation, o Options) (*finder, error) {
	m := gen.Manifest()
	if m.ProfileVersion != profile.Version {
		return nil, fmt.Errorf("generation %s holds profiles of version %d, this program reads version %d: take the files in and publish again", m.ID, m.ProfileVersion, profile.Version)
	}
	f := &finder{gen: gen, table: o.Table, compare: names.CompareFormer, report: &Report{Generation: m.ID}}
	if f.table == nil {
		var err error
		if f.table, err = names.Embedded(); err != nil {
			return nil, err
		}
	}
	f.providers(m.Snapshots)
	if f.register {
		r, err := index.Open(ctx, gen, f.table)
		if err != nil {
			return nil, err
		}
		f.cursor = r.Cursor()
	}
	f.report.Register = f.register
	return f, nil
}

// providers makes a list for each provider and finds the snapshots by their ordinals.
func (f *finder) providers(all []store.SnapshotRef) {
	for i := range all {
		s := &all[i]
		f.register = f.register || s.Source == household.Register
		same := func(l List) bool { return l.Source == s.Source && l.Provider == s.Provider }
		if !slices.ContainsFunc(f.report.Lists, same) {
			f.report.Lists = append(f.report.Lists, List{Source: s.Source, Provider: s.Provider})
		}
	}
	slices.SortFunc(f.report.Lists, func(a, b List) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Provider, b.Provider))
	})
	for i := range all {
		s := &all[i]
		for len(f.snapshots) <= s.Ordinal {
			f.snapshots, f.list = append(f.snapshots, nil), append(f.list, 0)
		}
		f.snapshots[s.Ordinal] = s
		f.list[s.Ordinal] = slices.IndexFunc(f.report.Lists, func(l List) bool { return l.Source == s.Source && l.Provider == s.Provider })
	}
}

func (f *finder) find(ctx context.Context, progress func(numbers, total int64)) (*Report, error) {
	var total int64
	if s, ok := f.gen.Manifest().Section(store.SectionPeople); ok {
		total = s.Entries
	}
	err := f.gen.Walk(ctx, store.SectionPeople, household.PersonKey{}, func(b block.Block) (household.PersonKey, bool, error) {
		for i := range b.Len() {
			if err := f.number(b.Key(i), b.Payload(i)); err != nil {
				return household.PersonKey{}, false, fmt.Errorf("generation %s: %w", f.report.Generation, err)
			}
		}
		f.report.Numbers += int64(b.Len())
		if progress != nil {
			progress(f.report.Numbers, total)
		}
		return b.High(), !b.Last(), nil
	})
	if err != nil {
		return nil, err
	}
	for i := range f.report.Lists {
		slices.SortFunc(f.report.Lists[i].Rows, func(a, b Row) int {
			return cmp.Or(cmp.Compare(a.Snapshot.Ordinal, b.Snapshot.Ordinal), cmp.Compare(a.File, b.File), cmp.Compare(a.Row, b.Row))
		})
	}
	return f.report, nil
}

// number looks at the rows of one valid number.
func (f *finder) number(key household.PersonKey, entry []byte) error {
	if key.Num >= household.OtherDocuments && key.Num-household.OtherDocuments == uint64(household.USCC) {
		return nil // a business has a name of its own, not that of a person
	}
	if err := f.scanner.Scan(entry); err != nil {
		return err
	}
	former, err := f.formerly(key)
	if err != nil {
		return err
	}
	if len(former) == 0 && !f.several() {
		return nil // one name, whoever it is: nothing can conflict
	}
	present := f.holders(nil, f.scanner.Owners, f.scanner.Register, household.PersonKey{})
	v := f.judge(present, former)
	if !v.any() {
		return nil
	}
	if err := profile.Decode(entry, &f.profile); err != nil {
		return err
	}
	return f.add(key, &v, f.says(present, former))
}

// several reports whether the rows give more than one name, as it is written.
func (f *finder) several() bool {
	first := ""
	for i := range f.scanner.Owners {
		switch name := f.scanner.Owners[i].Name; {
		case name == "" || name == first:
		case first == "":
			first = name
		default:
			return true
		}
	}
	return false
}

// formerly are the people of the register who had the number before and have another
// one today.
func (f *finder) formerly(key household.PersonKey) ([]holder, error) {
	if f.cursor == nil {
		return nil, nil
	}
	var err error
	// A number that more people had than an index remembers is a placeholder and
	// nobody's; those it gives are still some of them.
	if f.people, _, err = f.cursor.Former(f.people[:0], key); err != nil {
		return nil, err
	}
	var out []holder
	for _, p := range f.people {
		if p.Flags&index.CurrentNumber == 0 || p.Key == key {
			continue
		}
		if err := f.read(p.Key, &f.other); err != nil {
			return nil, err
		}
		out = f.holders(out, f.other.Owners, f.other.Register, key)
	}
	return out, nil
}

// read decodes a copy of an entry of the people.
func (f *finder) read(key household.PersonKey, p *profile.Profile) error {
	p.Reset()
	return f.gen.View(store.SectionPeople, key, func(b block.Block) error {
		entry, held := b.Find(key)
		if !held {
			if !b.Covers(key) {
				return fmt.Errorf("a block does not cover the key that it was asked for: %w", profile.ErrDamaged)
			}
			return nil
		}
		return profile.Decode(slices.Clone(entry), p)
	})
}
