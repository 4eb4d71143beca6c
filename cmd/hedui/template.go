package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/xuri/excelize/v2"

	"github.com/hedui/hedui/engine/enrol"
	"github.com/hedui/hedui/engine/household"
)

// newTemplateCommand writes an empty request for people to fill in.
func newTemplateCommand(a *app) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "template --out FILE.xlsx",
		Short: "Write an XLSX form with the fields of a request",
		Long: `template writes a workbook with the fields of a request for people: one row for each
household, member, attribute, obligor and expense, each on a sheet of its own, and a
sheet that says what the columns mean. Amounts are in yuan; cells with a fixed list of
values offer it. What is left empty counts as not known.
` + exitStatuses,
		Example: "  hedui template --out requests.xlsx",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := requireFlags(cmd, "out"); err != nil {
				return err
			}
			if err := writeTemplate(out, templateSheets()); err != nil {
				return err
			}
			fmt.Fprintln(a.stderr, "wrote", out)
			return nil
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "`file` to write, ending in .xlsx (required)")
	cmd.AddCommand(newTemplateAuthorizationsCommand(a))
	return cmd
}

// newTemplateAuthorizationsCommand writes an empty list of authorisations.
func newTemplateAuthorizationsCommand(a *app) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "authorizations --out FILE.xlsx",
		Short: "Write an XLSX form for a list of authorisations",
		Long: `authorizations writes a workbook with the columns that hedui authorizations register
reads: a row for each person, those of one authorisation together. What is said of the
authorisation stands on its first row.
` + exitStatuses,
		Example: "  hedui template authorizations --out authorizations.xlsx",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := requireFlags(cmd, "out"); err != nil {
				return err
			}
			sheet := templateSheet{name: "authorizations 授权书"}
			for _, c := range enrol.Columns() {
				sheet.columns = append(sheet.columns, templateColumn{c.Name, c.Zh, c.Doc, c.Codes, c.Required})
			}
			if err := writeTemplate(out, []templateSheet{sheet}); err != nil {
				return err
			}
			fmt.Fprintln(a.stderr, "wrote", out)
			return nil
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "`file` to write, ending in .xlsx (required)")
	return cmd
}

// templateColumn is one column of the form.
type templateColumn struct {
	name, zh, doc string
	codes         household.CodeList
	required      bool
}

// templateSheet is one sheet of the form.
type templateSheet struct {
	name    string
	columns []templateColumn
}

// templateSheets are the sheets of the form in their order, with the field names of a
// request.
func templateSheets() []templateSheet {
	households := []templateColumn{
		{"household_id", "家庭编号", "number of the household, unique in the batch", nil, true},
		{"region", "行政区划", "six digits", nil, true},
		{"scheme", "救助项目", "dibao for 最低生活保障", nil, true},
		{"residence", "城乡属性", "", household.Residences, true},
		{"authorization_number", "授权书编号", "", nil, true},
		{"valid_from", "授权起", "first day, 2006-01-02", nil, true},
		{"valid_to", "授权止", "last day, 2006-01-02", nil, true},
		{"signed_by", "签字人证件号码", "of everybody who signed, with a semicolon between", nil, true},
		{"purpose", "授权用途", "the scheme when empty", nil, false},
		{"data_classes", "授权数据类别", "sources with a semicolon between, register among them where it may be asked; all when empty", nil, false},
		{"purposes", "授权使用项目", "schemes the authorisation may be used for, with a semicolon between", nil, false},
		{"applied_on", "申请日期", "2006-01-02", nil, false},
		{"application", "申请方式", "empty for a household", household.Applications, false},
		{"receiving", "已享受救助项目", "schemes with a semicolon between; none when it receives none, empty when not known", nil, false},
		{"declared_financial", "申报金融资产", "yuan", nil, false},
		{"declared_vehicles", "申报车辆号牌", "with a semicolon between", nil, false},
		{"declared_properties", "申报不动产", "unit codes or certificate numbers, with a semicolon between", nil, false},
	}
	members := []templateColumn{
		{"household_id", "家庭编号", "as on the first sheet", nil, true},
		{"name", "姓名", "", nil, true},
		{"id_number", "证件号码", "", nil, true},
		{"id_type", "证件类型", "resident_id when empty", household.DocumentTypes, false},
		{"relation", "与户主关系", "", household.Relations, true},
		{"birth_date", "出生日期", "needed when the document doesn't tell", nil, false},
		{"country", "签发国", "that issued the document; of a passport", nil, false},
		{"division", "户籍区划", "six digits, where the member is registered", nil, false},
		{"sex", "性别", "needed when the document doesn't tell", household.Sexes, false},
		{"excluded", "不计入原因", "empty for a member who counts", household.Exclusions, false},
	}
	for _, t := range household.LineTypes[1:] {
		members = append(members, templateColumn{"declared_" + t.Name, "申报" + t.Zh, "yuan a month", nil, false})
	}
	return []templateSheet{
		{"households 家庭", households},
		{"members 成员", members},
		{"attributes 情形", attributeColumns()},
		{"obligors 赡养抚养扶养义务人", obligorColumns()},
		{"expenses 支出", expenseColumns()},
	}
}

var yesNo = household.CodeList{{}, {Name: "yes", Zh: "是"}, {Name: "no", Zh: "否"}}

