package ingest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ingest"
	"github.com/hedui/hedui/engine/snapshot"
)

// dirtyRows are rows of tax with duplicates, conflicts, faults and unlinked people.
func dirtyRows(t *rapid.T) []string {
	pick := func(label string, of ...string) string { return rapid.SampledFrom(of).Draw(t, label) }
	var rows []string
	for range rapid.IntRange(1, 40).Draw(t, "rows") {
		rows = append(rows, fmt.Sprintf("%s,%s,%s,%s,wage,%s,0,%s",
			pick("id", id(1), id(2), id(3), "110105491231002", "11010519491231002X", "999", ""),
			pick("name", "王秀英", "王 秀英", "李伟", ""),
			pick("record", "T1", "T2", "T3", ""),
			pick("period", "2026-01", "202602", "2025", "2019-01"),
			pick("income", "1", "1.00", "2", "x"),
			pick("payer", "甲", "乙")))
	}
	return rows
}

// withoutRows is what a snapshot holds without files and rows, as text.
func withoutRows(t testing.TB, dir, id string) string {
	var b strings.Builder
	all := people(t, dir, id)
	var keys []household.PersonKey
	for k := range all {
		keys = append(keys, k)
	}
	sortKeys(keys)
	for _, k := range keys {
		p := all[k]
		fmt.Fprintf(&b, "%d %q: %x %q %v", k.Num, k.Text, p.Digest, p.Owners, p.Marks)
		for _, x := range p.Tax {
			x.File, x.Row = 0, 0
			fmt.Fprintf(&b, " %+v", x)
		}
		b.WriteString("\n")
	}
	return b.String()
}

func sortKeys(keys []household.PersonKey) {
	for i := range keys {
		for j := i; j > 0 && keys[j].Compare(keys[j-1]) < 0; j-- {
			keys[j], keys[j-1] = keys[j-1], keys[j]
		}
	}
}

func taxFile(rows []string) string { return taxHeader + strings.Join(rows, "\n") + "\n" }

// The order of rows and their files decides nothing but where evidence points.
func TestOrderDecidesNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		rows := dirtyRows(rt)
		dirA, dirB := t.TempDir(), t.TempDir()
		a := run(t, options(dirA, household.Tax, write(t, taxFile(rows))...))
		shuffled := rapid.Permutation(rows).Draw(rt, "order")
		cut := rapid.IntRange(0, len(rows)).Draw(rt, "cut")
		b := run(t, options(dirB, household.Tax, write(t, taxFile(shuffled[:cut]), taxFile(shuffled[cut:]))...))
		if diff := cmp.Diff(countsOf(a), countsOf(b)); diff != "" {
			rt.Fatal(diff)
		}
		if diff := cmp.Diff(fmt.Sprint(a.Sums), fmt.Sprint(b.Sums)); diff != "" {
			rt.Fatal(diff)
		}
		if diff := cmp.Diff(withoutRows(t, dirA, a.Snapshot), withoutRows(t, dirB, b.Snapshot)); diff != "" {
			rt.Fatal(diff)
		}
	})
}

