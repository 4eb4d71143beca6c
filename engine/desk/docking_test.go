package desk_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/authorization"
	"github.com/hedui/hedui/engine/changes"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/dock"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/rules"
)

// docked are two nodes in one process: a city that lacks the bank, and the node above it
// that holds everything. between does to an exchange what a test wants.
type docked struct {
	*world // the city

	above *world
	node  desk.Caller // the city, as the node above knows it
	key   *audit.PrivateKey
	by    *audit.PublicKey
	link  *link
}

// link is the way from the city to the node above.
type link struct {
	d     *docked
	known *engine.Upstream
	asked int // questions that came through

	down   bool
	before func(q *dock.Question) *dock.Question // what arrives
	after  func(q *dock.Question, s *dock.Sealed) *dock.Sealed
	past   *dock.Sealed // the last answer
}

func (l *link) Known() *engine.Upstream { return l.known }

func (l *link) Refresh(ctx context.Context) error {
	if l.down {
		return &dock.Failure{Code: dock.Unreachable}
	}
	s, err := l.d.above.desk.DockCatalogue(ctx, l.d.node, "nonce")
	if err != nil {
		return &dock.Failure{Code: dock.Refused, Err: err}
	}
	c, err := dock.OpenCatalogue(s, l.d.by, "nonce", l.d.clock.Now())
	if err != nil {
		return err
	}
	next, err := c.Upstream("省平台", l.known.Sources)
	if err == nil && !l.known.Same(next) {
		l.known = next
	}
	return err
}

func (l *link) Ask(ctx context.Context, q *dock.Question, _ bool) ([][]byte, error) {
	if l.down {
		return nil, &dock.Failure{Code: dock.Unreachable}
	}
	l.asked++
	q.Nonce, q.Node = fmt.Sprintf("%032d", l.asked), "省平台"
	arrives := q
	if l.before != nil {
		arrives = l.before(q)
	}
	s, err := l.d.above.desk.DockEvidence(ctx, l.d.node, arrives)
	if r, ok := desk.Refused(err); ok {
		if r.Code == desk.Changed {
			return nil, &dock.Failure{Code: dock.Outdated}
		}
		return nil, &dock.Failure{Code: dock.Refused, Detail: string(r.Code)}
	}
	if err != nil {
		return nil, err
	}
	if l.after != nil {
		s = l.after(q, s)
	}
	l.past = s
	return dock.OpenAnswer(s, l.d.by, q, l.d.clock.Now())
}

// newDocked makes both nodes; of the people the one above knows a balance.
func newDocked(t *testing.T, people int) *docked {
	t.Helper()
	private, public, err := audit.NewKey()
	must(t, err)
	d := &docked{world: newWorld(t, 1), above: newWorld(t, people)}
	d.key, err = audit.ParsePrivateKey(private)
	must(t, err)
	d.by, err = audit.ParsePublicKey(public)
	must(t, err)
	d.above.clock = d.clock
	pack, err := rules.Load("reference")
	must(t, err)
	packs := map[string]*rules.Pack{"dibao": pack}
	d.above.desk, err = desk.New(desk.Options{Store: d.above.store, Ledger: d.above.ledger, Audit: d.above.audit, Packs: packs, Now: d.clock.Now, Answers: d.key})
	must(t, err)
	t.Cleanup(func() { must(t, d.above.desk.Close()) })
	d.node = desk.Caller{Subject: access.Subject{
		Account: "city-3401", Roles: access.RolesOf(access.Centre), Division: "3401", Purposes: []string{"dibao"}, Classes: access.AllClasses(), Certificate: true,
	}, Address: "10.1.0.1:5000"}
	d.link = &link{d: d, known: &engine.Upstream{Node: "省平台"}}
	d.link.known.Sources[household.Bank] = true
	d.publishCity("city")
	d.desk, err = desk.New(desk.Options{Store: d.store, Ledger: d.ledger, Audit: d.audit, Packs: packs, Now: d.clock.Now, Upper: d.link})
	must(t, err)
	t.Cleanup(func() { must(t, d.desk.Close()) })
	must(t, d.desk.RefreshUpper(t.Context()))
	return d
}

