package connectors_test

import (
	"testing"

	"github.com/hedui/hedui/connectors"
	"github.com/hedui/hedui/connectors/connectortest"
	"github.com/hedui/hedui/connectors/vehicle"
)

// The sex only helps to tell people apart: no way of writing it costs a row.
func TestSexIsNeverAFault(t *testing.T) {
	const header = "id_number,name,sex,vin,plate,vehicle_class,status\n"
	for word, want := range map[string]uint8{
		"male": 1, "女": 2, "1": 1, "2": 2, "M": 1, "f": 2, "男性": 1, "": 0, "0": 0, "9": 0, "未说明": 0, "x": 0,
	} {
		got := connectortest.Read(t, connectortest.File(t, "f.csv", []byte(header+",王秀英,"+word+",V1,P1,car,normal\n")), vehicle.Department(), connectors.Options{})
		if len(got) != 1 || got[0].Fault != nil || got[0].Record.Sex != want {
			t.Errorf("%q: %+v", word, got)
		}
	}
}
