package engine

import (
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules"
)

// flip is a rule that is silent and would fire if the records whose links have to be
// confirmed counted.
type flip struct {
	rule   *rules.Rule
	member int // -1 for the household
	line   household.LineType
}

// confirm writes one finding for each member whose unconfirmed records would make a
// rule fire. Records that would change nothing are not shown: they are somebody's,
// and nobody has to look at them.
func (w *Worker) confirm(out *household.Verdict) {
	open := w.v.pack.Identity
	if open == nil || len(w.toConfirm) == 0 {
		return
	}
	for member := range w.plan.members {
		w.pick(func(x *row) bool { return x.grade == household.GradeC && int(x.member) == member && w.flips(x) }, locator)
		if len(w.order) == 0 {
			continue
		}
		f := household.Finding{Code: open.Code, Effect: open.Effect, Grade: household.GradeC, Member: w.plan.members[member].number, Law: open.Law}
		found := addFinding(out, f)
		w.list(found, false)
		if w.recorder != nil {
			w.recorder.unconfirmed(found)
		}
	}
}

// flips reports whether a row supports one of the rules that would fire.
func (w *Worker) flips(x *row) bool {
	for i := range w.toConfirm {
		f := &w.toConfirm[i]
		if (f.member < 0 || f.member == int(x.member)) && w.supports(x, f.rule, f.line, false) {
			return true
		}
	}
	return false
}
