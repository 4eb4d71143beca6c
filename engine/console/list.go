package console

import (
	"net/url"

	"github.com/hedui/hedui/engine/api/wire"
)

// cursorParameter is where in a list a page begins.
const cursorParameter = "cursor"

// pageSize is how many lines a page of a list has.
const pageSize = 50

// pager is the way to the other pages of a list.
type pager struct {
	First, Next string // addresses; "" for none
}

// listing is one page of a list: its filter is query, its page is put into page, and ask
// asks for it.
func listing[Q, T any](v *visit, query Q, page *wire.Page, ask func() (wire.List[T], error)) ([]T, pager, error) {
	after, err := v.call.After(query, v.query(cursorParameter))
	if err != nil {
		return nil, pager{}, err
	}
	*page = wire.Page{After: after, Limit: pageSize}
	l, err := ask()
	if err != nil {
		return nil, pager{}, err
	}
	var p pager
	if after != "" {
		p.First = v.with(cursorParameter, "")
	}
	if l.Next != "" {
		p.Next = v.with(cursorParameter, v.call.Next(query, l.Next))
	}
	return l.Items, p, nil
}

// with is the address of this page with one parameter changed.
func (v *visit) with(name, value string) string {
	q := v.r.URL.Query()
	q.Del(doneParameter)
	if value == "" {
		q.Del(name)
	} else {
		q.Set(name, value)
	}
	u := url.URL{Path: v.r.URL.Path, RawQuery: q.Encode()}
	return u.String()
}
