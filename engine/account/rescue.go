package account

import (
	"context"
	"errors"
	"slices"
	"time"
)

// ErrOthers says that another account can help, so that no rescue is needed.
var ErrOthers = errors.New("another account that looks after accounts can help")

// Rescue opens an account that looks after accounts again, for whoever owns the machine,
// when nobody else can: password and second factor go, sessions and tokens end, and the
// one-time secret is returned. Unless alone is false it is refused while another person
// could do it.
func (a *Accounts) Rescue(ctx context.Context, name string, alone bool, now time.Time) (Secret, Event, error) {
	event := Event{Kind: UserRefused, Reason: "rescue"}
	check := func() (User, uint64, error) {
		users, roster, err := a.store.Users(ctx)
		if err != nil {
			return User{}, 0, err
		}
		i := slices.IndexFunc(users, func(u User) bool { return u.Name == foldName(name) })
		if i < 0 {
			return User{}, 0, ErrNotFound
		}
		u := users[i]
		event.Account, event.Person = u.ID, u.Person
		if !a.rules.Administers(u.Roles) {
			return User{}, 0, ErrNotAllowed // others are helped by those who look after them
		}
		others := slices.DeleteFunc(slices.Clone(users), func(o User) bool { return o.Person == u.Person || o.MustChange })
		if alone && a.looksAfter(others) > 0 {
			return User{}, 0, ErrOthers
		}
		return u, roster, nil
	}
	u, _, err := check()
	if err != nil {
		return "", event, err
	}
	secret, hash, err := a.setInitial(ctx, &u, now)
	if err != nil {
		return "", event, err
	}
	err = again(ctx, func() error {
		u, roster, err := check()
		if err != nil {
			return err
		}
		a.useInitial(&u, hash, now)
		c := &u.credentials
		c.TOTP, c.Pending, c.Step, c.Recovery = "", "", 0, nil
		u.State, u.SetBy = Active, ""
		change := ending(u)
		change.Roster = roster
		tokens, err := a.store.Tokens(ctx, u.ID)
		if err != nil {
			return err
		}
		for _, t := range tokens {
			if t.Revoked.IsZero() {
				t.Revoked = now
				change.Tokens = append(change.Tokens, t)
			}
		}
		return a.store.Commit(ctx, change)
	})
	if err != nil {
		return "", event, err
	}
	event.Kind, event.Reason = UserReset, "rescue"
	return secret, event, nil
}
