package linkage

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/goccy/go-yaml"
)

// ErrNoPairs is returned when blocking brings nobody together.
var ErrNoPairs = errors.New("the blocking rules bring no two records together")

const (
	randomPairs = 1_000_000 // from which u is estimated
	trainPairs  = 1_000_000 // candidates from which m is estimated, about
	maxRounds   = 200       // of EM
	converged   = 1e-7      // the largest change of a probability that ends EM
	strength    = 0.5       // added to the count of every level, as of a Beta prior
)

// Train returns a new version of the model with the m, u and prior that the data
// suggest. No label is looked at; the same records give the same parameters.
func Train(b *Blocks, o Options) (*Model, error) {
	d := b.d
	if b.most == 0 {
		return nil, ErrNoPairs
	}
	m := d.model.copy()
	m.Version++
	c := newComparer(d)
	seen, every := b.patterns(c, o.Workers)
	e := estimator{
		model: m, seen: seen, every: float64(every), all: d.pairsInAll(), most: d.matchesAtMost(),
		drawn: levelCounts(m, d.randomPatterns(c, o.Workers)),
	}
	e.run()
	return m, nil
}

// matchesAtMost bounds what EM may take for matches: one for each row when links are
// one to one, else ten, which no register comes near.
func (d *Data) matchesAtMost() float64 {
	if d.model.OneToOne && d.two {
		return float64(min(d.left, d.n-d.left))
	}
	return 10 * float64(d.n)
}

// patterns counts the patterns of the candidates, or, when there are very many, of
// those of one left record in every few, chosen by content.
func (b *Blocks) patterns(c *comparer, workers int) (seen []group, every uint64) {
	d := b.d
	every = uint64(b.most/b.train + 1)
	tallies := make([]tally, max(1, workers))
	pick := func(a int32) bool { return mix(d.hash[a])%every == 0 }
	b.walk(workers, pick, func(worker int, a int32, with []int32) {
		for _, x := range with {
			tallies[worker].add(c.compare(a, x), 1)
		}
	})
	return groups(tallies), every
}

// pairHash is the same for two records wherever they stand, and whoever is first.
func (d *Data) pairHash(a, b int32) uint64 {
	return mix(d.hash[a] + d.hash[b] + mix(d.hash[a]^d.hash[b]))
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

// randomPatterns counts the patterns of all pairs when they are few, else of a
// seeded sample.
func (d *Data) randomPatterns(c *comparer, workers int) []group {
	workers = max(1, workers)
	tallies := make([]tally, workers)
	if d.pairsInAll() <= randomPairs {
		split(workers, workers, func(from, _ int) {
			for a := from; a < d.n; a += workers {
				first := a + 1
				if d.two {
					if a >= d.left {
						break
					}
					first = d.left
				}
				for b := first; b < d.n; b++ {
					tallies[from].add(c.compare(int32(a), int32(b)), 1)
				}
			}
		})
		return groups(tallies)
	}
	rng := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a sample that must come out the same every time
	pairs := make([][2]int32, 0, randomPairs)
	for len(pairs) < randomPairs {
		a, b := rng.Int32N(int32(d.n)), rng.Int32N(int32(d.n))
		if d.two {
			a, b = rng.Int32N(int32(d.left)), int32(d.left)+rng.Int32N(int32(d.n-d.left))
		}
		if a != b {
			pairs = append(pairs, [2]int32{a, b})
		}
	}
	split(workers, workers, func(from, _ int) {
		for _, p := range pairs[len(pairs)*from/workers : len(pairs)*(from+1)/workers] {
			tallies[from].add(c.compare(p[0], p[1]), 1)
		}
	})
	return groups(tallies)
}

// estimator runs EM over patterns. The cost of a round depends on the number of
// different patterns, not on the number of pairs.
type estimator struct {
	model *Model
	seen  []group     // of blocked pairs
	every float64     // of how many blocked pairs one is in seen
	drawn [][]float64 // of random pairs
	all   float64     // pairs that could be
	most  float64     // matches there can be
}

func (e *estimator) run() {
	e.start()
	for range maxRounds {
		if e.round() < converged {
			return
		}
	}
}

// start guesses that matches agree as the order of levels suggests, and people of one
// household likewise on what they share.
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
	if !e.model.households() {
		return
	}
	if e.model.Related == 0 {
		e.model.Related = e.model.Prior
	}
	for f := range e.model.Fields {
		for i := range e.model.Fields[f].Levels {
			if l := &e.model.Fields[f].Levels[i]; i > 0 && l.R == 0 && e.model.Fields[f].Shared {
				l.R = l.M
			}
		}
	}
}

