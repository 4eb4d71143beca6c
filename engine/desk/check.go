package desk

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/rules"
)

// CheckOptions say how a household is checked.
type CheckOptions struct {
	On     household.Date // 0 is today at the centre
	Scheme string         // "" is the one that the request asks for
	// Explain gets the verdict when everything is on the disk. What it is given is
	// borrowed and must not be kept. How it may be shown is in the answer's masks.
	Explain func(r *household.Request, v *household.Verdict, a *Answer) error
}

// Answer is what a check came to.
type Answer struct {
	JSON    []byte // the verdict, exactly as verify writes it
	Outcome household.Outcome
	Refusal string // code; then there is no verdict in the ledger
	Verdict string // its id
	Case    string // that people decide, if any
	Request string // number of the request in the ledger
	Masks   access.Masks
}

// Check answers one request, a line of JSON as in a batch. A household that may not be
// looked at gets an answer too, which says why, as in a batch; a caller who may not
// check at all is refused.
func (d *Desk) Check(ctx context.Context, c Caller, line []byte, o CheckOptions) (answer *Answer, err error) {
	if err := d.may(&c, access.Check, ""); err != nil {
		return nil, err
	}
	if len(line) > d.o.Limits.RequestSize {
		return nil, refuse(TooLarge, "")
	}
	return d.ask(ctx, &asking{caller: &c, op: access.Check, channel: "check", line: line, o: o})
}

// asking is one household that is to be verified, and for whom.
type asking struct {
	caller  *Caller
	op      access.Operation
	channel string
	own     bool // the desk asks itself, for what follows from what the caller did
	waited  bool // … of the upper node, which had not answered: without an answer nothing is kept
	line    []byte
	o       CheckOptions
}

// ask verifies a household. What was withdrawn, amended or objected to between the
// judgement and the end of the look is judged again, so that no answer is given under
// what no longer holds.
func (d *Desk) ask(ctx context.Context, q *asking) (answer *Answer, err error) {
	g, err := d.current.acquire()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.current.release(g)) }()
	for range attempts {
		answer, err = d.attempt(ctx, g, q)
		if !errors.Is(err, errAgain) {
			return answer, err
		}
	}
	return nil, refuse(Changed, "")
}

// errAgain says that what a check rests on was changed while it went on.
var errAgain = errors.New("changed meanwhile")

func (d *Desk) attempt(ctx context.Context, g *generation, q *asking) (*Answer, error) {
	now := d.o.Now()
	on := q.o.On
	if on == 0 {
		on = d.today(now)
	}
	up := d.upper()
	j, err := g.judge(ctx, d.pack(q.line, q.o.Scheme), on, up)
	if err != nil {
		return nil, err
	}
	l := g.looker(j)
	defer j.free(l)
	l.asks = asker{ctx: ctx, ledger: d.o.Ledger, caller: q.caller, own: q.own, packs: d.o.Packs, op: q.op, at: now}
	l.worker.PrepareAs(q.line, 1, q.o.Scheme, &l.plan)
	if err := l.plan.Err(); err != nil {
		return nil, fmt.Errorf("the register of authorisations: %w", err)
	}
	k := &kept{
		asking: q, at: ledger.At(now), look: l, id: q.caller.Request, pack: j.pack, on: on, generation: g, up: up,
		number: l.plan.Request.HouseholdID, scheme: l.plan.Request.Scheme, claim: l.plan.AuthorizationNumber(), found: l.asks.found,
	}
	if k.id == "" {
		k.id = newID()
	}
	// What is no number is not said back, which an answer would.
	if number(k.number) != k.number {
		return nil, &Refusal{Code: InvalidField, Fields: []string{"household_id: letters, digits and - _ . / : and nothing that could be the number of a document or an account"}}
	}
	if word(k.scheme) != k.scheme {
		return nil, &Refusal{Code: InvalidField, Fields: []string{"scheme: unknown"}}
	}
	e := q.caller.event(q.op, "", k.subject())
	e.Request, e.Purpose = k.id, word(k.scheme)
	if decision := l.asks.refusal(); decision != nil {
		return nil, d.deny(e, *decision)
	}
	if l.plan.Refusal() != "" {
		return d.refused(ctx, k, e)
	}
	return d.look(ctx, k, e)
}

