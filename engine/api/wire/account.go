package wire

// User is an account.
type User struct {
	Account  string   `json:"account" example:"verifier01"`
	Person   string   `json:"person" doc:"Personnel number: the same for every account of one person" example:"P0123"`
	Display  string   `json:"display" example:"核对一岗"`
	Roles    []string `json:"roles" example:"[\"verifier\"]"`
	Division string   `json:"division" example:"340104"`
	Purposes []string `json:"purposes" example:"[\"dibao\"]"`
	State    string   `json:"state" enum:"active,locked,disabled" example:"active"`
	Factor   bool     `json:"second_factor" example:"true"`
	Version  int      `json:"version" doc:"Counts changes from 1" example:"1"`
}

// NewUser asks for an account.
type NewUser struct {
	Account  string   `json:"account" pattern:"^[a-z0-9._-]{2,64}$" example:"verifier02"`
	Person   string   `json:"person" pattern:"^[0-9A-Za-z._-]{1,32}$" doc:"Personnel number, never an identity document: two accounts of one person are known by it. Of a machine a name of its own" example:"P0123"`
	Display  string   `json:"display" minLength:"1" maxLength:"64" doc:"How people know the account" example:"核对二岗"`
	Roles    []string `json:"roles" minItems:"1" maxItems:"16" example:"[\"verifier\"]"`
	Division string   `json:"division" pattern:"^[0-9]{2,12}$" example:"340104"`
	Purposes []string `json:"purposes" maxItems:"16" example:"[\"dibao\"]"`
	Reason   string   `json:"reason" minLength:"1" maxLength:"500" example:"新到岗"`
}

// UserChange changes an account. What is absent stays.
type UserChange struct {
	Account  string    `json:"-"`
	Version  int       `json:"version" minimum:"1" doc:"Version that was looked at" example:"1"`
	Roles    *[]string `json:"roles,omitempty" maxItems:"16" example:"[\"verifier\"]"`
	Division *string   `json:"division,omitempty" pattern:"^[0-9]{2,12}$" example:"340104"`
	Purposes *[]string `json:"purposes,omitempty" maxItems:"16" example:"[\"dibao\"]"`
	Reason   string    `json:"reason" minLength:"1" maxLength:"500" example:"岗位调整"`
}

// UserDisable ends an account's use.
type UserDisable struct {
	Account string `json:"-"`
	Version int    `json:"version" minimum:"1" doc:"Version that was looked at" example:"1"`
	Reason  string `json:"reason" minLength:"1" maxLength:"500" example:"离岗"`
}

// UserReset gives an account a new first password and unlocks it.
type UserReset struct {
	Account string `json:"-"`
	Version int    `json:"version" minimum:"1" doc:"Version that was looked at" example:"1"`
	Factor  bool   `json:"forget_second_factor,omitempty" doc:"Whether the second factor must be enrolled again" example:"false"`
	Reason  string `json:"reason" minLength:"1" maxLength:"500" example:"本人忘记口令，已当面核实"`
}

// NewSecret is an account with its first password, which nobody but its owner should
// see. It is shown this once, must be changed at the first sign-in, and ends soon.
type NewSecret struct {
	User
	Password Secret `json:"first_password" doc:"Shown this once" example:"(first password)"`
}

// PasswordChange changes one's own password.
type PasswordChange struct {
	Old Secret `json:"old" minLength:"1" maxLength:"256" example:"correct horse battery staple"`
	New Secret `json:"new" minLength:"12" maxLength:"256" example:"another horse battery staple"`
}

// Enrol enrols one's own second factor, in two steps: the password, and a code of the
// factor there was, give a new secret; then a code of that secret, with confirm, puts it
// into use.
type Enrol struct {
	Password Secret `json:"password,omitempty" maxLength:"256" doc:"In the first step" example:"correct horse battery staple"`
	Code     Secret `json:"code,omitempty" maxLength:"64" doc:"Of the factor there was, or to confirm of the new one" example:"000000"`
	Confirm  bool   `json:"confirm,omitempty" doc:"The second step" example:"false"`
}

// Enrolment is the answer to Enrol.
type Enrolment struct {
	Secret        Secret   `json:"secret,omitempty" doc:"To be kept by the app; shown this once" example:"(secret)"`
	URI           Secret   `json:"uri,omitempty" doc:"The same for a picture that the app reads" example:"(otpauth address)"`
	Active        bool     `json:"active" example:"false"`
	RecoveryCodes []Secret `json:"recovery_codes,omitempty" doc:"Each signs in once without the app; shown this once" example:"[\"(code)\"]"`
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

// OpenSession is somebody who is signed in.
type OpenSession struct {
	ID      string `json:"id" doc:"To end it; nobody signs in with it" example:"s-000001"`
	Account string `json:"account" example:"verifier01"`
	Since   string `json:"since" format:"date-time" example:"2026-11-01T09:00:00+08:00"`
	Seen    string `json:"seen" format:"date-time" doc:"Of the last request, to half a minute" example:"2026-11-01T09:20:00+08:00"`
	Setup   bool   `json:"setup,omitempty" doc:"Whether a password or a second factor is still to be set" example:"false"`
}

// Keys are the data keys of the directory, without the keys.
type Keys struct {
	Suite string `json:"suite,omitempty" doc:"Algorithms; absent when the directory is not encrypted" example:"sm4"`
	Keys  []Key  `json:"keys"`
}

// Key is one data key.
type Key struct {
	ID      int    `json:"id" example:"1"`
	Purpose string `json:"purpose" example:"snapshot"`
	Of      string `json:"of,omitempty" doc:"What it seals" example:"437c4d3dd3dbf92637bfe3a3188aa995"`
	Master  int    `json:"master" doc:"Version of the master key that wraps it" example:"1"`
}

// NewToken asks for an API token.
type NewToken struct {
	Account    string   `json:"account" minLength:"1" maxLength:"64" doc:"Whose it will be" example:"centre-340100"`
	Operations []string `json:"operations" minItems:"1" maxItems:"100" doc:"What it may be used for" example:"[\"batch.submit\"]"`
	Note       string   `json:"note" minLength:"1" maxLength:"200" doc:"What it is for" example:"核对中心前置机"`
	Expires    string   `json:"expires" format:"date" doc:"Last day" example:"2027-03-31"`
	Reason     string   `json:"reason" minLength:"1" maxLength:"500" example:"批量核对接口"`

	Certificate string `json:"certificate,omitempty" pattern:"^[0-9a-f]{64}$" doc:"Fingerprint of the client certificate without which the token opens nothing: SHA-256, in hexadecimal" example:"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"`
}

// IssuedToken is a new API token. Its secret is shown this once.
type IssuedToken struct {
	Token

	Secret Secret `json:"secret" doc:"The token; it is not shown again" example:"(token)"`
}
