package submission

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/ledger"
)

// The states of a part.
const (
	partWaiting = "waiting" // its rows are to be answered
	partFailed  = "failed"  // answered, but for rows that were set aside
	partOutbox  = "outbox"  // answered, and to be sent
	partDone    = "done"
)

// positionOf is the topic of the position that says how far a batch is.
func positionOf(batch string) string { return "batch/" + batch }

// mark is what a worker leaves at a position.
type mark struct {
	Worker string         `json:"worker"`
	At     ledger.Instant `json:"at"`
	// Of a batch whose rows are here: what became of those of the parts before the position.
	Counts ledger.Counts `json:"counts,omitzero"`
	// Of a topic: its id, and the message before the position, by which it is known again.
	Topic string       `json:"topic,omitempty"`
	Last  *lastMessage `json:"last,omitempty"`
}

func (m *mark) text() []byte {
	b, _ := json.Marshal(m) // always can be
	return b
}

// Run answers batches whose rows are in the ledger, until ctx ends. An error of the ledger
// or the audit log does not end it: it waits and goes on.
func (o *Office) Run(ctx context.Context) {
	wait := idle
	for ctx.Err() == nil {
		worked, err := o.Work(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			o.o.Log.Error("a batch can't be answered now; it goes on later", slog.Any("error", err))
			wait = min(2*wait, time.Minute)
		case worked:
			wait = idle
			continue
		default:
			wait = idle
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// idle is how long nobody looks for another batch when there was none.
const idle = 500 * time.Millisecond

// Work answers the oldest batch that nobody works on, to its end. It reports whether there
// was one.
func (o *Office) Work(ctx context.Context) (worked bool, err error) {
	for _, state := range []State{Running, Accepted} {
		var ids []string
		q := ledger.BatchesBeing(string(state))
		q.Bare = true
		err := ledger.All(ctx, o.o.Ledger, q, func(e *ledger.Batch) error {
			ids = append(ids, e.ID)
			return nil
		})
		if err != nil {
			return false, ledgerError(err)
		}
		for _, id := range ids {
			done, err := o.work(ctx, id)
			if done || err != nil {
				return done, err
			}
		}
	}
	return false, nil
}

// working is a batch on its way.
type working struct {
	o      *Office
	b      *Batch
	epoch  int64
	at     int64         // rows worked off
	failed int           // rows set aside in turn
	counts ledger.Counts // of the parts before
}

// work answers one batch, unless somebody else does.
func (o *Office) work(ctx context.Context, id string) (bool, error) {
	b, err := o.read(ctx, id)
	if err != nil || b == nil || b.State.Over() {
		return false, err
	}
	w := &working{o: o, b: b}
	if taken, err := w.claim(ctx); !taken || err != nil {
		return false, err
	}
	if b.State == Accepted {
		b.State = Running
		if err := o.o.Ledger.Commit(ctx, ledger.Change{Ops: []ledger.Op{b.put()}}); err != nil {
			return false, unlessConflict(err)
		}
		b.entry.Version++
	}
	err = w.parts(ctx)
	switch {
	case errors.Is(err, ledger.ErrFenced), errors.Is(err, errOver): // somebody else's now
		return true, nil
	case err == nil:
		return true, o.end(ctx, b.ID, Done, "", w.fence(w.at, w.at))
	}
	if gone, ok := errors.AsType[*errWhy](err); ok {
		o.o.Log.Warn("a batch is stopped", slog.String("batch", b.ID), slog.String("why", string(gone.why)), slog.Any("error", gone.err))
		return true, o.end(ctx, b.ID, Stopped, gone.why, w.fence(w.at, w.at))
	}
	return true, err
}

// errOver says that a batch was ended by somebody while it was worked on.
var errOver = errors.New("the batch is over")

// claim takes a batch over, unless somebody moved it on lately.
func (w *working) claim(ctx context.Context) (bool, error) {
	p, err := ledger.Get[ledger.Position](ctx, w.o.o.Ledger, ledger.PositionID(positionOf(w.b.ID), 0))
	switch {
	case errors.Is(err, ledger.ErrNotFound):
		w.epoch = 1
	case err != nil:
		return false, ledgerError(err)
	default:
		var m mark
		if json.Unmarshal(p.Body, &m) == nil && m.Worker != w.o.o.Name && w.o.o.Now().Sub(m.At.Time()) < w.o.o.Limits.Lease {
			return false, nil
		}
		w.epoch, w.at, w.counts = p.Epoch+1, p.Offset, m.Counts
	}
	err = w.o.o.Ledger.Commit(ctx, ledger.Change{Fence: w.fence(w.at, w.at)})
	if errors.Is(err, ledger.ErrFenced) {
		return false, nil
	}
	return err == nil, ledgerError(err)
}

func (w *working) fence(from, to int64) *ledger.Fence {
	return &ledger.Fence{Topic: positionOf(w.b.ID), Epoch: w.epoch, From: from, To: to, Mark: w.mark(w.counts)}
}

func (w *working) mark(counts ledger.Counts) []byte {
	m := mark{Worker: w.o.o.Name, At: ledger.At(w.o.o.Now()), Counts: counts}
	return m.text()
}

// parts answers the parts of the batch in their order.
func (w *working) parts(ctx context.Context) error {
	c, own, why, err := w.o.sender(ctx, w.b)
	if err != nil {
		return err
	}
	if why != "" {
		return &errWhy{why, nil}
	}
	p, done, err := w.o.pin(ctx, w.b)
	if err != nil {
		return err
	}
	defer done()
	return ledger.All(ctx, w.o.o.Ledger, bounded(ledger.PartsOf(w.b.ID)), func(part *ledger.Part) error {
		again := part.State == partFailed && w.b.body.Again
		if part.State != partWaiting && !again {
			return nil
		}
		// Whether it was cancelled, and what the sender may do, is asked for every part.
		if b, err := w.o.read(ctx, w.b.ID); err != nil {
			return err
		} else if b == nil || b.State.Over() {
			return errOver
		}
		if c, own, why, err = w.o.sender(ctx, w.b); err != nil {
			return err
		} else if why != "" {
			return &errWhy{why, nil}
		}
		return w.part(ctx, c, own, p, part, again)
	})
}

// bounded reads few parts at once: each is as large as half a MiB.
func bounded(q ledger.Query) ledger.Query {
	q.Limit = 4
	return q
}

// part answers one part.
func (w *working) part(ctx context.Context, c desk.Caller, own bool, p *desk.Pinned, part *ledger.Part, again bool) error {
	items, err := decodeItems(part)
	if err != nil {
		return err
	}
	base := part.First - 1
	a := &answering{o: w.o, c: c, own: own, p: p, batch: w.b.ID, items: items}
	if again {
		a.only = func(x *item) bool { return x.Dead }
	} else {
		a.done = int(min(max(w.at-base, 0), part.Rows))
	}
	var counts ledger.Counts // of all parts up to this one, once it is answered
	a.change = func(from, to int) (change ledger.Change) {
		counts = w.counts
		if to == len(items) {
			next := *part
			next.State, next.Counts, next.At = partDone, countItems(items), ledger.At(w.o.o.Now())
			if next.Counts.Dead > 0 {
				next.State = partFailed
			}
			next.Body = encodeItems(slices.Clone(items))
			change.Ops = append(change.Ops, ledger.Put(&next))
			counts = ledger.Counts{}
			add(&counts, &w.counts)
			add(&counts, &next.Counts)
		}
		if !again {
			change.Fence = w.fence(base+int64(from), base+int64(to))
			change.Fence.Mark = w.mark(counts)
		}
		return change
	}
	set, err := a.run(ctx)
	if errors.Is(err, ledger.ErrErased) { // cancelled meanwhile
		return errOver
	}
	if err != nil {
		return err
	}
	if !again {
		w.at, w.counts = base+part.Rows, counts
	}
	if w.failed += set; set == 0 {
		w.failed = 0
	}
	if w.failed > mostFailed {
		return &errWhy{Unanswerable, nil}
	}
	return nil
}

// mostFailed is how many rows may be set aside, part after part, before it is the centre
// that has a fault and not the rows.
const mostFailed = 32

func unlessConflict(err error) error {
	if errors.Is(err, ledger.ErrConflict) {
		return nil
	}
	return ledgerError(err)
}
