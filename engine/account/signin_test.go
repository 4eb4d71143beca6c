package account_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/hedui/hedui/engine/account"
	"github.com/hedui/hedui/engine/account/accounttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestSignInIsRefusedAlike(t *testing.T) {
	w := newWorld(t, cheap())
	w.person("wang", "P-100", accounttest.Caseworker)
	w.person("held", "P-101", accounttest.Caseworker)
	w.person("gone", "P-102", accounttest.Caseworker)
	for name, s := range map[string]account.State{"held": account.Locked, "gone": account.Disabled} {
		if err := w.edit(w.people[name].user.ID, account.Edit{State: &s}); err != nil {
			t.Fatal(err)
		}
	}
	_, secret, e, err := w.a.Create(t.Context(), w.admin, account.NewUser{
		Name: "late", Person: "P-103", Display: "late", Roles: []account.Role{accounttest.Clerk}, Division: "340100",
	}, w.now)
	w.must(e, err)
	w.pass(73 * time.Hour)
	good := w.people["wang"].password
	const now = "the one of now"
	for i, c := range []struct {
		name           string
		password, code account.Secret
		reason         string
		account        bool
	}{
		{"nobody", good, "123456", "unknown_name", false},
		{"", "", "", "unknown_name", false},
		{"wang", "", "", "wrong_password", true},
		{"wang", "wrong", now, "wrong_password", true},
		{"wang", account.Secret(strings.Repeat("x", 1<<20)), now, "wrong_password", true},
		{"wang", good, "", "wrong_code", true},
		{"wang", good, "000000", "wrong_code", true},
		{"held", w.people["held"].password, now, "locked", true},
		{"gone", w.people["gone"].password, now, "disabled", true},
		{"late", secret, "", "initial_secret_expired", true},
	} {
		before := w.a.HashesMade()
		if c.code == now {
			c.code = w.code(c.name)
		}
		s, e, err := w.signIn(c.name, c.password, c.code, fmt.Sprint("10.1.0.", i))
		refused(t, err)
		if s != "" || e.Kind != account.SignInRefused || e.Reason != c.reason || (e.Account != "") != c.account {
			t.Errorf("%s: %+v", c.reason, e)
		}
		if n := w.a.HashesMade() - before; n != 1 {
			t.Errorf("%s: %d hashes: the time tells", c.reason, n)
		}
		if strings.Contains(fmt.Sprint(e, err), "nobody") {
			t.Errorf("what was typed for a name stands in %+v", e)
		}
		w.pass(16 * time.Minute)
	}
	if who := w.identity("wang"); who.User != w.people["wang"].user.ID || who.Setup {
		t.Errorf("%+v", who)
	}
}

func TestCodeIsGoodOnce(t *testing.T) {
	w := newWorld(t, cheap())
	w.person("wang", "P-100", accounttest.Caseworker)
	p, code := w.people["wang"], w.code("wang")
	var wg sync.WaitGroup
	got := make([]error, 4)
	for i := range got {
		wg.Go(func() {
			_, _, got[i] = w.a.SignIn(t.Context(), account.Credentials{
				Name: "wang", Password: p.password, Code: code, Address: fmt.Sprint("10.0.1.", i),
			}, w.now)
		})
	}
	wg.Wait()
	in := 0
	for _, err := range got {
		if err == nil {
			in++
		} else {
			refused(t, err)
		}
	}
	if in != 1 {
		t.Errorf("one code opened %d sessions", in)
	}
}

func TestRecoveryCodes(t *testing.T) {
	w := newWorld(t, cheap())
	w.person("wang", "P-100", accounttest.Caseworker)
	p := w.people["wang"]
	if len(p.recovery) != 10 {
		t.Fatalf("%d recovery codes", len(p.recovery))
	}
	for i, c := range p.recovery {
		typed := strings.ToUpper(strings.ReplaceAll(c.Reveal(), "-", " "))
		if _, e, err := w.signIn("wang", p.password, account.Secret(typed), "a"); err != nil {
			t.Fatalf("%d: %+v %v", i, e, err)
		}
		_, _, err := w.signIn("wang", p.password, c, "b")
		refused(t, err)
		w.pass(16 * time.Minute)
	}
	u, err := w.store.UserByName(t.Context(), "wang")
	if err != nil || u.RecoveryCodesLeft() != 0 {
		t.Fatalf("%d left, %v", u.RecoveryCodesLeft(), err)
	}
	who := w.identity("wang")
	w.pass(time.Minute)
	codes, e, err := w.a.RenewRecoveryCodes(t.Context(), who, w.code("wang"), "a", w.now)
	w.must(e, err)
	w.pass(time.Minute)
	if _, e, err := w.signIn("wang", p.password, codes[3], "a"); err != nil {
		t.Fatalf("%+v %v", e, err)
	}
	// Another's codes open nothing.
	w.person("zhao", "P-101", accounttest.Caseworker)
	_, _, err = w.signIn("wang", p.password, w.people["zhao"].recovery[0], "a")
	refused(t, err)
}

