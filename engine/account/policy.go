package account

import (
	"errors"
	"fmt"
	"time"
)

// PasswordPolicy is what a new password must be.
type PasswordPolicy struct {
	Length  int // characters, at least
	Rest    int // different characters beside common words
	History int // earlier passwords that may not come back
}

// LockoutPolicy is when tries are refused unseen, for an account and for an address.
type LockoutPolicy struct {
	Failures int           // so many …
	Window   time.Duration // … in this time lock
	First    time.Duration // the first lock
	Longest  time.Duration // each later one is twice as long, up to this
	Forget   time.Duration // without a failure for so long, locks begin short again
}

// Policy is what an installation may set about its accounts.
type Policy struct {
	Password PasswordPolicy
	Cost     Cost
	Hashes   int // passwords hashed at once; each takes Cost.KiB of memory
	Waiting  int // sign-ins that may wait for that

	Account LockoutPolicy // by user name
	Address LockoutPolicy // by network address; higher where many sit behind one

	InitialSecret time.Duration // how long a one-time secret is good for
	Idle          time.Duration // a session not used for so long has ended
	Absolute      time.Duration // a session ends so long after the sign-in
	TokenLife     time.Duration // the longest an API token may live
	RecoveryCodes int
	Issuer        string // how an authenticator application names this installation
}

// DefaultPolicy is what holds where an installation says nothing else.
func DefaultPolicy() Policy {
	lock := LockoutPolicy{
		Failures: 5, Window: 15 * time.Minute,
		First: time.Minute, Longest: time.Hour, Forget: 24 * time.Hour,
	}
	return Policy{
		Password: PasswordPolicy{Length: 12, Rest: 5, History: 5},
		Cost:     Cost{KiB: 32 << 10, Passes: 2, Lanes: 1},
		Hashes:   2, Waiting: 64,
		Account: lock, Address: lock,
		InitialSecret: 72 * time.Hour,
		Idle:          15 * time.Minute, Absolute: 12 * time.Hour,
		TokenLife:     366 * 24 * time.Hour,
		RecoveryCodes: 10,
		Issuer:        "hedui",
	}
}

func (l LockoutPolicy) validate(what string) error {
	if l.Failures < 1 || l.Window <= 0 || l.First <= 0 || l.Longest < l.First || l.Forget < l.Window {
		return fmt.Errorf("lockout of the %s: needs failures and times above zero, longest ≥ first, forget ≥ window", what)
	}
	return nil
}

// Validate returns everything that is wrong with a policy.
func (p Policy) Validate() error {
	var errs []error
	bad := func(wrong bool, text string) {
		if wrong {
			errs = append(errs, errors.New(text))
		}
	}
	bad(p.Password.Length < 8, "password length: at least 8")
	bad(p.Password.Rest < 0 || p.Password.History < 0, "password rest and history: not below 0")
	bad(!p.Cost.valid(), fmt.Sprintf("password cost: %d to %d KiB, at most %d passes and %d lanes",
		minKiB, maxKiB, maxPasses, maxLanes))
	bad(p.Hashes < 1 || p.Waiting < 0, "hashes at once: at least 1; waiting: not below 0")
	bad(p.InitialSecret <= 0 || p.Idle <= 0 || p.Absolute < p.Idle, "session times: above 0, absolute ≥ idle")
	bad(p.TokenLife <= 0 || p.TokenLife > 366*24*time.Hour, "token life: above 0, at most a year")
	bad(p.RecoveryCodes < 1, "recovery codes: at least 1")
	bad(p.Issuer == "", "issuer: must be said")
	errs = append(errs, p.Account.validate("account"), p.Address.validate("address"))
	return errors.Join(errs...)
}

// Role is the name of a role. What roles there are and what each may do is above
// this package.
type Role string

// RoleRules is what accounts need to know of roles.
type RoleRules interface {
	// Check refuses a role nobody knows and roles that one person must not hold
	// together.
	Check(roles []Role) error
	// TwoFactors reports whether who holds these roles signs in with two factors.
	TwoFactors(roles []Role) bool
	// Administers reports whether these roles look after accounts.
	Administers(roles []Role) bool
	// Within reports whether a division is the other or lies in it.
	Within(division, of string) bool
}
