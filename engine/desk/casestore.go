package desk

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/review"
)

// storedCase is the body of a case in the ledger.
type storedCase struct {
	Case          review.Case    `json:"case"`
	Authorization string         `json:"authorization"`
	Records       []bearing      `json:"records"`           // all that the case ever rested on
	Planted       []plantedField `json:"planted,omitempty"` // of a seeded case

	entry *ledger.Case // as it was read; nil of a new one
}

// plantedField is a field of a record that was never anywhere.
type plantedField struct {
	Ref   string `json:"ref"`
	Name  string `json:"name"`
	Value string `json:"value"`
	Money bool   `json:"money,omitempty"` // Value is in fen
}

// readCase reads a case, nil when there is none.
func readCase(ctx context.Context, l ledger.Ledger, id string) (*storedCase, error) {
	if !keyable(id) {
		return nil, nil //nolint:nilnil // what can't be a number is none
	}
	e, err := find[ledger.Case](ctx, l, id)
	if e == nil || err != nil {
		return nil, err
	}
	return caseIn(e)
}

func caseIn(e *ledger.Case) (*storedCase, error) {
	var s storedCase
	if json.Unmarshal(e.Body, &s) != nil {
		return nil, fmt.Errorf("case %s: its body is not one", e.ID)
	}
	s.entry = e
	return &s, nil
}

// put is the Op that writes a case over the state that was read.
func (s *storedCase) put(division string) (ledger.Op, error) {
	c := &s.Case
	e := &ledger.Case{
		ID: c.ID, Household: c.Household, Scheme: c.Scheme, Division: division, Verdict: c.Verdict, State: string(c.State),
		Severity: review.Severity(c.State, c.Outcome), Assignee: c.Assignee, Opened: ledger.At(c.Since),
	}
	if s.entry != nil {
		e.Version, e.Division = s.entry.Version, s.entry.Division
	}
	var err error
	e.Body, err = json.Marshal(s)
	return ledger.Put(e), err
}

// record is one that the case rests on or rested on.
func (s *storedCase) record(ref string) (*bearing, bool) {
	for i := range s.Records {
		if s.Records[i].Ref == ref {
			return &s.Records[i], true
		}
	}
	return nil, false
}

// learn adds the records of a newer verdict. Those that it no longer rests on stay: an
// objection to one of them may be open.
func (s *storedCase) learn(list []bearing) {
	for _, b := range list {
		if at := slices.IndexFunc(s.Records, func(o bearing) bool { return o.Ref == b.Ref }); at >= 0 {
			s.Records[at] = b
		} else {
			s.Records = append(s.Records, b)
		}
	}
}

// caseOf adds to a change what a verdict means for the case of its household: a new one
// when a person has something to do, the next verdict of the one that is open.
func (d *Desk) caseOf(ctx context.Context, reads ledger.Ledger, k *kept, change *ledger.Change) error {
	k.opened = ""
	last, err := lastCase(ctx, reads, k.number, k.scheme)
	if err != nil {
		return err
	}
	before := ""
	if last != nil {
		before = last.Case.ID
		done, err := k.again(last, change)
		if done || err != nil {
			return err
		}
	}
	if !k.asks {
		return nil
	}
	id := caseID(before, k.verdict)
	c, err := review.New(id, k.number, k.scheme, d.o.Limits.WindowDays, verdictFor(k.verdict, k.outcome, k.bearing), k.at.Time())
	if err != nil {
		return err
	}
	s := &storedCase{Case: c, Authorization: k.found.Number, Records: k.bearing}
	op, err := s.put(k.found.Division)
	if err != nil {
		return err
	}
	change.Ops = append(change.Ops, op)
	k.opened = id
	return nil
}

// again brings a new verdict to the last case of its household. It is not done when a
// new case is to be made.
func (k *kept) again(last *storedCase, change *ledger.Change) (done bool, err error) {
	c := &last.Case
	if c.Verdict == k.verdict && !c.Awaiting && c.State != review.Withdrawn {
		if !c.State.Closed() {
			k.opened = c.ID
		}
		return true, nil
	}
	verdict := verdictFor(k.verdict, k.outcome, k.bearing)
	next, effects, err := review.Apply(*c, review.Event{Kind: review.Recheck, At: k.at.Time(), Verdict: &verdict})
	switch {
	case errors.Is(err, review.ErrCounted): // somebody objected since the register was asked
		return false, errAgain
	case errors.Is(err, review.ErrUnchanged):
		k.opened = c.ID
		return true, nil
	case errors.Is(err, review.ErrState): // closed, or its authorisation was withdrawn
		return false, nil
	case err != nil:
		return false, err
	case slices.ContainsFunc(effects, func(e review.Effect) bool { return e.Kind == review.NewCase }):
		return false, nil
	case next.Version == c.Version:
		return true, nil
	}
	last.Case = next
	last.learn(k.bearing)
	op, err := last.put("")
	if err != nil {
		return false, err
	}
	change.Ops = append(change.Ops, op)
	k.opened = c.ID
	return true, nil
}

// lastCase is the newest case of a household in a scheme that was not planted, nil for
// none.
func lastCase(ctx context.Context, l ledger.Ledger, number, scheme string) (*storedCase, error) {
	var last *storedCase
	err := ledger.All(ctx, l, ledger.CasesOf(number), func(e *ledger.Case) error {
		if last != nil || e.Scheme != scheme {
			return nil
		}
		s, err := caseIn(e)
		if err == nil && !s.Case.Seeded {
			last = s
		}
		return err
	})
	return last, err
}

// caseID numbers the case that follows another, of the same verdict always alike.
func caseID(before, verdict string) string { return hashID("case", before, verdict) }

// hashID is a number that is always the same for the same parts.
func hashID(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		_, _ = fmt.Fprintf(h, "%d:%s", len(p), p) // never fails
	}
	return idText(h.Sum(nil))
}
