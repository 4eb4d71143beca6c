package publish_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/connectors/departments"
	"github.com/hedui/hedui/engine/block"
	"github.com/hedui/hedui/engine/durable"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ingest"
	"github.com/hedui/hedui/engine/match"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/engine/publish"
	"github.com/hedui/hedui/engine/snapshot"
	"github.com/hedui/hedui/engine/store"
)

// person is the key of the n-th resident.
func person(n int) household.PersonKey {
	return household.PersonKey{Num: 340104_19800101_000 + uint64(n)}
}

func id(n int) string { return match.ResidentText(person(n).Num) }

// delivery is one ingest.
type delivery struct {
	source   household.Source
	provider string
	asOf     household.Date
	covers   string
	rows     []string
	free     bool // supersede and accept everything
}

var headers = [household.NumSources]string{
	household.Tax:       "id_number,name,record_no,period,income_type,income\n",
	household.Vehicle:   "id_number,name,vin,plate,vehicle_class,status\n",
	household.Bank:      "id_number,name,institution,account_no,kind,balance,balance_on\n",
	household.Insurance: "id_number,name,record_no,scheme,role,month,benefit\n",
}

func deliver(t testing.TB, dir string, d delivery) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "f.csv")
	if err := os.WriteFile(name, []byte(headers[d.source]+strings.Join(d.rows, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	o := ingest.Options{
		Dir: dir, Department: departments.Of(d.source), Provider: d.provider, AsOf: d.asOf, Files: []string{name},
		Supersede: d.free, AcceptShrink: true, AcceptInstitutions: d.free,
	}
	o.Covers, _ = household.ParseMonths(d.covers)
	r, err := ingest.Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r.Snapshot
}

func run(t testing.TB, dir string) publish.Result {
	t.Helper()
	r, err := publish.Run(context.Background(), publish.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// lookUp decodes what a generation holds of a person.
func lookUp(t testing.TB, dir, section string, key household.PersonKey) (p profile.Profile, refs []store.SnapshotRef) {
	t.Helper()
	s, err := store.OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	current, err := s.Current()
	if err != nil {
		t.Fatal(err)
	}
	g, err := s.Open(current)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	err = g.View(section, key, func(b block.Block) error {
		if !b.Covers(key) {
			t.Error("a block that does not cover the key")
		}
		if entry, ok := b.Find(key); ok {
			return profile.Decode([]byte(string(entry)), &p)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return p, g.Manifest().Snapshots
}

// taxOf lists the tax records of a person as "period income@snapshot".
func taxOf(t testing.TB, dir string, key household.PersonKey) string {
	p, refs := lookUp(t, dir, store.SectionPeople, key)
	var list []string
	for _, x := range p.Tax {
		list = append(list, fmt.Sprintf("%s %d@%s", x.Period, x.Income/100, refs[x.Snapshot].AsOf))
	}
	return strings.Join(list, ", ")
}

func supplies(r publish.Result) string {
	var list []string
	for i, s := range r.Snapshots {
		if s.Ordinal != i {
			list = append(list, "ordinals out of order")
		}
		list = append(list, fmt.Sprintf("%s %s %s %v", s.Source, s.Provider, s.AsOf, s.Supplies))
	}
	return strings.Join(list, "\n")
}

func taxRow(n int, record, period string, income int) string {
	return fmt.Sprintf("%s,王秀英,%s,%s,wage,%d", id(n), record, period, income)
}

func TestTwelveMonthlyFilesAndOneAgain(t *testing.T) {
	dir := t.TempDir()
	var want []string
	for m := 1; m <= 12; m++ {
		month := fmt.Sprintf("2025-%02d", m)
		asOf, _ := household.NewDate(2025, m, 28)
		deliver(t, dir, delivery{source: household.Tax, asOf: asOf, covers: month + ".." + month, rows: []string{taxRow(1, "T1", month, m)}})
		want = append(want, fmt.Sprintf("%s %d@%s", month, m, asOf))
	}
	run(t, dir)
	if diff := cmp.Diff(strings.Join(want, ", "), taxOf(t, dir, person(1))); diff != "" {
		t.Fatal(diff)
	}
	// March comes again, later, with another amount; it alone is replaced.
	deliver(t, dir, delivery{source: household.Tax, asOf: 20260105, covers: "2025-03..2025-03", rows: []string{taxRow(1, "T1", "2025-03", 333)}})
	r := run(t, dir)
	want = append(append(want[:2:2], want[3:]...), "2025-03 333@2026-01-05")
	if diff := cmp.Diff(strings.Join(want, ", "), taxOf(t, dir, person(1))); diff != "" {
		t.Error(diff)
	}
	if len(r.Snapshots) != 12 {
		t.Errorf("%d snapshots, the replaced one is still there", len(r.Snapshots))
	}
}

func TestWhoSuppliesWhat(t *testing.T) {
	year := delivery{source: household.Tax, asOf: 20260101, covers: "2025-01..2025-12", rows: []string{taxRow(1, "Y", "2025", 1), taxRow(1, "A", "2025-06", 2), taxRow(1, "B", "2025-12", 3)}}
	tests := map[string]struct {
		deliveries []delivery
		supplies   string
		tax        string
	}{
		"a hole is cut into an older one": {
			[]delivery{year, {source: household.Tax, asOf: 20260201, covers: "2025-06..2025-07", rows: []string{taxRow(1, "A", "2025-06", 20)}}},
			"tax tax 2026-01-01 [2025-01..2025-05 2025-08..2025-12]\ntax tax 2026-02-01 [2025-06..2025-07]",
			"2025-12 3@2026-01-01, 2025 1@2026-01-01, 2025-06 20@2026-02-01",
		},
		"the bare year goes with the last covered month": {
			[]delivery{year, {source: household.Tax, asOf: 20260201, covers: "2025-12..2025-12", rows: []string{taxRow(1, "Y", "2025", 10), taxRow(1, "B", "2025-12", 30)}}},
			"tax tax 2026-01-01 [2025-01..2025-11]\ntax tax 2026-02-01 [2025-12..2025-12]",
			"2025-06 2@2026-01-01, 2025-12 30@2026-02-01, 2025 10@2026-02-01",
		},
		"also when the newer one is silent about it": {
			[]delivery{year, {source: household.Tax, asOf: 20260201, covers: "2025-12..2026-01", rows: []string{taxRow(1, "B", "2025-12", 30)}}},
			"tax tax 2026-01-01 [2025-01..2025-11]\ntax tax 2026-02-01 [2025-12..2026-01]",
			"2025-06 2@2026-01-01, 2025-12 30@2026-02-01",
		},
		"a year covered in part": {
			[]delivery{{source: household.Tax, asOf: 20260101, covers: "2025-01..2025-03", rows: []string{taxRow(1, "Y", "2025", 1)}}, {source: household.Tax, asOf: 20260201, covers: "2025-05..2025-06", rows: []string{taxRow(1, "Y", "2025", 2)}}},
			"tax tax 2026-01-01 [2025-01..2025-03]\ntax tax 2026-02-01 [2025-05..2025-06]",
			"2025 1@2026-01-01, 2025 2@2026-02-01",
		},
		"one that supplies nothing is left out": {
			[]delivery{{source: household.Tax, asOf: 20251201, covers: "2025-06..2025-07", rows: []string{taxRow(1, "A", "2025-06", 9)}}, year},
			"tax tax 2026-01-01 [2025-01..2025-12]",
			"2025-06 2@2026-01-01, 2025-12 3@2026-01-01, 2025 1@2026-01-01",
		},
		"providers do not replace each other": {
			[]delivery{year, {source: household.Tax, provider: "other", asOf: 20260201, covers: "2025-12..2025-12", rows: []string{taxRow(1, "B", "2025-12", 30)}}},
			"tax other 2026-02-01 [2025-12..2025-12]\ntax tax 2026-01-01 [2025-01..2025-12]",
			"2025-12 30@2026-02-01, 2025-06 2@2026-01-01, 2025-12 3@2026-01-01, 2025 1@2026-01-01",
		},
		"a superseded one counts no more": {
			[]delivery{year, {source: household.Tax, asOf: 20260101, covers: "2025-01..2025-11", rows: []string{taxRow(1, "A", "2025-06", 20)}, free: true}},
			"tax tax 2026-01-01 [2025-01..2025-11]", "2025-06 20@2026-01-01",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for _, d := range tt.deliveries {
				deliver(t, dir, d)
			}
			r := run(t, dir)
			if diff := cmp.Diff(tt.supplies, supplies(r)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(tt.tax, taxOf(t, dir, person(1))); diff != "" {
				t.Error(diff)
			}
			if int64(strings.Count(tt.tax, "@")) != r.Records {
				t.Errorf("%d records", r.Records)
			}
		})
	}
}

func bankRow(n int, bank string, balance int) string {
	return fmt.Sprintf("%s,王秀英,%s,6222,demand,%d,2026-10-31", id(n), bank, balance)
}

func TestTwentyBanks(t *testing.T) {
	dir := t.TempDir()
	for i := range 20 {
		bank := fmt.Sprintf("银行%02d", i)
		for _, asOf := range []household.Date{20260930, 20261031} {
			deliver(t, dir, delivery{source: household.Bank, provider: bank, asOf: asOf, rows: []string{bankRow(1, bank, int(asOf)+i), bankRow(i, bank+"*", 1)}})
		}
	}
	r := run(t, dir)
	if len(r.Snapshots) != 20 || r.Persons != 20 || r.Records != 40 {
		t.Errorf("%d snapshots, %d persons, %d records", len(r.Snapshots), r.Persons, r.Records)
	}
	p, refs := lookUp(t, dir, store.SectionPeople, person(1))
	if len(p.Bank) != 21 {
		t.Fatalf("%d accounts", len(p.Bank))
	}
	for _, a := range p.Bank {
		if ref := refs[a.Snapshot]; ref.AsOf != 20261031 || !strings.HasPrefix(a.Institution, ref.Provider) {
			t.Errorf("%s from %s of %s", a.Institution, ref.Provider, ref.AsOf)
		}
	}
}

func TestSectionsMarksAndAbsence(t *testing.T) {
	dir := t.TempDir()
	deliver(t, dir, delivery{source: household.Bank, asOf: 20261031, rows: []string{bankRow(1, "工行", 1), ",王秀英,工行,1,demand,1,2026-10-31", "123,李伟,工行,2,demand,1,2026-10-31", id(2) + ",李伟,工行,3,demand,x,2026-10-31"}})
	deliver(t, dir, delivery{source: household.Tax, asOf: 20261031, covers: "2026-01..2026-10", rows: []string{taxRow(1, "T", "2026-01", 1)}})
	r := run(t, dir)
	if r.Persons != 2 || r.Unlinked != 2 || r.Records != 4 {
		t.Errorf("%+v", r)
	}
	p, refs := lookUp(t, dir, store.SectionPeople, person(1))
	if len(p.Bank) != 1 || len(p.Tax) != 1 || refs[p.Bank[0].Snapshot].Source != household.Bank || refs[p.Tax[0].Snapshot].Source != household.Tax {
		t.Errorf("%+v", p)
	}
	p, refs = lookUp(t, dir, store.SectionPeople, person(2))
	if len(p.Marks) != 1 || p.Marks[0].Source != household.Bank || refs[p.Marks[0].Snapshot].Source != household.Bank || len(p.Bank) != 0 {
		t.Errorf("%+v", p)
	}
	if p, _ = lookUp(t, dir, store.SectionPeople, person(3)); len(p.Bank)+len(p.Marks) != 0 {
		t.Errorf("%+v", p)
	}
	if p, _ = lookUp(t, dir, store.SectionUnlinked, household.PersonKey{Num: household.NoDocument, Text: "王秀英"}); len(p.Bank) != 1 {
		t.Errorf("%+v", p)
	}
}

func TestSameContentSameGeneration(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	if _, err := publish.Run(context.Background(), publish.Options{Dir: dir}); !errors.Is(err, snapshot.ErrNoData) {
		t.Error(err)
	}
	first := delivery{source: household.Vehicle, asOf: 20261031, rows: []string{id(1) + ",王,V1,皖A1,car,normal"}}
	second := delivery{source: household.Bank, asOf: 20261031, rows: []string{bankRow(1, "工行", 1)}}
	deliver(t, dir, first)
	one := run(t, dir)
	deliver(t, dir, second)
	two := run(t, dir)
	again := run(t, dir)
	if one.Generation == two.Generation || again.Generation != two.Generation || !again.Already || two.Already {
		t.Errorf("%v\n%v\n%v", one, two, again)
	}
	deliver(t, other, second)
	deliver(t, other, first)
	if r := run(t, other); r.Generation != two.Generation {
		t.Error("the order of deliveries changes the generation")
	}
	// Two generations stay; a third drops the first.
	third := deliver(t, dir, delivery{source: household.Bank, asOf: 20261101, rows: []string{bankRow(1, "工行", 2)}})
	r := run(t, dir)
	if diff := cmp.Diff([]string{one.Generation}, r.Dropped); diff != "" {
		t.Error(diff)
	}
	d, _ := snapshot.OpenDir(dir)
	list, _ := d.List()
	for _, e := range list {
		if err := d.Drop(e.ID); !errors.Is(err, snapshot.ErrPinned) {
			t.Errorf("dropping a pinned snapshot: %v", err)
		}
	}
	if err := d.Drop("nobody"); !errors.Is(err, snapshot.ErrUnknown) {
		t.Error(err)
	}
	if dropped, err := publish.Prune(dir, 1); err != nil || len(dropped) != 1 {
		t.Errorf("%v %v", dropped, err)
	}
	for _, e := range list {
		err := d.Drop(e.ID)
		if pinned := e.ID == third || e.Source == household.Vehicle; errors.Is(err, snapshot.ErrPinned) != pinned {
			t.Errorf("%s: %v", e.AsOf, err)
		}
	}
	if list, _ = d.List(); len(list) != 2 {
		t.Error(list)
	}
}

func TestNothingToPublish(t *testing.T) {
	dir := t.TempDir()
	d, _ := snapshot.OpenDir(dir)
	l, err := d.Lock()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := publish.Run(context.Background(), publish.Options{Dir: dir}); !errors.Is(err, snapshot.ErrBusy) {
		t.Error(err)
	}
	if err := l.Unlock(); err != nil {
		t.Fatal(err)
	}
	if _, err := publish.Run(context.Background(), publish.Options{Dir: dir}); !errors.Is(err, publish.ErrNoSnapshot) {
		t.Error(err)
	}
}

// Whatever step on the disk fails, the old or the new generation is current and
// the next publish succeeds.
func TestFaultAtEveryStep(t *testing.T) {
	fault := errors.New("fault")
	for k := 1; ; k++ {
		dir := t.TempDir()
		deliver(t, dir, delivery{source: household.Bank, asOf: 20260930, rows: []string{bankRow(1, "工行", 1)}})
		old := run(t, dir)
		deliver(t, dir, delivery{source: household.Bank, asOf: 20261031, rows: []string{bankRow(1, "工行", 2)}})
		n := 0
		_, err := publish.Run(context.Background(), publish.Options{Dir: dir, Disk: durable.Disk{Before: func(durable.Step) error {
			if n++; n == k {
				return fault
			}
			return nil
		}}})
		if err == nil {
			if k < 10 {
				t.Fatalf("only %d steps", k)
			}
			return
		}
		if !errors.Is(err, fault) {
			t.Fatalf("step %d: %v", k, err)
		}
		p, _ := lookUp(t, dir, store.SectionPeople, person(1))
		if len(p.Bank) != 1 || p.Bank[0].Balance != 100 && p.Bank[0].Balance != 200 {
			t.Errorf("step %d leaves %+v", k, p)
		}
		if r := run(t, dir); r.Generation == old.Generation {
			t.Errorf("step %d: the next publish does nothing", k)
		}
		if p, _ := lookUp(t, dir, store.SectionPeople, person(1)); p.Bank[0].Balance != 200 {
			t.Errorf("step %d: the next publish gives %+v", k, p)
		}
	}
}
