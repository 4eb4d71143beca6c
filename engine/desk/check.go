package desk

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
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
	j, err := g.judge(ctx, d.pack(q.line, q.o.Scheme), on)
	if err != nil {
		return nil, err
	}
	l := j.looker()
	defer j.free(l)
	l.asks = asker{ctx: ctx, ledger: d.o.Ledger, caller: q.caller, own: q.own, packs: d.o.Packs, op: q.op, at: now}
	l.worker.PrepareAs(q.line, 1, q.o.Scheme, &l.plan)
	if err := l.plan.Err(); err != nil {
		return nil, fmt.Errorf("the register of authorisations: %w", err)
	}
	k := &kept{asking: q, at: ledger.At(now), look: l, request: q.caller.Request, pack: j.pack, on: on, generation: g}
	if k.request == "" {
		k.request = newID()
	}
	e := q.caller.event(q.op, "", k.subject())
	e.Request, e.Purpose = k.request, word(l.plan.Request.Scheme)
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
	if err := d.note(e); err != nil {
		return nil, err
	}
	if keyable(k.household()) {
		if err := d.commitRequest(ctx, k, code); err != nil {
			return nil, err
		}
	}
	return k.answer(v, v.AppendJSON(nil), code)
}

// commitRequest writes down that a check was asked and refused.
func (d *Desk) commitRequest(ctx context.Context, k *kept, code string) error {
	for range attempts {
		r := k.entry("")
		r.Refusal = code
		err := d.o.Ledger.Commit(ctx, ledger.Change{Ops: []ledger.Op{ledger.Put(r)}})
		if !k.renumber(err) {
			return ledgerError(err)
		}
	}
	return refuse(Exists, "")
}

// look looks the household up: the audit log first, then the records, then the ledger and
// the end of the look side by side.
func (d *Desk) look(ctx context.Context, k *kept, e audit.Event) (*Answer, error) {
	token, err := d.o.Audit.Begin(audit.Look{
		Who: e.Who, Action: e.Operation, Request: k.request, Purpose: e.Purpose, Generation: k.generation.id, On: k.on,
		Rules: packName(k.pack), Subjects: e.Subjects,
	})
	if err != nil {
		return nil, &AuditError{err}
	}
	v, err := k.look.worker.Look(ctx, k.generation, &k.look.plan)
	if err != nil {
		return nil, errors.Join(err, d.end(token, nil))
	}
	text := v.AppendJSON(nil)
	k.judged(v, text, d.o.Ledger)
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

func ledgerError(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("the ledger: %w", err)
}

func packName(p *rules.Pack) string { return p.Name + " " + p.Version + " " + p.Digest }

// kept is a check on its way into the ledger.
type kept struct {
	*asking

	at         ledger.Instant
	look       *looker
	request    string // number of the request
	pack       *rules.Pack
	on         household.Date
	generation *generation

	// Of a verdict.
	id      string
	verdict *household.Verdict // borrows from the look
	text    []byte
	members []ledger.Pseudonym // whose profiles were read
	records []ledger.Pseudonym // those, and whose else stand in the evidence
	bearing []bearing          // the records that the outcome rests on, when they were read
	read    bool               // bearing was
	opened  string             // case
}

func (k *kept) household() string { return k.look.plan.Request.HouseholdID }

// subject is the household as the audit log names it: what is registered as it is, and
// what somebody wrote only when it can be nothing else than a number.
func (k *kept) subject() audit.Subject {
	if a := k.look.asks.found; a != nil && a.Household == k.household() {
		return audit.Subject{Household: a.Household, Authorization: a.Number}
	}
	return audit.Subject{Household: number(k.household()), Authorization: number(k.look.plan.AuthorizationNumber())}
}

// entry is the request as the ledger keeps it.
func (k *kept) entry(verdict string) *ledger.Request {
	r := &ledger.Request{
		ID: k.request, Household: k.household(), Scheme: k.look.plan.Request.Scheme, On: k.on, Requester: k.caller.Account,
		Channel: k.channel, Verdict: verdict, At: k.at,
	}
	if a := k.look.asks.found; a != nil {
		r.Division = a.Division
	}
	if n := k.look.plan.AuthorizationNumber(); keyable(n) {
		r.Authorization = n
	}
	sum := sha256.Sum256(k.line)
	r.Digest = hex.EncodeToString(sum[:])
	return r
}

// judged takes down what the look came to. Equal inputs have equal ids: the verdict is a
// function of the request, the generation, the pack, the date, and of what the register
// says of it, which shows in its text.
func (k *kept) judged(v *household.Verdict, text []byte, l ledger.Ledger) {
	h := sha256.New()
	sum := sha256.Sum256(k.line)
	for _, part := range [][]byte{[]byte(v.HouseholdID), sum[:], []byte(k.generation.id), []byte(k.pack.Digest), []byte(v.On.String()), text} {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(part)))
		h.Write(n[:])
		h.Write(part)
	}
	k.id = idText(h.Sum(nil))
	k.verdict, k.text = v, text
	keys := slices.Clone(k.look.plan.Keys())
	for _, key := range keys {
		k.members = append(k.members, personOf(l, key))
	}
	k.records = slices.Clone(k.members)
	add := func(e *household.Evidence) {
		if !slices.Contains(keys, e.Key) {
			keys = append(keys, e.Key)
			k.records = append(k.records, personOf(l, e.Key))
		}
	}
	for i := range v.Findings {
		for j := range v.Findings[i].Evidence {
			add(&v.Findings[i].Evidence[j])
		}
	}
	for i := range v.Withheld {
		add(&v.Withheld[i].Evidence)
	}
}

