package province

// declareOrdinary fills in what an ordinary household of the batch declares. All
// its rows must be built. Honest households declare what the departments hold,
// forgetful ones leave something out, comfortable ones declare part of it.
func (p *plan) declareOrdinary(h *household) {
	r := newStream(p.seed, topicDeclare, uint64(h.index))
	forgotten := -1
	switch {
	case h.class == forgetful:
		forgotten = r.n(4)
	case h.class == comfortable && r.chance(500):
		forgotten = r.n(4)
	}
	h.declared.financial, h.declared.vehicles, h.declared.properties = 0, h.declared.vehicles[:0], h.declared.properties[:0]

	for i := range h.members {
		h.members[i].declared = [4]int64{}
	}
	for i := range h.tax {
		t := &h.tax[i]
		if t.year != 0 || t.month < p.cal.from || t.month > p.cal.to || t.kind >= propertySale {
			continue
		}
		h.members[t.member].declared[lineOf(t.kind)] += max(0, t.income-t.own-t.tax)
	}
	for i := range h.insurance {
		s := &h.insurance[i]
		if s.role == receiving && s.scheme == employeePension {
			h.members[s.member].declared[lineTransfer] += s.benefit
		}
	}
	for i := range h.members {
		for l, found := range h.members[i].declared {
			if forgotten == 0 {
				found /= 3
			}
			h.members[i].declared[l] = (found + 1199) / 1200 * 100 // whole yuan a month
		}
	}
	for i := range h.bank {
		b := &h.bank[i]
		if b.purpose == 0 {
			h.declared.financial += b.balance * shares[b.share].num / shares[b.share].den
		}
	}
	h.declared.financial = (h.declared.financial + 9999) / 10000 * 10000
	if forgotten == 1 {
		h.declared.financial /= 4
	}
	for i := range h.vehicle {
		if h.vehicle[i].status == normal && forgotten != 2 {
			h.declared.vehicles = append(h.declared.vehicles, h.vehicle[i].number)
		}
	}
	for i := range h.property {
		u := &h.property[i]
		if u.status == current && forgotten != 3 {
			h.declared.properties = append(h.declared.properties, unit{u.number, u.noUnit || r.chance(200) && !u.noCert})
		}
	}
}

func lineOf(incomeType int) int {
	switch incomeType {
	case wage, labour:
		return lineWage
	case business:
		return lineBusiness
	}
	return lineProperty
}
