package report

// withhold marks the counts of a table that are not said. The last row and the last
// column are sums of the others, and whoever reads the table can subtract.
//
// A count below fewest that is not 0 would say who it is of. It is not said, and neither
// is what would give it away: no row and no column has one count alone withheld, and what
// is withheld in one comes to fewest or more, so that it can't be ones and twos.
func withhold(table [][]int64, fewest int64) [][]bool {
	out := make([][]bool, len(table))
	for r := range table {
		out[r] = make([]bool, len(table[r]))
		for c, n := range table[r] {
			out[r][c] = n > 0 && n < fewest
		}
	}
	if len(table) == 0 {
		return out
	}
	rows, columns := len(table), len(table[0])
	for changed := true; changed; {
		changed = false
		for r := range rows {
			changed = protect(columns, fewest, func(i int) (int64, *bool) { return table[r][i], &out[r][i] }) || changed
		}
		for c := range columns {
			changed = protect(rows, fewest, func(i int) (int64, *bool) { return table[i][c], &out[i][c] }) || changed
		}
	}
	return out
}

// protect withholds more of one row or column, whose last count is the sum of the others,
// and reports whether it did.
func protect(n int, fewest int64, at func(int) (int64, *bool)) bool {
	changed := false
	for {
		hidden, sum, smallest := 0, int64(0), -1
		for i := range n {
			count, is := at(i)
			switch {
			case *is:
				hidden++
				if i < n-1 {
					sum += count
				}
			case count > 0:
				if smallest < 0 || i < n-1 && count < first(at(smallest)) {
					smallest = i // the sum is the last to go
				}
			}
		}
		_, total := at(n - 1)
		safe := hidden == 0 || hidden > 1 && (*total || sum >= fewest)
		if safe || smallest < 0 {
			return changed
		}
		_, is := at(smallest)
		*is, changed = true, true
	}
}

func first(n int64, _ *bool) int64 { return n }
