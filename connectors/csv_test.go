package connectors_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/connectors"
	"github.com/hedui/hedui/connectors/bank"
	"github.com/hedui/hedui/connectors/property"
	"github.com/hedui/hedui/connectors/tax"
	"github.com/hedui/hedui/engine/household"
)

// outcome is what became of a row, in a form that tests can compare.
type outcome struct {
	Row, Line int64
	Code      string
	Column    string
	Excerpt   string
	IDNumber  string
	Name      string
}

func writeFile(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func readRows(t *testing.T, d *connectors.Department, content string, o connectors.Options) []outcome {
	t.Helper()
	tables, err := connectors.Open(writeFile(t, "f.csv", content), d, o)
	if err != nil {
		t.Fatal(err)
	}
	if len(tables) != 1 {
		t.Fatalf("%d tables, want 1", len(tables))
	}
	return drain(t, tables[0])
}

func drain(t *testing.T, table *connectors.Table) []outcome {
	t.Helper()
	defer table.Close()
	var out []outcome
	var rec household.Record
	for {
		err := table.Next(&rec)
		if errors.Is(err, io.EOF) {
			return out
		}
		o := outcome{Row: rec.Row, Line: rec.Line, IDNumber: string(rec.IDNumber), Name: string(rec.Name)}
		if fault, ok := errors.AsType[*connectors.Fault](err); ok {
			o.Code, o.Column, o.Excerpt = fault.Code.String(), fault.Column, fault.Excerpt
			if fault.Row != rec.Row || fault.Line != rec.Line {
				t.Errorf("fault of row %d line %d, record of row %d line %d", fault.Row, fault.Line, rec.Row, rec.Line)
			}
		} else if err != nil {
			t.Fatal(err)
		}
		out = append(out, o)
	}
}

const taxHeader = "id_number,name,record_no,period,income_type,income,tax,payer_name\n"

func TestCSVRows(t *testing.T) {
	covers, _ := household.ParseMonths("2025-01..2025-12")
	tests := []struct {
		name    string
		dept    *connectors.Department
		content string
		opts    connectors.Options
		want    []outcome
	}{
		{
			name: "plain", content: taxHeader + "1,王秀英,R1,2025-01,wage,1234.5,,甲\n\n 2 ,,R2,2025,工资薪金,\"1,234.50\",0.00,\"乙\n\"\"丙\"\"\"\r\n3,c,R3,202501,wage,1,,",
			want: []outcome{{Row: 1, Line: 2, IDNumber: "1", Name: "王秀英"}, {Row: 2, Line: 4, IDNumber: "2"}, {Row: 3, Line: 6, IDNumber: "3", Name: "c"}},
		},
		{
			name: "faults", content: taxHeader +
				"1,n,,2025-01,wage,1,,\n1,n,R,2025-13,wage,1,,\n1,n,R,2025-01,salary,1.234,,\n1,n,R,2025-01,wage,1.234,-1,\n" +
				"1,n,R,2025-01,wage,-5,,\n1,n,R,2025-01,wage,1\n1,n,R,2025-01,wage,1,,,\n1,n\xff,R,2025-01,wage,1,,张\n1,n,R\x00,2025-01,wage,1,,\n",
			want: []outcome{
				{Row: 1, Line: 2, Code: "missing_field", Column: "record_no", IDNumber: "1", Name: "n"},
				{Row: 2, Line: 3, Code: "bad_period", Column: "period", Excerpt: "2025-13", IDNumber: "1", Name: "n"},
				{Row: 3, Line: 4, Code: "unknown_code", Column: "income_type", Excerpt: "s*****", IDNumber: "1", Name: "n"},
				{Row: 4, Line: 5, Code: "bad_amount", Column: "income", Excerpt: "1.234", IDNumber: "1", Name: "n"},
				{Row: 5, Line: 6, Code: "negative_amount", Column: "income", Excerpt: "-5", IDNumber: "1", Name: "n"},
				{Row: 6, Line: 7, Code: "column_count", IDNumber: "1", Name: "n"},
				{Row: 7, Line: 8, Code: "column_count", IDNumber: "1", Name: "n"},
				{Row: 8, Line: 9, Code: "bad_encoding", Column: "name", Excerpt: "?*", IDNumber: "1"},
				{Row: 9, Line: 10, Code: "bad_encoding", Column: "record_no", Excerpt: "R*", IDNumber: "1", Name: "n"},
			},
		},
		{
			name: "coverage", opts: connectors.Options{Covers: covers}, content: taxHeader +
				"1,n,R,2025-12,wage,1,,\n1,n,R,2026-01,wage,1,,\n1,n,R,2026,wage,1,,\n1,n,R,2025,wage,1,,\n",
			want: []outcome{
				{Row: 1, Line: 2, IDNumber: "1", Name: "n"},
				{Row: 2, Line: 3, Code: "outside_coverage", Column: "period", Excerpt: "2026-01", IDNumber: "1", Name: "n"},
				{Row: 3, Line: 4, Code: "outside_coverage", Column: "period", Excerpt: "2026", IDNumber: "1", Name: "n"},
				{Row: 4, Line: 5, IDNumber: "1", Name: "n"},
			},
		},
		{
			name: "unclosed quote", content: taxHeader + "1,a,R,2025-01,wage,1,,\"x\n2,b,R,2025-01,wage,1,,\n3,c,\"R\"x,2025-01,wage,1,,\n4,d,R,2025-01,wage,1,,\n",
			want: []outcome{
				{Row: 1, Line: 2, Code: "column_count", IDNumber: "1", Name: "a"},
				{Row: 2, Line: 3, IDNumber: "2", Name: "b"},
				{Row: 3, Line: 4, Code: "column_count", IDNumber: "3", Name: "c"},
				{Row: 4, Line: 5, IDNumber: "4", Name: "d"},
			},
		},
		{
			name: "gb18030 with pipes", content: "\xd6\xa4\xbc\xfe\xba\xc5\xc2\xeb|\xd0\xd5\xc3\xfb|\xc3\xf7\xcf\xb8\xba\xc5|\xcb\xf9\xca\xf4\xc6\xda|\xcb\xf9\xb5\xc3\xcf\xee\xc4\xbf|\xca\xd5\xc8\xeb\xb6\xee\n" +
				"1|\x81\x7c\xa6\x40|R|2025-01|\xb9\xa4\xd7\xca\xd0\xbd\xbd\xf0|1\n2|\xfe\x59|R|2025-01|wage|1\n3|\x82\x30\xff|R|2025-01|wage|1\n",
			want: []outcome{
				{Row: 1, Line: 2, IDNumber: "1", Name: "亅\ue6a6"},
				{Row: 2, Line: 3, IDNumber: "2", Name: "\u9fb4"},
				{Row: 3, Line: 4, IDNumber: "3", Code: "bad_encoding", Column: "姓名", Excerpt: "?**"},
			},
		},
		{
			name: "property needs one of two", dept: property.Department(), content: "id_number;name;certificate_no;unit_code;kind;status\n" +
				"1;n;;;住宅;现势\n1;n;C;;住宅;current\n1;n;;U;flat;current\n",
			want: []outcome{
				{Row: 1, Line: 2, Code: "missing_field", Column: "unit_code", IDNumber: "1", Name: "n"},
				{Row: 2, Line: 3, IDNumber: "1", Name: "n"},
				{Row: 3, Line: 4, Code: "unknown_code", Column: "kind", Excerpt: "f***", IDNumber: "1", Name: "n"},
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := tt.dept
			if d == nil {
				d = tax.Department()
			}
			if diff := cmp.Diff(tt.want, readRows(t, d, tt.content, tt.opts)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRefusedFiles(t *testing.T) {
	tests := []struct{ name, content, want string }{
		{
			"missing column", "id_number,name,institution,account_no,kind,balance\n1,n,b,a,demand,1\n",
			"f.csv, line 1: missing required column balance_on (余额日期); add the column, or say in a mapping which column it is",
		},
		{"other department", taxHeader, "f.csv, line 1: missing required column institution (金融机构), account_no (账号), kind (类型), balance (余额), balance_on (余额日期); the file looks like one of the tax department (税务); ingest it with --source tax"},
		{"no header", "340104198001011234,张三\n", "f.csv, line 1: no known column among the 2 of the header; missing required column id_number (证件号码), name (姓名), institution (金融机构), account_no (账号), kind (类型), balance (余额), balance_on (余额日期); if the file has no header row, or names its columns otherwise, describe it in a mapping"},
		{"twice", "id_number,name,姓名\n", "f.csv, line 1, column 姓名: columns 2 and 3 are both name (姓名); remove or rename one of them"},
		{"empty", "", "f.csv: the file is empty; expected a header row at least"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := connectors.Open(writeFile(t, "f.csv", tt.content), bank.Department(), connectors.Options{})
			if err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}
