package memory

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

var (
	megabytes = flag.Int64("mb", 96, "size of the file in MB")
	limit     = flag.Int64("limit", 0, "peak memory of the process allowed in MB; 0: a tenth of the file, as 1 GB for 10 GB, but at least 96")
	budget    = flag.Int("budget", 0, "memory for rows in work in MB handed to ingest; 0: a quarter of the limit, at most 256")
	scratch   = flag.String("scratch", "", "folder for the file and the store (default: a temporary one)")
)

// A file many times the budget is spilled and merged, every row is accounted for
// and the process stays small.
func TestIngestStaysInsideItsMemory(t *testing.T) {
	dir := *scratch
	if dir == "" {
		dir = t.TempDir()
	}
	if *limit == 0 {
		*limit = max(96, *megabytes/10)
	}
	if *budget == 0 {
		*budget = int(min(256, *limit/4))
	}
	bin := filepath.Join(dir, "hedui")
	if out, err := exec.Command("go", "build", "-o", bin, "github.com/hedui/hedui/cmd/hedui").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	file := filepath.Join(dir, "bank.csv")
	rows := write(t, file, *megabytes<<20)
	data := filepath.Join(dir, "data")
	cmd := exec.Command(bin, "ingest", "--data", data, "--source", "bank", "--as-of", "2026-10-31", "--memory", strconv.Itoa(*budget)+"MiB", "--json", file)
	var out, talk bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &talk
	start := time.Now()
	if err := cmd.Run(); err != nil {
		t.Fatalf("ingest: %v\n%s", err, talk.Bytes())
	}
	took := time.Since(start)
	var result struct {
		RowsIn   int64 `json:"rows_in"`
		Accepted int64 `json:"accepted"`
	}
	if err := json.Unmarshal(out.Bytes(), &result); err != nil {
		t.Fatal(err)
	}
	if result.RowsIn != rows || result.Accepted != rows {
		t.Errorf("%d rows in, %d accepted, want %d", result.RowsIn, result.Accepted, rows)
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		t.Fatal("the system tells no peak memory")
	}
	peak := usage.Maxrss >> 10
	t.Logf("%d MB, %d rows, budget %d MB: peak RSS %d MB of %d MB allowed, %.1f s, %.0f MB/s", *megabytes, rows, *budget, peak, *limit, took.Seconds(), float64(*megabytes)/took.Seconds())
	if peak > *limit {
		t.Errorf("peak RSS %d MB, allowed are %d MB", peak, *limit)
	}
}

// write makes a file of about size bytes: people in no order, a few accounts each.
func write(t *testing.T, path string, size int64) (rows int64) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	fmt.Fprintln(w, "id_number,name,institution,account_no,kind,balance,balance_on,average_balance")
	var b []byte
	for n := uint64(0); ; n++ {
		info := int64(len(b)) * rows
		if info >= size && rows > 0 {
			break
		}
		b = appendRow(b[:0], n)
		if _, err := w.Write(b); err != nil {
			t.Fatal(err)
		}
		rows++
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return rows
}

// appendRow appends row n. The person is a scramble of n/3, so that neighbours in
// the file are strangers and people come back far apart.
func appendRow(b []byte, n uint64) []byte {
	const people = 400_000_000
	person := n % (people / 3) * 2654435761 % people
	day := 1 + person%28
	month := 1 + person/28%12
	year := 1940 + person/336%70
	sequence := person / 23520 % 1000
	county := 340100 + person/23_520_000%18
	digits := fmt.Appendf(nil, "%06d%04d%02d%02d%03d", county, year, month, day, sequence)
	p := 0
	for _, c := range digits {
		p = (p + int(c-'0')) * 2 % 11
	}
	b = append(b, digits...)
	b = append(b, "10X98765432"[p])
	b = append(b, ",王秀英,中国工商银行,62220202"...)
	b = fmt.Appendf(b, "%011d", n)
	b = append(b, ",demand,"...)
	b = strconv.AppendUint(b, n%900_000, 10)
	b = append(b, ".17,2026-10-31,"...)
	b = strconv.AppendUint(b, n%800_000, 10)
	return append(b, ".00\n"...)
}
