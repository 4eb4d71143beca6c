package review

import "slices"

// object takes an objection down. It needs no reason and no proof: the burden is the
// office's.
func (m *machine) object() error {
	c, e := m.c, m.e
	if e.Objection == "" {
		return ErrIncomplete
	}
	for i := range c.Objections {
		o := &c.Objections[i]
		if o.ID == e.Objection || o.State == Open && o.Record == e.Record {
			return ErrObjection
		}
	}
	var r Record
	if e.Record != "" {
		var ok bool
		if r, ok = c.rests(e.Record); !ok {
			return ErrNoRecord
		}
		m.effect(Effect{Kind: RecheckWithout, Record: e.Record})
	}
	c.Objections = append(slices.Clone(c.Objections), Objection{ID: e.Objection, Record: e.Record, Source: r.Source, Filed: e.At, State: Open})
	if c.State != Disputed {
		c.Before, c.State = c.State, Disputed
	}
	return nil
}

// decide closes an objection. Anybody may uphold one; who rejects it is nobody whose name
// stands on the case.
func (m *machine) decide() error {
	c, e := m.c, m.e
	if err := m.in(Disputed); err != nil {
		return err
	}
	at := slices.IndexFunc(c.Objections, func(o Objection) bool { return o.ID == e.Objection && o.State == Open })
	switch {
	case at < 0:
		return ErrObjection
	case !said(e.Reason):
		return ErrReason
	case !e.Upheld && slices.Contains(c.Persons(), e.Actor.Person):
		return ErrSamePerson
	}
	c.Objections = slices.Clone(c.Objections)
	o := &c.Objections[at]
	o.State, o.By, o.Reason, o.Closed = Rejected, e.Actor.Person, e.Reason, e.At
	if e.Upheld {
		o.State = Upheld
	}
	m.settle(o)
	if !c.openObjections() {
		m.resume()
	}
	return nil
}

// settle says what follows from one decision. The verdict was made without the record, or
// still is to be; either way it is not the one that people go on with.
func (m *machine) settle(o *Objection) {
	c := m.c
	if o.Record == "" {
		return
	}
	c.Awaiting = true
	if o.State == Rejected {
		m.effect(Effect{Kind: RecheckWith, Record: o.Record})
		return
	}
	m.effect(Effect{Kind: CorrectionTicket, Record: o.Record, Source: o.Source})
	m.effect(Effect{Kind: ReopenVerdictsOf, Record: o.Record})
	c.Dismissed = append(slices.Clone(c.Dismissed), o.Record)
	slices.Sort(c.Dismissed)
	c.LoadBearing = slices.DeleteFunc(slices.Clone(c.LoadBearing), func(r Record) bool { return r.Ref == o.Record })
}

// resume goes back to people when nothing is disputed any more. What had been confirmed
// has to be confirmed again; what had been closed in the household's favour stays so.
func (m *machine) resume() {
	c := m.c
	before := c.Before
	c.Before = ""
	switch {
	case before == Cleared:
		c.State, c.Awaiting = Cleared, false
		return
	case c.Ended:
		c.State = Withdrawn
	case before == Proposed, before == Returned:
		c.State = before
	default:
		c.State = UnderReview
	}
	m.undecide()
}
