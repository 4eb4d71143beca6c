package engine

import (
	"cmp"
	"math/bits"
	"slices"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match/assets"
	"github.com/hedui/hedui/rules"
)

// thing is one asset of the household, without the rows that have to be confirmed.
type thing struct {
	from, to int  // its rows in Worker.order
	certain  bool // some row is of grade A
	value    worth
	cluster  int32 // the first thing that it may be, over others
}

// worth is what an asset counts with grade A alone, and with B: the fen of an
// account, the sets of a vehicle or a unit.
type worth [2]int64

// pair looks for assets that may be one and the same, counts them once and keeps
// what they would count as two. It comes after what counts of accounts is known.
func (w *Worker) pair() {
	d := w.doubles
	d.distinct = w.financial
	for _, kind := range [...]rowKind{rowVehicle, rowUnit, rowAccount} {
		w.listThings(kind)
		d.pairs = d.pairs[:0]
		for b := range d.things {
			for a := range b {
				if w.maybeOne(kind, &d.things[a], &d.things[b]) {
					d.pairs = append(d.pairs, [2]int32{int32(a), int32(b)})
				}
			}
		}
		if len(d.pairs) == 0 {
			continue
		}
		for _, cluster := range d.clusters() {
			w.countOnce(kind, cluster)
		}
	}
	if !d.money {
		return
	}
	linked := w.financial.Linked
	w.financial = rules.Value{}
	for i := range w.rows {
		if r := &w.rows[i]; r.kind == rowAccount && r.grade != household.GradeC && !r.dead {
			w.financial.Strong, w.financial.All = household.Add(w.financial.Strong, int64(r.strong)), household.Add(w.financial.All, int64(r.amount))
		}
	}
	w.financial.Linked = max(linked-(d.distinct.All-w.financial.All), w.financial.All)
}

// listThings lists the assets of a kind, as their names order them.
func (w *Worker) listThings(kind rowKind) {
	d := w.doubles
	d.things = d.things[:0]
	w.pick(func(r *row) bool { return r.kind == kind && r.grade != household.GradeC && !r.dead }, func(a, b *row) int {
		return cmp.Or(byThing(a, b), locator(a, b))
	})
	for i := 0; i < len(w.order); {
		t := thing{from: i, cluster: int32(len(d.things))}
		first := &w.rows[w.order[i]]
		for ; i < len(w.order) && byThing(first, &w.rows[w.order[i]]) == 0; i++ {
			r := &w.rows[w.order[i]]
			t.certain = t.certain || r.grade == household.GradeA
			if kind == rowAccount {
				t.value[0], t.value[1] = household.Add(t.value[0], int64(r.strong)), household.Add(t.value[1], int64(r.amount))
				continue
			}
			t.value[1] |= int64(r.sets)
			if r.grade == household.GradeA {
				t.value[0] |= int64(r.sets)
			}
		}
		t.to = i
		d.things = append(d.things, t)
	}
}

// maybeOne reports whether two assets of a kind may be one and the same.
func (w *Worker) maybeOne(kind rowKind, a, b *thing) bool {
	// Two codes are two units, whatever else their rows share.
	if kind == rowUnit && w.provenUnit(a) && w.provenUnit(b) {
		return false
	}
	for _, i := range w.order[a.from:a.to] {
		for _, j := range w.order[b.from:b.to] {
			x, y := &w.doubles.keys[i], &w.doubles.keys[j]
			switch {
			case kind == rowVehicle && w.maybeVehicle(i, j):
				return true
			case kind == rowUnit && w.maybeUnit(i, j, a, b):
				return true
			case kind == rowAccount:
				// All rows of an account have the key of the first.
				return (x.main.Weak || y.main.Weak) && assets.PossibleDuplicate(x.main, y.main)
			}
		}
	}
	return false
}

// maybeVehicle compares the numbers of two vehicles. A plate is on one vehicle at a
// time, so it only tells of two that are both on the road; what is no plate, such
// as a word for none, tells nothing.
func (w *Worker) maybeVehicle(i, j int32) bool {
	d := w.doubles
	x, y := &d.keys[i], &d.keys[j]
	if assets.PossibleDuplicate(x.main, y.main) {
		return true
	}
	return !x.other.Notes.Has(assets.FormUnknown) && !y.other.Notes.Has(assets.FormUnknown) &&
		w.status(i) == d.normal && w.status(j) == d.normal && assets.PossibleDuplicate(x.other, y.other)
}

func (w *Worker) status(i int32) uint8 {
	r := &w.rows[i]
	return w.entries[r.entry].profile.Vehicle[r.index].Status
}

