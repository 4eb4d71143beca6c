package watch

import (
	"context"
	"encoding/json"
	"errors"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/account"
	"github.com/hedui/hedui/engine/audit/snoop"
	"github.com/hedui/hedui/engine/authorization"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/register"
	"github.com/hedui/hedui/engine/review"
)

const (
	// grace is how long after the end of a case, or of an authorisation, there is still
	// something to do: a notice to print, a file to put away.
	grace = 72 * time.Hour
	// changeLasts is how long a change that was found by checking again is a reason to look.
	changeLasts = 90 * 24 * time.Hour
)

// Context answers what the log does not hold from the ledger. What can't be read is
// answered as unknown, and Err says so: the answer must not be used then. It is for one
// goroutine.
type Context struct {
	plain snoop.Plain
	l     ledger.Ledger
	ctx   context.Context //nolint:containedctx // of the step that Begin began; snoop.Context has none
	lists *lists
	used  bool // somebody has registered an authorisation, so that to have none says something
	err   error

	// Of the household that was asked about last.
	number string
	facts  facts
}

var _ snoop.Context = (*Context)(nil)

// facts are what the ledger has of one household.
type facts struct {
	papers  []*authorization.Authorization
	persons []ledger.Pseudonym
	cases   []*review.Case
	changes []time.Time
	unknown bool // what the ledger has can't be read: nothing is a sign
}

// NewContext answers from a ledger; hours of work and what a household's number begins with
// are as plain says.
func NewContext(l ledger.Ledger, plain snoop.Plain) *Context { return &Context{plain: plain, l: l} }

// Begin begins a step: what follows is answered from the ledger as it is now.
func (c *Context) Begin(ctx context.Context) (err error) {
	c.ctx, c.err, c.number = ctx, nil, ""
	if c.lists, err = readLists(ctx, c.l, c.lists); err != nil || c.used {
		return err
	}
	q := ledger.Every(ledger.KindAuthorization)
	q.Limit, q.Bare = 1, true
	page, err := c.l.List(ctx, q)
	c.used = len(page.Rows) > 0
	return err
}

// Err is why something could not be answered since Begin.
func (c *Context) Err() error { return c.err }

// Working reports whether people work at a time.
func (c *Context) Working(at time.Time) bool { return c.plain.Working(at) }

// Honey reports whether a household is on the list.
func (c *Context) Honey(household string) bool {
	_, is := c.lists.honey[household]
	return is || c.plain.Honey(household)
}

// forget makes the next question read the ledger.
func (c *Context) forget() { c.number = "" }

// read reads what the ledger has of a household.
func (c *Context) read(household string) *facts {
	if c.number == household {
		return &c.facts
	}
	c.number, c.facts = household, facts{}
	switch err := c.facts.read(c.ctx, c.l, household); {
	case err == nil:
	case errors.Is(err, ledger.ErrInvalid):
		c.facts = facts{} // what can't be a key of the ledger is nothing that it has
	case errors.Is(err, ledger.ErrDamaged), errors.Is(err, errBody), errors.Is(err, authorization.ErrFormat):
		c.facts = facts{unknown: true} // for `hedui doctor` to find; one household must not end the watch
	default:
		c.facts, c.err = facts{unknown: true}, err
	}
	return &c.facts
}

func (f *facts) read(ctx context.Context, l ledger.Ledger, household string) error {
	err := ledger.All(ctx, l, ledger.AuthorizationsOf(household), func(e *ledger.Authorization) error {
		a, err := authorization.Decode(e.Body)
		if err != nil {
			return err
		}
		f.papers = append(f.papers, a)
		f.persons = append(f.persons, e.Persons...)
		return nil
	})
	if err != nil {
		return err
	}
	err = ledger.All(ctx, l, ledger.CasesOf(household), func(e *ledger.Case) error {
		var stored struct {
			Case review.Case `json:"case"`
		}
		if json.Unmarshal(e.Body, &stored) != nil {
			return bad("case " + e.ID)
		}
		f.cases = append(f.cases, &stored.Case)
		return nil
	})
	if err != nil {
		return err
	}
	q := ledger.TasksOf(household)
	q.Bare = true
	return ledger.All(ctx, l, q, func(e *ledger.Task) error {
		if e.Queue == register.Changes {
			f.changes = append(f.changes, e.At.Time())
		}
		return nil
	})
}

// Case says whether somebody had a reason to look at a household at a time: a case that
// people work on, an authorisation that is live and that no case has ended, or a change
// that was found.
func (c *Context) Case(household string, at time.Time) snoop.CaseState {
	if !c.used {
		return snoop.CaseUnknown
	}
	f := c.read(household)
	if f.unknown {
		return snoop.CaseUnknown
	}
	return f.state(at)
}

