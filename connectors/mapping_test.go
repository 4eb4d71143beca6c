package connectors_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/connectors"
	"github.com/hedui/hedui/connectors/bank"
	"github.com/hedui/hedui/connectors/connectortest"
	"github.com/hedui/hedui/connectors/insurance"
	"github.com/hedui/hedui/connectors/tax"
	"github.com/hedui/hedui/engine/household"
)

// A housing-fund centre delivers its own layout into the insurance source: other
// headers, other codes, amounts in fen, one scheme for the whole file. It takes a
// mapping and no Go.
const housingFund = `source: insurance
provider: housing-fund-centre
delimiter: "|"
encoding: gb18030
skip_rows: 1
columns:
  id_number: 身份证号
  name: 缴存人
  record_no: 流水号
  month: 6
  role: 类别
  base: 基数
  employer_name: 单位
codes:
  role: {01: contributing, "02": receiving}
  id_type: {身份证: resident_id}
defaults:
  scheme: housing_fund
  identity: employee
unit:
  base: fen
empty: ["-", 无]
`

func TestSixthDepartmentNeedsNoGo(t *testing.T) {
	m := connectortest.Mapping(t, housingFund)
	if m.Source != household.Insurance || m.Provider != "housing-fund-centre" {
		t.Errorf("source %v, provider %q", m.Source, m.Provider)
	}
	text := "公积金缴存明细 2026-10-31\n流水号|身份证号|缴存人|类别|基数|汇缴年月|单位|备注|identity\n" +
		"G1|34010419800101001X|王秀英|01|450000|2026-09|某某公司|x|flexible\n" +
		"G2|34010419800101001X|王秀英|02|-|202610|无||\n" +
		"G3|34010419800101001X|王秀英|03|1|202610|||\n" +
		"G4|34010419800101001X|王秀英|01|1.5|202610|||\n" +
		"-|34010419800101001X|王秀英|01|1|202610|||\n"
	got := connectortest.Read(t, connectortest.File(t, "gjj.txt", connectortest.GB18030(t, []byte(text))), insurance.Department(), connectors.Options{Mapping: m})
	sep, _ := household.NewMonth(2026, 9)
	oct, _ := household.NewMonth(2026, 10)
	want := []household.InsuranceRecord{
		{RecordNo: []byte("G1"), Scheme: 8, Role: 1, Month: sep, Identity: 2, Base: 450000, EmployerName: []byte("某某公司")},
		{RecordNo: []byte("G2"), Scheme: 8, Role: 2, Month: oct, Identity: 1},
	}
	for i, w := range want {
		if diff := cmp.Diff(w, got[i].Record.Insurance); got[i].Fault != nil || diff != "" {
			t.Errorf("row %d: %v\n%s", i+1, got[i].Fault, diff)
		}
	}
	for i, f := range []string{"row 3, line 5, column 类别: unknown_code", "row 4, line 6, column 基数: bad_amount", "row 5, line 7, column 流水号: missing_field"} {
		if got[i+2].Fault == nil || got[i+2].Fault.Error() != f {
			t.Errorf("got %v, want %s", got[i+2].Fault, f)
		}
	}
}

