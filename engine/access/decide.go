package access

import (
	"slices"
	"time"

	"github.com/hedui/hedui/engine/household"
)

// Classes are data classes, by source.
type Classes [household.NumSources]bool

// AllClasses are the classes of every source that households are checked against.
func AllClasses() Classes {
	var c Classes
	for s := household.Tax; s < household.NumChecked; s++ {
		c[s] = true
	}
	return c
}

// Subject is who wants something. The zero value is somebody who has not signed in.
type Subject struct {
	// Account is the name of the account; "" for nobody.
	Account string
	// Person is the person behind the account. Two accounts of one person are one
	// person. A machine has none.
	Person string
	Roles  Roles
	// Division is the account's own: it reaches that and everything below it.
	Division string
	// Purposes are the schemes the account works on. There is no word for all of them.
	Purposes []string
	// Classes are the data classes the account may see.
	Classes Classes
	// Scopes are the operations an API token was issued for; nil for a person who has
	// signed in, who may do everything the roles may.
	Scopes []Operation
	// Certificate says that it shows the certificate that its token is bound to.
	Certificate bool
}

// Object is what it is wanted of. Fields that an operation doesn't look at may be left
// out; what it looks at and does not find, it refuses.
type Object struct {
	// Division is that of the registered authorisation, or of whatever has one.
	Division string
	// Purpose is the scheme.
	Purpose string
	// Classes are the data classes wanted; none means whatever the subject may see.
	Classes Classes
	// Field is the one field to be shown in full by Unmask.
	Field Field
	// Owner is the account that made it, of batches, tokens and sessions.
	Owner string
	// Assignee is the person to whom the case is assigned.
	Assignee string
	// Persons are those whose names stand on the act already: who proposed, who began.
	Persons []string
	// Adverse says that the verdict is to the household's disadvantage, Overridden that
	// a person decides otherwise than the engine.
	Adverse, Overridden bool
}

// Limit is how often one person may do something.
type Limit struct {
	Count int
	Per   time.Duration
}

// Reason says why something is denied, as a stable code; "" when it is allowed.
type Reason string

// The reasons, in the order in which they are found. The first that applies is given.
const (
	ReasonUnknown       Reason = "operation_unknown"  // not in the table
	ReasonSignIn        Reason = "sign_in_required"   // nobody has signed in
	ReasonRolesConflict Reason = "roles_conflict"     // roles that nobody may hold together
	ReasonNoPerson      Reason = "person_required"    // an account of a person without one
	ReasonScope         Reason = "scope_denied"       // a token that was issued for other operations
	ReasonRole          Reason = "role_denied"        // none of the roles may
	ReasonCertificate   Reason = "certificate"        // it does not show the certificate of its token
	ReasonOutside       Reason = "not_found"          // outside what the subject may know of; see Hide
	ReasonClass         Reason = "data_class_denied"  // a data class the subject may not see
	ReasonSamePerson    Reason = "same_person"        // needs a person other than those who began it
	ReasonSecondRole    Reason = "second_role_denied" // may begin it but not be the second
)

// Decision is the answer of the policy.
type Decision struct {
	Allow  bool
	Reason Reason
	// Hide says to answer as if the object did not exist. It is set whenever the answer
	// depends on the object's place, purpose or owner.
	Hide bool
	// NeedSecondPerson says that the subject may begin it but it takes effect only when
	// another person has put their name to it too.
	NeedSecondPerson bool
	// NeedReason says that a text must say why.
	NeedReason bool
	// Masks say how each field is shown.
	Masks Masks
	// Classes are the data classes that may be read for it.
	Classes Classes
	// Limit is how often the person may; a Count of 0 is no limit.
	Limit Limit
}

// May is the part of Decide that depends on no object: "" when the subject may do it of
// some object. A console shows by it what can be done.
func May(s Subject, op Operation) Reason {
	r, ok := op.Rule()
	if !ok {
		return ReasonUnknown
	}
	_, reason := s.may(r)
	return reason
}

// Decide answers from the policy table and nothing else. What is not allowed there is
// denied.
func Decide(s Subject, op Operation, o Object) Decision {
	r, ok := op.Rule()
	if !ok {
		return Decision{Reason: ReasonUnknown}
	}
	roles, reason := s.may(r)
	if reason != "" {
		return Decision{Reason: reason}
	}
	if !s.reaches(r, roles, o) {
		return Decision{Reason: ReasonOutside, Hide: true}
	}
	classes, ok := s.classes(r, o)
	if !ok {
		return Decision{Reason: ReasonClass}
	}
	second := r.FourEyes.applies(o)
	others := second && slices.ContainsFunc(o.Persons, func(p string) bool { return p != "" && p != s.Person })
	switch {
	case others && roles&r.Second == 0:
		return Decision{Reason: ReasonSecondRole}
	case second && !others && slices.Contains(o.Persons, s.Person):
		return Decision{Reason: ReasonSamePerson, NeedSecondPerson: true}
	}
	return Decision{
		Allow:            true,
		NeedSecondPerson: second && !others,
		NeedReason:       r.Reason,
		Masks:            r.Shows.masks(s, roles, o),
		Classes:          classes,
		Limit:            r.Limit,
	}
}

// may returns the subject's roles that the rule names, or why there are none.
func (s *Subject) may(r *Rule) (Roles, Reason) {
	switch {
	case r.Public:
		return s.Roles, ""
	case s.Account == "":
		return 0, ReasonSignIn
	case !s.Roles.Compatible():
		return 0, ReasonRolesConflict
	case s.Person == "" && s.Roles&^Machines != 0:
		return 0, ReasonNoPerson
	case s.Scopes != nil && !slices.Contains(s.Scopes, r.Operation):
		return 0, ReasonScope
	}
	roles := s.Roles & (r.Roles | r.Own)
	switch {
	case roles == 0:
		return 0, ReasonRole
	case r.Certificate && !s.Certificate:
		return 0, ReasonCertificate
	}
	return roles, ""
}

// reaches reports whether the object lies where the subject may look.
func (s *Subject) reaches(r *Rule, roles Roles, o Object) bool {
	if roles != 0 && roles&^r.Own == 0 && (o.Owner == "" || o.Owner != s.Account) {
		return false
	}
	if r.Division && !Within(o.Division, s.Division) {
		return false
	}
	return !r.Purpose || o.Purpose != "" && slices.Contains(s.Purposes, o.Purpose)
}

// classes returns what may be read: what was asked for, or everything the subject may
// see when nothing was said.
func (s *Subject) classes(r *Rule, o Object) (Classes, bool) {
	if !r.Classes {
		return Classes{}, true
	}
	if o.Classes == (Classes{}) {
		return s.Classes, s.Classes != Classes{}
	}
	for i, asked := range o.Classes {
		if asked && !s.Classes[i] {
			return Classes{}, false
		}
	}
	return o.Classes, true
}
