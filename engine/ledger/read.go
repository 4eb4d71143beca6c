package ledger

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/dgraph-io/badger/v4"
)

// view runs one reading transaction.
func (o *Owner) view(ctx context.Context, do func(*badger.Txn) error) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	o.closing.RLock()
	defer o.closing.RUnlock()
	if o.closed {
		return ErrClosed
	}
	defer recovered(&err, o.dir)
	defer faults()()
	return o.db.View(do)
}

// read is the value at a key, nil when there is none. It is valid until the
// transaction ends.
func read(txn *badger.Txn, key []byte) (value []byte, err error) {
	item, err := txn.Get(key)
	if errors.Is(err, badger.ErrKeyNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, damaged("%v", err)
	}
	err = item.Value(func(v []byte) error {
		value = v
		return nil
	})
	if err != nil {
		return nil, damaged("%v", err)
	}
	return value, nil
}

// readEntry is the entry at a key, with version 0 when there is none.
func (o *Owner) readEntry(txn *badger.Txn, kind Kind, id string) (kept, error) {
	key := rowKey(kind, id)
	value, err := read(txn, key)
	if err != nil || value == nil {
		return kept{}, err
	}
	k, err := o.codec.entry(key, value)
	if err != nil {
		return kept{}, damaged("%s %s: %v", kind, id, err)
	}
	return k, nil
}

// Get reads one entry.
func (o *Owner) Get(ctx context.Context, kind Kind, id string) (row Row, err error) {
	if err := validGet(kind, id); err != nil {
		return Row{}, err
	}
	err = o.view(ctx, func(txn *badger.Txn) error {
		row, err = o.get(txn, kind, id)
		return err
	})
	return row, err
}

func validGet(kind Kind, id string) error {
	if blank(kind) == nil || id == "" || !validText(id) {
		return fmt.Errorf("%w: an entry of %s", ErrInvalid, kind)
	}
	return nil
}

func (o *Owner) get(txn *badger.Txn, kind Kind, id string) (Row, error) {
	k, err := o.readEntry(txn, kind, id)
	switch {
	case err != nil:
		return Row{}, err
	case k.version == 0:
		return Row{}, fmt.Errorf("%s: %w", kind, ErrNotFound)
	case k.erased:
		return Row{}, fmt.Errorf("%s: %w", kind, ErrErased)
	}
	return Row{Kind: kind, ID: id, Version: k.version, Fields: k.fields, Body: k.body}, nil
}

// Find reads the entry that has a unique name.
func (o *Owner) Find(ctx context.Context, kind Kind, unique string) (row Row, err error) {
	if err := validGet(kind, unique); err != nil {
		return Row{}, err
	}
	err = o.view(ctx, func(txn *badger.Txn) error {
		id, err := o.nameOwner(txn, kind, unique)
		if err != nil {
			return err
		}
		if id == "" {
			return fmt.Errorf("%s: %w", kind, ErrNotFound)
		}
		row, err = o.get(txn, kind, id)
		if errors.Is(err, ErrNotFound) {
			return damaged("%s %s has a name and is not there", kind, id)
		}
		return err
	})
	return row, err
}

// nameOwner is the id of the entry that took a unique name, empty when none did.
func (o *Owner) nameOwner(txn *badger.Txn, kind Kind, unique string) (id string, err error) {
	key := uniqueKey(kind, unique)
	value, err := read(txn, key)
	if err != nil || value == nil {
		return "", err
	}
	b, err := plainContent(key, value)
	if err != nil || len(b) == 0 {
		return "", damaged("a name of a %s", kind)
	}
	return string(b), nil
}

// List reads a page.
func (o *Owner) List(ctx context.Context, q Query) (page Page, err error) {
	from, limit, err := q.start()
	if err != nil {
		return Page{}, err
	}
	err = o.view(ctx, func(txn *badger.Txn) error {
		page, err = o.list(ctx, txn, q, from, limit)
		return err
	})
	return page, err
}

func (o *Owner) list(ctx context.Context, txn *badger.Txn, q Query, from []byte, limit int) (page Page, err error) {
	it := txn.NewIterator(badger.IteratorOptions{Prefix: q.Prefix})
	defer it.Close()
	size := 0
	var last []byte
	for it.Seek(from); it.Valid(); it.Next() {
		if err := ctx.Err(); err != nil {
			return Page{}, err
		}
		if len(page.Rows) == limit || size > pageBytes {
			page.Next = base64.RawURLEncoding.EncodeToString(last)
			return page, nil
		}
		key := it.Item().Key()
		row, ok, err := o.at(txn, q.Kind, key)
		if err != nil {
			return Page{}, err
		}
		last = append(last[:0], key...)
		if !ok {
			continue
		}
		if q.Bare {
			row.Body = nil
		}
		size += len(row.Fields) + len(row.Body)
		page.Rows = append(page.Rows, row)
	}
	return page, nil
}

// at is the entry that a key of a list leads to; false when there is none to show.
func (o *Owner) at(txn *badger.Txn, kind Kind, key []byte) (Row, bool, error) {
	if key[0] == sectionRow {
		id := string(key[2:])
		k, err := o.readEntry(txn, kind, id)
		if err == nil && k.version == 0 {
			err = damaged("%s %s is listed and not there", kind, id)
		}
		return Row{Kind: kind, ID: id, Version: k.version, Fields: k.fields, Body: k.body}, !k.erased, err
	}
	_, id, v, ok := splitIndex(key)
	if !ok {
		return Row{}, false, damaged("a key in an index of %s", kind)
	}
	k, err := o.readEntry(txn, kind, id)
	if err != nil {
		return Row{}, false, err
	}
	if k.version == 0 || k.version < v {
		return Row{}, false, damaged("%s %s is in an index at version %d and not there", kind, id, v)
	}
	// An older key was removed when the entry moved; should one come back, it says
	// nothing any more.
	return Row{Kind: kind, ID: id, Version: k.version, Fields: k.fields, Body: k.body}, k.indexed == v && !k.erased, nil
}

// start checks a query and says where its page begins and how long it may be.
func (q *Query) start() (from []byte, limit int, err error) {
	if blank(q.Kind) == nil || len(q.Prefix) < 2 || q.Prefix[1] != byte(q.Kind) ||
		q.Prefix[0] != sectionIndex && q.Prefix[0] != sectionRow || len(q.Prefix) > 4*maxID || q.Limit < 0 {
		return nil, 0, fmt.Errorf("%w: a query for %s", ErrInvalid, q.Kind)
	}
	limit = q.Limit
	if limit == 0 {
		limit = DefaultPage
	}
	limit = min(limit, MaxPage)
	if q.Cursor == "" {
		return q.Prefix, limit, nil
	}
	last, err := base64.RawURLEncoding.DecodeString(q.Cursor)
	if err != nil || !bytes.HasPrefix(last, q.Prefix) {
		return nil, 0, fmt.Errorf("%w: the cursor is not one of this query", ErrInvalid)
	}
	return append(last, 0), limit, nil
}

// Pseudonym is how the ledger speaks of a person or a record.
func (o *Owner) Pseudonym(d Domain, plain []byte) Pseudonym {
	return pseudonym(o.pseudonym, d, plain)
}
