package audit

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/hedui/hedui/engine/durable"
)

// Report is what Verify found.
type Report struct {
	Entries int64  `json:"entries"` // seq of the last good entry
	Head    string `json:"head"`    // its hash
	Segment int    `json:"segment"` // and its segment
	// Pruned is the seq of the last entry that was removed at the end of its time; the
	// entries before are vouched for by what stands in their place.
	Pruned int64 `json:"pruned,omitempty"`
	// Of the first fault; FirstBad is 0 when there is none.
	FirstBad int64  `json:"first_bad,omitempty"` // seq that the log should go on with
	Offset   int64  `json:"offset,omitempty"`    // in its segment
	Reason   string `json:"reason,omitempty"`
	// TornBytes are at the end of the log, from a process that died while it wrote.
	// They were never acknowledged and the next append moves them aside.
	TornBytes int64 `json:"torn_bytes,omitempty"`
	// Anchors is how many of the heads that were asked for the log holds, and Anchored
	// the seq of the newest of them; those of pruned entries are not counted.
	Anchors  int   `json:"anchors,omitempty"`
	Anchored int64 `json:"anchored,omitempty"`
}

// OK reports whether the log is whole.
func (r Report) OK() bool { return r.FirstBad == 0 }

// VerifyOptions of Verify; the zero value checks the log by itself.
type VerifyOptions struct {
	// Heads must all be in the log: they were taken elsewhere when they were the
	// newest entry. Their signatures were checked by who read them.
	Heads []Head
	// Keys that the stubs of pruned segments may be signed by; without any only that
	// the log fits them is checked.
	Keys     []*PublicKey
	Progress func(done, total int64) // bytes; may be nil
	Workers  int                     // 0 means one a processor
	block    int                     // bytes that a worker takes; tests make it small
}

// Verify reads the whole audit log of a data directory and checks every hash,
// the chain, the segments, the head and the heads it was given. It believes nothing of
// an entry but what its hash covers, and parses none. An error means that the log
// could not be read; a log that was tampered with is a Report with FirstBad set.
func Verify(ctx context.Context, dataDir string, o VerifyOptions) (Report, error) {
	if err := durable.Usable(dataDir); err != nil {
		return Report{}, err
	}
	dir := filepath.Join(dataDir, "audit")
	held, err := pieces(dir)
	if err != nil {
		return Report{}, err
	}
	want, headErr := readHeads(filepath.Join(dir, headFile))
	if len(held) == 0 && errors.Is(headErr, errNoHead) && len(o.Heads) == 0 {
		return Report{Head: zeroHash}, nil // nothing was ever looked at
	}
	if len(held) > 0 || headErr == nil {
		// An append moves log and head: both are read as they are between two appends.
		// A segment only grows, so its length and the head are enough.
		lock, err := lockLog(dir)
		if err != nil {
			return Report{}, err
		}
		held, err = pieces(dir)
		want, headErr = readHeads(filepath.Join(dir, headFile))
		if err := errors.Join(err, lock.Unlock()); err != nil {
			return Report{}, fmt.Errorf("audit log: %w", err)
		}
	}
	v := newVerifier(o, want, headErr)
	return v.run(ctx, held)
}

// verifier goes through the segments of a log in order.
type verifier struct {
	o       VerifyOptions
	r       Report
	want    heads
	headErr error
	seen    bool   // the head's entry went by
	heads   []Head // not yet gone by, oldest first
	sealed  Sealed // what the next segment must say of the one before
	tree    tree
	done    int64 // bytes of segments before
	total   int64
}

func newVerifier(o VerifyOptions, want heads, headErr error) *verifier {
	v := &verifier{o: o, r: Report{Head: zeroHash}, want: want, headErr: headErr, heads: slices.Clone(o.Heads)}
	slices.SortStableFunc(v.heads, func(a, b Head) int { return int(max(-1, min(1, a.Seq-b.Seq))) })
	v.seen = headErr == nil && want.Seq == 0
	return v
}

// bad takes down the first fault.
func (v *verifier) bad(format string, args ...any) {
	v.r.FirstBad, v.r.Reason = v.r.Entries+1, fmt.Sprintf(format, args...)
}

func (v *verifier) run(ctx context.Context, held []piece) (Report, error) {
	for _, p := range held {
		v.total += p.size
	}
	for len(v.heads) > 0 && v.heads[0].Seq < 1 { // taken before the first entry
		v.heads = v.heads[1:]
	}
	for i, p := range held {
		v.r.Segment, v.r.Offset = p.number, 0
		if p.number != i+1 {
			v.bad("segment %d is gone", i+1)
			return v.r, nil
		}
		last := i == len(held)-1
		if p.stub {
			if last {
				v.bad("the newest segment is gone")
			} else if err := v.stub(p); err != nil {
				return v.r, err
			}
		} else if err := v.segment(ctx, p, last); err != nil {
			return v.r, err
		}
		if !v.r.OK() {
			return v.r, nil
		}
		v.done += p.size
	}
	switch {
	case v.headErr != nil:
		v.bad("the head is gone or damaged")
	case !v.seen && len(held) == 0:
		v.bad("the head names entries but the log is gone")
	case !v.seen:
		v.bad("the log ends before entry %d, which its head names", v.want.Seq)
	case v.want.torn:
		v.bad("one of the two places of the head is damaged")
	case len(v.heads) > 0:
		v.bad("the log ends before entry %d, which an anchored head names", v.heads[0].Seq)
	}
	return v.r, nil
}

// stub goes over a segment that was removed at the end of its time.
func (v *verifier) stub(p piece) error {
	s, err := readStub(p.path)
	if errors.Is(err, errStub) {
		v.bad("what stands for the pruned segment %d is damaged", p.number)
		return nil
	}
	if err != nil {
		return err
	}
	if s.Segment != p.number || s.From != v.r.Entries+1 || s.Before != v.r.Head {
		v.bad("what stands for the pruned segment %d does not follow from the one before", p.number)
		return nil
	}
	if len(v.o.Keys) > 0 && !s.signedBy(v.o.Keys) {
		v.bad("what stands for the pruned segment %d is not signed by any of the keys", p.number)
		return nil
	}
	for len(v.heads) > 0 && v.heads[0].Seq <= s.To {
		if v.heads[0].Seq == s.To && v.heads[0].Hash != s.Hash {
			v.bad("entry %d is not the one that an anchored head names", s.To)
			return nil
		}
		v.heads = v.heads[1:]
	}
	v.r.Entries, v.r.Head, v.r.Pruned, v.sealed = s.To, s.Hash, s.To, s.Sealed
	return nil
}
