package lessons

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hedui/hedui/engine/household"
)

func wage(period string, f household.Fen) record {
	return record{Source: "tax", Holder: "1", Period: period, Amount: f}
}

// spread is the mistake of several systems: what is known of a longer period is taken to
// be the same in each month of it.
func spread(h home, over func(period string) []string) home {
	var out []record
	for _, r := range h.Records {
		months := []string(nil)
		if r.Source == "tax" {
			months = over(r.Period)
		}
		if months == nil {
			out = append(out, r)
			continue
		}
		for _, m := range months {
			part := r
			each, _ := household.MulDiv(int64(r.Amount), 1, int64(len(months)), household.RoundDown)
			part.Period, part.Amount = m, household.Fen(each)
			out = append(out, part)
		}
	}
	h.Records = out
	return h
}

func monthsOf(year string) []string {
	var out []string
	for m := 1; m <= 12; m++ {
		out = append(out, fmt.Sprintf("%s-%02d", year, m))
	}
	return out
}

// TestT01 A yearly sum was divided into fortnights and held against what people had
// reported for each, and half a million were told that they owed money. Required: no
// averaging; what is only known of a year is asked about, never a monthly income.
func TestT01(t *testing.T) {
	average := func(verify answer) answer {
		return func(h home) *household.Verdict {
			return verify(spread(h, func(p string) []string {
				if len(p) == 4 {
					return monthsOf(p)
				}
				return nil
			}))
		}
	}
	for _, s := range subjects(t) {
		keeps(t, s, func(verify answer) string {
			for _, sum := range []household.Fen{1, 12, 1200000, 1200001, 99999999} {
				h := s.home.with(wage("2026", sum))
				v := verify(h)
				switch {
				case found(v) != 0 || v.Income.Total != 0:
					return fmt.Sprintf("%s of 2026 became an income of %s", sum.Yuan(), v.Income.Total.Yuan())
				case v.Outcome != household.NeedsReview || len(v.Findings) != 1 || v.Findings[0].Evidence[0].Period.String() != "2026":
					return fmt.Sprintf("%s of 2026: %s %v", sum.Yuan(), v.Outcome, codes(v))
				}
				// When the window is that year it counts, once and whole.
				h.On = "2027-01-15"
				if v := verify(h); found(v) != sum {
					return fmt.Sprintf("%s of the very year became %s", sum.Yuan(), found(v).Yuan())
				}
			}
			return ""
		}, map[string]func(answer) answer{"a year is averaged": average})
	}
}

// TestT02 A quarter's wages were averaged over its weeks, so that people had earned in
// weeks for which they claimed. Required: pay that lies before the window stays there,
// and in which month of it the rest was paid changes no other month.
func TestT02(t *testing.T) {
	average := func(verify answer) answer {
		return func(h home) *household.Verdict {
			return verify(spread(h, func(p string) []string {
				year, month, ok := strings.Cut(p, "-")
				m, err := strconv.Atoi(month)
				if !ok || err != nil {
					return nil
				}
				first := (m-1)/3*3 + 1
				return []string{fmt.Sprintf("%s-%02d", year, first), fmt.Sprintf("%s-%02d", year, first+1), fmt.Sprintf("%s-%02d", year, first+2)}
			}))
		}
	}
	for _, s := range subjects(t) {
		keeps(t, s, func(verify answer) string {
			// The claim is of November 2026; the window begins in November 2025.
			h := s.home
			h.On = "2026-11-15"
			before := h.with(wage("2025-10", 900000), wage("2025-09", 900000))
			if v := verify(before); v.Outcome != household.NoDiscrepancy || v.Income.Total != 0 {
				return fmt.Sprintf("pay of the months before gives %s %v, income %s", v.Outcome, codes(v), v.Income.Total.Yuan())
			}
			pay := []household.Fen{100000, 250001, 500002}
			months := []string{"2025-11", "2026-03", "2026-10"}
			for _, order := range [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
				paid := before
				want := map[string]household.Fen{}
				for i, k := range order {
					paid = paid.with(wage(months[i], pay[k]))
					want[months[i]] = pay[k]
				}
				v := verify(paid)
				if v.Income.Total != 850003 {
					return fmt.Sprintf("in the order %v the income is %s", order, v.Income.Total.Yuan())
				}
				for _, f := range v.Findings {
					for _, e := range f.Evidence {
						if e.Amount != want[e.Period.String()] {
							return fmt.Sprintf("in the order %v %s is of %s", order, e.Amount.Yuan(), e.Period)
						}
					}
				}
			}
			return ""
		}, map[string]func(answer) answer{"a quarter is averaged": average})
	}
}

