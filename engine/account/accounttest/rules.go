package accounttest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hedui/hedui/engine/account"
)

// Rules are the rules of a few roles, for tests: three administrators who exclude
// each other and everybody else, a caseworker and a reviewer, and a clerk who sees
// no case and signs in with a password alone.
type Rules struct{}

// Roles of Rules.
const (
	Security   account.Role = "security_admin"
	System     account.Role = "system_admin"
	Audit      account.Role = "audit_admin"
	Caseworker account.Role = "caseworker"
	Reviewer   account.Role = "reviewer"
	Clerk      account.Role = "clerk"
)

// Check refuses unknown roles and an administrator's beside another.
func (Rules) Check(roles []account.Role) error {
	for _, r := range roles {
		if !slices.Contains([]account.Role{Security, System, Audit, Caseworker, Reviewer, Clerk}, r) {
			return fmt.Errorf("role %s: unknown", r)
		}
		if strings.HasSuffix(string(r), "_admin") && len(roles) > 1 {
			return fmt.Errorf("role %s: not beside another", r)
		}
	}
	return nil
}

// TwoFactors is true for all but the clerk.
func (Rules) TwoFactors(roles []account.Role) bool {
	return slices.ContainsFunc(roles, func(r account.Role) bool { return r != Clerk })
}

// Administers is true for the security administrator.
func (Rules) Administers(roles []account.Role) bool { return slices.Contains(roles, Security) }

// Within compares division codes by their digits before trailing pairs of zeros.
func (Rules) Within(division, of string) bool {
	for strings.HasSuffix(of, "00") {
		of = of[:len(of)-2]
	}
	return strings.HasPrefix(division, of)
}
