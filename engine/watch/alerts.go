package watch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hedui/hedui/engine/audit/snoop"
	"github.com/hedui/hedui/engine/ledger"
)

// The queue of alerts and its states.
const (
	Queue  = "alerts"
	Open   = "open"
	Closed = "closed"
)

// Alert is an alert as the ledger keeps it: what was found, and how it was closed.
type Alert struct {
	snoop.Alert

	Closed *Closing `json:"closed,omitempty"` // nil while it is open
}

// Closing says how an alert was closed.
type Closing struct {
	By     string    `json:"by"` // account
	At     time.Time `json:"at"`
	Reason string    `json:"reason"`
}

// ErrClosed says that an alert was closed before.
var ErrClosed = errors.New("the alert is closed")

// alertID numbers the alert of an access: the entry it is of, and which of its households.
func alertID(seq int64, n int) string {
	if n == 0 {
		return fmt.Sprintf("a-%09d", seq)
	}
	return fmt.Sprintf("a-%09d-%d", seq, n)
}

const longestNumber = 128

// task is the entry of an alert. A queue is read by severity, the larger first: that of an
// alert is the number of its entry, so that the newest comes first.
func task(id, division string, a *Alert) (*ledger.Task, error) {
	at, err := time.Parse(time.RFC3339, a.Time)
	if err != nil {
		return nil, err
	}
	t := &ledger.Task{ID: id, Queue: Queue, State: Open, Household: a.Household, Division: division, Severity: int(a.Seq), At: ledger.At(at)}
	if len(t.Household) > longestNumber || strings.IndexByte(t.Household, 0) >= 0 {
		t.Household = "" // is no number that the ledger finds anything by
	}
	t.Body, err = json.Marshal(a)
	return t, err
}

// AlertOf is the alert of a task of the queue.
func AlertOf(t *ledger.Task) (a Alert, err error) {
	if t.Queue != Queue || json.Unmarshal(t.Body, &a) != nil {
		return a, bad("task " + t.ID)
	}
	return a, nil
}

// Alerts lists the alerts in a state, of a division and below it, newest first.
func Alerts(state, division string) ledger.Query { return ledger.TasksIn(Queue, state, division) }

// Find reads an alert, ledger.ErrNotFound when there is none.
func Find(ctx context.Context, l ledger.Ledger, id string) (*ledger.Task, Alert, error) {
	t, err := ledger.Get[ledger.Task](ctx, l, id)
	if err != nil {
		return nil, Alert{}, err
	}
	if t.Queue != Queue {
		return nil, Alert{}, ledger.ErrNotFound
	}
	a, err := AlertOf(t)
	return t, a, err
}

// Close closes an alert that was read with Find. The error is ErrClosed when it is closed,
// and ledger.ErrConflict when somebody was faster.
func Close(ctx context.Context, l ledger.Ledger, t *ledger.Task, a *Alert, c Closing) error {
	if t.State != Open {
		return ErrClosed
	}
	next, shut := *t, *a
	next.State, shut.Closed = Closed, &c
	var err error
	if next.Body, err = json.Marshal(shut); err != nil {
		return err
	}
	return l.Commit(ctx, ledger.Change{Ops: []ledger.Op{ledger.Put(&next)}})
}
