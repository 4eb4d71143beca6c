package export

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// MostChance is how often at most a recipient is named though nobody's copy is the source
// of a file: of a million files less than once, all recipients taken together.
const MostChance = 1e-6

// Finding is what the order of a file's rows says of one export.
type Finding struct {
	Slip

	Rows  int // of the file that are rows of the list, each of one only
	Bits  int // places at which their order tells something
	Agree int // … and is that of the recipient's copy
	// Chance is how often a file that does not come from this copy agrees so well or
	// better with one of all copies that were compared, at most.
	Chance float64
}

// Identified is the answer of Identify.
type Identified struct {
	// Named are those whose copy the file was made from: more than one when somebody put
	// several copies together, none when it can't be told.
	Named []Finding
	// Closest is the export that agrees best, whether it is named or not; nil when no row
	// of the file is of any list.
	Closest  *Finding
	Compared int // exports
}

// Identify says from which copy a file was made, by the order of the rows that are left.
// It needs some columns by which rows can be told apart, and the order: a file that
// somebody has sorted tells nothing, and then nobody is named. marks gives the marks of one
// export after another, nil at the end.
func Identify(ctx context.Context, k Key, f *File, marks func() (*Marks, error)) (*Identified, error) {
	leak := make([][][]token, 0, len(f.Rows))
	known := map[string][]token{}
	for _, record := range append([][]string{f.Titles}, f.Rows...) { // somebody may have cut the titles off
		var row [][]token
		for _, text := range record {
			tokens, ok := known[text]
			if !ok {
				for _, form := range forms(text) {
					tokens = append(tokens, k.token(form))
				}
				known[text] = tokens
			}
			if len(tokens) > 0 {
				row = append(row, tokens)
			}
		}
		leak = append(leak, row)
	}
	out := &Identified{}
	var all []Finding
	for {
		m, err := marks()
		if err != nil {
			return nil, err
		}
		if m == nil {
			break
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		out.Compared++
		if found := m.compare(k, leak); found.Rows > 0 {
			all = append(all, found)
		}
	}
	for i := range all {
		a := &all[i]
		a.Chance = min(1, float64(out.Compared)*a.Chance)
		if a.Chance < MostChance {
			out.Named = append(out.Named, *a)
		}
	}
	byChance := func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Chance, b.Chance), cmp.Compare(a.Number, b.Number))
	}
	slices.SortFunc(out.Named, byChance)
	if len(all) > 0 {
		closest := slices.MinFunc(all, byChance)
		out.Closest = &closest
	}
	return out, nil
}

// levels are how often a group is halved until single rows are left.
const levels = 5

// told is how many bits rows tell, and how many of them are the copy's, by how many rows
// change places together: 1, 2, 4, 8 or 16.
type told [levels]struct{ bits, agree int }

// compare looks at which places the rows of a file stand as in a recipient's copy.
func (m *Marks) compare(k Key, leak [][][]token) Finding {
	out := Finding{Slip: m.Slip}
	place := m.places(leak)
	var t told
	for first := 0; first < len(place); first += group {
		here := place[first:min(first+group, len(place))]
		left := 0
		for _, p := range here {
			if p > 0 {
				left++
			}
		}
		if out.Rows += left; left > 1 {
			t.add(k.bits(&m.Slip, first/group), here)
		}
	}
	out.Bits, out.Agree, out.Chance = t.best()
	return out
}

// best are the bits that say most: all of them, or when rows have changed places with their
// neighbours, those of more rows together. There are as many ways to choose as levels, each
// of which chance could have been lucky with.
func (t *told) best() (bits, agree int, chance float64) {
	n, k := 0, 0
	chance = 1
	for level := levels - 1; level >= 0; level-- {
		n, k = n+t[level].bits, k+t[level].agree
		if c := levels * tail(n, k); c <= chance || bits == 0 {
			bits, agree, chance = n, k, min(1, c)
		}
	}
	return bits, agree, chance
}

// places says where in the file each row of the list stands, from 1; 0 is nowhere. A row of
// the file counts when what is left of it fits one row of the list and no other, and comes
// once.
func (m *Marks) places(leak [][][]token) []int {
	index := map[token][]int{}
	for i, row := range m.rows {
		for j, t := range row {
			if !slices.Contains(row[:j], t) {
				index[t] = append(index[t], i)
			}
		}
	}
	place := make([]int, len(m.rows))
	for at, record := range leak {
		switch i := m.only(index, record); {
		case i < 0:
		case place[i] == 0:
			place[i] = at + 1
		default:
			place[i] = -1
		}
	}
	for i := range place {
		place[i] = max(place[i], 0)
	}
	return place
}

// only is the one row of the list that has every cell of a record that the list knows at
// all, -1 when there is none or more than one.
func (m *Marks) only(index map[token][]int, record [][]token) int {
	var fewest []int
	var cells [][]token
	for _, forms := range record {
		var rows []int
		for _, t := range forms {
			rows = append(rows, index[t]...)
		}
		if len(rows) == 0 {
			continue // a cell that somebody added or changed
		}
		cells = append(cells, forms)
		if fewest == nil || len(rows) < len(fewest) {
			fewest = rows
		}
	}
	only := -1
	for _, i := range fewest {
		fits := true
		for _, forms := range cells {
			fits = fits && slices.ContainsFunc(forms, func(t token) bool { return slices.Contains(m.rows[i], t) })
		}
		switch {
		case !fits || i == only:
		case only >= 0:
			return -1
		default:
			only = i
		}
	}
	return only
}

// add counts the bits of one group that the rows left of it tell, and those that are the
// copy's. What most pairs of rows of both halves say is what a place says.
func (t *told) add(bits uint32, place []int) {
	var halves func(from, to, level int)
	halves = func(from, to, level int) {
		if to-from < 2 {
			return
		}
		mid := middle(from, to)
		swapped := 0
		for _, a := range place[from:mid] {
			for _, b := range place[mid:to] {
				if a > 0 && b > 0 {
					swapped += cmp.Compare(a, b)
				}
			}
		}
		if swapped != 0 {
			t[level].bits++
			if (swapped > 0) == (bits>>mid&1 == 1) {
				t[level].agree++
			}
		}
		halves(from, mid, level-1)
		halves(mid, to, level-1)
	}
	halves(0, len(place), levels-1)
}

// tail is how likely at least k of n throws of a coin are heads. The bits of a copy are
// such throws for every file that was not made from it, whatever its order.
func tail(n, k int) float64 {
	if k <= 0 {
		return 1
	}
	log := func(n int) float64 { v, _ := math.Lgamma(float64(n) + 1); return v }
	sum := 0.0
	for i := k; i <= n; i++ {
		sum += math.Exp(log(n) - log(i) - log(n-i) - float64(n)*math.Ln2)
	}
	return min(1, sum*(1+1e-9))
}
