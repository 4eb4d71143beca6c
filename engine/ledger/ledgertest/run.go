package ledgertest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/ledger"
)

// Run is what every ledger does. open gives one that is empty, or nearly.
func Run(t *testing.T, open func(*testing.T) ledger.Ledger) {
	for _, c := range []struct {
		name string
		do   func(*testing.T, ledger.Ledger)
	}{
		{"versions", versions},
		{"every kind", everyKind},
		{"whole or not at all", whole},
		{"conditions", conditions},
		{"names", names},
		{"fences", fences},
		{"batches", batches},
		{"erasing", erasing},
		{"queues", queues},
		{"behind a case", after},
		{"pages", pages},
		{"scans", scans},
		{"lineage", lineage},
		{"refusals", refusals},
		{"many at once", manyAtOnce},
		{"no halves", halves},
		{"contexts", contexts},
		{"digests", digests},
		{"close", closing},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := open(t)
			defer func() {
				if err := l.Close(); err != nil {
					t.Error(err)
				}
			}()
			c.do(t, l)
			if r, err := l.Verify(t.Context()); !errors.Is(err, ledger.ErrClosed) && (err != nil || !r.OK()) {
				t.Errorf("verify: %v %v", r.Damage, err)
			}
		})
	}
}

func put(t testing.TB, l ledger.Ledger, entries ...ledger.Entry) {
	t.Helper()
	c := ledger.Change{}
	for _, e := range entries {
		c.Ops = append(c.Ops, ledger.Put(e))
	}
	if err := l.Commit(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

func refused(t testing.TB, l ledger.Ledger, want error, c ledger.Change) {
	t.Helper()
	before, err := l.Digest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Commit(t.Context(), c); !errors.Is(err, want) {
		t.Errorf("commit: %v, want %v", err, want)
	}
	if after, err := l.Digest(t.Context()); err != nil || after != before {
		t.Errorf("a refused change left something behind: %v", err)
	}
}

func ops(list ...ledger.Op) ledger.Change { return ledger.Change{Ops: list} }

func task(id, state string, severity int, at ledger.Instant) *ledger.Task {
	return &ledger.Task{ID: id, Queue: "recheck", State: state, Household: "340104-1", Division: "340104", Severity: severity, At: at}
}

func versions(t *testing.T, l ledger.Ledger) {
	a := &ledger.Authorization{Number: "SQ1", Household: "340104-1", Division: "340104", From: 20260101, To: 20261231, At: 5}
	a.Body = []byte("anything \x00\xff 张三")
	if _, err := ledger.Get[ledger.Authorization](t.Context(), l, "SQ1"); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("before it is put: %v", err)
	}
	put(t, l, a)
	got, err := ledger.Get[ledger.Authorization](t.Context(), l, "SQ1")
	if err != nil {
		t.Fatal(err)
	}
	a.Version = 1
	if d := cmp.Diff(a, got); d != "" {
		t.Error(d)
	}
	fresh := *a
	fresh.Version = 0
	refused(t, l, ledger.ErrConflict, ops(ledger.Put(&fresh)))
	got.Withdrawn = true
	put(t, l, got)
	refused(t, l, ledger.ErrConflict, ops(ledger.Put(a))) // made from version 1
	var conflict *ledger.ConflictError
	err = l.Commit(t.Context(), ops(ledger.Put(a)))
	want := &ledger.ConflictError{Kind: ledger.KindAuthorization, ID: "SQ1", Expect: 1, Have: 2}
	if !errors.As(err, &conflict) {
		t.Fatalf("%v is no conflict", err)
	}
	if d := cmp.Diff(want, conflict); d != "" {
		t.Error(d)
	}
	got, err = ledger.Get[ledger.Authorization](t.Context(), l, "SQ1")
	if err != nil || got.Version != 2 || !got.Withdrawn {
		t.Errorf("after withdrawal: %+v, %v", got, err)
	}
	if err := l.Commit(t.Context(), ops(ledger.PutOver(a))); err != nil {
		t.Error(err)
	}
	got, err = ledger.Get[ledger.Authorization](t.Context(), l, "SQ1")
	if err != nil || got.Version != 3 || got.Withdrawn {
		t.Errorf("after it was put over: %+v, %v", got, err)
	}
}

// Samples is one entry of every kind that can be put, with everything in it.
func Samples(l ledger.Ledger) []ledger.Entry {
	p, r := l.Pseudonym(ledger.Person, []byte("1")), l.Pseudonym(ledger.Record, []byte("bank 1"))
	body := ledger.Stored{Body: []byte(`{"x":"<&>"}`)}
	return []ledger.Entry{
		&ledger.Authorization{Stored: body, Number: "SQ7", Household: "h7", Division: "340104", Persons: []ledger.Pseudonym{p}, From: 20260101, To: 20261231, Withdrawn: true, At: 1},
		&ledger.Request{Stored: body, ID: "r7", Household: "h7", Authorization: "SQ7", Scheme: "dibao", On: 20261101, Requester: "u", Division: "340104", Digest: "d", Channel: "check", Verdict: "v7", Refusal: "none", At: 2},
		&ledger.Verdict{Stored: body, ID: "v7", Household: "h7", Scheme: "dibao", On: 20261101, Outcome: "review", Generation: "g", Pack: "p", Request: "r7", Read: []string{"a"}, Records: []ledger.Pseudonym{r}, At: 3},
		&ledger.Household{Stored: body, Number: "h7", Scheme: "dibao", Division: "340104001", Authorization: "SQ7", Members: []ledger.Pseudonym{p}, Verdict: "v7", Outcome: "review", On: 20261101, Generation: "g", Pack: "p", Profile: "f", Substance: "s", At: 4},
		&ledger.Case{Stored: body, ID: "c7", Household: "h7", Scheme: "dibao", Division: "340104001001", Verdict: "v7", State: "proposed", Severity: 3, Assignee: "u", Opened: 5},
		&ledger.Objection{Stored: body, ID: "o7", Case: "c7", Household: "h7", Division: "3401", Record: r, State: "filed", At: 6},
		&ledger.Correction{Stored: body, ID: "k7", Department: "bank", Record: r, Objection: "o7", State: "sent", At: 7},
		&ledger.Task{Stored: body, ID: "t7", Queue: "recheck", State: "open", Household: "h7", Division: "34", Severity: 1, At: 8},
		&ledger.User{Stored: body, ID: "u7", Name: "wang", Person: "p7", Subject: "https://idp#7"},
		&ledger.Token{Stored: body, ID: "a7", User: "u7", Hash: "beef"},
		&ledger.Session{Stored: body, ID: "s7", User: "u7", Hash: "beef"},
		&ledger.Counter{Stored: body, ID: "n7"},
		&ledger.IssuedReport{Stored: body, Number: "HD7", Verdict: "v7", Household: "h7", Authorization: "SQ7", Scheme: "dibao", Division: "340104001", Recipient: "申请人", Language: "zh", Digest: "d", Code: "C", By: "u", At: 9},
		&ledger.Batch{Stored: body, ID: "b7", Sender: "u", Division: "3401", Scheme: "dibao", Channel: "file", State: "accepted", Generation: "g", Pack: "p", On: 20261101, Name: "first", Held: true, At: 10},
		&ledger.Part{Stored: body, Batch: "b7", First: 1, Rows: 3, State: "waiting", At: 11},
		&ledger.Part{Stored: body, Batch: "b7", First: 40, Rows: 2, State: "outbox", Topic: "requests", Partition: 5, Epoch: 2, At: 12, Counts: ledger.Counts{
			Answered: 1, Refused: 1, Unread: 1, Dead: 1, Again: 1, Outcomes: map[string]int64{"needs_review": 1}, Refusals: map[string]int64{"not_json": 1},
		}},
	}
}

// Every kind comes back as it was put, and is found under everything it is to be
// found under.
func everyKind(t *testing.T, l ledger.Ledger) {
	list := Samples(l)
	put(t, l, list...)
	for _, e := range list {
		row, err := l.Get(t.Context(), e.Kind(), e.Key())
		if err != nil {
			t.Errorf("%s: %v", e.Kind(), err)
			continue
		}
		got, err := ledger.Decode(row)
		if err != nil {
			t.Errorf("%s: %v", e.Kind(), err)
			continue
		}
		again := ledger.Put(got)
		if want := ledger.Put(e); string(again.Fields) != string(want.Fields) || string(again.Body) != string(want.Body) || again.Expect != 1 {
			t.Errorf("%s: %s, want %s", e.Kind(), again.Fields, want.Fields)
		}
	}
	p, r := l.Pseudonym(ledger.Person, []byte("1")), l.Pseudonym(ledger.Record, []byte("bank 1"))
	for _, c := range []struct {
		q     ledger.Query
		found bool
	}{
		{ledger.AuthorizationsOf("h7"), true},
		{ledger.AuthorizationsOf("h"), false},
		{ledger.AuthorizationsOf("h77"), false},
		{ledger.AuthorizationsOfPerson(p), true},
		{ledger.AuthorizationsOfPerson(r), false},
		{ledger.AuthorizationsIn("34"), true},
		{ledger.AuthorizationsIn("340104"), true},
		{ledger.AuthorizationsIn("340105"), false},
		{ledger.RequestsOf("h7"), true},
		{ledger.RequestsUnder("SQ7"), true},
		{ledger.VerdictsOf("h7"), true},
		{ledger.VerdictsOfRecord(r), true},
		{ledger.VerdictsOfRecord(p), false},
		{ledger.HouseholdsNumbered("h7"), true},
		{ledger.HouseholdsOfPerson(p), true},
		{ledger.HouseholdsIn("3401"), true},
		{ledger.HouseholdsIn(""), true},
		{ledger.CasesIn("", "proposed"), true},
		{ledger.CasesIn("3401", "proposed"), true},
		{ledger.CasesIn("340104001001", "proposed"), true},
		{ledger.CasesIn("340104001002", "proposed"), false},
		{ledger.CasesIn("", "confirmed"), false},
		{ledger.CasesWith("u", "proposed"), true},
		{ledger.CasesOf("h7"), true},
		{ledger.CasesOn("v7"), true},
		{ledger.ObjectionsIn("34", "filed"), true},
		{ledger.ObjectionsIn("340104", "filed"), false}, // it is of the city
		{ledger.ObjectionsOf("h7"), true},
		{ledger.ObjectionsTo("c7"), true},
		{ledger.ObjectionsOn(r), true},
		{ledger.CorrectionsFor("bank", "sent"), true},
		{ledger.CorrectionsOn(r), true},
		{ledger.TasksIn("recheck", "open", ""), true},
		{ledger.TasksOf("h7"), true},
		{ledger.UsersOfPerson("p7"), true},
		{ledger.TokensOf("u7"), true},
		{ledger.SessionsOf("u7"), true},
		{ledger.Every(ledger.KindCase), true},
	} {
		page, err := l.List(t.Context(), c.q)
		if err != nil || (len(page.Rows) == 1) != c.found || page.Next != "" {
			t.Errorf("%s under %q: %d rows, %v", c.q.Kind, c.q.Prefix, len(page.Rows), err)
		}
	}
}

func whole(t *testing.T, l ledger.Ledger) {
	put(t, l, task("1", "open", 1, 1))
	refused(t, l, ledger.ErrConflict, ops(ledger.Put(task("2", "open", 1, 1)), ledger.Put(task("1", "open", 1, 1)), ledger.Put(task("3", "open", 1, 1))))
	if _, err := l.Get(t.Context(), ledger.KindTask, "2"); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("of a refused change: %v", err)
	}
	if err := l.Commit(t.Context(), ledger.Change{}); err != nil {
		t.Errorf("nothing: %v", err)
	}
}

