package account

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/hedui/hedui/engine/household"
)

// Token is an API token, as a store keeps it and as it is listed. What opens it is
// not in it. It may do what its account may, and of that only its operations, in its
// division, for its purposes.
type Token struct {
	ID         string         `json:"id"`
	Hash       Hash           `json:"hash"`
	User       string         `json:"user"`
	Label      string         `json:"label"`
	Roles      []Role         `json:"roles"` // null: those of the account; never empty
	Operations []string       `json:"operations"`
	Division   string         `json:"division"`
	Purposes   []string       `json:"purposes,omitempty"`
	Created    time.Time      `json:"created"`
	Expires    time.Time      `json:"expires"`
	Revoked    time.Time      `json:"revoked,omitzero"`
	LastUsed   household.Date `json:"last_used,omitempty"` // day, 0 for never
	// Certificate is the fingerprint of the client certificate that it is bound to: the
	// SHA-256 of the certificate in lower hexadecimal, "" for none.
	Certificate string `json:"certificate,omitempty"`
	Version     uint64 `json:"version"`
}

// Live reports whether a token opens anything at a time.
func (t Token) Live(now time.Time) bool { return t.Revoked.IsZero() && now.Before(t.Expires) }

// Clone copies the token with what it points to.
func (t Token) Clone() Token {
	t.Roles, t.Operations, t.Purposes = slices.Clone(t.Roles), slices.Clone(t.Operations), slices.Clone(t.Purposes)
	return t
}

// TokenRequest is what a new token is to be.
type TokenRequest struct {
	Label      string
	Operations []string // at least one; whether the account may do them is asked at each use
	Division   string   // "": that of the account
	Purposes   []string // none: those of the account
	Expires    time.Time
	// Certificate binds it to a client certificate: see Token.
	Certificate string
}

// validate returns everything that is wrong with a request for an account's token.
func (a *Accounts) validateToken(r TokenRequest, u User, now time.Time) error {
	var errs []error
	if n := utf8.RuneCountInString(r.Label); n == 0 || n > 64 || !utf8.ValidString(r.Label) {
		errs = append(errs, errors.New("label: 1 to 64 characters that say which program this is for"))
	}
	if len(r.Operations) == 0 || slices.Contains(r.Operations, "") {
		errs = append(errs, errors.New("operations: at least one"))
	}
	if !r.Expires.After(now) || r.Expires.Sub(now) > a.policy.TokenLife {
		errs = append(errs, errors.New("expiry: required, in the future, at most the longest life of a token away"))
	}
	if r.Division != "" && !a.rules.Within(r.Division, u.Division) {
		errs = append(errs, errors.New("division: that of the account or one in it"))
	}
	for _, p := range r.Purposes {
		if !slices.Contains(u.Purposes, p) {
			errs = append(errs, errors.New("purposes: among those of the account"))
			break
		}
	}
	if r.Certificate != "" && !isFingerprint(r.Certificate) {
		errs = append(errs, errors.New("certificate: the SHA-256 of the certificate, 64 digits of lower hexadecimal"))
	}
	if len(errs) > 0 {
		return fmt.Errorf("%w: %w", ErrInvalid, errors.Join(errs...))
	}
	return nil
}

// isFingerprint reports whether a text can be the fingerprint of a certificate.
func isFingerprint(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return len(s) == 64
}

// IssueToken makes a token for the account of who asks, and returns its text, which
// is shown once and kept nowhere.
func (a *Accounts) IssueToken(ctx context.Context, by Identity, r TokenRequest, now time.Time) (Secret, Token, Event, error) {
	event := Event{Kind: TokenRefused, Account: by.User, Person: by.Person}
	return a.issue(ctx, by, event, func() (User, error) { return a.self(ctx, by) }, r, now)
}

// IssueTokenFor gives a token to a machine's account, which nobody signs in to. A token
// of a person is issued by that person only: with it somebody else could act as them.
func (a *Accounts) IssueTokenFor(ctx context.Context, by Identity, user string, r TokenRequest, now time.Time) (Secret, Token, Event, error) {
	event := Event{Kind: TokenRefused, Account: user, By: by.User}
	if !a.rules.Administers(by.Roles) {
		event.Reason = "not_allowed"
		return "", Token{}, event, ErrNotAllowed
	}
	by.narrowed = false // the machine has all of its roles
	return a.issue(ctx, by, event, func() (User, error) {
		if _, err := a.self(ctx, by); err != nil {
			return User{}, err
		}
		u, err := a.store.User(ctx, user)
		if err == nil && (u.State != Active || !a.rules.Machine(u.Roles)) {
			err = ErrNotAllowed
		}
		return u, err
	}, r, now)
}

