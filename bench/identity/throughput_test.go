package main

import (
	"context"
	"errors"
	"flag"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/hedui/hedui/bench/province"
	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/block"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/engine/store"
)

var benchPeople = flag.Int("bench.people", 20_000, "people of the province that the benchmarks ask for")

// published is a corrupted province as published, in Badger and in memory, and its
// people.
type published struct {
	disk, memory store.Generation
	people       []citizen
	requests     [][]byte
}

func publishedProvince(b *testing.B) *published {
	b.Helper()
	ctx := context.Background()
	dir := b.TempDir()
	files, data := filepath.Join(dir, "province"), filepath.Join(dir, "store")
	if _, err := province.Generate(ctx, province.Options{People: *benchPeople, Seed: 1, Out: files, Corrupt: province.CorruptBase, Register: true}); err != nil {
		b.Fatal(err)
	}
	if err := deploy(ctx, files, data, true); err != nil {
		b.Fatal(err)
	}
	s, err := store.OpenDir(data)
	if err != nil {
		b.Fatal(err)
	}
	id, err := s.Current()
	if err != nil {
		b.Fatal(err)
	}
	p := &published{}
	if p.disk, err = s.Open(id); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { p.disk.Close() })
	if p.memory, err = inMemory(ctx, p.disk); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { p.memory.Close() })
	t, err := readTruth(files)
	if err != nil {
		b.Fatal(err)
	}
	p.people = t.people
	for i := range t.people {
		line, err := t.people[i].request(i)
		if err != nil {
			b.Fatal(err)
		}
		p.requests = append(p.requests, line)
	}
	return p
}

// inMemory copies a generation, every section of it, into a store in memory.
func inMemory(ctx context.Context, gen store.Generation) (_ store.Generation, err error) {
	m := store.NewMemory()
	b, err := m.Begin(store.BuildOptions{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.Abort()) }()
	from := gen.Manifest()
	for _, s := range from.Sections {
		section, err := b.Section(s.Name, s.Version)
		if err != nil {
			return nil, err
		}
		err = gen.Walk(ctx, s.Name, household.PersonKey{}, func(x block.Block) (household.PersonKey, bool, error) {
			for i := range x.Len() {
				if err := section.Add(x.Key(i), x.Payload(i)); err != nil {
					return household.PersonKey{}, false, err
				}
			}
			return x.High(), !x.Last(), nil
		})
		if err != nil {
			return nil, err
		}
		if err := section.Close(); err != nil {
			return nil, err
		}
	}
	sealed, err := b.Seal(store.Contents{ProfileVersion: from.ProfileVersion, Snapshots: from.Snapshots})
	if err != nil {
		return nil, err
	}
	return m.Open(sealed.ID)
}

// oneCore keeps the garbage collector on the same core too.
func oneCore(b *testing.B) {
	b.Helper()
	before := runtime.GOMAXPROCS(1)
	b.Cleanup(func() { runtime.GOMAXPROCS(before) })
}

func (p *published) each(b *testing.B, run func(b *testing.B, gen store.Generation)) {
	for _, s := range []struct {
		name string
		gen  store.Generation
	}{{"memory", p.memory}, {"badger", p.disk}} {
		b.Run(s.name, func(b *testing.B) {
			oneCore(b)
			b.ReportAllocs()
			run(b, s.gen)
			b.ReportMetric(float64(b.N)*float64(len(p.people))/b.Elapsed().Seconds(), "persons/s")
		})
	}
}

