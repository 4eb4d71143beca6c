package wire

import "github.com/hedui/hedui/engine/household"

// CheckRequest is the form of a request to check a household, the same as a line of a
// batch. It is for the document of the interface and for its names: the request goes
// on as it was sent, and what its values mean is read in one place for batches,
// commands and this interface.
type CheckRequest struct {
	Household     string         `json:"household_id" doc:"Number of the household" example:"340104-000123"`
	Region        string         `json:"region,omitempty" example:"340104"`
	Scheme        string         `json:"scheme" example:"dibao"`
	Residence     string         `json:"residence" enum:"urban,rural" example:"urban"`
	AppliedOn     string         `json:"applied_on,omitempty" format:"date" example:"2026-10-20"`
	Application   string         `json:"application,omitempty" example:"single_person"`
	Receiving     []string       `json:"receiving,omitempty" doc:"Schemes that the household receives already" example:"[\"dibao_edge\"]"`
	Authorization *Claim         `json:"authorization,omitempty" doc:"What the sender claims; the registered authorisation decides"`
	Members       []Member       `json:"members"`
	Assets        DeclaredAssets `json:"declared_assets,omitzero"`
	Obligors      []Obligor      `json:"obligors,omitempty"`
	Expenses      []Expense      `json:"expenses,omitempty"`
}

// Claim is an authorisation as the sender claims it.
type Claim struct {
	Number      string               `json:"number" example:"SQ340104-000123"`
	From        string               `json:"valid_from,omitempty" format:"date" example:"2026-01-01"`
	To          string               `json:"valid_to,omitempty" format:"date" example:"2026-12-31"`
	SignedBy    []household.IDNumber `json:"signed_by,omitempty"`
	Purpose     string               `json:"purpose,omitempty" example:"dibao"`
	Purposes    []string             `json:"purposes,omitempty" example:"[\"dibao\"]"`
	DataClasses []string             `json:"data_classes,omitempty" example:"[\"tax\",\"bank\"]"`
}

// Member is a declared member.
type Member struct {
	Name       household.Name     `json:"name" example:"某某"`
	IDNumber   household.IDNumber `json:"id_number" example:"(document number)"`
	IDType     string             `json:"id_type,omitempty" example:"resident_id"`
	Relation   string             `json:"relation,omitempty" example:"head"`
	BirthDate  string             `json:"birth_date,omitempty" format:"date" example:"1970-01-01"`
	Sex        string             `json:"sex,omitempty" example:"female"`
	Country    string             `json:"country,omitempty" example:"CN"`
	Division   string             `json:"division,omitempty" example:"340104"`
	Excluded   string             `json:"excluded,omitempty" example:"imprisoned"`
	Income     []DeclaredIncome   `json:"declared_income,omitempty"`
	Attributes []Attribute        `json:"attributes,omitempty"`
}

// DeclaredIncome is a member's declared income of one type.
type DeclaredIncome struct {
	Type    string `json:"type" enum:"wage,business,property,transfer" example:"wage"`
	Monthly int64  `json:"monthly_fen" minimum:"0" example:"120000"`
}

// DeclaredAssets are the declared assets.
type DeclaredAssets struct {
	Financial  int64             `json:"financial_fen,omitempty" minimum:"0" example:"800000"`
	Vehicles   []household.Plate `json:"vehicles,omitempty"`
	Properties []string          `json:"properties,omitempty"`
	Attributes []Attribute       `json:"attributes,omitempty"`
}

// Attribute is a dated fact with a document behind it.
type Attribute struct {
	Code     string `json:"code" example:"student"`
	Holds    *bool  `json:"holds,omitempty" example:"true"`
	Grade    int    `json:"grade,omitempty" example:"1"`
	Amount   int64  `json:"amount_fen,omitempty" example:"0"`
	From     string `json:"from,omitempty" format:"date" example:"2026-01-01"`
	To       string `json:"to,omitempty" format:"date" example:"2026-12-31"`
	Document string `json:"document,omitempty" example:"在校证明"`
	Asset    string `json:"asset,omitempty" example:"(plate or unit)"`
}

// Obligor is somebody outside the household who owes members support.
type Obligor struct {
	Name                household.Name     `json:"name" example:"某某"`
	IDNumber            household.IDNumber `json:"id_number" example:"(document number)"`
	IDType              string             `json:"id_type,omitempty" example:"resident_id"`
	Supports            []int              `json:"supports,omitempty" example:"[1]"`
	Relation            string             `json:"relation,omitempty" example:"child"`
	BirthDate           string             `json:"birth_date,omitempty" format:"date" example:"1970-01-01"`
	Sex                 string             `json:"sex,omitempty" example:"female"`
	Signed              bool               `json:"signed,omitempty" example:"true"`
	HouseholdMembers    int                `json:"household_members,omitempty" example:"3"`
	ChildrenOfSupported int                `json:"children_of_supported,omitempty" example:"1"`
	SupportedParents    int                `json:"supported_parents,omitempty" example:"1"`
	MonthlyIncome       *int64             `json:"monthly_income_fen,omitempty" example:"500000"`
	Agreement           *Agreement         `json:"agreement,omitempty"`
	Attributes          []Attribute        `json:"attributes,omitempty"`
}

// Agreement fixes what an obligor pays.
type Agreement struct {
	Kind     string `json:"kind" example:"agreement"`
	Monthly  int64  `json:"monthly_fen" minimum:"0" example:"50000"`
	Document string `json:"document,omitempty" example:"赡养协议"`
}

// Expense is what was spent in a month.
type Expense struct {
	Type     string `json:"type" example:"medical"`
	Member   int    `json:"member,omitempty" example:"1"`
	Month    string `json:"month,omitempty" example:"2026-09"`
	Amount   int64  `json:"amount_fen" minimum:"0" example:"300000"`
	Document string `json:"document,omitempty" example:"住院发票"`
}
