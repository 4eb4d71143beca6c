package desk

import (
	"cmp"
	"slices"
	"strings"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/household"
)

// fewest is the smallest count that is said: a smaller one says who it is.
const fewest = 5

// cell is what is counted together: one thing, of one scheme, in one month, in one
// division.
type cell struct {
	scheme string
	month  household.Month
	what   string
}

// counts are by division, as they come.
type counts map[cell]map[string]int64

func (c counts) add(division string, k cell, n int64) {
	of := c[k]
	if of == nil {
		of = map[string]int64{}
		c[k] = of
	}
	of[access.Significant(division)] += n
}

// said is how much of a cell is said in one division; withheld when nothing is.
type said struct {
	cell

	n        int64
	withheld bool
}

// table is what is said, by division, and the divisions below each.
//
// Everything that is told is a sum of what a table says of single cells, and of a cell a
// table says only what can't be subtracted from anything: of the parts of a division those
// that are withheld make at least fewest together, or else the next larger is withheld too;
// below what is withheld everything is. So whatever somebody subtracts from whatever, of
// what divisions and months they like, what remains is nothing, or at least fewest.
type table struct {
	says  map[string][]said
	below map[string][]string
}

// table says what may be said of the counts.
func (c counts) table() *table {
	t := &table{says: map[string][]said{}, below: map[string][]string{}}
	parts := map[string]map[string]bool{}
	for k, of := range c {
		levels := map[string]int64{}
		for division, n := range of {
			for d := division; ; d = above(d) {
				levels[d] += n
				if d == "" {
					break
				}
				if parts[above(d)] == nil {
					parts[above(d)] = map[string]bool{}
				}
				parts[above(d)][d] = true
			}
		}
		t.split(k, "", levels[""] < fewest, levels, of)
	}
	for d, list := range parts {
		for p := range list {
			t.below[d] = append(t.below[d], p)
		}
		slices.Sort(t.below[d])
	}
	return t
}

// split says what may be said of a division and of its parts.
func (t *table) split(k cell, division string, withheld bool, levels, own map[string]int64) {
	s := said{cell: k, withheld: withheld}
	if !withheld {
		s.n = levels[division]
	}
	t.says[division] = append(t.says[division], s)
	type part struct {
		division string
		n        int64
	}
	var parts []part
	for d, n := range levels {
		if d != "" && above(d) == division {
			parts = append(parts, part{d, n})
		}
	}
	slices.SortFunc(parts, func(a, b part) int { return cmp.Or(cmp.Compare(a.n, b.n), cmp.Compare(a.division, b.division)) })
	// What is of the division and of none of its parts is said by nobody, and is what
	// remains when all the parts are subtracted.
	hidden := own[division]
	for _, p := range parts {
		hide := withheld || p.n < fewest || hidden > 0 && hidden < fewest
		if hide {
			hidden += p.n
		}
		t.split(k, p.division, hide, levels, own)
	}
}

// above is the division that one lies in: of 12, 9, 6, 4 and 2 digits, and "" for all.
func above(d string) string {
	for _, n := range [...]int{9, 6, 4, 2} {
		if len(d) > n {
			return d[:n]
		}
	}
	return ""
}

// total is the sum of what is said of some cells.
type total struct {
	n       int64
	partial bool // something of it is withheld
}

// sum adds up what a division says of the cells that pick takes, by name.
func (t *table) sum(division string, pick func(*cell) (name string, ok bool)) map[string]total {
	out := map[string]total{}
	for i := range t.says[division] {
		s := &t.says[division][i]
		name, ok := pick(&s.cell)
		if !ok {
			continue
		}
		x := out[name]
		x.n, x.partial = x.n+s.n, x.partial || s.withheld
		out[name] = x
	}
	return out
}

// withheld are the cells that a division does not say.
func (t *table) withheld(division string) map[cell]bool {
	out := map[cell]bool{}
	for _, s := range t.says[division] {
		if s.withheld {
			out[s.cell] = true
		}
	}
	return out
}

// names joins what a cell is of; parts takes it apart.
func names(parts ...string) string { return strings.Join(parts, "\x00") }

func parts(what string) []string { return strings.Split(what, "\x00") }