// publishCity publishes what the city holds: nothing of anybody, of every source but the
// bank.
func (d *docked) publishCity(id string) {
	t := d.t
	t.Helper()
	b, err := d.store.Begin(store.BuildOptions{})
	must(t, err)
	sec, err := b.Section(store.SectionPeople, profile.Version)
	must(t, err)
	var bld profile.Builder
	var digests changes.Builder
	bld.Reset()
	r := household.Record{Vehicle: household.VehicleRecord{VIN: []byte(id), Plate: []byte("皖A00001"), Class: 1, Status: 2}}
	bld.Add(household.Vehicle, profile.Origin{Snapshot: 1, File: 1, Row: 1}, profile.AppendOwner(nil, profile.Owner{Name: name}), profile.AppendContent(nil, household.Vehicle, &r))
	key, entry := household.PersonKey{Num: resident(500)}, bld.Append(nil)
	must(t, sec.Add(key, entry))
	must(t, digests.Add(key, bld.Fingerprint(entry)))
	must(t, sec.Close())
	must(t, digests.WriteTo(b))
	covers, _ := household.ParseMonths("2025-01..2026-10")
	var refs []store.SnapshotRef
	for i, src := range []household.Source{household.Tax, household.Vehicle, household.Property, household.Insurance} {
		ref := store.SnapshotRef{Ordinal: i, ID: fmt.Sprint(id, i), Source: src, Provider: src.String(), AsOf: 20261031}
		if src.IsFlow() {
			ref.Covers, ref.Supplies = covers, []household.Months{covers}
		}
		refs = append(refs, ref)
	}
	m, err := b.Seal(store.Contents{ProfileVersion: profile.Version, Snapshots: refs})
	must(t, err)
	must(t, d.store.Activate(m.ID))
}

// waits are the tasks that wait for the node above, by household.
func (d *docked) waits(state string) map[string]*ledger.Task {
	d.t.Helper()
	out := map[string]*ledger.Task{}
	must(d.t, ledger.All(d.t.Context(), d.ledger, ledger.TasksIn(desk.QueueUpstream, state, ""), func(t *ledger.Task) error {
		if strings.Contains(string(t.Body), name) || strings.Contains(string(t.Body), "3401041970") {
			d.t.Error("a task holds something personal")
		}
		out[t.Household] = t
		return nil
	}))
	return out
}

func parsed(t testing.TB, text []byte) *household.Verdict {
	t.Helper()
	v, err := household.ParseVerdict(text)
	must(t, err)
	return v
}

func bankOf(t testing.TB, a *desk.Answer) *household.SourceCoverage {
	t.Helper()
	return &parsed(t, a.JSON).Coverage[household.Bank]
}

