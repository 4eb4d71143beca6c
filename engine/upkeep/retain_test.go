package upkeep_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/ledger/ledgertest"
	"github.com/hedui/hedui/engine/upkeep"
)

// A case of the tests ends when its body says so.
func caseEnd(c *ledger.Case) (time.Time, bool) {
	var end time.Time
	if len(c.Body) == 0 || json.Unmarshal(c.Body, &end) != nil {
		return time.Time{}, false
	}
	return end, true
}

// ago is a time some months before the clock.
func ago(months int) time.Time { return clock().AddDate(0, -months, 0) }

func dayOf(t time.Time) household.Date {
	d, _ := household.ParseDate([]byte(t.Format(time.DateOnly)))
	return d
}

// family is a household in the ledger: everything so many months ago.
type family struct {
	authorised, ended  int // months ago; ended is negative when it goes on
	verdicts           []int
	generations        []string
	newest             int // index of the newest verdict's state, -1 for none
	caseOn, caseClosed int // -1 for none; closed -1: open
	objection          string
	report             int // months ago, 0 for none
}

func (f family) put(t rapidOrTest, l ledger.Ledger, number string) {
	commit := func(e ledger.Entry) {
		if err := l.Commit(t.Context(), ledger.Change{Ops: []ledger.Op{ledger.Put(e)}}); err != nil {
			t.Fatal(err)
		}
	}
	commit(&ledger.Authorization{Number: "SQ" + number, Household: number, Division: "340104", From: dayOf(ago(f.authorised)), To: dayOf(ago(f.ended)), At: ledger.At(ago(f.authorised))})
	for i, m := range f.verdicts {
		v := fmt.Sprintf("v%s-%d", number, i)
		commit(&ledger.Verdict{ID: v, Household: number, Scheme: "dibao", Generation: f.generations[i], Request: "r" + v, At: ledger.At(ago(m))})
		commit(&ledger.Request{ID: "r" + v, Household: number, Authorization: "SQ" + number, Division: "340104", Verdict: v, At: ledger.At(ago(m))})
		if i == f.newest {
			commit(&ledger.Household{Number: number, Scheme: "dibao", Division: "340104", Authorization: "SQ" + number, Verdict: v, At: ledger.At(ago(m))})
		}
		if i == f.caseOn {
			c := &ledger.Case{ID: "c" + number, Household: number, Scheme: "dibao", Division: "340104", Verdict: v, State: "final", Opened: ledger.At(ago(m))}
			if f.caseClosed >= 0 {
				c.Body, _ = json.Marshal(ago(f.caseClosed))
			}
			commit(c)
		}
	}
	if f.report > 0 {
		commit(&ledger.IssuedReport{Number: "HD" + number, Verdict: "v" + number + "-0", Household: number, Division: "340104", At: ledger.At(ago(f.report))})
	}
	if f.objection != "" {
		commit(&ledger.Objection{ID: "o" + number, Household: number, Division: "340104", State: f.objection, At: ledger.At(ago(f.authorised))})
	}
}

// rapidOrTest is what a test and a property have in common.
type rapidOrTest interface {
	Context() context.Context
	Fatal(args ...any)
}

func plan(t testing.TB, o upkeep.RetainOptions) *upkeep.Plan {
	t.Helper()
	p, err := upkeep.PlanRetention(t.Context(), o)
	must(t, err)
	return p
}

func ids(p *upkeep.Plan) []string {
	var out []string
	for i := range p.Items {
		out = append(out, p.Items[i].Kind+" "+p.Items[i].ID)
	}
	slices.Sort(out)
	return out
}

