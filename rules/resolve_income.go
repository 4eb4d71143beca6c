package rules

import (
	"slices"
	"strconv"

	"github.com/hedui/hedui/engine/household"
)

// income says what each kind of record is, for every range of months in which the money
// may have been received.
func (r *resolution) income() {
	var base, over []incomeEntry
	employment := false
	for _, y := range r.layers {
		for _, e := range y.income {
			switch {
			case !e.Covers(r.on):
			case y.region == "":
				base = append(base, e)
			default:
				over = append(over, e)
			}
		}
		if e := inForce(y.employment, r.on); e != nil {
			r.law.Employment, employment = e.value, true
		}
	}
	if len(base) == 0 || !employment {
		r.unresolved("income")
		return
	}
	starts := []household.Month{1}
	for _, e := range append(slices.Clone(base), over...) {
		starts = append(starts, e.months.From)
		if e.months.To != endless {
			starts = append(starts, e.months.To+1)
		}
	}
	slices.Sort(starts)
	starts = slices.Compact(starts)
	for i, from := range starts {
		s := segment{through: endless}
		if i+1 < len(starts) {
			s.through = starts[i+1] - 1
		}
		r.segment(&s, from, base, over)
		r.law.segments = append(r.law.segments, s)
	}
}

// segment fills in what holds for money received from a month on.
func (r *resolution) segment(s *segment, from household.Month, base, over []incomeEntry) {
	for role := range s.income.Insurance {
		for i := range s.income.Insurance[role] {
			s.income.Insurance[role][i].Exclusion = -1
		}
	}
	for i := range s.income.Tax {
		s.income.Tax[i].Exclusion = -1
	}
	put := func(e *incomeEntry, given map[string]node) {
		t := e.treatment
		if e.exclusion.Code != "" {
			t.Exclusion = r.exclusion(e.exclusion)
		}
		targets, codes, prefix := s.income.Tax[:], household.IncomeTypes, "tax "
		if e.role != 0 {
			targets, codes, prefix = s.income.Insurance[e.role][:], household.InsuranceSchemes, household.InsuranceRoles[e.role].Name+" "
		}
		for v := range codes {
			if v == 0 || !e.codes.Has(uint8(v)) {
				continue
			}
			key := prefix + codes[v].Name
			if _, twice := given[key]; twice {
				at := e.at
				for _, i := range e.list.items() {
					if plainText(i) == codes[v].Name {
						at = i
					}
				}
				r.fail(at, strconv.Quote(codes[v].Name)+" is already named", "each kind of record in one place")
			}
			given[key] = e.at
			targets[v] = t
		}
	}
	given := map[string]node{}
	for i := range base {
		if base[i].months.Contains(from) {
			put(&base[i], given)
		}
	}
	r.complete(from, base, given)
	local := map[string]node{}
	for i := range over {
		if over[i].months.Contains(from) {
			put(&over[i], local)
		}
	}
}

// complete reports kinds of records that no list names.
func (r *resolution) complete(from household.Month, base []incomeEntry, given map[string]node) {
	if r.report == nil {
		return
	}
	at := base[0].root
	when := ""
	if from > 1 {
		when = " for money of " + from.String()
	}
	for _, name := range names(household.IncomeTypes) {
		if _, ok := given["tax "+name]; !ok {
			r.fail(at, "income_type "+name+" of tax is not named"+when, "it in lines, one_off, excluded, unresolved or not_income")
		}
	}
	for _, name := range names(household.InsuranceSchemes) {
		if _, ok := given["receiving "+name]; !ok {
			r.fail(at, "scheme "+name+" of insurance, role receiving, is not named"+when, "it in lines, one_off, excluded, unresolved or not_income")
		}
	}
}

// exclusion is the index of an exclusion of the law.
func (r *resolution) exclusion(e Exclusion) int {
	if i := slices.Index(r.law.Exclusions, e); i >= 0 {
		return i
	}
	r.law.Exclusions = append(r.law.Exclusions, e)
	return len(r.law.Exclusions) - 1
}
