package account

import (
	"errors"
	"time"
)

// Kind is what happened, for the audit log.
type Kind string

// Kinds of events.
const (
	SignedIn        Kind = "signed_in"
	SignInRefused   Kind = "sign_in_refused"
	SignedOut       Kind = "signed_out"
	SessionEnded    Kind = "session_ended"
	SessionRefused  Kind = "session_refused"
	TokenRefused    Kind = "token_refused"
	TokenIssued     Kind = "token_issued"
	TokenRevoked    Kind = "token_revoked"
	PasswordChanged Kind = "password_changed"
	PasswordRefused Kind = "password_refused"
	FactorStarted   Kind = "second_factor_started"
	FactorEnrolled  Kind = "second_factor_enrolled"
	FactorRefused   Kind = "second_factor_refused"
	RecoveryRenewed Kind = "recovery_codes_renewed"
	UserCreated     Kind = "user_created"
	UserChanged     Kind = "user_changed"
	UserReset       Kind = "user_reset"
	UserRefused     Kind = "user_change_refused"
	Bootstrapped    Kind = "accounts_bootstrapped"
)

// Event is what the audit log is told. An event without a Kind says that there is
// nothing to tell. Of a sign-in under a name nobody has Account is empty: what was
// typed may have been a password.
type Event struct {
	Kind    Kind   `json:"kind"`
	Account string `json:"account,omitempty"` // id of the account it is about
	Person  string `json:"person,omitempty"`  // whose it is
	By      string `json:"by,omitempty"`      // id of the account that did it, when another
	Address string `json:"address,omitempty"`
	Reason  string `json:"reason,omitempty"` // a word, or the names of what changed
}

// A RefusedError is all that somebody who could not sign in is told. It is the same
// whether the name, the password or the code was wrong, the account is locked or
// there is none.
type RefusedError struct {
	// RetryAfter, when not 0, is how long further tries of this name or from this
	// address are refused. It grows alike for names nobody has.
	RetryAfter time.Duration
}

func (*RefusedError) Error() string {
	return "sign-in refused: name, password or code is wrong, or there were too many tries"
}

// Errors of who is there already.
var (
	// ErrNoSession: the session or token is unknown, ended, expired or revoked.
	ErrNoSession = errors.New("not signed in")
	// ErrNotAllowed: this account may not do that.
	ErrNotAllowed = errors.New("not allowed")
	// ErrOwnAccount: nobody changes what they may do themselves.
	ErrOwnAccount = errors.New("nobody changes an account of their own person")
	// ErrLastAdministrator: nobody else could look after accounts.
	ErrLastAdministrator = errors.New("the last account that looks after accounts stays able to")
	// ErrNotEmpty: there are accounts already.
	ErrNotEmpty = errors.New("there are accounts already")
	// ErrWrongCode: the password or code that confirms a change is wrong.
	ErrWrongCode = errors.New("password or code is wrong")
)
