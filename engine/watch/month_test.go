package watch_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/audit/snoop"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/engine/watch"
	"github.com/hedui/hedui/rules"
)

var (
	monthWorkers = flag.Int("watch.workers", 4, "people who work in the month of TestMonth")
	monthPlant   = flag.Int("watch.plant", 27, "patterns that are planted in it")
	monthSeed    = flag.Uint64("watch.seed", 24, "of the month")
)

// office is a desk over a ledger, an audit log and an empty generation, with people who
// work at it.
type office struct {
	t       testing.TB
	dir     string
	ledger  ledger.Ledger
	clock   *clock
	desk    *desk.Desk
	workers []desk.Caller
	intakes []desk.Caller
	rnd     *rand.Rand
	next    [2]int // number of the next household of each county
	plan    []step
	looks   int
	people  int
}

type step struct {
	at time.Time
	do func()
}

// planted is what somebody did who should not have.
type planted struct {
	want   snoop.Sign
	worker int
	day    string
	of     map[string]bool // households
}

func counties() [2]string { return [2]string{county, "340111"} }

func surnames() []string {
	return []string{"王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "马", "朱", "胡"}
}

func emptyGeneration(t testing.TB) store.Store {
	t.Helper()
	st := store.NewMemory()
	b, err := st.Begin(store.BuildOptions{})
	must(t, err)
	sec, err := b.Section(store.SectionPeople, profile.Version)
	must(t, err)
	must(t, sec.Close())
	covers, _ := household.ParseMonths("2025-01..2026-10")
	var refs []store.SnapshotRef
	for i, src := range []household.Source{household.Bank, household.Tax, household.Vehicle, household.Property, household.Insurance} {
		ref := store.SnapshotRef{Ordinal: i, ID: fmt.Sprint("s", i), Source: src, Provider: src.String(), AsOf: 20261031}
		if src.IsFlow() {
			ref.Covers, ref.Supplies = covers, []household.Months{covers}
		}
		refs = append(refs, ref)
	}
	m, err := b.Seal(store.Contents{ProfileVersion: profile.Version, Snapshots: refs})
	must(t, err)
	must(t, st.Activate(m.ID))
	return st
}

func newOffice(t testing.TB, l ledger.Ledger, watched func(*audit.Entry)) *office {
	t.Helper()
	o := &office{t: t, dir: t.TempDir(), ledger: l, clock: &clock{now: noon}, rnd: rand.New(rand.NewPCG(*monthSeed, 24))}
	log := openLog(t, o.dir, audit.Options{Now: o.clock.Now, Watch: watched})
	pack, err := rules.Load("reference")
	must(t, err)
	o.desk, err = desk.New(desk.Options{Store: emptyGeneration(t), Ledger: l, Audit: log, Packs: map[string]*rules.Pack{"dibao": pack}, Now: o.clock.Now})
	must(t, err)
	t.Cleanup(func() { must(t, o.desk.Close()) })
	official := func(name, division string, role access.Role) desk.Caller {
		return desk.Caller{Subject: access.Subject{Account: name, Person: "p-" + name, Roles: access.RolesOf(role), Division: division, Purposes: []string{"dibao"}, Classes: access.AllClasses()}}
	}
	for i := range *monthWorkers {
		name := fmt.Sprintf("verifier%02d", i)
		o.workers = append(o.workers, official(name, counties()[i%2], access.Verifier))
		hire(t, l, name, "p-"+name, surnames()[i%15]+"小明")
		must(t, watch.SetStaff(t.Context(), l, "p-"+name, watch.Staff{
			Own: []ledger.Pseudonym{watch.Person(l, 0, idNumber(900+2*i))}, Kin: []ledger.Pseudonym{watch.Person(l, 0, idNumber(901+2*i))},
		}))
	}
	for i, c := range counties() {
		o.intakes = append(o.intakes, official(fmt.Sprint("intake", i), c, access.Intake))
	}
	return o
}

// numbered is a household number of a county that is not in use yet, and not beside one.
func (o *office) numbered(of int) string {
	o.next[of] += 2 + o.rnd.IntN(40)
	return fmt.Sprintf("%s-%06d", counties()[of], o.next[of])
}

// register registers a household of one person: somebody, or the one that is given.
func (o *office) register(at time.Time, h string, of, person int) {
	if person == 0 {
		person = o.people%800 + 1
		o.people++
	}
	name := surnames()[o.rnd.IntN(15)] + "秀英"
	o.plan = append(o.plan, step{at, func() {
		a := paper("SQ"+h, h, at, person)
		a.Division, a.Members[0].Name = counties()[of], household.Name(name)
		_, err := o.desk.RegisterAuthorization(o.t.Context(), o.intakes[of], a)
		must(o.t, err)
	}})
}

// look checks a household, and sometimes reads on.
func (o *office) look(at time.Time, worker int, h string) {
	o.looks++
	more := o.rnd.IntN(4) == 0
	o.plan = append(o.plan, step{at, func() {
		c := o.workers[worker]
		line := fmt.Appendf(nil, `{"household_id":%q,"region":%q,"scheme":"dibao","residence":"urban","authorization":{"number":"SQ%s"},"members":[{"name":"王秀英","id_number":%q,"relation":"head"}],"declared_assets":{"financial_fen":0}}`,
			h, h[:6], h, idNumber(1))
		_, err := o.desk.Check(o.t.Context(), c, line, desk.CheckOptions{})
		if _, refused := desk.Refused(err); err != nil && !refused {
			o.t.Fatal(err)
		}
		if more {
			_, err := o.desk.Household(o.t.Context(), c, h)
			if _, refused := desk.Refused(err); err != nil && !refused {
				o.t.Fatal(err)
			}
		}
	}})
}

// honest is a look of a day's work: nearly always at a household that has an authorisation.
func (o *office) honest(at time.Time, worker int, h string) {
	of := worker % 2
	if h == "" {
		h = o.numbered(of)
	}
	switch x := o.rnd.IntN(1000); {
	case x < 5: // a mistyped number
	case x < 10: // whose authorisation was withdrawn
		o.withdrawn(at.AddDate(0, 0, -9), h, of)
	default:
		o.register(at.Add(-time.Minute), h, of, 0)
	}
	o.look(at, worker, h)
}

func (o *office) withdrawn(at time.Time, h string, of int) {
	for at.Weekday() == time.Saturday || at.Weekday() == time.Sunday {
		at = at.AddDate(0, 0, -1)
	}
	o.register(at, h, of, 0)
	o.plan = append(o.plan, step{at.Add(time.Hour), func() {
		_, err := o.desk.WithdrawAuthorization(o.t.Context(), o.intakes[of], "SQ"+h, "搬迁")
		must(o.t, err)
	}})
}

// month is 30 days of work, with overtime, busy days, and rows of numbers at the intake.
func (o *office) month(start time.Time) {
	for day := range 30 {
		date := start.AddDate(0, 0, day)
		if date.Weekday() == time.Saturday || date.Weekday() == time.Sunday {
			continue
		}
		for worker := range o.workers {
			n := 6 + o.rnd.IntN(9)
			if o.rnd.IntN(20) == 0 {
				n = n * 5 / 2
			}
			row := 0
			if o.rnd.IntN(33) == 0 {
				row = 5 + o.rnd.IntN(6)
			}
			h := ""
			for i := range n {
				at := date.Add(8*time.Hour + 2*time.Minute + time.Duration(i)*9*time.Hour/time.Duration(n) + time.Duration(o.rnd.IntN(60))*time.Second)
				if h != "" && i < row {
					o.next[worker%2]++
					h = fmt.Sprintf("%s-%06d", counties()[worker%2], o.next[worker%2])
				} else {
					h = o.numbered(worker % 2)
				}
				o.honest(at, worker, h)
			}
			if o.rnd.IntN(33) == 0 {
				for range 1 + o.rnd.IntN(2) {
					o.honest(date.Add(18*time.Hour+5*time.Minute+time.Duration(o.rnd.IntN(7200))*time.Second), worker, "")
				}
			}
		}
	}
}

// plant plants the k-th pattern.
func (o *office) plant(k int, start time.Time) (p *planted, honey string) {
	kinds := []snoop.Sign{
		snoop.Honey, snoop.NoCase, snoop.Relative, snoop.CoWorker, snoop.NightWork, snoop.Volume, snoop.Sequential, snoop.RepeatClosed, snoop.AnotherRegion,
	}
	worker := o.rnd.IntN(len(o.workers))
	of := worker % 2
	day := start.AddDate(0, 0, 10+o.rnd.IntN(18))
	for day.Weekday() == time.Saturday || day.Weekday() == time.Sunday {
		day = day.AddDate(0, 0, 1)
	}
	at := day.Add(9*time.Hour + time.Duration(o.rnd.IntN(7*3600))*time.Second)
	p = &planted{want: kinds[k%len(kinds)], worker: worker, day: day.Format(time.DateOnly), of: map[string]bool{}}
	do := func(at time.Time, h string) {
		p.of[h] = true
		o.look(at, worker, h)
	}
	lawful := func(at time.Time) {
		h := o.numbered(of)
		o.register(at.Add(-time.Hour), h, of, 0)
		do(at, h)
	}
	switch p.want {
	case snoop.Honey:
		honey = o.numbered(of)
		do(at, honey)
	case snoop.NoCase:
		for i := range 3 {
			do(at.Add(time.Duration(i)*time.Minute), o.numbered(of))
		}
	case snoop.Relative, snoop.CoWorker:
		h, person := o.numbered(of), 901+2*worker
		if p.want == snoop.CoWorker {
			person = 900 + 2*((worker+1)%len(o.workers))
		}
		o.register(at.Add(-time.Hour), h, of, person)
		do(at, h)
	case snoop.NightWork:
		for i := range 3 + o.rnd.IntN(3) {
			lawful(day.Add(22*time.Hour + time.Duration(i)*4*time.Minute))
		}
	case snoop.Volume:
		for i := range 60 {
			lawful(day.Add(8*time.Hour + 30*time.Minute + time.Duration(i)*9*time.Minute))
		}
	case snoop.Sequential:
		o.next[of] += 50
		for i := range 7 {
			do(day.Add(17*time.Hour+50*time.Minute+time.Duration(i)*10*time.Second), fmt.Sprintf("%s-%06d", counties()[of], o.next[of]+i))
		}
		o.next[of] += 50
	case snoop.RepeatClosed:
		h := o.numbered(of)
		o.withdrawn(at.AddDate(0, 0, -9), h, of)
		for i := range 3 {
			do(at.AddDate(0, 0, -i), h)
		}
	case snoop.AnotherRegion:
		h := o.numbered(1 - of)
		o.register(at.Add(-time.Hour), h, 1-of, 0)
		do(at, h)
	default:
	}
	return p, honey
}

// A month of work through the desk, with patterns planted in it: what the watcher stores
// while it goes on is nearly all of them and little else.
func TestMonth(t *testing.T) {
	l, err := ledger.Open(t.TempDir(), ledger.Options{Reserve: 1})
	must(t, err)
	t.Cleanup(func() { must(t, l.Close()) })
	var w *watch.Watcher
	o := newOffice(t, l, func(e *audit.Entry) { w.Entry(e) })
	options := fast(l, o.dir)
	options.Pause = 20 * time.Millisecond
	w, err = watch.New(options)
	must(t, err)
	start := time.Date(2026, 11, 2, 0, 0, 0, 0, cst)
	o.month(start)
	var patterns []*planted
	var honey []string
	for k := range *monthPlant {
		p, h := o.plant(k, start)
		patterns = append(patterns, p)
		if h != "" {
			honey = append(honey, h)
		}
	}
	_, err = watch.SetHoney(t.Context(), l, honey, true, start)
	must(t, err)
	slices.SortStableFunc(o.plan, func(a, b step) int { return a.at.Compare(b.at) })
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); w.Run(ctx) }()
	for _, s := range o.plan {
		o.clock.set(s.at)
		s.do()
	}
	for deadline := time.Now().Add(time.Minute); w.Behind() > 0; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d entries behind after a minute", w.Behind())
		}
	}
	cancel()
	<-done
	found, falseAlarms, alerts := score(t, l, o, patterns)
	t.Logf("%d looks, %d alerts, %d of %d patterns, %d false alarms", o.looks, alerts, len(found), len(patterns), falseAlarms)
	for _, p := range patterns {
		if !found[p] {
			t.Logf("missed: %s of worker %d on %s", p.want, p.worker, p.day)
		}
	}
	if len(found)*100 < len(patterns)*95 {
		t.Errorf("%d of %d patterns found", len(found), len(patterns))
	}
	if falseAlarms*1000 > o.looks {
		t.Errorf("%d false alarms in %d looks", falseAlarms, o.looks)
	}
	if o.looks < 700 || len(patterns) < 18 {
		t.Error("too little to prove anything")
	}
}

// score says which patterns were found, and how many alerts are of none.
func score(t *testing.T, l ledger.Ledger, o *office, patterns []*planted) (found map[*planted]bool, falseAlarms, alerts int) {
	t.Helper()
	found = map[*planted]bool{}
	must(t, ledger.All(t.Context(), l, watch.Alerts(watch.Open, ""), func(e *ledger.Task) error {
		a, err := watch.AlertOf(e)
		alerts++
		at, bad := time.Parse(time.RFC3339, a.Time)
		must(t, bad)
		day, theirs := at.In(cst).Format(time.DateOnly), false
		for _, p := range patterns {
			same := o.workers[p.worker].Account == a.Actor
			if !same || !p.of[a.Household] && (p.want != snoop.Volume || p.day != day) {
				continue
			}
			theirs = true
			if slices.Contains(a.Signs, p.want) {
				found[p] = true
			}
		}
		if !theirs {
			falseAlarms++
			t.Logf("false alarm: %s %s %s %v", a.Time, a.Actor, a.Household, a.Signs)
		}
		return err
	}))
	return found, falseAlarms, alerts
}