// related is the probability of a level among people of one household: that among
// strangers where the field isn't shared.
func related(l *Level) float64 {
	if l.R == 0 {
		return l.U
	}
	return l.R
}

// class is a kind of pair that EM tells from pairs of strangers.
type class struct {
	odds  float64   // against strangers, before anything is compared
	ratio []float64 // fields × levels: P(level | class) / u
	total float64   // pairs of it
	level []float64 // the same by fields × levels
}

func (e *estimator) class(prior float64, p func(l *Level) float64) *class {
	m := e.model
	c := &class{odds: prior / (1 - m.Prior - m.Related), ratio: make([]float64, len(m.Fields)*maxLevels), level: make([]float64, len(m.Fields)*maxLevels)}
	for f := range m.Fields {
		c.ratio[f*maxLevels] = 1
		for i := 1; i < len(m.Fields[f].Levels); i++ {
			l := &m.Fields[f].Levels[i]
			c.ratio[f*maxLevels+i] = p(l) / l.U
		}
	}
	return c
}

// of is the odds of a pattern.
func (c *class) of(p pattern, fields int) float64 {
	odds := c.odds
	for f := range fields {
		odds *= c.ratio[f*maxLevels+p.level(f)]
	}
	return min(odds, math.MaxFloat64/4)
}

func (c *class) add(p pattern, fields int, count float64) {
	c.total += count
	for f := range fields {
		c.level[f*maxLevels+p.level(f)] += count
	}
}

// learn is the prior and the levels of a class; it returns the largest change of a
// level.
func (e *estimator) learn(c *class, prior *float64, set func(l *Level) *float64) float64 {
	change := 0.0
	*prior = min(max(min(c.total, e.most), strength)/e.all, 0.4)
	for f := range e.model.Fields {
		levels := e.model.Fields[f].Levels
		if *set(&levels[1]) == 0 { // people of one household don't share it
			continue
		}
		sum := 0.0
		for i := 1; i < len(levels); i++ {
			sum += c.level[f*maxLevels+i] + strength
		}
		for i := 1; i < len(levels); i++ {
			p := (c.level[f*maxLevels+i] + strength) / sum
			old := set(&levels[i])
			change = max(change, math.Abs(p-*old))
			*old = p
		}
	}
	return change
}

// round is one expectation and one maximisation; it returns the largest change.
func (e *estimator) round() float64 {
	m := e.model
	fields := len(m.Fields)
	matches := e.class(m.Prior, func(l *Level) float64 { return l.M })
	var relatives *class
	if m.households() {
		relatives = e.class(m.Related, related)
	}
	for _, g := range e.seen {
		odds, others := matches.of(g.pattern, fields), 1.0
		if relatives != nil {
			kin := relatives.of(g.pattern, fields)
			others += kin
			relatives.add(g.pattern, fields, g.count*e.every*kin/(odds+others))
		}
		matches.add(g.pattern, fields, g.count*e.every*odds/(odds+others))
	}
	change := e.learn(matches, &m.Prior, func(l *Level) *float64 { return &l.M })
	if relatives != nil {
		change = max(change, e.learn(relatives, &m.Related, func(l *Level) *float64 { return &l.R }))
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
			levels[i].U = max(e.drawn[f][i]-present*(e.model.Prior*levels[i].M+e.model.Related*related(&levels[i])), 0) + strength
			sum += levels[i].U
		}
		for i := 1; i < len(levels); i++ {
			levels[i].U /= sum
		}
	}
}