func TestMappingOfEveryFormat(t *testing.T) {
	sheet := connectortest.Sheet{
		Department: bank.Department(), Columns: []string{"id_number", "name", "institution", "account_no", "kind", "balance", "balance_on"},
		Rows: [][]string{{"1", "王秀英", "行", "A1", "一年期", "1.5", "2026年1月2日"}},
	}
	header := []string{"证件号码", "户名", "金融机构", "账号", "种类", "余额", "日期"}
	const common = "columns: {name: 户名, kind: 种类, balance_on: 日期}\ncodes: {kind: {一年期: time}}\ndates: [2006年1月2日]\n"
	on, _ := household.NewDate(2026, 1, 2)
	want := household.BankRecord{Institution: []byte("行"), AccountNo: []byte("A1"), Kind: 2, Balance: 150, BalanceOn: on}
	tests := []struct {
		name, mapping string
		data          []byte
	}{
		{"csv", common, sheet.CSV(header, ",", "\n")},
		{"xlsx", common, sheet.XLSX(t, header)},
		{"csv without header", "header: no\ncolumns: {id_number: 1, name: 2, institution: 3, account_no: 4, kind: 5, balance: 6, balance_on: 7}\n" +
			"codes: {kind: {一年期: time}}\ndates: [2006年1月2日]\n", []byte("1,王秀英,行,A1,一年期,1.5,2026年1月2日\n")},
		{"xlsx without header", "header: no\ncolumns: {id_number: 1, name: 2, institution: 3, account_no: 4, kind: 5, balance: 6, balance_on: 7}\n" +
			"codes: {kind: {一年期: time}}\ndates: [2006年1月2日]\n", connectortest.Sheet{Department: sheet.Department, Columns: sheet.Columns}.XLSX(t, sheet.Rows[0])},
		{"wan", common + "unit: {balance: wan}\n", []byte(strings.Replace(string(sheet.CSV(header, ";", "\n")), "1.5", "0.00015", 1))},
		{"jsonl", common + "unit: {balance: yuan}\n", []byte(`{"id_number":"1","户名":"王秀英","institution":"行","account_no":"A1","种类":"一年期","balance_fen":1.5,"日期":"2026年1月2日"}`)},
		{"jsonl fen", common, []byte(`{"id_number":"1","户名":"王秀英","institution":"行","account_no":"A1","种类":"一年期","balance_fen":150,"日期":"2026年1月2日"}`)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := connectortest.Read(t, connectortest.File(t, "f", tt.data), bank.Department(), connectors.Options{Mapping: connectortest.Mapping(t, tt.mapping)})
			if len(got) != 1 || got[0].Fault != nil {
				t.Fatalf("got %+v", got)
			}
			if diff := cmp.Diff(want, got[0].Record.Bank); diff != "" || string(got[0].Record.Name) != "王秀英" {
				t.Errorf("%s %s", got[0].Record.Name, diff)
			}
		})
	}
}

func TestMappingDates(t *testing.T) {
	tests := []struct {
		forms, text string
		bad         bool
	}{
		{forms: "[2006.1.2]", text: "2026.1.2"},
		{forms: "[2006.1.2]", text: "2026-01-02"},
		{forms: "[2006年1月2日]", text: "2026年01月02日"},
		{forms: `["2006-01-02 15:04:05"]`, text: "2026-01-02 00:00:00"},
		{forms: `["2006-01-02 15:04:05"]`, text: "2026-01-02T08:00:00+08:00"},
		{forms: "[02/01/2006]", text: "02/01/2026"},
		{forms: "[01/02/2006]", text: "01/02/2026"},
		{forms: "[01/02/2006]", text: "13/01/2026", bad: true},
		{forms: "[2006.1.2]", text: "2026.1.2x", bad: true},
		{forms: "[2006.1.2]", text: "26.1.2", bad: true},
		{forms: `["2006-01-02 15:04:05"]`, text: "2026-01-02 noon", bad: true},
	}
	want, _ := household.NewDate(2026, 1, 2)
	for _, tt := range tests {
		m := connectortest.Mapping(t, "dates: "+tt.forms+"\n")
		got := connectortest.Read(t, connectortest.File(t, "f", []byte("id_number,name,institution,account_no,kind,balance,balance_on\n1,n,b,a,time,1,"+tt.text+"\n")),
			bank.Department(), connectors.Options{Mapping: m})
		if tt.bad {
			if got[0].Fault == nil || got[0].Fault.Code != connectors.BadDate {
				t.Errorf("%s as %s: %v", tt.text, tt.forms, got[0].Fault)
			}
		} else if got[0].Record.Bank.BalanceOn != want {
			t.Errorf("%s as %s: %v %v", tt.text, tt.forms, got[0].Record.Bank.BalanceOn, got[0].Fault)
		}
	}
}

