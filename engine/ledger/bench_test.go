package ledger_test

import (
	"bytes"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/hedui/hedui/engine/ledger"
)

// BenchmarkCommit is what a desk does: one small change at a time, from many
// goroutines.
func BenchmarkCommit(b *testing.B) {
	for _, workers := range []int{1, 32} {
		for _, way := range []string{"owner", "client"} {
			b.Run(fmt.Sprintf("way=%s/goroutines=%d", way, workers), func(b *testing.B) {
				dir := b.TempDir()
				o := open(b, dir)
				defer o.Close()
				l := ledger.Ledger(o)
				if way == "client" {
					c, err := ledger.Connect(b.Context(), dir, options())
					if err != nil {
						b.Fatal(err)
					}
					defer c.Close()
					l = c
				}
				var mu sync.Mutex
				var all []time.Duration
				next := make(chan int)
				var wg sync.WaitGroup
				body := bytes.Repeat([]byte("x"), 300)
				for range workers {
					wg.Go(func() {
						var took []time.Duration
						for i := range next {
							r := &ledger.Request{ID: fmt.Sprintf("r%09d", i), Household: fmt.Sprintf("340104-%06d", i%1000), Authorization: "SQ1", Division: "340104", At: ledger.Instant(i)}
							r.Body = body
							start := time.Now()
							if err := l.Commit(b.Context(), ledger.Change{Ops: []ledger.Op{ledger.Put(r)}}); err != nil {
								b.Error(err)
							}
							took = append(took, time.Since(start))
						}
						mu.Lock()
						defer mu.Unlock()
						all = append(all, took...)
					})
				}
				b.ResetTimer()
				for i := range b.N {
					next <- i
				}
				close(next)
				wg.Wait()
				b.StopTimer()
				slices.Sort(all)
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commits/s")
				b.ReportMetric(float64(all[len(all)*99/100].Microseconds()), "p99-µs")
			})
		}
	}
}

// verdictBody is about what a verdict is: JSON that repeats itself.
func verdictBody(i int) []byte {
	b := fmt.Appendf(nil, `{"household":"340104-%06d","scheme":"dibao","on":"2026-11-01","outcome":"review","findings":[`, i)
	for k := range 12 {
		b = fmt.Appendf(b, `{"rule":"income_over_limit_%d","severity":"adverse","evidence":[{"source":"bank","snapshot":"%016x","file":%d,"row":%d,"amount":"%d.%02d"}]},`, k, i*7919+k, k, i*31+k*1001, i*k, k)
	}
	return append(b, "]}"...)
}

// BenchmarkBulk is what a batch does: the verdicts of many households, each with the
// state of its household and the records it rests on.
func BenchmarkBulk(b *testing.B) {
	const chunk = 500
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprintf("chunk=%d/goroutines=%d", chunk, workers), func(b *testing.B) {
			o := open(b, b.TempDir())
			defer o.Close()
			next := make(chan int)
			var wg sync.WaitGroup
			for range workers {
				wg.Go(func() {
					for from := range next {
						c := ledger.Change{}
						for i := from; i < min(from+chunk, b.N); i++ {
							number, id := fmt.Sprintf("340104-%06d", i), fmt.Sprintf("v%09d", i)
							v := &ledger.Verdict{ID: id, Household: number, Scheme: "dibao", On: 20261101, Outcome: "review", Generation: "g1", Pack: "reference 1"}
							for k := range 6 {
								v.Records = append(v.Records, o.Pseudonym(ledger.Record, fmt.Appendf(nil, "%d %d", i, k)))
							}
							v.Body = verdictBody(i)
							h := &ledger.Household{Number: number, Scheme: "dibao", Division: "340104001001", Verdict: id, Outcome: "review", On: 20261101, Generation: "g1", Pack: "reference 1"}
							for k := range 3 {
								h.Members = append(h.Members, o.Pseudonym(ledger.Person, fmt.Appendf(nil, "%d %d", i, k)))
							}
							c.Ops = append(c.Ops, ledger.Put(v), ledger.PutOver(h))
						}
						if err := o.Commit(b.Context(), c); err != nil {
							b.Error(err)
						}
					}
				})
			}
			b.ResetTimer()
			for i := 0; i < b.N; i += chunk {
				next <- i
			}
			close(next)
			wg.Wait()
			b.StopTimer()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "households/s")
		})
	}
}
