package batch_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/batch"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/rules"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a generation in memory with n people who each have a balance.
type world struct {
	gen store.Generation
	v   *engine.Verifier
}

func resident(i int) uint64 {
	return 34010419700101000 + uint64(i%1000) + uint64(i/1000)*1_0000_0000_000
}

func newWorld(t testing.TB, people int) world {
	t.Helper()
	s := store.NewMemory()
	b, err := s.Begin(store.BuildOptions{})
	must(t, err)
	sec, err := b.Section(store.SectionPeople, profile.Version)
	must(t, err)
	keys := map[uint64]int{}
	var order []uint64
	for i := range people {
		keys[resident(i)] = i
	}
	for k := range keys {
		order = append(order, k)
	}
	slices.Sort(order)
	var bld profile.Builder
	for _, k := range order {
		bld.Reset()
		r := household.Record{Bank: household.BankRecord{
			Institution: []byte("工商银行"), AccountNo: fmt.Appendf(nil, "6222%012d", k%1_000_000), Kind: 1,
			Balance: household.Fen(keys[k] * 100), BalanceOn: 20261031,
		}}
		bld.Add(household.Bank, profile.Origin{Snapshot: 0, File: 1, Row: int64(keys[k] + 1)}, profile.AppendOwner(nil, profile.Owner{Name: "王秀英"}), profile.AppendContent(nil, household.Bank, &r))
		must(t, sec.Add(household.PersonKey{Num: k}, bld.Append(nil)))
	}
	must(t, sec.Close())
	covers, _ := household.ParseMonths("2025-01..2026-10")
	refs := []store.SnapshotRef{{Ordinal: 0, ID: "bb", Source: household.Bank, Provider: "bank", AsOf: 20261031}}
	for i, src := range []household.Source{household.Tax, household.Vehicle, household.Property, household.Insurance} {
		ref := store.SnapshotRef{Ordinal: i + 1, ID: fmt.Sprint("s", i), Source: src, Provider: src.String(), AsOf: 20261031}
		if src.IsFlow() {
			ref.Covers, ref.Supplies = covers, []household.Months{covers}
		}
		refs = append(refs, ref)
	}
	m, err := b.Seal(store.Contents{ProfileVersion: profile.Version, Snapshots: refs})
	must(t, err)
	gen, err := s.Open(m.ID)
	must(t, err)
	t.Cleanup(func() { gen.Close() })
	pack, err := rules.Load("reference")
	must(t, err)
	v, err := engine.NewVerifier(gen.Manifest(), pack, 20261101)
	must(t, err)
	return world{gen, v}
}

func request(i int) string {
	id := match.ResidentText(resident(i))
	return fmt.Sprintf(`{"household_id":"340104-%06d","region":"34010%d","scheme":"dibao","residence":"urban","authorization":{"number":"SQ%d","valid_from":"2026-01-01","valid_to":"2026-12-31","signed_by":["%s"]},"members":[{"name":"王秀英","id_number":"%s","relation":"head"}],"declared_assets":{"financial_fen":%d}}`,
		i, i%3, i, id, id, i*100)
}

func requests(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(request(i) + "\n")
	}
	return b.String()
}

// log is an auditor that remembers, and fails when told to.
type log struct {
	begun, ended []string
	fail         error
	failAt       int
}

func (l *log) Begin(look audit.Look) (audit.Token, error) {
	if l.fail != nil && len(l.begun) >= l.failAt {
		return audit.Token{}, l.fail
	}
	for _, s := range look.Subjects {
		l.begun = append(l.begun, s.Household)
	}
	return audit.Token{}, nil
}

func (l *log) End(_ audit.Token, o []household.Outcome) error {
	for _, x := range o {
		l.ended = append(l.ended, x.String())
	}
	return nil
}

func run(t testing.TB, w world, text string, change func(*batch.Options)) (batch.Result, string, error) {
	t.Helper()
	dir := t.TempDir()
	in := filepath.Join(dir, "batch.jsonl")
	must(t, os.WriteFile(in, []byte(text), 0o600))
	o := batch.Options{Batch: in, Out: filepath.Join(dir, "out.jsonl"), Generation: w.gen, Verifier: w.v, Audit: &log{}, Chunk: 7}
	if change != nil {
		change(&o)
	}
	r, err := batch.Run(context.Background(), o)
	if err != nil {
		return r, "", err
	}
	out, err := os.ReadFile(o.Out)
	must(t, err)
	return r, string(out), nil
}