func TestLockoutOfNamesAndAddresses(t *testing.T) {
	w := newWorld(t, cheap())
	w.person("wang", "P-100", accounttest.Caseworker)
	good := w.people["wang"].password
	// By name, from many addresses; a name nobody has behaves alike.
	for _, name := range []string{"wang", "nobody"} {
		var waits []time.Duration
		for i := range 5 {
			_, _, err := w.signIn(name, "wrong", "", fmt.Sprint(name, i))
			waits = append(waits, refused(t, err).RetryAfter)
		}
		if fmt.Sprint(waits) != "[0s 0s 0s 0s 1m0s]" {
			t.Errorf("%s: %v", name, waits)
		}
		before := w.a.HashesMade()
		_, e, err := w.signIn(name, good, w.people["wang"].key, name+"9")
		if refused(t, err).RetryAfter != time.Minute || e.Reason != "locked_out" || w.a.HashesMade() != before {
			t.Errorf("%s: %+v %v", name, e, err)
		}
	}
	w.pass(time.Minute)
	if _, e, err := w.signIn("wang", good, w.code("wang"), "x"); err != nil {
		t.Errorf("after the lock: %+v %v", e, err)
	}
	// A success begins anew.
	w.pass(time.Minute)
	for i := range 4 {
		_, _, err := w.signIn("wang", "wrong", "", fmt.Sprint("y", i))
		if refused(t, err).RetryAfter != 0 {
			t.Errorf("locked at try %d", i+1)
		}
	}
	w.pass(time.Hour)
	// By address, over many names; a success there forgives nothing.
	for i := range 4 {
		_, _, err := w.signIn(fmt.Sprint("name", i), "wrong", "", "z")
		refused(t, err)
	}
	if _, e, err := w.signIn("wang", good, w.code("wang"), "z"); err != nil {
		t.Fatalf("%+v %v", e, err)
	}
	w.pass(time.Minute)
	_, _, err := w.signIn("name9", "wrong", "", "z")
	if refused(t, err).RetryAfter == 0 {
		t.Error("a success cleared the failures of an address")
	}
}

func TestTriesAtOnceAllCount(t *testing.T) {
	p := cheap()
	p.Hashes, p.Waiting = 8, 100
	w := newWorld(t, p)
	w.person("wang", "P-100", accounttest.Caseworker)
	before := w.a.HashesMade()
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			_, _, err := w.signIn("wang", account.Secret(fmt.Sprint("guess ", i)), "", fmt.Sprint("10.2.0.", i))
			if err == nil {
				t.Error("guessed")
			}
		})
	}
	wg.Wait()
	if n := w.a.HashesMade() - before; n > 5 {
		t.Errorf("%d guesses were compared before the lock", n)
	}
}

func TestStormIsRefused(t *testing.T) {
	p := account.DefaultPolicy()
	p.Cost, p.Hashes, p.Waiting = account.Cost{KiB: 4 << 10, Passes: 2, Lanes: 1}, 1, 2
	w := newWorld(t, p)
	w.person("wang", "P-100", accounttest.Clerk)
	var wg sync.WaitGroup
	var mu sync.Mutex
	busy, answered := 0, 0
	for i := range 60 {
		wg.Go(func() {
			_, _, err := w.signIn(fmt.Sprint("name", i), "wrong", "", "")
			mu.Lock()
			defer mu.Unlock()
			if errors.Is(err, account.ErrBusy) {
				busy++
			} else {
				answered++
			}
		})
	}
	wg.Wait()
	if busy == 0 || answered == 0 {
		t.Errorf("%d refused, %d answered", busy, answered)
	}
	// Being refused is no failure: nothing was compared.
	if _, e, err := w.signIn("wang", w.people["wang"].password, "", ""); err != nil {
		t.Errorf("%+v %v", e, err)
	}
}

