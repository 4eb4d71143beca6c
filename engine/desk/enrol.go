package desk

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/authorization"
	"github.com/hedui/hedui/engine/ledger"
)

// EnrolOptions of an Enroller.
type EnrolOptions struct {
	Ledger ledger.Ledger
	Audit  Audit
	Now    func() time.Time
	Caller Caller
	// Unjudged says that there are no accounts yet, so that no policy judges the caller.
	Unjudged bool
}

// Enroller registers authorisations by the thousand, as a province does once. It judges
// each as RegisterAuthorization would, and commits many at once. What is registered
// already with the same content is a duplicate, so that the same list may come again.
type Enroller struct{ o EnrolOptions }

// NewEnroller returns an enroller, or a refusal when the caller may register nothing.
func NewEnroller(o EnrolOptions) (*Enroller, error) {
	e := &Enroller{o}
	if o.Unjudged {
		return e, nil
	}
	d := &Desk{o: Options{Audit: o.Audit}}
	return e, d.may(&e.o.Caller, access.AuthorizationRegister, "")
}

// Enrolment says what became of one authorisation of a list.
type Enrolment uint8

// What becomes of an authorisation.
const (
	Registered Enrolment = iota + 1
	Duplicate            // registered already, with the same content
	NotEnrolled
)

// Enrolled is what became of one authorisation.
type Enrolled struct {
	State  Enrolment
	Code   Code     // of NotEnrolled: InvalidField, NotFound of what the caller may not reach, Exists with other content
	Fields []string // of InvalidField
}

// Enrolling is a part of a list on its way into the ledger.
type Enrolling struct {
	items  []enrolItem
	denied []audit.Subject
}

// enrolItem is one authorisation of a list.
type enrolItem struct {
	a    *authorization.Authorization
	put  ledger.Op
	size int
	twin *enrolItem // the first of its number in the list, when it is not the first
	done Enrolled   // State 0 while nobody knows
}

// open reports whether the authorisation is to be registered.
func (x *enrolItem) open() bool { return x.done.State == 0 && x.twin == nil }

// EnrolAtOnce is how many authorisations one Enrolling may hold.
const EnrolAtOnce = 2000

// enrolChange is how many go into one change.
const enrolChange = 500

// Prepare judges the authorisations of a list and makes their entries. Nothing is written.
// It keeps the list. Several parts may be prepared at once.
func (e *Enroller) Prepare(list []authorization.Authorization) (*Enrolling, error) {
	if len(list) > EnrolAtOnce {
		return nil, fmt.Errorf("internal: %d authorisations at once, at most %d", len(list), EnrolAtOnce)
	}
	p := &Enrolling{items: make([]enrolItem, len(list))}
	at := ledger.At(e.o.Now()).Time()
	var g sync.WaitGroup
	n := max(1, min(runtime.GOMAXPROCS(0), len(list)/64))
	for part := range n {
		g.Go(func() {
			for i := len(list) * part / n; i < len(list)*(part+1)/n; i++ {
				e.prepare(&p.items[i], &list[i], at)
			}
		})
	}
	g.Wait()
	first := map[string]*enrolItem{}
	for i := range p.items {
		x := &p.items[i]
		switch {
		case x.done.Code == NotFound:
			p.denied = append(p.denied, audit.Subject{Household: x.a.Household, Authorization: x.a.Number})
		case x.done.State != 0:
		case first[x.a.Number] == nil:
			first[x.a.Number] = x
		default: // twice in one list
			x.twin = first[x.a.Number]
		}
	}
	return p, nil
}

// repeated is what becomes of an authorisation whose number is registered.
func repeated(held, a *authorization.Authorization) Enrolled {
	if authorization.SameRegistration(held, a) {
		return Enrolled{State: Duplicate}
	}
	return Enrolled{State: NotEnrolled, Code: Exists}
}

func (e *Enroller) prepare(x *enrolItem, a *authorization.Authorization, at time.Time) {
	x.a = a
	a.RegisteredBy, a.RegisteredAt, a.Withdrawn, a.Version = e.o.Caller.Account, at, nil, 1
	if refusal, ok := Refused(registrable(a)); ok {
		x.done = Enrolled{State: NotEnrolled, Code: refusal.Code, Fields: refusal.Fields}
		return
	}
	for _, purpose := range a.Purposes {
		if !e.o.Unjudged && !access.Decide(e.o.Caller.Subject, access.AuthorizationRegister, access.Object{Division: a.Division, Purpose: purpose}).Allow {
			x.done = Enrolled{State: NotEnrolled, Code: NotFound}
			return
		}
	}
	x.put = ledger.Put(entryOf(e.o.Ledger, a, 0))
	x.size = len(x.put.ID) + len(x.put.Fields) + len(x.put.Body)
}

