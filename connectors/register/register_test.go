package register_test

import (
	"testing"

	"github.com/hedui/hedui/connectors/connectortest"
	"github.com/hedui/hedui/connectors/register"
	"github.com/hedui/hedui/engine/household"
)

func TestContract(t *testing.T) {
	birth, _ := household.NewDate(1980, 1, 1)
	died, _ := household.NewDate(2024, 2, 29)
	connectortest.Run(t, register.Department(), map[string]string{
		"id_type": "居民身份证", "id_number": "34010419800101001X", "name": "欧阳·㛃",
		"country": "CHN", "birth_date": "1980/1/1", "sex": "女", "division": "340104",
		"former_names": "欧阳小红；欧阳红", "former_numbers": "340104800101001;passport:E12345678",
		"deceased_on": "20240229", "household_no": "340104001",
	}, household.Record{
		IDType: household.ResidentID, IDNumber: []byte("34010419800101001X"), Name: []byte("欧阳·㛃"),
		Country: []byte("CHN"), BirthDate: birth, Sex: 2, Division: []byte("340104"),
		Register: household.RegisterRecord{
			FormerNames: []byte("欧阳小红；欧阳红"), FormerNumbers: []byte("340104800101001;passport:E12345678"),
			DeceasedOn: died, HouseholdNo: []byte("340104001"),
		},
	})
}
