// Command endtoend measures the main job on a generated province: five CSV files
// to a published generation, then a batch, each as a whole process with its wall
// time, peak memory and disk, beside DuckDB on the same files in the same run. It
// writes a dated page to bench/results.
//
//	go run ./bench/endtoend -people 1000000 -python /path/to/python3
//
// The interpreter must have the duckdb package; -python none leaves the peer out
// and the page says so.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

type options struct {
	people, percent, rounds int
	seed                    uint64
	work, python, results   string
	keep                    bool
}

// step is one measured process.
type step struct {
	Name    string
	Seconds []float64
	RSS     int64 // largest of the rounds, bytes
	Disk    int64
	Note    string
}

func main() {
	log.SetFlags(0)
	var o options
	flag.IntVar(&o.people, "people", 100_000, "people of the province")
	flag.IntVar(&o.percent, "percent", 4, "share of the households in the batch")
	flag.IntVar(&o.rounds, "rounds", 3, "interleaved rounds")
	flag.Uint64Var(&o.seed, "seed", 1, "seed of the generator")
	flag.StringVar(&o.work, "work", "", "working folder (default: a temporary one)")
	flag.StringVar(&o.python, "python", "python3", "interpreter with the duckdb package, or none")
	flag.StringVar(&o.results, "results", "bench/results", "folder of the result pages")
	flag.BoolVar(&o.keep, "keep", false, "keep the working folder")
	flag.Parse()
	if err := run(o); err != nil {
		log.Fatal("endtoend: ", err)
	}
}

func run(o options) error {
	work := o.work
	if work == "" {
		var err error
		if work, err = os.MkdirTemp("", "hedui-bench-*"); err != nil {
			return err
		}
		if !o.keep {
			defer os.RemoveAll(work)
		}
	}
	bin := filepath.Join(work, "hedui")
	if out, err := exec.Command("go", "build", "-trimpath", "-o", bin, "./cmd/hedui").CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w\n%s", err, out)
	}
	data := filepath.Join(work, fmt.Sprintf("province-%d-%d", o.people, o.seed))
	if _, err := os.Stat(filepath.Join(data, "batch.jsonl")); err != nil {
		log.Printf("generating %d people", o.people)
		if _, _, _, err := measure(bin, "gen", "--people", strconv.Itoa(o.people), "--seed", strconv.FormatUint(o.seed, 10), "--batch-percent", strconv.Itoa(o.percent), "--out", data); err != nil {
			return err
		}
	}
	store, db := filepath.Join(work, "store"), filepath.Join(work, "peer.duckdb")
	load := &step{Name: "hedui: five CSV files to a published generation"}
	asked, err := households(filepath.Join(data, "batch.jsonl"))
	if err != nil {
		return err
	}
	verify := &step{Name: fmt.Sprintf("hedui: batch of %d households, explained verdicts written", asked)}
	peerLoad := &step{Name: "DuckDB: the same five files, all columns, default load"}
	peerBatch := &step{Name: "DuckDB: the same batch, bare flags written"}
	var peer struct {
		DuckDB string         `json:"duckdb"`
		Counts map[string]int `json:"counts"`
	}
	parts := map[string][]float64{}
	for round := range o.rounds {
		log.Printf("round %d", round+1)
		if err := os.RemoveAll(store); err != nil {
			return err
		}
		total := 0.0
		for _, source := range []string{"tax", "vehicle", "property", "bank", "insurance"} {
			args := []string{"ingest", "--data", store, "--source", source, "--as-of", "2026-10-31", "--json"}
			if source == "tax" || source == "insurance" {
				args = append(args, "--covers", "2025-01..2026-10")
			}
			s, rss, _, err := measure(bin, append(args, filepath.Join(data, source+".csv"))...)
			if err != nil {
				return err
			}
			parts["ingest "+source] = append(parts["ingest "+source], s)
			total, load.RSS = total+s, max(load.RSS, rss)
		}
		s, rss, _, err := measure(bin, "publish", "--data", store)
		if err != nil {
			return err
		}
		parts["publish"] = append(parts["publish"], s)
		load.Seconds, load.RSS, load.Disk = append(load.Seconds, total+s), max(load.RSS, rss), size(store)

		out := filepath.Join(work, "verdicts.jsonl")
		if s, rss, _, err = measure(bin, "verify", "--data", store, "--rules", "reference", "--on", "2026-11-01", "--out", out, "--json", filepath.Join(data, "batch.jsonl")); err != nil {
			return err
		}
		verify.Seconds, verify.RSS, verify.Disk = append(verify.Seconds, s), max(verify.RSS, rss), size(out)

		if o.python == "none" {
			continue
		}
		script := "bench/peers/duckdb_reference.py"
		if s, rss, _, err = measure(o.python, script, data, db, "load"); err != nil {
			return err
		}
		peerLoad.Seconds, peerLoad.RSS, peerLoad.Disk = append(peerLoad.Seconds, s), max(peerLoad.RSS, rss), size(db)
		var text []byte
		if s, rss, text, err = measure(o.python, script, data, db, "batch"); err != nil {
			return err
		}
		peerBatch.Seconds, peerBatch.RSS, peerBatch.Disk = append(peerBatch.Seconds, s), max(peerBatch.RSS, rss), size(db+".flags.csv")
		if err := json.Unmarshal(text, &peer); err != nil {
			return err
		}
	}
	steps := []*step{load, verify}
	if o.python != "none" {
		peerLoad.Note, peerBatch.Note = "DuckDB "+peer.DuckDB, fmt.Sprint(peer.Counts)
		steps = []*step{load, peerLoad, verify, peerBatch}
	}
	counts, err := flags(filepath.Join(work, "verdicts.jsonl"))
	if err != nil {
		return err
	}
	verify.Note = fmt.Sprint(counts)
	return report(o, data, steps, parts)
}

