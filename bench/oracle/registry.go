package oracle

import (
	"fmt"
	"sort"
	"strconv"
)

// Registry is what the newest snapshots hold, per source and provider. It is
// read-only after Load and may be used by several goroutines.
type Registry struct {
	// Accounts has one entry per snapshot, in the order given to Load.
	Accounts []Account

	providers map[string][]*provider // by source, ordered by provider name
}

// provider is one provider's part of the registry.
type provider struct {
	name   string
	flow   bool
	snaps  []*snapshot         // those that supply anything
	months map[month]*snapshot // flows: the newest snapshot covering the month
	people map[document][]*record
	marks  map[document]bool
}

// Load reads all snapshots and keeps, per source and provider, the newest one;
// for flows the newest one covering each month. Two snapshots of the same
// source, provider and as-of date are an error, as is a file without a required
// column.
func Load(in []Snapshot) (*Registry, error) {
	reg := &Registry{providers: map[string][]*provider{}}
	bySource := map[string]map[string][]*snapshot{}
	for _, one := range in {
		s, err := loadSnapshot(one)
		if err != nil {
			return nil, err
		}
		reg.Accounts = append(reg.Accounts, s.account)
		if bySource[s.source] == nil {
			bySource[s.source] = map[string][]*snapshot{}
		}
		for _, other := range bySource[s.source][s.provider] {
			if other.asOf.Equal(s.asOf) {
				return nil, fmt.Errorf("source %s provider %s: as-of %s twice", s.source, s.provider, one.AsOf)
			}
		}
		bySource[s.source][s.provider] = append(bySource[s.source][s.provider], s)
	}
	for source, byProvider := range bySource {
		for name, snaps := range byProvider {
			reg.providers[source] = append(reg.providers[source], choose(name, snaps))
		}
		sort.Slice(reg.providers[source], func(i, j int) bool {
			return reg.providers[source][i].name < reg.providers[source][j].name
		})
	}
	return reg, nil
}

// choose applies the rule of the newest snapshot to one provider.
func choose(name string, snaps []*snapshot) *provider {
	sort.Slice(snaps, func(i, j int) bool { return snaps[i].asOf.Before(snaps[j].asOf) })
	newest := snaps[len(snaps)-1]
	p := &provider{
		name: name, flow: newest.schema.flow, months: map[month]*snapshot{},
		people: map[document][]*record{}, marks: map[document]bool{},
	}
	supplies := map[*snapshot]bool{newest: true}
	if p.flow {
		for _, s := range snaps { // from old to new: the newest stays
			for m := s.covers.from; m <= s.covers.to; m++ {
				p.months[m] = s
			}
		}
		for _, s := range p.months {
			supplies[s] = true
		}
	}
	for _, s := range snaps {
		if !supplies[s] {
			continue
		}
		p.snaps = append(p.snaps, s)
		for d := range s.marks {
			p.marks[d] = true
		}
		for _, r := range s.accepted {
			if r.linked && (!p.flow || p.months[r.coveredMonth()] == s) {
				p.people[r.doc] = append(p.people[r.doc], r)
			}
		}
	}
	return p
}

// coveredMonth is the month that decides which snapshot a flow record is taken
// from: its own or, for a bare year, the last month of it its snapshot covers.
func (r *record) coveredMonth() month {
	value := r.get(r.snap.schema.month)
	if year, bare := bareYear(value); bare {
		return r.snap.covers.lastOf(year)
	}
	m, _ := parseMonth(value)
	return m
}

// bareYear reads the text form of a period that names no month.
func bareYear(value string) (year int, bare bool) {
	if len(value) != 4 {
		return 0, false
	}
	year, err := strconv.Atoi(value)
	return year, err == nil
}

// ref names the record's row: source/provider/file/row.
func (r *record) ref() string {
	return fmt.Sprintf("%s/%s/%d/%d", r.snap.source, r.snap.provider, r.file, r.row)
}
