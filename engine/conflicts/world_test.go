package conflicts_test

import (
	"slices"
	"testing"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/index"
	"github.com/hedui/hedui/engine/match"
	"github.com/hedui/hedui/engine/match/names"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/engine/store"
)

// row is one row of a department; its number in the file is its place in the world.
type row struct {
	source   household.Source
	idType   household.DocumentType // 0 is a resident card
	number   string
	name     string
	birth    household.Date
	sex      uint8
	country  string
	names    string // former, of the register
	numbers  string
	expected string // code and reasons, "" when nothing is to be listed
}

// snapshots are one for each source, the bank's by two providers.
var snapshots = []store.SnapshotRef{
	{Ordinal: 0, ID: "snapshot-register", Source: household.Register, Provider: "register", AsOf: 20261031},
	{Ordinal: 1, ID: "snapshot-tax", Source: household.Tax, Provider: "tax", AsOf: 20261031},
	{Ordinal: 2, ID: "snapshot-vehicle", Source: household.Vehicle, Provider: "vehicle", AsOf: 20261031},
	{Ordinal: 3, ID: "snapshot-bank", Source: household.Bank, Provider: "icbc", AsOf: 20260930},
	{Ordinal: 4, ID: "snapshot-empty", Source: household.Property, Provider: "=land/office", AsOf: 20260930},
}

func ordinal(t testing.TB, s household.Source) int {
	t.Helper()
	i := slices.IndexFunc(snapshots, func(x store.SnapshotRef) bool { return x.Source == s })
	if i < 0 {
		t.Fatalf("no snapshot of %v", s)
	}
	return snapshots[i].Ordinal
}

// seal makes a generation of rows in the order of the list; the row's place in rows
// is its number whatever the order.
func seal(t testing.TB, s store.Store, rows []row, order []int, damaged bool) store.Generation {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	people := map[household.PersonKey]*profile.Builder{}
	known := map[household.PersonKey]bool{}
	for _, i := range order {
		x := rows[i]
		if x.idType == 0 {
			x.idType = household.ResidentID
		}
		d := match.ParseDocument(x.idType, []byte(x.number))
		if !d.Valid {
			t.Fatalf("row %d has no valid number", i+1)
		}
		r := household.Record{
			BirthDate: x.birth, Sex: x.sex, Country: []byte(x.country),
			Register: household.RegisterRecord{FormerNames: []byte(x.names), FormerNumbers: []byte(x.numbers)},
		}
		b := people[d.Key]
		if b == nil {
			b = &profile.Builder{}
			people[d.Key] = b
		}
		known[d.Key] = known[d.Key] || x.source == household.Register
		owner := profile.OwnerOf(&r, match.NormalName([]byte(x.name)))
		b.Add(x.source, profile.Origin{Snapshot: ordinal(t, x.source), File: 1, Row: int64(i + 1), Form: d.Form},
			profile.AppendOwner(nil, owner), profile.AppendContent(nil, x.source, &r))
	}
	var refs []store.SnapshotRef
	register := false
	for _, ref := range snapshots {
		if ref.Source != household.Register || slices.ContainsFunc(rows, func(x row) bool { return x.source == household.Register }) {
			refs = append(refs, ref)
			register = register || ref.Source == household.Register
		}
	}
	table, err := names.Embedded()
	must(err)
	keys, err := index.NewBuilder(table, index.BuildOptions{Memory: 1 << 20, TempDir: t.TempDir()})
	must(err)
	feed := index.NewFeed(keys, register)
	out, err := s.Begin(store.BuildOptions{BlockPeople: 2})
	must(err)
	var all []household.PersonKey
	for key := range people {
		all = append(all, key)
	}
	slices.SortFunc(all, household.PersonKey.Compare)
	w, err := out.Section(store.SectionPeople, profile.Version)
	must(err)
	for i, key := range all {
		entry := people[key].Append(nil)
		must(feed.Add(key, known[key], entry))
		if damaged && i == len(all)/2 {
			entry = entry[:len(entry)-1]
		}
		must(w.Add(key, entry))
	}
	must(w.Close())
	w, err = out.Section(store.SectionUnlinked, profile.Version)
	must(err)
	must(w.Close())
	must(keys.WriteTo(t.Context(), out))
	must(keys.Close())
	m, err := out.Seal(store.Contents{ProfileVersion: profile.Version, Snapshots: refs})
	must(err)
	g, err := s.Open(m.ID)
	must(err)
	t.Cleanup(func() { g.Close() })
	return g
}

// number is a valid resident number of somebody born on 1980-01-01; even ones are of
// women.
func number(n uint64) string { return match.ResidentText(34010419800101000 + n) }

// older is the 15-digit form of a number.
func older(text string) string { return text[:6] + text[8:17] }
