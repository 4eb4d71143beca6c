package submission

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"iter"
	"slices"
	"strconv"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
)

// Order is what somebody wants a batch for.
type Order struct {
	Scheme  string
	On      household.Date // 0 is today at the centre
	Channel Channel
	Title   string // what the sender calls it
	Key     string // by which the sender sends it once: the same again gives the same batch; "" for none
	Rows    int64  // of a topic: how many will come
}

// maxTitle bounds what a sender calls a batch, in bytes.
const maxTitle = 200

func (o *Order) check() (wrong []string) {
	if !household.IsSlug(o.Scheme) {
		wrong = append(wrong, "scheme: which one the households are checked for")
	}
	if len(o.Title) > maxTitle {
		wrong = append(wrong, fmt.Sprintf("name: at most %d bytes", maxTitle))
	}
	if len(o.Key) > maxTitle {
		wrong = append(wrong, fmt.Sprintf("key: at most %d bytes", maxTitle))
	}
	return wrong
}

// Submit takes a batch whose rows are all there, in their order. It is accepted when every
// row is in the ledger; nobody has been looked at then.
func (o *Office) Submit(ctx context.Context, c desk.Caller, order Order, rows iter.Seq2[Coming, error]) (*Batch, error) {
	b, err := o.begin(ctx, &c, &order, Receiving)
	if err != nil {
		return nil, err
	}
	if b.State != Receiving { // sent before
		return b, o.same(ctx, b, rows)
	}
	taken := &taking{o: o, b: b, sum: sha256.New()}
	for row, err := range rows {
		if err == nil {
			err = taken.add(ctx, row)
		}
		if err != nil {
			return nil, errors.Join(err, o.abandon(context.WithoutCancel(ctx), b))
		}
	}
	if err := taken.flush(ctx); err != nil {
		return nil, errors.Join(err, o.abandon(context.WithoutCancel(ctx), b))
	}
	b.Rows, b.Digest, b.State = taken.rows, hex.EncodeToString(taken.sum.Sum(nil)), Accepted
	if b.Rows == 0 {
		return nil, errors.Join(refuse(desk.InvalidField, "rows: the file has none"), o.abandon(context.WithoutCancel(ctx), b))
	}
	return b, o.accept(ctx, &c, b)
}

// Open takes a batch whose rows will come by a topic. Its number is what its messages name.
func (o *Office) Open(ctx context.Context, c desk.Caller, order Order) (*Batch, error) {
	order.Channel = Kafka
	if order.Rows <= 0 || order.Rows > o.o.Limits.Rows {
		return nil, refuse(QuotaReached, fmt.Sprintf("rows: say how many will come, 1 to %d", o.o.Limits.Rows))
	}
	b, err := o.begin(ctx, &c, &order, Open)
	if err != nil || b.entry != nil {
		return b, err
	}
	b.Rows = order.Rows
	return b, o.accept(ctx, &c, b)
}

