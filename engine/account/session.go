package account

import (
	"context"
	"errors"
	"slices"
	"time"
)

// Session is an open session, as a store keeps it. What opens it is not in it.
type Session struct {
	Hash    Hash      `json:"hash"`
	User    string    `json:"user"`
	Epoch   uint64    `json:"epoch"`           // of the account when it began
	Roles   []Role    `json:"roles,omitempty"` // nil: those of the account
	Setup   bool      `json:"setup,omitempty"`
	Created time.Time `json:"created"`
	Seen    time.Time `json:"seen"`
	Version uint64    `json:"version"`
}

// Expires is when the session has ended whatever happens; a store may forget it then.
func (s Session) Expires(p Policy) time.Time { return s.Created.Add(p.Absolute) }

// seenEvery is how exactly a session's last use is written down. A session may end
// this much early and never late.
const seenEvery = 30 * time.Second

// setBack is how far a clock may be set back under an open session.
const setBack = 5 * time.Minute

// ended says why a session is over, or "".
func (p Policy) ended(s Session, u User, now time.Time) string {
	switch {
	case u.State != Active:
		return u.State.String()
	case s.Epoch != u.Epoch:
		return "account_changed"
	case now.Sub(s.Created) >= p.Absolute:
		return "absolute"
	case now.Sub(s.Seen) >= p.Idle:
		return "idle"
	case s.Seen.Sub(now) > setBack:
		return "clock_set_back"
	}
	return ""
}

// ResolveSession says who is there by the text of a session. The error is
// ErrNoSession or one of the store; a session that is over is deleted. The event is
// empty while the session lives.
func (a *Accounts) ResolveSession(ctx context.Context, text Secret, address string, now time.Time) (Identity, Event, error) {
	event := Event{Kind: SessionRefused, Address: address}
	if !isOpaque(text, "") {
		event.Reason = "malformed"
		return Identity{}, event, ErrNoSession
	}
	s, err := a.store.Session(ctx, HashOf(text))
	if errors.Is(err, ErrNotFound) {
		event.Reason = "unknown"
		return Identity{}, event, ErrNoSession
	}
	if err != nil {
		return Identity{}, event, err
	}
	u, err := a.store.User(ctx, s.User)
	if err != nil {
		return Identity{}, event, err
	}
	event.Account, event.Person = u.ID, u.Person
	if reason := a.policy.ended(s, u, now); reason != "" {
		event.Kind, event.Reason = SessionEnded, reason
		if err := a.drop(ctx, s.Hash); err != nil {
			return Identity{}, event, err
		}
		return Identity{}, event, ErrNoSession
	}
	if now.Sub(s.Seen) >= seenEvery {
		s.Seen = now
		// Whoever changed it meanwhile either saw it just now too or ended it; the
		// next call will tell.
		if err := a.store.Commit(ctx, Change{Sessions: []Session{s}}); err != nil && !errors.Is(err, ErrConflict) {
			return Identity{}, event, err
		}
	}
	who := identity(u)
	who.Setup = s.Setup
	if s.Roles != nil {
		who.Roles, who.narrowed = slices.Clone(s.Roles), true
	}
	return who, Event{}, nil
}

// Live reports whether a session of an account is still good.
func (a *Accounts) Live(s Session, u User, now time.Time) bool {
	return a.policy.ended(s, u, now) == ""
}

// EndSession ends a session: one's own, or anybody's for who looks after accounts.
func (a *Accounts) EndSession(ctx context.Context, by Identity, s Session) (Event, error) {
	event := Event{Kind: SessionRefused, Account: s.User, By: by.User}
	own := by.User != "" && by.User == s.User && !by.Setup
	if !own && (!by.may() || !a.rules.Administers(by.Roles)) {
		event.Reason = "not_allowed"
		return event, ErrNotAllowed
	}
	if _, err := a.self(ctx, by); err != nil {
		event.Reason = why(err)
		return event, err
	}
	if err := a.drop(ctx, s.Hash); err != nil {
		return event, err
	}
	event.Kind, event.Reason = SessionEnded, "ended"
	return event, nil
}

// drop ends a session, also when a request on it changes it at the same moment.
func (a *Accounts) drop(ctx context.Context, h Hash) error {
	return again(ctx, func() error { return a.store.Commit(ctx, Change{DropSessions: []Hash{h}}) })
}

// SignOut ends a session.
func (a *Accounts) SignOut(ctx context.Context, text Secret, address string) (Event, error) {
	event := Event{Kind: SignedOut, Address: address}
	s, err := a.store.Session(ctx, HashOf(text))
	if errors.Is(err, ErrNotFound) {
		event.Kind, event.Reason = SessionRefused, "unknown"
		return event, nil
	}
	if err != nil {
		return event, err
	}
	event.Account = s.User
	return event, a.drop(ctx, s.Hash)
}
