package linkage

// Clusters joins links, best first, into groups of rows of one table. A link that
// would make a group larger than most is not followed, and counted.
func Clusters(rows int, links []Link, most int) (groups [][]int, refused int) {
	parent, size := make([]int, rows), make([]int, rows)
	for i := range parent {
		parent[i], size[i] = i, 1
	}
	root := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	for _, l := range links {
		a, b := root(l.Left), root(l.Right)
		switch {
		case a == b:
		case size[a]+size[b] > most:
			refused++
		default:
			a, b = min(a, b), max(a, b)
			parent[b] = a
			size[a] += size[b]
		}
	}
	members := map[int][]int{}
	for i := range rows {
		members[root(i)] = append(members[root(i)], i)
	}
	for i := range rows {
		if len(members[i]) > 1 {
			groups = append(groups, members[i])
		}
	}
	return groups, refused
}
