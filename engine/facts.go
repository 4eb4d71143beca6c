package engine

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules"
)

// addIncome adds what was declared and the lines up.
func (w *Worker) addIncome() {
	months := int64(w.span.window.Len())
	for i, m := range w.plan.members {
		declared := &w.plan.Request.Members[m.number-1]
		for t := 1; t < household.NumLineTypes; t++ {
			at := i*household.NumLineTypes + t
			l := &w.lines[at]
			for _, c := range w.cellsOf(at) {
				l.found.Strong, l.found.All = household.Add(l.found.Strong, c.Strong), household.Add(l.found.All, c.All)
				l.found.Linked = household.Add(l.found.Linked, c.Linked)
			}
			if declared.Declared[t] {
				l.given = true
				l.declared = household.Fen(int64(declared.Income[t]) * months)
			}
			counted := l.counted()
			w.income.Strong = household.Add(w.income.Strong, counted.Strong)
			w.income.All = household.Add(w.income.All, counted.All)
			w.income.Linked = household.Add(w.income.Linked, counted.Linked)
		}
	}
}

// locator orders rows by where they come from.
func locator(a, b *row) int {
	// One after the other: this is called more often than anything.
	switch x, y := a.origin, b.origin; {
	case a.member != b.member:
		return cmp.Compare(a.member, b.member)
	case a.source != b.source:
		return cmp.Compare(a.source, b.source)
	case x.Snapshot != y.Snapshot:
		return cmp.Compare(x.Snapshot, y.Snapshot)
	case x.File != y.File:
		return cmp.Compare(x.File, y.File)
	case x.Row != y.Row:
		return cmp.Compare(x.Row, y.Row)
	}
	return cmp.Compare(a.index, b.index)
}

// pick fills w.order with the rows of some kinds, sorted.
func (w *Worker) pick(want func(r *row) bool, compare func(a, b *row) int) {
	w.order = w.order[:0]
	for i := range w.rows {
		if want(&w.rows[i]) {
			w.order = append(w.order, int32(i))
		}
	}
	if len(w.order) < 2 {
		return
	}
	slices.SortFunc(w.order, func(a, b int32) int { return compare(&w.rows[a], &w.rows[b]) })
}

// addAccounts adds the accounts up: first what is certain, then what there would be
// if records that have to be confirmed counted too.
func (w *Worker) addAccounts() {
	if w.distinctAccounts() {
		w.addDistinct()
	} else {
		w.sumAccounts(func(r *row) bool { return r.kind == rowAccount && r.grade != household.GradeC })
	}
	w.financial.Linked = w.financial.All
	if w.unconfirmed {
		w.linkAccounts()
	}
}

// maxDistinct bounds the accounts that are compared each with each.
const maxDistinct = 64

// distinctAccounts fills w.order with the rows of accounts that are certain, in no
// order, and reports whether no two of them are of one account, as in nearly every
// household. It does not look at more than maxDistinct.
func (w *Worker) distinctAccounts() bool {
	w.order = w.order[:0]
	var tags [maxDistinct]uint64
	for i := range w.rows {
		r := &w.rows[i]
		if r.kind != rowAccount || r.grade == household.GradeC {
			continue
		}
		n := len(w.order)
		if n == maxDistinct {
			return false
		}
		// The end of a number is what tells most numbers apart.
		tag := uint64(len(r.thing))
		for k := max(0, len(r.thing)-8); k < len(r.thing); k++ {
			tag = tag<<7 ^ uint64(r.thing[k])
		}
		for k, other := range tags[:n] {
			if other == tag {
				if o := &w.rows[w.order[k]]; o.thing == r.thing && o.inst == r.inst {
					return false
				}
			}
		}
		tags[n] = tag
		w.order = append(w.order, int32(i))
	}
	return true
}

// addDistinct adds accounts up, the rows in w.order, of which no two are one: each is the
// newest balance of its account, and a share is never above it.
func (w *Worker) addDistinct() {
	for _, i := range w.order {
		r := &w.rows[i]
		r.share = r.amount
		if r.aside {
			r.amount = 0
			continue
		}
		w.financial.All = household.Add(w.financial.All, int64(r.amount))
		if r.grade == household.GradeA {
			r.strong = r.amount
			w.financial.Strong = household.Add(w.financial.Strong, int64(r.strong))
		}
	}
}