func TestMappingErrors(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"unknown key", "source: tax\ncolums: {}\n", `mapping.yaml:2:1: unknown key "colums"; expected source, provider, format, encoding, delimiter, header, skip_rows, columns, codes, defaults, unit, dates or empty`},
		{"unknown source", "source: land\n", "mapping.yaml:1:9: unknown source; expected one of tax, vehicle, property, bank, insurance, register"},
		{"other source", "source: bank\n", "mapping.yaml: the mapping is for bank files, not for tax"},
		{"unknown column", "columns:\n  name: 姓\n  wages: 工资\n", `mapping.yaml:3:3: tax files have no column "wages"; they have id_number, name, id_type, country, birth_date, sex, division, record_no, period, income_type, income, own_insurance, tax, payer_name, payer_code`},
		{"unknown code", "codes:\n  income_type:\n    \"01\": salary\n", `mapping.yaml:3:11: income_type has no code "salary" for "01"; it has wage, labour, business, interest, dividend, rental, royalty, property_sale, incidental`},
		{"no codes", "codes: {income: {a: b}}\n", "mapping.yaml:1:21: income has no code list"},
		{"bad default", "defaults: {period: 2025-13}\n", "mapping.yaml:1:20: the default of period is no value of it: bad_period"},
		{"bad unit", "unit: {income: jiao}\n", `mapping.yaml:1:16: unknown unit "jiao"; expected one of ["yuan" "fen" "wan"]`},
		{"unit of a text", "unit: {payer_name: fen}\n", "mapping.yaml:1:8: payer_name is not an amount and has no unit"},
		{"bytes without fixed", "columns: {name: {from: 1, len: 2}}\n", "mapping.yaml:1:11: name: {from, len} goes with format: fixed, and only with it"},
		{"half a range", "format: fixed\ncolumns: {name: {from: 1}}\n", "mapping.yaml:2:17: expected both from and len"},
		{"ambiguous dates", "dates: [02/01/2006, 01/02/2006]\n", "mapping.yaml:1:8: 02/01/2006 and 01/02/2006 cannot be told apart; name one of them"},
		{"unknown date", "dates: [dd-mm]\n", `mapping.yaml:1:9: unknown form of dates "dd-mm"; expected one of ["2006.1.2" "2006年1月2日" "2006-01-02 15:04:05" "02/01/2006" "01/02/2006"]`},
		{"header without header", "header: no\ncolumns: {name: 姓名}\n", "mapping.yaml:2:11: name: without a header a column is named by its position"},
		{"list", "- a\n", "mapping.yaml:1:1: expected a mapping as keys with values"},
		{"alias", "source: &a tax\nprovider: *a\n", "mapping.yaml:1:9: expected the name of a source"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, err := connectors.LoadMapping(connectortest.File(t, "mapping.yaml", []byte(tt.text)))
			if err == nil {
				err = m.Check(tax.Department())
			}
			if err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestMappingSyntaxHasPosition(t *testing.T) {
	for _, text := range []string{"columns: {name: a\n", "source: tax\nsource: bank\n", "a:\n\t- b\n", "\"", ""} {
		_, err := connectors.LoadMapping(connectortest.File(t, "mapping.yaml", []byte(text)))
		if err == nil || !strings.HasPrefix(err.Error(), "mapping.yaml:") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzMapping(f *testing.F) {
	f.Add(housingFund)
	f.Add("format: fixed\ncolumns: {id_number: {from: 1, len: 18}}\nheader: no\ndates: [2006.1.2]\n")
	d := insurance.Department()
	f.Fuzz(func(t *testing.T, text string) {
		m, err := connectors.LoadMapping(connectortest.File(t, "m.yaml", []byte(text)))
		if err != nil {
			return
		}
		_ = m.Check(d)
		_, _ = connectortest.TryRead(t, connectortest.File(t, "f", []byte("流水号|身份证号|缴存人\n1|2|3\n")), d, connectors.Options{Mapping: m})
	})
}
