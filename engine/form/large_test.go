package form_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/hedui/hedui/engine/form"
	"github.com/hedui/hedui/engine/match"
)

var largeHouseholds = flag.Int("form.households", 300, "households of the large workbook")

// writeLarge writes a workbook of so many households of three members.
func writeLarge(t testing.TB, path string, n int) {
	t.Helper()
	f := excelize.NewFile()
	for _, s := range []form.Section{form.Households, form.Members} {
		if _, err := f.NewSheet(s.Sheet()); err != nil {
			t.Fatal(err)
		}
		w, err := f.NewStreamWriter(s.Sheet())
		if err != nil {
			t.Fatal(err)
		}
		row := 1
		put := func(cells ...any) {
			if err := w.SetRow(fmt.Sprintf("A%d", row), cells); err != nil {
				t.Fatal(err)
			}
			row++
		}
		var head []any
		for _, field := range form.Fields() {
			if field.Section == s {
				head = append(head, field.Label.Zh+" "+field.Name)
			}
		}
		put(head...)
		for i := range n {
			id := fmt.Sprintf("340104-%06d", i)
			person := func(k int) string {
				return match.ResidentText(uint64(340104)*100000000000 + uint64(1950+i%50)*10000000 + 101*1000 + uint64(3*i+k)%1000)
			}
			if s == form.Households {
				put(id, "340104", "dibao", "城镇", "SQ"+id, "2026-01-01", "2026-12-31", person(0)+";"+person(1), "", "", "", "", "", "无", 8000.5)
				continue
			}
			put(id, "王秀英", person(0), "", "户主", "", "", "", "", "", 1200.5)
			put(id, "李建国", person(1), "", "配偶")
			put(id, "王小明", person(2), "", "子女")
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// A large workbook is read in memory that its households need, and no more.
func TestLargeWorkbook(t *testing.T) {
	path := filepath.Join(t.TempDir(), "large.xlsx")
	writeLarge(t, path, *largeHouseholds)
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	stat, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start, lines := time.Now(), 0
	b, err := form.Read(f, stat.Size(), form.Options{Emit: func([]byte) error {
		if lines++; lines == 1 { // everything was read, and nothing is given back yet
			runtime.GC()
			runtime.ReadMemStats(&after)
		}
		return nil
	}})
	if err != nil || b.Accepted != *largeHouseholds || lines != b.Accepted || b.RowsIn != int64(4**largeHouseholds) || len(b.Problems) > 0 {
		t.Fatalf("%v %+v", err, b)
	}
	each := (int64(after.HeapAlloc) - int64(before.HeapAlloc)) / int64(*largeHouseholds)
	t.Logf("%d households in %v, %d bytes each", lines, time.Since(start), each)
	if each > 4096 {
		t.Errorf("%d bytes for each household, want 4096 at most", each)
	}
}
