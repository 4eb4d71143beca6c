package staff

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hedui/hedui/engine/account"
	"github.com/hedui/hedui/engine/ledger"
)

// Store keeps accounts in a ledger.
type Store struct{ l ledger.Ledger }

var _ account.Store = (*Store)(nil)

// NewStore returns the store of a ledger.
func NewStore(l ledger.Ledger) *Store { return &Store{l} }

// rosterID is the counter of changes to who has which account, attemptsID those of
// failed tries.
const (
	rosterID   = "roster"
	attemptsID = "attempts/"
)

// outside is an error of the ledger in the words of accounts.
func outside(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ledger.ErrNotFound), errors.Is(err, ledger.ErrErased):
		return account.ErrNotFound
	case errors.Is(err, ledger.ErrConflict):
		return account.ErrConflict
	}
	return fmt.Errorf("accounts: %w", err)
}

// read decodes a body. The text of a decoding error may quote what it read.
func read(kind, id string, body []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if d.Decode(into) != nil {
		return fmt.Errorf("accounts: what the ledger keeps of %s %s can't be read", kind, id)
	}
	return nil
}

// User finds an account by its id.
func (s *Store) User(ctx context.Context, id string) (account.User, error) {
	return userOf(ledger.Get[ledger.User](ctx, s.l, id))
}

// UserByName finds an account by its name.
func (s *Store) UserByName(ctx context.Context, name string) (account.User, error) {
	return userOf(ledger.Find[ledger.User](ctx, s.l, ledger.UserName(name)))
}

// UserBySubject finds an account by its subject at an identity provider.
func (s *Store) UserBySubject(ctx context.Context, of account.Subject) (account.User, error) {
	if of == (account.Subject{}) {
		return account.User{}, account.ErrNotFound
	}
	u, err := userOf(ledger.Find[ledger.User](ctx, s.l, ledger.UserSubject(subjectKey(of))))
	if err == nil && u.Subject != of { // the ledger finds an account by what it once had
		return account.User{}, account.ErrNotFound
	}
	return u, err
}

// subjectKey names a subject: two texts of any length in one of a known length.
func subjectKey(s account.Subject) string {
	if s == (account.Subject{}) {
		return ""
	}
	return account.HashOf(account.Secret(s.Issuer + "\n" + s.ID)).String()
}

func userOf(e *ledger.User, err error) (account.User, error) {
	if err != nil {
		return account.User{}, outside(err)
	}
	u, err := account.DecodeUser(e.Body)
	if err != nil {
		return account.User{}, fmt.Errorf("accounts: what the ledger keeps of user %s can't be read: %w", e.ID, err)
	}
	u.Version = uint64(e.Version)
	return u, nil
}

// Users returns all accounts in the order of their names, and the number of the roster.
func (s *Store) Users(ctx context.Context) (users []account.User, roster uint64, err error) {
	// The roster first: what is listed afterwards is not older than its number, and a
	// commit that names the number fails when it is younger.
	if roster, err = s.roster(ctx); err != nil {
		return nil, 0, err
	}
	err = ledger.All(ctx, s.l, ledger.Every(ledger.KindUser), func(e *ledger.User) error {
		u, err := userOf(e, nil)
		users = append(users, u)
		return err
	})
	if err != nil {
		return nil, 0, outside(err)
	}
	slices.SortFunc(users, func(a, b account.User) int { return strings.Compare(a.Name, b.Name) })
	return users, roster, nil
}

// roster is one more than the version of its counter, which is 0 before the first.
func (s *Store) roster(ctx context.Context) (uint64, error) {
	c, err := ledger.Get[ledger.Counter](ctx, s.l, rosterID)
	if errors.Is(err, ledger.ErrNotFound) {
		return 1, nil
	}
	if err != nil {
		return 0, outside(err)
	}
	return uint64(c.Version) + 1, nil
}

// Session finds a session.
func (s *Store) Session(ctx context.Context, h account.Hash) (account.Session, error) {
	e, err := ledger.Get[ledger.Session](ctx, s.l, h.String())
	if err != nil {
		return account.Session{}, outside(err)
	}
	var stored session
	if err := read("session", e.User, e.Body, &stored); err != nil {
		return account.Session{}, err
	}
	out := stored.Session
	if stored.NoRoles {
		out.Roles = []account.Role{}
	}
	out.Version = uint64(e.Version)
	return out, nil
}

// Sessions returns an account's sessions, those that are over too.
func (s *Store) Sessions(ctx context.Context, user string) ([]account.Session, error) {
	var out []account.Session
	err := ledger.All(ctx, s.l, ledger.SessionsOf(user), func(e *ledger.Session) error {
		var hash account.Hash
		if err := hash.UnmarshalText([]byte(e.Hash)); err != nil {
			return fmt.Errorf("accounts: what the ledger keeps of a session of %s can't be read", user)
		}
		x, err := s.Session(ctx, hash)
		if err == nil {
			out = append(out, x)
		}
		if errors.Is(err, account.ErrNotFound) { // it ended meanwhile
			return nil
		}
		return err
	})
	return out, outside(err)
}

// session is a session as the ledger keeps it: no roles are not those of the account.
type session struct {
	account.Session
	NoRoles bool `json:"no_roles,omitempty"`
}

// Token finds a token.
func (s *Store) Token(ctx context.Context, h account.Hash) (account.Token, error) {
	return tokenOf(ledger.Find[ledger.Token](ctx, s.l, ledger.TokenHash(h.String())))
}