// maybeUnit compares rows of two units.
func (w *Worker) maybeUnit(i, j int32, a, b *thing) bool {
	x, y := &w.doubles.keys[i], &w.doubles.keys[j]
	if assets.PossibleDuplicate(x.main, y.main) || assets.PossibleDuplicate(x.other, y.other) || assets.Same(x.other, y.other) {
		return true
	}
	// One is only known by its code and the other only by its certificate: the same
	// kind, area and day of registration.
	p, q := &w.rows[i], &w.rows[j]
	u, v := &w.entries[p.entry].profile.Property[p.index], &w.entries[q.entry].profile.Property[q.index]
	return u.Area > 0 && u.Area == v.Area && u.Kind == v.Kind && u.RegisteredOn != 0 && u.RegisteredOn == v.RegisteredOn &&
		(w.lacksCode(a) && w.lacksCertificate(b) || w.lacksCode(b) && w.lacksCertificate(a))
}

func (w *Worker) provenUnit(t *thing) bool {
	for _, i := range w.order[t.from:t.to] {
		if !w.doubles.keys[i].main.Weak {
			return true
		}
	}
	return false
}

func (w *Worker) lacksCode(t *thing) bool {
	for _, i := range w.order[t.from:t.to] {
		if w.doubles.keys[i].main.Text != "" {
			return false
		}
	}
	return true
}

func (w *Worker) lacksCertificate(t *thing) bool {
	for _, i := range w.order[t.from:t.to] {
		if w.doubles.keys[i].other.Text != "" {
			return false
		}
	}
	return true
}

// clusters are the things that are linked by pairs, each list in order.
func (d *doubles) clusters() [][]int32 {
	for changed := true; changed; {
		changed = false
		for _, p := range d.pairs {
			a, b := &d.things[p[0]], &d.things[p[1]]
			if a.cluster != b.cluster {
				a.cluster, b.cluster = min(a.cluster, b.cluster), min(a.cluster, b.cluster)
				changed = true
			}
		}
	}
	var out [][]int32
	for first := range d.things {
		var list []int32
		for i := range d.things {
			if d.things[i].cluster == int32(first) {
				list = append(list, int32(i))
			}
		}
		if len(list) > 1 {
			out = append(out, list)
		}
	}
	return out
}

// countOnce counts a cluster as the fewest assets that it may be.
func (w *Worker) countOnce(kind rowKind, cluster []int32) {
	d := w.doubles
	d.cover.find(d, kind, cluster)
	open := false
	for g := range cluster {
		var group []*thing
		certain := int64(0)
		for i, t := range cluster {
			if d.cover.best[i] == g {
				group = append(group, &d.things[t])
				if d.things[t].certain {
					certain++
				}
			}
		}
		// Nothing hangs on whether two accounts are one when they count the same.
		if len(group) < 2 || kind == rowAccount && !w.mergeAccounts(group) {
			continue
		}
		if kind != rowAccount {
			w.mergeThings(group)
		}
		open = true
		more := int64(len(group) - 1)
		w.duplicates.All, w.duplicates.Linked = w.duplicates.All+more, w.duplicates.Linked+more
		w.duplicates.Strong += max(certain-1, 0)
	}
	if !open {
		return
	}
	d.money = d.money || kind == rowAccount
	for _, t := range cluster {
		for _, i := range w.order[d.things[t].from:d.things[t].to] {
			w.rows[i].double = true
		}
	}
}

// mergeThings makes one thing of vehicles or units.
func (w *Worker) mergeThings(group []*thing) {
	d := w.doubles
	seen := make([]int64, len(d.extra))
	for _, t := range group {
		for s := range seen {
			seen[s] += t.value[1] >> s & 1
		}
	}
	for s, n := range seen {
		d.extra[s] += max(n-1, 0)
	}
	name := w.rows[w.order[group[0].from]]
	for _, t := range group[1:] {
		old := w.rows[w.order[t.from]]
		for i := range w.rows { // also those to be confirmed that have joined it
			if r := &w.rows[i]; r.kind == old.kind && byThing(r, &old) == 0 {
				r.inst, r.thing = name.inst, name.thing
			}
		}
	}
}

