package backoffice

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api/wire"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/snapshot"
)

// AuditEntries searches the audit log, newest first, as far as the bodies that the
// caller looks after go.
func (k *Office) AuditEntries(ctx context.Context, c wire.Caller, q wire.AuditQuery) (wire.List[wire.AuditEntry], error) {
	about, _, err := k.registered(ctx, q.Household)
	if err != nil {
		return wire.List[wire.AuditEntry]{}, err
	}
	if _, err := k.admit(&c, access.AuditSearch, access.Object{Division: c.Division}, about); err != nil {
		return wire.List[wire.AuditEntry]{}, err
	}
	from, to, err := k.days(q.From, q.To)
	if err != nil {
		return wire.List[wire.AuditEntry]{}, err
	}
	return k.search(ctx, q.Page, audit.Query{
		Actor: q.Account, Operation: q.Operation, Household: q.Household, Division: access.Significant(c.Division), From: from, To: to,
	})
}

// registered is the number of a household that is registered, and in which division; ""
// for one that is not.
func (k *Office) registered(ctx context.Context, number string) (known, division string, err error) {
	if number == "" {
		return "", "", nil
	}
	q := ledger.AuthorizationsOf(number)
	q.Limit, q.Bare = 1, true
	page, _, err := ledger.List[ledger.Authorization](ctx, k.o.Ledger, q)
	if errors.Is(err, ledger.ErrInvalid) {
		return "", "", nil // it can't be a number
	}
	if err != nil || len(page) == 0 {
		return "", "", err
	}
	return page[0].Household, page[0].Division, nil
}

// days are the first instant of a day and the first after another.
func (k *Office) days(from, to string) (first, after time.Time, err error) {
	read := func(name, s string) (t time.Time) {
		if s != "" && err == nil {
			var bad error
			if t, bad = time.ParseInLocation(time.DateOnly, s, k.o.Location); bad != nil {
				err = wire.Refuse(wire.InvalidField, "query."+name+":date")
			}
		}
		return t
	}
	first, after = read("from", from), read("to", to)
	if !after.IsZero() {
		after = after.AddDate(0, 0, 1)
	}
	return first, after, err
}

// errEnough ends a search that has its page.
var errEnough = errors.New("enough")

// search gives one page: After is the seq of the last entry of the page before.
func (k *Office) search(ctx context.Context, p wire.Page, q audit.Query) (wire.List[wire.AuditEntry], error) {
	below := int64(1<<63 - 1)
	if p.After != "" {
		n, err := strconv.ParseInt(p.After, 10, 64)
		if err != nil || n < 1 {
			return wire.List[wire.AuditEntry]{}, wire.Refuse(wire.BadCursor)
		}
		below = n
	}
	out := wire.List[wire.AuditEntry]{Items: []wire.AuditEntry{}}
	err := audit.Search(ctx, k.o.Data, q, func(h audit.Hit) error {
		if h.Seq >= below {
			return nil
		}
		if len(out.Items) == p.Limit {
			out.Next = strconv.FormatUint(out.Items[len(out.Items)-1].Seq, 10)
			return errEnough
		}
		out.Items = append(out.Items, entryOf(&h))
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return wire.List[wire.AuditEntry]{}, err
	}
	return out, nil
}

// entryOf is an entry of the log. Of a look at many households the first that was asked
// for is named.
func entryOf(h *audit.Hit) wire.AuditEntry {
	e := wire.AuditEntry{
		Seq: uint64(h.Seq), At: h.Time, Account: h.Actor, Role: h.Role, Division: h.Division, Operation: h.Operation, Purpose: h.Purpose,
		Outcome: h.Outcome, Code: h.Code, Households: h.Of, Fields: h.Fields,
	}
	if len(h.Households) > 0 {
		s := h.Households[0]
		e.Household, e.Authorization = s.Household, s.Authorization
		if s.Outcome != "" {
			e.Outcome = s.Outcome
		}
	}
	return e
}

// AuditSubject tells who looked at a household: which body, when, for what, on which
// authorisation. The accounts are the auditor's to know.
func (k *Office) AuditSubject(ctx context.Context, c wire.Caller, number string, p wire.Page) (wire.List[wire.AuditEntry], error) {
	about, division, err := k.registered(ctx, number)
	if err != nil {
		return wire.List[wire.AuditEntry]{}, err
	}
	if _, err := k.admit(&c, access.AuditSubject, access.Object{Division: division}, about); err != nil {
		return wire.List[wire.AuditEntry]{}, err
	}
	out, err := k.search(ctx, p, audit.Query{Household: number})
	if err == nil && !c.Roles.Has(access.Auditor) {
		for i := range out.Items {
			out.Items[i].Account = ""
		}
	}
	return out, err
}

// AuditHead is the newest entry of the log, signed where there is a key.
func (k *Office) AuditHead(ctx context.Context, c wire.Caller) (wire.AuditHead, error) {
	if _, err := k.admit(&c, access.AuditHead, access.Object{}, ""); err != nil {
		return wire.AuditHead{}, err
	}
	if k.o.SignHead == nil {
		return wire.AuditHead{}, wire.Refuse(wire.StateRefuses, "audit.key:configured")
	}
	return k.o.SignHead(ctx)
}

// Snapshots lists what the departments delivered.
func (k *Office) Snapshots(_ context.Context, c wire.Caller, p wire.Page) (wire.List[wire.Snapshot], error) {
	if _, err := k.admit(&c, access.SnapshotList, access.Object{}, ""); err != nil {
		return wire.List[wire.Snapshot]{}, err
	}
	dir := k.o.Snapshots
	entries, err := dir.List()
	if err != nil && !errors.Is(err, snapshot.ErrNoData) {
		return wire.List[wire.Snapshot]{}, err
	}
	out := []wire.Snapshot{}
	for i := range entries {
		e := &entries[i]
		s := wire.Snapshot{ID: e.ID, Source: e.Source.String(), Provider: e.Provider, AsOf: e.AsOf.String(), State: string(e.State), Accepted: e.Accepted}
		if held, err := dir.Open(e.ID); err == nil {
			m := held.Manifest()
			if m.Covers.Len() > 0 {
				s.Covers = m.Covers.String()
			}
			s.Rows, s.Quarantined, s.Duplicates = m.Counts.RowsIn, m.Counts.Quarantined, m.Counts.Duplicates
			_ = held.Close() // it was only read
		}
		out = append(out, s)
	}
	return pageAt(out, p)
}

// pageAt is the part of a list that has no order of names: After is a place in it.
func pageAt[T any](all []T, p wire.Page) (wire.List[T], error) {
	from := 0
	if p.After != "" {
		n, err := strconv.Atoi(p.After)
		if err != nil || n < 0 || n > len(all) {
			return wire.List[T]{}, wire.Refuse(wire.BadCursor)
		}
		from = n
	}
	to := min(len(all), from+p.Limit)
	out := wire.List[T]{Items: all[from:to]}
	if to < len(all) {
		out.Next = strconv.Itoa(to)
	}
	return out, nil
}
