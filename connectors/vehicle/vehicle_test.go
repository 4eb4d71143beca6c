package vehicle_test

import (
	"testing"

	"github.com/hedui/hedui/connectors/connectortest"
	"github.com/hedui/hedui/connectors/vehicle"
	"github.com/hedui/hedui/engine/household"
)

func TestContract(t *testing.T) {
	birth, _ := household.NewDate(1980, 1, 1)
	registered, _ := household.NewDate(2020, 2, 29)
	due, _ := household.NewDate(2026, 2, 28)
	connectortest.Run(t, vehicle.Department(), map[string]string{
		"id_type": "居民身份证", "id_number": "34010419800101001X", "name": "欧阳·㛃",
		"country": "CHN", "birth_date": "1980/1/1", "sex": "女", "division": "340104",
		"vin": "LSVAA0000A0000001", "plate": "皖A·12345", "vehicle_class": "越野车", "status": "normal", "use": "营运",
		"registered_on": "20200229", "inspection_due": "2026-02-28", "value": "98000",
	}, household.Record{
		IDType: household.ResidentID, IDNumber: []byte("34010419800101001X"), Name: []byte("欧阳·㛃"),
		Country: []byte("CHN"), BirthDate: birth, Sex: 2, Division: []byte("340104"),
		Vehicle: household.VehicleRecord{
			VIN: []byte("LSVAA0000A0000001"), Plate: []byte("皖A·12345"), Class: 2, Status: 1, Use: 2,
			RegisteredOn: registered, InspectionDue: due, Value: 9800000,
		},
	})
}
