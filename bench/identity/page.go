package main

import (
	"fmt"
	"io"
	"math"
	"runtime"
	"time"
)

// promise is a line that must hold.
type promise struct {
	what  string
	value float64
	least bool // value must be at least the bound, else at most
	bound float64
}

func (p promise) holds() bool {
	if p.least {
		return p.value >= p.bound
	}
	return p.value <= p.bound
}

// page writes the results and reports whether a promise failed.
func page(out io.Writer, o options, results []result, commit string) (failed bool) {
	fmt.Fprintf(out, "\n## %s UTC: %d people, corruption %s, seeds %s%s\n\n", time.Now().UTC().Format("2006-01-02 15:04"), o.people, o.corrupt, o.seeds, withoutRegister(o))
	fmt.Fprintf(out, "Commit %s, %s, %d cores, %d workers. Every person of the register was asked for as a household of one.\n\n", commit, runtime.Version(), runtime.NumCPU(), o.workers)
	fmt.Fprintln(out, "| seed | people | records | strong | of them wrong | right strong | right strong or review | shown for review | households changed | people/s |\n|---|---|---|---|---|---|---|---|---|---|")
	var sum result
	for _, r := range results {
		a := r.all
		fmt.Fprintf(out, "| %d | %d | %d | %d | %d | %s | %s | %s | %s | %.0f |\n", r.seed, r.people, a.Records, a.StrongLinks, a.Wrong,
			percent(a.Strong, a.Records), percent(a.Strong+a.Review, a.Records), percent(a.ReviewOthers, a.Records), percent(r.changed, r.households),
			float64(r.people)/r.ask.Seconds())
		sum.add(&r)
	}
	a := sum.all
	fmt.Fprintf(out, "\nOf all seeds, by corruption (a record may have several; precision with the lower 95 %% bound of Clopper and Pearson):\n\n")
	fmt.Fprintln(out, "| corruption | records | strong links | wrong | precision | bound | right strong | right strong or review | conflict list |\n|---|---|---|---|---|---|---|---|---|")
	row := func(name string, t tally) {
		fmt.Fprintf(out, "| %s | %d | %d | %d | %s | %s | %s | %s | %s |\n", name, t.Records, t.StrongLinks, t.Wrong, percent(t.StrongLinks-t.Wrong, t.StrongLinks),
			fmt.Sprintf("%.4f %%", 100*lower(t.StrongLinks-t.Wrong, t.StrongLinks)), percent(t.Strong, t.Records), percent(t.Strong+t.Review, t.Records), percent(t.Conflict, t.Records))
	}
	row("all", a)
	for i, name := range sum.codes {
		row(name, sum.byCode[i])
	}
	decoys := sum.of("decoy")
	promises := []promise{
		{"strong precision", share(a.StrongLinks-a.Wrong, a.StrongLinks), true, .99995},
		{"strong precision, lower 95 % bound", lower(a.StrongLinks-a.Wrong, a.StrongLinks), true, .9999},
		{"strong precision on forced decoys", share(decoys.StrongLinks-decoys.Wrong, decoys.StrongLinks), true, .999},
	}
	if o.corrupt == "base" && o.register {
		promises = append(promises,
			promise{"right strong", share(a.Strong, a.Records), true, .97},
			promise{"right strong or review", share(a.Strong+a.Review, a.Records), true, .998},
			promise{"records shown for review, forced decoys aside", share(a.ReviewOthers-decoys.ReviewOthers, a.Records-decoys.Records), false, .02},
			promise{"households whose outcome only rests on links to confirm, forced decoys aside", share(sum.changed-sum.forced, sum.households), false, .02},
		)
	}
	fmt.Fprintf(out, "\nForced decoys are people made to look like others, half of them like people of the batch, whose rows miss or mask the number far more often: with them %s of records are shown for review and %s of households changed.\n",
		percent(a.ReviewOthers, a.Records), percent(sum.changed, sum.households))
	fmt.Fprintln(out, "\n| promise | measured | wanted | |\n|---|---|---|---|")
	for _, p := range promises {
		sign, word := "at most", "holds"
		if p.least {
			sign = "at least"
		}
		if !p.holds() {
			word, failed = "**does not hold**", true
		}
		fmt.Fprintf(out, "| %s | %.4f %% | %s %.4f %% | %s |\n", p.what, 100*p.value, sign, 100*p.bound, word)
	}
	if a.Records == 0 || decoys.Records == 0 {
		fmt.Fprintln(out, "\nNothing was measured.")
		failed = true
	}
	return failed
}

func withoutRegister(o options) string {
	if o.register {
		return ""
	}
	return ", no register"
}

// add adds a province up. Kinds of corruption are matched by name.
func (r *result) add(x *result) {
	r.all.add(x.all)
	r.changed += x.changed
	r.forced += x.forced
	r.households += x.households
	for i, name := range x.codes {
		at := -1
		for j, have := range r.codes {
			if have == name {
				at = j
			}
		}
		if at < 0 {
			at = len(r.codes)
			r.codes, r.byCode = append(r.codes, name), append(r.byCode, tally{})
		}
		r.byCode[at].add(x.byCode[i])
	}
}

func (r *result) of(code string) tally {
	for i, name := range r.codes {
		if name == code {
			return r.byCode[i]
		}
	}
	return tally{}
}

func (t *tally) add(x tally) {
	t.Records += x.Records
	t.Strong += x.Strong
	t.Review += x.Review
	t.Wrong += x.Wrong
	t.WrongReview += x.WrongReview
	t.Conflict += x.Conflict
	t.StrongLinks += x.StrongLinks
	t.ReviewOthers += x.ReviewOthers
}

func share(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}

func percent(n, of int) string {
	if of == 0 {
		return "–"
	}
	return fmt.Sprintf("%.4f %%", 100*share(n, of))
}

// lower is the lower 95 % bound of a proportion after Clopper and Pearson (one-sided
// 97.5 %), found by bisection on the binomial tail.
func lower(right, of int) float64 {
	if of == 0 || right == 0 {
		return 0
	}
	wrong := of - right
	lo, hi := 0.0, 1.0
	for range 200 {
		p := (lo + hi) / 2
		// The chance of at most so many wrong ones when p are right.
		if tail(wrong, of, 1-p) > .025 {
			hi = p
		} else {
			lo = p
		}
	}
	return lo
}

// tail is the probability of at most k of n at rate q.
func tail(k, n int, q float64) float64 {
	if q <= 0 {
		return 1
	}
	if q >= 1 {
		return 0
	}
	sum := 0.0
	l, _ := math.Lgamma(float64(n + 1))
	for i := 0; i <= k; i++ {
		a, _ := math.Lgamma(float64(i + 1))
		b, _ := math.Lgamma(float64(n - i + 1))
		sum += math.Exp(l - a - b + float64(i)*math.Log(q) + float64(n-i)*math.Log1p(-q))
	}
	return sum
}
