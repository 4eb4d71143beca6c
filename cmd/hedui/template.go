package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/xuri/excelize/v2"

	"github.com/hedui/hedui/engine/household"
)

// newTemplateCommand writes an empty request for people to fill in.
func newTemplateCommand(a *app) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "template --out FILE.xlsx",
		Short: "Write an XLSX form with the fields of a request",
		Long: `template writes a workbook with the fields of a request for people: one row for each
household, one row for each member, and a sheet that says what the columns mean.
Amounts are in yuan; cells with a fixed list of values offer it.
` + exitStatuses,
		Example: "  hedui template --out requests.xlsx",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := requireFlags(cmd, "out"); err != nil {
				return err
			}
			if err := writeTemplate(out); err != nil {
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

// templateSheets are the sheets of the form, with the field names of a request.
func templateSheets() map[string][]templateColumn {
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
	return map[string][]templateColumn{"households 家庭": households, "members 成员": members}
}

func writeTemplate(path string) (err error) {
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
	sheets := templateSheets()
	row := 2
	for _, name := range []string{"households 家庭", "members 成员", notes} {
		if _, err := f.NewSheet(name); err != nil {
			return err
		}
	}
	if err := f.SetSheetRow(notes, "A1", &[]string{"sheet", "column", "名称", "required", "meaning", "values"}); err != nil {
		return err
	}
	for _, name := range []string{"households 家庭", "members 成员"} {
		if err := writeTemplateSheet(f, name, sheets[name], text, bold); err != nil {
			return err
		}
		for _, c := range sheets[name] {
			cells := []string{name, c.name, c.zh, "", c.doc, codeNames(c.codes)}
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
