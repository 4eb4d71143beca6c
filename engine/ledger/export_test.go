package ledger

import (
	"context"

	"github.com/dgraph-io/badger/v4"
)

// WithFree is options on a file system with so much space.
func WithFree(opt Options, free func() int64) Options {
	opt.freeBytes = func(string) (int64, bool, error) { return free(), true, nil }
	return opt
}

// Break changes keys of an index, of a name or of an entry behind the ledger's back,
// and says how many.
func (o *Owner) Break(section byte, do func(txn *badger.Txn, key, value []byte) error) (n int, err error) {
	err = o.db.Update(func(txn *badger.Txn) error {
		it := txn.NewIterator(badger.IteratorOptions{Prefix: []byte{section}})
		var keys, values [][]byte
		for it.Rewind(); it.Valid(); it.Next() {
			keys = append(keys, it.Item().KeyCopy(nil))
			v, err := it.Item().ValueCopy(nil)
			if err != nil {
				return err
			}
			values = append(values, v)
		}
		it.Close()
		for i, key := range keys {
			if err := do(txn, key, values[i]); err != nil {
				return err
			}
			n++
		}
		return nil
	})
	return n, err
}

// The sections, for Break.
const (
	SectionJournal = sectionJournal
	SectionRow     = sectionRow
	SectionIndex   = sectionIndex
	SectionUnique  = sectionUnique
)

// Flush commits an empty transaction.
func (o *Owner) Flush() error { return o.Commit(context.Background(), Change{}) }

// BreakDisk makes every later transaction one that the disk refuses in its last step.
func (o *Owner) BreakDisk() error { return o.head.f.Close() }

// Synced says that a transaction is on the disk when it is committed.
func (o *Owner) Synced() bool { return o.db.Opts().SyncWrites != syncsItself }

// EntryOf decodes a value as an entry, and encodes what it got again.
func EntryOf(key, value []byte) (again []byte, err error) {
	c, err := newCodec(nil)
	if err != nil {
		return nil, err
	}
	defer c.close()
	k, err := c.entry(key, value)
	if err != nil {
		return nil, err
	}
	payload, flags := c.payload(KindTask, k.fields, k.body)
	if k.erased {
		payload, flags = []byte{0}, flagErased
	}
	return c.value(key, k.version, k.indexed, flags, payload)
}

// ValueOf is the value of an entry.
func ValueOf(key, fields, body []byte) ([]byte, error) {
	c, err := newCodec(nil)
	if err != nil {
		return nil, err
	}
	defer c.close()
	payload, flags := c.payload(KindTask, fields, body)
	return c.value(key, 3, 2, flags, payload)
}

// Resum gives a value the right checksum.
func Resum(key, value []byte) []byte { return sum(value[:len(value)-8:len(value)-8], key) }

// SplitIndex is splitIndex, and the key made again.
func SplitIndex(key []byte) (again []byte, ok bool) {
	parts, id, v, ok := splitIndex(key)
	if !ok {
		return nil, false
	}
	return inIndex(Kind(key[1]), parts, id, v), true
}
