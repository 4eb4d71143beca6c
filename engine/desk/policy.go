package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/ledger"
)

// who is the caller as the audit log knows them.
func (c *Caller) who() audit.Who {
	var roles []string
	for _, r := range c.Roles.List() {
		roles = append(roles, r.String())
	}
	return audit.Who{Actor: cmp.Or(c.Account, "nobody"), Role: strings.Join(roles, "/"), Division: c.Division, Client: c.Address}
}

// event is the beginning of an event of the caller's.
func (c *Caller) event(op access.Operation, object string, subjects ...audit.Subject) audit.Event {
	return audit.Event{Who: c.who(), Operation: op.String(), Request: c.Request, Object: object, Subjects: subjects}
}

// may refuses what the caller's role may do to no object. It is asked before anything
// is read.
func (d *Desk) may(c *Caller, op access.Operation, object string) error {
	if reason := access.May(c.Subject, op); reason != "" {
		return d.deny(c.event(op, object), access.Decision{Reason: reason})
	}
	return nil
}

// decide asks the policy about an object, and takes a denial down.
func (d *Desk) decide(c *Caller, op access.Operation, o access.Object, e audit.Event) (access.Decision, error) {
	decision := access.Decide(c.Subject, op, o)
	if !decision.Allow {
		return decision, d.deny(e, decision)
	}
	return decision, nil
}

// reasoned is decide for what needs a text that says why, when the policy says so.
func (d *Desk) reasoned(c *Caller, op access.Operation, o access.Object, e audit.Event, why string) (access.Decision, error) {
	decision, err := d.decide(c, op, o, e)
	if err == nil && decision.NeedReason && strings.TrimSpace(why) == "" {
		return decision, refuse(ReasonNeeded, "")
	}
	return decision, err
}

// deny takes a denial down and returns the refusal. A denial that can't be taken down
// is an error of the centre.
func (d *Desk) deny(e audit.Event, decision access.Decision) error {
	e.Outcome, e.Code = audit.Denied, string(decision.Reason)
	if err := d.note(e); err != nil {
		return err
	}
	return denied(decision)
}

// AuditError says that the audit log can't be written, so that nothing was done.
type AuditError struct{ Err error }

func (e *AuditError) Error() string { return "the audit log can't be written: " + e.Err.Error() }

// Unwrap is the reason.
func (e *AuditError) Unwrap() error { return e.Err }

func (d *Desk) note(e audit.Event) error {
	if err := d.o.Audit.Note(e); err != nil {
		return &AuditError{err}
	}
	return nil
}

// commit takes down what is about to be done, does it in the ledger, and takes down
// when that failed: what was done can always be found in the audit log.
func (d *Desk) commit(ctx context.Context, e audit.Event, change ledger.Change) error {
	e.Outcome = audit.Done
	if err := d.note(e); err != nil {
		return err
	}
	err := d.o.Ledger.Commit(ctx, change)
	if err == nil {
		return nil
	}
	e.Outcome, e.Code = audit.Failed, "ledger"
	if errors.Is(err, ledger.ErrConflict) {
		e.Code, err = string(Changed), refuse(Changed, "")
	} else {
		err = fmt.Errorf("the ledger: %w", err)
	}
	if noted := d.note(e); noted != nil {
		return errors.Join(noted, err)
	}
	return err
}
