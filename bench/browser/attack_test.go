package browser

import (
	"context"
	"fmt"
	"html"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/hedui/hedui/bench/browser/drive"
	"github.com/hedui/hedui/bench/browser/site"
	"github.com/hedui/hedui/bench/visitor"
)

// attacker is a site of somebody else, whose pages do what they do to the console.
func attacker(t testing.TB, body string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, `<!doctype html><html lang="zh"><title>别处</title>`+body)
	}))
	t.Cleanup(s.Close)
	_, port, err := net.SplitHostPort(strings.TrimPrefix(s.URL, "http://"))
	must(t, err)
	return "http://evil.test:" + port // another site to a browser, the same machine
}

// post is a form that sends itself.
func post(to string, fields url.Values) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<form id="f" method="post" action="%s">`, html.EscapeString(to))
	for name, values := range fields {
		for _, v := range values {
			fmt.Fprintf(&b, `<input type="hidden" name="%s" value="%s">`, html.EscapeString(name), html.EscapeString(v))
		}
	}
	return b.String() + `</form><script>document.getElementById('f').submit()</script>`
}

// signedIn reports whether a session is still good.
func signedIn(t testing.TB, a *site.Account) bool {
	t.Helper()
	r, err := centre(t).Send(context.Background(), a, "GET", "/api/v1/me", nil)
	must(t, err)
	return r.Status == http.StatusOK
}

// A page of somebody else sends forms to every page of the console that changes
// something, with the visitor's cookie in the browser: nothing changes.
func TestBrowserForgedForms(t *testing.T) {
	s := centre(t)
	a, err := s.Hire(context.Background(), "forged01", "verifier", "跨站", "3401")
	must(t, err)
	all, err := routes()
	must(t, err)
	f := s.Family(twoPersons)
	tried := 0
	for _, r := range all {
		if r.Method == http.MethodGet {
			continue
		}
		path := strings.NewReplacer("{id}", f.Case, "{number}", f.Number, "{account}", "intake01", "{name}", "x", "{evidence}", "1").Replace(r.Path)
		before := state(t)
		p := loose(t, drive.Visitor{Home: s.Home})
		must(t, p.Keep(visitor.CookieName, a.Cookie()))
		must(t, p.Go(attacker(t, post(s.Home+path, url.Values{"reason": {"跨站"}, "language": {"en"}, "back": {"/console/home"}}))))
		at, err := p.Path()
		must(t, err)
		var answered *drive.Visit
		for _, v := range p.Visited() {
			if v.Method == http.MethodPost {
				answered = &v
			}
		}
		if answered == nil {
			t.Errorf("%s: the form was not sent: at %s", r.Path, at)
			continue
		}
		if ok := answered.Status == http.StatusForbidden || answered.Status == http.StatusSeeOther && strings.HasPrefix(at, "/console/sign-in"); !ok && answered.Status < 400 {
			t.Errorf("%s: a form of another site was answered with %d, now at %s", r.Path, answered.Status, at)
		}
		if after := state(t); after != before {
			t.Errorf("%s: a form of another site changed something", r.Path)
		}
		if !signedIn(t, a) {
			t.Fatalf("%s: a form of another site ended the session", r.Path)
		}
		tried++
	}
	if tried == 0 {
		t.Fatal("no form was tried")
	}
	t.Logf("%d forms", tried)
}

// state is what the counter knows, as far as a forged form could change it.
func state(t testing.TB) string {
	t.Helper()
	s := centre(t)
	f := s.Family(twoPersons)
	var b strings.Builder
	for who, path := range map[string]string{
		"reviewer01": "/api/v1/cases/" + f.Case, "security01": "/api/v1/users/intake01", "intake01": "/api/v1/authorizations/" + f.Paper,
	} {
		r, err := s.Send(context.Background(), s.Account(who), "GET", path, nil)
		must(t, err)
		if r.Status != http.StatusOK {
			t.Fatalf("%s: %d", path, r.Status)
		}
		fmt.Fprintf(&b, "%s %s\n", who, r.Body)
	}
	lines := strings.Split(b.String(), "\n")
	for i := range lines {
		for j := range i {
			if lines[i] < lines[j] {
				lines[i], lines[j] = lines[j], lines[i]
			}
		}
	}
	return strings.Join(lines, "\n")
}

// Asking for a page changes nothing: neither any page that links lead to, nor the address
// of a form.
func TestBrowserGetChangesNothing(t *testing.T) {
	s := centre(t)
	all, err := routes()
	must(t, err)
	before, asked := state(t), 0
	f := s.Family(twoPersons)
	for _, r := range all {
		if r.Method == http.MethodGet {
			continue
		}
		path := strings.NewReplacer("{id}", f.Case, "{number}", "1", "{account}", "intake01", "{name}", "x", "{evidence}", "1").Replace(r.Path)
		if strings.HasPrefix(r.Path, "/console/verdicts/") {
			path = strings.Replace(path, f.Case, f.Verdict, 1)
		}
		for _, who := range []string{"reviewer01", "approver01", "verifier01", "security01"} {
			a := s.Account(who)
			answer, err := s.Send(t.Context(), a, http.MethodGet, path, nil)
			must(t, err)
			if answer.Status == http.StatusSeeOther && !strings.Contains(answer.Header.Get("Location"), "/console") {
				t.Errorf("GET %s leads to %s", path, answer.Header.Get("Location"))
			}
			if !signedIn(t, a) {
				t.Fatalf("GET %s ended the session of %s", path, who)
			}
			asked++
		}
	}
	for _, at := range places(t) {
		if at.who == "" {
			continue
		}
		_, err := s.Send(t.Context(), s.Account(at.who), http.MethodGet, at.path, nil)
		must(t, err)
		asked++
	}
	if state(t) != before {
		t.Error("asking changed something")
	}
	if asked < 50 {
		t.Errorf("%d addresses", asked)
	}
}

// Whoever writes a request by hand is refused too: a wrong origin, none that a browser
// gives, a null one, a site that only begins alike.
func TestBrowserWrongOrigin(t *testing.T) {
	s := centre(t)
	a := s.Account("reviewer01")
	f := s.Family(twoPersons)
	for _, headers := range [][]string{
		{"Origin", "http://evil.test"},
		{"Origin", "null"},
		{"Origin", s.Home + ".evil.test"},
		{"Origin", "http://localhost:1"},
		{"Sec-Fetch-Site", "cross-site"},
		{"Sec-Fetch-Site", "same-site"},
	} {
		for _, path := range []string{"/console/sign-out", "/console/language", "/api/v1/cases/" + f.Case + "/take-up"} {
			kind := "application/x-www-form-urlencoded"
			body := "language=en&back=%2Fconsole"
			switch {
			case strings.HasSuffix(path, "sign-out"):
				body = "a="
			case strings.HasPrefix(path, "/api"):
				kind, body = "application/json", `{"version":0,"reason":"x"}`
			}
			before := state(t)
			r, err := s.Send(context.Background(), a, "POST", path, []byte(body), append([]string{"Content-Type", kind}, headers...)...)
			must(t, err)
			if r.Status != http.StatusForbidden {
				t.Errorf("%s with %v: %d", path, headers, r.Status)
			}
			if state(t) != before || !signedIn(t, a) {
				t.Errorf("%s with %v: something changed", path, headers)
			}
		}
	}
}

// A page in the frame of another site, and of its own, shows nothing.
func TestBrowserFramed(t *testing.T) {
	s := centre(t)
	p := loose(t, drive.Visitor{Home: s.Home})
	enter(t, p, "reviewer01")
	must(t, p.Go("/console/home"))
	must(t, p.Says("reviewer01"))
	must(t, p.Go(attacker(t, `<iframe title="f" width="800" height="600" src="`+s.Home+`/console/home"></iframe>`)))
	refused := false
	trouble := p.Trouble()
	for _, said := range append(trouble.Console, trouble.Policy...) {
		refused = refused || strings.Contains(said, "frame-ancestors") || strings.Contains(said, "X-Frame-Options")
	}
	if !refused {
		t.Error("the browser does not say that it refused the frame")
	}
	r, err := s.Send(context.Background(), s.Account("reviewer01"), "GET", "/console/home", nil)
	must(t, err)
	if got := r.Header.Get("X-Frame-Options"); got != "DENY" {
		t.Errorf("X-Frame-Options is %q", got)
	}
}

// A cookie that somebody else put there before is no session, and not the one that
// signing in gives.
func TestBrowserFixedSession(t *testing.T) {
	s := centre(t)
	ctx := context.Background()
	a, err := s.Hire(ctx, "fixed01", "verifier", "会话", "3401")
	must(t, err)
	planted := strings.Repeat("p", 43)
	p := loose(t, drive.Visitor{Home: s.Home})
	must(t, p.Keep(visitor.CookieName, planted))
	must(t, p.Go("/console/home"))
	if at, err := p.Path(); err != nil || !strings.HasPrefix(at, "/console/sign-in") {
		t.Errorf("with a planted cookie: at %s, %v", at, err)
	}
	signIn(t, p, a)
	must(t, p.Says(a.Name))
	first := session(t, p)
	if first == planted {
		t.Error("the planted cookie became the session")
	}
	r, err := s.Send(ctx, nil, "GET", "/api/v1/me", nil, "Cookie", visitor.CookieName+"="+planted)
	must(t, err)
	if r.Status != http.StatusUnauthorized {
		t.Errorf("the planted cookie is answered with %d", r.Status)
	}
	// Signing in again gives another session; signing out ends it for good.
	must(t, p.Go("/console/sign-in"))
	signIn(t, p, a)
	second := session(t, p)
	if second == first {
		t.Error("signing in again gave the same session")
	}
	must(t, p.Press("退出"))
	if r, err = s.Send(ctx, nil, "GET", "/api/v1/me", nil, "Cookie", visitor.CookieName+"="+second); err != nil || r.Status != http.StatusUnauthorized {
		t.Errorf("after signing out: %d, %v", r.Status, err)
	}
	must(t, p.Back())
	if text, err := p.Text(); err != nil || strings.Contains(text, a.Name) && strings.Contains(text, "退出") {
		t.Errorf("after signing out the page before is shown again: %v", err)
	}
}

// session is the window's cookie, which no script can read and no other site sends.
func session(t testing.TB, p *drive.Page) string {
	t.Helper()
	all, err := p.Cookies()
	must(t, err)
	for _, c := range all {
		if c.Name == visitor.CookieName {
			if !c.HTTPOnly || c.SameSite != "Strict" || c.Path != "/" {
				t.Errorf("the cookie of the session: %v %s %s", c.HTTPOnly, c.SameSite, c.Path)
			}
			return c.Value
		}
	}
	t.Fatal("there is no cookie of a session")
	return ""
}

// signIn signs in at the page that is shown, with password and one-time code.
func signIn(t testing.TB, p *drive.Page, a *site.Account) {
	t.Helper()
	must(t, p.Fill("账户", a.Name))
	must(t, p.Fill("口令", site.Password))
	if code := a.Code(); code != "" {
		must(t, p.Fill("动态口令", code))
	}
	must(t, p.Press("登录"))
}

// Where somebody is sent after signing in is always a page of the console.
func TestBrowserSentElsewhere(t *testing.T) {
	s := centre(t)
	a, err := s.Hire(context.Background(), "sent01", "verifier", "跳转", "3401")
	must(t, err)
	for _, next := range []string{
		"//evil.test/", "http://evil.test/", "https:evil.test", `\\evil.test\`, `/\evil.test`, "/console/../../evil", "/console//evil.test", "javascript:alert(1)", "/api/v1/users", "/console%2f..%2f..", "///evil.test", "/console/\t/evil", "/console/@evil.test",
	} {
		p := loose(t, drive.Visitor{Home: s.Home})
		must(t, p.Go("/console/sign-in?next="+url.QueryEscape(next)))
		if r := a.Recovery(); r != "" {
			must(t, p.Fill("账户", a.Name))
			must(t, p.Fill("口令", site.Password))
			must(t, p.Fill("动态口令", r))
			must(t, p.Press("登录"))
		}
		at, err := p.Path()
		must(t, err)
		if !strings.HasPrefix(at, "/console") {
			t.Errorf("next=%s leads to %s", next, at)
		}
		if trouble := p.Trouble(); len(trouble.Foreign)+len(trouble.Dialogs) > 0 {
			t.Errorf("next=%s: %s", next, trouble)
		}
	}
}

// Every answer below the console has the headers that it must have, whatever it says.
func TestBrowserHeaders(t *testing.T) {
	s := centre(t)
	for _, path := range []string{"/console/home", "/console/sign-in", "/console/nothing", "/console/home?x=1", "/console/sign-in?next=//evil.test"} {
		for _, a := range []*site.Account{nil, s.Account("reviewer01")} {
			r, err := s.Send(context.Background(), a, "GET", path, nil)
			must(t, err)
			if wrong := headers(r.Header); len(wrong) > 0 {
				t.Errorf("%s: %d: %s", path, r.Status, strings.Join(wrong, "; "))
			}
		}
	}
}

// headers says what is wrong with the headers of a page.
func headers(h http.Header) []string {
	var wrong []string
	policy := h.Get("Content-Security-Policy")
	isPage := strings.HasPrefix(h.Get("Content-Type"), "text/html")
	if isPage {
		for _, want := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"} {
			if !strings.Contains(policy, want) {
				wrong = append(wrong, "the policy lacks "+want)
			}
		}
		for _, never := range []string{"unsafe-inline", "unsafe-eval", "*", "http:", "https:", "data:"} {
			if strings.Contains(policy, never) {
				wrong = append(wrong, "the policy has "+never)
			}
		}
		if h.Get("X-Frame-Options") != "DENY" {
			wrong = append(wrong, "X-Frame-Options is "+h.Get("X-Frame-Options"))
		}
		if h.Get("Referrer-Policy") == "" {
			wrong = append(wrong, "no Referrer-Policy")
		}
	}
	if !strings.Contains(h.Get("Cache-Control"), "no-store") {
		wrong = append(wrong, "it may be kept: "+h.Get("Cache-Control"))
	}
	if h.Get("X-Content-Type-Options") != "nosniff" {
		wrong = append(wrong, "no nosniff")
	}
	return wrong
}
