package engine

import (
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
	"github.com/hedui/hedui/rules/benefit"
)

// BenefitInput is what a benefit is computed from on a date: the counted members of a
// request, and what the verdict counts of their income. Whom a single-person application
// is for, and what was paid before, is for the caller to add.
func BenefitInput(r *household.Request, income *household.IncomeSheet, on household.Date) benefit.Input {
	in := benefit.Input{Residence: r.Residence, Income: income.Total, Months: income.Window.Len()}
	for i := range r.Members {
		declared := &r.Members[i]
		if declared.Excluded != 0 {
			continue
		}
		m := benefit.Member{
			Number: i + 1, Relation: declared.Relation, Age: -1, Sex: declared.Sex, Attributes: map[string]household.Tri{},
		}
		// The document tells age and sex before what was declared.
		birth := declared.BirthDate
		if d := match.ParseDocument(declared.IDType, []byte(declared.IDNumber)); d.Birth != 0 {
			birth, m.Sex = d.Birth, d.Sex
		}
		if birth != 0 && birth <= on {
			m.Age = birth.Age(on)
		}
		for k := range declared.Attributes {
			code := declared.Attributes[k].Code
			m.Attributes[code] = household.AttributeOn(declared.Attributes, code, on)
		}
		for _, l := range income.Lines {
			if l.Member == m.Number {
				m.Income += l.Counted
			}
		}
		in.Members = append(in.Members, m)
	}
	return in
}
