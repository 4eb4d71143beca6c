package storetest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cespare/xxhash/v2"

	"github.com/hedui/hedui/engine/block"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/store"
)

// Data is the content of a generation under test, made from a seed.
type Data struct {
	Seed     uint64
	People   []household.PersonKey
	Unlinked []household.PersonKey
	Size     int                         // least size of an entry, in bytes
	Large    map[household.PersonKey]int // size of the entries that are larger
	Options  store.BuildOptions
}

// NewData makes people, resident numbers for the most part, then other documents,
// then unlinked rows.
func NewData(seed uint64, people int) *Data {
	d := &Data{Seed: seed, Size: 40, Large: map[household.PersonKey]int{}}
	for i := range people {
		d.People = append(d.People, household.PersonKey{Num: 11010119500101001 + uint64(i)*1_000_003})
	}
	for i := range people/20 + 2 {
		d.People = append(d.People, household.PersonKey{Num: household.OtherDocuments + 2, Text: fmt.Sprintf("E%08d", i*3)})
		d.Unlinked = append(d.Unlinked, household.PersonKey{Num: household.InvalidDocuments, Text: fmt.Sprintf("%06d", i)})
	}
	d.Unlinked = append(d.Unlinked, household.PersonKey{Num: household.NoDocument, Text: "欧阳\x00" + strings.Repeat("长", 200)})
	return d
}

// Entry is the entry of a key: its bytes follow from seed and key.
func (d *Data) Entry(key household.PersonKey) []byte {
	b, _ := key.AppendBinary(nil)
	x := xxhash.Sum64(binary.LittleEndian.AppendUint64(b, d.Seed))
	n := d.Size + int(x%64)
	if large, ok := d.Large[key]; ok {
		n = large
	}
	e := make([]byte, n)
	for i := range e {
		x = x*6364136223846793005 + 1442695040888963407
		e[i] = byte(x >> 56)
	}
	return e
}

// Contents is the snapshots of the data.
func (d *Data) Contents() store.Contents {
	m := func(y, mo int) household.Month { v, _ := household.NewMonth(y, mo); return v }
	day, _ := household.NewDate(2026, 10, 31)
	return store.Contents{ProfileVersion: 3, Snapshots: []store.SnapshotRef{
		{
			Ordinal: 0, ID: fmt.Sprintf("snapshot-%d", d.Seed), Source: household.Tax, Provider: "税务", AsOf: day,
			Covers: household.Months{From: m(2025, 1), To: m(2026, 10)}, Rows: 17, Persons: int64(len(d.People)),
			Supplies: []household.Months{{From: m(2025, 1), To: m(2025, 3)}, {From: m(2025, 5), To: m(2026, 10)}},
		},
		{Ordinal: 1, ID: "b", Source: household.Bank, Provider: "bank <1> & co", AsOf: day},
	}}
}

// Load builds and seals the data.
func (d *Data) Load(s store.Store) (*store.Manifest, error) {
	b, err := s.Begin(d.Options)
	if err != nil {
		return nil, err
	}
	if err := d.fill(b); err != nil {
		return nil, errors.Join(err, b.Abort())
	}
	return b.Seal(d.Contents())
}

func (d *Data) fill(b store.Builder) error {
	for _, s := range []struct {
		name string
		keys []household.PersonKey
	}{{store.SectionPeople, d.People}, {store.SectionUnlinked, d.Unlinked}} {
		w, err := b.Section(s.name, 3)
		if err != nil {
			return err
		}
		for _, k := range s.keys {
			if err := w.Add(k, d.Entry(k)); err != nil {
				return err
			}
		}
		if err := w.Close(); err != nil {
			return err
		}
	}
	return nil
}

// Answer is what reading everything comes to.
type Answer struct {
	Right   int   // right entries and proven absences
	Wrong   int   // wrong bytes, or somebody found who is not there
	Missing int   // a person said to be absent who is there
	Err     error // the first error; reading goes on after it
	Errs    int
}

// ReadAll asks for every key by View, for keys between them, and walks all
// sections, and compares each answer with the data.
func (d *Data) ReadAll(g store.Generation) (a Answer) {
	fail := func(err error) {
		if err != nil {
			if a.Err == nil {
				a.Err = err
			}
			a.Errs++
		}
	}
	for _, s := range []struct {
		name string
		keys []household.PersonKey
	}{{store.SectionPeople, d.People}, {store.SectionUnlinked, d.Unlinked}} {
		for _, k := range s.keys {
			fail(g.View(s.name, k, func(b block.Block) error {
				d.judge(&a, b, k)
				absent := household.PersonKey{Num: k.Num, Text: k.Text + "\x00"}
				if _, ok := b.Find(absent); ok {
					a.Wrong++
				}
				return nil
			}))
		}
		i := 0
		fail(g.Walk(context.Background(), s.name, household.PersonKey{}, func(b block.Block) (household.PersonKey, bool, error) {
			for ; i < len(s.keys) && b.Covers(s.keys[i]); i++ {
				d.judge(&a, b, s.keys[i])
			}
			if b.Last() && i < len(s.keys) {
				a.Missing += len(s.keys) - i
			}
			return b.High(), true, nil
		}))
	}
	return a
}

func (d *Data) judge(a *Answer, b block.Block, k household.PersonKey) {
	got, ok := b.Find(k)
	switch {
	case !ok:
		a.Missing++
	case !slices.Equal(got, d.Entry(k)):
		a.Wrong++
	default:
		a.Right++
	}
}

// MustLoad loads the data or ends the test.
func (d *Data) MustLoad(tb testing.TB, s store.Store) *store.Manifest {
	tb.Helper()
	m, err := d.Load(s)
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

// MustRead requires that every answer of a generation is right.
func (d *Data) MustRead(tb testing.TB, g store.Generation) {
	tb.Helper()
	want := 2 * (len(d.People) + len(d.Unlinked))
	if a := d.ReadAll(g); a.Err != nil || a.Wrong != 0 || a.Missing != 0 || a.Right != want {
		tb.Fatalf("%+v, want %d right answers", a, want)
	}
}

// MustOpen opens a generation until the end of the test.
func MustOpen(tb testing.TB, s store.Store, id string) store.Generation {
	tb.Helper()
	g, err := s.Open(id)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := g.Close(); err != nil {
			tb.Error(err)
		}
	})
	return g
}