// One verdict a line, for batches around the size of a chunk and for every number
// of workers the same bytes.
func TestEveryLineIsAnsweredInOrder(t *testing.T) {
	w := newWorld(t, 40)
	for _, n := range []int{0, 1, 6, 7, 8, 13, 14, 15, 40} {
		var want string
		for _, workers := range []int{1, 2, 8} {
			for _, chunk := range []int{1, 7, 100} {
				a := &log{}
				r, got, err := run(t, w, requests(n), func(o *batch.Options) { o.Workers, o.Chunk, o.Audit = workers, chunk, a })
				must(t, err)
				if r.RowsIn != int64(n) || r.Verdicts != int64(n) || strings.Count(got, "\n") != n || len(a.begun) != n || len(a.ended) != n {
					t.Fatalf("%d lines: %+v, %d out, %d begun, %d ended", n, r, strings.Count(got, "\n"), len(a.begun), len(a.ended))
				}
				if want == "" {
					want = got
				}
				if got != want {
					t.Fatalf("%d lines, %d workers, chunks of %d: other bytes", n, workers, chunk)
				}
			}
		}
		for i, line := range strings.Split(strings.TrimSuffix(want, "\n"), "\n") {
			if n > 0 && !strings.Contains(line, fmt.Sprintf(`"household_id":"340104-%06d"`, i)) {
				t.Fatalf("line %d answers another household", i)
			}
		}
	}
}

func TestLinesThatAreNoRequests(t *testing.T) {
	w := newWorld(t, 3)
	text := "\ufeff" + request(0) + "\r\n" + "not JSON\n" + "\n" + `{"scheme":"dibao"}` + "\n" + strings.Repeat("x", 2<<20) + "\n" + "\xff\xfe{}\n" + request(1)
	r, got, err := run(t, w, text, nil)
	must(t, err)
	lines := strings.Split(strings.TrimSuffix(got, "\n"), "\n")
	if r.RowsIn != 7 || len(lines) != 7 {
		t.Fatalf("%d rows, %d verdicts", r.RowsIn, len(lines))
	}
	for _, i := range []int{1, 2, 3, 4, 5} {
		want := fmt.Sprintf(`{"line":%d,"on":"2026-11-01","outcome":"refused","findings":[{"code":"invalid_request","effect":"refused"}]}`, i+1)
		if lines[i] != want {
			t.Errorf("line %d\n got %s\nwant %s", i+1, lines[i], want)
		}
	}
	if !strings.Contains(lines[0], "no_discrepancy") || !strings.Contains(lines[6], "no_discrepancy") {
		t.Errorf("good requests beside bad ones:\n%s\n%s", lines[0], lines[6])
	}
	if diff := cmp.Diff(map[string]int64{"no_discrepancy": 2, "refused": 5}, r.Outcomes); diff != "" {
		t.Error(diff)
	}
	if r.Regions["-"]["refused"] != 5 || r.Findings["invalid_request"]["refused"] != 5 {
		t.Errorf("summary %+v", r.Summary)
	}
}

// A batch that was stopped goes on where it was, and ends in the same bytes.
func TestGoesOnWhereItStopped(t *testing.T) {
	w := newWorld(t, 40)
	_, want, err := run(t, w, requests(40), nil)
	must(t, err)
	for stop := 0; stop < 40; stop += 7 {
		dir := t.TempDir()
		in, out := filepath.Join(dir, "b"), filepath.Join(dir, "o")
		must(t, os.WriteFile(in, []byte(requests(40)), 0o600))
		boom := errors.New("boom")
		first := &log{fail: boom, failAt: stop}
		o := batch.Options{Batch: in, Out: out, Generation: w.gen, Verifier: w.v, Audit: first, Chunk: 7}
		if _, err := batch.Run(context.Background(), o); !errors.Is(err, boom) {
			t.Fatalf("stopped with %v", err)
		}
		if _, err := os.Stat(out); err == nil {
			t.Fatal("an unfinished output has its final name")
		}
		// What a dying process may leave behind the checkpoint is cut off.
		f, err := os.OpenFile(out+".part", os.O_APPEND|os.O_WRONLY, 0)
		must(t, err)
		_, err = f.WriteString(`{"half`)
		must(t, err)
		must(t, f.Close())
		second := &log{}
		o.Audit = second
		r, err := batch.Run(context.Background(), o)
		must(t, err)
		got, err := os.ReadFile(out)
		must(t, err)
		if string(got) != want || r.Verdicts != 40 || r.Resumed != int64(stop) || len(second.begun) != 40-stop {
			t.Errorf("stopped at %d: equal %v, %+v, %d looked at again", stop, string(got) == want, r, len(second.begun))
		}
		if _, err := os.Stat(out + ".checkpoint"); err == nil {
			t.Error("a finished batch keeps its checkpoint")
		}
	}
}

