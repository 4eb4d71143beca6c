package vehicle

import (
	"github.com/hedui/hedui/connectors"
	"github.com/hedui/hedui/engine/household"
)

// Department describes vehicle files: one row for every registered vehicle.
func Department() *connectors.Department {
	type rec = household.Record
	type val = connectors.Value
	d := connectors.NewDepartment(household.Vehicle, []connectors.Column{
		{
			Name: "vin", Zh: "车辆识别代号", Required: true,
			Set: func(r *rec, v val) { r.Vehicle.VIN = v.Text },
			Doc: "vehicle identification number, the record's key together with the person",
		},
		{
			Name: "plate", Zh: "号牌号码", Required: true,
			Set: func(r *rec, v val) { r.Vehicle.Plate = v.Text },
			Doc: "number plate",
		},
		{
			Name: "vehicle_class", Zh: "车辆类型", Required: true, Kind: connectors.KindCode, Codes: household.VehicleClasses,
			Set: func(r *rec, v val) { r.Vehicle.Class = v.Code() },
			Doc: "class of the vehicle",
		},
		{
			Name: "status", Zh: "状态", Required: true, Kind: connectors.KindCode, Codes: household.VehicleStatuses,
			Set: func(r *rec, v val) { r.Vehicle.Status = v.Code() },
			Doc: "whether the registration is in force",
		},
		{
			Name: "use", Zh: "使用性质", Kind: connectors.KindCode, Codes: household.VehicleUses,
			Set: func(r *rec, v val) { r.Vehicle.Use = v.Code() },
			Doc: "private or commercial use",
		},
		{
			Name: "registered_on", Zh: "初次登记日期", Kind: connectors.KindDate,
			Set: func(r *rec, v val) { r.Vehicle.RegisteredOn = v.Date() },
			Doc: "day of first registration",
		},
		{
			Name: "inspection_due", Zh: "检验有效期止", Kind: connectors.KindDate,
			Set: func(r *rec, v val) { r.Vehicle.InspectionDue = v.Date() },
			Doc: "day the inspection runs out",
		},
		{
			Name: "value", Zh: "价值", Kind: connectors.KindAmount,
			Set: func(r *rec, v val) { r.Vehicle.Value = v.Fen() },
			Doc: "value",
		},
	})
	d.Amounts = []connectors.AmountColumn{
		{Name: "value", Get: func(r *rec) household.Fen { return r.Vehicle.Value }},
	}
	return d
}
