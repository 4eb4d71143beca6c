package account_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hedui/hedui/engine/account"
	"github.com/hedui/hedui/engine/account/accounttest"
)

func TestBootstrapOnce(t *testing.T) {
	first := account.NewUser{
		Name: "first", Person: "P-001", Display: "first", Roles: []account.Role{accounttest.Security}, Division: "340000",
	}
	a, err := account.New(account.Options{Store: accounttest.NewMemory(), Rules: accounttest.Rules{}, Policy: cheap()})
	if err != nil {
		t.Fatal(err)
	}
	worker := first
	worker.Roles = []account.Role{accounttest.Caseworker}
	if _, _, _, err := a.Bootstrap(t.Context(), worker, morning); err == nil {
		t.Error("a first account that looks after none")
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	made := 0
	for i := range 8 {
		wg.Go(func() {
			n := first
			n.Name = fmt.Sprint("first", i)
			_, secret, e, err := a.Bootstrap(t.Context(), n, morning)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				made++
			} else if e.Kind != account.UserRefused || secret != "" {
				t.Errorf("%+v", e)
			}
		})
	}
	wg.Wait()
	if made != 1 {
		t.Errorf("%d first accounts", made)
	}
	_, _, _, err = a.Bootstrap(t.Context(), first, morning)
	is(t, err, account.ErrNotEmpty)
}

func TestAdministratorsRules(t *testing.T) {
	w := newWorld(t, cheap())
	ctx := t.Context()
	root := w.people["root.sec"].user.ID
	worker := w.person("wang", "P-100", accounttest.Caseworker)
	w.admin = w.identity("root.sec")

	is(t, w.edit(root, account.Edit{State: new(account.Disabled)}), account.ErrLastAdministrator)
	is(t, w.edit(root, account.Edit{Roles: &[]account.Role{accounttest.Audit}}), account.ErrLastAdministrator)
	is(t, w.edit(root, account.Edit{Division: new("340100")}), account.ErrOwnAccount)
	_, _, err := w.a.Reset(ctx, w.admin, root, account.Reset{Password: true}, w.now)
	is(t, err, account.ErrOwnAccount)
	is(t, w.edit("nobody", account.Edit{}), account.ErrNotFound)

	for name, n := range map[string]account.NewUser{
		"two administrators in one":           {Name: "both", Person: "P-200", Roles: []account.Role{accounttest.System, accounttest.Audit}},
		"an administrator who works on cases": {Name: "both", Person: "P-200", Roles: []account.Role{accounttest.System, accounttest.Caseworker}},
		"the same by two accounts":            {Name: "wang2", Person: "p-100", Roles: []account.Role{accounttest.System}},
		"an account for oneself":              {Name: "mine", Person: "P-001", Roles: []account.Role{accounttest.Security}},
		"an unknown role":                     {Name: "x-y", Person: "P-200", Roles: []account.Role{"king"}},
		"no role":                             {Name: "x-y", Person: "P-200"},
		"a taken name":                        {Name: "WANG", Person: "P-200", Roles: []account.Role{accounttest.Clerk}},
		"a name that looks like another":      {Name: "wаng", Person: "P-200", Roles: []account.Role{accounttest.Clerk}},
		"an identity document":                {Name: "x-y", Person: "34010419900101123X", Roles: []account.Role{accounttest.Clerk}},
	} {
		n.Display, n.Division = "x", "340000"
		if _, secret, e, err := w.a.Create(ctx, w.admin, n, w.now); err == nil || secret != "" || e.Kind != account.UserRefused {
			t.Errorf("%s: created, %+v", name, e)
		}
	}
	// The same person may have two accounts that fit together.
	w.person("wang2", "P-100", accounttest.Reviewer)
	w.admin = w.identity("root.sec")
	// But not when one that was disabled comes back beside another since.
	if err := w.edit(worker.ID, account.Edit{State: new(account.Disabled)}); err != nil {
		t.Fatal(err)
	}
	if err := w.edit(w.people["wang2"].user.ID, account.Edit{Roles: &[]account.Role{accounttest.Audit}}); err != nil {
		t.Fatal(err)
	}
	if err := w.edit(worker.ID, account.Edit{State: new(account.Active)}); err == nil {
		t.Error("a person looks after the audit log and works on cases")
	}
	if err := w.edit(worker.ID, account.Edit{State: new(account.State(9))}); err == nil {
		t.Error("an unknown state")
	}
	// Nobody else looks after accounts.
	w.person("zhao", "P-300", accounttest.Caseworker)
	zhao := w.identity("zhao")
	_, _, err = w.a.Edit(ctx, zhao, worker.ID, account.Edit{State: new(account.Active)}, w.now)
	is(t, err, account.ErrNotAllowed)
	_, _, _, err = w.a.Create(ctx, zhao, account.NewUser{}, w.now)
	is(t, err, account.ErrNotAllowed)
	_, _, err = w.a.Reset(ctx, zhao, worker.ID, account.Reset{Password: true}, w.now)
	is(t, err, account.ErrNotAllowed)
	_, _, err = w.a.Reset(ctx, account.Identity{}, worker.ID, account.Reset{Password: true}, w.now)
	is(t, err, account.ErrNoSession)
}

