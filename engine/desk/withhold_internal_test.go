package desk

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine/household"
)

// leak tries to find out a count that is not said: it subtracts what is said of parts from
// what is said of the whole, for every division, of single cells and of sums over months
// and names, and says what it found.
func (t *table) leak() string {
	type query struct {
		name     string
		from, to household.Month
	}
	queries := []query{{"", 0, 9999999}}
	for _, list := range t.says {
		for _, s := range list {
			for _, q := range []query{{s.what, s.month, s.month}, {"", s.month, s.month}, {s.what, 0, s.month}, {s.what, s.month, 9999999}, {s.what, 0, 9999999}} {
				if !slices.Contains(queries, q) {
					queries = append(queries, q)
				}
			}
		}
	}
	ask := func(division string, q query) int64 {
		var n int64
		for _, x := range t.sum(division, func(c *cell) (string, bool) {
			return c.what, (q.name == "" || c.what == q.name) && c.month >= q.from && c.month <= q.to
		}) {
			n += x.n
		}
		return n
	}
	small := func(n int64) bool { return n != 0 && n < fewest }
	for division := range t.says {
		for _, q := range queries {
			whole := ask(division, q)
			rest := whole
			if small(whole) {
				return fmt.Sprintf("%q says %d of %v", division, whole, q)
			}
			for _, part := range t.below[division] {
				n := ask(part, q)
				if small(whole - n) {
					return fmt.Sprintf("%q without %q is %d of %v", division, part, whole-n, q)
				}
				rest -= n
			}
			if small(rest) {
				return fmt.Sprintf("%q without all its parts is %d of %v", division, rest, q)
			}
			for _, other := range queries { // a longer period, or fewer names
				if (q.name == "" || q.name == other.name) && other.from >= q.from && other.to <= q.to && small(whole-ask(division, other)) {
					return fmt.Sprintf("%q: %v without %v is small", division, q, other)
				}
			}
		}
	}
	return ""
}

// naive says whatever is not small, as if nobody could subtract.
func (c counts) naive() *table {
	t := c.table()
	for d := range t.says {
		for i := range t.says[d] {
			s := &t.says[d][i]
			s.n = 0
			for division, n := range c[s.cell] {
				if strings.HasPrefix(division, d) {
					s.n += n
				}
			}
			if s.withheld = s.n < fewest; s.withheld {
				s.n = 0
			}
		}
	}
	return t
}

func drawCounts(r *rapid.T) counts {
	c := counts{}
	divisions := []string{"34", "3401", "340104", "340104001", "340104001001", "340104001002", "340104002", "340111", "340111001", "340122", "3402", "340203", "3601", ""}
	for range rapid.IntRange(1, 30).Draw(r, "n") {
		c.add(rapid.SampledFrom(divisions).Draw(r, "division"), cell{
			"dibao", household.Month(24000 + rapid.IntRange(0, 2).Draw(r, "month")), rapid.SampledFrom([]string{"a", "b"}).Draw(r, "what"),
		}, rapid.OneOf(rapid.Int64Range(1, 7), rapid.Int64Range(1, 60)).Draw(r, "count"))
	}
	return c
}

// What is withheld can't be found out by subtraction; what is said is right, and nothing is
// withheld that need not be.
func TestNothingIsFoundOutBySubtraction(t *testing.T) {
	naive, withheld := 0, 0
	rapid.Check(t, func(r *rapid.T) {
		c := drawCounts(r)
		table := c.table()
		if found := table.leak(); found != "" {
			r.Fatal(found)
		}
		if c.naive().leak() != "" {
			naive++
		}
		for k, of := range c {
			smallest := int64(fewest)
			for _, n := range of {
				smallest = min(smallest, n)
			}
			for d, list := range table.says {
				for _, s := range list {
					if s.cell != k {
						continue
					}
					var want int64
					for division, n := range of {
						if strings.HasPrefix(division, d) {
							want += n
						}
					}
					switch {
					case s.withheld:
						if withheld++; smallest >= fewest {
							r.Fatalf("%q: %d of %v is withheld and nothing is small", d, want, k)
						}
					case s.n != want:
						r.Fatalf("%q says %d of %v, and it is %d", d, s.n, k, want)
					}
				}
			}
		}
	})
	if naive == 0 || withheld == 0 {
		t.Errorf("self-check: %d leaks of a table that forgets subtraction were found, %d counts withheld", naive, withheld)
	}
}

// Sums are those of their parts, and where nothing is small they are all there is.
func TestSumsAddUp(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		c := counts{}
		least := int64(rapid.SampledFrom([]int{1, fewest}).Draw(r, "least"))
		outcomes := []string{"no_discrepancy", "needs_review", "suspected_ineligible", "refused"}
		var all int64
		for range rapid.IntRange(1, 12).Draw(r, "n") {
			n := rapid.Int64Range(least, 40).Draw(r, "count")
			all += n
			c.add(rapid.SampledFrom([]string{"340104", "340111", "340203"}).Draw(r, "division"), cell{
				rapid.SampledFrom([]string{"dibao", "tekun"}).Draw(r, "scheme"), household.Month(24000 + rapid.IntRange(0, 2).Draw(r, "month")), rapid.SampledFrom(outcomes).Draw(r, "outcome"),
			}, n)
		}
		none := counts{}.table()
		full := &tally{households: c.table(), checks: c.table(), states: none, contests: none, ages: none}
		s := full.statistics("34", &StatisticsQuery{})
		var counts, months, divisions int64
		for _, n := range s.Counts {
			counts += n.Count
		}
		row := func(x *Checks) {
			var sum int64
			for _, n := range x.Outcomes {
				sum += n.Count
			}
			if sum != x.Checks || x.WarningPermille > 1000 || x.WarningPermille < -1 {
				r.Fatalf("%+v", x)
			}
		}
		for i := range s.Months {
			row(&s.Months[i])
			months += s.Months[i].Checks
		}
		for i := range s.Divisions {
			row(&s.Divisions[i])
			divisions += s.Divisions[i].Checks
		}
		if counts != months || divisions > months || least == fewest && (months != all || divisions != all) {
			r.Fatalf("%d households, %d by month, %d by division, of %d", counts, months, divisions, all)
		}
	})
}
