package connectors_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/hedui/hedui/connectors"
	"github.com/hedui/hedui/connectors/bank"
	"github.com/hedui/hedui/connectors/connectortest"
	"github.com/hedui/hedui/connectors/insurance"
	"github.com/hedui/hedui/connectors/tax"
	"github.com/hedui/hedui/engine/household"
)

// book writes a workbook of one sheet of XML, as a program other than ours might.
func book(t testing.TB, date1904 bool, sheets ...string) []byte {
	t.Helper()
	prefix := `<?xml version="1.0" encoding="UTF-8"?>` + "\n"
	list, rels := "", ""
	var entries []string
	for i, s := range sheets {
		list += fmt.Sprintf(`<sheet name="S%d" sheetId="%d" r:id="r%d"/>`, i+1, i+1, i+1)
		rels += fmt.Sprintf(`<Relationship Id="r%d" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/s%d.xml"/>`, i+1, i+1)
		entries = append(entries, fmt.Sprintf("xl/worksheets/s%d.xml", i+1), prefix+s)
	}
	rels += `<Relationship Id="rs" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="/xl/sharedStrings.xml"/>`
	entries = append(entries,
		"xl/workbook.xml", prefix+fmt.Sprintf(`<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><workbookPr date1904="%v"/><sheets>%s</sheets></workbook>`, date1904, list),
		"xl/_rels/workbook.xml.rels", prefix+`<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`+rels+`</Relationships>`,
		"xl/sharedStrings.xml", prefix+`<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>王秀英</t></si><si><r><t>王</t></r><r><t>秀英</t></r><rPh><t>wang</t></rPh></si><si><t xml:space="preserve">a_x000D_b</t></si></sst>`)
	return connectortest.Zip(t, entries...)
}

const bankHead = `<row r="1"><c r="A1" t="inlineStr"><is><t>id_number</t></is></c><c r="B1" t="inlineStr"><is><t>name</t></is></c><c r="C1" t="inlineStr"><is><t>institution</t></is></c><c r="D1" t="inlineStr"><is><t>account_no</t></is></c><c r="E1" t="inlineStr"><is><t>kind</t></is></c><c r="F1" t="inlineStr"><is><t>balance</t></is></c><c r="G1" t="inlineStr"><is><t>balance_on</t></is></c></row>`

func bankSheet(rows string) string {
	return `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>` + bankHead + rows + `</sheetData></worksheet>`
}

// bankRow is one row whose name, account, balance and date are given as cells.
func bankRow(n int, name, account, balance, date string) string {
	text := func(col, s string) string {
		return fmt.Sprintf(`<c r="%s%d" t="inlineStr"><is><t>%s</t></is></c>`, col, n, s)
	}
	cell := func(col, s string) string {
		return strings.Replace(s, "<c", fmt.Sprintf(`<c r="%s%d"`, col, n), 1)
	}
	return fmt.Sprintf(`<row r="%d">`, n) + text("A", "1") + cell("B", name) + text("C", "b") + cell("D", account) + text("E", "time") + cell("F", balance) + cell("G", date) + "</row>"
}

func num(s string) string { return "<c><v>" + s + "</v></c>" }

func str(s string) string { return `<c t="str"><v>` + s + `</v></c>` }

