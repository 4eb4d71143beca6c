package submission

import (
	"context"
	"errors"
	"log/slog"
	"slices"

	"github.com/hedui/hedui/engine/desk"
	"github.com/hedui/hedui/engine/ledger"
)

// answering answers items that are kept together.
type answering struct {
	o     *Office
	c     desk.Caller
	own   bool
	p     *desk.Pinned
	batch string
	items []item
	only  func(*item) bool // the items that are to be answered; nil is all that can be
	done  int              // items at the beginning that an earlier change has
	// change is what goes into the same change as the items from and up to to.
	change func(from, to int) ledger.Change
	told   func(i int, line []byte) // what each item is answered, before it is kept; may be nil

	tries map[int]int // of items that failed
	set   int         // items set aside
}

// failed is the code of a row that can't be answered, whatever it asks.
const failed = "failed"

// run answers the items. One that fails again and again is set aside, so that it does not
// hold up the rest; it returns how many that were.
func (a *answering) run(ctx context.Context) (set int, err error) {
	a.tries = map[int]int{}
	err = a.once(ctx, nil)
	if !a.rowsFault(ctx, err) {
		return a.set, err
	}
	// Some row is to blame, or something that all need: find out which by asking each alone.
	// Nothing is kept by that.
	a.o.o.Log.Warn("rows of a batch failed together and are tried one by one", slog.String("batch", a.batch), slog.Any("error", err))
	dead := map[int]bool{}
	for i := range a.items {
		if !a.asks(i) || i < a.done {
			continue
		}
		for a.tries[i] = 1; ; a.tries[i]++ {
			err := a.alone(ctx, i)
			if err == nil {
				break
			}
			if !a.rowsFault(ctx, err) {
				return a.set, err
			}
			if a.tries[i] >= a.o.o.Limits.Tries {
				a.o.o.Log.Error("a row of a batch can't be answered and is set aside",
					slog.String("batch", a.batch), slog.Int64("row", a.items[i].Number), slog.Any("error", err))
				dead[i] = true
				break
			}
		}
		if len(dead) > mostFailed {
			return a.set, &errWhy{Unanswerable, err}
		}
	}
	return a.set, a.once(ctx, dead)
}

// rowsFault reports whether an error may be the fault of a row, and not of the ledger, the
// audit log, or of whoever took the work over.
func (a *answering) rowsFault(ctx context.Context, err error) bool {
	if err == nil || ctx.Err() != nil {
		return false
	}
	if _, ok := errors.AsType[*desk.AuditError](err); ok {
		return false
	}
	if _, ok := errors.AsType[*errWhy](err); ok {
		return false
	}
	if _, ok := desk.Refused(err); ok {
		return false
	}
	for _, e := range []error{
		ledger.ErrFenced, ledger.ErrConflict, ledger.ErrErased, ledger.ErrUnreachable, ledger.ErrSpace, ledger.ErrDamaged, ledger.ErrClosed, ledger.ErrOwned, desk.ErrChangedMeanwhile,
	} {
		if errors.Is(err, e) {
			return false
		}
	}
	return true
}

// asks reports whether an item is a request that is to be answered.
func (a *answering) asks(i int) bool {
	x := &a.items[i]
	return x.Unread == nil && (a.only == nil && !x.Dead && x.Request == "" || a.only != nil && a.only(x))
}

// once answers the items in as few changes as they go into, without those that are dead.
func (a *answering) once(ctx context.Context, dead map[int]bool) error {
	var rows []desk.Row
	var at []int // the item of each row
	done := 0
	for i := range a.items {
		if !a.asks(i) {
			continue
		}
		if dead[i] {
			x := &a.items[i]
			x.Dead, x.Refusal, x.Tries = true, failed, a.tries[i]
			a.set++
			continue
		}
		if i < a.done {
			done++
		}
		rows, at = append(rows, desk.Row{Number: a.items[i].Number, Line: a.items[i].line}), append(at, i)
	}
	// Items between two rows go with the one before them, those before the first with it.
	item := func(row int) int {
		switch row {
		case len(rows):
			return len(a.items)
		case 0:
			return 0
		}
		return at[row]
	}
	asked := slices.Clone(a.items)
	_, err := a.o.o.Desk.AnswerRows(ctx, a.c, a.p, desk.RowsOrder{
		Batch: a.batch, Rows: rows, Own: a.own, Done: done, Workers: a.o.o.Workers, Between: a.o.o.Between, Most: a.o.o.Most,
		Change: func(answers []desk.RowAnswer, from, to int) (ledger.Change, error) {
			for i := range to {
				a.items[at[i]].answer(&answers[i])
				if a.told != nil && i >= from {
					a.told(at[i], answers[i].Line)
				}
			}
			if from > 0 { // what is before it is kept
				a.done = max(a.done, item(from))
			}
			return a.change(a.done, item(to)), nil
		},
	})
	if err != nil { // the items are as they were asked
		copy(a.items, asked)
	}
	return err
}

// errTried ends a try before anything is kept.
var errTried = errors.New("it was only tried")

// alone tries to answer one item. Nothing of it is kept.
func (a *answering) alone(ctx context.Context, i int) error {
	_, err := a.o.o.Desk.AnswerRows(ctx, a.c, a.p, desk.RowsOrder{
		Batch: a.batch, Rows: []desk.Row{{Number: a.items[i].Number, Line: a.items[i].line}}, Own: a.own, Workers: 1, Between: a.o.o.Between,
		Change: func([]desk.RowAnswer, int, int) (ledger.Change, error) { return ledger.Change{}, errTried },
	})
	if errors.Is(err, errTried) {
		return nil
	}
	return err
}

// answer fills in what an item came to. Only what is nowhere else stays in it.
func (x *item) answer(a *desk.RowAnswer) {
	x.Request, x.Household, x.Division, x.Outcome, x.Refusal, x.Verdict, x.Again = a.Request, a.Household, a.Division, a.Outcome.String(), a.Refusal, a.Verdict, a.Again
	x.Region, x.Case = "", a.Case
	if x.Division == "" {
		x.Region = a.Region
	}
	x.Dead, x.Tries, x.line = false, 0, nil
	if !a.Kept {
		x.line = a.Line
	}
}
