package connectors_test

import (
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/hedui/hedui/connectors"
	"github.com/hedui/hedui/connectors/connectortest"
	"github.com/hedui/hedui/connectors/tax"
	"github.com/hedui/hedui/engine/household"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func sumOf(t *testing.T, path string) [32]byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return sha256.Sum256(data)
}

func TestInfo(t *testing.T) {
	for _, size := range []int{1, 1000, 60_000} { // below and above what is hashed in a goroutine
		content := "\ufeff证件号码;姓名;明细号;所属期;所得项目;收入额;备注;340104198001010014\n" + strings.Repeat("1;王;R;2025-01;wage;1;x;y\n", size)
		path := connectortest.File(t, "a.csv", []byte(content))
		tables, err := connectors.Open(path, tax.Department(), connectors.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if n := len(drain(t, tables[0])); n != size {
			t.Errorf("%d rows", n)
		}
		info := tables[0].Info()
		if info.SHA256 != sumOf(t, path) || info.Bytes != int64(len(content)) {
			t.Errorf("digest or size of %d rows is wrong", size)
		}
		if info.Encoding != "utf-8" || info.Delimiter != ";" || info.Format != "csv" || fmt.Sprint(info.UnknownColumns) != "[备注 3************]" {
			t.Errorf("%+v", info)
		}
		if done, total := tables[0].Progress(); done != total {
			t.Errorf("at the end %d of %d are read", done, total)
		}
	}
}

func TestCloseEarlyStopsTheHasher(t *testing.T) {
	path := connectortest.File(t, "a.csv", []byte(taxHead+strings.Repeat(taxRow, 200_000)))
	tables, err := connectors.Open(path, tax.Department(), connectors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var rec household.Record
	for range 100_000 {
		if err := tables[0].Next(&rec); err != nil {
			t.Fatal(err)
		}
	}
	if err := tables[0].Close(); err != nil {
		t.Fatal(err)
	}
	if err := tables[0].Next(&rec); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("a closed table gave %v", err)
	}
}

// TestEncodingVotes shows that the encoding is decided by lines, wherever the
// first of them comes, and that one bad line does not turn a file over.
func TestEncodingVotes(t *testing.T) {
	ascii := strings.Repeat(taxRow, 20_000) // more than is sampled at the start
	gb := func(s string) string { return string(connectortest.GB18030(t, []byte(s))) }
	row := "1,王秀英,R,2025-01,wage,1\n"
	tests := []struct {
		name, content string
		options       string
		names         string // of the last rows
	}{
		{"utf-8 late", taxHead + ascii + row, "", "王秀英"},
		{"gb18030 late", taxHead + ascii + gb(row), "", "王秀英"},
		{"gb18030 at the very end", taxHead + ascii + strings.TrimSuffix(gb(row), "\n"), "", "王秀英"},
		{"one bad line in utf-8", taxHead + "1,\xcd\xf5,R,2025-01,wage,1\n" + row + row, "", "!,王秀英,王秀英"},
		{"one bad line in gb18030", taxHead + "1,王秀英,R,2025-01,wage,1\n" + gb(row) + gb(row), "", "鐜嬬\ue15a鑻?,王秀英,王秀英"},
		{"both alike", taxHead + row + gb(row), "", "王秀英,!"},
		{"told utf-8", taxHead + gb(row), "utf-8", "!"},
		{"told gbk", taxHead + gb(row), "GBK", "王秀英"},
		{"nothing well formed", taxHead + "1,\xff\xff,R,2025-01,wage,1\n", "", "!"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := readRows(t, tax.Department(), tt.content, connectors.Options{Encoding: tt.options})
			want := strings.Split(tt.names, ",")
			if tt.name == "one bad line in gb18030" {
				want = nil // what the line reads as does not matter; the others do
				for _, o := range got[1:] {
					if o.Name != "王秀英" || o.Code != "" {
						t.Errorf("got %+v", o)
					}
				}
			}
			for i, w := range want {
				o := got[len(got)-len(want)+i]
				if w == "!" && o.Code != "bad_encoding" || w != "!" && (o.Name != w || o.Code != "") {
					t.Errorf("got %+v, want %s", o, w)
				}
			}
		})
	}
}

