package audit_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/durable"
	"github.com/hedui/hedui/engine/household"
)

var (
	auditKills = flag.Int("audit.kills", 10, "appending processes to kill")
	writeTo    = flag.String("audit.write", "", "internal: append to this data directory and say what was acknowledged")
	writeLimit = flag.Uint64("audit.limit", 0, "internal: bytes that a file may have")
	writeCount = flag.Int("audit.count", 1<<30, "internal: looks to append")
)

func TestMain(m *testing.M) {
	flag.Parse()
	if *writeTo != "" {
		if *writeLimit > 0 {
			if err := limitFiles(*writeLimit); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
		}
		if err := writer(*writeTo, *writeCount); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func clock() time.Time { return time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC) }

func open(t testing.TB, dir string) *audit.Log {
	t.Helper()
	a, err := audit.Open(dir, audit.Options{Actor: "tester", Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func look(households ...string) audit.Look {
	l := audit.Look{Action: "check", Generation: "g", Rules: "reference 1 d", On: 20261101}
	for _, h := range households {
		l.Subjects = append(l.Subjects, audit.Subject{Household: h, Authorization: "SQ" + h})
	}
	return l
}

func record(t testing.TB, a *audit.Log, households ...string) {
	t.Helper()
	tok, err := a.Begin(look(households...))
	if err != nil {
		t.Fatal(err)
	}
	outcomes := make([]household.Outcome, len(households))
	for i := range outcomes {
		outcomes[i] = household.NoDiscrepancy
	}
	if err := a.End(tok, outcomes); err != nil {
		t.Fatal(err)
	}
}

func check(t testing.TB, dir string) audit.Report {
	t.Helper()
	r, err := audit.Verify(context.Background(), dir, audit.VerifyOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestChain(t *testing.T) {
	dir := t.TempDir()
	if r := check(t, dir); !r.OK() || r.Entries != 0 {
		t.Errorf("no log yet: %+v", r)
	}
	a := open(t, dir)
	for i := range 5 {
		record(t, a, fmt.Sprintf("340104-%d", i))
	}
	record(t, open(t, dir), "340104-6") // another process goes on
	record(t, a, "340104-7")            // and the first one after it
	if r := check(t, dir); !r.OK() || r.Entries != 14 {
		t.Errorf("%+v", r)
	}
	text, err := os.ReadFile(filepath.Join(dir, "audit", "000001.log"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"seq":1,`, `"actor":"tester"`, `"time":"2026-11-01T09:00:00Z"`, `["340104-0","SQ340104-0"]`, `"outcomes":"n"`, `"phase":"begin"`} {
		if !bytes.Contains(text, []byte(want)) {
			t.Errorf("the log does not hold %s", want)
		}
	}
}

func TestLargeLooksAreSplit(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir)
	var households []string
	for i := range 10_000 {
		households = append(households, fmt.Sprintf("340104-%06d", i))
	}
	record(t, a, households...)
	if r := check(t, dir); !r.OK() || r.Entries != 6 {
		t.Errorf("%+v", r)
	}
	text, err := os.ReadFile(filepath.Join(dir, "audit", "000001.log"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(text) {
		if len(line) > 1<<20 {
			t.Errorf("a line of %d bytes", len(line))
		}
	}
	if n := strings.Count(string(text), "SQ340104-"); n != len(households) {
		t.Errorf("%d households in the log, want %d", n, len(households))
	}
}

// Whatever is done to the log, the first wrong place is named.
func TestTampering(t *testing.T) {
	type files struct {
		lines [][]byte
		head  []byte
	}
	tests := map[string]struct {
		do    func(f *files)
		first int64
	}{
		"a word changed":        {func(f *files) { f.lines[3] = bytes.Replace(f.lines[3], []byte("tester"), []byte("nobody"), 1) }, 4},
		"a hash changed":        {func(f *files) { f.lines[3][len(f.lines[3])-5] ^= 1 }, 4},
		"an entry taken out":    {func(f *files) { f.lines = append(f.lines[:3], f.lines[4:]...) }, 4},
		"an entry doubled":      {func(f *files) { f.lines = append(f.lines[:4], f.lines[3:]...) }, 5},
		"two entries swapped":   {func(f *files) { f.lines[3], f.lines[4] = f.lines[4], f.lines[3] }, 4},
		"cut short":             {func(f *files) { f.lines = f.lines[:len(f.lines)-1] }, 10},
		"emptied":               {func(f *files) { f.lines = nil }, 1},
		"first entry taken out": {func(f *files) { f.lines = f.lines[1:] }, 1},
		"head of another log": {func(f *files) {
			f.head = audit.NewHeadFile(10, strings.Repeat("ab", 32), 1, int64(len(bytes.Join(f.lines, nil))))
		}, 10},
		"newest head torn": {func(f *files) {
			at := 0
			if bytes.Contains(f.head[:512], []byte(`"seq":9,`)) {
				at = 512
			}
			f.head[at+20] ^= 1
		}, 11},
		"head gone":     {func(f *files) { f.head = nil }, 11},
		"head not JSON": {func(f *files) { f.head = []byte("x") }, 11},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			a := open(t, dir)
			for i := range 5 {
				record(t, a, fmt.Sprintf("340104-%d", i))
			}
			logPath, headPath := filepath.Join(dir, "audit", "000001.log"), filepath.Join(dir, "audit", "audit.head")
			text, err := os.ReadFile(logPath)
			if err != nil {
				t.Fatal(err)
			}
			f := files{}
			for line := range bytes.Lines(text) {
				f.lines = append(f.lines, bytes.Clone(line))
			}
			if f.head, err = os.ReadFile(headPath); err != nil {
				t.Fatal(err)
			}
			if r := check(t, dir); !r.OK() {
				t.Fatalf("damaged before it was touched: %+v", r)
			}
			tt.do(&f)
			must(t, os.WriteFile(logPath, bytes.Join(f.lines, nil), 0o600))
			must(t, os.Remove(headPath))
			if f.head != nil {
				must(t, os.WriteFile(headPath, f.head, 0o600))
			}
			r := check(t, dir)
			if r.FirstBad != tt.first {
				t.Errorf("found at %d (%s), want %d", r.FirstBad, r.Reason, tt.first)
			}
			// What can be seen at the end of the log stops every further look.
			if name == "cut short" || strings.HasPrefix(name, "head") || name == "emptied" {
				if _, err := open(t, dir).Begin(look("x")); !errors.Is(err, audit.ErrDamaged) {
					t.Errorf("a damaged log was appended to: %v", err)
				}
			}
		})
	}
}

func TestTornTail(t *testing.T) {
	dir := t.TempDir()
	record(t, open(t, dir), "340104-1")
	path := filepath.Join(dir, "audit", "000001.log")
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	must(t, err)
	_, err = f.WriteString(`{"seq":3,"time":"2026`)
	must(t, err)
	must(t, f.Close())
	if r := check(t, dir); !r.OK() || r.TornBytes != 21 {
		t.Errorf("%+v", r)
	}
	record(t, open(t, dir), "340104-2")
	if r := check(t, dir); !r.OK() || r.Entries != 5 || r.TornBytes != 0 {
		t.Errorf("%+v", r)
	}
	aside, err := os.ReadFile(filepath.Join(dir, "audit", "audit.torn-3"))
	if err != nil || string(aside) != `{"seq":3,"time":"2026` {
		t.Errorf("the torn tail was not kept: %v", err)
	}
}

func TestUnwritableLogRefuses(t *testing.T) {
	dir := t.TempDir()
	boom := errors.New("no")
	a, err := audit.Open(dir, audit.Options{Actor: "tester", Now: clock, Disk: durable.Disk{Before: func(s durable.Step) error {
		if s.Op == "sync" && strings.HasSuffix(s.Path, "000001.log") {
			return boom
		}
		return nil
	}}})
	must(t, err)
	if _, err := a.Begin(look("x")); !errors.Is(err, boom) {
		t.Errorf("a log that can't be synced let somebody look: %v", err)
	}
	if _, err := audit.Open(dir, audit.Options{Now: clock}); err == nil {
		t.Error("nobody may look")
	}
}

func TestManyWriters(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	a := open(t, dir)
	for g := range 4 {
		wg.Go(func() {
			for i := range 10 {
				record(t, a, fmt.Sprintf("g%d-%d", g, i))
			}
		})
	}
	for range 2 {
		wg.Go(func() {
			out, err := exec.Command(os.Args[0], "-audit.write="+dir, "-audit.count=20").CombinedOutput()
			if err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	wg.Wait()
	if r := check(t, dir); !r.OK() || r.Entries != int64(2*(40+40)+len(segments(t, dir))-1) {
		t.Errorf("%+v", r)
	}
}

// writer appends looks and says each on stdout once it is acknowledged.
func writer(dir string, count int) error {
	o := audit.Options{Actor: "child", Now: clock, SegmentBytes: 4 << 10}
	if os.Getpid()%2 == 0 { // with room behind the text, and without
		o = o.WithRoom()
	}
	a, err := audit.Open(dir, o)
	if err != nil {
		return err
	}
	for i := range count {
		h := fmt.Sprintf("p%d-%d", os.Getpid(), i)
		t, err := a.Begin(look(h))
		if err != nil {
			return err
		}
		fmt.Println(h)
		if err := a.End(t, []household.Outcome{household.NeedsReview}); err != nil {
			return err
		}
	}
	return nil
}

func TestKilledWriterLosesNothingAcknowledged(t *testing.T) {
	dir := t.TempDir()
	acknowledged := 0
	for range *auditKills {
		cmd := exec.Command(os.Args[0], "-audit.write="+dir)
		var out, talk bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &talk
		must(t, cmd.Start())
		time.Sleep(time.Duration(20+rand.IntN(120)) * time.Millisecond)
		must(t, cmd.Process.Kill())
		_ = cmd.Wait()
		if talk.Len() > 0 {
			t.Fatal(talk.String())
		}
		var text []byte
		for _, name := range segments(t, dir) {
			part, err := os.ReadFile(name)
			must(t, err)
			text = append(text, part...)
		}
		for line := range strings.Lines(out.String()) {
			acknowledged++
			if !strings.Contains(string(text), `"`+strings.TrimSpace(line)+`"`) {
				t.Errorf("acknowledged and lost: %s", line)
			}
		}
		if r := check(t, dir); !r.OK() {
			t.Fatalf("after a kill: %+v", r)
		}
	}
	t.Logf("%d kills, %d looks acknowledged", *auditKills, acknowledged)
	if acknowledged == 0 {
		t.Error("nothing was acknowledged, so nothing was tested")
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func FuzzVerify(f *testing.F) {
	dir := f.TempDir()
	record(f, open(f, dir), "340104-1", "340104-2")
	text, err := os.ReadFile(filepath.Join(dir, "audit", "000001.log"))
	must(f, err)
	head, err := os.ReadFile(filepath.Join(dir, "audit", "audit.head"))
	must(f, err)
	f.Add(text, head)
	f.Fuzz(func(t *testing.T, log, head []byte) {
		dir := t.TempDir()
		must(t, os.Mkdir(filepath.Join(dir, "audit"), 0o700))
		must(t, os.WriteFile(filepath.Join(dir, "audit", "000001.log"), log, 0o600))
		must(t, os.WriteFile(filepath.Join(dir, "audit", "audit.head"), head, 0o600))
		r := check(t, dir)
		if r.OK() && !bytes.Equal(log, text) && r.Entries >= 2 && bytes.HasPrefix(text, log) {
			t.Fatal("a shortened log passes")
		}
	})
}

func BenchmarkBeginEnd(b *testing.B) {
	for _, n := range []int{1, 16384} {
		b.Run(fmt.Sprintf("households=%d", n), func(b *testing.B) {
			a := open(b, b.TempDir())
			var households []string
			for i := range n {
				households = append(households, fmt.Sprintf("340104-%07d", i))
			}
			for b.Loop() {
				record(b, a, households...)
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "households/s")
		})
	}
}

// A look at everything that is held names no household, and can fail all the same.
func TestLookWithoutHouseholds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a := open(t, dir)
	l := audit.Look{Action: "conflicts", Generation: "g"}
	for _, end := range []func(audit.Token) error{func(x audit.Token) error { return a.End(x, nil) }, a.Fail} {
		token, err := a.Begin(l)
		if err != nil {
			t.Fatal(err)
		}
		if err := end(token); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, "audit", "000001.log"))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{`"phase":"begin"`, `"phase":"end"`, `"phase":"begin"`, `"phase":"failed"`} {
		line := strings.Split(string(text), "\n")[i]
		if !strings.Contains(line, want) || !strings.Contains(line, `"action":"conflicts"`) {
			t.Errorf("entry %d is %s, want %s", i+1, line, want)
		}
	}
	if r, err := audit.Verify(t.Context(), dir, audit.VerifyOptions{}); err != nil || !r.OK() {
		t.Errorf("the log is not whole: %v, %v", r, err)
	}
}

// What a server does: many callers at once.
func BenchmarkConcurrent(b *testing.B) {
	for _, callers := range []int{1, 8, 32} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			a := open(b, b.TempDir())
			var mu sync.Mutex
			var all []time.Duration
			var wg sync.WaitGroup
			b.ResetTimer()
			for k := range callers {
				wg.Go(func() {
					var took []time.Duration
					for range b.N/callers + 1 {
						start := time.Now()
						record(b, a, fmt.Sprintf("340104-%d", k))
						took = append(took, time.Since(start)/2)
					}
					mu.Lock()
					defer mu.Unlock()
					all = append(all, took...)
				})
			}
			wg.Wait()
			b.StopTimer()
			slices.Sort(all)
			b.ReportMetric(float64(2*len(all))/b.Elapsed().Seconds(), "entries/s")
			b.ReportMetric(float64(all[len(all)*99/100].Microseconds()), "p99-µs")
		})
	}
}

// What a server does at a constant arrival of 1,000 looks a second: the time from the
// intended start of each until its entry is durable.
func BenchmarkSteady(b *testing.B) {
	a := open(b, b.TempDir())
	took := make([]time.Duration, 2*b.N)
	var wg sync.WaitGroup
	b.ResetTimer()
	start := time.Now()
	for i := range b.N {
		due := start.Add(time.Duration(i) * time.Millisecond)
		time.Sleep(time.Until(due))
		wg.Go(func() {
			t, err := a.Begin(look("340104-1"))
			took[2*i] = time.Since(due)
			again := time.Now()
			if err == nil {
				err = a.End(t, []household.Outcome{household.NoDiscrepancy})
			}
			took[2*i+1] = time.Since(again)
			if err != nil {
				b.Error(err)
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
	b.ReportMetric(float64(len(took))/b.Elapsed().Seconds(), "entries/s")
}
