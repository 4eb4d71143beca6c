package backoffice

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/account"
	"github.com/hedui/hedui/engine/api/wire"
	"github.com/hedui/hedui/engine/keyring"
)

// sessionID names a session: a part of the hash of what opens it, from which that can't
// be found.
func sessionID(s *account.Session) string { return "s-" + s.Hash.String()[:24] }

// signedIn calls do for every session that is open, with its account.
func (k *Office) signedIn(ctx context.Context, do func(s *account.Session, u *account.User)) error {
	users, _, err := k.store.Users(ctx)
	if err != nil {
		return err
	}
	for i := range users {
		list, err := k.store.Sessions(ctx, users[i].ID)
		if err != nil {
			return err
		}
		for j := range list {
			if k.o.Accounts.Live(list[j], users[i], k.o.Now()) {
				do(&list[j], &users[i])
			}
		}
	}
	return nil
}

// Sessions lists who is signed in, as far as the caller may see: their own, or for who
// looks after accounts everybody's.
func (k *Office) Sessions(ctx context.Context, c wire.Caller, p wire.Page) (wire.List[wire.OpenSession], error) {
	if err := k.may(&c, access.SessionList); err != nil {
		return wire.List[wire.OpenSession]{}, err
	}
	out := []wire.OpenSession{}
	err := k.signedIn(ctx, func(s *account.Session, u *account.User) {
		if access.Decide(c.Subject, access.SessionList, access.Object{Owner: u.Name, Division: u.Division}).Allow {
			out = append(out, wire.OpenSession{ID: sessionID(s), Account: u.Name, Since: k.at(s.Created), Seen: k.at(s.Seen), Setup: s.Setup})
		}
	})
	if err != nil {
		return wire.List[wire.OpenSession]{}, refusal(err)
	}
	slices.SortFunc(out, func(a, b wire.OpenSession) int { return strings.Compare(sessionOrder(a), sessionOrder(b)) })
	return page(out, p, sessionOrder), nil
}

func sessionOrder(s wire.OpenSession) string { return s.Account + " " + s.ID }

func (k *Office) at(t time.Time) string { return t.In(k.o.Location).Format(time.RFC3339) }

// EndSession ends a session at once.
func (k *Office) EndSession(ctx context.Context, c wire.Caller, id string) error {
	var found account.Session
	var owner account.User
	err := k.signedIn(ctx, func(s *account.Session, u *account.User) {
		if sessionID(s) == id {
			found, owner = *s, *u
		}
	})
	if err != nil {
		return refusal(err)
	}
	// Of whom it was is what matters, and no part of what opens it gets into the log.
	if _, err := k.admit(&c, access.SessionEnd, access.Object{Owner: owner.Name, Division: owner.Division}, owner.Name); err != nil {
		return err
	}
	who, err := k.identity(ctx, &c)
	if err != nil {
		return err
	}
	e, err := k.o.Accounts.EndSession(ctx, who, found)
	return k.done(&c, e, err)
}

// Keys are the data keys of the directory; none when it is not encrypted.
func (k *Office) Keys(_ context.Context, c wire.Caller) (wire.Keys, error) {
	out := wire.Keys{Keys: []wire.Key{}}
	if _, err := k.admit(&c, access.KeyList, access.Object{}, ""); err != nil {
		return out, err
	}
	suite, keys, err := keyring.List(k.o.Data)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, keyring.ErrNotEncrypted) {
		return out, nil
	}
	if err != nil {
		return out, err
	}
	out.Suite = suite
	for _, x := range keys {
		out.Keys = append(out.Keys, wire.Key{ID: int(x.ID), Purpose: x.Purpose, Of: x.Of, Master: int(x.Master)})
	}
	return out, nil
}
