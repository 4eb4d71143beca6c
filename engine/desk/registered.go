package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

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
	if number == "" {
		return nil, nil //nolint:nilnil // none is no error
	}
	e, err := ledger.Get[ledger.Authorization](ctx, l, number)
	switch {
	case errors.Is(err, ledger.ErrNotFound), errors.Is(err, ledger.ErrErased), errors.Is(err, ledger.ErrInvalid):
		return nil, nil //nolint:nilnil // likewise; a number that can't be one is not registered
	case err != nil:
		return nil, fmt.Errorf("the ledger: %w", err)
	}
	return registeredIn(e)
}

// registeredIn decodes an authorisation. What a search needs not decode stays in the
// entry: the entry decides about what both have.
func registeredIn(e *ledger.Authorization) (*registered, error) {
	var w storedAuthorization
	if err := json.Unmarshal(e.Body, &w); err != nil {
		return nil, fmt.Errorf("authorisation %s: its body is not one", e.Number) // err may quote it
	}
	r := &registered{entry: e}
	r.Authorization = authorization.Authorization{
		Number: e.Number, Household: e.Household, Division: e.Division, From: e.From, To: e.To,
		Purposes: w.Purposes, Classes: classesOf(w.Classes), ScanDigest: w.ScanDigest,
		RegisteredBy: w.RegisteredBy, RegisteredAt: e.At.Time(), Version: int64(e.Version),
	}
	if w.Withdrawn != nil {
		r.Withdrawn = &authorization.Withdrawal{At: time.UnixMilli(w.Withdrawn.At).UTC(), By: w.Withdrawn.By, Reason: w.Withdrawn.Reason}
	} else if e.Withdrawn {
		return nil, fmt.Errorf("authorisation %s: withdrawn, and its body does not say when", e.Number)
	}
	for i := range w.Members {
		r.Members = append(r.Members, w.Members[i].member())
	}
	return r, nil
}

// entryOf is the entry of an authorisation: what it is found by, and the body. The
// entry's version is the one that was read.
func entryOf(l ledger.Ledger, a *authorization.Authorization, version ledger.Version) (*ledger.Authorization, error) {
	e := &ledger.Authorization{
		Number: a.Number, Household: a.Household, Division: a.Division, From: a.From, To: a.To,
		Withdrawn: a.Withdrawn != nil, At: ledger.At(a.RegisteredAt),
	}
	e.Version = version
	w := storedAuthorization{Purposes: a.Purposes, Classes: classNames(a.Classes), ScanDigest: a.ScanDigest, RegisteredBy: a.RegisteredBy}
	if a.Withdrawn != nil {
		w.Withdrawn = &storedWithdrawal{At: a.Withdrawn.At.UnixMilli(), By: a.Withdrawn.By, Reason: a.Withdrawn.Reason}
	}
	for i := range a.Members {
		m := &a.Members[i]
		e.Persons = append(e.Persons, personOf(l, match.ParseDocument(m.DocumentType, []byte(m.Document.Reveal())).Key))
		w.Members = append(w.Members, storedMemberOf(m))
	}
	var err error
	e.Body, err = json.Marshal(w)
	return e, err
}

// personOf is the pseudonym of a person. What the ledger keeps about a person's records
// is under it too: there are few for each, and they are told apart by their content.
func personOf(l ledger.Ledger, key household.PersonKey) ledger.Pseudonym {
	plain, _ := key.AppendBinary(nil) // never fails
	return l.Pseudonym(ledger.Person, plain)
}

// storedAuthorization is the body of an authorisation in the ledger, where it is not
// masked.
type storedAuthorization struct {
	Members      []storedMember    `json:"members"`
	Purposes     []string          `json:"purposes"`
	Classes      []string          `json:"classes"`
	ScanDigest   string            `json:"scan_digest"`
	RegisteredBy string            `json:"registered_by"`
	Withdrawn    *storedWithdrawal `json:"withdrawn,omitempty"`
}

type storedWithdrawal struct {
	At     int64  `json:"at"` // milliseconds since 1970
	By     string `json:"by"`
	Reason string `json:"reason"`
}

type storedMember struct {
	storedPerson
	Born      household.Date `json:"born,omitempty"`
	Relation  uint8          `json:"relation,omitempty"`
	Incapable bool           `json:"incapable,omitempty"`
	Guardian  *storedPerson  `json:"guardian,omitempty"`
	Left      household.Date `json:"left,omitempty"`
	LeftWhy   string         `json:"left_why,omitempty"`
}

type storedPerson struct {
	Type     uint8          `json:"type,omitempty"`
	Document string         `json:"document"`
	Name     string         `json:"name"`
	Ref      string         `json:"ref,omitempty"`
	On       household.Date `json:"on,omitempty"`
}

func storedMemberOf(m *authorization.Member) storedMember {
	out := storedMember{
		storedPerson: storedPerson{uint8(m.DocumentType), m.Document.Reveal(), m.Name.Reveal(), m.Signature.Ref, m.Signature.On},
		Born:         m.Born, Relation: m.Relation, Incapable: m.Incapable, Left: m.Left, LeftWhy: m.LeftWhy,
	}
	if g := m.Guardian; g != nil {
		out.Guardian = &storedPerson{uint8(g.DocumentType), g.Document.Reveal(), g.Name.Reveal(), g.Signature.Ref, g.Signature.On}
	}
	return out
}

func (s *storedMember) member() authorization.Member {
	m := authorization.Member{
		DocumentType: household.DocumentType(s.Type), Document: household.IDNumber(s.Document), Name: household.Name(s.Name),
		Born: s.Born, Relation: s.Relation, Incapable: s.Incapable,
		Signature: authorization.Signature{Ref: s.Ref, On: s.On}, Left: s.Left, LeftWhy: s.LeftWhy,
	}
	if g := s.Guardian; g != nil {
		m.Guardian = &authorization.Guardian{
			DocumentType: household.DocumentType(g.Type), Document: household.IDNumber(g.Document), Name: household.Name(g.Name),
			Signature: authorization.Signature{Ref: g.Ref, On: g.On},
		}
	}
	return m
}

func classNames(c authorization.Classes) []string {
	var out []string
	for s := household.Tax; s < household.NumSources; s++ {
		if c[s] {
			out = append(out, s.String())
		}
	}
	return out
}

func classesOf(names []string) (c authorization.Classes) {
	for _, name := range names {
		if s, ok := household.Sources.Named(name); ok {
			c[s] = true
		}
	}
	return c
}
