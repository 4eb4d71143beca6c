package ingest

// merger merges runs by a tree of losers: every node holds the cursor that lost
// there, so that the next item costs one comparison for each level.
type merger struct {
	cursors []*cursor
	tree    []int32 // of losers; the winner is in tree[0]
	started bool
}

// newMerger merges the runs from one place to another, which is not part of it.
func newMerger(runs []*run, from, to place) (*merger, error) {
	m := &merger{}
	for _, r := range runs {
		c, err := r.from(from, to)
		if err != nil {
			return nil, err
		}
		if c.item != nil {
			m.cursors = append(m.cursors, c)
		}
	}
	n := len(m.cursors)
	if n == 0 {
		return m, nil
	}
	// Leaf i is node n+i; the winners go up.
	winners := make([]int32, 2*n)
	m.tree = make([]int32, n)
	for i := range n {
		winners[n+i] = int32(i)
	}
	for i := n - 1; i > 0; i-- {
		a, b := winners[2*i], winners[2*i+1]
		if m.cursors[b].less(m.cursors[a]) {
			a, b = b, a
		}
		winners[i], m.tree[i] = a, b
	}
	m.tree[0] = winners[1]
	return m, nil
}

// next returns the cursor at the next item, nil at the end. The item holds until
// the next call but one.
func (m *merger) next() (*cursor, error) {
	if len(m.tree) == 0 {
		return nil, nil
	}
	w := m.tree[0]
	c := m.cursors[w]
	if !m.started {
		m.started = true
		return c, nil
	}
	if err := c.advance(); err != nil {
		return nil, err
	}
	for i := (int(w) + len(m.cursors)) / 2; i > 0; i /= 2 {
		if o := m.cursors[m.tree[i]]; o.less(c) {
			w, m.tree[i] = m.tree[i], w
			c = o
		}
	}
	m.tree[0] = w
	if c.item == nil {
		m.tree = nil
		return nil, nil
	}
	return c, nil
}
