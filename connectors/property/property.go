package property

import (
	"github.com/hedui/hedui/connectors"
	"github.com/hedui/hedui/engine/household"
)

// Department describes property files: one row for every right of a person to a
// unit. A unit is known by its unit code or by its certificate; a file needs one
// of the two columns and a row one of the two values.
func Department() *connectors.Department {
	type rec = household.Record
	type val = connectors.Value
	d := connectors.NewDepartment(household.Property, []connectors.Column{
		{
			Name: "unit_code", Zh: "不动产单元号",
			Set: func(r *rec, v val) { r.Property.UnitCode = v.Text },
			Doc: "code of the unit, the record's key together with the person; this or certificate_no is required",
		},
		{
			Name: "certificate_no", Zh: "不动产权证号",
			Set: func(r *rec, v val) { r.Property.CertificateNo = v.Text },
			Doc: "number of the certificate, the key where there is no unit code",
		},
		{
			Name: "kind", Zh: "用途", Required: true, Kind: connectors.KindCode, Codes: household.PropertyKinds,
			Set: func(r *rec, v val) { r.Property.Kind = v.Code() },
			Doc: "what the unit is used for",
		},
		{
			Name: "status", Zh: "状态", Required: true, Kind: connectors.KindCode, Codes: household.PropertyStatuses,
			Set: func(r *rec, v val) { r.Property.Status = v.Code() },
			Doc: "whether the right is in force",
		},
		{
			Name: "share", Zh: "份额", Kind: connectors.KindShare,
			Set: func(r *rec, v val) { r.Property.Share = v.Share },
			Doc: "the person's share: percent, or 1/2; 100 when absent",
		},
		{
			Name: "area", Zh: "面积", Kind: connectors.KindArea,
			Set: func(r *rec, v val) { r.Property.Area = v.Area() },
			Doc: "floor area in square metres",
		},
		{
			Name: "address", Zh: "坐落", Kind: connectors.KindNote,
			Set: func(r *rec, v val) { r.Property.Address = v.Text },
			Doc: "where the unit is",
		},
		{
			Name: "registered_on", Zh: "登记日期", Kind: connectors.KindDate,
			Set: func(r *rec, v val) { r.Property.RegisteredOn = v.Date() },
			Doc: "day of registration",
		},
		{
			Name: "value", Zh: "价值", Kind: connectors.KindAmount,
			Set: func(r *rec, v val) { r.Property.Value = v.Fen() },
			Doc: "value",
		},
	}, "unit_code", "certificate_no")
	d.Amounts = []connectors.AmountColumn{
		{Name: "value", Get: func(r *rec) household.Fen { return r.Property.Value }},
	}
	return d
}