// The city lacks the bank; the node above answers for it, judges the authorisation itself,
// and both have the look in their logs. The verdict is the one of a node that holds both.
func TestDocked(t *testing.T) {
	d := newDocked(t, 9)
	d.register(1, 3, 4)
	a := d.check(verifier, request(1, 3, 4))
	c := bankOf(t, a)
	if c.State != household.Upstream || len(c.Providers) != 1 || c.Providers[0].Node != "省平台" || c.Providers[0].State != household.Found || c.Providers[0].Snapshot != "bb" {
		t.Fatalf("bank %+v", c)
	}
	if a.Outcome != household.SuspectedIneligible || len(d.waits(desk.TaskOpen)) != 0 {
		t.Errorf("%s, %v", a.Outcome, d.waits(desk.TaskOpen))
	}
	// One node that holds everything says the same.
	whole := newWorld(t, 9)
	whole.register(1, 3, 4)
	b := whole.check(verifier, request(1, 3, 4))
	one, two := parsed(t, b.JSON), parsed(t, a.JSON)
	if len(one.Findings) != len(two.Findings) || one.Assets != two.Assets || one.Outcome != two.Outcome {
		t.Errorf("\n%s\n%s", b.JSON, a.JSON)
	}
	// The node above has the authorisation now, under the account of the city.
	held, err := ledger.Get[ledger.Authorization](t.Context(), d.above.ledger, "SQ340104-000001")
	must(t, err)
	paper, err := authorization.Decode(held.Body)
	must(t, err)
	if paper.RegisteredBy != "city-3401" || paper.Division != county {
		t.Errorf("registered %+v", paper)
	}
	// Both logs.
	if len(d.above.audit.looks) != 1 {
		t.Fatalf("the node above has %d looks", len(d.above.audit.looks))
	}
	look := d.above.audit.looks[0]
	if look.Who.Actor != "city-3401" || look.Action != "dock.evidence" || look.Purpose != "dibao" || len(look.Subjects) != 1 ||
		look.Subjects[0] != (audit.Subject{Household: householdNumber(1), Authorization: "SQ340104-000001"}) || !look.Reveal || fmt.Sprint(look.Fields) != "[bank]" {
		t.Errorf("look %+v", look)
	}
	asked := false
	for _, e := range d.audit.events {
		asked = asked || e.Operation == "dock.ask" && e.Object == "省平台" && e.Outcome == audit.Done && e.Subjects[0].Household == householdNumber(1)
	}
	if !asked || len(d.audit.looks) != 1 || len(d.above.audit.ends) != 1 || len(d.above.audit.ends[0]) != 1 {
		t.Errorf("the city's log: %+v", d.audit.events)
	}
	// Whoever asks what is held is told where.
	holds, err := d.desk.Coverage()
	must(t, err)
	for _, x := range holds.Sources {
		if (x.Upstream == "省平台") != (x.Source == household.Bank) || len(x.Deliveries) != 1 {
			t.Errorf("%s: %+v", x.Source, x)
		}
	}
	// The second time the authorisation is there, and the answer the same.
	before := d.link.asked
	again := d.check(verifier, request(1, 3, 4))
	if string(again.JSON) != string(a.JSON) || again.Verdict != a.Verdict || d.link.asked != before+1 {
		t.Errorf("asked %d times\n%s\n%s", d.link.asked-before, a.JSON, again.JSON)
	}
	// That somebody has nothing is said and proven.
	d.register(2, 100)
	none := d.check(verifier, request(2, 100))
	if c := bankOf(t, none); c.State != household.Upstream || c.Providers[0].State != household.None || none.Outcome != household.NoDiscrepancy {
		t.Errorf("%s %+v", none.Outcome, c)
	}
}

// A record that another node sent is kept beside the verdict that rests on it: it can be
// opened, and objected to.
func TestEvidenceOfAnotherNode(t *testing.T) {
	d := newDocked(t, 9)
	d.register(1, 3)
	a := d.check(verifier, request(1, 3))
	d.link.down = true
	opened, err := d.desk.OpenEvidence(t.Context(), verifier, a.Verdict, 1)
	must(t, err)
	if opened.Source != household.Bank || opened.Snapshot != "bb" || opened.AsOf != 20261031 || opened.Row != 4 || len(opened.Fields) == 0 {
		t.Errorf("%+v", opened)
	}
	if a.Case == "" {
		t.Fatal("no case")
	}
	d.link.down = false
	o, err := d.desk.FileObjection(t.Context(), verifier, a.Case, 1, "账户已注销")
	must(t, err)
	if o.Number != 1 {
		t.Errorf("%+v", o)
	}
	h, err := ledger.Get[ledger.Household](t.Context(), d.ledger, ledger.HouseholdID(householdNumber(1), "dibao"))
	must(t, err)
	if h.Verdict == a.Verdict || h.Outcome == household.SuspectedIneligible.String() {
		t.Errorf("the record counts although somebody objects to it: %s", h.Outcome)
	}
}

