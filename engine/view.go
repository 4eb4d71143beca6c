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
	refs   [3][]household.PackRef // by residence, then counted members; the last for all more
	grades []household.Grade      // of the snapshots, by ordinal
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
	x := &view{law: law, grades: make([]household.Grade, len(v.snapshots))}
	for residence := range x.refs {
		x.refs[residence] = cite(law, uint8(residence))
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

// ref is what a verdict says of the law it was made by.
func (x *view) ref(residence uint8, counted int) household.PackRef {
	list := x.refs[residence]
	return list[min(counted, len(list)-1)]
}

// cite lists the values that households of each size are judged by.
func cite(law *rules.Law, residence uint8) []household.PackRef {
	p := law.Pack
	sizes := 0
	for i := range law.Values {
		for _, s := range law.Values[i].Sizes {
			sizes = max(sizes, s.UpTo+1)
		}
	}
	out := make([]household.PackRef, sizes+1)
	for counted := range out {
		ref := &out[counted]
		*ref = household.PackRef{Name: p.Name, Version: p.Version, Digest: p.Digest, Region: law.Region}
		for i := range law.Values {
			v := &law.Values[i]
			if !p.CiteValues || !v.Cited {
				continue
			}
			ref.Values = append(ref.Values, citedValue(v, residence, counted))
		}
	}
	return out
}

// citedValue is a value as it applies to a household of a size.
func citedValue(v *rules.ValueRef, residence uint8, counted int) household.CitedValue {
	c := household.CitedValue{
		Name: v.Parameter.Name, Unit: v.Parameter.Unit.String(), PerYear: v.Parameter.PerYear, From: v.From, File: v.Place.File, Line: v.Place.Line,
		Region: v.Region, Law: v.Law, Verified: v.Verified, Unresolved: v.Unresolved,
	}
	if v.Unresolved == "" {
		c.Value = v.For(residence, max(counted, 1))
	}
	return c
}

// spanOf is the window of a request: that of the check's date, or of the application's
// where the law counts from there.
func (w *Worker) spanOf(x *view, r *household.Request) *span {
	out := x.spans[r.Residence]
	if x.law.Anchor != rules.AnchorApplication || r.AppliedOn == 0 || r.AppliedOn >= w.v.on {
		return out
	}
	window := x.law.Windows[r.Residence].On(r.AppliedOn)
	if window == out.window {
		return out
	}
	key := spanKey{x, window}
	if w.applied[key] == nil {
		if w.applied == nil || len(w.applied) > 1000 {
			w.applied = map[spanKey]*span{}
		}
		w.applied[key] = w.v.newSpan(x.law, window)
	}
	return w.applied[key]
}

// spanKey is a window by the law of a region.
type spanKey struct {
	view   *view
	window household.Months
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
