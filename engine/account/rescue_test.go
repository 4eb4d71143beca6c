package account_test

import (
	"testing"
	"time"

	"github.com/hedui/hedui/engine/account"
	"github.com/hedui/hedui/engine/account/accounttest"
)

// Whoever owns the machine opens the account again when nobody else can, and only one that
// looks after accounts.
func TestRescue(t *testing.T) {
	w := newWorld(t, cheap())
	worker := w.person("wang", "P-100", accounttest.Caseworker)
	_, _, err := w.a.Rescue(t.Context(), worker.Name, true, w.now)
	is(t, err, account.ErrNotAllowed)
	_, _, err = w.a.Rescue(t.Context(), "nobody", true, w.now)
	is(t, err, account.ErrNotFound)

	old := w.open("root.sec")
	w.pass(time.Minute)
	secret, e, err := w.a.Rescue(t.Context(), "Root.Sec", true, w.now)
	w.must(e, err)
	if e.Kind != account.UserReset || e.Reason != "rescue" || e.Account == "" {
		t.Errorf("%+v", e)
	}
	if _, _, err := w.resolve(old); err == nil {
		t.Error("a session outlived a rescue")
	}
	_, _, err = w.signIn("root.sec", w.people["root.sec"].password, w.code("root.sec"), "a")
	refused(t, err)
	if who := w.session("root.sec", secret, ""); !who.Setup {
		t.Error("the one-time secret opens more than the page to set a password")
	}
}

// While another person can help, the owner of the machine has to say that they can't.
func TestRescueWhileOthersCan(t *testing.T) {
	w := newWorld(t, cheap())
	w.person("second.sec", "P-200", w.people["root.sec"].user.Roles...)
	_, _, err := w.a.Rescue(t.Context(), "root.sec", true, w.now)
	is(t, err, account.ErrOthers)
	_, e, err := w.a.Rescue(t.Context(), "root.sec", false, w.now)
	w.must(e, err)
}

// A resolver knows tokens and signs nobody in.
func TestResolver(t *testing.T) {
	w := newWorld(t, cheap())
	a, err := account.Resolver(account.Options{Store: w.store, Rules: accounttest.Rules{}, Policy: cheap()})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := a.SignIn(t.Context(), account.Credentials{Name: "root.sec", Password: w.people["root.sec"].password}, w.now); err == nil {
		t.Error("a resolver signs in")
	}
	text, _, e, err := w.a.IssueToken(t.Context(), w.identity("root.sec"), account.TokenRequest{Label: "test", Operations: []string{"check"}, Expires: w.now.Add(time.Hour)}, w.now)
	_ = e
	if err != nil {
		t.Fatal(err)
	}
	if who, _, err := a.ResolveToken(t.Context(), text, "", w.now); err != nil || who.Name != "root.sec" {
		t.Errorf("%v %v", who.Name, err)
	}
}
