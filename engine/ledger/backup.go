package ledger

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"path/filepath"

	"github.com/dgraph-io/badger/v4"
)

// A backup is the state of one moment as a stream: keys and values in the order of
// keys, then how many they are and a digest of all before. Badger's own stream ends
// anywhere and looks whole. Values stay as they are kept: sealed ones need the same
// key again. The journal is left out; the ledger that is made of it begins its own.

const backupMagic = "HDLEDBK1"

// Backup writes the state of now to w, while changes go on, and returns the digest of
// what it wrote. The key file of pseudonyms is not part of it.
func (o *Owner) Backup(ctx context.Context, w io.Writer) (digest string, err error) {
	buf := bufio.NewWriterSize(w, 1<<20)
	out := &hashed{w: buf, h: sha256.New()}
	err = o.view(ctx, func(txn *badger.Txn) error {
		out.write([]byte(backupMagic))
		it := txn.NewIterator(badger.IteratorOptions{PrefetchValues: true, PrefetchSize: 64})
		defer it.Close()
		sum, n := newDigest(), uint64(0)
		for it.Rewind(); it.Valid(); it.Next() {
			if n%256 == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			key := it.Item().Key()
			if key[0] == sectionJournal {
				continue
			}
			n++
			err := it.Item().Value(func(value []byte) error {
				out.frame(key)
				out.frame(value)
				return o.digestOne(sum, key, value)
			})
			if err != nil {
				return err
			}
		}
		out.frame(nil)
		out.write(binary.AppendUvarint(nil, n))
		out.write(out.h.Sum(nil))
		digest = sum.String()
		return nil
	})
	if err == nil {
		err = out.err
	}
	if err == nil {
		err = buf.Flush()
	}
	if err != nil {
		return "", fmt.Errorf("back the ledger up: %w", err)
	}
	return digest, nil
}

// digestOne checks a key and its value, and adds an entry to a digest.
func (o *Owner) digestOne(sum *contentDigest, key, value []byte) error {
	switch key[0] {
	case sectionRow:
		k, err := o.codec.entry(key, value)
		if err != nil || len(key) < 3 {
			return damaged("%s: %v", Kind(key[1]), err)
		}
		sum.add(Kind(key[1]), string(key[2:]), k)
		return nil
	case sectionIndex:
		if len(value) > 0 {
			return damaged("a key in an index")
		}
		return nil
	case sectionMeta, sectionUnique:
		_, err := plainContent(key, value)
		return err
	default:
		return damaged("a key of section %d", key[0])
	}
}

// Load makes the ledger of a data directory that has none, of a backup, and returns
// the digest of its content. The options must be those of the ledger that was backed
// up; without a Pseudonym its key file must have been put back before. When it fails
// what it made can't be opened; remove the directory.
func Load(ctx context.Context, data string, r io.Reader, opt Options) (digest string, err error) {
	o, err := own(data, opt)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, o.release()) }()
	defer recovered(&err, o.dir)
	if err := o.mustBeEmpty(); err != nil {
		return "", errors.New("there is a ledger already")
	}
	if o.pseudonym, err = pseudonymOf(opt, o.dir, false, o.disk); err != nil {
		return "", err
	}
	meta, digest, err := o.load(ctx, r)
	if err != nil {
		return "", fmt.Errorf("load the ledger: %w", err)
	}
	if want := o.meta(); !bytes.Equal(meta, want) {
		return "", damaged("the key of pseudonyms or the format is not that of the backup")
	}
	if o.head, err = openHead(filepath.Join(o.dir, "head")); err != nil {
		return "", err
	}
	if err := o.disk.SyncDir(o.dir); err != nil {
		return "", err
	}
	// With this transaction it is a ledger.
	return digest, o.writeMeta()
}

func (o *Owner) load(ctx context.Context, r io.Reader) (meta []byte, digest string, err error) {
	in := &hashed{r: bufio.NewReaderSize(r, 1<<20), h: sha256.New()}
	if magic := in.read(len(backupMagic)); string(magic) != backupMagic {
		return nil, "", errors.New("not a backup of a ledger")
	}
	wb := o.db.NewWriteBatch()
	defer wb.Cancel()
	sum, n := newDigest(), uint64(0)
	var last []byte
	for {
		if n%256 == 0 {
			if err := errors.Join(ctx.Err(), enough(o.opt, o.dir)); err != nil {
				return nil, "", err
			}
		}
		key := in.readFrame()
		if in.err != nil {
			return nil, "", in.err
		}
		if len(key) == 0 {
			break
		}
		value := in.readFrame()
		if in.err != nil {
			return nil, "", in.err
		}
		if bytes.Compare(key, last) <= 0 {
			return nil, "", damaged("the backup is not in order")
		}
		n, last = n+1, key
		if err := o.digestOne(sum, key, value); err != nil {
			return nil, "", err
		}
		if key[0] == sectionMeta {
			meta, _ = plainContent(key, value)
			continue // comes last
		}
		if err := wb.Set(key, value); err != nil {
			return nil, "", err
		}
	}
	if count := in.uvarint(); in.err != nil || count != n {
		return nil, "", damaged("the backup has %d keys and says another number", n)
	}
	want := in.h.Sum(nil)
	if have := in.read(len(want)); !bytes.Equal(have, want) {
		return nil, "", damaged("the backup is not what was written")
	}
	return meta, sum.String(), wb.Flush()
}

// mustBeEmpty refuses a database with something in it that is no ledger: a backup
// that was not loaded to its end.
func (o *Owner) mustBeEmpty() error {
	return o.db.View(func(txn *badger.Txn) error {
		it := txn.NewIterator(badger.IteratorOptions{})
		defer it.Close()
		if it.Rewind(); it.Valid() {
			return damaged("%s: it was not made to its end", o.dir)
		}
		return nil
	})
}

// hashed writes or reads a stream and keeps a digest of it. The first error stays.
type hashed struct {
	w   io.Writer
	r   *bufio.Reader
	h   hash.Hash
	err error
}

func (s *hashed) write(b []byte) {
	if s.err == nil {
		_, s.err = s.w.Write(b)
		s.h.Write(b)
	}
}

func (s *hashed) frame(b []byte) {
	s.write(binary.AppendUvarint(nil, uint64(len(b))))
	s.write(b)
}

// mostFrame is more than any key or value has.
const mostFrame = 4 << 20

func (s *hashed) readFrame() []byte {
	n := s.uvarint()
	if s.err == nil && n > mostFrame {
		s.err = damaged("the backup has a value of %d bytes", n)
	}
	if s.err != nil {
		return nil
	}
	return s.read(int(n))
}

func (s *hashed) read(n int) []byte {
	if s.err != nil {
		return nil
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(s.r, b); err != nil {
		s.fail(err)
		return nil
	}
	s.h.Write(b)
	return b
}

func (s *hashed) uvarint() uint64 {
	if s.err != nil {
		return 0
	}
	u, err := binary.ReadUvarint(s.r)
	if err != nil {
		s.fail(err)
		return 0
	}
	s.h.Write(binary.AppendUvarint(nil, u))
	return u
}

func (s *hashed) fail(err error) {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = damaged("the backup is cut short")
	}
	s.err = err
}
