package store_test

import (
	"path/filepath"
	"testing"

	"github.com/dgraph-io/badger/v4"

	"github.com/hedui/hedui/engine/block"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/engine/store/storetest"
)

// BenchmarkReadOneBlock compares reading a verified block from the tables, as the
// store does, with reading it through Badger's database, on one generation.
// docs/decisions/0003-generation-blocks.md rests on it.
func BenchmarkReadOneBlock(b *testing.B) {
	d := storetest.NewData(1, 100_000)
	d.Size = 300
	s, id, dir := loaded(b, d, store.DirOptions{})
	g := storetest.MustOpen(b, s, id)
	var lows []household.PersonKey
	err := g.Walk(b.Context(), store.SectionPeople, household.PersonKey{}, func(x block.Block) (household.PersonKey, bool, error) {
		lows = append(lows, x.Low())
		return household.PersonKey{}, true, nil
	})
	if err != nil {
		b.Fatal(err)
	}
	db, err := badger.Open(badger.DefaultOptions(filepath.Clean(dir)).WithReadOnly(true).WithLogger(nil).WithMetricsEnabled(false))
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	key := func(i int) []byte {
		k, _ := lows[i].AppendBinary([]byte{1}) // never fails
		return k
	}
	check := func(v []byte) error {
		_, err := block.Open(v)
		return err
	}
	txn := db.NewTransaction(false)
	defer txn.Discard()
	o := badger.DefaultIteratorOptions
	o.PrefetchValues = false
	it := txn.NewIterator(o)
	defer it.Close()
	for _, c := range []struct {
		name string
		read func(i int) error
	}{
		{"by=tables", func(i int) error {
			return g.View(store.SectionPeople, lows[i], func(block.Block) error { return nil })
		}},
		{"by=database-get", func(i int) error {
			item, err := txn.Get(key(i))
			if err != nil {
				return err
			}
			return item.Value(check)
		}},
		{"by=database-seek", func(i int) error {
			it.Seek(key(i))
			return it.Item().Value(check)
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				if err := c.read(i % len(lows)); err != nil {
					b.Fatal(err)
				}
				i += 7
			}
		})
	}
}
