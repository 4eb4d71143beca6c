package account

import (
	"context"
	"errors"
	"time"
)

// What somebody may change of their own account. Every change of a credential ends
// all sessions of the account, also the one it was made in: whoever has the new
// credentials signs in with them.

// counted compares something again for somebody who is signed in, counted like a
// sign-in: an open session left alone is no place to guess at its password or code.
// f answers ErrWrongCode for a wrong guess.
func (a *Accounts) counted(ctx context.Context, by Identity, address string, now time.Time, f func() error) error {
	if by.User == "" || by.Token != "" {
		return ErrNotAllowed
	}
	c := newCounter(by.Name, address)
	wait, err := a.begin(ctx, c, now)
	if err != nil {
		return err
	}
	if wait > 0 {
		return &RefusedError{RetryAfter: wait}
	}
	switch err := f(); {
	case err == nil:
		return a.passed(ctx, c, now)
	case errors.Is(err, ErrWrongCode):
		return err
	default:
		return errors.Join(err, a.untried(ctx, c, now))
	}
}

// confirm compares the password of an account.
func (a *Accounts) confirm(ctx context.Context, u User, password Secret) error {
	right, err := a.compare(ctx, u, true, password)
	if err == nil && !right {
		err = ErrWrongCode
	}
	return err
}

// why names an error for the audit log.
func why(err error) string {
	var refused *RefusedError
	var weak *WeakPasswordError
	switch {
	case errors.As(err, &refused):
		return "locked_out"
	case errors.As(err, &weak):
		return "password_" + weak.Rule
	case errors.Is(err, ErrWrongCode):
		return "wrong_code"
	case errors.Is(err, ErrNotAllowed):
		return "not_allowed"
	case errors.Is(err, ErrNoSession):
		return "not_signed_in"
	case errors.Is(err, ErrOwnAccount):
		return "own_account"
	case errors.Is(err, ErrLastAdministrator):
		return "last_administrator"
	case errors.Is(err, ErrNotFound):
		return "unknown"
	}
	return "failed"
}

// ChangePassword sets a new password. The error is *WeakPasswordError,
// ErrWrongCode, *RefusedError after too many tries, ErrNoSession or ErrBusy.
func (a *Accounts) ChangePassword(ctx context.Context, by Identity, old, password Secret, address string, now time.Time) (Event, error) {
	event := Event{Kind: PasswordRefused, Account: by.User, Person: by.Person, Address: address}
	refuse := func(err error) (Event, error) {
		event.Reason = why(err)
		return event, err
	}
	var u User
	err := a.counted(ctx, by, address, now, func() (err error) {
		if u, err = a.self(ctx, by); err != nil {
			return err
		}
		return a.confirm(ctx, u, old)
	})
	if err != nil {
		return refuse(err)
	}
	text := normalise(password)
	if err := a.policy.Password.check(text, u.Name); err != nil {
		return refuse(err)
	}
	past := append([]passwordHash{u.credentials.Password}, u.credentials.History...)
	for _, h := range past[:min(len(past), a.policy.Password.History)] {
		same, err := a.gate.matches(ctx, h, text)
		if err != nil {
			return refuse(err)
		}
		if same {
			return refuse(&WeakPasswordError{"used", "a password does not come back"})
		}
	}
	hash, err := a.gate.hash(ctx, text)
	if err != nil {
		return refuse(err)
	}
	verified := u.credentials.Password
	err = again(ctx, func() error {
		u, err := a.self(ctx, by)
		if err != nil {
			return err
		}
		if u.credentials.Password != verified {
			return ErrNoSession
		}
		c := &u.credentials
		c.History = append([]passwordHash{c.Password}, c.History...)
		c.History = c.History[:min(len(c.History), max(a.policy.Password.History-1, 0))]
		c.Password, c.Expires, u.MustChange = hash, time.Time{}, false
		return a.store.Commit(ctx, ending(u))
	})
	if err != nil {
		return refuse(err)
	}
	event.Kind = PasswordChanged
	return event, nil
}

