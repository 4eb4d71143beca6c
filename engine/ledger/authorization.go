package ledger

import (
	"github.com/hedui/hedui/engine/household"
)

// Authorization is a registered authorisation (授权书): what it is found by. What it
// allows is in the body.
type Authorization struct {
	Stored
	Number    string         `json:"number"`
	Household string         `json:"household"`
	Division  string         `json:"division"`
	Persons   []Pseudonym    `json:"persons,omitempty"`
	From      household.Date `json:"from"`
	To        household.Date `json:"to"`
	Withdrawn bool           `json:"withdrawn,omitempty"`
	At        Instant        `json:"at"` // registered
}

// Kind is KindAuthorization.
func (*Authorization) Kind() Kind { return KindAuthorization }

// Key is the number of the authorisation.
func (a *Authorization) Key() string { return a.Number }

func (a *Authorization) check() string {
	return firstBad(
		isKey("number", a.Number), isKey("household", a.Household),
		isDivision(a.Division), within("persons", len(a.Persons)))
}

func (a *Authorization) indexes(add func(indexKey)) {
	add(index(byHousehold).text(a.Household).down(int64(a.At)))
	add(index(byDivision).text(a.Division).down(int64(a.At)))
	for _, p := range a.Persons {
		add(index(byPerson).pseudonym(p))
	}
}

// AuthorizationsOf asks for the authorisations of a household, newest first.
func AuthorizationsOf(household string) Query {
	return index(byHousehold).text(household).query(KindAuthorization)
}

// AuthorizationsOfPerson asks for the authorisations that a person is on.
func AuthorizationsOfPerson(p Pseudonym) Query {
	return index(byPerson).pseudonym(p).query(KindAuthorization)
}

// AuthorizationsIn asks for the authorisations registered in a division and below
// it, by division, newest first in each.
func AuthorizationsIn(division string) Query { return below(byDivision, division, KindAuthorization) }

// Request is a check that was asked, whatever came of it.
type Request struct {
	Stored
	ID            string         `json:"id"`
	Household     string         `json:"household"`
	Authorization string         `json:"authorization"`
	Scheme        string         `json:"scheme"`
	On            household.Date `json:"on"`
	Requester     string         `json:"requester"` // account
	Division      string         `json:"division"`
	Digest        string         `json:"digest"`  // of the request as it came
	Channel       string         `json:"channel"` // check or batch
	Verdict       string         `json:"verdict,omitempty"`
	Refusal       string         `json:"refusal,omitempty"` // code
	At            Instant        `json:"at"`
}

// Kind is KindRequest.
func (*Request) Kind() Kind { return KindRequest }

// Key is the id.
func (r *Request) Key() string { return r.ID }

func (r *Request) check() string {
	return firstBad(isKey("id", r.ID), isKey("household", r.Household),
		isText("authorization", r.Authorization), isDivision(r.Division))
}

func (r *Request) indexes(add func(indexKey)) {
	add(index(byHousehold).text(r.Household).down(int64(r.At)))
	if r.Authorization != "" {
		add(index(byAuthorization).text(r.Authorization).down(int64(r.At)))
	}
}

// RequestsOf asks for the checks of a household, newest first.
func RequestsOf(household string) Query {
	return index(byHousehold).text(household).query(KindRequest)
}

// RequestsUnder asks for the checks under an authorisation, newest first.
func RequestsUnder(authorization string) Query {
	return index(byAuthorization).text(authorization).query(KindRequest)
}