// files reads every file of a snapshot.
func files(t testing.TB, dir, id string) map[string]string {
	t.Helper()
	d, _ := snapshot.OpenDir(dir)
	all := map[string]string{}
	names, err := os.ReadDir(d.Path(id))
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		b, err := os.ReadFile(filepath.Join(d.Path(id), n.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all[n.Name()] = string(b)
	}
	return all
}

// manyRows are rows of many people in random order, with some of every trouble.
func manyRows(n int, seed uint64) []string {
	r := rand.New(rand.NewPCG(seed, 1))
	rows := make([]string, n)
	for i := range rows {
		number := id(r.IntN(n/4 + 1))
		switch r.IntN(50) {
		case 0:
			number = ""
		case 1:
			number = "123"
		}
		period := fmt.Sprintf("2026-%02d", 1+r.IntN(11))
		rows[i] = fmt.Sprintf("%s,王秀英,R%04d,%s,wage,%d.50,0,单位%d", number, r.IntN(30), period, r.IntN(3), r.IntN(2))
	}
	return rows
}

// Spilling, merging in several passes and splitting into files change no byte.
func TestSpillChangesNothing(t *testing.T) {
	rows := manyRows(20_000, 7)
	paths := write(t, taxFile(rows[:9_000]), taxFile(rows[9_000:]))
	want := run(t, options(t.TempDir(), household.Tax, paths...))
	for _, budget := range []int64{1, 256 << 10, 512 << 10, 1 << 20} {
		dir := t.TempDir()
		o := options(dir, household.Tax, paths...)
		o.MemoryBudget = budget
		got := run(t, o)
		if got.SpilledBytes == 0 {
			t.Errorf("budget %d: nothing was spilled, so nothing was tested", budget)
		}
		if got.Snapshot != want.Snapshot {
			t.Errorf("budget %d: another snapshot", budget)
		}
		whole, _ := snapshot.OpenDir(filepath.Dir(filepath.Dir(filepath.Dir(want.QuarantineFile))))
		if diff := cmp.Diff(files(t, whole.Root(), want.Snapshot), files(t, dir, got.Snapshot)); diff != "" {
			t.Errorf("budget %d: other bytes", budget)
		}
		if left, _ := os.ReadDir(filepath.Join(dir, "tmp")); len(left) > 0 {
			t.Errorf("budget %d: leftovers %v", budget, left)
		}
	}
}

// The id depends on content, not on names, places or times.
func TestSameFilesSameID(t *testing.T) {
	text := taxFile(manyRows(100, 1))
	a := run(t, options(t.TempDir(), household.Tax, write(t, text)...))
	b := run(t, options(t.TempDir(), household.Tax, write(t, text)...))
	if a.Snapshot != b.Snapshot {
		t.Error("the same file gives two ids")
	}
	name := filepath.Join(t.TempDir(), "another name.csv")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if c := run(t, options(t.TempDir(), household.Tax, name)); c.Snapshot != a.Snapshot {
		t.Error("the name of a file changes the id")
	}
	for what, change := range map[string]func(o *ingest.Options){
		"provider": func(o *ingest.Options) { o.Provider = "other" },
		"as-of":    func(o *ingest.Options) { o.AsOf = 20261030 },
		"covers":   func(o *ingest.Options) { o.Covers.From-- },
		"content":  func(o *ingest.Options) { o.Files = write(t, text+id(5)+",王,T9,2026-01,wage,1,0,\n") },
		"encoding": func(o *ingest.Options) { o.Encoding = "utf-8" },
	} {
		o := options(t.TempDir(), household.Tax, write(t, text)...)
		change(&o)
		if run(t, o).Snapshot == a.Snapshot {
			t.Errorf("the %s does not change the id", what)
		}
	}
}

func TestColdText(t *testing.T) {
	dir := t.TempDir()
	r := run(t, options(dir, household.Tax, write(t, "id_number,name,record_no,period,income_type,income,payer_name,payer_code,birth_date,sex,division,country\n"+
		"110105491231002,王 秀英,T12345678901,2026-01,wage,1,甲公司,91340000,1949-12-31,女,340104,中国\n")...))
	d, _ := snapshot.OpenDir(dir)
	s, err := d.Open(r.Snapshot)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	key := household.PersonKey{Num: 11010519491231002}
	got, ok, err := s.Cold(key, 1, 1)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	want := []snapshot.Text{
		{Column: snapshot.PayerName, Value: "甲公司"},
		{Column: snapshot.PayerCode, Value: "91340000"},
		{Column: snapshot.Country, Value: "中国"},
		{Column: snapshot.BirthDate, Value: "1949-12-31"},
		{Column: snapshot.Sex, Value: "female"},
		{Column: snapshot.Division, Value: "340104"},
		{Column: snapshot.WrittenDocument, Value: "110105491231002"},
		{Column: snapshot.WrittenName, Value: "王 秀英"},
		{Column: snapshot.RecordNo, Value: "T12345678901"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, row := range []int64{0, 2} {
		if _, ok, err := s.Cold(key, 1, row); ok || err != nil {
			t.Errorf("row %d: %v %v", row, ok, err)
		}
	}
	key.Num++
	if _, ok, err := s.Cold(key, 1, 1); ok || err != nil {
		t.Errorf("another person: %v %v", ok, err)
	}
}

// A key that stands for very many rows stays in pieces of bounded size.
func TestManyUnlinkedRowsOfOneKey(t *testing.T) {
	var b strings.Builder
	b.WriteString(vehicleHeader)
	const n = 60_000
	for i := range n {
		fmt.Fprintf(&b, ",,VIN%014d,皖A%05d,car,normal\n", i, i)
	}
	dir := t.TempDir()
	r := run(t, options(dir, household.Vehicle, write(t, b.String())...))
	if r.Accepted != n || r.Unlinked != n {
		t.Fatalf("%+v", countsOf(r))
	}
	got, parts := 0, 0
	for k, p := range people(t, dir, r.Snapshot) {
		if k.Linked() {
			t.Error("linked to somebody")
		}
		got += len(p.Vehicle)
		parts++
	}
	if got != n || parts < 2 {
		t.Errorf("%d records in %d entries", got, parts)
	}
}

// Very many rows of one record are settled without being remembered in memory.
func TestManyRowsOfOneRecord(t *testing.T) {
	for name, last := range map[string]string{"duplicates": "1", "conflict": "2"} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			b.WriteString(taxHeader)
			const n = 100_000
			for range n - 1 {
				b.WriteString(id(1) + ",王秀英,T1,2026-01,wage,1,0,\n")
			}
			b.WriteString(id(1) + ",王秀英,T1,2026-01,wage," + last + ",0,\n")
			r := run(t, options(t.TempDir(), household.Tax, write(t, b.String())...))
			want := counts{n, 1, 0, n - 1, 0, 1, "[]"}
			if last == "2" {
				want = counts{n, 0, n, 0, 0, 0, "[conflicting_duplicate:100000]"}
			}
			if diff := cmp.Diff(want, countsOf(r)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCancelLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	o := options(dir, household.Tax, write(t, taxFile(manyRows(20_000, 3)))...)
	o.MemoryBudget = 1 << 20
	cancel()
	if _, err := ingest.Run(ctx, o); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	d, _ := snapshot.OpenDir(dir)
	if list, err := d.List(); err != nil || len(list) != 0 {
		t.Error(list, err)
	}
	if left, _ := os.ReadDir(filepath.Join(dir, "tmp")); len(left) > 0 {
		t.Error(left)
	}
}

func BenchmarkIngest(b *testing.B) {
	path := write(b, taxFile(manyRows(200_000, 1)))
	info, err := os.Stat(path[0])
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(info.Size())
	b.ReportAllocs()
	for b.Loop() {
		run(b, options(b.TempDir(), household.Tax, path...))
	}
}
