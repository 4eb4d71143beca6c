package linkage

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
)

// Verdict is what a reviewer says of a pair.
type Verdict uint8

// The verdicts. Unsure counts for the agreement of reviewers and for nothing else.
const (
	Match Verdict = iota
	NonMatch
	Unsure
)

// Decision is what one reviewer said of one pair. Rows count from 0.
type Decision struct {
	Left, Right int
	Verdict     Verdict
	Reviewer    string
	Weight      float64 // pairs it stands for; 0 has it worked out from the strata
	Line        int     // where it stands in its file, for errors
}

// DecisionError is a decision that can't be used.
type DecisionError struct {
	Line    int
	Problem string
}

func (e *DecisionError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Problem) }

// Provenance says where the weights of a model come from.
type Provenance struct {
	ParentVersion int      `yaml:"parent_version" json:"parent_version"`
	ParentDigest  string   `yaml:"parent_digest" json:"parent_digest"` // SHA-256 of the parent's file
	Date          string   `yaml:"date" json:"date"`
	Decisions     int      `yaml:"decisions" json:"decisions"`
	Pairs         int      `yaml:"pairs" json:"pairs"`
	Matches       int      `yaml:"matches" json:"matches"`
	NonMatches    int      `yaml:"non_matches" json:"non_matches"`
	Unsettled     int      `yaml:"unsettled" json:"unsettled"`           // unsure, or reviewers disagree
	Twice         int      `yaml:"reviewed_twice" json:"reviewed_twice"` // pairs
	Kappa         *float64 `yaml:"kappa,omitempty" json:"kappa,omitempty"`
	Effective     float64  `yaml:"effective_matches" json:"effective_matches"` // what the weighted matches are worth
}

// reviewStrength is how many observations the m of the parent count for.
const reviewStrength = 200

// ErrNoMatches is returned when no decision says match.
var ErrNoMatches = errors.New("no settled decision is a match: there is nothing to learn m from")

// Review returns a new version of a trained model with m learned from decisions.
// u and the prior stay. A decision counts for as many pairs as it stands for: by
// its weight, or by how many candidates of its stratum were reviewed. All weights
// together count for no more than their effective number, Kish's (Σw)²/Σw². The
// provenance of the new model lacks the parent's digest and the date.
func Review(b *Blocks, m *Model, decisions []Decision, o Options) (*Model, error) {
	d := b.d
	w, err := d.weights(m)
	if err != nil {
		return nil, err
	}
	pairs, err := d.group(decisions)
	if err != nil {
		return nil, err
	}
	c := newComparer(d)
	p := &Provenance{ParentVersion: m.Version, Decisions: len(decisions), Pairs: len(pairs)}
	p.Twice, p.Kappa = kappa(pairs)
	for i := range pairs {
		pair := &pairs[i]
		pair.pattern = c.compare(pair.a, pair.b)
		pair.stratum = stratumOf(w.score(pair.pattern, d.record(pair.a)), m.threshold())
		switch pair.settle() {
		case Match:
			p.Matches++
		case NonMatch:
			p.NonMatches++
		default:
			p.Unsettled++
		}
	}
	if p.Matches == 0 {
		return nil, ErrNoMatches
	}
	if err := b.weigh(pairs, m, o); err != nil {
		return nil, err
	}
	out := m.copy()
	out.Version++
	out.Provenance = p
	p.Effective = math.Round(100*learn(out, pairs)) / 100
	return out, nil
}

// reviewed is a pair with all that was said of it.
type reviewed struct {
	a, b      int32
	decisions []Decision
	pattern   pattern
	stratum   int
	verdict   Verdict
	weight    float64
}

// group puts the decisions of a pair together and finds those that can't be used.
func (d *Data) group(decisions []Decision) ([]reviewed, error) {
	var errs []error
	byPair := map[[2]int32]*reviewed{}
	other := 0
	if d.two {
		other = 1
	}
	places := [2]map[int]int32{{}, {}}
	for i := range int32(d.n) {
		side := 0
		if d.two && int(i) >= d.left {
			side = 1
		}
		places[side][int(d.row[i])] = i
	}
	for _, x := range decisions {
		a, ok := places[0][x.Left]
		b, ok2 := places[other][x.Right]
		if !ok || !ok2 || a == b {
			errs = append(errs, &DecisionError{x.Line, "not two rows that exist and differ"})
			continue
		}
		key := [2]int32{min(a, b), max(a, b)}
		pair := byPair[key]
		if pair == nil {
			pair = &reviewed{a: key[0], b: key[1]}
			byPair[key] = pair
		}
		same := slices.IndexFunc(pair.decisions, func(y Decision) bool { return y.Reviewer == x.Reviewer })
		switch {
		case same < 0:
			pair.decisions = append(pair.decisions, x)
		case pair.decisions[same].Verdict != x.Verdict:
			errs = append(errs, &DecisionError{x.Line, fmt.Sprintf("the same reviewer said something else of this pair in line %d", pair.decisions[same].Line)})
		default:
			errs = append(errs, &DecisionError{x.Line, fmt.Sprintf("the same decision stands in line %d", pair.decisions[same].Line)})
		}
	}
	pairs := make([]reviewed, 0, len(byPair))
	for _, pair := range byPair {
		pairs = append(pairs, *pair)
	}
	slices.SortFunc(pairs, func(x, y reviewed) int { return cmp.Or(cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b)) })
	return pairs, errors.Join(errs...)
}

