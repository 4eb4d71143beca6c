package register

import (
	"github.com/hedui/hedui/connectors"
	"github.com/hedui/hedui/engine/household"
)

// Department describes register files: one row for every person. Birth date, sex and
// division are the columns that every department may have. Two rows of one number
// that describe different people are both kept: that is what the register is asked.
func Department() *connectors.Department {
	type rec = household.Record
	type val = connectors.Value
	return connectors.NewDepartment(household.Register, []connectors.Column{
		{
			Name: "former_names", Zh: "曾用名",
			Set: func(r *rec, v val) { r.Register.FormerNames = v.Text },
			Doc: "names the person had before, with a semicolon between",
		},
		{
			Name: "former_numbers", Zh: "曾用证件号码",
			Set: func(r *rec, v val) { r.Register.FormerNumbers = v.Text },
			Doc: "numbers the person had before, and other documents as type:number, with a semicolon between",
		},
		{
			Name: "deceased_on", Zh: "死亡日期", Kind: connectors.KindDate,
			Set: func(r *rec, v val) { r.Register.DeceasedOn = v.Date() },
			Doc: "day of death; empty for the living",
		},
		{
			Name: "household_no", Zh: "户号", Required: true, MayBeEmpty: true,
			Set: func(r *rec, v val) { r.Register.HouseholdNo = v.Text },
			Doc: "number of the household the person is registered in; the column tells a register from other files, a row may leave it empty",
		},
	})
}
