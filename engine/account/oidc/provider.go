package oidc

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/hedui/hedui/engine/account"
)

const (
	flowLife = 10 * time.Minute
	maxFlows = 10_000
)

// algorithms are signatures by a published key. Whatever the provider says it can,
// none and those with a shared secret are not among them.
var algorithms = [...]string{
	oidc.RS256, oidc.RS384, oidc.RS512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.EdDSA,
}

// ErrUnavailable is the error when the provider could not be asked.
var ErrUnavailable = errors.New("single sign-on is out of reach")

// Provider signs people in through one provider. It is safe for use by several
// goroutines.
type Provider struct {
	c Config

	mu    sync.Mutex
	found *oidc.Provider // nil until it was reached
	flows map[account.Hash]flow
}

// flow is a sign-in that was begun and has not come back.
type flow struct {
	browser account.Hash
	nonce   string
	verify  string // of PKCE
	begun   time.Time
}

// New checks the configuration. It asks the provider nothing.
func New(c Config) (*Provider, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if c.GroupsClaim == "" {
		c.GroupsClaim = "groups"
	}
	if c.Client == nil {
		c.Client = &http.Client{Timeout: 10 * time.Second}
	}
	return &Provider{c: c, flows: map[account.Hash]flow{}}, nil
}

// reach finds the provider's addresses and keys, once.
func (p *Provider) reach(ctx context.Context) (*oidc.Provider, error) {
	p.mu.Lock()
	found := p.found
	p.mu.Unlock()
	if found != nil {
		return found, nil
	}
	// What is found outlives the request that asked; the client has its own limit.
	found, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), p.c.Client), p.c.Issuer)
	if err != nil {
		// The error may quote what the provider sent.
		return nil, ErrUnavailable
	}
	p.mu.Lock()
	p.found = found
	p.mu.Unlock()
	return found, nil
}

func (p *Provider) oauth(found *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{
		ClientID: p.c.ClientID, ClientSecret: p.c.ClientSecret.Reveal(), RedirectURL: p.c.RedirectURL,
		Endpoint: found.Endpoint(), Scopes: append([]string{oidc.ScopeOpenID}, p.c.Scopes...),
	}
}

func random() string {
	var b [32]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// Begin returns the address to send a browser to, and the secret it has to come
// back with: see Cookie.
func (p *Provider) Begin(ctx context.Context, now time.Time) (address string, browser account.Secret, err error) {
	found, err := p.reach(ctx)
	if err != nil {
		return "", "", err
	}
	browser = account.Secret(random())
	state := random()
	f := flow{browser: account.HashOf(browser), nonce: random(), verify: oauth2.GenerateVerifier(), begun: now}
	if err := p.keep(state, f, now); err != nil {
		return "", "", err
	}
	return p.oauth(found).AuthCodeURL(state, oidc.Nonce(f.nonce), oauth2.S256ChallengeOption(f.verify)), browser, nil
}

func (p *Provider) keep(state string, f flow, now time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.flows) >= maxFlows {
		for h, old := range p.flows {
			if now.Sub(old.begun) >= flowLife {
				delete(p.flows, h)
			}
		}
		if len(p.flows) >= maxFlows {
			return account.ErrBusy
		}
	}
	p.flows[account.HashOf(account.Secret(state))] = f
	return nil
}

// take finds a flow and forgets it: it is finished once, well or not.
func (p *Provider) take(state string) (flow, bool) {
	h := account.HashOf(account.Secret(state))
	p.mu.Lock()
	defer p.mu.Unlock()
	f, ok := p.flows[h]
	delete(p.flows, h)
	return f, ok
}

