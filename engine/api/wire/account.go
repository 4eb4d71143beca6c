package wire

import "github.com/hedui/hedui/engine/household"

// User is an account.
type User struct {
	Account     string   `json:"account" example:"verifier01"`
	Person      string   `json:"person,omitempty" doc:"Token of the person: the same for every account of one person" example:"p-7f3a"`
	Roles       []string `json:"roles" example:"[\"verifier\"]"`
	Division    string   `json:"division" example:"340104"`
	Purposes    []string `json:"purposes" example:"[\"dibao\"]"`
	DataClasses []string `json:"data_classes" example:"[\"tax\",\"bank\"]"`
	Disabled    bool     `json:"disabled" example:"false"`
	Locked      bool     `json:"locked" doc:"After too many wrong passwords" example:"false"`
	Factor      bool     `json:"second_factor" example:"true"`
	Version     int      `json:"version" example:"1"`
}

// NewUser asks for an account.
type NewUser struct {
	Account     string             `json:"account" pattern:"^[a-z0-9._-]{2,64}$" example:"verifier02"`
	Person      household.IDNumber `json:"person_id_number,omitempty" maxLength:"64" doc:"Kept as a token only; two accounts of one person are known by it. A machine has none" example:"(document number)"`
	Roles       []string           `json:"roles" minItems:"1" maxItems:"16" example:"[\"verifier\"]"`
	Division    string             `json:"division" pattern:"^[0-9]{2,12}$" example:"340104"`
	Purposes    []string           `json:"purposes" maxItems:"16" example:"[\"dibao\"]"`
	DataClasses []string           `json:"data_classes" maxItems:"16" example:"[\"tax\",\"bank\"]"`
	Password    Secret             `json:"password,omitempty" minLength:"12" maxLength:"256" doc:"First password; it must be changed. A machine has none" example:"correct horse battery staple"`
	Reason      string             `json:"reason" minLength:"1" maxLength:"500" example:"新到岗"`
}

// UserChange changes an account. What is absent stays.
type UserChange struct {
	Account     string    `json:"-"`
	Version     int       `json:"version" minimum:"1" doc:"Version that was looked at" example:"1"`
	Roles       *[]string `json:"roles,omitempty" maxItems:"16" example:"[\"verifier\"]"`
	Division    *string   `json:"division,omitempty" pattern:"^[0-9]{2,12}$" example:"340104"`
	Purposes    *[]string `json:"purposes,omitempty" maxItems:"16" example:"[\"dibao\"]"`
	DataClasses *[]string `json:"data_classes,omitempty" maxItems:"16" example:"[\"tax\",\"bank\"]"`
	Reason      string    `json:"reason" minLength:"1" maxLength:"500" example:"岗位调整"`
}

// UserDisable ends an account's use.
type UserDisable struct {
	Account string `json:"-"`
	Version int    `json:"version" minimum:"1" doc:"Version that was looked at" example:"1"`
	Reason  string `json:"reason" minLength:"1" maxLength:"500" example:"离岗"`
}

// UserReset gives an account a new first password and unlocks it.
type UserReset struct {
	Account  string `json:"-"`
	Version  int    `json:"version" minimum:"1" doc:"Version that was looked at" example:"1"`
	Password Secret `json:"password" minLength:"12" maxLength:"256" doc:"New first password; it must be changed" example:"correct horse battery staple"`
	Factor   bool   `json:"forget_second_factor,omitempty" doc:"Whether the second factor must be enrolled again" example:"false"`
	Reason   string `json:"reason" minLength:"1" maxLength:"500" example:"本人忘记口令，已当面核实"`
}

// PasswordChange changes one's own password.
type PasswordChange struct {
	Old Secret `json:"old" minLength:"1" maxLength:"256" example:"correct horse battery staple"`
	New Secret `json:"new" minLength:"12" maxLength:"256" example:"another horse battery staple"`
}

// Enrol enrols one's own second factor: without a code it gives a new secret, with a
// code of that secret it puts it into use.
type Enrol struct {
	Password Secret `json:"password" minLength:"1" maxLength:"256" example:"correct horse battery staple"`
	Code     Secret `json:"code,omitempty" maxLength:"16" example:"000000"`
}

// Enrolment is the answer to Enrol.
type Enrolment struct {
	Secret Secret `json:"secret,omitempty" doc:"To be kept by the app; shown this once" example:"(secret)"`
	Active bool   `json:"active" example:"false"`
}

// Token is an API token, without its secret.
type Token struct {
	ID         string   `json:"id" example:"t-000001"`
	Account    string   `json:"account" example:"centre-340100"`
	Operations []string `json:"operations" doc:"What it may be used for" example:"[\"batch.submit\"]"`
	Note       string   `json:"note,omitempty" example:"核对中心前置机"`
	Expires    string   `json:"expires" format:"date" example:"2027-03-31"`
	LastUsed   string   `json:"last_used,omitempty" format:"date" example:"2026-11-01"`
}

// NewToken asks for an API token.
type NewToken struct {
	Account    string   `json:"account" minLength:"1" maxLength:"64" doc:"Whose it will be" example:"centre-340100"`
	Operations []string `json:"operations" minItems:"1" maxItems:"64" doc:"What it may be used for" example:"[\"batch.submit\"]"`
	Note       string   `json:"note,omitempty" maxLength:"200" doc:"What it is for" example:"核对中心前置机"`
	Expires    string   `json:"expires" format:"date" doc:"Last day" example:"2027-03-31"`
	Reason     string   `json:"reason" minLength:"1" maxLength:"500" example:"批量核对接口"`
}

// IssuedToken is a new API token. Its secret is shown this once.
type IssuedToken struct {
	Token

	Secret Secret `json:"secret" doc:"The token; it is not shown again" example:"(token)"`
}
