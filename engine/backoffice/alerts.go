package backoffice

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api/wire"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/watch"
)

// AuditAlerts lists the looks that somebody should ask about, newest first, as far as the
// bodies that the caller looks after go.
func (k *Office) AuditAlerts(ctx context.Context, c wire.Caller, q wire.AlertQuery) (wire.List[wire.Alert], error) {
	if _, err := k.admit(&c, access.AuditAlerts, access.Object{Division: c.Division}, ""); err != nil {
		return wire.List[wire.Alert]{}, err
	}
	query := watch.Alerts(cmp.Or(q.State, watch.Open), access.Significant(c.Division))
	query.Cursor, query.Limit = q.After, q.Limit
	page, next, err := ledger.List[ledger.Task](ctx, k.o.Ledger, query)
	if err != nil {
		return wire.List[wire.Alert]{}, err
	}
	out := wire.List[wire.Alert]{Items: []wire.Alert{}, Next: next}
	for _, t := range page {
		a, err := watch.AlertOf(t)
		if err != nil {
			return out, err
		}
		out.Items = append(out.Items, k.alertOf(t, &a))
	}
	return out, nil
}

// alertOf is an alert as the auditor sees it.
func (k *Office) alertOf(t *ledger.Task, a *watch.Alert) wire.Alert {
	out := wire.Alert{
		ID: t.ID, At: t.At.Time().In(k.o.Location).Format(time.RFC3339), Urgent: a.Urgent, Account: a.Actor, Role: a.Role, Division: a.Division,
		Operation: a.Operation, Household: a.Household, Count: a.Count, Entries: []uint64{uint64(a.Seq)}, State: t.State, Signs: []string{},
	}
	for _, s := range a.Signs {
		out.Signs = append(out.Signs, string(s))
	}
	if len(out.Signs) > 0 {
		out.Rule = out.Signs[0]
	}
	if shut := a.Closed; shut != nil {
		out.ClosedBy, out.ClosedAt, out.Reason = shut.By, shut.At.In(k.o.Location).Format(time.RFC3339), shut.Reason
	}
	return out
}

// CloseAlert closes an alert, saying what was found. Nobody closes one about themselves.
func (k *Office) CloseAlert(ctx context.Context, c wire.Caller, x wire.AlertClosing) (wire.Alert, error) {
	t, a, err := watch.Find(ctx, k.o.Ledger, x.Alert)
	if err != nil && !errors.Is(err, ledger.ErrNotFound) && !errors.Is(err, ledger.ErrErased) && !errors.Is(err, ledger.ErrInvalid) {
		return wire.Alert{}, err
	}
	// One that is not there is refused as one elsewhere is. What was asked for then is
	// anybody's text and not put into the log.
	division, known := "", ""
	if t != nil {
		division, known = t.Division, t.ID
	}
	if _, err := k.admit(&c, access.AuditAlertClose, access.Object{Division: division}, known); err != nil {
		return wire.Alert{}, err
	}
	if t == nil {
		return wire.Alert{}, wire.Refuse(wire.NotFound)
	}
	if own, err := k.own(ctx, &c, a.Actor); err != nil {
		return wire.Alert{}, err
	} else if own {
		return wire.Alert{}, wire.Refuse(wire.SecondPersonNeeded)
	}
	shut := watch.Closing{By: c.Account, At: k.o.Now(), Reason: x.Reason}
	err = watch.Close(ctx, k.o.Ledger, t, &a, shut)
	switch {
	case errors.Is(err, watch.ErrClosed):
		return wire.Alert{}, wire.Refuse(wire.StateRefuses, "state:"+t.State)
	case err != nil:
		failed := audit.Event{Who: whoOf(&c), Operation: access.AuditAlertClose.String(), Outcome: audit.Failed, Code: "ledger", Request: c.Request, Object: x.Alert}
		if errors.Is(err, ledger.ErrConflict) {
			failed.Code, err = string(wire.Changed), wire.Refuse(wire.Changed)
		}
		return wire.Alert{}, errors.Join(err, k.o.Audit.Note(failed))
	}
	t.State, a.Closed = watch.Closed, &shut
	return k.alertOf(t, &a), nil
}

// own reports whether an account is the caller's or of the same person.
func (k *Office) own(ctx context.Context, c *wire.Caller, name string) (bool, error) {
	if name == c.Account {
		return true, nil
	}
	person, ok, err := k.Person(ctx, name)
	return ok && person != "" && person == c.Person, err
}