func TestDossiersGo(t *testing.T) {
	one := func(m int) family {
		return family{authorised: m + 1, ended: m, verdicts: []int{m}, generations: []string{"g"}, newest: 0, caseOn: -1}
	}
	with := func(f family, change func(*family)) family { change(&f); return f }
	all := []string{"authorization SQ1", "household 1/dibao", "request rv1-0", "verdict v1-0"}
	for _, c := range []struct {
		name string
		f    family
		want []string
	}{
		{"over for long", one(40), all},
		{"over lately", one(30), nil},
		{"on the day", one(36), nil},
		{"a month later", one(37), all},
		{"the authorisation goes on", with(one(40), func(f *family) { f.ended = -2 }), nil},
		{"the authorisation ended lately", with(one(40), func(f *family) { f.ended = 35 }), nil},
		{"a case is open", with(one(40), func(f *family) { f.caseOn, f.caseClosed = 0, -1 }), nil},
		{"a case was closed lately", with(one(40), func(f *family) { f.caseOn, f.caseClosed = 0, 3 }), nil},
		{"a case was closed long ago", with(one(40), func(f *family) { f.caseOn, f.caseClosed = 0, 38 }), append([]string{"authorization SQ1", "case c1"}, all[1:]...)},
		{"an objection is open", with(one(40), func(f *family) { f.objection = "open" }), nil},
		{"an objection was decided", with(one(40), func(f *family) { f.objection = "rejected" }), append([]string{"authorization SQ1", "household 1/dibao", "objection o1"}, all[2:]...)},
		{"an objection nobody knows", with(one(40), func(f *family) { f.objection = "suspended" }), nil},
		{"a report was issued lately", with(one(40), func(f *family) { f.report = 3 }), nil},
		{"a report was issued long ago", with(one(40), func(f *family) { f.report = 39 }), append([]string{"authorization SQ1", "household 1/dibao", "report HD1"}, all[2:]...)},
		{"only the older verdict and its report of a household that goes on", with(one(40), func(f *family) {
			f.verdicts, f.generations, f.newest, f.ended, f.report = []int{40, 2}, []string{"g", "h"}, 1, -2, 39
		}), []string{"report HD1", "request rv1-0", "verdict v1-0"}},
		{"only the older verdict of a household that goes on", with(one(40), func(f *family) {
			f.verdicts, f.generations, f.newest, f.ended = []int{40, 2}, []string{"g", "h"}, 1, -2
		}), []string{"request rv1-0", "verdict v1-0"}},
		{"not the older one on the day", with(one(40), func(f *family) {
			f.verdicts, f.generations, f.newest, f.ended = []int{36, 2}, []string{"g", "h"}, 1, -2
		}), nil},
		{"not the older one when a case on it is open", with(one(40), func(f *family) {
			f.verdicts, f.generations, f.newest, f.ended, f.caseOn, f.caseClosed = []int{40, 2}, []string{"g", "h"}, 1, -2, 0, -1
		}), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			data := t.TempDir()
			l, err := ledger.Open(data, small)
			must(t, err)
			defer l.Close()
			c.f.put(t, l, "1")
			p := plan(t, upkeep.RetainOptions{Data: data, Now: clock(), Rules: upkeep.DefaultRetention(), Ledger: l, CaseEnd: caseEnd})
			if diff := cmp.Diff(c.want, ids(p)); diff != "" {
				t.Errorf("(- want, + planned)\n%s", diff)
			}
			if len(c.want) == 0 && len(p.Kept) == 0 {
				t.Error("nothing is kept and nothing goes")
			}
		})
	}
}

func TestFloors(t *testing.T) {
	r := upkeep.DefaultRetention()
	for _, rule := range r {
		if err := r.Keep(rule.Code, rule.Floor-1); !errors.Is(err, upkeep.ErrFloor) {
			t.Errorf("%s below its floor: %v", rule.Code, err)
		}
		if err := r.Keep(rule.Code, rule.Floor); err != nil {
			t.Errorf("%s at its floor: %v", rule.Code, err)
		}
		if rule.Months < rule.Floor {
			t.Errorf("%s is kept %d months, the floor is %d", rule.Code, rule.Months, rule.Floor)
		}
	}
	if err := r.Keep("everything", 100); !errors.Is(err, upkeep.ErrNoRule) {
		t.Error(err)
	}
	for i := range r { // nor by writing into the table
		r := upkeep.DefaultRetention()
		r[i].Months = r[i].Floor - 1
		r[i].Floor = 0
		if _, err := upkeep.PlanRetention(t.Context(), upkeep.RetainOptions{Data: t.TempDir(), Now: clock(), Rules: r}); !errors.Is(err, upkeep.ErrFloor) {
			t.Errorf("%s: %v", r[i].Code, err)
		}
	}
	if _, err := upkeep.PlanRetention(t.Context(), upkeep.RetainOptions{Data: t.TempDir(), Now: clock()}); !errors.Is(err, upkeep.ErrFloor) {
		t.Errorf("no rules at all: %v", err)
	}
}

