package desk

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/hedui/hedui/engine/batch"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/recheck"
	"github.com/hedui/hedui/engine/register"
)

// reverified is one household that was verified again, on its way into the ledger.
type reverified struct {
	kept
	same   bool            // the verdict that stands goes on standing
	change *recheck.Change // nil when it says the same
}

// Open implements recheck.Keeper.
func (r *rechecking) Open(slots int) {
	for len(r.slots) < slots {
		r.slots = append(r.slots, nil)
	}
}

// Begin implements recheck.Keeper.
func (r *rechecking) Begin(slot int) { r.slots[slot] = r.slots[slot][:0] }

// Judged implements recheck.Keeper.
func (r *rechecking) Judged(slot int, h *batch.Household, last *recheck.Last) error {
	v := &h.Verdicts[0]
	x := &reverified{}
	r.slots[slot] = append(r.slots[slot], x)
	q := r.asking
	x.kept = kept{asking: &q, at: r.begun, pack: r.verifier.Pack(), on: r.verifier.On(), generation: r.g, outcome: v.Outcome, scheme: r.o.Scheme}
	if v.Outcome == household.Refused {
		x.rejected = strings.Clone(v.Findings[0].Code)
		return nil
	}
	x.number = strings.Clone(h.Request.HouseholdID)
	r.mu.Lock()
	x.found = r.found[x.number]
	delete(r.found, x.number)
	r.mu.Unlock()
	before := r.selected[x.number]
	if before == nil || x.found == nil {
		return errors.New("household " + number(x.number) + ": its request names another household")
	}
	q.line = bytes.Clone(h.Line)
	x.claim = x.found.Number
	x.state = x.stateOf(*last, r.begun)
	// What stands is not said again, unless another question is asked or somebody waits
	// for the answer.
	b := &before.Last
	x.same = b.Generation != "" && b.Substance == last.Substance && b.On == last.On && b.Pack == last.Pack && before.Reasons&recheck.Request == 0
	if x.same {
		return nil
	}
	if err := r.d.judged(&x.kept, v, v.AppendJSON(nil)); err != nil {
		return err
	}
	x.id = hashID("recheck", x.verdict, x.found.Number, string(x.line))
	return nil
}

// Write implements recheck.Keeper.
func (r *rechecking) Write(slot int, results []recheck.Result) error {
	var list []*reverified
	for i, x := range r.slots[slot] {
		if x.rejected != "" {
			r.out.Refused[x.rejected]++
			continue
		}
		x.change = results[i].Change
		list = append(list, x)
	}
	for len(list) > 0 {
		n, err := r.keepSome(list)
		if err != nil {
			return err
		}
		list = list[n:]
	}
	r.done += int64(len(results))
	if r.o.Progress != nil {
		r.o.Progress(r.done, r.out.Again)
	}
	return nil
}

// keepSome keeps as many as go into one change, and says how many that were. Where an
// authorisation was changed meanwhile, that household is left for the next recheck.
func (r *rechecking) keepSome(list []*reverified) (int, error) {
	for attempt := range attempts {
		if attempt == attempts/2 {
			list = list[:1] // to find whose fault it is
		}
		change, n, err := r.group(list, attempt > 0)
		if errors.Is(err, errAgain) {
			if n > 0 {
				list = list[:n] // those before it
				continue
			}
			r.out.Left++
			return 1, nil
		}
		if err != nil {
			return 0, err
		}
		if len(change.Ops) > 0 {
			err = r.d.o.Ledger.Commit(r.ctx, change)
		}
		if err == nil {
			for _, x := range list[:n] {
				r.count(x)
			}
			return n, nil
		}
		if !errors.Is(err, ledger.ErrConflict) {
			return 0, ledgerError(err)
		}
		if conflict, ok := errors.AsType[*ledger.ConflictError](err); ok && conflict.Kind == ledger.KindAuthorization {
			if n == 1 {
				r.out.Left++
				return 1, nil
			}
			list = list[:1]
		}
	}
	r.out.Left++
	return 1, nil
}

func (r *rechecking) count(x *reverified) {
	if x.opened != "" {
		r.out.Cases++
	}
	if x.change != nil {
		r.out.Changed++
		r.moves[[2]household.Outcome{x.change.Before, x.change.After}]++
	}
}

// group makes one change of as many as go into it; with errAgain n are before the one
// that can't be kept.
func (r *rechecking) group(list []*reverified, careful bool) (change ledger.Change, n int, err error) {
	size := 0
	for _, x := range list {
		var one ledger.Change
		if err := r.one(x, careful, &one); err != nil {
			return change, n, err
		}
		more := 0
		for _, op := range one.Ops {
			more += len(op.ID) + len(op.Fields) + len(op.Body)
		}
		if n > 0 && (len(change.Ops)+len(change.Requires)+len(one.Ops)+len(one.Requires) > groupOps || size+more > groupBytes) {
			break
		}
		size += more
		n++
		change.Ops, change.Requires = append(change.Ops, one.Ops...), append(change.Requires, one.Requires...)
	}
	return change, n, nil
}

// one adds what one household changes in the ledger.
func (r *rechecking) one(x *reverified, careful bool, change *ledger.Change) error {
	d := r.d
	stands, err := find[ledger.Household](r.ctx, d.o.Ledger, ledger.HouseholdID(x.number, x.scheme))
	if err != nil {
		return err
	}
	if stands == nil || stands.On > x.on || stands.Authorization != x.found.Number {
		return errAgain // somebody asked about it meanwhile
	}
	if x.same {
		var before register.State
		if err := new(register.Decoder).Decode(stands.Body, &before); err != nil {
			return fmt.Errorf("household %s: %w", x.number, err)
		}
		x.state.Asked = before.Asked
		change.Requires = append(change.Requires, ledger.RequireSame(x.found.entry))
		if body := register.AppendState(nil, x.state); !bytes.Equal(body, stands.Body) {
			stands.Body = body
			change.Ops = append(change.Ops, ledger.Put(stands))
		}
		return nil
	}
	if careful { // a request of its own: the number may be there
		x.id = newID()
	}
	if err := d.change(r.ctx, &x.kept, careful, change); err != nil {
		return err
	}
	return r.task(x, stands, careful, change)
}

// task adds the task that tells of a change.
func (r *rechecking) task(x *reverified, stands *ledger.Household, careful bool, change *ledger.Change) error {
	c := x.change
	if c == nil {
		return nil
	}
	if c.First { // what it said is not kept, but its outcome is
		if c.Before = household.OutcomeOf(stands.Outcome); c.Before == c.After {
			x.change = nil
			return nil
		}
	}
	id := hashID(register.Changes, stands.Key(), stands.Verdict, x.verdict)
	if careful {
		if held, err := find[ledger.Task](r.ctx, r.d.o.Ledger, id); held != nil || err != nil {
			return err
		}
	}
	t, err := register.Task(id, x.found.Division, x.scheme, r.out.Run, r.g.id, x.at, c)
	if err != nil {
		return err
	}
	change.Ops = append(change.Ops, ledger.Put(t))
	return nil
}
