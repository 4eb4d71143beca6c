package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/dock"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/recheck"
	"github.com/hedui/hedui/engine/register"
)

// QueueUpstream are the households that wait for the upper node. The time of a task is when
// the node is asked again.
const QueueUpstream = "upstream"

// storedWait is the body of a task of the queue. It holds nothing of anybody.
type storedWait struct {
	Scheme string         `json:"scheme"`
	On     household.Date `json:"on"`
	Tries  int            `json:"tries"`
	Code   string         `json:"code,omitempty"` // why there was no answer the last time
	// Withdrawn is the number of an authorisation that the upper node has to be told was
	// taken back; then nobody is asked about.
	Withdrawn string `json:"withdrawn,omitempty"`
}

// waitID is the task of a household in a scheme: there is one, however often it waits.
func waitID(number, scheme string) string { return hashID(QueueUpstream, number, scheme) }

// How long the upper node is left in peace, doubled after each try.
const (
	firstWait = 5 * time.Second
	longest   = 6 * time.Hour
)

func waitAfter(tries int) time.Duration {
	return min(firstWait<<min(tries, 20), longest)
}

// await adds to the change that keeps a verdict the task that the upper node is to be asked
// again, or ends the one that there is. Of a verdict that was waited for it adds what it
// says otherwise than the one before.
func (d *Desk) await(ctx context.Context, k *kept, stood *ledger.Household, change *ledger.Change) error {
	if d.o.Upper == nil && !k.waited && !k.awaits {
		return nil
	}
	t, err := find[ledger.Task](ctx, d.o.Ledger, waitID(k.number, k.scheme))
	if err != nil {
		return err
	}
	switch {
	case k.awaits:
		next, err := waitFor(t, k.number, k.found.Division, &storedWait{Scheme: k.scheme, On: k.on, Code: k.failure}, ledger.At(k.at.Time().Add(firstWait)))
		if err != nil {
			return err
		}
		change.Ops = append(change.Ops, ledger.Put(next))
	case t != nil && t.State == TaskOpen:
		t.State = TaskDone
		change.Ops = append(change.Ops, ledger.Put(t))
	}
	if !k.waited || stood == nil {
		return nil
	}
	return d.answered(ctx, k, stood, change)
}

// waitFor is the task of a household, over the one that there is.
func waitFor(t *ledger.Task, number, division string, w *storedWait, due ledger.Instant) (*ledger.Task, error) {
	if t == nil {
		t = &ledger.Task{ID: waitID(number, w.Scheme), Queue: QueueUpstream, Household: number}
	}
	t.State, t.Division, t.At = TaskOpen, division, due
	var err error
	t.Body, err = json.Marshal(w)
	return t, err
}

// answered adds the task that tells what a verdict says otherwise, now that the upper node
// has answered.
func (d *Desk) answered(ctx context.Context, k *kept, stood *ledger.Household, change *ledger.Change) error {
	var before register.State
	if err := new(register.Decoder).Decode(stood.Body, &before); err != nil {
		return fmt.Errorf("household %s: %w", stood.Key(), err)
	}
	c := recheck.Compare(&before.Last, &k.state.Last, recheck.Upstream)
	if c == nil || stood.Verdict == k.verdict {
		return nil
	}
	c.Household = k.number
	id := hashID(register.Changes, stood.Key(), stood.Verdict, k.verdict)
	if held, err := find[ledger.Task](ctx, d.o.Ledger, id); held != nil || err != nil {
		return err
	}
	t, err := register.Task(id, k.found.Division, k.scheme, hashID("run", QueueUpstream, k.generation.id, k.pack.Digest, k.on.String(), k.scheme), k.generation.id, k.at, c)
	if err != nil {
		return err
	}
	change.Ops = append(change.Ops, ledger.Put(t))
	return nil
}

// Awaited is what asking the upper node again came to.
type Awaited struct {
	Asked    int // households
	Answered int // of them with a verdict that waits no more
	Ended    int // of them that are waited for no more: refused, withdrawn, or asked about since
	Waiting  int // of them that wait on
}

// mostAwaited bounds what one AskAgain does.
const mostAwaited = 200

