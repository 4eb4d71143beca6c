package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/emmansun/gmsm/sm3"
)

// Query says which entries are wanted; what is empty does not narrow them.
type Query struct {
	Actor         string
	Operation     string
	Household     string
	Authorization string
	Division      string // of the actor's body, or one above it
	Request       string
	From, To      time.Time // the first that is wanted, and the first that no longer is
	// Outcome is the outcome of a household, as needs_review, of an event, as denied, or
	// of a look: done, failed or open.
	Outcome string
	Limit   int // 0 means all
}

// Unended is the outcome of a look that has no end: it is under way, or its process died.
const Unended = "open"

// Seen is a household of an entry, and what came of it.
type Seen struct {
	Household     string `json:"household"`
	Authorization string `json:"authorization"`
	Outcome       string `json:"outcome,omitempty"` // "" when there is none
}

// Hit is a look or an event that was found. The end of a look is part of it.
type Hit struct {
	Seq        int64    `json:"seq"`
	Time       string   `json:"time"`
	Actor      string   `json:"actor"`
	Role       string   `json:"role,omitempty"`
	Division   string   `json:"division,omitempty"`
	Client     string   `json:"client,omitempty"`
	Operation  string   `json:"operation"`
	Outcome    string   `json:"outcome"` // Done, Denied, Failed or Unended
	Code       string   `json:"code,omitempty"`
	Request    string   `json:"request,omitempty"`
	Purpose    string   `json:"purpose,omitempty"`
	Object     string   `json:"object,omitempty"`
	Reason     string   `json:"reason,omitempty"`
	Fields     []string `json:"fields,omitempty"`
	Reveal     bool     `json:"reveal,omitempty"`
	Batch      string   `json:"batch,omitempty"`
	Generation string   `json:"generation,omitempty"`
	Rules      string   `json:"rules,omitempty"`
	On         string   `json:"on,omitempty"`
	Of         int      `json:"of"` // households the entry has
	Households []Seen   `json:"households,omitempty"`
}

// errEnough ends a walk that has found what it was asked for.
var errEnough = errors.New("enough")

// clockSlack is how far entries may be out of the order of their times: a clock that was
// put right.
const clockSlack = 24 * time.Hour

