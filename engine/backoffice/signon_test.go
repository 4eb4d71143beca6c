package backoffice_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/hedui/hedui/engine/account"
	"github.com/hedui/hedui/engine/account/oidc"
	"github.com/hedui/hedui/engine/api"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/backoffice"
	"github.com/hedui/hedui/engine/desk/front"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger/ledgertest"
	"github.com/hedui/hedui/engine/snapshot"
	"github.com/hedui/hedui/engine/staff"
)

func clock() time.Time { return time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC) }

// notes is an audit log in memory; it fails when it is told to.
type notes struct {
	mu     sync.Mutex
	events []audit.Event
	err    error
}

func (n *notes) Begin(audit.Look) (audit.Token, error)      { return audit.Token{}, n.err }
func (n *notes) End(audit.Token, []household.Outcome) error { return n.err }
func (n *notes) Note(e audit.Event) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.err == nil {
		n.events = append(n.events, e)
	}
	return n.err
}

func (n *notes) last() audit.Event {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.events) == 0 {
		return audit.Event{}
	}
	return n.events[len(n.events)-1]
}

// vouches is a provider that knows one browser and says who is behind it.
type vouches struct {
	who account.Federated
	err error
}

func (v *vouches) Begin(context.Context, time.Time) (string, account.Secret, error) {
	return "https://sso.example.org/auth?state=1", "browser", v.err
}

func (v *vouches) Finish(_ context.Context, browser account.Secret, query url.Values, source string, _ time.Time) (account.Federated, account.Event, error) {
	if browser != "browser" || query.Get("code") != "good" {
		return account.Federated{}, account.Event{Kind: account.SignInRefused, Reason: "state", Address: source}, &account.RefusedError{}
	}
	return v.who, account.Event{}, nil
}

// world is an office with one account that a provider may vouch for.
type world struct {
	log      *notes
	provider *vouches
	server   *httptest.Server
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{log: &notes{}, provider: &vouches{}}
	l := &ledgertest.Memory{}
	store := staff.NewStore(l)
	err := store.Commit(t.Context(), account.Change{Users: []account.User{{
		ID: "u1", Name: "wang", Person: "P1", Display: "王", Roles: []account.Role{"verifier"}, Division: "340104", Purposes: []string{"dibao"},
		State: account.Active, Subject: account.Subject{Issuer: "https://sso.example.org", ID: "7"}, Created: clock(), Epoch: 1,
	}}})
	if err != nil {
		t.Fatal(err)
	}
	policy := account.DefaultPolicy()
	policy.Cost = account.Cost{KiB: 8, Passes: 1, Lanes: 1}
	accounts, err := account.New(account.Options{Store: store, Rules: staff.Rules{}, Policy: policy})
	if err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	snapshots, err := snapshot.OpenDir(data)
	if err != nil {
		t.Fatal(err)
	}
	office, err := backoffice.New(backoffice.Options{
		Accounts: accounts, Ledger: l, Audit: w.log, Data: data, Snapshots: snapshots, Now: clock, Location: time.UTC, Idle: time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	server, err := api.New(api.Options{
		Desk: &front.Front{Rest: office}, Authenticator: office, SignOn: office.SignOn(w.provider), Now: clock, Log: slog.New(slog.DiscardHandler),
		Metrics: prometheus.NewRegistry(), Limits: api.DefaultLimits(), PlainCookie: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	w.server = httptest.NewServer(server)
	t.Cleanup(w.server.Close)
	return w
}

// reply is what came back, its body read past.
type reply struct {
	StatusCode int
	Header     http.Header
	cookies    []*http.Cookie
}

func (w *world) get(t *testing.T, path string, cookies ...*http.Cookie) *reply {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.server.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cookies {
		r.AddCookie(c)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	out, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := out.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return &reply{out.StatusCode, out.Header, out.Cookies()}
}

// A browser goes to the provider, comes back, and is who the account says; whoever comes
// back without having gone, or is nobody's account, is not.
func TestSignOn(t *testing.T) {
	w := newWorld(t)
	w.provider.who = account.Federated{Subject: account.Subject{Issuer: "https://sso.example.org", ID: "7"}, Roles: []account.Role{"verifier"}, TwoFactors: true}
	out := w.get(t, "/api/v1/sign-on")
	if out.StatusCode != http.StatusFound || !strings.HasPrefix(out.Header.Get("Location"), "https://sso.example.org/") || !strings.Contains(out.Header.Get("Set-Cookie"), oidc.CookieName+"=browser") {
		t.Fatalf("%d %v", out.StatusCode, out.Header)
	}
	browser := &http.Cookie{Name: oidc.CookieName, Value: "browser"}
	out = w.get(t, "/api/v1/sign-on/return?code=good&state=1", browser)
	if out.StatusCode != http.StatusOK || out.Header.Get("Content-Security-Policy") == "" || len(out.cookies) != 1 {
		t.Fatalf("%d %v", out.StatusCode, out.Header)
	}
	if e := w.log.last(); e.Operation != "signed_in" || e.Outcome != audit.Done {
		t.Errorf("the audit log ends with %+v", e)
	}
	me := w.get(t, "/api/v1/me", out.cookies[0])
	if me.StatusCode != http.StatusOK {
		t.Errorf("the session is nobody's: %d", me.StatusCode)
	}

	for name, try := range map[string]func() *reply{
		"without the cookie": func() *reply { return w.get(t, "/api/v1/sign-on/return?code=good&state=1") },
		"another code":       func() *reply { return w.get(t, "/api/v1/sign-on/return?code=bad&state=1", browser) },
		"nobody's account": func() *reply {
			w.provider.who.Subject.ID = "8"
			return w.get(t, "/api/v1/sign-on/return?code=good&state=1", browser)
		},
		"one factor": func() *reply {
			w.provider.who.Subject.ID, w.provider.who.TwoFactors = "7", false
			return w.get(t, "/api/v1/sign-on/return?code=good&state=1", browser)
		},
		"an unknown parameter": func() *reply {
			return w.get(t, "/api/v1/sign-on/return?code=good&state=1&next=//evil.example.org", browser)
		},
	} {
		out := try()
		if out.StatusCode < 400 || len(out.cookies) > 0 {
			t.Errorf("%s: %d with %d cookies", name, out.StatusCode, len(out.cookies))
		}
	}
}

// Who can't be written down does not get in, and a provider that can't be reached is no
// fault of who asks.
func TestSignOnFailsClosed(t *testing.T) {
	w := newWorld(t)
	w.provider.who = account.Federated{Subject: account.Subject{Issuer: "https://sso.example.org", ID: "7"}, Roles: []account.Role{"verifier"}, TwoFactors: true}
	w.log.err = errors.New("no disk")
	out := w.get(t, "/api/v1/sign-on/return?code=good&state=1", &http.Cookie{Name: oidc.CookieName, Value: "browser"})
	if out.StatusCode != http.StatusServiceUnavailable || len(out.cookies) > 0 {
		t.Errorf("%d with %d cookies", out.StatusCode, len(out.cookies))
	}
	w.log.err, w.provider.err = nil, errors.New("no network")
	if out = w.get(t, "/api/v1/sign-on"); out.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("%d", out.StatusCode)
	}
}