// aged gives a file of the data directory another time.
func aged(t testing.TB, name string, at time.Time) {
	t.Helper()
	must(t, os.Chtimes(name, at, at))
}

func TestRetain(t *testing.T) {
	c := newCentre(t)
	first := generation(t, c.data)
	deliverKeep(t, c.data, 2, "2026-10-31", -1)
	second := generation(t, c.data)
	deliverKeep(t, c.data, 3, "2026-11-01", -1)
	aged(t, filepath.Join(c.data, "generations", first, "manifest.json"), ago(20))
	aged(t, filepath.Join(c.data, "generations", second, "manifest.json"), ago(20))
	l, err := ledger.Open(c.data, small)
	must(t, err)
	defer l.Close()
	gone := family{authorised: 41, ended: 40, verdicts: []int{40}, generations: []string{first}, newest: 0, caseOn: -1}
	gone.put(t, l, "1")
	stays := family{authorised: 41, ended: -2, verdicts: []int{8}, generations: []string{second}, newest: 0, caseOn: -1}
	stays.put(t, l, "2")
	o := upkeep.RetainOptions{Data: c.data, Now: clock(), Rules: upkeep.DefaultRetention(), Ledger: l, CaseEnd: caseEnd, Log: c.log}
	p := plan(t, o)
	want := []string{"authorization SQ1", "generation " + first, "household 1/dibao", "request rv1-0", "verdict v1-0"}
	if diff := cmp.Diff(want, ids(p)); diff != "" {
		t.Fatalf("(- want, + planned)\n%s", diff)
	}
	if _, err := upkeep.Retain(t.Context(), o, p, audit.Who{}, ""); err == nil {
		t.Error("for no reason")
	}
	if _, err := upkeep.Retain(t.Context(), o, p, audit.Who{}, "the disk of Mr Wang"); !errors.Is(err, audit.ErrEvent) {
		t.Error("a sentence as a reason", err)
	}
	r, err := upkeep.Retain(t.Context(), o, p, audit.Who{}, "yearly")
	must(t, err)
	if diff := cmp.Diff(map[string]int{"authorization": 1, "generation": 1, "household": 1, "request": 1, "verdict": 1}, r.Removed); diff != "" || r.Bytes == 0 {
		t.Error(diff, r.Bytes)
	}
	// Erased and not deleted: the id says so and is not used again.
	if _, err := ledger.Get[ledger.Verdict](t.Context(), l, "v1-0"); !errors.Is(err, ledger.ErrErased) {
		t.Errorf("%v", err)
	}
	if _, err := ledger.Get[ledger.Verdict](t.Context(), l, "v2-0"); err != nil {
		t.Error(err)
	}
	var noted []string
	must(t, audit.Search(t.Context(), c.data, audit.Query{Operation: "retention.run"}, func(h audit.Hit) error {
		noted = append(noted, fmt.Sprintf("%s %s %s %d", h.Object, h.Outcome, h.Reason, h.Of))
		return nil
	}))
	if diff := cmp.Diff([]string{first + " done yearly 0", "dossiers done yearly 1"}, noted); diff != "" {
		t.Error(diff)
	}
	if got := ids(plan(t, o)); len(got) != 0 {
		t.Errorf("again: %v", got)
	}
	proof, err := upkeep.Prove(t.Context(), c.data, nil)
	must(t, err)
	if slices.Contains(proof.Generations, first) || !slices.Contains(proof.Generations, second) {
		t.Errorf("%v", proof.Generations)
	}
	if v, err := l.Verify(t.Context()); err != nil || !v.OK() {
		t.Error(v, err)
	}
}

func generation(t testing.TB, data string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(data, "CURRENT"))
	must(t, err)
	return strings.Fields(string(b))[2]
}

