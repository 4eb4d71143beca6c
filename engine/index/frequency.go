package index

import (
	"encoding/binary"
	"math/bits"

	"github.com/hedui/hedui/engine/household"
)

// cell is where a name is counted: the decade of birth, the sex, the prefecture.
// Zero is "not known" in each.
type cell struct {
	decade uint16 // year / 10
	sex    uint8
	area   uint16 // first four digits of the division
}

func cellOf(birth household.Date, sex uint8, division string) cell {
	c := cell{decade: uint16(birth.Year() / 10), sex: sex}
	if sex > 2 {
		c.sex = 0
	}
	c.area = uint16(county(division) / 100)
	return c
}

func (c cell) group() uint64 { return uint64(c.decade)<<2 | uint64(c.sex) }

// counted is a cell with how many people are in it.
type counted struct {
	cell
	people uint64
}

// appendCounts encodes cells, ascending by group and area:
//
//	people, groups; for each group: its number (decade × 4 + sex), its people, the
//	length of its cells; for each cell: area (less the one before), people
//
// Sums stand before what they sum up so that one cell is found without reading
// the others.
func appendCounts(b []byte, cells []counted) []byte {
	total, groups := uint64(0), 0
	for i, c := range cells {
		total += c.people
		if i == 0 || cells[i-1].group() != c.group() {
			groups++
		}
	}
	b = binary.AppendUvarint(b, total)
	b = binary.AppendUvarint(b, uint64(groups))
	var inner []byte
	for len(cells) > 0 {
		group, sum, area, n := cells[0].group(), uint64(0), uint16(0), 0
		inner = inner[:0]
		for n < len(cells) && cells[n].group() == group {
			c := cells[n]
			inner = binary.AppendUvarint(inner, uint64(c.area-area))
			inner = binary.AppendUvarint(inner, c.people)
			area, sum, n = c.area, sum+c.people, n+1
		}
		cells = cells[n:]
		b = binary.AppendUvarint(b, group)
		b = binary.AppendUvarint(b, sum)
		b = binary.AppendUvarint(b, uint64(len(inner)))
		b = append(b, inner...)
	}
	return b
}

// counts are the people of a name, or of the whole register, in all, in a group
// and in a cell.
type counts struct{ all, group, cell uint64 }

// readCounts finds a cell in an encoding. It looks at the cells of one group only,
// or, with whole, at every byte, and then accepts only what appendCounts writes.
func readCounts(b []byte, want cell, whole bool) (n counts, err error) {
	all, b, ok1 := uvarint(b)
	groups, b, ok2 := uvarint(b)
	if !ok1 || !ok2 {
		return n, errPayload
	}
	sum, before := uint64(0), uint64(0)
	for i := range groups {
		group, rest, ok1 := uvarint(b)
		people, rest, ok2 := uvarint(rest)
		size, rest, ok3 := uvarint(rest)
		if !ok1 || !ok2 || !ok3 || i > 0 && group <= before || group > 1<<14 || group&3 == 3 || size > uint64(len(rest)) || people == 0 {
			return n, errPayload
		}
		if here := group == want.group(); here || whole {
			at, ok := areaCount(rest[:size], people, want.area)
			if !ok {
				return n, errPayload
			}
			if here {
				n.group, n.cell = people, at
			}
		}
		if sum+people < sum {
			return n, errPayload
		}
		sum, before, b = sum+people, group, rest[size:]
	}
	if sum != all || len(b) != 0 {
		return n, errPayload
	}
	n.all = all
	return n, nil
}

// areaCount reads the cells of one group, whose people must add up.
func areaCount(b []byte, people uint64, want uint16) (here uint64, ok bool) {
	sum, area := uint64(0), uint64(0)
	for first := true; len(b) > 0; first = false {
		delta, rest, ok1 := uvarint(b)
		n, rest, ok2 := uvarint(rest)
		if !ok1 || !ok2 || n == 0 || !first && delta == 0 || delta > 9999 || area+delta > 9999 || sum+n < sum {
			return 0, false
		}
		area, sum, b = area+delta, sum+n, rest
		if area == uint64(want) {
			here = n
		}
	}
	return here, sum == people
}

const (
	billion = 1_000_000_000
	// weight is how many people the coarser level counts for in the finer one.
	weight = 1000
)

// share is the probability of a name in parts per 10⁹, of its counts and those of
// everybody:
//
//	p0 = (name + 1) / (everybody + 1)                         of the register
//	p1 = (name in group + 1000·p0) / (everybody there + 1000)  of decade and sex
//	p2 = (name in cell + 1000·p1) / (everybody there + 1000)   of the prefecture too
//
// each rounded up, so that it is never 0 and a name never seems rarer than it is.
// A level that is not known is left out.
func share(name, everybody counts, c cell) int64 {
	p := ratio(name.all+1, 0, everybody.all+1)
	if c.decade != 0 && c.sex != 0 {
		p = ratio(name.group, weight*p, everybody.group+weight)
		if c.area != 0 {
			p = ratio(name.cell, weight*p, everybody.cell+weight)
		}
	}
	return int64(p)
}

// ratio is (n·10⁹ + more) / of, rounded up, and at most 10⁹.
func ratio(n, more, of uint64) uint64 {
	if n >= of {
		return billion
	}
	hi, lo := bits.Mul64(n, billion)
	lo, carry := bits.Add64(lo, more+of-1, 0)
	q, _ := bits.Div64(hi+carry, lo, of)
	return min(q, billion)
}
