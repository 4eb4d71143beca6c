package audit

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/hedui/hedui/engine/durable"
)

// DefaultSegmentBytes is the length from which a segment is followed by a new one.
const DefaultSegmentBytes = 64 << 20

// Options of Open.
type Options struct {
	Actor        string           // who looks when an entry does not say; must not be empty
	Now          func() time.Time // the clock that entries are stamped with
	SegmentBytes int64            // 0 means DefaultSegmentBytes
	Anchors      AnchorOptions    // where signed heads go; the zero value is nowhere
	// Watch is given each entry of this process once it is durable and before it is
	// acknowledged, in the order of the log, as an alarm needs it; nil watches nothing. It
	// must not keep the entry, and not wait.
	Watch func(*Entry)
	Disk  durable.Disk

	early bool // makes room from the first entry on; tests
}

// Log appends to the audit log of a data directory. It is safe for use by
// several goroutines, and several processes may append to one log.
type Log struct {
	o   Options
	dir string

	mu      sync.Mutex
	waiting []*request // that no batch has taken yet
	running bool       // a goroutine is committing
	closed  bool
	idle    sync.Cond // running became false

	anchoring sync.Mutex
	anchored  Head // by this process

	// Of the goroutine that commits; there is one at a time.
	tail     head // newest entry known; Segment 0 when nothing is known
	place    int  // of the newest head in its file
	log      *os.File
	headFile *os.File
	tree     tree // over the segment of tail; treeAt says up to where
	treeAt   head
	length   int64 // of the open segment, with the room behind its text
	written  int64 // by this process
	buf      []byte
	spare    []*request
}

// ErrDamaged is returned when the log does not end in the entry that its head
// names. Nothing may be looked at until somebody has found out why; Verify
// names the place.
var ErrDamaged = errors.New("the audit log is damaged: `hedui audit verify` names the place")

// ErrClosed is returned after Close: nothing was written.
var ErrClosed = errors.New("the audit log was closed")

// Open opens the audit log of a data directory, which is made when there is
// none. Moving a torn tail aside and checking the last entry happen at every
// append after which another process may have written.
func Open(dataDir string, o Options) (*Log, error) {
	if o.Actor == "" || o.Now == nil {
		return nil, errors.New("the audit log needs to know who looks and a clock")
	}
	if o.SegmentBytes <= 0 {
		o.SegmentBytes = DefaultSegmentBytes
	}
	if err := durable.Usable(dataDir); err != nil {
		return nil, err
	}
	a := &Log{o: o, dir: filepath.Join(dataDir, "audit")}
	a.idle.L = &a.mu
	if err := o.Disk.MkdirAll(a.dir); err != nil {
		return nil, err
	}
	lock, err := lockLog(a.dir)
	if err != nil {
		return nil, err
	}
	defer lock.Unlock()
	return a, a.found()
}

// found gives an empty log its head, so that a log without one was tampered with, and
// takes over the one file that the log was before it had segments. A crash on the way
// is gone on from by the next.
func (a *Log) found() error {
	held, err := pieces(a.dir)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(a.path(headFile))
	if errors.Is(err, os.ErrNotExist) {
		if len(held) > 0 {
			return nil // append refuses
		}
		return a.makeHead(head{Hash: zeroHash, Segment: 1})
	}
	if err != nil {
		return fmt.Errorf("audit log: %w", err)
	}
	h, err := parseHeads(text)
	if err != nil || !h.old {
		return nil //nolint:nilerr // a damaged head is what append refuses
	}
	if _, err := os.Lstat(a.path(oldLog)); err == nil {
		if _, err := os.Lstat(a.path(segmentName(1))); !errors.Is(err, os.ErrNotExist) {
			return ErrDamaged
		}
		if err := a.o.Disk.Rename(a.path(oldLog), a.path(segmentName(1))); err != nil {
			return fmt.Errorf("audit log: %w", err)
		}
	}
	return a.makeHead(h.head)
}

func (a *Log) makeHead(h head) error {
	if err := a.o.Disk.WriteFile(a.path(headFile), newHeadFile(h), 0o600); err != nil {
		return fmt.Errorf("audit log: %w", err)
	}
	return nil
}

func dataDirOf(dir string) string { return filepath.Dir(dir) }

func (a *Log) path(name string) string { return filepath.Join(a.dir, name) }

// Close waits for what is being written, makes the head durable and closes the log's
// files. A process that ends without it loses nothing.
func (a *Log) Close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.closed = true
	for a.running {
		a.idle.Wait()
	}
	err := a.tidy()
	if a.headFile != nil {
		err = errors.Join(err, a.o.Disk.SyncOpen(a.headFile), a.headFile.Close())
	}
	if a.log != nil {
		err = errors.Join(err, a.log.Close())
	}
	a.headFile, a.log, a.tail = nil, nil, head{}
	return err
}

// lockLog takes the lock of a log. Who waits for it holds the turn, so that a process
// with much to write can't keep others out by taking the lock again at once.
func lockLog(dir string) (*durable.Lock, error) {
	turn, err := durable.WaitLock(filepath.Join(dir, turnFile))
	if err != nil {
		return nil, fmt.Errorf("audit log: %w", err)
	}
	defer turn.Unlock()
	lock, err := durable.WaitLock(filepath.Join(dir, lockFile))
	if err != nil {
		return nil, fmt.Errorf("audit log: %w", err)
	}
	return lock, nil
}