// An upper node that does not answer leaves the source pending, never none; when it is back
// the household is verified again without anybody asking, and the change is in the queue.
func TestPendingIsCompleted(t *testing.T) {
	d := newDocked(t, 9)
	d.register(1, 3)
	d.link.down = true
	a := d.check(verifier, request(1, 3))
	if c := bankOf(t, a); c.State != household.Pending || a.Outcome != household.Unverifiable {
		t.Fatalf("%s %+v", a.Outcome, c)
	}
	if w := d.waits(desk.TaskOpen); len(w) != 1 || w[householdNumber(1)] == nil || w[householdNumber(1)].Division != county {
		t.Fatalf("waits %+v", w)
	}
	looks := len(d.audit.looks)
	// Not before its time, and about nobody while the node can't be reached.
	again := func(want desk.Awaited) {
		t.Helper()
		got, err := d.desk.AskAgain(t.Context())
		if f, ok := errors.AsType[*dock.Failure](err); err != nil && (!ok || f.Code != dock.Unreachable) {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("asked again: %+v, want %+v", got, want)
		}
	}
	again(desk.Awaited{})
	d.clock.pass(time.Minute)
	again(desk.Awaited{})
	if len(d.audit.looks) != looks {
		t.Error("somebody was looked at while nobody could answer")
	}
	d.link.down = false
	again(desk.Awaited{Asked: 1, Answered: 1})
	h, err := ledger.Get[ledger.Household](t.Context(), d.ledger, ledger.HouseholdID(householdNumber(1), "dibao"))
	must(t, err)
	v, err := ledger.Get[ledger.Verdict](t.Context(), d.ledger, h.Verdict)
	must(t, err)
	if c := parsed(t, v.Body).Coverage[household.Bank]; c.State != household.Upstream || h.Outcome != household.SuspectedIneligible.String() || h.Verdict == a.Verdict {
		t.Errorf("%s %+v", h.Outcome, c)
	}
	x := d.changesIn()[householdNumber(1)]
	if x.Before != "unverifiable" || x.After != "suspected_ineligible" || fmt.Sprint(x.Reasons) != "[upstream]" || fmt.Sprint(x.Sources) != "[bank]" {
		t.Errorf("change %+v", x)
	}
	if len(d.waits(desk.TaskOpen)) != 0 || len(d.waits(desk.TaskDone)) != 1 {
		t.Error("it waits on")
	}
	// Nobody chose the household.
	if last := d.audit.looks[len(d.audit.looks)-1]; last.Who.Actor != "clock" || last.Batch != "upstream" {
		t.Errorf("%+v", last)
	}
	again(desk.Awaited{})
}

// What is waited for ends when the family takes its authorisation back, or a later day
// stands.
func TestWaitingEnds(t *testing.T) {
	d := newDocked(t, 9)
	d.link.down = true
	for h := range 3 {
		d.register(h+1, h)
		d.check(verifier, request(h+1, h))
	}
	_, err := d.desk.WithdrawAuthorization(t.Context(), intake, "SQ340104-000001", "撤回")
	must(t, err)
	d.link.down = false
	if _, err := d.desk.Check(t.Context(), verifier, request(2, 1), desk.CheckOptions{On: 20261102}); err != nil {
		t.Fatal(err)
	}
	d.clock.pass(time.Hour)
	asked := d.link.asked
	got, err := d.desk.AskAgain(t.Context())
	must(t, err)
	if got != (desk.Awaited{Asked: 2, Answered: 1, Ended: 1}) || len(d.waits(desk.TaskOpen)) != 0 {
		t.Errorf("%+v, %v", got, d.waits(desk.TaskOpen))
	}
	if d.link.asked != asked+2 { // of the third household alone, with and without its paper
		t.Errorf("%d questions", d.link.asked-asked)
	}
}

