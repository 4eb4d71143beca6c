package insurance_test

import (
	"testing"

	"github.com/hedui/hedui/connectors/connectortest"
	"github.com/hedui/hedui/connectors/insurance"
	"github.com/hedui/hedui/engine/household"
)

func TestContract(t *testing.T) {
	birth, _ := household.NewDate(1980, 1, 1)
	month, _ := household.NewMonth(2025, 12)
	connectortest.Run(t, insurance.Department(), map[string]string{
		"id_type": "居民身份证", "id_number": "34010419800101001X", "name": "欧阳·㛃",
		"country": "CHN", "birth_date": "1980/1/1", "sex": "女", "division": "340104",
		"record_no": "I1", "scheme": "职工养老", "role": "receiving", "month": "202512", "identity": "灵活就业", "base": "4000",
		"benefit": "3120.08", "employer_name": "某某社区", "employer_code": "12340100000000000A",
	}, household.Record{
		IDType: household.ResidentID, IDNumber: []byte("34010419800101001X"), Name: []byte("欧阳·㛃"),
		Country: []byte("CHN"), BirthDate: birth, Sex: 2, Division: []byte("340104"),
		Insurance: household.InsuranceRecord{
			RecordNo: []byte("I1"), Scheme: 1, Role: household.RoleReceiving, Month: month, Identity: 2, Base: 400000, Benefit: 312008,
			EmployerName: []byte("某某社区"), EmployerCode: []byte("12340100000000000A"),
		},
	})
}
