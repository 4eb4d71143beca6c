package province

// drawRecords builds the rows one source has of an ordinary household.
func (p *plan) drawRecords(h *household, s source) {
	r := newStream(p.seed, topicRecords+uint64(s), uint64(h.index))
	switch s {
	case tax:
		p.drawTax(h, &r)
	case vehicle:
		p.drawVehicles(h, &r)
	case property:
		p.drawProperty(h, &r)
	case bank:
		p.drawBank(h, &r)
	case insurance:
		p.drawInsurance(h, &r)
	}
}

// writing draws how a department wrote a member: nearly always plainly, now and
// then in another form of the same number or name.
func writing(r *stream, m *person, member int) subject {
	s := subject{member: member}
	switch x := r.n(2000); {
	case x < 12 && m.birth.year() < 2000:
		s.form = docOld
	case x < 24:
		s.form = docLower
	case x < 28:
		s.form = docSpaced
	case x < 40 && m.dotted:
		s.named = nameDot
	case x < 42:
		s.named = nameSpaced
	}
	return s
}

func (p *plan) drawTax(h *household, r *stream) {
	for i := range h.members {
		m := &h.members[i]
		for k := range m.job.months {
			rec := taxRecord{
				subject: writing(r, m, i), number: h.number(len(h.tax)), month: m.job.last - month(k),
				kind: m.job.kind, payer: m.job.employer, income: m.job.monthly,
			}
			if m.job.kind == wage && h.class == comfortable {
				rec.own = rec.income * int64(80+r.n(90)) / 1000
				rec.tax = max(0, rec.income-5000_00) * 3 / 100
			}
			if h.class == comfortable {
				switch x := r.n(1000); {
				case x < 4:
					rec.year = int(rec.month) / 12
				case x < 10:
					rec.kind = propertySale + r.n(2)
				case x < 120: // before the window
					rec.month = p.cal.first + month(r.n(int(p.cal.from-p.cal.first)+1))
				}
			}
			h.tax = append(h.tax, rec)
		}
	}
}

func (p *plan) drawVehicles(h *household, r *stream) {
	for i := range h.members {
		m := &h.members[i]
		age := m.birth.age(p.cal.on)
		if age < adult {
			continue
		}
		n := 0
		if x := r.n(1000); x < 12 {
			n = 2
		} else if x < 295 {
			n = 1
		}
		for range n {
			rec := vehicleRecord{subject: writing(r, m, i), number: h.vehicleNumber(), value: 3000_00 + r.fen(9000_00)}
			if h.class == comfortable {
				rec.class = []int{car, car, car, suv, suv, van, truck, motorcycle, motorcycle, tricycle}[r.n(10)]
				rec.value += r.fen(200_000_00)
				if r.chance(120) {
					rec.status = scrapped + r.n(2)
				}
			} else {
				rec.class = []int{motorcycle, motorcycle, tricycle, tricycle, disability, farm, car, van}[r.n(8)]
				if rec.class < motorcycle {
					rec.status = scrapped + r.n(2)
				}
			}
			if rec.class == truck {
				rec.use = 1
			}
			rec.registered = p.pastDay(r, min(15, age-17))
			rec.due = p.cal.asOf + day(10000*r.n(2))
			if rec.due%10000 == 229 {
				rec.due--
			}
			h.vehicle = append(h.vehicle, rec)
		}
	}
}

// vehicleNumber numbers vehicles more tightly than other records, because plates
// have room for only 45 million.
func (h *household) vehicleNumber() uint64 { return h.first*4 + uint64(len(h.vehicle)) }

// pastDay draws a day of the last so many years, before the month of the snapshot.
func (p *plan) pastDay(r *stream, years int) day {
	at := p.cal.to - 1 - month(r.n(12*max(1, years)))
	return day(int(at)/12*10000+(int(at)%12+1)*100) + 1 + day(r.n(28))
}

