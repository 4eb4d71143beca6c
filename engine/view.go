package engine

import (
	"slices"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/rules"
)

// view is the generation as the law of one region sees it.
type view struct {
	law    *rules.Law
	ref    household.PackRef
	grades []household.Grade // of the snapshots, by ordinal
	// lacking are the providers that the law expects and the generation does not have.
	lacking [household.NumChecked][]string
	spans   [3]*span // of the check's own date, by residence
}

// span is the window of a check and how far every provider covers it.
type span struct {
	window    household.Months
	year      int // when the window is exactly a calendar year, else 0
	providers []delivery
}

// delivery is what one provider can say of a window.
type delivery struct {
	asOf     household.Date // of its newest contributing snapshot
	snapshot string
	partial  bool
	stale    bool
}

func (v *Verifier) newView(law *rules.Law) *view {
	x := &view{
		law: law, ref: household.PackRef{Name: v.pack.Name, Version: v.pack.Version, Digest: v.pack.Digest},
		grades: make([]household.Grade, len(v.snapshots)),
	}
	for i := range v.refs {
		s := &v.refs[i]
		x.grades[s.Ordinal] = household.GradeA
		if v.isStale(law, s) {
			x.grades[s.Ordinal] = household.GradeB
		}
	}
	for s := household.Tax; s < household.NumChecked; s++ {
		for _, name := range law.Expected[s] {
			if !slices.ContainsFunc(v.providers, func(p provider) bool { return p.source == s && p.name == name }) {
				x.lacking[s] = append(x.lacking[s], name)
			}
		}
	}
	for residence := range x.spans {
		window := law.Windows[residence].On(v.on)
		if residence > 0 && x.spans[residence-1].window == window {
			x.spans[residence] = x.spans[residence-1]
			continue
		}
		x.spans[residence] = v.newSpan(law, window)
	}
	return x
}

// spanOf is the window of a request.
func (v *Verifier) spanOf(x *view, r *household.Request) *span {
	return x.spans[r.Residence]
}

// isStale reports whether a snapshot is too old for grade A. The register holds
// nothing that is graded.
func (v *Verifier) isStale(law *rules.Law, s *store.SnapshotRef) bool {
	return s.Source < household.NumChecked && v.on.Days()-s.AsOf.Days() > law.StaleDays[s.Source]
}

// newSpan says what each provider can answer of a window.
func (v *Verifier) newSpan(law *rules.Law, window household.Months) *span {
	x := &span{window: window, providers: make([]delivery, len(v.providers))}
	x.year, _ = window.CalendarYear()
	var supplied [household.NumSources][]household.Months
	for i := range v.providers {
		p, d := &v.providers[i], &x.providers[i]
		var newest *store.SnapshotRef
		contributes := false
		for k := p.from; k < p.to; k++ {
			s := &v.refs[k]
			mine := !s.Source.IsFlow() || supplies(s, window)
			// The newest snapshot that says something of the window; the newest of all
			// when none does.
			if newest == nil || mine && !contributes || mine == contributes && s.AsOf >= newest.AsOf {
				newest, contributes = s, mine
				d.asOf, d.snapshot = s.AsOf, s.ID
			}
			if mine && v.isStale(law, s) {
				d.stale = true
			}
			supplied[s.Source] = append(supplied[s.Source], s.Supplies...)
		}
	}
	for i := range v.providers {
		source := v.providers[i].source
		x.providers[i].partial = source.IsFlow() && !covers(supplied[source], window)
	}
	return x
}

// supplies reports whether a snapshot says something of a month of the window.
func supplies(s *store.SnapshotRef, window household.Months) bool {
	for _, r := range s.Supplies {
		if r.From != 0 && r.From <= window.To && r.To >= window.From {
			return true
		}
	}
	return false
}

// covers reports whether every month of the window is supplied.
func covers(supplied []household.Months, window household.Months) bool {
	for m := window.From; m <= window.To; m++ {
		if !slices.ContainsFunc(supplied, func(r household.Months) bool { return r.Contains(m) }) {
			return false
		}
	}
	return true
}
