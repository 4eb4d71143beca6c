package desk_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/batch"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/rules"
)

// makeReal puts the ledger and the audit log that a centre uses into a world.
func makeReal(t testing.TB, w *world) (dir string) {
	t.Helper()
	dir = t.TempDir()
	l, err := ledger.Open(dir, ledger.Options{Reserve: 1})
	must(t, err)
	t.Cleanup(func() { must(t, l.Close()) })
	log, err := audit.Open(dir, audit.Options{Actor: "serve", Now: w.clock.Now})
	must(t, err)
	t.Cleanup(func() { must(t, log.Close()) })
	pack, err := rules.Load("reference")
	must(t, err)
	d, err := desk.New(desk.Options{Store: w.store, Ledger: l, Audit: log, Packs: map[string]*rules.Pack{"dibao": pack}, Now: w.clock.Now})
	must(t, err)
	t.Cleanup(func() { must(t, d.Close()) })
	w.ledger, w.desk = &books{Ledger: l}, d
	return dir
}

// Many at once over the real ledger and log: every one is answered as it is alone, and
// what is on the disk afterwards is whole.
func TestManyAtOnceForReal(t *testing.T) {
	const people = 60
	files, err := store.OpenDirWith(t.TempDir(), store.DirOptions{Free: func(string) (int64, bool, error) { return 0, false, nil }})
	must(t, err)
	alone, w := newWorld(t, people), newWorldIn(t, files, people)
	dir := makeReal(t, w)
	for h := range people {
		alone.register(h, h)
		w.register(h, h)
	}
	var g sync.WaitGroup
	for worker := range 6 {
		g.Go(func() {
			for h := worker; h < people; h += 6 {
				for range 2 {
					a, err := w.desk.Check(t.Context(), verifier, request(h, h), desk.CheckOptions{})
					if err != nil || a.Refusal != "" {
						t.Errorf("household %d: %+v, %v", h, a, err)
					}
				}
			}
		})
	}
	g.Wait()
	for h := range people {
		want := alone.check(verifier, request(h, h))
		v, err := ledger.Get[ledger.Verdict](t.Context(), w.ledger, want.Verdict)
		must(t, err)
		if !bytes.Equal(v.Body, want.JSON) {
			t.Errorf("household %d: another verdict", h)
		}
	}
	report, err := w.ledger.Verify(t.Context())
	must(t, err)
	if !report.OK() {
		t.Error(report.Damage)
	}
	if err := verifyLog(dir); err != nil {
		t.Error(err)
	}
}

func verifyLog(dir string) error {
	r, err := audit.Verify(context.Background(), dir, audit.VerifyOptions{})
	if err == nil && r.Entries < 240 {
		err = fmt.Errorf("only %d entries", r.Entries)
	}
	return err
}

// A batch reads the register for every request: what is withdrawn in the middle of it is
// refused from there on, and without a register it is as it always was.
func TestWithdrawnInTheMiddleOfABatch(t *testing.T) {
	const people = 40
	w := newWorld(t, people)
	none, err := desk.Warrants(t.Context(), w.ledger, w.clock.Now)
	must(t, err)
	if none != nil {
		t.Fatal("an empty ledger is a register")
	}
	var lines []string
	for h := range people {
		w.register(h, h)
		lines = append(lines, string(request(h, h)))
	}
	id, err := w.store.Current()
	must(t, err)
	gen, err := w.store.Open(id)
	must(t, err)
	defer gen.Close()
	pack, err := rules.Load("reference")
	must(t, err)
	v, err := engine.NewVerifier(gen.Manifest(), pack, 20261101)
	must(t, err)
	register, err := desk.Warrants(t.Context(), w.ledger, w.clock.Now)
	must(t, err)
	v.Warrant(&interrupted{Warrants: register, at: 11, do: func() {
		for h := 20; h < people; h++ {
			_, err := w.desk.WithdrawAuthorization(context.Background(), intake, paper(h).Number, "撤回")
			if err != nil {
				t.Error(err)
			}
		}
	}})
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.jsonl"), filepath.Join(dir, "out.jsonl")
	must(t, os.WriteFile(in, []byte(strings.Join(lines, "\n")+"\n"), 0o600))
	_, err = batch.Run(t.Context(), batch.Options{Batch: in, Out: out, Generation: gen, Verifier: v, Audit: w.audit, Workers: 1, Chunk: 5})
	must(t, err)
	text, err := os.ReadFile(out)
	must(t, err)
	for h, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		if withdrawn := strings.Contains(line, "authorization_withdrawn"); withdrawn != (h >= 20) {
			t.Errorf("household %d: %s", h, line)
		}
	}
}

