package watch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/match"
)

// The lists are counters of the ledger: what is found by its name only. listsID has a new
// version whenever one of them changed.
const (
	honeyID = "watch/honey/"
	staffID = "watch/staff/"
	listsID = "watch/lists"
)

// honeyBody is what is kept of a honey household.
type honeyBody struct {
	Since ledger.Instant `json:"since"`
	Off   bool           `json:"off,omitempty"` // taken from the list
}

// Staff is what a security administrator registered of somebody who works here: the person
// of the account, and their relatives and who lives with them.
type Staff struct {
	Own []ledger.Pseudonym `json:"own,omitempty"`
	Kin []ledger.Pseudonym `json:"kin,omitempty"`
}

// lists are the lists as they were read.
type lists struct {
	version ledger.Version
	honey   map[string]ledger.Instant
	staff   map[string]Staff            // by personnel number
	who     map[ledger.Pseudonym]string // whose own number it is
	kin     map[string]map[ledger.Pseudonym]bool
}

// attempts at a change that somebody else was faster with.
const attempts = 8

// change writes a change of the lists.
func change(ctx context.Context, l ledger.Ledger, ops func() ([]ledger.Op, error)) error {
	for range attempts {
		list, err := ops()
		if err != nil {
			return err
		}
		mark, err := counter(ctx, l, listsID)
		if err != nil {
			return err
		}
		err = l.Commit(ctx, ledger.Change{Ops: append(list, ledger.Put(mark))})
		if !errors.Is(err, ledger.ErrConflict) {
			return err
		}
	}
	return ledger.ErrConflict
}

// counter reads a counter, a new one when there is none.
func counter(ctx context.Context, l ledger.Ledger, id string) (*ledger.Counter, error) {
	c, err := ledger.Get[ledger.Counter](ctx, l, id)
	if errors.Is(err, ledger.ErrNotFound) {
		return &ledger.Counter{ID: id}, nil
	}
	return c, err
}

var errBody = errors.New("can't be read")

// bad says that a body is not one. Its text may quote what it read, so it is left out.
func bad(id string) error { return fmt.Errorf("%s of the ledger %w", id, errBody) }

// SetHoney puts households on the list of those that nobody has a reason to look at, or
// takes them from it. It says how many that changed.
func SetHoney(ctx context.Context, l ledger.Ledger, households []string, on bool, now time.Time) (changed int, err error) {
	const atOnce = 1000
	for len(households) > 0 {
		part := households[:min(atOnce, len(households))]
		households = households[len(part):]
		n := 0
		err := change(ctx, l, func() (ops []ledger.Op, err error) {
			n = 0
			seen := map[string]bool{}
			for _, h := range part {
				if h == "" || strings.ContainsRune(h, '/') || seen[h] {
					continue
				}
				seen[h] = true
				c, err := counter(ctx, l, honeyID+h)
				if err != nil {
					return nil, err
				}
				var b honeyBody
				if c.Version > 0 && json.Unmarshal(c.Body, &b) != nil {
					return nil, bad(honeyID)
				}
				if (c.Version > 0 && !b.Off) == on {
					continue
				}
				if c.Body, err = json.Marshal(honeyBody{ledger.At(now), !on}); err != nil {
					return nil, err
				}
				ops = append(ops, ledger.Put(c))
				n++
			}
			return ops, nil
		})
		if err != nil {
			return changed, err
		}
		changed += n
	}
	return changed, nil
}

// SetStaff registers what is known of somebody who works here, by personnel number, over
// what was registered before.
func SetStaff(ctx context.Context, l ledger.Ledger, person string, s Staff) error {
	return change(ctx, l, func() ([]ledger.Op, error) {
		c, err := counter(ctx, l, staffID+person)
		if err != nil {
			return nil, err
		}
		c.Body, err = json.Marshal(s)
		return []ledger.Op{ledger.Put(c)}, err
	})
}

// Person is how the ledger speaks of who has a document.
func Person(l ledger.Ledger, t household.DocumentType, number string) ledger.Pseudonym {
	plain, _ := match.ParseDocument(t, []byte(number)).Key.AppendBinary(nil) // never fails
	return l.Pseudonym(ledger.Person, plain)
}

// under asks for the counters whose names begin with a text.
func under(id string) ledger.Query {
	q := ledger.Every(ledger.KindCounter)
	q.Prefix = append(q.Prefix, id...)
	return q
}

// readLists reads the lists when they changed since.
func readLists(ctx context.Context, l ledger.Ledger, held *lists) (*lists, error) {
	mark, err := counter(ctx, l, listsID)
	if err != nil || held != nil && held.version == mark.Version {
		return held, err
	}
	out := &lists{
		version: mark.Version, honey: map[string]ledger.Instant{}, staff: map[string]Staff{}, who: map[ledger.Pseudonym]string{},
		kin: map[string]map[ledger.Pseudonym]bool{},
	}
	err = ledger.All(ctx, l, under(honeyID), func(c *ledger.Counter) error {
		var b honeyBody
		if json.Unmarshal(c.Body, &b) != nil {
			return bad(honeyID)
		}
		if !b.Off {
			out.honey[strings.TrimPrefix(c.ID, honeyID)] = b.Since
		}
		return nil
	})
	if err != nil {
		return held, err
	}
	err = ledger.All(ctx, l, under(staffID), func(c *ledger.Counter) error {
		var s Staff
		if json.Unmarshal(c.Body, &s) != nil {
			return bad(staffID)
		}
		person := strings.TrimPrefix(c.ID, staffID)
		out.staff[person], out.kin[person] = s, map[ledger.Pseudonym]bool{}
		for _, p := range s.Own {
			out.who[p] = person
		}
		for _, p := range s.Kin {
			out.kin[person][p] = true
		}
		return nil
	})
	if err != nil {
		return held, err
	}
	return out, nil
}

// Counts says how long the lists are.
func Counts(ctx context.Context, l ledger.Ledger) (honey, staff int, err error) {
	x, err := readLists(ctx, l, nil)
	if err != nil {
		return 0, 0, err
	}
	return len(x.honey), len(x.staff), nil
}
