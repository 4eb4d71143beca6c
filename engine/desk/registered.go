package desk

import (
	"context"
	"fmt"

	"github.com/hedui/hedui/engine/authorization"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/match"
)

// registered is an authorisation with its entry in the ledger.
type registered struct {
	authorization.Authorization
	entry *ledger.Authorization
}

// readAuthorization reads an authorisation, nil when none is registered under the
// number. One that was erased by a rule of retention is not registered any more.
func readAuthorization(ctx context.Context, l ledger.Ledger, number string) (*registered, error) {
	if !keyable(number) {
		return nil, nil //nolint:nilnil // none is no error
	}
	e, err := find[ledger.Authorization](ctx, l, number)
	if e == nil || err != nil {
		return nil, err
	}
	return registeredIn(e)
}

// registeredIn decodes an authorisation. An entry that says something else than its body
// permits nothing.
func registeredIn(e *ledger.Authorization) (*registered, error) {
	a, err := authorization.Decode(e.Body)
	if err != nil {
		return nil, fmt.Errorf("authorisation %s: %w", e.Number, err)
	}
	if a.Number != e.Number || a.Household != e.Household || a.Division != e.Division || a.From != e.From || a.To != e.To || (a.Withdrawn != nil) != e.Withdrawn {
		return nil, fmt.Errorf("authorisation %s: its entry and its body differ", e.Number)
	}
	return &registered{*a, e}, nil
}

// entryOf is the entry of an authorisation, over the version that was read.
func entryOf(l ledger.Ledger, a *authorization.Authorization, version ledger.Version) *ledger.Authorization {
	e := &ledger.Authorization{
		Number: a.Number, Household: a.Household, Division: a.Division, From: a.From, To: a.To,
		Withdrawn: a.Withdrawn != nil, At: ledger.At(a.RegisteredAt),
	}
	e.Version = version
	for i := range a.Members {
		m := &a.Members[i]
		e.Persons = append(e.Persons, personOf(l, match.ParseDocument(m.DocumentType, []byte(m.Document.Reveal())).Key))
	}
	e.Body = authorization.Encode(a)
	return e
}

// personOf is the pseudonym of a person. What the ledger keeps about a person's records
// is under it too: there are few for each, and they are told apart by their content.
func personOf(l ledger.Ledger, key household.PersonKey) ledger.Pseudonym {
	plain, _ := key.AppendBinary(nil) // never fails
	return l.Pseudonym(ledger.Person, plain)
}
