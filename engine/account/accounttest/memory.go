package accounttest

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/hedui/hedui/engine/account"
)

// Memory is a store in memory. It is safe for use by several goroutines.
type Memory struct {
	mu       sync.Mutex
	roster   uint64
	users    map[string][]byte // by id, in their stored form
	sessions map[account.Hash]account.Session
	tokens   map[account.Hash]account.Token
	attempts map[account.Hash]account.Attempts
}

// NewMemory returns an empty store.
func NewMemory() *Memory {
	return &Memory{
		roster: 1, users: map[string][]byte{}, sessions: map[account.Hash]account.Session{},
		tokens: map[account.Hash]account.Token{}, attempts: map[account.Hash]account.Attempts{},
	}
}

// User finds an account by its id.
func (m *Memory) User(_ context.Context, id string) (account.User, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	b, ok := m.users[id]
	if !ok {
		return account.User{}, account.ErrNotFound
	}
	return account.DecodeUser(b)
}

// UserByName finds an account by its name.
func (m *Memory) UserByName(ctx context.Context, name string) (account.User, error) {
	return m.find(ctx, func(u account.User) bool { return u.Name == name })
}

// UserBySubject finds an account by its subject at a provider of single sign-on.
func (m *Memory) UserBySubject(ctx context.Context, s account.Subject) (account.User, error) {
	return m.find(ctx, func(u account.User) bool { return u.Subject == s && s != account.Subject{} })
}

func (m *Memory) find(ctx context.Context, is func(account.User) bool) (account.User, error) {
	users, _, err := m.Users(ctx)
	if err != nil {
		return account.User{}, err
	}
	if i := slices.IndexFunc(users, is); i >= 0 {
		return users[i], nil
	}
	return account.User{}, account.ErrNotFound
}

// Users returns all accounts and the number of the roster.
func (m *Memory) Users(context.Context) ([]account.User, uint64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	users, err := m.all()
	return users, m.roster, err
}

func (m *Memory) all() ([]account.User, error) {
	users := make([]account.User, 0, len(m.users))
	for _, b := range m.users {
		u, err := account.DecodeUser(b)
		if err != nil {
			return nil, err
		}
		users = append(users, u)
	}
	slices.SortFunc(users, func(a, b account.User) int { return strings.Compare(a.Name, b.Name) })
	return users, nil
}

// Session finds a session.
func (m *Memory) Session(_ context.Context, h account.Hash) (account.Session, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.sessions[h]
	if !ok {
		return s, account.ErrNotFound
	}
	s.Roles = slices.Clone(s.Roles)
	return s, nil
}

// Token finds a token.
func (m *Memory) Token(_ context.Context, h account.Hash) (account.Token, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	t, ok := m.tokens[h]
	if !ok {
		return t, account.ErrNotFound
	}
	return t.Clone(), nil
}

// Tokens lists an account's tokens.
func (m *Memory) Tokens(_ context.Context, user string) ([]account.Token, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var tokens []account.Token
	for _, t := range m.tokens {
		if t.User == user {
			tokens = append(tokens, t.Clone())
		}
	}
	slices.SortFunc(tokens, func(a, b account.Token) int {
		if c := a.Created.Compare(b.Created); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return tokens, nil
}

// Attempts finds the failures under a key.
func (m *Memory) Attempts(_ context.Context, key account.Hash) (account.Attempts, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	a, ok := m.attempts[key]
	if !ok {
		return account.Attempts{Key: key}, nil
	}
	a.Recent = slices.Clone(a.Recent)
	return a, nil
}

// Commit writes a change whole or not at all.
func (m *Memory) Commit(_ context.Context, c account.Change) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.check(c); err != nil {
		return err
	}
	encoded := make([][]byte, len(c.Users))
	for i, u := range c.Users {
		u.Version++
		b, err := account.EncodeUser(u)
		if err != nil {
			return err
		}
		encoded[i] = b
	}
	if c.Roster != 0 {
		m.roster++
	}
	for i, u := range c.Users {
		m.users[u.ID] = encoded[i]
	}
	for h, s := range m.sessions {
		if slices.Contains(c.EndSessions, s.User) || slices.Contains(c.DropSessions, h) {
			delete(m.sessions, h)
		}
	}
	for _, s := range c.Sessions {
		s.Version++
		s.Roles = slices.Clone(s.Roles)
		m.sessions[s.Hash] = s
	}
	for _, t := range c.Tokens {
		t.Version++
		m.tokens[t.Hash] = t.Clone()
	}
	for _, a := range c.Attempts {
		a.Version++
		a.Recent = slices.Clone(a.Recent)
		m.attempts[a.Key] = a
	}
	return nil
}

func (m *Memory) check(c account.Change) error {
	if c.Roster != 0 && c.Roster != m.roster {
		return account.ErrConflict
	}
	users, err := m.all()
	if err != nil {
		return err
	}
	for _, u := range c.Users {
		var version uint64
		for _, o := range users {
			switch {
			case o.ID == u.ID:
				version = o.Version
			case o.Name == u.Name, u.Subject != account.Subject{} && o.Subject == u.Subject:
				return account.ErrConflict
			}
		}
		if version != u.Version {
			return account.ErrConflict
		}
	}
	for _, s := range c.Sessions {
		if m.sessions[s.Hash].Version != s.Version {
			return account.ErrConflict
		}
	}
	for _, t := range c.Tokens {
		if m.tokens[t.Hash].Version != t.Version {
			return account.ErrConflict
		}
	}
	for _, a := range c.Attempts {
		if m.attempts[a.Key].Version != a.Version {
			return account.ErrConflict
		}
	}
	return nil
}
