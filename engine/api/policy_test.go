package api_test

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api"
	"github.com/hedui/hedui/engine/api/wire"
)

// TestEveryRoleAtEveryRoute asks every route as everybody. Who may be heard is told
// by the policy's rows, read here and not by Decide; a desk that is not asked can't
// have answered.
func TestEveryRoleAtEveryRoute(t *testing.T) {
	s := open(t)
	d := readDoc(t, s.Server)
	calls := 0
	for _, r := range s.Routes() {
		rule, ok := r.Operation.Rule()
		if !ok {
			t.Fatalf("%s %s has no policy", r.Method, r.Path)
		}
		body := text(t, d.body(r))
		want := map[string]int{"": http.StatusUnauthorized}
		for _, role := range access.AllRoles() {
			want[role.String()] = http.StatusForbidden
			if rule.Roles.Has(role) || rule.Own.Has(role) || rule.FourEyes != access.Never && rule.Second.Has(role) {
				want[role.String()] = http.StatusOK
			}
		}
		want["nobody"] = http.StatusUnauthorized
		for role, status := range want {
			if rule.Public {
				status = http.StatusOK
			}
			s.desk.calls = nil
			w := s.ask(role, r.Method, d.path(r, ""), body)
			calls++
			got := w.Code
			if got == http.StatusNoContent || got == http.StatusAccepted {
				got = http.StatusOK
			}
			if got != status {
				t.Errorf("%s asks %s %s: status %d, want %d: %s", role, r.Method, r.Path, w.Code, status, w.Body)
			}
			if got != http.StatusOK && len(s.desk.calls) > 0 {
				t.Errorf("%s asks %s %s: refused, but the desk was asked %v", role, r.Method, r.Path, s.desk.calls)
			}
		}
	}
	if calls < 500 {
		t.Fatalf("only %d calls were made", calls)
	}
	t.Logf("%d calls", calls)
}

// TestHiddenIsUnknown holds the answers to what is hidden and to what does not exist
// against each other.
func TestHiddenIsUnknown(t *testing.T) {
	s := open(t)
	d := readDoc(t, s.Server)
	id := regexp.MustCompile(`[0-9a-f]{16}`)
	said := map[string]bool{}
	for _, r := range s.Routes() {
		if !strings.Contains(r.Path, "{") {
			continue
		}
		for _, err := range []error{wire.Refuse(wire.NotFound), fmt.Errorf("outside of the division: %w", wire.Refuse(wire.NotFound))} {
			s.desk.fails = func(string) error { return err }
			w := s.ask(roleFor(r.Operation), r.Method, d.path(r, ""), text(t, d.body(r)))
			if w.Code != http.StatusNotFound {
				t.Errorf("%s %s: status %d: %s", r.Method, r.Path, w.Code, w.Body)
			}
			problem(t, w)
			header := w.Header().Clone()
			header.Del("X-Request-Id")
			said[fmt.Sprint(id.ReplaceAllString(w.Body.String(), "ID"), header)] = true
		}
	}
	if len(said) != 1 {
		t.Errorf("there are %d ways to say that something is not there: %v", len(said), said)
	}
}

// roleFor is some role that may do an operation.
func roleFor(op access.Operation) string {
	rule, _ := op.Rule()
	for _, r := range access.AllRoles() {
		if rule.Roles.Has(r) || rule.Own.Has(r) {
			return r.String()
		}
	}
	return ""
}

// TestReasonsAreAsked: where the policy wants a reason, the interface has a field for
// it that can't be left empty.
func TestReasonsAreAsked(t *testing.T) {
	s := open(t)
	d := readDoc(t, s.Server)
	seen := 0
	for _, r := range s.Routes() {
		rule, _ := r.Operation.Rule()
		body, _ := d.body(r).(map[string]any)
		if !rule.Reason {
			continue
		}
		seen++
		name := "reason"
		if _, ok := body["ground"]; ok {
			name = "ground"
		}
		body[name] = ""
		s.desk.calls = nil
		w := s.ask(roleFor(r.Operation), r.Method, d.path(r, ""), text(t, body))
		if w.Code != http.StatusUnprocessableEntity || len(s.desk.calls) > 0 {
			t.Errorf("%s %s without a reason: status %d, the desk was asked %v", r.Method, r.Path, w.Code, s.desk.calls)
		}
	}
	if seen < 8 {
		t.Errorf("only %d operations want a reason", seen)
	}
}

