package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// results are what the JSON beside the page holds.
type results struct {
	Started time.Time    `json:"started"`
	Machine string       `json:"machine"`
	Commit  string       `json:"commit"`
	Sizes   []sizeResult `json:"sizes"`

	options options
}

// sizeResult is one province.
type sizeResult struct {
	People      int            `json:"people"`
	Seed        uint64         `json:"seed"`
	CSVBytes    int64          `json:"csv_bytes"`
	Batches     map[string]mix `json:"batches"`
	Steps       []*step        `json:"steps"`
	Comparisons []comparison   `json:"comparisons"`
	Limit       []limitRow     `json:"in_process,omitempty"`
	LeftOut     []string       `json:"left_out,omitempty"` // peers asked for and not run at this size
}

func (s *site) result() sizeResult {
	r := sizeResult{People: s.people, Seed: s.o.seed, Batches: s.mixes, Steps: s.steps, Comparisons: s.comparisons, Limit: s.limit}
	for _, source := range sources() {
		r.CSVBytes += size(s.path("province/" + source + ".csv"))
	}
	for _, peer := range []string{"duckdb", "postgresql", "sqlite"} {
		if !s.has(peer) {
			r.LeftOut = append(r.LeftOut, peer)
		}
	}
	return r
}

// step finds a step, nil when it was not run or has no result.
func (r *sizeResult) step(engine, form, work, batch string, cold bool) *step {
	for _, s := range r.Steps {
		if s.Engine == engine && s.Form == form && s.Work == work && s.Batch == batch && s.Cold == cold && len(s.Seconds) > 0 {
			return s
		}
	}
	return nil
}

func (r *results) unexplained() (n int) {
	for _, s := range r.Sizes {
		for _, c := range s.Comparisons {
			n += c.Unexplained
		}
	}
	return n
}

// write makes the page and the JSON, and prints the short table.
func (r *results) write() error {
	if err := os.MkdirAll(r.options.results, 0o755); err != nil {
		return err
	}
	var sizes []string
	for _, s := range r.Sizes {
		sizes = append(sizes, strconv.Itoa(s.People))
	}
	base := filepath.Join(r.options.results, r.Started.Format(time.DateOnly)+"-endtoend-"+strings.Join(sizes, "-"))
	if err := writeJSON(base+".json", r); err != nil {
		return err
	}
	var table, page bytes.Buffer
	r.table(&table)
	r.page(&page, table.String())
	if err := os.WriteFile(base+".md", page.Bytes(), 0o644); err != nil {
		return err
	}
	log.Printf("wrote %s.md and .json", base)
	fmt.Print(table.String())
	return nil
}

// readKnown reads the households that cannot be answered alike, with the reason.
func readKnown(path string) (map[string]string, error) {
	text, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var list []struct {
		Household string `json:"household_id"`
		Reason    string `json:"reason"`
	}
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	known := map[string]string{}
	for _, one := range list {
		known[one.Household] = one.Reason
	}
	return known, nil
}

func build(ctx context.Context, work string) error {
	out, err := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", filepath.Join(work, "hedui"), "./cmd/hedui").CombinedOutput()
	if err != nil {
		return fmt.Errorf("build: %w\n%s", err, out)
	}
	return nil
}

func commit() string {
	id, _ := exec.Command("git", "rev-parse", "--short", "HEAD").Output()
	changed, _ := exec.Command("git", "status", "--porcelain", "-uno").Output()
	if len(bytes.TrimSpace(changed)) > 0 {
		return strings.TrimSpace(string(id)) + " with uncommitted changes"
	}
	return strings.TrimSpace(string(id))
}

func machine() string {
	model := "unknown processor"
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(b)) {
			if name, ok := strings.CutPrefix(line, "model name"); ok {
				model = strings.TrimSpace(strings.TrimLeft(name, "\t :"))
				break
			}
		}
	}
	memory := ""
	if b, err := os.ReadFile("/proc/meminfo"); err == nil {
		var kb int64
		if _, err := fmt.Sscanf(string(b), "MemTotal: %d kB", &kb); err == nil {
			memory = fmt.Sprintf(", %d GiB memory", (kb+1<<19)>>20)
		}
	}
	return fmt.Sprintf("%d × %s%s, %s/%s, %s", runtime.NumCPU(), model, memory, runtime.GOOS, runtime.GOARCH, runtime.Version())
}
