package access

import "strings"

// Role is what somebody does at the centre.
type Role uint8

// The roles. The first six are of people who do the centre's work, the next three
// administer it and see no case, the last two are machines.
const (
	Intake        Role = iota + 1 // 受理: takes applications and authorisations
	Verifier                      // 核对: checks households and proposes
	Reviewer                      // 复核: goes through the evidence
	Approver                      // 审批: puts the second name to it
	Leader                        // 领导: sees statistics
	DataSteward                   // 数据接入: takes in what departments deliver
	SystemAdmin                   // 系统管理: keeps it running
	SecurityAdmin                 // 安全管理: accounts and keys
	Auditor                       // 审计: reads the audit log
	Centre                        // 市县中心: a centre's machine that sends batches
	Metrics                       // 监控: reads metrics

	numRoles
)

// RoleText is how a role is written in files, its name, and in English what it is for.
type RoleText struct{ Name, Zh, En string }

// roleTexts is in the order of the constants.
var roleTexts = [numRoles]RoleText{
	{},
	{"intake", "受理", "takes applications and authorisations"},
	{"verifier", "核对", "checks households and proposes"},
	{"reviewer", "复核", "goes through the evidence and decides"},
	{"approver", "审批", "puts the second name to it"},
	{"leader", "领导", "sees statistics"},
	{"data_steward", "数据接入", "takes in what departments deliver"},
	{"system_admin", "系统管理", "keeps it running"},
	{"security_admin", "安全管理", "accounts and keys"},
	{"auditor", "审计", "reads the audit log"},
	{"centre", "市县中心", "a city's or county's machine that sends checks and batches"},
	{"metrics", "监控", "a machine that reads metrics"},
}

// AllRoles are the roles in their order.
func AllRoles() []Role {
	out := make([]Role, 0, numRoles-1)
	for r := Intake; r < numRoles; r++ {
		out = append(out, r)
	}
	return out
}

// Text is how the role is written.
func (r Role) Text() RoleText {
	if r < numRoles {
		return roleTexts[r]
	}
	return RoleText{}
}

// String is the role's name in files.
func (r Role) String() string { return r.Text().Name }

// ParseRole returns the role of a name.
func ParseRole(name string) (Role, bool) {
	for r := Intake; r < numRoles; r++ {
		if roleTexts[r].Name == name {
			return r, true
		}
	}
	return 0, false
}

// Roles is a set of roles.
type Roles uint16

// Sets of roles that the policy and its rules speak of.
const (
	// Workers are people who do the centre's work. They may be combined.
	Workers = Roles(1<<Intake | 1<<Verifier | 1<<Reviewer | 1<<Approver | 1<<Leader | 1<<DataSteward)
	// Administrators exclude one another and everybody else, and never see case data.
	Administrators = Roles(1<<SystemAdmin | 1<<SecurityAdmin | 1<<Auditor)
	// Machines act for no person; such an account has no other role.
	Machines = Roles(1<<Centre | 1<<Metrics)
	// Anybody is every role.
	Anybody = Workers | Administrators | Machines
)

// RolesOf is the set of the given roles.
func RolesOf(list ...Role) Roles {
	var s Roles
	for _, r := range list {
		if r > 0 && r < numRoles {
			s |= 1 << r
		}
	}
	return s
}

// Has reports whether the role is in the set.
func (s Roles) Has(r Role) bool { return r > 0 && r < numRoles && s&(1<<r) != 0 }

// List is the set's roles in their order.
func (s Roles) List() []Role {
	var out []Role
	for r := Intake; r < numRoles; r++ {
		if s.Has(r) {
			out = append(out, r)
		}
	}
	return out
}

// String is the names of the set's roles, separated by commas.
func (s Roles) String() string {
	var names []string
	for _, r := range s.List() {
		names = append(names, r.String())
	}
	return strings.Join(names, ",")
}

// Compatible reports whether one account, and so one person, may hold all of these
// roles: some of the workers', or one administrator's, or one machine's.
func (s Roles) Compatible() bool {
	if s == 0 || s&^Anybody != 0 {
		return false
	}
	one := s&(s-1) == 0
	return one || s&^Workers == 0
}
