package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/table"
)

// mostDamage is how much of it a report names.
const mostDamage = 100

// Verify reads every table and every entry, and compares the indexes with what they
// lead to, both ways.
func (o *Owner) Verify(ctx context.Context) (Report, error) {
	r := Report{}
	err := o.view(ctx, func(txn *badger.Txn) error {
		if err := o.verifyTables(ctx, &r); err != nil {
			return err
		}
		v := verifier{o: o, txn: txn, r: &r, sum: newDigest()}
		if err := v.entries(ctx); err != nil {
			return err
		}
		if err := v.indexes(ctx); err != nil {
			return err
		}
		r.Digest = v.sum.String()
		return nil
	})
	return r, err
}

func (r *Report) damage(format string, args ...any) {
	if len(r.Damage) < mostDamage {
		r.Damage = append(r.Damage, fmt.Sprintf(format, args...))
	}
}

func (o *Owner) verifyTables(ctx context.Context, r *Report) error {
	for _, t := range o.db.Tables() {
		if err := ctx.Err(); err != nil {
			return err
		}
		name := table.NewFilename(t.ID, o.db.Opts().Dir)
		err := checkTable(name)
		if err != nil {
			// A compaction may have replaced it since it was listed.
			if _, gone := os.Stat(name); errors.Is(gone, fs.ErrNotExist) && !o.names(t.ID) {
				continue
			}
			r.damage("%v", err)
		}
		r.Tables++
	}
	return nil
}

func (o *Owner) names(id uint64) bool {
	for _, t := range o.db.Tables() {
		if t.ID == id {
			return true
		}
	}
	return false
}

type verifier struct {
	o        *Owner
	txn      *badger.Txn
	r        *Report
	sum      *contentDigest
	expected int64 // keys of indexes
}

// entries reads every entry and looks for its keys in the indexes.
func (v *verifier) entries(ctx context.Context) error {
	return v.o.eachEntry(ctx, v.txn, func(kind Kind, id string, k kept, err error) error {
		v.r.Entries++
		if err != nil {
			v.r.damage("%s %s: %v", kind, id, err)
			return nil
		}
		v.sum.add(kind, id, k)
		if k.erased {
			v.r.Stubs++
			return nil
		}
		e, err := Decode(Row{Kind: kind, ID: id, Fields: k.fields})
		if err != nil {
			v.r.damage("%s %s: its fields", kind, id)
			return nil //nolint:nilerr // it is in the report
		}
		known := knowledge(e)
		if known.bad != "" {
			v.r.damage("%s %s: %s", kind, id, known.bad)
			return nil
		}
		seen := map[string]struct{}{}
		for _, x := range known.index {
			key := inIndex(kind, x, id, k.indexed)
			if _, err := v.txn.Get(key); err != nil {
				v.r.damage("%s %s is missing from index %d", kind, id, x[0])
			}
			seen[string(key)] = struct{}{}
		}
		v.expected += int64(len(seen))
		for _, name := range known.uniques {
			if owner, err := v.o.nameOwner(v.txn, kind, name); err != nil || owner != id {
				v.r.damage("%s %s is not found by its name", kind, id)
			}
		}
		return nil
	})
}

// indexes reads every key of the indexes. When all that are expected are there, as
// was seen before, and there are no more, then both are the same.
func (v *verifier) indexes(ctx context.Context) error {
	it := v.txn.NewIterator(badger.IteratorOptions{Prefix: []byte{sectionIndex}})
	defer it.Close()
	named := false
	for it.Rewind(); it.Valid(); it.Next() {
		if v.r.Indexes%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		v.r.Indexes++
		parts, id, version, ok := splitIndex(it.Item().Key())
		if !ok {
			v.r.damage("a key in an index of %s", Kind(it.Item().Key()[1]))
			continue
		}
		kind := Kind(it.Item().Key()[1])
		k, err := v.o.readEntry(v.txn, kind, id)
		if err != nil || k.version == 0 || k.erased || k.indexed != version {
			v.r.damage("index %d of %s has %s at version %d", parts[0], kind, id, version)
			named = true
		}
	}
	if v.r.Indexes != v.expected && !named {
		v.r.damage("%d keys in the indexes, %d entries lead to them", v.r.Indexes, v.expected)
	}
	return v.names(ctx)
}

