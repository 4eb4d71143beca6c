package export_test

import (
	"bytes"
	"cmp"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/hedui/hedui/engine/durable"
	"github.com/hedui/hedui/engine/export"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/keyring"
)

var (
	leaks = flag.Int("export.leaks", 400, "files by nobody that the marks are asked about")
	every = flag.Int("export.every", 7, "of fifty recipients every which leaks; 1 is all")
)

func key(t testing.TB) export.Key {
	t.Helper()
	k, err := export.NewKey(bytes.Repeat([]byte("k"), 32))
	must(t, err)
	return k
}

var china = time.FixedZone("CST", 8*60*60)

func slip(i int) export.Slip {
	return export.Slip{
		Number: fmt.Sprintf("e-%03d", i), Recipient: fmt.Sprintf("第%d街道办事处", i), Purpose: "公示", By: "approver01", At: time.Date(2026, 11, 1, 1, 0, 0, 0, time.UTC),
	}
}

// people is a list as a centre has one: names come twice, most other cells often.
func people(n int) (rows [][]export.Cell) {
	r := rand.New(rand.NewPCG(1, 2))
	family, given := []rune("王李张刘陈杨黄赵周吴𠮷䶮"), []rune("秀英伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂")
	for range n {
		name := string([]rune{family[r.IntN(len(family))], given[r.IntN(len(given))], given[r.IntN(len(given))]})
		day, _ := household.NewDate(2026, 1+r.IntN(10), 1+r.IntN(28))
		rows = append(rows, []export.Cell{
			export.TextCell(name), export.MoneyCell(household.Fen(r.IntN(200_000))), export.DayCell(day), export.NumberCell(int64(1 + r.IntN(6))),
			export.TextCell(fmt.Sprintf("34010400%d00%d", 1+r.IntN(4), 1+r.IntN(9))),
		})
	}
	return rows
}

// copyFor writes one recipient's copy.
func copyFor(t testing.TB, f export.Format, rows [][]export.Cell, s export.Slip) ([]byte, *export.Marks) {
	t.Helper()
	var b bytes.Buffer
	w, err := export.NewWriter(&b, f, export.Table{Columns: columns})
	must(t, err)
	m := export.NewMarker(w, key(t), s, china)
	for _, r := range rows {
		must(t, m.Row(r))
	}
	must(t, m.Finish(nil))
	return b.Bytes(), m.Marks()
}

func identify(t testing.TB, f *export.File, all []*export.Marks) *export.Identified {
	t.Helper()
	out, err := export.Identify(t.Context(), key(t), f, func() (*export.Marks, error) {
		if len(all) == 0 {
			return nil, nil
		}
		m := all[0]
		all = all[1:]
		return m, nil
	})
	must(t, err)
	return out
}

// world is a list that fifty recipients have.
func recipients(t testing.TB, n int, rows [][]export.Cell) (files []*export.File, marks []*export.Marks) {
	t.Helper()
	for i := range n {
		f := export.CSV
		if i%2 == 1 {
			f = export.XLSX
		}
		b, m := copyFor(t, f, rows, slip(i))
		files, marks = append(files, read(t, b)), append(marks, m)
	}
	return files, marks
}

// with is a file of other rows.
func with(f *export.File, rows [][]string) *export.File {
	return &export.File{Titles: f.Titles, Rows: rows, Format: f.Format}
}

