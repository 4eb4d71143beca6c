package account_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine/account"
	"github.com/hedui/hedui/engine/account/accounttest"
)

func (w *world) resolve(s account.Secret) (account.Identity, account.Event, error) {
	return w.a.ResolveSession(w.t.Context(), s, "10.0.0.1", w.now)
}

func (w *world) open(name string) account.Secret {
	w.t.Helper()
	w.pass(time.Minute)
	var code account.Secret
	if w.people[name].key != "" {
		code = w.code(name)
	}
	s, e, err := w.signIn(name, w.people[name].password, code, "10.0.0.1")
	w.must(e, err)
	return s
}

func TestSessionEnds(t *testing.T) {
	w := newWorld(t, cheap())
	id := w.person("wang", "P-100", accounttest.Caseworker).ID
	for _, c := range []struct {
		name   string
		do     func(s account.Secret)
		reason string
	}{
		{"idle", func(account.Secret) { w.pass(15 * time.Minute) }, "idle"},
		{"absolute", func(s account.Secret) {
			for range 72 {
				if _, e, err := w.resolve(s); err != nil {
					t.Fatalf("%+v", e)
				}
				w.pass(10 * time.Minute)
			}
		}, "absolute"},
		{"roles", func(account.Secret) {
			if err := w.edit(id, account.Edit{Roles: &[]account.Role{accounttest.Reviewer}}); err != nil {
				t.Fatal(err)
			}
		}, "unknown"},
		{"division", func(account.Secret) {
			if err := w.edit(id, account.Edit{Division: new("340200")}); err != nil {
				t.Fatal(err)
			}
		}, "unknown"},
		{"signed in elsewhere", func(account.Secret) { w.open("wang") }, "unknown"},
		{"signed out", func(s account.Secret) {
			if e, err := w.a.SignOut(t.Context(), s, "a"); err != nil || e.Kind != account.SignedOut {
				t.Fatalf("%+v %v", e, err)
			}
		}, "unknown"},
		{"locked", func(account.Secret) {
			if err := w.edit(id, account.Edit{State: new(account.Locked)}); err != nil {
				t.Fatal(err)
			}
		}, "unknown"},
	} {
		s := w.open("wang")
		if _, e, err := w.resolve(s); err != nil || e.Kind != "" {
			t.Fatalf("%s: %+v %v", c.name, e, err)
		}
		c.do(s)
		who, e, err := w.resolve(s)
		is(t, err, account.ErrNoSession)
		if e.Reason != c.reason || who.User != "" {
			t.Errorf("%s: %+v", c.name, e)
		}
		w.admin = w.identity("root.sec")
	}
	if err := w.edit(id, account.Edit{Display: new("another")}); err != nil {
		t.Fatal(err)
	}
}

func TestDisplayNameKeepsSession(t *testing.T) {
	w := newWorld(t, cheap())
	id := w.person("wang", "P-100", accounttest.Clerk).ID
	s := w.open("wang")
	if err := w.edit(id, account.Edit{Display: new("王芳")}); err != nil {
		t.Fatal(err)
	}
	if who, e, err := w.resolve(s); err != nil || who.Display != "王芳" {
		t.Errorf("%+v %v", e, err)
	}
}

func TestMalformedSessions(t *testing.T) {
	w := newWorld(t, cheap())
	w.person("wang", "P-100", accounttest.Clerk)
	s := w.open("wang")
	for _, bad := range []account.Secret{"", "x", s + "x", s[1:], account.Secret(strings.Repeat("A", 43)), account.TokenPrefix + s} {
		if _, e, err := w.resolve(bad); err == nil || e.Kind != account.SessionRefused {
			t.Errorf("%d bytes: %+v %v", len(bad), e, err)
		}
	}
	if _, _, err := w.a.ResolveToken(t.Context(), s, "a", w.now); err == nil {
		t.Error("a session passes as a token")
	}
}

