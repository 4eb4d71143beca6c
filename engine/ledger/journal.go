package ledger

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/cespare/xxhash/v2"
	"github.com/dgraph-io/badger/v4"
)

// Every transaction writes its number into the journal, a ring of keys, and after it
// is on the disk into the file head. A log whose end or middle got lost, and a
// directory that was put back to an earlier state, are found by what is then missing
// from them.
//
// The ring is as long as the transactions that can lie in memory tables: what is in
// tables has checksums of its own.
const ring = 1 << 16

func journalKey(seq uint64) []byte {
	return binary.BigEndian.AppendUint16([]byte{sectionJournal}, uint16(seq%ring))
}

func journalValue(key []byte, seq uint64) []byte {
	return plainValue(key, binary.BigEndian.AppendUint64(nil, seq))
}

// readJournal is the number of the newest transaction. The ring must hold the last
// ones without a gap.
func (o *Owner) readJournal() (newest uint64, err error) {
	defer recovered(&err, o.dir)
	defer faults()()
	var have [ring]uint64
	err = o.db.View(func(txn *badger.Txn) error {
		it := txn.NewIterator(badger.IteratorOptions{Prefix: []byte{sectionJournal}, PrefetchValues: true, PrefetchSize: 1000})
		defer it.Close()
		for it.Rewind(); it.Valid(); it.Next() {
			key := it.Item().Key()
			err := it.Item().Value(func(value []byte) error {
				b, err := plainContent(key, value)
				if err != nil || len(b) != 8 || len(key) != 3 {
					return damaged("%s: the journal", o.dir)
				}
				seq := binary.BigEndian.Uint64(b)
				have[binary.BigEndian.Uint16(key[1:])] = seq
				newest = max(newest, seq)
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	for seq := newest; seq > 0 && seq+ring > newest; seq-- {
		if have[seq%ring] != seq {
			return 0, damaged("%s: transaction %d of %d is missing", o.dir, seq, newest)
		}
	}
	return newest, nil
}

// head is the file that names the newest transaction. It has two places, written in
// turn, so that one is whole whatever a crash does to the other.
type head struct{ f *os.File }

const (
	headPlace = 4096
	headSize  = 24
	headMagic = "HDLEDG01"
)

func openHead(name string) (*head, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the head of the ledger: %w", err)
	}
	return &head{f}, nil
}

// write names a transaction that is on the disk. It is not synced: that the head is
// behind is no harm, that it is ahead would be, and it can't.
func (h *head) write(seq uint64) error {
	b := make([]byte, 0, headSize)
	b = append(b, headMagic...)
	b = binary.BigEndian.AppendUint64(b, seq)
	b = binary.BigEndian.AppendUint64(b, xxhash.Sum64(b))
	_, err := h.f.WriteAt(b, int64(seq%2)*headPlace)
	return err
}

func (h *head) close() error { return errors.Join(h.f.Sync(), h.f.Close()) }

// readHead is the newest transaction that was acknowledged, 0 without a file.
func readHead(name string) (seq uint64, err error) {
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("open the head of the ledger: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, fmt.Errorf("open the head of the ledger: %w", err)
	}
	if info.Size() == 0 {
		return 0, nil // the first transaction has not come to it
	}
	found := false
	for place := range int64(2) {
		b := make([]byte, headSize)
		if _, err := f.ReadAt(b, place*headPlace); err != nil {
			if errors.Is(err, io.EOF) {
				continue
			}
			return 0, fmt.Errorf("read the head of the ledger: %w", err)
		}
		if string(b[:8]) == headMagic && xxhash.Sum64(b[:16]) == binary.BigEndian.Uint64(b[16:]) {
			found = true
			seq = max(seq, binary.BigEndian.Uint64(b[8:]))
		}
	}
	if !found {
		return 0, damaged("%s: no place of it is whole", name)
	}
	return seq, nil
}
