package upper_test

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hedui/hedui/engine/dock"
	"github.com/hedui/hedui/engine/dock/upper"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/engine/store"
)

// seal is a key for tests.
type seal string

func (s seal) Sign(message []byte) ([]byte, string, error) {
	sum := sha256.Sum256(append([]byte(s), message...))
	return sum[:], string(s), nil
}

func (s seal) ID() string { return string(s) }

func (s seal) Verify(message, signature []byte) bool {
	sum := sha256.Sum256(append([]byte(s), message...))
	return slices.Equal(sum[:], signature)
}

// clock is one that tests put on.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// above is a node over TLS that answers as a test says.
type above struct {
	*httptest.Server

	asked  atomic.Int64
	answer atomic.Pointer[http.HandlerFunc]
	clock  *clock
	node   *upper.Node
	last   atomic.Pointer[dock.Question]
}

func newAbove(t *testing.T, change func(o *upper.Options)) *above {
	t.Helper()
	a := &above{clock: &clock{now: time.Date(2026, 11, 27, 4, 0, 0, 0, time.UTC)}}
	a.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.asked.Add(1)
		if r.Header.Get("Authorization") != "Bearer the token" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		(*a.answer.Load())(w, r)
	}))
	t.Cleanup(a.Close)
	a.says(a.good)
	pool := x509.NewCertPool()
	pool.AddCert(a.Certificate())
	o := upper.Options{
		URL: a.URL, Node: "省平台", Key: seal("k"), Now: a.clock.Now, Wait: 300 * time.Millisecond,
		TLS:   &tls.Config{RootCAs: pool, Certificates: []tls.Certificate{{}}},
		Token: func() (string, error) { return "the token", nil },
	}
	o.Sources[household.Bank] = true
	if change != nil {
		change(&o)
	}
	var err error
	if a.node, err = upper.New(o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.node.Close)
	return a
}

func (a *above) says(f http.HandlerFunc) { a.answer.Store(&f) }

// silent says nothing until nobody waits any more.
func silent(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // a server sees that its client has gone once it has read
	<-r.Context().Done()
}

// good answers well: the first person has something, the others nothing.
func (a *above) good(w http.ResponseWriter, r *http.Request) {
	var s *dock.Sealed
	var err error
	if r.Method == http.MethodGet {
		var set [household.NumChecked]bool
		set[household.Bank] = true
		m := &store.Manifest{ID: "g1", ProfileVersion: profile.Version, Snapshots: []store.SnapshotRef{{Ordinal: 2, ID: "b", Source: household.Bank, Provider: "bank", AsOf: 20261031}}}
		s, err = dock.SealCatalogue(seal("k"), m, set, r.URL.Query().Get("nonce"), a.clock.Now())
	} else {
		var q struct {
			Nonce, Node, Generation, Household, Authorization, Division, Scheme, On string
			Sources                                                                 []string
			Persons                                                                 [][]byte
			Paper                                                                   []byte
		}
		if json.NewDecoder(r.Body).Decode(&q) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		asked := dock.Question(q)
		a.last.Store(&asked)
		entries := make([][]byte, len(q.Persons))
		entries[0] = []byte("entry")
		s, err = dock.SealAnswer(seal("k"), &asked, "g1", entries, a.clock.Now())
	}
	if err != nil {
		panic(err)
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"body": s.Body, "key": s.Key, "signature": s.Signature})
}

func question() *dock.Question {
	return &dock.Question{
		Generation: "g1", Household: "h", Authorization: "a", Division: "340104", Scheme: "dibao", On: "2026-11-27", Sources: []string{"bank"},
		Persons: [][]byte{{0, 0, 0, 0, 0, 0, 0, 1}, {0, 0, 0, 0, 0, 0, 0, 2}}, Paper: []byte{7},
	}
}

