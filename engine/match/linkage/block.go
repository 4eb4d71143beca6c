package linkage

import (
	"slices"
	"sync"
	"sync/atomic"
)

// Blocks are the groups of records that the rules bring together. The pairs in
// them are never held: they are walked over, block by block. A pair that several
// rules bring together belongs to the first of them, so each comes once.
type Blocks struct {
	d       *Data
	rules   []ruleBlocks
	keys    []int32 // records × columns: the block of a record by a rule with one key, 0 for none
	columns int
	chunks  []chunk
	skipped int
	most    int
	train   int // candidates to learn from, about
}

// ruleBlocks are the blocks of one rule: block i (from 1) is
// members[ends[i-1]:ends[i]], in ascending order.
type ruleBlocks struct {
	column  int // of Blocks.keys; for a rule with several keys, the columns before it
	members []int32
	ends    []int32
	lists   [][]int32 // by record: its blocks, ascending, for a rule with several keys
	skipped int
}

// chunk is a piece of work: some blocks of one rule.
type chunk struct{ rule, from, to int }

// chunkPairs is about how many pairs a worker takes at once.
const chunkPairs = 1 << 15

// Block puts records together by the rules of the model.
func Block(d *Data, o Options) (*Blocks, error) {
	b := &Blocks{d: d, rules: make([]ruleBlocks, len(d.model.Blocking)), train: trainPairs}
	parsed := make([][]keyPart, len(b.rules))
	tables := map[keyPart]*keyTable{}
	for r, rule := range d.model.Blocking {
		b.rules[r].column = b.columns
		several := false
		for _, text := range rule {
			k, err := parseKey(d.model, text)
			if err != nil {
				return nil, err
			}
			several = several || k.several()
			parsed[r] = append(parsed[r], k)
			tables[k] = nil
		}
		if !several {
			b.columns++
		}
	}
	for k := range tables {
		tables[k] = d.keyTable(k)
	}
	b.keys = make([]int32, d.n*b.columns)
	var next atomic.Int64
	split(max(1, o.Workers), o.Workers, func(from, to int) {
		for range to - from {
			for r := int(next.Add(1) - 1); r < len(b.rules); r = int(next.Add(1) - 1) {
				ready := make([]readyPart, len(parsed[r]))
				for i, k := range parsed[r] {
					ready[i] = readyPart{k.field, k.several(), tables[k]}
				}
				b.fill(r, ready)
			}
		}
	})
	for r := range b.rules {
		b.skipped += b.rules[r].skipped
		b.cut(r)
	}
	return b, nil
}

// Most is an upper bound of the number of candidates: pairs that two rules bring
// together count twice.
func (b *Blocks) Most() int { return b.most }

// Skipped is the number of blocks passed over as too large.
func (b *Blocks) Skipped() int { return b.skipped }

// entries are records with their number for the part that has several keys.
type entries struct{ record, number []int32 }

// readyPart is a part of a key with the numbers of its keys.
type readyPart struct {
	field   int
	several bool
	table   *keyTable
}

// fill sorts the records by the parts of a rule's key, from the last part to the
// first, and keeps the blocks that hold a pair.
func (b *Blocks) fill(r int, parts []readyPart) {
	d, rule := b.d, &b.rules[r]
	var now entries
	several := slices.IndexFunc(parts, func(p readyPart) bool { return p.several })
	fields := len(d.model.Fields)
	for i := range int32(d.n) {
		whole := true
		for p, k := range parts {
			whole = whole && (p == several || k.table.of(d.ids[int(i)*fields+k.field]) != 0)
		}
		switch {
		case !whole:
		case several < 0:
			now.record = append(now.record, i)
		default:
			for _, number := range parts[several].table.several[d.ids[int(i)*fields+parts[several].field]] {
				now.record, now.number = append(now.record, i), append(now.number, number)
			}
		}
	}
	// key is the number of an entry for a part.
	key := func(e *entries, i, p int) int32 {
		if p == several {
			return e.number[i]
		}
		return parts[p].table.of(d.ids[int(e.record[i])*fields+parts[p].field])
	}
	n := len(now.record)
	then := entries{record: make([]int32, n), number: make([]int32, len(now.number))}
	for p := range slices.Backward(parts) {
		starts := make([]int32, parts[p].table.keys+1)
		for i := range n {
			starts[key(&now, i, p)+1]++
		}
		for k := 1; k < len(starts); k++ {
			starts[k] += starts[k-1]
		}
		for i := range n {
			k := key(&now, i, p)
			to := starts[k]
			starts[k]++
			then.record[to] = now.record[i]
			if several >= 0 {
				then.number[to] = now.number[i]
			}
		}
		now, then = then, now
	}
	if several >= 0 {
		rule.lists = make([][]int32, d.n)
	}
	rule.ends = []int32{0}
	for from := 0; from < n; {
		to := from + 1
		for to < n && b.same(&now, from, to, parts, key) {
			to++
		}
		b.keep(rule, now.record[from:to], several >= 0)
		from = to
	}
	rule.members, rule.ends = slices.Clone(rule.members), slices.Clone(rule.ends)
}