// measure runs a process and returns its wall time, peak memory and stdout. A
// status of 3 means rows were refused or quarantined, which is no fault here.
func measure(name string, args ...string) (seconds float64, rss int64, stdout []byte, err error) {
	cmd := exec.Command(name, args...)
	var out, talk bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &talk
	start := time.Now()
	err = cmd.Run()
	seconds = time.Since(start).Seconds()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 3 {
		err = nil
	}
	if err != nil {
		return 0, 0, nil, fmt.Errorf("%s %s: %w\n%s", filepath.Base(name), strings.Join(args, " "), err, talk.Bytes())
	}
	if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		rss = u.Maxrss << 10
	}
	return seconds, rss, out.Bytes(), nil
}

// households counts the lines of a batch.
func households(path string) (int, error) {
	b, err := os.ReadFile(path)
	return bytes.Count(b, []byte{'\n'}), err
}

// flags counts the households with each of the findings DuckDB computes too.
func flags(path string) (map[string]int, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	counts := map[string]int{"households": 0}
	for line := range bytes.SplitSeq(bytes.TrimSpace(b), []byte{'\n'}) {
		var v struct {
			Outcome  string
			Findings []struct{ Code, Effect string }
		}
		if err := json.Unmarshal(line, &v); err != nil {
			return nil, err
		}
		if v.Outcome == "refused" {
			counts["refused"]++
			continue
		}
		counts["households"]++
		seen := map[string]bool{}
		for _, f := range v.Findings {
			if f.Effect == "suspected_ineligible" && !seen[f.Code] {
				seen[f.Code] = true
				counts[f.Code]++
			}
		}
	}
	return counts, nil
}

func size(path string) (n int64) {
	_ = filepath.WalkDir(path, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if info, err := d.Info(); err == nil {
			n += info.Size()
		}
		return nil
	})
	return n
}

func median(v []float64) float64 {
	s := slices.Sorted(slices.Values(v))
	return s[len(s)/2]
}

func report(o options, data string, steps []*step, parts map[string][]float64) error {
	var b strings.Builder
	commit, _ := exec.Command("git", "rev-parse", "--short", "HEAD").Output()
	dirty, _ := exec.Command("git", "status", "--porcelain", "-uno").Output()
	state := ""
	if len(bytes.TrimSpace(dirty)) > 0 {
		state = " with uncommitted changes"
	}
	now := time.Now()
	var csv int64
	for _, s := range []string{"tax", "vehicle", "property", "bank", "insurance"} {
		csv += size(filepath.Join(data, s+".csv"))
	}
	fmt.Fprintf(&b, "# End to end, %d people, %s\n\n", o.people, now.Format(time.DateOnly))
	fmt.Fprintf(&b, "Commit %s%s, %s, %s/%s, GOMAXPROCS %d, %s. Generator seed %d, five CSV files %d MB, batch %d MB: %d %% of the ordinary households and all planted ones. %d interleaved rounds, each step a whole process; median [min–max].\n\n",
		strings.TrimSpace(string(commit)), state, runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.GOMAXPROCS(0), cpu(), o.seed, csv>>20, size(filepath.Join(data, "batch.jsonl"))>>20, o.percent, o.rounds)
	fmt.Fprintf(&b, "| work | seconds | peak RSS MB | disk MB | note |\n|---|---|---|---|---|\n")
	for _, s := range steps {
		fmt.Fprintf(&b, "| %s | %.2f [%.2f–%.2f] | %d | %d | %s |\n", s.Name, median(s.Seconds), slices.Min(s.Seconds), slices.Max(s.Seconds), s.RSS>>20, s.Disk>>20, s.Note)
	}
	b.WriteString("\nParts of the load, seconds:\n\n")
	for _, name := range []string{"ingest tax", "ingest vehicle", "ingest property", "ingest bank", "ingest insurance", "publish"} {
		fmt.Fprintf(&b, "- %s: %.2f\n", name, median(parts[name]))
	}
	if len(steps) == 4 {
		fmt.Fprintf(&b, "\nRatio DuckDB : hedui — load %.2f, batch %.2f (above 1 hedui is faster). ", median(steps[1].Seconds)/median(steps[0].Seconds), median(steps[3].Seconds)/median(steps[2].Seconds))
		b.WriteString("The peer keeps no quarantine, no seal, no evidence and no old 15-digit numbers, so its flag counts differ where those matter; hedui validates, seals, refuses and explains.\n")
	} else {
		b.WriteString("\nNo peer was run.\n")
	}
	path := filepath.Join(o.results, fmt.Sprintf("%s-endtoend-%d.md", now.Format(time.DateOnly), o.people))
	if err := os.MkdirAll(o.results, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		return err
	}
	log.Printf("wrote %s\n\n%s", path, b.String())
	return nil
}

func cpu() string {
	b, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "unknown processor"
	}
	for line := range strings.Lines(string(b)) {
		if name, ok := strings.CutPrefix(line, "model name"); ok {
			return fmt.Sprintf("%d × %s", runtime.NumCPU(), strings.TrimSpace(strings.TrimLeft(name, "\t :")))
		}
	}
	return "unknown processor"
}
