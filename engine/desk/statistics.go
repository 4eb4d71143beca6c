package desk

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
)

// StatisticsQuery selects what is counted: households by where they stand.
type StatisticsQuery struct {
	Division string         // "" is the caller's own
	Scheme   string         // "" is every one
	From, To household.Date // of the verdict, both included; 0 has no end
}

// Count is how many households of a scheme have an outcome. A count too small to be said
// without saying who is withheld.
type Count struct {
	Scheme, Outcome string
	Count           int64
	Withheld        bool
}

// fewest is the smallest count that is said.
const fewest = 5

// Statistics counts the households of a division and below it. It holds nothing personal.
func (d *Desk) Statistics(ctx context.Context, c Caller, q StatisticsQuery) ([]Count, error) {
	division := cmp.Or(q.Division, c.Division)
	e := c.event(access.Statistics, word(division))
	if _, err := d.decide(&c, access.Statistics, access.Object{Division: division}, e); err != nil {
		return nil, err
	}
	type key struct{ scheme, outcome string }
	counts := map[key]int64{}
	query := ledger.HouseholdsIn(access.Significant(division))
	query.Bare = true
	err := ledger.All(ctx, d.o.Ledger, query, func(h *ledger.Household) error {
		if (q.Scheme == "" || h.Scheme == q.Scheme) && h.On >= q.From && (q.To == 0 || h.On <= q.To) {
			counts[key{h.Scheme, h.Outcome}]++
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var out []Count
	for _, k := range slices.SortedFunc(maps.Keys(counts), func(a, b key) int {
		return cmp.Or(cmp.Compare(a.scheme, b.scheme), cmp.Compare(a.outcome, b.outcome))
	}) {
		n := Count{Scheme: k.scheme, Outcome: k.outcome, Count: counts[k]}
		if n.Count < fewest {
			n.Count, n.Withheld = 0, true
		}
		out = append(out, n)
	}
	e.Outcome = audit.Done
	return out, d.note(e)
}