// linkAccounts sets the financial assets that there may be: the most that any choice
// of the records to confirm would make of each account. A newer balance that may not
// be the member's takes the place of none, neither of one that is nor of another
// that may be; one that is older than a certain balance would change nothing.
func (w *Worker) linkAccounts() {
	w.pick(func(r *row) bool { return r.kind == rowAccount }, func(a, b *row) int {
		// The certain rows of a member come first.
		return cmp.Or(strings.Compare(a.inst, b.inst), strings.Compare(a.thing, b.thing), cmp.Compare(a.member, b.member), cmp.Compare(a.grade, b.grade))
	})
	w.financial.Linked = 0
	for i := 0; i < len(w.order); {
		first := &w.rows[w.order[i]]
		var linked, certain, most int64
		for i < len(w.order) && w.rows[w.order[i]].inst == first.inst && w.rows[w.order[i]].thing == first.thing {
			member := w.rows[w.order[i]].member
			var sure, open int64
			var newest household.Date
			for ; i < len(w.order); i++ {
				r := &w.rows[w.order[i]]
				if r.inst != first.inst || r.thing != first.thing || r.member != member {
					break
				}
				on := w.bank(r).BalanceOn
				if r.grade != household.GradeC {
					newest = max(newest, on)
				}
				switch {
				case r.aside || r.dead || r.grade == household.GradeC && on < newest:
					continue
				case r.grade == household.GradeC:
					r.share = r.amount
					open = max(open, int64(r.amount))
				default:
					sure = household.Add(sure, int64(r.amount))
				}
				most = max(most, int64(w.bank(r).Balance))
			}
			certain, linked = household.Add(certain, sure), household.Add(linked, max(sure, open))
		}
		w.financial.Linked = household.Add(w.financial.Linked, max(certain, min(linked, most)))
	}
}

// sumAccounts keeps the newest balance of every member and account among some rows
// and adds the shares up, an account never above its largest balance.
func (w *Worker) sumAccounts(want func(r *row) bool) {
	w.pick(want, func(a, b *row) int {
		x, y := w.bank(a), w.bank(b)
		switch { // one after the other
		case a.inst != b.inst:
			return strings.Compare(a.inst, b.inst)
		case a.thing != b.thing:
			return strings.Compare(a.thing, b.thing)
		case a.member != b.member:
			return cmp.Compare(a.member, b.member)
		case x.BalanceOn != y.BalanceOn:
			return cmp.Compare(y.BalanceOn, x.BalanceOn)
		case a.grade != b.grade:
			return cmp.Compare(a.grade, b.grade)
		case x.Balance != y.Balance:
			return cmp.Compare(y.Balance, x.Balance)
		}
		return cmp.Or(w.larger(a, b), locator(a, b))
	})
	for i := 0; i < len(w.order); {
		first := &w.rows[w.order[i]]
		end := i
		// The most the account can hold, with grade A alone and with B.
		var most rules.Value
		for last := int32(-1); end < len(w.order); end++ {
			r := &w.rows[w.order[end]]
			if r.inst != first.inst || r.thing != first.thing {
				break
			}
			if r.member == last {
				r.dead = true // an older balance, or the same one again
				continue
			}
			last = r.member
			r.share = r.amount
			if r.aside {
				r.amount = 0
				continue
			}
			balance := int64(w.bank(r).Balance)
			most.All = max(most.All, balance)
			if r.grade == household.GradeA {
				most.Strong = max(most.Strong, balance)
				r.strong = r.amount
			}
		}
		w.capAccount(w.order[i:end], most)
		i = end
	}
}

// capAccount takes off what the holders of one account count above its balance,
// from the last member on, and adds the rest up.
func (w *Worker) capAccount(holders []int32, most rules.Value) {
	for _, i := range holders {
		r := &w.rows[i]
		if r.dead {
			continue
		}
		r.amount = min(r.amount, household.Fen(most.All))
		r.strong = min(r.strong, household.Fen(most.Strong))
		most.All -= int64(r.amount)
		most.Strong -= int64(r.strong)
		w.financial.All = household.Add(w.financial.All, int64(r.amount))
		w.financial.Strong = household.Add(w.financial.Strong, int64(r.strong))
	}
}

// countAssets counts the things in every set, each once for a member and once for
// the household.
func (w *Worker) countAssets() {
	w.pick(func(r *row) bool { return r.sets != 0 && r.kind != rowAccount }, compareThings)
	n := len(w.plan.members) + 1
	for i := 0; i < len(w.order); {
		first := &w.rows[w.order[i]]
		var all graded
		for i < len(w.order) && w.rows[w.order[i]].kind == first.kind && w.rows[w.order[i]].thing == first.thing {
			member := w.rows[w.order[i]].member
			var own graded
			for ; i < len(w.order); i++ {
				r := &w.rows[w.order[i]]
				if r.kind != first.kind || r.thing != first.thing || r.member != member {
					break
				}
				own.add(r, w.openSets(r))
			}
			w.countOne(own, n, int(member)+1)
			all = all.or(own)
		}
		w.countOne(all, n, 0)
	}
}

