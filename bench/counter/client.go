package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// client speaks to a server as one account: with a token, with the cookie of a session,
// or as nobody.
type client struct {
	base   string // http://host:port
	token  string
	cookie string
	http   *http.Client
}

func newClient(base string) *client {
	return &client{base: base, http: &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
}

// as is the same server for another account.
func (c *client) as(token, cookie string) *client {
	d := *c
	d.token, d.cookie = token, cookie
	return &d
}

// reply is what a server answered.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// statusError is an answer that was not the one hoped for. It holds the code of the
// refusal and nothing of its subject.
type statusError struct {
	method, path, code string
	status             int
}

func (e *statusError) Error() string {
	return fmt.Sprintf("%s %s: %d %s", e.method, e.path, e.status, e.code)
}

// send sends one request. body is nil, text that goes as it is, or what is written as
// JSON.
func (c *client) send(ctx context.Context, method, path string, body any) (*reply, error) {
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
	r, err := http.NewRequestWithContext(ctx, method, c.base+path, in)
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
		r.AddCookie(&http.Cookie{Name: "hedui", Value: c.cookie})
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
	return &reply{answer.StatusCode, answer.Header, text}, nil
}

// do is send where every answer but a good one is an error.
func (c *client) do(ctx context.Context, method, path string, body, into any) (*reply, error) {
	r, err := c.send(ctx, method, path, body)
	if err != nil {
		return nil, err
	}
	if r.status >= http.StatusMultipleChoices {
		var p struct {
			Code string `json:"code"`
		}
		_ = json.Unmarshal(r.body, &p) // a code is nice to have
		return r, &statusError{method, path, p.Code, r.status}
	}
	if into != nil {
		if err := json.Unmarshal(r.body, into); err != nil {
			return r, fmt.Errorf("%s %s: the answer is no JSON", method, path)
		}
	}
	return r, nil
}
