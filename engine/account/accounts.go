package account

import (
	"context"
	"errors"
	"slices"
	"time"
)

// Options of New.
type Options struct {
	Store  Store
	Rules  RoleRules
	Policy Policy
}

// Accounts is the way in. It is safe for use by several goroutines.
type Accounts struct {
	store  Store
	rules  RoleRules
	policy Policy
	gate   *gate
}

// New checks the policy. It takes the time of one password hash.
func New(o Options) (*Accounts, error) {
	if o.Store == nil || o.Rules == nil {
		return nil, errors.New("accounts need a store and the rules of roles")
	}
	if err := o.Policy.Validate(); err != nil {
		return nil, err
	}
	return &Accounts{
		store: o.Store, rules: o.Rules, policy: o.Policy,
		gate: newGate(o.Policy.Cost, o.Policy.Hashes, o.Policy.Waiting),
	}, nil
}

// Resolver is New for a process in which nobody signs in, such as a command that acts by a
// token. It makes no hash, so it takes no time.
func Resolver(o Options) (*Accounts, error) {
	if o.Store == nil || o.Rules == nil {
		return nil, errors.New("accounts need a store and the rules of roles")
	}
	if err := o.Policy.Validate(); err != nil {
		return nil, err
	}
	return &Accounts{store: o.Store, rules: o.Rules, policy: o.Policy, gate: &gate{cost: o.Policy.Cost}}, nil
}

// errResolver says that a Resolver was asked to compare a password.
var errResolver = errors.New("internal: nobody signs in here")

// Identity is who turned out to be there, by a session or a token.
type Identity struct {
	User, Name, Person, Display string
	Roles                       []Role
	Division                    string
	Purposes                    []string
	// Setup: the password or the second factor is still to be set. The only
	// operations there are then: ChangePassword, StartSecondFactor,
	// ConfirmSecondFactor, SignOut.
	Setup bool
	// Token is the id of the API token, "" for a session. Operations are those the
	// token is for; nil, as for a session, means all that the roles may.
	Token      string
	Operations []string
	// Certificate is the fingerprint of the certificate that the token is bound to, ""
	// for none. Whoever resolves it sees to it that the certificate was shown.
	Certificate string

	epoch    uint64
	narrowed bool // Roles are fewer than the account's may be
}

// may reports whether somebody signed in as a person, all set up.
func (i Identity) may() bool { return i.User != "" && i.Token == "" && !i.Setup }

// tries bounds how often a commit is made again when something changed meanwhile.
const tries = 16

// again calls f until it meets no conflict.
func again(ctx context.Context, f func() error) error {
	var err error
	for range tries {
		if err = ctx.Err(); err != nil {
			return err
		}
		if err = f(); !errors.Is(err, ErrConflict) {
			return err
		}
	}
	return err
}

// counter counts the tries of a user name and an address.
type counter struct {
	name, address Hash
	hasAddress    bool
}

func newCounter(name, address string) counter {
	return counter{attemptsKey("name", name), attemptsKey("address", address), address != ""}
}

// begin counts a try as failed before anything is compared, so that tries made at
// once all count. With a wait above 0 nothing was counted and nothing may be tried.
func (a *Accounts) begin(ctx context.Context, c counter, now time.Time) (wait time.Duration, err error) {
	err = again(ctx, func() error {
		wait = 0
		var change Change
		add := func(key Hash, p LockoutPolicy) error {
			at, err := a.store.Attempts(ctx, key)
			if err != nil {
				return err
			}
			wait = max(wait, p.wait(at, now))
			change.Attempts = append(change.Attempts, p.fail(at, now))
			return nil
		}
		if err := add(c.name, a.policy.Account); err != nil {
			return err
		}
		if c.hasAddress {
			if err := add(c.address, a.policy.Address); err != nil {
				return err
			}
		}
		if wait > 0 {
			return nil
		}
		return a.store.Commit(ctx, change)
	})
	return wait, err
}

// passed says that the try counted at now was none. The name begins anew; of the
// address only this try is taken back, or else whoever has one account could guess
// at others without end.
func (a *Accounts) passed(ctx context.Context, c counter, now time.Time) error {
	return a.settle(ctx, c, now, func(at Attempts) Attempts {
		return Attempts{Key: at.Key, Version: at.Version, Expires: now}
	})
}

// untried takes a try back from name and address: nothing was compared.
func (a *Accounts) untried(ctx context.Context, c counter, now time.Time) error {
	return a.settle(ctx, c, now, func(at Attempts) Attempts { return a.policy.Account.undo(at, now) })
}

func (a *Accounts) settle(ctx context.Context, c counter, now time.Time, name func(Attempts) Attempts) error {
	// A caller that went away leaves its count right all the same.
	ctx = context.WithoutCancel(ctx)
	return again(ctx, func() error {
		at, err := a.store.Attempts(ctx, c.name)
		if err != nil {
			return err
		}
		change := Change{Attempts: []Attempts{name(at)}}
		if c.hasAddress {
			at, err := a.store.Attempts(ctx, c.address)
			if err != nil {
				return err
			}
			change.Attempts = append(change.Attempts, a.policy.Address.undo(at, now))
		}
		return a.store.Commit(ctx, change)
	})
}

// missing reports whether an account still lacks what its roles must sign in with.
func (a *Accounts) missing(u User) bool {
	return u.MustChange || !u.HasSecondFactor() && a.rules.TwoFactors(u.Roles)
}

// Standing is who the account of a name is now, for work that goes on when whoever asked for it has
// left. The error is ErrNotFound or ErrNotAllowed when nobody may act by it any more.
func (a *Accounts) Standing(ctx context.Context, name string) (Identity, error) {
	u, err := a.store.UserByName(ctx, name)
	if err != nil {
		return Identity{}, err
	}
	if u.State != Active {
		return Identity{}, ErrNotAllowed
	}
	return identity(u), nil
}

// identity is who an account is.
func identity(u User) Identity {
	return Identity{
		User: u.ID, Name: u.Name, Person: u.Person, Display: u.Display,
		Roles: slices.Clone(u.Roles), Division: u.Division, Purposes: slices.Clone(u.Purposes),
		epoch: u.Epoch,
	}
}
