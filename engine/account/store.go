package account

import (
	"context"
	"errors"
)

// What a Store answers beside an error of its own.
var (
	// ErrNotFound: no such record.
	ErrNotFound = errors.New("no such record")
	// ErrConflict: something changed since it was read, or a user name or subject is
	// another account's.
	ErrConflict = errors.New("changed by somebody else")
)

// Store keeps accounts, sessions, tokens and failed tries. accounttest.Run is its
// contract. What it returns is the caller's own copy.
type Store interface {
	User(ctx context.Context, id string) (User, error)
	UserByName(ctx context.Context, name string) (User, error)
	UserBySubject(ctx context.Context, s Subject) (User, error)
	// Users returns all accounts in the order of their names, and the number of the
	// roster, which is never 0. There are hundreds of accounts, not millions.
	Users(ctx context.Context) (users []User, roster uint64, err error)
	Session(ctx context.Context, h Hash) (Session, error)
	Token(ctx context.Context, h Hash) (Token, error)
	// Tokens returns an account's tokens, oldest first, revoked and expired ones too.
	Tokens(ctx context.Context, user string) ([]Token, error)
	// Attempts returns the failures under a key, or none with the key set.
	Attempts(ctx context.Context, key Hash) (Attempts, error)
	// Commit writes a change whole or not at all, synced when it returns.
	Commit(ctx context.Context, c Change) error
}

// Change is one commit. Each record carries the version it was read with, 0 when it
// is new; when the store's is another the commit is ErrConflict. The store keeps it
// with the version plus one.
type Change struct {
	// Roster, when not 0, is the number Users returned: the commit is ErrConflict
	// when it is another now, and raises it. So two changes that each need to have
	// seen every account can't both be made.
	Roster uint64
	Users  []User
	// EndSessions names accounts whose sessions all end, before Sessions are written.
	EndSessions  []string
	DropSessions []Hash // those that are there
	Sessions     []Session
	Tokens       []Token
	Attempts     []Attempts
}
