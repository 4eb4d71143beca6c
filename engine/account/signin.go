package account

import (
	"context"
	"crypto/subtle"
	"errors"
	"slices"
	"strings"
	"time"
)

// Credentials are what somebody signs in with, all asked for at once: asking for the
// code only after the password would tell that the password was right.
type Credentials struct {
	Name     string
	Password Secret
	Code     Secret // of the second factor, or a recovery code; empty when none is enrolled
	Address  string // where from, without the port; "" counts by name only
}

// SignIn opens a session and ends the one there was. The error is *RefusedError,
// ErrBusy, or one of the store; the event goes to the audit log in either case.
func (a *Accounts) SignIn(ctx context.Context, c Credentials, now time.Time) (Secret, Event, error) {
	name := foldName(c.Name)
	event := Event{Kind: SignInRefused, Address: c.Address, Reason: "failed"}
	u, known, err := a.find(ctx, name)
	if err != nil {
		return "", event, err
	}
	if known {
		event.Account, event.Person = u.ID, u.Person
	}
	count := newCounter(name, c.Address)
	wait, err := a.begin(ctx, count, now)
	if err != nil {
		return "", event, err
	}
	if wait > 0 {
		event.Reason = "locked_out"
		return "", event, &RefusedError{RetryAfter: wait}
	}
	right, err := a.compare(ctx, u, known, c.Password)
	if err != nil {
		return "", event, errors.Join(err, a.untried(ctx, count, now))
	}
	if reason := a.judge(&u, known, right, c.Code, now); reason != "" {
		event.Reason = reason
		return "", event, a.refused(ctx, count, now)
	}
	session, reason, err := a.open(ctx, u, c, now)
	if err != nil {
		return "", event, errors.Join(err, a.untried(ctx, count, now))
	}
	if reason != "" {
		event.Reason = reason
		return "", event, a.refused(ctx, count, now)
	}
	if err := a.passed(ctx, count, now); err != nil {
		// Nobody is told the session, so it is as good as none.
		return "", event, err
	}
	event.Kind, event.Reason = SignedIn, ""
	return session, event, nil
}

// refused says how long to wait, for names nobody has as for others.
func (a *Accounts) refused(ctx context.Context, c counter, now time.Time) error {
	at, err := a.store.Attempts(ctx, c.name)
	if err != nil {
		return err
	}
	wait := a.policy.Account.wait(at, now)
	if c.hasAddress {
		at, err := a.store.Attempts(ctx, c.address)
		if err != nil {
			return err
		}
		wait = max(wait, a.policy.Address.wait(at, now))
	}
	return &RefusedError{RetryAfter: wait}
}

func (a *Accounts) find(ctx context.Context, name string) (u User, known bool, err error) {
	u, err = a.store.UserByName(ctx, name)
	if errors.Is(err, ErrNotFound) {
		return User{}, false, nil
	}
	return u, err == nil, err
}

// compare makes one hash, whether there is an account or not.
func (a *Accounts) compare(ctx context.Context, u User, known bool, password Secret) (bool, error) {
	hash, ours := a.gate.decoy, known && u.credentials.Password != ""
	if ours {
		hash = u.credentials.Password
	}
	text := string(password)
	if len(text) > maxPasswordBytes {
		text, ours = text[:maxPasswordBytes], false
	}
	same, err := a.gate.matches(ctx, hash, normalise(Secret(text)))
	return same && ours, err
}

// judge says why a sign-in is refused, for the audit log only, or marks the code as
// used. Everything is compared whatever failed before.
func (a *Accounts) judge(u *User, known, right bool, code Secret, now time.Time) (reason string) {
	used := u.credentials.TOTP == "" || useCode(u, code, now)
	expired := u.MustChange && now.After(u.credentials.Expires)
	switch {
	case !known:
		return "unknown_name"
	case !right:
		return "wrong_password"
	case !used:
		return "wrong_code"
	case u.State != Active:
		return u.State.String()
	case expired:
		return "initial_secret_expired"
	}
	return ""
}

