package wire

import "github.com/hedui/hedui/engine/household"

// Registration asks to register an authorisation (授权书).
type Registration struct {
	Number      string   `json:"number" maxLength:"64" pattern:"^[^\\s/]+$" doc:"Number of the authorisation" example:"SQ340104-000123"`
	Household   string   `json:"household" maxLength:"64" pattern:"^[^\\s/]+$" doc:"Number of the household" example:"340104-000123"`
	Division    string   `json:"division" pattern:"^[0-9]{2,12}$" doc:"Division where it is registered" example:"340104"`
	Members     []Signer `json:"members" minItems:"1" maxItems:"64" doc:"Everybody whom it covers"`
	Purposes    []string `json:"purposes" minItems:"1" maxItems:"16" doc:"Schemes that it may be used for" example:"[\"dibao\"]"`
	DataClasses []string `json:"data_classes" minItems:"1" maxItems:"16" doc:"Classes of data that may be looked at" example:"[\"tax\",\"bank\"]"`
	From        string   `json:"valid_from" format:"date" doc:"First day" example:"2026-01-01"`
	To          string   `json:"valid_to" format:"date" doc:"Last day" example:"2026-12-31"`
	ScanDigest  string   `json:"scan_digest" pattern:"^[0-9a-f]{64}$" doc:"SM3 of the scanned document" example:"66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"`
}

// Signer is one person on an authorisation. Answers carry the masked forms.
type Signer struct {
	Name      household.Name     `json:"name" minLength:"1" maxLength:"128" doc:"Name" example:"某某"`
	IDType    string             `json:"id_type,omitempty" doc:"Kind of document; resident_id when absent" example:"resident_id"`
	IDNumber  household.IDNumber `json:"id_number" minLength:"1" maxLength:"64" doc:"Number of the document" example:"(document number)"`
	BirthDate string             `json:"birth_date,omitempty" format:"date" doc:"Needed when the document does not tell" example:"1970-01-01"`
	SignedOn  string             `json:"signed_on,omitempty" format:"date" doc:"Day of the signature; absent when not signed" example:"2026-01-01"`
	Guardian  int                `json:"guardian,omitempty" minimum:"0" maximum:"64" doc:"The member, counted from 1, who signed for this one" example:"1"`
	LeftOn    string             `json:"left_on,omitempty" format:"date" doc:"Day from which the member is no longer in the household" example:"2026-06-30"`
}

// Authorization is a registered authorisation.
type Authorization struct {
	Registration
	State        string `json:"state" enum:"live,withdrawn,expired,not_yet" doc:"On the day of the answer" example:"live"`
	RegisteredBy string `json:"registered_by" doc:"Account" example:"intake01"`
	RegisteredAt string `json:"registered_at" format:"date-time" example:"2026-01-01T09:00:00+08:00"`
	WithdrawnAt  string `json:"withdrawn_at,omitempty" format:"date-time" example:"2026-06-01T09:00:00+08:00"`
	Version      int    `json:"version" doc:"Counts changes from 1" example:"1"`
}

// Withdrawal withdraws an authorisation.
type Withdrawal struct {
	Reason string `json:"reason" minLength:"1" maxLength:"500" doc:"Why" example:"申请人书面撤回"`
}

// Amendment is what changed of one member.
type Amendment struct {
	Left     bool               `json:"-"` // they left; otherwise they signed for themselves
	IDType   string             `json:"id_type,omitempty" doc:"Kind of document; resident_id when absent" example:"resident_id"`
	IDNumber household.IDNumber `json:"id_number" minLength:"1" maxLength:"64" doc:"Number of the member's document" example:"(document number)"`
	On       string             `json:"on" format:"date" doc:"Day from which they are no longer in the household, or of their signature" example:"2026-06-30"`
	Reason   string             `json:"reason" minLength:"1" maxLength:"500" doc:"Why" example:"离婚"`
}

// AuthorizationQuery selects authorisations.
type AuthorizationQuery struct {
	Page

	Household string
	Division  string
	State     string
}

// Page asks for a part of a list.
type Page struct {
	After string // where the page before ended, as its answer said; "" for the first
	Limit int    // at most so many
}

// List is a part of a list. Next is where the next part begins, "" at the end.
type List[T any] struct {
	Items []T
	Next  string
}