// names reads every unique name: its entry must be there.
func (v *verifier) names(ctx context.Context) error {
	it := v.txn.NewIterator(badger.IteratorOptions{Prefix: []byte{sectionUnique}})
	defer it.Close()
	for it.Rewind(); it.Valid(); it.Next() {
		if err := ctx.Err(); err != nil {
			return err
		}
		key := it.Item().Key()
		kind := Kind(key[1])
		id, err := v.o.nameOwner(v.txn, kind, string(key[2:]))
		if err != nil {
			v.r.damage("a name of a %s", kind)
			continue
		}
		if k, err := v.o.readEntry(v.txn, kind, id); err != nil || k.version == 0 {
			v.r.damage("%s %s has a name and is not there", kind, id)
		}
	}
	return nil
}

// eachEntry reads the entries in the order of kind and id. do is given the error of
// one that can't be read.
func (o *Owner) eachEntry(ctx context.Context, txn *badger.Txn, do func(Kind, string, kept, error) error) error {
	it := txn.NewIterator(badger.IteratorOptions{Prefix: []byte{sectionRow}, PrefetchValues: true, PrefetchSize: 64})
	defer it.Close()
	for n := 0; it.Valid() || n == 0; n++ {
		if n == 0 {
			if it.Rewind(); !it.Valid() {
				return nil
			}
		}
		if n%256 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		key := it.Item().Key()
		var k kept
		err := it.Item().Value(func(value []byte) (err error) {
			k, err = o.codec.entry(key, value)
			return err
		})
		if err := do(Kind(key[1]), string(key[2:]), k, err); err != nil {
			return err
		}
		it.Next()
	}
	return nil
}

// contentDigest is over what entries say, not over how they are kept.
type contentDigest struct{ h hash.Hash }

func newDigest() *contentDigest {
	d := &contentDigest{sha256.New()}
	d.h.Write([]byte("hedui ledger 1\n"))
	return d
}

func (d *contentDigest) add(kind Kind, id string, k kept) {
	b := make([]byte, 0, 64)
	b = append(b, byte(kind))
	b = binary.AppendUvarint(b, uint64(len(id)))
	b = append(b, id...)
	b = binary.AppendUvarint(b, uint64(k.version))
	if k.erased {
		b = append(b, 1)
	} else {
		b = append(b, 0)
	}
	for _, part := range [][]byte{k.fields, k.body} {
		b = binary.AppendUvarint(b, uint64(len(part)))
		b = append(b, part...)
	}
	d.h.Write(b)
}

func (d *contentDigest) String() string { return hex.EncodeToString(d.h.Sum(nil)) }

// Digest is over the content.
func (o *Owner) Digest(ctx context.Context) (digest string, err error) {
	err = o.view(ctx, func(txn *badger.Txn) error {
		digest, err = o.digest(ctx, txn)
		return err
	})
	return digest, err
}

func (o *Owner) digest(ctx context.Context, txn *badger.Txn) (string, error) {
	d := newDigest()
	err := o.eachEntry(ctx, txn, func(kind Kind, id string, k kept, err error) error {
		if err != nil {
			return damaged("%s %s: %v", kind, id, err)
		}
		d.add(kind, id, k)
		return nil
	})
	return d.String(), err
}

// DigestOf is the digest of a ledger that holds these entries, given in the order of
// kind and id, and the stubs of erased ones, which have neither fields nor body. It
// is what another implementation of Ledger needs.
func DigestOf(rows []Row) string {
	d := newDigest()
	for _, r := range rows {
		d.add(r.Kind, r.ID, kept{version: r.Version, erased: r.Fields == nil, fields: r.Fields, body: r.Body})
	}
	return d.String()
}
