package publish

import (
	"cmp"
	"slices"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/snapshot"
)

// part is a snapshot and what it supplies to the generation.
type part struct {
	entry    snapshot.Entry
	supplies []household.Months // runs of months; nil for stocks
	years    map[int]bool       // bare years; nil for stocks
}

// keeps reports whether a record of this period belongs to the generation.
func (p *part) keeps(period household.Period) bool {
	if year, bare := period.BareYear(); bare {
		return p.years[year]
	}
	m, _ := period.Month()
	for _, run := range p.supplies {
		if run.Contains(m) {
			return true
		}
	}
	return false
}

// plan chooses the snapshots of a generation, ordered by source, provider and date.
func plan(entries []snapshot.Entry) []part {
	byProvider := map[provider][]snapshot.Entry{}
	for _, e := range entries {
		if e.State == snapshot.Active {
			p := provider{e.Source, e.Provider}
			byProvider[p] = append(byProvider[p], e)
		}
	}
	var parts []part
	for p, list := range byProvider {
		slices.SortFunc(list, func(a, b snapshot.Entry) int { return cmp.Compare(b.AsOf, a.AsOf) }) // newest first
		if p.source.IsFlow() {
			parts = append(parts, planFlows(list)...)
		} else {
			parts = append(parts, part{entry: list[0]})
		}
	}
	slices.SortFunc(parts, func(a, b part) int {
		return cmp.Or(cmp.Compare(a.entry.Source, b.entry.Source), cmp.Compare(a.entry.Provider, b.entry.Provider),
			cmp.Compare(a.entry.AsOf, b.entry.AsOf))
	})
	return parts
}

type provider struct {
	source household.Source
	name   string
}

// planFlows gives every month to the newest snapshot that covers it. list is of
// one provider, newest first.
func planFlows(list []snapshot.Entry) []part {
	owner := map[household.Month]int{}
	for i, e := range list {
		for m := e.Covers.From; m <= e.Covers.To; m++ {
			if _, taken := owner[m]; !taken {
				owner[m] = i
			}
		}
	}
	parts := make([]part, len(list))
	for i, e := range list {
		p := &parts[i]
		p.entry, p.years = e, map[int]bool{}
		for m := e.Covers.From; m <= e.Covers.To; m++ {
			if owner[m] != i {
				continue
			}
			if n := len(p.supplies); n > 0 && p.supplies[n-1].To == m-1 {
				p.supplies[n-1].To = m
			} else {
				p.supplies = append(p.supplies, household.Months{From: m, To: m})
			}
			// A bare year goes with the last month of its year that its own snapshot
			// covers: so it is never lost between two deliveries of one year.
			if m == e.Covers.To || m%12 == 11 {
				p.years[m.Year()] = true
			}
		}
	}
	return slices.DeleteFunc(parts, func(p part) bool { return len(p.supplies) == 0 })
}
