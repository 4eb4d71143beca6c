package audit_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/durable"
	"github.com/hedui/hedui/engine/household"
)

func openSmall(t testing.TB, dir string, disk durable.Disk) *audit.Log {
	t.Helper()
	a, err := audit.Open(dir, audit.Options{Actor: "tester", Now: clock, SegmentBytes: 1 << 10, Disk: disk})
	must(t, err)
	return a
}

func segments(t testing.TB, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "audit", "0*.log"))
	must(t, err)
	return names
}

func TestSegmentsFollowEachOther(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a := openSmall(t, dir, durable.Disk{})
	for i := range 20 {
		if i%7 == 6 { // another process goes on, which does not know the tree
			must(t, a.Close())
			a = openSmall(t, dir, durable.Disk{})
		}
		record(t, a, fmt.Sprintf("340104-%d", i))
	}
	names := segments(t, dir)
	if len(names) < 5 {
		t.Fatalf("%d segments", len(names))
	}
	r := check(t, dir)
	if !r.OK() || r.Entries != int64(40+len(names)-1) || r.Segment != len(names) {
		t.Errorf("%+v", r)
	}
	for i, name := range names {
		text, err := os.ReadFile(name)
		must(t, err)
		first, _, _ := bytes.Cut(text, []byte("\n"))
		if seals := bytes.Contains(first, fmt.Appendf(nil, `"sealed":{"segment":%d,`, i)); seals != (i > 0) {
			t.Errorf("segment %d begins with %s", i+1, first)
		}
	}
	for name, do := range map[string]func(path string) error{
		"gone":      os.Remove,
		"emptied":   func(path string) error { return os.Truncate(path, 0) },
		"cut short": func(path string) error { return os.Truncate(path, 200) },
	} {
		for k := range len(names) {
			copied := t.TempDir()
			must(t, os.CopyFS(copied, os.DirFS(dir)))
			must(t, do(filepath.Join(copied, "audit", filepath.Base(names[k]))))
			if r := check(t, copied); r.OK() {
				t.Errorf("segment %d %s: %+v", k+1, name, r)
			}
			if k == len(names)-1 {
				if _, err := open(t, copied).Begin(look("x")); !errors.Is(err, audit.ErrDamaged) {
					t.Errorf("segment %d %s: appended to: %v", k+1, name, err)
				}
			}
		}
	}
}

// A log of the version before segments is taken over as it is, with every entry.
func TestOldLogIsTakenOver(t *testing.T) {
	t.Parallel()
	golden := os.DirFS(filepath.Join("testdata", "format1"))
	fresh := func() string {
		dir := t.TempDir()
		must(t, os.CopyFS(filepath.Join(dir, "audit"), golden))
		return dir
	}
	dir := fresh()
	if r := check(t, dir); !r.OK() || r.Entries != 11 {
		t.Errorf("before it was taken over: %+v", r)
	}
	before, err := os.ReadFile(filepath.Join(dir, "audit", "audit.log"))
	must(t, err)
	record(t, open(t, dir), "340104-1")
	after, err := os.ReadFile(filepath.Join(dir, "audit", "000001.log"))
	must(t, err)
	if !bytes.HasPrefix(after, before) {
		t.Error("the old entries are not those that were taken over")
	}
	if r := check(t, dir); !r.OK() || r.Entries != 13 {
		t.Errorf("after it was taken over: %+v", r)
	}
	// A crash at any step of it, and the next goes on.
	for k := range 20 {
		dir, n := fresh(), 0
		boom := errors.New("crash")
		_, err := audit.Open(dir, audit.Options{Actor: "x", Now: clock, Disk: durable.Disk{Before: func(durable.Step) error {
			if n++; n > k {
				return boom
			}
			return nil
		}}})
		if err == nil && k < 3 {
			t.Errorf("nothing is done in %d steps", k)
		}
		if r := check(t, dir); !r.OK() || r.Entries != 11 {
			t.Errorf("crash at step %d: %+v", k, r)
		}
		record(t, open(t, dir), "340104-1")
		if r := check(t, dir); !r.OK() || r.Entries != 13 {
			t.Errorf("crash at step %d, then an append: %+v", k, r)
		}
	}
	// One that was cut short stays damaged.
	dir = fresh()
	must(t, os.WriteFile(filepath.Join(dir, "audit", "audit.log"), before[:len(before)-1], 0o600))
	if _, err := open(t, dir).Begin(look("x")); !errors.Is(err, audit.ErrDamaged) {
		t.Errorf("a damaged old log was appended to: %v", err)
	}
}