// What happens to a household between plan and run keeps all of it.
func TestChangedMeanwhile(t *testing.T) {
	data := t.TempDir()
	l, err := ledger.Open(data, small)
	must(t, err)
	defer l.Close()
	log, err := audit.Open(data, audit.Options{Actor: "tester", Now: clock})
	must(t, err)
	defer log.Close()
	f := family{authorised: 41, ended: 40, verdicts: []int{40}, generations: []string{"g"}, newest: 0, caseOn: 0, caseClosed: 38}
	f.put(t, l, "1")
	f.put(t, l, "2")
	o := upkeep.RetainOptions{Data: data, Now: clock(), Rules: upkeep.DefaultRetention(), Ledger: l, CaseEnd: caseEnd, Log: log}
	p := plan(t, o)
	c, err := ledger.Get[ledger.Case](t.Context(), l, "c1")
	must(t, err)
	c.State, c.Body = "disputed", nil
	must(t, l.Commit(t.Context(), ledger.Change{Ops: []ledger.Op{ledger.Put(c)}}))
	r, err := upkeep.Retain(t.Context(), o, p, audit.Who{}, "yearly")
	must(t, err)
	if diff := cmp.Diff([]string{"1"}, r.Changed); diff != "" {
		t.Error(diff)
	}
	for _, id := range []string{"v1-0", "v2-0"} {
		_, err := ledger.Get[ledger.Verdict](t.Context(), l, id)
		if (err == nil) != (id == "v1-0") {
			t.Errorf("%s: %v", id, err)
		}
	}
}

// Whatever is in a ledger, what goes is old and closed, by a reading of the rules that
// shares nothing with the planner.
func TestNothingGoesThatIsNeeded(t *testing.T) {
	empty, gone := t.TempDir(), 0
	rapid.Check(t, func(t *rapid.T) {
		l := &ledgertest.Memory{}
		families := map[string]family{}
		for i := range rapid.IntRange(1, 4).Draw(t, "households") {
			month := rapid.IntRange(0, 60)
			f := family{authorised: month.Draw(t, "authorised"), newest: -1, caseOn: -1}
			f.ended = rapid.IntRange(-6, f.authorised).Draw(t, "ended")
			for range rapid.IntRange(0, 3).Draw(t, "verdicts") {
				f.verdicts = append(f.verdicts, month.Draw(t, "at"))
				f.generations = append(f.generations, "g")
			}
			slices.Sort(f.verdicts)
			slices.Reverse(f.verdicts)
			f.newest = len(f.verdicts) - 1
			if len(f.verdicts) > 0 {
				f.caseOn = rapid.IntRange(-1, len(f.verdicts)-1).Draw(t, "case")
				f.caseClosed = rapid.IntRange(-1, 60).Draw(t, "closed")
			}
			f.objection = rapid.SampledFrom([]string{"", "", "open", "upheld"}).Draw(t, "objection")
			number := fmt.Sprint(i)
			f.put(t, l, number)
			families[number] = f
		}
		p, err := upkeep.PlanRetention(t.Context(), upkeep.RetainOptions{Data: empty, Now: clock(), Rules: upkeep.DefaultRetention(), Ledger: l, CaseEnd: caseEnd})
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range ids(p) {
			gone++
			kind, id, _ := strings.Cut(id, " ")
			number := strings.FieldsFunc(strings.TrimLeft(id, "SQrvco"), func(r rune) bool { return r == '-' || r == '/' })[0]
			f := families[number]
			if f.caseOn >= 0 && f.caseClosed < 0 || f.objection == "open" {
				t.Fatalf("%s %s goes and something is open: %+v", kind, id, f)
			}
			switch kind {
			case "authorization", "household", "case", "objection":
				youngest := min(f.authorised, f.ended)
				for _, m := range f.verdicts {
					youngest = min(youngest, m)
				}
				if f.caseOn >= 0 {
					youngest = min(youngest, f.caseClosed)
				}
				if youngest < 36 {
					t.Fatalf("%s %s goes and the youngest thing is of %d months ago: %+v", kind, id, youngest, f)
				}
			case "verdict", "request":
				var n int
				if _, err := fmt.Sscanf(id[strings.LastIndexByte(id, '-')+1:], "%d", &n); err != nil {
					t.Fatal(id)
				}
				if f.verdicts[n] < 36 {
					t.Fatalf("%s %s is of %d months ago: %+v", kind, id, f.verdicts[n], f)
				}
				if n == f.newest && f.ended < 36 {
					t.Fatalf("%s %s is what the household lives on: %+v", kind, id, f)
				}
			default:
				t.Fatal(kind)
			}
		}
	})
	if gone == 0 {
		t.Error("nothing ever went")
	}
}
