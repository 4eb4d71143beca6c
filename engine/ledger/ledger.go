package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Ledger is what the owner, a client of the owner and the model of the tests
// fulfil. It is safe for use by several goroutines.
type Ledger interface {
	// Get reads one entry. The error is ErrNotFound, ErrErased, ErrDamaged or what
	// the context or the way to the owner says.
	Get(ctx context.Context, kind Kind, id string) (Row, error)
	// Find reads the one entry that has a unique name: see UserName, TokenHash.
	Find(ctx context.Context, kind Kind, unique string) (Row, error)
	// List reads a page of entries in the order of the query.
	List(ctx context.Context, q Query) (Page, error)
	// Scan calls fn with every entry of a kind that is not erased, by id, as they are
	// at one moment. The row is borrowed until fn returns. It is for whoever reads all
	// of them; an error of fn ends it.
	Scan(ctx context.Context, kind Kind, fn func(*Row) error) error
	// Commit writes a change. See Change for what it refuses.
	Commit(ctx context.Context, c Change) error
	// Pseudonym is how the ledger speaks of a person or a record. It is computed
	// here, also by a client: what it is computed from does not travel.
	Pseudonym(domain Domain, plain []byte) Pseudonym
	// Digest is equal for ledgers of equal content, whatever order it came in.
	Digest(ctx context.Context) (string, error)
	// Verify reads everything and compares every index with what it leads to.
	Verify(ctx context.Context) (Report, error)
	// Close ends it. The owner finishes what was handed to it before.
	Close() error
}

// The errors of a Ledger, the same at the owner and at a client.
var (
	// ErrNotFound says that there never was such an entry.
	ErrNotFound = errors.New("not in the ledger")
	// ErrErased says that there was one, and that its content was removed by a rule
	// of retention.
	ErrErased = errors.New("erased from the ledger")
	// ErrConflict says that an entry is not at the version the change was made
	// from, or that a unique name is taken. Nothing was written: read and decide
	// again.
	ErrConflict = errors.New("changed meanwhile")
	// ErrFenced says that a newer epoch works on the partition, or that the
	// offsets of the change were worked off already.
	ErrFenced = errors.New("another worker has the partition")
	// ErrInvalid says that a change or a query can't be right. It is a bug of the
	// caller or an input that should have been refused before.
	ErrInvalid = errors.New("not a valid request to the ledger")
	// ErrTooLarge says that a change must be split: see MaxOps and MaxBytes.
	ErrTooLarge = errors.New("too large for one change")
	// ErrSpace says that the file system has less free space than is kept in
	// reserve. Nothing was written.
	ErrSpace = errors.New("too little free space")
	// ErrDamaged says that what is on the disk is not what was written.
	ErrDamaged = errors.New("the ledger is damaged")
	// ErrOwned says that another process owns the ledger.
	ErrOwned = errors.New("another process owns the ledger")
	// ErrUnreachable says that no owner answers.
	ErrUnreachable = errors.New("no process answers for the ledger")
	// ErrClosed says that the ledger was closed.
	ErrClosed = errors.New("the ledger is closed")
)

// What one change may hold. A batch of verdicts is committed in several.
const (
	MaxOps   = 4096    // puts and conditions
	MaxBytes = 4 << 20 // of ids, fields and bodies
)

// What one entry may hold.
const (
	maxID     = 200       // bytes of an id, a unique name or a field that is looked up by
	maxFields = 256 << 10 // bytes
	maxBody   = 900 << 10 // bytes; below what Badger keeps inline, also sealed
)

// Version counts the states of an entry from 1. Zero is an entry that is not there.
type Version uint32

// Instant is a time in milliseconds since 1970, UTC: comparable, without a zone.
type Instant int64

// At is the instant of a time; it cuts to milliseconds.
func At(t time.Time) Instant { return Instant(t.UnixMilli()) }

// Time is the instant as a time in UTC.
func (i Instant) Time() time.Time { return time.UnixMilli(int64(i)).UTC() }

// Row is an entry as it is kept: what it is looked up by as JSON, and its body.
type Row struct {
	Kind    Kind    `json:"kind"`
	ID      string  `json:"id"`
	Version Version `json:"version"`
	Fields  []byte  `json:"fields"`
	Body    []byte  `json:"body,omitempty"`
}

