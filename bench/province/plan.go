package province

import (
	"context"
	"fmt"
	"slices"
)

// plan is the province: everything needed to build any household again. It is
// read-only once made, so that the files can be written at the same time.
type plan struct {
	Options
	seed      uint64
	cal       calendar
	names     *namer
	employers []employer
	cases     []plantedCase

	planted   int      // households 0…planted−1 are planted
	first     []uint32 // first person of each household, and the number of people
	sequences []uint16 // of the document number, by person

	corrupt  *corruption // nil in a plain province
	register *census     // nil when no register is asked for
}

func newPlan(ctx context.Context, o Options) (*plan, error) {
	if o.On == "" {
		o.On = DefaultOn
	}
	if o.BatchPercent == 0 {
		o.BatchPercent = DefaultBatchPercent
	}
	cal, err := newCalendar(o.On)
	if err != nil {
		return nil, err
	}
	p := &plan{
		Options: o, seed: mix(o.Seed), cal: cal, names: newNamer(), employers: newEmployers(min(max(o.People/50, 64), 20_000)),
		sequences: make([]uint16, 0, o.People),
	}
	for _, c := range plantedCases() {
		if (!c.dirty || o.Dirty > 0) && (!c.year || cal.from%12 != 0) {
			p.cases = append(p.cases, c)
		}
	}
	dealt := newSequences()
	var pairs *doubles
	if o.Corrupt != "" {
		p.names = newWideNamer()
		p.corrupt = &corruption{rates: ratesOf(o.Corrupt), dealt: dealt}
		pairs = newDoubles(p.corrupt, cal, p.seed)
	}
	var h household
	repeats := min(max(o.People/800, 1), 250)
	for index := 0; len(p.sequences) < o.People; index++ {
		if index%4096 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		h.index = index
		size := 0
		plant := index == p.planted && index < repeats*len(p.cases)
		if plant {
			if err := p.sketch(&h); err != nil {
				return nil, err
			}
			// Half of a small province stays ordinary.
			plant = len(p.sequences)+len(h.members) <= o.People/2
		}
		if plant {
			p.planted++
		} else {
			size = min(p.sizeOf(index), o.People-len(p.sequences))
			p.drawPeople(&h, size)
			if pairs != nil {
				pairs.imitate(&h, len(p.sequences), p.inBatch(index))
			}
		}
		first := len(p.sequences)
		p.first = append(p.first, uint32(first))
		for i := range h.members {
			seq, ok := dealt.take(&h.members[i])
			if !ok {
				return nil, fmt.Errorf("no document number left for a day of birth in one county: %d people are too many", o.People)
			}
			p.sequences = append(p.sequences, seq)
			if pairs != nil && plant {
				h.members[i].sequence = seq
				p.corrupt.planted = append(p.corrupt.planted, packedNumber(&h.members[i]))
			}
		}
		if pairs != nil && !plant {
			pairs.share(&h, first, p.sequences[first:])
		}
	}
	p.first = append(p.first, uint32(len(p.sequences)))
	if p.corrupt != nil {
		slices.Sort(p.corrupt.planted)
	}
	if o.Register {
		p.register = p.takeCensus(dealt)
	}
	return p, nil
}

func (p *plan) households() int { return len(p.first) - 1 }

func (p *plan) sizeOf(index int) int {
	r := newStream(p.seed, topicSize, uint64(index))
	return householdSizes[r.n(len(householdSizes))]
}

// inBatch says whether a household is checked.
func (p *plan) inBatch(index int) bool {
	if index < p.planted {
		return true
	}
	r := newStream(p.seed, topicBatch, uint64(index))
	return r.n(100) < p.BatchPercent
}

// classOf says how an ordinary household lives. Households that apply for help are
// mostly poor; the others are mostly not.
func (p *plan) classOf(index int) class {
	r := newStream(p.seed, topicClass, uint64(index))
	x := r.n(100)
	if p.inBatch(index) {
		switch {
		case x < 58:
			return honest
		case x < 82:
			return forgetful
		}
		return comfortable
	}
	if x < 12 {
		return honest
	}
	return comfortable
}

// people builds the members of a household. The records of a planted household
// come with them; those of an ordinary one are stale until drawRecords.
func (p *plan) people(h *household, index int) error {
	h.index, h.planted = index, nil
	h.first = uint64(p.first[index])
	if index < p.planted {
		if err := p.sketch(h); err != nil {
			return err
		}
	} else {
		h.clearRecords()
		first, end := p.first[index], p.first[index+1]
		p.drawPeople(h, int(end-first))
		if p.corrupt != nil {
			for _, d := range p.corrupt.decoysOf(first, end) {
				d.apply(&h.members[d.person-first])
			}
		}
	}
	for i := range h.members {
		m := &h.members[i]
		m.number = p.first[index] + uint32(i)
		m.sequence = p.sequences[m.number]
		if m.twinOf > 0 {
			twin := &h.members[m.twinOf-1]
			m.number, m.sequence = twin.number, twin.sequence
		}
	}
	return nil
}

// load builds a household with the rows of one source.
func (p *plan) load(h *household, index int, s source) error {
	if err := p.people(h, index); err != nil {
		return err
	}
	if h.planted == nil {
		p.drawRecords(h, s)
	}
	return nil
}

// loadAll builds a household with the rows of all sources.
func (p *plan) loadAll(h *household, index int) error {
	if err := p.people(h, index); err != nil {
		return err
	}
	if h.planted == nil {
		for s := range sourceCount {
			p.drawRecords(h, s)
		}
		p.declareOrdinary(h)
	}
	return nil
}

// appendHouseholdID appends the id of a household of the batch. The serial numbers
// do not tell the planted ones.
func (p *plan) appendHouseholdID(b []byte, h *household) []byte {
	b = appendDigits(b, uint64(homeCounties[h.home].code), 6)
	b = append(b, '-')
	// 7654321 is coprime to 10: different households, different serials.
	if p.households() <= 10_000_000 {
		return appendDigits(b, (uint64(h.index)*7654321+1234567)%10_000_000, 7)
	}
	return appendDigits(b, (uint64(h.index)*7654321+1234567)%1_000_000_000, 9)
}
