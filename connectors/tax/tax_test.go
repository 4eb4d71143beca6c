package tax_test

import (
	"testing"

	"github.com/hedui/hedui/connectors/connectortest"
	"github.com/hedui/hedui/connectors/tax"
	"github.com/hedui/hedui/engine/household"
)

func TestContract(t *testing.T) {
	birth, _ := household.NewDate(1980, 1, 1)
	month, _ := household.NewMonth(2025, 3)
	connectortest.Run(t, tax.Department(), map[string]string{
		"id_type": "居民身份证", "id_number": "34010419800101001X", "name": "欧阳·㛃",
		"country": "CHN", "birth_date": "1980/1/1", "sex": "女", "division": "340104",
		"record_no": "T1", "period": "2025-03", "income_type": "labour", "income": "12345.60", "own_insurance": "420.5", "tax": "7",
		"payer_name": "合肥某某公司", "payer_code": "91340100MA2N000000",
	}, household.Record{
		IDType: household.ResidentID, IDNumber: []byte("34010419800101001X"), Name: []byte("欧阳·㛃"),
		Country: []byte("CHN"), BirthDate: birth, Sex: 2, Division: []byte("340104"),
		Tax: household.TaxRecord{
			RecordNo: []byte("T1"), Period: household.MonthPeriod(month), IncomeType: 2, Income: 1234560, OwnInsurance: 42050, Tax: 700,
			PayerName: []byte("合肥某某公司"), PayerCode: []byte("91340100MA2N000000"),
		},
	})
}
