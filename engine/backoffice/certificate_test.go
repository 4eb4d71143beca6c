package backoffice_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/hedui/hedui/engine/account"
	"github.com/hedui/hedui/engine/api"
	"github.com/hedui/hedui/engine/api/wire"
	"github.com/hedui/hedui/engine/backoffice"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/ledger/ledgertest"
	"github.com/hedui/hedui/engine/snapshot"
	"github.com/hedui/hedui/engine/staff"
)

// A token that is bound to a certificate opens nothing with another or without one, and
// the log says why.
func TestTokenAndCertificateBelongTogether(t *testing.T) {
	now := time.Date(2026, 11, 3, 4, 0, 0, 0, time.UTC)
	l, j := &ledgertest.Memory{}, &journal{}
	store := staff.NewStore(l)
	u := account.User{ID: "u-1", Name: "city", State: account.Active, Roles: []account.Role{"centre"}, Division: "3401", Purposes: []string{"dibao"}}
	body, err := account.EncodeUser(u)
	must(t, err)
	e := &ledger.User{ID: u.ID, Name: u.Name}
	e.Body = body
	must(t, l.Commit(t.Context(), ledger.Change{Ops: []ledger.Op{ledger.Put(e)}}))
	own, other := strings.Repeat("0a", 32), strings.Repeat("0b", 32)
	texts := map[string]string{"bound": "hdt_" + strings.Repeat("A", 43), "unbound": "hdt_" + strings.Repeat("B", 42) + "A"}
	for name, text := range texts {
		tok := account.Token{ID: "t-" + name, Hash: account.HashOf(account.Secret(text)), User: u.ID, Label: "x", Operations: []string{"dock.evidence"}, Division: "3401", Purposes: []string{"dibao"}, Created: now, Expires: now.Add(time.Hour)}
		if name == "bound" {
			tok.Certificate = own
		}
		must(t, store.Commit(t.Context(), account.Change{Tokens: []account.Token{tok}}))
	}
	accounts, err := account.New(account.Options{Store: store, Rules: staff.Rules{}, Policy: account.DefaultPolicy()})
	must(t, err)
	snapshots, err := snapshot.OpenDir(t.TempDir())
	must(t, err)
	k, err := backoffice.New(backoffice.Options{Accounts: accounts, Ledger: l, Audit: j, Snapshots: snapshots, Now: func() time.Time { return now }, Location: time.UTC})
	must(t, err)
	for _, tt := range []struct {
		token, certificate string
		opens, shown       bool
	}{
		{"bound", own, true, true},
		{"bound", other, false, false},
		{"bound", "", false, false},
		{"unbound", "", true, false},
		{"unbound", own, true, false}, // whatever is shown, this token does not ask for it
	} {
		j.events = nil
		s, err := k.Authenticate(t.Context(), api.Credential{Token: wire.Secret(texts[tt.token]), Certificate: tt.certificate})
		if tt.opens != (err == nil) || !tt.opens && !errors.Is(err, api.ErrNobody) || s.Certificate != tt.shown {
			t.Errorf("%s with %.2s: %+v, %v", tt.token, tt.certificate, s, err)
		}
		if !tt.opens && (len(j.events) != 1 || j.events[0].Code != "certificate" || j.events[0].Operation != string(account.TokenRefused)) {
			t.Errorf("%s with %.2s: the log has %+v", tt.token, tt.certificate, j.events)
		}
	}
}