func tokenOf(e *ledger.Token, err error) (account.Token, error) {
	if err != nil {
		return account.Token{}, outside(err)
	}
	var out account.Token
	if err := read("token", e.ID, e.Body, &out); err != nil {
		return account.Token{}, err
	}
	out.Version = uint64(e.Version)
	return out, nil
}

// Tokens returns an account's tokens, the oldest first.
func (s *Store) Tokens(ctx context.Context, user string) ([]account.Token, error) {
	var out []account.Token
	err := ledger.All(ctx, s.l, ledger.TokensOf(user), func(e *ledger.Token) error {
		t, err := tokenOf(e, nil)
		out = append(out, t)
		return err
	})
	if err != nil {
		return nil, outside(err)
	}
	slices.SortFunc(out, func(a, b account.Token) int {
		if c := a.Created.Compare(b.Created); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return out, nil
}

// OwnerOf is the account that a token belongs to, by the token's id.
func (s *Store) OwnerOf(ctx context.Context, token string) (account.User, error) {
	e, err := ledger.Get[ledger.Token](ctx, s.l, token)
	if err != nil {
		return account.User{}, outside(err)
	}
	return s.User(ctx, e.User)
}

// Attempts returns the failures under a key, or none with the key set.
func (s *Store) Attempts(ctx context.Context, key account.Hash) (account.Attempts, error) {
	e, err := ledger.Get[ledger.Counter](ctx, s.l, attemptsID+key.String())
	if errors.Is(err, ledger.ErrNotFound) {
		return account.Attempts{Key: key}, nil
	}
	if err != nil {
		return account.Attempts{}, outside(err)
	}
	var out account.Attempts
	if err := read("attempts", "", e.Body, &out); err != nil {
		return account.Attempts{}, err
	}
	out.Version = uint64(e.Version)
	return out, nil
}

// Commit writes a change whole or not at all.
func (s *Store) Commit(ctx context.Context, c account.Change) error {
	change, err := s.change(ctx, c)
	if err == nil {
		err = s.l.Commit(ctx, change)
	}
	if errors.Is(err, ledger.ErrErased) { // a session that ended does not come back
		return account.ErrConflict
	}
	return outside(err)
}

// change is a change of accounts in the words of the ledger.
func (s *Store) change(ctx context.Context, c account.Change) (out ledger.Change, err error) {
	add := func(e ledger.Entry, version uint64, body any) {
		if err != nil {
			return
		}
		var text []byte
		if text, err = json.Marshal(body); err == nil {
			out.Ops = append(out.Ops, at(e, version, text))
		}
	}
	if c.Roster != 0 {
		add(&ledger.Counter{ID: rosterID}, c.Roster-1, nil)
	}
	changed := map[string]bool{}
	for _, u := range c.Users {
		text, err := account.EncodeUser(u)
		if err != nil {
			return out, err
		}
		out.Ops = append(out.Ops, at(&ledger.User{ID: u.ID, Name: u.Name, Person: u.Person, Subject: subjectKey(u.Subject)}, u.Version, text))
		changed[u.ID] = true
	}
	if err := s.end(ctx, c, changed, &out); err != nil {
		return out, err
	}
	for i := range c.Sessions {
		x := &c.Sessions[i]
		add(&ledger.Session{ID: x.Hash.String(), User: x.User, Hash: x.Hash.String()}, x.Version, session{*x, x.Roles != nil && len(x.Roles) == 0})
	}
	for i := range c.Tokens {
		x := &c.Tokens[i]
		add(&ledger.Token{ID: x.ID, User: x.User, Hash: x.Hash.String()}, x.Version, x)
	}
	for i := range c.Attempts {
		x := &c.Attempts[i]
		add(&ledger.Counter{ID: attemptsID + x.Key.String()}, x.Version, x)
	}
	return out, err
}

// at is the op that puts an entry over the version it was read with.
func at(e ledger.Entry, version uint64, body []byte) ledger.Op {
	op := ledger.Put(e)
	op.Expect, op.Body = ledger.Version(version), body
	return op
}

// end adds the sessions that end. One that begins meanwhile changes its account too, or
// the account is required to stay as it is.
func (s *Store) end(ctx context.Context, c account.Change, changed map[string]bool, out *ledger.Change) error {
	gone := map[string]bool{}
	erase := func(e *ledger.Session) {
		if !gone[e.ID] {
			gone[e.ID] = true
			out.Ops = append(out.Ops, ledger.Erase(e))
		}
	}
	for _, user := range c.EndSessions {
		if !changed[user] {
			u, err := ledger.Get[ledger.User](ctx, s.l, user)
			if err != nil && !errors.Is(err, ledger.ErrNotFound) {
				return err
			}
			if err == nil {
				out.Requires = append(out.Requires, ledger.RequireSame(u))
			}
		}
		err := ledger.All(ctx, s.l, ledger.SessionsOf(user), func(e *ledger.Session) error {
			erase(e)
			return nil
		})
		if err != nil {
			return err
		}
	}
	for _, h := range c.DropSessions {
		e, err := ledger.Get[ledger.Session](ctx, s.l, h.String())
		if errors.Is(err, ledger.ErrNotFound) || errors.Is(err, ledger.ErrErased) {
			continue
		}
		if err != nil {
			return err
		}
		erase(e)
	}
	return nil
}
