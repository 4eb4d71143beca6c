package bank

import (
	"github.com/hedui/hedui/connectors"
	"github.com/hedui/hedui/engine/household"
)

// Department describes bank files: one row for the balance of an account on a day.
func Department() *connectors.Department {
	type rec = household.Record
	type val = connectors.Value
	d := connectors.NewDepartment(household.Bank, []connectors.Column{
		{
			Name: "institution", Zh: "金融机构", Required: true,
			Set: func(r *rec, v val) { r.Bank.Institution = v.Text },
			Doc: "the institution; with account_no and balance_on the record's key",
		},
		{
			Name: "account_no", Zh: "账号", Required: true,
			Set: func(r *rec, v val) { r.Bank.AccountNo = v.Text },
			Doc: "number of the account",
		},
		{
			Name: "kind", Zh: "类型", Required: true, Kind: connectors.KindCode, Codes: household.AccountKinds,
			Set: func(r *rec, v val) { r.Bank.Kind = v.Code() },
			Doc: "kind of account",
		},
		{
			Name: "balance", Zh: "余额", Required: true, Kind: connectors.KindAmount,
			Set: func(r *rec, v val) { r.Bank.Balance = v.Fen() },
			Doc: "balance of the day",
		},
		{
			Name: "balance_on", Zh: "余额日期", Required: true, Kind: connectors.KindDate,
			Set: func(r *rec, v val) { r.Bank.BalanceOn = v.Date() },
			Doc: "day of the balance",
		},
		{
			Name: "average_balance", Zh: "近六个月日均余额", Kind: connectors.KindAmount,
			Set: func(r *rec, v val) { r.Bank.AverageBalance = v.Fen() },
			Doc: "average daily balance of the last six months",
		},
		{
			Name: "share", Zh: "份额", Kind: connectors.KindShare,
			Set: func(r *rec, v val) { r.Bank.Share = v.Share },
			Doc: "the person's share: percent, or 1/2; 100 when absent",
		},
		{
			Name: "purpose", Zh: "款项性质", Kind: connectors.KindCode, Codes: household.BalancePurposes,
			Set: func(r *rec, v val) { r.Bank.Purpose = v.Code() },
			Doc: "money that was paid for a special purpose",
		},
	})
	d.Amounts = []connectors.AmountColumn{
		{Name: "balance", Get: func(r *rec) household.Fen { return r.Bank.Balance }},
		{Name: "average_balance", Get: func(r *rec) household.Fen { return r.Bank.AverageBalance }},
	}
	return d
}