// pack is the rules that judge a request: those of the scheme that is asked for. A
// request for a scheme that nobody judges is refused by whichever pack looks at it.
func (d *Desk) pack(line []byte, scheme string) *rules.Pack {
	if scheme == "" && len(d.schemes) > 1 {
		b := buffers.Get().(*household.RequestBuffer) //nolint:forcetypeassert // nothing else is in it
		r, _ := b.Parse(line)
		scheme = r.Scheme
		buffers.Put(b)
	}
	if p := d.o.Packs[scheme]; p != nil {
		return p
	}
	return d.o.Packs[d.schemes[0]]
}

var buffers = sync.Pool{New: func() any { return new(household.RequestBuffer) }} //nolint:gochecknoglobals // memory

// refused answers a request that may not be looked up. Nothing is read for it.
func (d *Desk) refused(ctx context.Context, k *kept, e audit.Event) (*Answer, error) {
	v, err := k.look.worker.Look(ctx, k.generation, &k.look.plan)
	if err != nil {
		return nil, err
	}
	code := k.look.plan.Refusal()
	e.Outcome, e.Code = audit.Denied, code
	if k.look.asks.hidden() { // the caller is told that there is none; the log knows better
		e.Code = string(access.ReasonOutside)
	}
	if err := d.note(e); err != nil {
		return nil, err
	}
	if keyable(k.number) {
		if err := d.commitRequest(ctx, k, code); err != nil {
			return nil, err
		}
	}
	return k.answer(v, v.AppendJSON(nil), code)
}

// look looks the household up: the audit log first, then the records, then the ledger and
// the end of the look side by side.
func (d *Desk) look(ctx context.Context, k *kept, e audit.Event) (*Answer, error) {
	look := audit.Look{
		Who: e.Who, Action: e.Operation, Request: k.id, Purpose: e.Purpose, Generation: k.generation.id, On: k.on,
		Rules: packName(k.pack), Subjects: e.Subjects,
	}
	if k.waited { // nobody chose the household: it was its turn
		look.Batch = QueueUpstream
	}
	token, err := d.o.Audit.Begin(look)
	if err != nil {
		return nil, &AuditError{err}
	}
	v, err := d.verify(ctx, k, &e)
	if err != nil {
		return nil, errors.Join(err, d.end(token, nil))
	}
	text := v.AppendJSON(nil)
	k.state = k.stateOf(k.look.taker.Take(&k.look.plan, k.look.worker.Elsewhere(), v), k.at)
	if err := d.judged(k, v, text); err != nil {
		return nil, errors.Join(err, d.end(token, nil))
	}
	ended := make(chan error, 1)
	go func() { ended <- d.end(token, []household.Outcome{v.Outcome}) }()
	err = d.keep(ctx, k)
	if err := errors.Join(err, <-ended); err != nil {
		return nil, err
	}
	return k.answer(v, text, "")
}

func (d *Desk) end(t audit.Token, outcomes []household.Outcome) error {
	if err := d.o.Audit.End(t, outcomes); err != nil {
		return &AuditError{err}
	}
	return nil
}

// answer is what the caller gets, now that everything is on the disk.
func (k *kept) answer(v *household.Verdict, text []byte, refusal string) (*Answer, error) {
	a := &Answer{JSON: text, Outcome: v.Outcome, Refusal: refusal, Verdict: k.verdict, Case: k.opened, Request: k.id, Masks: k.look.asks.decision.Masks}
	if k.o.Explain != nil {
		if err := k.o.Explain(k.look.plan.Request, v, a); err != nil {
			return nil, err
		}
	}
	return a, nil
}

func ledgerError(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("the ledger: %w", err)
}

func packName(p *rules.Pack) string { return p.Name + " " + p.Version + " " + p.Digest }
