package account_test

import (
	"context"
	"testing"

	"github.com/hedui/hedui/engine/account"
	"github.com/hedui/hedui/engine/account/accounttest"
)

// between is a store to which something else happens just before the next commit.
type between struct {
	account.Store
	do func()
}

func (b *between) Commit(ctx context.Context, c account.Change) error {
	if do := b.do; do != nil {
		b.do = nil
		do()
	}
	return b.Store.Commit(ctx, c)
}

// TestSomebodyElseWasFaster registers something between the look at all accounts and
// the commit that relies on it.
func TestSomebodyElseWasFaster(t *testing.T) {
	first := account.NewUser{
		Name: "first", Person: "P-001", Display: "first", Roles: []account.Role{accounttest.Security}, Division: "340000",
	}
	b := &between{Store: accounttest.NewMemory()}
	a, err := account.New(account.Options{Store: b, Rules: accounttest.Rules{}, Policy: cheap()})
	if err != nil {
		t.Fatal(err)
	}
	b.do = func() {
		other := first
		other.Name = "faster"
		if _, _, _, err := a.Bootstrap(t.Context(), other, morning); err != nil {
			t.Error(err)
		}
	}
	_, secret, _, err := a.Bootstrap(t.Context(), first, morning)
	is(t, err, account.ErrNotEmpty)
	if secret != "" {
		t.Error("two first accounts")
	}

	w := newWorld(t, cheap())
	b = &between{Store: w.store}
	w.store = b
	w.use(cheap())
	one := account.NewUser{Name: "one", Person: "P-100", Display: "x", Roles: []account.Role{accounttest.Audit}, Division: "340000"}
	b.do = func() {
		two := one
		two.Name, two.Roles = "two", []account.Role{accounttest.Caseworker}
		if _, _, _, err := w.a.Create(t.Context(), w.admin, two, w.now); err != nil {
			t.Error(err)
		}
	}
	if _, _, _, err := w.a.Create(t.Context(), w.admin, one, w.now); err == nil {
		t.Error("one person audits and works on cases")
	}

	// An account that is disabled while a token is made for it gets none.
	u := w.person("wang", "P-200", accounttest.Caseworker)
	who := w.identity("wang")
	w.admin = w.identity("root.sec")
	b.do = func() {
		if err := w.edit(u.ID, account.Edit{State: new(account.Disabled)}); err != nil {
			t.Error(err)
		}
	}
	_, _, _, err = w.a.IssueToken(t.Context(), who, account.TokenRequest{
		Label: "x", Operations: []string{"verify"}, Expires: w.now.Add(1),
	}, w.now)
	is(t, err, account.ErrNoSession)

	// Nor does one that is locked while it signs in get a session.
	w.person("zhao", "P-300", accounttest.Clerk)
	w.admin = w.identity("root.sec")
	lock := func() {
		if err := w.edit(w.people["zhao"].user.ID, account.Edit{State: new(account.Locked)}); err != nil {
			t.Error(err)
		}
	}
	b.do = func() { b.do = lock } // the first commit counts the try
	_, e, err := w.signIn("zhao", w.people["zhao"].password, "", "a")
	refused(t, err)
	if e.Reason != "locked" {
		t.Errorf("%+v", e)
	}
}
