package submission_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/desk/desktest"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/submission"
)

// A batch that is sent twice by one key is one batch, unless it is another.
func TestBatchSentTwice(t *testing.T) {
	w := newWorld(t, 20)
	lines := w.households(10)
	keyed := order
	keyed.Key = "2026-11"
	first, err := w.office.Submit(t.Context(), centre, keyed, coming(lines...))
	must(t, err)
	again, err := w.office.Submit(t.Context(), centre, keyed, coming(lines...))
	must(t, err)
	if again.ID != first.ID {
		t.Error("it is another batch")
	}
	_, err = w.office.Submit(t.Context(), centre, keyed, coming(lines[1:]...))
	refusedAs(t, err, desk.Exists)
	another := keyed
	another.On = 20261101
	if first.On == another.On {
		another.On = 20261102
	}
	_, err = w.office.Submit(t.Context(), centre, another, coming(lines...))
	refusedAs(t, err, desk.Exists)
	another = keyed
	another.Rows = 10
	_, err = w.office.Open(t.Context(), centre, another) // the rows of that come by a topic
	refusedAs(t, err, desk.Exists)
	if list, _, err := w.office.List(t.Context(), centre, submission.Query{Mine: true}); err != nil || len(list) != 1 {
		t.Errorf("%d batches, %v", len(list), err)
	}
}

// A machine changes its own batches and no other's, of which it must not know either.
func TestBatchOfAMachineBeside(t *testing.T) {
	w := newWorld(t, 20)
	open, err := w.office.Open(t.Context(), centre, submission.Order{Scheme: "dibao", Rows: 5})
	must(t, err)
	beside := desktest.Official("centre-beside", desktest.County, access.Centre)
	_, err = w.office.Finish(t.Context(), beside, open.ID)
	refusedAs(t, err, desk.NotFound)
	_, err = w.office.Retry(t.Context(), beside, open.ID, false)
	refusedAs(t, err, desk.NotFound)
	own := centre
	own.Scopes = []access.Operation{access.BatchSubmit} // a token for nothing else
	if b, err := w.office.Finish(t.Context(), own, open.ID); err != nil || b.State != submission.Done {
		t.Errorf("%v", err)
	}
}

// What can't be received leaves no rows behind.
func TestBatchNotReceived(t *testing.T) {
	w := newWorld(t, 20)
	lines := w.households(7)
	broken := errors.New("the connection broke")
	_, err := w.office.Submit(t.Context(), centre, order, func(yield func(submission.Coming, error) bool) {
		for i := range 300 {
			if !yield(submission.Coming{Number: int64(i + 1), Line: lines[i%7]}, nil) {
				return
			}
		}
		yield(submission.Coming{}, broken)
	})
	if !errors.Is(err, broken) {
		t.Fatal(err)
	}
	_, err = w.office.Submit(t.Context(), centre, order, coming())
	refusedAs(t, err, desk.InvalidField)
	parts := 0
	must(t, ledger.All(t.Context(), w.Ledger, ledger.Every(ledger.KindPart), func(*ledger.Part) error { parts++; return nil }))
	if parts > 0 {
		t.Errorf("%d parts are left", parts)
	}
	if worked, err := w.office.Work(t.Context()); worked || err != nil {
		t.Errorf("worked %v, %v", worked, err)
	}
}

func TestQuotas(t *testing.T) {
	w := newWorld(t, 20)
	lines := w.households(7)
	o := w.newOffice(w.Ledger, submission.Limits{Rows: 5, Unfinished: 2, Daily: 12})
	submit := func(n int) error {
		_, err := o.Submit(t.Context(), centre, order, coming(lines[:n]...))
		return err
	}
	refusedAs(t, submit(6), submission.QuotaReached)
	must(t, submit(5))
	must(t, submit(5))
	refusedAs(t, submit(1), submission.QuotaReached) // two are unfinished
	w.work(o)
	refusedAs(t, submit(3), submission.QuotaReached) // of the day
	must(t, submit(2))
	w.work(o)
	w.Pass(24 * time.Hour)
	must(t, submit(3))
	_, err := o.Open(t.Context(), centre, submission.Order{Scheme: "dibao", Rows: 6})
	refusedAs(t, err, submission.QuotaReached)
}