// mergeAccounts counts accounts as one: for every member the larger of the balances,
// and together no more than the largest. It reports whether that is less.
func (w *Worker) mergeAccounts(group []*thing) bool {
	var rows []int32
	for _, t := range group {
		rows = append(rows, w.order[t.from:t.to]...)
	}
	slices.SortStableFunc(rows, func(a, b int32) int { return cmp.Compare(w.rows[a].member, w.rows[b].member) })
	before := w.sum(rows)
	var most rules.Value
	var all, strong *row // what the member counts so far
	for k, i := range rows {
		r := &w.rows[i]
		if k == 0 || r.member != w.rows[rows[k-1]].member {
			all, strong = r, r
		} else {
			all, strong = keepLarger(all, r, func(r *row) *household.Fen { return &r.amount }), keepLarger(strong, r, func(r *row) *household.Fen { return &r.strong })
		}
		if r.aside {
			continue
		}
		balance := int64(w.bank(r).Balance)
		most.All = max(most.All, balance)
		if r.grade == household.GradeA {
			most.Strong = max(most.Strong, balance)
		}
	}
	total := w.financial // is added up again when all clusters are done
	w.capAccount(rows, most)
	w.financial = total
	return w.sum(rows) != before
}

// keepLarger takes the smaller of two amounts off and returns the row of the other.
func keepLarger(a, b *row, of func(r *row) *household.Fen) *row {
	if *of(a) < *of(b) {
		a, b = b, a
	}
	*of(b) = 0
	return a
}

// sum is what rows of accounts count, with grade A alone and with B.
func (w *Worker) sum(rows []int32) (s rules.Value) {
	for _, i := range rows {
		s.Strong, s.All = household.Add(s.Strong, int64(w.rows[i].strong)), household.Add(s.All, int64(w.rows[i].amount))
	}
	return s
}

// maxExact bounds the clusters of which the fewest assets are found for certain.
const maxExact = 8

// cover finds the groups of a cluster of which each may be one asset: all its
// members may be each other. Two accounts whose numbers are shown in full stay two
// although a masked one may be either.
type cover struct {
	may   []bool // of two members of the cluster, by first·n + second
	value []worth
	group []int // of every member, so far
	best  []int
	cost  [3]int64
	kind  rowKind
	exact bool
}

// find leaves in best the groups that count least with grade A alone, then with B,
// and of these the first. Large clusters take the first group that fits.
func (c *cover) find(d *doubles, kind rowKind, cluster []int32) {
	n := len(cluster)
	c.kind = kind
	c.may, c.group, c.value, c.best = zeroed(c.may, n*n), zeroed(c.group, n), c.value[:0], c.best[:0]
	for _, t := range cluster {
		c.value = append(c.value, d.things[t].value)
	}
	for _, p := range d.pairs {
		a, okA := slices.BinarySearch(cluster, p[0])
		b, okB := slices.BinarySearch(cluster, p[1])
		if okA && okB {
			c.may[a*n+b], c.may[b*n+a] = true, true
		}
	}
	c.exact = n <= maxExact
	c.place(0, 0)
}

// place puts member i into each of the groups so far that it fits, and into a new one.
func (c *cover) place(i, groups int) {
	n := len(c.group)
	if i == n {
		if cost := c.sum(groups); len(c.best) == 0 || slices.Compare(cost[:], c.cost[:]) < 0 {
			c.cost, c.best = cost, append(c.best[:0], c.group...)
		}
		return
	}
	for g := range groups {
		fits := true
		for j := range i {
			fits = fits && (c.group[j] != g || c.may[i*n+j])
		}
		if fits {
			c.group[i] = g
			c.place(i+1, groups)
			if !c.exact {
				return
			}
		}
	}
	c.group[i] = groups
	c.place(i+1, groups+1)
}

// sum is what the groups count, each as one asset, and how many they are.
func (c *cover) sum(groups int) [3]int64 {
	cost := [3]int64{2: int64(groups)}
	for g := range groups {
		var one worth
		for i := range c.group {
			if c.group[i] != g {
				continue
			}
			for k, v := range c.value[i] {
				if c.kind == rowAccount {
					one[k] = max(one[k], v)
				} else {
					one[k] |= v
				}
			}
		}
		for k, v := range one {
			if c.kind != rowAccount {
				v = int64(bits.OnesCount64(uint64(v)))
			}
			cost[k] = household.Add(cost[k], v)
		}
	}
	return cost
}

// ifDistinct is the asset sheet if no two assets were one.
func (w *Worker) ifDistinct() household.AssetSheet {
	p, n := w.law, len(w.plan.members)+1
	count := func(set int) int { return int(w.counts[set*n].All + w.doubles.extra[set]) }
	return household.AssetSheet{
		Financial: household.Fen(w.doubles.distinct.All), Vehicles: count(p.Sheet.Vehicles),
		Residential: count(p.Sheet.Residential), NonResidential: count(p.Sheet.NonResidential),
	}
}
