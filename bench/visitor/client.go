// Package visitor speaks to hedui serve over HTTP as one account, and takes new accounts into
// use as their people would: password, second factor, signing in. It is for the measurements
// and demonstrations of bench, and for the tests of the console. It follows no redirection.
package visitor

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// CookieName is what the cookie of a session is called where there is no TLS.
const CookieName = "hedui"

// cookieTLS is what it is called over TLS.
const cookieTLS = "__Host-hedui"

// Client speaks to a server as one account: with a token, with the cookie of a session,
// or as nobody.
type Client struct {
	Base   string // http://host:port
	token  string
	cookie string
	http   *http.Client
}

// New speaks to a server as nobody.
func New(base string) *Client { return Over(base, &http.Transport{MaxIdleConnsPerHost: 64}) }

// Over is New by a transport of the caller's: one that shows a certificate, or trusts one.
func Over(base string, by http.RoundTripper) *Client {
	return &Client{Base: base, http: &http.Client{
		Timeout: 30 * time.Second, Transport: by,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// As is the same server for another account.
func (c *Client) As(token, cookie string) *Client {
	d := *c
	d.token, d.cookie = token, cookie
	return &d
}

// Close lets the connections go.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Reply is what a server answered.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte
}

// Refusal is the code of a refusal and the fields that it names, each with its rule; both
// are "" of an answer that is none.
func (r *Reply) Refusal() (code, fields string) {
	var p struct {
		Code   string `json:"code"`
		Errors []struct {
			Location string `json:"location"`
			Name     string `json:"name"`
			Rule     string `json:"rule"`
		} `json:"fields"`
	}
	_ = json.Unmarshal(r.Body, &p) // a code is nice to have
	var b strings.Builder
	for _, e := range p.Errors {
		b.WriteString(" " + e.Location + e.Name + ":" + e.Rule)
	}
	return p.Code, b.String()
}

// StatusError is an answer that was not the one hoped for. It holds the code of the
// refusal and its fields, and nothing of its subject.
type StatusError struct {
	Method, Path, Code, Fields string
	Status                     int
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("%s %s: %d %s%s", e.Method, e.Path, e.Status, e.Code, e.Fields)
}

// Send sends one request. body is nil, text that goes as it is, or what is written as
// JSON. More are headers, name and value in turn.
func (c *Client) Send(ctx context.Context, method, path string, body any, more ...string) (*Reply, error) {
	var in io.Reader
	switch b := body.(type) {
	case nil:
	case []byte:
		in = bytes.NewReader(b)
	default:
		text, err := json.Marshal(b)
		if err != nil {
			return nil, err
		}
		in = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(ctx, method, c.Base+path, in)
	if err != nil {
		return nil, err
	}
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	switch {
	case c.token != "":
		r.Header.Set("Authorization", "Bearer "+c.token)
	case c.cookie != "":
		name := CookieName
		if strings.HasPrefix(c.Base, "https:") {
			name = cookieTLS
		}
		r.AddCookie(&http.Cookie{Name: name, Value: c.cookie})
	}
	for i := 0; i+1 < len(more); i += 2 {
		r.Header.Set(more[i], more[i+1])
	}
	answer, err := c.http.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	return &Reply{answer.StatusCode, answer.Header, text}, nil
}

// Do is Send where every answer but a good one is an error.
func (c *Client) Do(ctx context.Context, method, path string, body, into any) (*Reply, error) {
	r, err := c.Send(ctx, method, path, body)
	if err != nil {
		return nil, err
	}
	if r.Status >= http.StatusMultipleChoices {
		code, fields := r.Refusal()
		return r, &StatusError{method, path, code, fields, r.Status}
	}
	if into != nil {
		if err := json.Unmarshal(r.Body, into); err != nil {
			return r, fmt.Errorf("%s %s: the answer is no JSON", method, path)
		}
	}
	return r, nil
}
