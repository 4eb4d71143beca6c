package storetest

import (
	"context"
	"fmt"
	"testing"

	"github.com/hedui/hedui/engine/block"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/store"
)

// Bench measures a store: loading, one block, all blocks, and a batch that needs
// every nth person. empty returns a new, empty store.
func Bench(b *testing.B, empty func(tb testing.TB) store.Store) {
	const people, size = 100_000, 300
	d := NewData(1, people)
	d.Size = size
	s := empty(b)
	m := d.MustLoad(b, s)
	g := MustOpen(b, s, m.ID)
	sec, _ := m.Section(store.SectionPeople)
	all := d.People
	ctx := context.Background()

	b.Run(fmt.Sprintf("load/people=%d/bytes=%d", people, sec.Bytes), func(b *testing.B) {
		entry := make([]byte, size)
		b.SetBytes(sec.Bytes)
		b.ReportAllocs()
		for b.Loop() {
			x := empty(b)
			l, err := x.Begin(store.BuildOptions{})
			if err != nil {
				b.Fatal(err)
			}
			w, err := l.Section(store.SectionPeople, 1)
			if err != nil {
				b.Fatal(err)
			}
			for _, k := range all {
				if err := w.Add(k, entry); err != nil {
					b.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				b.Fatal(err)
			}
			if _, err := l.Seal(d.Contents()); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N)*people/b.Elapsed().Seconds(), "people/s")
	})
	b.Run("open", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			g, err := s.Open(m.ID)
			if err != nil {
				b.Fatal(err)
			}
			if err := g.Close(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("view", func(b *testing.B) {
		b.ReportAllocs()
		i := 0
		for b.Loop() {
			k := all[i%len(all)]
			i += 7919
			err := g.View(store.SectionPeople, k, func(x block.Block) error {
				if _, ok := x.Find(k); !ok {
					b.Fatal("not found")
				}
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
	for _, every := range []int{1, 25, 200, 500, 2000} {
		b.Run(fmt.Sprintf("walk/every=%d", every), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				i, blocks := 0, 0
				err := g.Walk(ctx, store.SectionPeople, all[0], func(x block.Block) (household.PersonKey, bool, error) {
					blocks++
					for ; i < len(all) && x.Covers(all[i]); i += every {
						if _, ok := x.Find(all[i]); !ok {
							b.Fatal("not found")
						}
					}
					if i >= len(all) {
						return household.PersonKey{}, false, nil
					}
					return all[i], true, nil
				})
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(blocks), "blocks")
			}
		})
	}
	b.Run("walk/verify only", func(b *testing.B) {
		b.SetBytes(sec.Bytes)
		b.ReportAllocs()
		for b.Loop() {
			err := g.Walk(ctx, store.SectionPeople, household.PersonKey{}, func(block.Block) (household.PersonKey, bool, error) {
				return household.PersonKey{}, true, nil
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("sweep", func(b *testing.B) {
		b.SetBytes(sec.Bytes)
		for b.Loop() {
			if err := g.Sweep(ctx, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
}