// Whoever has nothing to do with a batch does not learn that there is one.
func TestBatchOfOthers(t *testing.T) {
	w := newWorld(t, 20)
	b := w.submit(w.households(7)...)
	_, err := w.office.Get(t.Context(), stranger, b.ID)
	refusedAs(t, err, desk.NotFound)
	_, err = w.office.Get(t.Context(), centre, "no such batch")
	refusedAs(t, err, desk.NotFound)
	_, err = w.office.Cancel(t.Context(), stranger, b.ID, "")
	refusedAs(t, err, desk.NotFound)
	other := desktest.Official("centre-340104-2", desktest.County, access.Centre)
	_, err = w.office.Rows(t.Context(), other, b.ID, func(*submission.Row) error { return nil })
	refusedAs(t, err, desk.NotFound)
	_, err = w.office.Rows(t.Context(), approver, b.ID, func(*submission.Row) error { return nil })
	refusedAs(t, err, desk.Forbidden)
	for _, c := range []struct {
		who  desk.Caller
		want int
	}{{centre, 1}, {stranger, 0}, {other, 0}, {approver, 1}} {
		if list, _, err := w.office.List(t.Context(), c.who, submission.Query{}); err != nil || len(list) != c.want {
			t.Errorf("%s sees %d batches, %v", c.who.Account, len(list), err)
		}
	}
	intake := desktest.Official("intake01", desktest.County, access.Intake)
	_, err = w.office.Submit(t.Context(), intake, order, coming(desktest.Request(1)))
	refusedAs(t, err, desk.Forbidden)
}

// A batch that is cancelled while it is answered ends there: what was answered can be
// fetched, the rest is gone.
func TestBatchCancelled(t *testing.T) {
	w := newWorld(t, 400)
	b := w.submit(w.households(400)...)
	l := &watched{Ledger: w.Ledger}
	o := w.newOffice(l, submission.Limits{})
	parts := 0
	l.before = func(c ledger.Change) {
		for _, op := range c.Ops {
			if op.Kind == ledger.KindPart {
				if parts++; parts == 2 {
					_, err := w.office.Cancel(context.WithoutCancel(t.Context()), approver, b.ID, "提交有误")
					must(t, err)
				}
			}
		}
	}
	w.work(o)
	got, err := w.office.Get(t.Context(), centre, b.ID)
	must(t, err)
	if got.State != submission.Cancelled || got.Reason != "提交有误" || got.Finished() == 0 || got.Finished() >= 400 {
		t.Errorf("%s with %d rows", got.State, got.Finished())
	}
	rows := w.rows(centre, b.ID)
	if int64(len(rows)) < got.Finished() || len(rows) >= 400 {
		t.Errorf("%d rows are left", len(rows))
	}
	_, err = w.office.Retry(t.Context(), centre, b.ID, false)
	refusedAs(t, err, desk.StateRefuses)
}

// watched is a ledger that does something before a change.
type watched struct {
	ledger.Ledger

	before func(ledger.Change)
	fail   func(ledger.Change) error
}

func (l *watched) Commit(ctx context.Context, c ledger.Change) error {
	if l.before != nil {
		l.before(c)
	}
	if l.fail != nil {
		if err := l.fail(c); err != nil {
			return err
		}
	}
	return l.Ledger.Commit(ctx, c)
}

// An account that is locked in the middle of its batch answers for no further row; when it
// is let in again the batch goes on.
func TestSenderGone(t *testing.T) {
	w := newWorld(t, 400)
	b := w.submit(w.households(300)...)
	l := &watched{Ledger: w.Ledger}
	o := w.newOffice(l, submission.Limits{})
	l.before = func(c ledger.Change) {
		for _, op := range c.Ops {
			if op.Kind == ledger.KindPart {
				w.mu.Lock()
				delete(w.accounts, centre.Account)
				w.mu.Unlock()
			}
		}
	}
	w.work(o)
	got, err := w.office.Get(t.Context(), verifier, b.ID)
	must(t, err)
	if got.State != submission.Stopped || got.Why != submission.SenderGone || got.Finished() == 0 || got.Finished() == 300 {
		t.Fatalf("%s %s with %d rows", got.State, got.Why, got.Finished())
	}
	l.before = nil
	w.accounts[centre.Account] = centre.Subject
	_, err = w.office.Retry(t.Context(), centre, b.ID, false)
	must(t, err)
	w.work(o)
	if got, err = w.office.Get(t.Context(), centre, b.ID); err != nil || got.State != submission.Done || got.Finished() != 300 || got.Counts.Again != 0 {
		t.Errorf("%s with %+v, %v", got.State, got.Counts, err)
	}
}