// Whatever is wrong with an answer, the source is pending and the log says why; nothing is
// ever taken for none.
func TestNothingButAGoodAnswerCounts(t *testing.T) {
	other, _, err := audit.NewKey()
	must(t, err)
	stranger, err := audit.ParsePrivateKey(other)
	must(t, err)
	edit := func(change func(a *dock.Answer)) func(d *docked) {
		return func(d *docked) {
			d.link.after = func(_ *dock.Question, s *dock.Sealed) *dock.Sealed {
				var a dock.Answer
				must(d.t, json.Unmarshal(s.Body, &a))
				change(&a)
				return resealed(d, &a)
			}
		}
	}
	for wantCode, tests := range map[string]map[string]func(d *docked){
		"unreachable": {"down": func(d *docked) { d.link.down = true }},
		"signature": {
			"another key": func(d *docked) {
				d.link.after = func(q *dock.Question, _ *dock.Sealed) *dock.Sealed {
					sealed, err := dock.SealAnswer(stranger, q, q.Generation, make([][]byte, len(q.Persons)), d.clock.Now())
					must(d.t, err)
					return sealed
				}
			},
			"another key with the number of the right one": func(d *docked) {
				d.link.after = func(q *dock.Question, s *dock.Sealed) *dock.Sealed {
					sealed, err := dock.SealAnswer(stranger, q, q.Generation, make([][]byte, len(q.Persons)), d.clock.Now())
					must(d.t, err)
					sealed.Key = s.Key
					return sealed
				}
			},
			"a byte is another": func(d *docked) {
				d.link.after = func(_ *dock.Question, s *dock.Sealed) *dock.Sealed {
					s.Body = []byte(strings.Replace(string(s.Body), `"entry"`, `"Entry"`, 1))
					return s
				}
			},
			"no signature": func(d *docked) {
				d.link.after = func(_ *dock.Question, s *dock.Sealed) *dock.Sealed { s.Signature = ""; return s }
			},
		},
		"nonce": {
			"an earlier answer": func(d *docked) {
				first := d.link.past
				d.link.after = func(*dock.Question, *dock.Sealed) *dock.Sealed { return first }
			},
			"another nonce": edit(func(a *dock.Answer) { a.Nonce = strings.Repeat("7", 32) }),
		},
		"another": {
			"of other sources": func(d *docked) {
				d.link.before = func(q *dock.Question) *dock.Question { x := *q; x.Sources = []string{"tax"}; return &x }
			},
			"of another day": func(d *docked) {
				d.link.before = func(q *dock.Question) *dock.Question { x := *q; x.On = "2026-10-31"; return &x }
			},
			"of another person": func(d *docked) {
				d.link.before = func(q *dock.Question) *dock.Question {
					x := *q
					b, _ := household.PersonKey{Num: resident(4)}.AppendBinary(nil)
					x.Persons = [][]byte{b, b}
					return &x
				}
			},
		},
		"persons": {
			"somebody is left out": edit(func(a *dock.Answer) { a.Persons = a.Persons[:1] }),
			"nobody is there":      edit(func(a *dock.Answer) { a.Persons = nil }),
			"they are swapped": edit(func(a *dock.Answer) {
				a.Persons[0].Person, a.Persons[1].Person = a.Persons[1].Person, a.Persons[0].Person
			}),
			"nothing is said of one":  edit(func(a *dock.Answer) { a.Persons[0].Entry = nil }),
			"both are said of one":    edit(func(a *dock.Answer) { a.Persons[0].None = true }),
			"somebody else is answer": edit(func(a *dock.Answer) { a.Persons[0].Person = []byte{1, 2, 3, 4, 5, 6, 7, 8} }),
		},
		"time":     {"signed long ago": edit(func(a *dock.Answer) { a.At = "2026-10-31T00:00:00Z" }), "signed tomorrow": edit(func(a *dock.Answer) { a.At = "2026-11-02T04:00:00Z" })},
		"outdated": {"of another generation": edit(func(a *dock.Answer) { a.Generation = strings.Repeat("0", 32) })},
		"form": {
			"an entry that is none":   edit(func(a *dock.Answer) { a.Persons[0].Entry = []byte("no entry") }),
			"more than was asked for": edit(func(a *dock.Answer) { a.Persons[0].Entry = taxEntry() }),
			"a refusal with records":  edit(func(a *dock.Answer) { a.Refusal = "no" }),
		},
		"version": {"of another version": edit(func(a *dock.Answer) { a.Version = 2 })},
		"refused.forbidden": {
			"no certificate":           func(d *docked) { d.node.Certificate = false },
			"a token for other things": func(d *docked) { d.node.Scopes = []access.Operation{access.Check} },
		},
		"refused.not_found": {"a node of another city": func(d *docked) { d.node.Division = "3402" }},
		"denied.authorization_withdrawn": {"withdrawn above": func(d *docked) {
			_, err := d.above.desk.WithdrawAuthorization(d.t.Context(), intake, "SQ340104-000001", "撤回")
			must(d.t, err)
		}},
	} {
		for what, spoil := range tests {
			t.Run(wantCode+"/"+what, func(t *testing.T) {
				d := newDocked(t, 9)
				d.register(1, 3, 4)
				good := d.check(verifier, request(1, 3, 4)) // the node above knows the authorisation, and has answered once
				if c := bankOf(t, good); c.State != household.Upstream {
					t.Fatalf("%+v", c)
				}
				spoil(d)
				a := d.check(verifier, request(1, 3, 4))
				if c := bankOf(t, a); c.State != household.Pending || c.Providers[0].State != household.Pending {
					t.Errorf("bank %+v", c)
				}
				if v := parsed(t, a.JSON); v.Outcome == household.NoDiscrepancy || v.Assets.Financial != 0 {
					t.Errorf("%s", a.JSON)
				}
				last := d.audit.last()
				if last.Operation != "dock.ask" || last.Outcome != audit.Failed || last.Code != wantCode {
					t.Errorf("the log has %+v, want %s", last, wantCode)
				}
				w := d.waits(desk.TaskOpen)[householdNumber(1)]
				if w == nil || !strings.Contains(string(w.Body), wantCode) {
					t.Errorf("task %+v", w)
				}
			})
		}
	}
}