// Whichever step of an append fails, nothing is acknowledged by it, the log stays whole
// and everything acknowledged stays in it.
func TestEveryStepCanFail(t *testing.T) {
	t.Parallel()
	boom := errors.New("no room")
	failed := 0
	for k := range 40 {
		dir, n, armed := t.TempDir(), 0, false
		a := openSmall(t, dir, durable.Disk{Before: func(durable.Step) error {
			if armed {
				n++
			}
			if armed && n == k+1 {
				return boom
			}
			return nil
		}})
		armed = true
		var acknowledged []string
		for i := range 8 {
			h := fmt.Sprintf("340104-%d", i)
			tok, err := a.Begin(look(h))
			if err == nil {
				acknowledged = append(acknowledged, h)
				err = a.End(tok, []household.Outcome{household.NoDiscrepancy})
			}
			if err != nil {
				if !errors.Is(err, boom) {
					t.Fatalf("step %d: %v", k, err)
				}
				failed++
			}
		}
		if r := check(t, dir); !r.OK() {
			t.Fatalf("step %d: %+v", k, r)
		}
		var all strings.Builder
		for _, name := range segments(t, dir) {
			text, err := os.ReadFile(name)
			must(t, err)
			all.Write(text)
		}
		for _, h := range acknowledged {
			if !strings.Contains(all.String(), `["`+h+`"`) {
				t.Fatalf("step %d: %s acknowledged and lost", k, h)
			}
		}
	}
	if failed < 35 {
		t.Errorf("only %d steps failed", failed)
	}
}