func TestXLSXCells(t *testing.T) {
	day, _ := household.NewDate(2026, 10, 31)
	tests := []struct {
		name                        string
		person, account, amount, on string
		date1904                    bool
		code                        string
		wantName, wantAccount       string
		wantFen                     household.Fen
		wantOn                      household.Date
	}{
		{name: "shared text", person: `<c t="s"><v>0</v></c>`, wantName: "王秀英"},
		{name: "rich text", person: `<c t="s"><v>1</v></c>`, wantName: "王秀英"},
		{name: "escaped control", person: `<c t="s"><v>2</v></c>`, code: "bad_encoding"},
		{name: "no such text", person: `<c t="s"><v>9</v></c>`, code: "bad_encoding"},
		{name: "error value", person: `<c t="e"><v>#N/A</v></c>`, code: "bad_encoding"},
		{name: "formula", amount: "<c><f>1+1</f><v>2</v></c>", wantFen: 200},
		{name: "formula without result", amount: "<c><f>1+1</f></c>", code: "bad_encoding"},
		{name: "noise", amount: num("0.30000000000000004"), wantFen: 30},
		{name: "noise below", amount: num("1234.5599999999999"), wantFen: 123456},
		{name: "exponent", amount: num("1.2E7"), wantFen: 1_200_000_000},
		{name: "small exponent", amount: num("5E-2"), wantFen: 5},
		{name: "largest", amount: num("9999999999999.99"), wantFen: 999_999_999_999_999},
		{name: "third decimal", amount: num("1234.567"), code: "bad_amount"},
		{name: "third decimal as text", amount: str("0.30000000000000004"), code: "bad_amount"},
		{name: "negative", amount: num("-1"), code: "negative_amount"},
		{name: "text amount", amount: str("1,234.50"), wantFen: 123450},
		{name: "serial", on: num("46326"), wantOn: day},
		{name: "serial with a time", on: num("46326.75"), wantOn: day},
		{name: "serial 1904", on: num("44864"), date1904: true, wantOn: day},
		{name: "digits", on: num("20261031"), wantOn: day},
		{name: "iso", on: `<c t="d"><v>2026-10-31</v></c>`, wantOn: day},
		{name: "text date", on: str("2026/10/31"), wantOn: day},
		{name: "the day that never was", on: num("60"), code: "bad_date"},
		{name: "zero", on: num("0"), code: "bad_date"},
		{name: "far future", on: num("99999999"), code: "bad_date"},
		{name: "short number as account", account: num("622200"), wantAccount: "622200"},
		{name: "rounded account", account: num("6.2220000000000005E+18"), code: "bad_encoding"},
		{name: "rounded account in full", account: num("6222000000000000512"), code: "bad_encoding"},
		{name: "account as text", account: str("6222000000000000001"), wantAccount: "6222000000000000001"},
		{name: "empty account", account: "<c/>", code: "missing_field"},
		{name: "boolean", account: `<c t="b"><v>1</v></c>`, wantAccount: "1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			or := func(s, otherwise string) string {
				if s == "" {
					return otherwise
				}
				return s
			}
			data := book(t, tt.date1904, bankSheet(bankRow(2, or(tt.person, str("n")), or(tt.account, str("A")), or(tt.amount, num("1")), or(tt.on, str("2026-10-31")))))
			got := connectortest.Read(t, connectortest.File(t, "a.xlsx", data), bank.Department(), connectors.Options{})
			if len(got) != 1 {
				t.Fatalf("%d rows", len(got))
			}
			r := got[0].Record
			code := ""
			if got[0].Fault != nil {
				code = got[0].Fault.Code.String()
			}
			if code != tt.code || r.Line != 2 {
				t.Fatalf("got %v in line %d, want %q", got[0].Fault, r.Line, tt.code)
			}
			if code != "" {
				return
			}
			if tt.wantName != "" && string(r.Name) != tt.wantName || tt.wantAccount != "" && string(r.Bank.AccountNo) != tt.wantAccount ||
				tt.wantFen != 0 && r.Bank.Balance != tt.wantFen || tt.wantOn != 0 && r.Bank.BalanceOn != tt.wantOn {
				t.Errorf("got %s %+v", r.Name, r.Bank)
			}
		})
	}
}

// TestXLSXSerials compares day counts with the library's over all of them.
func TestXLSXSerials(t *testing.T) {
	f := excelize.NewFile()
	defer f.Close()
	var rows strings.Builder
	n := 2
	var want []string
	for serial := 1; serial < 60_000; serial += 97 {
		if serial == 60 {
			continue
		}
		rows.WriteString(bankRow(n, str("n"), str("A"), num("1"), num(fmt.Sprint(serial))))
		n++
		d, err := excelize.ExcelDateToTime(float64(serial), false)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, d.Format("2006-01-02"))
	}
	for i, o := range connectortest.Read(t, connectortest.File(t, "a.xlsx", book(t, false, bankSheet(rows.String()))), bank.Department(), connectors.Options{}) {
		if got := o.Record.Bank.BalanceOn.String(); got != want[i] {
			t.Errorf("row %d: %s, want %s", i+1, got, want[i])
		}
	}
}