// begin checks an order and pins what it is accepted for. A batch of the same key is
// returned as it stands; a new one of rows that are to be received is in the ledger.
func (o *Office) begin(ctx context.Context, c *desk.Caller, order *Order, state State) (*Batch, error) {
	if err := o.may(c, access.BatchSubmit, nil); err != nil {
		return nil, err
	}
	if wrong := order.check(); len(wrong) > 0 {
		return nil, refuse(desk.InvalidField, wrong...)
	}
	b := &Batch{
		ID: newID(), Sender: c.Account, Division: c.Division, Scheme: order.Scheme, Channel: order.Channel, Title: order.Title, Key: order.Key,
		State: state, At: o.o.Now(),
	}
	b.body.Owner = o.o.Unjudged
	if c.Scopes != nil {
		b.body.Scopes = []string{}
		for _, op := range c.Scopes {
			b.body.Scopes = append(b.body.Scopes, op.String())
		}
	}
	if err := o.may(c, access.BatchSubmit, b); err != nil {
		return nil, err
	}
	if order.Key != "" {
		e, err := ledger.Find[ledger.Batch](ctx, o.o.Ledger, ledger.BatchName(c.Account, order.Key))
		if err == nil {
			held, err := batchIn(e)
			if err == nil && (held.Scheme != order.Scheme || order.On != 0 && held.On != order.On || (held.Channel == Kafka) != (order.Channel == Kafka)) {
				return nil, refuse(desk.Exists, "key: a batch for something else has it")
			}
			return held, err
		}
		if !errors.Is(err, ledger.ErrNotFound) {
			return nil, ledgerError(err)
		}
	}
	unfinished, err := o.unfinished(ctx, c.Account)
	if err != nil {
		return nil, err
	}
	if unfinished >= o.o.Limits.Unfinished {
		return nil, refuse(QuotaReached, fmt.Sprintf("batches: %d of yours are not finished, at most %d may be", unfinished, o.o.Limits.Unfinished))
	}
	p, err := o.o.Desk.Pin(ctx, "", order.Scheme, order.On)
	if err != nil {
		return nil, err
	}
	b.Generation, b.Rules, b.On = p.Generation(), p.Rules(), p.On()
	if err := p.Close(); err != nil {
		return nil, err
	}
	if state == Receiving {
		if err := o.o.Ledger.Commit(ctx, ledger.Change{Ops: []ledger.Op{b.put()}}); err != nil {
			return nil, ledgerError(err)
		}
		b.entry.Version++
	}
	return b, nil
}

// unfinished counts the batches of a sender that are not over.
func (o *Office) unfinished(ctx context.Context, sender string) (n int, err error) {
	for _, s := range States() {
		if s.Over() {
			continue
		}
		q := ledger.BatchesBeing(string(s))
		q.Bare = true
		err := ledger.All(ctx, o.o.Ledger, q, func(e *ledger.Batch) error {
			if e.Sender == sender {
				n++
			}
			return nil
		})
		if err != nil {
			return 0, ledgerError(err)
		}
	}
	return n, nil
}

// accept charges the rows of a batch to its sender's day and lets it be answered.
func (o *Office) accept(ctx context.Context, c *desk.Caller, b *Batch) error {
	e := event(c, access.BatchSubmit, b.ID)
	e.Purpose = b.Scheme
	if err := o.note(e); err != nil {
		return err
	}
	err := o.admit(ctx, c, b)
	if err != nil && b.State == Accepted { // its rows are in the ledger
		err = errors.Join(err, o.abandon(context.WithoutCancel(ctx), b))
	}
	return err
}

// admit writes a batch down with what its sender's day is charged, again when another of
// the sender's batches was charged meanwhile.
func (o *Office) admit(ctx context.Context, c *desk.Caller, b *Batch) error {
	for range 10 {
		counter, err := o.charge(ctx, c.Account, b.Rows)
		if err != nil {
			return err
		}
		err = o.o.Ledger.Commit(ctx, ledger.Change{Ops: []ledger.Op{b.put(), counter}})
		if err == nil {
			b.entry.Version++
			return nil
		}
		if conflict, ok := errors.AsType[*ledger.ConflictError](err); !ok || conflict.Kind != ledger.KindCounter {
			return ledgerError(err)
		}
	}
	return refuse(desk.Changed)
}

// charge is the Op that adds rows to what a sender had accepted today.
func (o *Office) charge(ctx context.Context, account string, rows int64) (ledger.Op, error) {
	e := &ledger.Counter{ID: "batch-rows/" + account + "/" + o.today().String()}
	had := int64(0)
	held, err := ledger.Get[ledger.Counter](ctx, o.o.Ledger, e.ID)
	switch {
	case err == nil:
		e.Version = held.Version
		if json.Unmarshal(held.Body, &had) != nil {
			return ledger.Op{}, fmt.Errorf("the counter %s is no number", e.ID)
		}
	case !errors.Is(err, ledger.ErrNotFound):
		return ledger.Op{}, ledgerError(err)
	}
	if had+rows > o.o.Limits.Daily {
		return ledger.Op{}, refuse(QuotaReached, fmt.Sprintf("rows: %d were accepted today and %d are at most, so %d are too many", had, o.o.Limits.Daily, rows))
	}
	e.Body, _ = json.Marshal(had + rows) // a number always can be
	return ledger.Put(e), nil
}