// AskAgain asks the upper node again about the households that wait for it and whose time
// has come, and verifies each whose answer is there: its authorisation is judged anew, and
// the verdict stands in place of the one that waited. Somebody calls it every few seconds;
// while the upper node can't be reached it asks about nobody. The error is one of the
// centre, or a *dock.Failure.
func (d *Desk) AskAgain(ctx context.Context) (out Awaited, err error) {
	due, err := d.due(ctx)
	if err != nil || len(due) == 0 {
		return out, err
	}
	if err := d.RefreshUpper(ctx); err != nil {
		return out, err
	}
	for _, t := range due {
		if err := ctx.Err(); err != nil {
			return out, err
		}
		out.Asked++
		if err := d.askAgain(ctx, t, &out); err != nil {
			return out, err
		}
	}
	return out, nil
}

// due are the tasks whose time has come, the longest due first.
func (d *Desk) due(ctx context.Context) ([]*ledger.Task, error) {
	q := ledger.TasksIn(QueueUpstream, TaskOpen, "")
	q.Limit = mostAwaited
	list, _, err := ledger.List[ledger.Task](ctx, d.o.Ledger, q)
	if err != nil {
		return nil, ledgerError(err)
	}
	now := ledger.At(d.o.Now())
	for i, t := range list {
		if t.At > now {
			return list[:i], nil
		}
	}
	return list, nil
}

// askAgain asks about one household.
func (d *Desk) askAgain(ctx context.Context, t *ledger.Task, out *Awaited) error {
	var w storedWait
	if json.Unmarshal(t.Body, &w) != nil {
		return fmt.Errorf("task %s: its body is not one", t.ID)
	}
	if w.Withdrawn != "" {
		return d.tellWithdrawn(ctx, t, &w, out)
	}
	stands, err := find[ledger.Household](ctx, d.o.Ledger, ledger.HouseholdID(t.Household, w.Scheme))
	if err != nil {
		return err
	}
	line, err := d.standingRequest(ctx, t.Household, w.Scheme)
	if err != nil {
		return err
	}
	if stands == nil || line == nil || stands.On > w.On { // erased, or a later day stands
		out.Ended++
		return d.endWait(ctx, t)
	}
	who := &Caller{}
	who.Account, who.Division = "clock", stands.Division
	answer, err := d.ask(ctx, &asking{
		caller: who, op: access.RecheckRun, channel: QueueUpstream, own: true, waited: true, line: line, o: CheckOptions{On: w.On, Scheme: w.Scheme},
	})
	if waits, ok := errors.AsType[*unansweredError](err); ok {
		out.Waiting++
		w.Tries, w.Code = w.Tries+1, waits.code
		err := d.waitOn(ctx, t, &w)
		if err == nil && (waits.code == dock.Unreachable || waits.code == dock.Slow) {
			err = &dock.Failure{Code: waits.code} // the others would wait for nothing
		}
		return err
	}
	if r, ok := Refused(err); ok && r.Code == Changed { // somebody is changing it: the next time
		out.Waiting++
		return d.waitOn(ctx, t, &w)
	}
	switch {
	case err != nil:
		return err
	case answer.Refusal != "":
		out.Ended++
		return d.endWait(ctx, t)
	}
	out.Answered++
	return nil
}

// endWait ends a task without an answer.
func (d *Desk) endWait(ctx context.Context, t *ledger.Task) error {
	t.State = TaskDone
	return d.putWait(ctx, t)
}

// waitOn puts off a task.
func (d *Desk) waitOn(ctx context.Context, t *ledger.Task, w *storedWait) error {
	next, err := waitFor(t, t.Household, t.Division, w, ledger.At(d.o.Now().Add(waitAfter(w.Tries))))
	if err != nil {
		return err
	}
	return d.putWait(ctx, next)
}

// putWait writes a task. Somebody who has changed it meanwhile knows better.
func (d *Desk) putWait(ctx context.Context, t *ledger.Task) error {
	err := d.o.Ledger.Commit(ctx, ledger.Change{Ops: []ledger.Op{ledger.Put(t)}})
	if errors.Is(err, ledger.ErrConflict) {
		return nil
	}
	return ledgerError(err)
}