// TestSessionsUnderRandomTimes holds sessions against a model that knows when each
// was opened and last used.
func TestSessionsUnderRandomTimes(t *testing.T) {
	p := cheap()
	w := newWorld(t, p)
	w.person("wang", "P-100", accounttest.Clerk)
	id := w.people["wang"].user.ID
	type open struct {
		text          account.Secret
		created, used time.Time
	}
	rapid.Check(t, func(t *rapid.T) {
		w.pass(48 * time.Hour)
		w.admin = w.identity("root.sec")
		var live *open // the one session there may be
		var over []account.Secret
		end := func() {
			if live != nil {
				over = append(over, live.text)
			}
			live = nil
		}
		t.Repeat(map[string]func(*rapid.T){
			"time": func(t *rapid.T) {
				w.pass(time.Duration(rapid.SampledFrom([]int{1, 29, 31, 60, 600, 869, 871, 899, 900, 901, 5000}).Draw(t, "seconds")) * time.Second)
			},
			"sign in": func(*rapid.T) {
				end()
				live = &open{w.open("wang"), w.now, w.now}
			},
			"use": func(t *rapid.T) {
				if live == nil {
					return
				}
				_, _, err := w.resolve(live.text)
				idle, age := w.now.Sub(live.used), w.now.Sub(live.created)
				switch {
				case err != nil && idle < p.Idle-30*time.Second && age < p.Absolute:
					t.Fatalf("ended after %v without use and %v in all", idle, age)
				case err == nil && (idle >= p.Idle || age >= p.Absolute):
					t.Fatalf("lives after %v without use and %v in all", idle, age)
				}
				if err != nil {
					end()
				} else {
					live.used = w.now
				}
			},
			"sign out": func(t *rapid.T) {
				if live == nil {
					return
				}
				if _, err := w.a.SignOut(w.t.Context(), live.text, "a"); err != nil {
					t.Fatal(err)
				}
				end()
			},
			"change": func(t *rapid.T) {
				w.admin = w.identity("root.sec")
				div := rapid.SampledFrom([]string{"340100", "340200"}).Draw(t, "division")
				u, err := w.store.User(w.t.Context(), id)
				if err != nil {
					t.Fatal(err)
				}
				if err := w.edit(id, account.Edit{Division: &div}); err != nil {
					t.Fatal(err)
				}
				if u.Division != div {
					end()
				}
			},
			"": func(t *rapid.T) {
				for _, s := range over {
					if _, _, err := w.resolve(s); err == nil {
						t.Fatal("an ended session lives")
					}
				}
			},
		})
	})
}

func TestCookie(t *testing.T) {
	c := account.Cookie("text")
	if got, want := c.String(), "__Host-hedui=text; Path=/; HttpOnly; Secure; SameSite=Strict"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := account.NoCookie().String(); !strings.Contains(got, "Max-Age=0") {
		t.Error(got)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	if account.SessionOf(r) != "" {
		t.Error("a session of no cookie")
	}
	r.AddCookie(c)
	if account.SessionOf(r) != "text" {
		t.Error("the cookie is not found")
	}
	r.AddCookie(account.Cookie("planted"))
	if account.SessionOf(r) != "" {
		t.Error("one of two cookies is believed")
	}
}

// TestSessionOfAnotherEpoch puts a session back as a restored backup would: the
// account has changed since.
func TestSessionOfAnotherEpoch(t *testing.T) {
	w := newWorld(t, cheap())
	id := w.person("wang", "P-100", accounttest.Clerk).ID
	text := w.open("wang")
	s, err := w.store.Session(t.Context(), account.HashOf(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.edit(id, account.Edit{Division: new("340200")}); err != nil {
		t.Fatal(err)
	}
	s.Version = 0
	if err := w.store.Commit(t.Context(), account.Change{Sessions: []account.Session{s}}); err != nil {
		t.Fatal(err)
	}
	_, e, err := w.resolve(text)
	is(t, err, account.ErrNoSession)
	if e.Kind != account.SessionEnded || e.Reason != "account_changed" {
		t.Errorf("%+v", e)
	}
}
