package api_test

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/api"
	"github.com/hedui/hedui/engine/api/wire"
)

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func session(token string) func(*http.Request) {
	return func(r *http.Request) {
		r.Header.Del("Authorization")
		r.AddCookie(&http.Cookie{Name: "__Host-hedui", Value: token})
	}
}

func TestRefusals(t *testing.T) {
	s := open(t)
	long := `{"household_id":"` + strings.Repeat("x", 1<<20) + `"}`
	for _, c := range []struct {
		name               string
		role, method, path string
		body               string
		change             []func(*http.Request)
		code               wire.Code // "" when it is answered
		field              string
	}{
		{"no token", "", "GET", "/api/v1/me", "", nil, wire.NotSignedIn, ""},
		{"unknown token", "nobody", "GET", "/api/v1/me", "", nil, wire.NotSignedIn, ""},
		{"another scheme", "", "GET", "/api/v1/me", "", []func(*http.Request){header("Authorization", "Basic dDp0")}, wire.NotSignedIn, ""},
		{"a session's token as a bearer", "", "GET", "/api/v1/me", "", []func(*http.Request){header("Authorization", "Bearer s-verifier")}, wire.NotSignedIn, ""},
		{"a session", "", "GET", "/api/v1/me", "", []func(*http.Request){session("s-verifier")}, "", ""},
		{"a session from another site", "", "POST", "/api/v1/sign-out", "", []func(*http.Request){session("s-verifier"), header("Sec-Fetch-Site", "cross-site")}, wire.CrossSite, ""},
		{"a session from another origin", "", "POST", "/api/v1/sign-out", "", []func(*http.Request){session("s-verifier"), header("Origin", "http://evil.invalid")}, wire.CrossSite, ""},
		{"a session from this site", "", "POST", "/api/v1/sign-out", "", []func(*http.Request){session("s-verifier"), header("Sec-Fetch-Site", "same-origin")}, "", ""},
		{"a token from another site", "verifier", "POST", "/api/v1/sign-out", "", []func(*http.Request){header("Sec-Fetch-Site", "cross-site")}, "", ""},
		{"signing in from another site", "", "POST", "/api/v1/sign-in", `{"account":"a","password":"b"}`, []func(*http.Request){header("Sec-Fetch-Site", "cross-site")}, wire.CrossSite, ""},
		{"another role", "auditor", "POST", "/api/v1/checks", request, nil, wire.Forbidden, ""},
		{"no such address", "verifier", "GET", "/api/v1/nothing", "", nil, wire.NotFound, ""},
		{"an unclean address", "verifier", "GET", "/api/v1//me", "", nil, wire.NotFound, ""},
		{"another method", "verifier", "DELETE", "/api/v1/checks", "", nil, wire.MethodNotAllowed, ""},
		{"no JSON", "verifier", "POST", "/api/v1/checks", `{`, nil, wire.BadJSON, ""},
		{"a key twice", "verifier", "POST", "/api/v1/checks", `{"members":[{"name":"a","name":"b"}]}`, nil, wire.DuplicateKey, "members[0].name"},
		{"an unknown key", "verifier", "POST", "/api/v1/checks", `{"household":"a"}`, nil, wire.UnknownField, ""},
		{"too deep", "verifier", "POST", "/api/v1/checks", strings.Repeat(`[`, 5000) + strings.Repeat(`]`, 5000), nil, wire.TooDeep, ""},
		{"too large", "verifier", "POST", "/api/v1/checks", long, nil, wire.TooLarge, ""},
		{"another media type", "verifier", "POST", "/api/v1/checks", request, []func(*http.Request){header("Content-Type", "text/plain")}, wire.MediaType, ""},
		{"compressed", "verifier", "POST", "/api/v1/checks", request, []func(*http.Request){header("Content-Encoding", "gzip")}, wire.ContentEncoding, ""},
		{"a body where none belongs", "verifier", "GET", "/api/v1/me", `{}`, nil, wire.UnexpectedBody, ""},
		{"an unknown parameter", "verifier", "GET", "/api/v1/cases?x=1", "", nil, wire.UnknownParameter, ""},
		{"a parameter twice", "verifier", "GET", "/api/v1/cases?limit=1&limit=2", "", nil, wire.UnknownParameter, ""},
		{"ten thousand parameters", "verifier", "GET", "/api/v1/cases?" + strings.Repeat("limit=1&", 10000), "", nil, wire.UnknownParameter, ""},
		{"a page too large", "verifier", "GET", "/api/v1/cases?limit=100000", "", nil, wire.InvalidField, "query.limit"},
		{"a page of nothing", "verifier", "GET", "/api/v1/cases?limit=0", "", nil, wire.InvalidField, "query.limit"},
		{"an unknown state", "verifier", "GET", "/api/v1/cases?state=guilty", "", nil, wire.InvalidField, "query.state"},
		{"a made-up cursor", "verifier", "GET", "/api/v1/cases?cursor=Yy05", "", nil, wire.BadCursor, ""},
		{"a bad date", "verifier", "POST", "/api/v1/checks?on=2026-13-01", request, nil, wire.InvalidField, "query.on"},
		{"a missing field", "verifier", "POST", "/api/v1/authorizations/SQ1/withdraw", `{}`, nil, wire.InvalidField, "body"},
		{"a field of another type", "verifier", "POST", "/api/v1/authorizations/SQ1/withdraw", `{"reason":1}`, nil, wire.InvalidField, "body.reason"},
		{"a bad number in the address", "verifier", "GET", "/api/v1/households/a%20b", "", nil, wire.InvalidField, "path.number"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.desk.calls = nil
			w := s.ask(c.role, c.method, c.path, c.body, c.change...)
			if c.code == "" {
				if w.Code >= 300 {
					t.Fatalf("status %d: %s", w.Code, w.Body)
				}
				return
			}
			p := problem(t, w)
			if p.Code != c.code || p.Status != wire.Lookup(c.code).Status {
				t.Fatalf("code %s, status %d, want %s: %s", p.Code, p.Status, c.code, w.Body)
			}
			if len(s.desk.calls) > 0 {
				t.Errorf("the desk was asked %v", s.desk.calls)
			}
			if c.field != "" && (len(p.Fields) == 0 || p.Fields[0].Name != c.field) {
				t.Errorf("fields %v, want %s", p.Fields, c.field)
			}
		})
	}
}

