package identity

import (
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
	"github.com/hedui/hedui/engine/match/documents"
	"github.com/hedui/hedui/engine/match/names"
)

// Registration is what the population register says of the declared document.
type Registration uint8

// The registrations. Unique means exactly one person, whose present or former name
// agrees to N2 and whose birth date and sex do not contradict.
const (
	Unregistered Registration = iota // there is no register
	NotInRegister
	RegisteredOnce
	RegisteredToOther // somebody else, or several people
)

// Subject is a declared person, prepared once for many rows.
type Subject struct {
	Document match.Document
	Number   string // normalised; 18 characters for a resident
	Country  string // that issued the document, in the caller's code; "" is unknown
	Name     names.Name
	Birth    household.Date // 0 takes the one of the number
	Sex      uint8          // 0 takes the one of the number
	Counties []string       // six-digit codes that may be theirs

	Registered  Registration
	FormerNames []names.Name
	FormerKeys  []household.PersonKey // registered former numbers and other documents
}

// Record is how a department described the owner of a row.
type Record struct {
	Document match.Document
	Number   string // normalised, also when it is invalid or masked
	Country  string
	Name     names.Name
	Birth    household.Date
	Sex      uint8
	Division string // of four or more digits; "" is unknown
}

// Holder is a person whom the register has under a number.
type Holder struct {
	Key    household.PersonKey // their present key
	Name   names.Name
	Former []names.Name
	Birth  household.Date
	Sex    uint8
}

// World is what the population register knows. A nil World knows nothing.
type World interface {
	// Holders are the people registered under a key, now or formerly.
	Holders(key household.PersonKey) ([]Holder, error)
	// Namesakes counts the people other than the subject whose name folds to the
	// same key and who have the birth date and, when county is given, that county.
	// known is false when the name is too common to count.
	Namesakes(subject household.PersonKey, name names.Name, birth household.Date, county string) (n int, known bool, err error)
	// MaskCompatible counts the people other than the subject with the name and a
	// resident number that fits the mask.
	MaskCompatible(subject household.PersonKey, name names.Name, mask documents.Mask) (n int, known bool, err error)
	// Frequency is the share of the people of the birth decade, sex and four-digit
	// area who carry the name, in parts per thousand million.
	Frequency(name names.Name, birth household.Date, sex uint8, area string) (ppb int64, known bool, err error)
	// Population is how many people the register has.
	Population() (n int64, known bool)
}
