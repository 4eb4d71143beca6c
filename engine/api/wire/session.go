package wire

import "log/slog"

// SignIn asks for a session.
type SignIn struct {
	Account  string `json:"account" minLength:"1" maxLength:"64" doc:"Name of the account" example:"reviewer01"`
	Password Secret `json:"password" minLength:"1" maxLength:"256" doc:"Password" example:"correct horse battery staple"`
	Code     Secret `json:"code,omitempty" maxLength:"64" doc:"One-time code, when the account has a second factor, or a recovery code" example:"000000"`
}

// Secret is a text that never prints: a password, a one-time code, a new token.
type Secret string

func (Secret) String() string { return "***" }

// GoString keeps %#v from leaking.
func (Secret) GoString() string { return "***" }

// Reveal returns the text itself.
func (s Secret) Reveal() string { return string(s) }

// Session is what signing in gives. The token of the session goes into a cookie
// and is not in the body.
type Session struct {
	Token   Secret `json:"-"`
	Seconds int    `json:"expires_in_seconds" doc:"How long it lasts without a request" example:"1800"`
	Me      Me     `json:"me"`
}

// Me says who is signed in and what they may do.
type Me struct {
	Account    string   `json:"account" example:"reviewer01"`
	Roles      []string `json:"roles" example:"[\"reviewer\"]"`
	Division   string   `json:"division" doc:"Division that the account works for" example:"340104"`
	Purposes   []string `json:"purposes" doc:"Schemes that the account works on" example:"[\"dibao\"]"`
	Operations []string `json:"operations" doc:"Operations that some role of the account may do" example:"[\"case_read\"]"`
}

// LogValue keeps it out of logs.
func (Secret) LogValue() slog.Value { return slog.StringValue("***") }
