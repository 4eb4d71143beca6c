package authorization

import (
	"slices"
	"time"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
)

// Code is why a query is refused, as verdicts carry it; "" when it is not.
type Code string

// The codes, in the order in which they are found. The first that applies is given.
const (
	// CodeMissing: the query names no authorisation.
	CodeMissing Code = "authorization_missing"
	// CodeUnknown: no authorisation of that number is registered.
	CodeUnknown Code = "authorization_unknown"
	// CodeHousehold: it is another household's.
	CodeHousehold Code = "authorization_household"
	// CodeWithdrawn: it had been withdrawn at the time of access.
	CodeWithdrawn Code = "authorization_withdrawn"
	// CodeExpired: the date of the check or the day of access is not in From..To.
	CodeExpired Code = "authorization_expired"
	// CodePurpose: it was not given for the scheme.
	CodePurpose Code = "authorization_purpose"
	// CodeDataClass: more data classes are asked for than it allows.
	CodeDataClass Code = "authorization_data_class"
	// CodeMembers: somebody is not on it or has left, or nobody is asked about.
	CodeMembers Code = "authorization_members"
	// CodeIncomplete: somebody is not signed for, such as a child who has turned 18 since.
	CodeIncomplete Code = "authorization_incomplete"
	// CodeDivision: the claim is of another division than the one it is registered in.
	CodeDivision Code = "authorization_division"
)

// Codes are the codes in their order.
func Codes() []Code {
	return []Code{
		CodeMissing, CodeUnknown, CodeHousehold, CodeWithdrawn, CodeExpired, CodePurpose, CodeDataClass,
		CodeMembers, CodeIncomplete, CodeDivision,
	}
}

// Query is what somebody wants to look at.
type Query struct {
	// Number is that of the authorisation the query claims.
	Number    string
	Household string
	// Members are those who would be looked up, by their normalised documents.
	Members []household.PersonKey
	// Purpose is the scheme that is checked.
	Purpose string
	// Classes are the data classes wanted, when ClassesGiven; otherwise all.
	Classes      Classes
	ClassesGiven bool
	// On is the date of the check, At the time of access.
	On household.Date
	At time.Time
	// Division is the one the request says.
	Division string
}

// AllClasses are the data classes of every source that households are checked against.
func AllClasses() Classes { return Classes(access.AllClasses()) }

// Judge holds a query against the registered authorisation of its number, nil when there
// is none. It returns "" and the data classes that may be read, or why not and none.
func Judge(a *Authorization, q Query) (Code, Classes) {
	if code := judge(a, &q); code != "" {
		return code, Classes{}
	}
	return "", q.wanted()
}

func judge(a *Authorization, q *Query) Code {
	switch {
	case q.Number == "":
		return CodeMissing
	case a == nil || a.Number != q.Number:
		return CodeUnknown
	case a.Household != q.Household:
		return CodeHousehold
	case a.Withdrawn != nil && !q.At.Before(a.Withdrawn.At):
		return CodeWithdrawn
	}
	day := Day(q.At)
	switch {
	case !a.covers(q.On) || !a.covers(day):
		return CodeExpired
	case !slices.Contains(a.Purposes, q.Purpose):
		return CodePurpose
	case !a.Classes.contain(q.wanted()):
		return CodeDataClass
	}
	if code := a.members(q, day); code != "" {
		return code
	}
	if !sameDivision(q.Division, a.Division) {
		return CodeDivision
	}
	return ""
}

// covers reports whether the day lies in From..To. An authorisation without either end
// covers nothing.
func (a *Authorization) covers(day household.Date) bool {
	return day != 0 && a.From != 0 && a.To != 0 && a.From <= day && day <= a.To
}

// wanted is what is asked for.
func (q *Query) wanted() Classes {
	if q.ClassesGiven {
		return q.Classes
	}
	return AllClasses()
}

func (c Classes) contain(wanted Classes) bool {
	for i := range wanted {
		if wanted[i] && !c[i] {
			return false
		}
	}
	return true
}

// members judges everybody who would be looked up: first whether they are on it, then
// whether they are signed for.
func (a *Authorization) members(q *Query, day household.Date) Code {
	if len(q.Members) == 0 {
		return CodeMembers
	}
	registered := make([]household.PersonKey, len(a.Members))
	for i := range a.Members {
		registered[i] = a.Members[i].document().Key
	}
	complete := true
	for _, key := range q.Members {
		i := slices.Index(registered, key)
		if i < 0 || !key.Linked() || a.Members[i].leftBy(q.On) || a.Members[i].leftBy(day) {
			return CodeMembers
		}
		complete = complete && a.Members[i].signedFor(q.On, day)
	}
	if !complete {
		return CodeIncomplete
	}
	return ""
}

// Covers reports whether one person may be looked up under an authorisation that Judge
// has allowed: whether they are on it, have not left and are signed for. It is for those
// who owe support, who are left out when they are not covered and refuse nothing.
func (a *Authorization) Covers(key household.PersonKey, on household.Date, at time.Time) bool {
	return a.members(&Query{Members: []household.PersonKey{key}, On: on}, Day(at)) == ""
}

func (m *Member) leftBy(day household.Date) bool { return m.Left != 0 && m.Left <= day }

// signedFor reports whether the person signed or, when they could not, a guardian did.
// Whoever is an adult on the date of the check or on the day of access signs.
func (m *Member) signedFor(on, day household.Date) bool {
	if !m.Incapable && adult(m.born(), max(on, day)) {
		return m.Signature.given(day)
	}
	return m.Guardian != nil && m.Guardian.Signature.given(day)
}

// sameDivision reports whether the claim's division and the registered one are one
// place, written more or less finely: one lies in the other. A claim that is vaguer than
// a county says nothing.
func sameDivision(claim, registered string) bool {
	return access.Within(claim, registered) ||
		len(access.Significant(claim)) >= countyDigits && access.Within(registered, claim)
}

// countyDigits is the length of a county's code.
const countyDigits = 6

// ClaimOf is what a request claims: the query to hold against what is registered. scheme
// is the one that is checked, which may not be the request's own. Members are those who
// are counted; those who owe support are asked about by Covers, one by one.
func ClaimOf(r *household.Request, scheme string, on household.Date, at time.Time) Query {
	q := Query{Household: r.HouseholdID, Purpose: scheme, On: on, At: at, Division: r.Region}
	if c := r.Authorization; c != nil {
		q.Number, q.ClassesGiven, q.Classes = c.Number, c.ClassesGiven, Classes(c.Classes)
	}
	for i := range r.Members {
		if m := &r.Members[i]; m.Excluded == 0 {
			q.Members = append(q.Members, keyOf(m.IDType, m.IDNumber))
		}
	}
	return q
}

func keyOf(t household.DocumentType, number household.IDNumber) household.PersonKey {
	return match.ParseDocument(t, []byte(number.Reveal())).Key
}

func birthOf(t household.DocumentType, number household.IDNumber) household.Date {
	return match.ParseDocument(t, []byte(number.Reveal())).Birth
}
