package account_test

import (
	"strings"
	"testing"
	"time"

	"github.com/hedui/hedui/engine/account"
	"github.com/hedui/hedui/engine/account/accounttest"
)

// A token says which certificate it is bound to to whoever resolves it.
func TestTokenOfACertificate(t *testing.T) {
	w := newWorld(t, cheap())
	w.person("wang", "P-100", accounttest.Caseworker)
	ask := account.TokenRequest{Label: "node", Operations: []string{"verify"}, Expires: w.now.Add(time.Hour)}
	for _, bad := range []string{"x", strings.Repeat("A", 64), strings.Repeat("a", 63), strings.Repeat("a", 65), strings.Repeat("g", 64)} {
		ask.Certificate = bad
		_, _, err := w.token("wang", ask)
		is(t, err, account.ErrInvalid)
	}
	for _, certificate := range []string{"", strings.Repeat("0a", 32)} {
		ask.Certificate = certificate
		text, tok, err := w.token("wang", ask)
		if err != nil || tok.Certificate != certificate {
			t.Fatal(err, tok.Certificate)
		}
		who, e, err := w.bearer(text)
		w.must(e, err)
		if who.Certificate != certificate {
			t.Errorf("bound to %q, want %q", who.Certificate, certificate)
		}
	}
}
