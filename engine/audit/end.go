package audit

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// findEnd makes tail the last whole entry of the log and has its segment open. What
// stands after it was being written when a process died: it is moved to a file of its
// own and cut off; torn is its length.
func (a *Log) findEnd() (torn int64, err error) {
	still, err := a.unmoved()
	if err != nil || still {
		return 0, err
	}
	a.closeLog()
	a.tail = head{}
	if err := a.openHead(); err != nil {
		return 0, err
	}
	h, err := a.readHead()
	if err != nil {
		return 0, err
	}
	tail, before := h.head, head{}
	for more := true; more; {
		if more, err = a.there(tail.Segment + 1); err != nil {
			return 0, err
		}
		if torn, err = a.walk(&tail, more); err != nil {
			return 0, err
		}
		if more {
			a.closeLog()
			before = tail
			tail.Segment, tail.Bytes = tail.Segment+1, 0
		}
	}
	if tail.Bytes == 0 && tail.Segment > 1 {
		// A process died before the first entry of the segment was whole.
		a.closeLog()
		if err := a.o.Disk.RemoveAll(a.path(segmentName(tail.Segment))); err != nil {
			return 0, fmt.Errorf("audit log: %w", err)
		}
		tail = before
		if err := a.openLog(tail.Segment); err != nil {
			return 0, err
		}
	}
	a.tail, a.place = tail, h.place
	if a.treeAt != tail {
		a.treeAt = head{}
	}
	if tail.Seq == 0 {
		a.tree.reset()
		a.treeAt = tail
	}
	return torn, nil
}

// unmoved reports whether nobody wrote, and nothing was done to the files, since this
// process moved the head.
func (a *Log) unmoved() (bool, error) {
	if a.tail.Segment == 0 || a.log == nil {
		return false, nil
	}
	if same, err := sameFile(a.headFile, a.path(headFile), headLen); err != nil || !same {
		return false, err
	}
	if same, err := sameFile(a.log, a.path(segmentName(a.tail.Segment)), a.length); err != nil || !same {
		return false, err
	}
	if empty, err := a.empty(); err != nil || !empty {
		return false, err
	}
	h, err := a.readHead()
	if err != nil || h.head != a.tail {
		return false, err
	}
	more, err := a.there(a.tail.Segment + 1)
	return !more, err
}

// sameFile reports whether an open file is still the one that lies at a path, and of
// the length it had.
func sameFile(f *os.File, path string, size int64) (bool, error) {
	at, err := os.Lstat(path)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("audit log: %w", err)
	}
	is, err := f.Stat()
	if err != nil {
		return false, fmt.Errorf("audit log: %w", err)
	}
	return os.SameFile(at, is) && is.Size() == size, nil
}

// there reports whether a segment is there.
func (a *Log) there(segment int) (bool, error) {
	_, err := os.Lstat(a.path(segmentName(segment)))
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("audit log: %w", err)
	}
	return true, nil
}

func (a *Log) openHead() error {
	if a.headFile != nil {
		a.headFile.Close()
		a.headFile = nil
	}
	f, err := os.OpenFile(a.path(headFile), os.O_RDWR, 0)
	if errors.Is(err, os.ErrNotExist) {
		return ErrDamaged
	}
	if err != nil {
		return fmt.Errorf("audit log: %w", err)
	}
	a.headFile = f
	return nil
}

// readHead reads the open head. One of format 1 can't be written over: the log was put
// back from an old copy after it was opened.
func (a *Log) readHead() (heads, error) {
	var text [headLen + 1]byte
	n, err := a.headFile.ReadAt(text[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return heads{}, fmt.Errorf("audit log: %w", err)
	}
	h, err := parseHeads(text[:n])
	if err == nil && h.old {
		err = ErrDamaged
	}
	return h, err
}

// walk opens the segment of tail and goes from there to its last whole entry. Entries
// behind the head were written by a process that died before it moved the head; its
// sync may have failed, so that they are written again and synced before anything
// follows them. When there is a segment after this one, nothing may be torn.
func (a *Log) walk(tail *head, more bool) (torn int64, err error) {
	fresh := tail.Bytes == 0
	if tail.Seq > 0 && !fresh {
		if is, err := a.there(tail.Segment); err != nil || !is {
			return 0, errors.Join(err, ErrDamaged)
		}
	}
	if err := a.openLog(tail.Segment); err != nil {
		return 0, err
	}
	info, err := a.log.Stat()
	if err != nil {
		return 0, fmt.Errorf("audit log: %w", err)
	}
	start, size := tail.Bytes, info.Size()
	a.length = size
	if !more {
		if size, err = textEnd(a.log); err != nil {
			return 0, err
		}
	}
	if size < start {
		return 0, ErrDamaged
	}
	if !fresh {
		if err := checkEnd(a.log, *tail); err != nil {
			return 0, err
		}
	}
	if size == start {
		return 0, nil
	}
	all := make([]byte, size-start)
	if _, err := a.log.ReadAt(all, start); err != nil {
		return 0, fmt.Errorf("audit log: %w", err)
	}
	rest := all
	for first := fresh && tail.Segment > 1; ; first = false {
		i := bytes.IndexByte(rest, '\n')
		if i < 0 {
			break
		}
		if tornLine(rest[:i]) {
			break
		}
		e, hash, err := parseEntry(rest[:i])
		if err != nil || e.Seq != tail.Seq+1 || e.Prev != tail.Hash || first != (e.Sealed != nil) {
			return 0, ErrDamaged
		}
		tail.Seq, tail.Hash, tail.Bytes = e.Seq, hash, tail.Bytes+int64(i)+1
		rest = rest[i+1:]
	}
	if len(rest) > 0 {
		if more {
			return 0, ErrDamaged
		}
		if err := a.setAside(rest, *tail); err != nil {
			return 0, err
		}
	}
	if err := a.o.Disk.WriteAt(a.log, all[:len(all)-len(rest)], start); err != nil {
		return 0, fmt.Errorf("audit log: %w", err)
	}
	if err := a.o.Disk.SyncOpen(a.log); err != nil {
		return 0, fmt.Errorf("audit log: %w", err)
	}
	if fresh {
		if err := a.o.Disk.SyncDir(a.dir); err != nil {
			return 0, fmt.Errorf("audit log: %w", err)
		}
	}
	return int64(len(rest)), nil
}

// tornLine reports whether a line has a page that never reached the disk: entries have
// no zero bytes.
func tornLine(line []byte) bool { return bytes.IndexByte(line, 0) >= 0 }

// setAside keeps what was torn in a file of its own and cuts it off.
func (a *Log) setAside(torn []byte, tail head) error {
	aside := a.path(fmt.Sprintf("audit.torn-%d", tail.Seq+1))
	if err := a.o.Disk.WriteFile(aside, torn, 0o600); err != nil {
		return fmt.Errorf("audit log: %w", err)
	}
	if err := a.log.Truncate(tail.Bytes); err != nil {
		return fmt.Errorf("audit log: %w", err)
	}
	a.length = tail.Bytes
	return nil
}

// checkEnd proves that the entry which a head names ends where it says.
func checkEnd(f io.ReaderAt, want head) error {
	end := make([]byte, hashLen+1)
	if _, err := f.ReadAt(end, want.Bytes-int64(len(end))); err != nil || string(end) != hashKey+want.Hash+"\"}\n" {
		return ErrDamaged
	}
	return nil
}
