package main

import "fmt"

// goal is a line of the goals table.
type goal struct {
	What, Goal, Measured string
	Met                  string // met, missed, or why it is not known
}

func judge(met bool) string {
	if met {
		return "met"
	}
	return "missed"
}

const notRun = "not measured"

// times compares two steps: how many times faster hedui is than the peer.
func times(what, want string, least float64, hedui, peer *step) goal {
	g := goal{What: what, Goal: want, Met: notRun}
	if hedui != nil && peer != nil {
		ratio := median(peer.Seconds) / median(hedui.Seconds)
		g.Measured, g.Met = fmt.Sprintf("%.2f× (%s : %s)", ratio, seconds(peer), seconds(hedui)), judge(ratio >= least)
		if len(peer.Inside) > 0 && peer.Work == "batch" {
			g.Measured += fmt.Sprintf("; %.2f× without the start of the peer's interpreter", median(peer.Inside)/median(hedui.Seconds))
		}
	}
	return g
}

// atMost compares one number of a step.
func atMost(what, want, unit string, most, value float64, s *step) goal {
	g := goal{What: what, Goal: want, Met: notRun}
	if s != nil {
		g.Measured, g.Met = fmt.Sprintf("%.0f %s", value, unit), judge(value <= most)
	}
	return g
}

// goals are what is wanted of hedui, and what this province showed.
func (r *sizeResult) goals() []goal {
	load, all, few := r.step("hedui", "", "load", "", false), r.step("hedui", "", "batch", usual, false), r.step("hedui", "", "batch", fourPercent, false)
	check := r.step("hedui", "", "check", "", false)
	tuned, postgres := r.step("DuckDB", "tuned", "batch", usual, false), r.step("PostgreSQL", "", "load", "", false).and(r.step("PostgreSQL", "", "prepare", "", false))
	list := []goal{
		times("load, beside DuckDB's default load", "≥ 2×, hoped for 3×", 2, load, r.step("DuckDB", "loaded", "load", "", false)),
		times("load, beside DuckDB's load without order", "≥ 1×, hoped for 1.5×", 1, load, r.step("DuckDB", "free", "load", "", false)),
		times("load, beside PostgreSQL's load and index", "≥ 8×", 8, load, postgres),
		atMost("load, peak memory", "≤ 1536 MiB, hoped for 1024", "MiB", 1536, rss(load), load),
		times("4 % of the people, beside DuckDB tuned", "≥ 2×", 2, few, r.step("DuckDB", "tuned", "batch", fourPercent, false)),
		times("4 % of the people, beside PostgreSQL", "≥ 40×", 40, few, r.step("PostgreSQL", "", "batch", fourPercent, false)),
		r.rate("everybody, explained verdicts written", 300_000, all, usual),
		times("everybody, beside DuckDB tuned", "≥ 1×", 1, all, tuned),
		atMost("everybody, peak memory", "≤ 500 MiB", "MiB", 500, rss(all), all),
		atMost("one household, hedui check as a process", "≤ 120 ms", "ms", 120, 1000*secondsOf(check), check),
	}
	return append(list, r.inProcess()...)
}

func (r *sizeResult) rate(what string, least float64, s *step, batch string) goal {
	g := goal{What: what, Goal: fmt.Sprintf("≥ %.0f k households/s", least/1000), Met: notRun}
	if s != nil {
		rate := float64(r.Batches[batch].Households) / median(s.Seconds)
		g.Measured, g.Met = fmt.Sprintf("%.0f k households/s", rate/1000), judge(rate >= least)
	}
	return g
}

// inProcess are the goals that bench/limit measures.
func (r *sizeResult) inProcess() []goal {
	verify := goal{What: "everybody in process, nothing written", Goal: "≥ 800 k households/s", Met: notRun}
	allocs := goal{What: "everybody in process, allocations", Goal: "≤ 2 per household", Met: notRun}
	array := goal{What: "everybody in process, beside a mapped array", Goal: "≥ 0.70×", Met: notRun}
	p50 := goal{What: "one household in process, p50", Goal: "≤ 40 µs", Met: notRun}
	p99 := goal{What: "one household in process, p99", Goal: "≤ 120 µs", Met: notRun}
	ask := goal{What: "one household in process, p99 beside PostgreSQL's", Goal: "≤ ¼", Met: notRun}
	var generation float64
	for _, row := range r.Limit {
		took := median(row.Seconds)
		switch row.Name {
		case "in process, generation":
			generation = took
			rate := float64(row.Households) / took
			verify.Measured, verify.Met = fmt.Sprintf("%.0f k households/s", rate/1000), judge(rate >= 800_000)
			allocs.Measured, allocs.Met = fmt.Sprintf("%.2f", row.Allocs), judge(row.Allocs <= 2)
		case "in process, mapped array":
			if generation > 0 {
				array.Measured, array.Met = fmt.Sprintf("%.2f×", took/generation), judge(took/generation >= 0.7)
			}
		case "one household, verdict as JSON":
			p50.Measured, p50.Met = fmt.Sprintf("%.1f µs", row.P50), judge(row.P50 <= 40)
			p99.Measured, p99.Met = fmt.Sprintf("%.1f µs", row.P99), judge(row.P99 <= 120)
			if peer := r.step("PostgreSQL", "", "single", usual, false); peer != nil && peer.Told.P99 > 0 {
				share := row.P99 / peer.Told.P99
				ask.Measured, ask.Met = fmt.Sprintf("%.2f (%.0f : %.0f µs)", share, row.P99, peer.Told.P99), judge(share <= 0.25)
			}
		}
	}
	return []goal{verify, allocs, array, p50, p99, ask}
}

func rss(s *step) float64 {
	if s == nil {
		return 0
	}
	return float64(s.RSS) / (1 << 20)
}

func secondsOf(s *step) float64 {
	if s == nil {
		return 0
	}
	return median(s.Seconds)
}

func seconds(s *step) string { return fmt.Sprintf("%.2f s", median(s.Seconds)) }

// and is two steps that follow each other in every round as one; nil when one is missing.
func (s *step) and(next *step) *step {
	if s == nil || next == nil {
		return nil
	}
	both := &step{}
	for i := range min(len(s.Seconds), len(next.Seconds)) {
		both.Seconds = append(both.Seconds, s.Seconds[i]+next.Seconds[i])
	}
	return both
}

// growthGoals are what is wanted of a larger province beside the first.
func growthGoals(first, larger *sizeResult) []goal {
	grown := func(what, want string, most float64, batchThen, batchNow, work string, each float64) goal {
		g := goal{What: fmt.Sprintf("%s, %s people", what, thousands(larger.People)), Goal: want, Met: notRun}
		then, now := first.step("hedui", "", work, batchThen, false), larger.step("hedui", "", work, batchNow, false)
		if then != nil && now != nil {
			ratio := median(now.Seconds) / median(then.Seconds) / each
			g.Measured, g.Met = fmt.Sprintf("%.2f× (%s : %s)", ratio, seconds(now), seconds(then)), judge(ratio <= most)
		}
		return g
	}
	people := float64(larger.People) / float64(first.People)
	return []goal{
		grown("hedui check as a process", "≤ 1.3×", 1.3, "", "", "check", 1),
		grown("a batch of the same size", "≤ 1.5×", 1.5, fourPercent, sameSize, "batch", 1),
		grown("load, for each person", "≤ 1.1×", 1.1, "", "", "load", people),
	}
}
