package province

import "fmt"

// sketch is a planted household: what was drawn for it, what it asks for, and what
// must come out. Amounts are in fen.
type sketch struct {
	*plan
	h      *household
	r      stream
	repeat int // how often the case was planted before
	kase   *plantedCase

	request request
	want    expectation // with the five files
	second  expectation // with the second provider's files as well
	found   int64       // balances the five files hold that count
	hidden  int64       // of them not declared
	err     error
}

// plantedCase is one situation of the contract.
type plantedCase struct {
	name   string
	size   int         // members, 0 for 1 to 3 in turn
	want   expectation // with the five files
	second expectation // with the second provider as well; zero for what follows from want
	dirty  bool        // exists only when bad rows are asked for
	year   bool        // has a bare year, so it needs a window that is no calendar year
	build  func(*sketch)
}

// expectation is what the contract says comes out.
type expectation struct {
	outcome  string
	findings []string
}

func suspected(findings ...string) expectation {
	return expectation{"suspected_ineligible", findings}
}
func review(findings ...string) expectation { return expectation{"needs_review", findings} }
func refused(code string) expectation       { return expectation{"refused", []string{code}} }
func nothing() expectation                  { return expectation{outcome: "no_discrepancy"} }
func unverifiable() expectation             { return expectation{outcome: "unverifiable"} }

// withStale is what comes out when a second provider is there that is too old, and
// knows nothing that matters.
func (e expectation) withStale() expectation {
	if e.outcome == "no_discrepancy" {
		return unverifiable()
	}
	return e
}

// sketch builds a planted household into h.
func (p *plan) sketch(h *household) error {
	c := &p.cases[h.index%len(p.cases)]
	s := &sketch{plan: p, h: h, r: newStream(p.seed, topicSketch, uint64(h.index)), repeat: h.index / len(p.cases), kase: c, want: c.want, second: c.second}
	h.clearRecords()
	h.planted, h.class, h.members = s, honest, h.members[:0]
	h.home, h.rural = p.drawHome(&s.r), s.repeat%2 == 1
	h.declared = declaration{}
	s.request = request{from: p.cal.on - 10000, to: p.cal.on + 10000}
	s.request.from, s.request.to = s.request.from/100*100+1, s.request.to/100*100+28
	size := c.size
	if size == 0 {
		size = 1 + s.repeat/2%3
	}
	s.family(size)
	s.furnish()
	c.build(s)
	h.declared.financial = s.found - s.hidden
	if s.second.outcome == "" {
		s.second = s.want.withStale()
	}
	if s.err != nil {
		return fmt.Errorf("planted case %s: %w", c.name, s.err)
	}
	return nil
}

// family adds a head, then a spouse, a child and a parent.
func (s *sketch) family(size int) {
	surname := uint16(s.names.surname.draw(&s.r))
	age := 32 + s.r.n(24)
	s.addPerson(s.h, &s.r, head, 1, age, surname)
	if size > 1 {
		s.addPerson(s.h, &s.r, spouse, 0, age-s.r.n(5), uint16(s.names.surname.draw(&s.r)))
	}
	if size > 2 {
		s.addPerson(s.h, &s.r, child, uint8(s.r.n(2)), 3+s.r.n(13), surname)
	}
	if size > 3 {
		s.addPerson(s.h, &s.r, parent, 0, min(90, age+24+s.r.n(8)), surname)
	}
}

func (s *sketch) adult(member int) bool { return s.h.members[member].birth.age(s.cal.on) >= adult }

// furnish gives the household records that matter to no case: small declared
// balances, a declared home, flows before the window, things given away.
func (s *sketch) furnish() {
	for i := range s.h.members {
		if !s.adult(i) {
			if s.r.chance(500) {
				s.account(i, s.r.fen(20_00))
			}
			s.insure(i, residentMedical, asResident, 1, s.cal.to-month(s.r.n(6)))
			continue
		}
		for range 2 + s.r.n(5) {
			s.account(i, s.r.fen(40_00))
		}
		for k := range s.r.n(5) {
			before := s.cal.from - 1 - month(k)
			s.addTax(taxRecord{subject: subject{member: i}, kind: s.r.n(incidental + 1), month: before, income: 100_00 + s.r.fen(90_000_00), payer: s.r.n(len(s.employers))})
		}
		if s.r.chance(400) {
			s.insure(i, residentMedical, asResident, 1, s.cal.to-month(s.r.n(6)))
		}
		if s.r.chance(70) {
			s.insure(i, employeePension, asEmployee, 3, s.cal.from-1)
		}
		if s.r.chance(150) {
			s.vehicle(i, car+s.r.n(truck), scrapped+s.r.n(3))
		}
		if s.r.chance(100) {
			s.declareVehicle(s.vehicle(i, motorcycle, normal))
		}
		if s.r.chance(80) {
			s.unit(i, s.r.n(industrial), handedOver+s.r.n(2))
		}
	}
	s.declareUnit(s.unit(0, residential, current), s.r.chance(300))
}

// limit is the yearly income from which the household is over the limit.
func (s *sketch) limit() int64 { return s.h.incomeLimit() }

// addTax adds a tax record whose income, own share and tax are set.
func (s *sketch) addTax(t taxRecord) *taxRecord {
	t.number = s.h.number(len(s.h.tax))
	s.h.tax = append(s.h.tax, t)
	return &s.h.tax[len(s.h.tax)-1]
}