// taking writes the rows of a batch down as they come.
type taking struct {
	o       *Office
	b       *Batch
	sum     hash.Hash
	rows    int64
	written int64 // of them, in parts
	size    int
	items   []item
}

func (t *taking) add(ctx context.Context, row Coming) error {
	if t.rows++; t.rows > t.o.o.Limits.Rows {
		return refuse(QuotaReached, fmt.Sprintf("rows: at most %d in one batch; split it", t.o.o.Limits.Rows))
	}
	if row.Unread == nil && len(row.Line) > partBytes {
		row.Unread = &Unread{Code: "too_large", Place: strconv.FormatInt(row.Number, 10), Text: household.Text{
			Zh: "这一户的申请过长，请检查后重新提交。", En: "The request of this household is too long; look at it and send it again.",
		}}
		row.Line = nil
	}
	size := len(row.Line) + row.Unread.size()
	if len(t.items) > 0 && (len(t.items) == partRows || t.size+size > partBytes) {
		if err := t.flush(ctx); err != nil {
			return err
		}
	}
	t.digest(row)
	t.size += size
	t.items = append(t.items, item{Number: row.Number, Unread: row.Unread, line: slices.Clone(row.Line)})
	return nil
}

// digest is over the lines, each with its end; what is unread counts by its place.
func (t *taking) digest(row Coming) {
	if row.Unread != nil {
		_, _ = fmt.Fprintf(t.sum, "\x00%d %s\n", row.Number, row.Unread.Code) // never fails
		return
	}
	_, _ = t.sum.Write(row.Line)
	_, _ = t.sum.Write([]byte("\n"))
}

// flush writes down the part that is full.
func (t *taking) flush(ctx context.Context) error {
	if len(t.items) == 0 {
		return nil
	}
	p := &ledger.Part{Batch: t.b.ID, First: t.written + 1, Rows: int64(len(t.items)), State: partWaiting, At: ledger.At(t.o.o.Now())}
	p.Body = encodeItems(t.items)
	if err := t.o.o.Ledger.Commit(ctx, ledger.Change{Ops: []ledger.Op{ledger.Put(p)}}); err != nil {
		return ledgerError(err)
	}
	t.written += p.Rows
	t.items, t.size = t.items[:0], 0
	return nil
}

// abandon gives up a batch whose rows could not be received.
func (o *Office) abandon(ctx context.Context, b *Batch) error {
	// Its sender sends it again, by the same key.
	b.State, b.Key, b.Reason, b.Ended = Cancelled, "", "its rows could not be received", o.o.Now()
	if err := o.erase(ctx, b); err != nil {
		return err
	}
	return ledgerError(o.o.Ledger.Commit(ctx, ledger.Change{Ops: []ledger.Op{b.put()}}))
}

// erase removes the rows of a batch that nobody has answered.
func (o *Office) erase(ctx context.Context, b *Batch) error {
	var ops []ledger.Op
	flush := func() error {
		err := o.o.Ledger.Commit(ctx, ledger.Change{Ops: ops})
		ops = nil
		return ledgerError(err)
	}
	q := ledger.PartsOf(b.ID)
	q.Bare = true
	err := ledger.All(ctx, o.o.Ledger, q, func(p *ledger.Part) error {
		if p.State != partWaiting {
			return nil
		}
		if ops = append(ops, ledger.Erase(p)); len(ops) < ledger.MaxOps/2 {
			return nil
		}
		return flush()
	})
	if err == nil && len(ops) > 0 {
		err = flush()
	}
	return ledgerError(err)
}

// same refuses rows that are other than those of the batch of the same key.
func (o *Office) same(ctx context.Context, b *Batch, rows iter.Seq2[Coming, error]) error {
	t := &taking{o: o, b: b, sum: sha256.New()}
	for row, err := range rows {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		t.digest(row)
	}
	if hex.EncodeToString(t.sum.Sum(nil)) != b.Digest {
		return refuse(desk.Exists, "key: a batch with other rows has it")
	}
	return nil
}

func ledgerError(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("the ledger: %w", err)
}
