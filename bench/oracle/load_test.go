package oracle

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// counts loads one snapshot of rows under a header and returns its accounting.
func counts(t *testing.T, source, text string) Counts {
	t.Helper()
	s, err := loadOne(t, source, text)
	if err != nil {
		t.Fatal(err)
	}
	return s.account.Total
}

func loadOne(t *testing.T, source, text string) (*snapshot, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "in.csv")
	if err := os.WriteFile(path, []byte(fill(text)), 0o600); err != nil {
		t.Fatal(err)
	}
	in := Snapshot{Source: source, AsOf: "2026-10-31", Files: []string{path}}
	if schemas[source].flow {
		in.Covers = "2025-01..2026-10"
	}
	return loadSnapshot(in)
}

func TestQuarantineCodes(t *testing.T) {
	for _, c := range []struct{ name, source, row, code string }{
		{"missing income type", "tax", "T,{A},2026-01,,1,,", missingField},
		{"three decimals", "tax", "T,{A},2026-01,wage,1.234,,", badAmount},
		{"negative tax", "tax", "T,{A},2026-01,wage,1,,-1", negativeAmount},
		{"month 13", "tax", "T,{A},2026-13,wage,1,,", badPeriod},
		{"before the covered months", "tax", "T,{A},2024-12,wage,1,,", outsideCoverage},
		{"year before the covered months", "tax", "T,{A},2024,wage,1,,", outsideCoverage},
		{"unknown income type", "tax", "T,{A},2026-01,salary,1,,", unknownCode},
		{"bad byte", "tax", "T,{a},王\xff,2026-01,wage,1,,", badEncoding},
		{"a column too few", "tax", "T,{A},2026-01,wage,1,", columnCount},
		{"a column too many", "tax", "T,{A},2026-01,wage,1,,,", columnCount},
		{"first in column order", "tax", "T,{A},2024-12,salary,x,,", outsideCoverage},
		{"first in column order, reversed", "tax", "T,{A},2026-01,salary,x,,", unknownCode},
		{"bare year as insurance month", "insurance", "I,{A},employee_pension,receiving,2026,,", badPeriod},
		{"no such day", "vehicle", "V,{A},P,car,normal,2026-02-30", badDate},
		{"neither unit code nor certificate", "property", ",,{A},residential,current,,", missingField},
		{"share above 100 %", "property", "U,,{A},residential,current,101,", badAmount},
		{"unknown purpose", "bank", "B,1,{A},demand,1,2026-10-31,,gift", unknownCode},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := counts(t, c.source, heads[c.source]+c.row+"\n")
			want := Counts{RowsIn: 1, Quarantined: 1, Codes: map[string]int{c.code: 1}}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAccounting(t *testing.T) {
	for _, c := range []struct {
		name, source, rows string
		want               Counts
	}{
		{
			"identical content in another writing", "tax", "T,{A},2026-01,wage,4000,,\nT,{A},202601,工资薪金,\"4,000.00\",0,0.00",
			Counts{RowsIn: 2, Accepted: 1, Duplicates: 1},
		},
		{
			"absent share is 100", "property", "U,,{A},residential,current,,\nU,,{A},住宅,现势,100,\nu,,{A},住宅,现势,1/1,",
			Counts{RowsIn: 3, Accepted: 1, Duplicates: 2},
		},
		{
			"one of three differs", "tax", "T,{A},2026-01,wage,1,,\nT,{A},2026-01,wage,1,,\nT,{A},2026-01,wage,2,,",
			Counts{RowsIn: 3, Quarantined: 3, Codes: map[string]int{conflictingDuplicate: 3}},
		},
		{
			"another person's record of the same key", "tax", "T,{A},2026-01,wage,1,,\nT,{B},2026-01,wage,2,,",
			Counts{RowsIn: 2, Accepted: 2},
		},
		{
			"a faulty row does not occupy its key", "tax", "T,{A},2026-01,wage,x,,\nT,{A},2026-01,wage,1,,",
			Counts{RowsIn: 2, Accepted: 1, Quarantined: 1, Codes: map[string]int{badAmount: 1}},
		},
		{
			"same person without a document by name", "tax", "T,,样本 甲,2026-01,wage,1,,\nT,,样本甲,2026-01,wage,1,,",
			Counts{RowsIn: 2, Accepted: 1, Duplicates: 1, Unlinked: 1},
		},
		{
			"document missing, wrong, without a name", "tax", "T,,样本甲,2026-01,wage,1,,\nU,123,样本甲,2026-01,wage,1,,\nV,{a},,2026-01,wage,1,,",
			Counts{RowsIn: 3, Accepted: 3, Unlinked: 2},
		},
		{
			"balance of another day is another record", "bank", "B,1,{A},demand,1,2026-10-31,,\nB,1,{A},demand,2,2026-10-30,,",
			Counts{RowsIn: 2, Accepted: 2},
		},
		{
			"certificate stands in for the unit code", "property", ",C,{A},residential,current,,\n,C,{A},office,current,,",
			Counts{RowsIn: 2, Quarantined: 2, Codes: map[string]int{conflictingDuplicate: 2}},
		},
		{"blank lines are no rows", "tax", "\nT,{A},2026-01,wage,1,,\n\n", Counts{RowsIn: 1, Accepted: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.want.Codes == nil {
				c.want.Codes = map[string]int{}
			}
			if diff := cmp.Diff(c.want, counts(t, c.source, heads[c.source]+c.rows+"\n")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMarks(t *testing.T) {
	for _, c := range []struct {
		name, row string
		want      int
	}{
		{"readable document", "T,{A},2026-01,wage,x,,", 1},
		{"wrong document", "T,123,样本甲,2026-01,wage,x,,", 0},
		{"column count", "T,{A},2026-01", 1},
		{"accepted row", "T,{A},2026-01,wage,1,,", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := loadOne(t, "tax", taxHead+c.row+"\n")
			if err != nil {
				t.Fatal(err)
			}
			if len(s.marks) != c.want {
				t.Errorf("%d marks, want %d", len(s.marks), c.want)
			}
		})
	}
}

func TestHeaders(t *testing.T) {
	for _, c := range []struct{ name, source, head, err string }{
		{"Chinese, any order, unknown column", "tax", "备注,收入额,所得项目,所属期,明细号,姓名,证件号码", ""},
		{"required column missing", "tax", "record_no,id_number,name,period,income_type", "income"},
		{"name column missing", "tax", "record_no,id_number,period,income_type,income", "name"},
		{"certificate is enough", "property", "certificate_no,id_number,name,kind,status", ""},
		{"no number of the unit", "property", "id_number,name,kind,status", "unit_code"},
		{"column twice", "tax", "record_no,明细号,id_number,name,period,income_type,income", "twice"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := loadOne(t, c.source, c.head+"\n")
			if (err != nil) != (c.err != "") || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Errorf("error %v, want %q", err, c.err)
			}
		})
	}
}

func TestLoadRefuses(t *testing.T) {
	for name, in := range map[string][]Snapshot{
		"unknown source":    {{Source: "police", AsOf: "2026-10-31"}},
		"no as-of":          {{Source: "bank"}},
		"flow, no covers":   {{Source: "tax", AsOf: "2026-10-31"}},
		"covers, no flow":   {{Source: "bank", AsOf: "2026-10-31", Covers: "2025-01..2025-02"}},
		"the same date":     {{Source: "bank", AsOf: "2026-10-31"}, {Source: "bank", Provider: "bank", AsOf: "2026-10-31"}},
		"file is not there": {{Source: "bank", AsOf: "2026-10-31", Files: []string{"no-such-file.csv"}}},
	} {
		if _, err := Load(in); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
