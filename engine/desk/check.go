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
	g, err := d.current.acquire()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.current.release(g)) }()
	for range attempts {
		// What was withdrawn, amended or objected to between the judgement and the end of
		// the look is judged again, so that no answer is given under what no longer holds.
		answer, err = d.check(ctx, &c, g, line, o)
		if !errors.Is(err, errAgain) {
			return answer, err
		}
	}
	return nil, refuse(Changed, "")
}

// errAgain says that what a check rests on was changed while it went on.
var errAgain = errors.New("changed meanwhile")

// check is one attempt.
func (d *Desk) check(ctx context.Context, c *Caller, g *generation, line []byte, o CheckOptions) (*Answer, error) {
	now := d.o.Now()
	on := o.On
	if on == 0 {
		on = d.today(now)
	}
	j, err := g.judge(ctx, d.pack(line, o.Scheme), on)
	if err != nil {
		return nil, err
	}
	l := j.looker()
	defer j.free(l)
	l.asks = asker{ctx: ctx, ledger: d.o.Ledger, caller: c, packs: d.o.Packs, op: access.Check, at: now}
	l.worker.PrepareAs(line, 1, o.Scheme, &l.plan)
	if err := l.plan.Err(); err != nil {
		return nil, fmt.Errorf("the register of authorisations: %w", err)
	}
	k := &kept{at: ledger.At(now), caller: c, look: l, line: line, request: c.Request, pack: j.pack, on: on, generation: g.id}
	if k.request == "" {
		k.request = newID()
	}
	e := c.event(access.Check, "", k.subject())
	e.Request, e.Purpose = k.request, word(l.plan.Request.Scheme)
	if decision := l.asks.refusal(); decision != nil {
		return nil, d.deny(e, *decision)
	}
	if l.plan.Refusal() != "" {
		return d.refused(ctx, g, k, e, o)
	}
	return d.look(ctx, g, k, e, o)
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
func (d *Desk) refused(ctx context.Context, g *generation, k *kept, e audit.Event, o CheckOptions) (*Answer, error) {
	v, err := k.look.worker.Look(ctx, g, &k.look.plan)
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
	return k.answer(v, v.AppendJSON(nil), "", code, o)
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
func (d *Desk) look(ctx context.Context, g *generation, k *kept, e audit.Event, o CheckOptions) (*Answer, error) {
	token, err := d.o.Audit.Begin(audit.Look{
		Who: e.Who, Action: e.Operation, Request: k.request, Purpose: e.Purpose, Generation: g.id, On: k.on,
		Rules: packName(k.pack), Subjects: e.Subjects,
	})
	if err != nil {
		return nil, &AuditError{err}
	}
	v, err := k.look.worker.Look(ctx, g, &k.look.plan)
	if err != nil {
		return nil, errors.Join(err, d.end(token, nil))
	}
	text := v.AppendJSON(nil)
	k.verdict(v, text, d.o.Ledger)
	ended := make(chan error, 1)
	go func() { ended <- d.end(token, []household.Outcome{v.Outcome}) }()
	err = d.keep(ctx, k)
	if err := errors.Join(err, <-ended); err != nil {
		return nil, err
	}
	return k.answer(v, text, k.id, "", o)
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
	at         ledger.Instant
	caller     *Caller
	look       *looker
	line       []byte
	request    string // number of the request
	pack       *rules.Pack
	on         household.Date
	generation string

	// Of a verdict.
	id       string
	digest   string // of the request
	outcome  household.Outcome
	scheme   string
	text     []byte
	members  []ledger.Pseudonym // whose profiles were read
	records  []ledger.Pseudonym // those and whose else stand in the evidence
	opened   string             // case
	findings []household.Finding
}

func (k *kept) household() string { return k.look.plan.Request.HouseholdID }

// subject is the household as the audit log names it.
func (k *kept) subject() audit.Subject {
	return audit.Subject{Household: number(k.household()), Authorization: number(k.look.plan.AuthorizationNumber())}
}

// entry is the request as the ledger keeps it.
func (k *kept) entry(verdict string) *ledger.Request {
	r := &ledger.Request{
		ID: k.request, Household: k.household(), Scheme: k.look.plan.Request.Scheme, On: k.on, Requester: k.caller.Account,
		Channel: "check", Verdict: verdict, At: k.at,
	}
	if a := k.look.asks.found; a != nil {
		r.Division = a.Division
	}
	if n := k.look.plan.AuthorizationNumber(); keyable(n) {
		r.Authorization = n
	}
	sum := sha256.Sum256(k.line)
	r.Digest = hex.EncodeToString(sum[:])
	k.digest = r.Digest
	return r
}

// verdict takes down what the look came to. Equal inputs have equal ids: the verdict is a
// function of the request, the generation, the pack, the date, and of what the register
// says of it, which shows in its text.
func (k *kept) verdict(v *household.Verdict, text []byte, l ledger.Ledger) {
	h := sha256.New()
	sum := sha256.Sum256(k.line)
	for _, part := range [][]byte{[]byte(v.HouseholdID), sum[:], []byte(k.generation), []byte(k.pack.Digest), []byte(v.On.String()), text} {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(part)))
		h.Write(n[:])
		h.Write(part)
	}
	k.id = idText(h.Sum(nil))
	k.outcome, k.scheme, k.text, k.findings = v.Outcome, v.Scheme, text, v.Findings
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
func (k *kept) answer(v *household.Verdict, text []byte, id, refusal string, o CheckOptions) (*Answer, error) {
	a := &Answer{JSON: text, Outcome: v.Outcome, Refusal: refusal, Verdict: id, Case: k.opened, Request: k.request, Masks: k.look.asks.decision.Masks}
	if o.Explain != nil {
		if err := o.Explain(k.look.plan.Request, v, a); err != nil {
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
	a := k.look.asks.found
	change := ledger.Change{Requires: []ledger.Require{ledger.RequireSame(a.entry)}}
	request := k.entry(k.id)
	held, err := find[ledger.Verdict](ctx, d.o.Ledger, k.id)
	if err != nil {
		return change, err
	}
	if held == nil {
		// The declaration is kept with the request that the verdict was made for, so that
		// the household can be verified again.
		request.Body = slices.Clone(k.line)
		v := &ledger.Verdict{
			ID: k.id, Household: k.household(), Scheme: k.scheme, On: k.on, Outcome: k.outcome.String(), Generation: k.generation,
			Pack: packName(k.pack), Request: request.ID, Read: []string{request.Digest}, Records: k.records, At: k.at,
		}
		v.Body = k.text
		change.Ops = append(change.Ops, ledger.Put(v))
	}
	change.Ops = append(change.Ops, ledger.Put(request))
	state, err := find[ledger.Household](ctx, d.o.Ledger, ledger.HouseholdID(k.household(), k.scheme))
	if err != nil {
		return change, err
	}
	if state != nil && (state.Verdict == k.id || state.On > k.on) {
		return change, nil // it stands there already, or a later day's does
	}
	next := &ledger.Household{
		Number: k.household(), Scheme: k.scheme, Division: a.Division, Authorization: a.Number, Members: k.members,
		Verdict: k.id, Outcome: k.outcome.String(), On: k.on, Generation: k.generation, Pack: packName(k.pack), At: k.at,
	}
	if state != nil {
		next.Version = state.Version
	}
	change.Ops = append(change.Ops, ledger.Put(next))
	return change, nil
}

// find reads an entry, nil when there is none.
func find[T any, P interface {
	*T
	ledger.Entry
}](ctx context.Context, l ledger.Ledger, id string) (*T, error) {
	var e P = new(T)
	row, err := l.Get(ctx, e.Kind(), id)
	if errors.Is(err, ledger.ErrNotFound) || errors.Is(err, ledger.ErrErased) {
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
