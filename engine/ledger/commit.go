package ledger

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/dgraph-io/badger/v4"
)

// Changes are committed by one goroutine. It takes what is waiting, puts it into one
// transaction of the database and syncs once; while it does, the next ones wait.
// Every change is judged by itself against what was put before it, also in the same
// transaction, and gets its own answer.

// pending is a change that waits.
type pending struct {
	change   *Change
	known    []*known
	payloads [][]byte
	flags    []byte
	state    atomic.Int32 // waits, taken or given up
	err      error        // valid when done is closed
	done     chan struct{}
}

const (
	waits int32 = iota
	taken
	givenUp
)

// most changes in one transaction, so that the first does not wait long.
const mostTogether = 512

// Commit writes a change. A context that ends before the change is taken up ends it;
// after that the answer is waited for, since it is near and matters.
func (o *Owner) Commit(ctx context.Context, c Change) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	known, err := c.prepare()
	if err != nil {
		return err
	}
	p := &pending{
		change: &c, known: known, done: make(chan struct{}),
		payloads: make([][]byte, len(c.Ops)), flags: make([]byte, len(c.Ops)),
	}
	o.closing.RLock()
	defer o.closing.RUnlock()
	if o.closed {
		return ErrClosed
	}
	for i, op := range c.Ops {
		if !op.Erase {
			p.payloads[i], p.flags[i] = o.codec.payload(op.Kind, op.Fields, op.Body)
		}
	}
	select {
	case <-o.stop:
		return ErrClosed
	default:
	}
	select {
	case o.waiting <- p:
	case <-ctx.Done():
		return ctx.Err()
	case <-o.stop:
		return ErrClosed
	}
	select {
	case <-p.done:
		return p.err
	case <-o.done:
		// The committer has ended. It may have answered just before.
		select {
		case <-p.done:
			return p.err
		default:
			return ErrClosed
		}
	case <-ctx.Done():
		if p.state.CompareAndSwap(waits, givenUp) {
			return ctx.Err()
		}
		<-p.done
		return p.err
	}
}

// commitAll is the committer.
func (o *Owner) commitAll() {
	defer close(o.done)
	group := make([]*pending, 0, mostTogether)
	for {
		group = group[:0]
		select {
		case p := <-o.waiting:
			group = append(group, p)
		case <-o.stop:
		}
	gather:
		for len(group) < mostTogether {
			select {
			case p := <-o.waiting:
				group = append(group, p)
			default:
				break gather
			}
		}
		if len(group) == 0 {
			return // stopped, and nothing waits
		}
		o.commitGroup(group)
	}
}

// commitGroup answers every change of a group.
func (o *Owner) commitGroup(group []*pending) {
	group = slices.DeleteFunc(group, func(p *pending) bool { return !p.state.CompareAndSwap(waits, taken) })
	err := o.hasFailed()
	if err == nil {
		err = enough(o.opt, o.dir)
	}
	if err != nil {
		tell(group, err)
		return
	}
	b := o.newBatch()
	defer func() { b.txn.Discard() }()
	var in []*pending // the changes in the batch
	flush := func() {
		err := o.flush(b)
		tell(in, err)
		if err == nil {
			o.wal.spend(b.bytes + b.keys*perEntry)
		}
		in, b = in[:0], o.newBatch()
	}
	for _, p := range group {
		writes, err := o.plan(b.txn, p)
		if err == nil && !b.fits(writes) && len(in) > 0 {
			flush()
			// The same writes again: what was planned on is in the database now.
			writes, err = o.plan(b.txn, p)
		}
		if err == nil && !b.fits(writes) {
			err = fmt.Errorf("%w: %d keys", ErrTooLarge, len(writes))
		}
		if err != nil {
			tell([]*pending{p}, err)
			continue
		}
		if err := b.apply(writes); err != nil {
			// A part of it is in the batch: nothing of the batch may be kept.
			tell(append(in, p), err)
			b.txn.Discard()
			in, b = in[:0], o.newBatch()
			continue
		}
		in = append(in, p)
	}
	if len(in) > 0 {
		flush()
	}
}

func tell(list []*pending, err error) {
	for _, p := range list {
		p.err = err
		close(p.done)
	}
}

// write is one key of a transaction; no value removes it.
type write struct{ key, value []byte }

// plan judges a change against what a transaction sees, and says what it writes.
func (o *Owner) plan(txn *badger.Txn, p *pending) (writes []write, err error) {
	defer recovered(&err, o.dir)
	defer faults()()
	for _, r := range p.change.Requires {
		k, err := o.readEntry(txn, r.Kind, r.ID)
		if err != nil {
			return nil, err
		}
		if k.erased {
			return nil, fmt.Errorf("%s %s: %w", r.Kind, r.ID, ErrErased)
		}
		if k.version != r.Version {
			return nil, &ConflictError{Kind: r.Kind, ID: r.ID, Expect: r.Version, Have: k.version}
		}
	}
	if f := p.change.Fence; f != nil {
		if writes, err = o.planFence(txn, f, writes); err != nil {
			return nil, err
		}
	}
	names := map[string]struct{}{} // taken by this change
	for i := range p.change.Ops {
		writes, err = o.planOp(txn, p, i, names, writes)
		if err != nil {
			return nil, err
		}
	}
	return writes, nil
}

