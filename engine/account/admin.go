package account

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// NewUser is what a new account is to be.
type NewUser struct {
	Name, Person, Display string
	Roles                 []Role
	Division              string
	Purposes              []string
	Subject               Subject // at a provider of single sign-on; may be none
}

// Edit is a change to an account; nil leaves a field as it is.
type Edit struct {
	Display  *string
	Roles    *[]Role
	Division *string
	Purposes *[]string
	Subject  *Subject
	State    *State
}

// initialGroups of four characters are 100 bits.
const initialGroups = 5

// setInitial gives an account a one-time secret. A password of before is kept in
// the history.
func (a *Accounts) setInitial(ctx context.Context, u *User, now time.Time) (Secret, passwordHash, error) {
	text := newSpoken(initialGroups)
	hash, err := a.gate.hash(ctx, normalise(text))
	if err != nil {
		return "", "", err
	}
	a.useInitial(u, hash, now)
	return text, hash, nil
}

func (a *Accounts) useInitial(u *User, hash passwordHash, now time.Time) {
	c := &u.credentials
	if c.Password != "" && !u.MustChange {
		c.History = append([]passwordHash{c.Password}, c.History...)
		c.History = c.History[:min(len(c.History), max(a.policy.Password.History-1, 0))]
	}
	c.Password, c.Expires, u.MustChange = hash, now.Add(a.policy.InitialSecret), true
}

// admin checks that who asks still looks after accounts, as the roster has it.
func (a *Accounts) admin(users []User, by Identity) error {
	i := slices.IndexFunc(users, func(u User) bool { return u.ID == by.User })
	if i < 0 || users[i].State != Active || users[i].Epoch != by.epoch {
		return ErrNoSession
	}
	if !by.may() || !a.rules.Administers(by.Roles) || !a.rules.Administers(users[i].Roles) {
		return ErrNotAllowed
	}
	return nil
}

// fits checks an account against the rules of roles. Roles exclude each other by
// person: what one account must not hold two accounts of one person must not either.
func (a *Accounts) fits(users []User, u User) error {
	if err := u.validate(); err != nil {
		return err
	}
	if err := a.rules.Check(u.Roles); err != nil {
		return err
	}
	all := slices.Clone(u.Roles)
	for _, o := range users {
		if o.ID == u.ID {
			continue
		}
		if o.Name == u.Name {
			return fmt.Errorf("user name %s is taken", u.Name)
		}
		if u.Subject != (Subject{}) && o.Subject == u.Subject {
			return errors.New("single sign-on: the subject is another account's")
		}
		if strings.EqualFold(o.Person, u.Person) && o.State != Disabled {
			all = append(all, o.Roles...)
		}
	}
	if u.State == Disabled {
		return nil
	}
	slices.Sort(all)
	if err := a.rules.Check(slices.Compact(all)); err != nil {
		return fmt.Errorf("with the other accounts of person %s: %w", u.Person, err)
	}
	return nil
}

// Create registers an account and returns its one-time secret, which is shown once
// to who hands it over and kept nowhere.
func (a *Accounts) Create(ctx context.Context, by Identity, n NewUser, now time.Time) (User, Secret, Event, error) {
	event := Event{Kind: UserRefused, By: by.User}
	u := User{
		ID: newID(), Name: foldName(n.Name), Person: n.Person, Display: n.Display,
		Roles: slices.Clone(n.Roles), Division: n.Division, Purposes: slices.Clone(n.Purposes),
		State: Active, Subject: n.Subject, Created: now, SetBy: by.User, Epoch: 1,
	}
	check := func() (uint64, error) {
		users, roster, err := a.store.Users(ctx)
		if err != nil {
			return 0, err
		}
		if err := a.admin(users, by); err != nil {
			return 0, err
		}
		if samePerson(users, by.User, u.Person) {
			return 0, ErrOwnAccount
		}
		return roster, a.fits(users, u)
	}
	if _, err := check(); err != nil {
		event.Reason = why(err)
		return User{}, "", event, err
	}
	secret, _, err := a.setInitial(ctx, &u, now)
	if err != nil {
		event.Reason = why(err)
		return User{}, "", event, err
	}
	err = again(ctx, func() error {
		roster, err := check()
		if err != nil {
			return err
		}
		return a.store.Commit(ctx, Change{Roster: roster, Users: []User{u}})
	})
	if err != nil {
		event.Reason = why(err)
		return User{}, "", event, err
	}
	u.Version++
	return u, secret, Event{Kind: UserCreated, Account: u.ID, Person: u.Person, By: by.User, Reason: rolesText(u.Roles)}, nil
}

