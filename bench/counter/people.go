package main

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

// people are the accounts of a site.
type people struct {
	Machine string            `json:"machine"` // token of the city's machine
	Secrets map[string]string `json:"secrets"` // of the second factors, by account

	verifier, reviewer, auditor string // sessions
}

// password is everybody's. Nobody but this driver has an account here.
const password = "drei Birnen unter 7 Dachziegeln"

// totp is the code of a second factor at a time (RFC 6238, SHA-1, 6 digits, 30 s).
func totp(secret string, at time.Time) (string, error) {
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ToUpper(secret))
	if err != nil {
		return "", errors.New("the secret of a second factor can't be read")
	}
	var count [8]byte
	binary.BigEndian.PutUint64(count[:], uint64(at.Unix()/30))
	mac := hmac.New(sha1.New, key)
	mac.Write(count[:])
	sum := mac.Sum(nil)
	n := binary.BigEndian.Uint32(sum[sum[len(sum)-1]&0xf:]) & 0x7fffffff
	return fmt.Sprintf("%06d", n%1_000_000), nil
}

// settle takes a new account into use as its person would: the first password is
// changed, a second factor enrolled, and the person signs in with both. It returns the
// session.
func (p *people) settle(ctx context.Context, c *client, account, first string) (string, error) {
	session, err := signIn(ctx, c, account, first, "")
	if err != nil {
		return "", err
	}
	if _, err := c.as("", session).do(ctx, http.MethodPost, "/api/v1/me/password", map[string]string{"old": first, "new": password}, nil); err != nil {
		return "", err
	}
	if session, err = signIn(ctx, c, account, password, ""); err != nil {
		return "", err
	}
	own := c.as("", session)
	var enrolment struct {
		Secret        string   `json:"secret"`
		RecoveryCodes []string `json:"recovery_codes"`
	}
	if _, err := own.do(ctx, http.MethodPost, "/api/v1/me/factor", map[string]string{"password": password}, &enrolment); err != nil {
		return "", err
	}
	code, err := totp(enrolment.Secret, time.Now())
	if err != nil {
		return "", err
	}
	if _, err := own.do(ctx, http.MethodPost, "/api/v1/me/factor", map[string]any{"code": code, "confirm": true}, &enrolment); err != nil {
		return "", err
	}
	p.Secrets[account] = enrolment.Secret
	if len(enrolment.RecoveryCodes) == 0 {
		return "", errors.New("no recovery codes were given")
	}
	// The code of this half minute is used up. A recovery code signs in at once.
	return signIn(ctx, c, account, password, enrolment.RecoveryCodes[0])
}

func signIn(ctx context.Context, c *client, account, password, code string) (string, error) {
	body := map[string]string{"account": account, "password": password}
	if code != "" {
		body["code"] = code
	}
	r, err := c.do(ctx, http.MethodPost, "/api/v1/sign-in", body, nil)
	if err != nil {
		return "", err
	}
	for _, k := range (&http.Response{Header: r.header}).Cookies() {
		if k.Value != "" {
			return k.Value, nil
		}
	}
	return "", errors.New("signing in gave no session")
}

// staff makes the accounts of a site: the first password of the security administrator
// is what hedui users bootstrap printed.
func staff(ctx context.Context, c *client, first string) (people, error) {
	p := people{Secrets: map[string]string{}}
	admin, err := p.settle(ctx, c, "security01", first)
	if err != nil {
		return p, err
	}
	boss := c.as("", admin)
	create := func(name, role string) (string, error) {
		var made struct {
			Password string `json:"first_password"`
		}
		_, err := boss.do(ctx, http.MethodPost, "/api/v1/users", map[string]any{
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
	_, err = boss.do(ctx, http.MethodPost, "/api/v1/tokens", map[string]any{
		"account": "city01", "operations": []string{"check", "authorization.register", "authorization.read", "batch.submit"},
		"note": "load test", "expires": time.Now().AddDate(0, 6, 0).Format(time.DateOnly), "reason": "load test",
	}, &token)
	p.Machine = token.Secret
	return p, err
}

// stewardsToken is a token for the commands of whoever takes in deliveries.
func (s *site) stewardsToken() (string, error) {
	code, err := totp(s.people.Secrets["steward01"], time.Now().Add(30*time.Second)) // this half minute's may be used up
	if err != nil {
		return "", err
	}
	text, err := s.runAs("", password+"\n"+code+"\n", "users", "token", "--data", s.data, "--account", "steward01")
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, text)
	}
	return strings.TrimSpace(string(text)), nil
}

// arrive signs the people in who are not, with password and code.
func (p *people) arrive(ctx context.Context, c *client) error {
	for account, session := range map[string]*string{"verifier01": &p.verifier, "reviewer01": &p.reviewer, "auditor01": &p.auditor} {
		if *session != "" {
			continue
		}
		// The code of this half minute may be used up. The next one is good by now.
		code, err := totp(p.Secrets[account], time.Now().Add(30*time.Second))
		if err != nil {
			return err
		}
		if *session, err = signIn(ctx, c, account, password, code); err != nil {
			return fmt.Errorf("%s: %w", account, err)
		}
	}
	return nil
}
