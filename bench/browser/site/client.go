package site

import (
	"context"

	"github.com/hedui/hedui/bench/visitor"
)

// as speaks to the service as an account, nil for nobody.
func (s *Site) as(a *Account) *visitor.Client {
	if a == nil {
		return s.nobody
	}
	return s.nobody.As("", a.session)
}

// Send sends one request as an account, nil for nobody. Body and headers are as for
// visitor.Client.
func (s *Site) Send(ctx context.Context, a *Account, method, path string, body any, more ...string) (*visitor.Reply, error) {
	return s.as(a).Send(ctx, method, path, body, more...)
}

// Ask is Send where every answer but a good one is an error. into is nil, or what the
// answer is read into.
func (s *Site) Ask(ctx context.Context, a *Account, method, path string, body, into any) (*visitor.Reply, error) {
	return s.as(a).Do(ctx, method, path, body, into)
}
