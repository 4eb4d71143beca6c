package review

import (
	"cmp"
	"slices"
	"time"

	"github.com/hedui/hedui/engine/household"
)

// Apply returns the case after an event and what follows for others, or a Refusal and the
// case as it was. A Tick that changes nothing and a record that is opened again are no
// errors; the version stays.
func Apply(c Case, e Event) (Case, []Effect, error) {
	before := c
	if e.At.IsZero() {
		return before, nil, ErrIncomplete
	}
	if e.Actor.Person == "" && !e.Kind.machine() {
		return before, nil, ErrNoPerson
	}
	m := machine{c: &c, e: &e}
	if err := m.apply(); err != nil {
		return before, nil, err
	}
	if m.idle {
		return before, m.effects, nil
	}
	c.Version++
	c.History = append(slices.Clip(c.History), Step{Kind: e.Kind, Actor: e.Actor, At: e.At, Reason: e.Reason, To: c.State})
	return c, m.effects, nil
}

// machine is one event on its way. It owns the case, but not the memory its slices had.
type machine struct {
	c       *Case
	e       *Event
	effects []Effect
	idle    bool // nothing changed
}

func (m *machine) apply() error {
	switch m.e.Kind {
	case OpenEvidence:
		return m.open()
	case Propose:
		return m.propose()
	case TakeUp:
		return m.takeUp()
	case Confirm:
		return m.confirm()
	case Clear:
		return m.clear()
	case Return:
		return m.giveBack()
	case Assign:
		return m.assign()
	case Notify:
		return m.notify()
	case Object:
		return m.object()
	case DecideObjection:
		return m.decide()
	case Recheck:
		return m.recheck()
	case Withdraw:
		return m.withdraw()
	case Tick:
		return m.tick()
	}
	return ErrKind
}

func (m *machine) effect(e Effect) { m.effects = append(m.effects, e) }

// in refuses when the case is in none of the states.
func (m *machine) in(states ...State) error {
	if !slices.Contains(states, m.c.State) {
		return ErrState
	}
	return nil
}

func (m *machine) open() error {
	c, e := m.c, m.e
	if c.Ended {
		return ErrState
	}
	if _, ok := c.rests(e.Record); !ok {
		return ErrNoRecord
	}
	if c.opened(e.Actor.Person, e.Record) {
		m.idle = true
		return nil
	}
	c.Opened = append(slices.Clone(c.Opened), Opening{e.Actor.Person, e.Record, e.At})
	slices.SortFunc(c.Opened, func(a, b Opening) int {
		return cmp.Or(cmp.Compare(a.Person, b.Person), cmp.Compare(a.Record, b.Record))
	})
	return nil
}

func (m *machine) propose() error {
	c := m.c
	if err := m.in(Proposed, Returned); err != nil {
		return err
	}
	if c.State == Proposed && c.Proposer != "" {
		return ErrState // a name that stands isn't overwritten
	}
	if !said(m.e.Reason) {
		return ErrReason
	}
	c.State, c.Proposer, c.Reviewer = Proposed, m.e.Actor.Person, ""
	return nil
}

func (m *machine) takeUp() error {
	c, p := m.c, m.e.Actor.Person
	if err := m.in(Proposed, UnderReview); err != nil {
		return err
	}
	switch {
	case c.Assignee != "" && c.Assignee != p:
		return ErrAssigned
	case c.State == UnderReview && (c.Assignee == "" || c.Reviewer == p):
		return ErrState // only whoever it has been assigned to takes it over
	}
	c.State, c.Reviewer = UnderReview, p
	return nil
}

// confirm is the one way to Confirmed.
func (m *machine) confirm() error {
	c, p := m.c, m.e.Actor.Person
	if err := m.in(UnderReview); err != nil {
		return err
	}
	switch {
	case !said(m.e.Reason):
		return ErrReason
	case c.Awaiting:
		return ErrAwaiting
	}
	if c.Adverse() {
		if err := c.mayConfirmAdverse(p); err != nil {
			return err
		}
		c.Second = p
		if !c.Seeded {
			m.effect(Effect{Kind: NoticeDue, Verdict: c.Verdict})
		}
	}
	m.answered(false)
	c.State, c.NoticeAt = Confirmed, time.Time{}
	return nil
}

