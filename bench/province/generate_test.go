package province_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/bench/province"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// generate writes a province into a folder of the test.
func generate(t testing.TB, o province.Options) (string, province.Summary) {
	t.Helper()
	o.Out = t.TempDir()
	sum, err := province.Generate(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return o.Out, sum
}

// digests returns the digest of every file below dir, by name.
func digests(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		sum := sha256.Sum256(data)
		all[filepath.ToSlash(name)] = hex.EncodeToString(sum[:])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func everyFormat() map[string]string {
	return map[string]string{
		"tax": province.FormatGzip, "vehicle": province.FormatXLSX, "property": province.FormatTSV, "bank": province.FormatGB18030, "insurance": province.FormatCSV,
	}
}

func TestSameOptionsSameBytes(t *testing.T) {
	for _, c := range []struct {
		name    string
		options province.Options
	}{
		{"plain", province.Options{People: 4000, Seed: 11}},
		{"everything", province.Options{People: 4000, Seed: 11, Dirty: 150, Second: true, Formats: everyFormat(), Months: true, Banks: 5, BatchPercent: 50}},
		{"corrupted", province.Options{People: 4000, Seed: 11, Dirty: 150, Second: true, Formats: everyFormat(), Months: true, Banks: 5, Register: true, Corrupt: province.CorruptBad}},
	} {
		t.Run(c.name, func(t *testing.T) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
			dir, sum := generate(t, c.options)
			one := digests(t, dir)
			runtime.GOMAXPROCS(4)
			dir, again := generate(t, c.options)
			if diff := cmp.Diff(one, digests(t, dir)); diff != "" {
				t.Errorf("files differ between 1 and 4 threads (-1 +4):\n%s", diff)
			}
			if diff := cmp.Diff(sum, again); diff != "" {
				t.Errorf("summary differs:\n%s", diff)
			}
			c.options.Seed++
			dir, _ = generate(t, c.options)
			for name, digest := range digests(t, dir) {
				if digest == one[name] {
					t.Errorf("%s is the same with another seed", name)
				}
			}
		})
	}
}

// The golden digests tell when a change alters what a seed means: whoever compares
// measurements of two versions must know that.
func TestGolden(t *testing.T) {
	formats := map[string]string{"bank": province.FormatGB18030, "property": province.FormatTSV}
	testGolden(t, "golden.txt", province.Options{People: 700, Seed: 1, Dirty: 200, Second: true, Formats: formats})
	testGolden(t, "golden_corrupted.txt", province.Options{People: 700, Seed: 1, Dirty: 200, Formats: formats, Register: true, Corrupt: province.CorruptX3})
}

func testGolden(t *testing.T, file string, o province.Options) {
	t.Helper()
	dir, _ := generate(t, o)
	var lines []string
	for name, digest := range digests(t, dir) {
		lines = append(lines, digest+"  "+name+"\n")
	}
	sort.Slice(lines, func(i, j int) bool { return lines[i][66:] < lines[j][66:] })
	got := strings.Join(lines, "")
	golden := filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("bytes of the small province changed; -update when that is meant (-want +got):\n%s", diff)
	}
}

// A province without a register and without corruption is the one of before there
// were any, to the byte; the digest was taken then, over the names and digests of all
// files.
func TestPlainProvinceIsWhatItWas(t *testing.T) {
	const want = "f08f2ecc858a7bd48442c4efd81353fdfe7d642958902a479ff48697fc3f40b0"
	dir, _ := generate(t, province.Options{
		People: 3000, Seed: 21, Dirty: 100, Second: true, Months: true, Banks: 4, Formats: map[string]string{"insurance": province.FormatGB18030},
	})
	all := digests(t, dir)
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(sum, "%s  ./%s\n", all[name], name)
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != want {
		t.Errorf("digest %s, want %s", got, want)
	}
}

func TestSummary(t *testing.T) {
	dir, sum := generate(t, province.Options{People: 3000, Seed: 2, Dirty: 100, Second: true, Months: true, Banks: 3})
	bytes := int64(0)
	for name := range digests(t, dir) {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		bytes += info.Size()
	}
	if sum.People != 3000 || sum.Bytes != bytes || sum.AsOf != "2026-10-31" || sum.Covers != "2025-01..2026-10" || sum.StaleAsOf != "2026-03-31" || sum.StaleCovers != "2025-01..2026-03" {
		t.Errorf("summary %+v, want 3000 people and %d bytes", sum, bytes)
	}
	files := map[string]int{}
	rows := map[string]int64{}
	for _, f := range sum.Files {
		key := f.Source
		if f.Stale {
			key = "stale/" + key
		}
		files[key]++
		rows[key] += f.Rows
		if got := int64(len(readRows(t, dir, f.Name, ',')) - 1); got != f.Rows {
			t.Errorf("%s has %d rows, the summary says %d", f.Name, got, f.Rows)
		}
	}
	if diff := cmp.Diff(rows, sum.Rows); diff != "" {
		t.Errorf("rows of the files and of the sources differ:\n%s", diff)
	}
	want := map[string]int{
		"tax": 22, "bank": 3, "vehicle": 1, "property": 1, "insurance": 1,
		"stale/tax": 1, "stale/bank": 1, "stale/vehicle": 1, "stale/property": 1, "stale/insurance": 1,
	}
	if diff := cmp.Diff(want, files); diff != "" {
		t.Errorf("number of files (-want +got):\n%s", diff)
	}
}