// Op puts one entry. Make it with Put, PutOver or Erase.
type Op struct {
	Kind   Kind    `json:"kind"`
	ID     string  `json:"id"`
	Expect Version `json:"expect"`          // the version it was made from; 0: must be new
	Over   bool    `json:"over,omitempty"`  // whatever its version is
	Erase  bool    `json:"erase,omitempty"` // leave a stub
	Fields []byte  `json:"fields,omitempty"`
	Body   []byte  `json:"body,omitempty"`

	// What Put found out, so that the owner need not decode what it just encoded.
	// It does not travel.
	known *known
}

// Require is the condition that an entry is at a version, without writing it.
// Version 0 is the condition that there is none.
type Require struct {
	Kind    Kind    `json:"kind"`
	ID      string  `json:"id"`
	Version Version `json:"version"`
}

// Fence is the condition that a worker still has its partition and that nobody
// worked off these messages before. It is checked and moved in the same step as
// the puts.
//
// A change with a newer epoch takes the partition over. From must be where the
// ledger says that the partition stands (see Position), unless it says nothing.
// The partition then stands at To, which may equal From. Restart takes it over with a
// newer epoch and has it stand at To wherever it stood, as for a topic that was made anew.
// Mark is what the worker wants to find again at the position: its body, 4 KiB at most.
type Fence struct {
	Topic     string `json:"topic"`
	Partition int32  `json:"partition"`
	Epoch     int64  `json:"epoch"`
	From      int64  `json:"from"`
	To        int64  `json:"to"` // the offset after the last one
	Restart   bool   `json:"restart,omitempty"`
	Mark      []byte `json:"mark,omitempty"`
}

// Change is a set of puts that happens whole or not at all. No entry may be put
// twice in it.
//
// Commit refuses it with ErrConflict when an entry is at another version than an Op
// or a Require expects, or when a unique name is taken; with ErrFenced by its
// fence; with ErrErased when it puts what was erased; with ErrInvalid, ErrTooLarge or
// ErrSpace. Then nothing of it was written.
type Change struct {
	Ops      []Op      `json:"ops,omitempty"`
	Requires []Require `json:"requires,omitempty"`
	Fence    *Fence    `json:"fence,omitempty"`
}

// Query asks for entries by an index. Make it with one of the functions that return
// one: VerdictsOf, CasesIn, … Limit and Cursor may be set afterwards.
type Query struct {
	Kind   Kind   `json:"kind"`
	Prefix []byte `json:"prefix"`           // of the keys: see docs/ledger-format.md
	Cursor string `json:"cursor,omitempty"` // Next of the page before
	Limit  int    `json:"limit,omitempty"`  // 0 is DefaultPage; never more than MaxPage
	Bare   bool   `json:"bare,omitempty"`   // leave the bodies out
}

// How many entries a page holds. It ends earlier when it grows beyond 4 MiB.
const (
	DefaultPage = 100
	MaxPage     = 1000
	pageBytes   = 4 << 20
)

// Page is a part of what a query finds.
type Page struct {
	Rows []Row  `json:"rows"`
	Next string `json:"next,omitempty"` // empty at the end
}

// Report is what Verify found.
type Report struct {
	Entries int64    `json:"entries"`
	Stubs   int64    `json:"stubs"` // of them erased
	Indexes int64    `json:"indexes"`
	Tables  int64    `json:"tables"`
	Digest  string   `json:"digest"`
	Damage  []string `json:"damage,omitempty"` // the first hundred, by kind and id
}

// OK says that nothing is damaged.
func (r Report) OK() bool { return len(r.Damage) == 0 }

// ConflictError is the ErrConflict of an entry.
type ConflictError struct {
	Kind   Kind
	ID     string
	Expect Version
	Have   Version // 0 when the entry is not there
	Unique bool    // a unique name of the entry belongs to another
}

func (e *ConflictError) Error() string {
	if e.Unique {
		return fmt.Sprintf("%s %s: its name belongs to another", e.Kind, e.ID)
	}
	return fmt.Sprintf("%s %s is at version %d, not %d", e.Kind, e.ID, e.Have, e.Expect)
}

// Is makes it an ErrConflict.
func (e *ConflictError) Is(target error) bool { return target == ErrConflict }
