package linkage

import (
	"cmp"
	"errors"
	"math"
	"slices"
)

// ErrUntrained is returned for a model whose weights are not all known.
var ErrUntrained = errors.New("the model has levels without m and u")

// Options say how work is done and what is kept of it, never what is linked.
type Options struct {
	// Workers is the number of workers, 1 when 0 or less.
	Workers int
	// TurnedDown is how many turned down candidates are kept for each left row,
	// best first; the others are only counted.
	TurnedDown int
	// Same is asked for every candidate, by several workers at once, and only
	// counted, for Evaluate. Nil when nobody knows.
	Same func(left, right int) bool
	// watch keeps every candidate of one record; see Candidates.
	watch func(a, b int32) bool
}

// Link is a pair of rows with its score.
type Link struct {
	Left, Right int // rows from 0; of the same table when duplicates are looked for
	Score       Bits
}

// The reasons why a candidate is not linked.
const (
	BelowThreshold = "below the threshold"
	BetterExists   = "another candidate fits better"
)

// TurnedDown is a candidate that was not linked, and why.
type TurnedDown struct {
	Link
	Reason string // BelowThreshold or BetterExists
}

// Result is what scoring found.
type Result struct {
	Links      []Link       // best first
	TurnedDown []TurnedDown // best first, as many as the options ask for
	Candidates int          // pairs scored
	Below      int          // turned down because they are below the threshold
	Better     int          // turned down because another candidate fits better
	Skipped    int          // blocks passed over as too large
	counts     *histogram
	oneToOne   bool
}

// weights are a trained model made ready for scoring.
type weights struct {
	prior     Bits
	level     [maxFields][maxLevels]Bits
	tf        [maxFields][]int32 // by value id, added to an exact agreement
	exact     [maxFields]int     // the exact level, -1 for none
	fields    int
	relatives bool
	shared    [maxFields]bool
	related   Bits                       // odds of relatives against strangers
	kin       [maxFields][maxLevels]Bits // the same for every level
}

// maxTF bounds what the rarity of one value may add or take.
const maxTF = 6000

func (d *Data) weights(m *Model) (*weights, error) {
	if !m.Trained() {
		return nil, ErrUntrained
	}
	strangers := 1 - m.Prior - m.Related
	w := &weights{prior: toBits(m.Prior / strangers), fields: len(m.Fields), relatives: m.households()}
	if w.relatives {
		w.related = toBits(m.Related / strangers)
	}
	for f := range m.Fields {
		for i, l := range m.Fields[f].Levels {
			if i > 0 {
				w.level[f][i] = toBits(l.M / l.U)
				if m.Fields[f].Shared {
					w.kin[f][i] = toBits(l.R / l.U)
				}
			}
		}
		w.shared[f] = m.Fields[f].Shared
		w.exact[f] = slices.IndexFunc(m.Fields[f].Levels, func(l Level) bool { return l.When == exact })
		if m.Fields[f].TF && w.exact[f] > 0 {
			w.tf[f] = d.frequencies(f, m.Fields[f].Levels[w.exact[f]].U)
		}
	}
	return w, nil
}

// frequencies are, for each value, the bits by which agreeing on it is worth more
// or less than agreeing on an average value.
func (d *Data) frequencies(f int, u float64) []int32 {
	counts := make([]int32, len(d.dictOf[f].values))
	total := 0.0
	for i := range d.n {
		if id := d.ids[i*len(d.model.Fields)+f]; id != 0 {
			counts[id]++
			total++
		}
	}
	// A value seen once says nothing of its frequency: count it twice.
	for id, n := range counts {
		counts[id] = 0
		if n > 0 {
			share := math.Max(float64(n), 2) / total
			counts[id] = int32(min(max(toBits(u/share), -maxTF), maxTF))
		}
	}
	return counts
}

// score adds the weights of a pattern; tf looks at the left record's values.
func (w *weights) score(p pattern, values []int32) Bits {
	total := w.prior
	for f := range w.fields {
		l := p.level(f)
		total += w.level[f][l]
		if w.exact[f] == l && w.tf[f] != nil {
			total += Bits(w.tf[f][values[f]])
		}
	}
	if w.relatives {
		total += w.kinship(p, values)
	}
	return total
}