func keep(f *export.File, columns ...int) *export.File {
	out := with(f, nil)
	out.Titles = nil
	for _, r := range f.Rows {
		var row []string
		for _, c := range columns {
			row = append(row, r[c])
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}

func without(f *export.File, part float64, r *rand.Rand) *export.File {
	out := with(f, nil)
	for _, row := range f.Rows {
		if r.Float64() >= part {
			out.Rows = append(out.Rows, row)
		}
	}
	return out
}

// Fifty recipients have the same list of 400 rows. Whatever somebody does to a copy, nobody
// else is named; and the one it is of is named as long as the order is theirs.
func TestIdentify(t *testing.T) {
	rows := people(400)
	files, marks := recipients(t, 50, rows)
	r := rand.New(rand.NewPCG(3, 4))
	for name, c := range map[string]struct {
		leak  func(f *export.File) *export.File
		named bool // every time
	}{
		"as it was":                   {func(f *export.File) *export.File { return f }, true},
		"names and amounts":           {func(f *export.File) *export.File { return keep(f, 0, 1) }, true},
		"columns dropped and moved":   {func(f *export.File) *export.File { return keep(f, 4, 1, 2) }, true},
		"names only":                  {func(f *export.File) *export.File { return keep(f, 0) }, true},
		"30 % of the rows deleted":    {func(f *export.File) *export.File { return without(f, 0.3, r) }, true},
		"half of it, names only":      {func(f *export.File) *export.File { return without(keep(f, 0, 4), 0.5, r) }, true},
		"200 rows in one piece":       {func(f *export.File) *export.File { return with(f, f.Rows[100:300]) }, true},
		"twenty rows":                 {func(f *export.File) *export.File { return with(f, f.Rows[64:84]) }, false},
		"neighbours change places":    {func(f *export.File) *export.File { return shuffled(f, 4, r) }, true},
		"written anew, in GB18030":    {func(f *export.File) *export.File { return reformatted(t, f) }, true},
		"a column added, one retyped": {func(f *export.File) *export.File { return retyped(f) }, true},
		"sorted by another column": {func(f *export.File) *export.File {
			return sorted(f, func(a, b []string) int { return cmp.Or(cmp.Compare(a[2], b[2]), cmp.Compare(a[1], b[1])) })
		}, false},
		"sorted by name":       {func(f *export.File) *export.File { return sorted(f, slices.Compare[[]string]) }, false},
		"shuffled":             {func(f *export.File) *export.File { return shuffled(f, len(f.Rows), r) }, false},
		"the list's own order": {func(f *export.File) *export.File { return with(f, plain(rows)) }, false},
		"somebody else's list": {func(f *export.File) *export.File { return with(f, [][]string{{"甲", "1"}, {"乙", "2"}}) }, false},
		"nothing":              {func(f *export.File) *export.File { return with(f, nil) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			named, wrong, all := 0, 0, 0
			for i, f := range files {
				if i%*every != 0 {
					continue
				}
				all++
				got := identify(t, c.leak(f), marks)
				for _, n := range got.Named {
					if n.Number != marks[i].Number || n.Recipient != marks[i].Recipient {
						wrong++
						continue
					}
					named++
				}
				if got.Compared != len(marks) {
					t.Fatalf("%d compared", got.Compared)
				}
			}
			t.Logf("%d of %d named, %d wrong", named, all, wrong)
			if all == 0 || wrong > 0 || c.named && named != all || !c.named && named > 0 {
				t.Errorf("%d named and %d wrong", named, wrong)
			}
		})
	}
}

// shuffled changes the places of rows within windows.
func shuffled(f *export.File, window int, r *rand.Rand) *export.File {
	out := with(f, slices.Clone(f.Rows))
	for rest := range slices.Chunk(out.Rows, window) {
		r.Shuffle(len(rest), func(i, j int) { rest[i], rest[j] = rest[j], rest[i] })
	}
	return out
}

func sorted(f *export.File, by func(a, b []string) int) *export.File {
	out := with(f, slices.Clone(f.Rows))
	slices.SortStableFunc(out.Rows, by)
	return out
}

// reformatted is a file saved again by something else: other forms of numbers and days,
// semicolons, GB18030.
func reformatted(t *testing.T, f *export.File) *export.File {
	t.Helper()
	cells, err := f.Cells(columns)
	must(t, err)
	var b strings.Builder
	b.WriteString("a;b;c;d;e\n")
	for _, row := range plain(cells) {
		whole, frac, _ := strings.Cut(row[1], ".")
		if len(whole) > 3 {
			whole = whole[:len(whole)-3] + "," + whole[len(whole)-3:]
		}
		fmt.Fprintf(&b, "\"%s \";\"%s.%s\";%s;%s.0;%s\n", row[0], whole, frac, strings.NewReplacer("-0", "/", "-", "/").Replace(row[2]), row[3], row[4])
	}
	text, err := simplifiedchinese.GB18030.NewEncoder().String(b.String())
	must(t, err)
	return read(t, []byte(text))
}

// retyped has a column more, and another with something else in it.
func retyped(f *export.File) *export.File {
	out := with(f, nil)
	for i, r := range f.Rows {
		out.Rows = append(out.Rows, append([]string{fmt.Sprint("序号", i)}, r[0], "略", r[2], r[3], r[4]))
	}
	return out
}

// Two copies put together name both, and nobody else.
func TestIdentifyTogether(t *testing.T) {
	files, marks := recipients(t, 20, people(400))
	got := identify(t, with(files[3], append(slices.Clone(files[3].Rows[:192]), files[8].Rows[192:]...)), marks)
	var numbers []string
	for _, n := range got.Named {
		numbers = append(numbers, n.Number)
	}
	slices.Sort(numbers)
	if !slices.Equal(numbers, []string{"e-003", "e-008"}) {
		t.Errorf("named %v", numbers)
	}
}

// The bound holds: of files whose rows are in an order of nobody's, chance agrees as often
// with somebody's copy as it says, and never below the bound.
func TestChanceIsWhatItSays(t *testing.T) {
	rows := people(64)
	_, marks := recipients(t, 4, rows)
	f := with(&export.File{}, plain(rows))
	r := rand.New(rand.NewPCG(5, 6))
	tenth := 0
	for range *leaks {
		got := identify(t, shuffled(f, len(rows), r), marks)
		if len(got.Named) > 0 {
			t.Fatalf("%+v is named by chance", got.Named)
		}
		if got.Closest.Chance <= 0.1 {
			tenth++
		}
	}
	if tenth*10 > *leaks*13/10+30 {
		t.Errorf("a chance of 0.1 came %d times of %d", tenth, *leaks)
	}
}

// Every copy has all rows, none far from its place, and no two copies are alike.
func TestOrder(t *testing.T) {
	k := key(t)
	seen := map[string]bool{}
	for i := range 40 {
		for _, n := range []int{0, 1, 2, 3, 31, 32, 33, 63, 64, 65, 400} {
			s := slip(i)
			order := k.Order(&s, n)
			for place, row := range order {
				if row/32 != place/32 {
					t.Fatalf("row %d of %d stands at %d", row, n, place)
				}
			}
			if n == 400 {
				seen[fmt.Sprint(order)] = true
			}
			slices.Sort(order)
			for place, row := range order {
				if place != row || len(order) != n {
					t.Fatalf("row %d of %d is not there", place, n)
				}
			}
		}
	}
	if len(seen) != 40 {
		t.Errorf("%d copies of 40 differ", len(seen))
	}
}

// A copy says for whom it is, and the marks kept of it hold nothing of anybody.
func TestSlipIsSeenAndMarksAreNot(t *testing.T) {
	rows := people(70)
	for name, f := range formats {
		b, m := copyFor(t, f, rows, slip(7))
		for _, want := range []string{"e-007", "第7街道办事处", "公示", "2026-11-01 09:00:00"} {
			if got := read(t, b).Foot; !strings.Contains(got, want) {
				t.Errorf("%s: the foot is %q", name, got)
			}
		}
		stored, err := m.Encode(key(t))
		must(t, err)
		for _, row := range plain(rows) {
			if bytes.Contains(stored, []byte(row[0])) || bytes.Contains(stored, []byte(row[4])) {
				t.Fatal("the marks hold content")
			}
		}
	}
}

func TestShelf(t *testing.T) {
	rows := people(200)
	for _, sealed := range []bool{false, true} {
		dir := t.TempDir()
		var ring *keyring.Ring
		if sealed {
			file := t.TempDir() + "/master.key"
			must(t, keyring.Init(durable.Disk{}, dir, file, "sm"))
			var err error
			ring, err = keyring.Open(dir, file)
			must(t, err)
		}
		s, err := export.OpenShelf(dir, ring)
		must(t, err)
		var files []*export.File
		for i := range 5 {
			var b bytes.Buffer
			w, err := export.NewWriter(&b, export.CSV, export.Table{Columns: columns})
			must(t, err)
			m := export.NewMarker(w, s.Key(), slip(i), china)
			for _, r := range rows {
				must(t, m.Row(r))
			}
			must(t, m.Finish(nil))
			must(t, s.Keep(m.Marks()))
			if s.Keep(m.Marks()) == nil {
				t.Error("marks are written over")
			}
			files = append(files, read(t, b.Bytes()))
		}
		again, err := export.OpenShelf(dir, ring)
		must(t, err)
		got, err := again.Identify(t.Context(), files[2])
		must(t, err)
		if len(got.Named) != 1 || got.Named[0].Number != "e-002" {
			t.Errorf("sealed %v: %+v", sealed, got)
		}
		name := dir + "/exports/e-001.marks"
		for _, damage := range []func([]byte) []byte{
			func(b []byte) []byte { return b[:len(b)-1] },
			func(b []byte) []byte { b[len(b)/2] ^= 1; return b },
			func([]byte) []byte { return readFile(t, dir+"/exports/e-002.marks") },
		} {
			old := readFile(t, name)
			writeFile(t, name, damage(slices.Clone(old)))
			if _, err := again.Marks("e-001"); !errors.Is(err, export.ErrMarks) {
				t.Errorf("sealed %v: damaged marks are read: %v", sealed, err)
			}
			writeFile(t, name, old)
		}
		if sealed == bytes.Contains(readFile(t, name), []byte("街道办事处")) {
			t.Errorf("sealed is %v", sealed)
		}
		if s.Keep(export.NewMarks(export.Slip{Number: "../x"})) == nil {
			t.Error("marks outside of their directory")
		}
	}
}

func BenchmarkIdentify(b *testing.B) {
	files, marks := recipients(b, 50, people(400))
	for b.Loop() {
		if got := identify(b, files[9], marks); len(got.Named) != 1 {
			b.Fatal("not named")
		}
	}
}
