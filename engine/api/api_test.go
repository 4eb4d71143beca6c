package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"github.com/hedui/hedui/engine/api"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// logbook is a log that can be read while it is written.
type logbook struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// stand is a server with a fake desk.
type stand struct {
	*api.Server

	desk    *fake
	log     *logbook
	metrics *prometheus.Registry
}

// quick are limits under which tests take no time.
func quick() api.Limits {
	return api.Limits{HideTime: time.Millisecond, AccountRate: 1e6, AccountBurst: 1e6, SignInRate: 1e6, SignInBurst: 1e6}
}

func open(t testing.TB, change ...func(*api.Options)) *stand {
	t.Helper()
	s := &stand{desk: &fake{}, log: &logbook{}, metrics: prometheus.NewRegistry()}
	o := api.Options{
		Desk: s.desk, Authenticator: doors{}, Now: time.Now, Metrics: s.metrics,
		Log:    slog.New(slog.NewTextHandler(s.log, nil)),
		Limits: quick(), Version: "test", CursorKey: []byte("a key for tests"),
	}
	for _, c := range change {
		c(&o)
	}
	var err error
	if s.Server, err = api.New(o); err != nil {
		t.Fatal(err)
	}
	return s
}

// ask sends a request past the network.
func (s *stand) ask(role, method, path, body string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	var in io.Reader
	if body != "" {
		in = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, path, in)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if role != "" {
		r.Header.Set("Authorization", "Bearer t-"+role)
	}
	for _, c := range change {
		c(r)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// problem reads a refusal.
func problem(t testing.TB, w *httptest.ResponseRecorder) api.Problem {
	t.Helper()
	var p api.Problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatalf("status %d, no problem: %v\n%s", w.Code, err, w.Body)
	}
	if got := w.Header().Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("the content type of a refusal is %q", got)
	}
	if p.Status != w.Code {
		t.Errorf("the body says %d, the answer %d", p.Status, w.Code)
	}
	if p.Request == "" || p.Request != w.Header().Get("X-Request-Id") {
		t.Errorf("the body says request %q, the header %q", p.Request, w.Header().Get("X-Request-Id"))
	}
	return p
}

const request = `{"household_id":"340104-000123","region":"340104","scheme":"dibao","residence":"urban",
 "members":[{"name":"x","id_number":"y","declared_income":[{"type":"wage","monthly_fen":120000}]}]}`

func TestCheckIsTheVerdictItself(t *testing.T) {
	s := open(t)
	w := s.ask("verifier", "POST", "/api/v1/checks?rules=reference&on=2026-11-01", request)
	if w.Code != 200 {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	want := `{"household_id":"340104-000123","outcome":"no_discrepancy"}` + "\n"
	if diff := cmp.Diff(want, w.Body.String()); diff != "" {
		t.Error(diff)
	}
	for name, want := range map[string]string{"Content-Type": "application/json", "X-Verdict-Id": "v-1", "Cache-Control": "no-store"} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestEveryRouteHasAPolicy(t *testing.T) {
	s := open(t)
	routes := s.Routes()
	if len(routes) < 40 {
		t.Fatalf("only %d routes", len(routes))
	}
	for _, r := range routes {
		if _, ok := r.Operation.Rule(); !ok {
			t.Errorf("%s %s has no policy", r.Method, r.Path)
		}
	}
}

func TestDocument(t *testing.T) {
	s := open(t)
	golden := filepath.Join("..", "..", "docs", "openapi.json")
	if *update {
		if err := os.WriteFile(golden, s.Document(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(s.Document())); diff != "" {
		t.Errorf("docs/openapi.json is stale; run the test with -update:\n%s", diff)
	}
}

func check(err error) func(context.Context) error {
	return func(context.Context) error { return err }
}

func checkOf(err *error) func(context.Context) error {
	return func(context.Context) error { return *err }
}
