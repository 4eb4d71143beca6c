package audit

import (
	"encoding/hex"
	"fmt"
	"os"
	"time"

	"github.com/emmansun/gmsm/sm3"

	"github.com/hedui/hedui/engine/durable"
)

// request is what one caller wants written, as one piece.
type request struct {
	entries []*Entry
	done    chan error
}

// batchesPerTurn is how many batches are written before others get a turn at the log.
const batchesPerTurn = 64

// bytesPerBatch bounds the text of a batch that more requests join.
const bytesPerBatch = 1 << 20

// append writes entries as one piece and returns when they are on the disk. What
// several callers bring while a batch is being synced goes into the next together.
func (a *Log) append(entries []*Entry) error {
	r := &request{entries: entries, done: make(chan error, 1)}
	a.mu.Lock()
	if a.closed {
		a.mu.Unlock()
		return ErrClosed
	}
	a.waiting = append(a.waiting, r)
	if !a.running {
		a.running = true
		go a.commitAll() // ends when nobody waits; Close waits for it
	}
	a.mu.Unlock()
	return <-r.done
}

// commitAll commits until nobody waits. It holds the lock of the log meanwhile.
func (a *Log) commitAll() {
	var lock *durable.Lock
	for n := 1; ; n++ {
		a.mu.Lock()
		if len(a.waiting) == 0 {
			a.running = false
			a.idle.Broadcast()
			if lock != nil {
				lock.Unlock()
			}
			a.mu.Unlock()
			return
		}
		batch := a.waiting
		a.waiting = a.spare[:0]
		a.mu.Unlock()
		var err error
		if lock != nil && n%batchesPerTurn == 0 {
			lock.Unlock()
			lock = nil
		}
		if lock == nil {
			lock, err = lockLog(a.dir)
		}
		for rest := batch; len(rest) > 0; {
			done := len(rest)
			if err == nil {
				done, err = a.commit(rest)
			}
			for _, r := range rest[:done] {
				r.done <- err
			}
			rest = rest[done:]
		}
		clear(batch)
		a.spare = batch
	}
}

// commit writes the first of some requests, at least one: find the end, write, sync,
// move the head. It returns how many it answers for. After an error nothing is known of
// the end of the log any more, and the next commit looks for it.
func (a *Log) commit(batch []*request) (done int, err error) {
	defer func() {
		if err != nil {
			a.tail, a.treeAt = head{}, head{}
			done = len(batch)
		}
	}()
	torn, err := a.findEnd()
	if err != nil {
		return 0, err
	}
	next := a.tail
	now := a.o.Now().UTC().Format(time.RFC3339)
	a.buf = a.buf[:0]
	add := func(e *Entry) error {
		e.Seq, e.Time, e.Prev = next.Seq+1, now, next.Hash
		if e.Actor == "" {
			e.Actor = a.o.Actor
		}
		var err error
		if a.buf, next.Hash, err = appendEntry(a.buf, e); err != nil {
			return err
		}
		next.Seq++
		if a.treeAt.Seq == next.Seq-1 && a.treeAt.Segment == next.Segment {
			var hash [sm3.Size]byte
			if _, err := hex.Decode(hash[:], []byte(next.Hash)); err != nil {
				return err
			}
			a.tree.add(hash[:])
			a.treeAt = next
		}
		return nil
	}
	if next.Bytes >= a.o.SegmentBytes {
		if err := a.trim(); err != nil {
			return 0, err
		}
		sealed, err := a.seal()
		if err != nil {
			return 0, err
		}
		a.closeLog()
		a.tree.reset()
		next.Segment, next.Bytes = next.Segment+1, 0
		a.treeAt = next
		if err := add(&Entry{Action: "segment", Phase: "note", Sealed: sealed}); err != nil {
			return 0, err
		}
	}
	if torn > 0 {
		if err := add(&Entry{Action: "recover", Phase: "end", TornBytes: torn}); err != nil {
			return 0, err
		}
	}
	for done < len(batch) && (done == 0 || len(a.buf) < bytesPerBatch) {
		for _, e := range batch[done].entries {
			if err := add(e); err != nil {
				return 0, err
			}
		}
		done++
	}
	if err := a.write(next); err != nil {
		return 0, err
	}
	if a.o.Watch != nil {
		for _, r := range batch[:done] {
			for _, e := range r.entries {
				a.o.Watch(e)
			}
		}
	}
	return done, nil
}

// write puts the text of a batch at the end of the log, syncs it and moves the head.
func (a *Log) write(next head) error {
	start := next.Bytes // adding entries has not moved it
	if err := a.openLog(next.Segment); err != nil {
		return err
	}
	text := int64(len(a.buf))
	length := a.roomFor(start + text)
	err := a.o.Disk.WriteAt(a.log, a.buf, start)
	if err != nil && int64(len(a.buf)) > text { // on a disk without space for the room
		a.buf, length = a.buf[:text], max(a.length, start+text)
		err = a.o.Disk.WriteAt(a.log, a.buf, start)
	}
	if err != nil {
		return fmt.Errorf("audit log: %w", err)
	}
	if err := a.o.Disk.SyncOpen(a.log); err != nil {
		return fmt.Errorf("audit log: %w", err)
	}
	if start == 0 {
		if err := a.o.Disk.SyncDir(a.dir); err != nil {
			return fmt.Errorf("audit log: %w", err)
		}
	}
	next.Bytes, a.length = start+text, length
	if a.treeAt.Seq == next.Seq {
		a.treeAt = next
	}
	if err := a.moveHead(next); err != nil {
		return err
	}
	a.tail = next
	return nil
}

// moveHead writes the head over the older of the two in its file. It is synced only
// where a segment begins: that the head never falls behind by more than a segment is
// what bounds the walk of the next who finds the end.
func (a *Log) moveHead(h head) error {
	place := 1 - a.place
	if err := a.o.Disk.WriteAt(a.headFile, appendSlot(nil, h), int64(place)*slotLen); err != nil {
		return fmt.Errorf("audit log: %w", err)
	}
	if h.Segment != a.tail.Segment {
		if err := a.o.Disk.SyncOpen(a.headFile); err != nil {
			return fmt.Errorf("audit log: %w", err)
		}
	}
	a.place = place
	return nil
}

// seal is what the first entry of the next segment says of the newest.
func (a *Log) seal() (*Sealed, error) {
	if a.treeAt != a.tail {
		f, err := os.Open(a.path(segmentName(a.tail.Segment)))
		if err != nil {
			return nil, fmt.Errorf("audit log: %w", err)
		}
		defer f.Close()
		if err := a.tree.rebuild(f); err != nil {
			return nil, err
		}
	}
	return &Sealed{Segment: a.tail.Segment, From: a.tail.Seq - a.tree.n + 1, To: a.tail.Seq, Bytes: a.tail.Bytes, Root: a.tree.root()}, nil
}

func (a *Log) openLog(segment int) error {
	if a.log != nil {
		return nil
	}
	f, err := os.OpenFile(a.path(segmentName(segment)), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("audit log: %w", err)
	}
	a.log = f
	return nil
}

func (a *Log) closeLog() {
	if a.log != nil {
		a.log.Close()
		a.log, a.length = nil, 0
	}
}
