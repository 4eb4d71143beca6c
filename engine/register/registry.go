package register

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/recheck"
)

// Options of the register of one scheme.
type Options struct {
	Ledger ledger.Ledger
	Scheme string
	Today  household.Date
	// Touched says of the households, by ledger.HouseholdID, whose records somebody
	// objects to, when anything was last said of that.
	Touched map[string]ledger.Instant
	// Request is the request of a registered household as it stands.
	Request func(ctx context.Context, household string) ([]byte, error)
}

// New is the register of a scheme.
func New(ctx context.Context, o Options) recheck.Registry { return &bound{o, ctx} }

// bound is a registry for the time of one recheck.
type bound struct {
	o   Options
	ctx context.Context //nolint:containedctx // of the recheck: Request has none
}

// Each implements recheck.Registry. A household whose authorisation or objections may
// say something else than they did counts as one that asks something else. What it calls
// fn with is the state of the ledger when it began.
func (r *bound) Each(ctx context.Context, fn func(*recheck.Last, uint64) error) error {
	suffix := "/" + r.o.Scheme
	today := r.o.Today.Days()
	var d Decoder
	var s State
	return r.o.Ledger.Scan(ctx, ledger.KindHousehold, func(row *ledger.Row) error {
		number, ok := strings.CutSuffix(row.ID, suffix)
		if !ok || strings.IndexByte(number, '/') >= 0 { // numbers hold no slash
			return nil
		}
		if len(row.Body) == 0 {
			s = State{} // registered before states were kept
		} else if err := d.Decode(row.Body, &s); errors.Is(err, ErrVersion) {
			s = State{}
		} else if err != nil {
			return fmt.Errorf("household %s: %w", number, err)
		}
		s.Household = number
		request := s.Request
		at, touched := r.o.Touched[row.ID]
		if s.Stale || s.Until != 0 && today >= s.Until || touched && at >= s.Judged {
			request = ^request
		}
		return fn(&s.Last, request)
	})
}

// Request implements recheck.Registry.
func (r *bound) Request(household string) ([]byte, error) { return r.o.Request(r.ctx, household) }

// Schemes are the schemes in which some household of a ledger has a verdict, in their
// order.
func Schemes(ctx context.Context, l ledger.Ledger) ([]string, error) {
	seen := map[string]bool{}
	err := l.Scan(ctx, ledger.KindHousehold, func(row *ledger.Row) error {
		if _, scheme, ok := strings.Cut(row.ID, "/"); ok && !seen[scheme] {
			seen[strings.Clone(scheme)] = true
		}
		return nil
	})
	return slices.Sorted(maps.Keys(seen)), err
}

// MarkStale makes the Op that says of a registered household that something was recorded
// which its verdict rests on; ok is false when it says so already or nothing is kept.
func MarkStale(h *ledger.Household) (op ledger.Op, ok bool, err error) {
	if len(h.Body) == 0 {
		return op, false, nil
	}
	var d Decoder
	var s State
	if err := d.Decode(h.Body, &s); errors.Is(err, ErrVersion) {
		return op, false, nil
	} else if err != nil {
		return op, false, fmt.Errorf("household %s: %w", h.Key(), err)
	}
	if s.Stale {
		return op, false, nil
	}
	s.Stale = true
	next := *h
	next.Body = AppendState(nil, &s)
	return ledger.Put(&next), true, nil
}

// Task is the task that tells of a change: the most severe are those whose outcome was
// good and is no more.
func Task(id, division string, scheme, run, generation string, at ledger.Instant, c *recheck.Change) (*ledger.Task, error) {
	x := Change{
		Scheme: scheme, Run: run, Generation: generation, Before: c.Before.String(), After: c.After.String(),
		Reasons: c.Reasons.Names(), Sources: []string{}, Added: codes(c.Added), Removed: codes(c.Removed),
	}
	for _, s := range c.Sources.List() {
		x.Sources = append(x.Sources, s.String())
	}
	t := &ledger.Task{ID: id, Queue: Changes, State: Open, Household: c.Household, Division: division, Severity: Severity(c.Before, c.After), At: at}
	var err error
	t.Body, err = json.Marshal(&x)
	return t, err
}

func codes(list []recheck.Brief) []string {
	var out []string
	for i := range list {
		out = append(out, list[i].Code)
	}
	return out
}

// Severity says how soon a person should look at a change: by what the household is now
// and was before; one that turns against the household is more severe than one that
// turns in its favour, and one whose outcome is the same is the least.
func Severity(before, after household.Outcome) int {
	switch {
	case before == after:
		return 1
	case after == household.SuspectedIneligible:
		return 4
	case after == household.NeedsReview:
		return 3
	default:
		return 2
	}
}