func TestValidate(t *testing.T) {
	good := province.Options{People: 10, Out: "x"}
	for _, c := range []struct {
		name   string
		change func(*province.Options)
		want   []string // in the error; empty for no error
	}{
		{"good", func(*province.Options) {}, nil},
		{"nobody", func(o *province.Options) { o.People = 0 }, []string{"people 0"}},
		{"no folder", func(o *province.Options) { o.Out = "" }, []string{"no folder"}},
		{"date", func(o *province.Options) { o.On = "2026-02-30" }, []string{"2026-02-30"}},
		{"percent", func(o *province.Options) { o.BatchPercent = 101 }, []string{"101 %"}},
		{"dirty", func(o *province.Options) { o.Dirty = -1 }, []string{"-1 dirty"}},
		{"banks", func(o *province.Options) { o.Banks = province.MaxBanks + 1 }, []string{"25 bank files"}},
		{"source", func(o *province.Options) { o.Formats = map[string]string{"land": "csv"} }, []string{`"land"`}},
		{"format", func(o *province.Options) { o.Formats = map[string]string{"tax": "dbf"} }, []string{`"dbf" of tax`}},
		{"corruption", func(o *province.Options) { o.Corrupt = "worse" }, []string{`corruption "worse"`}},
		{"register", func(o *province.Options) { o.Formats = map[string]string{"register": province.FormatXLSX} }, nil},
		{"several", func(o *province.Options) { o.People, o.Banks = -3, -1 }, []string{"people -3", "-1 bank files"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := good
			c.change(&o)
			err := o.Validate()
			if (err != nil) != (len(c.want) > 0) {
				t.Fatalf("error %v, want %v", err, c.want)
			}
			for _, text := range c.want {
				if !strings.Contains(err.Error(), text) {
					t.Errorf("error %q does not say %q", err, text)
				}
			}
		})
	}
}

func TestProgressReachesTheEnd(t *testing.T) {
	var done, total int64
	calls := 0
	_, sum := generate(t, province.Options{People: 30_000, Seed: 3, Progress: func(d, n int64) {
		if d < done || n != total && total != 0 {
			t.Errorf("progress went from %d/%d to %d/%d", done, total, d, n)
		}
		done, total = d, n
		calls++
	}})
	rows := int64(0)
	for _, n := range sum.Rows {
		rows += n
	}
	if done != rows || total != rows || calls < 6 {
		t.Errorf("ended at %d of %d after %d calls, wrote %d rows", done, total, calls, rows)
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	_, err := province.Generate(ctx, province.Options{People: 40_000, Out: t.TempDir(), Progress: func(int64, int64) { cancel() }})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}

func TestSmallProvinces(t *testing.T) {
	for _, people := range []int{1, 2, 7, 100} {
		_, sum := generate(t, province.Options{People: people, Seed: 5, Dirty: 5000, Second: true})
		if sum.People != people || sum.Households == 0 {
			t.Errorf("%d people: %+v", people, sum)
		}
		dir, sum := generate(t, province.Options{People: people, Seed: 5, Dirty: 5000, Register: true, Corrupt: province.CorruptBad})
		if rows := len(readRows(t, dir, "register.csv", ',')) - 1; int64(rows) != sum.Rows["register"] || rows < people*9/10 {
			t.Errorf("%d people, %d of them in the register: %+v", people, rows, sum)
		}
	}
}

func BenchmarkGenerate(b *testing.B) {
	for _, format := range []string{province.FormatCSV, province.FormatGB18030} {
		b.Run("people=1e5/format="+format, func(b *testing.B) {
			formats := map[string]string{}
			for _, s := range []string{"tax", "vehicle", "property", "bank", "insurance"} {
				formats[s] = format
			}
			o := province.Options{People: 100_000, Seed: 1, Out: b.TempDir(), Formats: formats}
			rows := int64(0)
			b.ReportAllocs()
			for b.Loop() {
				sum, err := province.Generate(b.Context(), o)
				if err != nil {
					b.Fatal(err)
				}
				b.SetBytes(sum.Bytes)
				for _, n := range sum.Rows {
					rows += n
				}
			}
			b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
