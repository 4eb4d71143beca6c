package audit

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/hedui/hedui/engine/durable"
)

// Report is what Verify found.
type Report struct {
	Entries int64  `json:"entries"`
	Head    string `json:"head"` // hash of the last good entry
	// Of the first fault; FirstBad is 0 when there is none.
	FirstBad int64  `json:"first_bad,omitempty"` // seq that the log should go on with
	Offset   int64  `json:"offset,omitempty"`
	Reason   string `json:"reason,omitempty"`
	// TornBytes are at the end of the log, from a process that died while it wrote.
	// They were never acknowledged and the next append moves them aside.
	TornBytes int64 `json:"torn_bytes,omitempty"`
}

// OK reports whether the log is whole.
func (r Report) OK() bool { return r.FirstBad == 0 }

// maxLine is more than any entry is long.
const maxLine = 16 << 20

// Verify reads the whole audit log of a data directory and checks every hash,
// the chain and the head. An error means that the log could not be read; a log that
// was tampered with is a Report with FirstBad set.
func Verify(ctx context.Context, dataDir string, progress func(done, total int64)) (Report, error) {
	dir := filepath.Join(dataDir, "audit")
	f, err := os.Open(filepath.Join(dir, "audit.log"))
	if errors.Is(err, os.ErrNotExist) {
		h, err := readHead(filepath.Join(dir, "audit.head"))
		if _, there := os.Stat(filepath.Join(dir, "audit.head")); there == nil && (err != nil || h.Seq > 0) {
			return Report{FirstBad: 1, Reason: "the head names entries but the log is gone"}, nil
		}
		return Report{Head: zeroHash}, nil
	}
	if err != nil {
		return Report{}, fmt.Errorf("audit log: %w", err)
	}
	defer f.Close()
	// An append moves log and head: both are read as they are between two appends.
	// The log only grows, so its length and the head are enough.
	lock, err := durable.WaitLock(filepath.Join(dir, "audit.lock"))
	if err != nil {
		return Report{}, fmt.Errorf("audit log: %w", err)
	}
	info, err := f.Stat()
	want, headErr := readHead(filepath.Join(dir, "audit.head"))
	if err := errors.Join(err, lock.Unlock()); err != nil {
		return Report{}, fmt.Errorf("audit log: %w", err)
	}
	return verifyLog(ctx, io.LimitReader(f, info.Size()), info.Size(), want, headErr, progress)
}

func verifyLog(ctx context.Context, log io.Reader, size int64, want head, headErr error, progress func(done, total int64)) (Report, error) {
	r := Report{Head: zeroHash}
	bad := func(reason string) (Report, error) {
		r.FirstBad, r.Reason = r.Entries+1, reason
		return r, nil
	}
	in := bufio.NewReaderSize(log, 1<<20)
	var line []byte
	headSeen := headErr == nil && want.Seq == 0
	for {
		if err := ctx.Err(); err != nil {
			return r, err
		}
		part, err := in.ReadSlice('\n')
		line = append(line, part...)
		if errors.Is(err, bufio.ErrBufferFull) {
			if len(line) > maxLine {
				return bad("a line longer than any entry")
			}
			continue
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return r, fmt.Errorf("audit log: %w", err)
		}
		if err != nil { // the end, perhaps with something torn before it
			r.TornBytes = int64(len(line))
			break
		}
		e, hash, perr := parseEntry(line[:len(line)-1])
		switch {
		case perr != nil:
			return bad("the entry was changed")
		case e.Seq != r.Entries+1:
			return bad(fmt.Sprintf("entry %d stands where entry %d should", e.Seq, r.Entries+1))
		case e.Prev != r.Head:
			return bad("the entry does not follow from the one before it")
		}
		r.Entries, r.Head = e.Seq, hash
		r.Offset += int64(len(line))
		if e.Seq == want.Seq {
			headSeen = hash == want.Hash && r.Offset == want.Bytes
			if !headSeen {
				r.Entries--
				return bad("the head names another entry")
			}
		}
		line = line[:0]
		if progress != nil && r.Entries%256 == 0 {
			progress(r.Offset, size)
		}
	}
	switch {
	case headErr != nil:
		return bad("the head is gone or damaged")
	case !headSeen:
		return bad(fmt.Sprintf("the log ends before entry %d, which its head names", want.Seq))
	}
	return r, nil
}
