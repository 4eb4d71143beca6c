package backoffice

import (
	"context"
	"errors"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/account"
	"github.com/hedui/hedui/engine/api/wire"
	"github.com/hedui/hedui/engine/staff"
)

// SignIn opens a session.
func (k *Office) SignIn(ctx context.Context, c wire.Caller, s wire.SignIn) (wire.Session, error) {
	text, e, err := k.o.Accounts.SignIn(ctx, account.Credentials{
		Name: s.Account, Password: account.Secret(s.Password.Reveal()), Code: account.Secret(s.Code.Reveal()), Address: c.Address,
	}, k.o.Now())
	if told := k.tell(nil, e); told != nil {
		if err == nil {
			_, _ = k.o.Accounts.SignOut(ctx, text, c.Address) // nobody knows it
		}
		return wire.Session{}, refusal(told)
	}
	if err != nil {
		return wire.Session{}, refusal(err)
	}
	id, err := k.resolve(ctx, text, true, c.Address)
	if err != nil {
		return wire.Session{}, refusal(err)
	}
	return wire.Session{Token: wire.Secret(text.Reveal()), Seconds: int(k.o.Idle.Seconds()), Me: me(staff.Subject(&id))}, nil
}

// SignOut ends the caller's session.
func (k *Office) SignOut(ctx context.Context, c wire.Caller) error {
	if !c.Session {
		return wire.Refuse(wire.StateRefuses) // a token is revoked, not signed out
	}
	e, err := k.o.Accounts.SignOut(ctx, account.Secret(c.Credential.Reveal()), c.Address)
	return refusal(errors.Join(err, k.tell(&c, e)))
}

// Me says who the caller is and what they may do.
func (*Office) Me(_ context.Context, c wire.Caller) (wire.Me, error) { return me(c.Subject), nil }

func me(s access.Subject) wire.Me {
	out := wire.Me{Account: s.Account, Division: s.Division, Purposes: append([]string{}, s.Purposes...), Roles: []string{}, Operations: []string{}}
	for _, r := range s.Roles.List() {
		out.Roles = append(out.Roles, r.String())
	}
	for i := range access.Policy {
		if access.May(s, access.Policy[i].Operation) == "" {
			out.Operations = append(out.Operations, access.Policy[i].Name)
		}
	}
	return out
}

// ChangePassword changes the caller's own password.
func (k *Office) ChangePassword(ctx context.Context, c wire.Caller, p wire.PasswordChange) error {
	id, err := k.identity(ctx, &c)
	if err != nil {
		return err
	}
	e, err := k.o.Accounts.ChangePassword(ctx, id, account.Secret(p.Old.Reveal()), account.Secret(p.New.Reveal()), c.Address, k.o.Now())
	return refusal(errors.Join(err, k.tell(&c, e)))
}

// EnrolFactor gives a new secret or, with a code of it, takes it into use.
func (k *Office) EnrolFactor(ctx context.Context, c wire.Caller, x wire.Enrol) (wire.Enrolment, error) {
	id, err := k.identity(ctx, &c)
	if err != nil {
		return wire.Enrolment{}, err
	}
	if x.Confirm {
		codes, e, err := k.o.Accounts.ConfirmSecondFactor(ctx, id, account.Secret(x.Code.Reveal()), c.Address, k.o.Now())
		if err := errors.Join(err, k.tell(&c, e)); err != nil {
			return wire.Enrolment{}, refusal(err)
		}
		out := wire.Enrolment{Active: true}
		for _, code := range codes {
			out.RecoveryCodes = append(out.RecoveryCodes, wire.Secret(code.Reveal()))
		}
		return out, nil
	}
	enrolment, e, err := k.o.Accounts.StartSecondFactor(ctx, id, account.Secret(x.Password.Reveal()), account.Secret(x.Code.Reveal()), c.Address, k.o.Now())
	if err := errors.Join(err, k.tell(&c, e)); err != nil {
		return wire.Enrolment{}, refusal(err)
	}
	return wire.Enrolment{Secret: wire.Secret(enrolment.Key.Reveal()), URI: wire.Secret(enrolment.URI.Reveal())}, nil
}
