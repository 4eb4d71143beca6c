package ledger

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/dgraph-io/badger/v4"
)

// Scan reads all entries of a kind as they are at one moment. Rows are read where they
// lie, one after the other, and what fn is given is used again for the next: some
// microseconds an entry, where List looks each of them up.
func (o *Owner) Scan(ctx context.Context, kind Kind, fn func(*Row) error) error {
	if blank(kind) == nil {
		return fmt.Errorf("%w: a scan of %s", ErrInvalid, kind)
	}
	return o.view(ctx, func(txn *badger.Txn) error {
		it := txn.NewIterator(badger.IteratorOptions{Prefix: rowKey(kind, "")})
		defer it.Close()
		s := &scan{codec: o.codec, row: Row{Kind: kind}}
		n := 0
		for it.Rewind(); it.Valid(); it.Next() {
			if n++; n&0xff == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			item := it.Item()
			key := item.Key()
			var shown bool
			err := item.Value(func(value []byte) (err error) {
				shown, err = s.take(key, value)
				return err
			})
			if err != nil {
				return damaged("%s %s: %v", kind, key[2:], err)
			}
			if !shown {
				continue
			}
			if err := fn(&s.row); err != nil {
				return err
			}
		}
		return nil
	})
}

// scan is the memory of one Scan.
type scan struct {
	codec    *codec
	row      Row
	unsealed []byte
	plain    []byte
}

// take reads a row; it is not shown when it was erased.
func (s *scan) take(key, value []byte) (shown bool, err error) {
	k, err := s.codec.entryInto(key, value, &s.unsealed, &s.plain)
	if err != nil {
		return false, err
	}
	s.row.ID, s.row.Version, s.row.Fields, s.row.Body = string(key[2:]), k.version, k.fields, k.body
	return !k.erased, nil
}

// On the way to a client a row is a number that is not 0, the length of its id and more,
// and the parts; a 0 ends the rows, and what the owner says of the end follows as JSON.
const scanMark = 1

// scanRequest asks for all entries of a kind.
type scanRequest struct {
	Kind Kind `json:"kind"`
}

// scanEnd is what comes after the rows.
type scanEnd struct {
	Error *wireError `json:"error,omitempty"`
}

func serveScan(l Ledger) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in scanRequest
		d := json.NewDecoder(http.MaxBytesReader(w, r.Body, wireBytes))
		d.DisallowUnknownFields()
		out := bufio.NewWriterSize(w, 64<<10)
		err := d.Decode(&in)
		if err != nil {
			err = errors.Join(ErrInvalid, errors.New("a request that is not one of this version"))
		} else {
			var head []byte
			err = l.Scan(r.Context(), in.Kind, func(row *Row) error {
				head = append(head[:0], scanMark)
				for _, n := range [...]int{int(row.Version), len(row.ID), len(row.Fields), len(row.Body)} {
					head = binary.AppendUvarint(head, uint64(n))
				}
				_, _ = out.Write(head)
				_, _ = out.WriteString(row.ID)
				_, _ = out.Write(row.Fields)
				_, err := out.Write(row.Body) // an error stays
				return err
			})
		}
		var end scanEnd
		if err != nil {
			e := toWire(err)
			end.Error = &e
		}
		b, err := json.Marshal(end)
		if err != nil {
			return
		}
		_ = out.WriteByte(0)
		_, _ = out.Write(b)
		_ = out.Flush() // a client that went away asked for nothing more
	}
}

// Scan lets the owner scan.
func (c *Client) Scan(ctx context.Context, kind Kind, fn func(*Row) error) error {
	answer, err := c.post(ctx, "scan", scanRequest{kind})
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the owner of the ledger answers in another version: status %d", answer.StatusCode)
	}
	in := bufio.NewReaderSize(answer.Body, 64<<10)
	row, buffer := Row{Kind: kind}, []byte(nil)
	for {
		more, err := readScanned(in, &row, &buffer)
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return fmt.Errorf("%w: %w", ErrUnreachable, err)
		}
		if !more {
			break
		}
		if err := fn(&row); err != nil {
			return err
		}
	}
	b, err := io.ReadAll(io.LimitReader(in, wireBytes))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	var end scanEnd
	if json.Unmarshal(b, &end) != nil { // cut off, or another's
		return fmt.Errorf("%w: the answer ends early", ErrUnreachable)
	}
	if end.Error != nil {
		return end.Error
	}
	return nil
}

var errScanned = errors.New("what the owner of the ledger sends is no list of entries")

// readScanned reads the next row into memory that is used again.
func readScanned(in *bufio.Reader, row *Row, buffer *[]byte) (more bool, err error) {
	mark, err := in.ReadByte()
	switch {
	case err != nil:
		return false, err
	case mark == 0:
		return false, nil
	case mark != scanMark:
		return false, errScanned
	}
	var n [4]uint64
	for i, most := range [...]uint64{1<<32 - 1, maxID, maxFields, maxBody} {
		if n[i], err = binary.ReadUvarint(in); err != nil {
			return false, err
		}
		if n[i] > most {
			return false, errScanned
		}
	}
	size := int(n[1] + n[2] + n[3])
	if cap(*buffer) < size {
		*buffer = make([]byte, size)
	}
	b := (*buffer)[:size]
	if _, err := io.ReadFull(in, b); err != nil {
		return false, err
	}
	row.Version, row.ID = Version(n[0]), string(b[:n[1]])
	row.Fields, row.Body = b[n[1]:n[1]+n[2]:n[1]+n[2]], b[n[1]+n[2]:]
	return true, nil
}