// pay adds a tax record with a net amount.
func (s *sketch) pay(member, kind int, m month, net int64) *taxRecord {
	own, withheld := s.r.fen(200_00), s.r.fen(30_00)
	return s.addTax(taxRecord{
		subject: subject{member: member}, kind: kind, month: m, income: net + own + withheld, own: own, tax: withheld, payer: s.r.n(len(s.employers)),
	})
}

// earn spreads a net amount over the last months of the window, to the fen.
func (s *sketch) earn(member, kind int, net int64, months int) {
	s.spread(net, months, func(m month, part int64) { s.pay(member, kind, m, part) })
}

// draw spreads a benefit over the last months of the window.
func (s *sketch) draw(member, scheme int, amount int64, months int) {
	s.spread(amount, months, func(m month, part int64) {
		s.addInsurance(insuranceRecord{subject: subject{member: member}, scheme: scheme, role: receiving, month: m, benefit: part})
	})
}

func (s *sketch) spread(amount int64, months int, each func(month, int64)) {
	part := amount / int64(months)
	for k := range months {
		if k == months-1 {
			part = amount - part*int64(months-1)
		}
		each(s.cal.to-month(k), part)
	}
}

// declare declares a yearly amount, which must be whole fen a month.
func (s *sketch) declare(member, line int, yearly int64) {
	if yearly%12 != 0 || yearly < 0 {
		s.err = fmt.Errorf("declared %d fen a year", yearly)
	}
	s.h.members[member].declared[line] += yearly / 12
}

func (s *sketch) addInsurance(i insuranceRecord) {
	i.number = s.h.number(len(s.h.insurance))
	s.h.insurance = append(s.h.insurance, i)
}

// insure adds contributions for months up to last.
func (s *sketch) insure(member, scheme, identity, months int, last month) {
	for k := range months {
		rec := insuranceRecord{
			subject: subject{member: member}, scheme: scheme, month: last - month(k), identity: identity, base: 4000_00, employer: s.r.n(len(s.employers)),
		}
		s.addInsurance(rec)
	}
}

func (s *sketch) addBank(b bankRecord) *bankRecord {
	b.number = s.h.number(len(s.h.bank))
	b.institution, b.average = s.r.n(len(institutions)), b.balance
	if b.on == 0 {
		b.on = s.cal.asOf
	}
	s.h.bank = append(s.h.bank, b)
	return &s.h.bank[len(s.h.bank)-1]
}

// account adds an account that counts and is declared.
func (s *sketch) account(member int, balance int64) *bankRecord {
	s.found += balance
	return s.addBank(bankRecord{subject: subject{member: member}, balance: balance})
}

// topUp brings the balances that count to a sum.
func (s *sketch) topUp(member int, sum int64) *bankRecord { return s.account(member, sum-s.found) }

// ignored adds an account that counts for nothing.
func (s *sketch) ignored(member int, balance int64) *bankRecord {
	return s.addBank(bankRecord{subject: subject{member: member}, balance: balance})
}

// again adds another balance of an account.
func (s *sketch) again(b bankRecord, balance int64, on day) *bankRecord {
	b.balance, b.average, b.on = balance, balance, on
	s.h.bank = append(s.h.bank, b)
	return &s.h.bank[len(s.h.bank)-1]
}

// vehicle adds a vehicle that is not declared.
func (s *sketch) vehicle(member, class, status int) *vehicleRecord {
	s.h.vehicle = append(s.h.vehicle, vehicleRecord{
		subject: subject{member: member}, number: s.h.vehicleNumber(), class: class, status: status,
		registered: s.pastDay(&s.r, 9), due: s.cal.asOf/100*100 + 10015, value: 2000_00 + s.r.fen(50_000_00),
	})
	return &s.h.vehicle[len(s.h.vehicle)-1]
}

func (s *sketch) declareVehicle(v *vehicleRecord) *vehicleRecord {
	s.h.declared.vehicles = append(s.h.declared.vehicles, v.number)
	return v
}

// unit adds a property that is not declared.
func (s *sketch) unit(member, kind, status int) *propertyRecord {
	s.h.property = append(s.h.property, propertyRecord{
		subject: subject{member: member}, number: s.h.number(len(s.h.property)), kind: kind, status: status,
		squareCm: int64(30+s.r.n(80))*10000 + 2500, registered: s.pastDay(&s.r, 20), value: 50_000_00 + s.r.fen(400_000_00), addressSeed: s.r.n(1 << 20),
	})
	return &s.h.property[len(s.h.property)-1]
}

func (s *sketch) declareUnit(u *propertyRecord, byCertificate bool) *propertyRecord {
	s.h.declared.properties = append(s.h.declared.properties, unit{u.number, byCertificate || u.noUnit})
	return u
}

// alsoHeldBy adds a second holder's row of a unit.
func (s *sketch) alsoHeldBy(u *propertyRecord, member int) *propertyRecord {
	u.share = fifty
	second := *u
	second.member = member
	s.h.property = append(s.h.property, second)
	return &s.h.property[len(s.h.property)-1]
}

// turn picks by the repeat, so that every choice is planted equally often.
func (s *sketch) turn(n int) int { return s.repeat % n }
