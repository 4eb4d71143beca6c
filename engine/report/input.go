package report

import (
	"time"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/explain"
	"github.com/hedui/hedui/engine/household"
)

// Input is what Build makes a report of. Nothing else goes into it.
type Input struct {
	Verdict   *household.Verdict
	Request   *household.Request // as declared; nil when the line was no request
	Texts     explain.Texts      // nil: codes stand for themselves
	LinkTexts explain.LinkTexts  // nil: codes of links stand for themselves
	Lang      string             // explain.Zh or explain.En
	Masks     access.Masks       // the zero value shows nothing

	Number     string // of the report; "" while it is only looked at
	VerdictID  string
	Centre     string
	IssuedAt   time.Time // in the centre's zone; the zero time when it is not issued
	ValidUntil household.Date
	Recipient  string
	Issuer     string

	Authorizations []Authorization
	Covered        []Covered // for the time line; nil when it is not known
	Route          Route
	History        []Step
	Program        string // name and version of what made it
}

// ValidUntil is the day to which a report that is issued at a time is good, for so many
// days; 0 when it does not say.
func ValidUntil(at time.Time, days int) household.Date {
	if days <= 0 {
		return 0
	}
	y, m, d := at.AddDate(0, 0, days).Date()
	out, _ := household.NewDate(y, int(m), d)
	return out
}

// Authorization is one authorisation that the check rested on.
type Authorization struct {
	Number   string
	From, To household.Date
	Purposes []string // schemes
	Classes  []string // sources; nil means all
}

// Covered says which months somebody delivered data of a source for.
type Covered struct {
	Source household.Source
	Months []household.Months
}

// Route is where, and within how many days, a household may object.
type Route struct {
	Where string
	Days  int
}

// Step is one step of the review.
type Step struct {
	At               time.Time
	By, What, Reason string
}
