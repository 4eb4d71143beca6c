package ledger

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
)

// Entry is a pointer to one of the structs of this package.
type Entry interface {
	Kind() Kind
	// Key is the id of the entry among its kind. It never changes.
	Key() string
	// indexes adds the keys under which List finds it.
	indexes(add func(indexKey))
	// uniques are the names under which Find finds it, each with what kind of name
	// it is. A name once taken stays with its entry.
	uniques() []string
	// check says which field can't be right, empty when none.
	check() string
	stored() *Stored
}

// Stored is the part that all entries have.
type Stored struct {
	// Version is the state that was read; zero in an entry that is new. Put expects
	// it to be the newest still.
	Version Version `json:"-"`
	// Body is what only the owner of the entry understands. The caller encodes it,
	// and must not change it after handing it over.
	Body []byte `json:"-"`
}

func (s *Stored) stored() *Stored { return s }

func (*Stored) uniques() []string { return nil }

// entryOf is a pointer to T that is an Entry.
type entryOf[T any] interface {
	*T
	Entry
}

// Put makes the Op that writes an entry: a new one when its Version is 0, else the
// next state of the one that was read.
func Put(e Entry) Op {
	op := PutOver(e)
	op.Over, op.Expect = false, e.stored().Version
	return op
}

// PutOver makes the Op that writes an entry whatever its newest version is.
func PutOver(e Entry) Op {
	fields, err := json.Marshal(e)
	if err != nil { // no entry holds what JSON can't say
		panic("ledger: " + err.Error())
	}
	return Op{Kind: e.Kind(), ID: e.Key(), Over: true, Fields: fields, Body: e.stored().Body, known: knowledge(e)}
}

// Erase makes the Op that removes an entry's content and leaves a stub, so that its
// id is not used again.
func Erase(e Entry) Op {
	return Op{Kind: e.Kind(), ID: e.Key(), Expect: e.stored().Version, Erase: true}
}

// RequireSame is the condition that an entry that was read is still the newest.
func RequireSame(e Entry) Require { return Require{e.Kind(), e.Key(), e.stored().Version} }

// Get reads an entry: Get[Case](ctx, l, id).
func Get[T any, P entryOf[T]](ctx context.Context, l Ledger, id string) (P, error) {
	row, err := l.Get(ctx, P(new(T)).Kind(), id)
	if err != nil {
		return nil, err
	}
	return decode[T, P](row)
}

// Find reads an entry by a unique name: Find[User](ctx, l, UserName(name)).
func Find[T any, P entryOf[T]](ctx context.Context, l Ledger, unique string) (P, error) {
	row, err := l.Find(ctx, P(new(T)).Kind(), unique)
	if err != nil {
		return nil, err
	}
	return decode[T, P](row)
}

// List reads a page of entries and where the next one begins, empty at the end:
// List[Verdict](ctx, l, VerdictsOf(household)).
func List[T any, P entryOf[T]](ctx context.Context, l Ledger, q Query) (list []P, next string, err error) {
	if kind := P(new(T)).Kind(); q.Kind != kind {
		return nil, "", fmt.Errorf("%w: a query for a %s is read as %s", ErrInvalid, q.Kind, kind)
	}
	page, err := l.List(ctx, q)
	if err != nil {
		return nil, "", err
	}
	list = make([]P, len(page.Rows))
	for i, row := range page.Rows {
		if list[i], err = decode[T, P](row); err != nil {
			return nil, "", err
		}
	}
	return list, page.Next, nil
}

// All reads every page of a query, one entry at a time, until do returns an error.
func All[T any, P entryOf[T]](ctx context.Context, l Ledger, q Query, do func(P) error) error {
	if q.Limit == 0 {
		q.Limit = MaxPage
	}
	for {
		list, next, err := List[T, P](ctx, l, q)
		if err != nil {
			return err
		}
		for _, e := range list {
			if err := do(e); err != nil {
				return err
			}
		}
		if next == "" {
			return nil
		}
		q.Cursor = next
	}
}

func decode[T any, P entryOf[T]](row Row) (P, error) {
	e := P(new(T))
	if err := decodeInto(row, e); err != nil {
		return nil, err
	}
	return e, nil
}

// Decode is the entry of a row, for whoever reads entries of any kind.
func Decode(row Row) (Entry, error) {
	e := blank(row.Kind)
	if e == nil {
		return nil, fmt.Errorf("%w: %s", ErrInvalid, row.Kind)
	}
	return e, decodeInto(row, e)
}

func decodeInto(row Row, e Entry) error {
	d := json.NewDecoder(bytes.NewReader(row.Fields))
	d.DisallowUnknownFields()
	// The decoder's own words may quote what it read.
	if d.Decode(e) != nil || e.Kind() != row.Kind || e.Key() != row.ID {
		return fmt.Errorf("%w: the fields of %s %s are not one", ErrInvalid, row.Kind, row.ID)
	}
	s := e.stored()
	s.Version, s.Body = row.Version, row.Body
	return nil
}
