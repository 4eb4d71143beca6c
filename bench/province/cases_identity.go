package province

func identityCases() []plantedCase {
	return []plantedCase{
		{name: "conflict", want: review(identityConflict), build: func(s *sketch) {
			s.stranger(0, source(s.turn(int(sourceCount))))
		}},
		{name: "conflict_two_members", size: 2, want: review(identityConflict, identityConflict), build: func(s *sketch) {
			s.stranger(0, bank)
			s.stranger(1, source(s.turn(int(sourceCount))))
		}},
		{name: "conflict_and_car", want: suspected(identityConflict, vehicleOwned, undeclaredVehicle), build: func(s *sketch) {
			s.stranger(0, bank)
			s.vehicle(0, car, normal)
		}},
		{name: "record_without_name", want: nothing(), build: func(s *sketch) {
			switch s.turn(3) {
			case 0:
				s.ignored(0, 3*s.h.financialLimit()).named = nameNone
			case 1:
				s.vehicle(0, car, normal).named = nameNone
			case 2:
				s.unit(0, residential, current).named = nameNone
			}
		}},
		{name: "name_written_otherwise", want: suspected(vehicleOwned, undeclaredVehicle), build: func(s *sketch) {
			if s.turn(2) == 0 {
				s.h.members[0].dotted = true
				s.vehicle(0, car, normal).named = nameDot
				return
			}
			s.vehicle(0, car, normal).named = nameSpaced
		}},
		{name: "name_with_rare_character", want: suspected(financialOver), build: func(s *sketch) {
			m := &s.h.members[0]
			m.name = s.names.surnames[m.surname] + rareSyllables[s.turn(len(rareSyllables))]
			s.topUp(0, s.h.financialLimit()+1)
		}},
		{name: "document_of_15_digits", want: suspected(severalHomes, undeclaredProperty), build: func(s *sketch) {
			s.unit(0, residential, current).form = docOld
		}},
		{name: "document_written_otherwise", want: suspected(vehicleOwned, undeclaredVehicle), build: func(s *sketch) {
			s.vehicle(0, car, normal).form = []docForm{docWide, docSpaced, docLower}[s.turn(3)]
		}},
		{name: "document_declared_with_15_digits", want: suspected(vehicleOwned, undeclaredVehicle), build: func(s *sketch) {
			s.h.members[0].idForm = docOld
			s.vehicle(0, car, normal)
		}},
		{name: "document_declared_with_15_digits_plain", want: nothing(), build: func(s *sketch) {
			s.h.members[0].idForm = docOld
		}},
		{name: "passport_plain", want: nothing(), build: func(s *sketch) { s.foreign(0, passport) }},
		{name: "passport_car", want: suspected(vehicleOwned, undeclaredVehicle), build: func(s *sketch) {
			s.foreign(0, passport)
			s.vehicle(0, car, normal)
		}},
		{name: "permit_plain", want: nothing(), build: func(s *sketch) { s.foreign(0, hmtPermit) }},
		{name: "permit_over", want: suspected(financialOver), build: func(s *sketch) {
			s.foreign(0, hmtPermit)
			s.topUp(0, s.h.financialLimit()+1)
		}},
		{name: "excluded_not_looked_up", size: 2, want: nothing(), build: func(s *sketch) {
			s.exclude(1)
			s.vehicle(1, car, normal)
			s.ignored(1, 3*s.h.financialLimit())
			s.stranger(1, bank)
		}},
		{name: "excluded_not_counted", size: 2, want: suspected(incomeOver), build: func(s *sketch) {
			s.exclude(1)
			s.earn(0, wage, s.limit(), 12)
			s.declare(0, lineWage, s.limit())
		}},
		{name: "excluded_below", size: 2, want: nothing(), build: func(s *sketch) {
			s.exclude(1)
			s.earn(0, wage, s.limit()-1, 12)
			s.declare(0, lineWage, s.limit()-12)
		}},
		{name: "class_not_authorized", want: unverifiable(), build: func(s *sketch) {
			s.withhold(source(s.turn(int(sourceCount))))
		}},
		{name: "class_not_authorized_bank_over", want: unverifiable(), build: func(s *sketch) {
			s.withhold(bank)
			s.ignored(0, 5*s.h.financialLimit())
		}},
		{name: "class_not_authorized_vehicle_car", want: unverifiable(), build: func(s *sketch) {
			s.withhold(vehicle)
			s.vehicle(0, car, normal)
		}},
		{name: "class_not_authorized_but_found", want: suspected(vehicleOwned, undeclaredVehicle), build: func(s *sketch) {
			s.withhold([]source{tax, property, bank, insurance}[s.turn(4)])
			s.vehicle(0, car, normal)
		}},
		{name: "class_not_authorized_tax_work", want: unverifiable(), build: func(s *sketch) {
			s.withhold(tax)
			s.insure(0, employeePension, asEmployee, 6, s.cal.to)
		}},
		{name: "incomplete_tax", dirty: true, want: unverifiable(), build: func(s *sketch) {
			s.pay(0, wage, s.cal.to, 100_00).spoil = []spoil{missingField, badAmount, negativeAmount, unknownCode, badPeriod, outsideCoverage}[s.turn(6)]
		}},
		{name: "incomplete_vehicle", dirty: true, want: unverifiable(), build: func(s *sketch) {
			s.vehicle(0, car, normal).spoil = []spoil{missingField, badAmount, negativeAmount, unknownCode, badDate}[s.turn(5)]
		}},
		{name: "incomplete_property", dirty: true, want: unverifiable(), build: func(s *sketch) {
			s.unit(0, commercial, current).spoil = []spoil{missingField, badAmount, negativeAmount, unknownCode, badDate}[s.turn(5)]
		}},
		{name: "incomplete_bank", dirty: true, want: unverifiable(), build: func(s *sketch) {
			s.ignored(0, 900_000_00).spoil = []spoil{missingField, badAmount, negativeAmount, unknownCode, badDate}[s.turn(5)]
		}},
		{name: "incomplete_insurance", dirty: true, want: unverifiable(), build: func(s *sketch) {
			s.draw(0, employeePension, 100_00, 1)
			s.h.insurance[len(s.h.insurance)-1].spoil = []spoil{missingField, badAmount, negativeAmount, unknownCode, badPeriod, outsideCoverage}[s.turn(6)]
		}},
		{name: "incomplete_and_car", dirty: true, want: suspected(vehicleOwned, undeclaredVehicle), build: func(s *sketch) {
			s.vehicle(0, car, normal)
			s.ignored(0, 100_00).spoil = badAmount
		}},
	}
}