func code(err error) string {
	if f, ok := errors.AsType[*dock.Failure](err); ok {
		return strings.TrimSuffix(f.Code+"."+f.Detail, ".")
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func TestAsk(t *testing.T) {
	a := newAbove(t, nil)
	if u := a.node.Known(); u.Generation != "" || u.Node != "省平台" || !u.Sources[household.Bank] {
		t.Errorf("%+v", u)
	}
	if err := a.node.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	known := a.node.Known()
	if known.Generation != "g1" || len(known.Snapshots) != 1 || known.Snapshots[0].Ordinal != 2 {
		t.Errorf("%+v", known)
	}
	if err := a.node.Refresh(t.Context()); err != nil || a.node.Known() != known {
		t.Error("what is the same is another", err)
	}
	q := question()
	got, err := a.node.Ask(t.Context(), q, false)
	if err != nil || len(got) != 2 || string(got[0]) != "entry" || got[1] != nil {
		t.Errorf("%q, %v", got, err)
	}
	// What arrived is what was asked, to the last field.
	if a.last.Load().Digest() != q.Digest() || len(q.Nonce) != 32 || q.Node != "省平台" {
		t.Errorf("%+v", a.last.Load())
	}
	first := q.Nonce
	if _, err := a.node.Ask(t.Context(), q, true); err != nil || q.Nonce == first {
		t.Error("a nonce twice", err)
	}
}

// Whatever comes instead of an answer has a code, and nothing that was sent.
func TestFailures(t *testing.T) {
	problem := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status); _, _ = w.Write([]byte(body)) }
	}
	for want, says := range map[string]http.HandlerFunc{
		"refused.forbidden":  problem(403, `{"code":"forbidden"}`),
		"refused.not_found":  problem(404, `{"code":"not_found"}`),
		"refused.status_403": problem(403, `{"code":"Ein Satz"}`),
		"refused.status_302": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://elsewhere.example/", http.StatusFound)
		},
		"outdated":                problem(409, `{"code":"changed"}`),
		"later.overloaded":        problem(503, `{"code":"overloaded"}`),
		"later.internal":          problem(500, `{"code":"internal"}`),
		"later.too_many_requests": problem(429, `{"code":"too_many_requests"}`),
		"later":                   problem(202, ``),
		"form":                    problem(200, `no JSON`),
		"signature":               problem(200, `{}`),
		"slow":                    silent,
		"unreachable":             func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		t.Run(want, func(t *testing.T) {
			a := newAbove(t, nil)
			a.says(says)
			got, err := a.node.Ask(t.Context(), question(), false)
			if c := code(err); c != want || got != nil {
				t.Errorf("%q, %v", got, err)
			}
			if strings.Contains(err.Error(), "340104") || strings.Contains(err.Error(), a.URL) {
				t.Error(err)
			}
		})
	}
	a := newAbove(t, nil)
	a.says(func(w http.ResponseWriter, _ *http.Request) {
		chunk := make([]byte, 1<<20)
		for range 20 {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	if _, err := a.node.Ask(t.Context(), question(), true); code(err) != "form" {
		t.Error("an answer without end:", err)
	}
}

// Only the certificate of the configured authority is believed, and a token that can't be
// read is no reason to go on without.
func TestWhoIsAsked(t *testing.T) {
	a := newAbove(t, func(o *upper.Options) { o.TLS.RootCAs = x509.NewCertPool() })
	if err := a.node.Refresh(t.Context()); code(err) != "unreachable" || a.asked.Load() != 0 {
		t.Error(err)
	}
	a = newAbove(t, func(o *upper.Options) { o.Token = func() (string, error) { return "", errors.New("no file") } })
	if err := a.node.Refresh(t.Context()); code(err) != "refused.no_token" || a.asked.Load() != 0 {
		t.Error(err)
	}
	a = newAbove(t, func(o *upper.Options) { o.Token = func() (string, error) { return "another", nil } })
	if err := a.node.Refresh(t.Context()); code(err) != "refused.status_401" {
		t.Error(err)
	}
}

// A node that is gone costs the counter one wait, not one for each household; whoever is
// patient asks it all the same, and the first answer ends the pause.
func TestPause(t *testing.T) {
	a := newAbove(t, nil)
	a.says(silent)
	if _, err := a.node.Ask(t.Context(), question(), false); code(err) != "slow" {
		t.Fatal(err)
	}
	asked := a.asked.Load()
	for range 20 {
		if _, err := a.node.Ask(t.Context(), question(), false); code(err) != "unreachable" {
			t.Fatal(err)
		}
	}
	if a.asked.Load() != asked {
		t.Errorf("%d questions in the pause", a.asked.Load()-asked)
	}
	a.clock.pass(1100 * time.Millisecond)
	if _, err := a.node.Ask(t.Context(), question(), false); code(err) != "slow" {
		t.Error("after the pause:", err)
	}
	a.clock.pass(1100 * time.Millisecond) // the second is twice as long
	if _, err := a.node.Ask(t.Context(), question(), false); code(err) != "unreachable" {
		t.Error(err)
	}
	a.says(a.good)
	if _, err := a.node.Ask(t.Context(), question(), true); err != nil {
		t.Fatal(err)
	}
	if _, err := a.node.Ask(t.Context(), question(), false); err != nil {
		t.Error("the pause goes on:", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := a.node.Ask(ctx, question(), false); code(err) != "slow" {
		t.Error(err)
	}
}

func TestOptions(t *testing.T) {
	good := func() upper.Options {
		o := upper.Options{URL: "https://x:1", TLS: &tls.Config{Certificates: []tls.Certificate{{}}}, Token: func() (string, error) { return "", nil }, Key: seal("k"), Now: time.Now}
		o.Sources[household.Bank] = true
		return o
	}
	n, err := upper.New(good())
	if err != nil || n.Known().Node != "x" {
		t.Fatal(err)
	}
	for what, change := range map[string]func(o *upper.Options){
		"in the clear": func(o *upper.Options) { o.URL = "http://x" }, "a path": func(o *upper.Options) { o.URL = "https://x/y" }, "no host": func(o *upper.Options) { o.URL = "https://" },
		"no certificate": func(o *upper.Options) { o.TLS = &tls.Config{} }, "no TLS": func(o *upper.Options) { o.TLS = nil }, "no token": func(o *upper.Options) { o.Token = nil },
		"no key": func(o *upper.Options) { o.Key = nil }, "no clock": func(o *upper.Options) { o.Now = nil }, "no source": func(o *upper.Options) { o.Sources[household.Bank] = false },
	} {
		o := good()
		change(&o)
		if _, err := upper.New(o); err == nil {
			t.Errorf("%s is taken", what)
		}
	}
}
