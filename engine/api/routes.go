package api

import (
	"context"
	"net/http"

	"github.com/hedui/hedui/engine/api/wire"
)

// Shapes that many routes share.

// Paging asks for a part of a list.
type Paging struct {
	Cursor string `query:"cursor" maxLength:"512" doc:"As the page before said it in next"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"At most so many"`
}

// ByNumber names an authorisation or a household.
type ByNumber struct {
	Number string `path:"number" maxLength:"64" pattern:"^[^\\s/]+$" doc:"Its number" example:"340104-000123"`
}

// ByID names something by the id that the ledger gave it.
type ByID struct {
	ID string `path:"id" maxLength:"64" pattern:"^[0-9A-Za-z._-]+$" doc:"Its id" example:"c-000001"`
}

// ByAccount names an account.
type ByAccount struct {
	Account string `path:"account" maxLength:"64" pattern:"^[a-z0-9._-]+$" doc:"Name of the account" example:"verifier01"`
}

// Of is a request with a body.
type Of[T any] struct {
	Body T
}

// None is a request or an answer without anything in it.
type None struct{}

// Answer is an answer with a body.
type Answer[T any] struct {
	Body T
}

// Rows is a part of a list.
type Rows[T any] struct {
	Items []T    `json:"items" doc:"In the order of the list"`
	Next  string `json:"next,omitempty" doc:"The cursor of the next part; absent at the end" example:"(cursor)"`
}

// answered wraps what the desk said.
func answered[T any](v T, err error) (*Answer[T], error) {
	if err != nil {
		return nil, err
	}
	return &Answer[T]{Body: v}, nil
}

// nothing wraps what has no answer.
func nothing(err error) (*None, error) {
	if err != nil {
		return nil, err
	}
	return &None{}, nil
}

// about notes the number that was asked about, for the log; it is written there only
// when the desk knew it.
func about(ctx context.Context, number string) { callOf(ctx).about = number }

// turn opens a cursor, asks the desk, and seals where the page ended.
func turn[Q, T any](s *Server, c wire.Caller, p Paging, q Q, page *wire.Page, ask func() (wire.List[T], error)) (*Answer[Rows[T]], error) {
	list := listed(c, q)
	after, err := s.cursors.open(list, p.Cursor)
	if err != nil {
		return nil, err
	}
	*page = wire.Page{After: after, Limit: p.Limit}
	l, err := ask()
	if err != nil {
		return nil, err
	}
	if l.Items == nil {
		l.Items = []T{}
	}
	return &Answer[Rows[T]]{Body: Rows[T]{Items: l.Items, Next: s.cursors.seal(list, l.Next)}}, nil
}

const (
	get    = http.MethodGet
	post   = http.MethodPost
	patch  = http.MethodPatch
	remove = http.MethodDelete
)