// What a batch was accepted for is gone: it stops, and goes on for what there is when
// somebody says so.
func TestGenerationGone(t *testing.T) {
	w := newWorld(t, 20)
	b := w.submit(w.households(7)...)
	w.Publish(10)
	_, err := w.Desk.Refresh(t.Context())
	must(t, err)
	must(t, w.Store.Drop(b.Generation))
	o := w.newOffice(w.Ledger, submission.Limits{})
	w.work(o)
	got, err := w.office.Get(t.Context(), centre, b.ID)
	must(t, err)
	if got.State != submission.Stopped || got.Why != submission.GenerationGone {
		t.Fatalf("%s %s", got.State, got.Why)
	}
	_, err = o.Retry(t.Context(), centre, b.ID, true)
	must(t, err)
	w.work(o)
	if got, err = w.office.Get(t.Context(), centre, b.ID); err != nil || got.State != submission.Done || got.Generation == b.Generation {
		t.Errorf("%s for %s, %v", got.State, got.Generation, err)
	}
}

// Workers that die anywhere, and others that take over, answer every row once.
func TestWorkersDie(t *testing.T) {
	w := newWorld(t, 600)
	lines := w.households(600)
	b := w.submit(lines...)
	dead := errors.New("killed")
	for n := 1; ; n++ {
		if n > 200 {
			t.Fatal("it does not end")
		}
		l := &watched{Ledger: w.Ledger}
		o := w.newOffice(l, submission.Limits{})
		count := 0
		after := n%3 == 0 // the change is written, and nobody hears of it
		l.fail = func(c ledger.Change) error {
			if count++; count <= n%5 {
				return nil
			}
			if after {
				if err := w.Ledger.Commit(t.Context(), c); err != nil {
					return err
				}
			}
			return dead
		}
		_, err := o.Work(t.Context())
		w.Pass(time.Minute) // longer than the lease
		got, getErr := w.office.Get(t.Context(), centre, b.ID)
		must(t, getErr)
		if got.State == submission.Done {
			break
		}
		if err != nil && !errors.Is(err, dead) {
			t.Fatalf("round %d: %v", n, err)
		}
	}
	got, err := w.office.Get(t.Context(), centre, b.ID)
	must(t, err)
	if got.Finished() != 600 {
		t.Errorf("%d rows are answered", got.Finished())
	}
	requests := 0
	must(t, ledger.All(t.Context(), w.Ledger, ledger.Every(ledger.KindRequest), func(*ledger.Request) error { requests++; return nil }))
	if requests != 600 {
		t.Errorf("%d requests are in the ledger", requests)
	}
}

// Two workers at one batch: one has it, the other comes when nothing moved for long.
func TestOneWorkerABatch(t *testing.T) {
	w := newWorld(t, 300)
	b := w.submit(w.households(300)...)
	l := &watched{Ledger: w.Ledger}
	first, second := w.newOffice(l, submission.Limits{}), w.newOffice(w.Ledger, submission.Limits{})
	tried := false
	l.before = func(c ledger.Change) {
		if tried || c.Fence == nil || c.Fence.To == c.Fence.From {
			return
		}
		tried = true
		if worked, err := second.Work(t.Context()); worked || err != nil {
			t.Errorf("the second worked: %v, %v", worked, err)
		}
		w.Pass(time.Minute)
		if worked, err := second.Work(t.Context()); !worked || err != nil {
			t.Errorf("the second did not take over: %v, %v", worked, err)
		}
	}
	must(t, func() error { _, err := first.Work(t.Context()); return err }())
	got, err := w.office.Get(t.Context(), centre, b.ID)
	must(t, err)
	if !tried || got.State != submission.Done || got.Finished() != 300 || got.Counts.Again != 0 {
		t.Errorf("%s with %+v", got.State, got.Counts)
	}
}

