package audit_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/durable"
	"github.com/hedui/hedui/engine/household"
)

// history writes a week of four people's work, over several segments.
func history(t testing.TB, dir string) {
	t.Helper()
	now := time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
	a, err := audit.Open(dir, audit.Options{Actor: "system", Now: func() time.Time { return now }, SegmentBytes: 4 << 10, Disk: durable.Disk{NoSync: true}})
	must(t, err)
	for day := range 7 {
		now = time.Date(2026, 11, 2+day, 8, 0, 0, 0, time.UTC)
		for i := range 8 {
			now = now.Add(time.Hour)
			who := audit.Who{Actor: []string{"wang", "li", "zhao", "sun"}[i%4], Role: "caseworker", Division: []string{"340104", "340111", "340104", "341200"}[i%4]}
			l := audit.Look{Who: who, Action: "check", Purpose: "dibao", Request: fmt.Sprintf("r%d-%d", day, i)}
			for k := range 1 + i%3 {
				h := fmt.Sprintf("340104-%d", (day+i+k)%9)
				l.Subjects = append(l.Subjects, audit.Subject{Household: h, Authorization: "SQ" + h})
			}
			tok, err := a.Begin(l)
			must(t, err)
			outcomes := make([]household.Outcome, len(l.Subjects))
			for k := range outcomes {
				outcomes[k] = household.Outcome(1 + (day+i+k)%5)
			}
			switch i {
			case 5:
				must(t, a.Fail(tok))
			case 6: // never ends
			default:
				must(t, a.End(tok, outcomes))
			}
		}
		must(t, a.Note(audit.Event{Who: audit.Who{Actor: "li"}, Operation: "sign_in", Outcome: audit.Denied, Code: "wrong_password"}))
		must(t, a.Note(audit.Event{
			Who: audit.Who{Actor: "wang", Division: "340104"}, Operation: "unmask", Outcome: audit.Done, Fields: []string{"account"}, Reason: "objection",
			Subjects: []audit.Subject{{Household: "340104-3", Authorization: "SQ340104-3"}},
		}))
	}
	must(t, a.Close())
	if n := len(segments(t, dir)); n < 4 {
		t.Fatalf("%d segments", n)
	}
}

func hits(t testing.TB, dir string, q audit.Query) []audit.Hit {
	t.Helper()
	var out []audit.Hit
	must(t, audit.Search(t.Context(), dir, q, func(h audit.Hit) error { out = append(out, h); return nil }))
	return out
}

func TestSearch(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	history(t, dir)
	all := hits(t, dir, audit.Query{})
	if !slices.IsSortedFunc(all, func(a, b audit.Hit) int { return int(b.Seq - a.Seq) }) {
		t.Error("not newest first")
	}
	outcomes := map[string]int{}
	for _, h := range all {
		if h.Operation == "check" {
			outcomes[h.Outcome]++
		}
	}
	if d := cmp.Diff(map[string]int{audit.Done: 42, audit.Failed: 7, audit.Unended: 7}, outcomes); d != "" {
		t.Error(d)
	}
	day := func(d int) time.Time { return time.Date(2026, 11, d, 0, 0, 0, 0, time.UTC) }
	for name, tt := range map[string]struct {
		q    audit.Query
		keep func(h audit.Hit, s audit.Seen) bool // some household, or none
	}{
		"actor":         {audit.Query{Actor: "li"}, func(h audit.Hit, _ audit.Seen) bool { return h.Actor == "li" }},
		"operation":     {audit.Query{Operation: "unmask"}, func(h audit.Hit, _ audit.Seen) bool { return h.Operation == "unmask" }},
		"household":     {audit.Query{Household: "340104-3"}, func(_ audit.Hit, s audit.Seen) bool { return s.Household == "340104-3" }},
		"authorisation": {audit.Query{Authorization: "SQ340104-4"}, func(_ audit.Hit, s audit.Seen) bool { return s.Authorization == "SQ340104-4" }},
		"county":        {audit.Query{Division: "340104"}, func(h audit.Hit, _ audit.Seen) bool { return h.Division == "340104" }},
		"city":          {audit.Query{Division: "340100"}, func(h audit.Hit, _ audit.Seen) bool { return h.Division == "340104" || h.Division == "340111" }},
		"province":      {audit.Query{Division: "340000"}, func(h audit.Hit, _ audit.Seen) bool { return h.Division != "" }},
		"request":       {audit.Query{Request: "r3-2"}, func(h audit.Hit, _ audit.Seen) bool { return h.Request == "r3-2" }},
		"from":          {audit.Query{From: day(6)}, func(h audit.Hit, _ audit.Seen) bool { return h.Time >= "2026-11-06" }},
		"to":            {audit.Query{To: day(4)}, func(h audit.Hit, _ audit.Seen) bool { return h.Time < "2026-11-04" }},
		"a day of one":  {audit.Query{Actor: "wang", From: day(4), To: day(5)}, func(h audit.Hit, _ audit.Seen) bool { return h.Actor == "wang" && h.Time[:10] == "2026-11-04" }},
		"verdict":       {audit.Query{Outcome: "needs_review"}, func(_ audit.Hit, s audit.Seen) bool { return s.Outcome == "needs_review" }},
		"denied":        {audit.Query{Outcome: audit.Denied}, func(h audit.Hit, _ audit.Seen) bool { return h.Outcome == audit.Denied }},
		"open":          {audit.Query{Outcome: audit.Unended}, func(h audit.Hit, _ audit.Seen) bool { return h.Outcome == audit.Unended }},
	} {
		var want []audit.Hit
		for _, h := range all {
			var keep []audit.Seen
			for _, s := range h.Households {
				if tt.keep(h, s) {
					keep = append(keep, s)
				}
			}
			if len(keep) > 0 || len(h.Households) == 0 && tt.keep(h, audit.Seen{}) {
				h.Households = keep
				want = append(want, h)
			}
		}
		got := hits(t, dir, tt.q)
		if d := cmp.Diff(want, got); d != "" || len(want) == 0 || len(want) == len(all) {
			t.Errorf("%s: %d wanted of %d\n%s", name, len(want), len(all), d)
		}
		tt.q.Limit = 2
		if got := hits(t, dir, tt.q); !cmp.Equal(want[:min(2, len(want))], got) {
			t.Errorf("%s: the newest two are %v", name, got)
		}
	}
	// A torn tail does not disturb, and what stops the caller stops the search.
	names := segments(t, dir)
	f, err := os.OpenFile(names[len(names)-1], os.O_APPEND|os.O_WRONLY, 0)
	must(t, err)
	_, err = f.WriteString(`{"seq":9999,"time":"2`)
	must(t, err)
	must(t, f.Close())
	if d := cmp.Diff(all, hits(t, dir, audit.Query{})); d != "" {
		t.Error(d)
	}
	boom := errors.New("enough of it")
	if err := audit.Search(t.Context(), dir, audit.Query{}, func(audit.Hit) error { return boom }); !errors.Is(err, boom) {
		t.Errorf("%v", err)
	}
	if err := audit.Search(t.Context(), filepath.Join(dir, "none"), audit.Query{}, nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no log: %v", err)
	}
}