func TestXLSXMonths(t *testing.T) {
	f := excelize.NewFile()
	defer f.Close()
	for i, row := range [][]any{
		{"id_number", "name", "record_no", "scheme", "role", "month"},
		{"1", "n", "R", "injury", "receiving", 202510},
		{"1", "n", "R", "injury", "receiving", "2025-10"},
		{"1", "n", "R", "injury", "receiving", 45931}, // 2025-10-01
		{"1", "n", "R", "injury", "receiving", 202513},
	} {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	b, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	got := connectortest.Read(t, connectortest.File(t, "a.xlsx", b.Bytes()), insurance.Department(), connectors.Options{})
	want, _ := household.NewMonth(2025, 10)
	for i, o := range got[:3] {
		if o.Fault != nil || o.Record.Insurance.Month != want {
			t.Errorf("row %d: %v %v", i+1, o.Record.Insurance.Month, o.Fault)
		}
	}
	if f := got[3].Fault; f == nil || f.Code != connectors.BadPeriod {
		t.Errorf("month 13: %v", f)
	}
}

func TestXLSXSheets(t *testing.T) {
	good := bankRow(2, str("n"), str("A"), num("1"), str("2026-10-31"))
	notes := `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row><c t="str"><v>说明</v></c></row></sheetData></worksheet>`
	empty := `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData/></worksheet>`
	gap := `<row r="5"/><row r="7"><c r="A7" s="1"/></row>` + bankRow(9, str("n"), str("A"), num("1"), str("2026-10-31"))
	tests := []struct {
		name   string
		sheets []string
		want   string // names of the tables, or a part of the error
		rows   int
	}{
		{"notes first", []string{notes, bankSheet(good)}, "a.xlsx", 1},
		{"two tables", []string{bankSheet(good), empty, bankSheet(good + gap)}, "a.xlsx a.xlsx/S3", 3},
		{"second table lacks a column", []string{bankSheet(good), strings.Replace(bankSheet(good), "<t>balance</t>", "<t>sum</t>", 1)}, "missing required column balance", 0},
		{"only notes", []string{notes}, "no known column", 0},
		{"only empty", []string{empty}, "is empty", 0},
		{"cut off", []string{bankSheet(good)[:len(bankSheet(good))-40]}, "damaged", 0},
		{"broken tags", []string{bankSheet(good + "<row r=\"3\"><c></row>")}, "damaged", 0},
		{"rows out of order", []string{bankSheet(good + good)}, "not in order", 0},
		{"endless cell", []string{bankSheet(bankRow(2, str(strings.Repeat("x", 5<<20)), str("A"), num("1"), str("2026-10-31")))}, "too much text", 0},
		{"entity", []string{`<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>` + bankSheet(bankRow(2, str("&e;"), str("A"), num("1"), str("2026-10-31")))}, "damaged", 0},
		{"one cell too many", []string{bankSheet(strings.Replace(good, "</row>", `<c r="H2" t="str"><v>x</v></c></row>`, 1))}, "a.xlsx", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := connectortest.File(t, "a.xlsx", book(t, false, tt.sheets...))
			if tt.rows == 0 {
				_, err := connectortest.TryRead(t, path, bank.Department(), connectors.Options{})
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("got %v, want %s", err, tt.want)
				}
				return
			}
			tables, err := connectors.Open(path, bank.Department(), connectors.Options{})
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			rows := 0
			for _, table := range tables {
				names = append(names, table.Name)
				rows += len(drain(t, table))
				if table.Info().SHA256 != sumOf(t, path) {
					t.Error("the digest is not that of the workbook")
				}
			}
			if strings.Join(names, " ") != tt.want || rows != tt.rows {
				t.Errorf("%v with %d rows", names, rows)
			}
		})
	}
}

// TestXLSXDamage breaks the sheet's part in every byte of a stretch: either the
// damage is told, or it lies where no value is.
func TestXLSXDamage(t *testing.T) {
	good := book(t, false, bankSheet(bankRow(2, str("n"), str("A"), num("12345"), str("2026-10-31"))))
	want := connectortest.Read(t, connectortest.File(t, "a.xlsx", good), bank.Department(), connectors.Options{})
	z, err := zip.NewReader(bytes.NewReader(good), int64(len(good)))
	if err != nil {
		t.Fatal(err)
	}
	from, err := z.File[0].DataOffset()
	if err != nil {
		t.Fatal(err)
	}
	for i := range int64(z.File[0].CompressedSize64) {
		data := bytes.Clone(good)
		data[from+i] ^= 4
		got, err := connectortest.TryRead(t, connectortest.File(t, "a.xlsx", data), bank.Department(), connectors.Options{})
		if diff := cmp.Diff(want, got); err == nil && diff != "" {
			t.Fatalf("byte %d: no error, and %s", i, diff)
		}
	}
}

func FuzzXLSX(f *testing.F) {
	f.Add(bankSheet(bankRow(2, str("n"), num("1"), num("1.5"), num("45000"))))
	d := bank.Department()
	f.Fuzz(func(t *testing.T, sheet string) {
		_, _ = connectortest.TryRead(t, connectortest.File(t, "a.xlsx", book(t, false, sheet)), d, connectors.Options{})
	})
}

func BenchmarkXLSX(b *testing.B) {
	s := connectortest.Sheet{Department: tax.Department(), Columns: []string{"id_number", "name", "record_no", "period", "income_type", "income"}}
	for i := range 20_000 {
		s.Rows = append(s.Rows, []string{fmt.Sprint(i), "王秀英", fmt.Sprint("R", i), "2025-01", "wage", "1234.5"})
	}
	path := connectortest.File(b, "a.xlsx", s.XLSX(b, s.Columns))
	b.ReportAllocs()
	for b.Loop() {
		tables, err := connectors.Open(path, s.Department, connectors.Options{})
		if err != nil {
			b.Fatal(err)
		}
		var rec household.Record
		for tables[0].Next(&rec) == nil {
		}
		_ = tables[0].Close()
	}
	b.ReportMetric(float64(len(s.Rows)*b.N)/b.Elapsed().Seconds(), "rows/s")
}
