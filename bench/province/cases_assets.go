package province

// forgiven is what may be found undeclared of balances.
const forgiven = 2000_00

func assetCases() []plantedCase {
	return []plantedCase{
		{name: "financial_limit_at", want: nothing(), build: func(s *sketch) { s.topUp(0, s.h.financialLimit()) }},
		{name: "financial_limit_minus_1", want: nothing(), build: func(s *sketch) { s.topUp(0, s.h.financialLimit()-1) }},
		{name: "financial_limit_plus_1", want: suspected(financialOver), build: func(s *sketch) {
			s.topUp(0, s.h.financialLimit()+1).kind = s.turn(len(accountKinds))
		}},
		{name: "financial_undeclared_at", want: nothing(), build: func(s *sketch) {
			s.account(0, 5000_00)
			s.hidden = forgiven
		}},
		{name: "financial_undeclared_minus_1", want: nothing(), build: func(s *sketch) {
			s.account(0, 5000_00)
			s.hidden = forgiven - 1
		}},
		{name: "financial_undeclared_plus_1", want: review(undeclaredMoney), build: func(s *sketch) {
			s.account(0, 5000_00)
			s.hidden = forgiven + 1
		}},
		{name: "financial_over_and_undeclared", want: suspected(financialOver, undeclaredMoney), build: func(s *sketch) {
			s.topUp(0, s.h.financialLimit()*3)
			s.hidden = s.found
		}},
		{name: "financial_shares_floored", size: 2, want: nothing(), build: func(s *sketch) {
			s.shared(s.h.financialLimit()-s.found+1-s.found%2, fifty, half)
		}},
		{name: "financial_shares_over", size: 2, want: suspected(financialOver), build: func(s *sketch) {
			s.shared(s.h.financialLimit()-s.found+2, half, fifty)
		}},
		{name: "financial_shares_capped", size: 2, want: nothing(), build: func(s *sketch) {
			// Both hold all of it, as the bank writes joint accounts: still one account.
			b := *s.topUp(0, s.h.financialLimit())
			b.member, b.share = 1, hundred
			s.h.bank = append(s.h.bank, b)
		}},
		{name: "financial_share_of_stranger", want: nothing(), build: func(s *sketch) {
			b := s.ignored(0, 4*s.h.financialLimit()-4*s.found)
			b.share = quarter
			s.found = s.h.financialLimit()
		}},
		{name: "financial_purpose", want: nothing(), build: func(s *sketch) {
			s.ignored(0, 2*s.h.financialLimit()).purpose = 1 + s.turn(3)
		}},
		{name: "financial_purpose_ended", want: suspected(financialOver), build: func(s *sketch) {
			b := s.topUp(0, s.h.financialLimit()+1)
			old := s.again(*b, b.balance+500_00, (s.cal.to - 2).last())
			old.purpose = 1 + s.turn(3)
		}},
		{name: "financial_purpose_begun", want: nothing(), build: func(s *sketch) {
			b := s.ignored(0, 2*s.h.financialLimit())
			b.purpose = 1 + s.turn(3)
			s.again(*b, 2*s.h.financialLimit(), (s.cal.to - 2).last()).purpose = 0
		}},
		{name: "financial_newest_is_small", want: nothing(), build: func(s *sketch) {
			b := *s.account(0, 10_00)
			s.again(b, 3*s.h.financialLimit(), (s.cal.to - 1).last())
			s.again(b, 2*s.h.financialLimit(), (s.cal.to - 3).last())
		}},
		{name: "financial_newest_is_large", want: suspected(financialOver), build: func(s *sketch) {
			b := *s.topUp(0, s.h.financialLimit()+1)
			s.again(b, 1_00, (s.cal.to - 1).last())
		}},
		{name: "financial_after_the_day", want: nothing(), build: func(s *sketch) {
			s.ignored(0, 2*s.h.financialLimit()).on = s.cal.next
		}},
		{name: "financial_after_the_day_hides_nothing", want: suspected(financialOver), build: func(s *sketch) {
			b := *s.topUp(0, s.h.financialLimit()+1)
			s.again(b, 0, s.cal.next)
		}},
		{name: "financial_on_the_day", want: suspected(financialOver), build: func(s *sketch) {
			s.topUp(0, s.h.financialLimit()+1).on = s.cal.on
		}},
		{name: "vehicle_declared", want: suspected(vehicleOwned), build: func(s *sketch) {
			s.declareVehicle(s.vehicle(0, []int{car, suv, van, bus, truck, otherVehicle}[s.turn(6)], normal))
		}},
		{name: "vehicle_undeclared", want: suspected(vehicleOwned, undeclaredVehicle), build: func(s *sketch) {
			s.vehicle(0, []int{car, suv, van, bus, truck, otherVehicle}[s.turn(6)], normal)
		}},
		{name: "vehicle_allowed_undeclared", want: review(undeclaredVehicle), build: func(s *sketch) {
			s.vehicle(0, motorcycle+s.turn(4), normal)
		}},
		{name: "vehicle_allowed_declared", want: nothing(), build: func(s *sketch) {
			s.declareVehicle(s.vehicle(0, motorcycle+s.turn(4), normal))
		}},
		{name: "vehicle_gone", want: nothing(), build: func(s *sketch) {
			s.vehicle(0, s.turn(len(vehicleClasses)), scrapped+s.turn(3))
		}},
		{name: "vehicle_registered_later", want: nothing(), build: func(s *sketch) {
			s.vehicle(0, car, normal).registered = s.cal.next
		}},
		{name: "vehicle_registered_on_the_day", want: suspected(vehicleOwned, undeclaredVehicle), build: func(s *sketch) {
			s.vehicle(0, car, normal).registered = s.cal.on
		}},
		{name: "vehicle_two_of_one_member", want: suspected(vehicleOwned, undeclaredVehicle), build: func(s *sketch) {
			s.vehicle(0, car, normal)
			s.vehicle(0, suv, normal)
		}},
		{name: "vehicle_two_members", size: 2, want: suspected(vehicleOwned, vehicleOwned, undeclaredVehicle), build: func(s *sketch) {
			s.vehicle(0, car, normal)
			s.declareVehicle(s.vehicle(1, van, normal))
		}},
		{name: "vehicle_plate_written_otherwise", want: nothing(), build: func(s *sketch) {
			s.h.declared.vehicles = nil
			s.h.vehicle = s.h.vehicle[:0]
			s.declareVehicle(s.vehicle(0, tricycle, normal))
			city := homeCounties[s.h.home].letter
			other := []string{"皖" + city + "·", "皖 " + city + " ", "皖" + string(rune(city[0])-'A'+'Ａ'), "皖" + string(rune(city[0])-'A'+'a')}
			s.edit(`"vehicles":["皖`+city, `"vehicles":["`+other[s.turn(4)])
		}},
		{name: "home_second_declared", want: suspected(severalHomes), build: func(s *sketch) {
			s.declareUnit(s.unit(0, s.turn(2), current), false)
		}},
		{name: "home_second_undeclared", want: suspected(severalHomes, undeclaredProperty), build: func(s *sketch) {
			s.unit(0, s.turn(2), current)
		}},
		{name: "home_second_of_spouse", size: 2, want: suspected(severalHomes), build: func(s *sketch) {
			s.declareUnit(s.unit(1, residential, current), true)
		}},
		{name: "home_held_by_both", size: 2, want: nothing(), build: func(s *sketch) {
			s.alsoHeldBy(s.homeUnit(), 1)
		}},
		{name: "home_held_by_both_certificate_only", size: 2, want: nothing(), build: func(s *sketch) {
			u := s.homeUnit()
			u.noUnit = true
			s.h.declared.properties = nil
			s.declareUnit(u, true)
			s.alsoHeldBy(u, 1)
		}},
		{name: "home_second_gone", want: nothing(), build: func(s *sketch) {
			s.unit(0, s.turn(2), handedOver+s.turn(2))
		}},
		{name: "home_second_registered_later", want: nothing(), build: func(s *sketch) {
			s.unit(0, residential, current).registered = s.cal.next
		}},
		{name: "home_and_parking_declared", want: nothing(), build: func(s *sketch) {
			s.declareUnit(s.unit(0, parking, current), false)
			s.declareUnit(s.unit(0, otherProperty, current), true)
		}},
		{name: "parking_undeclared", want: review(undeclaredProperty), build: func(s *sketch) {
			s.unit(0, parking+s.turn(2), current)
		}},
		{name: "home_undeclared", want: review(undeclaredProperty), build: func(s *sketch) {
			s.h.declared.properties = nil
		}},
		{name: "home_written_otherwise", want: nothing(), build: func(s *sketch) {
			u := s.homeUnit()
			s.h.declared.properties = nil
			s.declareUnit(u, true)
			s.edit(`"properties":["皖(`, `"properties":["`+[]string{"皖（", "皖 (", " 皖("}[s.turn(3)])
		}},
		{name: "shop_declared", want: suspected(nonResidential), build: func(s *sketch) {
			s.declareUnit(s.unit(0, commercial+s.turn(3), current), false)
		}},
		{name: "shop_undeclared", want: suspected(nonResidential, undeclaredProperty), build: func(s *sketch) {
			s.unit(0, commercial+s.turn(3), current)
		}},
		{name: "shop_gone", want: nothing(), build: func(s *sketch) {
			s.unit(0, commercial+s.turn(3), handedOver+s.turn(2))
		}},
		{name: "shop_registered_later", want: nothing(), build: func(s *sketch) {
			s.unit(0, commercial, current).registered = s.cal.next
		}},
		{name: "shop_held_by_both", size: 2, want: suspected(nonResidential, nonResidential), build: func(s *sketch) {
			s.alsoHeldBy(s.declareUnit(s.unit(0, commercial, current), false), 1)
		}},
		{name: "shop_two_of_one_member", want: suspected(nonResidential, undeclaredProperty), build: func(s *sketch) {
			s.unit(0, commercial, current)
			s.unit(0, office, current)
		}},
		{name: "everything_at_once", year: true, size: 2, want: suspected(periodNotKnown, oneOffReceipt, incomeOver, undeclaredIncome, financialOver, undeclaredMoney,
			vehicleOwned, undeclaredVehicle, severalHomes, nonResidential, undeclaredProperty, unexplainedWork), build: func(s *sketch) {
			s.pay(0, business, 0, 100_00).year = int(s.cal.to) / 12
			s.pay(0, propertySale, s.cal.to, 100_00)
			s.earn(0, business, s.limit(), 4)
			s.topUp(0, s.h.financialLimit()*2)
			s.hidden = s.found
			s.vehicle(0, car, normal)
			s.unit(0, residential, current)
			s.unit(0, commercial, current)
			s.insure(0, employeePension, asEmployee, 3, s.cal.to)
		}},
	}
}

// shared adds one account held by the first two members; each one's part is floored
// before it is summed.
func (s *sketch) shared(balance int64, first, second int) {
	b := s.ignored(0, balance)
	b.share = first
	copied := *b
	copied.member, copied.share = 1, second
	s.h.bank = append(s.h.bank, copied)
	s.found += balance / 2 * 2
}

// homeUnit is the declared home that furnish gave.
func (s *sketch) homeUnit() *propertyRecord { return &s.h.property[len(s.h.property)-1] }

// edit replaces text of the request.
func (s *sketch) edit(from, to string) {
	s.request.edits = append(s.request.edits, [2]string{from, to})
}
