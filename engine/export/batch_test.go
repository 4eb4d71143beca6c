package export_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/export"
	"github.com/hedui/hedui/engine/household"
)

var (
	update    = flag.Bool("update", false, "rewrite the files that outputs are compared with")
	batchRows = flag.Int("export.rows", 4000, "rows of the large batch")
)

// full shows everything, bands shows names and amounts as for somebody who judges nothing.
func full() (m access.Masks) {
	for f := range m {
		m[f] = access.Full
	}
	return m
}

func bands() (m access.Masks) {
	for f := range m {
		m[f] = access.Partly
	}
	return m
}

func batchOptions(f export.Format, t testing.TB, masks access.Masks) export.BatchOptions {
	t.Helper()
	return export.BatchOptions{
		Format: f, Slip: slip(1), Key: key(t), Where: china, Masks: masks,
		Titles: func(code string) string {
			return map[string]string{"vehicle_owned": "拥有机动车辆", "undeclared_income": "未申报收入"}[code]
		},
		Cover: export.BatchCover{
			Batch: "b-0001", Sender: "hefei-centre", Division: "340100", Scheme: "dibao", Name: "十一月.xlsx", Channel: "file", On: 20261101, Generation: "g1",
			Rules: household.PackRef{Name: "reference", Version: "1", Digest: "d1"}, Accepted: time.Date(2026, 11, 1, 1, 2, 3, 0, time.UTC), Done: time.Date(2026, 11, 1, 1, 5, 0, 0, time.UTC),
		},
	}
}

// verdictOf is a verdict of a household, of each kind in turn.
func verdictOf(i int, number string) *household.Verdict {
	v := &household.Verdict{HouseholdID: number, Scheme: "dibao", On: 20261101, Generation: "g1", Pack: household.PackRef{Name: "reference", Version: "1", Digest: "d1"}}
	v.Income.Window, _ = household.ParseMonths("2025-11..2026-10")
	v.Income.Members, v.Income.Limit, v.Assets.FinancialLimit = 2, 1_680_000, 3_360_000
	for s := range v.Coverage {
		v.Coverage[s].State = household.None
	}
	switch v.Outcome = household.Outcome(1 + i%4); v.Outcome {
	case household.NeedsReview:
		v.Income.Lines = []household.IncomeLine{{Member: 1, Type: 1, Declared: 1_440_000, Found: 2_010_000, Counted: 2_010_000}, {Member: 2, Type: 4, Counted: 5}}
		v.Income.Total = 2_010_005
		v.Findings = []household.Finding{{Code: "undeclared_income", Effect: v.Outcome, Grade: household.GradeA, Member: 1, Type: 1, HasAmount: true, Amount: 570_000, Limit: 120_000}}
	case household.SuspectedIneligible:
		v.Assets.Vehicles, v.Assets.Financial = 1, 900_001
		v.Findings = []household.Finding{{Code: "vehicle_owned", Effect: v.Outcome, Grade: household.GradeA, Member: 2}, {Code: "nobody_says", Effect: household.NeedsReview, Grade: household.GradeB}}
	case household.Unverifiable:
		v.Coverage[household.Bank].State, v.Coverage[household.Tax].State = household.Missing, household.Stale
	}
	return v
}

func refusalOf(number, code string) *household.Verdict {
	return &household.Verdict{HouseholdID: number, Scheme: "dibao", On: 20261101, Outcome: household.Refused, Findings: []household.Finding{{Code: code, Effect: household.Refused}}}
}

// sample is a batch with a row of each kind.
func sample() []*export.BatchResult {
	return []*export.BatchResult{
		{Row: 1, Household: "1", Division: "340104", Verdict: "v-1", Line: verdictOf(0, "1").AppendJSON(nil)},
		{Row: 2, Household: "=2", Division: "340104001", Verdict: "v-2", Case: "c-2", Line: verdictOf(1, "=2").AppendJSON(nil), Members: []household.Name{"王秀英", "欧阳小明"}},
		{Row: 3, Household: "3", Division: "340111", Line: refusalOf("3", "authorization_expired").AppendJSON(nil), Sheet: "households 家庭", At: 4},
		{Row: 4, Household: "4", Division: "340111", Verdict: "v-4", Case: "c-4", Line: verdictOf(2, "4").AppendJSON(nil)},
		{Row: 5, Household: "@5", Problems: []export.BatchProblem{{"members 成员", 7, "id_number", "lost_value", "=已失去原值"}, {"", 9, "", "no_members", "没有成员"}}},
		{Row: 6, Division: "340111", Line: []byte(`{"line":6,"on":"2026-11-01","outcome":"refused","findings":[{"code":"invalid_request","effect":"refused"}]}`)},
		{Row: 7, Household: "7", Division: "999999", Verdict: "v-7", Line: verdictOf(3, "7").AppendJSON(nil)},
	}
}

