package form

import (
	"bytes"
	"encoding/json"
)

// The line of a request, its keys in the order in which it is described.
type wireRequest struct {
	HouseholdID   string         `json:"household_id"`
	Region        string         `json:"region"`
	Scheme        string         `json:"scheme"`
	Residence     string         `json:"residence"`
	Authorization wireAuthorized `json:"authorization"`
	AppliedOn     string         `json:"applied_on,omitempty"`
	Application   string         `json:"application,omitempty"`
	Receiving     *[]string      `json:"receiving,omitempty"`
	Members       []wireMember   `json:"members"`
	Assets        wireAssets     `json:"declared_assets"`
	Obligors      []wireObligor  `json:"obligors,omitempty"`
	Expenses      []wireExpense  `json:"expenses,omitempty"`
}

type wireAuthorized struct {
	Number      string    `json:"number"`
	ValidFrom   string    `json:"valid_from,omitempty"`
	ValidTo     string    `json:"valid_to,omitempty"`
	SignedBy    []string  `json:"signed_by,omitempty"`
	Purpose     string    `json:"purpose,omitempty"`
	DataClasses *[]string `json:"data_classes,omitempty"`
	Purposes    *[]string `json:"purposes,omitempty"`
}

type wireMember struct {
	Name       string          `json:"name"`
	IDNumber   string          `json:"id_number"`
	IDType     string          `json:"id_type,omitempty"`
	Relation   string          `json:"relation,omitempty"`
	BirthDate  string          `json:"birth_date,omitempty"`
	Sex        string          `json:"sex,omitempty"`
	Country    string          `json:"country,omitempty"`
	Division   string          `json:"division,omitempty"`
	Excluded   string          `json:"excluded,omitempty"`
	Income     []wireIncome    `json:"declared_income,omitempty"`
	Attributes []wireAttribute `json:"attributes,omitempty"`
}

type wireIncome struct {
	Type    string `json:"type"`
	Monthly int64  `json:"monthly_fen"`
}

type wireAssets struct {
	Financial  int64           `json:"financial_fen"`
	Vehicles   []string        `json:"vehicles,omitempty"`
	Properties []string        `json:"properties,omitempty"`
	Attributes []wireAttribute `json:"attributes,omitempty"`
}

type wireAttribute struct {
	Asset    string `json:"asset,omitempty"`
	Code     string `json:"code"`
	Holds    *bool  `json:"holds,omitempty"`
	Grade    int    `json:"grade,omitempty"`
	Amount   int64  `json:"amount_fen,omitempty"`
	From     string `json:"from,omitempty"`
	To       string `json:"to,omitempty"`
	Document string `json:"document,omitempty"`
}

type wireObligor struct {
	Name                string          `json:"name"`
	IDNumber            string          `json:"id_number"`
	IDType              string          `json:"id_type,omitempty"`
	Supports            []int           `json:"supports"`
	Relation            string          `json:"relation,omitempty"`
	BirthDate           string          `json:"birth_date,omitempty"`
	Sex                 string          `json:"sex,omitempty"`
	Signed              bool            `json:"signed,omitempty"`
	HouseholdMembers    int             `json:"household_members,omitempty"`
	ChildrenOfSupported int             `json:"children_of_supported,omitempty"`
	SupportedParents    int             `json:"supported_parents,omitempty"`
	MonthlyIncome       *int64          `json:"monthly_income_fen,omitempty"`
	Agreement           *wireAgreement  `json:"agreement,omitempty"`
	Attributes          []wireAttribute `json:"attributes,omitempty"`
}

type wireAgreement struct {
	Kind     string `json:"kind"`
	Monthly  int64  `json:"monthly_fen"`
	Document string `json:"document,omitempty"`
}

type wireExpense struct {
	Type     string `json:"type"`
	Member   int    `json:"member,omitempty"`
	Month    string `json:"month"`
	Amount   int64  `json:"amount_fen"`
	Document string `json:"document,omitempty"`
}

// line is the request as one line without its end.
func (w *wireRequest) line() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(w)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
