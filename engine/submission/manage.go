package submission

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
)

// Query selects batches: those of a division and below it, or the caller's own.
type Query struct {
	Mine     bool
	Division string // "" is the caller's own
	State    State  // "" is any
	Cursor   string
	Limit    int // 0 is 50
}

// List lists batches, newest first, without those that the caller must not know of. A page
// may be shorter than its limit.
func (o *Office) List(ctx context.Context, c desk.Caller, q Query) (list []*Batch, next string, err error) {
	if err := o.may(&c, access.BatchList, nil); err != nil {
		return nil, "", err
	}
	lq := ledger.BatchesIn(access.Significant(q.Division))
	switch {
	case q.Mine:
		lq = ledger.BatchesOf(c.Account)
	case q.Division == "" && !o.o.Unjudged:
		lq = ledger.BatchesIn(access.Significant(c.Division))
	}
	lq.Cursor, lq.Limit = q.Cursor, q.Limit
	if lq.Limit <= 0 {
		lq.Limit = 50
	}
	page, next, err := ledger.List[ledger.Batch](ctx, o.o.Ledger, lq)
	if err != nil {
		return nil, "", ledgerError(err)
	}
	for _, e := range page {
		b, err := batchIn(e)
		if err != nil {
			return nil, "", err
		}
		if q.State != "" && b.State != q.State || !o.o.Unjudged && !access.Decide(c.Subject, access.BatchList, b.object()).Allow {
			continue
		}
		if err := o.count(ctx, b); err != nil {
			return nil, "", err
		}
		list = append(list, b)
	}
	return list, next, nil
}

// Get reads a batch and how far it is.
func (o *Office) Get(ctx context.Context, c desk.Caller, id string) (*Batch, error) {
	b, err := o.asked(ctx, &c, access.BatchRead, id)
	if err != nil {
		return nil, err
	}
	return b, o.count(ctx, b)
}

// asked reads the batch that something is asked of.
func (o *Office) asked(ctx context.Context, c *desk.Caller, op access.Operation, id string) (*Batch, error) {
	if err := o.may(c, op, nil); err != nil {
		return nil, err
	}
	b, err := o.read(ctx, id)
	if err != nil {
		return nil, err
	}
	if b == nil {
		return nil, refuse(desk.NotFound)
	}
	if op == access.BatchSubmit { // who must not know of a batch changes nothing in it
		reader := *c
		reader.Scopes = nil // what a token is for is asked below
		if err := o.may(&reader, access.BatchRead, b); err != nil {
			return nil, err
		}
	}
	return b, o.may(c, op, b)
}

// read reads a batch, nil when there is none.
func (o *Office) read(ctx context.Context, id string) (*Batch, error) {
	e, err := ledger.Get[ledger.Batch](ctx, o.o.Ledger, id)
	if errors.Is(err, ledger.ErrNotFound) || errors.Is(err, ledger.ErrErased) || errors.Is(err, ledger.ErrInvalid) {
		return nil, nil //nolint:nilnil // none is no error
	}
	if err != nil {
		return nil, ledgerError(err)
	}
	return batchIn(e)
}

// count says what became of the rows of a batch that is not over: by what its worker left at
// its position, of a topic by its parts, which are as many as the rows are large.
func (o *Office) count(ctx context.Context, b *Batch) error {
	if b.State.Over() {
		return nil
	}
	if b.Channel == Kafka {
		return o.sum(ctx, b)
	}
	p, err := ledger.Get[ledger.Position](ctx, o.o.Ledger, ledger.PositionID(positionOf(b.ID), 0))
	if errors.Is(err, ledger.ErrNotFound) {
		b.Counts = ledger.Counts{}
		return nil
	}
	if err != nil {
		return ledgerError(err)
	}
	var m mark
	if json.Unmarshal(p.Body, &m) != nil {
		return fmt.Errorf("position %s: its mark is not one", p.Key())
	}
	b.Counts = m.Counts
	return nil
}

// sum adds up what became of the rows of a batch by its parts.
func (o *Office) sum(ctx context.Context, b *Batch) error {
	b.Counts = ledger.Counts{}
	q := ledger.PartsOf(b.ID)
	q.Bare = true
	return ledgerError(ledger.All(ctx, o.o.Ledger, q, func(p *ledger.Part) error {
		add(&b.Counts, &p.Counts)
		return nil
	}))
}

// change changes the state of a batch, and reads it again when somebody else did meanwhile.
func (o *Office) change(ctx context.Context, c *desk.Caller, op access.Operation, id string, do func(*Batch) error) (*Batch, error) {
	for range 10 {
		b, err := o.asked(ctx, c, op, id)
		if err != nil {
			return nil, err
		}
		if err := do(b); err != nil {
			return nil, err
		}
		e := event(c, op, b.ID)
		e.Purpose, e.Code = b.Scheme, string(b.State)
		if err := o.note(e); err != nil {
			return nil, err
		}
		err = o.o.Ledger.Commit(ctx, ledger.Change{Ops: []ledger.Op{b.put()}})
		if !errors.Is(err, ledger.ErrConflict) {
			return b, ledgerError(err)
		}
	}
	return nil, refuse(desk.Changed)
}

