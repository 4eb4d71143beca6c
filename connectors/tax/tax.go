package tax

import (
	"github.com/hedui/hedui/connectors"
	"github.com/hedui/hedui/engine/household"
)

// Department describes tax files: one row for every payment of income and month.
func Department() *connectors.Department {
	type rec = household.Record
	type val = connectors.Value
	d := connectors.NewDepartment(household.Tax, []connectors.Column{
		{
			Name: "record_no", Zh: "明细号", Required: true,
			Set: func(r *rec, v val) { r.Tax.RecordNo = v.Text },
			Doc: "number of the record, its key together with the person",
		},
		{
			Name: "period", Zh: "所属期", Required: true, Kind: connectors.KindPeriod,
			Set: func(r *rec, v val) { r.Tax.Period = v.Period() },
			Doc: "month the income belongs to, or a bare year when the department gives no month",
		},
		{
			Name: "income_type", Zh: "所得项目", Required: true, Kind: connectors.KindCode, Codes: household.IncomeTypes,
			Set: func(r *rec, v val) { r.Tax.IncomeType = v.Code() },
			Doc: "kind of income",
		},
		{
			Name: "income", Zh: "收入额", Required: true, Kind: connectors.KindAmount,
			Set: func(r *rec, v val) { r.Tax.Income = v.Fen() },
			Doc: "income before deductions",
		},
		{
			Name: "own_insurance", Zh: "个人缴纳社保公积金", Kind: connectors.KindAmount,
			Set: func(r *rec, v val) { r.Tax.OwnInsurance = v.Fen() },
			Doc: "the person's own contributions to social insurance and housing fund",
		},
		{
			Name: "tax", Zh: "已缴税额", Kind: connectors.KindAmount,
			Set: func(r *rec, v val) { r.Tax.Tax = v.Fen() },
			Doc: "tax paid",
		},
		{
			Name: "payer_name", Zh: "扣缴义务人", Kind: connectors.KindNote,
			Set: func(r *rec, v val) { r.Tax.PayerName = v.Text },
			Doc: "who paid the income",
		},
		{
			Name: "payer_code", Zh: "统一社会信用代码",
			Set: func(r *rec, v val) { r.Tax.PayerCode = v.Text },
			Doc: "unified social credit code of the payer",
		},
	})
	d.Amounts = []connectors.AmountColumn{
		{Name: "income", Get: func(r *rec) household.Fen { return r.Tax.Income }},
		{Name: "own_insurance", Get: func(r *rec) household.Fen { return r.Tax.OwnInsurance }},
		{Name: "tax", Get: func(r *rec) household.Fen { return r.Tax.Tax }},
	}
	return d
}
