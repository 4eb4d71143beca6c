package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

func batchName(batch string) string {
	switch batch {
	case fourPercent:
		return "4 % of the people"
	case usual:
		return "everybody, usual mix"
	case everybody:
		return "everybody as generated"
	case worst:
		return "everybody, worst case"
	case sameSize:
		return "as many households as 4 % of the first province"
	case stale:
		return "everybody, two files stale"
	}
	return batch
}

func formName(s *step) string {
	form := map[string]string{
		"loaded": "DuckDB as loaded", "free": "DuckDB, order not kept", "tuned": "DuckDB tuned", "aggregated": "DuckDB pre-aggregated", "": s.Engine,
	}[s.Form]
	if s.Cold {
		form += ", cold"
	}
	return form
}

func spread(v []float64) string {
	if len(v) == 1 {
		return fmt.Sprintf("%.2f, once", v[0])
	}
	return fmt.Sprintf("%.2f [%.2f–%.2f]", median(v), slices.Min(v), slices.Max(v))
}

// table is the short one, made for the README.
func (r *results) table(w io.Writer) {
	for i := range r.Sizes {
		s := &r.Sizes[i]
		cell := func(engine, form, work, batch string) string {
			st := s.step(engine, form, work, batch, false)
			if st == nil {
				return "–"
			}
			return fmt.Sprintf("%.2f s, %d MB", median(st.Seconds), st.RSS>>20)
		}
		fmt.Fprintf(w, "%s people, five CSV files of %d MB:\n\n", thousands(s.People), s.CSVBytes>>20)
		fmt.Fprintf(w, "| work | hedui | DuckDB as loaded | DuckDB tuned | DuckDB pre-aggregated | PostgreSQL | SQLite |\n|---|---|---|---|---|---|---|\n")
		fmt.Fprintf(w, "| five files to what can be asked | %s | %s; order not kept %s | %s | + %s | %s + %s | %s + %s |\n",
			cell("hedui", "", "load", ""), cell("DuckDB", "loaded", "load", ""), cell("DuckDB", "free", "load", ""), cell("DuckDB", "tuned", "load", ""),
			cell("DuckDB", "aggregated", "prepare", ""), cell("PostgreSQL", "", "load", ""), cell("PostgreSQL", "", "prepare", ""),
			cell("SQLite", "", "load", ""), cell("SQLite", "", "prepare", ""))
		for _, b := range batches() {
			fmt.Fprintf(w, "| %s: %s households, %.0f %% flagged | %s | %s | %s | %s | %s | %s |\n", batchName(b), thousands(s.Batches[b].Households), 100*s.Batches[b].Flagged,
				cell("hedui", "", "batch", b), cell("DuckDB", "loaded", "batch", b), cell("DuckDB", "tuned", "batch", b), cell("DuckDB", "aggregated", "batch", b),
				cell("PostgreSQL", "", "batch", b), cell("SQLite", "", "batch", b))
		}
		fmt.Fprintln(w)
	}
}

// page is the dated one.
func (r *results) page(w io.Writer, table string) {
	o := r.options
	fmt.Fprintf(w, "# End to end, %s\n\n", r.Started.Format(time.DateOnly))
	fmt.Fprintf(w, "Commit %s. %s. Generator seed %d. %s.\n\n", r.Commit, r.Machine, o.seed, r.versions())
	fmt.Fprintf(w, "%d interleaved rounds (PostgreSQL and SQLite %d of what takes them long), each step a whole process; median [min–max]; peak memory of the largest process of the step, of PostgreSQL the sum of the server's; "+
		"files warm in the page cache, unless cold: %s before each run. A step that takes longer than %v is stopped. ", o.rounds, o.slowRounds, coldBy, o.timeout)
	io.WriteString(w, "[docs/benchmarks.md](../../docs/benchmarks.md) says what every form does and how to run this again.\n\n") //nolint:errcheck // a buffer
	fmt.Fprint(w, table)
	for i := range r.Sizes {
		r.Sizes[i].page(w)
	}
	r.growth(w)
}

func (r *results) versions() string {
	var all []string
	for _, s := range r.Sizes {
		for _, st := range s.Steps {
			if v := st.Engine + " " + st.Told.Version; st.Told.Version != "" && !slices.Contains(all, v) {
				all = append(all, v)
			}
		}
	}
	if all == nil {
		return "No peer was run"
	}
	return strings.Join(all, ", ")
}

func (s *sizeResult) page(w io.Writer) {
	fmt.Fprintf(w, "## %s people\n\n", thousands(s.People))
	if len(s.LeftOut) > 0 {
		fmt.Fprintf(w, "Not run at this size: %s.\n\n", strings.Join(s.LeftOut, ", "))
	}
	io.WriteString(w, "### Goals\n\n| what | goal | measured | |\n|---|---|---|---|\n") //nolint:errcheck // a buffer
	for _, g := range s.goals() {
		fmt.Fprintf(w, "| %s | %s | %s | %s |\n", g.What, g.Goal, g.Measured, g.Met)
	}
	fmt.Fprintf(w, "\nHow much of a batch the rules take is not measured here: see the engine's benchmarks.\n\n### Steps\n\n")
	fmt.Fprintf(w, "| work | engine | seconds | as the peer counts | CPU s | peak MB | disk MB | households/s |\n|---|---|---|---|---|---|---|---|\n")
	for _, st := range s.Steps {
		s.row(w, st)
	}
	if load := s.step("hedui", "", "load", "", false); load != nil {
		fmt.Fprintf(w, "\nParts of hedui's load, seconds: %s.\n", parts(load))
	}
	s.equality(w)
	if len(s.Limit) == 0 {
		fmt.Fprintf(w, "\nThe rows of the engine in one process are missing: bench/limit was not run.\n")
		return
	}
	fmt.Fprintf(w, "\n### In one process\n\n| what | households | seconds | households/s | allocations per household | p50 µs | p99 µs | note |\n|---|---|---|---|---|---|---|---|\n")
	for _, l := range s.Limit {
		took, rate := "", ""
		if len(l.Seconds) > 0 {
			took, rate = spread(l.Seconds), thousands(int(float64(l.Households)/median(l.Seconds)))
		}
		fmt.Fprintf(w, "| %s | %d | %s | %s | %.2f | %.1f | %.1f | %s |\n", l.Name, l.Households, took, rate, l.Allocs, l.P50, l.P99, l.Note)
	}
}

