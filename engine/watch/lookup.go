package watch

import (
	"context"
	"slices"

	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
)

// Lookup finds the households that a person is or was a member of: on an authorisation, or
// in what was verified.
type Lookup struct {
	Ledger ledger.Ledger
	Type   household.DocumentType // of the documents; 0 is a resident identity card
}

var _ audit.Lookup = Lookup{}

// HouseholdsOf takes the number of a document. What it is computed from does not leave the
// process.
func (k Lookup) HouseholdsOf(ctx context.Context, person string) (numbers []string, err error) {
	p := Person(k.Ledger, k.Type, person)
	err = ledger.All(ctx, k.Ledger, ledger.AuthorizationsOfPerson(p), func(a *ledger.Authorization) error {
		numbers = append(numbers, a.Household)
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = ledger.All(ctx, k.Ledger, ledger.HouseholdsOfPerson(p), func(h *ledger.Household) error {
		numbers = append(numbers, h.Number)
		return nil
	})
	slices.Sort(numbers)
	return slices.Compact(numbers), err
}
