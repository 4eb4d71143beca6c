package desk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/authorization"
	"github.com/hedui/hedui/engine/batch"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/match"
	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/rules"
)

// ErrChangedMeanwhile says that an authorisation was withdrawn or changed between the
// judgement of a household and the keeping of its verdict. The batch goes on where it
// stopped, and judges again.
var ErrChangedMeanwhile = errors.New("an authorisation was changed while the batch went on: run it again, it goes on where it stopped")

// BatchWarrants is the register for a batch of the caller's: an authorisation outside
// what the caller may reach is refused as one that does not exist, row by row.
func (d *Desk) BatchWarrants(ctx context.Context, c Caller) engine.Warrants {
	return &batchRegister{ctx, d, c}
}

type batchRegister struct {
	ctx    context.Context //nolint:containedctx // of the batch, which is one call
	desk   *Desk
	caller Caller
}

// Warrant implements engine.Warrants.
func (r *batchRegister) Warrant(q engine.Asked) (engine.Warrant, error) {
	// A batch asks from several goroutines; each question has its own asker.
	a := asker{ctx: r.ctx, ledger: r.desk.o.Ledger, caller: &r.caller, packs: r.desk.o.Packs, op: access.BatchSubmit, at: r.desk.o.Now()}
	w, err := a.Warrant(q)
	if err == nil && w.Refusal == "" && a.refusal() != nil { // a class that the caller may not see
		return engine.Warrant{Refusal: string(authorization.CodeDataClass)}, nil
	}
	return w, err
}

// Keeper keeps the verdicts of a batch in the ledger, before the sink behind it writes
// them out: what is written is kept. What was kept already, by a run that ended early, is
// kept once.
type Keeper struct {
	d          *Desk
	ctx        context.Context //nolint:containedctx // of the batch, which is one call
	asking     asking
	batch      string
	generation *generation
	packs      []*rules.Pack // by judge
	on         household.Date
	next       batch.Sink
	slots      [][]*kept
}

var _ batch.Sink = (*Keeper)(nil)

// Keeper returns the keeper of a batch. name tells the batch from every other: its
// digest. packs are those of the judges, in their order, and g is what they read. The
// verifiers must be given BatchWarrants.
func (d *Desk) Keeper(ctx context.Context, c Caller, name string, g store.Generation, packs []*rules.Pack, on household.Date, next batch.Sink) *Keeper {
	return &Keeper{
		d: d, ctx: ctx, asking: asking{caller: &c, op: access.BatchSubmit, channel: "batch"}, batch: name,
		generation: newGeneration(g, 1), packs: packs, on: on, next: next,
	}
}

// Open implements batch.Sink.
func (k *Keeper) Open(slots int) {
	k.slots = make([][]*kept, slots)
	k.next.Open(slots)
}

// Begin implements batch.Sink.
func (k *Keeper) Begin(slot int) {
	k.slots[slot] = k.slots[slot][:0]
	k.next.Begin(slot)
}

// Judged implements batch.Sink.
func (k *Keeper) Judged(slot int, h *batch.Household) (household.Outcome, error) {
	for i := range h.Verdicts {
		x, err := k.take(h, i)
		if err != nil {
			return 0, err
		}
		if x != nil {
			k.slots[slot] = append(k.slots[slot], x)
		}
	}
	return k.next.Judged(slot, h)
}

// take copies what is kept of one verdict, nil of a line that names no household.
func (k *Keeper) take(h *batch.Household, i int) (*kept, error) {
	v, r := &h.Verdicts[i], h.Request
	if !keyable(r.HouseholdID) {
		return nil, nil //nolint:nilnil // the file has the refusal
	}
	q := k.asking
	q.line = bytes.Clone(h.Line)
	x := &kept{
		asking: &q, at: ledger.At(k.d.o.Now()), pack: k.packs[i], on: k.on, generation: k.generation,
		number: strings.Clone(r.HouseholdID), scheme: strings.Clone(v.Scheme), id: hashID("batch", k.batch, v.Scheme, string(h.Line)),
	}
	if r.Authorization != nil {
		x.claim = strings.Clone(r.Authorization.Number)
	}
	if v.Outcome == household.Refused {
		x.rejected = strings.Clone(v.Findings[0].Code)
		return x, nil
	}
	found, err := readAuthorization(k.ctx, k.d.o.Ledger, x.claim)
	if err != nil {
		return nil, err
	}
	if found == nil {
		return nil, ErrChangedMeanwhile
	}
	claim := authorization.ClaimOf(r, v.Scheme, k.on, x.at.Time())
	if code, _ := authorization.Judge(&found.Authorization, claim); code != "" {
		return nil, ErrChangedMeanwhile
	}
	x.found = found
	var keys []household.PersonKey
	for j := range r.Members {
		if m := &r.Members[j]; m.Excluded == 0 {
			key := match.ParseDocument(m.IDType, []byte(m.IDNumber.Reveal())).Key
			keys = append(keys, household.PersonKey{Num: key.Num, Text: strings.Clone(key.Text)})
		}
	}
	for j := range r.Obligors { // read or not: a verdict too many is looked at again, none too few
		if o := &r.Obligors[j]; o.Signed {
			key := match.ParseDocument(o.IDType, []byte(o.IDNumber.Reveal())).Key
			if key.Linked() && !slices.Contains(keys, key) {
				keys = append(keys, household.PersonKey{Num: key.Num, Text: strings.Clone(key.Text)})
			}
		}
	}
	return x, k.d.judged(x, v, v.AppendJSON(nil), keys)
}

