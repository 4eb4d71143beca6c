package upkeep

import (
	"context"
	"errors"
	"fmt"

	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/snapshot"
	"github.com/hedui/hedui/engine/store"
)

// Retained says what a run came to.
type Retained struct {
	Removed map[string]int // by kind
	Bytes   int64          // freed on the disk; a ledger gives its space back by and by
	// Changed are households and batches with which something happened between plan and
	// run: nothing of theirs was erased.
	Changed []string
}

// householdsPerNote is how many households one entry of the audit log tells of before
// theirs are erased.
const householdsPerNote = 200

// Retain does what was planned. The audit log says so before it is so. Entries of the
// ledger are erased, which leaves their ids; all of one household in one change, that is
// refused when anything of it changed since the plan.
func Retain(ctx context.Context, o RetainOptions, plan *Plan, who audit.Who, reason string) (*Retained, error) {
	if o.Log == nil {
		return nil, errors.New("internal: no audit log")
	}
	if reason == "" {
		return nil, errors.New("retention needs a reason")
	}
	r := &retainer{o: o, event: audit.Event{Who: who, Operation: "retention.run", Outcome: audit.Done, Reason: reason}, out: &Retained{Removed: map[string]int{}}}
	if err := r.event.Validate(); err != nil {
		return nil, err
	}
	if err := r.dossiers(ctx, plan); err != nil {
		return r.out, err
	}
	if err := r.batches(ctx, plan); err != nil {
		return r.out, err
	}
	// Generations before the snapshots they were made of.
	for _, kind := range []string{"generation", "snapshot"} {
		if err := r.drop(ctx, plan, kind); err != nil {
			return r.out, err
		}
	}
	return r.out, r.audit(ctx, plan, who)
}

type retainer struct {
	o     RetainOptions
	event audit.Event
	out   *Retained
}

// dossier is what goes of one household.
type dossier struct {
	subject audit.Subject
	ops     []ledger.Op
	kinds   []string
}

func (r *retainer) dossiers(ctx context.Context, plan *Plan) error {
	at := map[string]int{}
	var all []dossier
	for i := range plan.Items {
		x := &plan.Items[i]
		if x.Rule != RuleDossiers {
			continue
		}
		k, ok := at[x.household.Household]
		if !ok {
			k = len(all)
			at[x.household.Household] = k
			all = append(all, dossier{subject: x.household})
		}
		all[k].ops = append(all[k].ops, x.op)
		all[k].kinds = append(all[k].kinds, x.Kind)
	}
	for len(all) > 0 {
		n := min(len(all), householdsPerNote)
		if err := r.erase(ctx, all[:n]); err != nil {
			return err
		}
		all = all[n:]
	}
	return nil
}

func (r *retainer) erase(ctx context.Context, some []dossier) error {
	e := r.event
	e.Object = RuleDossiers
	for i := range some {
		e.Subjects = append(e.Subjects, some[i].subject)
	}
	if err := r.o.Log.Note(e); err != nil {
		return err
	}
	failed := r.event
	failed.Object, failed.Outcome, failed.Code = RuleDossiers, audit.Failed, "changed"
	for i := range some {
		d := &some[i]
		switch err := r.commit(ctx, d.ops); {
		case errors.Is(err, ledger.ErrConflict), errors.Is(err, ledger.ErrErased):
			failed.Subjects = append(failed.Subjects, d.subject)
			r.out.Changed = append(r.out.Changed, d.subject.Household)
		case err != nil:
			return fmt.Errorf("household %s: %w", d.subject.Household, err)
		default:
			for _, kind := range d.kinds {
				r.out.Removed[kind]++
			}
		}
	}
	if len(failed.Subjects) > 0 {
		return r.o.Log.Note(failed)
	}
	return nil
}

// commit erases a dossier in one change, or in a few when it is larger than one may be.
func (r *retainer) commit(ctx context.Context, ops []ledger.Op) error {
	for len(ops) > 0 {
		n := min(len(ops), ledger.MaxOps)
		if err := r.o.Ledger.Commit(ctx, ledger.Change{Ops: ops[:n]}); err != nil {
			return err
		}
		ops = ops[n:]
	}
	return nil
}

func (r *retainer) drop(ctx context.Context, plan *Plan, kind string) error {
	st, err := store.OpenDirWith(r.o.Data, store.DirOptions{Keys: r.o.Keys})
	if err != nil {
		return err
	}
	dir, err := snapshot.OpenDirWith(r.o.Data, snapshot.Options{Keys: r.o.Keys})
	if err != nil {
		return err
	}
	drop := map[string]func(string) error{"generation": st.Drop, "snapshot": dir.Drop}[kind]
	for i := range plan.Items {
		x := &plan.Items[i]
		if x.Kind != kind {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		e := r.event
		e.Object = x.ID
		if err := r.o.Log.Note(e); err != nil {
			return err
		}
		if err := drop(x.ID); err != nil {
			return fmt.Errorf("%s %s: %w", kind, x.ID, err)
		}
		r.out.Removed[kind]++
		r.out.Bytes += x.Bytes
	}
	return nil
}

func (r *retainer) audit(ctx context.Context, plan *Plan, who audit.Who) error {
	any := false
	for i := range plan.Items {
		any = any || plan.Items[i].Kind == "segment"
	}
	if !any {
		return nil
	}
	stubs, err := r.o.Log.Prune(ctx, audit.PruneOptions{Who: who, Months: r.o.Rules.of(RuleAudit).Months, Key: r.o.Stub})
	if len(stubs) > 0 {
		r.out.Removed["segment"] += len(stubs)
	}
	return err
}
