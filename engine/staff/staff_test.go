package staff_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/account"
	"github.com/hedui/hedui/engine/account/accounttest"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/ledger/ledgertest"
	"github.com/hedui/hedui/engine/staff"
)

// The ledger is a store of accounts, in memory and on the disk.
func TestStore(t *testing.T) {
	t.Run("in memory", func(t *testing.T) {
		accounttest.Run(t, func(*testing.T) account.Store { return staff.NewStore(new(ledgertest.Memory)) })
	})
	t.Run("on the disk", func(t *testing.T) {
		accounttest.Run(t, func(t *testing.T) account.Store {
			l, err := ledger.Open(t.TempDir(), ledger.Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := l.Close(); err != nil {
					t.Error(err)
				}
			})
			return staff.NewStore(l)
		})
	})
}

func TestRules(t *testing.T) {
	tests := []struct {
		roles                   []account.Role
		err                     error
		twoFactors, administers bool
	}{
		{[]account.Role{"verifier"}, nil, true, false},
		{[]account.Role{"verifier", "leader"}, nil, true, false},
		{[]account.Role{"leader"}, nil, false, false},
		{[]account.Role{"centre"}, nil, false, false},
		{[]account.Role{"security_admin"}, nil, true, true},
		{[]account.Role{"system_admin", "security_admin"}, staff.ErrTogether, true, true},
		{[]account.Role{"auditor", "reviewer"}, staff.ErrTogether, true, false},
		{[]account.Role{"centre", "verifier"}, staff.ErrTogether, true, false},
		{[]account.Role{"root"}, staff.ErrUnknownRole, false, false},
		{nil, staff.ErrTogether, false, false},
	}
	for _, tt := range tests {
		r := staff.Rules{}
		if err := r.Check(tt.roles); err != tt.err { //nolint:errorlint // the very error
			t.Errorf("%v: %v, want %v", tt.roles, err, tt.err)
		}
		if r.TwoFactors(tt.roles) != tt.twoFactors || r.Administers(tt.roles) != tt.administers {
			t.Errorf("%v: two factors %v, administers %v", tt.roles, r.TwoFactors(tt.roles), r.Administers(tt.roles))
		}
	}
}

// Whoever may do what follows from the identity: a token does what it is for and no more,
// and whoever is still being set up does next to nothing.
func TestSubject(t *testing.T) {
	i := account.Identity{User: "u1", Name: "wang", Person: "P1", Roles: []account.Role{"verifier", "unknown"}, Division: "340104", Purposes: []string{"dibao"}}
	s := staff.Subject(&i)
	if diff := cmp.Diff(access.Subject{
		Account: "wang", Person: "P1", Roles: access.RolesOf(access.Verifier), Division: "340104", Purposes: []string{"dibao"}, Classes: access.AllClasses(),
	}, s); diff != "" {
		t.Error(diff)
	}
	may := func(i account.Identity, op access.Operation) bool {
		return access.Decide(staff.Subject(&i), op, access.Object{Division: "340104", Purpose: "dibao"}).Allow
	}
	if !may(i, access.Check) {
		t.Error("a verifier may not check")
	}
	setup := i
	setup.Setup = true
	if may(setup, access.Check) || !may(setup, access.PasswordChange) {
		t.Error("who is being set up checks, or can't set a password")
	}
	token := i
	token.Token, token.Operations = "t1", []string{"verdict.read", "no.such"}
	if may(token, access.Check) || !may(token, access.VerdictRead) {
		t.Error("a token does what it is not for, or not what it is for")
	}
	token.Operations = []string{"no.such"}
	if may(token, access.VerdictRead) {
		t.Error("a token for nothing that is known does something")
	}
	machine := i
	machine.Roles = []account.Role{"centre"}
	if staff.Subject(&machine).Person != "" {
		t.Error("a machine is a person")
	}
}