func writeBatch(t testing.TB, o export.BatchOptions, rows []*export.BatchResult) ([]byte, *export.Marks) {
	t.Helper()
	var out bytes.Buffer
	b, err := export.NewBatchBook(&out, o)
	must(t, err)
	for _, r := range rows {
		must(t, b.Add(r))
	}
	must(t, b.Close())
	return out.Bytes(), b.Marks()
}

// dump is a workbook as text, sheet by sheet.
func dump(t testing.TB, file []byte) string {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(file))
	must(t, err)
	defer f.Close()
	var out strings.Builder
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet)
		must(t, err)
		fmt.Fprintf(&out, "== %s\n", sheet)
		for _, row := range rows {
			fmt.Fprintf(&out, "%s\n", strings.Join(row, " | "))
		}
	}
	return out.String()
}

// Every form of a batch's results, for those who see amounts and those who see bands.
func TestBatchBook(t *testing.T) {
	for name, masks := range map[string]access.Masks{"full": full(), "bands": bands(), "hidden": {}} {
		csv, _ := writeBatch(t, batchOptions(export.CSV, t, masks), sample())
		book, _ := writeBatch(t, batchOptions(export.XLSX, t, masks), sample())
		got := dump(t, book) + "== CSV\n" + strings.ReplaceAll(string(csv), "\r\n", "\n")
		golden := filepath.Join("testdata", "batch_"+name+".txt")
		if *update {
			must(t, os.WriteFile(golden, []byte(got), 0o644))
		}
		want, err := os.ReadFile(golden)
		must(t, err)
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if masks[access.FieldAmount] != access.Full && (strings.Contains(got, "20,100") || strings.Contains(got, "20100")) || masks[access.FieldName] != access.Full && strings.Contains(got, "秀英") {
			t.Errorf("%s: something is shown that is masked", name)
		}
	}
}

// The lines of a batch are those of hedui verify, byte for byte, and one for each row.
func TestBatchLines(t *testing.T) {
	rows := sample()
	got, marks := writeBatch(t, batchOptions(export.JSONL, t, access.Masks{}), rows)
	var want bytes.Buffer
	for _, r := range rows {
		if r.Line == nil {
			want.WriteString(`{"household_id":"@5","scheme":"dibao","on":"2026-11-01","outcome":"refused","findings":[{"code":"lost_value","effect":"refused"},{"code":"no_members","effect":"refused"}]}`)
		}
		want.Write(r.Line)
		want.WriteByte('\n')
	}
	if diff := cmp.Diff(want.String(), string(got)); diff != "" {
		t.Error(diff)
	}
	if marks.Rows() != 0 || marks.Recipient != slip(1).Recipient {
		t.Errorf("marks of %d rows for %s", marks.Rows(), marks.Recipient)
	}
}

// What is no batch is refused, and a file that went wrong is not ended as if it were whole.
func TestBatchGoesWrong(t *testing.T) {
	rows := sample()
	for name, wrong := range map[string]*export.BatchResult{
		"again":     rows[0],
		"no answer": {Row: 9, Household: "9"},
		"no line":   {Row: 9, Line: []byte(`{"outcome":"found"}`)},
	} {
		for _, f := range []export.Format{export.CSV, export.XLSX} {
			var out bytes.Buffer
			b, err := export.NewBatchBook(&out, batchOptions(f, t, full()))
			must(t, err)
			must(t, b.Add(rows[1]))
			if b.Add(wrong) == nil || b.Add(rows[3]) == nil || b.Close() == nil {
				t.Errorf("%s: taken", name)
			}
			if f == export.XLSX && out.Len() > 0 {
				t.Errorf("%s: a workbook was written", name)
			}
		}
	}
	if _, err := export.NewBatchBook(io.Discard, export.BatchOptions{Where: china}); err == nil {
		t.Error("no format, and it is taken")
	}
}