// stranger adds a record under a member's document with another name, one that would
// not count whatever the name.
func (s *sketch) stranger(member int, of source) {
	switch of {
	case tax:
		s.pay(member, wage, s.cal.from-month(s.turn(2)), 3*s.limit()).named = nameOther
	case vehicle:
		s.vehicle(member, car, normal+s.turn(3)).named = nameOther
	case property:
		s.unit(member, residential, current+s.turn(3)).named = nameOther
	case bank:
		s.ignored(member, 3*s.h.financialLimit()).named = nameOther
	case insurance:
		s.insure(member, employeePension, asEmployee, 1, s.cal.to)
		s.h.insurance[len(s.h.insurance)-1].named = nameOther
	}
}

// foreign gives a member another kind of document.
func (s *sketch) foreign(member int, kind idType) {
	m := &s.h.members[member]
	m.idType = kind
	m.name = []string{"陈嘉欣", "黄志强", "李美玲", "Anna Maria Schmidt", "NGUYEN VAN MINH"}[s.turn(5)]
	if kind == hmtPermit {
		m.origin = uint8(len(homeCounties) + firstPermit + s.turn(3))
		m.name = []string{"陈嘉欣", "黄志强", "李美玲"}[s.turn(3)]
	}
}

// exclude marks a member as not counted; such a member need not sign.
func (s *sketch) exclude(member int) {
	m := &s.h.members[member]
	m.excluded = []string{"imprisoned", "missing", "clergy", "non_resident"}[s.turn(4)]
	m.unsigned = true
	// What furnish declared for them is theirs no more.
	for i := range s.h.bank {
		if s.h.bank[i].member == member {
			s.found -= s.h.bank[i].balance
		}
	}
}

// withhold leaves a source out of the authorisation.
func (s *sketch) withhold(of source) {
	s.request.classes = []string{}
	for _, name := range sourceNames {
		if name != of.String() {
			s.request.classes = append(s.request.classes, name)
		}
	}
}
