package desk

import (
	"context"
	"errors"

	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/review"
)

// Tick lets the day pass for every confirmed case: where the household's term to contest
// has run out, the decision stands. It decides nothing else, and confirms nothing. It
// returns how many became final. Somebody calls it once a day; twice does no harm.
func (d *Desk) Tick(ctx context.Context) (final int, err error) {
	var ids []string
	err = ledger.All(ctx, d.o.Ledger, ledger.CasesIn("", string(review.Confirmed)), func(e *ledger.Case) error {
		ids = append(ids, e.ID)
		return nil
	})
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		became, err := d.tickOne(ctx, id)
		if err != nil {
			return final, err
		}
		if became {
			final++
		}
	}
	return final, nil
}

func (d *Desk) tickOne(ctx context.Context, id string) (bool, error) {
	s, err := readCase(ctx, d.o.Ledger, id)
	if err != nil || s == nil {
		return false, err
	}
	version := s.Case.Version
	next, _, err := review.Apply(s.Case, review.Event{Kind: review.Tick, At: ledger.At(d.o.Now()).Time()})
	if err != nil || next.Version == version {
		return false, err
	}
	s.Case = next
	op, err := s.put("")
	if err != nil {
		return false, err
	}
	e := audit.Event{Who: audit.Who{Actor: "clock", Division: s.entry.Division}, Operation: "case.final", Object: id, Subjects: []audit.Subject{s.subject()}}
	err = d.commit(ctx, e, ledger.Change{Ops: []ledger.Op{op}})
	if r, ok := errors.AsType[*Refusal](err); ok && r.Code == Changed {
		return false, nil // somebody was faster: the next day looks again
	}
	return err == nil, err
}