func (f *facts) state(at time.Time) snoop.CaseState {
	// Times of the audit log are whole seconds, those of the ledger are finer.
	before := func(t time.Time) bool { return !t.Truncate(time.Second).After(at) }
	known := false
	var ended time.Time
	for _, k := range f.cases {
		began, closed := span(k, before)
		if began.IsZero() || !before(began) {
			continue
		}
		known = true
		if closed.IsZero() || at.Before(closed.Add(grace)) {
			return snoop.CaseOpen
		}
		if closed.After(ended) {
			ended = closed
		}
	}
	for _, t := range f.changes {
		if before(t) && at.Before(t.Add(changeLasts)) {
			return snoop.CaseOpen
		}
	}
	for _, a := range f.papers {
		if !before(a.RegisteredAt) {
			continue
		}
		known = true
		over := a.Withdrawn != nil && !at.Before(a.Withdrawn.At.Add(grace)) || authorization.Day(at.Add(-grace)) > a.To
		if !over && a.RegisteredAt.After(ended) && a.From <= authorization.Day(at) {
			return snoop.CaseOpen
		}
	}
	if known {
		return snoop.CaseClosed
	}
	return snoop.CaseNever
}

// span says when a case began and, as it was at the time that before stands for, when it
// was closed; zero while it was open.
func span(k *review.Case, before func(time.Time) bool) (began, closed time.Time) {
	began = k.Since
	state := review.Proposed
	for _, step := range k.History {
		if step.At.Before(began) {
			began = step.At // a newer verdict came since
		}
		if !before(step.At) {
			continue
		}
		if was := state.Closed(); step.To.Closed() != was {
			closed = time.Time{}
			if !was {
				closed = step.At
			}
		}
		state = step.To
	}
	return began, closed
}

// Outside reports that no authorisation of a household was registered in the division of
// who looked or below it. Of a household that has none its number tells.
func (c *Context) Outside(a snoop.Access) bool {
	if a.Division == "" {
		return false
	}
	f := c.read(a.Household)
	if f.unknown {
		return false
	}
	if len(f.papers) == 0 {
		return c.plain.Outside(a)
	}
	for _, p := range f.papers {
		if access.Within(p.Division, a.Division) {
			return false
		}
	}
	return true
}

// Related says what the ledger knows of an actor and the members of a household.
func (c *Context) Related(actor, household string) (r snoop.Relation) {
	f := c.read(household)
	if len(f.persons) == 0 {
		return 0
	}
	e, err := ledger.Find[ledger.User](c.ctx, c.l, ledger.UserName(actor))
	if errors.Is(err, ledger.ErrNotFound) || errors.Is(err, ledger.ErrErased) || errors.Is(err, ledger.ErrInvalid) {
		return 0 // a command's actor has no account
	}
	if err != nil {
		if !errors.Is(err, ledger.ErrDamaged) {
			c.err = err
		}
		return 0
	}
	for _, p := range f.persons {
		switch who, staff := c.lists.who[p]; {
		case staff && who == e.Person:
			r |= snoop.Self
		case staff:
			r |= snoop.Colleague
		}
		if c.lists.kin[e.Person][p] {
			r |= snoop.SameAddress
		}
	}
	u, err := account.DecodeUser(e.Body)
	if err != nil {
		return r // its name is not known
	}
	if own := surname(u.Display); own != 0 {
		for _, a := range f.papers {
			for i := range a.Members {
				if surname(a.Members[i].Name.Reveal()) == own {
					r |= snoop.SameSurname
				}
			}
		}
	}
	return r
}

// surname is the first character of a name of two to four Chinese characters, 0 of what is
// none. It is a weak sign, so that a compound surname may be cut.
func surname(name string) rune {
	if n := utf8.RuneCountInString(name); n < 2 || n > 4 {
		return 0
	}
	first := rune(0)
	for i, r := range name {
		if !unicode.Is(unicode.Han, r) {
			return 0
		}
		if i == 0 {
			first = r
		}
	}
	return first
}

// division is where the alert of an access belongs: to the body of who looked, or for one
// that has none to that of the household.
func (c *Context) division(a *snoop.Access) string {
	if d := access.Significant(a.Division); d != "" {
		return d
	}
	for _, p := range c.read(a.Household).papers {
		if d := access.Significant(p.Division); d != "" {
			return d
		}
	}
	return access.Significant(a.Household[:min(6, len(a.Household))])
}