func (o *Owner) planFence(txn *badger.Txn, f *Fence, writes []write) ([]write, error) {
	id := PositionID(f.Topic, f.Partition)
	k, err := o.readEntry(txn, KindPosition, id)
	if err != nil {
		return nil, err
	}
	var old *Position
	if k.version != 0 {
		old = new(Position)
		if err := decodeInto(Row{Kind: KindPosition, ID: id, Version: k.version, Fields: k.fields}, old); err != nil {
			return nil, damaged("position %s: its fields", id)
		}
	}
	next, err := f.Move(old)
	if err != nil {
		return nil, err
	}
	op := PutOver(next)
	payload, flags := o.codec.payload(op.Kind, op.Fields, op.Body)
	key := rowKey(KindPosition, id)
	value, err := o.codec.value(key, k.version+1, max(k.indexed, 1), flags, payload)
	return append(writes, write{key, value}), err
}

// planOp is plan for one put.
func (o *Owner) planOp(txn *badger.Txn, p *pending, i int, names map[string]struct{}, writes []write) ([]write, error) {
	op, known := &p.change.Ops[i], p.known[i]
	k, err := o.readEntry(txn, op.Kind, op.ID)
	if err != nil {
		return nil, err
	}
	if k.erased {
		return nil, fmt.Errorf("%s %s: %w", op.Kind, op.ID, ErrErased)
	}
	if !op.Over && k.version != op.Expect {
		return nil, &ConflictError{Kind: op.Kind, ID: op.ID, Expect: op.Expect, Have: k.version}
	}
	next, indexed := k.version+1, k.version+1
	var old []indexKey
	if k.version != 0 {
		e, err := Decode(Row{Kind: op.Kind, ID: op.ID, Fields: k.fields})
		if err != nil {
			return nil, damaged("%s %s: its fields", op.Kind, op.ID)
		}
		old = knowledge(e).index
		if !op.Erase && slices.EqualFunc(old, known.index, slices.Equal[indexKey]) {
			indexed = k.indexed
		}
	}
	if indexed == next {
		for _, x := range old {
			writes = append(writes, write{inIndex(op.Kind, x, op.ID, k.indexed), nil})
		}
		for _, x := range known.index {
			writes = append(writes, write{inIndex(op.Kind, x, op.ID, next), []byte{}})
		}
	}
	for _, name := range known.uniques {
		id, err := o.nameOwner(txn, op.Kind, name)
		if err != nil {
			return nil, err
		}
		if id == op.ID {
			continue
		}
		key := uniqueKey(op.Kind, name)
		if _, twice := names[string(key)]; id != "" || twice {
			return nil, &ConflictError{Kind: op.Kind, ID: op.ID, Expect: op.Expect, Have: k.version, Unique: true}
		}
		names[string(key)] = struct{}{}
		writes = append(writes, write{key, plainValue(key, []byte(op.ID))})
	}
	key, payload, flags := rowKey(op.Kind, op.ID), p.payloads[i], p.flags[i]
	if op.Erase {
		payload, flags = []byte{0}, flagErased
	}
	value, err := o.codec.value(key, next, indexed, flags, payload)
	if err != nil {
		return nil, fmt.Errorf("seal %s %s: %w", op.Kind, op.ID, err)
	}
	return append(writes, write{key, value}), nil
}

// batch is a transaction of the database that is being filled.
type batch struct {
	txn         *badger.Txn
	keys, bytes int64
	maxKeys     int64
	maxBytes    int64
}

// perKey is what Badger counts for a key beside key and value, and more.
const perKey = 16

// perEntry is more than what the log has beside key and value.
const perEntry = 64

func (o *Owner) newBatch() *batch {
	// The journal's key is in every one.
	return &batch{txn: o.db.NewTransaction(true), keys: 2, bytes: 128, maxKeys: o.db.MaxBatchCount(), maxBytes: o.db.MaxBatchSize()}
}

func (b *batch) fits(writes []write) bool {
	size := b.bytes
	for _, w := range writes {
		size += int64(len(w.key)+len(w.value)) + perKey
	}
	return b.keys+int64(len(writes)) < b.maxKeys && size < b.maxBytes
}

func (b *batch) apply(writes []write) error {
	for _, w := range writes {
		if err := b.set(w.key, w.value); err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) set(key, value []byte) error {
	b.keys++
	b.bytes += int64(len(key)+len(value)) + perKey
	var err error
	if value == nil {
		err = b.txn.Delete(key)
	} else {
		err = b.txn.Set(key, value)
	}
	if err != nil {
		return fmt.Errorf("write the ledger: %w", err)
	}
	return nil
}

// flush commits a batch. When the disk refuses it, nothing is known of what is on it:
// the ledger takes no more changes until it is opened again.
func (o *Owner) flush(b *batch) (err error) {
	defer func() {
		if err != nil {
			o.fail(err)
		}
	}()
	defer recovered(&err, o.dir)
	seq := o.seq + 1
	key := journalKey(seq)
	if err := b.set(key, journalValue(key, seq)); err != nil {
		return err
	}
	if err := b.txn.Commit(); err != nil {
		return fmt.Errorf("commit to the ledger: %w", err)
	}
	if err := o.wal.sync(); err != nil {
		return fmt.Errorf("sync the ledger: %w", err)
	}
	o.seq = seq
	if err := o.head.write(seq); err != nil {
		return fmt.Errorf("write the head of the ledger: %w", err)
	}
	return nil
}

func (o *Owner) fail(err error) {
	o.failed.Lock()
	defer o.failed.Unlock()
	if o.failed.err == nil {
		o.failed.err = fmt.Errorf("the ledger takes no changes since a write failed: %w", err)
	}
}

func (o *Owner) hasFailed() error {
	o.failed.Lock()
	defer o.failed.Unlock()
	return o.failed.err
}
