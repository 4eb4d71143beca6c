package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/ledger"
)

// books are what a server has acknowledged: what must be found again whatever happens to
// the server. It is kept in the process that asks.
type books struct {
	mu             sync.Mutex
	authorizations map[string]bool   // by number: whether the withdrawal was acknowledged
	verdicts       map[string]string // by id: number of the request
	cases          map[string]int    // by id: version
	requests       map[string]string // by number: what was asked, as the audit log names it
	unsure         map[string]bool   // what was asked for and never answered, by number or id
	moving         bool              // a publish in between may move cases on by itself
}

func newBooks() *books {
	return &books{
		authorizations: map[string]bool{}, verdicts: map[string]string{}, cases: map[string]int{}, requests: map[string]string{}, unsure: map[string]bool{},
	}
}

// note takes something down.
func (b *books) note(f func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f()
}

// check reads the files of a data directory that nobody serves, and returns what of the
// books is not in them, and what is there by half.
func (b *books) check(ctx context.Context, data string) (lost []string, err error) {
	miss := func(format string, args ...any) { lost = append(lost, fmt.Sprintf(format, args...)) }
	report, err := audit.Verify(ctx, data, audit.VerifyOptions{})
	if err != nil {
		return nil, err
	}
	if !report.OK() {
		miss("the audit log: %s", report.Reason)
	}
	t, err := readTrail(ctx, data)
	if err != nil {
		return nil, err
	}
	l, err := ledger.Open(data, ledger.Options{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	whole, err := l.Verify(ctx)
	if err != nil {
		return nil, err
	}
	for _, d := range whole.Damage {
		miss("the ledger: %s", d)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(b.requests)) {
		switch {
		case !t.begun[id]:
			miss("request %s (%s) is not in the audit log", id, b.requests[id])
		case !t.done[id]:
			miss("request %s (%s) has no end in the audit log", id, b.requests[id])
		}
	}
	if err := b.checkLedger(ctx, l, miss); err != nil {
		return nil, err
	}
	return lost, halves(ctx, l, t.begun, miss)
}

// trail is what the audit log says of requests, by their numbers.
type trail struct{ begun, done map[string]bool }

func readTrail(ctx context.Context, data string) (*trail, error) {
	t := &trail{map[string]bool{}, map[string]bool{}}
	looks := map[int64]string{} // by the seq of their beginning
	return t, audit.Entries(ctx, data, func(e *audit.Entry) error {
		switch e.Phase {
		case "begin":
			looks[e.Seq] = e.Request
			t.begun[e.Request] = true
		case "note":
			t.begun[e.Request], t.done[e.Request] = true, true
		default:
			t.done[looks[e.Begin]] = true
		}
		return nil
	})
}

// checkLedger looks for everything that was acknowledged.
func (b *books) checkLedger(ctx context.Context, l ledger.Ledger, miss func(string, ...any)) error {
	for number, withdrawn := range b.authorizations {
		a, err := ledger.Get[ledger.Authorization](ctx, l, number)
		switch {
		case errors.Is(err, ledger.ErrNotFound):
			miss("authorisation %s is not there", number)
		case err != nil:
			return err
		case withdrawn && !a.Withdrawn:
			miss("the withdrawal of %s is not there", number)
		case !withdrawn && a.Withdrawn && !b.unsure[number]:
			miss("authorisation %s is withdrawn, and nobody asked for it", number)
		}
	}
	for id, request := range b.verdicts {
		if _, err := ledger.Get[ledger.Verdict](ctx, l, id); errors.Is(err, ledger.ErrNotFound) {
			miss("verdict %s is not there", id)
		} else if err != nil {
			return err
		}
		r, err := ledger.Get[ledger.Request](ctx, l, request)
		switch {
		case errors.Is(err, ledger.ErrNotFound):
			miss("request %s is not there", request)
		case err != nil:
			return err
		case r.Verdict != id:
			miss("request %s has another verdict", request)
		}
	}
	for id, version := range b.cases {
		c, err := ledger.Get[ledger.Case](ctx, l, id)
		if errors.Is(err, ledger.ErrNotFound) {
			miss("case %s is not there", id)
			continue
		}
		if err != nil {
			return err
		}
		have, err := caseVersion(c.Body)
		if err != nil {
			return err
		}
		if have < version || have > version && !b.moving && (have != version+1 || !b.unsure[id]) {
			miss("case %s has version %d, %d was acknowledged", id, have, version)
		}
	}
	return nil
}

// halves finds what is there without what belongs to it: a verdict that nobody asked for,
// a request or a household whose verdict is not there, a verdict that the audit log knows
// no look for.
func halves(ctx context.Context, l ledger.Ledger, begun map[string]bool, miss func(string, ...any)) error {
	verdicts, requests := map[string]string{}, map[string]string{}
	err := ledger.All(ctx, l, ledger.Every(ledger.KindVerdict), func(v *ledger.Verdict) error {
		verdicts[v.ID] = v.Request
		return nil
	})
	if err != nil {
		return err
	}
	err = ledger.All(ctx, l, ledger.Every(ledger.KindRequest), func(r *ledger.Request) error {
		requests[r.ID] = r.Verdict
		if _, ok := verdicts[r.Verdict]; !ok && r.Verdict != "" {
			miss("request %s has a verdict that is not there", r.ID)
		}
		if !begun[r.ID] {
			miss("request %s was done without a word in the audit log", r.ID)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for id, request := range verdicts {
		if requests[request] != id {
			miss("verdict %s has no request", id)
		}
	}
	err = ledger.All(ctx, l, ledger.Every(ledger.KindHousehold), func(h *ledger.Household) error {
		if _, ok := verdicts[h.Verdict]; !ok {
			miss("household %s rests on a verdict that is not there", h.Number)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return ledger.All(ctx, l, ledger.Every(ledger.KindCase), func(c *ledger.Case) error {
		if _, ok := verdicts[c.Verdict]; !ok && c.Verdict != "" {
			miss("case %s rests on a verdict that is not there", c.ID)
		}
		return nil
	})
}