func resealed(d *docked, a *dock.Answer) *dock.Sealed {
	body, err := json.Marshal(a)
	must(d.t, err)
	signature, key, err := d.key.Sign(append([]byte("hedui dock answer 1\n"), body...))
	must(d.t, err)
	return &dock.Sealed{Body: body, Key: key, Signature: fmt.Sprintf("%x", signature)}
}

func taxEntry() []byte {
	var b profile.Builder
	b.Reset()
	r := household.Record{Tax: household.TaxRecord{RecordNo: []byte("T1"), Period: 2026*12 + 1, IncomeType: 1, Income: 1}}
	b.Add(household.Tax, profile.Origin{Snapshot: 1, File: 1, Row: 1}, profile.AppendOwner(nil, profile.Owner{Name: name}), profile.AppendContent(nil, household.Tax, &r))
	return b.Append(nil)
}

// A new generation above is taken up, and what the city says follows it.
func TestTheUpperNodePublishes(t *testing.T) {
	d := newDocked(t, 9)
	d.register(1, 3)
	before := d.check(verifier, request(1, 3))
	d.above.take(9, func(int) household.Fen { return 1 })
	after := d.check(verifier, request(1, 3))
	if c := bankOf(t, after); before.Outcome != household.SuspectedIneligible || after.Outcome != household.NoDiscrepancy || c.State != household.Upstream {
		t.Errorf("%s, then %s: %+v", before.Outcome, after.Outcome, c)
	}
}