// The words of states and codes are what the pages and the documents list.
func TestStates(t *testing.T) {
	over := 0
	for _, s := range submission.States() {
		if s.Over() {
			over++
		}
	}
	if over != 3 || fmt.Sprint(submission.States()) != "[receiving open accepted running done cancelled stopped]" {
		t.Error(submission.States())
	}
}

// The generation of a batch that is not over is not dropped.
func TestGenerationIsKept(t *testing.T) {
	w := newWorld(t, 20)
	b := w.submit(w.households(3)...)
	w.Publish(10)
	_, err := w.Desk.Refresh(t.Context())
	must(t, err)
	kept := func() bool {
		list, err := w.Desk.Contested(t.Context())
		must(t, err)
		return slices.Contains(list, b.Generation)
	}
	if !kept() {
		t.Error("it may be dropped while the batch waits")
	}
	_, err = w.office.Cancel(t.Context(), centre, b.ID, "")
	must(t, err)
	if kept() {
		t.Error("it is kept for a batch that is over")
	}
}

// How far a batch is, is said while it is answered, and without reading its rows.
func TestBatchOnItsWay(t *testing.T) {
	w := newWorld(t, 400)
	b := w.submit(w.households(400)...)
	l := &watched{Ledger: w.Ledger}
	var seen []int64
	l.before = func(c ledger.Change) {
		for _, op := range c.Ops {
			if op.Kind == ledger.KindPart {
				got, err := w.office.Get(context.WithoutCancel(t.Context()), centre, b.ID)
				must(t, err)
				seen = append(seen, got.Finished())
				if n := got.Counts.Outcomes["refused"]; n != got.Counts.Refused {
					t.Errorf("%d are refused, %d counted", n, got.Counts.Refused)
				}
			}
		}
	}
	w.work(w.newOffice(l, submission.Limits{}))
	if fmt.Sprint(seen) != "[0 128 256 384]" {
		t.Errorf("finished: %v", seen)
	}
	if got, err := w.office.Get(t.Context(), centre, b.ID); err != nil || got.Finished() != 400 {
		t.Errorf("%+v, %v", got.Counts, err)
	}
}

// A batch that was accepted for other rules is not judged by those of the one before it,
// though all else is the same.
func TestRulesOfEachBatch(t *testing.T) {
	w := newWorld(t, 20)
	lines := w.households(7)
	first := w.submit(lines...)
	w.Pass(time.Minute) // batches are answered in the order in which they were accepted
	second := w.submit(lines[1:]...)
	e, err := ledger.Get[ledger.Batch](t.Context(), w.Ledger, second.ID)
	must(t, err)
	e.Pack = "reference 0 of last year"
	must(t, w.Ledger.Commit(t.Context(), ledger.Change{Ops: []ledger.Op{ledger.Put(e)}}))
	w.work(w.office)
	for id, want := range map[string]submission.State{first.ID: submission.Done, second.ID: submission.Stopped} {
		got, err := w.office.Get(t.Context(), centre, id)
		must(t, err)
		if got.State != want || want == submission.Stopped && (got.Why != submission.RulesChanged || got.Finished() > 0) {
			t.Errorf("%s %s with %d rows", got.State, got.Why, got.Finished())
		}
	}
}

// A batch that could not be received is sent again by the same key, as its sender is told.
func TestBatchSentAgain(t *testing.T) {
	w := newWorld(t, 20)
	lines := w.households(7)
	keyed := order
	keyed.Key = "2026-11"
	broken := errors.New("the connection broke")
	_, err := w.office.Submit(t.Context(), centre, keyed, func(yield func(submission.Coming, error) bool) {
		_ = yield(submission.Coming{Number: 1, Line: lines[0]}, nil) && yield(submission.Coming{}, broken)
	})
	if !errors.Is(err, broken) {
		t.Fatal(err)
	}
	_, err = w.newOffice(w.Ledger, submission.Limits{Daily: 3}).Submit(t.Context(), centre, keyed, coming(lines...))
	refusedAs(t, err, submission.QuotaReached)
	b, err := w.office.Submit(t.Context(), centre, keyed, coming(lines...))
	must(t, err)
	if b.State != submission.Accepted || b.Key != keyed.Key {
		t.Errorf("it is %s", b.State)
	}
}
