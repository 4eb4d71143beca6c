package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/durable"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ingest"
	"github.com/hedui/hedui/engine/snapshot"
)

// states lists the catalogue as "as-of state rows".
func states(t *testing.T, dir string) string {
	t.Helper()
	d, _ := snapshot.OpenDir(dir)
	list, err := d.List()
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, e := range list {
		lines = append(lines, fmt.Sprintf("%s %s %d", e.AsOf, e.State, e.Accepted))
	}
	return strings.Join(lines, ", ")
}

func vehicles(n, from int) string {
	var b strings.Builder
	b.WriteString(vehicleHeader)
	for i := range n {
		fmt.Fprintf(&b, "%s,王秀英,VIN%d,皖A%d,car,normal\n", id(i), from+i, i)
	}
	return b.String()
}

func bankFile(institutions ...string) string {
	var b strings.Builder
	b.WriteString(bankHeader)
	for i, n := range institutions {
		fmt.Fprintf(&b, ",%s,王秀英,%s,6222%d,demand,1,2026-10-31,\n", id(i), n, i)
	}
	return b.String()
}

func TestRefusals(t *testing.T) {
	type step struct {
		file   string
		change func(o *ingest.Options)
		want   error
	}
	asOf := func(d household.Date) func(*ingest.Options) { return func(o *ingest.Options) { o.AsOf = d } }
	supersede := func(o *ingest.Options) { o.Supersede = true }
	tests := map[string]struct {
		source household.Source
		steps  []step
		states string
	}{
		"covers missing": {household.Tax, []step{{taxHeader, func(o *ingest.Options) { o.Covers = household.Months{} }, ingest.ErrCoversMissing}}, ""},
		"covers refused": {household.Vehicle, []step{{vehicles(1, 0), func(o *ingest.Options) { o.Covers, _ = household.ParseMonths("2026-01..2026-02") }, ingest.ErrCoversRefused}}, ""},
		"no as-of":       {household.Vehicle, []step{{vehicles(1, 0), asOf(0), ingest.ErrUsage}}, ""},
		"the same date again": {household.Vehicle, []step{
			{vehicles(10, 0), nil, nil},
			{vehicles(10, 1), nil, ingest.ErrExists},
			{vehicles(10, 0), nil, ingest.ErrExists},
			{vehicles(10, 1), supersede, nil},
			{vehicles(10, 1), supersede, nil},
		}, "2026-10-31 superseded 10, 2026-10-31 active 10"},
		"back to the first one": {
			household.Vehicle,
			[]step{{vehicles(10, 0), nil, nil}, {vehicles(10, 1), supersede, nil}, {vehicles(10, 0), supersede, nil}},
			"2026-10-31 superseded 10, 2026-10-31 active 10",
		},
		"another provider is another snapshot": {
			household.Vehicle,
			[]step{{vehicles(10, 0), nil, nil}, {vehicles(1, 0), func(o *ingest.Options) { o.Provider = "other" }, nil}},
			"2026-10-31 active 10, 2026-10-31 active 1",
		},
		"shrunk by exactly the limit": {household.Vehicle, []step{{vehicles(10, 0), nil, nil}, {vehicles(8, 0), asOf(20261101), nil}}, "2026-10-31 active 10, 2026-11-01 active 8"},
		"shrunk by more, then accepted": {household.Vehicle, []step{
			{vehicles(10, 0), nil, nil},
			{vehicles(7, 0), asOf(20261101), ingest.ErrHeld},
			{vehicles(7, 0), asOf(20261101), ingest.ErrHeld},
			{vehicles(7, 0), func(o *ingest.Options) { o.AsOf, o.AcceptShrink = 20261101, true }, nil},
		}, "2026-10-31 active 10, 2026-11-01 active 7"},
		"a held one does not stand in the way": {
			household.Vehicle,
			[]step{{vehicles(10, 0), nil, nil}, {vehicles(7, 0), asOf(20261101), ingest.ErrHeld}, {vehicles(9, 0), asOf(20261101), nil}},
			"2026-10-31 active 10, 2026-11-01 superseded 7, 2026-11-01 active 9",
		},
		"a superseding one that shrank leaves the old": {household.Vehicle, []step{{vehicles(10, 0), nil, nil}, {vehicles(7, 0), supersede, ingest.ErrHeld}}, "2026-10-31 active 10, 2026-10-31 held 7"},
		"another limit": {household.Vehicle, []step{{vehicles(10, 0), nil, nil}, {vehicles(7, 0), func(o *ingest.Options) { o.AsOf, o.MaxShrinkPercent = 20261101, 30 }, nil}}, "2026-10-31 active 10, 2026-11-01 active 7"},
		"flows are compared by month": {
			household.Tax,
			[]step{
				{taxFile(monthRows(22)), nil, nil},
				{taxFile(monthRows(1)), func(o *ingest.Options) { o.AsOf = 20261101; o.Covers, _ = household.ParseMonths("2026-10..2026-10") }, nil},
				{taxFile(monthRows(1)), func(o *ingest.Options) { o.AsOf = 20261102; o.Covers, _ = household.ParseMonths("2026-09..2026-10") }, ingest.ErrHeld},
			},
			"2026-10-31 active 22, 2026-11-01 active 1, 2026-11-02 held 1",
		},
		"other institutions": {
			household.Bank,
			[]step{
				{bankFile("工商银行", "建设银行"), nil, nil},
				{bankFile("工商银行"), func(o *ingest.Options) { o.AsOf, o.AcceptShrink = 20261101, true }, ingest.ErrInstitutions},
				{bankFile("工商银行", "农业银行"), supersede, ingest.ErrInstitutions},
				{bankFile("建设银行", "工商 银行"), asOf(20261101), nil},
				{bankFile("工商银行", "农业银行"), func(o *ingest.Options) { o.AsOf, o.AcceptInstitutions = 20261102, true }, nil},
			},
			"2026-10-31 active 2, 2026-11-01 active 2, 2026-11-02 active 2",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for i, s := range tt.steps {
				o := options(dir, tt.source, write(t, s.file)...)
				if s.change != nil {
					s.change(&o)
				}
				if _, err := ingest.Run(context.Background(), o); !errors.Is(err, s.want) {
					t.Fatalf("step %d: %v, want %v", i+1, err, s.want)
				}
			}
			if tt.states == "" {
				return
			}
			if diff := cmp.Diff(tt.states, states(t, dir)); diff != "" {
				t.Error(diff)
			}
			d, _ := snapshot.OpenDir(dir)
			if err := d.Verify(context.Background(), nil); err != nil {
				t.Error(err)
			}
		})
	}
}