// Commit registers a part of a list and says what became of each. When it returns without
// an error everything is on the disk; with one, some of it may be. Parts are committed one
// after the other, in their order.
func (e *Enroller) Commit(ctx context.Context, p *Enrolling) ([]Enrolled, error) {
	if len(p.denied) > 0 {
		n := e.event(p.denied)
		n.Outcome, n.Code = audit.Denied, string(access.ReasonOutside)
		if err := e.note(n); err != nil {
			return nil, err
		}
	}
	// Several changes at once: no two are about one authorisation, and the ledger packs
	// what each goroutine hands it.
	g, within := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0) + 1)
	for from := 0; from < len(p.items); {
		to, size := from, 0
		for to < len(p.items) && to-from < enrolChange && (to == from || size+p.items[to].size <= ledger.MaxBytes) {
			size += p.items[to].size
			to++
		}
		items := p.items[from:to]
		g.Go(func() error { return e.commit(within, items) })
		from = to
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	for i := range p.items {
		x := &p.items[i]
		switch {
		case x.twin == nil || x.done.State != 0:
		case x.twin.done.State == NotEnrolled: // something else is registered
			if err := e.hold(ctx, x); err != nil {
				return nil, err
			}
		default:
			x.done = repeated(x.twin.a, x.a)
		}
	}
	out := make([]Enrolled, len(p.items))
	for i := range p.items {
		out[i] = p.items[i].done
	}
	return out, nil
}

func (e *Enroller) event(subjects []audit.Subject) audit.Event {
	return e.o.Caller.event(access.AuthorizationRegister, "", subjects...)
}

func (e *Enroller) note(n audit.Event) error { return (&Desk{o: Options{Audit: e.o.Audit}}).note(n) }

// commit registers what fits into one change. It is tried as if nothing of it were
// registered, since mostly nothing is.
func (e *Enroller) commit(ctx context.Context, items []enrolItem) error {
	look := e.known(ctx, items)
	for range attempts {
		if look { // before the audit log is told what is registered
			if err := e.held(ctx, items); err != nil {
				return err
			}
		}
		var change ledger.Change
		var subjects []audit.Subject
		for i := range items {
			if x := &items[i]; x.open() {
				change.Ops = append(change.Ops, x.put)
				subjects = append(subjects, audit.Subject{Household: x.a.Household, Authorization: x.a.Number})
			}
		}
		if len(change.Ops) == 0 {
			return nil
		}
		n := e.event(subjects)
		n.Outcome = audit.Done
		if err := e.note(n); err != nil {
			return err
		}
		err := e.o.Ledger.Commit(ctx, change)
		if err == nil {
			for i := range items {
				if items[i].open() {
					items[i].done.State = Registered
				}
			}
			return nil
		}
		n.Outcome, n.Code = audit.Failed, "ledger"
		if look = errors.Is(err, ledger.ErrConflict) || errors.Is(err, ledger.ErrErased); look {
			n.Code = string(Changed)
		}
		if noted := e.note(n); noted != nil || !look {
			return errors.Join(noted, ledgerError(err))
		}
	}
	return refuse(Changed, "")
}

// known reports whether the first or the last of those that are to be registered is there
// already, as when a list comes again.
func (e *Enroller) known(ctx context.Context, items []enrolItem) bool {
	var ends []string
	for i := range items {
		if items[i].open() {
			ends = append(ends[:min(len(ends), 1)], items[i].a.Number)
		}
	}
	for _, number := range ends {
		if _, err := e.o.Ledger.Get(ctx, ledger.KindAuthorization, number); !errors.Is(err, ledger.ErrNotFound) {
			return true // also when it can't be read: held says so
		}
	}
	return false
}

// held finds out which are registered already.
func (e *Enroller) held(ctx context.Context, items []enrolItem) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(8)
	for i := range items {
		if x := &items[i]; x.open() {
			g.Go(func() error { return e.hold(ctx, x) })
		}
	}
	return g.Wait()
}

// hold finds out whether one is registered already.
func (e *Enroller) hold(ctx context.Context, x *enrolItem) error {
	row, err := e.o.Ledger.Get(ctx, ledger.KindAuthorization, x.a.Number)
	switch {
	case errors.Is(err, ledger.ErrNotFound):
		return nil
	case errors.Is(err, ledger.ErrErased): // its number is never used again
		x.done = Enrolled{State: NotEnrolled, Code: Exists}
		return nil
	case err != nil:
		return ledgerError(err)
	}
	a, err := authorization.Decode(row.Body)
	if err != nil {
		return fmt.Errorf("authorisation %s: %w", x.a.Number, err)
	}
	x.done = repeated(a, x.a)
	return nil
}

// Who is the caller as the audit log knows them, for what happens outside a desk.
func (c *Caller) Who() audit.Who { return c.who() }
