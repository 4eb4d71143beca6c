package main

import (
	"context"
	"errors"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/ledger"
)

// judged is who a command acts for, nil where there are no accounts.
func (a *app) judged() *access.Subject {
	if a.office == nil || a.office.unjudged {
		return nil
	}
	return &a.office.caller.Subject
}

// readable is the division of the bodies whose looks may be read: the one that is asked
// for, and never more than whoever gave the command looks after. "" is everywhere.
func (a *app) readable(data string, op access.Operation, asked string) (string, error) {
	who := a.judged()
	if who == nil {
		return asked, nil
	}
	own := access.Significant(who.Division)
	switch {
	case asked == "":
		return own, nil
	case access.Within(asked, own):
		return asked, nil
	}
	return "", a.denied(data, op, a.office.caller, access.ReasonOutside)
}

// maySubject asks the policy whether whoever gave the command may be told who looked at
// households. One that is not registered is refused as one elsewhere is. The accounts are
// the auditor's to know.
func (a *app) maySubject(ctx context.Context, data string, households []string, actors bool) error {
	who := a.judged()
	if who == nil {
		return nil
	}
	if actors && !who.Roles.Has(access.Auditor) {
		return a.denied(data, access.AuditSubject, a.office.caller, access.ReasonRole)
	}
	for _, number := range households {
		q := ledger.AuthorizationsOf(number)
		q.Limit, q.Bare = 1, true
		page, _, err := ledger.List[ledger.Authorization](ctx, a.office.ledger, q)
		if err != nil && !errors.Is(err, ledger.ErrInvalid) {
			return err
		}
		var o access.Object
		if len(page) > 0 {
			o.Division = page[0].Division
		}
		if d := access.Decide(*who, access.AuditSubject, o); !d.Allow {
			return a.denied(data, access.AuditSubject, a.office.caller, d.Reason)
		}
	}
	return nil
}