// Whatever a batch holds, each row stands on one sheet or in one row of the table, nothing
// of it is a formula, the counts are those of the rows, and the copy names its recipient.
func TestBatchKeepsEveryRow(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var rows []*export.BatchResult
		n := rapid.IntRange(0, 130).Draw(rt, "rows")
		want, refused := map[string]bool{}, 0
		for i := range n {
			number := drawText(rt) + fmt.Sprint(i)
			r := &export.BatchResult{Row: int64(i + 1), Household: number, Division: rapid.SampledFrom([]string{"", "340104", "340111002", "34"}).Draw(rt, "division"), Verdict: fmt.Sprintf("v%d", i)}
			switch rapid.IntRange(0, 3).Draw(rt, "kind") {
			case 0:
				r.Problems = []export.BatchProblem{{drawText(rt), 3, drawText(rt), "bad_date", drawText(rt)}}
				refused++
			case 1:
				r.Line = refusalOf(number, "authorization_missing").AppendJSON(nil)
				refused++
			default:
				r.Line = verdictOf(i, number).AppendJSON(nil)
				r.Members = []household.Name{household.Name(drawText(rt)), "王"}
			}
			want[fmt.Sprint(i+1)] = true
			rows = append(rows, r)
		}
		format := rapid.SampledFrom([]export.Format{export.CSV, export.XLSX}).Draw(rt, "format")
		file, marks := writeBatch(t, batchOptions(format, t, bands()), rows)
		f := read(t, file)
		inTable := n
		if format == export.XLSX {
			inTable -= refused
			book, err := excelize.OpenReader(bytes.NewReader(file))
			must(t, err)
			defer book.Close()
			sheets := book.GetSheetList()
			list, err := book.GetRows(sheets[2])
			must(t, err)
			for _, row := range list[1:] {
				if !want[row[0]] {
					rt.Fatalf("row %s is refused twice", row[0])
				}
				delete(want, row[0])
			}
			summary, err := book.GetRows(sheets[3])
			must(t, err)
			if last := summary[len(summary)-1]; last[2] != fmt.Sprint(n) || last[7] != fmt.Sprint(refused) {
				rt.Fatalf("the sum of %d rows, %d of them refused, is %v", n, refused, last)
			}
			for _, sheet := range sheets {
				noFormula(rt, book, sheet)
			}
		}
		if len(f.Rows) != inTable || marks.Rows() != inTable || f.Foot == "" {
			rt.Fatalf("%d rows of %d", len(f.Rows), inTable)
		}
		for _, row := range f.Rows {
			delete(want, row[0])
		}
		if len(want) > 0 {
			rt.Fatalf("rows %v stand nowhere", want)
		}
		if inTable > 64 {
			given := false
			id, err := export.Identify(context.Background(), key(t), f, func() (*export.Marks, error) {
				if given {
					return nil, nil
				}
				given = true
				return marks, nil
			})
			must(t, err)
			if len(id.Named) != 1 {
				rt.Fatalf("a copy of %d rows names %d recipients", inTable, len(id.Named))
			}
		}
	})
}

func noFormula(t *rapid.T, book *excelize.File, sheet string) {
	rows, err := book.GetRows(sheet)
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		for j := range row {
			cell, _ := excelize.CoordinatesToCellName(j+1, i+1)
			if f, err := book.GetCellFormula(sheet, cell); err != nil || f != "" {
				t.Fatalf("%s %s is a formula", sheet, cell)
			}
		}
	}
}

// A large batch is written in memory that does not grow with it, but for the marks.
func TestBatchIsFlat(t *testing.T) {
	for name, format := range map[string]export.Format{"csv": export.CSV, "xlsx": export.XLSX, "jsonl": export.JSONL} {
		o := batchOptions(format, t, bands())
		o.Temp = t.TempDir()
		b, err := export.NewBatchBook(io.Discard, o)
		must(t, err)
		line := verdictOf(1, "1").AppendJSON(nil)
		var m runtime.MemStats
		held := func() uint64 {
			runtime.GC()
			runtime.ReadMemStats(&m)
			return m.HeapAlloc
		}
		start := time.Now()
		before, most := held(), uint64(0)
		for i := range *batchRows {
			must(t, b.Add(&export.BatchResult{Row: int64(i + 1), Division: "340104", Verdict: fmt.Sprintf("v-%d", i), Line: line}))
			if i%(*batchRows/8) == 0 {
				most = max(most, held()-min(before, m.HeapAlloc))
			}
		}
		must(t, b.Close())
		left, err := os.ReadDir(o.Temp)
		must(t, err)
		t.Logf("%s: %d rows in %v, %d KB held at most", name, *batchRows, time.Since(start).Round(time.Millisecond), most>>10)
		// A workbook keeps 16 MB of each sheet before it goes to a file.
		if limit := uint64(40<<20 + 200**batchRows); most > limit || len(left) > 0 {
			t.Errorf("%s: %d bytes held of %d allowed, %d files left", name, most, limit, len(left))
		}
	}
}