// A recheck does not judge a verdict as if the other node's records had vanished: it leaves
// the household to be asked about again.
func TestRecheckAsksTheUpperNode(t *testing.T) {
	d := newDocked(t, 9)
	for h := range 4 {
		d.register(h+1, h)
		d.check(verifier, request(h+1, h))
	}
	if r := d.recheck(false); r.Upstream != 4 || r.Again != 0 || r.Later != 0 {
		t.Errorf("%+v", r)
	}
	d.publishCity("next")
	_, err := d.desk.Refresh(t.Context())
	must(t, err)
	if r := d.recheck(false); r.Upstream != 4 || r.Again != 0 || r.Changed != 0 || r.Reasons["upstream"] != 4 {
		t.Errorf("%+v", r)
	}
	d.above.take(9, func(i int) household.Fen { return household.Fen(100 * i) }) // the third is rich no more
	if _, err := d.desk.AskAgain(t.Context()); err != nil {
		t.Fatal(err)
	}
	x := d.changesIn()
	if c := x[householdNumber(4)]; len(x) != 2 || c.Before != "suspected_ineligible" || c.After != "no_discrepancy" { // the first too
		t.Errorf("changes %+v", x)
	}
	for h := range 4 {
		e, err := ledger.Get[ledger.Household](t.Context(), d.ledger, ledger.HouseholdID(householdNumber(h+1), "dibao"))
		must(t, err)
		if e.Outcome != household.NoDiscrepancy.String() || e.Generation != d.desk.Generation() {
			t.Errorf("%d: %s of %s", h, e.Outcome, e.Generation)
		}
	}
}

// The households of a batch wait for the node above, which nobody asks in the middle of one.
func TestBatchOfADockedNode(t *testing.T) {
	d := newDocked(t, 30)
	var lines strings.Builder
	for h := range 30 {
		d.register(h, h)
		fmt.Fprintf(&lines, "%s\n", request(h, h))
	}
	got, err := d.batch(centre, lines.String())
	must(t, err)
	if n := got.outcomes[household.Unverifiable].Load(); n != 30 || len(d.waits(desk.TaskOpen)) != 30 || d.link.asked != 0 {
		t.Fatalf("%d unverifiable, %d wait, %d questions", n, len(d.waits(desk.TaskOpen)), d.link.asked)
	}
	d.clock.pass(time.Minute)
	again, err := d.desk.AskAgain(t.Context())
	must(t, err)
	if again != (desk.Awaited{Asked: 30, Answered: 30}) || len(d.changesIn()) != 30 {
		t.Errorf("%+v, %d changes", again, len(d.changesIn()))
	}
	for h := range 30 {
		e, err := ledger.Get[ledger.Household](t.Context(), d.ledger, ledger.HouseholdID(householdNumber(h), "dibao"))
		must(t, err)
		want := household.NoDiscrepancy
		if h%3 == 0 {
			want = household.SuspectedIneligible
		}
		if e.Outcome != want.String() {
			t.Errorf("%d: %s", h, e.Outcome)
		}
	}
}

