package index_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/index"
	"github.com/hedui/hedui/engine/store"
)

const (
	surnamesOf = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗"
	givenOf    = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂文云建国华玉梅红志海春"
)

func benchName(r *rand.Rand) string {
	s, g := []rune(surnamesOf), []rune(givenOf)
	return string([]rune{s[r.IntN(len(s))], g[r.IntN(len(g))], g[r.IntN(len(g))]})
}

func benchPerson(r *rand.Rand) (text string, birth household.Date) {
	birth = household.Date((1940+r.IntN(70))*10000 + (1+r.IntN(12))*100 + 1 + r.IntN(28))
	return number(110101+r.IntN(3000)*10, birth, r.IntN(1000)), birth
}

// benchReader has 1,000,000 loose keys: 440,000 records, of which half have a
// mistyped number, some are masked and some in letters; and 100,000 people.
var benchReader = sync.OnceValue(func() *index.Reader {
	b, _ := index.NewBuilder(table(), index.BuildOptions{})
	defer b.Close()
	fill(b, 440_000)
	r := rand.New(rand.NewPCG(5, 6))
	for range 100_000 {
		text, _ := benchPerson(r)
		if err := b.AddRegistered(index.Registered{Key: resident(numOf(text)), Name: benchName(r), Division: text[:6]}); err != nil {
			panic(err)
		}
	}
	s := store.NewMemory()
	out, _ := s.Begin(store.BuildOptions{})
	for _, section := range []string{store.SectionPeople, store.SectionUnlinked} {
		w, _ := out.Section(section, 1)
		_ = w.Close()
	}
	if err := b.WriteTo(tctx, out); err != nil {
		panic(err)
	}
	m, err := out.Seal(store.Contents{ProfileVersion: 1})
	if err != nil {
		panic(err)
	}
	g, _ := s.Open(m.ID)
	x, err := index.Open(tctx, g, table())
	if err != nil {
		panic(err)
	}
	return x
})

func fill(b *index.Builder, n int) {
	r := rand.New(rand.NewPCG(3, 4))
	for i := range n {
		text, birth := benchPerson(r)
		l := index.Loose{Name: benchName(r), Birth: birth, Division: text[:6]}
		switch {
		case i%2 == 0:
			broken := []byte(text)
			broken[r.IntN(17)] ^= 1
			l.Owner = invalid(string(broken))
		case i%10 == 1:
			l.Owner = invalid(text[:6] + "********" + text[14:])
		case i%10 == 3:
			l.Name = fmt.Sprintf("LI XIAO%c", 'A'+r.IntN(26))
			l.Owner = passport(text)
		default:
			l.Owner = passport(text)
		}
		if err := b.AddLoose(l); err != nil {
			panic(err)
		}
	}
}

// People who share no key with anything: what nearly every person costs.
func BenchmarkCandidates(b *testing.B) {
	for _, hits := range []bool{false, true} {
		b.Run(fmt.Sprintf("loose=1e6/letters=%v", hits), func(b *testing.B) {
			c := benchReader().Cursor()
			r := rand.New(rand.NewPCG(9, 9))
			queries := make([]index.Query, 1024)
			for i := range queries {
				text, birth := benchPerson(r)
				if !hits { // a birth that no name in letters has: no pinyin is made
					birth = household.Date(2015*10000 + (1+i%12)*100 + 1 + i%28)
				}
				queries[i] = index.Query{Key: resident(numOf(text)), Number: text, Name: name("诸葛" + benchName(r)[3:]), Birth: birth, Counties: []string{text[:6]}}
			}
			var dst []index.Candidate
			reads, probes, found := 0, 0, 0
			b.ReportAllocs()
			b.ResetTimer()
			i := 0
			for b.Loop() {
				var stats index.Stats
				var err error
				if dst, stats, err = c.Candidates(dst[:0], &queries[i&1023]); err != nil {
					b.Fatal(err)
				}
				reads, probes, found = reads+stats.Reads, probes+stats.Probes, found+len(dst)
				i++
			}
			b.ReportMetric(float64(reads)/float64(i), "reads/op")
			b.ReportMetric(float64(probes)/float64(i), "probes/op")
			b.ReportMetric(float64(found)/float64(i), "found/op")
		})
	}
}

func BenchmarkPrepareName(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		name("王秀英")
	}
}

func BenchmarkFrequency(b *testing.B) {
	c := benchReader().Cursor()
	n := name("王秀英")
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := c.Frequency(n, 19500101, 2, "110101"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBuild(b *testing.B) {
	const records = 200_000
	for _, memory := range []int64{4 << 20, 64 << 20} {
		b.Run(fmt.Sprintf("records=2e5/memory=%dMiB", memory>>20), func(b *testing.B) {
			b.ReportAllocs()
			bytes, keys := int64(0), int64(0)
			for b.Loop() {
				x, err := index.NewBuilder(table(), index.BuildOptions{Memory: memory, TempDir: b.TempDir()})
				if err != nil {
					b.Fatal(err)
				}
				fill(x, records)
				s := store.NewMemory()
				out, _ := s.Begin(store.BuildOptions{})
				if err := x.WriteTo(tctx, out); err != nil {
					b.Fatal(err)
				}
				m, err := out.Seal(store.Contents{ProfileVersion: 1})
				if err != nil {
					b.Fatal(err)
				}
				_ = x.Close()
				bytes, keys = 0, 0
				for _, section := range m.Sections {
					bytes += section.Bytes
					if section.Name == index.SectionLoose {
						keys = section.Entries
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/records, "ns/record")
			b.ReportMetric(float64(bytes)/float64(keys), "bytes/key")
			b.ReportMetric(float64(keys)/records, "keys/record")
		})
	}
}
