package register_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/ledger/ledgertest"
	"github.com/hedui/hedui/engine/recheck"
	"github.com/hedui/hedui/engine/register"
)

const day = household.Date(20261101)

func entry(number, scheme string, s *register.State) *ledger.Household {
	h := &ledger.Household{Number: number, Scheme: scheme, Division: "340104"}
	if s != nil {
		h.Body = register.AppendState(nil, s)
	}
	return h
}

// Who asks something else than was answered, and who does not.
func TestEach(t *testing.T) {
	l := &ledgertest.Memory{}
	state := func(change func(*register.State)) *register.State {
		s := &register.State{Last: recheck.Last{Request: 7, Generation: "g"}, Judged: 100, Until: day.Days() + 1}
		change(s)
		return s
	}
	same := state(func(*register.State) {})
	list := []struct {
		number string
		state  *register.State
		again  bool
	}{
		{"as-it-was", same, false},
		{"ends-today", state(func(s *register.State) { s.Until = day.Days() }), true},
		{"ended", state(func(s *register.State) { s.Until = day.Days() - 9 }), true},
		{"never-ends", state(func(s *register.State) { s.Until = 0 }), false},
		{"amended", state(func(s *register.State) { s.Stale = true }), true},
		{"objects", same, true},
		{"objects-at-once", same, true},
		{"objected-before", same, false},
		{"not-here", same, false},
	}
	var ops []ledger.Op
	for _, x := range list {
		ops = append(ops, ledger.Put(entry(x.number, "dibao", x.state)), ledger.Put(entry(x.number, "edge", same)))
	}
	old := entry("before-states", "dibao", nil)
	newer := entry("newer", "dibao", same)
	newer.Body = append([]byte{99}, newer.Body...)
	ops = append(ops, ledger.Put(old), ledger.Put(newer))
	if err := l.Commit(t.Context(), ledger.Change{Ops: ops}); err != nil {
		t.Fatal(err)
	}
	r := register.New(t.Context(), register.Options{
		Ledger: l, Scheme: "dibao", Today: day,
		Touched: map[string]ledger.Instant{"objects/dibao": 101, "objects-at-once/dibao": 100, "objected-before/dibao": 99, "as-it-was/edge": 500},
		Request: func(_ context.Context, number string) ([]byte, error) { return []byte(number), nil },
	})
	got := map[string]bool{}
	var order []string
	err := r.Each(t.Context(), func(l *recheck.Last, request uint64) error {
		order = append(order, l.Household)
		got[l.Household] = l.Generation == "" || l.Request != request
		return nil
	})
	if err != nil || len(order) != len(got) {
		t.Fatal(err, order)
	}
	want := map[string]bool{"before-states": true, "newer": true}
	for _, x := range list {
		want[x.number] = x.again
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if b, err := r.Request("x"); err != nil || string(b) != "x" {
		t.Error(string(b), err)
	}
	if s, err := register.Schemes(t.Context(), l); err != nil || cmp.Diff([]string{"dibao", "edge"}, s) != "" {
		t.Error(s, err)
	}
	// A state that is none is damage, and no reason to look again.
	bad := entry("worse", "dibao", same)
	bad.Body = bad.Body[:len(bad.Body)-1]
	if err := l.Commit(t.Context(), ledger.Change{Ops: []ledger.Op{ledger.Put(bad)}}); err != nil {
		t.Fatal(err)
	}
	if err := r.Each(t.Context(), func(*recheck.Last, uint64) error { return nil }); err == nil {
		t.Error("a damaged state is read")
	}
}

func TestMarkStale(t *testing.T) {
	h := entry("h", "dibao", &register.State{Last: recheck.Last{Substance: 5}})
	h.Version = 3
	op, ok, err := register.MarkStale(h)
	if err != nil || !ok || op.Expect != 3 {
		t.Fatalf("%+v %v %v", op, ok, err)
	}
	var s register.State
	if err := new(register.Decoder).Decode(op.Body, &s); err != nil || !s.Stale || s.Substance != 5 {
		t.Errorf("%+v %v", s, err)
	}
	h.Body = op.Body
	if _, ok, err := register.MarkStale(h); ok || err != nil {
		t.Error("twice", err)
	}
	if _, ok, err := register.MarkStale(entry("h", "dibao", nil)); ok || err != nil {
		t.Error("nothing is kept", err)
	}
}

func TestSeverity(t *testing.T) {
	for _, x := range []struct {
		before, after household.Outcome
		want          int
	}{
		{household.NoDiscrepancy, household.SuspectedIneligible, 4},
		{household.NeedsReview, household.SuspectedIneligible, 4},
		{household.NoDiscrepancy, household.NeedsReview, 3},
		{household.SuspectedIneligible, household.NeedsReview, 3},
		{household.SuspectedIneligible, household.NoDiscrepancy, 2},
		{household.NoDiscrepancy, household.Unverifiable, 2},
		{household.SuspectedIneligible, household.SuspectedIneligible, 1},
	} {
		if got := register.Severity(x.before, x.after); got != x.want {
			t.Errorf("%s -> %s: %d, want %d", x.before, x.after, got, x.want)
		}
	}
}
