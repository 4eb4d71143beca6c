package report

import (
	"maps"
	"slices"
	"strings"

	"github.com/hedui/hedui/engine/explain"
	"github.com/hedui/hedui/engine/household"
)

// place is where one record stands, whoever names it.
type place struct {
	source             household.Source
	provider, snapshot string
	file               int
	row                int64
}

// timeline puts the records that the report shows into their months. A record that
// several findings rest on is there once.
func (b *builder) timeline() {
	window := b.v.Income.Window
	if window.Len() == 0 {
		return
	}
	type cell struct {
		period household.Period
		source household.Source
		member int
	}
	type sum struct {
		records int
		money   bool
		amount  household.Fen
	}
	largest := map[place]household.Evidence{}
	take := func(e *household.Evidence) {
		if e.Period == 0 {
			return
		}
		at := place{e.Source, e.Provider, e.Snapshot, e.File, e.Row}
		if old, ok := largest[at]; !ok || e.Amount > old.Amount {
			largest[at] = *e
		}
	}
	for i := range b.v.Findings {
		for j := range b.v.Findings[i].Evidence {
			take(&b.v.Findings[i].Evidence[j])
		}
	}
	for i := range b.v.Withheld {
		take(&b.v.Withheld[i].Evidence)
	}
	sums := map[cell]*sum{}
	years := map[household.Period]bool{}
	for _, e := range largest { // sums and sets: no order comes in
		c := cell{e.Period, e.Source, e.Member}
		if sums[c] == nil {
			sums[c] = &sum{}
		}
		sums[c].records++
		if e.HasAmount {
			sums[c].money = true
			sums[c].amount += e.Amount
		}
		if _, bare := e.Period.BareYear(); bare {
			years[e.Period] = true
		}
	}
	entries := func(p household.Period) []TimelineEntry {
		var out []TimelineEntry
		for s := household.Tax; s < household.NumSources; s++ {
			var members []int
			for c := range sums {
				if c.period == p && c.source == s {
					members = append(members, c.member)
				}
			}
			slices.Sort(members)
			for _, m := range members {
				t := sums[cell{p, s, m}]
				e := TimelineEntry{Source: explain.SourceTitle(s, b.lang), Member: m, Records: t.records, Money: t.money}
				if t.money {
					e.Amount = b.amount(t.amount)
				}
				out = append(out, e)
			}
		}
		return out
	}
	out := &Timeline{}
	for m := window.From; m <= window.To; m++ {
		month := TimelineMonth{Month: m.String(), Entries: entries(household.MonthPeriod(m))}
		for _, s := range []household.Source{household.Tax, household.Insurance} {
			if b.uncovered(s, m) {
				month.Uncovered = append(month.Uncovered, b.say("nobody covers", explain.SourceTitle(s, b.lang)))
			}
		}
		out.Months = append(out.Months, month)
	}
	for _, y := range slices.Sorted(maps.Keys(years)) {
		out.Months = append(out.Months, TimelineMonth{Month: b.say("only the year", y.String()), Entries: entries(y)})
	}
	if !slices.ContainsFunc(out.Months, func(m TimelineMonth) bool { return len(m.Entries) > 0 || len(m.Uncovered) > 0 }) {
		out.Months = nil // twelve empty rows say nothing
	}
	caveats := []string{b.say("months shown")}
	for _, s := range []household.Source{household.Tax, household.Insurance} {
		if b.v.Coverage[s].State == household.Partial && b.coveredMonths(s) == nil {
			caveats = append(caveats, b.say("months partial", explain.SourceTitle(s, b.lang)))
		}
	}
	out.Caveat = strings.Join(caveats, b.space())
	b.doc.Timeline = out
}

// uncovered reports whether it is known that nobody delivered a source for a month.
func (b *builder) uncovered(s household.Source, m household.Month) bool {
	switch b.v.Coverage[s].State {
	case household.NotAuthorized, household.Missing, household.Pending, 0:
		return true
	}
	months := b.coveredMonths(s)
	return months != nil && !slices.ContainsFunc(months, func(r household.Months) bool { return r.Contains(m) })
}

func (b *builder) coveredMonths(s household.Source) []household.Months {
	for i := range b.in.Covered {
		if b.in.Covered[i].Source == s {
			return b.in.Covered[i].Months
		}
	}
	return nil
}