func rolesText(roles []Role) string {
	s := make([]string, len(roles))
	for i, r := range roles {
		s[i] = string(r)
	}
	return "roles " + strings.Join(s, ",")
}

func samePerson(users []User, id, person string) bool {
	return slices.ContainsFunc(users, func(u User) bool { return u.ID == id && strings.EqualFold(u.Person, person) })
}

// Edit changes what an account is and may. A change of anything but the display name
// ends its sessions; a change of roles, division or purposes, and disabling it,
// revokes its tokens too: they were issued for something else.
func (a *Accounts) Edit(ctx context.Context, by Identity, id string, e Edit, now time.Time) (User, Event, error) {
	event := Event{Kind: UserRefused, Account: id, By: by.User}
	var u User
	var changed []string
	err := again(ctx, func() error {
		users, roster, err := a.store.Users(ctx)
		if err != nil {
			return err
		}
		if err := a.admin(users, by); err != nil {
			return err
		}
		i := slices.IndexFunc(users, func(u User) bool { return u.ID == id })
		if i < 0 {
			return ErrNotFound
		}
		var revoke bool
		u, changed, revoke = e.apply(users[i].Clone())
		event.Person = u.Person
		if len(changed) == 0 {
			return nil
		}
		after := slices.Clone(users)
		after[i] = u
		if a.looksAfter(users) > 0 && a.looksAfter(after) == 0 {
			return ErrLastAdministrator
		}
		if samePerson(users, by.User, u.Person) {
			return ErrOwnAccount
		}
		if err := a.fits(users, u); err != nil {
			return err
		}
		u.SetBy = by.User
		change := Change{Users: []User{u}}
		if !slices.Equal(changed, []string{"display"}) {
			change = ending(u)
			u = change.Users[0]
		}
		change.Roster = roster
		if revoke {
			tokens, err := a.store.Tokens(ctx, id)
			if err != nil {
				return err
			}
			for _, t := range tokens {
				if t.Live(now) {
					t.Revoked = now
					change.Tokens = append(change.Tokens, t)
				}
			}
		}
		return a.store.Commit(ctx, change)
	})
	if err != nil {
		event.Reason = why(err)
		return User{}, event, err
	}
	if len(changed) > 0 {
		u.Version++
	}
	event.Kind, event.Reason = UserChanged, strings.Join(changed, ",")
	if slices.Contains(changed, "roles") {
		event.Reason += "; " + rolesText(u.Roles)
	}
	if slices.Contains(changed, "state") {
		event.Reason += "; " + u.State.String()
	}
	return u, event, nil
}

// apply returns the account as changed, the names of the fields that are different
// now, and whether its tokens were issued for something else.
func (e Edit) apply(u User) (_ User, changed []string, revoke bool) {
	if e.Display != nil && *e.Display != u.Display {
		u.Display = *e.Display
		changed = append(changed, "display")
	}
	if e.Roles != nil && !slices.Equal(*e.Roles, u.Roles) {
		u.Roles, revoke = slices.Clone(*e.Roles), true
		changed = append(changed, "roles")
	}
	if e.Division != nil && *e.Division != u.Division {
		u.Division, revoke = *e.Division, true
		changed = append(changed, "division")
	}
	if e.Purposes != nil && !slices.Equal(*e.Purposes, u.Purposes) {
		u.Purposes, revoke = slices.Clone(*e.Purposes), true
		changed = append(changed, "purposes")
	}
	if e.Subject != nil && *e.Subject != u.Subject {
		u.Subject = *e.Subject
		changed = append(changed, "subject")
	}
	if e.State != nil && *e.State != u.State {
		u.State = *e.State
		revoke = revoke || u.State == Disabled
		changed = append(changed, "state")
	}
	return u, changed, revoke
}

