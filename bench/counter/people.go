package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/hedui/hedui/bench/visitor"
)

// people are the accounts of a site.
type people struct {
	Machine string            `json:"machine"` // token of the city's machine
	Secrets map[string]string `json:"secrets"` // of the second factors, by account

	verifier, reviewer, auditor string // sessions
}

// password is everybody's. Nobody but this driver has an account here.
const password = "drei Birnen unter 7 Dachziegeln"

// settle takes a new account into use and keeps the secret of its second factor.
func (p *people) settle(ctx context.Context, c *visitor.Client, account, first string) (string, error) {
	session, secret, err := visitor.Settle(ctx, c, account, first, password)
	if err == nil {
		p.Secrets[account] = secret
	}
	return session, err
}

// staff makes the accounts of a site: the first password of the security administrator
// is what hedui users bootstrap printed.
func staff(ctx context.Context, c *visitor.Client, first string) (people, error) {
	p := people{Secrets: map[string]string{}}
	admin, err := p.settle(ctx, c, "security01", first)
	if err != nil {
		return p, err
	}
	boss := c.As("", admin)
	create := func(name, role string) (string, error) {
		var made struct {
			Password string `json:"first_password"`
		}
		_, err := boss.Do(ctx, http.MethodPost, "/api/v1/users", map[string]any{
			"account": name, "person": "P-" + name, "display": name, "roles": []string{role}, "division": division,
			"purposes": []string{"dibao"}, "reason": "load test",
		}, &made)
		return made.Password, err
	}
	steward := "" // works by commands only
	for name, of := range map[string]struct {
		role    string
		session *string
	}{
		"verifier01": {"verifier", &p.verifier}, "reviewer01": {"reviewer", &p.reviewer}, "auditor01": {"auditor", &p.auditor}, "steward01": {"data_steward", &steward},
	} {
		password, err := create(name, of.role)
		if err != nil {
			return p, err
		}
		if *of.session, err = p.settle(ctx, c, name, password); err != nil {
			return p, err
		}
	}
	if _, err := create("city01", "centre"); err != nil {
		return p, err
	}
	var token struct {
		Secret string `json:"secret"`
	}
	_, err = boss.Do(ctx, http.MethodPost, "/api/v1/tokens", map[string]any{
		"account": "city01", "operations": []string{"check", "authorization.register", "authorization.read", "batch.submit", "batch.read", "batch.export"},
		"note": "load test", "expires": time.Now().AddDate(0, 6, 0).Format(time.DateOnly), "reason": "load test",
	}, &token)
	p.Machine = token.Secret
	return p, err
}

// stewardsToken is a token for the commands of whoever takes in deliveries.
func (s *site) stewardsToken(ctx context.Context) (string, error) {
	code, err := visitor.TOTP(s.people.Secrets["steward01"], time.Now().Add(30*time.Second)) // this half minute's may be used up
	if err != nil {
		return "", err
	}
	text, err := s.runAs(ctx, "", password+"\n"+code+"\n", "users", "token", "--data", s.data, "--account", "steward01")
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(string(text)), nil
}

// arrive signs the people in who are not, with password and code.
func (p *people) arrive(ctx context.Context, c *visitor.Client) error {
	for account, session := range map[string]*string{"verifier01": &p.verifier, "reviewer01": &p.reviewer, "auditor01": &p.auditor} {
		if *session != "" {
			continue
		}
		// The code of this half minute may be used up. The next one is good by now.
		code, err := visitor.TOTP(p.Secrets[account], time.Now().Add(30*time.Second))
		if err != nil {
			return err
		}
		if *session, err = visitor.SignIn(ctx, c, account, password, code); err != nil {
			return fmt.Errorf("%s: %w", account, err)
		}
	}
	return nil
}
