package visitor

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

// TOTP is the code of a second factor at a time (RFC 6238, SHA-1, 6 digits, 30 s).
func TOTP(secret string, at time.Time) (string, error) {
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

// SetPassword takes a new account into use as far as its first password goes, which it
// changes, and signs in with the other.
func SetPassword(ctx context.Context, c *Client, account, first, password string) (session string, err error) {
	session, err = SignIn(ctx, c, account, first, "")
	if err != nil {
		return "", err
	}
	if _, err := c.As("", session).Do(ctx, http.MethodPost, "/api/v1/me/password", map[string]string{"old": first, "new": password}, nil); err != nil {
		return "", err
	}
	return SignIn(ctx, c, account, password, "")
}

// Factor is a second factor as its person has it.
type Factor struct {
	Secret   string
	Recovery []string // codes, each good once
	Used     int64    // the half minute whose code enrolling it used up
}

// Enrol enrols a second factor of the account that c is. Its session ends with that.
func Enrol(ctx context.Context, c *Client, password string) (*Factor, error) {
	var enrolment struct {
		Secret        string   `json:"secret"`
		RecoveryCodes []string `json:"recovery_codes"`
	}
	if _, err := c.Do(ctx, http.MethodPost, "/api/v1/me/factor", map[string]string{"password": password}, &enrolment); err != nil {
		return nil, err
	}
	f := &Factor{Secret: enrolment.Secret}
	now := time.Now()
	f.Used = now.Unix() / 30
	code, err := TOTP(f.Secret, now)
	if err != nil {
		return nil, err
	}
	if _, err := c.Do(ctx, http.MethodPost, "/api/v1/me/factor", map[string]any{"code": code, "confirm": true}, &enrolment); err != nil {
		return nil, err
	}
	if f.Recovery = enrolment.RecoveryCodes; len(f.Recovery) == 0 {
		return nil, errors.New("no recovery codes were given")
	}
	return f, nil
}

// Settle takes a new account into use as its person would: the first password is
// changed, a second factor enrolled, and the person signs in with both. It returns the
// session and the secret of the second factor.
func Settle(ctx context.Context, c *Client, account, first, password string) (session, secret string, err error) {
	if session, err = SetPassword(ctx, c, account, first, password); err != nil {
		return "", "", err
	}
	f, err := Enrol(ctx, c.As("", session), password)
	if err != nil {
		return "", "", err
	}
	// The code of this half minute is used up. A recovery code signs in at once.
	session, err = SignIn(ctx, c, account, password, f.Recovery[0])
	return session, f.Secret, err
}

// SignIn opens a session and returns its cookie.
func SignIn(ctx context.Context, c *Client, account, password, code string) (string, error) {
	body := map[string]string{"account": account, "password": password}
	if code != "" {
		body["code"] = code
	}
	r, err := c.Do(ctx, http.MethodPost, "/api/v1/sign-in", body, nil)
	if err != nil {
		return "", err
	}
	for _, k := range (&http.Response{Header: r.Header}).Cookies() {
		if k.Value != "" {
			return k.Value, nil
		}
	}
	return "", errors.New("signing in gave no session")
}