func TestLongRowsAndBrokenQuotes(t *testing.T) {
	giant := strings.Repeat("x", 3<<20)
	tests := []struct {
		name, content string
		want          string // codes of the rows, . for a good one
	}{
		{"a giant field", taxHead + taxRow + "1,n,R," + giant + ",wage,1\n" + taxRow, ". column_count ."},
		{"a giant last line", taxHead + taxRow + giant, ". column_count"},
		{"a giant quoted field", taxHead + "1,n,\"" + giant + "\",2025-01,wage,1\n" + taxRow, "column_count ."},
		{"a million fields", taxHead + strings.Repeat(",", 1<<20) + "\n" + taxRow, "column_count ."},
		{"unclosed to the end", taxHead + "1,n,\"R,2025-01,wage,1\n" + strings.Repeat(taxRow, 3), "column_count . . ."},
		{"every line unclosed", taxHead + strings.Repeat("1,n,\"R,2025-01,wage,1\n", 4), "column_count column_count column_count column_count"},
		{"a quoted line break in a number", taxHead + "1,n,\"R\n2\",2025-01,wage,1\n" + taxRow, "bad_encoding ."},
		{"a rounded number as a key", taxHead + "1,n,6.222E+18,2025-01,wage,1\n3.40104E+17,n,1E+15x,2025-01,wage,1\n", "bad_encoding ."},
		{"a quote inside", taxHead + "1,n,R\"2,2025-01,wage,1\n", "."},
		{"no line end", taxHead + "1,n,R,2025-01,wage,1", "."},
		{"quoted at the end", taxHead + "1,n,R,2025-01,wage,\"1\"", "."},
		{"carriage return at the end", taxHead + "1,n,R,2025-01,wage,1\r", "."},
		{"a lone carriage return inside", taxHead + "1,n\rm,R,2025-01,wage,1\n", "bad_encoding"},
		{"end of file mark", taxHead + taxRow + "\x1a", "."},
		{"delete character", taxHead + "1,n\x7f,R,2025-01,wage,1\n", "bad_encoding"},
		{"bytes of an ignored column", strings.Replace(taxHead, "\n", ",x\n", 1) + "1,n,R,2025-01,wage,1,\xff\n1,n,R,2025-01,wage,-1,\xff\n", "bad_encoding negative_amount"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var codes []string
			for _, o := range readRows(t, tax.Department(), tt.content, connectors.Options{Encoding: "utf-8"}) {
				if o.Code == "" {
					o.Code = "."
				}
				codes = append(codes, o.Code)
			}
			if got := strings.Join(codes, " "); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// TestNoLineEndAfterMuch ends a file without a line break behind more than one
// buffer of data.
func TestNoLineEndAfterMuch(t *testing.T) {
	for _, tail := range []string{"", "\x1a", strings.TrimSuffix(taxRow, "\n")} {
		content := taxHead + strings.Repeat(taxRow, 30_000) + tail
		want := 30_000
		if len(tail) > 1 {
			want++
		}
		if got := readRows(t, tax.Department(), content, connectors.Options{}); len(got) != want || got[want-1].Code != "" {
			t.Errorf("%q: %d rows, want %d", tail, len(got), want)
		}
	}
}

// TestMemoryIsBounded reads a file that is one endless line and one that is one
// endless quote.
func TestMemoryIsBounded(t *testing.T) {
	for _, content := range []string{
		taxHead + "1,n,\"" + strings.Repeat("x", 48<<20) + "\n" + taxRow,
		taxHead + strings.Repeat("\"\"\n", 4<<20) + taxRow,
	} {
		path := connectortest.File(t, "a.csv", []byte(content))
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		tables, err := connectors.Open(path, tax.Department(), connectors.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var rec household.Record
		var peak uint64
		rows := 0
		for {
			err := tables[0].Next(&rec)
			if errors.Is(err, io.EOF) {
				break
			}
			var fault *connectors.Fault
			if err != nil && !errors.As(err, &fault) {
				t.Fatal(err)
			}
			if rows++; rows%(1<<20) == 1 {
				runtime.GC()
				runtime.ReadMemStats(&after)
				peak = max(peak, after.HeapAlloc-min(after.HeapAlloc, before.HeapAlloc))
			}
		}
		_ = tables[0].Close()
		if peak > 32<<20 {
			t.Errorf("%d MiB were in use", peak>>20)
		}
	}
}

// FuzzCSV holds the splitter to encoding/csv on whatever that reads, and to its
// own accounting on everything else.
func FuzzCSV(f *testing.F) {
	f.Add("1,n,R,2025-01,wage,1\n")
	f.Add("\"1\",\"a\"\"b\",\"R\n\",2025,工资薪金,\"1,234.5\"\r\n\n,,,,,\n")
	f.Add("1,\xcd\xf5,R,2025-01,wage,1\n\"\n\"x\n")
	d := tax.Department()
	f.Fuzz(func(t *testing.T, body string) {
		path := connectortest.File(t, "a.csv", []byte(taxHead+body))
		got, err := connectortest.TryRead(t, path, d, connectors.Options{Encoding: "utf-8"})
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Count(body, "\n") + 1
		if len(got) > lines {
			t.Fatalf("%d rows of %d lines", len(got), lines)
		}
		r := csv.NewReader(strings.NewReader(body))
		r.FieldsPerRecord = -1
		want, err := r.ReadAll()
		// What encoding/csv cannot read, and what it reads otherwise on purpose:
		// lines of white space, lone carriage returns, the mark at the end.
		if err != nil || strings.ContainsAny(body, "\r\x1a") {
			return
		}
		for line := range strings.SplitSeq(body, "\n") {
			if line != "" && strings.Trim(line, " \t\u3000") == "" {
				return
			}
		}
		if len(got) != len(want) {
			t.Fatalf("%d rows, encoding/csv has %d", len(got), len(want))
		}
		for i, w := range want {
			if (len(w) != 6) != (got[i].Fault != nil && got[i].Fault.Code == connectors.ColumnCount) {
				t.Fatalf("row %d has %d fields: %v", i+1, len(w), got[i].Fault)
			}
			if got[i].Fault == nil && strings.Trim(w[2], " \t\r\n\u3000") != string(got[i].Record.Tax.RecordNo) {
				t.Fatalf("row %d: %q, encoding/csv has %q", i+1, got[i].Record.Tax.RecordNo, w[2])
			}
		}
	})
}
