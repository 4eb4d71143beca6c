package engine

import (
	"github.com/hedui/hedui/engine/household"
)

// Withheld names a record that must not count: somebody objected to it, or an objection
// was upheld and the department has not corrected it yet. It is named by its content, so
// that it stays withheld in the next snapshot and counts again once it is corrected.
type Withheld struct {
	Key     household.PersonKey // under which it lies
	Source  household.Source
	Content uint64 // profile.ContentDigest
	Upheld  bool   // the objection was upheld; otherwise nobody has decided yet
}

// Why a record is withheld.
const (
	becauseDisputed = "disputed"
	becauseUpheld   = "upheld"
)

// withheld reports whether the record of a row is withheld, and keeps it as a sign. What
// is disputed leaves the source incomplete for the household: nobody knows yet, so the
// record neither counts nor is its absence taken for nothing.
func (w *Worker) withheld(s household.Source, index, provider int) bool {
	e := &w.entries[w.proto.entry]
	for i := range w.plan.warrant.Withheld {
		x := &w.plan.warrant.Withheld[i]
		if x.Source != s || x.Key != e.key || x.Content != e.profile.ContentDigest(s, index) {
			continue
		}
		if !x.Upheld {
			w.seen[provider] |= seenMark
			w.explains(s, index)
			w.standsFor(s, index)
		}
		r := w.proto
		r.kind, r.source, r.index, r.origin, r.grade = rowWithheld, s, int32(index), e.profile.Origin(s, index), household.GradeNone
		r.aside = x.Upheld
		w.rows = append(w.rows, r)
		return true
	}
	return false
}

// explains has a disputed wage explain its month: what is withheld is held against nobody,
// and neither is its absence.
func (w *Worker) explains(s household.Source, index int) {
	if s != household.Tax {
		return
	}
	t := &w.entries[w.proto.entry].profile.Tax[index]
	if m, ok := t.Period.Month(); ok && w.span.window.Contains(m) && w.law.Employment.ExplainedBy.Has(t.IncomeType) {
		w.months[int(w.proto.member)*w.span.window.Len()+int(m-w.span.window.From)] |= waged | wagedA
	}
}

// standsFor has a disputed balance go on standing for its account, with nothing in it: an
// older balance of the account must not come to count because somebody objects to the newest.
func (w *Worker) standsFor(s household.Source, index int) {
	if s != household.Bank {
		return
	}
	e := &w.entries[w.proto.entry]
	t := &e.profile.Bank[index]
	if o := t.Owner; t.BalanceOn > w.v.on || o >= 0 && w.agrees[o].use != sameName || o < 0 && w.ownerless.use != sameName {
		return // it would not count either
	}
	r := w.proto
	r.kind, r.source, r.index, r.origin, r.grade = rowAccount, s, int32(index), e.profile.Origin(s, index), w.view.grades[t.Snapshot]
	r.inst, r.thing, r.aside = t.Institution, t.AccountNo, true
	w.rows = append(w.rows, r)
}

// withheldSheet lists what was withheld.
func (w *Worker) withheldSheet(out *household.Verdict) {
	if len(w.plan.warrant.Withheld) == 0 {
		return
	}
	var f household.Finding
	w.pick(func(x *row) bool { return x.kind == rowWithheld }, locator)
	w.list(&f, false)
	for i, e := range f.Evidence {
		because := becauseDisputed
		if w.rows[w.order[i]].aside {
			because = becauseUpheld
		}
		out.Withheld = append(out.Withheld, household.Withheld{Evidence: e, Because: because})
	}
}
