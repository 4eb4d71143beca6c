package linkage

import (
	"math/rand/v2"
	"strconv"
	"testing"
)

// BenchmarkScore is one comparison of ten fields with its weights, for pairs that
// agree in little, as most candidates do, and for pairs that agree in nearly all.
func BenchmarkScore(b *testing.B) {
	m, ok := Shipped("febrl")
	if !ok {
		b.Fatal("no model")
	}
	rng := rand.New(rand.NewPCG(1, 1))
	var rows [][]string
	for range 2000 {
		row := make([]string, len(m.Fields))
		for f := range row {
			row[f] = strconv.FormatUint(rng.Uint64N(1e8), 36) + strconv.Itoa(rng.IntN(10))
			if m.Fields[f].Kind == "date" {
				row[f] = strconv.Itoa(19000101 + rng.IntN(990000))
			}
		}
		double := append([]string(nil), row...)
		double[rng.IntN(len(row))] += "1"
		rows = append(rows, row, double)
	}
	d, err := Prepare(m, rows, nil)
	if err != nil {
		b.Fatal(err)
	}
	blocks, err := Block(d, Options{})
	if err != nil {
		b.Fatal(err)
	}
	trained, err := Train(blocks, Options{})
	if err != nil {
		b.Fatal(err)
	}
	w, err := d.weights(trained)
	if err != nil {
		b.Fatal(err)
	}
	var random, near [][2]int32
	for range 1_000_000 {
		random = append(random, [2]int32{rng.Int32N(int32(d.n)), rng.Int32N(int32(d.n))})
	}
	blocks.walk(1, nil, func(_ int, a int32, with []int32) {
		for _, c := range with {
			near = append(near, [2]int32{a, c})
		}
	})
	c := newComparer(d)
	for name, pairs := range map[string][][2]int32{"pairs=random": random, "pairs=blocked": near} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				p := pairs[i%len(pairs)]
				i++
				w.score(c.compare(p[0], p[1]), d.record(p[0]))
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pairs/s")
		})
	}
}