// Finish reads what a browser came back with. The error is *account.RefusedError or
// ErrUnavailable; the event is empty when there is none, as the sign-in to the
// account is still to come.
func (p *Provider) Finish(
	ctx context.Context, browser account.Secret, query url.Values, source string, now time.Time,
) (account.Federated, account.Event, error) {
	event := account.Event{Kind: account.SignInRefused, Address: source}
	f, reason := p.returned(browser, query, now)
	if reason == "" {
		found, err := p.reach(ctx)
		if err != nil {
			event.Reason = "single_sign_on_unavailable"
			return account.Federated{}, event, err
		}
		var federated account.Federated
		if federated, reason = p.redeem(ctx, found, f, query.Get("code"), now); reason == "" {
			federated.Address = source
			return federated, account.Event{}, nil
		}
	}
	event.Reason = "single_sign_on_" + reason
	return account.Federated{}, event, &account.RefusedError{}
}

// returned finds the flow a browser came back for, or says what is wrong with it.
func (p *Provider) returned(browser account.Secret, query url.Values, now time.Time) (f flow, reason string) {
	f, ok := p.take(query.Get("state"))
	sent := account.HashOf(browser)
	switch {
	case !ok:
		return f, "state"
	case now.Sub(f.begun) >= flowLife:
		return f, "late"
	case subtle.ConstantTimeCompare(sent[:], f.browser[:]) != 1:
		return f, "browser"
	case query.Has("iss") && query.Get("iss") != p.c.Issuer:
		return f, "issuer"
	case query.Has("error") || query.Get("code") == "":
		return f, "declined"
	}
	return f, ""
}

// redeem exchanges the code for a token and reads it, or says what is wrong with it.
func (p *Provider) redeem(ctx context.Context, found *oidc.Provider, f flow, code string, now time.Time) (account.Federated, string) {
	ctx = oidc.ClientContext(ctx, p.c.Client)
	var none account.Federated
	answer, err := p.oauth(found).Exchange(ctx, code, oauth2.VerifierOption(f.verify))
	if err != nil {
		return none, "code"
	}
	raw, ok := answer.Extra("id_token").(string)
	if !ok {
		return none, "no_token"
	}
	token, err := found.Verifier(&oidc.Config{
		ClientID: p.c.ClientID, SupportedSigningAlgs: algorithms[:], Now: func() time.Time { return now },
	}).Verify(ctx, raw)
	if err != nil {
		return none, "token"
	}
	if subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(f.nonce)) != 1 {
		return none, "nonce"
	}
	return p.read(token)
}

// read maps claims to what the account is asked with.
func (p *Provider) read(token *oidc.IDToken) (f account.Federated, reason string) {
	var claims map[string]any
	if err := token.Claims(&claims); err != nil {
		return f, "claims"
	}
	// A token for several is for the one it was issued to.
	if azp, said := claims["azp"]; (said || len(token.Audience) > 1) && azp != p.c.ClientID {
		return f, "audience"
	}
	if token.Subject == "" || len(token.Subject) > 255 {
		return f, "subject"
	}
	f.Subject = account.Subject{Issuer: p.c.Issuer, ID: token.Subject}
	for _, g := range texts(claims[p.c.GroupsClaim]) {
		for _, r := range p.c.Roles[g] {
			if !slices.Contains(f.Roles, r) {
				f.Roles = append(f.Roles, r)
			}
		}
	}
	for _, how := range append(texts(claims["amr"]), texts(claims["acr"])...) {
		f.TwoFactors = f.TwoFactors || slices.Contains(p.c.TwoFactors, how)
	}
	return f, ""
}

// texts reads a claim that is one text or a list of them.
func texts(claim any) []string {
	switch v := claim.(type) {
	case string:
		return []string{v}
	case []any:
		var all []string
		for _, one := range v {
			if s, ok := one.(string); ok {
				all = append(all, s)
			}
		}
		return all
	}
	return nil
}

// CookieName is the cookie with which a browser comes back.
const CookieName = "__Host-hedui-flow"

// Cookie carries the secret of a sign-in that was begun. It is Lax where a session
// is Strict, as it has to come along when the provider sends the browser back. The
// answer to that request sets the session's cookie and is a page that goes on by
// itself: a redirect would still count as sent from the provider's site, and the
// session's cookie would not come along.
func Cookie(browser account.Secret) *http.Cookie {
	return &http.Cookie{
		Name: CookieName, Value: browser.Reveal(), Path: "/", MaxAge: int(flowLife / time.Second),
		Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
}