// attributeColumns are those of what no department holds, with what proves it.
func attributeColumns() []templateColumn {
	return []templateColumn{
		{"household_id", "家庭编号", "as on the first sheet", nil, true},
		{"member", "成员序号", "of a member: their number within the household, from 1, in the order of the members' sheet", nil, false},
		{"obligor", "义务人序号", "of an obligor: their number within the household, from 1, in the order of the obligors' sheet", nil, false},
		{"asset", "资产标识", "of an asset: the plate, or the unit code or certificate number; member, obligor or asset, one of the three", nil, false},
		{"code", "情形代码", "as the rules name it, such as student", nil, true},
		{"holds", "是否属实", "yes when empty", yesNo, false},
		{"grade", "等级", fmt.Sprintf("a whole number up to %d", household.MaxAttributeGrade), nil, false},
		{"amount", "金额", "yuan", nil, false},
		{"from", "起始日期", "first day on which it holds, 2006-01-02", nil, false},
		{"to", "截止日期", "last day on which it holds, 2006-01-02", nil, false},
		{"document", "证明材料", "the document that proves it; without one it counts as not known", nil, false},
	}
}

// obligorColumns are those of the people outside the household who owe support.
func obligorColumns() []templateColumn {
	return []templateColumn{
		{"household_id", "家庭编号", "as on the first sheet", nil, true},
		{"name", "姓名", "", nil, true},
		{"id_number", "证件号码", "", nil, true},
		{"id_type", "证件类型", "resident_id when empty", household.DocumentTypes, false},
		{"relation", "与被赡养人关系", "child for a child of those supported", household.Relations, false},
		{"birth_date", "出生日期", "needed when the document doesn't tell", nil, false},
		{"sex", "性别", "needed when the document doesn't tell", household.Sexes, false},
		{"supports", "被赡养成员序号", "numbers within the household, from 1, with a semicolon between", nil, true},
		{"signed", "是否签署授权", "no when empty; the number must stand under signed_by too", yesNo, false},
		{"household_members", "义务人家庭人数", "", nil, false},
		{"children_of_supported", "被赡养人子女数", "", nil, false},
		{"supported_parents", "赡养父母人数", "parents whom the obligor supports", nil, false},
		{"monthly_income", "义务人家庭月收入", "yuan a month", nil, false},
		{"agreement_kind", "赡养费依据", "when a sum is fixed", household.AgreementKinds, false},
		{"agreement_monthly", "约定赡养费", "yuan a month, when a sum is fixed", nil, false},
		{"agreement_document", "赡养费文书", "number of the judgment or the agreement", nil, false},
	}
}

// expenseColumns are those of what was spent.
func expenseColumns() []templateColumn {
	return []templateColumn{
		{"household_id", "家庭编号", "as on the first sheet", nil, true},
		{"type", "支出类型", "as the rules name it, such as medical_self_paid", nil, true},
		{"member", "成员序号", "number within the household, from 1; empty for one of the household", nil, false},
		{"month", "月份", "2006-01", nil, true},
		{"amount", "金额", "yuan", nil, true},
		{"document", "证明材料", "the document that proves it", nil, false},
	}
}

func writeTemplate(path string, sheets []templateSheet) (err error) {
	f := excelize.NewFile()
	defer func() { err = errors.Join(err, f.Close()) }()
	text, err := f.NewStyle(&excelize.Style{NumFmt: 49}) // text: a document number must not become a float
	if err != nil {
		return err
	}
	bold, err := f.NewStyle(&excelize.Style{NumFmt: 49, Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	const notes = "notes 说明"
	row := 2
	for _, s := range append(sheets, templateSheet{name: notes}) {
		if _, err := f.NewSheet(s.name); err != nil {
			return err
		}
	}
	if err := f.SetSheetRow(notes, "A1", &[]string{"sheet", "column", "名称", "required", "meaning", "values"}); err != nil {
		return err
	}
	for _, s := range sheets {
		if err := writeTemplateSheet(f, s.name, s.columns, text, bold); err != nil {
			return err
		}
		for _, c := range s.columns {
			cells := []string{s.name, c.name, c.zh, "", c.doc, codeNames(c.codes)}
			if c.required {
				cells[3] = "required 必填"
			}
			if err := f.SetSheetRow(notes, fmt.Sprintf("A%d", row), &cells); err != nil {
				return err
			}
			row++
		}
	}
	if err := f.DeleteSheet("Sheet1"); err != nil {
		return err
	}
	f.SetActiveSheet(0)
	return f.SaveAs(path)
}

// templateRows is how many rows of a sheet offer the lists of values.
const templateRows = 1000

func writeTemplateSheet(f *excelize.File, sheet string, columns []templateColumn, text, bold int) error {
	for i, c := range columns {
		col, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return err
		}
		list := excelize.NewDataValidation(true)
		list.SetSqref(fmt.Sprintf("%s2:%s%d", col, col, templateRows+1))
		err = errors.Join(
			f.SetColStyle(sheet, col, text),
			f.SetColWidth(sheet, col, col, 20),
			f.SetCellStr(sheet, col+"1", c.zh+" "+c.name),
			f.SetCellStyle(sheet, col+"1", col+"1", bold),
		)
		if err == nil && len(c.codes) > 0 {
			var names []string
			for _, code := range c.codes[1:] {
				names = append(names, code.Name)
			}
			err = errors.Join(list.SetDropList(names), f.AddDataValidation(sheet, list))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func codeNames(list household.CodeList) (names string) {
	for i, code := range list {
		switch i {
		case 0:
		case 1:
			names = code.Name + " " + code.Zh
		default:
			names += ", " + code.Name + " " + code.Zh
		}
	}
	return names
}
