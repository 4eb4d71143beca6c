package backoffice

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/account"
	"github.com/hedui/hedui/engine/api"
	"github.com/hedui/hedui/engine/api/wire"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/desk/front"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/snapshot"
	"github.com/hedui/hedui/engine/staff"
)

// Options of an office.
type Options struct {
	Accounts  *account.Accounts
	Ledger    ledger.Ledger
	Audit     desk.Audit
	Data      string // the data directory, for the audit log
	Snapshots *snapshot.Dir
	Now       func() time.Time
	Location  *time.Location // where days begin
	Idle      time.Duration  // how long a session lasts without a request
	// SignHead signs the newest entry of the audit log; nil when there is no key.
	SignHead func(ctx context.Context) (wire.AuditHead, error)
}

// Office answers what crosses the wire. It is safe for use by several goroutines.
type Office struct {
	o     Options
	store *staff.Store
}

var (
	_ front.Rest        = (*Office)(nil)
	_ api.Authenticator = (*Office)(nil)
)

// New returns an office.
func New(o Options) (*Office, error) {
	if o.Accounts == nil || o.Ledger == nil || o.Audit == nil || o.Snapshots == nil || o.Now == nil || o.Location == nil {
		return nil, errors.New("internal: an office needs accounts, a ledger, an audit log, a clock and a place")
	}
	return &Office{o: o, store: staff.NewStore(o.Ledger)}, nil
}

// Authenticate finds out whose a credential is.
func (k *Office) Authenticate(ctx context.Context, c api.Credential) (access.Subject, error) {
	id, err := k.resolve(ctx, account.Secret(c.Token.Reveal()), c.Session, "")
	if errors.Is(err, account.ErrNoSession) {
		return access.Subject{}, api.ErrNobody
	}
	if err != nil {
		return access.Subject{}, err
	}
	// A token that is bound to a certificate opens nothing without it.
	if id.Certificate != "" && id.Certificate != c.Certificate {
		e := account.Event{Kind: account.TokenRefused, Account: id.Name, Reason: "certificate"}
		if err := k.tell(nil, e); err != nil {
			return access.Subject{}, err
		}
		return access.Subject{}, api.ErrNobody
	}
	return staff.Subject(&id), nil
}

// resolve says who is there by a session or a token. What the audit log has to know of a
// credential that is nobody's is in it.
func (k *Office) resolve(ctx context.Context, text account.Secret, session bool, address string) (account.Identity, error) {
	resolve := k.o.Accounts.ResolveToken
	if session {
		resolve = k.o.Accounts.ResolveSession
	}
	id, e, err := resolve(ctx, text, address, k.o.Now())
	return id, errors.Join(err, k.tell(nil, e))
}

// identity is who the caller is to the accounts.
func (k *Office) identity(ctx context.Context, c *wire.Caller) (account.Identity, error) {
	id, err := k.resolve(ctx, account.Secret(c.Credential.Reveal()), c.Session, c.Address)
	return id, refusal(err)
}

// tell writes an event of an account into the audit log. c may be nil.
func (k *Office) tell(c *wire.Caller, e account.Event) error {
	if e.Kind == "" {
		return nil
	}
	x := audit.Event{
		Who:       audit.Who{Actor: cmp.Or(e.By, e.Account, "nobody"), Client: e.Address},
		Operation: string(e.Kind), Outcome: audit.Done, Object: e.Account,
	}
	switch e.Kind {
	case account.SignInRefused, account.SessionRefused, account.TokenRefused, account.PasswordRefused, account.FactorRefused, account.UserRefused:
		x.Outcome, x.Code = audit.Denied, word(e.Reason)
	default:
		x.Reason = word(e.Reason)
	}
	if c != nil {
		x.Request, x.Who = c.Request, whoOf(c)
	}
	if err := k.o.Audit.Note(x); err != nil {
		return &desk.AuditError{Err: err}
	}
	return nil
}

// word is a text as the audit log takes it: names of fields are joined by what it
// allows.
func word(s string) string {
	b := []byte(s)
	for i, c := range b {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' && c != '-' && c != '.' {
			b[i] = '_'
		}
	}
	return string(b[:min(len(b), 64)])
}

func whoOf(c *wire.Caller) audit.Who {
	roles := strings.ReplaceAll(c.Roles.String(), ",", "/")
	return audit.Who{Actor: cmp.Or(c.Account, "nobody"), Role: roles, Division: c.Division, Client: c.Address}
}

// admit asks the policy about an object, for what the desk does not do, and takes down
// that it was allowed or denied.
//
// about is the number of the object when it is one that the centre gave: what somebody
// asked for in vain could be anything, and stays out of the log.
func (k *Office) admit(c *wire.Caller, op access.Operation, o access.Object, about string) (access.Decision, error) {
	d := access.Decide(c.Subject, op, o)
	return d, k.judged(c, op, d, about)
}

// Denied takes down what the interface refuses before anybody looks at it.
func (k *Office) Denied(c wire.Caller, op access.Operation, why access.Reason) error {
	err := k.judged(&c, op, access.Decision{Reason: why}, "")
	if r, ok := errors.AsType[*wire.Refusal](err); ok && r.Code == wire.Forbidden {
		return nil // as it is meant
	}
	return err
}

// may is admit for a list of which the policy judges every line.
func (k *Office) may(c *wire.Caller, op access.Operation) error {
	reason := access.May(c.Subject, op)
	return k.judged(c, op, access.Decision{Allow: reason == "", Reason: reason}, "")
}

// judged takes a decision down and says what the caller is told.
func (k *Office) judged(c *wire.Caller, op access.Operation, d access.Decision, about string) error {
	e := audit.Event{Who: whoOf(c), Operation: op.String(), Outcome: audit.Done, Request: c.Request, Object: about}
	if !d.Allow {
		e.Outcome, e.Code = audit.Denied, string(d.Reason)
	}
	if err := k.o.Audit.Note(e); err != nil {
		return refusal(&desk.AuditError{Err: err})
	}
	switch {
	case d.Allow:
		return nil
	case d.Hide:
		return wire.Refuse(wire.NotFound)
	}
	return wire.Refuse(wire.Forbidden)
}

// refusal turns what accounts and the audit log refuse into what a caller is told. Every
// other error stays one of the centre.
func refusal(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*wire.Refusal](err); ok {
		return err
	}
	if _, ok := errors.AsType[*desk.AuditError](err); ok {
		return fmt.Errorf("%w: %w", wire.Refuse(wire.AuditUnavailable), err)
	}
	return accountRefusal(err)
}

// accountRefusal is refusal for what accounts say.
func accountRefusal(err error) error {
	if r, ok := errors.AsType[*account.RefusedError](err); ok {
		return &wire.Refusal{Code: wire.SignInFailed, After: r.RetryAfter}
	}
	if _, ok := errors.AsType[*account.WeakPasswordError](err); ok {
		return wire.Refuse(wire.InvalidField, "body.new:weak")
	}
	for _, x := range []struct {
		err  error
		code wire.Code
	}{
		{account.ErrNoSession, wire.NotSignedIn},
		{account.ErrNotAllowed, wire.Forbidden},
		{account.ErrOwnAccount, wire.SecondPersonNeeded},
		{account.ErrLastAdministrator, wire.StateRefuses},
		{account.ErrWrongCode, wire.SignInFailed},
		{account.ErrNotFound, wire.NotFound},
		{account.ErrConflict, wire.Changed},
	} {
		if errors.Is(err, x.err) {
			return wire.Refuse(x.code)
		}
	}
	return err
}