// useCode reports whether a code is good, and marks it as used in u.
func useCode(u *User, code Secret, now time.Time) bool {
	text := codeText(code)
	key, err := totpKey(Secret(u.credentials.TOTP))
	if err != nil {
		return false
	}
	step, ok := totpMatch(key, text, u.credentials.Step, now)
	if ok {
		u.credentials.Step = step
		return true
	}
	hash, found := recoveryHash(u.ID, text), -1
	for i, h := range u.credentials.Recovery {
		if subtle.ConstantTimeCompare(h[:], hash[:]) == 1 {
			found = i
		}
	}
	if found >= 0 {
		u.credentials.Recovery = slices.Delete(slices.Clone(u.credentials.Recovery), found, found+1)
	}
	return found >= 0
}

// codeText is a code as it is compared: without the dashes and blanks that help
// reading it.
func codeText(code Secret) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return -1
		}
		return r
	}, strings.ToLower(string(code)))
}

// recoveryHash keeps one account's code from being looked up for all at once.
func recoveryHash(user, text string) Hash { return HashOf(Secret("recovery/" + user + "/" + text)) }

// open commits what a good sign-in changes. u is as judge left it. When the account
// changed meanwhile it is read and judged again: the other may have used the code.
func (a *Accounts) open(ctx context.Context, u User, c Credentials, now time.Time) (Secret, string, error) {
	verified := u.credentials.Password
	var fresh passwordHash
	if a.gate.stale(verified) {
		h, err := a.gate.hash(ctx, normalise(c.Password))
		if err != nil {
			return "", "", err
		}
		fresh = h
	}
	var session Secret
	var reason string
	first := true
	err := again(ctx, func() error {
		if !first {
			var err error
			if u, err = a.store.User(ctx, u.ID); err != nil {
				return err
			}
			same := u.credentials.Password == verified
			if reason = a.judge(&u, true, same, c.Code, now); reason != "" {
				return nil
			}
		}
		first = false
		if fresh != "" {
			u.credentials.Password = fresh
		}
		u.SignedIn = now
		var change Change
		session, change = a.newSession(u, nil, now)
		return a.store.Commit(ctx, change)
	})
	return session, reason, err
}

// newSession ends an account's sessions and begins one, in the same commit as the
// account itself, so that of two sign-ins the later one stays.
func (a *Accounts) newSession(u User, roles []Role, now time.Time) (Secret, Change) {
	text := newOpaque("")
	s := Session{
		Hash: HashOf(text), User: u.ID, Epoch: u.Epoch, Roles: roles,
		Setup: roles == nil && a.missing(u), Created: now, Seen: now,
	}
	return text, Change{Users: []User{u}, EndSessions: []string{u.ID}, Sessions: []Session{s}}
}

// Federated is somebody a provider of single sign-on has vouched for.
type Federated struct {
	Subject    Subject
	Roles      []Role // that the groups there stand for
	TwoFactors bool   // the provider says that two factors were used
	Address    string
}

// SignInFederated opens a session for the account that is registered for the
// subject. An unknown subject gets none. The session has the roles of the account
// that the provider's groups grant as well: a provider narrows and never widens.
func (a *Accounts) SignInFederated(ctx context.Context, f Federated, now time.Time) (Secret, Event, error) {
	event := Event{Kind: SignInRefused, Address: f.Address}
	var session Secret
	err := again(ctx, func() error {
		event.Reason = ""
		u, err := a.store.UserBySubject(ctx, f.Subject)
		if errors.Is(err, ErrNotFound) || f.Subject == (Subject{}) {
			event.Reason = "unknown_subject"
			return nil
		}
		if err != nil {
			return err
		}
		event.Account, event.Person = u.ID, u.Person
		roles := []Role{}
		for _, r := range u.Roles {
			if slices.Contains(f.Roles, r) {
				roles = append(roles, r)
			}
		}
		switch {
		case u.State != Active:
			event.Reason = u.State.String()
		case len(roles) == 0:
			event.Reason = "no_role"
		case !f.TwoFactors && a.rules.TwoFactors(roles):
			event.Reason = "one_factor"
		}
		if event.Reason != "" {
			return nil
		}
		u.SignedIn = now
		var change Change
		session, change = a.newSession(u, roles, now)
		return a.store.Commit(ctx, change)
	})
	if err != nil {
		return "", event, err
	}
	if event.Reason != "" {
		return "", event, &RefusedError{}
	}
	event.Kind, event.Reason = SignedIn, "single_sign_on"
	return session, event, nil
}
