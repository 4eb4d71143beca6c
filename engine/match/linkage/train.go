package linkage

import (
	"cmp"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/goccy/go-yaml"
)

// ErrNoPairs is returned when blocking brings nobody together.
var ErrNoPairs = errors.New("the blocking rules bring no two records together")

const (
	randomPairs = 1_000_000 // from which u is estimated
	maxRounds   = 200       // of EM
	converged   = 1e-7      // the largest change of a probability that ends EM
	strength    = 0.5       // added to the count of every level, as of a Beta prior
)

// Options say how work is done, never what comes out.
type Options struct {
	Workers int // 1 when 0 or less
}

// Train returns a new version of the model with the m, u and prior that the data
// suggest. No label is looked at; the same records give the same parameters.
func Train(d *Data, o Options) (*Model, error) {
	pairs, _, err := d.candidates()
	if err != nil {
		return nil, err
	}
	if len(pairs) == 0 {
		return nil, ErrNoPairs
	}
	seen := tally(d.patterns(pairs, o.Workers))
	random := d.randomPairs()
	sample := tally(d.patterns(random, o.Workers))
	m := d.model.copy()
	m.Version++
	e := estimator{model: m, seen: seen, all: d.pairsInAll(), drawn: levelCounts(m, sample)}
	e.run()
	return m, nil
}

// copy is the model with parameters of its own.
func (m *Model) copy() *Model {
	out := *m
	out.Fields = slices.Clone(m.Fields)
	for i := range out.Fields {
		out.Fields[i].Levels = slices.Clone(m.Fields[i].Levels)
	}
	return &out
}

// YAML writes the model so that Load reads it again.
func (m *Model) YAML() ([]byte, error) { return yaml.Marshal(m) }

// randomPairs are all pairs when they are few, else a seeded sample.
func (d *Data) randomPairs() []pair {
	n := len(d.records)
	var out []pair
	if all := d.pairsInAll(); all <= randomPairs {
		for a := range n {
			for b := a + 1; b < n; b++ {
				if !d.two || d.records[a].side != d.records[b].side {
					out = append(out, pair{int32(a), int32(b)})
				}
			}
		}
		return out
	}
	rng := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a sample that must come out the same every time
	for len(out) < randomPairs {
		a, b := rng.Int32N(int32(n)), rng.Int32N(int32(n))
		if a != b && (!d.two || d.records[a].side != d.records[b].side) {
			out = append(out, pair{min(a, b), max(a, b)})
		}
	}
	return out
}

// patterns compares pairs, side by side, each into its own place.
func (d *Data) patterns(pairs []pair, workers int) []pattern {
	out := make([]pattern, len(pairs))
	split(len(pairs), workers, func(from, to int) {
		for i, p := range pairs[from:to] {
			out[from+i] = d.compare(&d.records[p.a], &d.records[p.b])
		}
	})
	return out
}

// split cuts n things into one range for each worker and waits for all.
func split(n, workers int, do func(from, to int)) {
	workers = max(1, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() { do(n*w/workers, n*(w+1)/workers) })
	}
	wg.Wait()
}

// group is a pattern with the number of pairs that show it.
type group struct {
	pattern pattern
	count   float64
}

// tally counts patterns, in the order of the pattern.
func tally(patterns []pattern) []group {
	counts := map[pattern]int{}
	for _, p := range patterns {
		counts[p]++
	}
	out := make([]group, 0, len(counts))
	for p, n := range counts {
		out = append(out, group{p, float64(n)})
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

// estimator runs EM over patterns. The cost of a round depends on the number of
// different patterns, not on the number of pairs.
type estimator struct {
	model *Model
	seen  []group     // of blocked pairs
	drawn [][]float64 // of random pairs
	all   float64     // pairs that could be
}

func (e *estimator) run() {
	e.start()
	for range maxRounds {
		if e.round() < converged {
			return
		}
	}
}

// start guesses that matches agree as the order of levels suggests.
func (e *estimator) start() {
	if e.model.Prior == 0 {
		e.model.Prior = 1 / math.Sqrt(e.all+1) / 10
	}
	for f := range e.model.Fields {
		levels := e.model.Fields[f].Levels
		left := 1.0
		for i := 1; i < len(levels); i++ {
			if levels[i].M == 0 {
				levels[i].M = left * 0.8
			}
			left *= 0.2
		}
		levels[len(levels)-1].M = max(levels[len(levels)-1].M, 0.05)
	}
	e.estimateU()
}

// round is one expectation and one maximisation; it returns the largest change.
func (e *estimator) round() float64 {
	m := e.model
	prior := m.Prior / (1 - m.Prior)
	matched := make([][]float64, len(m.Fields))
	for f := range matched {
		matched[f] = make([]float64, len(m.Fields[f].Levels))
	}
	total := 0.0
	for _, g := range e.seen {
		odds := prior
		for f := range m.Fields {
			if l := g.pattern.level(f); l > 0 {
				odds *= m.Fields[f].Levels[l].M / m.Fields[f].Levels[l].U
			}
		}
		w := g.count
		if !math.IsInf(odds, 1) {
			w *= odds / (1 + odds)
		}
		total += w
		for f := range matched {
			matched[f][g.pattern.level(f)] += w
		}
	}
	change := 0.0
	m.Prior = min(max(total, strength)/e.all, 0.5)
	for f := range m.Fields {
		levels := m.Fields[f].Levels
		sum := 0.0
		for i := 1; i < len(levels); i++ {
			sum += matched[f][i] + strength
		}
		for i := 1; i < len(levels); i++ {
			p := (matched[f][i] + strength) / sum
			change = max(change, math.Abs(p-levels[i].M))
			levels[i].M = p
		}
	}
	e.estimateU()
	return change
}

// estimateU takes from the random pairs the matches that are among them.
func (e *estimator) estimateU() {
	for f := range e.model.Fields {
		levels := e.model.Fields[f].Levels
		present := 0.0
		for _, n := range e.drawn[f][1:] {
			present += n
		}
		sum := 0.0
		for i := 1; i < len(levels); i++ {
			levels[i].U = max(e.drawn[f][i]-e.model.Prior*present*levels[i].M, 0) + strength
			sum += levels[i].U
		}
		for i := 1; i < len(levels); i++ {
			levels[i].U /= sum
		}
	}
}
