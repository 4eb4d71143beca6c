package account

import (
	"net/http"
)

// CookieName begins with __Host-: a browser then takes the cookie over TLS only, for
// this host only and for the whole of it, and no neighbouring host can plant one.
const CookieName = "__Host-hedui"

// Cookie carries a session to a browser, until the browser is closed. The server
// decides when the session ends.
func Cookie(session Secret) *http.Cookie {
	return &http.Cookie{
		Name: CookieName, Value: session.Reveal(), Path: "/",
		Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode,
	}
}

// NoCookie takes the cookie away.
func NoCookie() *http.Cookie {
	c := Cookie("")
	c.MaxAge = -1
	return c
}

// SessionOf finds the session a request carries, "" when it carries none, or more
// than one: then somebody planted one.
func SessionOf(r *http.Request) Secret {
	if cookies := r.CookiesNamed(CookieName); len(cookies) == 1 {
		return Secret(cookies[0].Value)
	}
	return ""
}