func TestReset(t *testing.T) {
	w := newWorld(t, cheap())
	u := w.person("wang", "P-100", accounttest.Caseworker)
	old := w.open("wang")
	w.admin = w.identity("root.sec")
	secret, e, err := w.a.Reset(t.Context(), w.admin, u.ID, account.Reset{Password: true}, w.now)
	w.must(e, err)
	if _, _, err := w.resolve(old); err == nil {
		t.Error("a session outlived a reset")
	}
	w.pass(time.Minute)
	_, _, err = w.signIn("wang", w.people["wang"].password, w.code("wang"), "a")
	refused(t, err)
	// The second factor is still asked for: a one-time secret alone opens nothing.
	_, _, err = w.signIn("wang", secret, "", "a")
	refused(t, err)
	who := w.session("wang", secret, w.code("wang"))
	if !who.Setup {
		t.Error("a one-time secret opens everything")
	}
	// The password of before does not come back.
	e, err = w.a.ChangePassword(t.Context(), who, secret, w.people["wang"].password, "a", w.now)
	if err == nil {
		t.Errorf("%+v", e)
	}
	secret, e, err = w.a.Reset(t.Context(), w.admin, u.ID, account.Reset{SecondFactor: true}, w.now)
	w.must(e, err)
	if secret != "" || e.Reason != "sessions,second_factor" {
		t.Errorf("%+v", e)
	}
	w.person("zhao", "P-101", accounttest.Clerk)
	open := w.open("zhao")
	w.admin = w.identity("root.sec")
	if _, e, err = w.a.Reset(t.Context(), w.admin, w.people["zhao"].user.ID, account.Reset{}, w.now); err != nil || e.Reason != "sessions" {
		t.Errorf("%+v %v", e, err)
	}
	if _, _, err := w.resolve(open); err == nil {
		t.Error("a session was not ended")
	}
	w.open("zhao")
}