func conditions(t *testing.T, l ledger.Ledger) {
	a := &ledger.Authorization{Number: "SQ2", Household: "h2", Division: "340104"}
	put(t, l, a)
	a, err := ledger.Get[ledger.Authorization](t.Context(), l, "SQ2")
	if err != nil {
		t.Fatal(err)
	}
	look := func(id string) ledger.Change {
		return ledger.Change{Ops: []ledger.Op{ledger.Put(task(id, "open", 1, 1))}, Requires: []ledger.Require{ledger.RequireSame(a)}}
	}
	if err := l.Commit(t.Context(), look("1")); err != nil {
		t.Error(err)
	}
	withdrawn := *a
	withdrawn.Withdrawn = true
	put(t, l, &withdrawn)
	refused(t, l, ledger.ErrConflict, look("2"))
	absent := ledger.Require{Kind: ledger.KindAuthorization, ID: "SQ3"}
	if err := l.Commit(t.Context(), ledger.Change{Requires: []ledger.Require{absent}}); err != nil {
		t.Error(err)
	}
	absent.ID = "SQ2"
	refused(t, l, ledger.ErrConflict, ledger.Change{Requires: []ledger.Require{absent}})
}

func names(t *testing.T, l ledger.Ledger) {
	put(t, l, &ledger.User{ID: "1", Name: "wang", Person: "p"})
	refused(t, l, ledger.ErrConflict, ops(ledger.Put(&ledger.User{ID: "2", Name: "wang", Person: "p"})))
	refused(t, l, ledger.ErrConflict, ops(ledger.Put(&ledger.User{ID: "2", Name: "li"}), ledger.Put(&ledger.User{ID: "3", Name: "li"})))
	u, err := ledger.Find[ledger.User](t.Context(), l, ledger.UserName("wang"))
	if err != nil || u.ID != "1" {
		t.Fatalf("%+v, %v", u, err)
	}
	if _, err := ledger.Find[ledger.User](t.Context(), l, ledger.UserName("zhao")); !errors.Is(err, ledger.ErrNotFound) {
		t.Error(err)
	}
	if _, err := ledger.Find[ledger.User](t.Context(), l, ledger.UserSubject("wang")); !errors.Is(err, ledger.ErrNotFound) {
		t.Error(err)
	}
	u.Name = "wang2"
	put(t, l, u)
	// A name stays with its account, so that old entries of the audit log name nobody else.
	refused(t, l, ledger.ErrConflict, ops(ledger.Put(&ledger.User{ID: "2", Name: "wang", Person: "p"})))
	for _, name := range []string{"wang", "wang2"} {
		if u, err := ledger.Find[ledger.User](t.Context(), l, ledger.UserName(name)); err != nil || u.ID != "1" {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Names are of a kind: a session may have the hash of a token.
	put(t, l, &ledger.Token{ID: "1", User: "1", Hash: "ff"}, &ledger.Session{ID: "1", User: "1", Hash: "ff"})
}

func fences(t *testing.T, l ledger.Ledger) {
	n := 0
	fenced := func(epoch, from, to int64) ledger.Change {
		n++
		c := ops(ledger.Put(task(fmt.Sprint("f", n), "open", 1, 1)))
		c.Fence = &ledger.Fence{Topic: "checks", Partition: 3, Epoch: epoch, From: from, To: to}
		return c
	}
	for _, c := range []struct {
		epoch, from, to int64
		ok              bool
	}{
		{4, 100, 110, true}, // nothing is known: it begins where the worker begins
		{4, 100, 110, false},
		{4, 110, 120, true},
		{3, 120, 130, false}, // an old worker
		{5, 119, 130, false},
		{5, 120, 120, true}, // a new worker takes over
		{4, 120, 130, false},
		{5, 121, 130, false}, // a gap
		{5, 120, 130, true},
	} {
		if !c.ok {
			refused(t, l, ledger.ErrFenced, fenced(c.epoch, c.from, c.to))
		} else if err := l.Commit(t.Context(), fenced(c.epoch, c.from, c.to)); err != nil {
			t.Errorf("%+v: %v", c, err)
		}
	}
	p, err := ledger.Get[ledger.Position](t.Context(), l, ledger.PositionID("checks", 3))
	if err != nil || p.Epoch != 5 || p.Offset != 130 || p.Version != 4 || len(p.Body) != 0 {
		t.Errorf("%+v, %v", p, err)
	}
	// The topic was made anew: only a newer worker begins again, and what it leaves there
	// is found.
	again := fenced(5, 0, 10)
	again.Fence.Restart = true
	refused(t, l, ledger.ErrFenced, again)
	again = fenced(6, 0, 10)
	again.Fence.Restart, again.Fence.Mark = true, []byte("mark \x00")
	if err := l.Commit(t.Context(), again); err != nil {
		t.Error(err)
	}
	if p, err := ledger.Get[ledger.Position](t.Context(), l, ledger.PositionID("checks", 3)); err != nil || p.Epoch != 6 || p.Offset != 10 || string(p.Body) != "mark \x00" {
		t.Errorf("%+v, %v", p, err)
	}
	again.Fence.Mark = make([]byte, 5000)
	refused(t, l, ledger.ErrInvalid, again)
}

func batches(t *testing.T, l ledger.Ledger) {
	batch := func(id, sender, division, state string, at ledger.Instant) *ledger.Batch {
		return &ledger.Batch{ID: id, Sender: sender, Division: division, Scheme: "dibao", Channel: "file", State: state, Name: "n" + id, At: at}
	}
	put(t, l, batch("a", "u", "340104", "accepted", 1), batch("b", "u", "3401", "done", 2), batch("c", "v", "3402", "accepted", 3))
	part := func(id, state, topic string, first int64) *ledger.Part {
		return &ledger.Part{Batch: id, State: state, Topic: topic, First: first, Rows: 2}
	}
	put(t, l, part("a", "waiting", "", 10), part("a", "waiting", "", 9), part("a", "waiting", "", 100), part("aa", "waiting", "", 1),
		part("b", "outbox", "t", 300), part("b", "outbox", "t", 21), part("b", "done", "t", 3))
	ids := func(q ledger.Query) (out []string) {
		t.Helper()
		page, err := l.List(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Rows {
			out = append(out, r.ID)
		}
		return out
	}
	for _, c := range []struct {
		name string
		q    ledger.Query
		want []string
	}{
		{"of a city", ledger.BatchesIn("3401"), []string{"b", "a"}},
		{"of everybody", ledger.BatchesIn(""), []string{"c", "b", "a"}},
		{"of a sender", ledger.BatchesOf("u"), []string{"b", "a"}},
		{"being accepted", ledger.BatchesBeing("accepted"), []string{"a", "c"}},
		{"parts of a batch", ledger.PartsOf("a"), []string{part("a", "", "", 9).Key(), part("a", "", "", 10).Key(), part("a", "", "", 100).Key()}},
		{"to be sent", ledger.PartsBeing("outbox", "t", 0), []string{part("b", "", "t", 21).Key(), part("b", "", "t", 300).Key()}},
	} {
		if d := cmp.Diff(c.want, ids(c.q)); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
	if b, err := ledger.Find[ledger.Batch](t.Context(), l, ledger.BatchName("v", "nc")); err != nil || b.ID != "c" {
		t.Errorf("by the name its sender gave it: %v", err)
	}
}

func erasing(t *testing.T, l ledger.Ledger) {
	v := &ledger.Verdict{ID: "e", Household: "he", Outcome: "review"}
	v.Body = []byte("personal")
	put(t, l, v)
	v, err := ledger.Get[ledger.Verdict](t.Context(), l, "e")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Commit(t.Context(), ops(ledger.Erase(v))); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Get(t.Context(), ledger.KindVerdict, "e"); !errors.Is(err, ledger.ErrErased) {
		t.Errorf("read: %v", err)
	}
	for _, q := range []ledger.Query{ledger.VerdictsOf("he"), ledger.Every(ledger.KindVerdict)} {
		if page, err := l.List(t.Context(), q); err != nil || len(page.Rows) != 0 {
			t.Errorf("listed: %d, %v", len(page.Rows), err)
		}
	}
	v.Version = 0
	refused(t, l, ledger.ErrErased, ops(ledger.Put(v)))
	refused(t, l, ledger.ErrErased, ledger.Change{Requires: []ledger.Require{ledger.RequireSame(v)}})
	v.Version = 2
	refused(t, l, ledger.ErrErased, ops(ledger.Erase(v)))
}

func refusals(t *testing.T, l ledger.Ledger) {
	long := make([]byte, ledger.MaxBytes)
	big := task("big", "open", 1, 1)
	big.Body = long
	many := ledger.Change{}
	for i := range ledger.MaxOps + 1 {
		many.Ops = append(many.Ops, ledger.Put(task(strconv.Itoa(i), "open", 1, 1)))
	}
	moved := ledger.Put(&ledger.Verdict{ID: "v", Household: "h"})
	moved.Expect = 1
	bad := ledger.Put(task("x", "open", 1, 1))
	bad.Fields = []byte(`{"id":"x","secret":"340104199001011234"}`)
	astray := task("x", "open", 1, 1)
	astray.Division = "34010400"
	other := ledger.Put(task("x", "open", 1, 1))
	other.ID = "y"
	for name, c := range map[string]struct {
		c    ledger.Change
		want error
	}{
		"too large":        {ops(ledger.Put(big)), ledger.ErrTooLarge},
		"too many":         {many, ledger.ErrTooLarge},
		"twice":            {ops(ledger.Put(task("x", "open", 1, 1)), ledger.Put(task("x", "open", 1, 1))), ledger.ErrInvalid},
		"no id":            {ops(ledger.Put(task("", "open", 1, 1))), ledger.ErrInvalid},
		"a zero byte":      {ops(ledger.Put(task("a\x00b", "open", 1, 1))), ledger.ErrInvalid},
		"no state":         {ops(ledger.Put(task("x", "", 1, 1))), ledger.ErrInvalid},
		"a division":       {ops(ledger.Put(astray)), ledger.ErrInvalid},
		"no kind":          {ops(ledger.Op{ID: "x", Fields: []byte("{}")}), ledger.ErrInvalid},
		"a position":       {ops(ledger.Put(&ledger.Position{Topic: "t"})), ledger.ErrInvalid},
		"a verdict moved":  {ops(moved), ledger.ErrInvalid},
		"a verdict over":   {ops(ledger.PutOver(&ledger.Verdict{ID: "v", Household: "h"})), ledger.ErrInvalid},
		"erased unread":    {ops(ledger.Erase(task("x", "open", 1, 1))), ledger.ErrInvalid},
		"a fence backward": {ledger.Change{Fence: &ledger.Fence{Topic: "t", From: 2, To: 1}}, ledger.ErrInvalid},
		"a condition":      {ledger.Change{Requires: []ledger.Require{{Kind: 99, ID: "x"}}}, ledger.ErrInvalid},
	} {
		t.Run(name, func(t *testing.T) { refused(t, l, c.want, c.c) })
	}
	// Fields that are those of no entry come from elsewhere only: decoded, not known.
	for name, op := range map[string]ledger.Op{
		"fields": {Kind: bad.Kind, ID: bad.ID, Fields: bad.Fields},
		"id":     {Kind: other.Kind, ID: other.ID, Fields: other.Fields},
	} {
		t.Run(name, func(t *testing.T) { refused(t, l, ledger.ErrInvalid, ops(op)) })
	}
	if _, err := l.Get(t.Context(), 99, "x"); err == nil {
		t.Error("an entry of no kind")
	}
	if _, err := l.List(t.Context(), ledger.Query{}); !errors.Is(err, ledger.ErrInvalid) {
		t.Errorf("no query: %v", err)
	}
}

// Counters that many raise by reading and putting end at what was raised.
func manyAtOnce(t *testing.T, l ledger.Ledger) {
	const workers, each = 8, 25
	put(t, l, task("sum", "open", 0, 0))
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := 0; i < each; {
				sum, err := ledger.Get[ledger.Task](t.Context(), l, "sum")
				if err != nil {
					t.Error(err)
					return
				}
				sum.Severity++
				err = l.Commit(t.Context(), ops(ledger.Put(sum), ledger.Put(task(fmt.Sprintf("w%d-%d", w, i), "open", 0, 0))))
				if errors.Is(err, ledger.ErrConflict) {
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				i++
			}
		})
	}
	wg.Wait()
	sum, err := ledger.Get[ledger.Task](t.Context(), l, "sum")
	if err != nil || sum.Severity != workers*each || int(sum.Version) != workers*each+1 {
		t.Errorf("%+v, %v", sum, err)
	}
}

// Who reads while a change is written sees both of its entries in the new state or
// both in the old one.
func halves(t *testing.T, l ledger.Ledger) {
	const changes = 60
	put(t, l, task("x", "open", 0, 1), task("y", "open", 0, 1))
	var wg sync.WaitGroup
	defer wg.Wait()
	written := make(chan struct{})
	wg.Go(func() {
		defer close(written)
		for n := 1; n <= changes; n++ {
			x, y := task("x", "open", n, 1), task("y", "open", n, 1)
			if err := l.Commit(t.Context(), ops(ledger.PutOver(x), ledger.PutOver(y))); err != nil {
				t.Error(err)
			}
		}
	})
	for reads := 0; ; reads++ {
		list, _, err := ledger.List[ledger.Task](t.Context(), l, ledger.TasksIn("recheck", "open", "34"))
		if err != nil || len(list) != 2 || list[0].Severity != list[1].Severity {
			t.Errorf("read %d: %d entries, %v", reads, len(list), err)
			return
		}
		select {
		case <-written:
			if list, _, err = ledger.List[ledger.Task](t.Context(), l, ledger.TasksIn("recheck", "open", "34")); err != nil || list[0].Severity != changes {
				t.Errorf("at the end: %v", err)
			}
			return
		default:
		}
	}
}

func contexts(t *testing.T, l ledger.Ledger) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Get(ctx, ledger.KindTask, "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("get: %v", err)
	}
	if _, err := l.List(ctx, ledger.Every(ledger.KindTask)); !errors.Is(err, context.Canceled) {
		t.Errorf("list: %v", err)
	}
	if err := l.Commit(ctx, ops(ledger.Put(task("x", "open", 1, 1)))); !errors.Is(err, context.Canceled) {
		t.Errorf("commit: %v", err)
	}
	if _, err := l.Get(t.Context(), ledger.KindTask, "x"); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("committed for nobody: %v", err)
	}
}

func digests(t *testing.T, l ledger.Ledger) {
	m := new(Memory)
	list := Samples(m) // the digest is over pseudonyms too, so both use the model's
	put(t, l, list...)
	for i := range list {
		put(t, m, list[len(list)-1-i])
	}
	a, err := l.Digest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if b, err := m.Digest(t.Context()); err != nil || a != b {
		t.Errorf("%s and %s, %v", a, b, err)
	}
	r, err := l.Verify(t.Context())
	if err != nil || r.Digest != a || r.Entries != int64(len(list)) {
		t.Errorf("%+v, %v", r, err)
	}
	put(t, l, task("one more", "open", 1, 1))
	if b, err := l.Digest(t.Context()); err != nil || a == b {
		t.Errorf("one more entry changes nothing: %v", err)
	}
}

func closing(t *testing.T, l ledger.Ledger) {
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if _, err := l.Get(t.Context(), ledger.KindTask, "x"); !errors.Is(err, ledger.ErrClosed) {
		t.Errorf("get: %v", err)
	}
	if err := l.Commit(t.Context(), ops(ledger.Put(task("x", "open", 1, 1)))); !errors.Is(err, ledger.ErrClosed) {
		t.Errorf("commit: %v", err)
	}
}
