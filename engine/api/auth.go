package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api/wire"
)

// Credential is what a request brings to say who sends it.
type Credential struct {
	Token   wire.Secret
	Session bool // from the cookie of a session, not an API token
	// Certificate is the fingerprint of the certificate that the client showed, "" for
	// none: SHA-256 in lower hexadecimal. It is one that the server's list of authorities
	// vouches for.
	Certificate string
}

// ErrNobody is returned by an Authenticator for a credential that is unknown,
// expired, revoked or locked. It does not say which.
var ErrNobody = errors.New("the credential is nobody's")

// Authenticator finds out who a credential belongs to.
type Authenticator interface {
	Authenticate(ctx context.Context, c Credential) (access.Subject, error)
}

// Names of the cookie of a session. The prefix binds it to this host and to TLS; it
// can't be had without.
const (
	cookieTLS   = "__Host-hedui"
	cookiePlain = "hedui"
)

func (s *Server) cookieName() string {
	if s.options.PlainCookie {
		return cookiePlain
	}
	return cookieTLS
}

// sessionCookie is the cookie that carries a session, or with an empty token the one
// that takes it away.
func (s *Server) sessionCookie(token wire.Secret) http.Cookie {
	c := http.Cookie{
		Name: s.cookieName(), Value: token.Reveal(), Path: "/", HttpOnly: true,
		Secure: !s.options.PlainCookie, SameSite: http.SameSiteStrictMode,
	}
	if token == "" {
		c.MaxAge = -1
	}
	return c
}

// credential reads what the request brings. A header counts before a cookie, and with
// a header the cookie is not looked at.
func (s *Server) credential(r *http.Request) (c Credential, ok bool) {
	if h := r.Header.Get("Authorization"); h != "" {
		scheme, token, _ := strings.Cut(h, " ")
		return Credential{Token: wire.Secret(token)}, strings.EqualFold(scheme, "Bearer") && token != ""
	}
	if cookie, err := r.Cookie(s.cookieName()); err == nil && cookie.Value != "" {
		return Credential{Token: wire.Secret(cookie.Value), Session: true}, true
	}
	return Credential{}, false
}

// fingerprint is that of the certificate that the client showed and the server verified.
func fingerprint(r *http.Request) string {
	if r.TLS == nil || len(r.TLS.VerifiedChains) == 0 {
		return ""
	}
	sum := sha256.Sum256(r.TLS.PeerCertificates[0].Raw)
	return hex.EncodeToString(sum[:])
}

// admit finds out who asks and whether such a one may do such a thing at all. Of the
// object nothing is known yet; the desk judges that.
func (s *Server) admit(r *http.Request, c *call) error {
	// A browser says where a request comes from; a form on another site must not ride
	// on the cookie of a session, nor sign somebody in.
	if r.Header.Get("Authorization") == "" {
		if s.origin.Check(r) != nil {
			return wire.Refuse(wire.CrossSite)
		}
	}
	rule, ok := c.route.Operation.Rule()
	if !ok {
		return wire.Refuse(wire.Forbidden)
	}
	if !rule.Public {
		cred, ok := s.credential(r)
		if !ok {
			return wire.Refuse(wire.NotSignedIn)
		}
		cred.Certificate = fingerprint(r)
		subject, err := s.options.Authenticator.Authenticate(r.Context(), cred)
		if errors.Is(err, ErrNobody) {
			return wire.Refuse(wire.NotSignedIn)
		}
		if err != nil {
			return err
		}
		c.caller.Subject, c.caller.Credential, c.caller.Session = subject, cred.Token, cred.Session
		if wait, ok := s.accounts.take(subject.Account, c.began); !ok {
			return &wire.Refusal{Code: wire.TooMany, After: wait}
		}
	} else if c.route.Operation == access.SignIn {
		if wait, ok := s.addresses.take(c.caller.Address, c.began); !ok {
			return &wire.Refusal{Code: wire.TooMany, After: wait}
		}
	}
	switch why := access.May(c.caller.Subject, c.route.Operation); why {
	case "":
		return nil
	case access.ReasonSignIn:
		return wire.Refuse(wire.NotSignedIn)
	default:
		if s.options.Denied != nil {
			if err := s.options.Denied(c.caller, c.route.Operation, why); err != nil {
				return err
			}
		}
		return wire.Refuse(wire.Forbidden)
	}
}