func (b *Blocks) same(e *entries, i, j int, parts []readyPart, key func(*entries, int, int) int32) bool {
	for p := range parts {
		if key(e, i, p) != key(e, j, p) {
			return false
		}
	}
	return true
}

// keep takes a block of a rule if there is a pair in it, and not too many.
func (b *Blocks) keep(rule *ruleBlocks, block []int32, several bool) {
	d := b.d
	switch {
	case len(block) < 2, d.two && (int(block[0]) >= d.left || int(block[len(block)-1]) < d.left):
		return
	case len(block) > d.model.MaxBlock:
		rule.skipped++
		return
	}
	rule.members = append(rule.members, block...)
	rule.ends = append(rule.ends, int32(len(rule.members)))
	number := int32(len(rule.ends) - 1)
	for _, i := range block {
		if several {
			rule.lists[i] = append(rule.lists[i], number)
		} else {
			b.keys[int(i)*b.columns+rule.column] = number
		}
	}
}

// cut divides the blocks of a rule into pieces of work.
func (b *Blocks) cut(r int) {
	rule := &b.rules[r]
	from, pairs := 1, 0
	for i := 1; i < len(rule.ends); i++ {
		n := b.pairs(rule.members[rule.ends[i-1]:rule.ends[i]])
		b.most += n
		if pairs += n; pairs >= chunkPairs || i+1 == len(rule.ends) {
			b.chunks = append(b.chunks, chunk{r, from, i + 1})
			from, pairs = i+1, 0
		}
	}
}

// pairs is the number of pairs in a block.
func (b *Blocks) pairs(block []int32) int {
	n := len(block)
	if !b.d.two {
		return n * (n - 1) / 2
	}
	left := b.leftOf(block)
	return left * (n - left)
}

// leftOf is how many members are of the left table; they come first.
func (b *Blocks) leftOf(block []int32) int {
	at, _ := slices.BinarySearch(block, int32(b.d.left))
	return at
}

// walk calls do with every candidate pair once: a record and those it is paired
// with, all behind it in content order. A record that pick (unless nil) passes over
// comes only as one that others are paired with. Each worker has its number and its
// own order of pairs; the slice is valid during the call.
func (b *Blocks) walk(workers int, pick func(a int32) bool, do func(worker int, a int32, with []int32)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for worker := range max(1, workers) {
		wg.Go(func() {
			var with []int32
			for c := int(next.Add(1) - 1); c < len(b.chunks); c = int(next.Add(1) - 1) {
				rule := &b.rules[b.chunks[c].rule]
				for number := b.chunks[c].from; number < b.chunks[c].to; number++ {
					block := rule.members[rule.ends[number-1]:rule.ends[number]]
					end, from := len(block), 0
					if b.d.two {
						end = b.leftOf(block)
						from = end
					}
					for i, a := range block[:end] {
						if !b.d.two {
							from = i + 1
						}
						if pick != nil && !pick(a) {
							continue
						}
						with = b.first(with[:0], b.chunks[c].rule, int32(number), a, block[from:])
						if len(with) > 0 {
							do(worker, a, with)
						}
					}
				}
			}
		})
	}
	wg.Wait()
}

// first appends those of a block that no earlier rule, and for a rule with several
// keys no earlier block of it, brings together with a.
func (b *Blocks) first(with []int32, r int, number int32, a int32, block []int32) []int32 {
	n := b.rules[r].column
	mine := b.keys[int(a)*b.columns:][:n]
candidates:
	for _, c := range block {
		theirs := b.keys[int(c)*b.columns:][:n]
		for i, k := range mine {
			if k == theirs[i] && k != 0 {
				continue candidates
			}
		}
		for q := range b.rules[:r+1] {
			if lists := b.rules[q].lists; lists != nil {
				if k := common(lists[a], lists[c]); k != 0 && (q < r || k < number) {
					continue candidates
				}
			}
		}
		with = append(with, c)
	}
	return with
}

// together reports whether some rule brings two records together.
func (b *Blocks) together(a, c int32) bool {
	for r := range b.rules {
		rule := &b.rules[r]
		if rule.lists != nil {
			if common(rule.lists[a], rule.lists[c]) != 0 {
				return true
			}
		} else if k := b.keys[int(a)*b.columns+rule.column]; k != 0 && k == b.keys[int(c)*b.columns+rule.column] {
			return true
		}
	}
	return false
}

// common is the smallest number that is in both ascending lists, 0 for none.
func common(x, y []int32) int32 {
	for len(x) > 0 && len(y) > 0 {
		switch {
		case x[0] == y[0]:
			return x[0]
		case x[0] < y[0]:
			x = x[1:]
		default:
			y = y[1:]
		}
	}
	return 0
}
