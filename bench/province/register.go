package province

import (
	"cmp"
	"slices"
)

// register is the source of the population register. It comes after the departments
// and is none of them: it has no rows of what people own, only the people.
const register = sourceCount

// census is what the register knows besides the households of the province.
type census struct {
	departed []departed        // by household
	moved    map[uint32]uint32 // person → household they are registered with instead
}

// departed is somebody of a household who died.
type departed struct {
	household uint32
	sequence  uint16
}

// Shares of ordinary households, per thousand; assumptions, there to be measured.
const (
	splitHouseholds   = 10 // have two household numbers
	joinedHouseholds  = 10 // have somebody more in the register, who lives elsewhere
	bereaved          = 20 // have somebody who died in the register
	diedOfOldUnlisted = 3  // of people of 60 and more who are not in the batch
)

// takeCensus draws what the register knows besides the households.
func (p *plan) takeCensus(dealt *sequences) *census {
	c := &census{moved: map[uint32]uint32{}}
	ordinary := p.households() - p.planted
	var h household
	for index := p.planted; index < p.households(); index++ {
		r := newStream(p.seed, topicDeparted, uint64(index))
		if r.chance(bereaved) && p.people(&h, index) == nil {
			gone := p.drawDeparted(&h)
			if sequence, ok := dealt.take(&gone); ok {
				c.departed = append(c.departed, departed{uint32(index), sequence})
			}
		}
		r = newStream(p.seed, topicMoved, uint64(index))
		if !r.chance(joinedHouseholds) {
			continue
		}
		for range 32 {
			from := p.planted + r.n(ordinary)
			if from == index || p.inBatch(from) || p.people(&h, from) != nil {
				continue
			}
			// A grown-up child if there is one, else another adult; not the head.
			m := &h.members[len(h.members)-1]
			if len(h.members) > 1 && m.birth.age(p.cal.on) >= adult && !p.splits(from) {
				if _, taken := c.moved[m.number]; !taken {
					c.moved[m.number] = uint32(index)
					break
				}
			}
		}
	}
	return c
}

// splits says whether a household has two household numbers in the register.
func (p *plan) splits(index int) bool {
	if index < p.planted || p.first[index+1]-p.first[index] < 2 {
		return false
	}
	r := newStream(p.seed, topicRegister, uint64(index))
	return r.chance(splitHouseholds)
}

// drawDeparted draws the parent or partner of the head who died, without a sequence
// number.
func (p *plan) drawDeparted(h *household) person {
	r := newStream(p.seed, topicDeparted, uint64(h.index)<<1|1<<63)
	m := h.members[0]
	m.number = 1<<31 | uint32(h.index)
	m.namesake = 0
	m.sex = uint8(r.n(2))
	year := m.birth.year() - 20 - r.n(14)
	if p.cal.on.year()-m.birth.year() > 65 || r.chance(200) {
		year = m.birth.year() - r.n(5)
		m.sex = 1 - h.members[0].sex
	}
	year = max(year, firstBirthYear+1)
	month := 1 + r.n(12)
	m.birth = day(year*10000 + month*100 + 1 + r.n(daysIn(year, month)))
	return m
}

// departedOf returns those who died of a household.
func (c *census) departedOf(index int) (departed, bool) {
	i, ok := slices.BinarySearchFunc(c.departed, uint32(index), func(d departed, n uint32) int { return cmp.Compare(d.household, n) })
	if !ok {
		return departed{}, false
	}
	return c.departed[i], true
}

// listRegister lists the rows of the register of one household: its members, each
// once, then who died.
func (d *delivery) listRegister(h *household) {
	for i := range h.members {
		if h.members[i].twinOf == 0 {
			d.rows = append(d.rows, newEntry(h.index, i, clean))
		}
	}
	if _, ok := d.register.departedOf(h.index); ok {
		d.rows = append(d.rows, newEntry(h.index, len(h.members), clean))
	}
}

// writeRegister fills the row with the k-th row the register has of the household.
func (p *plan) writeRegister(r *row, h *household, k int) {
	r.reset()
	var died day
	gone := person{}
	m := &gone
	if k < len(h.members) {
		m = &h.members[k]
		died = p.diedOn(h, m)
	} else if d, ok := p.register.departedOf(h.index); ok {
		gone = p.drawDeparted(h)
		gone.sequence = d.sequence
		draw := newStream(p.seed, topicRegister, uint64(m.number))
		died = p.pastDay(&draw, 15)
	}
	r.text = appendDocument(r.text, m, docPlain)
	r.end()
	r.text = p.names.append(r.text, p.seed, m)
	r.end()
	r.code(idTypes[m.idType])
	r.end() // country
	r.day(m.birth)
	r.code(sexes[m.sex])
	r.text = appendDigits(r.text, uint64(homeCounties[h.home].code), 6)
	r.end()
	p.writeFormer(r, h, m, k < len(h.members))
	r.day(died)
	p.writeHouseholdNo(r, h, m, k)
}

// diedOn is the day an old person of a household that is not checked died, 0 for the
// living.
func (p *plan) diedOn(h *household, m *person) day {
	if h.planted != nil || p.inBatch(h.index) || m.birth.age(p.cal.on) < 60 {
		return 0
	}
	r := newStream(p.seed, topicRegister, uint64(m.number)|1<<40)
	if !r.chance(diedOfOldUnlisted) {
		return 0
	}
	return p.pastDay(&r, 2)
}

// writeFormer writes former names and numbers, each list separated by semicolons.
func (p *plan) writeFormer(r *row, h *household, m *person, member bool) {
	if p.corrupt == nil || h.planted != nil || !member {
		r.end()
		r.end()
		return
	}
	a := p.pastOf(m)
	if a.formerName && a.nameKnown {
		own := string(p.names.append(nil, p.seed, m))
		former, _ := p.appendFormerName(nil, m)
		if string(former) != own {
			r.text = append(r.text, former...)
		}
	}
	r.end()
	start := len(r.text)
	next := func() {
		if len(r.text) > start {
			r.text = append(r.text, ';')
		}
	}
	if a.formerNumber && a.numberKnown {
		at := len(r.text)
		r.text = p.appendFormer(r.text, m, a.salt)
		// Numbers that were replaced before 1999 had 15 digits.
		if m.birth.year() < 1985 && a.salt>>40%10 < 3 {
			r.text = r.text[:at+len(appendOld15(r.text[at:]))]
		}
	}
	if sequence, ok := p.corrupt.sharedBy(m.number); ok && a.sharedKnown {
		next()
		r.text = appendShared(r.text, m, sequence)
	}
	if a.other && a.otherKnown {
		next()
		r.text = append(append(r.text, idTypes[a.otherKind].en...), ':')
		r.text = p.appendOther(r.text, m, &a)
	}
	r.end()
}

// writeHouseholdNo writes the number of the household that a person is registered
// with.
func (p *plan) writeHouseholdNo(r *row, h *household, m *person, k int) {
	to, moved := p.register.moved[m.number]
	switch {
	case moved:
		other := household{index: int(to)}
		_ = p.people(&other, other.index) // an ordinary household, which never fails
		r.text = p.appendHouseholdID(r.text, &other)
	default:
		r.text = p.appendHouseholdID(r.text, h)
		if p.splits(h.index) && k < len(h.members) && k >= (len(h.members)+1)/2 {
			r.text = append(r.text, "-2"...)
		}
	}
	r.end()
}