// The node above judges by its own register. What the city has amended since it learns by
// the authorisation itself, and takes it from nobody else.
func TestTheUpperNodeJudges(t *testing.T) {
	d := newDocked(t, 9)
	q := func(change func(q *dock.Question)) *dock.Question {
		key, _ := household.PersonKey{Num: resident(3)}.AppendBinary(nil)
		x := &dock.Question{
			Nonce: strings.Repeat("1", 32), Node: "省平台", Generation: d.link.known.Generation, Household: householdNumber(1), Authorization: "SQ340104-000001",
			Division: county, Scheme: "dibao", On: "2026-11-01", Sources: []string{"bank"}, Persons: [][]byte{key},
		}
		change(x)
		return x
	}
	paperOf := func(change func(a *authorization.Authorization)) []byte {
		a := paper(1, 3)
		a.RegisteredBy, a.RegisteredAt, a.Version = "x", noon, 1
		change(&a)
		return authorization.Encode(&a)
	}
	as := func(*dock.Question) {}
	says := func(q *dock.Question) string {
		s, err := d.above.desk.DockEvidence(t.Context(), d.node, q)
		if r, ok := desk.Refused(err); ok {
			return string(r.Code)
		}
		must(t, err)
		_, err = dock.OpenAnswer(s, d.by, q, d.clock.Now())
		if f, ok := errors.AsType[*dock.Failure](err); ok {
			return f.Detail
		}
		must(t, err)
		return "answers"
	}
	limited := func(a *authorization.Authorization) { a.Classes = authorization.Classes{household.Tax: true} }
	unsigned := func(a *authorization.Authorization) { a.Members[0].Signature = authorization.Signature{} }
	with := func(change func(a *authorization.Authorization)) func(q *dock.Question) {
		return func(q *dock.Question) { q.Paper = paperOf(change) }
	}
	reads := d.above.store.count()
	for _, tt := range []struct {
		what string
		q    *dock.Question
		want string
	}{
		{"no paper", q(as), "authorization_unknown"},
		{"no paper at all", q(func(q *dock.Question) { q.Paper = []byte("x") }), "invalid_field"},
		{"the paper of another household", q(with(func(a *authorization.Authorization) { a.Household = householdNumber(2) })), "invalid_field"},
		{"a paper of another city", q(func(q *dock.Question) {
			q.Division = "340203"
			q.Paper = paperOf(func(a *authorization.Authorization) { a.Division = "340203" })
		}), "not_found"},
		{"a paper of a scheme that is not the node's", q(with(func(a *authorization.Authorization) { a.Purposes = []string{"tekun"} })), "not_found"},
		{"a paper without the bank", q(with(limited)), "authorization_data_class"},
		{"the same again, without it", q(as), "authorization_data_class"},
		{"a later state that nobody signed", q(with(func(a *authorization.Authorization) { unsigned(a); a.Version = 2 })), "invalid_field"},
		{"the same state said otherwise", q(with(func(*authorization.Authorization) {})), "authorization_data_class"},
		{"the day is outside", q(func(q *dock.Question) {
			q.On = "2027-01-01"
			q.Paper = paperOf(func(a *authorization.Authorization) { a.Version = 3 })
		}), "authorization_expired"},
		{"another household's number", q(func(q *dock.Question) { q.Household = householdNumber(2) }), "authorization_household"},
		{"somebody who is not on it", q(func(q *dock.Question) { q.Persons[0], _ = household.PersonKey{Num: resident(4)}.AppendBinary(nil) }), "authorization_members"},
		{"another scheme", q(func(q *dock.Question) { q.Scheme = "tekun" }), "authorization_unknown"},
		{"nobody", q(func(q *dock.Question) { q.Persons = nil }), "invalid_field"},
		{"no source", q(func(q *dock.Question) { q.Sources = nil }), "invalid_field"},
		{"the register of people", q(func(q *dock.Question) { q.Sources = []string{"register"} }), "invalid_field"},
		{"a document for a number", q(func(q *dock.Question) { q.Household = idNumber(3) }), "invalid_field"},
		{"another generation", q(func(q *dock.Question) { q.Generation = strings.Repeat("0", 32) }), "changed"},
	} {
		if got := says(tt.q); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.what, got, tt.want)
		}
	}
	if n := d.above.store.count() - reads; n != 0 || len(d.above.audit.looks) != 0 {
		t.Errorf("%d reads, %d looks", n, len(d.above.audit.looks))
	}
	if got := says(q(as)); got != "answers" || len(d.above.audit.looks) != 1 {
		t.Errorf("%s, %d looks", got, len(d.above.audit.looks))
	}
	// Of the sources asked for and no others.
	other := q(func(q *dock.Question) { q.Sources = []string{"tax", "vehicle"} })
	sealed, err := d.above.desk.DockEvidence(t.Context(), d.node, other)
	must(t, err)
	if held, err := dock.OpenAnswer(sealed, d.by, other, d.clock.Now()); err != nil || held[0] != nil {
		t.Errorf("asked for taxes it says %d bytes, %v", len(held[0]), err)
	}
	// One that somebody registered here is theirs.
	d.above.register(2, 5)
	theirs := q(func(q *dock.Question) {
		q.Household, q.Authorization = householdNumber(2), "SQ340104-000002"
		q.Paper = paperOf(func(a *authorization.Authorization) {
			a.Household, a.Number, a.Version = householdNumber(2), "SQ340104-000002", 9
		})
	})
	if got := says(theirs); got != "authorization_members" {
		t.Errorf("%s: the node has put its paper in the place of another's", got)
	}
	// And nothing without the log.
	d.above.audit.fail = errBoom
	if _, err := d.above.desk.DockEvidence(t.Context(), d.node, q(as)); err == nil {
		t.Error("answered without the log")
	}
}
