package publish_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/publish"
)

// The same snapshots give the same generation, into however many ranges the merge is
// cut and however many processors merge them.
func TestRanges(t *testing.T) {
	dir := t.TempDir()
	var tax, bank, other []string
	for i := range 5000 {
		tax = append(tax, taxRow(i, fmt.Sprint("T", i), "2026-01", i))
		if i%3 == 0 {
			bank = append(bank, bankRow(i, "工行", i))
		}
		if i%7 == 0 {
			other = append(other, fmt.Sprintf(",王秀英%d,建行,1,demand,1,2026-10-31", i))
		}
	}
	deliver(t, dir, delivery{source: household.Tax, asOf: 20261031, covers: "2026-01..2026-10", rows: tax})
	deliver(t, dir, delivery{source: household.Bank, provider: "工行", asOf: 20261031, rows: bank, free: true})
	deliver(t, dir, delivery{source: household.Bank, provider: "建行", asOf: 20261031, rows: other, free: true})
	want := run(t, dir)
	if want.Persons != 5000 || want.Records != 5000+1667+715 || want.Unlinked != 715 {
		t.Fatalf("%+v", want)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, bytes := range []int{1, 100_000} {
		for _, processors := range []int{1, 3, 16} {
			runtime.GOMAXPROCS(processors)
			again := filepath.Join(t.TempDir(), "data")
			if err := os.CopyFS(again, os.DirFS(dir)); err != nil {
				t.Fatal(err)
			}
			for _, made := range []string{"generations", "CURRENT"} {
				if err := os.RemoveAll(filepath.Join(again, made)); err != nil {
					t.Fatal(err)
				}
			}
			got, err := publish.Run(t.Context(), publish.Options{Dir: again}.WithRangeBytes(bytes))
			if err != nil {
				t.Fatal(err)
			}
			if got.Generation != want.Generation || got.Records != want.Records || got.Persons != want.Persons ||
				got.Unlinked != want.Unlinked || !slices.Equal(supplied(got), supplied(want)) {
				t.Errorf("ranges of %d bytes, %d processors: %+v, want %+v", bytes, processors, got, want)
			}
		}
	}
}

func supplied(r publish.Result) (ids []string) {
	for _, s := range r.Snapshots {
		ids = append(ids, s.ID)
	}
	return ids
}
