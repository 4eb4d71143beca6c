package submission

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/account"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
)

// Options of an office.
type Options struct {
	Desk   *desk.Desk
	Ledger ledger.Ledger
	Audit  desk.Audit
	Now    func() time.Time
	// Standing is who an account is now, by its name. The error is account.ErrNotFound or
	// account.ErrNotAllowed when nobody may act by it any more.
	Standing func(ctx context.Context, account string) (access.Subject, error)
	// Unjudged says that there are no accounts yet: whoever may write into the data
	// directory may do everything with every batch.
	Unjudged bool
	Limits   Limits
	Workers  int // that judge the rows of a part side by side; 0 is one for each core
	// Between is called between any two pieces of the work, by whoever gives way to others.
	Between func(context.Context) error
	Most    int    // rows that are kept in one change; 0 is as many as go in
	Name    string // of this process among those that answer batches
	Log     *slog.Logger
}

// Limits bound what one sender may have here. A zero is the usual one.
type Limits struct {
	Rows       int64         // of one batch
	Unfinished int           // batches that are not over
	Daily      int64         // rows accepted on one day
	Tries      int           // of a row that fails, before it is set aside
	Lease      time.Duration // after which a batch that nobody moved on is taken over
}

func (l Limits) withDefaults() Limits {
	if l.Rows <= 0 {
		l.Rows = 100_000
	}
	if l.Unfinished <= 0 {
		l.Unfinished = 20
	}
	if l.Daily <= 0 {
		l.Daily = 500_000
	}
	if l.Tries <= 0 {
		l.Tries = 3
	}
	if l.Lease <= 0 {
		l.Lease = 30 * time.Second
	}
	return l
}

// Office does what is asked of batches. It is safe for use by several goroutines.
type Office struct {
	o    Options
	pins pinned
}

// New returns an office.
func New(o Options) (*Office, error) {
	if o.Desk == nil || o.Ledger == nil || o.Audit == nil || o.Now == nil || o.Standing == nil && !o.Unjudged {
		return nil, errors.New("batches need a desk, a ledger, an audit log, a clock and the accounts")
	}
	o.Limits = o.Limits.withDefaults()
	if o.Name == "" {
		o.Name = newID()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Office{o: o}, nil
}

// Close lets the generations go that batches are pinned to.
func (o *Office) Close() error { return o.pins.close() }

// newID is a number that nobody has and nobody can guess: who knows the number of an open
// batch may send rows for it.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	text := hex.EncodeToString(b[:])
	return text[:8] + "-" + text[8:16] + "-" + text[16:24] + "-" + text[24:]
}

// The refusals of this package, beside those of the desk.
const (
	QuotaReached desk.Code = "quota"          // rows of a batch, batches, or rows of a day: see Fields
	NotOpen      desk.Code = "batch_not_open" // rows come by a topic for an open batch only
)

func refuse(c desk.Code, fields ...string) error { return &desk.Refusal{Code: c, Fields: fields} }

// event begins an event about a batch.
func event(c *desk.Caller, op access.Operation, batch string) audit.Event {
	return audit.Event{Who: c.Who(), Operation: op.String(), Request: c.Request, Object: batch, Outcome: audit.Done}
}

func (o *Office) note(e audit.Event) error {
	if err := o.o.Audit.Note(e); err != nil {
		return &desk.AuditError{Err: err}
	}
	return nil
}

// may asks the policy, of a batch or of any; a denial is taken down.
func (o *Office) may(c *desk.Caller, op access.Operation, b *Batch) error {
	if o.o.Unjudged {
		return nil
	}
	var reason access.Reason
	id, hide := "", false
	if b == nil {
		reason = access.May(c.Subject, op)
	} else if d := access.Decide(c.Subject, op, b.object()); !d.Allow {
		id, reason, hide = b.ID, d.Reason, d.Hide
	}
	if reason == "" {
		return nil
	}
	e := event(c, op, id)
	e.Outcome, e.Code = audit.Denied, string(reason)
	if err := o.note(e); err != nil {
		return err
	}
	if hide {
		return refuse(desk.NotFound)
	}
	return &desk.Refusal{Code: desk.Forbidden, Reason: string(reason)}
}

// sender is whoever sent a batch, as they stand now. own says that the owner of the machine
// did, before there were accounts. why is set when nobody answers for it any more.
func (o *Office) sender(ctx context.Context, b *Batch) (c desk.Caller, own bool, why Why, err error) {
	if b.body.Owner {
		if !o.o.Unjudged {
			return c, false, SenderGone, nil
		}
		c.Account = b.Sender
		return c, true, "", nil
	}
	if o.o.Standing == nil {
		return c, false, SenderGone, nil
	}
	c.Subject, err = o.o.Standing(ctx, b.Sender)
	switch {
	case errors.Is(err, account.ErrNotFound), errors.Is(err, account.ErrNotAllowed):
		return c, false, SenderGone, nil
	case err != nil:
		return c, false, "", fmt.Errorf("the account that sent batch %s: %w", b.ID, err)
	}
	if b.body.Scopes != nil { // a token's, and no more now than then
		c.Scopes = []access.Operation{}
		for _, name := range b.body.Scopes {
			if op, ok := access.ParseOperation(name); ok {
				c.Scopes = append(c.Scopes, op)
			}
		}
	}
	if access.May(c.Subject, access.BatchSubmit) != "" {
		return c, false, SenderGone, nil
	}
	return c, false, "", nil
}

// today is the day at the centre.
func (o *Office) today() household.Date { return o.o.Desk.Today() }
