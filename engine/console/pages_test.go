package console_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api"
	"github.com/hedui/hedui/engine/api/wire"
	"github.com/hedui/hedui/engine/console"
)

// stand is a server with a console and a fake desk.
type stand struct {
	*api.Server

	t     testing.TB
	desk  *fake
	pages []api.Page
	mux   *http.ServeMux // finds the page of an address
}

func open(t testing.TB, f *fake) *stand {
	t.Helper()
	c, err := console.New(console.Options{
		Desk: f, Now: func() time.Time { return time.Date(2026, 11, 27, 1, 0, 0, 0, time.UTC) }, Centre: f.text("某区核对中心"), Plain: true, PDF: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	s := &stand{t: t, desk: f, pages: c.Pages(), mux: http.NewServeMux()}
	for _, p := range s.pages {
		s.mux.HandleFunc(p.Method+" "+p.Path, func(http.ResponseWriter, *http.Request) {})
	}
	s.Server, err = api.New(api.Options{
		Desk: f, Authenticator: doors{}, Pages: c, Now: time.Now, Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry(),
		Limits:    api.Limits{HideTime: time.Nanosecond, AccountRate: 1e6, AccountBurst: 1e6, SignInRate: 1e6, SignInBurst: 1e6},
		CursorKey: []byte("a key for tests"), PlainCookie: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// ask asks for a page, or sends a form, as somebody of these roles.
func (s *stand) ask(roles, lang, path string, form url.Values) *httptest.ResponseRecorder {
	s.t.Helper()
	r := httptest.NewRequestWithContext(s.t.Context(), http.MethodGet, path, nil)
	if form != nil {
		r = httptest.NewRequestWithContext(s.t.Context(), http.MethodPost, path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if roles != "" {
		r.AddCookie(&http.Cookie{Name: "hedui", Value: roles})
	}
	r.AddCookie(&http.Cookie{Name: "hedui-language", Value: lang})
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// address fills in what a pattern leaves open.
func address(pattern string) string {
	return strings.NewReplacer(
		"{$}", "", "/evidence/{number}", "/evidence/1", "{id}", "c-000001", "{number}", "340104-000123", "{account}", "me01", "{form}", "pdf",
		"{household}", "340104-000123",
	).Replace(pattern)
}

// may are the roles that may do something at all.
func may(op access.Operation) []string {
	var out []string
	for _, r := range access.AllRoles() {
		if access.May(access.Subject{Account: "me01", Person: "p-01", Roles: access.RolesOf(r), Division: "340104", Purposes: []string{"dibao"}, Classes: access.AllClasses()}, op) == "" {
			out = append(out, r.String())
		}
	}
	return out
}

// shown are the pages that a browser opens and sees.
func (s *stand) shown() []api.Page {
	return slices.DeleteFunc(slices.Clone(s.pages), func(p api.Page) bool {
		return p.Method != http.MethodGet || strings.HasSuffix(p.Path, "/assets/{name}") || strings.HasSuffix(p.Path, "/{form}") || strings.HasSuffix(p.Path, ".xlsx") ||
			p.Path == "/console" || p.Path == "/{$}" || p.Path == "/console/households" // these send one elsewhere
	})
}

// worlds are the desks that every page is asked of.
var worlds = map[string]func() *fake{
	"full":    func() *fake { return &fake{} },
	"hostile": func() *fake { return &fake{hostile: true} },
	"bare":    func() *fake { return &fake{bare: true} },
}

// TestPages opens every page as everybody who may, in both languages.
func TestPages(t *testing.T) {
	for name, world := range worlds {
		t.Run(name, func(t *testing.T) {
			s := open(t, world())
			n := 0
			for _, p := range s.shown() {
				roles := may(p.Operation)
				if len(roles) == 0 {
					t.Errorf("%s: nobody may %s", p.Path, p.Operation)
				}
				for _, role := range roles {
					for _, lang := range []string{"zh", "en"} {
						w := s.ask(role, lang, address(p.Path), nil)
						if w.Code != http.StatusOK {
							t.Errorf("%s as %s: %d", p.Path, role, w.Code)
							continue
						}
						n++
						s.judge(fmt.Sprintf("%s as %s in %s", p.Path, role, lang), lang, w.Body.String())
					}
				}
				if got := s.desk.asked(); len(got) > 0 {
					t.Errorf("GET %s changed something: %s", p.Path, got)
				}
			}
			if n < 150 {
				t.Errorf("%d pages looked at", n)
			}
		})
	}
}

// TestPolicy opens every page as everybody who may not, and as nobody.
func TestPolicy(t *testing.T) {
	s := open(t, &fake{})
	refused := 0
	public := []string{"/console", "/{$}", "/console/assets/{name}", "/console/language", "/console/sign-in"}
	for _, p := range s.pages {
		rule, _ := p.Operation.Rule()
		if rule.Public {
			if !slices.Contains(public, p.Path) {
				t.Errorf("%s %s is anybody's, signed in or not", p.Method, p.Path)
			}
			continue
		}
		var form url.Values
		if p.Method == http.MethodPost {
			form = url.Values{}
		}
		if w := s.ask("", "zh", address(p.Path), form); w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/console/sign-in") {
			t.Errorf("%s %s as nobody: %d to %q", p.Method, p.Path, w.Code, w.Header().Get("Location"))
		}
		allowed := may(p.Operation)
		for _, r := range access.AllRoles() {
			if slices.Contains(allowed, r.String()) {
				continue
			}
			w := s.ask(r.String(), "zh", address(p.Path), form)
			if w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "没有办理此项业务的权限") {
				t.Errorf("%s %s as %s: %d", p.Method, p.Path, r, w.Code)
			}
			refused++
		}
	}
	if refused < 200 {
		t.Errorf("%d refusals", refused)
	}
	if got := s.desk.asked(); len(got) > 0 {
		t.Errorf("what was refused reached the desk: %s", got)
	}
}

// typed is what a test types as a reason; it must not be lost when a form is refused.
const typed = `核实过 <x-hostile> "材料"`

// TestForms sends every form of every page, as everybody who is shown it: first to a desk
// that does it, then to one that refuses.
func TestForms(t *testing.T) {
	s := open(t, &fake{states: caseStates})
	sent, again := map[string]bool{}, 0
	for _, path := range s.formPages() {
		for _, role := range access.AllRoles() {
			w := s.ask(role.String(), "zh", path, nil)
			if w.Code != http.StatusOK {
				continue
			}
			// A form may be answered with another.
			for todo := s.forms(path, w.Body.String()); len(todo) > 0; todo = todo[1:] {
				f := todo[0]
				what := fmt.Sprintf("%s of %s as %s", f.action, path, role)
				p := s.route(http.MethodPost, f.action)
				if p == nil || p.Path == "/console/language" && sent[p.Path] {
					continue // the one is said of the page
				}
				next := s.send(what, role.String(), f)
				if !sent[p.Path] {
					todo = append(todo, next...)
				}
				sent[p.Path] = true
				if len(s.desk.asked()) > 0 {
					s.refuse(what, role.String(), f)
					again++
				}
			}
		}
	}
	for _, p := range s.pages {
		if p.Method == http.MethodPost && !sent[p.Path] {
			t.Errorf("no page has the form of %s", p.Path)
		}
	}
	if again < 100 {
		t.Errorf("%d forms were refused", again)
	}
}

// send sends a form to a desk that does what it is asked; it returns the forms that come
// back.
func (s *stand) send(what, role string, f sentForm) []sentForm {
	s.t.Helper()
	s.desk.refuse = nil
	w := s.post(role, f)
	body := w.Body.String()
	switch to := w.Header().Get("Location"); {
	case w.Code == http.StatusSeeOther:
		if s.route(http.MethodGet, to) == nil {
			s.t.Errorf("%s: goes on to %s, which is no page", what, to)
		}
	case w.Code == http.StatusOK && strings.HasPrefix(w.Header().Get("Content-Type"), "text/html"):
		s.judge(what, "zh", body)
		return s.forms(what, body)
	case w.Code == http.StatusOK && w.Header().Get("Content-Disposition") != "":
	default:
		s.t.Errorf("%s: %d %s, sent %v", what, w.Code, alert(body), f.values)
	}
	return nil
}

const prefixOfBatches = "/console/batches"

// post sends a form, with something in each of its files.
func (s *stand) post(role string, f sentForm) *httptest.ResponseRecorder {
	s.t.Helper()
	if f.action != prefixOfBatches { // elsewhere a file takes the place of what is typed
		return s.ask(role, "zh", f.action, f.values)
	}
	var out bytes.Buffer
	m := multipart.NewWriter(&out)
	for name := range f.values {
		_ = m.WriteField(name, f.values.Get(name)) // it is memory
	}
	for _, name := range f.files {
		part, err := m.CreateFormFile(name, "a.csv")
		if err == nil {
			_, err = part.Write([]byte("something"))
		}
		if err != nil {
			s.t.Fatal(err)
		}
	}
	if err := m.Close(); err != nil {
		s.t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(s.t.Context(), http.MethodPost, f.action, &out)
	r.Header.Set("Content-Type", m.FormDataContentType())
	r.AddCookie(&http.Cookie{Name: "hedui", Value: role})
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// refuse sends a form to a desk that refuses it: the page says so, and nothing that was
// typed is lost.
func (s *stand) refuse(what, role string, f sentForm) {
	s.t.Helper()
	refusal := wire.Lookup(wire.Changed)
	defer s.desk.asked()
	s.desk.refuse = wire.Refuse(refusal.Code)
	w := s.post(role, f)
	body := w.Body.String()
	if w.Code != refusal.Status || !strings.Contains(body, refusal.Zh) {
		s.t.Errorf("%s, refused: %d %q", what, w.Code, alert(body))
		return
	}
	s.judge(what+", refused", "zh", body)
	if alert(body) == "" && len(f.typed) == 0 {
		return // there is nothing to type again
	}
	for _, lost := range f.lost(elements(s.t, body)) {
		s.t.Errorf("%s, refused: what was typed as %s is lost", what, lost)
	}
}

// formPages are the addresses of pages that may have a form.
func (s *stand) formPages() []string {
	var out []string
	for _, p := range s.shown() {
		out = append(out, address(p.Path))
	}
	for id := range caseStates {
		out = append(out, "/console/cases/"+id)
	}
	for _, state := range []string{"running", "stopped", "done"} {
		out = append(out, "/console/batches/"+state)
	}
	slices.Sort(out)
	return out
}

// caseStates are cases at every stage, for somebody whose account is me01.
var caseStates = map[string]func(*wire.Case){
	"c-new":      caseOf("proposed", "", "", "", "needs_review"),
	"c-proposed": caseOf("proposed", "other01", "", "", "suspected_ineligible"),
	"c-taken":    caseOf("under_review", "other01", "me01", "me01", "needs_review"),
	"c-second":   caseOf("under_review", "other01", "other02", "other02", "suspected_ineligible"),
	"c-own":      caseOf("under_review", "me01", "other02", "other02", "suspected_ineligible"),
	"c-unopened": func(c *wire.Case) {
		caseOf("under_review", "other01", "other02", "other02", "suspected_ineligible")(c)
		c.Evidence[1].By = nil
	},
	"c-returned":  caseOf("returned", "other01", "other02", "", "needs_review"),
	"c-disputed":  caseOf("disputed", "other01", "other02", "", "suspected_ineligible"),
	"c-confirmed": caseOf("confirmed", "other01", "other02", "", "suspected_ineligible"),
	"c-final":     caseOf("final", "other01", "other02", "", "suspected_ineligible"),
	"c-withdrawn": caseOf("withdrawn", "other01", "other02", "", "needs_review"),
}

func caseOf(state, proposer, reviewer, assignee, outcome string) func(*wire.Case) {
	return func(c *wire.Case) {
		c.State, c.Proposer, c.Reviewer, c.Assignee, c.Outcome, c.Version = state, proposer, reviewer, assignee, outcome, 4
		c.Evidence = []wire.Opened{{Number: 1, By: []string{"me01"}}, {Number: 2, By: []string{"me01", "other01"}}}
	}
}

// TestCaseOffers tells what a case offers at each stage, and how it says why not.
func TestCaseOffers(t *testing.T) {
	s := open(t, &fake{states: caseStates})
	everybody := "verifier+reviewer+approver"
	for id, want := range map[string]struct {
		offered []string
		why     string
	}{
		"c-new":       {offered: []string{"assign", "propose", "take-up"}},
		"c-proposed":  {offered: []string{"assign", "take-up"}},
		"c-taken":     {offered: []string{"assign", "clear", "confirm", "return"}},
		"c-second":    {offered: []string{"assign", "clear", "confirm", "return"}},
		"c-own":       {offered: []string{"assign", "clear", "return"}, why: "另一人"},
		"c-unopened":  {offered: []string{"assign", "clear", "return"}, why: "还有 1 条没有打开"},
		"c-returned":  {offered: []string{"assign", "propose"}},
		"c-disputed":  {offered: []string{"assign"}, why: "有异议尚未处理"},
		"c-confirmed": {offered: []string{"notify", "return"}},
		"c-final":     {},
		"c-withdrawn": {},
	} {
		body := s.ask(everybody, "zh", "/console/cases/"+id, nil).Body.String()
		var offered []string
		for _, f := range s.forms(id, body) {
			if name, found := strings.CutPrefix(f.action, "/console/cases/"+id+"/"); found && name != "objections" {
				offered = append(offered, name)
				if f.values.Get("version") != "4" {
					t.Errorf("%s %s: version %q", id, name, f.values.Get("version"))
				}
			}
		}
		slices.Sort(offered)
		if !slices.Equal(offered, want.offered) {
			t.Errorf("%s offers %s, want %s", id, offered, want.offered)
		}
		if !strings.Contains(body, want.why) {
			t.Errorf("%s does not say %q", id, want.why)
		}
	}
}

// TestRefusals tells whether every refusal that is meant for people is said in their words.
func TestRefusals(t *testing.T) {
	s := open(t, &fake{states: caseStates})
	form := url.Values{"version": {"4"}, "reason": {typed}}
	for _, code := range []wire.Code{wire.Changed, wire.SecondPersonNeeded, wire.EvidenceNotOpened, wire.StateRefuses, wire.ReasonNeeded} {
		s.desk.refuse = wire.Refuse(code)
		entry := wire.Lookup(code)
		for lang, words := range map[string]string{"zh": entry.Zh, "en": entry.En} {
			w := s.ask("verifier+reviewer+approver", lang, "/console/cases/c-taken/confirm", form)
			if w.Code != entry.Status || !strings.Contains(alert(w.Body.String()), words) {
				t.Errorf("%s in %s: %d %q", code, lang, w.Code, alert(w.Body.String()))
			}
		}
	}
	s.desk.refuse = errors.New("row 17 of bank.csv: 6222021234567890")
	w := s.ask("reviewer", "zh", "/console/cases/c-taken/confirm", form)
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "6222") {
		t.Errorf("an error of this program's: %d, and the page says what it was", w.Code)
	}
}
