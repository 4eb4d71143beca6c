package province

// secondCases need the second provider: what only it knows is grade B.
func secondCases() []plantedCase {
	return []plantedCase{
		{name: "b_income_may_exceed", want: nothing(), second: review(incomeMay), build: func(s *sketch) {
			s.earn(0, wage, s.limit()-tolerance, 3)
			s.declare(0, lineWage, s.limit()-tolerance)
			s.stale(func() { s.pay(0, wage, s.cal.staleTo, tolerance) })
		}},
		{name: "b_income_below", want: nothing(), second: unverifiable(), build: func(s *sketch) {
			s.earn(0, wage, s.limit()-tolerance, 3)
			s.declare(0, lineWage, s.limit()-tolerance)
			s.stale(func() { s.pay(0, wage, s.cal.staleTo, tolerance-1) })
		}},
		{name: "b_income_all_stale", want: nothing(), second: review(incomeMay, undeclaredIncome), build: func(s *sketch) {
			s.stale(func() { s.pay(0, []int{wage, business, rental}[s.turn(3)], s.cal.staleTo-month(s.turn(4)), s.limit()) })
		}},
		{name: "b_income_over_already", want: suspected(incomeOver), second: suspected(incomeOver), build: func(s *sketch) {
			s.earn(0, wage, s.limit(), 3)
			s.declare(0, lineWage, s.limit())
			s.stale(func() { s.pay(0, wage, s.cal.staleTo, 100_00) })
		}},
		{name: "b_undeclared_income", want: nothing(), second: review(undeclaredIncome), build: func(s *sketch) {
			s.stale(func() { s.pay(0, wage, s.cal.from+month(s.turn(5)), tolerance+1) })
		}},
		{name: "b_undeclared_transfer", want: nothing(), second: review(undeclaredIncome), build: func(s *sketch) {
			s.stale(func() {
				s.addInsurance(insuranceRecord{scheme: unemployment, role: receiving, month: s.cal.staleTo, benefit: tolerance + 1})
			})
		}},
		{name: "b_financial_may_exceed", want: nothing(), second: review(financialMay), build: func(s *sketch) {
			s.topUp(0, s.h.financialLimit()-1000_00)
			s.stale(func() { s.ignored(0, 1000_01) })
		}},
		{name: "b_financial_at", want: nothing(), second: unverifiable(), build: func(s *sketch) {
			s.topUp(0, s.h.financialLimit()-1000_00)
			s.stale(func() { s.ignored(0, 1000_00) })
		}},
		{name: "b_undeclared_financial", want: nothing(), second: review(undeclaredMoney), build: func(s *sketch) {
			s.stale(func() { s.ignored(0, forgiven+1) })
		}},
		{name: "b_financial_both", want: nothing(), second: review(financialMay, undeclaredMoney), build: func(s *sketch) {
			s.stale(func() { s.ignored(0, 2*s.h.financialLimit()) })
		}},
		{name: "b_balance_superseded", want: nothing(), second: unverifiable(), build: func(s *sketch) {
			b := *s.account(0, 10_00)
			s.stale(func() { s.again(b, 3*s.h.financialLimit(), s.cal.staleAsOf) })
		}},
		{name: "b_vehicle", want: nothing(), second: review(vehicleOwned), build: func(s *sketch) {
			s.stale(func() { s.declareVehicle(s.vehicle(0, s.turn(5), normal)).registered = 20200305 })
		}},
		{name: "b_vehicle_undeclared", want: nothing(), second: review(vehicleOwned, undeclaredVehicle), build: func(s *sketch) {
			s.stale(func() { s.vehicle(0, s.turn(5), normal).registered = 20200305 })
		}},
		{name: "b_undeclared_vehicle", want: nothing(), second: review(undeclaredVehicle), build: func(s *sketch) {
			s.stale(func() { s.vehicle(0, motorcycle+s.turn(4), normal).registered = 20200305 })
		}},
		{name: "b_several_homes", want: nothing(), second: review(severalHomes), build: func(s *sketch) {
			s.stale(func() { s.declareUnit(s.unit(0, s.turn(2), current), false).registered = 20180305 })
		}},
		{name: "b_several_homes_undeclared", want: nothing(), second: review(severalHomes, undeclaredProperty), build: func(s *sketch) {
			s.stale(func() { s.unit(0, residential, current).registered = 20180305 })
		}},
		{name: "b_unit_known_to_both", want: suspected(severalHomes), second: suspected(severalHomes), build: func(s *sketch) {
			u := *s.declareUnit(s.unit(0, residential, current), false)
			u.registered = 20180305
			s.h.property[len(s.h.property)-1] = u
			s.stale(func() { s.h.property = append(s.h.property, u) })
		}},
		{name: "b_home_known_to_both", want: nothing(), second: unverifiable(), build: func(s *sketch) {
			u := s.homeUnit()
			u.registered = 20180305
			copied := *u
			s.stale(func() { s.h.property = append(s.h.property, copied) })
		}},
		{name: "b_shop", want: nothing(), second: review(nonResidential), build: func(s *sketch) {
			s.stale(func() { s.declareUnit(s.unit(0, commercial+s.turn(3), current), false).registered = 20180305 })
		}},
		{name: "b_shop_undeclared", want: nothing(), second: review(nonResidential, undeclaredProperty), build: func(s *sketch) {
			s.stale(func() { s.unit(0, commercial+s.turn(3), current).registered = 20180305 })
		}},
		{name: "b_undeclared_property", want: nothing(), second: review(undeclaredProperty), build: func(s *sketch) {
			s.stale(func() { s.unit(0, parking, current).registered = 20180305 })
		}},
		{name: "b_work_unexplained", want: nothing(), second: review(unexplainedWork), build: func(s *sketch) {
			s.stale(func() { s.insure(0, employeePension, asEmployee, 3, s.cal.staleTo-month(s.turn(3))) })
		}},
		{name: "b_work_third_month", want: nothing(), second: review(unexplainedWork), build: func(s *sketch) {
			s.insure(0, employeePension, asEmployee, 2, s.cal.to)
			s.stale(func() { s.insure(0, employeePension, asEmployee, 1, s.cal.staleTo) })
		}},
		{name: "b_wage_explains_work", want: review(unexplainedWork), second: unverifiable(), build: func(s *sketch) {
			s.insure(0, employeePension, asEmployee, 3, s.cal.from+2)
			s.stale(func() { s.pay(0, wage, s.cal.from+month(s.turn(3)), 200_00) })
		}},
		{name: "b_conflict", want: nothing(), second: review(identityConflict), build: func(s *sketch) {
			s.stale(func() { s.ignored(0, 3*s.h.financialLimit()).named = nameOther })
		}},
		{name: "b_one_off", want: nothing(), second: review(oneOffReceipt), build: func(s *sketch) {
			s.stale(func() { s.pay(0, incidental, s.cal.staleTo, 9000_00) })
		}},
		{name: "b_period", year: true, want: nothing(), second: review(periodNotKnown), build: func(s *sketch) {
			s.stale(func() { s.pay(0, wage, 0, 9000_00).year = int(s.cal.from) / 12 })
		}},
		{name: "b_and_a", want: suspected(nonResidential), second: suspected(vehicleOwned, nonResidential), build: func(s *sketch) {
			s.declareUnit(s.unit(0, commercial, current), false)
			s.stale(func() { s.declareVehicle(s.vehicle(0, car, normal)).registered = 20200305 })
		}},
		{name: "b_refused", want: refused("authorization_expired"), second: refused("authorization_expired"), build: func(s *sketch) {
			s.request.to = s.cal.prior
			s.stale(func() { s.vehicle(0, car, normal).registered = 20200305 })
		}},
	}
}

// stale marks the records that add makes as known to the second provider only.
func (s *sketch) stale(add func()) {
	var from [sourceCount]int
	for of := range sourceCount {
		from[of] = s.h.count(of)
	}
	add()
	for of := range sourceCount {
		for k := from[of]; k < s.h.count(of); k++ {
			s.h.subject(of, k).stale = true
		}
	}
	for k := from[bank]; k < len(s.h.bank); k++ {
		s.h.bank[k].on = s.cal.staleAsOf
	}
}
