package desk

import (
	"context"
	"strings"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
)

// readAhead reads what judging and keeping the open rows will read of the ledger, in two
// questions for all of them: what a request names, then the objections to the records of
// whoever is on its authorisation.
func (r *rowsAsked) readAhead(ctx context.Context) error {
	l := ledger.ReadAhead(r.d.o.Ledger)
	r.ledger = l
	buffer := buffers.Get().(*household.RequestBuffer) //nolint:forcetypeassert // nothing else is in it
	defer buffers.Put(buffer)
	var asks []ledger.Ask
	var claims []string
	for i := range r.rows {
		if !r.rows[i].open() {
			continue
		}
		q, _ := buffer.Parse(r.o.Rows[i].Line)
		if q.Authorization == nil || !keyable(q.HouseholdID) || !keyable(q.Authorization.Number) {
			continue
		}
		number, claim := strings.Clone(q.HouseholdID), strings.Clone(q.Authorization.Number)
		claims = append(claims, claim)
		asks = append(asks,
			ledger.Ask{Kind: ledger.KindAuthorization, ID: claim},
			ledger.Ask{Kind: ledger.KindHousehold, ID: ledger.HouseholdID(number, r.p.scheme)},
			ledger.AskAll(ledger.ObjectionsOf(number)),
			ledger.AskAll(ledger.CasesOf(number)))
	}
	if err := l.Read(ctx, asks...); err != nil {
		return ledgerError(err)
	}
	if asks = asks[:0]; !l.Useful() {
		return nil
	}
	for _, claim := range claims {
		e, err := find[ledger.Authorization](ctx, l, claim)
		if err != nil {
			return err
		}
		if e == nil {
			continue
		}
		for _, p := range e.Persons {
			asks = append(asks, ledger.AskAll(ledger.ObjectionsOn(p)))
		}
	}
	return ledgerError(l.Read(ctx, asks...))
}