// interrupted does something before a question.
type interrupted struct {
	engine.Warrants
	mu sync.Mutex
	at int
	do func()
}

func (i *interrupted) Warrant(q engine.Asked) (engine.Warrant, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.at--; i.at == 0 {
		i.do()
	}
	return i.Warrants.Warrant(q)
}

// BenchmarkCheck is many checks at once in one process, over the real store, ledger and
// audit log, with what they cost in CPU.
func BenchmarkCheck(b *testing.B) {
	const people = 1000
	files, err := store.OpenDir(b.TempDir())
	must(b, err)
	w := newWorldIn(b, files, people)
	makeReal(b, w)
	for h := range people {
		w.register(h, h)
	}
	var next atomic.Int64
	b.SetParallelism(16)
	b.ResetTimer()
	cpu, begun := cpuTime(b), time.Now()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			n := int(next.Add(1))
			h := n % people
			// Another day each time round, so that every check is a new verdict.
			on := household.Date(20261001 + n/people%30)
			if _, err := w.desk.Check(context.Background(), verifier, request(h, h), desk.CheckOptions{On: on}); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/time.Since(begun).Seconds(), "checks/s")
	b.ReportMetric(float64((cpuTime(b)-cpu).Microseconds())/float64(b.N), "cpu-µs/check")
}

// BenchmarkSheet is the page of a verdict, over the real ledger and log, beside a thousand
// other households. A sheet costs a sync of the audit log: wall time is the disk's.
func BenchmarkSheet(b *testing.B) {
	const people = 1000
	w := newWorld(b, people)
	makeReal(b, w)
	var last *desk.Answer
	for h := range people {
		w.register(h, h)
		last = w.check(verifier, request(h, h))
	}
	cpu, n := cpuTime(b), 0
	for b.Loop() {
		if _, err := w.desk.Sheet(b.Context(), verifier, last.Verdict); err != nil {
			b.Fatal(err)
		}
		n++
	}
	b.ReportMetric(float64((cpuTime(b)-cpu).Microseconds())/float64(n), "cpu-µs/sheet")
}

// BenchmarkQueue is the first page of fifty of the queue over every state, of thousands of
// cases, over the real ledger and log.
func BenchmarkQueue(b *testing.B) {
	const people = 6000
	w := newWorld(b, people)
	makeReal(b, w)
	var lines strings.Builder
	for h := 0; h < people; h += 3 { // those far above the limit
		w.register(h, h)
		fmt.Fprintf(&lines, "%s\n", request(h, h))
	}
	w.name = "batch"
	if _, err := w.batch(centre, lines.String()); err != nil {
		b.Fatal(err)
	}
	cpu, n := cpuTime(b), 0
	for b.Loop() {
		list, _, err := w.desk.Cases(b.Context(), reviewer, desk.CaseQuery{State: desk.Waiting, Limit: 50})
		if err != nil || len(list) != 50 {
			b.Fatal(len(list), err)
		}
		n++
	}
	b.ReportMetric(float64((cpuTime(b)-cpu).Microseconds())/float64(n), "cpu-µs/page")
}

// cpuTime is what this process has used of the processors.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkKeep is a batch of 2,000 households, kept, over the real ledger and log.
func BenchmarkKeep(b *testing.B) {
	const people = 2000
	w := newWorld(b, people)
	makeReal(b, w)
	var lines strings.Builder
	for h := range people {
		w.register(h, h)
		fmt.Fprintf(&lines, "%s\n", request(h, h))
	}
	cpu := cpuTime(b)
	n := 0
	for b.Loop() {
		w.name = fmt.Sprint("batch-", n) // the first is all new verdicts, the others none
		if _, err := w.batch(centre, lines.String()); err != nil {
			b.Fatal(err)
		}
		if n++; n == 1 {
			b.ReportMetric(float64((cpuTime(b)-cpu).Microseconds())/people, "cpu-µs/new-household")
		}
	}
}
