package account_test

import (
	"errors"
	"testing"
	"time"

	"github.com/hedui/hedui/engine/account"
	"github.com/hedui/hedui/engine/account/accounttest"
)

var morning = time.Date(2026, 11, 2, 9, 0, 10, 0, time.UTC)

// cheap is the default policy with hashes that cost nothing.
func cheap() account.Policy {
	p := account.DefaultPolicy()
	p.Cost = account.Cost{KiB: 8, Passes: 1, Lanes: 1}
	return p
}

// world is an installation with its first administrator set up.
type world struct {
	t      testing.TB
	store  account.Store
	a      *account.Accounts
	now    time.Time
	admin  account.Identity
	people map[string]*person
}

// person is somebody with an account and what they know.
type person struct {
	user     account.User
	password account.Secret
	key      account.Secret // of the authenticator application
	recovery []account.Secret
}

func newWorld(t testing.TB, p account.Policy) *world {
	t.Helper()
	w := &world{t: t, store: accounttest.NewMemory(), now: morning, people: map[string]*person{}}
	w.use(p)
	u, secret, e, err := w.a.Bootstrap(t.Context(), account.NewUser{
		Name: "Root.Sec", Person: "P-001", Display: "安全管理员", Roles: []account.Role{accounttest.Security}, Division: "340000",
	}, w.now)
	if err != nil || e.Kind != account.Bootstrapped || e.Account != u.ID {
		t.Fatalf("%v %+v %v", u, e, err)
	}
	w.setUp(u, secret)
	w.admin = w.identity("root.sec")
	return w
}

func (w *world) use(p account.Policy) {
	w.t.Helper()
	a, err := account.New(account.Options{Store: w.store, Rules: accounttest.Rules{}, Policy: p})
	if err != nil {
		w.t.Fatal(err)
	}
	w.a = a
}

// pass lets time go by: each code is good once.
func (w *world) pass(d time.Duration) { w.now = w.now.Add(d) }

// setUp does what somebody does at the first sign-in.
func (w *world) setUp(u account.User, secret account.Secret) {
	w.t.Helper()
	p := &person{user: u, password: account.Secret("spring sleep " + u.Person + " and birds")}
	w.people[u.Name] = p
	ctx := w.t.Context()
	w.must(w.a.ChangePassword(ctx, w.session(u.Name, secret, ""), secret, p.password, "10.0.0.1", w.now))
	if (accounttest.Rules{}).TwoFactors(u.Roles) {
		w.enrol(u.Name)
	}
	w.pass(time.Minute)
}

func (w *world) enrol(name string) {
	w.t.Helper()
	ctx, p := w.t.Context(), w.people[name]
	who := w.session(name, p.password, "")
	enrolment, e, err := w.a.StartSecondFactor(ctx, who, p.password, "", "10.0.0.1", w.now)
	w.must(e, err)
	p.key = enrolment.Key
	p.recovery, e, err = w.a.ConfirmSecondFactor(ctx, who, w.code(name), "10.0.0.1", w.now)
	w.must(e, err)
	w.pass(time.Minute)
}

func (w *world) must(e account.Event, err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("%+v: %v", e, err)
	}
}

func (w *world) code(name string) account.Secret { return account.CodeAt(w.people[name].key, w.now) }

// session signs in with what is given and says who that is.
func (w *world) session(name string, password, code account.Secret) account.Identity {
	w.t.Helper()
	s, e, err := w.a.SignIn(w.t.Context(), account.Credentials{
		Name: name, Password: password, Code: code, Address: "10.0.0.1",
	}, w.now)
	w.must(e, err)
	who, e, err := w.a.ResolveSession(w.t.Context(), s, "10.0.0.1", w.now)
	w.must(e, err)
	return who
}

// identity signs somebody in as they do every day.
func (w *world) identity(name string) account.Identity {
	w.t.Helper()
	w.pass(time.Minute)
	p := w.people[name]
	var code account.Secret
	if p.key != "" {
		code = w.code(name)
	}
	return w.session(name, p.password, code)
}

func (w *world) signIn(name string, password, code account.Secret, address string) (account.Secret, account.Event, error) {
	return w.a.SignIn(w.t.Context(), account.Credentials{Name: name, Password: password, Code: code, Address: address}, w.now)
}

func (w *world) person(name, number string, roles ...account.Role) account.User {
	w.t.Helper()
	u, secret, e, err := w.a.Create(w.t.Context(), w.admin, account.NewUser{
		Name: name, Person: number, Display: name, Roles: roles, Division: "340100", Purposes: []string{"dibao", "housing"},
	}, w.now)
	w.must(e, err)
	w.setUp(u, secret)
	return u
}

func (w *world) edit(id string, e account.Edit) error {
	w.t.Helper()
	_, _, err := w.a.Edit(w.t.Context(), w.admin, id, e, w.now)
	return err
}

func is(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%v, want %v", err, want)
	}
}

// refused checks that the outside is told nothing but the one thing.
func refused(t testing.TB, err error) *account.RefusedError {
	t.Helper()
	var r *account.RefusedError
	if !errors.As(err, &r) {
		t.Fatalf("%v, want a refusal", err)
	}
	if r.Error() != (&account.RefusedError{}).Error() {
		t.Errorf("the refusal tells: %v", err)
	}
	return r
}
