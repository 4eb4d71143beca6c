package watch_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/audit/snoop"
	"github.com/hedui/hedui/engine/authorization"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/ledger/ledgertest"
	"github.com/hedui/hedui/engine/register"
	"github.com/hedui/hedui/engine/review"
	"github.com/hedui/hedui/engine/watch"
)

func TestCaseAtATime(t *testing.T) {
	t.Parallel()
	l := &ledgertest.Memory{}
	day := 24 * time.Hour
	enter(t, l, paper("p-live", "live", noon))
	gone := paper("p-gone", "gone", noon.Add(-60*day))
	gone.Withdrawn = &authorization.Withdrawal{At: noon.Add(-10 * day), By: "intake01", Reason: "x"}
	enter(t, l, gone)
	past := paper("p-past", "past", noon.Add(-300*day))
	past.To = 20261001
	enter(t, l, past)
	for _, h := range []string{"done", "back", "under"} {
		enter(t, l, paper("p-"+h, h, noon.Add(-40*day)))
	}
	put := func(h string, since time.Time, steps ...review.Step) {
		body, err := json.Marshal(map[string]any{"case": review.Case{ID: "c-" + h, Household: h, State: review.Proposed, Since: since, History: steps}})
		must(t, err)
		e := &ledger.Case{ID: "c-" + h, Household: h, Scheme: "dibao", Division: county, State: "proposed", Opened: ledger.At(since)}
		e.Body = body
		must(t, l.Commit(t.Context(), ledger.Change{Ops: []ledger.Op{ledger.Put(e)}}))
	}
	put("under", noon.Add(-30*day), review.Step{At: noon.Add(-29 * day), To: review.UnderReview})
	put("done", noon.Add(-30*day), review.Step{At: noon.Add(-20 * day), To: review.Cleared}, review.Step{At: noon.Add(-19 * day), To: review.Cleared})
	put("back", noon.Add(-2*day), // the newest verdict came later
		review.Step{At: noon.Add(-30 * day), To: review.Confirmed}, review.Step{At: noon.Add(-20 * day), To: review.Final}, review.Step{At: noon.Add(-2 * day), To: review.Disputed})
	change := &ledger.Task{ID: "t-1", Queue: register.Changes, State: "open", Household: "done", Division: county, At: ledger.At(noon.Add(5 * day))}
	must(t, l.Commit(t.Context(), ledger.Change{Ops: []ledger.Op{ledger.Put(change)}}))
	c := watch.NewContext(l, snoop.Plain{})
	must(t, c.Begin(t.Context()))
	for _, tt := range []struct {
		name, of string
		days     float64
		want     snoop.CaseState
	}{
		{"nobody knows it", "nowhere", 0, snoop.CaseNever},
		{"no number at all", "a\x00b", 0, snoop.CaseNever},
		{"before it was registered", "live", -1, snoop.CaseNever},
		{"in the second in which it was", "live", 0, snoop.CaseOpen},
		{"live", "live", 50, snoop.CaseOpen},
		{"the days after its last", "live", 60, snoop.CaseOpen},
		{"after its end", "live", 70, snoop.CaseClosed},
		{"before it was withdrawn", "gone", -11, snoop.CaseOpen},
		{"just after", "gone", -9, snoop.CaseOpen},
		{"withdrawn", "gone", 0, snoop.CaseClosed},
		{"run out", "past", 0, snoop.CaseClosed},
		{"under review", "under", 0, snoop.CaseOpen},
		{"still under review after the paper ended", "under", 90, snoop.CaseOpen},
		{"before the case was closed", "done", -21, snoop.CaseOpen},
		{"the file is put away", "done", -18, snoop.CaseOpen},
		{"closed, whatever the paper says", "done", 0, snoop.CaseClosed},
		{"a change was found", "done", 6, snoop.CaseOpen},
		{"long ago", "done", 99, snoop.CaseClosed},
		{"final", "back", -10, snoop.CaseClosed},
		{"and disputed", "back", -1, snoop.CaseOpen},
	} {
		if got := c.Case(tt.of, noon.Add(time.Duration(tt.days*float64(day)))); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
	must(t, c.Err())
	// Where nobody registers anything, to have no case says nothing.
	empty := watch.NewContext(&ledgertest.Memory{}, snoop.Plain{})
	must(t, empty.Begin(t.Context()))
	if got := empty.Case("nowhere", noon); got != snoop.CaseUnknown {
		t.Errorf("an empty ledger says %d", got)
	}
}

func TestRelationsAndDivisions(t *testing.T) {
	t.Parallel()
	l := &ledgertest.Memory{}
	hire(t, l, "li01", "P1", "李明")
	hire(t, l, "li02", "P1", "李明（夜班）")
	hire(t, l, "wang01", "P2", "王芳")
	hire(t, l, "admin", "P3", "安全管理员")
	enter(t, l, paper("p-1", "own", noon, 1))
	enter(t, l, paper("p-2", "kin", noon, 2))
	enter(t, l, paper("p-3", "strangers", noon, 3))
	must(t, watch.SetStaff(t.Context(), l, "P1", watch.Staff{
		Own: []ledger.Pseudonym{watch.Person(l, 0, idNumber(1))}, Kin: []ledger.Pseudonym{watch.Person(l, 0, idNumber(2))},
	}))
	c := watch.NewContext(l, snoop.Plain{})
	must(t, c.Begin(t.Context()))
	for _, tt := range []struct {
		actor, of string
		want      snoop.Relation
	}{
		{"li01", "own", snoop.Self},
		{"li02", "own", snoop.Self},
		{"li01", "kin", snoop.SameAddress},
		{"li01", "strangers", 0},
		{"wang01", "own", snoop.Colleague | snoop.SameSurname},
		{"wang01", "kin", snoop.SameSurname},
		{"admin", "kin", 0},
		{"root", "own", 0},
		{"li01", "nowhere", 0},
	} {
		if got := c.Related(tt.actor, tt.of); got != tt.want {
			t.Errorf("%s and %s: %d, want %d", tt.actor, tt.of, got, tt.want)
		}
	}
	for _, tt := range []struct {
		division, of string
		want         bool
	}{
		{county, "own", false},
		{"3401", "own", false},
		{"340100", "own", false},
		{"340111", "own", true},
		{"", "own", false},
		{"340111", number(5), true},
		{county, number(5), false},
		{"340111", "elsewhere", false},
	} {
		if got := c.Outside(snoop.Access{Division: tt.division, Household: tt.of}); got != tt.want {
			t.Errorf("%s of %s is outside: %v", tt.of, tt.division, got)
		}
	}
	must(t, c.Err())
}

func TestHoneyIsAList(t *testing.T) {
	t.Parallel()
	l := &ledgertest.Memory{}
	c := watch.NewContext(l, snoop.Plain{})
	is := func(h string) bool {
		must(t, c.Begin(t.Context()))
		return c.Honey(h)
	}
	for _, step := range []struct {
		on      bool
		numbers []string
		changed int
		held    bool
	}{
		{true, []string{"a", "b", "b", "", "x/y"}, 2, true}, {true, []string{"a"}, 0, true}, {false, []string{"a", "c"}, 1, false}, {true, []string{"a"}, 1, true},
	} {
		n, err := watch.SetHoney(t.Context(), l, step.numbers, step.on, noon)
		must(t, err)
		if n != step.changed || is("a") != step.held || !is("b") || is("c") {
			t.Errorf("%+v: %d changed, a %v", step, n, is("a"))
		}
	}
	many := make([]string, 2500)
	for i := range many {
		many[i] = number(i)
	}
	if n, err := watch.SetHoney(t.Context(), l, many, true, noon); err != nil || n != len(many) {
		t.Fatal(n, err)
	}
	honey, staff, err := watch.Counts(t.Context(), l)
	if err != nil || honey != len(many)+2 || staff != 0 {
		t.Errorf("%d and %d, %v", honey, staff, err)
	}
}

// What is damaged is no sign; what can't be reached is an error, and no answer.
func TestWhatCantBeRead(t *testing.T) {
	t.Parallel()
	m := &ledgertest.Memory{}
	enter(t, m, paper("p-1", "one", noon))
	e := &ledger.Case{ID: "c", Household: "two", Scheme: "dibao", Division: county, State: "proposed"}
	e.Body = []byte("{")
	must(t, m.Commit(t.Context(), ledger.Change{Ops: []ledger.Op{ledger.Put(e)}}))
	l := &failing{Ledger: m}
	c := watch.NewContext(l, snoop.Plain{})
	must(t, c.Begin(t.Context()))
	if c.Case("two", noon) != snoop.CaseUnknown || c.Err() != nil {
		t.Error("a case that can't be read says something:", c.Err())
	}
	l.fail = errors.New("boom")
	if c.Case("one", noon); !errors.Is(c.Err(), l.fail) {
		t.Error("a ledger that fails answers")
	}
}

func TestLookup(t *testing.T) {
	t.Parallel()
	l := &ledgertest.Memory{}
	for i, h := range []string{"b", "a", "a"} {
		enter(t, l, paper("p-"+string(rune('0'+i)), h, noon, 7, 10+i))
	}
	got, err := watch.Lookup{Ledger: l}.HouseholdsOf(t.Context(), idNumber(7))
	must(t, err)
	if d := cmp.Diff([]string{"a", "b"}, got); d != "" {
		t.Error(d)
	}
	if got, err = (watch.Lookup{Ledger: l}).HouseholdsOf(t.Context(), idNumber(10)); err != nil || !slices.Equal(got, []string{"b"}) {
		t.Errorf("%v, %v", got, err)
	}
	if got, err = (watch.Lookup{Ledger: l}).HouseholdsOf(t.Context(), idNumber(99)); err != nil || len(got) > 0 {
		t.Errorf("a stranger: %v, %v", got, err)
	}
}