// settle is what most reviewers say, Unsure when there is no majority.
func (r *reviewed) settle() Verdict {
	votes := 0
	for _, x := range r.decisions {
		switch x.Verdict {
		case Match:
			votes++
		case NonMatch:
			votes--
		}
		r.weight = max(r.weight, x.Weight)
	}
	switch {
	case votes > 0:
		r.verdict = Match
	case votes < 0:
		r.verdict = NonMatch
	default:
		r.verdict = Unsure
	}
	return r.verdict
}

// weigh gives every pair without a weight of its own that of its stratum: the
// candidates in it, by the settled pairs in it.
func (b *Blocks) weigh(pairs []reviewed, m *Model, o Options) error {
	if !slices.ContainsFunc(pairs, func(r reviewed) bool { return r.weight == 0 }) {
		return nil
	}
	result, err := Score(b, m, Options{Workers: o.Workers})
	if err != nil {
		return err
	}
	var candidates, settled [strata]float64
	for i, n := range result.counts.pairs {
		candidates[stratumOf(Bits(i)-histogramZero, m.threshold())] += float64(n)
	}
	for _, r := range pairs {
		if r.verdict != Unsure {
			settled[r.stratum]++
		}
	}
	for i := range pairs {
		r := &pairs[i]
		if r.weight == 0 && r.verdict != Unsure {
			// A pair that isn't a candidate stands for itself at least.
			r.weight = max(candidates[r.stratum]/settled[r.stratum], 1)
		}
	}
	return nil
}

// learn puts m from the weighted matches, smoothed by the m that are there, into the
// model, and returns how many observations the matches are worth.
func learn(m *Model, pairs []reviewed) float64 {
	sum, squares := 0.0, 0.0
	for _, r := range pairs {
		if r.verdict == Match {
			sum += r.weight
			squares += r.weight * r.weight
		}
	}
	scale := sum / squares
	for f := range m.Fields {
		levels := m.Fields[f].Levels
		counts := make([]float64, len(levels))
		present := 0.0
		for _, r := range pairs {
			if l := r.pattern.level(f); r.verdict == Match && l > 0 {
				counts[l] += r.weight * scale
				present += r.weight * scale
			}
		}
		for l := 1; l < len(levels); l++ {
			levels[l].M = (reviewStrength*levels[l].M + counts[l]) / (reviewStrength + present)
		}
	}
	return sum * scale
}

// kappa is Cohen's kappa over the pairs that two reviewers saw: for each two
// reviewers, and the mean of those by their pairs. Nil when nobody saw a pair twice.
func kappa(pairs []reviewed) (twice int, mean *float64) {
	type table [3][3]float64
	tables := map[[2]string]*table{}
	for _, r := range pairs {
		if len(r.decisions) > 1 {
			twice++
		}
		for i, x := range r.decisions {
			for _, y := range r.decisions[i+1:] {
				one, two := x, y
				if one.Reviewer > two.Reviewer {
					one, two = two, one
				}
				who := [2]string{one.Reviewer, two.Reviewer}
				if tables[who] == nil {
					tables[who] = new(table)
				}
				tables[who][one.Verdict][two.Verdict]++
			}
		}
	}
	sum, weight := 0.0, 0.0
	for _, who := range slices.SortedFunc(maps.Keys(tables), func(x, y [2]string) int {
		return cmp.Or(cmp.Compare(x[0], y[0]), cmp.Compare(x[1], y[1]))
	}) {
		n, agree, chance := 0.0, 0.0, 0.0
		var first, second [3]float64
		for i, row := range tables[who] {
			for j, k := range row {
				n += k
				first[i] += k
				second[j] += k
			}
			agree += row[i]
		}
		for i := range first {
			chance += first[i] * second[i] / n
		}
		k := 1.0 // both always said the same one thing
		if chance < n {
			k = (agree - chance) / (n - chance)
		}
		sum += k * n
		weight += n
	}
	if weight == 0 {
		return twice, nil
	}
	k := math.Round(sum/weight*10000) / 10000
	return twice, &k
}