// Write implements batch.Sink.
func (k *Keeper) Write(slot, n int) error {
	if err := k.d.keepAll(k.ctx, k.slots[slot]); err != nil {
		return err
	}
	return k.next.Write(slot, n)
}

// Commit implements batch.Sink.
func (k *Keeper) Commit(at batch.Position) error { return k.next.Commit(at) }

// How much of a batch goes into one change, well below what the ledger takes.
const (
	groupOps   = ledger.MaxOps / 2
	groupBytes = ledger.MaxBytes / 4
)

// keepAll keeps many checks in few changes.
func (d *Desk) keepAll(ctx context.Context, list []*kept) error {
	for len(list) > 0 {
		n, err := d.keepSome(ctx, list)
		if err != nil {
			return err
		}
		list = list[n:]
	}
	return nil
}

// keepSome keeps as many as go into one change, and says how many that were.
func (d *Desk) keepSome(ctx context.Context, list []*kept) (int, error) {
	for attempt := range attempts {
		change, n, err := d.group(ctx, list, attempt > 0)
		if err != nil {
			return 0, err
		}
		if len(change.Ops) == 0 {
			return n, nil // all of it was kept before
		}
		err = d.o.Ledger.Commit(ctx, change)
		if err == nil {
			return n, nil
		}
		if !errors.Is(err, ledger.ErrConflict) {
			return 0, ledgerError(err)
		}
		if conflict, ok := errors.AsType[*ledger.ConflictError](err); ok && conflict.Kind == ledger.KindAuthorization {
			return 0, ErrChangedMeanwhile
		}
	}
	return 0, fmt.Errorf("the ledger: %w", ledger.ErrConflict)
}

// group makes one change of as many checks as go into it. Two that write the same entry
// don't go into one. Only a careful one looks what an earlier run has kept.
func (d *Desk) group(ctx context.Context, list []*kept, careful bool) (change ledger.Change, n int, err error) {
	type entry struct {
		kind ledger.Kind
		id   string
	}
	taken := map[entry]bool{}
	size := 0
	for ; n < len(list); n++ {
		var one ledger.Change
		k := list[n]
		if careful {
			held, err := find[ledger.Request](ctx, d.o.Ledger, k.id)
			if err != nil {
				return change, 0, err
			}
			if held != nil {
				continue
			}
		}
		if k.rejected != "" {
			one.Ops = []ledger.Op{ledger.Put(k.entry())}
		} else if err := d.change(ctx, k, careful, &one); errors.Is(err, errAgain) {
			return change, 0, ErrChangedMeanwhile
		} else if err != nil {
			return change, 0, err
		}
		bytes := 0
		for _, op := range one.Ops {
			if taken[entry{op.Kind, op.ID}] {
				return change, n, nil
			}
			bytes += len(op.ID) + len(op.Fields) + len(op.Body)
		}
		if n > 0 && (len(change.Ops)+len(one.Ops) > groupOps || size+bytes > groupBytes) {
			return change, n, nil
		}
		size += bytes
		for _, op := range one.Ops {
			taken[entry{op.Kind, op.ID}] = true
		}
		change.Ops = append(change.Ops, one.Ops...)
		for _, r := range one.Requires {
			if !taken[entry{r.Kind, r.ID}] {
				taken[entry{r.Kind, r.ID}] = true
				change.Requires = append(change.Requires, r)
			}
		}
	}
	return change, n, nil
}
