package authorization

import (
	"time"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
)

// Classes are data classes, by source.
type Classes [household.NumSources]bool

// Authorization is a registered authorisation.
type Authorization struct {
	Number    string
	Household string
	// Division is where it was registered. Who may see it follows from this, not from
	// what a request says.
	Division string
	Members  []Member
	// Purposes are the schemes it may be used for.
	Purposes []string
	Classes  Classes
	// From and To are its first and its last day.
	From, To household.Date
	// ScanDigest is the SM3 of the scanned paper, 64 hexadecimal digits.
	ScanDigest string

	RegisteredBy string // account
	RegisteredAt time.Time
	Withdrawn    *Withdrawal // nil while it stands
	// Version counts changes, from 1.
	Version int64
}

// Member is somebody the authorisation covers: of the household, or one who owes it
// support.
type Member struct {
	DocumentType household.DocumentType // 0 is a resident identity card
	Document     household.IDNumber
	Name         household.Name
	// Born is needed when the document doesn't tell.
	Born     household.Date
	Relation uint8 // household.Relations
	// Incapable says that the person has no capacity for civil acts (无民事行为能力), so
	// that a guardian signs at any age.
	Incapable bool
	Signature Signature // the person's own
	Guardian  *Guardian // of a minor or a person without capacity
	// Left is the first day on which the person is no longer covered; 0 while they are.
	Left    household.Date
	LeftWhy string // divorced, moved, died, …
}

// Guardian signs for somebody else.
type Guardian struct {
	DocumentType household.DocumentType
	Document     household.IDNumber
	Name         household.Name
	Signature    Signature
}

// Signature refers to a signature on the paper. The zero value is none.
type Signature struct {
	Ref string // page and place, or the number of an electronic signature
	On  household.Date
}

// Withdrawal is the end of an authorisation by those who gave it.
type Withdrawal struct {
	At         time.Time
	By, Reason string
}

// given reports whether somebody has signed by the day.
func (s Signature) given(day household.Date) bool { return s.Ref != "" && s.On != 0 && s.On <= day }

// document is the member's document after normalisation.
func (m *Member) document() match.Document {
	return match.ParseDocument(m.DocumentType, []byte(m.Document.Reveal()))
}

// born is the member's birth date: what the document tells, else what was registered.
func (m *Member) born() household.Date {
	if d := m.document(); d.Birth != 0 {
		return d.Birth
	}
	return m.Born
}

// Adult reports whether the member is 18 on the day and signs for themselves, if they have
// capacity. Whose age nobody knows is an adult.
func (m *Member) Adult(day household.Date) bool { return adult(m.born(), day) }

// adultAge is the age from which a person signs for themselves.
const adultAge = 18

// adult reports whether somebody is 18 on the day. Whose age nobody knows is an adult.
func adult(born, day household.Date) bool { return born == 0 || born.Age(day) >= adultAge }

// Day is the civil day of an instant in China.
func Day(t time.Time) household.Date {
	// China has kept UTC+8 without summer time since 1992, long before the first
	// authorisation here. A fixed zone needs no time zone files.
	y, m, d := t.UTC().Add(8 * time.Hour).Date()
	day, _ := household.NewDate(y, int(m), d)
	return day
}
