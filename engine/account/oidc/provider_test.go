package oidc_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc/oidctest"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/hedui/hedui/engine/account"
	"github.com/hedui/hedui/engine/account/oidc"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var morning = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)

const (
	clientID = "hedui"
	secret   = "CANARY-client-secret"
)

// provider is one that runs in this process: codes it hands out are good once, for
// the verifier whose challenge they were asked with.
type provider struct {
	*httptest.Server
	key    *ecdsa.PrivateKey
	mu     sync.Mutex
	codes  map[string]string // code → challenge
	tokens map[string]string // code → token
	asked  int               // times discovery was asked for
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p := &provider{key: key, codes: map[string]string{}, tokens: map[string]string{}}
	keys := &oidctest.Server{PublicKeys: []oidctest.PublicKey{{PublicKey: key.Public(), KeyID: "k", Algorithm: "ES256"}}}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if strings.Contains(r.URL.Path, "well-known") {
			p.asked++
		}
		if r.URL.Path != "/token" {
			keys.ServeHTTP(w, r)
			return
		}
		code, sum := r.PostFormValue("code"), sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
		challenge, ok := p.codes[code]
		delete(p.codes, code)
		user, pass, _ := r.BasicAuth()
		if !ok || challenge != base64.RawURLEncoding.EncodeToString(sum[:]) || user != clientID || pass != secret {
			http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		answer := map[string]any{"access_token": "a", "token_type": "Bearer"}
		if tok := p.tokens[code]; tok != "" {
			answer["id_token"] = tok
		}
		_ = json.NewEncoder(w).Encode(answer)
	}))
	keys.SetIssuer(p.URL)
	t.Cleanup(p.Close)
	return p
}

func (p *provider) sign(claims map[string]any) string {
	b, err := json.Marshal(claims)
	if err != nil {
		panic(err)
	}
	return oidctest.SignIDToken(p.key, "k", "ES256", string(b))
}

// world is a program that signs in through the provider.
type world struct {
	*testing.T
	idp *provider
	rp  *oidc.Provider
}

func newWorld(t *testing.T) *world {
	t.Helper()
	idp := newProvider(t)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	rp, err := oidc.New(oidc.Config{
		Issuer: idp.URL, ClientID: clientID, ClientSecret: secret, RedirectURL: "https://hedui.example/back",
		Roles:      map[string][]account.Role{"核对科": {"caseworker"}, "审核": {"reviewer", "caseworker"}},
		TwoFactors: []string{"otp", "mfa"}, Client: &http.Client{Transport: transport, Timeout: 5 * time.Second},
	})
	if err != nil {
		t.Fatal(err)
	}
	return &world{t, idp, rp}
}

// visit is what one browser carries through a sign-in.
type visit struct {
	browser  account.Secret
	query    url.Values
	claims   map[string]any
	code     string
	at       time.Time
	resigned func(map[string]any) string
}

// begin sends a browser to the provider, where somebody signs in.
func (w *world) begin() *visit {
	w.Helper()
	address, browser, err := w.rp.Begin(w.Context(), morning)
	if err != nil {
		w.Fatal(err)
	}
	u, err := url.Parse(address)
	if err != nil {
		w.Fatal(err)
	}
	q := u.Query()
	if !strings.HasPrefix(address, w.idp.URL) || q.Get("response_type") != "code" || q.Get("client_id") != clientID ||
		q.Get("code_challenge_method") != "S256" || len(q.Get("state")) < 32 || len(q.Get("nonce")) < 32 ||
		strings.Contains(address, secret) || strings.Contains(address, browser.Reveal()) {
		w.Fatalf("sent to %s", address)
	}
	code := rand.Text()
	w.idp.codes[code] = q.Get("code_challenge")
	return &visit{
		browser: browser, code: code, at: morning.Add(time.Minute),
		query: url.Values{"state": {q.Get("state")}, "code": {code}},
		claims: map[string]any{
			"iss": w.idp.URL, "sub": "42", "aud": clientID, "nonce": q.Get("nonce"),
			"iat": morning.Unix(), "exp": morning.Add(5 * time.Minute).Unix(),
			"groups": []string{"审核", "核对科", "别的"}, "amr": []string{"pwd", "otp"},
		},
		resigned: w.idp.sign,
	}
}

func (w *world) finish(v *visit) (account.Federated, account.Event, error) {
	w.idp.tokens[v.code] = v.resigned(v.claims)
	return w.rp.Finish(w.Context(), v.browser, v.query, "10.0.0.1", v.at)
}

