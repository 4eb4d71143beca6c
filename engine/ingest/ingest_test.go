package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/connectors/departments"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ingest"
	"github.com/hedui/hedui/engine/match"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/engine/snapshot"
)

// id is the number of a resident.
func id(n int) string {
	return match.ResidentText(340104_19800101_000 + uint64(n%1000) + uint64(n/1000)*100_0000_0000)
}

const (
	taxHeader     = "id_number,name,record_no,period,income_type,income,tax,payer_name\n"
	vehicleHeader = "id_number,name,vin,plate,vehicle_class,status\n"
	bankHeader    = "id_type,id_number,name,institution,account_no,kind,balance,balance_on,share\n"
)

// write makes the files of an ingest.
func write(t testing.TB, texts ...string) []string {
	t.Helper()
	dir := t.TempDir()
	var names []string
	for i, text := range texts {
		name := filepath.Join(dir, fmt.Sprintf("f%d.csv", i+1))
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	return names
}

func options(dir string, s household.Source, files ...string) ingest.Options {
	o := ingest.Options{Dir: dir, Department: departments.Of(s), AsOf: 20261031, Files: files}
	if s.IsFlow() {
		o.Covers, _ = household.ParseMonths("2025-01..2026-10")
	}
	return o
}

func run(t testing.TB, o ingest.Options) ingest.Result {
	t.Helper()
	r, err := ingest.Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

type counts struct {
	In, Accepted, Quarantined, Duplicates, Unlinked, Persons int64
	ByCode                                                   string
}

func countsOf(r ingest.Result) counts {
	return counts{r.RowsIn, r.Accepted, r.Quarantined, r.Duplicates, r.Unlinked, r.Persons, strings.Trim(fmt.Sprint(r.ByCode), "map")}
}

// people decodes every entry of a snapshot.
func people(t testing.TB, dir, id string) map[household.PersonKey]profile.Profile {
	t.Helper()
	d, err := snapshot.OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	s, err := d.Open(id)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	all := map[household.PersonKey]profile.Profile{}
	for c := s.Entries(); ; {
		key, entry, err := c.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		var p profile.Profile
		if err := profile.Decode([]byte(string(entry)), &p); err != nil {
			t.Fatal(err)
		}
		all[key] = p
	}
}

func TestAccounting(t *testing.T) {
	tax := func(lines ...string) string { return taxHeader + strings.Join(lines, "\n") + "\n" }
	a, b := id(1), id(2)
	tests := map[string]struct {
		source household.Source
		files  []string
		want   counts
		lines  string // of the quarantine file, after its header
		marks  int    // people with a mark
	}{
		"nothing but a header": {household.Tax, []string{tax()}, counts{ByCode: "[]"}, "", 0},
		"good rows": {
			household.Tax,
			[]string{tax(a+",王秀英,T1,2026-01,wage,4000,0,甲", a+",王秀英,T2,2026-02,wage,4000,0,甲", b+",李伟,T1,2025,labour,1,0,")},
			counts{3, 3, 0, 0, 0, 2, "[]"},
			"", 0,
		},
		"every code": {
			household.Tax,
			[]string{tax(
				a+",王秀英,,2026-01,wage,4000,0,甲",
				a+",王秀英,T2,2026-01,wage,40.001,0,甲",
				a+",王秀英,T3,2026-01,wage,-1,0,甲",
				a+",王秀英,T4,2026-13,wage,1,0,甲",
				a+",王秀英,T5,2026-01,gift,1,0,甲",
				a+",王秀英,T6,2026-01,wage,1,0,甲,more",
				a+",王秀英,T7,2024-12,wage,1,0,甲",
				a+",王秀英,T8,2026-01,wage,1,0,甲\x01",
				a+",王秀英,T9,2026-01,wage,1,0,甲")},
			counts{9, 1, 8, 0, 0, 1, "[bad_amount:1 bad_encoding:1 bad_period:1 column_count:1 missing_field:1 negative_amount:1 outside_coverage:1 unknown_code:1]"},
			"1,1,2,record_no,missing_field,\n1,2,3,income,bad_amount,40.001\n1,3,4,income,negative_amount,-1\n1,4,5,period,bad_period,2026-13\n" +
				"1,5,6,income_type,unknown_code,g***\n1,6,7,,column_count,\n1,7,8,period,outside_coverage,2024-12\n1,8,9,payer_name,bad_encoding,甲*\n", 1,
		},
		"bad date": {
			household.Bank,
			[]string{bankHeader + "," + a + ",王秀英,工商银行,6222,demand,1,2026-02-30,\n"},
			counts{1, 0, 1, 0, 0, 0, "[bad_date:1]"},
			"1,1,2,balance_on,bad_date,2026-02-30\n", 1,
		},
		"a duplicate is compared after parsing": {
			household.Bank,
			[]string{
				bankHeader + "," + a + ",王秀英,工商银行,6222,demand,4000,2026-10-31,\n",
				bankHeader + "resident_id," + a + ",王 秀英,工商银行,6222,活期,\"4,000.00\",20261031,100\n",
			},
			counts{2, 1, 0, 1, 0, 1, "[]"},
			"", 0,
		},
		"15 and 18 digits are one person": {
			household.Vehicle,
			[]string{vehicleHeader + "110105491231002,王秀英,V1,皖A1,car,normal\n11010519491231002x,王秀英,v1,皖A1,car,normal\n"},
			counts{2, 1, 0, 1, 0, 1, "[]"},
			"", 0,
		},
		"a conflict takes all rows of the key": {
			household.Tax,
			[]string{
				tax(a+",王秀英,T1,2026-01,wage,4000,0,甲", a+",王秀英,T2,2026-01,wage,1,0,甲"),
				tax(a+",王秀英,T1,2026-01,wage,4001,0,甲", a+",王秀英,T1,2026-01,wage,4000,0,甲"),
			},
			counts{4, 1, 3, 0, 0, 1, "[conflicting_duplicate:3]"},
			"1,1,2,record_no,conflicting_duplicate,***\n2,1,2,record_no,conflicting_duplicate,***\n2,2,3,record_no,conflicting_duplicate,***\n", 1,
		},
		"another payer is another content":      {household.Tax, []string{tax(a+",王秀英,T1,2026-01,wage,1,0,甲", a+",王秀英,T1,2026-01,wage,1,0,乙")}, counts{2, 0, 2, 0, 0, 0, "[conflicting_duplicate:2]"}, "1,1,2,record_no,conflicting_duplicate,***\n1,2,3,record_no,conflicting_duplicate,***\n", 1},
		"another name is another content":       {household.Tax, []string{tax(a+",王秀英,T1,2026-01,wage,1,0,甲", a+",王秀,T1,2026-01,wage,1,0,甲")}, counts{2, 0, 2, 0, 0, 0, "[conflicting_duplicate:2]"}, "1,1,2,record_no,conflicting_duplicate,***\n1,2,3,record_no,conflicting_duplicate,***\n", 1},
		"a quarantined row leaves its key free": {household.Tax, []string{tax(a+",王秀英,T1,2026-01,wage,x,0,甲", a+",王秀英,T1,2026-01,wage,1,0,甲")}, counts{2, 1, 1, 0, 0, 1, "[bad_amount:1]"}, "1,1,2,income,bad_amount,x\n", 1},
		"the same record of two people":         {household.Tax, []string{tax(a+",王秀英,T1,2026-01,wage,1,0,甲", b+",李伟,T1,2026-01,wage,2,0,甲")}, counts{2, 2, 0, 0, 0, 2, "[]"}, "", 0},
		"unlinked rows": {
			household.Tax,
			[]string{tax("123,王秀英,T1,2026-01,wage,1,0,甲", "123,王秀英,T1,2026-01,wage,2,0,甲", ",王秀英,T1,2026-01,wage,1,0,甲", ",王 秀英,T1,2026-01,wage,1,0,甲", ",,T1,2026-01,wage,1,0,甲", ",,T2,2026-01,wage,1,0,甲")},
			counts{6, 3, 2, 1, 3, 0, "[conflicting_duplicate:2]"},
			"1,1,2,record_no,conflicting_duplicate,***\n1,2,3,record_no,conflicting_duplicate,***\n", 0,
		},
		"a number of an unknown type marks nobody": {
			household.Bank,
			[]string{bankHeader + "gift," + a + ",王,工行,1,demand,1,2026-10-31,\nresident_id," + b + ",王,工行,1,gift,1,2026-10-31,\n"},
			counts{2, 0, 2, 0, 0, 0, "[unknown_code:2]"},
			"1,1,2,id_type,unknown_code,g***\n1,2,3,kind,unknown_code,g***\n", 1,
		},
		"two documents of two types":             {household.Bank, []string{bankHeader + "passport,E1,王,工行,1,demand,1,2026-10-31,\nmilitary,E1,王,工行,1,demand,2,2026-10-31,\n"}, counts{2, 2, 0, 0, 0, 2, "[]"}, "", 0},
		"institution and account are kept apart": {household.Bank, []string{bankHeader + "," + a + ",王,A1,1,demand,1,2026-10-31,\n," + a + ",王,A,11,demand,2,2026-10-31,\n"}, counts{2, 2, 0, 0, 0, 1, "[]"}, "", 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			o := options(dir, tt.source, write(t, tt.files...)...)
			r := run(t, o)
			if diff := cmp.Diff(tt.want, countsOf(r)); diff != "" {
				t.Error(diff)
			}
			b, err := os.ReadFile(r.QuarantineFile)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff("file,row,line,column,code,excerpt\n"+tt.lines, string(b)); diff != "" {
				t.Error(diff)
			}
			var sum snapshot.Counts
			for _, f := range r.Files {
				sum.Add(f.Counts)
				if !f.Balanced() {
					t.Errorf("a file does not add up: %+v", f.Counts)
				}
			}
			if sum.RowsIn != r.RowsIn || sum.Accepted != r.Accepted || sum.Duplicates != r.Duplicates {
				t.Errorf("files %+v, snapshot %+v", sum, countsOf(r))
			}
			marks, records := 0, 0
			for _, p := range people(t, dir, r.Snapshot) {
				if len(p.Marks) > 0 {
					marks++
				}
				records += len(p.Tax) + len(p.Vehicle) + len(p.Property) + len(p.Bank) + len(p.Insurance)
			}
			if marks != tt.marks || int64(records) != r.Accepted {
				t.Errorf("%d marks and %d records, want %d and %d", marks, records, tt.marks, r.Accepted)
			}
		})
	}
}
