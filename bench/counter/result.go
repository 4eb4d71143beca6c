package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// report is what was measured, and on what.
type report struct {
	Date       string      `json:"date"`
	Commit     string      `json:"commit"`
	Go         string      `json:"go"`
	Processor  string      `json:"processor"`
	Cores      int         `json:"cores"`
	Households int         `json:"households"`
	On         string      `json:"on"`
	Load       string      `json:"load_average_before"`
	Note       string      `json:"note,omitempty"`
	Runs       []*loaded   `json:"runs,omitempty"`
	Overload   *overloaded `json:"overload,omitempty"`
	Kills      *killed     `json:"kills,omitempty"`
	Soak       *soaked     `json:"soak,omitempty"`
	Pages      *paged      `json:"pages,omitempty"`
	City       *cityBatch  `json:"city,omitempty"`

	out string
}

func newReport(o *options, s *site) *report {
	r := &report{
		Date: time.Now().UTC().Format(time.DateTime), Go: runtime.Version(), Cores: runtime.NumCPU(), Households: len(s.lines), On: o.on, Note: o.note, out: o.out,
	}
	if text, err := exec.Command("git", "describe", "--always", "--dirty").Output(); err == nil {
		r.Commit = strings.TrimSpace(string(text))
	}
	if text, err := os.ReadFile("/proc/loadavg"); err == nil {
		r.Load = strings.Join(strings.Fields(string(text))[:3], " ")
	}
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(text)) {
			if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
				r.Processor = strings.TrimSpace(value)
				break
			}
		}
	}
	return r
}

func (r *report) add(l *loaded) {
	r.Runs = append(r.Runs, l)
	fmt.Fprintf(os.Stderr, "counter: %s\n", l.row())
}

const runsHead = `| who | beside | asked/s | answered/s | p50 ms | p90 | p99 | p99.9 | max | refused | failed | late p99 ms | server CPU s | others' CPU s |
|---|---|---|---|---|---|---|---|---|---|---|---|---|---|
`

func (l *loaded) row() string {
	beside := l.Beside
	if l.Households > 0 {
		beside += fmt.Sprintf(", %d households verified, %.0f CPU s", l.Households, l.BesideCPU)
	}
	return fmt.Sprintf("| %s | %s | %.0f | %.0f | %.2f | %.2f | %.2f | %.1f | %.0f | %d | %d | %.2f | %.1f | %.1f |",
		l.Name, beside, l.Rate, l.Goodput, l.OK.P50, l.OK.P90, l.OK.P99, l.OK.P999, l.OK.Max, l.Refused.Count, l.Failed.Count,
		l.Lag.P99, l.ServerCPU, l.OthersCPU)
}

// page is what people read.
func (r *report) page(w io.Writer) {
	fmt.Fprintf(w, "# The counter, %s\n\nCommit %s, %s, %d cores, %s. %d households that may be looked at, checked on %s.\nLoad average before: %s.\n",
		r.Date, r.Commit, r.Go, r.Cores, r.Processor, r.Households, r.On, r.Load)
	if r.Note != "" {
		fmt.Fprintf(w, "%s\n", r.Note)
	}
	if len(r.Runs) > 0 {
		fmt.Fprintf(w, `
Requests come at a constant rate from another process; the time of each counts from when
it was due. Every one looks: authorisation, audit entry synced, look, ledger and audit
entry synced. "Others' CPU" is what the machine did besides all of ours in that time.

%s`, runsHead)
		for _, l := range r.Runs {
			fmt.Fprintln(w, l.row())
		}
	}
	for _, x := range []interface{ page(io.Writer) }{r.Overload, r.Kills, r.Soak, r.Pages, r.City} {
		x.page(w)
	}
}

// write writes the page, and with a name both files.
func (r *report) write(w io.Writer) error {
	var b strings.Builder
	r.page(&b)
	if _, err := io.WriteString(w, b.String()); err != nil || r.out == "" {
		return err
	}
	text, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(r.out+".json", append(text, '\n'), 0o644); err != nil {
		return err
	}
	return os.WriteFile(r.out+".md", []byte(b.String()), 0o644)
}
