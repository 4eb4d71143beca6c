package province

import (
	"cmp"
	"slices"
)

// corruption is what a corrupted province has besides its households. It is
// read-only once the plan is made.
type corruption struct {
	rates   rates
	decoys  []decoy      // by person
	shared  []sharedPair // by person
	dealt   *sequences   // the numbers in use
	planted []uint64     // packed numbers of planted people, sorted
}

// decoy gives a person the name, the birth date and the division of the number of
// somebody in another household of the same county.
type decoy struct {
	person, named uint32
	birth         day
	surname       uint16
	origin        uint8
	dotted        bool
}

// sharedPair says that a person once had the number of somebody of the same
// division, day of birth and sex.
type sharedPair struct {
	person   uint32
	sequence uint16 // of the other's number
}

// doubles picks decoys and shared numbers while the plan goes through the
// households. Its memory does not grow with the province.
type doubles struct {
	*corruption
	cal    calendar
	seed   uint64
	people int // seen
	// latest are people to imitate, by county, sex and year of birth: any, and those
	// of households of the batch.
	latest [2]map[int]decoy
	cells  map[uint64]sharedPair
}

func newDoubles(c *corruption, cal calendar, seed uint64) *doubles {
	return &doubles{corruption: c, cal: cal, seed: seed, latest: [2]map[int]decoy{{}, {}}, cells: map[uint64]sharedPair{}}
}

// imitate makes some adults of an ordinary household decoys, before their numbers are
// dealt out; first is the number of the first member. Half of the decoys imitate
// people who are checked, as far as there are any.
func (d *doubles) imitate(h *household, first int, inBatch bool) {
	for i := range h.members {
		m := &h.members[i]
		d.people++
		if m.birth.year() > d.cal.on.year()-adult-1 {
			continue
		}
		bucket := (int(h.home)*2+int(m.sex))*3000 + m.birth.year()
		r := newStream(d.seed, topicDecoy, uint64(first+i))
		quota := len(d.decoys)*1_000_000 < d.people*d.rates[rateDecoys]
		batch := r.n(2)
		if quota && r.chance(30) {
			of, ok := d.latest[batch][bucket]
			if !ok {
				of, ok = d.latest[0][bucket]
			}
			if ok {
				of.person = uint32(first + i)
				d.decoys = append(d.decoys, of)
				of.apply(m)
			}
		}
	}
	for i := range h.members {
		m := &h.members[i]
		bucket := (int(h.home)*2+int(m.sex))*3000 + m.birth.year()
		m.number = uint32(first + i)
		of := decoy{named: m.named(), birth: m.birth, surname: m.surname, origin: m.origin, dotted: m.dotted}
		d.latest[0][bucket] = of
		if inBatch {
			d.latest[1][bucket] = of
		}
	}
}

func (d decoy) apply(m *person) {
	m.namesake, m.birth, m.surname, m.origin, m.dotted = d.named+1, d.birth, d.surname, d.origin, d.dotted
}

// share picks people of an ordinary household who once had the number of somebody
// else of another name; their own numbers are dealt out.
func (d *doubles) share(h *household, first int, numbers []uint16) {
	for i := range h.members {
		m := &h.members[i]
		// Two people of one number and one name too could be told apart by nobody; the
		// chance of it is nil, but a decoy is made to be of one name with its model.
		if m.birth.age(d.cal.on) < adult || m.namesake > 0 {
			continue
		}
		cell := uint64(m.origin)<<40 | uint64(m.birth)<<1 | uint64(m.sex)
		other, ok := d.cells[cell]
		if ok && int(other.person) < first && len(d.shared)*1_000_000 < d.people*d.rates[rateSharedPairs] {
			d.shared = append(d.shared, sharedPair{uint32(first + i), other.sequence})
			delete(d.cells, cell)
			continue
		}
		if len(d.cells) > 1<<16 {
			clear(d.cells)
		}
		d.cells[cell] = sharedPair{uint32(first + i), numbers[i]}
	}
}

// decoysOf returns the decoys among the people first to end.
func (c *corruption) decoysOf(first, end uint32) []decoy {
	from, _ := slices.BinarySearchFunc(c.decoys, first, func(d decoy, n uint32) int { return cmp.Compare(d.person, n) })
	to := from
	for to < len(c.decoys) && c.decoys[to].person < end {
		to++
	}
	return c.decoys[from:to]
}

// sharedBy returns the sequence of the other's number that a person once had.
func (c *corruption) sharedBy(number uint32) (uint16, bool) {
	i, ok := slices.BinarySearchFunc(c.shared, number, func(s sharedPair, n uint32) int { return cmp.Compare(s.person, n) })
	if !ok {
		return 0, false
	}
	return c.shared[i].sequence, true
}

// packedNumber is the number of a resident's document without its check character.
func packedNumber(p *person) uint64 {
	return (uint64(divisionCode(p.origin))*100_000_000+uint64(p.birth))*1000 + uint64(p.sequence)
}

// isPlanted says whether a written number is the valid one of a planted person.
func (c *corruption) isPlanted(number []byte) bool {
	if len(number) != 18 {
		return false
	}
	n := uint64(0)
	for _, digit := range number[:17] {
		if digit < '0' || digit > '9' {
			return false
		}
		n = n*10 + uint64(digit-'0')
	}
	_, found := slices.BinarySearch(c.planted, n)
	return found && checkCharacter(number[:17]) == number[17]
}
