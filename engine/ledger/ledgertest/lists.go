package ledgertest

import (
	order "cmp"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/ledger"
)

func queues(t *testing.T, l ledger.Ledger) {
	put(t, l, task("low", "open", 1, 1), task("old", "open", 9, 1), task("new", "open", 9, 2), task("shut", "shut", 9, 2))
	ids := func(q ledger.Query) (list []string) {
		t.Helper()
		if err := ledger.All(t.Context(), l, q, func(e *ledger.Task) error {
			list = append(list, e.ID)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return list
	}
	for _, division := range []string{"", "34", "3401", "340104"} {
		if d := cmp.Diff([]string{"old", "new", "low"}, ids(ledger.TasksIn("recheck", "open", division))); d != "" {
			t.Errorf("%q: %s", division, d)
		}
	}
	// An entry moves between the states and back.
	for _, state := range []string{"shut", "open", "shut", "open"} {
		e, err := ledger.Get[ledger.Task](t.Context(), l, "old")
		if err != nil {
			t.Fatal(err)
		}
		e.State = state
		put(t, l, e)
	}
	if d := cmp.Diff([]string{"old", "new", "low"}, ids(ledger.TasksIn("recheck", "open", ""))); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"shut"}, ids(ledger.TasksIn("recheck", "shut", ""))); d != "" {
		t.Error(d)
	}
}

// Two queries in the same order are gone on with behind any case of either, whatever its
// version is.
func after(t *testing.T, l ledger.Ledger) {
	for i := range 12 {
		c := &ledger.Case{
			ID: fmt.Sprintf("a%02d", i*7%12), Household: "ha", Division: "340104", State: []string{"proposed", "returned"}[i%2], Assignee: "p-a", Severity: i % 3, Opened: ledger.Instant(i / 6),
		}
		put(t, l, c)
		for range i % 4 { // more versions
			held, err := ledger.Get[ledger.Case](t.Context(), l, c.ID)
			if err != nil {
				t.Fatal(err)
			}
			held.Opened++
			put(t, l, held)
		}
	}
	for _, query := range []func(state string) ledger.Query{
		func(s string) ledger.Query { return ledger.CasesIn("3401", s) }, func(s string) ledger.Query { return ledger.CasesWith("p-a", s) },
	} {
		var all, seen []*ledger.Case
		for _, state := range []string{"proposed", "returned"} {
			list, _, err := ledger.List[ledger.Case](t.Context(), l, query(state))
			if err != nil || len(list) != 6 {
				t.Fatalf("%d cases, %v", len(list), err)
			}
			all = append(all, list...)
		}
		compare := func(a, b *ledger.Case) int {
			return order.Or(order.Compare(b.Severity, a.Severity), order.Compare(a.Opened, b.Opened), order.Compare(a.ID, b.ID))
		}
		for _, at := range all {
			seen = seen[:0]
			var want []string
			for _, state := range []string{"proposed", "returned"} {
				list, _, err := ledger.List[ledger.Case](t.Context(), l, ledger.CasesAfter(query(state), at.Severity, at.Opened, at.ID))
				if err != nil {
					t.Fatal(err)
				}
				seen = append(seen, list...)
			}
			for _, c := range all {
				if compare(c, at) > 0 {
					want = append(want, c.ID)
				}
			}
			var got []string
			for _, c := range seen {
				got = append(got, c.ID)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("behind %s: %s", at.ID, d)
			}
		}
	}
}

func pages(t *testing.T, l ledger.Ledger) {
	c := ledger.Change{}
	for i := range 1205 {
		v := &ledger.Verdict{ID: fmt.Sprintf("p%04d", i), Household: "hp", At: ledger.Instant(i)}
		v.Body = []byte{byte(i)}
		c.Ops = append(c.Ops, ledger.Put(v))
	}
	if err := l.Commit(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	for _, limit := range []int{1204, 0, 7, ledger.MaxPage, 5000} {
		q, n := ledger.VerdictsOf("hp"), 0
		q.Limit, q.Bare = limit, limit == 7
		for {
			list, next, err := ledger.List[ledger.Verdict](t.Context(), l, q)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range list {
				if want := fmt.Sprintf("p%04d", 1204-n); v.ID != want || (v.Body == nil) != q.Bare {
					t.Fatalf("place %d has %s, want %s", n, v.ID, want)
				}
				n++
			}
			if len(list) > ledger.MaxPage || limit > 0 && len(list) > limit || limit == 0 && len(list) > ledger.DefaultPage {
				t.Errorf("limit %d: a page of %d", limit, len(list))
			}
			if next == "" {
				break
			}
			q.Cursor = next
		}
		if n != 1205 {
			t.Errorf("limit %d: %d entries", limit, n)
		}
	}
	q := ledger.VerdictsOf("hp")
	q.Limit = 1
	page, err := l.List(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	for _, cursor := range []string{"!", page.Next} {
		other := ledger.VerdictsOf("hq")
		other.Cursor = cursor
		if _, err := l.List(t.Context(), other); !errors.Is(err, ledger.ErrInvalid) {
			t.Errorf("cursor of another query: %v", err)
		}
	}
}

func lineage(t *testing.T, l ledger.Ledger) {
	record := func(i int) ledger.Pseudonym { return l.Pseudonym(ledger.Record, fmt.Appendf(nil, "bank %d", i)) }
	for i := range 20 {
		put(t, l, &ledger.Verdict{ID: fmt.Sprintf("l%02d", i), Household: fmt.Sprint("h", i%3), Records: []ledger.Pseudonym{record(i % 5), record(100 + i), record(i % 5)}})
	}
	var got []string
	err := ledger.All(t.Context(), l, ledger.VerdictsOfRecord(record(3)), func(v *ledger.Verdict) error {
		got = append(got, v.ID)
		return nil
	})
	if d := cmp.Diff([]string{"l03", "l08", "l13", "l18"}, got); err != nil || d != "" {
		t.Error(d, err)
	}
}
