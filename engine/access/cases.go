package access

import (
	"iter"

	"github.com/hedui/hedui/engine/household"
)

// Case is one question of the access matrix.
type Case struct {
	Subject   Subject
	Operation Operation
	Object    Object

	// What the object is to the subject, in words, for messages.
	Where, Whose, Purpose string
}

// The places of objects in Cases. The subject's own division is the county 340104; the
// sibling that begins with the same five digits, and codes filled up with zeros, are
// what a careless comparison takes for its own.
var caseDivisions = [...]struct{ where, code string }{
	{"own", "340104"},
	{"own with zeros", "340104000000"},
	{"child", "340104002"},
	{"grandchild", "340104002007"},
	{"parent", "340100"},
	{"province", "34"},
	{"sibling", "340103"},
	{"other province", "320104"},
	{"missing", ""},
	{"malformed", "3401O4"},
}

// The names that Cases uses.
const (
	caseDivision = "340104"
	caseAccount  = "wang"
	casePerson   = "P1"
	caseOther    = "P2"
	casePurpose  = "dibao"
)

// Cases yields the access matrix: every role, and nobody, with every operation of the
// table and one that isn't there, on objects of every place, owner and purpose; then, at
// home, everything that two persons, classes, tokens and assignments change. The tests of
// whatever enforces the policy walk it; what is expected they must know from elsewhere.
func Cases() iter.Seq[Case] {
	return func(yield func(Case) bool) {
		for _, s := range caseSubjects() {
			for op := Operation(0); op <= numOperations; op++ {
				if !placed(s, op, yield) || !atHome(s, op, yield) {
					return
				}
			}
		}
	}
}

// caseSubjects are nobody, every role alone, and accounts as they must not be.
func caseSubjects() []Subject {
	classes := AllClasses()
	classes[household.Bank] = false
	account := func(roles Roles) Subject {
		s := Subject{
			Account: caseAccount, Person: casePerson, Roles: roles, Division: caseDivision,
			Purposes: []string{casePurpose, "dibao_edge"}, Classes: classes,
		}
		if roles&Machines != 0 {
			s.Person = ""
		}
		return s
	}
	out := []Subject{{}, account(0)}
	for _, r := range AllRoles() {
		out = append(out, account(RolesOf(r)))
	}
	for _, roles := range [...]Roles{
		RolesOf(Verifier, Reviewer), RolesOf(Intake, Verifier, Reviewer, Approver),
		RolesOf(Auditor, Verifier), RolesOf(SystemAdmin, SecurityAdmin), RolesOf(SecurityAdmin, Approver),
		RolesOf(SystemAdmin, Leader), RolesOf(Centre, Verifier), RolesOf(Centre, Metrics), Anybody,
	} {
		out = append(out, account(roles))
	}
	noPerson := account(RolesOf(Reviewer))
	noPerson.Person = ""
	noDivision := account(RolesOf(Verifier))
	noDivision.Division = ""
	noPurpose := account(RolesOf(Approver))
	noPurpose.Purposes = nil
	noClass := account(RolesOf(Verifier))
	noClass.Classes = Classes{}
	return append(out, noPerson, noDivision, noPurpose, noClass)
}

func placed(s Subject, op Operation, yield func(Case) bool) bool {
	for _, d := range caseDivisions {
		for _, whose := range [...]string{"own", "another's", "nobody's"} {
			for _, purpose := range [...]string{casePurpose, "housing", ""} {
				o := Object{Division: d.code, Purpose: purpose, Owner: map[string]string{"own": caseAccount, "another's": "li"}[whose]}
				if !yield(Case{s, op, o, d.where, whose, purpose}) {
					return false
				}
			}
		}
	}
	return true
}

func atHome(s Subject, op Operation, yield func(Case) bool) bool {
	home := Object{Division: caseDivision, Purpose: casePurpose, Owner: caseAccount}
	ask := func(s Subject, o Object, what string) bool { return yield(Case{s, op, o, "own", "own", what}) }
	for _, verdict := range [...]string{"", "adverse", "overridden"} {
		for _, persons := range [...][]string{nil, {casePerson}, {caseOther}, {casePerson, caseOther}, {""}} {
			for _, assignee := range [...]string{"", casePerson, caseOther} {
				o := home
				o.Persons, o.Assignee = persons, assignee
				o.Adverse, o.Overridden = verdict == "adverse", verdict == "overridden"
				if !ask(s, o, "two persons") {
					return false
				}
			}
		}
	}
	for _, classes := range [...][]household.Source{{household.Tax}, {household.Bank}, {household.Tax, household.Bank}, {household.Register}} {
		o := home
		for _, c := range classes {
			o.Classes[c] = true
		}
		if !ask(s, o, "classes") {
			return false
		}
	}
	for f := range NumFields {
		o := home
		o.Field = f
		if !ask(s, o, "field") {
			return false
		}
	}
	shows := s
	shows.Certificate = true
	if !ask(shows, home, "certificate") || !placed(shows, op, yield) {
		return false
	}
	for _, scopes := range [...][]Operation{{}, {op}, {op + 1}} {
		token := s
		token.Scopes = scopes
		if !ask(token, home, "token") {
			return false
		}
	}
	return true
}
