package desk

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/authorization"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/recheck"
	"github.com/hedui/hedui/engine/register"
	"github.com/hedui/hedui/engine/review"
	"github.com/hedui/hedui/rules"
)

// kept is a check on its way into the ledger.
type kept struct {
	*asking

	at         ledger.Instant
	look       *looker // of a single check
	id         string  // of the request in the ledger
	pack       *rules.Pack
	on         household.Date
	generation *generation
	up         *engine.Upstream // as it was when the household was verified; nil asks nobody
	number     string           // of the household
	scheme     string
	claim      string        // number of the authorisation that the request names
	found      *registered   // that it was judged by
	reads      ledger.Ledger // what was read ahead; nil is the desk's

	// Of a verdict, whose memory is not used any more.
	state    *register.State
	verdict  string // id
	outcome  household.Outcome
	text     []byte
	said     []byte             // the declaration, as a body
	members  []ledger.Pseudonym // whose profiles were read
	records  []ledger.Pseudonym // those, and whose else stand in the evidence
	bearing  []bearing          // the records that the outcome rests on
	awaits   bool               // the upper node has not answered
	failure  string             // why not, as a code
	opened   string             // case
	asks     bool               // the outcome asks for a person
	rejected string             // code of a refusal; then there is no verdict
	refusal  []byte             // the refused row of a batch, as its sender is told
}

// subject is the household as the audit log names it: what is registered as it is, and
// what somebody wrote only when it can be nothing else than a number.
func (k *kept) subject() audit.Subject {
	if a := k.found; a != nil && a.Household == k.number {
		return audit.Subject{Household: a.Household, Authorization: a.Number}
	}
	return audit.Subject{Household: number(k.number), Authorization: number(k.claim)}
}

// entry is the request as the ledger keeps it.
func (k *kept) entry() *ledger.Request {
	r := &ledger.Request{
		ID: k.id, Household: k.number, Scheme: k.scheme, On: k.on, Requester: k.caller.Account,
		Channel: k.channel, Verdict: k.verdict, Refusal: k.rejected, At: k.at,
	}
	if k.found != nil {
		r.Division = k.found.Division
	}
	if keyable(k.claim) {
		r.Authorization = k.claim
	}
	sum := sha256.Sum256(k.line)
	r.Digest = hex.EncodeToString(sum[:])
	if k.refusal != nil {
		r.Body = storedRefusal{string(k.refusal)}.body()
	}
	return r
}

