package ingest

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/hedui/hedui/connectors/bank"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/snapshot"
)

// settleItems are the items of balances, as long as those of a bank mostly are, each
// behind its length.
func settleItems(rows int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	banks := []string{"建设银行", "工商银行", "中国农业银行", "徽商银行", "邮储银行"}
	owner := []byte("\x09王秀英\x04\x06340123")
	cold := snapshot.AppendText(nil, snapshot.Division, []byte("340123"))
	var content, b []byte
	all := make([]byte, 0, rows*110)
	for row := range uint64(rows) {
		p := r.Uint64N(uint64(rows)/3 + 1)
		county, born, order := p%105*100+p%7, p/105%30_000, p/105/30_000
		num := 34_0000_0000_0000_000 + county*1_0000_0000_000 + (1925+born/372)*1_0000_000 + (born%372/31+1)*100_000 + (born%31+1)*1000 + order
		content = appendBytes(content[:0], []byte(banks[r.IntN(len(banks))]))
		content = appendBytes(content, fmt.Appendf(nil, "621700%013d", r.Uint64N(1e13)))
		content = append(content, 1)
		content = binary.AppendUvarint(content, r.Uint64N(1_000_000))
		content = binary.AppendUvarint(content, 20261031)
		content = append(binary.AppendUvarint(content, r.Uint64N(1_000_000)), 0, 0)
		b = append(binary.BigEndian.AppendUint64(b[:0], num), kindAccount, 0)
		b = appendBytes(appendBytes(appendBytes(appendBytes(b, content), owner), cold), nil)
		b = append(binary.AppendUvarint(append(b, 0, 1), row+1), 0)
		b = binary.AppendUvarint(binary.AppendUvarint(b, r.Uint64N(1_000_000)), r.Uint64N(1_000_000))
		all = appendBytes(all, b)
	}
	return all
}

// BenchmarkSettle measures what comes after converting: sorting, settling and
// writing. Beside the time it tells the work of all cores for a row.
func BenchmarkSettle(b *testing.B) {
	const rows = 1_000_000
	all := settleItems(rows)
	for _, c := range []struct {
		name   string
		budget int64
	}{{"memory", 1 << 30}, {"spilled", 32 << 20}} {
		b.Run(c.name, func(b *testing.B) {
			cpu := time.Duration(0)
			for b.Loop() {
				before := cpuTime(b)
				settle(b, all, c.budget, rows)
				cpu += cpuTime(b) - before
			}
			b.ReportMetric(float64(cpu.Nanoseconds())/float64(b.N)/rows, "cpu-ns/row")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func settle(b *testing.B, all []byte, budget int64, rows int64) {
	dir := b.TempDir()
	s := newSorter(dir, budget, 1, nil)
	var x *slab
	for len(all) > 0 {
		l, n := binary.Uvarint(all)
		for x == nil || !x.add(all[n:n+int(l)]) {
			if x != nil {
				s.put(x)
			}
			var err error
			if x, err = s.get(context.Background()); err != nil {
				b.Fatal(err)
			}
		}
		all = all[n+int(l):]
	}
	s.put(x)
	runs, err := s.merge()
	if err != nil {
		b.Fatal(err)
	}
	w, err := snapshot.NewWriter(filepath.Join(dir, "snapshot"), nil)
	if err != nil {
		b.Fatal(err)
	}
	defer w.Abort()
	dept := bank.Department()
	assemblers := make([]*assembler, 2)
	for i := range assemblers {
		assemblers[i] = &assembler{dept: dept, institutions: map[string]string{}, counts: make([]snapshot.Counts, 1), sums: make([]snapshot.Total, len(dept.Amounts))}
	}
	done := int64(0)
	if err := newAssembly(runs, w, len(assemblers)).run(context.Background(), assemblers, func(items int64) { done += items }); err != nil {
		b.Fatal(err)
	}
	m := &snapshot.Manifest{Source: household.Bank, AsOf: 20261031}
	if _, err := w.Seal(m); err != nil || done != rows {
		b.Fatal(done, err)
	}
	if err := s.close(); err != nil {
		b.Fatal(err)
	}
}

func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
