package site

import (
	"context"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // RFC 6238 as authenticator applications have it
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// CookieName is what the cookie of a session is called where there is no TLS.
const CookieName = "hedui"

const security = "security01"

// Password is everybody's. Nobody but tests has an account here.
const Password = "长亭外古道边芳草碧连天晚风拂柳"

// Account is somebody who works at the centre.
type Account struct {
	Name, Role string

	first    string   // password
	secret   string   // of the second factor
	recovery []string // codes
	session  string
	used     int64 // the half minute whose code was used
}

// Cookie is the value of the account's session.
func (a *Account) Cookie() string { return a.session }

// Code is what the account's authenticator shows next: a code that was not used yet. It
// may wait up to half a minute for one.
func (a *Account) Code() string {
	if a.secret == "" {
		return ""
	}
	for {
		// The clock of an authenticator may be one step ahead.
		if now := time.Now().Unix() / 30; now+1 > a.used {
			a.used = max(now, a.used+1)
			return codeAt(a.secret, a.used)
		}
		time.Sleep(time.Second)
	}
}

// codeAt is the code of a half minute (RFC 6238, SHA-1, 6 digits).
func codeAt(secret string, step int64) string {
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ToUpper(secret))
	if err != nil {
		return ""
	}
	var count [8]byte
	binary.BigEndian.PutUint64(count[:], uint64(step)) //nolint:gosec // it is after 1970
	mac := hmac.New(sha1.New, key)
	mac.Write(count[:])
	sum := mac.Sum(nil)
	n := binary.BigEndian.Uint32(sum[sum[len(sum)-1]&0xf:]) & 0x7fffffff
	return fmt.Sprintf("%06d", n%1_000_000)
}

// Account is somebody who works at the centre, by name; nil where nobody is called so.
func (s *Site) Account(name string) *Account { return s.accounts[name] }

// Staff are the accounts that a site has, and their roles.
var Staff = []struct{ Name, Role, Display, Division string }{
	{"intake01", "intake", "受理一窗", "3401"},
	{"verifier01", "verifier", "核对一岗", "3401"},
	{"reviewer01", "reviewer", "复核一岗", "3401"},
	{"approver01", "approver", "审批一岗", "3401"},
	{"steward01", "data_steward", "数据管理", "34"},
	{"leader01", "leader", "分管领导", "34"},
	{"auditor01", "auditor", "审计员", "34"},
	{"system01", "system_admin", "系统管理员", "34"},
}

// hire makes the accounts.
func (s *Site) hire(ctx context.Context) error {
	boss := s.accounts[security]
	if err := s.settle(ctx, boss); err != nil {
		return err
	}
	for _, p := range Staff {
		if _, err := s.Hire(ctx, p.Name, p.Role, p.Display, p.Division); err != nil {
			return err
		}
	}
	return nil
}

// Hire makes an account and takes it into use.
func (s *Site) Hire(ctx context.Context, name, role, display, division string) (*Account, error) {
	a, err := s.Appoint(ctx, name, role, display, division)
	if err != nil {
		return nil, err
	}
	return a, s.settle(ctx, a)
}

// Appoint makes an account whose person has not signed in yet.
func (s *Site) Appoint(ctx context.Context, name, role, display, division string) (*Account, error) {
	var made struct {
		Password string `json:"first_password"`
	}
	if _, err := s.Ask(ctx, s.accounts[security], http.MethodPost, "/api/v1/users", map[string]any{
		"account": name, "person": "P-" + name, "display": display, "roles": []string{role}, "division": division,
		"purposes": []string{"dibao"}, "reason": "新到岗",
	}, &made); err != nil {
		return nil, err
	}
	a := &Account{Name: name, Role: role, first: made.Password}
	s.accounts[name] = a
	return a, nil
}

// First is the first password of an account that was made by Appoint.
func (a *Account) First() string { return a.first }

// settle takes an account into use as its person would on the first day.
func (s *Site) settle(ctx context.Context, a *Account) error {
	if err := s.SignIn(ctx, a, a.first, ""); err != nil {
		return err
	}
	if _, err := s.Ask(ctx, a, http.MethodPost, "/api/v1/me/password", map[string]string{"old": a.first, "new": Password}, nil); err != nil {
		return err
	}
	if err := s.SignIn(ctx, a, Password, ""); err != nil || a.Role == "leader" {
		return err
	}
	var enrolment struct {
		Secret   string   `json:"secret"`
		Recovery []string `json:"recovery_codes"`
	}
	if _, err := s.Ask(ctx, a, http.MethodPost, "/api/v1/me/factor", map[string]string{"password": Password}, &enrolment); err != nil {
		return err
	}
	a.used = time.Now().Unix() / 30
	if _, err := s.Ask(ctx, a, http.MethodPost, "/api/v1/me/factor", map[string]any{"code": codeAt(enrolment.Secret, a.used), "confirm": true}, &enrolment); err != nil {
		return err
	}
	a.secret, a.recovery = enrolment.Secret, enrolment.Recovery
	return s.Arrive(ctx, a)
}

// Recovery takes one of the account's recovery codes, "" when none is left.
func (a *Account) Recovery() string {
	if len(a.recovery) == 0 {
		return ""
	}
	code := a.recovery[0]
	a.recovery = a.recovery[1:]
	return code
}

// Arrive opens a new session of an account.
func (s *Site) Arrive(ctx context.Context, a *Account) error {
	code := a.Recovery() // good at once, where the code of this half minute is used up
	if code == "" {
		code = a.Code()
	}
	return s.SignIn(ctx, a, Password, code)
}

// SignIn opens a session.
func (s *Site) SignIn(ctx context.Context, a *Account, password, code string) error {
	body := map[string]string{"account": a.Name, "password": password}
	if code != "" {
		body["code"] = code
	}
	r, err := s.Ask(ctx, nil, http.MethodPost, "/api/v1/sign-in", body, nil)
	if err != nil {
		return err
	}
	for _, k := range (&http.Response{Header: r.Header}).Cookies() {
		if k.Name == CookieName && k.Value != "" {
			a.session = k.Value
			return nil
		}
	}
	return errors.New("signing in gave no session")
}
