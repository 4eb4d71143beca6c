package linkage

import "slices"

// Quality compares links with the truth, pair by pair.
type Quality struct {
	Threshold float64 `json:"threshold_bits"`
	True      int     `json:"true_links"`
	False     int     `json:"false_links"`
	Missed    int     `json:"missed"` // true pairs not linked, whether or not they were candidates
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
}

// Band is one row of a calibration table: the candidates with From ≤ bits < To.
type Band struct {
	From      int     `json:"from_bits"`
	To        int     `json:"to_bits"`
	Pairs     int     `json:"pairs"`
	True      int     `json:"true"`
	Predicted float64 `json:"predicted"` // mean probability
	Observed  float64 `json:"observed"`  // true share
}

// Evaluation is the quality of a result. Truth is looked at here and nowhere else.
type Evaluation struct {
	At          Quality `json:"at_threshold"`
	Best        Quality `json:"best"`
	BlockRecall float64 `json:"block_recall"` // true pairs among the candidates
	Calibration []Band  `json:"calibration"`
}

// Evaluate says how good a result is. It was scored with an Options.Same that
// agrees with same; truePairs is the number of pairs that are the same entity. When
// links are one to one, Best is the best of the thresholds above the model's, else
// of all.
func Evaluate(r *Result, threshold float64, truePairs int, same func(Link) bool) Evaluation {
	var e Evaluation
	hit := 0
	for i, l := range r.Links {
		if same(l) {
			hit++
		}
		if r.oneToOne && (i+1 == len(r.Links) || r.Links[i+1].Score < l.Score) {
			e.better(quality(float64(l.Score)/1000, hit, i+1-hit, truePairs))
		}
	}
	e.At = quality(threshold, hit, len(r.Links)-hit, truePairs)
	bands := map[int]*Band{}
	pairs, found := int64(0), int64(0)
	for i, n := range slices.Backward(r.counts.pairs) {
		t := r.counts.same[i]
		if n == 0 {
			continue
		}
		pairs, found = pairs+n, found+t
		score := Bits(i) - histogramZero
		if !r.oneToOne {
			e.better(quality(float64(score)/1000, int(found), int(pairs-found), truePairs))
		}
		from := bandOf(score)
		b := bands[from]
		if b == nil {
			b = &Band{From: from, To: from + bandBits}
			bands[from] = b
		}
		b.Pairs += int(n)
		b.True += int(t)
		b.Predicted += float64(n) * score.Probability()
	}
	if truePairs > 0 {
		e.BlockRecall = float64(found) / float64(truePairs)
	}
	for from := -outerBits; from <= outerBits; from += bandBits {
		if b := bands[from]; b != nil {
			b.Predicted /= float64(b.Pairs)
			b.Observed = float64(b.True) / float64(b.Pairs)
			e.Calibration = append(e.Calibration, *b)
		}
	}
	return e
}

func (e *Evaluation) better(q Quality) {
	if q.F1 > e.Best.F1 {
		e.Best = q
	}
}

// The bands of scores, in bits. The outermost are open.
const (
	bandBits  = 4
	outerBits = 40
)

// bandOf is where the band of a score begins.
func bandOf(s Bits) int {
	return min(max(floorDiv(int(s), 1000*bandBits)*bandBits, -outerBits), outerBits)
}

// histogram counts candidates by score. Scores beyond 128 bits count as 128.
type histogram struct{ pairs, same []int64 }

const histogramZero = 128_000

func (h *histogram) init() {
	h.pairs, h.same = make([]int64, 2*histogramZero+1), make([]int64, 2*histogramZero+1)
}

func (h *histogram) add(s Bits, same bool) {
	i := min(max(s, -histogramZero), histogramZero) + histogramZero
	h.pairs[i]++
	if same {
		h.same[i]++
	}
}

func (h *histogram) join(other *histogram) {
	for i, n := range other.pairs {
		h.pairs[i] += n
		h.same[i] += other.same[i]
	}
}

func floorDiv(a, b int) int {
	if a < 0 {
		return -((b - 1 - a) / b)
	}
	return a / b
}

func quality(threshold float64, hit, wrong, truePairs int) Quality {
	q := Quality{Threshold: threshold, True: hit, False: wrong, Missed: truePairs - hit}
	if hit > 0 {
		q.Precision = float64(hit) / float64(hit+wrong)
		q.Recall = float64(hit) / float64(truePairs)
		q.F1 = 2 * q.Precision * q.Recall / (q.Precision + q.Recall)
	}
	return q
}