// compareThings orders rows by what they are of, then by member.
func compareThings(a, b *row) int {
	return cmp.Or(cmp.Compare(a.kind, b.kind), strings.Compare(a.thing, b.thing), cmp.Compare(a.member, b.member))
}

// graded are the sets that one thing belongs to: by rows of grade A, by those of A
// and B, and by all; open are those that an exemption would take it out of.
type graded struct{ strong, all, linked, open uint64 }

func (g *graded) add(r *row, open uint64) {
	if r.grade == household.GradeC {
		g.linked |= r.sets
		return
	}
	g.linked |= r.sets &^ open
	g.all |= r.sets &^ open
	g.open |= open
	if r.grade == household.GradeA {
		g.strong |= r.sets &^ open
	}
}

func (g graded) or(o graded) graded {
	return graded{g.strong | o.strong, g.all | o.all, g.linked | o.linked, g.open | o.open}
}

func (w *Worker) countOne(g graded, n, at int) {
	for left := g.linked | g.open; left != 0; left &= left - 1 {
		set := bits.TrailingZeros64(left)
		c := &w.counts[set*n+at]
		c.Linked += int64(g.linked >> set & 1)
		c.All += int64(g.all >> set & 1)
		c.Strong += int64(g.strong >> set & 1)
		c.Derived += int64(g.open &^ g.all >> set & 1)
	}
}

// addEmployment counts the months at work, and those of employment that no wage
// explains.
func (w *Worker) addEmployment() {
	n := w.span.window.Len()
	for i := range w.members {
		u, at := &w.members[i].unexplained, &w.members[i].atWork
		for _, f := range w.months[i*n : (i+1)*n] {
			switch {
			case f&(wagedA|employedA) != 0:
				addGraded(at, 1, household.GradeA)
			case f&(waged|employedB) != 0:
				addGraded(at, 1, household.GradeB)
			case f&employedC != 0:
				addGraded(at, 1, household.GradeC)
			}
			switch {
			case f&waged != 0:
			case f&employedA != 0:
				addGraded(u, 1, household.GradeA)
			case f&employedB != 0:
				addGraded(u, 1, household.GradeB)
			case f&employedC != 0:
				addGraded(u, 1, household.GradeC)
			}
		}
	}
}

// coverage says how far every source and provider could answer.
func (w *Worker) coverage(out *household.Verdict) {
	v := w.v
	for s := household.Tax; s < household.NumChecked; s++ {
		c := &out.Coverage[s]
		switch {
		case !w.plan.allowed[s]:
			c.State = household.NotAuthorized
		case v.first[s] == v.first[s+1]:
			c.State = household.Missing
			if d := v.docked; d != nil && d.sources[s] && d.generation == "" {
				c.State = household.Pending
				c.Providers = append(c.Providers, household.ProviderCoverage{Provider: s.String(), Node: d.node, State: household.Pending})
			}
		default:
			c.State = household.Found
			for i := v.first[s]; i < v.first[s+1]; i++ {
				d := &w.span.providers[i]
				state := w.providerState(i)
				if state.Worse(c.State) {
					c.State = state
				}
				c.Providers = append(c.Providers, household.ProviderCoverage{Provider: v.providers[i].name, AsOf: d.asOf, Snapshot: d.snapshot, Node: v.providers[i].node, State: state})
			}
			for _, name := range w.view.lacking[s] {
				c.State = household.Missing
				c.Providers = append(c.Providers, household.ProviderCoverage{Provider: name, State: household.Missing})
			}
			if v.docked != nil && v.docked.holds[s] && c.State.Answered() {
				c.State = household.Upstream
			}
		}
		w.state[s] = c.Judged()
	}
}

func (w *Worker) providerState(i int) household.CoverageState {
	p := &w.span.providers[i]
	switch {
	case w.v.docked != nil && !w.sent && w.v.providers[i].node != "":
		return household.Pending
	case p.partial:
		return household.Partial
	case w.seen[i]&seenMark != 0:
		return household.Incomplete
	case p.stale:
		return household.Stale
	case w.seen[i]&seenRecord != 0:
		return household.Found
	}
	return household.None
}
