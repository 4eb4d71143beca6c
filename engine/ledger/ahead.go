package ledger

import (
	"context"
	"encoding/json"
	"fmt"
)

// Ask is one read: of an entry by its id, or of all that a query finds.
type Ask struct {
	Kind  Kind   `json:"kind,omitempty"`
	ID    string `json:"id,omitempty"`
	Query *Query `json:"query,omitempty"`
}

// AskAll asks for what All reads of a query.
func AskAll(q Query) Ask {
	if q.Limit == 0 {
		q.Limit = MaxPage
	}
	return Ask{Query: &q}
}

// Ahead is a ledger for a piece of work that knows beforehand what it will read. A client
// reads it in one question instead of many, each of which is a way to the owner and back;
// what was read ahead is answered from memory, as it was then. Nothing is gained, and nothing
// done, where the ledger is this process's own. It belongs to one piece of work: whoever
// begins again takes another.
type Ahead struct {
	Ledger

	client *Client // nil when this process owns the ledger
	rows   map[aheadRow]reply
	pages  map[string]reply
}

type aheadRow struct {
	kind Kind
	id   string
}

// reply is the answer to one Ask.
type reply struct {
	Row  *Row       `json:"row,omitempty"`
	Page *Page      `json:"page,omitempty"`
	Err  *wireError `json:"error,omitempty"`
}

// ReadAhead returns a ledger that reads ahead.
func ReadAhead(l Ledger) *Ahead {
	a := &Ahead{Ledger: l, rows: map[aheadRow]reply{}, pages: map[string]reply{}}
	a.client, _ = l.(*Client)
	return a
}

// Useful reports whether anything is gained by reading ahead.
func (a *Ahead) Useful() bool { return a.client != nil }

// asksAtOnce keeps an answer well below what goes over the socket.
const asksAtOnce = 256

// Read reads ahead. What can't be read is told when it is read.
func (a *Ahead) Read(ctx context.Context, asks ...Ask) error {
	if a.client == nil {
		return nil
	}
	for len(asks) > 0 {
		n := min(len(asks), asksAtOnce)
		var replies []reply
		if err := a.client.ask(ctx, "many", asks[:n], &replies); err != nil {
			return err
		}
		if len(replies) > n {
			return fmt.Errorf("the owner of the ledger answers %d of %d questions", len(replies), n)
		}
		for i, r := range replies { // those that are missing would have made it too large
			if q := asks[i].Query; q != nil {
				a.pages[q.text()] = r
			} else {
				a.rows[aheadRow{asks[i].Kind, asks[i].ID}] = r
			}
		}
		asks = asks[n:]
	}
	return nil
}

// text tells queries apart.
func (q *Query) text() string {
	b, _ := json.Marshal(q) // always can be
	return string(b)
}

// Get implements Ledger.
func (a *Ahead) Get(ctx context.Context, kind Kind, id string) (Row, error) {
	r, held := a.rows[aheadRow{kind, id}]
	switch {
	case held && r.Err != nil:
		return Row{}, r.Err
	case held && r.Row != nil:
		return *r.Row, nil
	}
	return a.Ledger.Get(ctx, kind, id)
}

// List implements Ledger.
func (a *Ahead) List(ctx context.Context, q Query) (Page, error) {
	if len(a.pages) > 0 {
		if r, held := a.pages[q.text()]; held && r.Err != nil {
			return Page{}, r.Err
		} else if held && r.Page != nil {
			return *r.Page, nil
		}
	}
	return a.Ledger.List(ctx, q)
}

// mostOfMany ends an answer to many questions; the rest are asked one by one.
const mostOfMany = 8 << 20

// many answers questions of a client in their order, as many as go into one answer.
func many(ctx context.Context, l Ledger, asks []Ask) ([]reply, error) {
	if len(asks) > asksAtOnce {
		return nil, fmt.Errorf("%w: %d questions at once, at most %d", ErrTooLarge, len(asks), asksAtOnce)
	}
	replies := make([]reply, 0, len(asks))
	size := 0
	for _, q := range asks {
		if size > mostOfMany {
			break
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		var r reply
		if q.Query != nil {
			page, err := l.List(ctx, *q.Query)
			r.Page, r.Err = &page, failed(err)
			for _, row := range page.Rows {
				size += len(row.Body)
			}
		} else {
			row, err := l.Get(ctx, q.Kind, q.ID)
			r.Row, r.Err = &row, failed(err)
			size += len(row.Body)
		}
		replies = append(replies, r)
	}
	return replies, nil
}

func failed(err error) *wireError {
	if err == nil {
		return nil
	}
	w := toWire(err)
	return &w
}
