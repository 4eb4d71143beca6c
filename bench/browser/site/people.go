package site

import (
	"context"
	"net/http"
	"time"

	"github.com/hedui/hedui/bench/visitor"
)

const security = "security01"

// Password is everybody's. Nobody but tests has an account here.
const Password = "长亭外古道边芳草碧连天晚风拂柳"

// Account is somebody who works at the centre.
type Account struct {
	Name, Role string

	first   string // password
	factor  visitor.Factor
	session string
}

// Cookie is the value of the account's session.
func (a *Account) Cookie() string { return a.session }

// Code is what the account's authenticator shows next: a code that was not used yet. It
// may wait up to half a minute for one.
func (a *Account) Code() string {
	f := &a.factor
	if f.Secret == "" {
		return ""
	}
	for {
		// The clock of an authenticator may be one step ahead.
		if now := time.Now().Unix() / 30; now+1 > f.Used {
			f.Used = max(now, f.Used+1)
			code, _ := visitor.TOTP(f.Secret, time.Unix(f.Used*30, 0)) // the secret was good when it was enrolled
			return code
		}
		time.Sleep(time.Second)
	}
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

// settle takes an account into use as its person would on the first day. A leader keeps to
// the password alone.
func (s *Site) settle(ctx context.Context, a *Account) (err error) {
	if a.session, err = visitor.SetPassword(ctx, s.nobody, a.Name, a.first, Password); err != nil || a.Role == "leader" {
		return err
	}
	f, err := visitor.Enrol(ctx, s.as(a), Password)
	if err != nil {
		return err
	}
	a.factor = *f
	return s.Arrive(ctx, a)
}

// Recovery takes one of the account's recovery codes, "" when none is left.
func (a *Account) Recovery() string {
	left := a.factor.Recovery
	if len(left) == 0 {
		return ""
	}
	a.factor.Recovery = left[1:]
	return left[0]
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
func (s *Site) SignIn(ctx context.Context, a *Account, password, code string) (err error) {
	a.session, err = visitor.SignIn(ctx, s.nobody, a.Name, password, code)
	return err
}