// BenchmarkExactTiers checks everybody of the register by number and name alone:
// both are normalised, the entries read in the order of their keys and decoded, and
// the names of their owners compared. One operation is the whole province.
func BenchmarkExactTiers(b *testing.B) {
	p := publishedProvince(b)
	type person struct {
		key  household.PersonKey
		name string
	}
	p.each(b, func(b *testing.B, gen store.Generation) {
		b.Helper()
		people := make([]person, len(p.people))
		var decoded profile.Profile
		strong := 0
		for b.Loop() {
			strong = 0
			for i := range p.people {
				c := &p.people[i]
				t, _ := household.DocumentTypes.Find(c.idType)
				d := match.ParseDocument(household.DocumentType(t), []byte(c.number))
				people[i] = person{d.Key, string(match.NormalName([]byte(c.name)))}
			}
			slices.SortFunc(people, func(x, y person) int { return x.key.Compare(y.key) })
			err := walk(gen, len(people), func(i int) household.PersonKey { return people[i].key }, func(i int, entry []byte) error {
				if err := profile.Decode(entry, &decoded); err != nil {
					return err
				}
				for k := range decoded.Owners {
					if decoded.Owners[k].Name == people[i].name {
						strong++
					}
				}
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
		}
		if strong < len(p.people)*8/10 {
			b.Fatalf("only %d strong links", strong)
		}
	})
}

// walk reads the entries of ascending keys as a batch does.
func walk(gen store.Generation, n int, key func(int) household.PersonKey, found func(i int, entry []byte) error) error {
	i := 0
	return gen.Walk(context.Background(), store.SectionPeople, key(0), func(x block.Block) (household.PersonKey, bool, error) {
		for ; i < n && x.Covers(key(i)); i++ {
			if entry, ok := x.Find(key(i)); ok {
				if err := found(i, entry); err != nil {
					return household.PersonKey{}, false, err
				}
			}
		}
		if i == n {
			return household.PersonKey{}, false, nil
		}
		return key(i), true, nil
	})
}

// BenchmarkAllTiers checks everybody of the register as a household of one with
// weaker links: the request parsed, the typing errors of the number tried, names,
// birth dates, masks and the register asked, the rules judged. Requests come in the
// order of the register, entries as a batch reads them.
func BenchmarkAllTiers(b *testing.B) {
	p := publishedProvince(b)
	p.each(b, func(b *testing.B, gen store.Generation) {
		b.Helper()
		v, err := verifier(context.Background(), gen)
		if err != nil {
			b.Fatal(err)
		}
		w := v.Worker()
		const chunk = 4096
		plans := make([]engine.Plan, chunk)
		entries := make([][]byte, chunk)
		order := make([]int, chunk)
		decoded := &profile.Profile{}
		out := &household.Verdict{}
		shown, linked := 0, 0
		for b.Loop() {
			shown, linked = 0, 0
			for from := 0; from < len(p.requests); from += chunk {
				n := min(chunk, len(p.requests)-from)
				for i := range n {
					w.Prepare(p.requests[from+i], 1, &plans[i])
					if r := plans[i].Refusal(); r != "" {
						b.Fatal(r)
					}
					order[i], entries[i] = i, nil
				}
				slices.SortFunc(order[:n], func(x, y int) int { return plans[x].Keys()[0].Compare(plans[y].Keys()[0]) })
				err := walk(gen, n, func(i int) household.PersonKey { return plans[order[i]].Keys()[0] }, func(i int, entry []byte) error {
					entries[order[i]] = append([]byte(nil), entry...)
					return nil
				})
				if err != nil {
					b.Fatal(err)
				}
				for i := range n {
					decoded.Reset()
					if entries[i] != nil {
						if err := profile.Decode(entries[i], decoded); err != nil {
							b.Fatal(err)
						}
					}
					if err := w.Verify(&plans[i], []*profile.Profile{decoded}, out); err != nil {
						b.Fatal(err)
					}
					linked += out.Links.Strong
					shown += out.Links.Review
				}
			}
		}
		if linked < len(p.people)*8/10 || shown < len(p.people)/200 {
			b.Fatalf("only %d strong links and %d to confirm", linked, shown)
		}
		b.ReportMetric(float64(shown)/float64(len(p.people)), "to-confirm/person")
	})
}
