package ledger

import (
	"github.com/hedui/hedui/engine/household"
)

// Verdict is an answer that was given. Its body is the verdict as canonical JSON, as
// it was given. It is never changed after it was put.
type Verdict struct {
	Stored
	ID         string         `json:"id"`
	Household  string         `json:"household"`
	Scheme     string         `json:"scheme"`
	On         household.Date `json:"on"`
	Outcome    string         `json:"outcome"`
	Generation string         `json:"generation"`
	Pack       string         `json:"pack"`              // number, version and digest of the rules
	Request    string         `json:"request"`           // id
	Read       []string       `json:"read,omitempty"`    // digests of what it read
	Records    []Pseudonym    `json:"records,omitempty"` // that it rests on
	At         Instant        `json:"at"`
}

// Kind is KindVerdict.
func (*Verdict) Kind() Kind { return KindVerdict }

// Key is the id.
func (v *Verdict) Key() string { return v.ID }

func (v *Verdict) check() string {
	return firstBad(isKey("id", v.ID), isKey("household", v.Household), within("records", len(v.Records)))
}

func (v *Verdict) indexes(add func(indexKey)) {
	add(index(byHousehold).text(v.Household).down(int64(v.At)))
	for _, r := range v.Records {
		add(index(byRecord).pseudonym(r))
	}
}

// VerdictsOf asks for the verdicts on a household, newest first.
func VerdictsOf(household string) Query {
	return index(byHousehold).text(household).query(KindVerdict)
}

// VerdictsOfRecord asks for the verdicts that rest on a record.
func VerdictsOfRecord(record Pseudonym) Query {
	return index(byRecord).pseudonym(record).query(KindVerdict)
}

// Household is what is known of a registered household in one scheme: its newest
// verdict, and what must change for it to be verified again.
type Household struct {
	Stored
	Number        string         `json:"number"`
	Scheme        string         `json:"scheme"`
	Division      string         `json:"division"`
	Authorization string         `json:"authorization"`
	Members       []Pseudonym    `json:"members,omitempty"`
	Verdict       string         `json:"verdict"` // id
	Outcome       string         `json:"outcome"`
	On            household.Date `json:"on"`
	Generation    string         `json:"generation"`
	Pack          string         `json:"pack"`
	Profile       string         `json:"profile"`   // digest of what was read of the members
	Substance     string         `json:"substance"` // digest of the verdict without where it was read
	At            Instant        `json:"at"`
}

// Kind is KindHousehold.
func (*Household) Kind() Kind { return KindHousehold }

// Key is HouseholdID.
func (h *Household) Key() string { return HouseholdID(h.Number, h.Scheme) }

// HouseholdID is the id of the state of a household in a scheme.
func HouseholdID(number, scheme string) string { return number + "/" + scheme }

func (h *Household) check() string {
	return firstBad(isNumber("number", h.Number), isKey("scheme", h.Scheme),
		isDivision(h.Division), within("members", len(h.Members)))
}

func (h *Household) indexes(add func(indexKey)) {
	add(index(byDivision).text(h.Division))
	for _, p := range h.Members {
		add(index(byPerson).pseudonym(p))
	}
}

// HouseholdsNumbered asks for the states of one household, one for each scheme.
func HouseholdsNumbered(number string) Query {
	q := Every(KindHousehold)
	q.Prefix = append(q.Prefix, HouseholdID(number, "")...)
	return q
}

// HouseholdsOfPerson asks for the households that a person is a member of.
func HouseholdsOfPerson(p Pseudonym) Query {
	return index(byPerson).pseudonym(p).query(KindHousehold)
}

// HouseholdsIn asks for the households of a division and below it, by division.
func HouseholdsIn(division string) Query { return below(byDivision, division, KindHousehold) }