// judged takes down what the look came to, in memory of its own. Equal inputs have equal
// ids: the verdict is a function of the request, the generation, the pack, the date, and
// of what the register says of it, which shows in its text.
func (d *Desk) judged(k *kept, v *household.Verdict, text []byte) (err error) {
	h := sha256.New()
	sum := sha256.Sum256(k.line)
	for _, part := range [][]byte{[]byte(v.HouseholdID), sum[:], []byte(k.generation.id), []byte(k.pack.Digest), []byte(v.On.String()), text} {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(part)))
		h.Write(n[:])
		h.Write(part)
	}
	k.verdict, k.outcome, k.text, k.awaits = idText(h.Sum(nil)), v.Outcome, text, engine.Awaits(v)
	keys := slices.Clone(k.state.Keys) // whose profiles were read
	for _, key := range keys {
		k.members = append(k.members, personOf(d.o.Ledger, key))
	}
	k.records = slices.Clone(k.members)
	add := func(e *household.Evidence) {
		if !slices.Contains(keys, e.Key) {
			keys = append(keys, e.Key)
			k.records = append(k.records, personOf(d.o.Ledger, e.Key))
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
	if k.asks = review.Severity(review.Proposed, v.Outcome) > 0; k.asks {
		if k.bearing, err = d.bearings(k, v); err != nil {
			return err
		}
	}
	said, err := declarationOf(k, v)
	if err != nil {
		return err
	}
	k.said, err = said.body()
	return err
}

// commitRequest writes down that a check was asked and refused.
func (d *Desk) commitRequest(ctx context.Context, k *kept, code string) error {
	k.rejected = code
	for range attempts {
		err := d.o.Ledger.Commit(ctx, ledger.Change{Ops: []ledger.Op{ledger.Put(k.entry())}})
		if !k.renumber(err) {
			return ledgerError(err)
		}
	}
	return refuse(Exists, "")
}

// renumber reports whether a commit was refused because another request has the number,
// and gives this one another.
func (k *kept) renumber(err error) bool {
	conflict, ok := errors.AsType[*ledger.ConflictError](err)
	if !ok || conflict.Kind != ledger.KindRequest {
		return false
	}
	k.id = newID()
	return true
}

// keep writes down the request, the verdict and where the household stands, if the
// authorisation is still the one that was judged.
func (d *Desk) keep(ctx context.Context, k *kept) error {
	for attempt := range attempts {
		var change ledger.Change
		if err := d.change(ctx, k, attempt > 0, &change); err != nil {
			return err
		}
		err := d.o.Ledger.Commit(ctx, change)
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

// change adds what a check changes in the ledger. Only a careful one looks whether the
// verdict is there: most are new, and the ledger refuses to write one twice.
func (d *Desk) change(ctx context.Context, k *kept, careful bool, change *ledger.Change) error {
	a, reads := k.found, k.reads
	if reads == nil {
		reads = d.o.Ledger
	}
	change.Requires = append(change.Requires, ledger.RequireSame(a.entry))
	request := k.entry()
	held := false
	if careful {
		v, err := find[ledger.Verdict](ctx, d.o.Ledger, k.verdict)
		if err != nil {
			return err
		}
		if held = v != nil; held {
			k.state.Asked = v.Request
		}
	}
	if !held {
		request.Body, k.state.Asked = k.said, request.ID
		entry := &ledger.Verdict{
			ID: k.verdict, Household: k.number, Scheme: k.scheme, On: k.on, Outcome: k.outcome.String(), Generation: k.generation.id,
			Pack: packName(k.pack), Request: request.ID, Read: []string{request.Digest}, Records: k.records, At: k.at,
		}
		entry.Body = k.text
		change.Ops = append(change.Ops, ledger.Put(entry))
	}
	change.Ops = append(change.Ops, ledger.Put(request))
	state, err := find[ledger.Household](ctx, reads, ledger.HouseholdID(k.number, k.scheme))
	if err != nil {
		return err
	}
	if state != nil && state.On > k.on {
		return nil // a later day's verdict stands
	}
	body := register.AppendState(nil, k.state)
	if state == nil || state.Verdict != k.verdict || state.Authorization != a.Number || !bytes.Equal(state.Body, body) {
		next := &ledger.Household{
			Number: k.number, Scheme: k.scheme, Division: a.Division, Authorization: a.Number, Members: k.members,
			Verdict: k.verdict, Outcome: k.outcome.String(), On: k.on, Generation: k.generation.id, Pack: packName(k.pack), Substance: substanceText(k.state), At: k.at,
		}
		next.Body = body
		if state != nil {
			next.Version = state.Version
			if state.Verdict == k.verdict { // it stands since then
				next.At = state.At
			}
		}
		change.Ops = append(change.Ops, ledger.Put(next))
	}
	if err := d.await(ctx, k, state, change); err != nil {
		return err
	}
	return d.caseOf(ctx, reads, k, change)
}

// stateOf is what stands of a household from now on. judged is a moment before its
// authorisation was judged and the objections to its records were read.
func (k *kept) stateOf(l recheck.Last, judged ledger.Instant) *register.State {
	l.Household, l.Request = "", recheck.DigestOf(k.line)
	return &register.State{Last: l, Judged: judged, Until: k.found.Until(authorization.Day(judged.Time()))}
}

func substanceText(s *register.State) string { return fmt.Sprintf("%016x", uint64(s.Substance)) }

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
