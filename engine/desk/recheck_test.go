package desk_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/register"
)

var clerk = desk.Caller{Subject: access.Subject{Account: "clerk"}}

// take publishes other balances and takes the generation up.
func (w *world) take(people int, balance func(int) household.Fen) {
	w.t.Helper()
	w.publish(people, balance)
	_, err := w.desk.Refresh(w.t.Context())
	must(w.t, err)
}

func (w *world) recheck(full bool) *desk.Rechecked {
	w.t.Helper()
	r, err := w.desk.Recheck(w.t.Context(), clerk, desk.RecheckOptions{Scheme: "dibao", On: 20261101, Full: full})
	must(w.t, err)
	return r
}

// changesIn are the tasks of the queue of changes.
func (w *world) changesIn() map[string]register.Change {
	w.t.Helper()
	out := map[string]register.Change{}
	must(w.t, ledger.All(w.t.Context(), w.ledger, ledger.TasksIn(register.Changes, register.Open, ""), func(t *ledger.Task) error {
		var c register.Change
		must(w.t, json.Unmarshal(t.Body, &c))
		if strings.Contains(string(t.Body), name) || strings.Contains(string(t.Body), "3401041970") {
			w.t.Error("a task holds something personal")
		}
		out[t.Household] = c
		return nil
	}))
	return out
}

// After a publish those are verified again whose people changed, what they are now is in
// the queue, and a second run finds nothing to do.
func TestRecheck(t *testing.T) {
	const people = 40
	w := newWorld(t, people)
	for h := range people {
		w.register(h, h)
		w.check(verifier, request(h, h))
	}
	if r := w.recheck(false); r.Registered != people || r.Again != 0 {
		t.Fatalf("nothing changed: %+v", r)
	}
	cases := func(h int) []*ledger.Case {
		list, _, err := ledger.List[ledger.Case](t.Context(), w.ledger, ledger.CasesOf(householdNumber(h)))
		must(t, err)
		return list
	}
	before := cases(9)
	w.take(people, func(i int) household.Fen {
		switch i {
		case 3: // was far above
			return 1_00
		case 4: // was below
			return 100_000_00_00
		}
		return balance(i)
	})
	r := w.recheck(false)
	want := &desk.Rechecked{
		Scheme: "dibao", Generation: w.desk.Generation(), Run: r.Run, Registered: people, Again: 2, Reasons: map[string]int64{"member": 2},
		People: r.People, Refused: map[string]int64{}, Changed: 2, Cases: 2,
		Moves: []desk.Move{{household.NoDiscrepancy, household.SuspectedIneligible, 1}, {household.SuspectedIneligible, household.NoDiscrepancy, 1}},
	}
	if d := cmp.Diff(want, r); d != "" {
		t.Fatal(d)
	}
	queue := w.changesIn()
	if c := queue[householdNumber(4)]; len(queue) != 2 || c.Before != "no_discrepancy" || c.After != "suspected_ineligible" || cmp.Diff(c.Reasons, []string{"member"}) != "" ||
		cmp.Diff(c.Sources, []string{"bank"}) != "" || len(c.Added) == 0 || c.Generation != r.Generation {
		t.Errorf("%+v", queue)
	}
	if len(cases(4)) != 1 {
		t.Error("no case was opened")
	}
	if d := cmp.Diff(before, cases(9)); d != "" {
		t.Error("a case of another household was touched", d)
	}
	if r := w.recheck(false); r.Again != 0 || len(w.changesIn()) != 2 {
		t.Errorf("a second run: %+v", r)
	}
	digest, err := w.ledger.Digest(t.Context())
	must(t, err)
	if r, err := w.desk.Recheck(t.Context(), clerk, desk.RecheckOptions{Scheme: "dibao", On: 20261101, Full: true, DryRun: true}); err != nil || r.Again != people {
		t.Errorf("%+v, %v", r, err)
	}
	if after, err := w.ledger.Digest(t.Context()); err != nil || after != digest {
		t.Error("a dry run wrote something")
	}
}

// What is withdrawn is not looked at again, also in the middle of a run.
func TestRecheckWithdrawn(t *testing.T) {
	w := newWorld(t, 12)
	for h := range 12 {
		w.register(h, h)
		w.check(verifier, request(h, h))
	}
	_, err := w.desk.WithdrawAuthorization(t.Context(), intake, paper(2).Number, "撤回")
	must(t, err)
	if r := w.recheck(false); r.Again != 1 || r.Refused["authorization_withdrawn"] != 1 {
		t.Errorf("nothing but an authorisation changed: %+v", r)
	}
	w.take(12, func(i int) household.Fen { return balance(i) + 100 })
	withdrawn := false
	w.ledger.before = func(c ledger.Change) {
		if !withdrawn && len(c.Ops) > 3 {
			withdrawn = true
			_, err := w.desk.WithdrawAuthorization(t.Context(), intake, paper(5).Number, "撤回")
			must(t, err)
		}
	}
	state := func(h int) ledger.Version {
		e, err := ledger.Get[ledger.Household](t.Context(), w.ledger, ledger.HouseholdID(householdNumber(h), "dibao"))
		must(t, err)
		return e.Version
	}
	second := state(2)
	r := w.recheck(false)
	if r.Again != 12 || r.Refused["authorization_withdrawn"] != 1 || r.Left != 1 || !withdrawn || state(2) != second {
		t.Errorf("%+v", r)
	}
	for _, h := range []int{2, 5} {
		n := 0
		must(t, ledger.All(t.Context(), w.ledger, ledger.VerdictsOf(householdNumber(h)), func(*ledger.Verdict) error { n++; return nil }))
		if n != 1 {
			t.Errorf("household %d has %d verdicts", h, n)
		}
	}
	if r := w.recheck(false); r.Again != 2 || r.Refused["authorization_withdrawn"] != 2 || r.Left != 0 {
		t.Errorf("%+v", r)
	}
	// A year later nobody may be looked at.
	w.ledger.before = nil
	w.clock.pass(365 * 24 * time.Hour)
	if r := w.recheck(false); r.Again != 12 || r.Refused["authorization_expired"] != 10 {
		t.Errorf("%+v", r)
	}
}