func TestWhatTheDeskRefuses(t *testing.T) {
	s := open(t)
	for _, e := range wire.Codes {
		s.desk.fails = func(string) error { return wire.Refuse(e.Code, "reason:required") }
		p := problem(t, s.ask("verifier", "GET", "/api/v1/households/340104-1", ""))
		want := api.Problem{
			Type: "about:blank", Title: e.Zh, Status: e.Status, Code: e.Code, TitleZh: e.Zh, TitleEn: e.En,
			Fields: []wire.Field{{Name: "reason", Rule: "required"}},
		}
		p.Request = ""
		if diff := cmp.Diff(want, p, cmp.AllowUnexported(api.Problem{})); diff != "" {
			t.Error(diff)
		}
	}
	s.desk.fails = func(string) error { return errors.New("a file is gone") }
	w := s.ask("verifier", "GET", "/api/v1/households/340104-1", "")
	if p := problem(t, w); p.Code != wire.Internal || strings.Contains(w.Body.String(), "file") {
		t.Errorf("of an error it says %s", w.Body)
	}
	if !strings.Contains(s.log.String(), "a file is gone") {
		t.Error("the log doesn't say what failed")
	}
}

func TestLanguage(t *testing.T) {
	s := open(t)
	for accept, want := range map[string]string{
		"": "没有找到", "zh-CN,zh;q=0.9,en;q=0.8": "没有找到", "en-GB,en;q=0.9": "Not found", "fr, en": "Not found", "ja": "没有找到",
	} {
		p := problem(t, s.ask("verifier", "GET", "/api/v1/nothing", "", header("Accept-Language", accept)))
		if p.Title != want || p.TitleZh == "" || p.TitleEn == "" {
			t.Errorf("for %q it says %q (%q, %q)", accept, p.Title, p.TitleZh, p.TitleEn)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	s := open(t, func(o *api.Options) { o.Limits.AccountRate, o.Limits.AccountBurst = 0.5, 2 })
	for range 2 {
		if w := s.ask("verifier", "GET", "/api/v1/me", ""); w.Code != 200 {
			t.Fatalf("status %d", w.Code)
		}
	}
	w := s.ask("verifier", "GET", "/api/v1/me", "")
	if p := problem(t, w); p.Code != wire.TooMany || w.Header().Get("Retry-After") != "2" {
		t.Errorf("%s, Retry-After %q", w.Body, w.Header().Get("Retry-After"))
	}
	if w := s.ask("reviewer", "GET", "/api/v1/me", ""); w.Code != 200 {
		t.Error("another account was refused with it")
	}
}

func TestCursors(t *testing.T) {
	s := open(t)
	next := func(role, path string) string {
		w := s.ask(role, "GET", path, "")
		if w.Code != 200 {
			t.Fatalf("%s: %s", path, w.Body)
		}
		_, rest, _ := strings.Cut(w.Body.String(), `"next":"`)
		cursor, _, _ := strings.Cut(rest, `"`)
		return cursor
	}
	c := next("verifier", "/api/v1/cases?state=proposed")
	if c == "" || c != next("verifier", "/api/v1/cases?state=proposed&cursor="+c) {
		t.Fatalf("cursor %q", c)
	}
	flipped := []byte(c)
	flipped[len(flipped)-1] ^= 1
	for name, ask := range map[string][2]string{
		"another filter":  {"verifier", "/api/v1/cases?state=cleared&cursor=" + c},
		"another account": {"reviewer", "/api/v1/cases?state=proposed&cursor=" + c},
		"another list":    {"verifier", "/api/v1/authorizations?state=live&cursor=" + c},
		"changed":         {"verifier", "/api/v1/cases?state=proposed&cursor=" + string(flipped)},
	} {
		if p := problem(t, s.ask(ask[0], "GET", ask[1], "")); p.Code != wire.BadCursor {
			t.Errorf("%s: %s", name, p.Code)
		}
	}
}

func TestSessionCookie(t *testing.T) {
	s := open(t)
	w := s.ask("", "POST", "/api/v1/sign-in", `{"account":"a","password":"b"}`)
	got := w.Header().Get("Set-Cookie")
	if got != "__Host-hedui=s-verifier; Path=/; HttpOnly; Secure; SameSite=Strict" {
		t.Errorf("cookie %q", got)
	}
	if strings.Contains(w.Body.String(), "s-verifier") {
		t.Error("the token of the session is in the body")
	}
	w = s.ask("verifier", "POST", "/api/v1/sign-out", "")
	if got := w.Header().Get("Set-Cookie"); !strings.Contains(got, "Max-Age=0") {
		t.Errorf("cookie %q", got)
	}
}

func TestLogSaysWhoAndWhat(t *testing.T) {
	s := open(t)
	w := s.ask("verifier", "GET", "/api/v1/households/340104-000123", "")
	line := s.log.String()
	for _, want := range []string{
		"request=" + w.Header().Get("X-Request-Id"), "operation=household.read", "account=verifier01", "status=200", "number=340104-000123",
	} {
		if !strings.Contains(line, want) {
			t.Errorf("the log has no %s: %s", want, line)
		}
	}
	s.desk.fails = func(string) error { return wire.Refuse(wire.NotFound) }
	s.ask("verifier", "GET", "/api/v1/households/340104-000777", "")
	if strings.Contains(s.log.String(), "000777") {
		t.Error("a number that nobody knows is in the log")
	}
}

func TestHealth(t *testing.T) {
	bad := errors.New("disk full")
	var err error
	s := open(t, func(o *api.Options) {
		o.Checks = []api.Check{{Name: "ledger", Ask: nil}, {Name: "audit", Ask: nil}}
		o.Checks[0].Ask = check(nil)
		o.Checks[1].Ask = checkOf(&err)
	})
	if w := s.ask("", "GET", "/healthz", ""); w.Code != 200 {
		t.Errorf("alive: %d", w.Code)
	}
	if w := s.ask("", "GET", "/readyz", ""); w.Code != 200 || strings.TrimSpace(w.Body.String()) != `{"state":"ready","checks":{"audit":"ok","ledger":"ok"}}` {
		t.Errorf("ready: %d %s", w.Code, w.Body)
	}
	err = bad
	w := s.ask("", "GET", "/readyz", "")
	if w.Code != 503 || strings.Contains(w.Body.String(), "disk") || !strings.Contains(w.Body.String(), `"audit":"failed"`) {
		t.Errorf("not ready: %d %s", w.Code, w.Body)
	}
	if w := s.ask("metrics", "GET", "/metrics", ""); w.Code != 200 || !strings.Contains(w.Body.String(), `hedui_http_requests_total{code="ok",operation="health"} 1`) {
		t.Errorf("metrics: %d %s", w.Code, w.Body)
	}
}

// TestHidingTakesNoPlace: whoever is made to wait so that the time tells nothing must
// not keep others waiting, or asking for what is not there would be an attack.
func TestHidingTakesNoPlace(t *testing.T) {
	s := open(t, func(o *api.Options) {
		o.Limits.InteractiveSlots, o.Limits.HideTime = 1, 300*time.Millisecond
	})
	s.desk.fails = func(string) error { return wire.Refuse(wire.NotFound) }
	began := time.Now()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			w := s.ask("verifier", "GET", "/api/v1/households/340104-1", "")
			if w.Code != http.StatusNotFound || time.Since(began) < 290*time.Millisecond {
				t.Errorf("status %d after %v", w.Code, time.Since(began))
			}
		})
	}
	wg.Wait()
	if took := time.Since(began); took > 8*300*time.Millisecond/2 {
		t.Errorf("eight who wait together took %v", took)
	}
}
