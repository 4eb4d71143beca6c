package main

import (
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/hedui/hedui/engine/form"
)

// TestTemplateSheets reads the form back: every sheet, its headers, Chinese first,
// and a note on every column.
func TestTemplateSheets(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "form.xlsx")
	if err := writeBook(path, func(w io.Writer) error { return form.WriteTemplate(w, false) }); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	want := []struct {
		sheet, headers string
		lists          int // columns that offer their values
	}{
		{"households 家庭", "家庭编号 household_id,行政区划 region,救助项目 scheme,城乡属性 residence,授权书编号 authorization_number,授权起 valid_from,授权止 valid_to,签字人证件号码 signed_by,授权用途 purpose,授权数据类别 data_classes,授权使用项目 purposes,申请日期 applied_on,申请方式 application,已享受救助项目 receiving,申报金融资产 declared_financial,申报车辆号牌 declared_vehicles,申报不动产 declared_properties", 2},
		{"members 成员", "家庭编号 household_id,姓名 name,证件号码 id_number,证件类型 id_type,与户主关系 relation,出生日期 birth_date,签发国 country,户籍区划 division,性别 sex,不计入原因 excluded,申报工资性收入 declared_wage,申报经营净收入 declared_business,申报财产净收入 declared_property,申报转移净收入 declared_transfer", 4},
		{"attributes 情形", "家庭编号 household_id,成员序号 member,义务人序号 obligor,资产标识 asset,情形代码 code,是否属实 holds,等级 grade,金额 amount,起始日期 from,截止日期 to,证明材料 document", 1},
		{"obligors 赡养抚养扶养义务人", "家庭编号 household_id,姓名 name,证件号码 id_number,证件类型 id_type,与被赡养人关系 relation,出生日期 birth_date,性别 sex,被赡养成员序号 supports,是否签署授权 signed,义务人家庭人数 household_members,被赡养人子女数 children_of_supported,赡养父母人数 supported_parents,义务人家庭月收入 monthly_income,赡养费依据 agreement_kind,约定赡养费 agreement_monthly,赡养费文书 agreement_document", 5},
		{"expenses 支出", "家庭编号 household_id,支出类型 type,成员序号 member,月份 month,金额 amount,证明材料 document", 0},
	}
	var sheets, columns []string
	for _, w := range want {
		sheets = append(sheets, w.sheet)
		rows, err := f.GetRows(w.sheet)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([][]string{strings.Split(w.headers, ",")}, rows); diff != "" {
			t.Errorf("%s: %s", w.sheet, diff)
		}
		lists, err := f.GetDataValidations(w.sheet)
		if err != nil || len(lists) != w.lists {
			t.Errorf("%s: %d columns offer their values, want %d (%v)", w.sheet, len(lists), w.lists, err)
		}
		for header := range strings.SplitSeq(w.headers, ",") {
			zh, name, _ := strings.Cut(header, " ")
			columns = append(columns, w.sheet+" "+name+" "+zh)
		}
	}
	if diff := cmp.Diff(append(sheets, "notes 说明"), f.GetSheetList()); diff != "" {
		t.Error(diff)
	}
	notes, err := f.GetRows("notes 说明")
	if err != nil {
		t.Fatal(err)
	}
	var noted []string
	for _, row := range notes[1:] {
		noted = append(noted, strings.Join(row[:3], " "))
	}
	if diff := cmp.Diff(columns, noted); diff != "" {
		t.Error(diff)
	}
}
