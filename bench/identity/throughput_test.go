package main

import (
	"context"
	"errors"
	"flag"
	"maps"
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
	alone        [][]byte // a request for everybody
	households   [][]byte // a request for every household of the register
}

func publishedProvince(b *testing.B) *published {
	b.Helper()
	ctx := context.Background()
	dir := b.TempDir()
	files, data := filepath.Join(dir, "province"), filepath.Join(dir, "store")
	if _, err := province.Generate(ctx, province.Options{People: *benchPeople, Seed: 1, Out: files, Corrupt: province.CorruptBase, Register: true}); err != nil {
		b.Fatal(err)
	}
	if err := deploy(ctx, data, true, files); err != nil {
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
	houses := map[string][]*citizen{}
	for i := range t.people {
		c := &t.people[i]
		line, err := c.request(i)
		if err != nil {
			b.Fatal(err)
		}
		p.alone = append(p.alone, line)
		houses[c.house] = append(houses[c.house], c)
	}
	for _, no := range slices.Sorted(maps.Keys(houses)) {
		line, err := request(len(p.households), houses[no]...)
		if err != nil {
			b.Fatal(err)
		}
		p.households = append(p.households, line)
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

// BenchmarkAllTiers checks everybody of the register with weaker links: the requests
// parsed, the typing errors of the numbers tried, names, birth dates, masks and the
// register asked, the rules judged. Entries are read as a batch reads them. Households
// are asked for as the register has them, and everybody alone, which makes the engine
// count who else is registered there.
func BenchmarkAllTiers(b *testing.B) {
	p := publishedProvince(b)
	for _, x := range []struct {
		name     string
		requests [][]byte
	}{{"households", p.households}, {"alone", p.alone}} {
		b.Run(x.name, func(b *testing.B) {
			p.each(b, func(b *testing.B, gen store.Generation) {
				b.Helper()
				v, err := verifier(context.Background(), gen)
				if err != nil {
					b.Fatal(err)
				}
				c := &checker{gen: gen, worker: v.Worker()}
				for b.Loop() {
					c.members, c.strong, c.review = 0, 0, 0
					for chunk := range slices.Chunk(x.requests, 4096) {
						if err := c.check(chunk); err != nil {
							b.Fatal(err)
						}
					}
				}
				if c.members < len(p.people)*99/100 || c.strong < len(p.people)*8/10 || c.review < len(p.people)/200 {
					b.Fatalf("only %d people, %d strong links and %d to confirm", c.members, c.strong, c.review)
				}
				b.ReportMetric(float64(c.review)/float64(len(p.people)), "to-confirm/person")
			})
		})
	}
}

// checker checks requests, a chunk at a time, as a batch does.
type checker struct {
	gen     store.Generation
	worker  *engine.Worker
	plans   []engine.Plan
	want    []member
	entries [][]byte
	decoded []*profile.Profile
	verdict household.Verdict

	members, strong, review int
}

type member struct {
	key  household.PersonKey
	slot int
}

func (c *checker) check(requests [][]byte) error {
	for len(c.plans) < len(requests) {
		c.plans = append(c.plans, engine.Plan{})
	}
	c.want = c.want[:0]
	for i, line := range requests {
		c.worker.Prepare(line, 1, &c.plans[i])
		for _, k := range c.plans[i].Keys() {
			c.want = append(c.want, member{k, len(c.want)})
		}
	}
	c.entries = make([][]byte, len(c.want))
	slices.SortFunc(c.want, func(x, y member) int { return x.key.Compare(y.key) })
	err := walk(c.gen, len(c.want), func(i int) household.PersonKey { return c.want[i].key }, func(i int, entry []byte) error {
		c.entries[c.want[i].slot] = append([]byte(nil), entry...)
		return nil
	})
	if err != nil {
		return err
	}
	slot := 0
	for i := range requests {
		n := len(c.plans[i].Keys())
		for len(c.decoded) < n {
			c.decoded = append(c.decoded, &profile.Profile{})
		}
		for k, entry := range c.entries[slot : slot+n] {
			c.decoded[k].Reset()
			if entry != nil {
				if err := profile.Decode(entry, c.decoded[k]); err != nil {
					return err
				}
			}
		}
		slot += n
		if err := c.worker.Verify(&c.plans[i], c.decoded[:n], &c.verdict); err != nil {
			return err
		}
		if n > 0 {
			c.members += n
			c.strong += c.verdict.Links.Strong
			c.review += c.verdict.Links.Review
		}
	}
	return nil
}