// issue gives a token to the account that holder reads.
func (a *Accounts) issue(ctx context.Context, by Identity, event Event, holder func() (User, error), r TokenRequest, now time.Time) (Secret, Token, Event, error) {
	if !by.may() {
		event.Reason = "not_allowed"
		return "", Token{}, event, ErrNotAllowed
	}
	text := newOpaque(TokenPrefix)
	var t Token
	err := again(ctx, func() error {
		u, err := holder()
		if err != nil {
			return err
		}
		if err := a.validateToken(r, u, now); err != nil {
			return err
		}
		t = Token{
			ID: newID(), Hash: HashOf(text), User: u.ID, Label: r.Label,
			Operations: slices.Clone(r.Operations), Division: r.Division, Purposes: slices.Clone(r.Purposes),
			Created: now, Expires: r.Expires, Certificate: r.Certificate,
		}
		if by.narrowed {
			t.Roles = slices.Clone(by.Roles)
		}
		if t.Division == "" {
			t.Division = u.Division
		}
		if len(t.Purposes) == 0 {
			t.Purposes = slices.Clone(u.Purposes)
		}
		// With the account in the commit no token slips in beside its disabling.
		return a.store.Commit(ctx, Change{Users: []User{u}, Tokens: []Token{t}})
	})
	if err != nil {
		event.Reason = why(err)
		return "", Token{}, event, err
	}
	t.Version++
	event.Kind, event.Reason = TokenIssued, t.ID
	return text, t, event, nil
}

// self reads the account of who asks, as long as it may still do what it could.
func (a *Accounts) self(ctx context.Context, by Identity) (User, error) {
	u, err := a.store.User(ctx, by.User)
	if err != nil {
		return u, err
	}
	if u.State != Active || u.Epoch != by.epoch {
		return u, ErrNoSession
	}
	return u, nil
}

// RevokeToken ends a token at once: one's own, or anybody's for who looks after
// accounts. A machine, which can't sign in, ends its own with one of its own.
func (a *Accounts) RevokeToken(ctx context.Context, by Identity, user, id string, now time.Time) (Event, error) {
	event := Event{Kind: TokenRefused, Account: user, By: by.User}
	own := by.User != "" && by.User == user && !by.Setup
	if !own && (!by.may() || !a.rules.Administers(by.Roles)) {
		event.Reason = "not_allowed"
		return event, ErrNotAllowed
	}
	err := again(ctx, func() error {
		if _, err := a.self(ctx, by); err != nil {
			return err
		}
		tokens, err := a.store.Tokens(ctx, user)
		if err != nil {
			return err
		}
		for _, t := range tokens {
			if t.ID != id {
				continue
			}
			if t.Revoked.IsZero() {
				t.Revoked = now
				return a.store.Commit(ctx, Change{Tokens: []Token{t}})
			}
			return nil
		}
		return ErrNotFound
	})
	if err != nil {
		event.Reason = why(err)
		return event, err
	}
	return Event{Kind: TokenRevoked, Account: user, By: by.User, Reason: id}, nil
}

// Tokens lists an account's tokens; their texts are nowhere to be had.
func (a *Accounts) Tokens(ctx context.Context, user string) ([]Token, error) {
	return a.store.Tokens(ctx, user)
}

// ResolveToken says who is there by the text of an API token. The error is
// ErrNoSession or one of the store. The event is empty when the token is good.
func (a *Accounts) ResolveToken(ctx context.Context, text Secret, address string, now time.Time) (Identity, Event, error) {
	event := Event{Kind: TokenRefused, Address: address}
	if !IsToken(text) {
		event.Reason = "malformed"
		return Identity{}, event, ErrNoSession
	}
	t, err := a.store.Token(ctx, HashOf(text))
	if errors.Is(err, ErrNotFound) {
		event.Reason = "unknown"
		return Identity{}, event, ErrNoSession
	}
	if err != nil {
		return Identity{}, event, err
	}
	u, err := a.store.User(ctx, t.User)
	if err != nil {
		return Identity{}, event, err
	}
	event.Account, event.Person = u.ID, u.Person
	switch {
	case !t.Revoked.IsZero():
		event.Reason = "revoked"
	case !t.Live(now):
		event.Reason = "expired"
	case u.State != Active:
		event.Reason = u.State.String()
	case !a.rules.Within(t.Division, u.Division):
		event.Reason = "division"
	}
	if event.Reason != "" {
		return Identity{}, event, ErrNoSession
	}
	if day, ok := household.NewDate(now.Year(), int(now.Month()), now.Day()); ok && t.LastUsed != day {
		t.LastUsed = day
		if err := a.store.Commit(ctx, Change{Tokens: []Token{t}}); errors.Is(err, ErrConflict) {
			// Either another use wrote the same day, or it was revoked just now.
			again, err := a.store.Token(ctx, t.Hash)
			if err != nil || !again.Live(now) {
				event.Reason = "revoked"
				return Identity{}, event, errors.Join(ErrNoSession, err)
			}
		} else if err != nil {
			return Identity{}, event, err
		}
	}
	who := identity(u)
	who.Token, who.Operations, who.Division, who.Certificate = t.ID, slices.Clone(t.Operations), t.Division, t.Certificate
	if t.Roles != nil {
		who.Roles = slices.DeleteFunc(who.Roles, func(r Role) bool { return !slices.Contains(t.Roles, r) })
	}
	who.Purposes = nil
	for _, p := range t.Purposes {
		if slices.Contains(u.Purposes, p) {
			who.Purposes = append(who.Purposes, p)
		}
	}
	return who, Event{}, nil
}