func TestCaseStepsReachTheDeskAsThemselves(t *testing.T) {
	s := open(t)
	for path, action := range map[string]wire.Action{
		"propose": wire.Propose, "take-up": wire.TakeUp, "confirm": wire.Confirm, "clear": wire.Clear,
		"return": wire.Return, "assign": wire.Assign, "notify": wire.Notify,
	} {
		role := "reviewer"
		if action == wire.Notify {
			role = "verifier"
		}
		s.desk.calls = nil
		w := s.ask(role, "POST", "/api/v1/cases/c-7/"+path, `{"version":1,"reason":"材料齐全"}`)
		if w.Code != http.StatusOK || !slices.Equal(s.desk.calls, []string{"Act " + string(action)}) {
			t.Errorf("%s: status %d, the desk was asked %v", path, w.Code, s.desk.calls)
		}
		if !strings.Contains(w.Body.String(), `"id":"c-7"`) {
			t.Errorf("%s: of another case: %s", path, w.Body)
		}
	}
}

// TestDocumentSaysEverything walks the document of the interface.
func TestDocumentSaysEverything(t *testing.T) {
	s := open(t)
	d := readDoc(t, s.Server)
	if !strings.HasPrefix(d.OpenAPI, "3.1.") {
		t.Errorf("it is of version %q", d.OpenAPI)
	}
	documented := map[string]bool{}
	for path, methods := range d.Paths {
		for method, o := range methods {
			name := strings.ToUpper(method) + " " + path
			documented[name] = true
			op, ok := access.ParseOperation(o.Operation)
			if !ok {
				t.Errorf("%s: no policy", name)
				continue
			}
			han := strings.ContainsFunc(o.Zh, func(r rune) bool { return unicode.Is(unicode.Han, r) })
			if !han || o.En == "" || o.Summary != o.Zh+" / "+o.En {
				t.Errorf("%s: not said in both languages: %q", name, o.Summary)
			}
			if len(o.Roles) == 0 || o.Lane == "" {
				t.Errorf("%s: roles %v, lane %q", name, o.Roles, o.Lane)
			}
			if rule, _ := op.Rule(); rule.Public != (len(o.Security) == 0) {
				t.Errorf("%s: its security is %v", name, o.Security)
			}
			for _, status := range []string{"400", "401", "403", "404", "413", "429", "500", "503"} {
				if _, ok := o.Responses[status].Content["application/problem+json"]; !ok {
					t.Errorf("%s: says nothing of %s", name, status)
				}
			}
			for _, p := range o.Parameters {
				if p.In == "query" && strings.Contains(p.Name, "id_number") {
					t.Errorf("%s: %s would stand in addresses", name, p.Name)
				}
			}
			if o.RequestBody != nil && o.RequestBody.Content["application/json"].Schema != nil {
				d.examples(name, o.RequestBody.Content["application/json"].Schema, map[*schema]bool{})
			}
			for _, r := range o.Responses {
				for _, c := range r.Content {
					d.examples(name, c.Schema, map[*schema]bool{})
				}
			}
		}
	}
	for _, r := range s.Routes() {
		if strings.HasPrefix(r.Path, "/api/v1/") && !strings.HasSuffix(r.Path, "openapi.json") && !documented[r.Method+" "+r.Path] {
			t.Errorf("%s %s is not in the document", r.Method, r.Path)
		}
	}
	if text := string(s.Document()); strings.Contains(text, "$schema") || strings.Contains(text, "https://") {
		t.Error("it links to somewhere else")
	}
}

var personal = regexp.MustCompile(`[0-9]{11,}`)

// examples looks for examples that could be somebody's.
func (d *doc) examples(where string, s *schema, seen map[*schema]bool) {
	s = d.follow(s)
	if seen[s] {
		return
	}
	seen[s] = true
	for _, e := range s.Examples {
		if v, ok := e.(string); ok && len(v) < 32 && personal.MatchString(v) {
			d.t.Errorf("%s: the example %q could be somebody's", where, v)
		}
	}
	for name, p := range s.Properties {
		if f := d.follow(p); !f.is("object") && !f.is("array") && len(f.Examples) == 0 {
			switch name {
			case "items", "fields":
			default:
				d.t.Errorf("%s: %s has no example", where, name)
			}
		}
		d.examples(where, p, seen)
	}
	if s.Items != nil {
		d.examples(where, s.Items, seen)
	}
}

func TestOnlyRoutesWithAPolicyAreTaken(t *testing.T) {
	if err := api.AddUnknown(false); err == nil {
		t.Error("a route without a policy was taken")
	}
	if err := api.AddUnknown(true); err == nil {
		t.Error("a handler outside of the table was taken")
	}
}