func TestFirstSignIn(t *testing.T) {
	w := newWorld(t, cheap())
	u, secret, e, err := w.a.Create(t.Context(), w.admin, account.NewUser{
		Name: "wang", Person: "P-100", Display: "王", Roles: []account.Role{accounttest.Reviewer}, Division: "340100",
	}, w.now)
	w.must(e, err)
	if strings.Contains(fmt.Sprint(e), secret.Reveal()) || len(secret.Reveal()) < 20 {
		t.Errorf("%+v", e)
	}
	who := w.session("wang", secret, "")
	if !who.Setup {
		t.Fatal("a one-time secret opens everything")
	}
	_, _, _, err = w.a.IssueToken(t.Context(), who, account.TokenRequest{Label: "x", Operations: []string{"o"}, Expires: w.now.Add(time.Hour)}, w.now)
	is(t, err, account.ErrNotAllowed)
	_, err = w.a.ChangePassword(t.Context(), who, "wrong", "a long enough phrase", "a", w.now)
	is(t, err, account.ErrWrongCode)
	e, err = w.a.ChangePassword(t.Context(), who, secret, "short", "a", w.now)
	var weak *account.WeakPasswordError
	if !errors.As(err, &weak) || e.Reason != "password_short" {
		t.Errorf("%+v %v", e, err)
	}
	e, err = w.a.ChangePassword(t.Context(), who, secret, secret, "a", w.now)
	if !errors.As(err, &weak) || e.Reason != "password_used" {
		t.Errorf("%+v %v", e, err)
	}
	w.must(w.a.ChangePassword(t.Context(), who, secret, "a long enough phrase", "a", w.now))
	// The session ended, the secret is worth nothing, and a second factor is missing.
	_, err = w.a.ChangePassword(t.Context(), who, "a long enough phrase", "another long phrase", "a", w.now)
	is(t, err, account.ErrNoSession)
	_, _, err = w.signIn("wang", secret, "", "a")
	refused(t, err)
	who = w.session("wang", "a long enough phrase", "")
	if !who.Setup {
		t.Fatal("one factor opens what needs two")
	}
	w.people["wang"] = &person{user: u, password: "a long enough phrase"}
	w.enrol("wang")
	if who = w.identity("wang"); who.Setup {
		t.Fatal("still to be set up")
	}
	// One's own second factor can't be replaced without it.
	_, _, err = w.a.StartSecondFactor(t.Context(), who, "a long enough phrase", "000000", "a", w.now)
	is(t, err, account.ErrWrongCode)
}

func TestPasswordsDoNotComeBack(t *testing.T) {
	w := newWorld(t, cheap())
	w.person("wang", "P-100", accounttest.Clerk)
	past := []account.Secret{w.people["wang"].password}
	change := func(to account.Secret) error {
		now := w.people["wang"]
		_, err := w.a.ChangePassword(t.Context(), w.identity("wang"), now.password, to, "a", w.now)
		if err == nil {
			now.password = to
		}
		return err
	}
	for i := range 5 {
		next := account.Secret(fmt.Sprint("birds on the hill ", i))
		if err := change(next); err != nil {
			t.Fatal(err)
		}
		past = append(past, next)
	}
	for i, p := range past[1:] {
		var weak *account.WeakPasswordError
		if err := change(p); !errors.As(err, &weak) {
			t.Errorf("password %d of the last five came back: %v", i, err)
		}
	}
	if err := change(past[0]); err != nil {
		t.Errorf("the sixth: %v", err)
	}
}

func TestRaisedCostRehashes(t *testing.T) {
	w := newWorld(t, cheap())
	w.person("wang", "P-100", accounttest.Clerk)
	p := cheap()
	p.Cost.Passes = 3
	w.use(p)
	_, _, err := w.signIn("wang", "wrong", "", "a")
	refused(t, err)
	u, _ := w.store.UserByName(t.Context(), "wang")
	if account.PasswordCost(u).Passes != 1 {
		t.Error("a failure made a new hash")
	}
	w.identity("wang")
	if u, err = w.store.UserByName(t.Context(), "wang"); err != nil || account.PasswordCost(u) != p.Cost {
		t.Errorf("%+v %v", account.PasswordCost(u), err)
	}
	w.identity("wang")
}

// BenchmarkSignIn compares what a wrong password and a name nobody has cost.
func BenchmarkSignIn(b *testing.B) {
	p := account.DefaultPolicy()
	p.Account.Failures, p.Address.Failures = 1<<30, 1<<30
	w := newWorld(b, p)
	w.person("wang", "P-100", accounttest.Clerk)
	for _, c := range []struct{ name, user string }{{"wrong-password", "wang"}, {"unknown-name", "nobody"}} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				w.pass(time.Hour)
				if _, _, err := w.signIn(c.user, "wrong", "", ""); err == nil {
					b.Fatal("signed in")
				}
			}
		})
	}
}