// TestTwoAdministratorsAtOnce lets two disable each other: one of them stays.
func TestTwoAdministratorsAtOnce(t *testing.T) {
	for range 20 {
		w := newWorld(t, cheap())
		other := w.person("second", "P-002", accounttest.Security)
		ids := []account.Identity{w.identity("root.sec"), w.identity("second")}
		targets := []string{other.ID, w.people["root.sec"].user.ID}
		var wg sync.WaitGroup
		for i := range ids {
			wg.Go(func() {
				_, _, _ = w.a.Edit(t.Context(), ids[i], targets[i], account.Edit{State: new(account.Disabled)}, w.now)
			})
		}
		wg.Wait()
		users, _, err := w.store.Users(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		active := 0
		for _, u := range users {
			if u.State == account.Active {
				active++
			}
		}
		if active != 1 {
			t.Fatalf("%d of two administrators are left", active)
		}
	}
}

func TestOldIdentityChangesNothing(t *testing.T) {
	w := newWorld(t, cheap())
	u := w.person("wang", "P-100", accounttest.Caseworker)
	w.person("second", "P-002", accounttest.Security)
	old := w.identity("second")
	w.admin = w.identity("root.sec")
	if err := w.edit(old.User, account.Edit{State: new(account.Locked)}); err != nil {
		t.Fatal(err)
	}
	if err := w.edit(old.User, account.Edit{State: new(account.Active)}); err != nil {
		t.Fatal(err)
	}
	_, _, err := w.a.Edit(t.Context(), old, u.ID, account.Edit{Display: new("x")}, w.now)
	is(t, err, account.ErrNoSession)
}

func TestFederated(t *testing.T) {
	w := newWorld(t, cheap())
	subject := account.Subject{Issuer: "https://sso.example", ID: "42"}
	u, _, e, err := w.a.Create(t.Context(), w.admin, account.NewUser{
		Name: "wang", Person: "P-100", Display: "王", Division: "340100", Subject: subject,
		Roles: []account.Role{accounttest.Caseworker, accounttest.Reviewer},
	}, w.now)
	w.must(e, err)
	both := []account.Role{accounttest.Security, accounttest.Reviewer}
	for _, c := range []struct {
		name   string
		f      account.Federated
		reason string
	}{
		{"nobody", account.Federated{Roles: both, TwoFactors: true}, "unknown_subject"},
		{"unknown", account.Federated{Subject: account.Subject{Issuer: subject.Issuer, ID: "43"}, Roles: both, TwoFactors: true}, "unknown_subject"},
		{"another issuer", account.Federated{Subject: account.Subject{Issuer: "https://other", ID: "42"}, Roles: both, TwoFactors: true}, "unknown_subject"},
		{"no group", account.Federated{Subject: subject, TwoFactors: true}, "no_role"},
		{"groups of other roles", account.Federated{Subject: subject, Roles: both[:1], TwoFactors: true}, "no_role"},
		{"one factor", account.Federated{Subject: subject, Roles: both}, "one_factor"},
	} {
		s, e, err := w.a.SignInFederated(t.Context(), c.f, w.now)
		refused(t, err)
		if s != "" || e.Reason != c.reason {
			t.Errorf("%s: %+v", c.name, e)
		}
	}
	s, e, err := w.a.SignInFederated(t.Context(), account.Federated{Subject: subject, Roles: both, TwoFactors: true}, w.now)
	w.must(e, err)
	who, e, err := w.resolve(s)
	w.must(e, err)
	if fmt.Sprint(who.Roles) != "[reviewer]" || who.Setup || who.User != u.ID {
		t.Errorf("a provider widened: %+v", who)
	}
	// Nor does a token from such a session.
	text, _, e, err := w.a.IssueToken(t.Context(), who, account.TokenRequest{Label: "x", Operations: []string{"o"}, Expires: w.now.Add(time.Hour)}, w.now)
	w.must(e, err)
	if who, e, err = w.bearer(text); err != nil || fmt.Sprint(who.Roles) != "[reviewer]" {
		t.Errorf("%+v %+v %v", who, e, err)
	}
	if strings.Contains(fmt.Sprint(e), "42") {
		t.Errorf("%+v", e)
	}
	if err := w.edit(u.ID, account.Edit{State: new(account.Locked)}); err != nil {
		t.Fatal(err)
	}
	_, e, err = w.a.SignInFederated(t.Context(), account.Federated{Subject: subject, Roles: both, TwoFactors: true}, w.now)
	refused(t, err)
	if e.Reason != "locked" {
		t.Errorf("%+v", e)
	}
}