func TestAccesses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	history(t, dir)
	page, err := audit.Accesses(t.Context(), dir, audit.SubjectOptions{Households: []string{"340104-3", "340104-4", "340104-3"}})
	must(t, err)
	named, err := audit.Accesses(t.Context(), dir, audit.SubjectOptions{Households: []string{"340104-3", "340104-4"}, Actors: true})
	must(t, err)
	if len(page) != len(named) || len(page) == 0 {
		t.Fatalf("%d and %d", len(page), len(named))
	}
	number := map[string]string{}
	for i := range page {
		if page[i].Household != "340104-3" && page[i].Household != "340104-4" {
			t.Errorf("another household: %+v", page[i])
		}
		if n := number[named[i].Actor]; n != "" && n != page[i].Actor {
			t.Errorf("%s is %s and %s", named[i].Actor, n, page[i].Actor)
		}
		number[named[i].Actor] = page[i].Actor
		page[i].Actor = named[i].Actor
	}
	if d := cmp.Diff(page, named); d != "" {
		t.Error(d)
	}
	if last := page[len(page)-1]; number[last.Actor] != "person 1" {
		t.Errorf("who looked first is %s", number[last.Actor])
	}
}

func TestEntries(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	history(t, dir)
	var seq int64
	must(t, audit.Entries(t.Context(), dir, func(e *audit.Entry) error {
		if seq++; e.Seq != seq {
			t.Fatalf("entry %d where %d should be", e.Seq, seq)
		}
		return nil
	}))
	if r := check(t, dir); r.Entries != seq {
		t.Errorf("%d of %d entries", seq, r.Entries)
	}
	name := segments(t, dir)[1]
	text, err := os.ReadFile(name)
	must(t, err)
	text[len(text)/2] ^= 1
	must(t, os.WriteFile(name, text, 0o600))
	if err := audit.Entries(t.Context(), dir, func(*audit.Entry) error { return nil }); !errors.Is(err, audit.ErrDamaged) {
		t.Errorf("a damaged log was read: %v", err)
	}
}

// Whatever lies in the files, what reads them neither panics nor gives out what Verify
// would not have counted as a line.
func FuzzReaders(f *testing.F) {
	dir := f.TempDir()
	record(f, open(f, dir), "340104-1", "340104-2")
	text, err := os.ReadFile(segments(f, dir)[0])
	must(f, err)
	f.Add(text, []byte(`{"segment":1,"from":1,"to":2,"bytes":3,"root":"","before":"","hash":""}`))
	f.Add([]byte("{\"seq\":1,\"begin\":\n\n,\"begin\":9,\"outcomes\":\"\n"), []byte("{}"))
	f.Fuzz(func(t *testing.T, log, stub []byte) {
		dir := t.TempDir()
		must(t, os.Mkdir(filepath.Join(dir, "audit"), 0o700))
		must(t, os.WriteFile(filepath.Join(dir, "audit", "000001.stub"), stub, 0o600))
		must(t, os.WriteFile(filepath.Join(dir, "audit", "000002.log"), log, 0o600))
		lines, found := bytes.Count(log, []byte("\n")), 0
		if err := audit.Search(t.Context(), dir, audit.Query{}, func(audit.Hit) error { found++; return nil }); err != nil || found > lines {
			t.Fatalf("%d of %d lines, %v", found, lines, err)
		}
		read := 0
		_ = audit.Entries(t.Context(), dir, func(*audit.Entry) error { read++; return nil })
		if read > lines {
			t.Fatalf("%d of %d lines", read, lines)
		}
		if r := check(t, dir); r.OK() {
			t.Fatalf("a log without a head is whole: %+v", r)
		}
	})
}
