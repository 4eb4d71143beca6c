package audit

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// Tail gives out the entries of a log in their order as it grows, whichever process writes
// them. It takes no lock, so that who appends never waits for it, and goes as far as the
// head: what is not acknowledged yet does not come. It is for one goroutine.
type Tail struct {
	dir     string
	seq     int64 // of the last entry that was given out, or that is not wanted
	segment int   // that file is of
	file    *os.File
	at      int64 // where the next line begins
}

// Follow returns a tail that begins behind an entry; 0 is the beginning. Entries that were
// pruned do not come.
func Follow(dataDir string, after int64) *Tail {
	return &Tail{dir: filepath.Join(dataDir, "audit"), seq: after}
}

// Seq is the number of the last entry that was given out.
func (t *Tail) Seq() int64 { return t.seq }

// Close ends it.
func (t *Tail) Close() error {
	if t.file == nil {
		return nil
	}
	f := t.file
	t.file = nil
	return f.Close()
}

// Next gives out at most limit entries and says how many it gave; fewer than limit are all
// that there are. take must not keep the entry. When take fails its entry comes again.
func (t *Tail) Next(ctx context.Context, limit int, take func(*Entry) error) (n int, err error) {
	h, err := readHeads(filepath.Join(t.dir, headFile))
	if err != nil {
		return 0, err
	}
	if h.Seq < t.seq {
		return 0, fmt.Errorf("%w: its newest entry is %d, and %d was read before", ErrDamaged, h.Seq, t.seq)
	}
	for n < limit && t.seq < h.Seq {
		if t.file == nil {
			if err := t.open(); err != nil {
				return n, err
			}
		}
		end := h.Bytes
		if t.segment != h.Segment {
			info, err := t.file.Stat()
			if err != nil {
				return n, fmt.Errorf("audit log: %w", err)
			}
			end = info.Size()
		}
		given, err := t.lines(ctx, end, limit-n, take)
		n += given
		if err != nil {
			return n, err
		}
		if n < limit && t.segment < h.Segment {
			if err := t.Close(); err != nil {
				return n, fmt.Errorf("audit log: %w", err)
			}
		} else if n < limit && t.seq < h.Seq {
			return n, fmt.Errorf("%w: it ends before entry %d", ErrDamaged, h.Seq)
		}
	}
	return n, nil
}

// open opens the segment after the last one, or at first the one that the next entry is in.
func (t *Tail) open() error {
	held, err := pieces(t.dir)
	if err != nil {
		return err
	}
	held = slices.DeleteFunc(held, func(p piece) bool { return p.stub || p.number <= t.segment })
	if len(held) == 0 {
		return fmt.Errorf("%w: the segment after %d is missing", ErrDamaged, t.segment)
	}
	next := held[0]
	for _, p := range held[1:] {
		if t.segment > 0 || t.seq == 0 {
			break
		}
		first, err := firstSeq(p.path)
		if err != nil {
			return err
		}
		if first > t.seq+1 {
			break
		}
		next = p
	}
	if t.file, err = os.Open(next.path); err != nil {
		return fmt.Errorf("audit log: %w", err)
	}
	t.segment, t.at = next.number, 0
	return nil
}

func firstSeq(path string) (int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, fmt.Errorf("audit log: %w", err)
	}
	defer f.Close()
	b := make([]byte, len(seqKey)+20)
	n, err := io.ReadFull(f, b)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return 0, fmt.Errorf("audit log: %w", err)
	}
	return seqOf(b[:n]), nil
}

// seqOf is the number at the beginning of a line.
func seqOf(line []byte) (seq int64) {
	for i := len(seqKey); i < len(line) && line[i] >= '0' && line[i] <= '9'; i++ {
		seq = seq*10 + int64(line[i]-'0')
	}
	return seq
}

// lines gives out the lines up to end of the file.
func (t *Tail) lines(ctx context.Context, end int64, limit int, take func(*Entry) error) (n int, err error) {
	in := bufio.NewReaderSize(io.NewSectionReader(t.file, t.at, end-t.at), 1<<16)
	var line []byte
	for n < limit && t.at < end {
		if err := ctx.Err(); err != nil {
			return n, err
		}
		line = line[:0]
		for {
			part, err := in.ReadSlice('\n')
			line = append(line, part...)
			if err == nil {
				break
			}
			if !errors.Is(err, bufio.ErrBufferFull) || len(line) > maxLine {
				return n, fmt.Errorf("%w: entry %d is not whole", ErrDamaged, t.seq+1)
			}
		}
		if seqOf(line) > t.seq {
			e, _, err := parseEntry(line[:len(line)-1])
			if err != nil {
				return n, fmt.Errorf("%w: entry %d", ErrDamaged, t.seq+1)
			}
			if err := take(&e); err != nil {
				return n, err
			}
			t.seq = e.Seq
			n++
		}
		t.at += int64(len(line))
	}
	return n, nil
}