func TestNote(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a := open(t, dir)
	who := audit.Who{Actor: "zhang.wei", Role: "caseworker", Division: "340104", Client: "10.1.2.3:5000"}
	must(t, a.Note(audit.Event{
		Who: who, Operation: "unmask", Outcome: audit.Done, Request: "r-1", Purpose: "dibao", Object: "case-7",
		Fields: []string{"name", "account"}, Reason: "objection", Subjects: []audit.Subject{{Household: "340104-1", Authorization: "SQ1"}},
	}))
	must(t, a.Note(audit.Event{Operation: "sign_in", Outcome: audit.Denied, Code: "wrong_password"}))
	tok, err := a.Begin(audit.Look{Who: who, Action: "check", Request: "r-2", Purpose: "dibao", Subjects: []audit.Subject{{Household: "340104-1", Authorization: "SQ1"}}})
	must(t, err)
	must(t, a.End(tok, []household.Outcome{household.NeedsReview}))
	text, err := os.ReadFile(filepath.Join(dir, "audit", "000001.log"))
	must(t, err)
	for i, want := range []string{
		`"actor":"zhang.wei","action":"unmask","phase":"note","role":"caseworker","division":"340104","client":"10.1.2.3:5000","request":"r-1","purpose":"dibao","object":"case-7","outcome":"done","reason":"objection","fields":["name","account"],"households":[["340104-1","SQ1"]]`,
		`"actor":"tester","action":"sign_in","phase":"note","outcome":"denied","code":"wrong_password"`,
		`"actor":"zhang.wei","action":"check","phase":"begin","role":"caseworker"`,
		`"actor":"zhang.wei","action":"check","phase":"end","request":"r-2","begin":3,"outcomes":"r"`,
	} {
		if line := strings.Split(string(text), "\n")[i]; !strings.Contains(line, want) {
			t.Errorf("entry %d\n is %s\nwant %s", i+1, line, want)
		}
	}
	if r := check(t, dir); !r.OK() || r.Entries != 4 {
		t.Errorf("%+v", r)
	}
	must(t, a.Close())
	if err := a.Note(audit.Event{Operation: "sign_in", Outcome: audit.Done}); !errors.Is(err, audit.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

// What could carry a text of a person does not get in, and the error does not repeat it.
func TestNothingPersonalGetsIn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a := open(t, dir)
	const number = "11010519491231002X"
	good := audit.Event{Operation: "unmask", Outcome: audit.Done}
	for name, change := range map[string]func(e *audit.Event){
		"no operation":     func(e *audit.Event) { e.Operation = "" },
		"no outcome":       func(e *audit.Event) { e.Outcome = "" },
		"another outcome":  func(e *audit.Event) { e.Outcome = "perhaps" },
		"reason in words":  func(e *audit.Event) { e.Reason = "张三 asked" },
		"reason: number":   func(e *audit.Event) { e.Reason = number },
		"object: number":   func(e *audit.Event) { e.Object = "case-" + number },
		"object: sentence": func(e *audit.Event) { e.Object = "the case" },
		"actor: number":    func(e *audit.Event) { e.Who.Actor = number },
		"field: a value":   func(e *audit.Event) { e.Fields = []string{"姓名"} },
		"request: a line":  func(e *audit.Event) { e.Request = "r\n1" },
		"too many":         func(e *audit.Event) { e.Subjects = make([]audit.Subject, 5000) },
	} {
		e := good
		change(&e)
		err := a.Note(e)
		if !errors.Is(err, audit.ErrEvent) {
			t.Errorf("%s: %v", name, err)
		} else if slices.ContainsFunc([]string{number, "张三", "姓名"}, func(s string) bool { return strings.Contains(err.Error(), s) }) {
			t.Errorf("%s: the error repeats it", name)
		}
	}
	if _, err := a.Begin(audit.Look{Action: "check", Reason: "张三"}); !errors.Is(err, audit.ErrEvent) {
		t.Errorf("a look: %v", err)
	}
	if r := check(t, dir); r.Entries != 0 {
		t.Errorf("%d entries", r.Entries)
	}
}

// Who watches sees every entry before it is acknowledged, and none that failed.
func TestWatch(t *testing.T) {
	t.Parallel()
	var seen []int64
	fail := false
	a, err := audit.Open(t.TempDir(), audit.Options{
		Actor: "tester", Now: clock, Watch: func(e *audit.Entry) { seen = append(seen, e.Seq) },
		Disk: durable.Disk{Before: func(s durable.Step) error {
			if fail && s.Op == "sync" {
				return errors.New("no")
			}
			return nil
		}},
	})
	must(t, err)
	record(t, a, "340104-1")
	fail = true
	if err := a.Note(audit.Event{Operation: "sign_in", Outcome: audit.Done}); err == nil {
		t.Error("acknowledged without a sync")
	}
	if !slices.Equal(seen, []int64{1, 2}) {
		t.Errorf("seen %v", seen)
	}
}

// Close waits for what was taken, and what comes after is refused: nothing in between.
func TestCloseWaits(t *testing.T) {
	t.Parallel()
	for range 10 {
		dir := t.TempDir()
		a := open(t, dir)
		var wg sync.WaitGroup
		var acknowledged atomic.Int64
		for range 8 {
			wg.Go(func() {
				for {
					err := a.Note(audit.Event{Operation: "sign_in", Outcome: audit.Done})
					if errors.Is(err, audit.ErrClosed) {
						return
					}
					if err != nil {
						t.Error(err)
						return
					}
					acknowledged.Add(1)
				}
			})
		}
		for acknowledged.Load() < 20 {
			time.Sleep(time.Millisecond)
		}
		must(t, a.Close())
		wg.Wait()
		if r := check(t, dir); !r.OK() || r.Entries != acknowledged.Load() {
			t.Errorf("%d acknowledged, %+v", acknowledged.Load(), r)
		}
	}
}
