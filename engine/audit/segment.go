package audit

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/emmansun/gmsm/sm3"
)

// The log is cut into segments, 000001.log and so on. oldLog is the one file that
// the log was before: it is taken over as the first segment.
const (
	segmentSuffix = ".log"
	stubSuffix    = ".stub"
	oldLog        = "audit.log"
	headFile      = "audit.head"
	lockFile      = "audit.lock"
	turnFile      = "audit.turn"
)

func segmentName(n int) string { return fmt.Sprintf("%06d%s", n, segmentSuffix) }
func stubName(n int) string    { return fmt.Sprintf("%06d%s", n, stubSuffix) }

// piece is one segment as it lies in the directory.
type piece struct {
	number int
	path   string
	stub   bool // was pruned: path names what stands for it
	size   int64
}

// pieces lists the segments of a log in order. A number that has both a segment and a
// stub counts as a segment: a pruning process died between the two.
func pieces(dir string) ([]piece, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("audit log: %w", err)
	}
	var out []piece
	for _, e := range entries {
		p := piece{path: filepath.Join(dir, e.Name())}
		digits, whole := strings.CutSuffix(e.Name(), segmentSuffix)
		if !whole {
			if digits, p.stub = strings.CutSuffix(e.Name(), stubSuffix); !p.stub {
				continue
			}
		}
		switch n, err := strconv.Atoi(digits); {
		case e.Name() == oldLog:
			p.number = 1
		case err != nil || n < 1 || len(digits) < 6:
			continue
		default:
			p.number = n
		}
		info, err := e.Info()
		if err != nil {
			return nil, fmt.Errorf("audit log: %w", err)
		}
		p.size = info.Size()
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b piece) int {
		if a.number != b.number {
			return a.number - b.number
		}
		return strings.Compare(a.path, b.path) // .log before .stub
	})
	kept := out[:0]
	for _, p := range out {
		if n := len(kept); n > 0 && kept[n-1].number == p.number && p.stub {
			continue
		}
		kept = append(kept, p)
	}
	if n := len(kept); n > 0 && !kept[n-1].stub {
		if kept[n-1].size, err = textSize(kept[n-1].path); err != nil {
			return nil, err
		}
	}
	return kept, nil
}

// textSize is the length of the newest segment without the room behind its text.
func textSize(path string) (int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, fmt.Errorf("audit log: %w", err)
	}
	defer f.Close()
	return textEnd(f)
}

// fanout of the tree over the hashes of a segment's entries. A wide node costs less
// hashing than a binary one, and nobody asks for short proofs.
const fanout = 16

// tree computes the root over the hashes of entries as they come. A node is the SM3 of
// the byte 1 and its up to 16 children; the text of an entry, which a leaf is the
// hash of, begins with a brace.
type tree struct {
	n      int64
	levels [][]byte // hashes that have no parent yet, from the leaves up
}

func (t *tree) reset() {
	t.n = 0
	for i := range t.levels {
		t.levels[i] = t.levels[i][:0]
	}
}

func (t *tree) add(hash []byte) {
	t.n++
	t.put(0, hash)
}

func (t *tree) put(level int, hash []byte) {
	if level == len(t.levels) {
		t.levels = append(t.levels, nil)
	}
	if len(t.levels[level]) == 0 {
		t.levels[level] = append(t.levels[level], 1)
	}
	t.levels[level] = append(t.levels[level], hash...)
	if len(t.levels[level]) == 1+fanout*sm3.Size {
		sum := sm3.Sum(t.levels[level])
		t.levels[level] = t.levels[level][:0]
		t.put(level+1, sum[:])
	}
}

// root closes what is open, lowest level first, and leaves the tree as it is.
func (t *tree) root() string {
	top := len(t.levels)
	for top > 0 && len(t.levels[top-1]) == 0 {
		top-- // left over from a larger tree
	}
	var carry []byte
	for i, l := range t.levels[:top] {
		if i > 0 && i == top-1 && carry == nil && len(l) == 1+sm3.Size {
			return hex.EncodeToString(l[1:])
		}
		l = slices.Clip(l)
		if carry != nil {
			if len(l) == 0 {
				l = []byte{1}
			}
			l = append(l, carry...)
		}
		if len(l) == 0 {
			continue
		}
		sum := sm3.Sum(l)
		carry = sum[:]
	}
	if carry == nil {
		return zeroHash
	}
	return hex.EncodeToString(carry)
}

// rebuild fills the tree from the hashes that stand at the ends of a segment's lines. It
// believes them: Verify is who checks.
func (t *tree) rebuild(segment io.Reader) error {
	t.reset()
	buf := make([]byte, 0, 1<<20)
	var hash [sm3.Size]byte
	for {
		n, err := segment.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		rest := buf
		for {
			i := bytes.IndexByte(rest, '\n')
			if i < 0 {
				break
			}
			if i < hashLen {
				return ErrDamaged
			}
			if _, err := hex.Decode(hash[:], rest[i-hashLen+len(hashKey):i-len(`"}`)]); err != nil {
				return ErrDamaged
			}
			t.add(hash[:])
			rest = rest[i+1:]
		}
		buf = append(buf[:0], rest...)
		if len(buf) == cap(buf) {
			buf = slices.Grow(buf, cap(buf))
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("audit log: %w", err)
		}
	}
}
