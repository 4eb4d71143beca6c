package linkage

import (
	"cmp"
	"slices"
)

// group is a pattern with the number of pairs that show it.
type group struct {
	pattern pattern
	count   float64
}

// tally counts patterns. It is a table of its own because every candidate of a
// training run goes through it. The zero tally is empty.
type tally struct {
	patterns []pattern
	counts   []int64 // 0 where there is none
	used     int
}

// add counts a pattern n times more.
func (t *tally) add(p pattern, n int64) {
	if t.used*2 >= len(t.counts) {
		t.grow()
	}
	mask := uint64(len(t.counts) - 1)
	for i := mix(uint64(p)) & mask; ; i = (i + 1) & mask {
		if t.counts[i] == 0 {
			t.patterns[i] = p
			t.used++
		}
		if t.patterns[i] == p {
			t.counts[i] += n
			return
		}
	}
}

func (t *tally) grow() {
	old := *t
	size := max(1024, 2*len(old.counts))
	*t = tally{patterns: make([]pattern, size), counts: make([]int64, size)}
	for i, n := range old.counts {
		if n > 0 {
			t.add(old.patterns[i], n)
		}
	}
}

// groups are the patterns of several tallies together, in the order of the pattern,
// which depends on no worker.
func groups(tallies []tally) []group {
	var all tally
	for _, t := range tallies {
		for i, n := range t.counts {
			if n > 0 {
				all.add(t.patterns[i], n)
			}
		}
	}
	out := make([]group, 0, all.used)
	for i, n := range all.counts {
		if n > 0 {
			out = append(out, group{all.patterns[i], float64(n)})
		}
	}
	slices.SortFunc(out, func(a, b group) int { return cmp.Compare(a.pattern, b.pattern) })
	return out
}

// levelCounts are the pairs at each level of each field.
func levelCounts(m *Model, groups []group) [][]float64 {
	out := make([][]float64, len(m.Fields))
	for f := range out {
		out[f] = make([]float64, len(m.Fields[f].Levels))
		for _, g := range groups {
			out[f][g.pattern.level(f)] += g.count
		}
	}
	return out
}
