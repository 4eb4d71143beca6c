package ingest_test

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ingest"
)

var (
	memoryMB = flag.Int64("memory.file", 256, "size of the file of the memory test in MB")
	peakMB   = flag.Int64("memory.peak", 128, "memory that its ingest may use at most, in MiB")
	budgetMB = flag.Int64("memory.budget", 16, "memory budget that it is given, in MiB")
)

// childEnv tells the test binary to ingest: data directory, file and budget.
const childEnv = "HEDUI_TEST_INGEST"

func TestMain(m *testing.M) {
	if args := os.Getenv(childEnv); args != "" {
		if err := ingestInChild(strings.Split(args, "|")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func ingestInChild(args []string) error {
	o := options(args[0], household.Tax, args[1])
	budget, err := strconv.ParseInt(args[2], 10, 64)
	if err != nil {
		return err
	}
	o.MemoryBudget = budget << 20
	began := time.Now()
	r, err := ingest.Run(context.Background(), o)
	if err != nil {
		return err
	}
	took := time.Since(began)
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	peak := int64(0)
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			if _, err := fmt.Sscan(rest, &peak); err != nil {
				return err
			}
		}
	}
	fmt.Println(peak, r.RowsIn, r.Accepted+r.Quarantined+r.Duplicates, r.SpilledBytes>>20, took.Milliseconds())
	return nil
}

// The memory of an ingest does not depend on the size of the file.
func TestMemoryIsBounded(t *testing.T) {
	if testing.Short() || runtime.GOOS != "linux" {
		t.Skip("long, and reads /proc")
	}
	name := filepath.Join(t.TempDir(), "tax.csv")
	rows := writeBigFile(t, name, *memoryMB*1_000_000)
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	dir := filepath.Join(t.TempDir(), "data")
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s|%s|%d", childEnv, dir, name, *budgetMB))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var peak, in, settled, spilled, ms int64
	if _, err := fmt.Sscan(string(out), &peak, &in, &settled, &spilled, &ms); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d MB, %d rows: peak %d MiB, %d MiB spilled, %.1f s, %d MB/s", *memoryMB, rows, peak>>10, spilled, float64(ms)/1000, *memoryMB*1000/max(ms, 1))
	if in != rows || settled != rows {
		t.Errorf("%d rows in, %d settled, want %d", in, settled, rows)
	}
	if peak>>10 > *peakMB {
		t.Errorf("peak memory %d MiB, want at most %d", peak>>10, *peakMB)
	}
	if spilled == 0 {
		t.Error("nothing was spilled: the test tests nothing")
	}
}

// writeBigFile writes rows of a million people in random order.
func writeBigFile(t *testing.T, name string, size int64) (rows int64) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	r := rand.New(rand.NewPCG(1, 2))
	n, err := w.WriteString(taxHeader)
	for written := int64(n); written < size && err == nil; rows++ {
		n, err = fmt.Fprintf(w, "%s,王秀英,T%010d,2026-%02d,wage,%d.25,%d,合肥市第%d有限公司\n", id(r.IntN(1_000_000)), rows, 1+r.IntN(10), r.IntN(20_000), r.IntN(300), r.IntN(5000))
		written += int64(n)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return rows
}
