package api

import (
	"context"
	"net/http"
	"net/url"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api/wire"
)

// SignOn signs people in by an identity provider.
type SignOn interface {
	// BeginSignOn says where the browser is sent, and by which cookie it is known when it
	// comes back.
	BeginSignOn(ctx context.Context, c wire.Caller) (address string, browser *http.Cookie, err error)
	// FinishSignOn opens a session for who came back. browser is the cookie's value.
	FinishSignOn(ctx context.Context, c wire.Caller, browser wire.Secret, query url.Values) (wire.Session, error)
	// BrowserCookie is the name of the cookie.
	BrowserCookie() string
}

// addSignOn adds the two steps of a browser, where there is a provider. They are pages
// and not in the document of the interface.
func (s *Server) addSignOn(t *table) {
	if s.options.SignOn == nil {
		return
	}
	t.plain(access.SignIn, http.MethodGet, prefix+"/sign-on", say{"统一身份认证登录", "sign in by the identity provider"}, Heavy, s.beginSignOn)
	t.plain(access.SignIn, http.MethodGet, prefix+"/sign-on/return", say{"统一身份认证返回", "come back from the identity provider"}, Heavy, s.finishSignOn,
		"code", "state", "iss", "session_state", "error", "error_description", "error_uri", "scope")
}

func (s *Server) beginSignOn(w http.ResponseWriter, r *http.Request) {
	c := callOf(r.Context())
	address, browser, err := s.options.SignOn.BeginSignOn(r.Context(), c.caller)
	if err != nil {
		s.refuse(w, r, c, err)
		return
	}
	http.SetCookie(w, browser)
	w.Header().Set("Location", address)
	w.WriteHeader(http.StatusFound)
}

// signedOn is shown and not redirected to: the cookie of a session is sent to this server
// only by pages of this server, and the browser comes from another.
const signedOn = `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>已登录</title><p>已登录。 Signed in. <a href="/">继续 Continue</a></p></html>
`

func (s *Server) finishSignOn(w http.ResponseWriter, r *http.Request) {
	c := callOf(r.Context())
	var browser wire.Secret
	if cookie, err := r.Cookie(s.options.SignOn.BrowserCookie()); err == nil {
		browser = wire.Secret(cookie.Value)
	}
	session, err := s.options.SignOn.FinishSignOn(r.Context(), c.caller, browser, r.URL.Query())
	if err != nil {
		s.refuse(w, r, c, err)
		return
	}
	opened := s.sessionCookie(session.Token)
	http.SetCookie(w, &opened)
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'")
	h.Set("Referrer-Policy", "no-referrer") // the address it came by holds a code
	_, _ = w.Write([]byte(signedOn))        // a client that has gone away gets no answer
}
