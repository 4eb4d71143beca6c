package desk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/cespare/xxhash/v2"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/authorization"
	"github.com/hedui/hedui/engine/batch"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/recheck"
	"github.com/hedui/hedui/engine/store"
)

// ErrChangedMeanwhile says that an authorisation was withdrawn or changed between the
// judgement of a household and the keeping of its verdict. The batch goes on where it
// stopped, and judges again.
var ErrChangedMeanwhile = errors.New("an authorisation was changed while the batch went on: run it again, it goes on where it stopped")

// BatchWarrants is the register for a batch of the caller's: an authorisation outside
// what the caller may reach is refused as one that does not exist, row by row.
func (d *Desk) BatchWarrants(ctx context.Context, c Caller) engine.Warrants {
	return d.WarrantsFor(ctx, c, access.BatchSubmit)
}

// WarrantsFor is BatchWarrants for another operation that looks at many households, as a
// rehearsal of rules.
func (d *Desk) WarrantsFor(ctx context.Context, c Caller, op access.Operation) engine.Warrants {
	return &batchRegister{ctx, d, c, op}
}

type batchRegister struct {
	ctx    context.Context //nolint:containedctx // of the batch, which is one call
	desk   *Desk
	caller Caller
	op     access.Operation
}

// Warrant implements engine.Warrants.
func (r *batchRegister) Warrant(q engine.Asked) (engine.Warrant, error) {
	// A batch asks from several goroutines; each question has its own asker.
	a := asker{ctx: r.ctx, ledger: r.desk.o.Ledger, caller: &r.caller, rowwise: true, packs: r.desk.o.Packs, op: r.op, at: r.desk.o.Now()}
	return a.Warrant(q)
}

// Keeper keeps the verdicts of a batch in the ledger. It goes on while the next are judged;
// the sink behind it commits only what is kept. What was kept already, by a run that ended
// early, is kept once. Close it when the batch has ended.
type Keeper struct {
	d          *Desk
	ctx        context.Context //nolint:containedctx // of the batch, which is one call
	asking     asking
	batch      string
	generation *generation
	verifiers  []*engine.Verifier // by judge
	begun      ledger.Instant
	next       batch.Sink
	slots      [][]*kept
	lanes      [lanes]lane
	takers     [][]*recheck.Taker // by slot and judge
}

// lane keeps the checks of some households in their order.
type lane struct {
	list []*kept
	last chan error // of those on their way, nil for none
}

const (
	lanes      = 4   // that go on side by side, one household always in the same
	laneChecks = 512 // that are kept at once
)

var _ batch.Sink = (*Keeper)(nil)

// Keeper returns the keeper of a batch. name tells it from every other: the digest of the
// batch, and what it is judged by and when. verifiers are those of the judges, in their
// order, and g is what they read. They must be given BatchWarrants.
func (d *Desk) Keeper(ctx context.Context, c Caller, name string, g store.Generation, verifiers []*engine.Verifier, next batch.Sink) *Keeper {
	return &Keeper{
		d: d, ctx: ctx, asking: asking{caller: &c, op: access.BatchSubmit, channel: "batch"}, batch: name,
		generation: newGeneration(g, 1, d.o.Program), verifiers: verifiers, begun: ledger.At(d.o.Now()), next: next,
	}
}

// Open implements batch.Sink.
func (k *Keeper) Open(slots int) {
	k.slots, k.takers = make([][]*kept, slots), make([][]*recheck.Taker, slots)
	for i := range k.takers {
		for _, v := range k.verifiers {
			k.takers[i] = append(k.takers[i], recheck.NewTaker(v, k.generation.Manifest(), k.d.o.Program))
		}
	}
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
		x, err := k.take(slot, h, i)
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
func (k *Keeper) take(slot int, h *batch.Household, i int) (*kept, error) {
	v, r := &h.Verdicts[i], h.Request
	if !keyable(r.HouseholdID) {
		return nil, nil //nolint:nilnil // the file has the refusal
	}
	q, by := k.asking, k.verifiers[i]
	q.line = bytes.Clone(h.Line)
	x := &kept{
		asking: &q, at: ledger.At(k.d.o.Now()), pack: by.Pack(), on: by.On(), generation: k.generation,
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
	claim := authorization.ClaimOf(r, v.Scheme, x.on, x.at.Time())
	if code, _ := authorization.Judge(&found.Authorization, claim); code != "" {
		return nil, ErrChangedMeanwhile
	}
	x.found = found
	x.state = x.stateOf(k.takers[slot][i].Take(&h.Plans[i], h.Elsewhere[i], v), k.begun)
	return x, k.d.judged(x, v, v.AppendJSON(nil))
}

// Write implements batch.Sink.
func (k *Keeper) Write(slot, n int) error {
	for _, x := range k.slots[slot] {
		l := &k.lanes[xxhash.Sum64String(x.number)%lanes]
		if l.list = append(l.list, x); len(l.list) >= laneChecks {
			if err := k.begin(l); err != nil {
				return err
			}
		}
	}
	return k.next.Write(slot, n)
}

// begin begins to keep what a lane has.
func (k *Keeper) begin(l *lane) error {
	if err := l.settle(); err != nil || len(l.list) == 0 {
		return err
	}
	list, last := l.list, make(chan error, 1)
	l.list, l.last = nil, last
	go func() { last <- k.d.keepAll(k.ctx, list) }()
	return nil
}

// settle waits for what is on its way.
func (l *lane) settle() error {
	if l.last == nil {
		return nil
	}
	err := <-l.last
	l.last = nil
	return err
}

// Commit implements batch.Sink.
func (k *Keeper) Commit(at batch.Position) error {
	for i := range k.lanes {
		if err := k.begin(&k.lanes[i]); err != nil {
			return err
		}
	}
	if err := k.Close(); err != nil {
		return err
	}
	return k.next.Commit(at)
}

// Close waits for what is on its way into the ledger.
func (k *Keeper) Close() error {
	var err error
	for i := range k.lanes {
		err = errors.Join(err, k.lanes[i].settle())
	}
	return err
}

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
	var g grouping
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
		if !g.add(&change, &one) {
			return change, n, nil
		}
	}
	return change, n, nil
}

// grouping makes one change of several.
type grouping struct {
	taken map[entryOfKind]bool
	size  int
}

type entryOfKind struct {
	kind ledger.Kind
	id   string
}

// add adds one change, unless both write the same entry or it would become too large. One
// alone always goes in.
func (g *grouping) add(change, one *ledger.Change) bool {
	if g.taken == nil {
		g.taken = map[entryOfKind]bool{}
	}
	bytes := 0
	for _, op := range one.Ops {
		if g.taken[entryOfKind{op.Kind, op.ID}] {
			return false
		}
		bytes += len(op.ID) + len(op.Fields) + len(op.Body)
	}
	if g.size > 0 && (len(change.Ops)+len(one.Ops) > groupOps || g.size+bytes > groupBytes) {
		return false
	}
	g.size += bytes
	for _, op := range one.Ops {
		g.taken[entryOfKind{op.Kind, op.ID}] = true
	}
	change.Ops = append(change.Ops, one.Ops...)
	for _, r := range one.Requires {
		if !g.taken[entryOfKind{r.Kind, r.ID}] {
			g.taken[entryOfKind{r.Kind, r.ID}] = true
			change.Requires = append(change.Requires, r)
		}
	}
	return true
}
