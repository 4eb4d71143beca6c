package form

import "github.com/hedui/hedui/engine/match"

// exampleRows are the rows of a section that the template shows.
func exampleRows(s Section) (out [][]string) {
	// The people are nobody: no division has the code 000000.
	nobody, nobodyElse := match.ResidentText(19700101001), match.ResidentText(19720101002)
	nobodyChild, nobodyOld := match.ResidentText(20150101003), match.ResidentText(19450101004)
	one, two := exampleMark+"-1", exampleMark+"-2"
	var rows []map[string]string
	switch s {
	case Households:
		rows = []map[string]string{
			{"household_id": one, "region": "000000", "scheme": "dibao", "residence": "城镇", "authorization_number": "SQ-" + one, "valid_from": "2026-01-01", "valid_to": "2026-12-31", "signed_by": nobody + ";" + nobodyElse, "receiving": "无", "declared_financial": "8,000.00", "declared_vehicles": "示A00000"},
			{"household_id": two, "region": "000000", "scheme": "dibao", "residence": "农村", "authorization_number": "SQ-" + two, "valid_from": "2026-01-01", "valid_to": "2026-12-31", "signed_by": nobodyOld + ";" + nobody, "declared_financial": "0"},
		}
	case Members:
		rows = []map[string]string{
			{"household_id": one, "name": "示例甲", "id_number": nobody, "relation": "户主", "declared_wage": "1200"},
			{"household_id": one, "name": "示例乙", "id_number": nobodyElse, "relation": "配偶"},
			{"household_id": one, "name": "示例丙", "id_number": nobodyChild, "relation": "子女"},
			{"household_id": two, "name": "示例丁", "id_number": nobodyOld, "relation": "户主", "declared_transfer": "180.50"},
		}
	case Attributes:
		rows = []map[string]string{{"household_id": one, "member": "3", "code": "student", "from": "2021-09-01", "document": "学籍证明"}}
	case Obligors:
		rows = []map[string]string{{"household_id": two, "name": "示例甲", "id_number": nobody, "relation": "子女", "supports": "1", "signed": "是", "household_members": "3", "monthly_income": "5000"}}
	case Expenses:
		rows = []map[string]string{{"household_id": two, "type": "medical_self_paid", "member": "1", "month": "2026-09", "amount": "321.40", "document": "医院收据"}}
	}
	for _, cells := range rows {
		row := make([]string, len(schemas[s].fields))
		for name, text := range cells {
			row[schemas[s].index[name]] = text
		}
		out = append(out, row)
	}
	return out
}