// ending is the commit that ends every session of an account.
func ending(u User) Change {
	u.Epoch++
	return Change{Users: []User{u}, EndSessions: []string{u.ID}}
}

// StartSecondFactor makes the secret of a second factor, which counts for nothing
// until ConfirmSecondFactor. The password is asked for again, and the code of the
// factor there is, which stays until the new one is confirmed.
func (a *Accounts) StartSecondFactor(ctx context.Context, by Identity, password, code Secret, address string, now time.Time) (Enrolment, Event, error) {
	event := Event{Kind: FactorRefused, Account: by.User, Person: by.Person, Address: address}
	key := newTOTPKey()
	err := a.counted(ctx, by, address, now, func() error {
		u, err := a.self(ctx, by)
		if err != nil {
			return err
		}
		if err := a.confirm(ctx, u, password); err != nil {
			return err
		}
		verified := u.credentials.Password
		return again(ctx, func() error {
			u, err := a.self(ctx, by)
			if err != nil {
				return err
			}
			if u.credentials.Password != verified {
				return ErrNoSession
			}
			if u.HasSecondFactor() && !useCode(&u, code, now) {
				return ErrWrongCode
			}
			u.credentials.Pending = key.Reveal()
			return a.store.Commit(ctx, Change{Users: []User{u}})
		})
	})
	if err != nil {
		event.Reason = why(err)
		return Enrolment{}, event, err
	}
	event.Kind = FactorStarted
	return Enrolment{Key: key, URI: otpauthURI(a.policy.Issuer, by.Name, key)}, event, nil
}

// ConfirmSecondFactor takes the secret into use once a code proves that the
// application has it, and returns the recovery codes, which are shown once.
func (a *Accounts) ConfirmSecondFactor(ctx context.Context, by Identity, code Secret, address string, now time.Time) ([]Secret, Event, error) {
	return a.newCodes(ctx, by, address, now, FactorEnrolled, func(u *User) (Change, error) {
		c := &u.credentials
		key, err := totpKey(Secret(c.Pending))
		if err != nil {
			return Change{}, ErrWrongCode
		}
		step, ok := totpMatch(key, codeText(code), 0, now)
		if !ok {
			return Change{}, ErrWrongCode
		}
		c.TOTP, c.Pending, c.Step = c.Pending, "", step
		return ending(*u), nil
	})
}

// RenewRecoveryCodes replaces the recovery codes. A code is asked for again.
func (a *Accounts) RenewRecoveryCodes(ctx context.Context, by Identity, code Secret, address string, now time.Time) ([]Secret, Event, error) {
	return a.newCodes(ctx, by, address, now, RecoveryRenewed, func(u *User) (Change, error) {
		if !u.HasSecondFactor() || !useCode(u, code, now) {
			return Change{}, ErrWrongCode
		}
		return Change{Users: []User{*u}}, nil
	})
}

// recoveryGroups of four characters are 80 bits.
const recoveryGroups = 4

// newCodes gives an account new recovery codes with what f changes of it.
func (a *Accounts) newCodes(
	ctx context.Context, by Identity, address string, now time.Time, kind Kind, f func(*User) (Change, error),
) ([]Secret, Event, error) {
	event := Event{Kind: FactorRefused, Account: by.User, Person: by.Person, Address: address}
	codes := make([]Secret, a.policy.RecoveryCodes)
	hashes := make([]Hash, len(codes))
	for i := range codes {
		codes[i] = newSpoken(recoveryGroups)
		hashes[i] = recoveryHash(by.User, codeText(codes[i]))
	}
	err := a.counted(ctx, by, address, now, func() error {
		return again(ctx, func() error {
			u, err := a.self(ctx, by)
			if err != nil {
				return err
			}
			change, err := f(&u)
			if err != nil {
				return err
			}
			change.Users[0].credentials.Recovery = hashes
			return a.store.Commit(ctx, change)
		})
	})
	if err != nil {
		event.Reason = why(err)
		return nil, event, err
	}
	event.Kind = kind
	return codes, event, nil
}