func (s *sizeResult) row(w io.Writer, st *step) {
	work := st.Work
	if st.Batch != "" {
		work += ": " + batchName(st.Batch)
	}
	if st.Failed != "" {
		fmt.Fprintf(w, "| %s | %s | %s | | | | | |\n", work, formName(st), strings.ReplaceAll(strings.TrimSpace(st.Failed), "\n", " "))
		return
	}
	if len(st.Seconds) == 0 {
		return
	}
	rate := ""
	if st.Work == "batch" || st.Work == "flatten" {
		rate = thousands(int(float64(s.Batches[st.Batch].Households) / median(st.Seconds)))
	}
	if st.Told.P50 > 0 {
		rate = fmt.Sprintf("one by one: p50 %.0f µs, p99 %.0f µs", st.Told.P50, st.Told.P99)
	}
	disk := ""
	if st.Disk > 0 {
		disk = strconv.FormatInt(st.Disk>>20, 10)
	}
	inside := ""
	if len(st.Inside) > 0 {
		inside = fmt.Sprintf("%.2f", median(st.Inside))
	}
	cpu := fmt.Sprintf("%.2f", median(st.CPU))
	if st.Engine == "PostgreSQL" {
		cpu = "" // the server is no child of the step
	}
	fmt.Fprintf(w, "| %s | %s | %s | %s | %s | %d | %s | %s |\n", work, formName(st), spread(st.Seconds), inside, cpu, st.RSS>>20, disk, rate)
}

// parts are the medians of a load's processes.
func parts(st *step) string {
	var all []string
	for i, name := range append(sources(), "publish") {
		var v []float64
		for _, round := range st.Parts {
			v = append(v, round[i])
		}
		all = append(all, fmt.Sprintf("%s %.2f", name, median(v)))
	}
	return strings.Join(all, ", ")
}

func (s *sizeResult) equality(w io.Writer) {
	if len(s.Comparisons) == 0 {
		return
	}
	fmt.Fprintf(w, "\n### Answers\n\nOutcome, codes and both sums of every household beside hedui's verdicts:\n\n| peer | households | different | of them with a known reason |\n|---|---|---|---|\n")
	known := map[string]string{}
	for _, c := range s.Comparisons {
		n := 0
		for _, d := range c.Differences {
			if d.Reason != "" {
				n++
				known[d.Household] = d.Reason
			}
		}
		fmt.Fprintf(w, "| %s | %d | %d | %d |\n", c.Step, c.Households, c.Unexplained+n, n)
	}
	var list []string
	for household, reason := range known {
		list = append(list, fmt.Sprintf("- %s: %s\n", household, reason))
	}
	slices.Sort(list)
	fmt.Fprintf(w, "\n%s", strings.Join(list, ""))
	for _, c := range s.Comparisons {
		for _, d := range c.Differences {
			if d.Reason == "" {
				fmt.Fprintf(w, "- %s, household %s, no known reason: hedui %s; peer %s\n", c.Step, d.Household, d.Hedui, d.Peer)
			}
		}
	}
}

// growth says what a person costs in the larger provinces beside the first.
func (r *results) growth(w io.Writer) {
	if len(r.Sizes) < 2 {
		return
	}
	first := &r.Sizes[0]
	fmt.Fprintf(w, "\n## Growth\n\n| what | goal | measured | |\n|---|---|---|---|\n")
	for i := range r.Sizes[1:] {
		for _, g := range growthGoals(first, &r.Sizes[i+1]) {
			fmt.Fprintf(w, "| %s | %s | %s | %s |\n", g.What, g.Goal, g.Measured, g.Met)
		}
	}
	fmt.Fprintf(w, "\nTime for each person or household and peak memory, beside %s people (1.00 is as many times the time as people):\n\n| work | engine | people | time each | memory |\n|---|---|---|---|---|\n", thousands(first.People))
	for i := range r.Sizes[1:] {
		s := &r.Sizes[i+1]
		for _, st := range s.Steps {
			base := first.step(st.Engine, st.Form, st.Work, st.Batch, st.Cold)
			if base == nil || len(st.Seconds) == 0 || st.Work != "load" && st.Work != "batch" && st.Work != "check" {
				continue
			}
			each := float64(s.People) / float64(first.People)
			if st.Work == "check" {
				each = 1
			}
			work := st.Work
			if st.Batch != "" {
				work += ": " + batchName(st.Batch)
			}
			fmt.Fprintf(w, "| %s | %s | %s | %.2f | %.2f× |\n", work, formName(st), thousands(s.People),
				median(st.Seconds)/median(base.Seconds)/each, float64(st.RSS)/float64(max(1, base.RSS)))
		}
	}
}

func thousands(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