// mayConfirmAdverse says what keeps a person from being the second name under an adverse
// outcome.
func (c *Case) mayConfirmAdverse(person string) error {
	switch {
	case c.Reviewer == "" || person == c.Reviewer || person == c.Proposer:
		return ErrSamePerson
	case c.openObjections():
		return ErrObjection
	case len(c.LoadBearing) == 0:
		return ErrNoEvidence
	case !c.HasOpened(person):
		return ErrNotOpened
	}
	disputed := c.Disputed()
	for _, r := range c.LoadBearing {
		if r.Coverage != household.Found || slices.Contains(disputed, r.Ref) {
			return ErrUnsound
		}
	}
	return nil
}

// clear closes a case in the household's favour. To decide otherwise than the engine
// takes two names as well: whoever clears is not the only person on the case.
func (m *machine) clear() error {
	c, p := m.c, m.e.Actor.Person
	if err := m.in(UnderReview); err != nil {
		return err
	}
	if !said(m.e.Reason) {
		return ErrReason
	}
	if c.Adverse() && !slices.ContainsFunc(c.Persons(), func(o string) bool { return o != p }) {
		return ErrSamePerson
	}
	m.answered(true)
	c.State = Cleared
	return nil
}

func (m *machine) giveBack() error {
	if err := m.in(UnderReview, Confirmed); err != nil {
		return err
	}
	if !said(m.e.Reason) {
		return ErrReason
	}
	m.answered(true)
	m.undecide()
	m.c.State = Returned
	return nil
}

// answered tells how a planted case was answered.
func (m *machine) answered(caught bool) {
	if m.c.Seeded && m.c.State == UnderReview {
		m.effect(Effect{Kind: SeedAnswered, Person: m.e.Actor.Person, Caught: caught})
	}
}

// undecide takes back what a confirmation brought.
func (m *machine) undecide() { m.c.Second, m.c.NoticeAt = "", time.Time{} }

func (m *machine) assign() error {
	if err := m.in(Proposed, UnderReview, Returned, Disputed); err != nil {
		return err
	}
	if m.e.Assignee == "" {
		return ErrIncomplete
	}
	m.c.Assignee = m.e.Assignee
	return nil
}

func (m *machine) notify() error {
	if err := m.in(Confirmed); err != nil {
		return err
	}
	switch {
	case m.c.Seeded:
		return ErrSeededCase
	case !m.e.Notice.complete(m.c):
		return ErrNotice
	}
	m.c.NoticeAt = m.e.At // a second notice begins the term anew
	return nil
}

// recheck brings a new verdict of the same household and scheme.
func (m *machine) recheck() error {
	c, v := m.c, m.e.Verdict
	switch {
	case v == nil || !v.complete():
		return ErrIncomplete
	case v.ID == c.Verdict && !c.Awaiting:
		return ErrUnchanged
	case c.Ended:
		return ErrState
	}
	list := sorted(v.LoadBearing)
	if c.State.Closed() {
		// What is closed doesn't come back unless the evidence is other.
		m.idle = true
		if v.Outcome != c.Outcome || !slices.Equal(list, c.LoadBearing) {
			m.effect(Effect{Kind: NewCase, Verdict: v.ID})
		}
		return nil
	}
	dismissed := slices.DeleteFunc(slices.Clone(c.Dismissed), func(r string) bool { return slices.Contains(v.Corrected, r) })
	after := *c
	after.Dismissed = dismissed
	disputed := after.Disputed()
	if slices.ContainsFunc(list, func(r Record) bool { return slices.Contains(disputed, r.Ref) }) {
		return ErrCounted
	}
	c.Dismissed = dismissed
	c.Verdict, c.Outcome, c.LoadBearing = v.ID, v.Outcome, list
	c.Opened, c.Awaiting, c.Since = nil, false, m.e.At
	m.undecide()
	if c.State == Confirmed {
		c.State = UnderReview
	}
	return nil
}

// withdraw ends what is not decided: without the authorisation nobody may look.
func (m *machine) withdraw() error {
	c := m.c
	if c.Ended {
		return ErrState
	}
	c.Ended = true
	switch c.State {
	case Final, Cleared:
	case Disputed: // what is wrong at the source is decided all the same
		m.undecide()
	default:
		m.undecide()
		c.State = Withdrawn
	}
	return nil
}

// tick is the passing of time: the end of the contest window, and nothing else.
func (m *machine) tick() error {
	c := m.c
	m.idle = true
	if c.State != Confirmed || c.Seeded || c.openObjections() {
		return nil
	}
	if c.Adverse() {
		window := time.Duration(c.WindowDays) * 24 * time.Hour
		if c.NoticeAt.IsZero() || m.e.At.Sub(c.NoticeAt) < window {
			return nil
		}
	}
	m.idle = false
	c.State = Final
	m.effect(Effect{Kind: BecameFinal, Verdict: c.Verdict})
	return nil
}
