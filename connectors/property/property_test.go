package property_test

import (
	"testing"

	"github.com/hedui/hedui/connectors/connectortest"
	"github.com/hedui/hedui/connectors/property"
	"github.com/hedui/hedui/engine/household"
)

func TestContract(t *testing.T) {
	birth, _ := household.NewDate(1980, 1, 1)
	registered, _ := household.NewDate(2019, 12, 31)
	connectortest.Run(t, property.Department(), map[string]string{
		"id_type": "居民身份证", "id_number": "34010419800101001X", "name": "欧阳·㛃",
		"country": "CHN", "birth_date": "1980/1/1", "sex": "女", "division": "340104",
		"unit_code": "340104001001GB00001F00010001", "certificate_no": "皖(2019)合肥市不动产权第0000001号", "kind": "宅基地",
		"status": "现势", "share": "1/3", "area": "89.57", "address": "某路1号, 3单元", "registered_on": "2019-12-31", "value": "1000000.01",
	}, household.Record{
		IDType: household.ResidentID, IDNumber: []byte("34010419800101001X"), Name: []byte("欧阳·㛃"),
		Country: []byte("CHN"), BirthDate: birth, Sex: 2, Division: []byte("340104"),
		Property: household.PropertyRecord{
			UnitCode: []byte("340104001001GB00001F00010001"), CertificateNo: []byte("皖(2019)合肥市不动产权第0000001号"), Kind: 2,
			Status: 1, Share: household.Share{Num: 1, Den: 3}, Area: 895700, Address: []byte("某路1号, 3单元"), RegisteredOn: registered,
			Value: 100000001,
		},
	})
}
