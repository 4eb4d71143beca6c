package ledger

import (
	"fmt"
	"slices"
)

// known is what the ledger must know of an entry to put it.
type known struct {
	index   []indexKey
	uniques []string
	bad     string // what can't be right
}

func knowledge(e Entry) *known {
	k := &known{uniques: e.uniques(), bad: e.check()}
	if k.bad == "" {
		e.indexes(func(key indexKey) { k.index = append(k.index, key) })
	}
	return k
}

// Keys are the keys of an entry in the indexes, without its version, and the names
// that Find knows it by. It is what another implementation of Ledger needs.
func Keys(row Row) (index [][]byte, uniques []string, err error) {
	e, err := Decode(row)
	if err != nil {
		return nil, nil, err
	}
	k := knowledge(e)
	for _, key := range k.index {
		index = append(index, slices.Concat([]byte{sectionIndex, byte(row.Kind)}, key, []byte(row.ID)))
	}
	return index, k.uniques, nil
}

// Validate says why a change would be refused whatever the ledger holds. Commit
// calls it.
func (c *Change) Validate() error {
	_, err := c.prepare()
	return err
}

// prepare is Validate, and learns of each put what must be known of it.
func (c *Change) prepare() ([]*known, error) {
	if len(c.Ops)+len(c.Requires) > MaxOps {
		return nil, fmt.Errorf("%w: %d puts and conditions, at most %d", ErrTooLarge, len(c.Ops)+len(c.Requires), MaxOps)
	}
	type entry struct {
		kind Kind
		id   string
	}
	seen := make(map[entry]struct{}, len(c.Ops))
	list := make([]*known, len(c.Ops))
	size := 0
	for i := range c.Ops {
		op := &c.Ops[i]
		size += len(op.ID) + len(op.Fields) + len(op.Body)
		k, err := op.learn()
		if err != nil {
			return nil, err
		}
		if _, twice := seen[entry{op.Kind, op.ID}]; twice {
			return nil, fmt.Errorf("%w: %s %s is put twice", ErrInvalid, op.Kind, op.ID)
		}
		seen[entry{op.Kind, op.ID}] = struct{}{}
		list[i] = k
	}
	if size > MaxBytes {
		return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrTooLarge, size, MaxBytes)
	}
	for _, r := range c.Requires {
		if blank(r.Kind) == nil || r.ID == "" || !validText(r.ID) {
			return nil, fmt.Errorf("%w: a condition on %s", ErrInvalid, r.Kind)
		}
	}
	if f := c.Fence; f != nil {
		if isKey("topic", f.Topic) != "" || len(f.Topic) > maxID-12 || len(f.Mark) > maxMark || f.Partition < 0 || f.Epoch < 0 || f.From < 0 || f.To < f.From {
			return nil, fmt.Errorf("%w: a fence of partition %d from %d to %d in epoch %d", ErrInvalid, f.Partition, f.From, f.To, f.Epoch)
		}
	}
	return list, nil
}

// learn checks one put. One that came from elsewhere is decoded, and encoded anew so
// that equal entries are equal bytes.
func (op *Op) learn() (*known, error) {
	switch {
	case blank(op.Kind) == nil:
		return nil, fmt.Errorf("%w: a put of %s", ErrInvalid, op.Kind)
	case op.ID == "" || !validText(op.ID):
		return nil, fmt.Errorf("%w: the id of a %s is empty, too long or holds a zero byte", ErrInvalid, op.Kind)
	case op.Kind == KindPosition:
		return nil, fmt.Errorf("%w: a position is moved by a fence only", ErrInvalid)
	case op.Erase:
		if op.Fields != nil || op.Body != nil || op.Over || op.Expect == 0 {
			return nil, fmt.Errorf("%w: %s %s is erased from a version that was read, and with nothing left", ErrInvalid, op.Kind, op.ID)
		}
		return &known{}, nil
	case op.Kind == KindVerdict && (op.Over || op.Expect != 0):
		return nil, fmt.Errorf("%w: verdict %s is never changed", ErrInvalid, op.ID)
	case len(op.Fields) > maxFields || len(op.Body) > maxBody:
		return nil, fmt.Errorf("%w: %s %s has %d bytes", ErrTooLarge, op.Kind, op.ID, len(op.Fields)+len(op.Body))
	}
	k := op.known
	if k == nil {
		e, err := Decode(Row{Kind: op.Kind, ID: op.ID, Fields: op.Fields})
		if err != nil {
			return nil, err
		}
		op.Fields = PutOver(e).Fields
		k = knowledge(e)
	}
	if k.bad != "" {
		return nil, fmt.Errorf("%w: %s %s: %s", ErrInvalid, op.Kind, op.ID, k.bad)
	}
	return k, nil
}

// maxMark is how long what a worker leaves at its position may be.
const maxMark = 4096

// Move is where a partition stands after a fence: what is at a position before it,
// nil when nothing is. The error is an ErrFenced.
func (f *Fence) Move(old *Position) (*Position, error) {
	next := &Position{Topic: f.Topic, Partition: f.Partition, Epoch: f.Epoch, Offset: f.To}
	next.Body = f.Mark
	if old == nil {
		return next, nil
	}
	if f.Epoch < old.Epoch {
		return nil, fmt.Errorf("%w: %s is in epoch %d, not %d", ErrFenced, old.Key(), old.Epoch, f.Epoch)
	}
	switch {
	case f.Restart && f.Epoch == old.Epoch:
		return nil, fmt.Errorf("%w: %s is restarted by a newer epoch than %d", ErrFenced, old.Key(), old.Epoch)
	case !f.Restart && f.From != old.Offset:
		return nil, fmt.Errorf("%w: %s stands at %d, not %d", ErrFenced, old.Key(), old.Offset, f.From)
	}
	next.Version = old.Version
	return next, nil
}

// damaged is an ErrDamaged that says where.
func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrDamaged}, args...)...)
}
