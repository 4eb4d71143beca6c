package report_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/hedui/hedui/engine/explain"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/report"
)

func xlsx(t *testing.T, doc *report.Document) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := report.XLSX(&b, doc); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// rows are the rows of every sheet, with what people see in the cells.
func rows(t *testing.T, file []byte) map[string][][]string {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out := map[string][][]string{}
	for _, s := range f.GetSheetList() {
		if out[s], err = f.GetRows(s); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func TestXLSXGoldens(t *testing.T) {
	for _, name := range []string{"suspected", "unverified_law", "refused", "unverifiable"} {
		t.Run(name, func(t *testing.T) {
			s := scenes()[name]
			file := xlsx(t, build(t, input(s.v, s.r, explain.Zh, all())))
			if *dump != "" {
				if err := os.WriteFile(filepath.Join(*dump, name+".xlsx"), file, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			f, err := excelize.OpenReader(bytes.NewReader(file))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			want := []string{"概要", "申报与查得", "收入计算", "资产", "核对情况", "依据", "来源", "说明"}
			if diff := cmp.Diff(want, f.GetSheetList()); diff != "" {
				t.Error(diff)
			}
			var text strings.Builder
			all := rows(t, file)
			for _, sheet := range f.GetSheetList() {
				text.WriteString("[" + sheet + "]\n")
				for _, row := range all[sheet] {
					text.WriteString(strings.TrimRight(strings.Join(row, "\t"), "\t") + "\n")
				}
			}
			golden(t, name+".xlsx.txt", text.String())
		})
	}
}

func TestXLSXAmountsAreNumbersExactToTheFen(t *testing.T) {
	for _, amount := range []household.Fen{1, 10, 99, 123456789012345, 90071992547409, household.MaxFen, 1005, 33333} {
		v := verdict()
		v.Assets.Financial = amount
		file := xlsx(t, build(t, input(v, request(), explain.Zh, all())))
		raw := part(t, file, "xl/worksheets/sheet4.xml")
		if want := "<v>" + amount.Yuan() + "</v>"; !strings.Contains(raw, want) {
			t.Errorf("%s is not in the sheet as a number:\n%s", want, raw)
		}
	}
	// What may not be shown in full is no number.
	v := verdict()
	v.Assets.Financial = 123456789
	file := xlsx(t, build(t, input(v, request(), explain.Zh, some())))
	if raw := part(t, file, "xl/worksheets/sheet4.xml"); strings.Contains(raw, "1234567.89") {
		t.Error("a masked amount in the sheet")
	}
}

// part is one file of a workbook.
func part(t *testing.T, file []byte, name string) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// dangerous begin what a spreadsheet program takes for a formula.
var dangerous = []string{
	"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "＋1", "－1", "＠A1", "=HYPERLINK(\"http://x\",\"y\")", "'=1", "\"=1", ";=1", "_x0041_=1",
	`=cmd|' /C calc'!A0`, "%0A=1", " =1",
}

func TestXLSXHasNoFormula(t *testing.T) {
	for _, text := range dangerous {
		doc := build(t, everywhere(text))
		file := xlsx(t, doc)
		f, err := excelize.OpenReader(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for _, sheet := range f.GetSheetList() {
			rows, err := f.GetRows(sheet)
			if err != nil {
				t.Fatal(err)
			}
			for r, row := range rows {
				for c := range row {
					at, _ := excelize.CoordinatesToCellName(c+1, r+1)
					if formula, err := f.GetCellFormula(sheet, at); err != nil || formula != "" {
						t.Errorf("%q: %s!%s is a formula: %q %v", text, sheet, at, formula, err)
					}
					if !strings.Contains(row[c], plain(text)) {
						continue
					}
					found++
					if kind, err := f.GetCellType(sheet, at); err != nil || kind != excelize.CellTypeSharedString && kind != excelize.CellTypeInlineString {
						t.Errorf("%q: %s!%s is no text: %v %v", text, sheet, at, kind, err)
					}
					id, err := f.GetCellStyle(sheet, at)
					if err != nil {
						t.Fatal(err)
					}
					if style, err := f.GetStyle(id); err != nil || style.NumFmt != 49 {
						t.Errorf("%q: %s!%s is not formatted as text", text, sheet, at)
					}
				}
			}
		}
		if found < 15 {
			t.Errorf("%q is in %d cells only", text, found)
		}
		_ = f.Close()
	}
}

// plain is a text as a report shows it: control characters replaced.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' {
			return '\ufffd'
		}
		return r
	}, s)
}

func TestXLSXIsAFunctionOfTheDocument(t *testing.T) {
	s := scenes()["suspected"]
	doc := build(t, input(s.v, s.r, explain.Zh, all()))
	first := xlsx(t, doc)
	for range 5 {
		if !bytes.Equal(first, xlsx(t, doc)) {
			t.Fatal("the same document, other bytes")
		}
	}
}

type broken struct{}

var errBroken = errors.New("broken")

func (broken) Write([]byte) (int, error) { return 0, errBroken }

func TestWritersReportErrors(t *testing.T) {
	doc := build(t, input(verdict(), request(), explain.Zh, all()))
	if err := report.XLSX(broken{}, doc); !errors.Is(err, errBroken) {
		t.Errorf("XLSX: %v", err)
	}
	if err := report.HTML(broken{}, doc, report.HTMLOptions{}); !errors.Is(err, errBroken) {
		t.Errorf("HTML: %v", err)
	}
	if err := report.HTML(&bytes.Buffer{}, doc, report.HTMLOptions{QR: strings.Repeat("x", 5000)}); err == nil {
		t.Error("a square code of 5,000 characters")
	}
}
