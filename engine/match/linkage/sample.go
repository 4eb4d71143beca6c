package linkage

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// The strata of a review are bands of bits about the threshold, with an open one at
// either end.
const (
	stratumBits = 4
	innerStrata = 4 // bands on each side of the threshold
	strata      = 2*innerStrata + 2
)

// stratumOf is the stratum of a score, counted from the lowest.
func stratumOf(s, threshold Bits) int {
	return min(max(floorDiv(int(s-threshold), 1000*stratumBits), -innerStrata-1), innerStrata) + innerStrata + 1
}

// stratumName says how far from the threshold a stratum lies, in bits.
func stratumName(i int) string {
	from := (i - innerStrata - 1) * stratumBits
	switch i {
	case 0:
		return fmt.Sprintf("below %d", from+stratumBits)
	case strata - 1:
		return fmt.Sprintf("from %d", from)
	}
	return fmt.Sprintf("%d to %d", from, from+stratumBits)
}

// SampleOptions say how many pairs are drawn for review.
type SampleOptions struct {
	PerBand int    // pairs of a band; the two bands at the threshold get four times as many
	OneIn   int    // of the pairs beyond the outermost bands one in so many is drawn
	Seed    uint64 // the same seed draws the same pairs
}

// Stratum is a band of scores with what was drawn of it.
type Stratum struct {
	Name  string `json:"bits_from_threshold"`
	Pairs int    `json:"pairs"`
	Drawn int    `json:"drawn"`
}

// Sampled is a pair to be reviewed. Weight is how many pairs of its stratum it
// stands for.
type Sampled struct {
	Link
	Stratum string
	Weight  float64
}

// drawn is a pair with the lot that it drew.
type drawn struct {
	scored
	lot uint64
}

func byLot(x, y drawn) int {
	return cmp.Or(cmp.Compare(x.lot, y.lot), better(x.scored, y.scored))
}

// sampler is what one worker draws.
type sampler struct {
	pairs [strata]int
	lots  [strata][]drawn // the smallest lots, ascending
}

// Sample draws candidates for review, by strata. The lot of a pair follows from
// its content and the seed, so neither order nor workers change what is drawn.
func Sample(b *Blocks, m *Model, s SampleOptions, o Options) ([]Sampled, []Stratum, error) {
	d := b.d
	w, err := d.weights(m)
	if err != nil {
		return nil, nil, err
	}
	c, threshold, seed := newComparer(d), m.threshold(), mix(s.Seed+1)
	outer := uint64(math.MaxUint64) / uint64(max(1, s.OneIn))
	workers := make([]sampler, max(1, o.Workers))
	b.walk(o.Workers, nil, func(worker int, a int32, with []int32) {
		mine := &workers[worker]
		for _, x := range with {
			score := w.score(c.compare(a, x), d.record(a))
			i := stratumOf(score, threshold)
			mine.pairs[i]++
			mine.take(i, drawn{scored{a, x, score}, mix(d.pairHash(a, x) ^ seed)}, s, outer)
		}
	})
	var sampled []Sampled
	list := make([]Stratum, strata)
	for i := range list {
		list[i].Name = stratumName(i)
		var all sampler
		for k := range workers {
			list[i].Pairs += workers[k].pairs[i]
			for _, x := range workers[k].lots[i] {
				all.take(i, x, s, outer)
			}
		}
		list[i].Drawn = len(all.lots[i])
		slices.SortFunc(all.lots[i], func(x, y drawn) int { return better(x.scored, y.scored) })
		for _, x := range all.lots[i] {
			sampled = append(sampled, Sampled{d.link(x.scored), list[i].Name, float64(list[i].Pairs) / float64(list[i].Drawn)})
		}
	}
	return sampled, list, nil
}

// take keeps a pair if its lot is among the smallest of its stratum. Of an open
// stratum everything under a bound is kept, and one pair in any case.
func (s *sampler) take(i int, x drawn, o SampleOptions, outer uint64) {
	most := max(1, o.PerBand)
	switch i {
	case 0, strata - 1:
		if most = math.MaxInt; x.lot > outer {
			most = 1
		}
	case innerStrata, innerStrata + 1:
		most *= 4
	}
	list := s.lots[i]
	at, _ := slices.BinarySearchFunc(list, x, byLot)
	if at >= most {
		return
	}
	list = slices.Insert(list, at, x)
	if i == 0 || i == strata-1 {
		// The one pair of an empty stratum goes when a better lot has come.
		for len(list) > 1 && list[len(list)-1].lot > outer {
			list = list[:len(list)-1]
		}
	} else {
		list = list[:min(len(list), most)]
	}
	s.lots[i] = list
}
