package audit

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// Room is zeros behind the text of the newest segment. Where a file has its length and
// its blocks already, a sync writes the text and nothing else; where every append makes
// it longer, each also waits for the file system's journal, and with it for whatever else
// the machine writes. An entry has no zero bytes, so that room is never taken for text.
//
// Only a process that writes much makes room, and the segment is cut to its text before
// another follows it.
const (
	roomBytes = 512 << 10 // made at once
	roomAfter = 64 << 10  // bytes that a process writes before it makes any
)

// textEnd is where the text of an open segment ends and its room begins.
func textEnd(f *os.File) (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, fmt.Errorf("audit log: %w", err)
	}
	end := info.Size()
	block := make([]byte, 16<<10)
	for end > 0 {
		b := block[:min(int64(len(block)), end)]
		if _, err := f.ReadAt(b, end-int64(len(b))); err != nil {
			return 0, fmt.Errorf("audit log: %w", err)
		}
		for i := len(b); i > 0; i-- {
			if b[i-1] != 0 {
				return end - int64(len(b)) + int64(i), nil
			}
		}
		end -= int64(len(b))
	}
	return 0, nil
}

// roomFor appends the room that should follow a text which ends at end in a file of the
// length that is known, and returns the length then.
func (a *Log) roomFor(end int64) int64 {
	if a.written += int64(len(a.buf)); end <= a.length {
		return a.length
	}
	if a.written < roomAfter && !a.o.early {
		return end
	}
	from := len(a.buf)
	a.buf = append(a.buf, make([]byte, roomBytes)...)
	clear(a.buf[from:])
	return end + roomBytes
}

// empty reports whether nothing is written behind the text that this process knows of: a
// process that died may have written there without moving the head.
func (a *Log) empty() (bool, error) {
	var b [1]byte
	_, err := a.log.ReadAt(b[:], a.tail.Bytes)
	if errors.Is(err, io.EOF) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("audit log: %w", err)
	}
	return b[0] == 0, nil
}

// trim cuts the open segment to its text. The caller holds the lock of the log and knows
// its end.
func (a *Log) trim() error {
	if a.log == nil || a.length <= a.tail.Bytes {
		return nil
	}
	if err := a.log.Truncate(a.tail.Bytes); err != nil {
		return fmt.Errorf("audit log: %w", err)
	}
	a.length = a.tail.Bytes
	if err := a.o.Disk.SyncOpen(a.log); err != nil {
		return fmt.Errorf("audit log: %w", err)
	}
	return nil
}

// tidy cuts the room off when a log is closed, unless another process has written since.
func (a *Log) tidy() error {
	if a.log == nil || a.tail.Segment == 0 || a.length <= a.tail.Bytes {
		return nil
	}
	lock, err := lockLog(a.dir)
	if err != nil {
		return err
	}
	still, err := a.unmoved()
	if err == nil && still {
		err = a.trim()
	}
	return errors.Join(err, lock.Unlock())
}
