package desk

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/review"
)

// The queues of tasks that cases make.
const (
	QueueRecheck  = "recheck"  // a household to be verified again without or with a record
	QueueReopened = "reopened" // a verdict that used a record which was wrong
	QueueNotice   = "notice"   // a household to be given notice
	QueueSeeds    = "seeds"    // how a planted case was answered
)

// States of tasks and tickets.
const (
	TaskOpen   = "open"
	TaskDone   = "done"
	TaskCaught = "caught" // of a planted case
	TaskMissed = "missed"
	TicketSent = "sent"
)

// storedTask is the body of a task.
type storedTask struct {
	Scheme  string `json:"scheme,omitempty"`
	Case    string `json:"case,omitempty"`
	Verdict string `json:"verdict,omitempty"`
	Record  string `json:"record,omitempty"` // reference
	Person  string `json:"person,omitempty"`
	Reason  string `json:"reason,omitempty"`
}

// storedCorrection is the body of a ticket to a department.
type storedCorrection struct {
	Record record `json:"record"`
	AsOf   int32  `json:"as_of"`
	Reason string `json:"reason"`
	Case   string `json:"case"`
}

// again is a household to be verified again, and the task that says so.
type again struct {
	number, scheme string
	task           *ledger.Task // nil when there is none
}

// effects adds what an event brings for others to the change that stores its case, and
// returns the households to verify again when that is on the disk.
func (d *Desk) effects(ctx context.Context, s *storedCase, list []review.Effect, at time.Time, change *ledger.Change) ([]again, error) {
	var follow []again
	for _, e := range list {
		switch e.Kind {
		case review.RecheckWithout, review.RecheckWith:
			t, err := d.task(ctx, s, QueueRecheck, TaskOpen, at, change, storedTask{Scheme: s.Case.Scheme, Case: s.Case.ID, Verdict: s.Case.Verdict, Record: e.Record})
			if err != nil {
				return nil, err
			}
			follow = append(follow, again{s.Case.Household, s.Case.Scheme, t})
		case review.CorrectionTicket:
			if err := d.ticket(ctx, s, e.Record, at, change); err != nil {
				return nil, err
			}
		case review.ReopenVerdictsOf:
			more, err := d.reopen(ctx, s, e.Record, at, change)
			if err != nil {
				return nil, err
			}
			follow = append(follow, more...)
		case review.NoticeDue:
			if _, err := d.task(ctx, s, QueueNotice, TaskOpen, at, change, storedTask{Scheme: s.Case.Scheme, Case: s.Case.ID, Verdict: e.Verdict}); err != nil {
				return nil, err
			}
		case review.SeedAnswered:
			state := TaskMissed
			if e.Caught {
				state = TaskCaught
			}
			if _, err := d.task(ctx, s, QueueSeeds, state, at, change, storedTask{Scheme: s.Case.Scheme, Case: s.Case.ID, Person: e.Person}); err != nil {
				return nil, err
			}
		case review.NewCase, review.BecameFinal: // the one by whoever brought the verdict; the other stands in the case
		}
	}
	return follow, nil
}

// task adds a task about the household of a case.
func (d *Desk) task(_ context.Context, s *storedCase, queue, state string, at time.Time, change *ledger.Change, body storedTask) (*ledger.Task, error) {
	t := &ledger.Task{
		ID: hashID(queue, s.Case.ID, body.Verdict, body.Record, at.Format(time.RFC3339Nano)), Queue: queue, State: state,
		Household: s.Case.Household, Division: s.entry.Division, Severity: review.Severity(s.Case.State, s.Case.Outcome), At: ledger.At(at),
	}
	var err error
	if t.Body, err = json.Marshal(body); err != nil {
		return nil, err
	}
	change.Ops = append(change.Ops, ledger.Put(t))
	t.Version = 1 // once it is committed
	return t, nil
}

