package site

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Reply is what the service answered.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte
	Code   string // of a refusal
	Fields string // that it names
}

// newClient sends requests and follows nothing.
func newClient() *http.Client {
	return &http.Client{
		Timeout:       30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Send sends one request as an account, nil for nobody. body is nil, text that goes as
// it is, or what is written as JSON. More are headers, name and value in turn.
func (s *Site) Send(ctx context.Context, a *Account, method, path string, body any, more ...string) (*Reply, error) {
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
	r, err := http.NewRequestWithContext(ctx, method, s.Home+path, in)
	if err != nil {
		return nil, err
	}
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if a != nil {
		r.AddCookie(&http.Cookie{Name: CookieName, Value: a.session})
	}
	for i := 0; i+1 < len(more); i += 2 {
		r.Header.Set(more[i], more[i+1])
	}
	answer, err := s.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	out := &Reply{Status: answer.StatusCode, Header: answer.Header, Body: text}
	if out.Status >= http.StatusBadRequest {
		var p struct {
			Code   string `json:"code"`
			Errors []struct {
				Location string `json:"location"`
				Name     string `json:"name"`
				Rule     string `json:"rule"`
			} `json:"fields"`
		}
		_ = json.Unmarshal(text, &p) // a code is nice to have
		out.Code = p.Code
		for _, e := range p.Errors {
			out.Fields += " " + e.Location + e.Name + ":" + e.Rule
		}
	}
	return out, nil
}

// Ask is Send where every answer but a good one is an error. into is nil, or what the
// answer is read into.
func (s *Site) Ask(ctx context.Context, a *Account, method, path string, body, into any) (*Reply, error) {
	r, err := s.Send(ctx, a, method, path, body)
	if err != nil {
		return nil, err
	}
	if r.Status >= http.StatusMultipleChoices {
		return r, fmt.Errorf("%s %s: %d %s%s", method, path, r.Status, r.Code, r.Fields)
	}
	if into != nil {
		if err := json.Unmarshal(r.Body, into); err != nil {
			return r, fmt.Errorf("%s %s: the answer is no JSON", method, path)
		}
	}
	return r, nil
}
