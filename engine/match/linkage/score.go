package linkage

import (
	"errors"
	"math"
	"slices"
)

// ErrUntrained is returned for a model whose weights are not all known.
var ErrUntrained = errors.New("the model has levels without m and u")

// Link is a pair of rows with its score.
type Link struct {
	Left, Right int // rows from 0; of the same table when duplicates are looked for
	Score       Bits
}

// TurnedDown is a candidate that was not linked, and why.
type TurnedDown struct {
	Link
	Reason string // "below the threshold" or "another candidate fits better"
}

// Result is what scoring found.
type Result struct {
	Links      []Link       // best first
	TurnedDown []TurnedDown // best first
	Candidates int          // pairs scored
	Skipped    int          // blocks passed over as too large
}

// weights are a trained model made ready for scoring.
type weights struct {
	prior Bits
	level [maxFields][maxLevels]Bits
	tf    [maxFields][]Bits // by value id, added to an exact agreement
}

// maxTF bounds what the rarity of one value may add or take.
const maxTF = 6000

func (d *Data) weights(m *Model) (*weights, error) {
	if !m.Trained() {
		return nil, ErrUntrained
	}
	w := &weights{prior: toBits(m.Prior / (1 - m.Prior))}
	for f := range m.Fields {
		for i, l := range m.Fields[f].Levels {
			if i > 0 {
				w.level[f][i] = toBits(l.M / l.U)
			}
		}
		if m.Fields[f].TF {
			w.tf[f] = d.frequencies(m, f)
		}
	}
	return w, nil
}

// frequencies are, for each value, the bits by which agreeing on it is worth more
// or less than agreeing on an average value.
func (d *Data) frequencies(m *Model, f int) []Bits {
	counts := d.counts[f]
	out := make([]Bits, len(counts))
	i := slices.IndexFunc(m.Fields[f].Levels, func(l Level) bool { return l.When == exact })
	if i < 0 {
		return out
	}
	total := 0.0
	for _, n := range counts[1:] {
		total += float64(n)
	}
	for id, n := range counts {
		if id > 0 && n > 0 {
			// A value seen once says nothing of its frequency: count it twice.
			share := math.Max(float64(n), 2) / total
			out[id] = min(max(toBits(m.Fields[f].Levels[i].U/share), -maxTF), maxTF)
		}
	}
	return out
}

// score adds the weights of a pattern; tf looks at the left record's values.
func (w *weights) score(m *Model, p pattern, a *record) Bits {
	total := w.prior
	for f := range m.Fields {
		l := p.level(f)
		total += w.level[f][l]
		if w.tf[f] != nil && m.Fields[f].Levels[l].When == exact {
			total += w.tf[f][a.values[f].id]
		}
	}
	return total
}

// Score compares and weighs every candidate and links those that reach the
// model's threshold. The model is d's own, trained.
func Score(d *Data, m *Model, o Options) (*Result, error) {
	w, err := d.weights(m)
	if err != nil {
		return nil, err
	}
	pairs, skipped, err := d.candidates()
	if err != nil {
		return nil, err
	}
	all := make([]Link, len(pairs))
	split(len(pairs), o.Workers, func(from, to int) {
		for i := from; i < to; i++ {
			a, b := &d.records[pairs[i].a], &d.records[pairs[i].b]
			all[i] = Link{a.row, b.row, w.score(m, d.compare(a, b), a)}
		}
	})
	if !d.two {
		for i := range all {
			all[i].Left, all[i].Right = min(all[i].Left, all[i].Right), max(all[i].Left, all[i].Right)
		}
	}
	// Stable: equal scores stay in the order of content.
	slices.SortStableFunc(all, func(x, y Link) int { return int(y.Score - x.Score) })
	r := &Result{Candidates: len(pairs), Skipped: skipped}
	r.choose(all, m, d.two)
	return r, nil
}

func (r *Result) choose(all []Link, m *Model, two bool) {
	threshold := m.threshold()
	left, right := map[int]bool{}, map[int]bool{}
	for _, l := range all {
		switch {
		case l.Score < threshold:
			r.TurnedDown = append(r.TurnedDown, TurnedDown{l, "below the threshold"})
		case m.OneToOne && two && (left[l.Left] || right[l.Right]):
			r.TurnedDown = append(r.TurnedDown, TurnedDown{l, "another candidate fits better"})
		default:
			left[l.Left], right[l.Right] = true, true
			r.Links = append(r.Links, l)
		}
	}
}

// Clusters joins links, best first, into groups of rows of one table. A link that
// would make a group larger than most is not followed, and counted.
func Clusters(rows int, links []Link, most int) (groups [][]int, refused int) {
	parent, size := make([]int, rows), make([]int, rows)
	for i := range parent {
		parent[i], size[i] = i, 1
	}
	root := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	for _, l := range links {
		a, b := root(l.Left), root(l.Right)
		switch {
		case a == b:
		case size[a]+size[b] > most:
			refused++
		default:
			a, b = min(a, b), max(a, b)
			parent[b] = a
			size[a] += size[b]
		}
	}
	members := map[int][]int{}
	for i := range rows {
		members[root(i)] = append(members[root(i)], i)
	}
	for i := range rows {
		if len(members[i]) > 1 {
			groups = append(groups, members[i])
		}
	}
	return groups, refused
}
