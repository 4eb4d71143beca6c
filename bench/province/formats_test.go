package province_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/hedui/hedui/bench/province"
)

// readFormat reads a whole file in one of the formats.
func readFormat(t *testing.T, path, format string) [][]string {
	t.Helper()
	if format == province.FormatXLSX {
		book, err := excelize.OpenFile(path)
		if err != nil {
			t.Fatal(err)
		}
		defer book.Close()
		rows, err := book.GetRows("Sheet1", excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var in io.Reader = f
	delimiter := byte(',')
	switch format {
	case province.FormatGB18030:
		in = simplifiedchinese.GB18030.NewDecoder().Reader(f)
	case province.FormatGzip:
		if in, err = gzip.NewReader(f); err != nil {
			t.Fatal(err)
		}
	case province.FormatTSV:
		delimiter = '\t'
	}
	data, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	return splitRows(data, delimiter)
}

// A split source holds the same rows as a whole one, each in the file it belongs to.
func TestSplitsHoldTheSameRows(t *testing.T) {
	o := province.Options{People: 6000, Seed: 10}
	whole, _ := generate(t, o)
	o.Months, o.Banks = true, 7
	split, sum := generate(t, o)
	got := map[string]map[string]int{"tax": {}, "bank": {}}
	institutions := map[string]string{}
	for _, f := range sum.Files {
		if got[f.Source] == nil {
			continue
		}
		rows := readRows(t, split, f.Name, ',')
		header := rows[0]
		for _, row := range rows[1:] {
			got[f.Source][strings.Join(row, ",")]++
			if f.Source == "bank" {
				name := row[column(header, "institution")]
				if institutions[name] == "" {
					institutions[name] = f.Name
				}
				if institutions[name] != f.Name {
					t.Fatalf("an institution is in %s and %s", institutions[name], f.Name)
				}
				continue
			}
			period := row[column(header, "period")]
			switch period {
			case "2025":
				period = "2025-12"
			case "2026":
				period = "2026-10"
			}
			if f.Name != "tax-"+period+".csv" || f.Covers != period+".."+period {
				t.Fatalf("period %s is in %s which covers %s", period, f.Name, f.Covers)
			}
		}
	}
	for source := range got {
		want := map[string]int{}
		for _, row := range readRows(t, whole, source+".csv", ',')[1:] {
			want[strings.Join(row, ",")]++
		}
		if diff := cmp.Diff(want, got[source]); diff != "" {
			t.Errorf("%s differs when split:\n%.2000s", source, diff)
		}
	}
}

func TestSheetRefusesTooManyRows(t *testing.T) {
	if testing.Short() {
		t.Skip("lists a million rows")
	}
	out := t.TempDir()
	_, err := province.Generate(t.Context(), province.Options{People: 350_000, Out: out, Formats: map[string]string{"bank": province.FormatXLSX}})
	if err == nil || !strings.Contains(err.Error(), "sheet holds 1048576 rows") {
		t.Fatalf("error %v", err)
	}
	if files, _ := filepath.Glob(filepath.Join(out, "*")); len(files) > 0 {
		t.Errorf("wrote %v before refusing", files)
	}
}
