package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// Stub stands for a segment that was removed at the end of its time, so that the chain
// still joins over the gap.
type Stub struct {
	Sealed
	Before string `json:"before"` // hash of the entry before its first
	Hash   string `json:"hash"`   // of its last entry
	Newest string `json:"newest"` // time of its last entry
	Pruned string `json:"pruned"` // when it was removed
}

type signedStub struct {
	Stub
	Signature
}

func (s signedStub) signedBy(keys []*PublicKey) bool { return s.check(keys, "stub", s.Stub) == nil }

var errStub = errors.New("not a stub")

func readStub(path string) (signedStub, error) {
	f, err := os.Open(path)
	if err != nil {
		return signedStub{}, fmt.Errorf("audit log: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 4096))
	if err != nil {
		return signedStub{}, fmt.Errorf("audit log: %w", err)
	}
	var s signedStub
	if json.Unmarshal(text, &s) != nil || s.From < 1 || s.To < s.From || len(s.Hash) != len(zeroHash) {
		return signedStub{}, errStub
	}
	return s, nil
}

// KeepMonths is how long entries are kept when PruneOptions do not say, and
// LeastMonths what no option goes below: the law's three years for what was given out,
// and its six months for any log.
const (
	KeepMonths  = 36
	LeastMonths = 6
)

// ErrRetention is returned when entries are asked to be removed before their time.
var ErrRetention = errors.New("the audit log is kept at least 6 months")

// PruneOptions of Prune.
type PruneOptions struct {
	Who    Who
	Months int    // entries are kept; 0 means KeepMonths
	Key    Signer // signs what stands for a segment; needed
	DryRun bool   // say what would be removed
}

// Prune removes segments whose every entry is older than it is kept, and leaves a signed
// stub for each. It refuses to touch a log that Verify finds a fault in, and never
// removes the newest segment. It returns the stubs of what it removed.
func (a *Log) Prune(ctx context.Context, o PruneOptions) ([]Stub, error) {
	if o.Months == 0 {
		o.Months = KeepMonths
	}
	if o.Months < LeastMonths {
		return nil, ErrRetention
	}
	if o.Key == nil && !o.DryRun {
		return nil, errors.New("pruning the audit log needs a key to sign what stands for it")
	}
	now := a.o.Now().UTC()
	r, err := Verify(ctx, dataDirOf(a.dir), VerifyOptions{})
	if err != nil {
		return nil, err
	}
	if !r.OK() {
		return nil, ErrDamaged
	}
	held, err := pieces(a.dir)
	if err != nil {
		return nil, err
	}
	cutoff := now.AddDate(0, -o.Months, 0)
	var out []Stub
	for i, p := range held {
		if i == len(held)-1 {
			break
		}
		if p.stub {
			continue
		}
		s, err := stubOf(p, held[i+1])
		if err != nil {
			return out, err
		}
		newest, err := time.Parse(time.RFC3339, s.Newest)
		if err != nil {
			return out, ErrDamaged
		}
		if !newest.Before(cutoff) {
			break
		}
		s.Pruned = now.Format(time.RFC3339)
		if !o.DryRun {
			if err := a.prune(p, s, o); err != nil {
				return out, err
			}
		}
		out = append(out, s)
	}
	return out, nil
}

func (a *Log) prune(p piece, s Stub, o PruneOptions) error {
	signed := signedStub{Stub: s}
	var err error
	if signed.Signature, err = sign(o.Key, "stub", s); err != nil {
		return err
	}
	text, err := json.Marshal(signed)
	if err != nil {
		return err
	}
	// The log says so before it is so.
	if err := a.Note(Event{Who: o.Who, Operation: "audit_prune", Outcome: Done, Object: segmentName(p.number)}); err != nil {
		return err
	}
	lock, err := lockLog(a.dir)
	if err != nil {
		return err
	}
	defer lock.Unlock()
	if err := a.o.Disk.WriteFile(a.path(stubName(p.number)), append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("audit log: %w", err)
	}
	if err := a.o.Disk.RemoveAll(p.path); err != nil {
		return fmt.Errorf("audit log: %w", err)
	}
	return nil
}

// stubOf reads what a stub says of a segment: from its first and last entry, and from
// the first of the one after it.
func stubOf(p, next piece) (Stub, error) {
	first, last, err := ends(p)
	if err != nil {
		return Stub{}, err
	}
	after, _, err := ends(next)
	if err != nil {
		return Stub{}, err
	}
	if after.Sealed == nil || after.Sealed.Segment != p.number || after.Sealed.To != last.Seq {
		return Stub{}, ErrDamaged
	}
	return Stub{Sealed: *after.Sealed, Before: first.Prev, Hash: after.Prev, Newest: last.Time}, nil
}

// ends reads the first and the last entry of a segment.
func ends(p piece) (first, last Entry, err error) {
	f, err := os.Open(p.path)
	if err != nil {
		return first, last, fmt.Errorf("audit log: %w", err)
	}
	defer f.Close()
	for n := int64(64 << 10); ; n *= 4 {
		n = min(n, p.size, maxLine)
		head, tail := make([]byte, n), make([]byte, n)
		if _, err := f.ReadAt(head, 0); err != nil {
			return first, last, fmt.Errorf("audit log: %w", err)
		}
		if _, err := f.ReadAt(tail, p.size-n); err != nil {
			return first, last, fmt.Errorf("audit log: %w", err)
		}
		end := bytes.IndexByte(head, '\n')
		tail = tail[:bytes.LastIndexByte(tail, '\n')+1] // nothing behind the last break counts
		start := bytes.LastIndexByte(bytes.TrimSuffix(tail, []byte{'\n'}), '\n') + 1
		if n < min(p.size, maxLine) && (end < 0 || start == 0) {
			continue
		}
		if end < 0 || len(tail) == 0 {
			return first, last, ErrDamaged
		}
		var err1, err2 error
		first, _, err1 = parseEntry(head[:end])
		last, _, err2 = parseEntry(tail[start : len(tail)-1])
		if err1 != nil || err2 != nil {
			return first, last, ErrDamaged
		}
		return first, last, nil
	}
}
