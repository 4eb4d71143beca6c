package linkage

// maxRunes is the longest part of a value that is compared by edits or by
// Jaro–Winkler; what lies behind it is compared only by the exact level.
const maxRunes = 64

// character is what a text is compared by: a byte when it is ASCII.
type character interface{ byte | rune }

// Edits is the number of insertions, deletions, substitutions and transpositions
// of neighbours (each place edited once) that lead from a to b, or limit+1 when
// more than limit are needed.
func Edits(a, b []rune, limit int) int {
	for n := range min(limit, 3) {
		if editsWithin(a, b, n) {
			return n
		}
	}
	return table(a, b, limit)
}

// editsWithin is Edits(a, b, limit) ≤ limit, without a table for the small limits
// that models have.
func editsWithin[C character](a, b []C, limit int) bool {
	a, b = trim(a, b)
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > limit {
		return false
	}
	if len(a) == 0 {
		return true
	}
	if len(b) > maxRunes || limit == 0 {
		return false
	}
	switch limit {
	case 1:
		return len(b) == 1 || len(a) == 2 && len(b) == 2 && a[0] == b[1] && a[1] == b[0]
	case 2:
		// The first characters differ, so one of the four edits takes place here.
		return editsWithin(a[1:], b[1:], 1) || editsWithin(a, b[1:], 1) ||
			len(a) == len(b) && editsWithin(a[1:], b, 1) ||
			len(a) > 1 && a[0] == b[1] && a[1] == b[0] && editsWithin(a[2:], b[2:], 1)
	}
	return table(a, b, limit) <= limit
}

// trim takes equal characters off both ends.
func trim[C character](a, b []C) (x, y []C) {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return a, b
}

// table is Edits by the usual table.
func table[C character](a, b []C, limit int) int {
	a, b = trim(a, b)
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > limit {
		return limit + 1
	}
	if len(a) == 0 {
		return len(b)
	}
	if len(b) > maxRunes {
		return limit + 1
	}
	var rows [3][maxRunes + 1]int
	for j := range len(b) + 1 {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		row, up, upup := &rows[i%3], &rows[(i+2)%3], &rows[(i+1)%3]
		row[0] = i
		best := i
		// Only the band about the diagonal can stay within the limit.
		from, to := max(1, i-limit), min(len(b), i+limit)
		if from > 1 {
			row[from-1] = limit + 1
		}
		for j := from; j <= to; j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d := min(up[j-1]+cost, row[j-1]+1)
			if j < i+limit || i == 1 {
				d = min(d, up[j]+1)
			}
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, upup[j-2]+1)
			}
			row[j] = d
			best = min(best, d)
		}
		if to < len(b) {
			row[to+1] = limit + 1
		}
		if best > limit {
			return limit + 1
		}
	}
	return min(rows[len(a)%3][len(b)], limit+1)
}

// JaroWinkler is the similarity of a and b from 0 to 1, by characters: 1 for equal
// text, 0 for none in common. Values longer than 64 characters are cut.
func JaroWinkler(a, b []rune) float64 { return jaroWinkler(a, b) }

func jaroWinkler[C character](a, b []C) float64 {
	a, b = a[:min(len(a), maxRunes)], b[:min(len(b), maxRunes)]
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(a) == 0 {
		return 0
	}
	window := max(len(b)/2-1, 0)
	var inA, inB uint64
	matches := 0
	for i := range len(a) {
		for j := max(0, i-window); j < min(len(b), i+window+1); j++ {
			if inB>>j&1 == 0 && b[j] == a[i] {
				inA, inB = inA|1<<i, inB|1<<j
				matches++
				break
			}
		}
	}
	if matches == 0 {
		return 0
	}
	half, j := 0, 0
	for i := range len(a) {
		if inA>>i&1 == 0 {
			continue
		}
		for inB>>j&1 == 0 {
			j++
		}
		if b[j] != a[i] {
			half++
		}
		j++
	}
	m := float64(matches)
	jaro := (m/float64(len(a)) + m/float64(len(b)) + (m-float64(half)/2)/m) / 3
	prefix := 0
	for prefix < min(4, len(a)) && a[prefix] == b[prefix] {
		prefix++
	}
	return jaro + float64(prefix)*0.1*(1-jaro)
}
