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

// Evaluate scores a result against the truth; truePairs is the number of pairs
// that are the same entity, same tells whether a pair is.
func Evaluate(r *Result, threshold float64, truePairs int, same func(Link) bool) Evaluation {
	var e Evaluation
	found := 0
	for _, l := range r.Links {
		if same(l) {
			found++
		}
	}
	e.At = quality(threshold, found, len(r.Links)-found, truePairs)
	all := slices.Clone(r.Links)
	for _, t := range r.TurnedDown {
		all = append(all, t.Link)
	}
	slices.SortStableFunc(all, func(x, y Link) int { return int(y.Score - x.Score) })
	bands := map[int]*Band{}
	hit := 0
	for i, l := range all {
		from := min(max(floorDiv(int(l.Score), 4000)*4, -40), 40)
		b := bands[from]
		if b == nil {
			b = &Band{From: from, To: from + 4}
			bands[from] = b
		}
		b.Pairs++
		b.Predicted += l.Score.Probability()
		if same(l) {
			b.True++
			hit++
		}
		if i+1 == len(all) || all[i+1].Score < l.Score {
			if q := quality(float64(l.Score)/1000, hit, i+1-hit, truePairs); q.F1 > e.Best.F1 {
				e.Best = q
			}
		}
	}
	if truePairs > 0 {
		e.BlockRecall = float64(hit) / float64(truePairs)
	}
	for from := -40; from <= 40; from += 4 {
		if b := bands[from]; b != nil {
			b.Predicted /= float64(b.Pairs)
			b.Observed = float64(b.True) / float64(b.Pairs)
			e.Calibration = append(e.Calibration, *b)
		}
	}
	return e
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
