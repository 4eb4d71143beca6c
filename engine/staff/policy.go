package staff

import (
	"errors"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/account"
)

// Rules are what the policy says of roles.
type Rules struct{}

var _ account.RoleRules = Rules{}

// The errors of Check.
var (
	ErrUnknownRole = errors.New("roles: there is no such role")
	ErrTogether    = errors.New("roles: one person must not hold these together: an administrator holds no other, and a machine neither")
)

// Check refuses a role nobody knows and roles that one person must not hold together.
func (Rules) Check(roles []account.Role) error {
	set, ok := rolesOf(roles)
	switch {
	case !ok:
		return ErrUnknownRole
	case !set.Compatible():
		return ErrTogether
	}
	return nil
}

// TwoFactors reports whether who holds these roles signs in with two factors: everybody
// but who sees statistics or metrics only.
func (Rules) TwoFactors(roles []account.Role) bool {
	set, _ := rolesOf(roles)
	return set&^access.RolesOf(access.Leader, access.Metrics, access.Centre) != 0
}

// Administers reports whether these roles look after accounts.
func (Rules) Administers(roles []account.Role) bool {
	set, _ := rolesOf(roles)
	return set.Has(access.SecurityAdmin)
}

// Machine reports whether an account with these roles is a program's.
func (Rules) Machine(roles []account.Role) bool {
	set, _ := rolesOf(roles)
	return set != 0 && set&^access.Machines == 0
}

// Within reports whether a division is the other or lies in it.
func (Rules) Within(division, of string) bool { return access.Within(division, of) }

// rolesOf is the set of roles that the policy knows, and whether it knows them all.
func rolesOf(names []account.Role) (set access.Roles, all bool) {
	all = true
	for _, n := range names {
		r, ok := access.ParseRole(string(n))
		all = all && ok
		set |= access.RolesOf(r)
	}
	return set, all
}

// Subject is who an identity is to the policy. Somebody who still has to set a password
// or a second factor has no role yet.
func Subject(i *account.Identity) access.Subject {
	s := access.Subject{
		Account: i.Name, Person: i.Person, Division: i.Division, Purposes: i.Purposes, Classes: access.AllClasses(),
		Certificate: i.Certificate != "",
	}
	s.Roles, _ = rolesOf(i.Roles)
	if s.Roles&access.Machines != 0 {
		s.Person = ""
	}
	if i.Setup {
		s.Scopes = []access.Operation{access.SignOut, access.Me, access.PasswordChange, access.FactorEnrol}
	}
	if i.Operations != nil {
		s.Scopes = []access.Operation{} // none, when the policy knows none of them
		for _, name := range i.Operations {
			if op, ok := access.ParseOperation(name); ok {
				s.Scopes = append(s.Scopes, op)
			}
		}
	}
	return s
}
