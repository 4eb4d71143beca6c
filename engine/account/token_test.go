package account_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/hedui/hedui/engine/account"
	"github.com/hedui/hedui/engine/account/accounttest"
	"github.com/hedui/hedui/engine/household"
)

func (w *world) token(name string, r account.TokenRequest) (account.Secret, account.Token, error) {
	w.t.Helper()
	text, tok, _, err := w.a.IssueToken(w.t.Context(), w.identity(name), r, w.now)
	return text, tok, err
}

func (w *world) bearer(s account.Secret) (account.Identity, account.Event, error) {
	return w.a.ResolveToken(w.t.Context(), s, "10.0.0.1", w.now)
}

func TestTokens(t *testing.T) {
	w := newWorld(t, cheap())
	u := w.person("wang", "P-100", accounttest.Caseworker)
	text, tok, err := w.token("wang", account.TokenRequest{
		Label: "export", Operations: []string{"verify"}, Division: "340104", Purposes: []string{"dibao"}, Expires: w.now.Add(24 * time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}
	if !account.IsToken(text) || !strings.HasPrefix(text.Reveal(), "hdt_") || len(text.Reveal()) != 47 {
		t.Errorf("%d bytes", len(text))
	}
	who, e, err := w.bearer(text)
	w.must(e, err)
	want := account.Identity{
		User: u.ID, Name: "wang", Person: "P-100", Display: "wang", Roles: []account.Role{accounttest.Caseworker},
		Division: "340104", Purposes: []string{"dibao"}, Token: tok.ID, Operations: []string{"verify"},
	}
	if d := cmp.Diff(want, who, cmpopts.IgnoreUnexported(account.Identity{})); d != "" {
		t.Error(d)
	}
	list, err := w.a.Tokens(t.Context(), u.ID)
	if err != nil || len(list) != 1 || list[0].LastUsed != household.Date(20261102) {
		t.Fatalf("%+v %v", list, err)
	}
	b, err := json.Marshal(list)
	if err != nil || strings.Contains(string(b)+fmt.Sprintf("%+v", list), text.Reveal()[4:]) {
		t.Errorf("the list shows the token: %s", b)
	}
	// A token makes no tokens and changes no password.
	_, _, _, err = w.a.IssueToken(t.Context(), who, account.TokenRequest{Label: "x", Operations: []string{"o"}, Expires: w.now.Add(1)}, w.now)
	is(t, err, account.ErrNotAllowed)
	_, err = w.a.ChangePassword(t.Context(), who, w.people["wang"].password, "a long enough phrase", "a", w.now)
	is(t, err, account.ErrNotAllowed)
	// Somebody else does not revoke it; its owner does, at once.
	w.person("zhao", "P-101", accounttest.Caseworker)
	_, err = w.a.RevokeToken(t.Context(), w.identity("zhao"), u.ID, tok.ID, w.now)
	is(t, err, account.ErrNotAllowed)
	if e, err = w.a.RevokeToken(t.Context(), w.identity("wang"), u.ID, tok.ID, w.now); err != nil || e.Kind != account.TokenRevoked {
		t.Fatalf("%+v %v", e, err)
	}
	_, e, err = w.bearer(text)
	is(t, err, account.ErrNoSession)
	if e.Reason != "revoked" {
		t.Errorf("%+v", e)
	}
}

func TestTokenRequests(t *testing.T) {
	w := newWorld(t, cheap())
	w.person("wang", "P-100", accounttest.Caseworker)
	good := account.TokenRequest{Label: "export", Operations: []string{"verify"}, Expires: w.now.Add(24 * time.Hour)}
	for name, spoil := range map[string]func(*account.TokenRequest){
		"no label":          func(r *account.TokenRequest) { r.Label = "" },
		"no operation":      func(r *account.TokenRequest) { r.Operations = nil },
		"an empty one":      func(r *account.TokenRequest) { r.Operations = []string{""} },
		"no expiry":         func(r *account.TokenRequest) { r.Expires = time.Time{} },
		"expired":           func(r *account.TokenRequest) { r.Expires = w.now.Add(-1) },
		"too long":          func(r *account.TokenRequest) { r.Expires = w.now.Add(368 * 24 * time.Hour) },
		"another division":  func(r *account.TokenRequest) { r.Division = "340200" },
		"a wider division":  func(r *account.TokenRequest) { r.Division = "340000" },
		"another's purpose": func(r *account.TokenRequest) { r.Purposes = []string{"dibao", "lending"} },
	} {
		r := good
		spoil(&r)
		if text, _, err := w.token("wang", r); err == nil || text != "" {
			t.Errorf("%s: issued", name)
		}
	}
	if _, _, err := w.token("wang", good); err != nil {
		t.Error(err)
	}
}

func TestTokensEnd(t *testing.T) {
	w := newWorld(t, cheap())
	for name, c := range map[string]struct {
		do     func(id string)
		reason string
	}{
		"expired": {func(string) { w.pass(25 * time.Hour) }, "expired"},
		"disabled": {func(id string) {
			w.admin = w.identity("root.sec")
			if err := w.edit(id, account.Edit{State: new(account.Disabled)}); err != nil {
				t.Fatal(err)
			}
			if err := w.edit(id, account.Edit{State: new(account.Active)}); err != nil {
				t.Fatal(err)
			}
		}, "revoked"},
		"locked": {func(id string) {
			w.admin = w.identity("root.sec")
			if err := w.edit(id, account.Edit{State: new(account.Locked)}); err != nil {
				t.Fatal(err)
			}
		}, "locked"},
		"roles": {func(id string) {
			w.admin = w.identity("root.sec")
			if err := w.edit(id, account.Edit{Roles: &[]account.Role{accounttest.Reviewer}}); err != nil {
				t.Fatal(err)
			}
		}, "revoked"},
	} {
		w.admin = w.identity("root.sec")
		u := w.person("u-"+name, "P-"+name, accounttest.Caseworker)
		text, _, err := w.token(u.Name, account.TokenRequest{Label: "x", Operations: []string{"verify"}, Expires: w.now.Add(24 * time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		if _, e, err := w.bearer(text); err != nil {
			t.Fatalf("%+v", e)
		}
		c.do(u.ID)
		if _, e, err := w.bearer(text); err == nil || e.Reason != c.reason {
			t.Errorf("%s: %+v %v", name, e, err)
		}
	}
}
