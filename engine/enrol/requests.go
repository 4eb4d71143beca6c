package enrol

import (
	"cmp"
	"errors"
	"fmt"
	"io"

	"github.com/hedui/hedui/engine/authorization"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
)

// requests makes authorisations of what the requests of a batch claim.
type requests struct {
	lines  lines
	digest string
}

// Requests makes an authorisation of every request of a batch: what the request claims of
// its authorisation becomes what is registered. It is for moving from claims to registered
// authorisations. There is no scan: the digest is that of the batch, and each signature
// refers to the line of the batch.
func Requests(r io.Reader, digest string) Source { return &requests{newLines(r), digest} }

// Next implements Source.
func (q *requests) Next() (*Row, error) {
	for {
		line, n, err := q.lines.next()
		if err != nil {
			return nil, err
		}
		if len(line) == 0 {
			continue
		}
		return q.row(line, n), nil
	}
}

func (q *requests) row(line []byte, n int64) *Row {
	r, err := household.ParseRequest(line)
	switch {
	case errors.Is(err, household.ErrNoHouseholdID):
		return &Row{Line: n, Faults: []string{"household_id: the number of the household"}}
	case err != nil:
		return &Row{Line: n, Faults: []string{"line: one JSON object of a request"}}
	case r.Authorization == nil:
		return &Row{Line: n, Faults: []string{"authorization: what the household signed"}}
	}
	c := r.Authorization
	a := authorization.Authorization{
		Number: c.Number, Household: r.HouseholdID, Division: r.Region, From: c.ValidFrom, To: c.ValidTo, ScanDigest: q.digest,
		Purposes: c.Purposes, Classes: authorization.AllClasses(),
	}
	if !c.PurposesGiven {
		a.Purposes = []string{cmp.Or(c.Purpose, r.Scheme)}
	}
	if c.ClassesGiven {
		for s := range a.Classes { // who people are comes with every authorisation
			a.Classes[s] = a.Classes[s] && c.Classes[s]
		}
	}
	signature := authorization.Signature{Ref: fmt.Sprintf("batch line %d", n), On: c.ValidFrom}
	a.Members = members(r, signature)
	return &Row{Line: n, Authorization: a}
}

// members are the counted members, and the obligors who consented. Whoever is not among
// those who signed and can't sign has the first adult who did as guardian.
func members(r *household.Request, signature authorization.Signature) []authorization.Member {
	signed := func(t household.DocumentType, number household.IDNumber) bool {
		key := match.ParseDocument(t, []byte(number.Reveal())).Key
		for _, s := range r.Authorization.SignedBy {
			if match.ParseDocument(t, []byte(s.Reveal())).Key == key {
				return true
			}
		}
		return false
	}
	var out []authorization.Member
	guardian := -1
	for i := range r.Members {
		m := &r.Members[i]
		if m.Excluded != 0 {
			continue
		}
		x := authorization.Member{DocumentType: m.IDType, Document: m.IDNumber, Name: m.Name, Born: birth(m.IDType, m.IDNumber, m.BirthDate), Relation: m.Relation}
		if signed(m.IDType, m.IDNumber) {
			x.Signature = signature
			if guardian < 0 && x.Adult(r.Authorization.ValidFrom) {
				guardian = len(out)
			}
		}
		out = append(out, x)
	}
	for i := range out {
		if g := guardian; g >= 0 && !out[i].Adult(r.Authorization.ValidFrom) {
			out[i].Signature = authorization.Signature{}
			out[i].Guardian = &authorization.Guardian{DocumentType: out[g].DocumentType, Document: out[g].Document, Name: out[g].Name, Signature: signature}
		}
	}
	for i := range r.Obligors {
		o := &r.Obligors[i]
		if o.Signed && signed(o.IDType, o.IDNumber) {
			out = append(out, authorization.Member{
				DocumentType: o.IDType, Document: o.IDNumber, Name: o.Name, Born: birth(o.IDType, o.IDNumber, o.BirthDate), Relation: o.Relation, Signature: signature,
			})
		}
	}
	return out
}

// birth is the birth date to register: only where the document does not tell.
func birth(t household.DocumentType, number household.IDNumber, said household.Date) household.Date {
	if match.ParseDocument(t, []byte(number.Reveal())).Birth != 0 {
		return 0
	}
	return said
}