// What a recheck leaves is what verifying everybody leaves: of every household the same
// substance, and the same verdicts, cases, requests and changes.
func TestRecheckIsFull(t *testing.T) {
	rounds, fewer, changed := 0, 0, int64(0)
	rapid.Check(t, func(rt *rapid.T) {
		rounds++
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		const people = 24
		one, all := newWorld(t, people), newWorld(t, people)
		both := func(fn func(w *world)) { fn(one); fn(all) }
		var households [][]int
		for i := 0; i < people; i += 2 {
			households = append(households, []int{i, i + 1})
		}
		balances := make([]household.Fen, people)
		for i := range balances {
			balances[i] = balance(i)
		}
		both(func(w *world) {
			for h, list := range households {
				w.register(h, list...)
				w.check(verifier, request(h, list...))
			}
		})
		for range 3 {
			for range rng.IntN(4) {
				h := rng.IntN(len(households))
				switch rng.IntN(8) {
				case 0:
					both(func(w *world) {
						_, err := w.desk.WithdrawAuthorization(t.Context(), intake, paper(h).Number, "撤回")
						must(t, err)
					})
				case 1: // asked about with one member less
					both(func(w *world) { w.check(verifier, request(h, households[h][0])) })
				case 2:
					both(func(w *world) {
						_, err := w.desk.MemberLeft(t.Context(), intake, paper(h).Number, 0, household.IDNumber(idNumber(households[h][1])), 20261030, "moved")
						if _, ok := desk.Refused(err); err != nil && !ok {
							t.Fatal(err)
						}
					})
				default:
					i := rng.IntN(people)
					balances[i] = [...]household.Fen{0, 100, 100_000_00_00, 200_000_00_00}[rng.IntN(4)]
				}
			}
			both(func(w *world) {
				w.clock.pass(time.Minute)
				w.take(people, func(i int) household.Fen { return balances[i] })
			})
			a, b := one.recheck(false), all.recheck(true)
			if a.Again < b.Again {
				fewer++
			}
			changed += a.Changed
			if d := cmp.Diff([]any{a.Changed, a.Moves, a.Cases, a.Left}, []any{b.Changed, b.Moves, b.Cases, b.Left}); d != "" {
				rt.Fatal(d)
			}
			if d := cmp.Diff(kept(t, all), kept(t, one)); d != "" {
				rt.Fatal(d)
			}
		}
	})
	if rounds == 0 || fewer < rounds || changed < int64(rounds) {
		t.Errorf("in %d rounds fewer were verified %d times, and %d verdicts changed", rounds, fewer, changed)
	}
}

// kept is what a ledger holds of households, without where each of them was read last.
func kept(t testing.TB, w *world) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, kind := range []ledger.Kind{ledger.KindVerdict, ledger.KindCase, ledger.KindTask, ledger.KindHousehold} {
		must(t, w.ledger.Scan(t.Context(), kind, func(r *ledger.Row) error {
			body := string(r.Body)
			if kind == ledger.KindVerdict { // the request has a number that nobody can guess
				e, err := ledger.Decode(*r)
				must(t, err)
				e.(*ledger.Verdict).Request = ""
				r.Fields = ledger.PutOver(e).Fields
			}
			if kind == ledger.KindTask { // why it was looked at is not what was found
				var c register.Change
				must(t, json.Unmarshal(r.Body, &c))
				c.Reasons = nil
				body = fmt.Sprintf("%+v", c)
			}
			if kind == ledger.KindHousehold {
				var d register.Decoder
				var s register.State
				must(t, d.Decode(r.Body, &s))
				body = fmt.Sprint(s.Substance, s.Outcome, s.Findings, s.Keys)
			}
			out[kind.String()+" "+r.ID] = string(r.Fields) + body
			return nil
		}))
	}
	return out
}

// A check answers what was amended too: nobody need look again after it.
func TestRecheckAfterACheck(t *testing.T) {
	w := newWorld(t, 2)
	w.register(0, 0, 1)
	w.check(verifier, request(0, 0, 1))
	_, err := w.desk.MemberLeft(t.Context(), intake, paper(0).Number, 0, household.IDNumber(idNumber(1)), 20261215, "moved")
	must(t, err)
	w.check(verifier, request(0, 0, 1))
	if r := w.recheck(false); r.Registered != 1 || r.Again != 0 {
		t.Errorf("%+v", r)
	}
}