// answer is what the caller gets, now that everything is on the disk.
func (k *kept) answer(v *household.Verdict, text []byte, refusal string) (*Answer, error) {
	a := &Answer{JSON: text, Outcome: v.Outcome, Refusal: refusal, Verdict: k.id, Case: k.opened, Request: k.request, Masks: k.look.asks.decision.Masks}
	if k.o.Explain != nil {
		if err := k.o.Explain(k.look.plan.Request, v, a); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// renumber reports whether a commit was refused because another request has the number,
// and gives this one another.
func (k *kept) renumber(err error) bool {
	conflict, ok := errors.AsType[*ledger.ConflictError](err)
	if !ok || conflict.Kind != ledger.KindRequest {
		return false
	}
	k.request = newID()
	return true
}

// keep writes down the request, the verdict and where the household stands, if the
// authorisation is still the one that was judged.
func (d *Desk) keep(ctx context.Context, k *kept) error {
	for range attempts {
		change, err := d.change(ctx, k)
		if err != nil {
			return err
		}
		err = d.o.Ledger.Commit(ctx, change)
		if err == nil || !errors.Is(err, ledger.ErrConflict) {
			return ledgerError(err)
		}
		if conflict, ok := errors.AsType[*ledger.ConflictError](err); ok && conflict.Kind == ledger.KindAuthorization {
			return errAgain
		}
		k.renumber(err)
	}
	return refuse(Changed, "")
}

// change is what a check changes in the ledger.
func (d *Desk) change(ctx context.Context, k *kept) (ledger.Change, error) {
	a, v := k.look.asks.found, k.verdict
	change := ledger.Change{Requires: []ledger.Require{ledger.RequireSame(a.entry)}}
	request := k.entry(k.id)
	held, err := find[ledger.Verdict](ctx, d.o.Ledger, k.id)
	if err != nil {
		return change, err
	}
	if held == nil {
		if request.Body, err = declarationOf(k.line, v).body(); err != nil {
			return change, err
		}
		entry := &ledger.Verdict{
			ID: k.id, Household: k.household(), Scheme: v.Scheme, On: k.on, Outcome: v.Outcome.String(), Generation: k.generation.id,
			Pack: packName(k.pack), Request: request.ID, Read: []string{request.Digest}, Records: k.records, At: k.at,
		}
		entry.Body = k.text
		change.Ops = append(change.Ops, ledger.Put(entry))
	}
	change.Ops = append(change.Ops, ledger.Put(request))
	state, err := find[ledger.Household](ctx, d.o.Ledger, ledger.HouseholdID(k.household(), v.Scheme))
	if err != nil {
		return change, err
	}
	if state != nil && state.On > k.on {
		return change, nil // a later day's verdict stands
	}
	if state == nil || state.Verdict != k.id || state.Authorization != a.Number {
		next := &ledger.Household{
			Number: k.household(), Scheme: v.Scheme, Division: a.Division, Authorization: a.Number, Members: k.members,
			Verdict: k.id, Outcome: v.Outcome.String(), On: k.on, Generation: k.generation.id, Pack: packName(k.pack), At: k.at,
		}
		if state != nil {
			next.Version = state.Version
		}
		change.Ops = append(change.Ops, ledger.Put(next))
	}
	return change, d.caseOf(ctx, k, &change)
}

// find reads an entry, nil when there is none.
func find[T any, P interface {
	*T
	ledger.Entry
}](ctx context.Context, l ledger.Ledger, id string) (*T, error) {
	var e P = new(T)
	row, err := l.Get(ctx, e.Kind(), id)
	if errors.Is(err, ledger.ErrNotFound) || errors.Is(err, ledger.ErrErased) || errors.Is(err, ledger.ErrInvalid) { // what can't be a number is none
		return nil, nil //nolint:nilnil // none is no error
	}
	if err != nil {
		return nil, ledgerError(err)
	}
	decoded, err := ledger.Decode(row)
	if err != nil {
		return nil, err
	}
	out, ok := decoded.(P)
	if !ok {
		return nil, fmt.Errorf("%s %s is of another kind", e.Kind(), id)
	}
	return out, nil
}
