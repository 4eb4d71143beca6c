package recheck

import (
	"context"
	"slices"

	"github.com/cespare/xxhash/v2"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/household"
)

// Last is what is kept of the last verdict on a registered household: enough to know
// whether another would say the same, and to say what has changed when it does not. It
// holds keys of people, which are as secret as their documents.
type Last struct {
	Household string // its number; registered once
	Request   uint64 // DigestOf the request that was judged

	// By what it was judged.
	Generation string // "" when it was never verified
	Program    string
	Pack       string // digest
	On         household.Date
	Basis      engine.Basis
	View       uint64 // of the basis
	Index      uint64 // of the generation, for packs that look for weaker links

	// Whose entries were read.
	Keys      []household.PersonKey
	Elsewhere bool // and others, that are not listed

	// What it says.
	Substance Substance
	Outcome   household.Outcome
	States    [household.NumChecked]household.CoverageState
	Findings  []Brief
}

// Brief is a finding without its evidence.
type Brief struct {
	Code          string
	Item          string
	Effect        household.Outcome
	Grade         household.Grade
	Member        int
	Type          household.LineType
	Amount, Limit household.Fen
	Sources       Sources // of its evidence
}

// Sources is a set of sources.
type Sources uint8

// With is the set and a source.
func (s Sources) With(x household.Source) Sources { return s | 1<<x }

// List are the sources of the set, in their order.
func (s Sources) List() []household.Source {
	var out []household.Source
	for x := household.Tax; x < household.NumSources; x++ {
		if s>>x&1 != 0 {
			out = append(out, x)
		}
	}
	return out
}

// DigestOf digests a request as it is written, without the end of its line.
func DigestOf(request []byte) uint64 { return xxhash.Sum64(request) }

// Registry hands out the registered households. Those of one call of Select and Run are
// judged by one pack; a household of several schemes is registered once for each.
type Registry interface {
	// Each calls fn with every registered household and the digest of its request as it
	// stands now, in an order that is the same each time. last is borrowed until fn
	// returns; of a household that was never verified it has the number alone.
	Each(ctx context.Context, fn func(last *Last, request uint64) error) error
	// Request is the request of a registered household as it stands now, one JSON object
	// without the end of the line.
	Request(household string) ([]byte, error)
}

// brief is what is kept of the findings of a verdict.
func brief(v *household.Verdict) []Brief {
	if len(v.Findings) == 0 {
		return nil
	}
	out := make([]Brief, 0, len(v.Findings))
	for i := range v.Findings {
		f := &v.Findings[i]
		b := Brief{
			Code: f.Code, Item: f.Item, Effect: f.Effect, Grade: f.Grade, Member: f.Member, Type: f.Type, Amount: f.Amount, Limit: f.Limit,
		}
		for k := range f.Evidence {
			b.Sources = b.Sources.With(f.Evidence[k].Source)
		}
		out = append(out, b)
	}
	return out
}

// AtUpper reports whether the verdict rests on what another node holds, or waits for it.
func (l *Last) AtUpper() bool {
	return slices.ContainsFunc(l.States[:], func(s household.CoverageState) bool { return s == household.Pending || s == household.Upstream })
}

// Compare is what a verdict says otherwise than the one before, for some reasons; nil when
// it says the same.
func Compare(before, after *Last, why Reasons) *Change {
	if before.Generation != "" && before.Substance == after.Substance {
		return nil
	}
	return changeOf(before, after, why)
}

// Change is what the new verdict on a household says otherwise than the last.
type Change struct {
	Household string
	First     bool // there was none before
	Reasons   Reasons
	// The outcomes. They may be one: then something else differs that the verdict says.
	Before, After household.Outcome
	// Findings of one verdict that the other has not; one whose amount has changed is
	// in both.
	Added, Removed []Brief
	// Sources are those of the findings added and removed, and those that answer
	// otherwise. None when the change is in sums that no finding speaks of.
	Sources Sources
}

func changeOf(before, after *Last, why Reasons) *Change {
	c := &Change{Household: after.Household, First: before.Generation == "", Reasons: why, Before: before.Outcome, After: after.Outcome}
	c.Added, c.Removed = without(after.Findings, before.Findings), without(before.Findings, after.Findings)
	for _, list := range [...][]Brief{c.Added, c.Removed} {
		for i := range list {
			c.Sources |= list[i].Sources
		}
	}
	for s := household.Tax; s < household.NumChecked && !c.First; s++ {
		if before.States[s] != after.States[s] {
			c.Sources = c.Sources.With(s)
		}
	}
	return c
}

// without are the findings of a that b has not.
func without(a, b []Brief) []Brief {
	var out []Brief
	left := slices.Clone(b)
	for i := range a {
		if k := slices.Index(left, a[i]); k >= 0 {
			left = slices.Delete(left, k, k+1)
		} else {
			out = append(out, a[i])
		}
	}
	return out
}