func TestSignIn(t *testing.T) {
	w := newWorld(t)
	if w.idp.asked != 0 {
		t.Error("the provider was asked before anybody signs in")
	}
	got, e, err := w.finish(w.begin())
	if err != nil || e.Kind != "" {
		t.Fatalf("%+v %v", e, err)
	}
	want := account.Federated{
		Subject: account.Subject{Issuer: w.idp.URL, ID: "42"}, Roles: []account.Role{"reviewer", "caseworker"},
		TwoFactors: true, Address: "10.0.0.1",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	v := w.begin()
	v.claims["amr"], v.claims["groups"] = []string{"pwd"}, "别的"
	if got, _, err = w.finish(v); err != nil || got.TwoFactors || len(got.Roles) != 0 {
		t.Errorf("%+v %v", got, err)
	}
	if w.idp.asked != 1 {
		t.Errorf("discovery was asked for %d times", w.idp.asked)
	}
}

func TestRefused(t *testing.T) {
	w := newWorld(t)
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	claim := func(name string, v any) func(*visit) { return func(x *visit) { x.claims[name] = v } }
	b64 := base64.RawURLEncoding.EncodeToString
	for _, c := range []struct {
		name, reason string
		spoil        func(*visit)
	}{
		{"for another client", "token", claim("aud", "other")},
		{"for several, issued to another", "audience", func(v *visit) { v.claims["aud"], v.claims["azp"] = []string{clientID, "other"}, "other" }},
		{"for several, issued to nobody", "audience", claim("aud", []string{clientID, "other"})},
		{"of another issuer", "token", claim("iss", "https://other.example")},
		{"with another nonce", "nonce", claim("nonce", "other")},
		{"without a nonce", "nonce", func(v *visit) { delete(v.claims, "nonce") }},
		{"expired", "token", claim("exp", morning.Unix())},
		{"without an end", "token", func(v *visit) { delete(v.claims, "exp") }},
		{"without a subject", "subject", func(v *visit) { delete(v.claims, "sub") }},
		{"not signed", "token", func(v *visit) {
			v.resigned = func(c map[string]any) string {
				b, _ := json.Marshal(c)
				return b64([]byte(`{"alg":"none"}`)) + "." + b64(b) + "."
			}
		}},
		{"signed with the client's secret", "token", func(v *visit) {
			v.resigned = func(c map[string]any) string {
				b, _ := json.Marshal(c)
				text := b64([]byte(`{"alg":"HS256","kid":"k"}`)) + "." + b64(b)
				mac := hmac.New(sha256.New, []byte(secret))
				mac.Write([]byte(text))
				return text + "." + b64(mac.Sum(nil))
			}
		}},
		{"signed by somebody else", "token", func(v *visit) {
			v.resigned = func(c map[string]any) string {
				b, _ := json.Marshal(c)
				return oidctest.SignIDToken(other, "k", "ES256", string(b))
			}
		}},
		{"changed after it was signed", "token", func(v *visit) {
			v.resigned = func(c map[string]any) string {
				parts := strings.Split(w.idp.sign(c), ".")
				c = maps.Clone(c)
				c["sub"] = "1"
				b, _ := json.Marshal(c)
				return parts[0] + "." + b64(b) + "." + parts[2]
			}
		}},
		{"no token", "no_token", func(v *visit) { v.resigned = func(map[string]any) string { return "" } }},
		{"another code", "code", func(v *visit) { v.query.Set("code", "other") }},
		{"another's challenge", "code", func(v *visit) { w.idp.codes[v.code] = "other" }},
		{"another state", "state", func(v *visit) { v.query.Set("state", "other") }},
		{"no state", "state", func(v *visit) { v.query.Del("state") }},
		{"another browser", "browser", func(v *visit) { v.browser = "other" }},
		{"too late", "late", func(v *visit) { v.at = morning.Add(10 * time.Minute) }},
		{"declined", "declined", func(v *visit) { v.query.Set("error", "access_denied") }},
		{"answered by another issuer", "issuer", func(v *visit) { v.query.Set("iss", "https://other.example") }},
	} {
		v := w.begin()
		c.spoil(v)
		got, e, err := w.finish(v)
		var refused *account.RefusedError
		if !errors.As(err, &refused) || e.Reason != "single_sign_on_"+c.reason || got.Subject.ID != "" {
			t.Errorf("%s: %+v %+v %v", c.name, got, e, err)
		}
		if text := fmt.Sprint(e, err); strings.Contains(text, secret) || strings.Contains(text, "42") {
			t.Errorf("%s: %s", c.name, text)
		}
		// What failed once is over.
		if _, _, err := w.rp.Finish(t.Context(), v.browser, v.query, "", morning); err == nil {
			t.Errorf("%s: finished at the second try", c.name)
		}
	}
	v := w.begin()
	if _, _, err := w.finish(v); err != nil {
		t.Fatal(err)
	}
	if _, e, err := w.finish(v); err == nil || e.Reason != "single_sign_on_state" {
		t.Errorf("replayed: %+v %v", e, err)
	}
	// A token of another sign-in, replayed under a fresh one.
	old, fresh := w.begin(), w.begin()
	fresh.resigned = func(map[string]any) string { return w.idp.sign(old.claims) }
	if _, e, err := w.finish(fresh); err == nil || e.Reason != "single_sign_on_nonce" {
		t.Errorf("another's token: %+v %v", e, err)
	}
}

func TestOutOfReach(t *testing.T) {
	w := newWorld(t)
	w.idp.Close()
	if _, _, err := w.rp.Begin(t.Context(), morning); !errors.Is(err, oidc.ErrUnavailable) {
		t.Errorf("%v", err)
	}
}

func TestConfig(t *testing.T) {
	_, err := oidc.New(oidc.Config{Issuer: "http://sso.example", RedirectURL: "x"})
	want := "client id: must be said\nissuer: an https address\nredirect address: an https address\nroles: at least one group"
	if err == nil || err.Error() != want {
		t.Errorf("%v", err)
	}
	if got := oidc.Cookie("x").String(); got != "__Host-hedui-flow=x; Path=/; Max-Age=600; HttpOnly; Secure; SameSite=Lax" {
		t.Error(got)
	}
}