// end writes down how a batch ended, unless it is over. fence is that of its worker, whom
// somebody may have taken it over from; nil for a batch that came by a topic.
func (o *Office) end(ctx context.Context, id string, state State, why Why, fence *ledger.Fence) error {
	for range 10 {
		b, err := o.read(ctx, id)
		if err != nil || b == nil || b.State.Over() {
			return err
		}
		if err := o.sum(ctx, b); err != nil {
			return err
		}
		b.State, b.Why, b.Ended = state, why, o.o.Now()
		if state == Done {
			b.body.Again = false
		}
		err = o.o.Ledger.Commit(ctx, ledger.Change{Ops: []ledger.Op{b.put()}, Fence: fence})
		if errors.Is(err, ledger.ErrFenced) {
			return nil
		}
		if !errors.Is(err, ledger.ErrConflict) {
			o.o.Log.Info("a batch is over", slog.String("batch", id), slog.String("state", string(state)), slog.String("why", string(why)), slog.Int64("rows", b.Finished()))
			return ledgerError(err)
		}
	}
	return fmt.Errorf("batch %s: %w", id, ledger.ErrConflict)
}

// Finish says that no more rows come for an open batch.
func (o *Office) Finish(ctx context.Context, c desk.Caller, id string) (*Batch, error) {
	return o.change(ctx, &c, access.BatchSubmit, id, func(b *Batch) error {
		if b.State != Open {
			return stateRefuses(b)
		}
		if err := o.sum(ctx, b); err != nil {
			return err
		}
		b.State, b.Ended = Done, o.o.Now()
		return nil
	})
}

// Cancel ends a batch. What was answered stays answered and can be fetched; the rows that
// nobody has answered are removed.
func (o *Office) Cancel(ctx context.Context, c desk.Caller, id, reason string) (*Batch, error) {
	if reason = strings.TrimSpace(reason); len(reason) > 500 {
		return nil, refuse(desk.InvalidField, "reason: at most 500 bytes")
	}
	b, err := o.change(ctx, &c, access.BatchCancel, id, func(b *Batch) error {
		if b.State == Done || b.State == Cancelled {
			return stateRefuses(b)
		}
		if err := o.sum(ctx, b); err != nil {
			return err
		}
		b.State, b.Why, b.Reason, b.Ended = Cancelled, "", reason, o.o.Now()
		return nil
	})
	if err != nil {
		return nil, err
	}
	return b, o.erase(ctx, b)
}

// Retry lets a stopped batch go on, or has the rows of a finished one asked again that were
// set aside. anew accepts it for the generation and the rules of today: what was answered
// before stays as it was answered.
func (o *Office) Retry(ctx context.Context, c desk.Caller, id string, anew bool) (*Batch, error) {
	return o.change(ctx, &c, access.BatchSubmit, id, func(b *Batch) error {
		switch {
		case b.State == Stopped && b.Channel == Kafka:
			b.State = Open
		case b.State == Stopped, b.State == Done && b.Channel != Kafka && b.Counts.Dead > 0:
			b.State = Accepted
		default:
			return stateRefuses(b)
		}
		b.Why, b.body.Again = "", true
		if !anew {
			return nil
		}
		p, err := o.o.Desk.Pin(ctx, "", b.Scheme, b.On)
		if err != nil {
			return err
		}
		if p.Generation() != b.Generation || p.Rules() != b.Rules {
			b.body.Before = append(b.body.Before, pins{b.Generation, b.Rules})
			b.Generation, b.Rules = p.Generation(), p.Rules()
		}
		return p.Close()
	})
}

// stateRefuses is the refusal of what a batch in its state does not take.
func stateRefuses(b *Batch) error {
	return &desk.Refusal{Code: desk.StateRefuses, Reason: string(b.State)}
}

// Rows gives every row of a batch in order: of a file as they stood there, of a topic by
// partition and offset. It is an export: the audit log has it before the first row is given.
func (o *Office) Rows(ctx context.Context, c desk.Caller, id string, give func(*Row) error) (*Batch, error) {
	b, err := o.asked(ctx, &c, access.BatchExport, id)
	if err != nil {
		return nil, err
	}
	e := event(&c, access.BatchExport, b.ID)
	e.Purpose = b.Scheme
	if err := o.note(e); err != nil {
		return nil, err
	}
	if err := o.count(ctx, b); err != nil {
		return nil, err
	}
	return b, ledger.All(ctx, o.o.Ledger, ledger.PartsOf(b.ID), func(p *ledger.Part) error {
		items, err := decodeItems(p)
		if err != nil {
			return err
		}
		for i := range items {
			if items[i].Again && b.Channel == Kafka { // delivered once more: the row is given where it was answered
				continue
			}
			row, err := o.row(ctx, p, &items[i])
			if err != nil {
				return err
			}
			if err := give(row); err != nil {
				return err
			}
		}
		return nil
	})
}

// row is an item as its sender gets it.
func (o *Office) row(ctx context.Context, p *ledger.Part, x *item) (*Row, error) {
	r := &Row{
		Number: x.Number, Partition: p.Partition, Household: x.Household, Division: x.Division, Outcome: household.OutcomeOf(x.Outcome),
		Region: x.Region, Case: x.Case, Refusal: x.Refusal, Unread: x.Unread, Dead: x.Dead, Request: x.Request, Verdict: x.Verdict,
	}
	switch {
	case x.Unread != nil:
		r.Refusal, r.Household, r.Region = x.Unread.Code, x.Unread.Household, x.Unread.Region
	case x.Dead:
	case x.Request == "":
		r.Waiting = true
	case len(x.line) > 0:
		r.Line = x.line
	default:
		a, err := o.o.Desk.RowAnswered(ctx, x.Request)
		if err != nil {
			return nil, err
		}
		if a != nil { // else a rule of retention has removed it
			r.Line = a.Line
		}
	}
	return r, nil
}
