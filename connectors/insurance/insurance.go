package insurance

import (
	"github.com/hedui/hedui/connectors"
	"github.com/hedui/hedui/engine/household"
)

// Department describes social insurance files: one row for every month and
// scheme a person paid into or received from.
func Department() *connectors.Department {
	type rec = household.Record
	type val = connectors.Value
	d := connectors.NewDepartment(household.Insurance, []connectors.Column{
		{
			Name: "record_no", Zh: "记录号", Required: true,
			Set: func(r *rec, v val) { r.Insurance.RecordNo = v.Text },
			Doc: "number of the record, its key together with the person",
		},
		{
			Name: "scheme", Zh: "险种", Required: true, Kind: connectors.KindCode, Codes: household.InsuranceSchemes,
			Set: func(r *rec, v val) { r.Insurance.Scheme = v.Code() },
			Doc: "the insurance scheme",
		},
		{
			Name: "role", Zh: "业务类型", Required: true, Kind: connectors.KindCode, Codes: household.InsuranceRoles,
			Set: func(r *rec, v val) { r.Insurance.Role = v.Code() },
			Doc: "paying contributions or receiving benefits",
		},
		{
			Name: "month", Zh: "费款所属期", Required: true, Kind: connectors.KindMonth,
			Set: func(r *rec, v val) { r.Insurance.Month = v.Month() },
			Doc: "month the payment belongs to",
		},
		{
			Name: "identity", Zh: "缴费身份", Kind: connectors.KindCode, Codes: household.InsuranceIdentities,
			Set: func(r *rec, v val) { r.Insurance.Identity = v.Code() },
			Doc: "as what the person pays",
		},
		{
			Name: "base", Zh: "缴费基数", Kind: connectors.KindAmount,
			Set: func(r *rec, v val) { r.Insurance.Base = v.Fen() },
			Doc: "wage the contribution is reckoned from",
		},
		{
			Name: "benefit", Zh: "待遇金额", Kind: connectors.KindAmount,
			Set: func(r *rec, v val) { r.Insurance.Benefit = v.Fen() },
			Doc: "benefit received",
		},
		{
			Name: "employer_name", Zh: "单位名称", Kind: connectors.KindNote,
			Set: func(r *rec, v val) { r.Insurance.EmployerName = v.Text },
			Doc: "the employer",
		},
		{
			Name: "employer_code", Zh: "单位信用代码",
			Set: func(r *rec, v val) { r.Insurance.EmployerCode = v.Text },
			Doc: "unified social credit code of the employer",
		},
	})
	d.Amounts = []connectors.AmountColumn{
		{Name: "base", Get: func(r *rec) household.Fen { return r.Insurance.Base }},
		{Name: "benefit", Get: func(r *rec) household.Fen { return r.Insurance.Benefit }},
	}
	return d
}