func (p *plan) drawProperty(h *household, r *stream) {
	homes := 0
	for i := range h.members {
		m := &h.members[i]
		if m.birth.age(p.cal.on) < adult {
			continue
		}
		n := 0
		if x := r.n(1000); x < 60 {
			n = 2
		} else if x < 375 {
			n = 1
		}
		for range n {
			rec := propertyRecord{
				subject: writing(r, m, i), number: h.number(len(h.property)), squareCm: int64(40+r.n(90))*10000 + int64(r.n(10000)),
				registered: p.pastDay(r, 25), value: 60_000_00 + r.fen(300_000_00), addressSeed: r.n(1 << 20),
			}
			rec.noUnit, rec.noCert = r.chance(60), false
			if !rec.noUnit {
				rec.noCert = r.chance(60)
			}
			if h.rural {
				rec.kind = r.n(2)
			}
			switch {
			case h.class == comfortable:
				if x := r.n(100); x < 8 {
					rec.kind = commercial + r.n(3)
				} else if x < 20 {
					rec.kind = parking
				}
				if r.chance(130) {
					rec.status = handedOver + r.n(2)
				}
				rec.value += r.fen(1_500_000_00)
			case homes > 0: // a second home would not be poor
				rec.kind, rec.status = []int{parking, otherProperty, rec.kind}[r.n(3)], current
				if rec.kind < commercial {
					rec.status = handedOver + r.n(2)
				}
			}
			if rec.kind < commercial && rec.status == current {
				homes++
			}
			h.property = append(h.property, rec)
			if rec.kind < commercial && i == 0 && len(h.members) > 1 && h.members[1].relation == spouse && r.chance(350) {
				// Held by both spouses: one row each.
				h.property[len(h.property)-1].share = fifty
				rec.share, rec.subject = fifty, writing(r, &h.members[1], 1)
				h.property = append(h.property, rec)
			}
		}
	}
}

func (p *plan) drawBank(h *household, r *stream) {
	limit := h.financialLimit()
	for i := range h.members {
		m := &h.members[i]
		n := []int{0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 6, 8, 2, 3, 4, 5, 6, 5, 3, 4}[r.n(20)]
		if m.birth.age(p.cal.on) < adult {
			n = r.n(4)
		}
		for range n {
			rec := bankRecord{
				subject: writing(r, m, i), number: h.number(len(h.bank)), institution: min(r.n(len(institutions)), r.n(len(institutions)), r.n(len(institutions))),
				on: p.cal.asOf,
			}
			if h.class == comfortable {
				x := int64(r.n(1000)) // heavy tail: most accounts hold little
				rec.balance = x * x * x / 1000 * x / 1000 * 30 / 100
				rec.balance = rec.balance*100 + r.fen(100)
				rec.kind = []int{demand, demand, demand, demand, timeDeposit, timeDeposit, wealth, securities, fund, cashValue}[r.n(10)]
				if r.chance(30) {
					rec.share = half
				}
			} else {
				rec.balance = r.fen(limit / (int64(len(h.members)) * 20))
				if r.chance(400) {
					rec.balance /= 100
				}
				rec.kind = []int{demand, demand, demand, timeDeposit}[r.n(4)]
			}
			if r.chance(8) {
				rec.purpose = 1 + r.n(3)
			}
			if r.chance(100) {
				rec.on = (p.cal.to - 1 - month(r.n(4))).last()
			}
			rec.average = rec.balance * int64(700+r.n(600)) / 1000
			h.bank = append(h.bank, rec)
		}
	}
}

func (p *plan) drawInsurance(h *household, r *stream) {
	for i := range h.members {
		m := &h.members[i]
		add := func(rec insuranceRecord) {
			rec.subject, rec.number = writing(r, m, i), h.number(len(h.insurance))
			h.insurance = append(h.insurance, rec)
		}
		for k := range m.job.pension {
			rec := insuranceRecord{scheme: employeePension, role: receiving, month: p.cal.to - month(k)}
			switch {
			case m.job.resident:
				rec.scheme, rec.benefit = residentPension, 150_00+r.fen(150_00)
			case h.class == comfortable:
				rec.benefit = 1500_00 + r.fen(3500_00)
			default:
				rec.benefit = 200_00 + r.fen(200_00)
			}
			add(rec)
		}
		switch {
		case m.job.formal:
			for k := range min(m.job.months, 1+r.n(3)) {
				add(insuranceRecord{
					scheme: employeePension, month: m.job.last - month(k), identity: asEmployee,
					base: max(4000_00, m.job.monthly), employer: m.job.employer,
				})
			}
			if r.chance(200) {
				add(insuranceRecord{
					scheme: []int{employeeMedical, housingFund, unemployment, injury}[r.n(4)], month: m.job.last, identity: asEmployee,
					base: max(4000_00, m.job.monthly), employer: m.job.employer,
				})
			}
		case r.chance(330):
			add(insuranceRecord{scheme: residentMedical, month: min(p.cal.to, p.cal.to/12*12+month(r.n(2))), identity: asResident, base: 400_00})
		case m.birth.age(p.cal.on) >= adult && r.chance(80):
			add(insuranceRecord{scheme: employeePension, month: p.cal.to - month(r.n(12)), identity: asFlexible, base: 4000_00})
		}
	}
}
