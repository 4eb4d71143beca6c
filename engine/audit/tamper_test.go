package audit_test

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/durable"
	"github.com/hedui/hedui/engine/household"
)

var (
	tamperEntries = flag.Int("audit.entries", 10_000, "entries of the log that is tampered with")
	tamperPlaces  = flag.Int("audit.places", 8, "places that each kind of tampering is tried at")
)

// fill writes a log of about n entries from many callers, unsynced.
func fill(t testing.TB, dir string, n int, segment int64) {
	t.Helper()
	a, err := audit.Open(dir, audit.Options{Actor: "tester", Now: clock, SegmentBytes: segment, Disk: durable.Disk{NoSync: true}})
	must(t, err)
	var wg sync.WaitGroup
	const callers = 64
	for g := range callers {
		wg.Go(func() {
			for i := range n / callers / 2 {
				l := look(fmt.Sprintf("3401%02d-%07d", g, i))
				l.Who = audit.Who{Actor: fmt.Sprintf("worker.%d", g), Role: "caseworker", Division: "340104", Client: "10.0.0.1"}
				l.Purpose, l.Request = "dibao", fmt.Sprintf("r%d-%d", g, i)
				tok, err := a.Begin(l)
				if err == nil {
					err = a.End(tok, []household.Outcome{household.NoDiscrepancy})
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	must(t, a.Close())
}

// original is a log as it was before anybody touched it.
type original struct {
	dir   string
	paths []string
	lines [][][]byte // of each segment
	first []int64    // seq of each segment's first entry
	head  []byte
	n     int64
}

func load(t *testing.T, dir string) *original {
	o := &original{dir: dir, paths: segments(t, dir)}
	var err error
	o.head, err = os.ReadFile(filepath.Join(dir, "audit", "audit.head"))
	must(t, err)
	for _, path := range o.paths {
		text, err := os.ReadFile(path)
		must(t, err)
		o.first = append(o.first, o.n+1)
		var lines [][]byte
		for line := range bytes.Lines(text) {
			lines = append(lines, line)
		}
		o.lines = append(o.lines, lines)
		o.n += int64(len(lines))
	}
	return o
}

func (o *original) at(seq int64) (segment, i int) {
	for segment = len(o.first) - 1; o.first[segment] > seq; segment-- {
	}
	return segment, int(seq - o.first[segment])
}

func (o *original) line(seq int64) []byte {
	s, i := o.at(seq)
	return o.lines[s][i]
}

func (o *original) anchor(seq int64) audit.Head {
	line := o.line(seq)
	return audit.Head{Seq: seq, Hash: string(line[len(line)-67 : len(line)-3])}
}

func (o *original) write(t *testing.T, segment int, lines [][]byte) {
	must(t, os.WriteFile(o.paths[segment], bytes.Join(lines, nil), 0o600))
}

// cutAt leaves the first entries up to seq, and no later segment.
func (o *original) cutAt(t *testing.T, seq int64) (segment int, size int64) {
	s, i := o.at(seq)
	o.write(t, s, o.lines[s][:i+1])
	for _, path := range o.paths[s+1:] {
		must(t, os.Remove(path))
	}
	for _, line := range o.lines[s][:i+1] {
		size += int64(len(line))
	}
	return s + 1, size
}

// rollBack makes the log what it was when the entry was its newest.
func (o *original) rollBack(t *testing.T, seq int64) {
	segment, size := o.cutAt(t, seq)
	must(t, os.WriteFile(filepath.Join(o.dir, "audit", "audit.head"), audit.NewHeadFile(seq, o.anchor(seq).Hash, segment, size), 0o600))
}

// restore puts everything back that a kind of tampering may have touched.
func (o *original) restore(t *testing.T, from int) {
	for s := from; s < len(o.paths); s++ {
		o.write(t, s, o.lines[s])
	}
	more := segments(t, o.dir)
	for _, path := range more[len(o.paths):] {
		must(t, os.Remove(path))
	}
	must(t, os.WriteFile(filepath.Join(o.dir, "audit", "audit.head"), o.head, 0o600))
}

// Whatever is done to a log, wherever, is found, and the first wrong place is named:
// what leaves a consistent log behind by the heads that were anchored before.
func TestEveryTamperingIsFound(t *testing.T) {
	dir := t.TempDir()
	n := *tamperEntries
	fill(t, dir, n, int64(n)*300/5)
	o := load(t, dir)
	if o.n < int64(n)*9/10 || len(o.paths) < 4 {
		t.Fatalf("%d entries in %d segments", o.n, len(o.paths))
	}
	var anchors []audit.Head
	for k := range int64(5) {
		anchors = append(anchors, o.anchor((k+1)*o.n/5))
	}
	seed := rand.Uint64()
	t.Logf("seed %d, %d entries", seed, o.n)
	rnd := rand.New(rand.NewPCG(seed, 0))
	verify := func(heads []audit.Head) audit.Report {
		opts := audit.VerifyOptions{Heads: heads, Workers: 1 + rnd.IntN(3)}
		if n < 100_000 {
			opts = opts.InBlocks(1 << (8 + rnd.IntN(10)))
		}
		r, err := audit.Verify(t.Context(), dir, opts)
		must(t, err)
		return r
	}
	if r := verify(anchors); !r.OK() || r.Anchors != 5 || r.Entries != o.n {
		t.Fatalf("untouched: %+v", r)
	}
	edit := func(seq int64, do func(lines [][]byte, i int) [][]byte) {
		s, i := o.at(seq)
		lines := append([][]byte(nil), o.lines[s]...)
		o.write(t, s, do(lines, i))
	}
	nextAnchor := func(seq int64) int64 {
		for _, a := range anchors {
			if a.Seq > seq {
				return a.Seq
			}
		}
		return 0
	}
	forged := func(line []byte) []byte { return forge(t, line, `"time":"2026`, `"time":"2025`) }
	kinds := []struct {
		name       string
		consistent bool // only an anchored head can tell
		do         func(seq int64) (first int64)
	}{
		{"edit", false, func(seq int64) int64 {
			edit(seq, func(lines [][]byte, i int) [][]byte {
				line := bytes.Clone(lines[i])
				line[rnd.IntN(len(line)-1)] ^= byte(1 + rnd.IntN(127))
				lines[i] = line
				return lines
			})
			return seq
		}},
		{"edit with its hash made right", false, func(seq int64) int64 {
			edit(seq, func(lines [][]byte, i int) [][]byte { lines[i] = forged(lines[i]); return lines })
			if seq == o.n {
				return seq // the head tells
			}
			return min(seq+1, nextOr(seq, anchors))
		}},
		{"delete", false, func(seq int64) int64 {
			edit(seq, func(lines [][]byte, i int) [][]byte { return append(lines[:i], lines[i+1:]...) })
			return seq
		}},
		{"double", false, func(seq int64) int64 {
			edit(seq, func(lines [][]byte, i int) [][]byte {
				return append(lines[:i+1:i+1], lines[i:]...)
			})
			return seq + 1
		}},
		{"insert one that follows", false, func(seq int64) int64 {
			edit(seq, func(lines [][]byte, i int) [][]byte {
				out := append([][]byte(nil), lines[:i]...)
				return append(append(out, forged(lines[i])), lines[i:]...)
			})
			if isAnchor(seq, anchors) || seq == o.n {
				return seq
			}
			return seq + 1
		}},
		{"swap", false, func(seq int64) int64 {
			s, i := o.at(seq)
			if i+1 == len(o.lines[s]) {
				seq--
			}
			edit(seq, func(lines [][]byte, i int) [][]byte {
				lines[i], lines[i+1] = lines[i+1], lines[i]
				return lines
			})
			return seq
		}},
		{"truncate", false, func(seq int64) int64 {
			seq = min(seq, o.n-1)
			o.cutAt(t, seq)
			return seq + 1
		}},
		{"roll back to a copy", true, func(seq int64) int64 {
			seq = min(seq, o.n-1)
			o.rollBack(t, seq)
			return seq + 1
		}},
		{"fork", true, func(seq int64) int64 {
			seq = min(seq, o.n-10)
			if rnd.IntN(2) == 0 {
				seq = anchors[rnd.IntN(len(anchors))].Seq - 1 - rnd.Int64N(9) // goes on past the next anchor
			}
			o.rollBack(t, seq)
			a, err := audit.Open(dir, audit.Options{Actor: "forger", Now: clock, Disk: durable.Disk{NoSync: true}})
			must(t, err)
			for i := range 10 {
				record(t, a, fmt.Sprintf("fork-%d", i))
			}
			must(t, a.Close())
			return min(seq+21, nextAnchor(seq))
		}},
	}
	tried := 0
	for _, kind := range kinds {
		for range *tamperPlaces {
			seq := 1 + rnd.Int64N(o.n)
			switch rnd.IntN(8) { // the places where something is special
			case 0:
				seq = o.first[rnd.IntN(len(o.first))]
			case 1:
				seq = max(1, o.first[rnd.IntN(len(o.first))]-1)
			case 2:
				seq = o.n - rnd.Int64N(2)
			}
			first := kind.do(seq)
			s, _ := o.at(min(seq, o.n))
			if kind.consistent {
				s = 0
				if r := verify(nil); !r.OK() {
					t.Errorf("%s at %d is not the consistent log it should be: %+v", kind.name, seq, r)
				}
			}
			if s > 0 && kind.name == "swap" {
				s-- // may have moved
			}
			r := verify(anchors)
			if r.FirstBad != first {
				t.Errorf("%s at %d of %d: found at %d (%s), want %d", kind.name, seq, o.n, r.FirstBad, r.Reason, first)
			}
			tried++
			o.restore(t, s)
		}
	}
	if r := verify(anchors); !r.OK() {
		t.Fatalf("restored: %+v", r)
	}
	if tried != len(kinds)**tamperPlaces || tried == 0 {
		t.Errorf("%d tried", tried)
	}
}

func isAnchor(seq int64, anchors []audit.Head) bool {
	for _, a := range anchors {
		if a.Seq == seq {
			return true
		}
	}
	return false
}

// nextOr is the seq itself when it is anchored, so that its own hash is compared.
func nextOr(seq int64, anchors []audit.Head) int64 {
	if isAnchor(seq, anchors) {
		return seq
	}
	return seq + 1
}

func BenchmarkVerify(b *testing.B) {
	dir := b.TempDir()
	fill(b, dir, *tamperEntries, 64<<20)
	var entries int64
	for b.Loop() {
		r, err := audit.Verify(b.Context(), dir, audit.VerifyOptions{})
		if err != nil || !r.OK() {
			b.Fatal(r, err)
		}
		entries += r.Entries
	}
	b.ReportMetric(float64(entries)/b.Elapsed().Seconds(), "entries/s")
}
