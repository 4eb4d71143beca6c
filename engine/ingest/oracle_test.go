package ingest_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/bench/oracle"
	"github.com/hedui/hedui/bench/province"
	"github.com/hedui/hedui/connectors/departments"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ingest"
)

// An independent reading of the contract accounts for every file of a dirty
// province alike.
func TestAccountingAgreesWithTheOracle(t *testing.T) {
	out := t.TempDir()
	people := 20_000
	if testing.Short() {
		people = 3_000
	}
	s, err := province.Generate(context.Background(), province.Options{People: people, Seed: 5, Out: out, Dirty: 400, Months: true, Banks: 3})
	if err != nil {
		t.Fatal(err)
	}
	files, covers := map[string][]string{}, map[string]string{}
	for _, f := range s.Files {
		if !f.Stale {
			files[f.Source] = append(files[f.Source], filepath.Join(out, filepath.FromSlash(f.Name)))
			if f.Covers != "" {
				covers[f.Source] = s.Covers
			}
		}
	}
	var in []oracle.Snapshot
	for source, names := range files {
		in = append(in, oracle.Snapshot{Source: source, AsOf: s.AsOf, Covers: covers[source], Files: names})
	}
	reg, err := oracle.Load(in)
	if err != nil {
		t.Fatal(err)
	}
	quarantined := int64(0)
	for _, a := range reg.Accounts {
		source, _ := household.ParseSource(a.Source)
		asOf, _ := household.ParseDate([]byte(a.AsOf))
		o := ingest.Options{Dir: t.TempDir(), Department: departments.Of(source), AsOf: asOf, Files: files[a.Source]}
		o.Covers, _ = household.ParseMonths(covers[a.Source])
		o.MemoryBudget = 1 << 20
		r := run(t, o)
		quarantined += r.Quarantined
		if diff := cmp.Diff(fmt.Sprint(a.Total.Codes), fmt.Sprint(r.ByCode)); diff != "" {
			t.Errorf("%s: codes (-oracle +ingest):\n%s", a.Source, diff)
		}
		for i, f := range r.Files {
			want := a.Files[i]
			got := oracle.Counts{
				RowsIn: int(f.RowsIn), Accepted: int(f.Accepted), Quarantined: int(f.Quarantined),
				Duplicates: int(f.Duplicates), Unlinked: int(f.Unlinked), Codes: want.Codes,
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s, %s (-oracle +ingest):\n%s", a.Source, f.Name, diff)
			}
		}
	}
	if quarantined == 0 {
		t.Error("nothing was quarantined: the test tests nothing")
	}
}