// kinship is what a total loses because two people of one household may agree like this too. It is
// never above 0.
func (w *weights) kinship(p pattern, values []int32) Bits {
	odds := w.related
	for f := range w.fields {
		l := p.level(f)
		odds += w.kin[f][l]
		if w.shared[f] && w.exact[f] == l && w.tf[f] != nil {
			odds += Bits(w.tf[f][values[f]])
		}
	}
	switch {
	case odds < -12_000: // rounds to 0
		return 0
	case odds > 30_000: // the one does not count any more
		return -odds
	}
	return -toBits(1 + math.Exp2(float64(odds)/1000))
}

// scored is a pair of records by their places in content order.
type scored struct {
	a, b  int32
	score Bits
}

// better orders pairs: the best first, and equal ones by content.
func better(x, y scored) int {
	return cmp.Or(cmp.Compare(y.score, x.score), cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b))
}

// collector is what one worker keeps.
type collector struct {
	links  []scored
	kept   map[int32][]scored // turned down, by left record, best first
	counts histogram
	all    int
}

// keep holds a turned down pair if it is among the best of its left record.
func (c *collector) keep(s scored, most int) {
	list := c.kept[s.a]
	at, _ := slices.BinarySearchFunc(list, s, better)
	if at >= most {
		return
	}
	c.kept[s.a] = slices.Insert(list, at, s)[:min(most, len(list)+1)]
}

// Score compares and weighs every candidate and links those that reach the
// model's threshold. The model is that of the data, trained. Memory grows with the
// links and what the options ask to be kept, not with the candidates.
func Score(b *Blocks, m *Model, o Options) (*Result, error) {
	d := b.d
	w, err := d.weights(m)
	if err != nil {
		return nil, err
	}
	c, threshold := newComparer(d), m.threshold()
	workers := make([]collector, max(1, o.Workers))
	for i := range workers {
		workers[i].kept = map[int32][]scored{}
		workers[i].counts.init()
	}
	b.walk(o.Workers, nil, func(worker int, a int32, with []int32) {
		mine := &workers[worker]
		mine.all += len(with)
		values := d.record(a)
		for _, x := range with {
			s := w.score(c.compare(a, x), values)
			mine.counts.add(s, o.Same != nil && o.Same(d.rows(a, x)))
			switch {
			case s >= threshold:
				mine.links = append(mine.links, scored{a, x, s})
			case o.watch != nil && o.watch(a, x):
				mine.keep(scored{a, x, s}, math.MaxInt)
			case o.TurnedDown > 0:
				mine.keep(scored{a, x, s}, o.TurnedDown)
			}
		}
	})
	return d.gather(workers, m, b.skipped, o), nil
}

// rows are the rows of a pair; in one table the smaller first.
func (d *Data) rows(a, b int32) (left, right int) {
	left, right = int(d.row[a]), int(d.row[b])
	if !d.two && left > right {
		left, right = right, left
	}
	return left, right
}

func (d *Data) link(s scored) Link {
	left, right := d.rows(s.a, s.b)
	return Link{left, right, s.score}
}

// gather puts together what the workers kept and chooses the links.
func (d *Data) gather(workers []collector, m *Model, skipped int, o Options) *Result {
	r := &Result{Skipped: skipped, counts: &workers[0].counts, oneToOne: m.OneToOne && d.two}
	var all []scored
	var down []downed
	for i := range workers {
		r.Candidates += workers[i].all
		all = append(all, workers[i].links...)
		for _, list := range workers[i].kept {
			for _, s := range list {
				down = append(down, downed{s, BelowThreshold})
			}
		}
		if i > 0 {
			r.counts.join(&workers[i].counts)
		}
	}
	r.Below = r.Candidates - len(all)
	slices.SortFunc(all, better)
	taken := make([]bool, d.n)
	for _, s := range all {
		if r.oneToOne && (taken[s.a] || taken[s.b]) {
			r.Better++
			if o.TurnedDown > 0 || o.watch != nil && o.watch(s.a, s.b) {
				down = append(down, downed{s, BetterExists})
			}
			continue
		}
		taken[s.a], taken[s.b] = true, true
		r.Links = append(r.Links, d.link(s))
	}
	slices.SortFunc(down, func(x, y downed) int { return better(x.scored, y.scored) })
	kept := map[int32]int{}
	for _, x := range down {
		if kept[x.a]++; o.watch != nil || kept[x.a] <= o.TurnedDown {
			r.TurnedDown = append(r.TurnedDown, TurnedDown{d.link(x.scored), x.reason})
		}
	}
	return r
}

type downed struct {
	scored
	reason string
}
