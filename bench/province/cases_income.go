package province

// The findings of the reference pack.
const (
	identityConflict   = "identity_conflict"
	periodNotKnown     = "period_not_established"
	oneOffReceipt      = "one_off_receipt"
	incomeOver         = "income_over_limit"
	incomeMay          = "income_may_exceed_limit"
	undeclaredIncome   = "undeclared_income"
	financialOver      = "financial_assets_over_limit"
	financialMay       = "financial_assets_may_exceed_limit"
	undeclaredMoney    = "undeclared_financial_assets"
	vehicleOwned       = "vehicle_owned"
	undeclaredVehicle  = "undeclared_vehicle"
	severalHomes       = "several_homes"
	nonResidential     = "non_residential_property"
	undeclaredProperty = "undeclared_property"
	unexplainedWork    = "unexplained_employment"
)

// tolerance is what may be found undeclared of one income line in a year.
const tolerance = 1200_00

func incomeCases() []plantedCase {
	return []plantedCase{
		{name: "plain", want: nothing(), build: func(s *sketch) {
			s.earn(0, wage, 2400_00, 1+s.turn(12))
			s.declare(0, lineWage, 2400_00)
		}},
		{name: "income_limit_at", want: suspected(incomeOver), build: func(s *sketch) {
			s.earn(0, wage, s.limit(), 1+s.turn(12))
			s.declare(0, lineWage, s.limit())
		}},
		{name: "income_limit_plus_1", want: suspected(incomeOver), build: func(s *sketch) {
			s.earn(0, wage, s.limit()+1, 12)
			s.declare(0, lineWage, s.limit()-12_00)
		}},
		{name: "income_limit_minus_1", want: nothing(), build: func(s *sketch) {
			s.earn(0, []int{wage, business, rental}[s.turn(3)], s.limit()-1, 1+s.turn(12))
			s.declare(0, []int{lineWage, lineBusiness, lineProperty}[s.turn(3)], s.limit()-12)
		}},
		{name: "income_limit_declared_only", want: suspected(incomeOver), build: func(s *sketch) {
			s.declare(0, s.turn(4), s.limit())
		}},
		{name: "income_limit_declared_only_below", want: nothing(), build: func(s *sketch) {
			s.declare(0, s.turn(4), s.limit()-12)
		}},
		{name: "income_limit_two_members", size: 2, want: suspected(incomeOver), build: func(s *sketch) {
			s.declare(0, lineBusiness, s.limit()/2)
			s.earn(1, wage, s.limit()/2, 6)
			s.declare(1, lineWage, s.limit()/2)
		}},
		{name: "income_limit_undeclared", want: suspected(incomeOver, undeclaredIncome), build: func(s *sketch) {
			s.earn(0, wage, s.limit()+3000_00, 12)
		}},
		{name: "income_net_of_deductions", want: nothing(), build: func(s *sketch) {
			t := s.pay(0, wage, s.cal.to, s.limit()-1)
			t.own += 900_00
			t.tax += 100_00
			t.income += 1000_00
			s.declare(0, lineWage, s.limit()-12_00)
		}},
		{name: "income_negative_net", want: nothing(), build: func(s *sketch) {
			// What is below 0 in one month takes nothing from another.
			t := s.pay(0, wage, s.cal.to, 0)
			t.own += 5000_00
			s.pay(0, wage, s.cal.to-1, tolerance)
		}},
		{name: "income_negative_net_fires", want: review(undeclaredIncome), build: func(s *sketch) {
			s.pay(0, wage, s.cal.to, 0).own += 5000_00
			s.pay(0, wage, s.cal.to-1, tolerance+1)
		}},
		{name: "undeclared_income_at", want: nothing(), build: func(s *sketch) {
			s.earn(0, wage, 2400_00+tolerance, 1+s.turn(12))
			s.declare(0, lineWage, 2400_00)
		}},
		{name: "undeclared_income_minus_1", want: nothing(), build: func(s *sketch) {
			s.earn(0, wage, 2400_00+tolerance-1, 7)
			s.declare(0, lineWage, 2400_00)
		}},
		{name: "undeclared_income_plus_1", want: review(undeclaredIncome), build: func(s *sketch) {
			s.earn(0, wage, 2400_00+tolerance+1, 1+s.turn(12))
			s.declare(0, lineWage, 2400_00)
		}},
		{name: "undeclared_income_wage_and_labour", want: review(undeclaredIncome), build: func(s *sketch) {
			s.pay(0, wage, s.cal.to, tolerance)
			s.pay(0, labour, s.cal.to-2, 1)
		}},
		{name: "undeclared_income_business", want: review(undeclaredIncome), build: func(s *sketch) {
			s.earn(0, business, tolerance+1, 3)
		}},
		{name: "undeclared_income_property", want: review(undeclaredIncome), build: func(s *sketch) {
			for k := range 4 {
				s.pay(0, interest+k, s.cal.to-month(k), 300_00)
			}
			s.pay(0, interest+s.turn(4), s.cal.from, 1)
		}},
		{name: "undeclared_income_property_at", want: nothing(), build: func(s *sketch) {
			for k := range 4 {
				s.pay(0, interest+k, s.cal.to-month(k), 300_00)
			}
		}},
		{name: "undeclared_income_transfer", want: review(undeclaredIncome), build: func(s *sketch) {
			s.draw(0, []int{employeePension, unemployment, injury}[s.turn(3)], tolerance+1, 3)
		}},
		{name: "undeclared_income_transfer_at", want: nothing(), build: func(s *sketch) {
			s.draw(0, []int{employeePension, unemployment, injury}[s.turn(3)], tolerance, 3)
		}},
		{name: "undeclared_income_two_lines", want: review(undeclaredIncome, undeclaredIncome), build: func(s *sketch) {
			s.earn(0, wage, tolerance+1, 2)
			s.earn(0, business, tolerance+1, 2)
		}},
		{name: "undeclared_income_split_lines", size: 2, want: nothing(), build: func(s *sketch) {
			s.earn(0, wage, tolerance, 2)
			s.earn(0, business, tolerance, 2)
			s.earn(1, wage, tolerance, 2)
		}},
		{name: "undeclared_income_two_members", size: 2, want: review(undeclaredIncome, undeclaredIncome), build: func(s *sketch) {
			s.earn(0, wage, tolerance+1, 2)
			s.earn(1, rental, tolerance+1, 2)
		}},
		{name: "resident_pension_excluded", size: 4, want: nothing(), build: func(s *sketch) {
			s.draw(3, residentPension, s.limit()+5000_00, 12)
		}},
		{name: "medical_benefit_not_income", want: nothing(), build: func(s *sketch) {
			s.draw(0, []int{employeeMedical, residentMedical, maternity, housingFund}[s.turn(4)], s.limit()+5000_00, 4)
		}},
		{name: "window_before", want: nothing(), build: func(s *sketch) {
			s.pay(0, wage, s.cal.from-1, s.limit()*2)
			s.addInsurance(insuranceRecord{scheme: employeePension, role: receiving, month: s.cal.from - 1, benefit: s.limit()})
		}},
		{name: "window_first_month", want: suspected(incomeOver, undeclaredIncome), build: func(s *sketch) {
			s.pay(0, wage, s.cal.from, s.limit())
		}},
		{name: "window_last_month", want: suspected(incomeOver, undeclaredIncome), build: func(s *sketch) {
			s.pay(0, wage, s.cal.to, s.limit())
		}},
		{name: "period_bare_year", year: true, want: review(periodNotKnown), build: func(s *sketch) {
			s.pay(0, []int{wage, labour, business, rental}[s.turn(4)], 0, s.limit()*2).year = int(s.cal.to)/12 - s.turn(2)
		}},
		{name: "period_bare_year_net_zero", year: true, want: nothing(), build: func(s *sketch) {
			s.pay(0, wage, 0, 0).year = int(s.cal.to) / 12
		}},
		{name: "period_bare_year_one_fen", year: true, want: review(periodNotKnown), build: func(s *sketch) {
			s.pay(0, business, 0, 1).year = int(s.cal.from) / 12
		}},
		{name: "period_bare_year_two_members", year: true, size: 2, want: review(periodNotKnown, periodNotKnown), build: func(s *sketch) {
			s.pay(0, wage, 0, 4000_00).year = int(s.cal.to) / 12
			s.pay(1, labour, 0, 1000_00).year = int(s.cal.to) / 12
		}},
		{name: "one_off", want: review(oneOffReceipt), build: func(s *sketch) {
			s.pay(0, propertySale+s.turn(2), s.cal.to-month(s.turn(12)), s.limit()*3)
		}},
		{name: "one_off_net_zero", want: nothing(), build: func(s *sketch) {
			s.pay(0, propertySale+s.turn(2), s.cal.to-month(s.turn(12)), 0)
		}},
		{name: "one_off_before_window", want: nothing(), build: func(s *sketch) {
			s.pay(0, propertySale+s.turn(2), s.cal.from-1, s.limit()*3)
		}},
		{name: "one_off_bare_year", year: true, want: review(oneOffReceipt), build: func(s *sketch) {
			s.pay(0, propertySale+s.turn(2), 0, s.limit()*3).year = int(s.cal.to)/12 - s.turn(2)
		}},
		{name: "work_unexplained", want: review(unexplainedWork), build: func(s *sketch) {
			s.insure(0, employeePension, asEmployee, 3+s.turn(3), s.cal.to-month(s.turn(5)))
		}},
		{name: "work_two_months", want: nothing(), build: func(s *sketch) {
			s.insure(0, employeePension, asEmployee, 2, s.cal.to-month(s.turn(5)))
		}},
		{name: "work_two_months_told_twice", want: nothing(), build: func(s *sketch) {
			s.insure(0, employeePension, asEmployee, 2, s.cal.to)
			s.insure(0, employeePension, asEmployee, 2, s.cal.to)
		}},
		{name: "work_not_in_a_row", want: review(unexplainedWork), build: func(s *sketch) {
			for k := range 3 {
				s.insure(0, employeePension, asEmployee, 1, s.cal.to-month(4*k))
			}
		}},
		{name: "work_explained", want: nothing(), build: func(s *sketch) {
			s.insure(0, employeePension, asEmployee, 3, s.cal.to)
			s.pay(0, wage, s.cal.to-month(s.turn(3)), 800_00)
		}},
		{name: "work_explained_by_nothing_paid", want: nothing(), build: func(s *sketch) {
			s.insure(0, employeePension, asEmployee, 3, s.cal.to)
			s.addTax(taxRecord{kind: wage, month: s.cal.to - 1})
		}},
		{name: "work_explained_elsewhere", size: 2, want: review(unexplainedWork), build: func(s *sketch) {
			// Another month, another kind of income, another member.
			s.insure(0, employeePension, asEmployee, 3, s.cal.to)
			s.pay(0, wage, s.cal.to-3, 100_00)
			s.pay(0, labour, s.cal.to, 100_00)
			s.pay(1, wage, s.cal.to, 100_00)
		}},
		{name: "work_bare_year_explains_nothing", year: true, want: review(periodNotKnown, unexplainedWork), build: func(s *sketch) {
			s.insure(0, employeePension, asEmployee, 3, s.cal.to)
			s.pay(0, wage, 0, 300_00).year = int(s.cal.to) / 12
		}},
		{name: "work_flexible", want: nothing(), build: func(s *sketch) {
			s.insure(0, employeePension, []int{asFlexible, asResident, noIdentity}[s.turn(3)], 6, s.cal.to)
		}},
		{name: "work_other_scheme", want: nothing(), build: func(s *sketch) {
			s.insure(0, []int{employeeMedical, unemployment, injury, maternity, housingFund}[s.turn(5)], asEmployee, 6, s.cal.to)
		}},
		{name: "work_before_window", want: nothing(), build: func(s *sketch) {
			// Two months of the window, the rest before it.
			s.insure(0, employeePension, asEmployee, 6, s.cal.from+1)
		}},
		{name: "work_two_members", size: 2, want: review(unexplainedWork, unexplainedWork), build: func(s *sketch) {
			s.insure(0, employeePension, asEmployee, 3, s.cal.to)
			s.insure(1, employeePension, asEmployee, 4, s.cal.to-2)
		}},
	}
}
