package audit

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// Head names an entry that was once the newest.
type Head struct {
	Seq     int64  `json:"seq"`
	Hash    string `json:"hash"`
	Segment int    `json:"segment"`
	Bytes   int64  `json:"bytes"` // length of the segment with the entry
	Time    string `json:"time"`  // RFC 3339, UTC, when the head was taken
}

// SignedHead is a head that is kept where the log's writers can't reach.
type SignedHead struct {
	Head
	Signature
}

// AnchorOptions say where a running process writes signed heads.
type AnchorOptions struct {
	Key  Signer // nil anchors nothing
	Path string // file that lines are added to, on another machine or medium
}

// AnchorEvery is how far apart two anchors may be at most: what was written since the
// last can be rewritten without a trace by who holds the machine.
const AnchorEvery = 10 * time.Minute

// ErrNoAnchor is returned by Anchor when no key or no place was configured.
var ErrNoAnchor = errors.New("no key and no place to anchor the audit log")

// TakeHead reads the newest head of a data directory and signs it. It changes nothing.
func TakeHead(dataDir string, key Signer, now time.Time) (SignedHead, error) {
	dir := filepath.Join(dataDir, "audit")
	if _, err := os.Stat(dir); err != nil {
		return SignedHead{}, fmt.Errorf("audit log: %w", err)
	}
	lock, err := lockLog(dir)
	if err != nil {
		return SignedHead{}, err
	}
	defer lock.Unlock()
	h, err := readHeads(filepath.Join(dir, headFile))
	if err != nil {
		return SignedHead{}, err
	}
	if err := headEnds(dir, h.head); err != nil {
		return SignedHead{}, err
	}
	out := SignedHead{Head: Head{Seq: h.Seq, Hash: h.Hash, Segment: h.Segment, Bytes: h.Bytes, Time: now.UTC().Format(time.RFC3339)}}
	out.Signature, err = sign(key, "head", out.Head)
	return out, err
}

// headEnds proves that the log has the entry that its head names.
func headEnds(dir string, h head) error {
	if h.Seq == 0 {
		return nil
	}
	f, err := os.Open(filepath.Join(dir, segmentName(h.Segment)))
	if errors.Is(err, os.ErrNotExist) && h.Segment == 1 {
		f, err = os.Open(filepath.Join(dir, oldLog))
	}
	if errors.Is(err, os.ErrNotExist) {
		return ErrDamaged
	}
	if err != nil {
		return fmt.Errorf("audit log: %w", err)
	}
	defer f.Close()
	return checkEnd(f, h)
}

// Anchor signs the newest head and adds it to the configured place. When it returns
// without an error the head is durable there.
func (a *Log) Anchor(ctx context.Context) (SignedHead, error) {
	if a.o.Anchors.Key == nil || a.o.Anchors.Path == "" {
		return SignedHead{}, ErrNoAnchor
	}
	if err := ctx.Err(); err != nil {
		return SignedHead{}, err
	}
	a.anchoring.Lock()
	defer a.anchoring.Unlock()
	h, err := TakeHead(dataDirOf(a.dir), a.o.Anchors.Key, a.o.Now())
	if err != nil {
		return SignedHead{}, err
	}
	if h.Seq < a.anchored.Seq || a.anchored.Hash != "" && h.Seq == a.anchored.Seq && h.Hash != a.anchored.Hash {
		return SignedHead{}, ErrDamaged // it was put back while this process ran
	}
	if err := a.addAnchor(h); err != nil {
		return SignedHead{}, fmt.Errorf("anchor the audit log: %w", err)
	}
	a.anchored = h.Head
	return h, nil
}

func (a *Log) addAnchor(h SignedHead) error {
	line, err := json.Marshal(h)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(a.o.Anchors.Path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if size := info.Size(); size > 0 {
		var last [1]byte
		if _, err := f.ReadAt(last[:], size-1); err != nil {
			return err
		}
		if last[0] != '\n' { // a process died in the middle of a line
			line = append([]byte{'\n'}, line...)
		}
	}
	if _, err := f.Write(append(line, '\n')); err != nil {
		return err
	}
	if err := a.o.Disk.SyncOpen(f); err != nil {
		return err
	}
	if info.Size() == 0 {
		return a.o.Disk.SyncDir(filepath.Dir(a.o.Anchors.Path))
	}
	return nil
}

// KeepAnchored anchors at once and then again and again, at most AnchorEvery apart, until
// ctx ends, and once more then. What fails is told and tried again at the next time.
func (a *Log) KeepAnchored(ctx context.Context, every time.Duration, failed func(error)) {
	if every <= 0 || every > AnchorEvery {
		every = AnchorEvery
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if _, err := a.Anchor(context.WithoutCancel(ctx)); err != nil && failed != nil {
			failed(err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			if _, err := a.Anchor(context.WithoutCancel(ctx)); err != nil && failed != nil {
				failed(err)
			}
			return
		}
	}
}

// ReadHeads reads signed heads, one a line, and checks their signatures. unread counts
// lines that are no heads, as a process leaves that died while it wrote one.
func ReadHeads(r io.Reader, keys []*PublicKey) (all []Head, unread int, err error) {
	in := bufio.NewScanner(r)
	for n := 1; in.Scan(); n++ {
		line := bytes.TrimSpace(in.Bytes())
		if len(line) == 0 {
			continue
		}
		var h SignedHead
		if json.Unmarshal(line, &h) != nil {
			unread++
			continue
		}
		if err := h.check(keys, "head", h.Head); err != nil {
			return nil, 0, fmt.Errorf("line %d: %w", n, err)
		}
		all = append(all, h.Head)
	}
	if err := in.Err(); err != nil {
		return nil, 0, fmt.Errorf("heads: %w", err)
	}
	return all, unread, nil
}
