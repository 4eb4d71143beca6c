package audit

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Lookup finds the households that a person is or was a member of. The ledger knows;
// the log holds no persons.
type Lookup interface {
	HouseholdsOf(ctx context.Context, person string) ([]string, error)
}

// Access is one time that somebody looked at a household, as the household is told.
type Access struct {
	Seq           int64    `json:"seq"`
	Time          string   `json:"time"`
	Household     string   `json:"household"`
	Division      string   `json:"division,omitempty"` // of the body that looked
	Role          string   `json:"role,omitempty"`
	Actor         string   `json:"actor"` // a number on this page, or the account
	Operation     string   `json:"operation"`
	Purpose       string   `json:"purpose,omitempty"`
	Authorization string   `json:"authorization,omitempty"`
	Outcome       string   `json:"outcome"`          // of the household, or else of the access
	Fields        []string `json:"fields,omitempty"` // seen unmasked
	Reveal        bool     `json:"reveal,omitempty"`
}

// SubjectOptions of Accesses.
type SubjectOptions struct {
	Households []string
	Actors     bool // give the accounts of who looked, not numbers
	Limit      int  // of each household; 0 means all
}

// Accesses tells who looked at some households, newest first. It is what a person may
// ask: which body, when, for what purpose and on what authorisation. Of a batch nothing
// is told but these households. The same actor has the same number on one page.
func Accesses(ctx context.Context, dataDir string, o SubjectOptions) ([]Access, error) {
	var out []Access
	seen := map[string]bool{}
	for _, household := range o.Households {
		if household == "" || seen[household] {
			continue
		}
		seen[household] = true
		err := Search(ctx, dataDir, Query{Household: household, Limit: o.Limit}, func(h Hit) error {
			for _, s := range h.Households {
				a := Access{
					Seq: h.Seq, Time: h.Time, Household: s.Household, Division: h.Division, Role: h.Role, Actor: h.Actor, Operation: h.Operation,
					Purpose: h.Purpose, Authorization: s.Authorization, Outcome: h.Outcome, Fields: h.Fields, Reveal: h.Reveal,
				}
				if s.Outcome != "" {
					a.Outcome = s.Outcome
				}
				out = append(out, a)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(out, func(a, b Access) int {
		if a.Seq != b.Seq {
			return int(max(-1, min(1, b.Seq-a.Seq)))
		}
		return strings.Compare(a.Household, b.Household)
	})
	if !o.Actors {
		numbers := map[string]string{}
		for i := range slices.Backward(out) { // who looked first is the first
			name := out[i].Actor
			if numbers[name] == "" {
				numbers[name] = fmt.Sprintf("person %d", len(numbers)+1)
			}
			out[i].Actor = numbers[name]
		}
	}
	return out, nil
}