// ticket adds a ticket to the department whose record was wrong. There is one for each
// record, however often it is contested.
func (d *Desk) ticket(ctx context.Context, s *storedCase, ref string, at time.Time, change *ledger.Change) error {
	b, ok := s.record(ref)
	if !ok {
		return errors.New("case " + s.Case.ID + " does not know a record that was objected to")
	}
	id := hashID("correction", ref)
	if held, err := find[ledger.Correction](ctx, d.o.Ledger, id); held != nil || err != nil {
		return err
	}
	key, err := b.Record.key()
	if err != nil {
		return err
	}
	c := &ledger.Correction{ID: id, Department: b.Record.Provider, Record: personOf(d.o.Ledger, key), State: TaskOpen, At: ledger.At(at)}
	for _, o := range s.Case.Objections {
		if o.Record == ref && o.State == review.Upheld {
			c.Objection = o.ID
			body := storedCorrection{Record: b.Record, AsOf: int32(b.AsOf), Reason: o.Reason, Case: s.Case.ID}
			if c.Body, err = json.Marshal(body); err != nil {
				return err
			}
		}
	}
	change.Ops = append(change.Ops, ledger.Put(c))
	return nil
}

// reopen adds a task for every verdict that used a record which was wrong, and returns
// the households where such a verdict still stands.
func (d *Desk) reopen(ctx context.Context, s *storedCase, ref string, at time.Time, change *ledger.Change) ([]again, error) {
	b, ok := s.record(ref)
	if !ok {
		return nil, errors.New("case " + s.Case.ID + " does not know a record that was objected to")
	}
	used, err := d.verdictsUsing(ctx, &b.Record)
	if err != nil {
		return nil, err
	}
	var follow []again
	for _, v := range used {
		id := hashID(QueueReopened, v.ID, ref)
		if held, err := find[ledger.Task](ctx, d.o.Ledger, id); err != nil {
			return nil, err
		} else if held == nil {
			t := &ledger.Task{ID: id, Queue: QueueReopened, State: TaskOpen, Household: v.Household, Division: s.entry.Division, At: ledger.At(at)}
			if r, err := find[ledger.Request](ctx, d.o.Ledger, v.Request); err != nil {
				return nil, err
			} else if r != nil && r.Division != "" {
				t.Division = r.Division
			}
			if t.Body, err = json.Marshal(storedTask{Scheme: v.Scheme, Verdict: v.ID, Record: ref, Case: s.Case.ID}); err != nil {
				return nil, err
			}
			change.Ops = append(change.Ops, ledger.Put(t))
		}
		state, err := find[ledger.Household](ctx, d.o.Ledger, ledger.HouseholdID(v.Household, v.Scheme))
		if err != nil {
			return nil, err
		}
		stands := state != nil && state.Verdict == v.ID
		if stands && !slices.ContainsFunc(follow, func(a again) bool { return a.number == v.Household && a.scheme == v.Scheme }) {
			follow = append(follow, again{number: v.Household, scheme: v.Scheme})
		}
	}
	return follow, nil
}

// follow verifies households again. One that can't be verified now stays a task; that
// does not undo what brought it.
func (d *Desk) follow(ctx context.Context, c *Caller, list []again) error {
	for _, a := range list {
		if err := d.reverify(ctx, c, a); err != nil {
			if audited, ok := errors.AsType[*AuditError](err); ok {
				return audited
			}
			continue // the task stays
		}
	}
	return nil
}

// reverify verifies a household again as it was asked about last, on the day that its
// verdict is of, for what the caller did.
func (d *Desk) reverify(ctx context.Context, c *Caller, a again) error {
	state, err := find[ledger.Household](ctx, d.o.Ledger, ledger.HouseholdID(a.number, a.scheme))
	if err != nil || state == nil {
		return err
	}
	v, err := find[ledger.Verdict](ctx, d.o.Ledger, state.Verdict)
	if err != nil || v == nil {
		return err
	}
	r, err := find[ledger.Request](ctx, d.o.Ledger, v.Request)
	if err != nil || r == nil {
		return err
	}
	said, err := declarationIn(r)
	if err != nil {
		return err
	}
	again := *c
	again.Request = "" // a request of its own
	answer, err := d.ask(ctx, &asking{
		caller: &again, op: access.RecheckRun, channel: "recheck", own: true, line: said.Line,
		o: CheckOptions{On: state.On, Scheme: a.scheme},
	})
	if err != nil || answer.Refusal != "" || a.task == nil {
		return err
	}
	t := *a.task
	t.State = TaskDone
	return ledgerError(d.o.Ledger.Commit(ctx, ledger.Change{Ops: []ledger.Op{ledger.Put(&t)}}))
}
