package audit

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/emmansun/gmsm/sm3"

	"github.com/hedui/hedui/engine/durable"
)

// head names the newest acknowledged entry and where it ends.
type head struct {
	Seq     int64  `json:"seq"`
	Hash    string `json:"hash"`
	Segment int    `json:"segment"`
	Bytes   int64  `json:"bytes"` // length of the segment with the entry
}

// The head has two places of a disk sector each in its file. A head is written over the
// older one: when that is torn, the other still stands. The file is never renamed
// after it was made, so a head costs one short write; it is synced when a segment
// ends, at an anchor and at Close. After a power cut it may therefore be some entries
// behind the log, whose entries are each synced: append walks them from the head on.
const (
	slotLen = 512
	headLen = 2 * slotLen
)

const checkKey = `,"check":"`

// appendSlot appends the place of a head: one line of JSON that ends in 16 digits of the
// SM3 of the text before, filled up with spaces.
func appendSlot(b []byte, h head) []byte {
	from := len(b)
	b = fmt.Appendf(b, `{"format":2,"seq":%d,"hash":"%s","segment":%d,"bytes":%d`, h.Seq, h.Hash, h.Segment, h.Bytes)
	sum := sm3.Sum(b[from:])
	b = append(b, checkKey...)
	b = hex.AppendEncode(b, sum[:8])
	b = append(b, `"}`...)
	for len(b)-from < slotLen-1 {
		b = append(b, ' ')
	}
	return append(b, '\n')
}

func parseSlot(b []byte) (head, bool) {
	text := bytes.TrimRight(b, " \n")
	cut := len(text) - len(checkKey) - 16 - len(`"}`)
	if cut <= 0 || !bytes.HasPrefix(text[cut:], []byte(checkKey)) {
		return head{}, false
	}
	sum := sm3.Sum(text[:cut])
	if hex.EncodeToString(sum[:8]) != string(text[cut+len(checkKey):len(text)-2]) {
		return head{}, false
	}
	var h struct {
		Format int `json:"format"`
		head
	}
	if json.Unmarshal(text, &h) != nil || h.Format != 2 || !h.plausible() {
		return head{}, false
	}
	return h.head, true
}

func (h head) plausible() bool {
	if len(h.Hash) != len(zeroHash) || h.Segment < 1 {
		return false
	}
	if h.Seq == 0 {
		return h.Bytes == 0 && h.Hash == zeroHash && h.Segment == 1
	}
	return h.Seq > 0 && h.Bytes > int64(hashLen)
}

// heads is the content of a head file.
type heads struct {
	head
	place int  // of the newest head, 0 or 1
	torn  bool // the other place holds no head
	old   bool // the file is of format 1
}

// parseHeads reads a head file of either format. Format 1 is one JSON object.
func parseHeads(text []byte) (heads, error) {
	if len(text) != headLen {
		var h head
		if err := json.Unmarshal(text, &h); err != nil || h.Segment != 0 {
			return heads{}, ErrDamaged
		}
		h.Segment = 1
		if !h.plausible() {
			return heads{}, ErrDamaged
		}
		return heads{head: h, old: true}, nil
	}
	a, okA := parseSlot(text[:slotLen])
	b, okB := parseSlot(text[slotLen:])
	switch {
	case okA && okB && a.Seq >= b.Seq:
		return heads{head: a}, nil
	case okA && okB:
		return heads{head: b, place: 1}, nil
	case okA:
		return heads{head: a, torn: true}, nil
	case okB:
		return heads{head: b, place: 1, torn: true}, nil
	}
	return heads{}, ErrDamaged
}

// errNoHead says that there is no head, which is right only where there is no log.
var errNoHead = fmt.Errorf("%w: it has no head", ErrDamaged)

// readHeads reads a head file. A log always has one.
func readHeads(path string) (heads, error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return heads{}, errNoHead
	}
	if err != nil {
		return heads{}, fmt.Errorf("audit log: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, headLen+1))
	if err != nil {
		return heads{}, fmt.Errorf("audit log: %w", err)
	}
	return parseHeads(text)
}

// newHeadFile is the content of a head file that is made: the same head twice.
func newHeadFile(h head) []byte { return appendSlot(appendSlot(nil, h), h) }

// Newest reads the newest entry of a data directory's log: the head that names it, proven
// to be the end of the log, and when the entry was written. It is the quick look of who
// asks whether the log stands; Verify reads all of it. The time is zero when nothing was
// written yet.
func Newest(dataDir string) (h Head, at time.Time, err error) {
	if err := durable.Usable(dataDir); err != nil {
		return Head{}, time.Time{}, err
	}
	dir := filepath.Join(dataDir, "audit")
	if _, err := os.Stat(dir); err != nil {
		return Head{}, time.Time{}, fmt.Errorf("audit log: %w", err)
	}
	lock, err := lockLog(dir)
	if err != nil {
		return Head{}, time.Time{}, err
	}
	defer lock.Unlock()
	read, err := readHeads(filepath.Join(dir, headFile))
	if err != nil {
		return Head{}, time.Time{}, err
	}
	if err := headEnds(dir, read.head); err != nil {
		return Head{}, time.Time{}, err
	}
	h = Head{Seq: read.Seq, Hash: read.Hash, Segment: read.Segment, Bytes: read.Bytes}
	if h.Seq == 0 {
		return h, time.Time{}, nil
	}
	held, err := pieces(dir)
	if err != nil {
		return Head{}, time.Time{}, err
	}
	if len(held) == 0 {
		return Head{}, time.Time{}, ErrDamaged
	}
	_, last, err := ends(held[len(held)-1])
	if err != nil {
		return Head{}, time.Time{}, err
	}
	if at, err = time.Parse(time.RFC3339, last.Time); err != nil {
		return Head{}, time.Time{}, ErrDamaged
	}
	h.Time = last.Time
	return h, at, nil
}
