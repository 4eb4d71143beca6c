package bank_test

import (
	"testing"

	"github.com/hedui/hedui/connectors/bank"
	"github.com/hedui/hedui/connectors/connectortest"
	"github.com/hedui/hedui/engine/household"
)

func TestContract(t *testing.T) {
	birth, _ := household.NewDate(1980, 1, 1)
	on, _ := household.NewDate(2026, 10, 31)
	connectortest.Run(t, bank.Department(), map[string]string{
		"id_type": "居民身份证", "id_number": "34010419800101001X", "name": "欧阳·㛃",
		"country": "CHN", "birth_date": "1980/1/1", "sex": "女", "division": "340104",
		"institution": "某某银行", "account_no": "6222000000000000001", "kind": "time", "balance": "50000.00", "balance_on": "2026-10-31",
		"average_balance": "48000.25", "share": "50", "purpose": "拆迁款",
	}, household.Record{
		IDType: household.ResidentID, IDNumber: []byte("34010419800101001X"), Name: []byte("欧阳·㛃"),
		Country: []byte("CHN"), BirthDate: birth, Sex: 2, Division: []byte("340104"),
		Bank: household.BankRecord{
			Institution: []byte("某某银行"), AccountNo: []byte("6222000000000000001"), Kind: 2, Balance: 5000000, BalanceOn: on,
			AverageBalance: 4800025, Share: household.Share{Num: 1, Den: 2}, Purpose: 1,
		},
	})
}
