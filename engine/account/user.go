package account

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// State says whether somebody may use an account.
type State uint8

// States of an account.
const (
	Active   State = iota + 1
	Locked         // for a while, by an administrator; failed sign-ins never set it
	Disabled       // for good; its tokens are revoked
)

var stateNames = [...]string{Active: "active", Locked: "locked", Disabled: "disabled"}

func (s State) String() string {
	if s < Active || s > Disabled {
		return "unknown"
	}
	return stateNames[s]
}

// MarshalText writes the state's name.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the state's name.
func (s *State) UnmarshalText(b []byte) error {
	if i := slices.Index(stateNames[:], string(b)); i > 0 {
		*s = State(i)
		return nil
	}
	return ErrFormat
}

// Subject is somebody at a provider of single sign-on. The zero value is nobody.
type Subject struct {
	Issuer string `json:"issuer"`
	ID     string `json:"id"`
}

// User is an account. Person says whose it is: two accounts of one person are the
// same person wherever two people are asked for.
type User struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Person   string   `json:"person"` // personnel number, never an identity document
	Display  string   `json:"display"`
	Roles    []Role   `json:"roles"`
	Division string   `json:"division"`
	Purposes []string `json:"purposes,omitempty"`
	State    State    `json:"state"`
	Subject  Subject  `json:"subject,omitzero"`

	// MustChange: the password was set by somebody else and is only good for
	// setting another.
	MustChange bool      `json:"must_change,omitempty"`
	SetBy      string    `json:"set_by,omitempty"` // who last changed what the account may
	Created    time.Time `json:"created"`
	SignedIn   time.Time `json:"signed_in,omitzero"`
	// Epoch grows with every change that ends sessions.
	Epoch uint64 `json:"epoch"`
	// Version is that of the record, for Store.Commit.
	Version uint64 `json:"version"`

	credentials credentials
}

// credentials are what a sign-in is compared with. They are not exported, so no
// encoder and no %v ever meets them; EncodeUser writes them down for a store.
type credentials struct {
	Password passwordHash   `json:"password,omitempty"`
	Expires  time.Time      `json:"expires,omitzero"` // of a one-time secret
	History  []passwordHash `json:"history,omitempty"`
	TOTP     string         `json:"totp,omitempty"`
	Pending  string         `json:"pending,omitempty"` // a second factor not yet confirmed
	Step     int64          `json:"step,omitempty"`    // the last one used
	Recovery []Hash         `json:"recovery,omitempty"`
}

func (c credentials) clone() credentials {
	c.History, c.Recovery = slices.Clone(c.History), slices.Clone(c.Recovery)
	return c
}

// String names the account and nothing else.
func (u User) String() string { return u.Name + " (" + u.ID + ")" }

// Format keeps every verb from reaching what a sign-in is compared with.
func (u User) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, u.String()) }

// Clone copies the account with what it points to.
func (u User) Clone() User {
	u.Roles, u.Purposes = slices.Clone(u.Roles), slices.Clone(u.Purposes)
	u.credentials = u.credentials.clone()
	return u
}

// HasSecondFactor reports whether a second factor is enrolled.
func (u User) HasSecondFactor() bool { return u.credentials.TOTP != "" }

// RecoveryCodesLeft is how many recovery codes are unused.
func (u User) RecoveryCodesLeft() int { return len(u.credentials.Recovery) }

// storedUser is an account as a store keeps it.
type storedUser struct {
	Form int `json:"form"`
	User
	Credentials credentials `json:"credentials"`
}

const userForm = 1

// EncodeUser writes an account with all that a sign-in needs. The secret of the
// second factor is in it: a store encrypts what it keeps.
func EncodeUser(u User) ([]byte, error) {
	return json.Marshal(storedUser{Form: userForm, User: u, Credentials: u.credentials})
}

// DecodeUser reads what EncodeUser wrote.
func DecodeUser(b []byte) (User, error) {
	var s storedUser
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	// The text of a decoding error may quote what it read.
	if err := d.Decode(&s); err != nil || d.More() {
		return User{}, fmt.Errorf("account: %w", ErrFormat)
	}
	if s.Form != userForm {
		return User{}, fmt.Errorf("account: form %d, this program reads %d: %w", s.Form, userForm, ErrFormat)
	}
	if s.State < Active || s.State > Disabled {
		return User{}, fmt.Errorf("account: %w", ErrFormat)
	}
	for _, h := range append(slices.Clone(s.Credentials.History), s.Credentials.Password) {
		if _, _, _, err := parseHash(h); h != "" && err != nil {
			return User{}, fmt.Errorf("account: %w", ErrFormat)
		}
	}
	for _, k := range []string{s.Credentials.TOTP, s.Credentials.Pending} {
		if _, err := totpKey(Secret(k)); k != "" && err != nil {
			return User{}, fmt.Errorf("account: %w", ErrFormat)
		}
	}
	u := s.User
	u.credentials = s.Credentials
	return u, nil
}

// foldName is the form in which user names are kept and compared.
func foldName(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// validName: letters, digits, dot, dash and underscore of ASCII, so that no two
// names look alike.
func validName(s string) bool { return len(s) >= 3 && validKey(s, 32) && s == strings.ToLower(s) }

func validKey(s string, longest int) bool {
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '.' && c != '-' && c != '_' {
			return false
		}
	}
	return s != "" && len(s) <= longest
}

// looksPersonal: what could be the number of an identity document or of a bank account
// has no place in every line of the audit log.
func looksPersonal(s string) bool {
	run := 0
	for _, c := range []byte(s) {
		if run++; c < '0' || c > '9' {
			run = 0
		}
		if run >= 15 {
			return true
		}
	}
	return false
}

// validate returns everything that is wrong with an account but its roles.
func (u User) validate() error {
	var errs []error
	if !validName(u.Name) {
		errs = append(errs, errors.New("user name: 3 to 32 of a–z, 0–9, dot, dash, underscore"))
	} else if looksPersonal(u.Name) {
		errs = append(errs, errors.New("user name: not the number of a document or an account"))
	}
	if !validKey(u.Person, 32) {
		errs = append(errs, errors.New("person: a personnel number of at most 32 letters, digits, dots, dashes, underscores"))
	} else if looksPersonal(u.Person) {
		errs = append(errs, errors.New("person: a personnel number, not the number of a document or an account"))
	}
	if n := utf8.RuneCountInString(u.Display); n == 0 || n > 64 || !utf8.ValidString(u.Display) {
		errs = append(errs, errors.New("display name: 1 to 64 characters"))
	}
	if u.State < Active || u.State > Disabled {
		errs = append(errs, errors.New("state: active, locked or disabled"))
	}
	if len(u.Roles) == 0 {
		errs = append(errs, errors.New("roles: at least one"))
	}
	if u.Division == "" {
		errs = append(errs, errors.New("division: must be said"))
	}
	if (u.Subject.Issuer == "") != (u.Subject.ID == "") {
		errs = append(errs, errors.New("single sign-on: issuer and subject belong together"))
	}
	return errors.Join(errs...)
}
