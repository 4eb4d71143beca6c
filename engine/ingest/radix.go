package ingest

import (
	"math/bits"
	"slices"

	"github.com/hedui/hedui/engine/household"
)

const (
	// radixBits are the bits of one pass. Four passes order the numbers of residents
	// of one or of all provinces down to a few days of birth in a county.
	radixBits   = 11
	radixPasses = 4
	radixSize   = 1 << radixBits
	radixKey    = radixBits * radixPasses
	// minRadix is the number of items from which passes pay.
	minRadix = 2048
	// maxInsertion is the most items that are sorted by insertion.
	maxInsertion = 24
)

// sortRefs orders refs by the items they locate in arena. tmp has room for as many;
// the sorted refs are in one of the two, which is returned first.
func sortRefs(refs, tmp []ref, arena []byte) (sorted, other []ref) {
	compare := func(a, b ref) int {
		if a.num != b.num {
			if a.num < b.num {
				return -1
			}
			return 1
		}
		return compareItems(itemAt(arena, a), itemAt(arena, b))
	}
	if len(refs) < minRadix {
		slices.SortFunc(refs, compare)
		return refs, tmp
	}
	// Residents to the front: the others have few numbers, which say little.
	n := 0
	for i := range refs {
		if refs[i].num < household.OtherDocuments {
			refs[i], refs[n] = refs[n], refs[i]
			n++
		}
	}
	slices.SortFunc(refs[n:], compare)
	tmp = tmp[:len(refs)]
	copy(tmp[n:], refs[n:])
	low, shift := radixRange(refs[:n])
	sorted, other = radix(refs, tmp, n, low, shift)
	// What the passes did not look at.
	for i := 0; i < n; {
		j, first := i+1, (sorted[i].num-low)>>shift
		for j < n && (sorted[j].num-low)>>shift == first {
			j++
		}
		if j-i > maxInsertion {
			slices.SortFunc(sorted[i:j], compare)
		} else if j-i > 1 {
			insertionSort(sorted[i:j], arena)
		}
		i = j
	}
	return sorted, other
}

// radixRange returns the least number and by how much the distance from it must be
// shifted to fit the passes.
func radixRange(refs []ref) (low uint64, shift int) {
	if len(refs) == 0 {
		return 0, 0
	}
	low, high := refs[0].num, refs[0].num
	for i := range refs {
		low, high = min(low, refs[i].num), max(high, refs[i].num)
	}
	return low, max(0, bits.Len64(high-low)-radixKey)
}

// radix orders the first n refs of a by their shifted numbers, from one slice to the
// other and back.
func radix(a, b []ref, n int, low uint64, shift int) (sorted, other []ref) {
	var counts [radixPasses][radixSize]uint32
	for i := range a[:n] {
		k := (a[i].num - low) >> shift
		for p := range counts {
			counts[p][k>>(p*radixBits)&(radixSize-1)]++
		}
	}
	for p := range counts {
		c := &counts[p]
		at, digits := uint32(0), 0
		for d := range c {
			if c[d] > 0 {
				digits++
			}
			c[d], at = at, at+c[d]
		}
		if digits < 2 {
			continue
		}
		for i := range a[:n] {
			d := (a[i].num - low) >> shift >> (p * radixBits) & (radixSize - 1)
			b[c[d]] = a[i]
			c[d]++
		}
		a, b = b, a
	}
	return a, b
}

func insertionSort(refs []ref, arena []byte) {
	for i := 1; i < len(refs); i++ {
		r := refs[i]
		j := i
		for ; j > 0 && (r.num < refs[j-1].num || r.num == refs[j-1].num && compareItems(itemAt(arena, r), itemAt(arena, refs[j-1])) < 0); j-- {
			refs[j] = refs[j-1]
		}
		refs[j] = r
	}
}