// Search gives out what the log has, newest first. Of the households of an entry only
// those that are asked for are in a hit. It checks no hash: Verify does. Entries that
// were pruned are not found.
func Search(ctx context.Context, dataDir string, q Query, hit func(Hit) error) error {
	dir := filepath.Join(dataDir, "audit")
	held, err := snapshot(dir)
	if err != nil {
		return err
	}
	s := searcher{q: q, hit: hit, ends: map[int64]end{}}
	s.prepare()
	for _, p := range slices.Backward(held) {
		if p.stub {
			break
		}
		err := backwards(ctx, p, s.line)
		if errors.Is(err, errEnough) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// snapshot lists the segments as they are between two appends.
func snapshot(dir string) ([]piece, error) {
	if _, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("audit log: %w", err)
	}
	lock, err := lockLog(dir)
	if err != nil {
		return nil, err
	}
	defer lock.Unlock()
	return pieces(dir)
}

// end is what an end entry says of the look it ends.
type end struct {
	failed   bool
	outcomes string
}

type searcher struct {
	q     Query
	hit   func(Hit) error
	ends  map[int64]end // of begin entries that have not come yet
	needs [][]byte      // what the line of a wanted entry holds
	floor string        // time before which nothing can be wanted
	found int
}

// prepare makes the words by which most lines are passed over unparsed.
func (s *searcher) prepare() {
	for key, value := range map[string]string{`"actor":`: s.q.Actor, `"action":`: s.q.Operation, `"request":`: s.q.Request, `[`: s.q.Household} {
		if text, err := json.Marshal(value); value != "" && err == nil {
			s.needs = append(s.needs, append([]byte(key), text...))
		}
	}
	if !s.q.From.IsZero() {
		s.floor = s.q.From.Add(-clockSlack).UTC().Format(time.RFC3339)
	}
}

// line takes one line; lines come newest first.
func (s *searcher) line(line []byte) error {
	if len(line) < hashLen {
		return nil
	}
	if before, rest, ends := bytes.Cut(line, beginKey); ends {
		n := bytes.IndexAny(rest, `,}`)
		begin, err := strconv.ParseInt(string(rest[:max(n, 0)]), 10, 64)
		if err != nil {
			return nil //nolint:nilerr // not an entry: Verify tells
		}
		e := end{failed: bytes.Contains(before, failedKey)}
		if after, found := bytes.CutPrefix(rest[n:], outcomesKey); found {
			letters, _, _ := bytes.Cut(after, []byte{'"'})
			e.outcomes = string(letters)
		}
		s.ends[begin] = e
		return nil
	}
	seq := seqOf(line)
	ended, hasEnded := s.ends[seq]
	delete(s.ends, seq)
	for _, need := range s.needs {
		if !bytes.Contains(line, need) {
			return s.tooOld(line)
		}
	}
	e, _, err := readEntry(line)
	if err != nil {
		return nil //nolint:nilerr // not an entry: Verify tells
	}
	if s.floor != "" && e.Time < s.floor {
		return errEnough
	}
	h, wanted := s.match(&e, ended, hasEnded)
	if !wanted {
		return nil
	}
	if err := s.hit(h); err != nil {
		return err
	}
	if s.found++; s.found == s.q.Limit {
		return errEnough
	}
	return nil
}

// tooOld ends the walk at an entry before which nothing can be wanted.
func (s *searcher) tooOld(line []byte) error {
	if s.floor == "" {
		return nil
	}
	i := bytes.Index(line, timeKey)
	if i < 0 || i+len(timeKey)+len(s.floor) > len(line) {
		return nil
	}
	if string(line[i+len(timeKey):i+len(timeKey)+len(s.floor)]) < s.floor {
		return errEnough
	}
	return nil
}

// readEntry parses an entry without checking its hash, whose bytes it returns.
func readEntry(line []byte) (e Entry, hash [2 * sm3.Size]byte, err error) {
	cut := len(line) - hashLen
	if cut <= 0 || string(line[cut:cut+len(hashKey)]) != hashKey {
		return e, hash, errEntry
	}
	copy(hash[:], line[cut+len(hashKey):])
	if json.Unmarshal(append(bytes.Clone(line[:cut]), '}'), &e) != nil {
		return e, hash, errEntry
	}
	return e, hash, nil
}

// match reports whether an entry is wanted, and puts it together with its end.
func (s *searcher) match(e *Entry, ended end, hasEnded bool) (Hit, bool) {
	q := &s.q
	if q.Actor != "" && e.Actor != q.Actor || q.Operation != "" && e.Action != q.Operation || q.Request != "" && e.Request != q.Request ||
		q.Division != "" && !within(e.Division, q.Division) {
		return Hit{}, false
	}
	if !q.From.IsZero() || !q.To.IsZero() {
		at, err := time.Parse(time.RFC3339, e.Time)
		if err != nil || at.Before(q.From) || !q.To.IsZero() && !at.Before(q.To) {
			return Hit{}, false
		}
	}
	h := Hit{
		Seq: e.Seq, Time: e.Time, Actor: e.Actor, Role: e.Role, Division: e.Division, Client: e.Client, Operation: e.Action, Outcome: e.Outcome, Code: e.Code,
		Request: e.Request, Purpose: e.Purpose, Object: e.Object, Reason: e.Reason, Fields: e.Fields, Reveal: e.Reveal,
		Batch: e.Batch, Generation: e.Generation, Rules: e.Rules, On: e.On, Of: len(e.Households),
	}
	switch {
	case e.Phase != "begin" && h.Outcome == "":
		h.Outcome = Done // what the log says of itself
	case e.Phase != "begin":
	case !hasEnded:
		h.Outcome = Unended
	case ended.failed:
		h.Outcome = Failed
	default:
		h.Outcome = Done
	}
	whole := q.Outcome == "" || q.Outcome == h.Outcome
	for i, x := range e.Households {
		seen := Seen{Household: x[0], Authorization: x[1]}
		if i < len(ended.outcomes) {
			if o, known := OutcomeOf(ended.outcomes[i]); known {
				seen.Outcome = o.String()
			}
		}
		if (q.Household == "" || q.Household == seen.Household) && (q.Authorization == "" || q.Authorization == seen.Authorization) &&
			(whole || q.Outcome == seen.Outcome) {
			h.Households = append(h.Households, seen)
		}
	}
	if len(h.Households) == 0 && (q.Household != "" || !whole || q.Authorization != "" && q.Authorization != e.Object) {
		return Hit{}, false
	}
	return h, true
}

// within reports whether a division is another or below it: codes of divisions grow by
// digits from the province down, and end in zeros.
func within(division, above string) bool {
	for len(above) > 2 && above[len(above)-2:] == "00" {
		above = above[:len(above)-2]
	}
	return len(division) >= len(above) && division[:len(above)] == above
}

// backwards reads the lines of a segment from its end. What is torn there is left out.
func backwards(ctx context.Context, p piece, take func(line []byte) error) error {
	f, err := os.Open(p.path)
	if err != nil {
		return fmt.Errorf("audit log: %w", err)
	}
	defer f.Close()
	const size = 1 << 20
	var later []byte // the beginning of a line whose rest was read before
	whole := false   // a line break was seen, so that later is not torn
	for at := p.size; at > 0; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := min(at, size)
		at -= n
		text := make([]byte, n, int(n)+len(later))
		if _, err := f.ReadAt(text, at); err != nil {
			return fmt.Errorf("audit log: %w", err)
		}
		text = append(text, later...)
		if len(text) > maxLine+size {
			return ErrDamaged
		}
		for {
			i := bytes.LastIndexByte(text, '\n')
			if i < 0 {
				break
			}
			if whole {
				if err := take(text[i+1:]); err != nil {
					return err
				}
			}
			whole = true
			text = text[:i]
		}
		later = text
	}
	if whole && len(later) > 0 {
		return take(later)
	}
	return nil
}