// looksAfter counts the accounts that could look after others now.
func (a *Accounts) looksAfter(users []User) int {
	n := 0
	for _, u := range users {
		if u.State == Active && a.rules.Administers(u.Roles) && !a.missing(u) {
			n++
		}
	}
	return n
}

// Reset is what an administrator takes away from an account.
type Reset struct {
	Password     bool // a one-time secret replaces it
	SecondFactor bool // it has to be enrolled anew; recovery codes go with it
}

// Reset helps somebody who lost a password or a second factor. It ends the
// account's sessions, and that alone when r is zero. The secret is "" when the
// password stays.
func (a *Accounts) Reset(ctx context.Context, by Identity, id string, r Reset, now time.Time) (Secret, Event, error) {
	event := Event{Kind: UserRefused, Account: id, By: by.User}
	reasons := []string{"sessions"}
	check := func() (User, uint64, error) {
		users, roster, err := a.store.Users(ctx)
		if err != nil {
			return User{}, 0, err
		}
		if err := a.admin(users, by); err != nil {
			return User{}, 0, err
		}
		i := slices.IndexFunc(users, func(u User) bool { return u.ID == id })
		if i < 0 {
			return User{}, 0, ErrNotFound
		}
		event.Person = users[i].Person
		if samePerson(users, by.User, users[i].Person) {
			return User{}, 0, ErrOwnAccount
		}
		return users[i], roster, nil
	}
	u, _, err := check()
	if err != nil {
		event.Reason = why(err)
		return "", event, err
	}
	var secret Secret
	var hash passwordHash
	if r.Password {
		if secret, hash, err = a.setInitial(ctx, &u, now); err != nil {
			event.Reason = why(err)
			return "", event, err
		}
		reasons = append(reasons, "password")
	}
	if r.SecondFactor {
		reasons = append(reasons, "second_factor")
	}
	err = again(ctx, func() error {
		u, roster, err := check()
		if err != nil {
			return err
		}
		if r.Password {
			a.useInitial(&u, hash, now)
		}
		if r.SecondFactor {
			c := &u.credentials
			c.TOTP, c.Pending, c.Step, c.Recovery = "", "", 0, nil
		}
		u.SetBy = by.User
		change := ending(u)
		change.Roster = roster
		return a.store.Commit(ctx, change)
	})
	if err != nil {
		event.Reason = why(err)
		return "", event, err
	}
	event.Kind, event.Reason = UserReset, strings.Join(reasons, ",")
	return secret, event, nil
}

// Bootstrap registers the first account and returns its one-time secret. It is
// ErrNotEmpty when there is any account.
func (a *Accounts) Bootstrap(ctx context.Context, n NewUser, now time.Time) (User, Secret, Event, error) {
	event := Event{Kind: UserRefused, Reason: "bootstrap"}
	users, roster, err := a.store.Users(ctx)
	if err != nil {
		return User{}, "", event, err
	}
	if len(users) > 0 {
		return User{}, "", event, ErrNotEmpty
	}
	u := User{
		ID: newID(), Name: foldName(n.Name), Person: n.Person, Display: n.Display,
		Roles: slices.Clone(n.Roles), Division: n.Division, Purposes: slices.Clone(n.Purposes),
		State: Active, Subject: n.Subject, Created: now, Epoch: 1,
	}
	if !a.rules.Administers(u.Roles) {
		return User{}, "", event, errors.New("the first account looks after accounts")
	}
	if err := a.fits(nil, u); err != nil {
		return User{}, "", event, err
	}
	secret, _, err := a.setInitial(ctx, &u, now)
	if err != nil {
		return User{}, "", event, err
	}
	if err := a.store.Commit(ctx, Change{Roster: roster, Users: []User{u}}); err != nil {
		if errors.Is(err, ErrConflict) {
			err = ErrNotEmpty
		}
		return User{}, "", event, err
	}
	u.Version++
	return u, secret, Event{Kind: Bootstrapped, Account: u.ID, Person: u.Person, Reason: rolesText(u.Roles)}, nil
}