// TestT03 A payday that fell early put two months' pay into one assessment, and support
// rose and fell with the calendar. Required: pay belongs to the month it was earned in,
// whenever it was paid.
func TestT03(t *testing.T) {
	double := func(verify answer) answer { // what November earned arrived with December's
		return func(h home) *household.Verdict {
			h.Records = slices.Clone(h.Records)
			for i := range h.Records {
				if h.Records[i].Period == "2026-11" {
					h.Records[i].Period = "2026-12"
				}
			}
			return verify(h)
		}
	}
	for _, s := range subjects(t) {
		keeps(t, s, func(verify answer) string {
			// One month's pay is 699.99 times twelve, a fen a month below the standard.
			pay := household.Fen(69999 * 12)
			h := s.home.with(wage("2026-11", pay), wage("2026-12", pay))
			for on, want := range map[string]household.Fen{"2026-11-30": 0, "2026-12-29": pay, "2027-01-15": 2 * pay, "2027-12-15": pay, "2028-01-15": 0} {
				h.On = on
				v := verify(h)
				if found(v) != want {
					return fmt.Sprintf("on %s the income found is %s, not %s", on, found(v).Yuan(), want.Yuan())
				}
				if over := v.Outcome == household.SuspectedIneligible; over != (want > pay) {
					return fmt.Sprintf("on %s: %s", on, v.Outcome)
				}
			}
			return ""
		}, map[string]func(answer) answer{"pay is booked when it arrives": double})
	}
}

// TestT04 All of these divided an amount by a number of months or days somewhere. The
// guard of package household reads every package for that. Required: it reads every
// package that there is, and it finds a division.
func TestT04(t *testing.T) {
	if testing.Short() {
		t.Skip("runs another test")
	}
	run := func(name string, args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), name, args...)
		cmd.Dir = filepath.Join("..", "..")
		cmd.Env = append(os.Environ(), "GOPROXY=off")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s %v: %v\n%s", name, args, err, out)
		}
		return string(out)
	}
	packages := strings.Fields(run("go", "list", "-f", "{{if .GoFiles}}{{.ImportPath}}{{end}}", "./..."))
	out := run("go", "test", "-count=1", "-v", "-run", "^(TestMoneyIsDividedInOnePlace|TestGuardFinds)$", "./engine/household")
	read := regexp.MustCompile(`read (\d+) packages`).FindStringSubmatch(out)
	// Package household is the one place.
	if read == nil || read[1] != strconv.Itoa(len(packages)-1) {
		t.Errorf("the guard read %v of %d packages", read, len(packages)-1)
	}
	if strings.Count(out, "--- PASS") != 2 {
		t.Errorf("the guard, or the proof that it finds a planted division, did not run:\n%s", out)
	}
}

// TestT14 A mistake in one form cost families all that they had received in years, and a
// mark stayed. Required: a small difference is a small item, of exactly that size, and
// leaves nothing behind.
func TestT14(t *testing.T) {
	whole := func(verify answer) answer { // all that was found is held against them
		return func(h home) *household.Verdict {
			v := verify(h)
			for i := range v.Findings {
				if f := &v.Findings[i]; f.HasAmount {
					f.Amount = found(v)
				}
			}
			return v
		}
	}
	sticky := func(verify answer) answer {
		marked := false
		return func(h home) *household.Verdict {
			v := verify(h)
			if marked && v.Outcome == household.NoDiscrepancy {
				v.Outcome = household.NeedsReview
			}
			marked = marked || len(v.Findings) > 0
			return v
		}
	}
	for _, s := range subjects(t) {
		keeps(t, s, func(verify answer) string {
			h := s.home
			h.Members = slices.Clone(h.Members)
			h.Members[0].Wage = 10000 // by month, declared
			clean := core(verify(h))
			asked := false
			for _, more := range []household.Fen{0, 1, 100, 5000, 100000, 119999, 120000, 120001, 200000, 500000} {
				v := verify(h.with(wage("2026-05", 120000+more)))
				if v.Income.Total != 120000+more {
					return fmt.Sprintf("%s more than declared: the income is %s", more.Yuan(), v.Income.Total.Yuan())
				}
				for _, f := range v.Findings {
					asked = true
					if f.Effect != household.NeedsReview || f.Amount != more || f.Member != 1 {
						return fmt.Sprintf("%s more than declared: %s, %s of %s", more.Yuan(), f.Code, f.Effect, f.Amount.Yuan())
					}
				}
				if len(v.Findings) > 1 {
					return fmt.Sprintf("%s more than declared: %v", more.Yuan(), codes(v))
				}
				if after := verify(h); core(after) != clean {
					return fmt.Sprintf("after %s more than declared something is left: %s", more.Yuan(), after.Outcome)
				}
			}
			if !asked {
				return "5,000 yuan more than declared and nobody asks"
			}
			return ""
		}, map[string]func(answer) answer{"the whole income is the difference": whole, "a mark stays": sticky})
	}
}