// Verdicts of two batches, dates, packs or generations never share a file.
func TestNeverMixesTwoBatches(t *testing.T) {
	w := newWorld(t, 20)
	dir := t.TempDir()
	in, out := filepath.Join(dir, "b"), filepath.Join(dir, "o")
	must(t, os.WriteFile(in, []byte(requests(20)), 0o600))
	boom := errors.New("boom")
	o := batch.Options{Batch: in, Out: out, Generation: w.gen, Verifier: w.v, Audit: &log{fail: boom, failAt: 7}, Chunk: 7}
	if _, err := batch.Run(context.Background(), o); !errors.Is(err, boom) {
		t.Fatal(err)
	}
	o.Audit = &log{}
	pack, err := rules.Load("reference")
	must(t, err)
	later, err := engine.NewVerifier(w.gen.Manifest(), pack, 20261102)
	must(t, err)
	tests := map[string]func(o *batch.Options){
		"another date":       func(o *batch.Options) { o.Verifier = later },
		"another batch":      func(*batch.Options) { must(t, os.WriteFile(in, []byte(requests(19)), 0o600)) },
		"another generation": func(o *batch.Options) { o.Generation = newWorld(t, 21).gen },
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			must(t, os.WriteFile(in, []byte(requests(20)), 0o600))
			o := o
			change(&o)
			if _, err := batch.Run(context.Background(), o); !errors.Is(err, batch.ErrOtherBatch) {
				t.Errorf("went on: %v", err)
			}
		})
	}
	must(t, os.WriteFile(in, []byte(requests(20)), 0o600))
	// A damaged unfinished output is not gone on with.
	part, err := os.ReadFile(out + ".part")
	must(t, err)
	must(t, os.WriteFile(out+".part", bytes.Replace(part, []byte("no_discrepancy"), []byte("needs_review!!"), 1), 0o600))
	if _, err := batch.Run(context.Background(), o); err == nil {
		t.Error("went on with an output that was changed")
	}
	o.Restart = true
	if r, err := batch.Run(context.Background(), o); err != nil || r.Verdicts != 20 || r.Resumed != 0 {
		t.Errorf("restart: %+v %v", r, err)
	}
}

// reads counts what is read of a generation.
type reads struct {
	store.Generation
	n atomic.Int64
}

func (r *reads) Walk(ctx context.Context, s string, k household.PersonKey, fn walkFunc) error {
	r.n.Add(1)
	return r.Generation.Walk(ctx, s, k, fn)
}

func TestNothingIsReadWithoutTheLog(t *testing.T) {
	w := newWorld(t, 20)
	g := &reads{Generation: w.gen}
	boom := errors.New("disk full")
	if _, _, err := run(t, w, requests(20), func(o *batch.Options) { o.Generation, o.Audit = g, &log{fail: boom} }); !errors.Is(err, boom) {
		t.Errorf("%v", err)
	}
	if g.n.Load() != 0 {
		t.Error("blocks were read though the log could not be written")
	}
	if _, _, err := run(t, w, requests(20), func(o *batch.Options) { o.Generation = g }); err != nil || g.n.Load() == 0 {
		t.Errorf("the counter counts nothing: %d %v", g.n.Load(), err)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func BenchmarkRun(b *testing.B) {
	const n = 3000
	w := newWorld(b, n)
	text := requests(n)
	dir := b.TempDir()
	in := filepath.Join(dir, "b")
	must(b, os.WriteFile(in, []byte(text), 0o600))
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		_, err := batch.Run(context.Background(), batch.Options{Batch: in, Out: filepath.Join(dir, "o"), Generation: w.gen, Verifier: w.v, Audit: &log{}})
		must(b, err)
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "households/s")
}

// The checkpoint of a batch by one pack has the form that programs in the field wrote.
func TestCheckpointForm(t *testing.T) {
	w := newWorld(t, 9)
	dir := t.TempDir()
	in, out := filepath.Join(dir, "b"), filepath.Join(dir, "o")
	must(t, os.WriteFile(in, []byte(requests(9)), 0o600))
	boom := errors.New("boom")
	if _, err := batch.Run(context.Background(), batch.Options{Batch: in, Out: out, Generation: w.gen, Verifier: w.v, Audit: &log{fail: boom, failAt: 7}, Chunk: 7}); !errors.Is(err, boom) {
		t.Fatal(err)
	}
	got, err := os.ReadFile(out + ".checkpoint")
	must(t, err)
	p := w.v.Pack()
	got = regexp.MustCompile(`"(batch|generation|out_xxhash64)":"[0-9a-f]+"`).ReplaceAll(got, []byte(`"$1":""`))
	got = regexp.MustCompile(`"(batch_bytes|batch_offset|out_bytes)":[0-9]+`).ReplaceAll(got, []byte(`"$1":0`))
	want := `{"format":1,"batch":"","batch_bytes":0,"generation":"","pack":"reference","pack_digest":"` + p.Digest + `","on":"2026-11-01",` +
		`"lines":7,"batch_offset":0,"out_bytes":0,"out_xxhash64":"",` +
		`"summary":{"rows_in":7,"verdicts":7,"outcomes":{"no_discrepancy":7},"findings":{},` +
		`"regions":{"340100":{"no_discrepancy":3},"340101":{"no_discrepancy":2},"340102":{"no_discrepancy":2}}}}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
}