// monthRows has one row of the last covered month for each of n people.
func monthRows(n int) []string {
	var rows []string
	for i := range n {
		rows = append(rows, fmt.Sprintf("%s,王秀英,T%d,2026-10,wage,1,0,", id(i), i))
	}
	return rows
}

func TestHeldErrorSaysWhatToDo(t *testing.T) {
	dir := t.TempDir()
	run(t, options(dir, household.Vehicle, write(t, vehicles(10, 0))...))
	o := options(dir, household.Vehicle, write(t, vehicles(5, 0))...)
	o.AsOf = 20261101
	r, err := ingest.Run(context.Background(), o)
	for _, want := range []string{"5 rows", "10 in", "--accept-shrink", "20 %"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
	if r.State != snapshot.Held || r.Accepted != 5 || r.Snapshot == "" {
		t.Errorf("%+v", r)
	}
}

func TestOneAtATime(t *testing.T) {
	dir := t.TempDir()
	d, _ := snapshot.OpenDir(dir)
	l, err := d.Lock()
	if err != nil {
		t.Fatal(err)
	}
	_, err = ingest.Run(context.Background(), options(dir, household.Vehicle, write(t, vehicles(1, 0))...))
	if !errors.Is(err, snapshot.ErrBusy) || !strings.Contains(err.Error(), fmt.Sprint(os.Getpid())) {
		t.Errorf("%v", err)
	}
	if err := l.Unlock(); err != nil {
		t.Fatal(err)
	}
	run(t, options(dir, household.Vehicle, write(t, vehicles(1, 0))...))
}

// Every step on the disk may fail: the ingest then says so, and the next one finds
// either the old catalogue or the new one, and clears up.
func TestFaultAtEveryStep(t *testing.T) {
	fault := errors.New("fault")
	before, after := write(t, vehicles(10, 0)), write(t, vehicles(12, 0))
	for k := 1; ; k++ {
		dir := t.TempDir()
		run(t, options(dir, household.Vehicle, before...))
		o := options(dir, household.Vehicle, after...)
		o.AsOf = 20261101
		n := 0
		o.Disk = durable.Disk{Before: func(durable.Step) error {
			if n++; n == k {
				return fault
			}
			return nil
		}}
		_, err := ingest.Run(context.Background(), o)
		if err == nil {
			if k < 5 {
				t.Fatalf("only %d steps", k)
			}
			return
		}
		if !errors.Is(err, fault) {
			t.Fatalf("step %d: %v", k, err)
		}
		if s := states(t, dir); s != "2026-10-31 active 10" && s != "2026-10-31 active 10, 2026-11-01 active 12" {
			t.Errorf("step %d leaves %s", k, s)
		}
		o.Disk, o.Supersede = durable.Disk{}, true
		run(t, o)
		d, _ := snapshot.OpenDir(dir)
		if err := d.Verify(context.Background(), nil); err != nil {
			t.Errorf("step %d: %v", k, err)
		}
		if held, _ := os.ReadDir(dir + "/snapshots"); len(held) != 2 {
			t.Errorf("step %d: %d directories", k, len(held))
		}
	}
}

// The same content under another file name is the same snapshot, whichever of the
// two manifests stays.
func TestSameContentUnderAnotherName(t *testing.T) {
	dir := t.TempDir()
	run(t, options(dir, household.Vehicle, write(t, vehicles(10, 0))...))
	other := func() string {
		name := t.TempDir() + "/another name.csv"
		if err := os.Rename(write(t, vehicles(5, 0))[0], name); err != nil {
			t.Fatal(err)
		}
		return name
	}
	o := options(dir, household.Vehicle, write(t, vehicles(5, 0))...)
	o.AsOf = 20261101
	held, err := ingest.Run(context.Background(), o)
	if !errors.Is(err, ingest.ErrHeld) {
		t.Fatal(err)
	}
	o.Files, o.AcceptShrink = []string{other()}, true
	if r := run(t, o); r.Snapshot != held.Snapshot {
		t.Fatal("another id")
	}
	d, _ := snapshot.OpenDir(dir)
	if err := d.Verify(context.Background(), nil); err != nil {
		t.Error(err)
	}
	// A damaged snapshot is replaced by ingesting its files again.
	if err := os.Truncate(d.Path(held.Snapshot)+"/hot.blocks", 100); err != nil {
		t.Fatal(err)
	}
	if err := d.Verify(context.Background(), nil); !snapshot.IsDamaged(err) {
		t.Error(err)
	}
	o.Files, o.Supersede = []string{other()}, true
	run(t, o)
	if err := d.Verify(context.Background(), nil); err != nil {
		t.Error(err)
	}
	if s := states(t, dir); s != "2026-10-31 active 10, 2026-11-01 active 5" {
		t.Error(s)
	}
}
