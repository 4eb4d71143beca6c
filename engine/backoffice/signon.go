package backoffice

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/hedui/hedui/engine/account"
	"github.com/hedui/hedui/engine/account/oidc"
	"github.com/hedui/hedui/engine/api"
	"github.com/hedui/hedui/engine/api/wire"
)

// Provider vouches for people; *oidc.Provider is one.
type Provider interface {
	Begin(ctx context.Context, now time.Time) (address string, browser account.Secret, err error)
	Finish(ctx context.Context, browser account.Secret, query url.Values, source string, now time.Time) (account.Federated, account.Event, error)
}

var _ Provider = (*oidc.Provider)(nil)

// SignOn signs people in by a provider.
func (k *Office) SignOn(p Provider) api.SignOn { return &signOn{k, p} }

type signOn struct {
	office   *Office
	provider Provider
}

// BrowserCookie is the cookie with which a browser comes back.
func (*signOn) BrowserCookie() string { return oidc.CookieName }

// BeginSignOn says where the browser is sent.
func (s *signOn) BeginSignOn(ctx context.Context, _ wire.Caller) (address string, browser *http.Cookie, err error) {
	address, secret, err := s.provider.Begin(ctx, s.office.o.Now())
	if err != nil {
		return "", nil, errors.Join(wire.Refuse(wire.NotReady), err)
	}
	return address, oidc.Cookie(secret), nil
}

// FinishSignOn opens a session for the account that is registered for who came back.
func (s *signOn) FinishSignOn(ctx context.Context, c wire.Caller, browser wire.Secret, query url.Values) (wire.Session, error) {
	k := s.office
	who, e, err := s.provider.Finish(ctx, account.Secret(browser.Reveal()), query, c.Address, k.o.Now())
	if err != nil {
		return wire.Session{}, refusal(errors.Join(err, k.tell(nil, e)))
	}
	text, e, err := k.o.Accounts.SignInFederated(ctx, who, k.o.Now())
	return k.opened(ctx, text, e, err, c.Address)
}
